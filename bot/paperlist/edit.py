"""Edits of a list as splices of its bytes, and the proof that nothing else changed.

A splice inserts whole lines or replaces the date. `plan` works out the splices, `apply` makes the new bytes and
returns them only together with the proof: taking the splices out gives the old bytes back, and the new document
read afresh holds the old entries and the new ones, nothing more and nothing less.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.errors import ListFormatError
from bot.model import Cell, Paper, Path
from bot.paperlist import escape
from bot.paperlist.dateline import DateLine
from bot.paperlist.document import ContentsItem, Document, Entry, Section, Span, Table, fold, fold_path, parse
from bot.paperlist.hand import Hands


@dataclass(frozen=True, slots=True)
class Addition:
    """A paper that is to become an entry of a section; `cells` is what is known for its columns.

    `create` allows a section of that heading (the last of the path) to be opened when the list has none.
    """

    paper: Paper
    path: Path
    cells: tuple[Cell, ...] = ()
    create: bool = False


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes `[start, end)` of the old document give way to `data`; an insertion has `start == end`."""

    start: int
    end: int
    data: bytes


@dataclass(frozen=True, slots=True)
class InsertedEntry:
    """A new entry: its paper, the section it went to, and its bytes without line ending."""

    id: str
    path: Path
    row: bytes


@dataclass(frozen=True, slots=True)
class Edit:
    """A proven change of a list. `entries` are in the order of the additions."""

    before: bytes
    after: bytes
    splices: tuple[Splice, ...]
    entries: tuple[InsertedEntry, ...]

    @property
    def inserted_bytes(self) -> int:
        """How many bytes the edit adds."""
        return sum(len(s.data) - (s.end - s.start) for s in self.splices)


def add_entries(document: Document, additions: Sequence[Addition], today: date) -> Edit:
    """Return the list with the additions and, when there are any, its date line set to `today`.

    Raises `ListFormatError` when a section cannot be found or written, or when the proof fails.
    """
    if not additions:
        return Edit(document.source, document.source, (), ())
    by_place: dict[Path, list[Addition]] = {}
    for addition in additions:
        by_place.setdefault(_place(document, addition), []).append(addition)
    hands = Hands(document)
    splices: list[Splice] = []
    rows: dict[int, InsertedEntry] = {}
    places = ((document.section(path), path, group) for path, group in by_place.items())
    for section, path, group in sorted(places, key=lambda place: place[0] is None):  # a new section follows old ones
        table = (_paper_table(section) if section else None) or _model(document, section)
        if table.doubt:
            raise ListFormatError(f"the table cannot be added to: {table.doubt}", path=document.name, line=table.line)
        hand = hands.of(table)
        written = [InsertedEntry(a.paper.id, path, hand.write(a.paper, a.cells).encode()) for a in group]
        rows.update(zip(map(id, group), written, strict=True))
        if section and section.tables:
            splices.append(Splice(table.end, table.end, _lines(document, table, written)))
        else:
            splices += _fill_section(document, section, written) if section else _open_section(document, path, written)
    line = document.date_line
    if line:
        splices.append(Splice(line.start, line.end, line.rewritten(today).encode()))
    entries = tuple(rows[id(addition)] for addition in additions)
    return _proven(document, tuple(_merged(document, splices)), entries)


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
    return section.path if section else (*_neighbour(document).path[:-1], heading)


def _place(document: Document, addition: Addition) -> Path:
    if section := document.section(addition.path):
        return section.path
    if addition.create and len(document.sections_like(addition.path[-1:])) < 2:
        return place_of(document, addition.path[-1])
    same = len(document.sections_like(addition.path))
    name = " > ".join(addition.path)
    what = f"there are {same} sections {name!r}" if same else f"there is no section {name!r}"
    raise ListFormatError(f"{what}; it has: {_known(document)}", path=document.name)


def _known(document: Document) -> str:
    return "; ".join(dict.fromkeys(" > ".join(s.path) for s in document.sections if s.tables)) or "no table at all"


def _paper_table(section: Section) -> Table | None:
    """Return the table that new papers go to: the last that is empty or names arXiv papers, else the last."""
    of_papers = [t for t in section.tables if not t.entries or any(e.arxiv_ids for e in t.entries)]
    return next(reversed(of_papers or section.tables), None)


def _model(document: Document, section: Section | None) -> Table:
    """Return the table that a new one is modelled on, for a section that is new or has nothing but its heading."""
    if section and document.source[section.heading.end : section.span.end].strip():
        raise ListFormatError(
            f"section {section.path[-1]!r} has no table to append to", path=document.name, line=section.line
        )
    return _neighbour(document).tables[-1]


def _lines(document: Document, table: Table, written: Sequence[InsertedEntry]) -> bytes:
    """Return rows as lines that end as the line above them does."""
    above = document.source[table.head.start : table.end]
    ending = next((e for e in (b"\r\n", b"\n", b"\r") if above.endswith(e)), document.newline)
    return b"".join(entry.row + ending for entry in written)


# New sections


def _neighbour(document: Document) -> Section:
    """Return the section a new one is modelled on: the last with a table, at the outermost level that has tables."""
    filled = [s for s in document.sections if s.tables and s.path]
    if not filled:
        raise ListFormatError("the list has no table under a heading to model a new section on", path=document.name)
    level = min(s.level for s in filled)
    return [s for s in filled if s.level == level][-1]


def _open_section(document: Document, path: Path, written: Sequence[InsertedEntry]) -> list[Splice]:
    """Write a new section after its neighbour, in the neighbour's style, with its line in the contents."""
    neighbour = _neighbour(document)
    at = _end_of(document, neighbour)
    newline = document.newline
    blank = b"" if re.search(rb"(?:\r\n?|\n)(?:\r\n?|\n)\Z", document.source[max(0, at - 4) : at]) else newline
    after = newline if at < len(document.source) else b""
    data = blank + _heading(document, neighbour, path[-1]) + _table(document, neighbour, written) + after
    return [Splice(at, at, data), *_contents_line(document, neighbour, path[-1], at)]


def _fill_section(document: Document, section: Section, written: Sequence[InsertedEntry]) -> list[Splice]:
    """Give a section that has nothing but its heading a table like its neighbour's."""
    at = section.heading.end
    after = document.newline if at == section.span.end < len(document.source) else b""
    return [Splice(at, at, _table(document, _neighbour(document), written) + after)]


def _heading(document: Document, neighbour: Section, heading: str) -> bytes:
    """Return the lines of a heading in the style of its neighbour's: hashes before, or a line below."""
    first, *rest = re.split(r"[\r\n]+", document.text(neighbour.heading).strip("\r\n"))
    hashes = re.match(r" {0,3}#+[ \t]+", first)
    lines = [f"{hashes[0]}{escape.inline(heading)}"] if hashes else [escape.inline(heading), *rest[-1:]]
    return b"".join(line.encode() + document.newline for line in lines)


def _table(document: Document, neighbour: Section, written: Sequence[InsertedEntry]) -> bytes:
    """Return a table with the head of a neighbour's last, as far below its heading as the neighbour's first."""
    table = neighbour.tables[-1]
    gap = document.source[neighbour.heading.end : neighbour.tables[0].head.start]
    head = re.split(rb"\r\n?|\n", document.source[table.head.start : table.head.end])[:2]
    lines = [*head, *(entry.row for entry in written)]
    return (document.newline if gap.strip() else gap) + b"".join(line + document.newline for line in lines)


def _end_of(document: Document, section: Section) -> int:
    """Return where a section ends, its subsections included."""
    later = (s for s in document.sections if s.span.start > section.span.start and s.level <= section.level)
    return next((s.span.start for s in later), len(document.source))


def _contents_line(document: Document, neighbour: Section, heading: str, at: int) -> list[Splice]:
    """Return the splice that lists a new heading after its neighbour's block of the contents, if there is one."""
    items = document.contents
    index = next((i for i, item in enumerate(items) if fold(item.text) == fold(neighbour.path[-1])), None)
    if index is None:
        return []
    raw = document.text(items[index].span).rstrip("\r\n")
    link = re.search(r"\[[^\[\]]*\]\(#[^()\s]*\)", raw)
    if not link or not re.fullmatch(r"\s*(?:[-*+]|\d+[.)])\s+", raw[: link.start()]) or raw[link.end() :].strip():
        return []
    last = _last_nested(document, items, index)
    taken = [slug(s.path[-1]) for s in document.sections if s.path and s.span.start < at]
    line = f"{raw[: link.start()]}[{escape.inline(heading)}](#{_free(slug(heading), taken)})".encode()
    return [Splice(last.end, last.end, line + document.newline)]


def _last_nested(document: Document, items: Sequence[ContentsItem], index: int) -> Span:
    """Return the last line of the block of contents lines that stand under an item."""
    indent = [len(t) - len(t.lstrip()) for t in (document.text(item.span) for item in items)]
    last = index
    while (
        last + 1 < len(items)
        and indent[last + 1] > indent[index]
        and items[last + 1].span.start == items[last].span.end
    ):
        last += 1
    return items[last].span


def slug(heading: str) -> str:
    """Return GitHub's anchor of a heading: lower case, no punctuation but `-` and `_`, spaces as hyphens."""
    kept = (c for c in heading.strip().lower() if c in "-_ " or c.isalnum() or unicodedata.category(c)[0] == "M")
    return "".join(kept).replace(" ", "-")


def _free(anchor: str, taken: Sequence[str]) -> str:
    """Return the anchor GitHub gives to a further heading of the same text: `-1`, `-2` and so on behind it."""
    return anchor if anchor not in taken else f"{anchor}-{taken.count(anchor)}"


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


def _proven(document: Document, splices: tuple[Splice, ...], entries: tuple[InsertedEntry, ...]) -> Edit:
    """Return the edit once it is proven; raise `ListFormatError` otherwise, so that nothing is published."""
    after = _spliced(document.source, splices)
    edit = Edit(document.source, after, splices, entries)
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
    rows = {entry.row for entry in edit.entries}
    opened = any(not _tabled(document, entry.path) for entry in edit.entries)
    for splice in edit.splices:
        if splice.start < splice.end:
            if line is None or (splice.start, splice.end) != (line.start, line.end) or b"\n" in splice.data:
                return f"bytes {splice.start}-{splice.end} would be overwritten"
            continue
        lines = _whole_lines(edit.before, splice)
        if lines is None:
            return f"the insertion at byte {splice.start} is not of whole lines"
        if not opened and not rows.issuperset(lines):
            return f"the insertion at byte {splice.start} is not of entries alone"
    return None


def _tabled(document: Document, path: Path) -> bool:
    section = document.section(path)
    return bool(section and section.tables)


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
    now = parse(edit.after, document.name, document.date_line.form if document.date_line else None)
    back = _Back(edit.splices)
    stayed = [(old, what) for at, what in _shape(now) if (old := back.offset(at)) is not None]
    if stayed != _shape(document):
        return "what was there before is not understood as before"
    new_rows = Counter(e.raw.encode() for e in now.entries if back.offset(e.span.start) is None)
    if new_rows != Counter(entry.row for entry in edit.entries):
        return "the entries afterwards are not the old ones and the new ones"
    opened = {fold_path(entry.path) for entry in edit.entries if not _tabled(document, entry.path)}
    homes: dict[bytes, list[tuple[Section, Table, Entry]]] = {}
    for section in now.sections:
        if back.offset(section.heading.start) is None and fold_path(section.path) not in opened:
            return f"a section {section.path[-1]!r} nobody asked for"
        for table in section.tables:
            for entry in table.entries:
                if back.offset(entry.span.start) is None:
                    homes.setdefault(entry.raw.encode(), []).append((section, table, entry))
    for inserted in edit.entries:
        wanted = document.section(inserted.path)
        at = wanted.heading.start if wanted else None
        found = [
            (table, entry)
            for section, table, entry in homes[inserted.row]
            if back.offset(section.heading.start) == at and (wanted or fold_path(section.path) in opened)
        ]
        if not found:
            return f"{inserted.id} does not stand in section {' > '.join(inserted.path)!r}"
        if any(inserted.id not in entry.arxiv_ids for _, entry in found):
            return f"the entry of {inserted.id} does not link to it"
        if any(len(entry.cells) != len(table.columns) for table, entry in found):
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
