"""The quota: a week's room is given out by the day, whoever runs when, and none of it twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.model import HARD_MAX_OPEN
from bot.pullrequest.quota import WORKING_DAYS, papers_today, spent
from bot.state.model import Quota

MONDAY = date(2026, 3, 2)
FRIDAY = MONDAY - timedelta(days=3)
AT_WORK = Quota(FRIDAY, 0)


def brought(runs: Sequence[tuple[int, int]], most: int, quota: Quota | None = AT_WORK) -> list[int]:
    """Return how many papers come in at runs on days after Monday, given how many wait then and nothing else."""
    came = []
    for day, waiting in runs:
        today = MONDAY + timedelta(days=day)
        new = min(waiting, papers_today(quota, most, today))
        came.append(new)
        quota = spent(quota, most, today, new)
    return came


@pytest.mark.parametrize(
    ("runs", "most", "came"),
    [
        ([(day, 99) for day in range(5)], 25, [5, 5, 5, 5, 5]),
        ([(day, 99) for day in range(5)], 3, [1, 1, 0, 1, 0]),
        ([(0, 0), (1, 3), (2, 99), (3, 99), (4, 99)], 25, [0, 3, 12, 5, 5]),  # what earlier days left
        ([(3, 2), (4, 0), (5, 1), (6, 99), (7, 99)], 25, [2, 0, 1, 22, 5]),  # until the week ends
        ([(0, 99), (0, 99), (7, 99), (7, 99)], 25, [5, 0, 25, 0]),  # a run again; a week without any
        ([(7, 99), (14, 99)], 15, [15, 15]),  # on Mondays alone
        ([(1, 99), (3, 99), (8, 99), (10, 99)], 25, [10, 10, 15, 10]),  # twice a week
        ([(38, 99), (39, 99)], 25, [25, 0]),  # after a long pause
    ],
)
def test_a_fifth_each_working_day(runs: list[tuple[int, int]], most: int, came: list[int]) -> None:
    """Each working day since the last run adds a fifth; what is left of it stays until the week ends."""
    assert brought(runs, most) == came


@pytest.mark.parametrize(
    ("runs", "came"),
    [
        ([(0, 0), (2, 99), (2, 99), (3, 99), (4, 99), (7, 99)], [0, 25, 0, 0, 0, 5]),
        ([(2, 12), (3, 99), (4, 99), (7, 99)], [12, 8, 5, 5]),
    ],
)
def test_the_first_run_brings_a_week(runs: list[tuple[int, int]], came: list[int]) -> None:
    """The first run that has papers may bring those of a week; then its week brings what its days have left."""
    assert brought(runs, 25, None) == came


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=2), min_size=7, max_size=28),
    st.integers(1, HARD_MAX_OPEN),
    st.booleans(),
)
def test_never_more_than_a_week_has(days: list[list[int]], most: int, first: bool) -> None:
    """Run every day and as often as one likes: by each day no more has come than its share of the week's papers.

    Only the first run brings those of a whole week at once.
    """
    runs = [(day, waiting) for day, several in enumerate(days) for waiting in (*several, 0)]
    came = brought(runs, most, quota=None if first else AT_WORK)
    begun = next((n for n, new in enumerate(came) if new), len(came)) if first else -1
    spent = Counter[int]()  # of each week's room, in fifths of a paper
    for n, ((day, waiting), new) in enumerate(zip(runs, came, strict=True)):
        week, share = day // 7, most * min(day % 7 + 1, WORKING_DAYS)
        assert new <= most
        if n > begun:
            assert new == min(waiting, max(0, -(-(share - spent[week]) // WORKING_DAYS)))
        spent[week] += new * WORKING_DAYS
        assert n <= begun or new == 0 or spent[week] < share + WORKING_DAYS
        assert spent[week] <= most * WORKING_DAYS


@given(st.lists(st.integers(1, 20), min_size=1, max_size=12), st.integers(1, HARD_MAX_OPEN))
def test_any_schedule_has_the_room_of_its_days(gaps: list[int], most: int) -> None:
    """Whenever runs come, with enough papers each week has those of its days, and of days without a run before it."""
    days = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    came = brought([(day, 99) for day in days], most)
    for week in {day // 7 for day in days}:
        runs = [day for day in days if day // 7 == week]
        before = max([-3, *(day for day in days if day < runs[0])])
        passed = sum((MONDAY + timedelta(days=d)).weekday() < WORKING_DAYS for d in range(before + 1, runs[-1] + 1))
        found = sum(new for day, new in zip(days, came, strict=True) if day // 7 == week)
        assert found == min(most, -(-most * passed // WORKING_DAYS))


def test_a_wrong_clock_stops_nothing() -> None:
    """An quota of a day to come, which a wrong clock left, is not believed: the run is like a first one."""
    assert brought([(0, 99), (1, 99)], 25, Quota(date(2099, 1, 1), -999)) == [25, 0]
