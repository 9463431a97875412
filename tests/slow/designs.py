"""Two usual designs of such a bot, which see the same papers with the same faults, for comparison."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.config import ListConfig
from bot.sources.query import search_query
from tests.servers.arxiv import FalseZero, Fault, HttpError
from tests.servers.arxiv_query import Document, parse, predicate
from tests.servers.past import Event
from tests.slow.plan import Plan, Span

Ask = Callable[[Callable[[Event], bool], datetime], list[Event] | None]
"""Returns what matches in the index at a time, newest first, or None when arXiv fails."""
Design = Callable[[Ask, datetime], Iterator[Event]]
"""Yields what a design sees on a day."""

_documents: dict[str, Document] = {}


def newest_of_each(settings: ListConfig, count: int) -> Design:
    """Return the design that asks for the newest papers of each keyword every day, one request for each."""
    query = settings.query()
    texts = [predicate(parse(search_query(replace(query, keywords=(k,)), None))) for k in query.keywords]

    def day(ask: Ask, now: datetime) -> Iterator[Event]:
        for matches in texts:
            yield from (ask(lambda event, m=matches: m(_document(event)), now) or [])[:count]  # type: ignore[misc]

    return day


def only_yesterday(settings: ListConfig) -> Design:
    """Return the design that asks each day for what was submitted since yesterday began."""
    matches = predicate(parse(search_query(settings.query(), None)))

    def day(ask: Ask, now: datetime) -> Iterator[Event]:
        since = datetime.combine(now.date() - timedelta(days=1), time(), UTC)
        yield from ask(lambda event: event.published >= since and matches(_document(event)), now) or []

    return day


def _document(event: Event) -> Document:
    return _documents.setdefault(event.paper.id, Document(event.paper))


def seen_by(
    design: Design, world: Sequence[Event], wanted: frozenset[str], span: Span, plan: Plan
) -> tuple[frozenset[str], float]:
    """Return the wanted papers that a design sees, and its requests a day; it tries each request three times."""
    rng = random.Random(plan.seed + 1)
    dead = set(rng.sample(range(2, span.length), plan.dead_days))
    newest = sorted((event for event in world if event.paper.id in wanted), key=lambda e: e.published, reverse=True)
    seen: set[str] = set()
    asked = 0

    def ask(matches: Callable[[Event], bool], now: datetime) -> list[Event] | None:
        nonlocal asked
        for _ in range(3):
            asked += 1
            fault = HttpError(503) if (now.date() - span.begin).days in dead else plan.fault(rng)
            if isinstance(fault, FalseZero):
                return []
            if type(fault) is Fault:
                return [event for event in newest if event.indexed <= now and matches(event)]
        return None

    for day in range(span.length):
        if rng.random() >= plan.skipped:
            seen |= {event.paper.id for event in design(ask, span.run_at(day))}
    return frozenset(seen), asked / span.length
