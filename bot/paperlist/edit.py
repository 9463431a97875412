"""Edits of a list as splices of its bytes, and the proof that nothing else changed.

A splice inserts whole lines or replaces the date. The splices are worked out, applied, and the new bytes returned only
together with the proof: taking the splices out gives the old bytes back, and the new document read afresh holds the old
entries and the new ones, nothing more and nothing less.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from bot.arxiv import titles
from bot.errors import ListFormatError
from bot.model import Cell, Paper, Path
from bot.paperlist.nouns import InsertedEntry, Splice
from bot.paperlist.read.dateline import DateLine
from bot.paperlist.read.document import Document, Entry, Group, Section, Table, fold_path, parse
from bot.paperlist.read.unwritable import refuse_generated
from bot.paperlist.write import new_section, order, title_check
from bot.paperlist.write.facts import Facts
from bot.paperlist.write.merged_cells import refuse_merged
from bot.paperlist.write.new_section import slug
from bot.paperlist.write.prune import holds_empty_link
from bot.paperlist.write.row_style import Styles

__all__ = [
    "Addition",
    "Edit",
    "Growth",
    "InsertedEntry",
    "Splice",
    "add_entries",
    "growth",
    "place_of",
    "prove",
    "slug",
]


_SEPARATOR = re.compile(rb"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})?")
"""A blank line or a rule: what may stand between entries that are no rows of a table."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A paper that is to become an entry of a section; `cells` is what is known for its columns.

    `create` allows a section of that heading (the last of the path) to be opened when the list has none. `line` is
    that of the section's heading, for a path that several sections have.
    """

    paper: Paper
    path: Path
    cells: tuple[Cell, ...] = ()
    create: bool = False
    line: int | None = None


@dataclass(frozen=True)
class Edit:
    """A proven change of a list. `entries` are in the order of the additions."""

    document: Document
    after: bytes
    splices: tuple[Splice, ...]
    entries: tuple[InsertedEntry, ...]

    @property
    def before(self) -> bytes:
        """The bytes that were changed."""
        return self.document.source

    @cached_property
    def now(self) -> Document:
        """The new bytes read afresh, as the proof read them."""
        if not self.splices:
            return self.document
        return parse(self.after, self.document.name)

    @property
    def inserted_bytes(self) -> int:
        """How many bytes the edit adds."""
        return sum(len(s.data) - (s.end - s.start) for s in self.splices)


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
    if dated := document.date_line:
        splices.append(Splice(dated.start, dated.end, dated.rewritten(today).encode()))
    return prove(document, tuple(_merged(document, splices)), tuple(entries[id(addition)] for addition in additions))


def _written(
    document: Document, styles: Styles, section: Section | None, path: Path, additions: Sequence[Addition]
) -> tuple[list[Splice], dict[int, InsertedEntry]]:
    """Return the splices that bring additions into a section, and the entry of each by the addition's identity."""
    there = section if section and section.groups else None
    facts = [Facts(a.paper, a.cells) for a in additions]
    home = order.home(there.groups, facts[0]) if there else new_section.model(document, section)
    refuse_merged(document, home)
    if isinstance(home, Table) and home.doubt:
        raise ListFormatError(f"the table cannot be added to: {home.doubt}", path=document.name, line=home.line)
    count = styles.numbering(home)
    count = count if there or count is None else replace(count, latest=0)  # a count of its own
    turns = order.in_turn(home.entries if there else (), facts)
    ending = _ending(document, document.source[home.start : home.end]) if there else document.newline
    heading = section.heading.start if section else None
    splices: list[Splice] = []
    entries: dict[int, InsertedEntry] = {}
    for turn, (addition, paper) in enumerate((additions[i], facts[i]) for i in turns):
        at = count.place(len(home.entries)) if count else order.place(home.entries, paper)
        style = styles.near(home, at, count.write(turn, len(facts)) if count else None)
        if there:
            _refuse_tie(document, style.tie(addition.paper, addition.cells))
        row = style.write(addition.paper, addition.cells).replace(b"\n", ending)
        entries[id(addition)] = InsertedEntry(paper.id, path, row, heading, addition.paper.title)
        last = at == len(home.entries)
        start = home.end if last else home.entries[at].span.start
        splices.append(Splice(start, start, style.gap + row + ending if last else row + ending + style.gap))
    if not there:
        rows = [entry.row for entry in entries.values()]
        splices = new_section.opened(document, section, path[-1], rows, style.gap)
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
    """Return how a list grew when lines were only inserted and the date set; None when anything else changed."""
    old = before.source.splitlines(keepends=True)
    now = after.splitlines(keepends=True)
    at = size = offset = 0
    date_changed = False
    for number, line in enumerate(old, 1):
        dated = before.date_line if before.date_line and before.date_line.line == number else None
        while at < len(now) and now[at] != line and not (dated and _dated_alike(line, now[at], dated, offset)):
            if number == len(old) and not line.endswith((b"\n", b"\r")) and now[at].rstrip(b"\r\n") == line:
                break  # the last line got the line break that it lacked
            size += len(now[at])
            at += 1
        if at == len(now):
            return None
        date_changed |= bool(dated) and now[at] != line
        size += len(now[at]) - len(line) if not dated else 0
        offset += len(line)
        at += 1
    return Growth(len(now) - len(old), size + sum(map(len, now[at:])), date_changed)


def _dated_alike(old: bytes, new: bytes, line: DateLine, offset: int) -> bool:
    """Tell whether a line is the old date line, which began at an offset, with another date in it."""
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


# The proof


def _merged(document: Document, splices: Iterable[Splice]) -> list[Splice]:
    """Return splices in document order: insertions at one place joined, an open line before them ended first."""
    done: list[Splice] = []
    for splice in sorted(splices, key=lambda s: (s.start, s.end)):
        if splice.start < splice.end:
            done.append(splice)
        elif done and done[-1].start == done[-1].end == splice.start:
            done[-1] = replace(done[-1], data=done[-1].data + splice.data)
        else:
            open_line = splice.start > 0 and document.source[splice.start - 1 : splice.start] not in (b"\n", b"\r")
            done.append(replace(splice, data=(document.newline if open_line else b"") + splice.data))
    return done


def prove(document: Document, splices: tuple[Splice, ...], entries: tuple[InsertedEntry, ...]) -> Edit:
    """Return the edit once it is proven; raise `ListFormatError` otherwise, so that nothing is published."""
    after = _spliced(document.source, splices)
    edit = Edit(document, after, splices, entries)
    problem = _unspliced(edit) or _unlicensed(document, edit) or _misread(document, edit)
    if problem:
        raise ListFormatError(f"refused: {problem}; nothing was changed", path=document.name)
    return edit


def _spliced(source: bytes, splices: Sequence[Splice]) -> bytes:
    parts: list[bytes] = []
    at = 0
    for splice in splices:
        parts += [source[at : splice.start], splice.data]
        at = splice.end
    return b"".join([*parts, source[at:]])


def _unspliced(edit: Edit) -> str | None:
    """Take the splices out again and say how the result differs from the old bytes."""
    ordered = all(a.end <= b.start for a, b in zip(edit.splices, edit.splices[1:], strict=False))
    restored: list[bytes] = []
    at = shift = 0
    for splice in edit.splices:
        start = splice.start + shift
        restored += [edit.after[at:start], edit.before[splice.start : splice.end]]
        at = start + len(splice.data)
        shift += len(splice.data) - (splice.end - splice.start)
    restored.append(edit.after[at:])
    return None if ordered and b"".join(restored) == edit.before else "the edit cannot be undone byte for byte"


def _unlicensed(document: Document, edit: Edit) -> str | None:
    """Name a splice that is neither an insertion of whole lines nor the date."""
    line = document.date_line
    rows = {line for entry in edit.entries for line in entry.row.splitlines()}
    opened = any(not _filled(document, entry) for entry in edit.entries)
    blank = any(_blocks(document, entry) for entry in edit.entries)
    for splice in edit.splices:
        if splice.start < splice.end:
            if line is None or (splice.start, splice.end) != (line.start, line.end) or b"\n" in splice.data:
                return f"bytes {splice.start}-{splice.end} would be overwritten"
            continue
        lines = _whole_lines(edit.before, splice)
        if lines is None:
            return f"the insertion at byte {splice.start} is not of whole lines"
        if not opened and not rows.issuperset(line for line in lines if not (blank and _SEPARATOR.fullmatch(line))):
            return f"the insertion at byte {splice.start} is not of entries alone"
    return None


def _home(document: Document, entry: InsertedEntry) -> Section | None:
    """Return the section that an entry was to go to, None when it was to be opened."""
    if entry.heading is None:
        return None
    return next((s for s in document.sections if s.heading.start == entry.heading and s.path == entry.path), None)


def _filled(document: Document, entry: InsertedEntry) -> bool:
    home = _home(document, entry)
    return bool(home and home.groups)


def _blocks(document: Document, entry: InsertedEntry) -> bool:
    """Tell whether blank lines may stand around an entry: not among the rows of a pipe table."""
    home = _home(document, entry)
    return bool(home and any(isinstance(group, Group) for group in home.groups))


def _whole_lines(before: bytes, splice: Splice) -> list[bytes] | None:
    """Return the lines that are inserted, None when they are not whole; an open last line may be ended first."""
    above, below = before[: splice.start][-1:], before[splice.start : splice.start + 1]
    lines = splice.data.splitlines()
    borders = (above + splice.data[:1], splice.data[-1:] + below, above + below)
    if b"\r\n" in borders or not splice.data.endswith((b"\n", b"\r")):  # two line endings would become one
        return None
    if above in (b"", b"\n", b"\r"):
        return lines
    return None if below or lines[0] else lines[1:]


def _misread(document: Document, edit: Edit) -> str | None:
    """Read the new bytes afresh and name what is not as it was, or not as it should be."""
    now = edit.now
    back = _Back(edit.splices)
    stayed = [(old, what) for at, what in _shape(now) if (old := back.offset(at)) is not None]
    if stayed != _shape(document):
        return "what was there before is not understood as before"
    new_rows = Counter(e.raw.encode() for e in now.entries if back.offset(e.span.start) is None)
    if new_rows != Counter(entry.row for entry in edit.entries):
        unread = next((e for e in edit.entries if not new_rows[e.row]), None)
        if unread is None:
            return "the entries afterwards are not the old ones and the new ones"
        return f"{unread.id}, written like its neighbours, would not be read as an entry (add it by hand): " + repr(
            unread.row.decode()[:200]
        )
    if wordless := next((e for e in edit.entries if holds_empty_link(e.row.decode())), None):
        return f"the entry of {wordless.id} would hold a link without text (add it by hand)"
    opened = {fold_path(entry.path) for entry in edit.entries if entry.heading is None}
    there = Counter(words for e in document.entries for words in title_check.names(e))
    homes: dict[bytes, list[tuple[Section, Table | Group, Entry]]] = {}
    for section in now.sections:
        if section.level and back.offset(section.heading.start) is None and fold_path(section.path) not in opened:
            return f"a section {section.path[-1]!r} nobody asked for"
        for group in section.groups:
            for entry in group.entries:
                if back.offset(entry.span.start) is None:
                    homes.setdefault(entry.raw.encode(), []).append((section, group, entry))
    for inserted in edit.entries:
        at = inserted.heading
        found = [
            (group, entry)
            for section, group, entry in homes.get(inserted.row, ())
            if (back.offset(section.heading.start) if section.level else 0) == at
            and (at is not None or fold_path(section.path) in opened)
        ]
        if not found:
            return f"{inserted.id} does not stand in section {' > '.join(inserted.path)!r}"
        if any(title_check.of_another(inserted, entry, there) for _, entry in found):
            return f"the entry of {inserted.id} would carry another paper's title"
        if not title_check.titled(inserted, (_home(document, inserted) or document).entries):
            return f"the entry of {inserted.id} does not hold its title"
        if any(inserted.id not in entry.arxiv_ids for _, entry in found):
            return f"the entry of {inserted.id} does not link to it"
        if any(isinstance(g, Table) and len(entry.cells) != len(g.columns) for g, entry in found):
            return "a new row has not as many cells as its table has columns"
    dated, line = document.date_line, now.date_line
    if dated and (line is None or back.offset(line.start) != dated.start):
        return "the date line cannot be read any more"
    return None


def _shape(document: Document) -> list[tuple[int, tuple[str, object]]]:
    """Return what a list is made of and where: headings, tables, entries, contents lines; all but the date's words."""
    found: list[tuple[int, tuple[str, object]]] = [
        *((s.heading.start, ("heading", s.level)) for s in document.sections if s.level),
        *((t.head.start, ("table", len(t.columns))) for s in document.sections for t in s.tables),
        *((e.span.start, ("entry", (e.raw, len(e.cells)))) for e in document.entries),
        *((c.span.start, ("contents", c.fragment)) for c in document.contents),
    ]
    return sorted(found, key=lambda item: item[0])


class _Back:
    """From offsets after an edit to offsets before it."""

    def __init__(self, splices: Sequence[Splice]) -> None:
        self._starts, self._ends, self._shifts = [0], [0], [0]
        shift = 0
        for splice in splices:
            self._starts.append(splice.start + shift)
            self._ends.append(splice.start + shift + len(splice.data))
            shift += len(splice.data) - (splice.end - splice.start)
            self._shifts.append(shift)

    def offset(self, after: int) -> int | None:
        """Return where a byte stood, None for one that is new. The first byte of new text for old has its place."""
        i = bisect_right(self._starts, after) - 1
        if after >= self._ends[i]:
            return after - self._shifts[i]
        replaced = self._ends[i] - self._starts[i] != self._shifts[i] - self._shifts[i - 1]
        return after - self._shifts[i - 1] if replaced and after == self._starts[i] else None
