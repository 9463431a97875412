"""Arithmetic on half-open time ranges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.model import Window


@dataclass(frozen=True, slots=True)
class Period:
    """The range `[since, until)` of a query."""

    query: str
    since: datetime
    until: datetime


AnyPeriod = TypeVar("AnyPeriod", bound=Window | Period)
OfQuery = TypeVar("OfQuery", bound=Period)


def overlap(one: Window | Period, other: Window | Period) -> bool:
    """Whether two ranges have a time in common."""
    return one.since < other.until and other.since < one.until


def clip(span: AnyPeriod, since: datetime, until: datetime) -> list[AnyPeriod]:
    """Return the part of a range that lies in `[since, until)`, if any."""
    since, until = max(span.since, since), min(span.until, until)
    return [replace(span, since=since, until=until)] if since < until else []


def cut(span: AnyPeriod, hole: Window | Period) -> list[AnyPeriod]:
    """Return the parts of a range outside another."""
    return [*clip(span, span.since, hole.since), *clip(span, hole.until, span.until)]


def without(spans: Iterable[AnyPeriod], holes: Iterable[Window | Period]) -> list[AnyPeriod]:
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


def months(span: AnyPeriod) -> list[AnyPeriod]:
    """Return a range split where a calendar month (UTC) ends, oldest part first."""
    parts: list[AnyPeriod] = []
    since = span.since.astimezone(UTC)
    while since < span.until:
        first = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        until = min((first + timedelta(days=32)).replace(day=1), span.until)
        parts.append(replace(span, since=since, until=until))
        since = until
    return parts
