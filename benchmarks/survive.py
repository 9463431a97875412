"""How much of the curators' choice survives each stage: `python -m benchmarks.survive [WEEK ...]`, by default all.

Exits with 1 when a paper that curators chose never reached the judge.

Each labelled week of the shared data is announced day by day on a local arXiv: in the feed in the morning, in the API's
index up to three days later. The bot runs every morning as the shipped configuration says, feed and API, and judges by
the learned judge; the list is what the serving lists held before the week's era. Nobody merges meanwhile and nothing is
carried from week to week but the allowance of a bot at work, so that Monday has its fifth of the room and no more. What
finds no room waits in the backlog for the next pull request.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot import config
from bot.arxiv import paper_json
from bot.config import Config
from bot.forges.base import Forge
from bot.model import Paper
from bot.pipeline import Outcome
from bot.state.model import Quota, State
from tests.servers.arxiv import ArxivServer
from tests.servers.rss import Announcement, Bulletin
from tests.slow.simulate import DATA, ROOT, RUN_AT, Event, Plan, Shelf, events, one_run

DAYS = 5
"""The runs of a week, Monday to Friday."""
ERAS = ("2025-07-01", "2025-11-01", "2026-03-01")


def labelled(only: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the labelled weeks by their Monday, or only some; ends the program when one is not there."""
    paths = {path.stem: path for path in sorted((DATA.parent / "weeks").glob("*.json"))}
    unknown = [monday for monday in only if monday not in paths]
    if unknown or not paths:
        there = ", ".join(paths) or "none: the shared data is not here"
        sys.exit(f"there is no week {', '.join(unknown)}; known weeks: {there}")
    for monday in only or paths:
        yield monday, json.loads(paths[monday].read_text("utf-8"))


def records() -> tuple[dict[str, Paper], dict[str, date]]:
    """Return the papers of the shared data, and the day on which each was announced, as far as known."""
    known, days = {}, {}
    with gzip.open(DATA, "rb") as lines:
        for record in map(json.loads, lines):
            known[record["id"]] = paper_json.decode_paper(record, DATA.name)
            if "announced" in record:
                days[record["id"]] = date.fromisoformat(record["announced"])
    return known, days


def announced(ids: Sequence[str], days: dict[str, date], known: dict[str, Paper]) -> tuple[Event, ...]:
    """Return when papers were announced and came into the index; none was held, for what lies before is not here."""
    return events([(known[i], days[i]) for i in ids if i in known and i in days], Plan(held=0.0, held_long=0.0))


def listed(era: str, known: dict[str, Paper]) -> dict[str, Paper]:
    """Return what the serving lists held before an era."""
    lines = (DATA.parent / "serving_rows.jsonl").read_text("utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    early = {r["arxiv_id"]: r for r in rows if r["added"] < era}
    return {i: known.get(i) or Paper(i, r.get("title") or i) for i, r in early.items()}


@dataclass(frozen=True)
class Mornings:
    """What the runs of some days came to: the papers that reached the judge, those known already, and the last run."""

    received: frozenset[str]
    duplicates: frozenset[str]
    requests: int
    last: Outcome


def mornings(
    settings: Config, world: Sequence[Event], monday: date, forge: Forge, days: Sequence[int] = range(DAYS)
) -> Mornings:
    """Run on some days after a Monday, while nobody merges."""
    task, received, duplicates, requests = settings.lists[0], set[str](), set[str](), 0
    indexed = {event.paper.id: event.indexed for event in world}
    times = [datetime.combine(monday, RUN_AT, UTC)]
    with ArxivServer(
        [event.paper for event in world],
        clock=lambda: times[0],
        visible=lambda paper: indexed[paper.id],
        bulletin=Bulletin(Announcement(event.paper, event.day) for event in world),
    ) as server:
        for day in days:
            times[0] = datetime.combine(monday + timedelta(days=day), RUN_AT, UTC)
            outcome, asked = one_run(settings, task, server, forge, times[0], [], received, random.Random(day))
            duplicates |= {duplicate.id for duplicate in outcome.proposal.duplicates}
            requests += asked
    return Mornings(frozenset(received), frozenset(duplicates), requests, outcome)


def replay(
    settings: Config, world: Sequence[Event], monday: date, wanted: set[str], known: dict[str, Paper]
) -> Counter[str]:
    """Run on each working day of a week and count where the wanted papers came to be."""
    rows = "\n".join(
        f"- [{re.sub(r'[^A-Za-z0-9 :-]', ' ', p.title)}](https://arxiv.org/abs/{i})" for i, p in known.items()
    )
    source = f"# Serving\n\n## Papers\n\n{rows}\n".encode()
    at_work = Quota(monday - timedelta(days=3), 0)
    shelf = Shelf(source, source, State(library=tuple(known.values()), quota=at_work))
    return accounted(wanted, mornings(settings, world, monday, shelf))


def accounted(wanted: set[str], found: Mornings) -> Counter[str]:
    """Count where the wanted papers came to be."""
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
    counts["below"] = counts["received"] - sum(counts[n] for n in ("proposed", "near miss", "backlog", "duplicate"))
    counts["requests"] = found.requests
    return counts


COLUMNS = (
    "weeks",
    "strict",
    "received",
    "duplicate",
    "proposed",
    "near miss",
    "backlog",
    "below",
    "all proposed",
    "requests",
)


def shipped() -> Config:
    """Return the shipped configuration for a list of one section, whose sections are not the subject."""
    settings = config.load(ROOT / "config" / "keywords.yaml")
    task = settings.lists[0].model_copy(update={"sections": ()})
    task = task.model_copy(update={"unsorted": "Papers"})
    return replace(settings, lists=(task,))


def main() -> None:
    """Print where the curators' choice came to be, by era and pooled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weeks", nargs="*", metavar="WEEK", help="the Monday of a week in ../shared/data")
    weeks = dict(labelled(parser.parse_args().weeks))
    settings = shipped()
    known, days = records()
    eras: dict[str, Counter[str]] = {}
    for monday, week in weeks.items():
        if era := max((e for e in ERAS if e <= monday), default=None):
            before = listed(era, known)
            world = announced([i for i in week["ids"] if i not in before], days, known)
            wanted = set(week["positives_strict"]) & {event.paper.id for event in world}
            found = replay(settings, world, date.fromisoformat(monday), wanted, before)
            eras.setdefault(era, Counter()).update(found)
            print(monday, {c: found[c] for c in COLUMNS}, flush=True)
    for name, found in [*eras.items(), ("all", sum(eras.values(), Counter()))]:
        print(name, {c: found[c] for c in COLUMNS}, f"found {found['proposed'] / max(1, found['strict']):.2f}")
    if missing := sum(found["strict"] - found["received"] for found in eras.values()):
        sys.exit(f"{missing} papers never reached the judge")


if __name__ == "__main__":
    main()
