"""How many papers a week brings."""

from __future__ import annotations

import pytest

from bot.config.model import Limits
from bot.paperlist.read.document import parse
from bot.pullrequest.pace import pace_line, papers_per_week, week_number


def listed(*months: str) -> bytes:
    """Return a list with a paper for each of some months, written as `2601`."""
    rows = "".join(f"- [Owls {n}](https://arxiv.org/abs/{month}.{n:05})\n" for n, month in enumerate(months, 1))
    return f"# Owls\n\n## Papers\n\n{rows}".encode()


@pytest.mark.parametrize(
    ("months", "number"),
    [
        ((), 3),
        (("2601",) * 30, 3),
        (("2601",) * 121, 5),
        (("2601",) * 1000, 15),
        (("2401",) * 300 + ("2601",) * 2, 3),
    ],
)
def test_as_many_as_the_list_gained_lately(months: tuple[str, ...], number: int) -> None:
    """The papers of the newest seven months, over their weeks, rounded up; from 3 to 15, whatever came before."""
    assert papers_per_week(parse(listed(*months))) == number


def test_the_configuration_says_otherwise() -> None:
    """A given number counts; never more than may be open at once."""
    document = parse(listed(*("2601",) * 121))
    assert week_number(Limits(), document) == 5
    assert week_number(Limits(per_week=1), document) == 1
    assert week_number(Limits(per_week=9, max_open=12), document) == 9
    assert week_number(Limits(max_open=4), document) == 4


def test_the_sentence() -> None:
    """The sentence gives the numbers, and says where they come from unless the configuration gives them."""
    assert pace_line(Limits(), 5) == (
        "5 new papers a week at most, as many as the list gained lately: all at the first run, later a fifth of them "
        "each working day; 15 at most are open at once"
    )
    given = pace_line(Limits(per_week=7, at_once_at=0.9), 7)
    assert given.startswith("7 new papers a week at most: all at the first run")
    assert "but papers with a score of 0.9 or more at once" in given
