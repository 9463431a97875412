"""Edits of a list as splices of its bytes, and the proof that nothing else changed.

A splice inserts whole lines or replaces the date. `plan` works out the splices, `apply` makes the new bytes and
returns them only together with the proof: taking the splices out gives the old bytes back, and the new document
read afresh holds the old entries and the new ones, nothing more and nothing less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.errors import ListFormatError
from bot.model import Cell, Paper, Path
from bot.paperlist.document import ContentsItem, Document, Section, Span, Table, fold, parse
from bot.paperlist.hand import table_hand


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
    splices: list[Splice] = []
    rows: dict[str, InsertedEntry] = {}
    places = ((document.section(path), path, group) for path, group in by_place.items())
    for section, path, group in sorted(places, key=lambda place: place[0] is None):  # a new section follows old ones
        made, written = _append(document, section, group) if section else _open_section(document, path, group)
        splices += made
        rows.update(zip((a.paper.id for a in group), written, strict=True))
    line = document.date_line
    if line:
        splices.append(Splice(line.start, line.end, line.rewritten(today).encode()))
    entries = tuple(rows[a.paper.id] for a in additions)
    return _proven(document, tuple(_merged(document, splices)), entries)


@dataclass(frozen=True, slots=True)
class Growth:
    """How a list grew: whole lines inserted, their bytes, and whether the date line changed."""

    lines: int
    bytes: int
    date_changed: bool


def growth(before: Document, after: bytes) -> Growth | None:
    """Return how a list grew when lines were only inserted and the date set; None when anything else changed."""
    dated = before.date_line.line - 1 if before.date_line else -1
    old = before.source.splitlines(keepends=True)
    now = after.splitlines(keepends=True)
    at = size = 0
    date_changed = False
    for number, line in enumerate(old):
        while at < len(now) and not (same := _same_line(before, line, now[at], number == dated)):
            size += len(now[at])
            at += 1
        if at == len(now):
            return None
        date_changed |= same == "date"
        size += len(now[at]) - len(line) if number == len(old) - 1 and same == "broken" else 0
        at += 1
    return Growth(len(now) - len(old), size + sum(map(len, now[at:])), date_changed)


def _same_line(before: Document, old: bytes, new: bytes, dated: bool) -> str | None:
    """Tell how a line is the old one: as it was, with another date, or with the line break it lacked."""
    if new == old:
        return "same"
    if not old.endswith((b"\n", b"\r")) and new.rstrip(b"\r\n") == old:
        return "broken"
    line = before.date_line
    if dated and line:
        head, _, tail = old.partition(line.written.encode())
        return "date" if new.startswith(head) and new.endswith(tail) and len(new) <= len(old) + 24 else None
    return None


def place_of(document: Document, heading: str) -> Path:
    """Return the path of the section with this heading, or the one it will have when it is opened."""
    section = document.section((heading,))
    return section.path if section else (*_neighbour(document).path[:-1], heading)


def _place(document: Document, addition: Addition) -> Path:
    section = document.section(addition.path)
    if section:
        return section.path
    if addition.create:
        return place_of(document, addition.path[-1])
    raise ListFormatError(
        f"there is no section {' > '.join(addition.path)!r}; it has: {_known(document)}", path=document.name
    )


def _known(document: Document) -> str:
    return "; ".join(dict.fromkeys(" > ".join(s.path) for s in document.sections if s.tables)) or "no table at all"


def _append(
    document: Document, section: Section, group: Sequence[Addition]
) -> tuple[list[Splice], list[InsertedEntry]]:
    """Append entries after the last row of a section's last table."""
    if not section.tables:
        raise ListFormatError(
            f"section {section.path[-1]!r} has no table to append to", path=document.name, line=section.line
        )
    table = section.tables[-1]
    written = _rows(document, table, section.path, group)
    data = b"".join(entry.row + document.newline for entry in written)
    return [Splice(table.end, table.end, data)], written


def _rows(document: Document, table: Table, path: Path, group: Sequence[Addition]) -> list[InsertedEntry]:
    hand = table_hand(document, table)
    return [InsertedEntry(a.paper.id, path, hand.write(a.paper, a.cells).encode()) for a in group]


# New sections


def _neighbour(document: Document) -> Section:
    """Return the section a new one is modelled on: the last with a table, at the outermost level that has tables."""
    filled = [s for s in document.sections if s.tables and s.path]
    if not filled:
        raise ListFormatError("the list has no table under a heading to model a new section on", path=document.name)
    level = min(s.level for s in filled)
    return [s for s in filled if s.level == level][-1]


def _open_section(
    document: Document, path: Path, group: Sequence[Addition]
) -> tuple[list[Splice], list[InsertedEntry]]:
    """Write a new section after its neighbour, in the neighbour's style, with its line in the contents."""
    neighbour = _neighbour(document)
    table = neighbour.tables[-1]
    at = _end_of(document, neighbour)
    newline = document.newline
    marks = document.text(neighbour.heading)
    heading = re.sub(r"[^#\s].*", lambda _: path[-1], marks.splitlines()[0], count=1).encode()
    gap = document.source[neighbour.heading.end : neighbour.tables[0].head.start]
    head = document.source[table.head.start : table.head.end].rstrip(b"\r\n") + newline
    written = _rows(document, table, path, group)
    before = document.source[:at]
    blank = b"" if before.endswith((newline * 2, b"\n\n")) else newline
    after = newline if at < len(document.source) else b""
    body = heading + newline + (gap if not gap.strip() else newline) + head
    data = blank + body + b"".join(e.row + newline for e in written) + after
    return [Splice(at, at, data), *_contents_line(document, neighbour, path[-1])], written


def _end_of(document: Document, section: Section) -> int:
    """Return where a section ends, its subsections included."""
    later = (s for s in document.sections if s.span.start > section.span.start and s.level <= section.level)
    return next((s.span.start for s in later), len(document.source))


def _contents_line(document: Document, neighbour: Section, heading: str) -> list[Splice]:
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
    taken = [slug(s.path[-1]) for s in document.sections if s.path]
    line = f"{raw[: link.start()]}[{heading}](#{_free(slug(heading), taken)})".encode()
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
    return re.sub(r"\s", "-", re.sub(r"[^\w\- ]", "", heading.strip().lower()))


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
    for splice in edit.splices:
        if splice.start < splice.end:
            if line is None or (splice.start, splice.end) != (line.start, line.end) or b"\n" in splice.data:
                return f"bytes {splice.start}-{splice.end} would be overwritten"
        elif not splice.data.endswith((b"\n", b"\r")):
            return f"the insertion at byte {splice.start} is not of whole lines"
    return None


def _misread(document: Document, edit: Edit) -> str | None:
    """Read the new bytes afresh and name what is not as it was, or not as it should be."""
    now = parse(edit.after, document.name, document.date_line.form if document.date_line else None)
    new_rows = [entry.row for entry in edit.entries]
    rows = [edit.after[e.span.start : e.span.end].rstrip(b"\r\n") for e in now.entries]
    old_rows = [edit.before[e.span.start : e.span.end].rstrip(b"\r\n") for e in document.entries]
    if sorted(rows) != sorted(old_rows + new_rows):
        return "the entries afterwards are not the old ones and the new ones"
    for inserted in edit.entries:
        section = now.section(inserted.path)
        found = (
            [e for e in section.entries if now.text(e.span).rstrip("\r\n").encode() == inserted.row] if section else []
        )
        if not found:
            return f"{inserted.id} does not stand in section {' > '.join(inserted.path)!r}"
        if inserted.id not in found[0].arxiv_ids:
            return f"the entry of {inserted.id} does not link to it"
    if _widths(now, new_rows) != {True}:
        return "a new row has not as many cells as its table has columns"
    old_date = document.date_line
    if old_date and (now.date_line is None or now.date_line.line < old_date.line):
        return "the date line cannot be read any more"
    return None


def _widths(now: Document, rows: Sequence[bytes]) -> set[bool]:
    """Tell, for each new row, whether its cells are as many as the columns above them."""
    return {
        len(entry.cells) == len(table.columns)
        for section in now.sections
        for table in section.tables
        for entry in table.entries
        if now.text(entry.span).rstrip("\r\n").encode() in rows
    }
