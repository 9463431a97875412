"""How many new papers may come into the pull request at a run. Pure.

What came first would fill the room, and a better paper of Thursday find none. So a week's room is given out a fifth
each working day, and each day the best of all that wait come in.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.state.model import Allowance

WORKING_DAYS = 5


def room(allowance: Allowance | None, most: int, today: date) -> int:
    """Return how many new papers may come in at a run, of `most` in a week.

    The first run that has papers may fill the room, for it chooses among those of many weeks.
    """
    if (allowance := _believed(allowance, today)) is None:
        return most
    return min(most, max(0, -(-_left(allowance, most, today) // WORKING_DAYS)))


def after(allowance: Allowance | None, most: int, today: date, brought: int) -> Allowance | None:
    """Return the allowance after a run that brought some papers in; it begins with the first that does.

    What that first run brought beyond the days until then is not held against those to come.
    """
    if (believed := _believed(allowance, today)) is None and not brought:
        return None
    left = _left(believed or Allowance(_monday(today) - timedelta(days=1), 0), most, today)
    left -= brought * WORKING_DAYS
    return Allowance(today, left if believed else max(0, left))


def _believed(allowance: Allowance | None, today: date) -> Allowance | None:
    """Return an allowance unless it is of a day to come, by a wrong clock."""
    return allowance if allowance and allowance.day <= today else None


def _left(allowance: Allowance, most: int, today: date) -> int:
    """Return how much room there is before a run, in fifths of a paper.

    What a week left, or took too much, ends with it; but days without a run count for the next one, so that a bot
    that runs on Mondays alone has the room of a week.
    """
    this_week = allowance.day >= _monday(today)
    return (allowance.left if this_week else 0) + most * _working_days(allowance.day, today)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _working_days(after: date, until: date) -> int:
    """Return how many working days there are after one day and up to another, a week's at most."""
    days = (until - timedelta(days=n) for n in range(min((until - after).days, 7)))
    return sum(day.weekday() < WORKING_DAYS for day in days)
