"""Which windows are proven, which to ask next. A gap is remembered until it is closed.

Coverage belongs to a query: a changed query starts its own. Only sources that can prove completeness advance it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model import ARXIV_BEGAN, PROVING_SOURCES, Answer, Query, Window


@dataclass(frozen=True, slots=True)
class Covered:
    """A window proven complete for a query."""

    query: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A window that was asked and is still unknown, since when, and why at the first try."""

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
    return query not in {c.query for c in coverage.covered} | {g.query for g in coverage.gaps}


def plan(coverage: Coverage, query: str, now: datetime, look_back_days: int) -> tuple[Window, ...]:
    """Return the windows to ask: remembered gaps first, each on its own, then from the look-back to now.

    The look-back counts from where proof ends: what was submitted just before need not have been announced by then.
    A gap never makes it longer: one that cannot be proven must not keep the new days from being proven. The first run
    of a query asks the look-back only.
    """
    until = now.replace(second=0, microsecond=0)
    look_back = timedelta(days=look_back_days)
    recent = max(until - look_back, ARXIV_BEGAN)
    gaps = open_gaps(coverage, query)
    ends = [c.until for c in coverage.covered if c.query == query]
    begin = max(ends) - look_back if ends else min((g.since for g in gaps), default=recent)
    begin = max(min(recent, begin), ARXIV_BEGAN)
    since = recent if any(g.since < recent and begin < g.until for g in gaps) else begin
    pasts = ((max(g.since, ARXIV_BEGAN), min(g.until, since)) for g in gaps)
    old = [Window(*past) for past in pasts if past[0] < past[1]]
    between = _without_all([Window(begin, since)] if begin < since else [], [(g.since, g.until) for g in gaps])
    return (*sorted((*old, *between)), Window(since, until))


def advance(coverage: Coverage, query: str, answers: Iterable[Answer], now: datetime) -> Coverage:
    """Return coverage after answers: complete windows are proven and close gaps, unknown ones are gaps.

    The future proves nothing. What lies between the end of all that was asked before and a later window is a gap.
    A gap keeps its day and its reason while it is open, and takes in what is unknown beside it: what people read of
    it stays the same from run to run.
    """
    proven = coverage.covered
    gaps = list(coverage.gaps)
    for answer in answers:
        if answer.source not in PROVING_SOURCES or answer.window.since >= now:
            continue
        window = Window(answer.window.since, min(answer.window.until, now))
        asked = _end(Coverage(proven, tuple(gaps)), query)
        if asked and asked < window.since:
            gaps.append(Gap(query, asked, window.since, now, "it was not asked yet"))
        if answer.unknown is None:
            gaps = [rest for gap in gaps for rest in _without(gap, query, window)]
            proven = _merge((*proven, Covered(query, window.since, window.until)))
        else:
            missing = [Gap(query, w.since, w.until, now, answer.unknown) for w in _unproven(window, query, proven)]
            gaps = _taken_in(gaps, missing)
    return Coverage(proven, tuple(sorted(gaps, key=lambda g: (g.query, g.since))))


def open_gaps(coverage: Coverage, query: str) -> tuple[Gap, ...]:
    """Return the gaps of a query."""
    return tuple(g for g in coverage.gaps if g.query == query)


def _end(coverage: Coverage, query: str) -> datetime | None:
    """Return where all that was ever asked for a query ends."""
    ends = [(one.query, one.until) for one in coverage.covered] + [(one.query, one.until) for one in coverage.gaps]
    return max((until for asked, until in ends if asked == query), default=None)


def _overlap(gap: Gap, window: Window | Gap) -> bool:
    return gap.since < window.until and window.since < gap.until


def _taken_in(gaps: Sequence[Gap], missing: Iterable[Gap]) -> list[Gap]:
    """Return gaps with what is missing now, each joined with those it overlaps under the first one's reason."""
    taken = list(gaps)
    for one in missing:
        same = [g for g in taken if g.query == one.query and _overlap(g, one)]
        since, until = min(g.since for g in (one, *same)), max(g.until for g in (one, *same))
        first = min(same, key=lambda g: (g.noticed, g.since), default=one)
        taken = [*(g for g in taken if g not in same), replace(first, since=since, until=until)]
    return taken


def _without(gap: Gap, query: str, window: Window) -> list[Gap]:
    """Return what is left of a gap when a window was asked again."""
    if gap.query != query or not _overlap(gap, window):
        return [gap]
    before = [replace(gap, until=window.since)] if gap.since < window.since else []
    after = [replace(gap, since=window.until)] if window.until < gap.until else []
    return before + after


def _unproven(window: Window, query: str, proven: Iterable[Covered]) -> list[Window]:
    """Return the parts of a window that were never proven."""
    return _without_all([window], [(one.since, one.until) for one in proven if one.query == query])


def _without_all(windows: Iterable[Window], holes: Iterable[tuple[datetime, datetime]]) -> list[Window]:
    """Return what is left of windows without some ranges."""
    parts = list(windows)
    for begin, end in holes:
        cuts = ((p, max(p.since, begin), min(p.until, end)) for p in parts)
        parts = [rest for part, since, until in cuts for rest in _cut(part, since, until)]
    return parts


def _cut(part: Window, since: datetime, until: datetime) -> list[Window]:
    """Return a window without `[since, until)`."""
    if since >= until:
        return [part]
    before = [Window(part.since, since)] if part.since < since else []
    after = [Window(until, part.until)] if until < part.until else []
    return before + after


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
