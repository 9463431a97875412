"""How a list writes its entries: the seam, and which style a group of entries has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.model import Cell, Paper
from bot.paperlist.read.document import Document, Group, Table
from bot.paperlist.write import item_style, table_style
from bot.paperlist.write.numbering import Number, Numbering


class RowStyle(Protocol):
    """How new entries are written at one place of a list."""

    @property
    def gap(self) -> bytes:
        """The bytes between two entries."""
        ...

    def write(self, paper: Paper, cells: Sequence[Cell]) -> bytes:
        """Return the entry of a paper, of which `cells` are known beside its record.

        Its lines end at LF, the last one not at all.
        """
        ...

    def tie(self, paper: Paper, cells: Sequence[Cell]) -> tuple[int, int] | None:
        """Return the lines of two entries that show two styles, equally common; None if one prevails."""
        ...


class Styles:
    """The styles of a list."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._tables = table_style.TableStyles(document)

    def near(self, group: Table | Group, at: int, number: Number | None) -> RowStyle:
        """Return the style of the entries nearest to a place; what these do not show is taken from the whole list."""
        if isinstance(group, Table):
            return self._tables.near(group, at, number)
        return item_style.near(self._document, group, at, number)

    def numbering(self, group: Table | Group) -> Numbering | None:
        """Return how a group counts its entries, None if it does not."""
        return table_style.table_numbering(group) if isinstance(group, Table) else item_style.item_numbering(group)
