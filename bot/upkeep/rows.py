"""The part of an entry where a fact belongs: the whole of an item, or one cell of a row; and the rows like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.paperlist.read.document import Document, Entry, Group, Table
from bot.paperlist.write.table_style import cell_spans
from bot.upkeep.atoms import Atom, atoms, title_span
from bot.upkeep.places import FADING, Row

_NEAREST = 60
"""How many rows show where a thing stands."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an entry: its text, where it begins in the document (in bytes), its title and what it consists of.

    `column` is the heading of a cell's column, None for an item.
    """

    raw: str
    start: int
    title: tuple[int, int] | None
    atoms: Sequence[Atom]
    column: str | None = None

    def offset(self, at: int) -> int:
        """Return where a character of the part stands in the document."""
        return self.start + len(self.raw[:at].encode())


class Rows:
    """The entries of a group as examples of one another."""

    def __init__(self, document: Document, group: Table | Group) -> None:
        self._document, self._group = document, group
        self._parts: dict[tuple[int, int | None], Part] = {}

    def part(self, entry: Entry, column: int | None) -> Part | None:
        """Return a cell of an entry, or all of it; None where it has no such cell."""
        key = entry.span.start, column
        if key not in self._parts:
            made = self._made(entry, column)
            if made is None:
                return None
            self._parts[key] = made
        return self._parts[key]

    def _made(self, entry: Entry, column: int | None) -> Part | None:
        raw, start = entry.raw, entry.span.start
        if column is not None:
            prefix = len(entry.prefix)
            cells = cell_spans(raw[prefix:])[1]
            if column >= len(cells):
                return None
            first, last = cells[column]
            start += len(raw[: prefix + first].encode())
            raw = raw[prefix + first : prefix + last]
        title = title_span(raw, entry.title)
        heading = self.columns[column] if column is not None else None
        return Part(raw, start, title, atoms(raw, title), heading)

    @property
    def columns(self) -> Sequence[str]:
        """The headings of its table, none for items."""
        return self._group.columns if isinstance(self._group, Table) else ()

    def column_of(self, shows: Callable[[Part], bool]) -> int | None:
        """Return the column whose cells most often show something, None for items or where none does."""
        counts = Counter(
            i
            for entry in self._group.entries[:300]
            for i in range(len(self.columns))
            if (part := self.part(entry, i)) and shows(part)
        )
        return max(counts, key=lambda i: (counts[i], -i), default=None)

    def near(self, entry: Entry, column: int | None) -> list[Row]:
        """Return that part of the entries nearest to one, without it, the nearest counting most."""
        at = self._group.entries.index(entry)
        order = sorted(range(len(self._group.entries)), key=lambda i: (abs(i - at), i))
        others = [self._group.entries[i] for i in order if i != at][:_NEAREST]
        parts = ((rank, self.part(other, column)) for rank, other in enumerate(others))
        return [Row(part.raw, part.atoms, FADING**rank) for rank, part in parts if part]
