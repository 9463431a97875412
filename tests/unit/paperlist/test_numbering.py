"""A column that counts the rows of a table counts new ones too; one that only looks like it stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.paperlist.edit import add_entries
from bot.paperlist.read.document import parse
from bot.paperlist.write.numbering import numbering
from bot.paperlist.write.table_style import split_row
from tests.unit.paperlist import TODAY, addition


def table(heading: str, cells: list[str], first: int = 1) -> str:
    """Return a table whose first column holds these cells."""
    rows = [
        f"| {cell} | [Owls {cell}](https://arxiv.org/abs/24{i // 12 + 1:02}.{i:05}) |\n"
        for i, cell in enumerate(cells, first)
    ]
    return f"| {heading} | Paper |\n|--|--|\n{''.join(rows)}"


def column(source: str, new: int, section: str = "A") -> list[str]:
    """Add papers to a section and return the first column of the whole list."""
    additions = [addition(f"2511.0000{i}", f"Hogs {i}", ("L", section), create=True) for i in range(1, new + 1)]
    edit = add_entries(parse(source.encode()), additions, TODAY)
    return [split_row(entry.raw)[1][0].strip() for entry in edit.now.entries]


@pytest.mark.parametrize(
    ("heading", "cells", "after"),
    [
        ("#", "1 2 3", "1 2 3 4 5"),
        ("#", "3 2 1", "5 4 3 2 1"),
        ("No.", "7. 8.", "7. 8. 9. 10."),
        ("", "[9] [10]", "[9] [10] [11] [12]"),
        ("ID", "08 09", "08 09 10 11"),
        ("序号", "1", "1 2 3"),
        ("Rank", "1 2 3", "1 2 3 4 5"),
    ],
)
def test_count_goes_on(heading: str, cells: str, after: str) -> None:
    """Consecutive numbers go on below, those that fall above, in the form of the others; no old number changes."""
    assert column("# L\n\n## A\n\n" + table(heading, cells.split()), 2) == after.split()


@pytest.mark.parametrize(
    ("heading", "cells"),
    [("#", "1 2 4"), ("Size", "7 8 9"), ("Layers", "1 2"), ("#", "1 x 3"), ("#", "1 2."), ("ID", "7")],
)
def test_no_count(heading: str, cells: str) -> None:
    """Numbers with a gap, of a size, of one row or in several forms are no count: the new cell stays empty."""
    assert column("# L\n\n## A\n\n" + table(heading, cells.split()), 1) == [*cells.split(), ""]


def test_new_section_counts_from_one() -> None:
    """A table of its own begins a count of its own."""
    source = "# L\n\n## A\n\n" + table("#", ["4", "5"])
    assert column(source, 2, "B") == ["4", "5", "1", "2"]


@pytest.mark.parametrize("step", [1, -1])
def test_long_table(step: int) -> None:
    """The ends of a long table tell its count."""
    numbers = [str(n) for n in range(1, 451)][::step]
    found = column("# L\n\n## A\n\n" + table("#", numbers), 1)
    assert found == ([*numbers, "451"] if step > 0 else ["451", *numbers])


@given(st.integers(0, 900), st.integers(2, 9), st.booleans(), st.integers(1, 4))
def test_whole_count(start: int, rows: int, down: bool, new: int) -> None:
    """Old and new numbers together are consecutive again, whatever the count began with."""
    numbers = [str(n) for n in range(start, start + rows)][:: -1 if down else 1]
    count = numbering(["#"], [[n] for n in numbers])
    assert count is not None
    written = [count.write(i, new).text for i in range(new)]
    at = count.place(rows)
    whole = [*numbers[:at], *written, *numbers[at:]]
    assert sorted(map(int, whole)) == list(range(start, start + rows + new))
    assert [int(n) for n in whole] == sorted(map(int, whole), reverse=down)
