"""Edits of a list as splices of its bytes. A splice inserts whole lines or replaces the date."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.arxiv import titles
from bot.errors import ListFormatError
from bot.model import Cell, Paper, Path
from bot.paperlist.nouns import InsertedEntry, Splice
from bot.paperlist.proof import Edit, counts_following, prove
from bot.paperlist.read.counts import without_numbers
from bot.paperlist.read.dateline import DateLine
from bot.paperlist.read.document import Document, Section, Table
from bot.paperlist.read.unwritable import refuse_generated
from bot.paperlist.write import new_period, new_section, order
from bot.paperlist.write.facts import Facts
from bot.paperlist.write.merged_cells import refuse_merged
from bot.paperlist.write.row_style import Styles


@dataclass(frozen=True, slots=True)
class Addition:
    """A paper that is to become an entry of a section; `cells` is what is known for its columns.

    `create` allows a section of that heading (the last of the path) to be opened when the list has none. `line` is
    that of the section's heading, for a path that several sections have. `row` is an entry that moves as it is.
    """

    paper: Paper
    path: Path
    cells: tuple[Cell, ...] = ()
    create: bool = False
    line: int | None = None
    row: bytes | None = None


def add_entries(document: Document, additions: Sequence[Addition], today: date) -> Edit:
    """Return the list with the additions and, when there are any, its date line set to `today`.

    Raises `ListFormatError` when a section cannot be found or written, or when the proof fails.
    """
    if not additions:
        return Edit(document, document.source, (), ())
    refuse_generated(document)
    if untitled := next((a.paper for a in additions if not titles.display(a.paper.title)), None):
        raise ListFormatError(f"{untitled.id} has no title to write; nothing was changed", path=document.name)
    by_place: dict[tuple[int | None, Path], list[Addition]] = {}
    for addition in additions:
        section, path = _place(document, addition)
        by_place.setdefault((section.heading.start if section else None, path), []).append(addition)
    styles = Styles(document)
    splices: list[Splice] = []
    entries: dict[int, InsertedEntry] = {}
    for (heading, path), group in sorted(by_place.items(), key=lambda place: place[0][0] is None):  # new ones last
        section = None if heading is None else next(s for s in document.sections if s.heading.start == heading)
        made, written = _written(document, styles, section, path, group)
        splices += made
        entries |= written
    inserted = tuple(entries[id(addition)] for addition in additions)
    splices += (Splice(d.start, d.end, d.rewritten(today).encode()) for d in document.dated_alike)
    splices += counts_following(document, inserted)
    return prove(document, tuple(_merged(document, splices)), inserted)


def _written(
    document: Document, styles: Styles, section: Section | None, path: Path, additions: Sequence[Addition]
) -> tuple[list[Splice], dict[int, InsertedEntry]]:
    """Return the splices that bring additions into a section, and the entry of each by the addition's identity."""
    there = section if section and section.groups else None
    facts = [Facts(a.paper, a.cells) for a in additions]
    home = order.home(there.groups, facts[0]) if there else new_section.model(document, section, path)
    refuse_merged(document, home)
    if isinstance(home, Table) and home.doubt:
        raise ListFormatError(f"the table cannot be added to: {home.doubt}", path=document.name, line=home.line)
    count = styles.numbering(home)
    count = count if there or count is None else replace(count, latest=0)  # a count of its own
    turns = order.in_turn(home.entries if there else (), facts)
    ending = _ending(document, document.source[home.start : home.end]) if there else document.newline
    heading = section.heading.start if section else None
    if count and any(addition.row for addition in additions):
        raise ListFormatError("a numbered entry cannot move as it is", path=document.name)
    splices: list[Splice] = []
    entries: dict[int, InsertedEntry] = {}
    for turn, (addition, paper) in enumerate((additions[i], facts[i]) for i in turns):
        at = count.place(len(home.entries)) if count else order.place(home.entries, paper)
        style = styles.near(home, at, count.write(turn, len(facts)) if count else None)
        if there:
            _refuse_tie(document, style.tie(addition.paper, addition.cells))
        row = addition.row or style.write(addition.paper, addition.cells).replace(b"\n", ending)
        entries[id(addition)] = InsertedEntry(paper.id, path, row, heading, addition.paper.title)
        last = at == len(home.entries)
        start = (home.end if last else home.entries[at].span.start) if there else 0
        splices.append(Splice(start, start, style.gap + row + ending if last else row + ending + style.gap))
    if not there:
        rows = [entry.row for entry in entries.values()]
        splices = new_section.opened(document, section, path, rows, style.gap)
    return splices, entries


def _refuse_tie(document: Document, tie: tuple[int, int] | None) -> None:
    """Refuse to choose between two ways of writing that a section uses equally often."""
    if tie:
        raise ListFormatError(
            f"entries in lines {tie[0]} and {tie[1]} are written in two ways, equally often, so that no new one can be "
            "written alike; write the section's entries in one way, or part them into two sections, and run again",
            path=document.name,
            line=tie[0],
        )


def _ending(document: Document, above: bytes) -> bytes:
    """Return the line ending that lines have which end as these do."""
    return next((e for e in (b"\r\n", b"\n", b"\r") if above.endswith(e)), document.newline)


@dataclass(frozen=True, slots=True)
class Growth:
    """How a list grew: whole lines inserted, their bytes, and whether the date line changed."""

    lines: int
    bytes: int
    date_changed: bool


def growth(before: Document, after: bytes) -> Growth | None:
    """Return how a list grew when lines were only inserted, and dates and counts set; None for any other change."""
    old = before.source.splitlines(keepends=True)
    now = after.splitlines(keepends=True)
    at = size = offset = 0
    date_changed = False
    dates = {line.line: line for line in before.date_lines}
    spans = [span for count in before.counts for span in (count.at, *count.anchors)]
    counted = {before.source.count(b"\n", 0, span.start) + 1 for span in spans}
    for number, line in enumerate(old, 1):
        dated = dates.get(number)
        while (
            at < len(now)
            and now[at] != line
            and not (
                (dated and _dated_alike(line, now[at], dated, offset))
                or (number in counted and _same_words(line, now[at]))
            )
        ):
            if number == len(old) and not line.endswith((b"\n", b"\r")) and now[at].rstrip(b"\r\n") == line:
                break  # the last line got the line break that it lacked
            size += len(now[at])
            at += 1
        if at == len(now):
            return None
        date_changed |= bool(dated) and now[at] != line
        size += len(now[at]) - len(line) if not (dated or number in counted) else 0
        offset += len(line)
        at += 1
    return Growth(len(now) - len(old), size + sum(map(len, now[at:])), date_changed)


def _same_words(old: bytes, new: bytes) -> bool:
    return without_numbers(old.decode()) == without_numbers(new.decode(errors="replace"))


def _dated_alike(old: bytes, new: bytes, line: DateLine, offset: int) -> bool:
    """Whether a line is the old date line, which began at an offset, with another date in it."""
    head, tail = old[: line.start - offset], old[line.end - offset :]
    if not tail.endswith((b"\n", b"\r")):
        new = new.rstrip(b"\r\n")  # it may have got the line break that it lacked
    inside = new[len(head) : len(new) - len(tail)]
    return new == head + inside + tail and line.could_say(inside.decode(errors="replace"))


def place_of(document: Document, heading: str) -> Path:
    """Return the path of the section with this heading, or the one it will have when it is opened."""
    section = document.section((heading,))
    return section.path if section else (*new_section.neighbour(document).path[:-1], heading)


def _place(document: Document, addition: Addition) -> tuple[Section | None, Path]:
    """Return the section an addition goes to, None and its path for one that is to be opened."""
    if addition.line is not None:
        section = next((s for s in document.sections if (s.line, s.path) == (addition.line, addition.path)), None)
    else:
        section = document.section(addition.path)
    if section:
        return section, section.path
    if addition.create and new_period.sibling(document, addition.path):
        return None, addition.path
    if addition.create and len(document.sections_like(addition.path[-1:])) < 2:
        path = place_of(document, addition.path[-1])
        return document.section(path), path
    name = " > ".join(addition.path)
    if same := document.sections_like(addition.path):
        lines = " and ".join(str(s.line) for s in same)
        paths = dict.fromkeys(json.dumps(s.path, ensure_ascii=False) for s in same)
        advice = "name one by its path of headings, " if len(paths) > 1 else "the first that has entries is "
        raise ListFormatError(
            f"there are {len(same)} sections {name!r}, in lines {lines}; {advice}{' or '.join(paths)}",
            path=document.name,
        )
    what = f"there is no section {name!r}"
    names = dict.fromkeys(" > ".join(s.path) for s in document.sections if s.groups)
    known = "; ".join(names) or "no section with papers"
    raise ListFormatError(f"{what}; it has: {known}", path=document.name)


def _merged(document: Document, splices: Iterable[Splice]) -> list[Splice]:
    """Return splices in document order: insertions at one place joined, an open line before them ended first."""
    done: list[Splice] = []
    for splice in sorted(splices, key=lambda s: (s.start, s.end)):
        if splice.start < splice.end:
            done.append(splice)
        elif done and done[-1].start == done[-1].end == splice.start:
            done[-1] = done[-1]._replace(data=done[-1].data + splice.data)
        else:
            open_line = splice.start > 0 and document.source[splice.start - 1 : splice.start] not in (b"\n", b"\r")
            done.append(splice._replace(data=(document.newline if open_line else b"") + splice.data))
    return done
