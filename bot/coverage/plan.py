"""What to ask next."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.arxiv import calendar
from bot.coverage.ledger import DEEP_DAYS, INDEX_LAG, Coverage, open_gaps
from bot.coverage.windows import clip, without
from bot.model import ARXIV_BEGAN, Window

DEEP_EVERY = timedelta(days=28)
HELD = timedelta(days=48)
"""Nearly every paper is announced within this time of its submission."""
_MISSED_AT_ONCE = 10


def look_back_days(coverage: Coverage, query: str, now: datetime, days: int) -> int:
    """Return how many days a run looks back: `days`, and once a month as many as moderation may take."""
    last = max((deep.when for deep in coverage.deeps if deep.query == query), default=now)
    return max(days, DEEP_DAYS) if now - last >= DEEP_EVERY else days


def planned(coverage: Coverage, query: str, now: datetime, days: int) -> tuple[Window, ...]:
    """Return the windows that a run at a time asks, looking back for so many days, or longer once a month."""
    return to_ask(coverage, query, now, look_back_days(coverage, query, now, days))


def to_ask(coverage: Coverage, query: str, now: datetime, days: int) -> tuple[Window, ...]:
    """Return the windows to ask: open gaps first, each on its own, then from the look-back of so many days to now.

    The look-back counts from where proof ends, since what was submitted just before may be announced later. A gap
    never makes it longer: one that cannot be proven must not keep the new days from being proven. The first run of a
    query asks the look-back only.
    """
    until = now.replace(second=0, microsecond=0)
    recent = max(until - timedelta(days=days), ARXIV_BEGAN)
    gaps = open_gaps(coverage, query)
    ends = [c.until for c in coverage.covered if c.query == query]
    begin = max(ends) - timedelta(days=days) if ends else min((g.since for g in gaps), default=recent)
    begin = max(min(recent, begin), ARXIV_BEGAN)
    since = recent if any(g.since < recent and begin < g.until for g in gaps) else begin
    old = [Window(part.since, part.until) for gap in gaps for part in clip(gap, ARXIV_BEGAN, since)]
    between = without([Window(begin, since)] if begin < since else [], gaps)
    return (*sorted((*old, *between)), Window(since, until))


def missed_feeds(coverage: Coverage, query: str, now: datetime) -> tuple[Window, ...]:
    """Return what to ask now for the oldest missed feeds: one window, once the index must have what they announced.

    It reaches back for the papers that moderation had held.
    """
    gaps = sorted(open_gaps(coverage, query), key=lambda g: g.since)
    ready = [g for g in gaps if calendar.announcement(g.until) <= now - INDEX_LAG][:_MISSED_AT_ONCE]
    if not ready:
        return ()
    return (Window(min(min(g.since, g.until - HELD) for g in ready), max(g.until for g in ready)),)
