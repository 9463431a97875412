"""The labelled weeks of the shared data, announced day by day on a local arXiv."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.config import Config
from bot.forges.base import Forge
from bot.model import Paper
from bot.pipeline import Outcome
from tests.servers import shared
from tests.servers.past import RUN_AT, Delays, Event, events, one_run, serve
from tests.servers.stand_ins import Record
from tests.servers.whole import job

DAYS = 5
"""The runs of a week, Monday to Friday."""
ERAS = ("2025-07-01", "2025-11-01", "2026-03-01")
"""The weeks of an era are judged by what the lists on serving held before its first day."""
PLACES = ("proposed", "near miss", "backlog", "duplicate")


def labelled(only: Collection[str] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the labelled weeks by their Monday, or only some; exit when one is missing."""
    weeks = shared.weeks()
    unknown = [monday for monday in only if monday not in weeks]
    if unknown or not weeks:
        known = ", ".join(weeks) or "none, because the shared data is missing"
        sys.exit(f"there is no week {', '.join(unknown)}; known weeks: {known}")
    yield from ((monday, weeks[monday]) for monday in only or weeks)


def era_of(monday: str) -> str | None:
    """Return the era of a week, None before the first."""
    return max((era for era in ERAS if era <= monday), default=None)


def announced(ids: Iterable[str], days: Mapping[str, date], known: Mapping[str, Paper]) -> tuple[Event, ...]:
    """Return when papers were announced and indexed; none was held, since what lies before is not here."""
    return events([(known[i], days[i]) for i in ids if i in known and i in days], Delays(held=0.0, held_long=0.0))


def list_of(papers: Iterable[Paper]) -> bytes:
    """Return a list of one section that holds papers, their titles in plain letters."""
    rows = "".join(f"- [{re.sub(r'[^A-Za-z0-9 :-]', ' ', p.title)}](https://arxiv.org/abs/{p.id})\n" for p in papers)
    return f"# Serving\n\n## Papers\n\n{rows}".encode()


@dataclass(frozen=True)
class Mornings:
    """What the runs of some days came to: the papers received, the duplicates, the requests, and the last outcome."""

    received: frozenset[str]
    duplicates: frozenset[str]
    requests: int
    last: Outcome


def mornings(
    settings: Config, world: Sequence[Event], monday: date, forge: Forge, days: Sequence[int] = range(DAYS)
) -> Mornings:
    """Run on some days after a Monday, while nobody merges."""
    record, duplicates, requests = Record(), set[str](), 0
    now = datetime.combine(monday, RUN_AT, UTC)
    with serve(world, lambda: now) as server:
        for day in days:
            now = datetime.combine(monday + timedelta(days=day), RUN_AT, UTC)
            outcome, asked = one_run(job(settings, forge, now), server, record, random.Random(day))
            duplicates |= {duplicate.id for duplicate in outcome.proposal.duplicates}
            requests += asked
    return Mornings(frozenset(record.received), frozenset(duplicates), requests, outcome)


def accounted(wanted: set[str], found: Mornings) -> Counter[str]:
    """Count where the wanted papers are after the mornings; `below` counts those judged irrelevant."""
    state = found.last.change.state
    groups = {
        "received": found.received,
        "proposed": {p.candidate.paper.id for p in state.open if p.row is not None},
        "near miss": {p.candidate.paper.id for p in state.open if p.row is None},
        "backlog": {c.paper.id for c in state.backlog},
    }
    groups["duplicate"] = found.duplicates - groups["proposed"]
    counts = Counter({name: len(wanted & ids) for name, ids in groups.items()})
    counts["strict"], counts["all proposed"], counts["weeks"] = len(wanted), len(groups["proposed"]), 1
    counts["below"] = counts["received"] - sum(counts[name] for name in PLACES)
    counts["requests"] = found.requests
    return counts


def shown(found: Counter[str], columns: Iterable[str]) -> str:
    """Return counts in words."""
    return ", ".join(f"{found[name]} {name}" for name in columns)
