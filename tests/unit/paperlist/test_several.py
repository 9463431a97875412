"""Several papers at one place stand as the list's own order has it, and counts go on."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from tests.unit.paperlist import TODAY

RISING = ("2401.00001", "2402.00001", "2403.00001", "2404.00001")
BULLETS = "- [Serving of Models {n}](https://arxiv.org/abs/{id})"
ROWS = "| 20{id:.2} | [Serving of Models {n}](https://arxiv.org/abs/{id}) |"


def _added(entry: str, ids: tuple[str, ...], new: list[str], head: str = "") -> list[str]:
    """Return the entries that a list has after papers were added, the day of each told by its id."""
    rows = "".join(entry.format(id=x, n=n, down=len(ids) + 1 - n) + "\n" for n, x in enumerate(ids, 1))
    document = parse(f"# Papers\n\n## Serving\n\n{head}{rows}".encode())
    papers = [
        Paper(x, f"New Words {x}", published=dt.datetime(2025, int(x[2:4]), int(x[-2:]), tzinfo=dt.UTC)) for x in new
    ]
    edit = add_entries(document, [Addition(paper, ("Serving",)) for paper in papers], TODAY)
    assert [entry.id for entry in edit.entries] == new
    return [entry.raw for entry in parse(edit.after).entries]


@pytest.mark.parametrize(("entry", "head"), [(BULLETS, ""), (ROWS, "| Year | Paper |\n|---|---|\n")])
@pytest.mark.parametrize("rising", [True, False])
def test_order_of_the_list(entry: str, head: str, rising: bool) -> None:
    """The newest of several stands last where the newest are last, first where they are first."""
    new = ["2505.00001", "2507.00001", "2506.00001"]
    found = _added(entry, RISING if rising else RISING[::-1], new, head)
    places = sorted(range(len(found)), key=lambda i: found[i][found[i].index("abs/") :], reverse=not rising)
    assert places == list(range(7))


@pytest.mark.parametrize("ids", [RISING, RISING[::-1]])
def test_equals_keep_the_order_given(ids: tuple[str, ...]) -> None:
    """Papers of one day stand in the order given, whichever way the list runs."""
    found = _added(BULLETS, ids, ["2505.00301", "2505.00101", "2505.00201"])
    assert [raw.partition("abs/")[2][:10] for raw in found if "2505" in raw] == [
        "2505.00301", "2505.00101", "2505.00201",
    ]  # fmt: skip


def test_unordered_keeps_the_order_given() -> None:
    """Where the entries have no order, papers stand as they were given."""
    found = _added(BULLETS, ("2403.00001", "2401.00001", "2404.00001", "2402.00001"), ["2507.00001", "2505.00001"])
    assert [raw.partition("abs/")[2][:4] for raw in found if "25" in raw] == ["2507", "2505"]


@pytest.mark.parametrize("count", [1, 3])
def test_counts_go_on(count: int) -> None:
    """A numbered list counts on below, one that counts down above, several at once without a gap."""
    new = ["2505.00001", "2507.00001", "2506.00001"][:count]
    up = _added("{n}. [Serving of Models](https://arxiv.org/abs/{id})", RISING, new)
    down = _added("{down}. [Serving of Models](https://arxiv.org/abs/{id})", RISING[::-1], new)
    assert [int(raw.split(".")[0]) for raw in up] == list(range(1, 5 + count))
    assert [int(raw.split(".")[0]) for raw in down] == list(range(4 + count, 0, -1))
    assert [raw.split("abs/")[1] for raw in down] == [raw.split("abs/")[1] for raw in up][::-1]
