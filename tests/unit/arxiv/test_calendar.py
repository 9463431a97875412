"""arXiv's calendar: which evenings announce, and that the windows of their submissions join."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv import calendar
from bot.model import Window


@pytest.mark.parametrize(
    ("evening", "announced"),
    [
        (date(2026, 11, 22), True),  # a Sunday
        (date(2026, 11, 25), True),
        (date(2026, 11, 26), False),  # Thanksgiving
        (date(2026, 11, 27), False),  # a Friday
        (date(2026, 11, 28), False),
        (date(2026, 12, 29), False),
        (date(2026, 12, 30), True),
        (date(2026, 1, 19), False),
        (date(2027, 1, 1), False),  # a Friday of whatever year
        (date(2027, 1, 4), None),
        (date(2025, 6, 3), None),
    ],
)
def test_evenings(evening: date, announced: bool | None) -> None:
    """Sunday to Thursday announce, except on the holidays of a known year; of other years nobody knows."""
    assert calendar.announces(evening) is announced


@given(st.dates(date(1995, 1, 1), date(2060, 1, 1)).filter(lambda day: day.year != 2026))
def test_other_years_are_unknown(evening: date) -> None:
    """No evening of a year whose holidays are not known is said to announce, and only Friday and Saturday not to."""
    assert calendar.announces(evening) is (False if evening.weekday() in (4, 5) else None)


@pytest.mark.parametrize(
    ("evening", "since", "until"),
    [
        (date(2026, 11, 24), datetime(2026, 11, 23, 19), datetime(2026, 11, 24, 19)),
        (date(2026, 11, 23), datetime(2026, 11, 20, 19), datetime(2026, 11, 23, 19)),  # Monday: since Friday
        (date(2026, 11, 22), datetime(2026, 11, 19, 19), datetime(2026, 11, 20, 19)),  # Sunday: until Friday
        (date(2026, 7, 1), datetime(2026, 6, 30, 18), datetime(2026, 7, 1, 18)),  # summer
        (date(2026, 3, 9), datetime(2026, 3, 6, 19), datetime(2026, 3, 9, 18)),  # over the change of the clock
        (date(2026, 11, 29), datetime(2026, 11, 25, 19), datetime(2026, 11, 27, 19)),  # after Thanksgiving
    ],
)
def test_submissions(evening: date, since: datetime, until: datetime) -> None:
    """An evening announces what was submitted until 14:00 Eastern since the deadline of the one before."""
    assert calendar.submissions(evening) == Window(since.replace(tzinfo=UTC), until.replace(tzinfo=UTC))


def test_the_holidays_of_2026_leave_no_hole() -> None:
    """Over the whole of 2026, with weekends, holidays and both changes of the clock, the windows join."""
    evenings = calendar.evenings(date(2025, 12, 30), date(2027, 1, 6))
    windows = [calendar.submissions(evening) for evening in evenings]
    assert all(one.until == two.since for one, two in pairwise(windows))
    assert [calendar.announcement(w.until).astimezone(calendar.EASTERN).date() for w in windows] == list(evenings)
    # 261 Sundays to Thursdays; three of the nine holidays are Fridays
    assert len([e for e in evenings if e.year == 2026]) == 261 - 6


DAYS = st.dates(date(1995, 1, 1), date(2060, 1, 1))


@given(DAYS, st.integers(1, 40))
def test_windows_join(first: date, days: int) -> None:
    """The submissions of one announcing evening end where those of the next begin, in any year."""
    windows = [calendar.submissions(e) for e in calendar.evenings(first, first + timedelta(days=days))]
    assert all(one.until == two.since for one, two in pairwise(windows))
    assert all(timedelta(hours=22) < w.until - w.since <= timedelta(days=8) for w in windows)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))
def test_a_feed_is_of_what_was_announced(now: datetime) -> None:
    """The evening of the feed that stands is past, and the latest that announced papers is no Friday or Saturday."""
    evening = calendar.feed_evening(now)
    announced = datetime.combine(evening, calendar.ANNOUNCED, calendar.EASTERN)
    assert timedelta(hours=4) <= now - announced <= timedelta(hours=30)
    assert calendar.last_announced(evening) <= evening
    assert calendar.announces(calendar.last_announced(evening)) is not False


@pytest.mark.parametrize(
    ("now", "evening"),
    [
        (datetime(2026, 11, 24, 6, 37), date(2026, 11, 23)),  # 01:37 Eastern
        (datetime(2026, 11, 24, 5, 30), date(2026, 11, 22)),  # 00:30: the feed may still be built
        (datetime(2026, 7, 1, 6, 37), date(2026, 6, 30)),
        (datetime(2026, 11, 25, 3, 0), date(2026, 11, 23)),  # 22:00 on the 24th: announced, but no feed yet
    ],
)
def test_feed_evening(now: datetime, evening: date) -> None:
    """A feed stands from an hour after midnight Eastern on."""
    assert calendar.feed_evening(now.replace(tzinfo=UTC)) == evening
