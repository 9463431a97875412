"""Which windows are proven, which to ask next. A gap is remembered until it is closed.

Coverage belongs to a query: a changed query starts its own. Only sources that can prove completeness advance it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Answer, Query, Window

PROVING_SOURCES = frozenset({"api"})
"""Feeds and files add papers and prove nothing."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A window proven complete for a query."""

    query: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A window that was asked and is still unknown, since when, and why at the last try."""

    query: str
    since: datetime
    until: datetime
    noticed: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is proven and what is missing."""

    covered: tuple[Covered, ...] = ()
    gaps: tuple[Gap, ...] = ()


def digest(query: Query) -> str:
    """Return what identifies a query for coverage: its phrases, fields, categories and exclusions; not weights."""
    asked = [
        sorted((k.phrase, k.field.value) for k in query.keywords),
        sorted(query.categories),
        sorted((k.phrase, k.field.value) for k in query.exclude),
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def is_first(coverage: Coverage, query: str) -> bool:
    """Tell whether nothing was ever proven or missed for a query."""
    return all(c.query != query for c in (*coverage.covered, *coverage.gaps))


def plan(coverage: Coverage, query: str, now: datetime, look_back_days: int) -> tuple[Window, ...]:
    """Return the windows to ask: remembered gaps first, then from the look-back (or where proof ends, if earlier) to now.

    The first run of a query asks the look-back only.
    """
    until = now.replace(second=0, microsecond=0)
    since = until - timedelta(days=look_back_days)
    ends = [c.until for c in coverage.covered if c.query == query]
    if ends:
        since = min(since, max(ends))
    gaps = [g for g in coverage.gaps if g.query == query]
    old = [Window(g.since, min(g.until, since)) for g in gaps if g.since < since]
    return (*_joined(old), Window(since, until))


def advance(coverage: Coverage, query: str, answers: Iterable[Answer], now: datetime) -> Coverage:
    """Return coverage after answers: complete windows are proven and close gaps, unknown ones are gaps."""
    proven = list(coverage.covered)
    gaps = list(coverage.gaps)
    for answer in answers:
        if answer.source not in PROVING_SOURCES:
            continue
        since, until = answer.window.since, answer.window.until
        if answer.unknown is None:
            proven.append(Covered(query, since, until))
            gaps = [rest for gap in gaps for rest in _without(gap, query, since, until)]
        else:
            same = [g for g in gaps if g.query == query and g.since <= since and until <= g.until]
            noticed = min((g.noticed for g in gaps if g.query == query and _overlap(g, since, until)), default=now)
            gaps = [rest for gap in gaps for rest in _without(gap, query, since, until)] if not same else gaps
            gaps = [g for g in gaps if g not in same]
            start = min([since, *(g.since for g in same)])
            end = max([until, *(g.until for g in same)])
            gaps.append(Gap(query, start, end, noticed, answer.unknown))
    return Coverage(_merge(proven), tuple(sorted(gaps, key=lambda g: (g.query, g.since))))


def open_gaps(coverage: Coverage, query: str, proven: Sequence[Covered] = ()) -> tuple[Gap, ...]:
    """Return the gaps of a query."""
    return tuple(g for g in coverage.gaps if g.query == query)


def _overlap(gap: Gap, since: datetime, until: datetime) -> bool:
    return gap.since < until and since < gap.until


def _without(gap: Gap, query: str, since: datetime, until: datetime) -> list[Gap]:
    """Return what is left of a gap once a window is proven."""
    if gap.query != query or not _overlap(gap, since, until):
        return [gap]
    left = [Gap(gap.query, gap.since, since, gap.noticed, gap.why)] if gap.since < since else []
    right = [Gap(gap.query, until, gap.until, gap.noticed, gap.why)] if until < gap.until else []
    return left + right


def _joined(windows: Sequence[Window]) -> list[Window]:
    joined: list[Window] = []
    for window in sorted(windows):
        if joined and window.since <= joined[-1].until:
            joined[-1] = Window(joined[-1].since, max(joined[-1].until, window.until))
        else:
            joined.append(window)
    return joined


def _merge(proven: Iterable[Covered]) -> tuple[Covered, ...]:
    """Join touching windows of one query."""
    merged: list[Covered] = []
    for one in sorted(proven, key=lambda c: (c.query, c.since)):
        last = merged[-1] if merged else None
        if last and last.query == one.query and one.since <= last.until:
            merged[-1] = Covered(one.query, last.since, max(last.until, one.until))
        else:
            merged.append(one)
    return tuple(merged)
