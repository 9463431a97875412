"""Which windows are proven complete, and which gaps are open.

Coverage belongs to a query: a changed query starts its own. Only sources that can prove completeness advance it. A
missed feed is a gap of the query for everything in its categories: the API is asked for that day's submissions. What
was ever asked is recorded beside what is proven and what is missing, so a lost record shows up as a gap.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar

from bot.arxiv import calendar
from bot.coverage.windows import QueryWindow, cut, merge, overlap, without
from bot.model import Announced, Answer, Keyword, Query, Reason, Unknown, Window

DEEP_DAYS = 90
"""Moderation has held papers for weeks, so once a month the look-back is this long."""
INDEX_LAG = timedelta(days=4)
"""The index may lack what was announced later than this."""
_KEPT = 12
"""Counts kept of a query, and evenings of a category."""

_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True)
class Covered(QueryWindow):
    """A window proven complete for a query."""


@dataclass(frozen=True, slots=True)
class Asked(QueryWindow):
    """A window that was asked for a query, whatever came: a part neither proven nor a gap was forgotten."""


@dataclass(frozen=True, slots=True)
class Gap(QueryWindow):
    """A window that was asked and is still unknown, since when, and why at the first try."""

    noticed: datetime
    why: Unknown


@dataclass(frozen=True, slots=True)
class Count(QueryWindow):
    """How many matching papers a proven window had, and when the newest was submitted."""

    total: int
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deep:
    """When the long look-back of a query was last proven, or the query was first asked."""

    query: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """The last announcing evening whose feed was read or missed, for the query of everything in its categories."""

    query: str
    evening: date


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is proven, what is missing, and what earlier answers showed."""

    covered: tuple[Covered, ...] = ()
    gaps: tuple[Gap, ...] = ()
    counts: tuple[Count, ...] = ()
    deeps: tuple[Deep, ...] = ()
    feeds: tuple[Feed, ...] = ()
    asked: tuple[Asked, ...] = ()
    announced: tuple[Announced, ...] = ()


def digest(query: Query) -> str:
    """Return what identifies a query for coverage: its phrases, fields, categories and exclusions; not its weights."""

    def named(phrases: Iterable[Keyword]) -> list[tuple[str, str]]:
        return sorted((k.phrase, k.field.value) for k in phrases)

    asked = [named(query.keywords), sorted(query.categories), named(query.exclude), *sorted(map(named, query.groups))]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def never_asked(coverage: Coverage, query: str) -> bool:
    """Whether nothing was ever asked for a query."""
    return all(asked.query != query for asked in all_asked(coverage))


def all_asked(coverage: Coverage) -> tuple[Asked, ...]:
    """Return all that was ever asked; what is proven or missing was, recorded or not."""
    spans = (*coverage.asked, *coverage.covered, *coverage.gaps)
    return merge(Asked(span.query, span.since, span.until) for span in spans)


def open_gaps(coverage: Coverage, query: str) -> tuple[Gap, ...]:
    """Return the gaps of a query."""
    return tuple(g for g in coverage.gaps if g.query == query)


def is_missed_feed(gap: Gap) -> bool:
    """Whether a gap is a feed that was not read, to be recovered through the API."""
    return gap.why.reason is Reason.MISSED_FEED


def unproven(windows: Iterable[Window], coverage: Coverage, query: str) -> tuple[Window, ...]:
    """Return the parts of windows that are not proven yet, oldest first."""
    return tuple(sorted(without(windows, (c for c in coverage.covered if c.query == query))))


def in_order(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return gaps as they are kept: by query, oldest first."""
    return tuple(sorted(gaps, key=lambda g: (g.query, g.since)))


def record_answers(coverage: Coverage, query: str, answers: Iterable[Answer], now: datetime) -> Coverage:
    """Return coverage after answers: complete windows are proven and close gaps, unknown ones are gaps.

    The future proves nothing. What lies between the end of all that was asked before and a later window is a gap.
    """
    proving = [answer for answer in answers if answer.proves]
    after = replace(coverage, deeps=_deeps(coverage, query, proving, now))
    for answer in proving:
        if answer.window.since < now:
            after = _after(after, query, answer, now)
    return replace(after, asked=all_asked(after))


def _after(coverage: Coverage, query: str, answer: Answer, now: datetime) -> Coverage:
    """Return coverage after an answer that can prove its window."""
    window = Window(answer.window.since, min(answer.window.until, now))
    gaps = list(coverage.gaps)
    ends = [span.until for span in (*coverage.covered, *coverage.gaps) if span.query == query]
    if ends and max(ends) < window.since:
        gaps.append(Gap(query, max(ends), window.since, now, Unknown(Reason.NOT_YET)))
    if answer.unknown is not None:
        missing = unproven([window], coverage, query)
        gaps = _joined(gaps, [Gap(query, w.since, w.until, now, answer.unknown) for w in missing])
        return replace(coverage, gaps=in_order(gaps))
    total = max((answer.total or 0) - answer.unmatched, 0)
    count = Count(query, window.since, window.until, total, answer.newest)
    return replace(
        coverage,
        covered=merge((*coverage.covered, Covered(query, window.since, window.until))),
        gaps=in_order(rest for g in gaps for rest in (cut(g, window) if _closable(g, query, now) else [g])),
        counts=_latest((*coverage.counts, count), lambda c: (c.query, c.until, c.since)),
    )


def record_feed(coverage: Coverage, query: str, answers: Iterable[Answer], now: datetime) -> Coverage:
    """Return coverage after the feed was asked: each announcement since the last one that was read is a gap.

    `query` is the one for everything in the feed's categories.
    """
    feeds = [answer for answer in answers if answer.evening]
    if not feeds:
        return coverage
    evening = calendar.last_announced(calendar.feed_evening(now))
    whole = all(answer.unknown is None and answer.received for answer in feeds)
    read = {answer.evening for answer in feeds if whole and answer.evening}
    last = max((f.evening for f in coverage.feeds if f.query == query), default=evening - timedelta(days=1))
    late = [calendar.submissions(e) for e in read]
    old = [g for g in coverage.gaps if g.query != query or Window(g.since, g.until) not in late]
    new = [_missed(query, e, now) for e in calendar.evenings(last, evening) if e not in read]
    shown = [a for answer in feeds for a in answer.announced] if whole else []
    after = replace(
        coverage,
        gaps=in_order((*old, *new)),
        feeds=(*(f for f in coverage.feeds if f.query != query), Feed(query, max(last, evening))),
        asked=tuple(rest for a in coverage.asked for rest in ([a] if a.query != query else without([a], late))),
        announced=_latest((*coverage.announced, *shown), lambda a: (a.category, a.evening)),
    )
    return replace(after, asked=all_asked(after))


def _missed(query: str, evening: date, now: datetime) -> Gap:
    window, unsure = calendar.submissions(evening), calendar.announces(evening) is None
    why = Unknown(Reason.MISSED_FEED, evening=evening, perhaps_holiday=unsure)
    return Gap(query, window.since, window.until, now, why)


def _closable(gap: Gap, query: str, now: datetime) -> bool:
    """Whether proof for a query can close a gap; that of a missed feed stays until the index must have its papers."""
    return gap.query == query and not (is_missed_feed(gap) and now < gap.until + INDEX_LAG)


def _joined(gaps: Sequence[Gap], missing: Iterable[Gap]) -> list[Gap]:
    """Return gaps with what is missing now, each joined with those it overlaps.

    The first day and reason stay, so that what people read of a gap does not change from run to run. A count to
    confirm goes before other reasons: otherwise no later day could confirm it.
    """
    joined = list(gaps)
    for one in missing:
        same = [g for g in joined if g.query == one.query and overlap(g, one)]
        since, until = min(g.since for g in (one, *same)), max(g.until for g in (one, *same))
        first = min((*same, one), key=lambda g: (g.why.reason is not Reason.FEW_ONCE, g.noticed, g.since))
        joined = [*(g for g in joined if g not in same), replace(first, since=since, until=until)]
    return joined


def _latest(records: Iterable[_Record], key: Callable[[_Record], tuple[Any, ...]]) -> tuple[_Record, ...]:
    """Return the latest records of each group, one for each key; a key begins with its group and its time."""
    known = {key(record): record for record in records}
    groups = (list(keys) for _, keys in groupby(sorted(known), key=lambda k: k[0]))
    return tuple(known[k] for keys in groups for k in keys[-_KEPT:])


def _deeps(coverage: Coverage, query: str, proving: Sequence[Answer], now: datetime) -> tuple[Deep, ...]:
    """Return when long look-backs were proven; the first asking of a query counts as one."""
    long = Window(now - timedelta(days=DEEP_DAYS), now - timedelta(days=1))
    deep = any(a.unknown is None and a.window.since <= long.since and long.until <= a.window.until for a in proving)
    others = tuple(known for known in coverage.deeps if known.query != query)
    first = bool(proving) and others == coverage.deeps
    return (*others, Deep(query, now)) if deep or first else coverage.deeps
