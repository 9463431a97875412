"""Arithmetic on half-open time ranges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.model import Window


@dataclass(frozen=True, slots=True)
class QueryWindow:
    """The range `[since, until)` of a query."""

    query: str
    since: datetime
    until: datetime


AnyWindow = TypeVar("AnyWindow", bound=Window | QueryWindow)
OfQuery = TypeVar("OfQuery", bound=QueryWindow)


def overlap(one: Window | QueryWindow, other: Window | QueryWindow) -> bool:
    """Whether two ranges have a time in common."""
    return one.since < other.until and other.since < one.until


def clip(span: AnyWindow, since: datetime, until: datetime) -> list[AnyWindow]:
    """Return the part of a range that lies in `[since, until)`, if any."""
    since, until = max(span.since, since), min(span.until, until)
    return [replace(span, since=since, until=until)] if since < until else []


def cut(span: AnyWindow, hole: Window | QueryWindow) -> list[AnyWindow]:
    """Return the parts of a range outside another."""
    return [*clip(span, span.since, hole.since), *clip(span, hole.until, span.until)]


def without(spans: Iterable[AnyWindow], holes: Iterable[Window | QueryWindow]) -> list[AnyWindow]:
    """Return the parts of ranges outside all others."""
    parts = list(spans)
    for hole in holes:
        parts = [rest for part in parts for rest in cut(part, hole)]
    return parts


def merge(spans: Iterable[OfQuery]) -> tuple[OfQuery, ...]:
    """Return ranges in order, those of one query that touch joined."""
    merged: list[OfQuery] = []
    for one in sorted(spans, key=lambda s: (s.query, s.since)):
        last = merged[-1] if merged else None
        if last and last.query == one.query and one.since <= last.until:
            merged[-1] = replace(last, until=max(last.until, one.until))
        else:
            merged.append(one)
    return tuple(merged)


def months(span: AnyWindow) -> list[AnyWindow]:
    """Return a range split where a calendar month (UTC) ends, oldest part first."""
    parts: list[AnyWindow] = []
    since = span.since.astimezone(UTC)
    while since < span.until:
        first = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        until = min((first + timedelta(days=32)).replace(day=1), span.until)
        parts.append(replace(span, since=since, until=until))
        since = until
    return parts
