"""When arXiv announces papers, and which submissions an announcement is of. Pure.

Source of the times and of the days without one: https://info.arxiv.org/help/availability.html. Submissions are taken
until 14:00 Eastern and announced at 20:00 Eastern, from Sunday to Thursday; an announcement is named by the Eastern
date of its evening. Daylight saving is Eastern's, so in UTC the hours move.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import Window

EASTERN = ZoneInfo("America/New_York")
ANNOUNCED = time(20)
DEADLINE = time(14)
FEED_BUILT = timedelta(hours=1)
"""The feeds are built about midnight Eastern; an hour later they must be there."""

_QUIET = {
    2026: frozenset(
        date(2026, month, day)
        for month, day in ((1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31))
    ),
}
"""The holidays without announcement, by year; of other years they are not known here."""
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


def announces(evening: date) -> bool | None:
    """Whether arXiv announces papers on an evening; None when its year's holidays are not known."""
    if evening.weekday() in (_FRIDAY, _SATURDAY):
        return False
    quiet = _QUIET.get(evening.year)
    return None if quiet is None else evening not in quiet


def feed_evening(now: datetime) -> date:
    """Return the evening before the day whose feed stands at a time: whatever was announced then is in it."""
    return (now - FEED_BUILT).astimezone(EASTERN).date() - timedelta(days=1)


def last_announced(evening: date) -> date:
    """Return the latest evening, this one or before, that announces papers; an unknown one counts as one that does."""
    while announces(evening) is False:
        evening -= timedelta(days=1)
    return evening


def evenings(after: date, until: date) -> tuple[date, ...]:
    """Return the evenings that announce papers after one and up to another; unknown ones count as such."""
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return tuple(day for day in days if announces(day) is not False)


def submissions(evening: date) -> Window:
    """Return when the papers of an announcing evening were submitted, those held back aside.

    The windows of one announcing evening and the next join, over weekends, holidays and changes of the clock.
    """
    before = last_announced(evening - timedelta(days=1))
    return Window(_deadline(before), _deadline(evening))


def announcement(deadline: datetime) -> datetime:
    """Return when the papers submitted until an evening's deadline are announced: on the day, Friday's on Sunday."""
    day = deadline.astimezone(EASTERN).date()
    evening = day + timedelta(days=2) if day.weekday() == _FRIDAY else day
    return datetime.combine(evening, ANNOUNCED, EASTERN).astimezone(UTC)


def _deadline(evening: date) -> datetime:
    """Return until when submissions were taken for an evening: Sunday's until Friday, with weekday ones on the day."""
    day = evening - timedelta(days=2) if evening.weekday() == _SUNDAY else evening
    return datetime.combine(day, DEADLINE, EASTERN).astimezone(UTC)
