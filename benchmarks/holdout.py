"""How alike the entries are that the list engine writes: real entries taken out of real lists and written afresh.

Of every list of the collection some entries whose papers' records are known are taken out, one at a time; the paper is
added to the section it stood in, and the new entry compared with the old one by the measures of the collection's own
`score_insertions.py`. Newest entries are asked most, as a maintainer adds new papers.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import importlib.util
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from types import ModuleType

from bot.arxiv import paper_json
from bot.errors import ListFormatError
from bot.judge.cells.extract import known_cells
from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import Document, Entry, Group, Section, Table, parse

TODAY = dt.date(2026, 1, 1)
MEASURES = ("link", "shape", "place")


@dataclass(frozen=True, slots=True)
class Case:
    """An entry that was taken out, the one written for it (or why none was), and what is alike."""

    file: str
    line: int
    section: str
    format: str
    old: str
    new: str
    alike: Mapping[str, bool]


def main() -> int:
    """Ask all lists and print the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--each", type=int, default=12, help="how many entries of each list")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="how many differences to show")
    parser.add_argument("--of", default="", help="only lists whose file name holds this")
    options = parser.parse_args()
    folder = options.shared / "zoo" / "lists"
    files = [f for f in sorted(folder.iterdir()) if options.of in f.name]
    documents = {f: parse(f.read_bytes(), f.name) for f in files}
    wanted = {base for d in documents.values() for e in d.entries for base in e.arxiv_ids}
    papers = dict(records(options.shared, wanted))
    with ProcessPoolExecutor() as pool:
        work = partial(cases, papers=papers, each=options.each, seed=options.seed, script=options.shared / "zoo")
        found = [case for made in pool.map(work, files) for case in made]
    report(found, options.show)
    return 0


def records(shared: Path, wanted: Iterable[str]) -> Iterator[tuple[str, Paper]]:
    """Yield the records of the papers that are wanted."""
    ids = set(wanted)
    with gzip.open(shared / "data" / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            if json.loads(line)["id"] in ids:
                paper = paper_json.load_paper(line, "papers")
                yield paper.id, paper
    for line in (shared / "zoo" / "papers.jsonl").read_text("utf-8").splitlines():
        paper = paper_json.load_paper(line, "papers")
        yield paper.id, paper


def cases(file: Path, papers: Mapping[str, Paper], each: int, seed: int, script: Path) -> list[Case]:
    """Take entries out of a list and write them afresh."""
    measures = load(script / "score_insertions.py")
    source = file.read_bytes()
    document = parse(source, file.name)
    if document.generated() is not None:
        return []
    able = [
        (section, group, entry)
        for section in document.sections
        for group in section.groups
        if len(group.entries) > 1
        for entry in group.entries
        if entry.arxiv_ids and entry.arxiv_ids[0] in papers and len(entry.arxiv_ids) == 1
    ]
    able.sort(key=lambda case: case[2].arxiv_ids[0])
    newest = able[-len(able) // 2 :]
    chosen = random.Random(f"{seed} {file.name}").sample(newest, min(len(newest), each if len(source) < 400_000 else 4))
    return [
        case for of in chosen if (case := rewritten(document, *of, papers[of[2].arxiv_ids[0]], measures)) is not None
    ]


def rewritten(
    document: Document, section: Section, group: Table | Group, entry: Entry, paper: Paper, measures: ModuleType
) -> Case | None:
    """Take an entry out and write it afresh; None when the list cannot be read alike without it."""
    source = document.source
    without = parse(source[: entry.span.start] + source[entry.span.end :], document.name)
    home = next(
        (
            s
            for s in without.sections
            if s.heading.start in (section.heading.start, section.heading.start - entry.span.end + entry.span.start)
            and s.path == section.path
        ),
        None,
    )
    if home is None or len(home.entries) != len(section.entries) - 1:
        return None
    old, at = entry.raw, entry.span.start
    try:
        edit = add_entries(without, [Addition(paper, home.path, known_cells(paper), line=home.line)], TODAY)
    except ListFormatError as error:
        return Case(
            document.name,
            entry.line,
            section.path[-1] if section.path else "",
            group.kind.value,
            old,
            f"REFUSED {error}",
            dict.fromkeys(MEASURES, False),
        )
    new = edit.entries[0].row.decode()
    splice = next(s for s in edit.splices if edit.entries[0].row in s.data)
    between = without.source[min(at, splice.start) : max(at, splice.start)]
    shapes: list[list[str]] = [measures.skeleton(text.split("\n"), paper.title) for text in (old, new)]
    alike = {
        "link": measures.link_form(old) == measures.link_form(new),
        "shape": SequenceMatcher(None, shapes[0], shapes[1], autojunk=False).ratio() >= 0.75,
        "place": not between.strip(),
    }
    return Case(document.name, entry.line, section.path[-1] if section.path else "", group.kind.value, old, new, alike)


def load(script: Path) -> ModuleType:
    """Return the collection's scoring script as a module."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(found: list[Case], show: int) -> None:
    """Print the means by list and format, and some differences."""
    by_list: dict[str, list[Case]] = {}
    by_format: dict[str, list[Case]] = {}
    for case in found:
        by_list.setdefault(case.file, []).append(case)
        by_format.setdefault(case.format, []).append(case)
    for case in [c for c in found if not (c.alike["link"] and c.alike["shape"])][:show]:
        wrong = ", ".join(name for name in MEASURES if not case.alike[name])
        print(f"--- {case.file}:{case.line} {case.section!r}: {wrong}\n  old: {case.old}\n  new: {case.new}")
    print(f"{'':44} {'n':>4} " + " ".join(f"{name:>6}" for name in MEASURES))
    for name, some in [*by_list.items(), *by_format.items(), ("all", found)]:
        print(f"{name[:44]:44} {len(some):4} " + " ".join(f"{mean(some, m):6.3f}" for m in MEASURES))
    lists = [[mean(some, m) for some in by_list.values()] for m in MEASURES]
    print(f"{'mean by list':44} {len(by_list):4} " + " ".join(f"{sum(m) / len(m):6.3f}" for m in lists))


def mean(some: list[Case], measure: str) -> float:
    """Return the share of cases that are alike in a measure."""
    return Counter(case.alike[measure] for case in some)[True] / max(1, len(some))


if __name__ == "__main__":
    sys.exit(main())
