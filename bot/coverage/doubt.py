"""What is not believed: records of the future, and answers unlike those before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median

from bot.arxiv import calendar
from bot.coverage.ledger import DEEP_DAYS, INDEX_LAG, Coverage, Gap, all_asked, digest, in_order, open_gaps
from bot.coverage.plan import DEEP_EVERY
from bot.coverage.windows import clip, months, overlap, without
from bot.model import Expectation, Query, Reason, Unknown, Window

_WEEKEND = 0.25
"""Papers submitted on a day of the weekend per paper of a working day."""
_LEAST_DAYS = 3.0
FAR_FEWER = 5
"""A count this many times below what is usual is doubted like a zero, where `WORTH_DOUBT` papers or more are usual."""
WORTH_DOUBT = 10


def trusted(coverage: Coverage, now: datetime) -> Coverage:
    """Return what can be believed of a coverage, with a gap for all that was asked and is not accounted for.

    Records of the future were written by hand or by a wrong clock, and nobody knows how long it was wrong: proof that
    reaches there is believed up to ninety days ago only. Any file of the state may be lost: it is asked again.
    """
    evening, doubtful = calendar.feed_evening(now), now - timedelta(days=DEEP_DAYS)
    wrong = {c.query for c in coverage.covered if c.until > now}
    past = replace(
        coverage,
        covered=tuple(p for c in coverage.covered for p in clip(c, c.since, doubtful if c.until > now else now)),
        gaps=tuple(replace(p, noticed=min(p.noticed, now)) for g in coverage.gaps for p in clip(g, g.since, now)),
        counts=tuple(c for c in coverage.counts if max(c.until, c.newest or c.until) <= now),
        deeps=tuple(d if d.when <= now else replace(d, when=now - DEEP_EVERY) for d in coverage.deeps),
        feeds=tuple(f if f.evening <= evening else replace(f, evening=doubtful.date()) for f in coverage.feeds),
        asked=tuple(part for a in all_asked(coverage) for part in clip(a, a.since, now)),
        announced=tuple(a for a in coverage.announced if a.evening <= evening),
    )
    accounted = (*past.covered, *past.gaps)
    lost = (
        Gap(part.query, part.since, part.until, now, Unknown(Reason.CLAIMED if part.query in wrong else Reason.LOST))
        for asked in past.asked
        for hole in without([asked], (span for span in accounted if span.query == asked.query))
        for part in months(hole)
    )
    return replace(past, gaps=in_order((*past.gaps, *lost)))


def expectation(coverage: Coverage, query: Query, now: datetime) -> Expectation:
    """Return what the history of a query lets expect: what is usual, the newest paper, doubts of earlier days (UTC)."""
    name = digest(query)
    counts = [c for c in coverage.counts if c.query == name]
    doubts = (g for g in open_gaps(coverage, name) if g.why.reason is Reason.FEW_ONCE and g.noticed.date() < now.date())
    return Expectation(
        usual=usual(coverage, name),
        counted_since=min((c.since for c in counts), default=None),
        newest=max((c.newest for c in counts if c.newest), default=None),
        doubted=tuple(Window(g.since, g.until) for g in doubts),
        announced=tuple(a for a in coverage.announced if a.category in query.categories),
    )


def usual_of(expected: Expectation, window: Window) -> float:
    """Return how many papers a window usually has, 0 when not known."""
    return expected.usual * working_days(window)


def few(expected: Expectation, window: Window) -> int:
    """Return the most papers of a window that are doubted like none."""
    here = usual_of(expected, window)
    return int(here / FAR_FEWER) if here >= WORTH_DOUBT else 0


def needs_another_day(expected: Expectation, window: Window) -> bool:
    """Whether few papers of a window prove nothing yet, though a control confirms them.

    Before all that was counted the topic may have been unknown, so a control is enough there.
    """
    before = expected.counted_since is not None and window.until <= expected.counted_since
    doubted = any(overlap(one, window) for one in expected.doubted)
    return usual_of(expected, window) >= WORTH_DOUBT and not before and not doubted


def usual(coverage: Coverage, query: str) -> float:
    """Return how many papers a working day had in the windows proven last, 0 when too little is known."""
    weighed = [(c.total, working_days(Window(c.since, c.until))) for c in coverage.counts if c.query == query]
    rates = [total / days for total, days in weighed if days >= _LEAST_DAYS]
    return median(rates) if rates else 0.0


def working_days(window: Window) -> float:
    """Return how many working days of submissions the index has of a window: its last days do not count."""
    until = window.until - INDEX_LAG
    at, total = window.since.astimezone(UTC), 0.0
    while at < until:
        day_ends = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        share = (min(day_ends, until) - at) / timedelta(days=1)
        total += share * (_WEEKEND if at.weekday() >= 5 else 1.0)
        at = day_ends
    return total
