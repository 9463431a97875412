"""How many new papers a week brings: as many as the list gained lately, unless `per_week` says otherwise. Pure."""

from __future__ import annotations

from bot.config.model import Limits
from bot.judge.relevance.metadata import PACE_WEEKS, pace
from bot.paperlist.read.document import Document

FEWEST_A_WEEK, MOST_A_WEEK = 3, 15


def papers_per_week(document: Document) -> int:
    """Return how many papers a week the list gained lately, rounded up, within bounds.

    The ids tell it: days on which papers were added tell less, since curators add those of many weeks at once.
    """
    return min(MOST_A_WEEK, max(FEWEST_A_WEEK, -(-pace(document.by_id) // PACE_WEEKS)))


def week_number(limits: Limits, document: Document) -> int:
    """Return how many new papers a week brings at most."""
    return min(limits.max_open, limits.per_week or papers_per_week(document))


def pace_line(limits: Limits, number: int) -> str:
    """Return in a sentence what comes when, of so many papers a week."""
    why = "" if limits.per_week else ", as many as the list gained lately"
    sure = f", but papers with a score of {limits.at_once_at:g} or more at once" if limits.at_once_at else ""
    return (
        f"{number} new papers a week at most{why}: all at the first run, later a fifth of them each working day{sure}; "
        f"{limits.max_open} at most are open at once"
    )
