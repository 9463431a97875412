"""Which windows are proven, which to ask next. A gap is remembered until it is closed.

Coverage belongs to a query: a changed query starts its own. Only sources that can prove completeness advance it. A feed
that was missed is a gap of the query for everything in its categories: the API is asked for that day's submissions.
What was ever asked is remembered beside what is proven and what is missing: a record that is lost leaves a gap.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TypeVar

from bot.arxiv import calendar
from bot.model import ARXIV_BEGAN, Announced, Answer, Expectation, Query, Window
from bot.unknown import Reason, Unknown

DEEP_DAYS = 90
"""Moderation has held papers for weeks: once a month the look-back is this long."""
DEEP_EVERY = timedelta(days=28)
INDEX_LAG = timedelta(days=4)
"""What was announced later than this need not be in the index yet."""
HELD = timedelta(days=48)
"""How long before its announcement a paper was submitted at most, but for very few."""
_WEEKEND = 0.25
"""Papers submitted on a day of the weekend, in those of a working day."""
_COUNTS = 12
_LEAST_WEIGHT = 3.0
_MISSED_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Covered:
    """A window proven complete for a query."""

    query: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A window that was asked for a query, whatever came: what of it is neither proven nor a gap was forgotten."""

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
    why: Unknown


@dataclass(frozen=True, slots=True)
class Count:
    """How many matching papers a proven window had, and when the newest was submitted: what is usual for its query."""

    query: str
    since: datetime
    until: datetime
    total: int
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deep:
    """When the long look-back of a query was last proven, or its asking began."""

    query: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """The last announcing evening whose feed was read or missed, for the query of everything in its categories."""

    query: str
    evening: date


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is proven and what is missing, and what is known of the asking itself."""

    covered: tuple[Covered, ...] = ()
    gaps: tuple[Gap, ...] = ()
    counts: tuple[Count, ...] = ()
    deeps: tuple[Deep, ...] = ()
    feeds: tuple[Feed, ...] = ()
    asked: tuple[Asked, ...] = ()
    announced: tuple[Announced, ...] = ()


_Range = TypeVar("_Range", Asked, Covered, Gap)


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
    return query not in {asked.query for asked in _all_asked(coverage)}


def believed(coverage: Coverage, now: datetime) -> Coverage:
    """Return what of a coverage can be believed at a time, with a gap for all that was asked and is not told.

    Records of days to come were written by hand or by a wrong clock, and nobody knows how long it was wrong: proof
    that reaches there is believed no later than ninety days ago. So any file of the state may be lost or wrong: what it
    said is asked again.
    """
    evening, doubtful = calendar.feed_evening(now), now - timedelta(days=DEEP_DAYS)
    wrong = {c.query for c in coverage.covered if c.until > now}
    sound = replace(
        coverage,
        covered=tuple(part for c in coverage.covered for part in _until(c, doubtful if c.until > now else now)),
        gaps=tuple(replace(part, noticed=min(part.noticed, now)) for g in coverage.gaps for part in _until(g, now)),
        counts=tuple(c for c in coverage.counts if max(c.until, c.newest or c.until) <= now),
        deeps=tuple(replace(d, when=d.when if d.when <= now else now - DEEP_EVERY) for d in coverage.deeps),
        feeds=tuple(f if f.evening <= evening else replace(f, evening=doubtful.date()) for f in coverage.feeds),
        asked=tuple(part for a in _all_asked(coverage) for part in _until(a, now)),
        announced=tuple(a for a in coverage.announced if a.evening <= evening),
    )
    known = _accounted(sound)
    holes = (
        Gap(
            asked.query, month.since, month.until, now, Unknown(Reason.CLAIMED if asked.query in wrong else Reason.LOST)
        )
        for asked in sound.asked
        for hole in _without_all(
            [Window(asked.since, asked.until)], [(k.since, k.until) for k in known if k.query == asked.query]
        )
        for month in months(hole)
    )
    return replace(sound, gaps=tuple(sorted((*sound.gaps, *holes), key=lambda g: (g.query, g.since))))


def look_back(coverage: Coverage, query: str, now: datetime, days: int) -> int:
    """Return how many days a run looks back: `days`, and once a month as many as moderation may take."""
    last = max((deep.when for deep in coverage.deeps if deep.query == query), default=now)
    return max(days, DEEP_DAYS) if now - last >= DEEP_EVERY else days


def weight(window: Window) -> float:
    """Return how many working days of submissions the index has of a window; its last days count for nothing.

    A day of the weekend counts a quarter.
    """
    until = window.until - INDEX_LAG
    at, total = window.since.astimezone(UTC), 0.0
    while at < until:
        day_ends = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        share = (min(day_ends, until) - at) / timedelta(days=1)
        total += share * (_WEEKEND if at.weekday() >= 5 else 1.0)
        at = day_ends
    return total


def usual(coverage: Coverage, query: str) -> float:
    """Return how many papers a working day has had in the windows proven last, 0 when too little is known."""
    weighed = [(c.total, weight(Window(c.since, c.until))) for c in coverage.counts if c.query == query]
    rates = [total / days for total, days in weighed if days >= _LEAST_WEIGHT]
    return median(rates) if rates else 0.0


def _counted_since(coverage: Coverage, query: str) -> datetime | None:
    """Return when the windows begin that tell what is usual: a topic may have been unknown before."""
    return min((c.since for c in coverage.counts if c.query == query), default=None)


def expectation(coverage: Coverage, query: Query, now: datetime) -> Expectation:
    """Return what the history of a query lets expect: what is usual, the newest paper, doubts of earlier days (UTC)."""
    name = digest(query)
    newest = max((c.newest for c in coverage.counts if c.query == name and c.newest), default=None)
    doubts = (g for g in open_gaps(coverage, name) if g.why.reason is Reason.FEW_ONCE and g.noticed.date() < now.date())
    return Expectation(
        usual=usual(coverage, name),
        counted_since=_counted_since(coverage, name),
        newest=newest,
        doubted=tuple(Window(g.since, g.until) for g in doubts),
        announced=tuple(a for a in coverage.announced if a.category in query.categories),
    )


def months(window: Window) -> tuple[Window, ...]:
    """Return a window in parts of a calendar month (UTC) at most, oldest first."""
    parts: list[Window] = []
    since = window.since.astimezone(UTC)
    while since < window.until:
        first = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        until = min((first + timedelta(days=32)).replace(day=1), window.until)
        parts.append(Window(since, until))
        since = until
    return tuple(parts)


def unproven(windows: Iterable[Window], coverage: Coverage, query: str) -> tuple[Window, ...]:
    """Return the parts of windows that are not proven yet, oldest first."""
    return tuple(sorted(rest for window in windows for rest in _unproven(window, query, coverage.covered)))


def missed(coverage: Coverage, query: str, now: datetime) -> tuple[Window, ...]:
    """Return what to ask now for the oldest missed feeds: one window, once the index must have what they announced.

    A feed announces papers that moderation held before, too, so the window reaches back for those.
    """
    gaps = sorted(open_gaps(coverage, query), key=lambda g: g.since)
    ready = [g for g in gaps if calendar.announcement(g.until) <= now - INDEX_LAG][:_MISSED_AT_ONCE]
    if not ready:
        return ()
    return (Window(min(min(g.since, g.until - HELD) for g in ready), max(g.until for g in ready)),)


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

    The future proves nothing, nor does a missed feed end before the index must have its papers. What lies between the
    end of all that was asked before and a later window is a gap.
    A gap keeps its day and its reason while it is open, and takes in what is unknown beside it: what people read of
    it stays the same from run to run.
    """
    proven = coverage.covered
    gaps = list(coverage.gaps)
    counts = list(coverage.counts)
    answers = tuple(answers)
    for answer in answers:
        if not answer.proves or answer.window.since >= now:
            continue
        window = Window(answer.window.since, min(answer.window.until, now))
        asked = _end(Coverage(proven, tuple(gaps)), query)
        if asked and asked < window.since:
            gaps.append(Gap(query, asked, window.since, now, Unknown(Reason.NOT_YET)))
        if answer.unknown is None:
            gaps = [rest for gap in gaps for rest in ([gap] if _too_early(gap, now) else _without(gap, query, window))]
            proven = _merge((*proven, Covered(query, window.since, window.until)))
            counted = max((answer.total or 0) - answer.unmatched, 0)
            counts.append(Count(query, window.since, window.until, counted, answer.newest))
        else:
            missing = [Gap(query, w.since, w.until, now, answer.unknown) for w in _unproven(window, query, proven)]
            gaps = _taken_in(gaps, missing)
    after = replace(
        coverage,
        covered=proven,
        gaps=tuple(sorted(gaps, key=lambda g: (g.query, g.since))),
        counts=_latest(counts),
        deeps=_deeps(coverage, query, answers, now),
    )
    return replace(after, asked=_all_asked(after))


def heard(coverage: Coverage, query: str, answers: Iterable[Answer], now: datetime) -> Coverage:
    """Return coverage after the feed was asked: each announcement since the last one that was read is a gap.

    `query` is the one of everything in the feed's categories.
    """
    feeds = [answer for answer in answers if answer.evening]
    if not feeds:
        return coverage
    evening = calendar.last_announced(calendar.feed_evening(now))
    whole = all(answer.unknown is None and answer.received for answer in feeds)
    read = {answer.evening for answer in feeds if whole and answer.evening}
    last = max((f.evening for f in coverage.feeds if f.query == query), default=evening - timedelta(days=1))
    lost = [e for e in calendar.evenings(last, evening) if e not in read]
    gaps = [(e, calendar.submissions(e)) for e in lost]
    new = [Gap(query, w.since, w.until, now, _missed(e)) for e, w in gaps]
    late = {calendar.submissions(e) for e in read}
    old = [g for g in coverage.gaps if g.query != query or Window(g.since, g.until) not in late]
    ranges = [(w.since, w.until) for w in late]
    rest = (w for a in coverage.asked if a.query == query for w in _without_all([Window(a.since, a.until)], ranges))
    asked = (*(a for a in coverage.asked if a.query != query), *(Asked(query, w.since, w.until) for w in rest))
    after = replace(
        coverage,
        gaps=tuple(sorted((*old, *new), key=lambda g: (g.query, g.since))),
        feeds=(*(f for f in coverage.feeds if f.query != query), Feed(query, max(last, evening))),
        asked=asked,
        announced=_latest_announced((*coverage.announced, *(a for f in feeds if whole for a in f.announced))),
    )
    return replace(after, asked=_all_asked(after))


def _missed(evening: date) -> Unknown:
    return Unknown(Reason.MISSED_FEED, evening=evening, perhaps_holiday=calendar.announces(evening) is None)


def _too_early(gap: Gap, now: datetime) -> bool:
    """Tell whether the index need not have all papers of a missed feed yet."""
    return is_missed_feed(gap) and now < gap.until + INDEX_LAG


def is_missed_feed(gap: Gap) -> bool:
    """Tell whether a gap is a feed that was not read, to be made up for by the API."""
    return gap.why.reason is Reason.MISSED_FEED


def open_gaps(coverage: Coverage, query: str) -> tuple[Gap, ...]:
    """Return the gaps of a query."""
    return tuple(g for g in coverage.gaps if g.query == query)


def _latest(counts: Iterable[Count]) -> tuple[Count, ...]:
    """Return the latest counts of each query, one for each window."""
    by_window = {(count.query, count.until, count.since): count for count in counts}
    ordered = [by_window[key] for key in sorted(by_window)]
    queries = dict.fromkeys(count.query for count in ordered)
    return tuple(count for query in queries for count in [c for c in ordered if c.query == query][-_COUNTS:])


def _latest_announced(announced: Iterable[Announced]) -> tuple[Announced, ...]:
    """Return what the latest evenings showed of each category."""
    known = {(one.category, one.evening): one for one in announced}
    ordered = [known[key] for key in sorted(known)]
    categories = dict.fromkeys(one.category for one in ordered)
    return tuple(one for name in categories for one in [a for a in ordered if a.category == name][-_COUNTS:])


def _deeps(coverage: Coverage, query: str, answers: Sequence[Answer], now: datetime) -> tuple[Deep, ...]:
    """Return when the long look-backs were proven: the first asking of a query counts as one."""
    proving = [answer for answer in answers if answer.proves]
    begin = now - timedelta(days=DEEP_DAYS)
    deep = any(
        a.unknown is None and a.window.since <= begin and now - timedelta(days=1) <= a.window.until for a in proving
    )
    first = bool(proving) and query not in {known.query for known in coverage.deeps}
    if not (deep or first):
        return coverage.deeps
    return (*(known for known in coverage.deeps if known.query != query), Deep(query, now))


def _end(coverage: Coverage, query: str) -> datetime | None:
    """Return where all that was ever asked for a query ends."""
    ends = [(one.query, one.until) for one in coverage.covered] + [(one.query, one.until) for one in coverage.gaps]
    return max((until for asked, until in ends if asked == query), default=None)


def _all_asked(coverage: Coverage) -> tuple[Asked, ...]:
    """Return all that was ever asked: what is proven or missing was, whether that is recorded or not."""
    return _merge((*coverage.asked, *_accounted(coverage)))


def _accounted(coverage: Coverage) -> tuple[Asked, ...]:
    """Return what is known to be proven or missing."""
    return (
        *(Asked(c.query, c.since, c.until) for c in coverage.covered),
        *(Asked(g.query, g.since, g.until) for g in coverage.gaps),
    )


def _until(one: _Range, end: datetime) -> tuple[_Range, ...]:
    """Return what of a range lies before a time."""
    until = min(one.until, end)
    return (replace(one, until=until),) if one.since < until else ()


def _overlap(gap: Gap, window: Window | Gap) -> bool:
    return gap.since < window.until and window.since < gap.until


def _taken_in(gaps: Sequence[Gap], missing: Iterable[Gap]) -> list[Gap]:
    """Return gaps with what is missing now, each joined with those it overlaps under the first one's reason.

    A count to confirm is kept before other reasons: else no later day could confirm it.
    """
    taken = list(gaps)
    for one in missing:
        same = [g for g in taken if g.query == one.query and _overlap(g, one)]
        since, until = min(g.since for g in (one, *same)), max(g.until for g in (one, *same))
        first = min((*same, one), key=lambda g: (g.why.reason is not Reason.FEW_ONCE, g.noticed, g.since))
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


def _merge(ranges: Iterable[_Range]) -> tuple[_Range, ...]:
    """Join touching windows of one query."""
    merged: list[_Range] = []
    for one in sorted(ranges, key=lambda c: (c.query, c.since)):
        last = merged[-1] if merged else None
        if last and last.query == one.query and one.since <= last.until:
            merged[-1] = replace(last, until=max(last.until, one.until))
        else:
            merged.append(one)
    return tuple(merged)
