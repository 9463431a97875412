"""How many new papers may come into the pull request at a run. Pure.

Were a week's room there at once, Monday's papers would fill it, and a better one of Thursday would find none. So a
fifth of it comes free each working day, and the best of all that wait come in.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.state.model import Quota

WORKING_DAYS = 5


def papers_today(quota: Quota | None, most: int, today: date) -> int:
    """Return how many new papers may come in at a run, of `most` in a week.

    The first run that has papers may use all of it, since it chooses among those of many weeks.
    """
    if (quota := _trusted(quota, today)) is None:
        return most
    return min(most, max(0, -(-_left(quota, most, today) // WORKING_DAYS)))


def spent(quota: Quota | None, most: int, today: date, brought: int) -> Quota | None:
    """Return the quota after a run that brought papers in; it begins with the first run that does.

    What that first run brought beyond its days is not held against later ones.
    """
    if (trusted := _trusted(quota, today)) is None and not brought:
        return None
    left = _left(trusted or Quota(_monday(today) - timedelta(days=1), 0), most, today) - brought * WORKING_DAYS
    return Quota(today, left if trusted else max(0, left))


def _trusted(quota: Quota | None, today: date) -> Quota | None:
    """Return a quota unless a wrong clock gave it a future day."""
    return quota if quota and quota.day <= today else None


def _left(quota: Quota, most: int, today: date) -> int:
    """Return what is left before a run, in fifths of a paper.

    The rest or the excess of a week ends with it; but days without a run count for the next run, so that a bot that
    runs on Mondays alone has the quota of a week.
    """
    this_week = quota.day >= _monday(today)
    return (quota.left if this_week else 0) + most * _working_days(quota.day, today)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _working_days(after: date, until: date) -> int:
    """Return the number of working days after one day and up to another, a week's at most."""
    days = (until - timedelta(days=n) for n in range(min((until - after).days, 7)))
    return sum(day.weekday() < WORKING_DAYS for day in days)
