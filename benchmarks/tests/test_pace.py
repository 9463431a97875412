"""The requests of a daily run and of a backfill with the shipped configuration, with the waiting made up."""

from __future__ import annotations

import pytest

from benchmarks import pace
from benchmarks.pace import Measured


@pytest.fixture(scope="module")
def measures() -> dict[str, Measured]:
    return {one.name: one for one in pace.measures(simulated=True)}


def test_a_day_and_a_year_take_few_requests(measures: dict[str, Measured]) -> None:
    """At most 3 a day, 60 for a year's backfill, and no pause longer than politeness asks for."""
    assert [one.most for one in measures.values()] == [3, 60]
    assert [problem for one in measures.values() for problem in one.problems()] == []
    assert all(one.requests > 1 for one in measures.values())


def test_what_takes_too_long_is_a_problem() -> None:
    """One request or one second too many is a problem."""
    fine = Measured("a day", 3, 6.8, 3)
    assert list(fine.problems()) == []
    assert len(list(Measured("a day", 4, 10.5, 3).problems())) == 2
