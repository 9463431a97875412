"""The column of a table that counts its rows, and how the count goes on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

_NUMBER = re.compile(r"([^\w|]*)(\d{1,5})([^\w|]*)")
_COUNTS = re.compile(r"[#№\s]*|\W*(?:no|nr|num|number|idx|index|id|s/?n|序号|编号)\W*", re.IGNORECASE)
"""Headings of columns that count."""
_ROWS = 3
"""How many rows show a count under a heading that does not say so."""


class Number(NamedTuple):
    """A number, and the column of a table that it stands in; what is no table has one column."""

    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Numbering:
    """The column that counts, whether it counts down, the number that new ones follow, and how numbers are written."""

    column: int
    down: bool
    latest: int
    before: str = ""
    after: str = ""
    digits: int = 1

    def place(self, rows: int) -> int:
        """Return where among so many rows the count goes on."""
        return 0 if self.down else rows

    def write(self, i: int, new: int) -> Number:
        """Return the number of the `i`-th of so many new entries, from 0 in the order of the list."""
        number = self.latest + (new - i if self.down else i + 1)
        return Number(self.column, f"{self.before}{number:0{self.digits}}{self.after}")


def numbering(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Numbering | None:
    """Return how rows are counted, None where no column holds consecutive numbers; `rows` are cells as written."""
    found = (_of_column(i, heading, rows) for i, heading in enumerate(columns))
    return next((count for count in found if count), None)


def _of_column(column: int, heading: str, rows: Sequence[Sequence[str]]) -> Numbering | None:
    cells = [_NUMBER.fullmatch(row[column].strip()) for row in rows if column < len(row)]
    told = [cell for cell in cells if cell]
    if not told or len(told) != len(rows) or len({(cell[1], cell[3]) for cell in told}) > 1:
        return None
    numbers = [int(cell[2]) for cell in told]
    steps = {b - a for a, b in pairwise(numbers)} or {1}
    if _COUNTS.fullmatch(heading):
        counts = len(numbers) > 1 or numbers == [1]
    else:
        counts = len(numbers) >= _ROWS and min(numbers) in (0, 1)
    if not counts or steps not in ({1}, {-1}):
        return None
    digits = min(len(cell[2]) for cell in told) if any(cell[2].startswith("0") for cell in told) else 1
    return Numbering(column, steps == {-1}, max(numbers), told[0][1], told[0][3], digits)
