"""The proof that an edit of a list changed nothing else.

Taking the splices out gives the old bytes back, and the new document read afresh holds the old entries and the new
ones, nothing more and nothing less.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.errors import ListFormatError
from bot.model import Path
from bot.paperlist.nouns import InsertedEntry, Splice
from bot.paperlist.read import counts
from bot.paperlist.read.document import Document, Entry, Group, Section, Table, fold_path, parse
from bot.paperlist.write import title_check
from bot.paperlist.write.prune import holds_empty_link

_SEPARATOR = re.compile(rb"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})?")
"""A blank line or a rule: what may stand between entries that are no rows of a table."""


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


def prove(document: Document, splices: tuple[Splice, ...], entries: tuple[InsertedEntry, ...]) -> Edit:
    """Return the edit once it is proven; raise `ListFormatError` otherwise, so that nothing is published."""
    after = spliced(document.source, splices)
    edit = Edit(document, after, splices, entries)
    problem = unspliced(edit) or _unlicensed(document, edit) or _misread(document, edit)
    if problem:
        raise ListFormatError(f"refused: {problem}; nothing was changed", path=document.name)
    return edit


def counts_following(document: Document, entries: Sequence[InsertedEntry]) -> list[Splice]:
    """Return the splices that keep the counts of a list right once entries are added to it."""
    return counts.following(document.source, document.counts, Counter(_counted_at(document, e) for e in entries))


def _counted_at(document: Document, entry: InsertedEntry) -> int:
    """Return where the heading begins that an entry stands under; of a new section, the one above it."""
    if entry.heading is not None:
        return entry.heading
    return next((s.heading.start for s in document.sections if s.path == entry.path[:-1]), 0)


def spliced(source: bytes, splices: Sequence[Splice]) -> bytes:
    """Return bytes with splices applied, which are in order."""
    parts: list[bytes] = []
    at = 0
    for splice in splices:
        parts += [source[at : splice.start], splice.data]
        at = splice.end
    return b"".join([*parts, source[at:]])


def unspliced(edit: Edit) -> str | None:
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
    """Name a splice that is neither an insertion of whole lines, nor a date, nor a count that goes on."""
    dates = {(line.start, line.end) for line in document.dated_alike}
    counted = set(counts_following(document, edit.entries))
    rows = {line for entry in edit.entries for line in entry.row.splitlines()}
    opened = any(not _filled(document, entry) for entry in edit.entries)
    blank = any(_blocks(document, entry) for entry in edit.entries)
    for splice in edit.splices:
        if splice.start < splice.end:
            dated = (splice.start, splice.end) in dates and b"\n" not in splice.data
            if not dated and splice not in counted:
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
    """Whether blank lines may stand around an entry: not among the rows of a pipe table."""
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
    now, back = edit.now, _Back(edit.splices)
    stayed = [(old, what) for at, what in _shape(now) if (old := back.offset(at)) is not None]
    if stayed != _shape(document):
        return "what was there before is not understood as before"
    opened = {fold_path(entry.path) for entry in edit.entries if entry.heading is None}
    unasked = (s for s in now.sections if s.level and back.offset(s.heading.start) is None)
    if section := next((s for s in unasked if fold_path(s.path) not in opened), None):
        return f"a section {section.path[-1]!r} nobody asked for"
    dated, line = document.date_line, now.date_line
    if dated and (line is None or back.offset(line.start) != dated.start):
        return "the date line cannot be read any more"
    return _unread(edit, back) or _misplaced(document, edit, back, opened)


def _unread(edit: Edit, back: _Back) -> str | None:
    """Name a new entry that is not read as one, or that would hold a link without text."""
    rows = Counter(e.raw.encode() for e in edit.now.entries if back.offset(e.span.start) is None)
    if rows != Counter(entry.row for entry in edit.entries):
        unread = next((e for e in edit.entries if not rows[e.row]), None)
        if unread is None:
            return "the entries afterwards are not the old ones and the new ones"
        row = repr(unread.row.decode()[:200])
        return f"{unread.id}, written like its neighbours, would not be read as an entry (add it by hand): {row}"
    wordless = next((e for e in edit.entries if holds_empty_link(e.row.decode())), None)
    return f"the entry of {wordless.id} would hold a link without text (add it by hand)" if wordless else None


def _misplaced(document: Document, edit: Edit, back: _Back, opened: Collection[Path]) -> str | None:
    """Name a new entry that does not stand in its section, or says anything but its paper there."""
    there = Counter(words for e in document.entries for words in title_check.names(e))
    homes: dict[bytes, list[tuple[Section, Table | Group, Entry]]] = {}
    new = (
        (s, g, e) for s in edit.now.sections for g in s.groups for e in g.entries if back.offset(e.span.start) is None
    )
    for section, group, entry in new:
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
    return None


def _shape(document: Document) -> list[tuple[int, tuple[str, object]]]:
    """Return what a list is made of and where: headings, tables, entries, contents lines; all but the date's words."""
    found: list[tuple[int, tuple[str, object]]] = [
        *((s.heading.start, ("heading", s.level)) for s in document.sections if s.level),
        *((t.head.start, ("table", len(t.columns))) for s in document.sections for t in s.tables),
        *((e.span.start, ("entry", (e.raw, len(e.cells)))) for e in document.entries),
        *((c.span.start, ("contents", re.sub(r"\d+", "0", c.fragment))) for c in document.contents),
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
