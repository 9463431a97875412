"""Count what arXiv papers are like in general: terms, categories and the company that words keep.

Writes `background.tsv.gz`, `meaning.npz` and `categories.tsv.gz` into the package.
From the CC0 metadata in the shared data, of the papers announced in June 2025: the first month that is nearly whole
there, and before everything the judge is measured on. Run as `python -m tools.background`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from bot.adopt import categories
from bot.arxiv import paper_json
from bot.judge import word_vectors
from bot.judge.relevance import background
from bot.model import Paper

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "papers.jsonl.gz"
SINCE, UNTIL = "2025-06-01", "2025-07-01"


def main() -> None:
    """Count and write."""
    papers = list(_papers())
    counted = background.count(papers)
    content = background.dumps(counted)
    (ROOT / "bot" / "judge" / background.FILE).write_bytes(content)
    print(f"{counted.papers} papers, {len(counted.terms)} terms, {len(content)} bytes")
    learned = word_vectors.learn([p.title for p in papers], [p.summary for p in papers])
    content = word_vectors.dumps(learned)
    (ROOT / "bot" / "judge" / word_vectors.FILE).write_bytes(content)
    print(f"{len(learned.words)} words with {word_vectors.SIZE} numbers each, {len(content)} bytes")
    by_category = categories.dumps(categories.count(papers))
    (ROOT / "bot" / "service" / categories.FILE).write_bytes(by_category)
    print(f"{len(by_category)} bytes of categories")


def _papers() -> Iterator[Paper]:
    with gzip.open(DATA, "rb") as lines:
        for line in lines:
            record = json.loads(line)
            if SINCE <= record.get("announced", "") < UNTIL:
                yield paper_json.decode(record, DATA.name)


if __name__ == "__main__":
    main()
