"""Cron lines as cron reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.config import schedule
from bot.errors import ConfigError
from tests.conftest import CONFIG

THURSDAY = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("37 6 * * 1-5", "11-27 06:37"),
        ("17 5 * * 1", "11-30 05:17"),
        ("0 0 * * 0", "11-29 00:00"),
        ("0 0 * * 7", "11-29 00:00"),
        ("0 0 * * 6-7", "11-28 00:00"),
        ("0 0 * * sun-tue", "11-29 00:00"),
        ("0 0 * * SAT-mon/2", "11-28 00:00"),
        ("0 0 * * */2", "11-28 00:00"),
        ("0 0 * * 1/3", "11-30 00:00"),
        ("*/30 * * * *", "11-26 12:30"),
        ("0 0 1 * *", "12-01 00:00"),
    ],
)
def test_weekdays_are_those_of_cron(line: str, due: str) -> None:
    """Sunday is 0 and 7, a range may go round the weekend, and steps count from the first day."""
    found = schedule.next_time(line, THURSDAY)
    assert found is not None
    assert f"{found:%m-%d %H:%M}" == due


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("37 6 * *", "five fields"),
        ("0 0 1 * 1", "not both"),
        ("0 0 * * 8", "weekday"),
        ("0 0 * * xyz", "weekday"),
        ("0 0 * * *-3", "weekday"),
        ("0 25 * * *", "not a cron line"),
        ("0 0 30 2 *", "does not exist"),
    ],
)
def test_a_line_that_is_none_says_why(line: str, why: str) -> None:
    """In the configuration the message names file, line and key."""
    with pytest.raises(ValueError, match=why):
        schedule.trigger(line)
    with pytest.raises(ConfigError, match=rf"keywords\.yaml:1: schedule: .*{why}"):
        config.loads(f'schedule: "{line}"\n{CONFIG}', "config/keywords.yaml")


def test_what_was_due_since_the_last_success_was_missed() -> None:
    """A run that succeeded after the last due time has missed nothing, whatever it missed before."""
    line = "37 6 * * 1-5"
    assert schedule.missed(line, None, THURSDAY)
    assert schedule.missed(line, THURSDAY - timedelta(days=9), THURSDAY)
    assert schedule.missed(line, datetime(2026, 11, 26, 6, 36, tzinfo=UTC), THURSDAY)
    assert not schedule.missed(line, datetime(2026, 11, 26, 6, 38, tzinfo=UTC), THURSDAY)
    saturday = datetime(2026, 11, 28, 23, tzinfo=UTC)
    assert not schedule.missed(line, datetime(2026, 11, 27, 7, tzinfo=UTC), saturday)


@given(days=st.lists(st.integers(0, 7), min_size=1, max_size=7), minutes=st.integers(0, 60 * 24 * 400))
def test_any_set_of_weekdays(days: list[int], minutes: int) -> None:
    """What is due next falls on one of the days, and on the first of them."""
    after = THURSDAY + timedelta(minutes=minutes)
    due = schedule.next_time(f"0 0 * * {','.join(map(str, days))}", after)
    assert due is not None
    assert due.isoweekday() % 7 in {day % 7 for day in days}
    between = [after + timedelta(days=n) for n in range(1, (due.date() - after.date()).days)]
    assert not [day for day in between if day.isoweekday() % 7 in {d % 7 for d in days}]
