"""How many new papers may come into the pull request at a run. Pure.

Were a week's papers to come at once, Monday's would be all, and a better one of Thursday would have to wait. So a fifth
comes each working day, and the best of all that wait come in.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.state.model import Quota

WORKING_DAYS = 5


def papers_today(quota: Quota | None, week: int, today: date) -> int:
    """Return how many new papers may come in at a run, of `week` in a week.

    The first run that has papers may bring all of them, since it chooses among those of many weeks.
    """
    if not _trusted(quota, today):
        return week
    now = _on(quota, week, today)
    return max(0, min(week - now.brought, -(-now.left // WORKING_DAYS)))


def spent(quota: Quota | None, week: int, today: date, brought: int) -> Quota | None:
    """Return the quota after a run that brought papers in; it begins with the first run that does."""
    if not brought and not _trusted(quota, today):
        return None
    now = _on(quota, week, today)
    return Quota(today, now.left - brought * WORKING_DAYS, now.brought + brought)


def _trusted(quota: Quota | None, today: date) -> Quota | None:
    """Return a quota unless a wrong clock gave it a future day."""
    return quota if quota and quota.day <= today else None


def _on(quota: Quota | None, week: int, today: date) -> Quota:
    """Return what is left before a run.

    The rest or the excess of a week ends with it; but days without a run count for the next run, so that a bot that
    runs on Mondays alone has the papers of a week.
    """
    monday = today - timedelta(days=today.weekday())
    before = _trusted(quota, today) or Quota(monday - timedelta(days=1), 0)
    left, brought = (before.left, before.brought) if before.day >= monday else (0, 0)
    return Quota(today, left + week * _working_days(before.day, today), brought)


def _working_days(after: date, until: date) -> int:
    """Return the number of working days after one day and up to another, a week's at most."""
    days = (until - timedelta(days=n) for n in range(min((until - after).days, 7)))
    return sum(day.weekday() < WORKING_DAYS for day in days)
