"""A quarter of real papers over a faulty arXiv: what is lost, and what is claimed. Run by `make simulate`.

The bot asks a local arXiv over HTTP, day by day; only clock and sleep are made up. A paper is announced on its recorded
day and appears in the API's index up to three days later; some were held for days or weeks, so they were submitted that
much earlier. A maintainer merges every Friday. Two usual designs (`tests.slow.designs`) see the same papers with the
same faults. Papers without any phrase of the list are only there to be judged: one in `BACKGROUND` of them is kept.
"""

from __future__ import annotations

import argparse
import random
import sys
import time as wall
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from unittest import mock
from zlib import crc32

from bot import config
from bot.arxiv import paper_json
from bot.config import Config, ListConfig
from bot.coverage.ledger import digest, open_gaps
from bot.judge import factory
from bot.model import Paper, Window
from bot.paperlist.read.document import parse
from bot.sources.query import search_query
from bot.state.model import State
from tests.servers.arxiv import Fault, HttpError
from tests.servers.arxiv_query import Document, Predicate, predicate
from tests.servers.arxiv_query import parse as parse_query
from tests.servers.past import Event, events, one_run, serve
from tests.servers.rss import RSS_PATH
from tests.servers.shared import PAPERS, ROOT, records
from tests.servers.stand_ins import Claim, MemoryForge, Record, by_keywords
from tests.servers.whole import job
from tests.slow.designs import newest_of_each, only_yesterday, seen_by
from tests.slow.plan import Plan, Span

TAIL_DAYS = 35
"""How long the simulation goes on after the quarter, so that the monthly long look-back comes once more."""
BEFORE_DAYS = 35
"""How many days of papers there are before the first run looks back: arXiv is never empty."""
FRIDAY = 4
BACKGROUND = 10


@dataclass(frozen=True)
class Ran:
    """What one run took and brought."""

    requests: int
    complete: bool
    proposed: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What a simulation came to."""

    days: int
    runs: tuple[Ran, ...]
    wanted: frozenset[str]
    announced: frozenset[str]
    received: frozenset[str]
    claims: int
    false_claims: list[str]
    twice: list[str]
    places: Counter[str]
    gaps: int
    uncovered: list[Window]

    @property
    def requests(self) -> list[int]:
        """The requests of each run."""
        return [ran.requests for ran in self.runs]

    @property
    def incomplete(self) -> int:
        """How many runs reported that something may be missing."""
        return sum(not ran.complete for ran in self.runs)


def real_records(since: date, days: int, settings: ListConfig) -> Iterator[tuple[Paper, date]]:
    """Yield the papers of the shared data announced in some days, with their day, and few of those off the topic."""
    phrases = [keyword.phrase.casefold() for keyword in settings.query().keywords]
    until = since + timedelta(days=days)
    for record in records():
        if since.isoformat() <= record.get("announced", "") < until.isoformat():
            text = f"{record['title']} {record.get('summary', '')}".casefold().replace("-", " ")
            if crc32(record["id"].encode()) % BACKGROUND == 0 or any(phrase in text for phrase in phrases):
                yield paper_json.decode_paper(record, PAPERS.name), date.fromisoformat(record["announced"])


# The bot


def simulate(settings: Config, source: bytes, world: Sequence[Event], span: Span, plan: Plan) -> Result:
    """Run the bot once a day over the world, and check what it received and claimed."""
    task = settings.lists[0]
    forge, record = MemoryForge(source, source), Record()
    with mock.patch.object(factory, "judge_for", return_value=by_keywords(task, parse(source, task.file))):
        runs = tuple(play(settings, forge, record, world, span, plan))
    inside = [event for event in world if span.begin < event.day < span.checked.until.date()]
    match, category = truth(task)
    documents = {event.paper.id: Document(event.paper) for event in world}
    wanted = frozenset(event.paper.id for event in inside if match(documents[event.paper.id]))
    where, twice = places(forge, task)
    proposed = Counter(i for ran in runs for i in ran.proposed)
    twice += [f"{i} was proposed {n} times" for i, n in proposed.items() if n > 1]
    twice += [f"{i} was proposed but is nowhere" for i in proposed if i not in where]
    query = digest(task.query())
    return Result(
        days=span.length,
        runs=runs,
        wanted=wanted,
        announced=frozenset(event.paper.id for event in inside if category(documents[event.paper.id])),
        received=frozenset(record.received),
        claims=len(record.claims),
        false_claims=list(false_claims(record.claims, world, documents, match, category)),
        twice=twice,
        places=Counter(where.get(i, "not relevant") for i in wanted & record.received),
        gaps=len(open_gaps(forge.state.coverage, query)),
        uncovered=uncovered(forge.state, query, span.checked),
    )


def play(
    settings: Config, forge: MemoryForge, record: Record, world: Sequence[Event], span: Span, plan: Plan
) -> Iterator[Ran]:
    """Run on every day but some, merge on Fridays, and yield what each run came to."""
    rng = random.Random(plan.seed + 1)
    dead = set(rng.sample(range(2, span.days), plan.dead_days))
    skipped = {day for day in range(1, span.length) if rng.random() < plan.skipped} - {span.length - 1}
    feed_dead = {day for day in range(span.length) if rng.random() < plan.feed_dead}
    today = 0

    def spoil(path: str) -> Fault:
        if today in dead or (path.startswith(RSS_PATH) and today in feed_dead):
            return HttpError(503, "Service busy")
        return plan.fault(rng)

    with serve(world, lambda: span.run_at(today), spoil) as server:
        for today in range(span.length):
            if today not in skipped:
                now = span.run_at(today)
                outcome, requests = one_run(job(settings, forge, now), server, record, rng)
                new = tuple(shown.candidate.paper.id for shown in outcome.board.new)
                if now.weekday() == FRIDAY:
                    forge.merge()
                yield Ran(requests, outcome.proposal.complete, new)


# The checks


def truth(settings: ListConfig) -> tuple[Predicate, Predicate]:
    """Return what matches the list's query, and what matches the query for everything in its categories."""
    queries = (settings.query(), settings.everything() or settings.query())
    match, category = (predicate(parse_query(search_query(query, None))) for query in queries)
    return match, category


def false_claims(
    claims: Iterable[Claim],
    world: Sequence[Event],
    documents: dict[str, Document],
    match: Predicate,
    category: Predicate,
) -> Iterator[str]:
    """Yield each paper that the index had when its window was called complete, and that did not come."""
    ordered = sorted(world, key=lambda event: event.published)
    dates = [event.published for event in ordered]
    for claim in claims:
        if not claim.answer.proves:
            continue
        matches = match if claim.query.keywords else category
        window = claim.answer.window
        for event in ordered[bisect_left(dates, window.since) : bisect_left(dates, window.until)]:
            i = event.paper.id
            if event.indexed <= claim.at and i not in claim.received and matches(documents[i]):
                yield f"{i} was in the index when {claim.at:%Y-%m-%d} called {window.since} to {window.until} complete"


def places(forge: MemoryForge, settings: ListConfig) -> tuple[dict[str, str], list[str]]:
    """Return where each paper that is remembered is in the end, and which are in two places."""
    rows = Counter(i for entry in parse(forge.working, settings.file).entries for i in set(entry.arxiv_ids))
    state = forge.state
    groups = {
        "proposed": [p.candidate.paper.id for p in state.open if p.row is not None]
        + [d.id for d in state.decisions if rows[d.id]],
        "near miss": [p.candidate.paper.id for p in state.open if p.row is None]
        + [d.id for d in state.decisions if not rows[d.id]],
        "backlog": [c.paper.id for c in state.backlog],
    }
    where = {i: name for name, ids in groups.items() for i in ids}
    counts = Counter(i for ids in groups.values() for i in ids)
    twice = [f"{i} is in {n} places" for i, n in counts.items() if n > 1]
    return where, twice + [f"{i} has {n} rows" for i, n in rows.items() if n > 1 and i in where]


def uncovered(state: State, query: str, whole: Window) -> list[Window]:
    """Return the parts of a period that are not proven."""
    left, at = [], whole.since
    for one in sorted((c for c in state.coverage.covered if c.query == query), key=lambda c: c.since):
        if one.since > at:
            left.append(Window(at, min(one.since, whole.until)))
        at = max(at, one.until)
        if at >= whole.until:
            return left
    return [*left, Window(at, whole.until)]


def problems(result: Result) -> list[str]:
    """Return what must not be: a paper lost or in two places, a false claim, a hole in the coverage."""
    return [
        *(f"{i} matches the query and was never received" for i in sorted(result.wanted - result.received)),
        *result.twice,
        *result.false_claims,
        *(f"{w.since} to {w.until} is not proven" for w in result.uncovered),
        *([f"{result.gaps} gaps are open"] if result.gaps else []),
    ]


def main() -> None:
    """Simulate the quarter; exit with 1 when a paper was lost, doubled or falsely accounted for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--since", type=date.fromisoformat, default=date(2026, 1, 5), help="the first day")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--tail", type=int, default=TAIL_DAYS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not PAPERS.exists():
        sys.exit(f"the simulation needs the records of the shared data: {PAPERS.name} is missing")
    began = wall.monotonic()
    plan, span = Plan(seed=options.seed), Span(options.since, options.days, options.tail)
    settings = config.load(ROOT / "config" / "keywords.yaml")
    first = span.begin - timedelta(days=BEFORE_DAYS)
    world = events(real_records(first, BEFORE_DAYS + span.length, settings.lists[0]), plan)
    result = simulate(settings, (ROOT / "PAPERS.md").read_bytes(), world, span, plan)
    report(result, world)
    compare(result, settings.lists[0], world, span, plan)
    print(f"\n{wall.monotonic() - began:.0f} seconds")
    if found := problems(result):
        sys.exit("\n".join(("", *found[:20], f"{len(found)} problems")))


def report(result: Result, world: Sequence[Event]) -> None:
    """Print the figures of the bot."""
    requests = sorted(result.requests)
    seen = result.received & result.announced
    print(f"{len(world):,} papers; {len(result.announced):,} announced in the days and categories that are checked")
    print(f"runs: {len(result.runs)}; {result.incomplete} of them reported that papers may be missing")
    print(f"requests: {sum(requests):,}; median {requests[len(requests) // 2]} a run, at most {requests[-1]}")
    print(f"papers of the quarter that match the query: {len(result.wanted):,}; in the end {dict(result.places)}")
    print(f"judged of those announced, with or without keywords: {len(seen):,}")
    print(f"claims of completeness: {result.claims}, false {len(result.false_claims)}; open gaps: {result.gaps}")


def compare(result: Result, settings: ListConfig, world: Sequence[Event], span: Span, plan: Plan) -> None:
    """Print what the bot and the usual designs lose."""
    designs = {
        "newest 10 of each keyword": newest_of_each(settings, 10),
        "only yesterday": only_yesterday(settings),
    }
    rows = [("this bot", result.wanted & result.received, sum(result.requests) / result.days)]
    for name, design in designs.items():
        seen, requests = seen_by(design, world, result.wanted, Span(span.begin, span.length), plan)
        rows.append((name, seen & result.wanted, requests))
    print(f"\n{'design':<28}{'seen':>8}{'lost':>8}{'share lost':>12}{'requests/day':>14}")
    for name, seen, requests in rows:
        lost = len(result.wanted) - len(seen)
        print(f"{name:<28}{len(seen):>8}{lost:>8}{lost / len(result.wanted):>12.1%}{requests:>14.1f}")


if __name__ == "__main__":
    main()
