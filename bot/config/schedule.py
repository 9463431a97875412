"""When a list is due: a cron line in UTC, read as cron and GitHub Actions read it. Pure.

APScheduler counts weekdays from Monday and joins the two fields for days with "and"; cron counts them from Sunday and
joins with "or" (https://man7.org/linux/man-pages/man5/crontab.5.html), so weekdays are translated to names, and a line
that restricts both is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_PART = re.compile(r"(?P<first>\*|[a-z]{3}|[0-7])(?:-(?P<last>[a-z]{3}|[0-7]))?(?:/(?P<step>[1-7]))?")


def trigger(line: str) -> CronTrigger:
    """Return the trigger of a cron line of five fields; raise ValueError with what is wrong with it."""
    from apscheduler.triggers.cron import CronTrigger

    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError("must have five fields: minute, hour, day of month, month, weekday, such as 37 6 * * 1-5")
    if fields[2] != "*" and fields[4] != "*":
        raise ValueError("must restrict the day of the month or the weekday, not both")
    named = dict(zip(_FIELDS, fields, strict=True)) | {"day_of_week": _weekdays(fields[4])}
    try:
        made = CronTrigger(**named, timezone=UTC)
    except ValueError as error:
        raise ValueError(f"is not a cron line: {error}") from None
    if made.get_next_fire_time(None, datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise ValueError("names a day that does not exist")
    return made


def next_time(line: str, after: datetime) -> datetime | None:
    """Return the first time after another at which a cron line is due, None when it never is."""
    found: datetime | None = trigger(line).get_next_fire_time(after, after)
    return found


def missed(line: str, succeeded: datetime | None, now: datetime) -> bool:
    """Whether a cron line was due since the last success; what never succeeded is due."""
    if succeeded is None:
        return True
    due = next_time(line, min(succeeded, now))
    return due is not None and due <= now


def _weekdays(field: str) -> str:
    """Return the weekdays of a cron field by name: 0 and 7 are Sunday, and a range may go round the weekend."""
    days = [day for part in field.lower().split(",") for day in _days(part)]
    return "*" if len(set(days)) == len(_WEEKDAYS) else ",".join(dict.fromkeys(days))


def _days(part: str) -> list[str]:
    found = _PART.fullmatch(part)
    if found is None or (found["first"] == "*" and found["last"]):
        raise ValueError(f"has a weekday that cannot be read: {part!r}; write it like 1-5 or mon-fri")
    step = int(found["step"] or 1)
    if found["first"] == "*":
        return list(_WEEKDAYS[::step])
    first = _number(found["first"])
    last = _number(found["last"]) if found["last"] else 6 if found["step"] else first
    last = last if first <= last else last + 7
    return [_WEEKDAYS[day % 7] for day in range(first, last + 1, step)]


def _number(day: str) -> int:
    """Return a weekday's number, Sunday 0, or 7 as it is written."""
    if day.isdigit():
        return int(day)
    if day not in _WEEKDAYS:
        raise ValueError(f"has a weekday that cannot be read: {day!r}; write it like 1-5 or mon-fri")
    return _WEEKDAYS.index(day)
