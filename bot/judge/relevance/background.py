"""What arXiv papers are like in general: in how many of them each term stands, by title and by abstract.

The counts were made by `tools/background.py` from the CC0 metadata of papers announced in one month; no text is kept.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

from bot.model import Paper

FILE = "background.tsv.gz"
RAREST = 4
"""Papers a term must stand in to be kept."""
_WORD = re.compile(r"[a-z0-9]+(?:[.+#][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Background:
    """Document frequencies among `papers` papers: term -> (titles, abstracts), category -> papers."""

    papers: int
    terms: Mapping[str, tuple[int, int]]
    categories: Mapping[str, int]


def terms(text: str) -> set[str]:
    """Return the words of a text and its pairs of neighbouring words, in lower case and without plural endings."""
    words = [singular_term(word) for word in words_of(text)]
    return {*words, *map(" ".join, pairwise(words))}


def words_of(text: str) -> list[str]:
    """Return the words that terms are made of, in lower case and in their order."""
    return _WORD.findall(text.lower())


def has_terms(paper: Paper) -> bool:
    """Tell whether title or abstract holds a word that terms are made of; one in Chinese alone holds none."""
    return any(_WORD.search(text.lower()) for text in (paper.title, paper.summary))


@lru_cache(maxsize=1 << 16)
def singular_term(word: str) -> str:
    """Return a word in lower case as terms spell it: without a plural ending."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def count(papers: Iterable[Paper]) -> Background:
    """Count papers; terms that stand in fewer than `RAREST` are left out."""
    total = 0
    found: dict[str, list[int]] = {}
    categories: dict[str, int] = {}
    for paper in papers:
        total += 1
        for place, text in enumerate((paper.title, paper.summary)):
            for term in terms(text):
                found.setdefault(term, [0, 0])[place] += 1
        for category in set(paper.categories):
            categories[category] = categories.get(category, 0) + 1
    kept = {term: (n[0], n[1]) for term, n in sorted(found.items()) if max(n) >= RAREST}
    return Background(total, kept, dict(sorted(categories.items())))


def dumps(background: Background) -> bytes:
    """Write counts as gzipped lines of tab-separated values; the same counts give the same bytes."""
    lines = [f"papers\t{background.papers}\t{len(background.categories)}"]
    lines += [f"{category}\t{n}" for category, n in background.categories.items()]
    lines += [f"{term}\t{titles}\t{abstracts}" for term, (titles, abstracts) in background.terms.items()]
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def loads(content: bytes) -> Background:
    """Read what `dumps` wrote."""
    lines = gzip.decompress(content).decode().splitlines()
    _, papers, size = lines[0].split("\t")
    end = 1 + int(size)
    categories = {category: int(n) for category, n in (line.split("\t") for line in lines[1:end])}
    split = (line.split("\t") for line in lines[end:])
    return Background(int(papers), {term: (int(t), int(a)) for term, t, a in split}, categories)


@cache
def shipped() -> Background:
    """Return the counts that come with the program."""
    return loads((resources.files("bot.judge.relevance") / FILE).read_bytes())
