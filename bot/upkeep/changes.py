"""What became of listed papers: from their refreshed records to changes of the rows that are there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from bot.arxiv import titles, venues
from bot.errors import ListFormatError
from bot.judge.cells.extract import REPOSITORY_OR_MODEL, own_code
from bot.model import Paper
from bot.paperlist.nouns import Splice
from bot.paperlist.proof import Edit
from bot.paperlist.read.document import Document, Entry, Group, Kind, Table
from bot.paperlist.read.roles import Role, roles
from bot.paperlist.row_proof import prove_rows
from bot.paperlist.write import escape
from bot.upkeep import code, venue
from bot.upkeep.places import Row
from bot.upkeep.rows import Part, Rows
from bot.upkeep.span import Replaced, Unchanged
from bot.upkeep.withdrawn import withdrawn

_SPARE = 60
"""How many rows of other sections show what those of its own do not."""
_LITTLE = 0.01
"""How much such a row counts."""


class ChangeKind(StrEnum):
    """What became of a listed paper."""

    VENUE = "venue"
    CODE = "code"
    TITLE = "title"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a record says that a row does not, and what would change in the row; `new` is None where a person decides.

    `field` and `text` are the words of the record that tell it.
    """

    id: str
    line: int
    kind: ChangeKind
    old: str
    new: str | None
    field: str
    text: str
    splices: tuple[Splice, ...] = ()


def changes(
    document: Document, papers: Iterable[Paper], before: Mapping[str, Paper] | None = None
) -> tuple[RowChange, ...]:
    """Return what the records of listed papers say that the list does not, in the order of its rows.

    `before` holds earlier records by their ids: a title that changed is told by them. Every change that has a `new`
    is proven.
    """
    desk = _Desk(document)
    found = [change for paper in papers for change in desk.changes(paper, (before or {}).get(paper.id))]
    found.sort(key=lambda change: (change.line, change.kind))
    try:
        applied(document, found)
    except ListFormatError:
        return tuple(_proven(document, change) for change in found)
    return tuple(found)


def applied(document: Document, changed: Iterable[RowChange]) -> Edit:
    """Return the list with changes made; raises `ListFormatError` when they cannot be proven."""
    made = [change for change in changed if change.new is not None]
    retitled = {change.line for change in made if change.kind is ChangeKind.TITLE}
    return prove_rows(document, [splice for change in made for splice in change.splices], retitled)


def _proven(document: Document, change: RowChange) -> RowChange:
    try:
        applied(document, [change])
    except ListFormatError:
        return replace(change, new=None, splices=())
    return change


class _Desk:
    """A list at which facts become changes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._groups: list[tuple[Table | Group, Rows]] = []
        self._homes: dict[str, list[tuple[int, Entry]]] = {}
        self._columns: dict[tuple[int, str], int | None] = {}
        for section, role in zip(document.sections, roles(document.sections), strict=True):
            for group in section.groups:
                self._groups.append((group, Rows(document, group)))
                for entry in group.entries if role is not Role.ROLLING else ():
                    for paper in entry.arxiv_ids:
                        self._homes.setdefault(paper, []).append((len(self._groups) - 1, entry))

    def changes(self, paper: Paper, before: Paper | None) -> Iterator[RowChange]:
        """Yield what the record of a paper says that the list does not."""
        homes = [home for home in self._homes.get(paper.id, ()) if _of(paper, home[1])]
        homes.sort(key=lambda home: titles.key(home[1].title) != titles.key(paper.title))
        if not homes:
            return
        entry = homes[0][1]
        if gone := withdrawn(paper):
            yield RowChange(paper.id, entry.line, ChangeKind.WITHDRAWN, entry.title, None, *gone)
        if len(homes) > 1:
            again, lines = homes[1][1], ", ".join(str(other.line) for _, other in homes)
            yield RowChange(paper.id, again.line, ChangeKind.DUPLICATE, again.title, None, "list", f"in lines {lines}")
        yield from _first(change for home in homes for change in self._venue(paper, *home))
        yield from _first(change for home in homes for change in self._code(paper, *home))
        yield from _first(change for home in homes for change in _title(paper, before, home[1]))

    def _venue(self, paper: Paper, number: int, entry: Entry) -> Iterator[RowChange]:
        told = venues.accepted(paper)
        if told is None or not (place := self._place(number, entry, ChangeKind.VENUE)):
            return
        part, near = place
        made = venue.with_venue(part, near, told)
        name = f"{told.name} {told.year or ''}".strip()
        if made is None:
            return
        change = _change(paper, entry, ChangeKind.VENUE, part, made)
        change = replace(change, field=told.field, text=told.text)
        if change.new is not None:
            change = replace(change, splices=(*change.splices, *self._year(number, entry, part, change.new, told.year)))
        yield replace(change, new=change.new and (change.new.strip() or name))

    def _year(self, number: int, entry: Entry, part: Part, new: str, year: int | None) -> Iterator[Splice]:
        """Yield the year in a column of its own, where the venue is written without it."""
        rows = self._groups[number][1]
        if part.column is None or year is None or re.search(r"\d\d", new):
            return
        for i, heading in enumerate(rows.columns):
            cell = rows.part(entry, i)
            if re.fullmatch(r"\W*(?:pub\w*\W+)?year\W*|年份?", heading, re.IGNORECASE) and cell:
                found = re.fullmatch(r"\s*(20[0-4]\d)\s*", cell.raw)
                if found and found[1] != str(year):
                    yield Splice(cell.offset(found.start(1)), cell.offset(found.end(1)), str(year).encode())

    def _code(self, paper: Paper, number: int, entry: Entry) -> Iterator[RowChange]:
        told = next(islice(own_code(paper, REPOSITORY_OR_MODEL), 1), None)
        if told is None or told.value.casefold() in entry.raw.casefold():
            return
        if place := self._place(number, entry, ChangeKind.CODE):
            part, near = place
            if made := code.with_code(part, near, escape.address(told.value), paper.id):
                field, _, words = told.origin.partition(": ")
                yield replace(_change(paper, entry, ChangeKind.CODE, part, made), field=field, text=words.strip("“”"))

    def _place(self, number: int, entry: Entry, kind: ChangeKind) -> tuple[Part, list[Row]] | None:
        """Return the part of an entry where a fact belongs, and that part of the rows like it."""
        group, rows = self._groups[number]
        column = self._column(number, kind)
        if column is None and isinstance(group, Table):
            return None
        part = rows.part(entry, column)
        if part is None:
            return None
        near = rows.near(entry, column)
        if not any(_shows(row, kind) for row in near):
            near += self._elsewhere(number, kind)
        return part, near

    def _elsewhere(self, number: int, kind: ChangeKind) -> list[Row]:
        found: list[Row] = []
        for other, (group, rows) in enumerate(self._groups):
            if other == number or not _alike(group, self._groups[number][0]) or len(found) >= _SPARE:
                continue
            column = self._column(other, kind)
            if column is None and isinstance(group, Table):
                continue
            parts = (rows.part(entry, column) for entry in islice(group.entries, _SPARE))
            made = [Row(part.raw, part.atoms, _LITTLE) for part in parts if part]
            found += [row for row in made if _shows(row, kind)]
        return found

    def _column(self, number: int, kind: ChangeKind) -> int | None:
        key = number, str(kind)
        if key not in self._columns:
            shows = venue.shows_venue if kind is ChangeKind.VENUE else code.shows_code
            self._columns[key] = self._groups[number][1].column_of(shows)
        return self._columns[key]


def _shows(row: Row, kind: ChangeKind) -> bool:
    """Whether a row is an example of a fact."""
    return venue.named_in(row) if kind is ChangeKind.VENUE else any(atom.kind == "code" for atom in row.atoms)


def _alike(one: Table | Group, other: Table | Group) -> bool:
    """Whether rows of two groups can show each other what they lack."""
    written = {Kind.BULLETS, Kind.BLOCKS}
    return one.kind is other.kind or written == {one.kind, other.kind}


def _first(found: Iterable[RowChange]) -> Iterator[RowChange]:
    """Yield the first change that can be written, else the first: one row at a time of a paper that has two."""
    same = list(found)
    yield from [change for change in same if change.new is not None][:1] or same[:1]


def _of(paper: Paper, entry: Entry) -> bool:
    """Whether an entry is a paper's own: it names no other first, or carries its title."""
    return entry.arxiv_ids[0] == paper.id or titles.key(entry.title) == titles.key(paper.title)


def _change(
    paper: Paper, entry: Entry, kind: ChangeKind, part: Part, made: Sequence[Replaced] | Unchanged
) -> RowChange:
    if isinstance(made, Unchanged):
        return RowChange(paper.id, entry.line, kind, made.old, None, "", "")
    splices = tuple(Splice(part.offset(r.start), part.offset(r.end), r.text.encode()) for r in made)
    old, new = part.raw[made[0].start : made[0].end], made[0].text
    return RowChange(paper.id, _line(part, entry, made[0].start), kind, old, new, "", "", splices)


def _line(part: Part, entry: Entry, at: int) -> int:
    """Return the line of the list that a place of a part stands in."""
    return entry.line + (part.raw.count("\n", 0, at) if part.column is None else 0)


def _title(paper: Paper, before: Paper | None, entry: Entry) -> Iterator[RowChange]:
    """Yield the new title of a paper whose row holds the old one."""
    if before is None or titles.key(before.title) == titles.key(paper.title):
        return
    old = titles.display(before.title)
    at = entry.raw.find(old)
    if at < 0 or entry.raw.count(old) > 1 or titles.key(entry.title) != titles.key(before.title):
        return
    new = escape.inline(titles.display(paper.title))
    start = entry.span.start + len(entry.raw[:at].encode())
    splice = Splice(start, start + len(old.encode()), new.encode())
    line = entry.line + entry.raw.count("\n", 0, at)
    yield RowChange(paper.id, line, ChangeKind.TITLE, old, new, "title", titles.display(paper.title), (splice,))
