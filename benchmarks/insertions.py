"""Measure the list engine on a collection of real lists: `make insertions`.

First `score_insertions.py` of the collection compares `add` with what maintainers did. Then every section with papers
of every list takes a paper: the engine must add exactly one entry there, refuse it a second time, leave the old bytes
when its lines are taken out, and change nothing else on the page that GitHub renders.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import process_time

from benchmarks.rendering import Pages
from bot.arxiv import arxiv_id
from bot.errors import ListFormatError
from bot.judge.duplicates import Known
from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.proof import Edit
from bot.paperlist.read.document import Document, Section, parse
from tests.servers.shared import LISTS

PAPER = Paper(
    "2511.00007",
    "Hedgehogs: Paged Attention for Small Mammals",
    ("Ada Example", "Bo Example", "Cy Example"),
    published=dt.datetime(2025, 11, 3, tzinfo=dt.UTC),
)
TODAY = dt.date(2025, 12, 1)
SHARE = 20
"""Sections that one process tries at a time: some lists have hundreds."""


def main() -> int:
    """Run both parts and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=0, help="how many failures to show")
    options = parser.parse_args()
    if not LISTS.is_dir():
        print(f"the real lists of the shared data are missing: no {LISTS}", file=sys.stderr)
        return 1
    bot = str(Path(sys.executable).parent / "arxiv-bot")
    script = [sys.executable, str(LISTS.parent / "score_insertions.py"), "--show", str(options.show), "--bot", bot]
    subprocess.run(script, check=True)
    return 1 if lists(LISTS, options.show) else 0


def lists(folder: Path, show: int) -> int:
    """Try every section of every list; return how many failed."""
    sums: Counter[str] = Counter()
    failed: list[str] = []
    print(f"\n{'list':44} {'sections':>8} {'taken':>6} {'entries':>8} {'ids':>6} {'found':>6} {'CPU s':>6}")
    files = sorted(folder.iterdir(), key=lambda file: -file.stat().st_size)
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(one_list, files))
        shares = [
            (file, at) for file, (row, _) in zip(files, rows, strict=True) for at in range(0, row["sections"], SHARE)
        ]
        problems: defaultdict[Path, list[str]] = defaultdict(list)
        for (file, _), found in zip(shares, pool.map(one_share, *zip(*shares, strict=True)), strict=True):
            problems[file] += found
    for file, (row, spent) in zip(files, rows, strict=True):
        row["taken"] -= len(problems[file])
        failed += problems[file]
        sums.update(row)
        print(f"{file.name[:44]:44} {_columns(row)} {spent:6.2f}")
    print(f"{'all':44} {_columns(sums)}")
    ids, taken = sums["found"] / max(1, sums["ids"]), sums["taken"] / max(1, sums["sections"])
    print(f"ids found {ids:.4f}, sections taken {taken:.4f}")
    for line in failed[:show]:
        print(line)
    return len(failed)


def one_list(file: Path) -> tuple[dict[str, int], float]:
    """Read a list; return its counts, all its sections as taken so far, and the time reading took."""
    source = file.read_bytes()
    started = process_time()
    document = parse(source, file.name)
    spent = process_time() - started
    wanted = {f.base for line in source.decode().splitlines() for f in arxiv_id.find_ids(line)}
    found = {base for entry in document.entries for base in entry.arxiv_ids}
    sections = len(_with_papers(document))
    row = {
        "sections": sections, "taken": sections, "entries": len(document.entries),
        "ids": len(wanted), "found": len(wanted & found),
    }  # fmt: skip
    return row, spent


def one_share(file: Path, first: int) -> list[str]:
    """Try `SHARE` of a list's sections; return what went wrong, at most one line for each."""
    document, pages = parse(file.read_bytes(), file.name), Pages()
    return [
        f"{file.name}:{section.line} {' > '.join(section.path)}: {why}"
        for section in _with_papers(document)[first : first + SHARE]
        if (why := trouble(document, section, pages))
    ]


def _with_papers(document: Document) -> list[Section]:
    return [s for s in document.sections if any(e.arxiv_ids for e in s.entries)]


def _columns(row: dict[str, int] | Counter[str]) -> str:
    return " ".join(f"{value:>{width}}" for value, width in zip(row.values(), (8, 6, 8, 6, 6), strict=True))


def trouble(document: Document, section: Section, pages: Pages) -> str | None:
    """Add a paper to a section; return what is wrong, or None."""
    try:
        edit = add_entries(document, [Addition(PAPER, section.path, line=section.line)], TODAY)
    except ListFormatError as error:
        return str(error)
    there = [
        s
        for s in edit.now.sections
        if s.path == section.path and PAPER.id in {i for e in s.entries if PAPER.id in e.raw for i in e.arxiv_ids}
    ]
    if (
        len(there) != 1
        or len(there[0].entries) != len(section.entries) + 1
        or len(edit.now.entries) != len(document.entries) + 1
    ):
        return "there is not exactly one more entry"
    if not Known(edit.now).duplicate(PAPER):
        return "it is not known as a duplicate afterwards"
    if undone(edit) != document.source:
        return "taking it out does not give the old bytes"
    return pages.trouble(edit)


def undone(edit: Edit) -> bytes:
    """Return the new bytes without the splices, computed independently of the engine's own proof."""
    after = bytearray(edit.after)
    for splice in reversed(edit.splices):
        start = splice.start + sum(len(s.data) - (s.end - s.start) for s in edit.splices if s.start < splice.start)
        after[start : start + len(splice.data)] = edit.before[splice.start : splice.end]
    return bytes(after)


if __name__ == "__main__":
    sys.exit(main())
