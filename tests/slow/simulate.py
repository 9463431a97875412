"""`make simulate`: a quarter of real papers over a faulty arXiv, told what was lost and what was claimed.

The bot's own run, sources and client ask a local arXiv over HTTP, day by day; only clock and sleep are made up. A
paper is announced on its recorded day, appears in the API's index up to three days later, and some were held for days
or weeks before: their submission lies that much earlier. A maintainer merges what is proposed every Friday. Two usual
designs see the same papers with the same faults for comparison.

Of the papers without any word of the list's topic one in `BACKGROUND` is kept: they only take time to judge.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time as wall
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from unittest import mock
from zlib import crc32

from bot import config
from bot.arxiv import calendar, paper_json
from bot.config import Config, ListConfig
from bot.coverage.ledger import digest, open_gaps
from bot.forges.base import Forge
from bot.judge import factory
from bot.judge.base import Judge
from bot.judge.keywords import KeywordJudge
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Verdict, Window
from bot.paperlist.read.document import Document as ListDocument
from bot.paperlist.read.document import parse
from bot.pipeline import Outcome
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.snapshot import Ended, PullRequest, Snapshot
from bot.sources.api import ApiSource
from bot.sources.combined import Sources
from bot.sources.http import Manners, PoliteSession, Timing
from bot.sources.query import search_query
from bot.sources.rss import RssSource
from bot.state.files import blob_id
from bot.state.model import State
from tests.runs.whole import job, run_list
from tests.servers.arxiv import ArxivServer, FalseZero, Fault, HtmlPage, HttpError, Reset, Truncated
from tests.servers.arxiv_query import Document, Predicate, predicate
from tests.servers.arxiv_query import parse as parse_query
from tests.servers.rss import RSS_PATH, Announcement, Bulletin

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "papers.jsonl.gz"
RUN_AT = time(6, 37)
TAIL_DAYS = 35
"""How long the simulation goes on after the quarter, so that the monthly long look-back comes once more."""
BEFORE_DAYS = 35
"""How many days of papers there are before the first run looks back: arXiv is never empty."""
FRIDAY = 4
BACKGROUND = 10


@dataclass(frozen=True)
class Plan:
    """What goes wrong, as shares of requests, days and papers."""

    seed: int = 1
    throttled: float = 0.10
    busy: float = 0.05
    empty: float = 0.05
    truncated: float = 0.03
    page: float = 0.02
    reset: float = 0.02
    skipped: float = 0.10
    feed_dead: float = 0.08
    dead_days: int = 1
    held: float = 0.05
    held_long: float = 0.01
    lag_days: float = 3.0

    def fault(self, rng: random.Random) -> Fault:
        """Draw what goes wrong with one request."""
        faults = (
            (self.throttled / 2, HttpError(429)),
            (self.throttled / 2, HttpError(429, retry_after="60")),
            (self.busy, HttpError(503, "Service busy")),
            (self.empty, FalseZero()),
            (self.truncated, Truncated()),
            (self.page, HtmlPage()),
            (self.reset, Reset()),
        )
        drawn = rng.random()
        for share, fault in faults:
            if drawn < share:
                return fault
            drawn -= share
        return Fault()

    def held_days(self, rng: random.Random) -> int:
        """Draw for how many days a paper was held back."""
        drawn = rng.random()
        if drawn < self.held_long:
            return rng.randint(20, 45)
        return rng.randint(4, 12) if drawn < self.held_long + self.held else 0


@dataclass(frozen=True)
class Event:
    """A paper, the day of the feed that announces it, and when the API's index has it."""

    paper: Paper
    day: date
    indexed: datetime


@dataclass
class Claim:
    """An answer of a run that says a window is complete, when it was said, and what came with it."""

    query: Query
    answer: Answer
    at: datetime
    received: frozenset[str]


@dataclass
class Told:
    """A source that passes on everything and remembers what came."""

    source: Sources
    now: datetime
    claims: list[Claim]
    received: set[str]
    name: str = "api and rss"
    proves: bool = True

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Ask, and remember what came and what it was said to prove."""
        batch = self.source.fetch(query, windows, expected)
        ids = frozenset(paper.id for paper in batch.papers)
        self.received |= ids
        self.claims += [Claim(query, a, self.now, ids) for a in batch.answers if a.unknown is None]
        return batch

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Ask."""
        return self.source.fetch_by_id(ids)


@dataclass(frozen=True)
class Remembering:
    """A judge by keywords that judges each text once: such verdicts depend on nothing else."""

    rules: KeywordJudge
    known: dict[tuple[str, str], Verdict]

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return the verdicts."""
        new = [paper for paper in papers if (paper.title, paper.summary) not in self.known]
        verdicts = zip(new, self.rules.judge(new), strict=True)
        self.known.update({(paper.title, paper.summary): verdict for paper, verdict in verdicts})
        return tuple(self.known[paper.title, paper.summary] for paper in papers)


def by_keywords(task: ListConfig, document: ListDocument) -> Judge:
    """Return a judge that stands for the learned one: what is discovered, the subject here, does not depend on it."""
    found = [(rule, document.section((rule.heading,))) for rule in task.sections]
    sections = {s.path: tuple(phrase.keyword() for phrase in rule.keywords) for rule, s in found if s}
    query = task.query()
    return Remembering(KeywordJudge(query.keywords, query.exclude, sections), {})


@dataclass
class Shelf:
    """A forge in memory: the list, its open branch and the state; `merge` is what a maintainer does."""

    base: bytes
    working: bytes
    state: State = field(default_factory=State)
    pull: PullRequest | None = None
    ended: Ended | None = None

    def read(self, settings: ListConfig) -> Snapshot:
        """Return what stands."""
        cycle = self.state.cycle if self.pull else self.state.cycle + 1
        return Snapshot(self.base, blob_id(self.base), self.working, self.state, cycle, self.pull, self.ended)

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Nobody edits the list here but by merging."""
        return snapshot

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Keep the change."""
        self.state, self.ended = change.state, None
        self.working = change.content or self.working
        if change.title is not None and change.text is not None:
            self.pull = PullRequest("here", change.title, change.text)
        return Publication("here")

    def merge(self) -> None:
        """Merge the open branch, if there is one."""
        if self.pull:
            self.base, self.pull, self.ended = self.working, None, Ended.MERGED


class Clock:
    """Seconds that only pass by sleeping."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass(frozen=True)
class Result:
    """What a simulation came to."""

    days: int
    runs: int
    incomplete: int
    requests: list[int]
    wanted: frozenset[str]
    announced: frozenset[str]
    received: frozenset[str]
    claims: int
    false_claims: list[str]
    twice: list[str]
    nowhere: list[str]
    places: Counter[str]
    gaps: int
    uncovered: list[Window]


# --- the world ----------------------------------------------------------------------------------------------


def feed_day(day: date) -> date:
    """Return the day of the feed that has what a crawler first saw on a day: that day, or the next with a feed."""
    while calendar.announces(day - timedelta(days=1)) is False:
        day += timedelta(days=1)
    return day


def events(records: Iterable[tuple[Paper, date]], plan: Plan) -> tuple[Event, ...]:
    """Return when each paper was submitted, announced and indexed.

    One without a date was submitted at some time in the range its announcement is of; one that was held, earlier.
    """
    rng = random.Random(plan.seed)
    found = []
    for paper, seen in records:
        day = feed_day(seen)
        evening = day - timedelta(days=1)
        window = calendar.submissions(evening)
        submitted = window.since + (window.until - window.since) * rng.random()
        submitted = submitted.replace(microsecond=0) - timedelta(days=plan.held_days(rng))
        announced = datetime.combine(evening, calendar.ANNOUNCED, calendar.EASTERN).astimezone(UTC)
        indexed = announced + timedelta(days=plan.lag_days * rng.random())
        found.append(Event(replace(paper, published=submitted, updated=submitted), day, indexed))
    return tuple(found)


def real_records(since: date, days: int, task: ListConfig) -> Iterator[tuple[Paper, date]]:
    """Yield the records of the shared data announced in some days, with their day, and few of those off the topic."""
    phrases = [keyword.phrase.casefold() for keyword in task.query().keywords]
    until = since + timedelta(days=days)
    with gzip.open(DATA, "rb") as lines:
        for line in lines:
            record = json.loads(line)
            if since.isoformat() <= record.get("announced", "") < until.isoformat():
                text = f"{record['title']} {record.get('summary', '')}".casefold().replace("-", " ")
                if crc32(record["id"].encode()) % BACKGROUND == 0 or any(phrase in text for phrase in phrases):
                    yield paper_json.decode_paper(record, DATA.name), date.fromisoformat(record["announced"])


# --- the bot ------------------------------------------------------------------------------------------------


def simulate(
    settings: Config, source: bytes, world: Sequence[Event], begin: date, days: int, tail: int, plan: Plan
) -> Result:
    """Run the bot once a day over the world, and check what it saw and said."""
    task = settings.lists[0]
    rng = random.Random(plan.seed + 1)
    length = days + tail
    dead = set(rng.sample(range(2, days), plan.dead_days))
    skipped = {day for day in range(1, length) if rng.random() < plan.skipped} - {length - 1}
    feed_dead = {day for day in range(length) if rng.random() < plan.feed_dead}
    today = [0]

    def spoil(path: str) -> Fault:
        if today[0] in dead or (path.startswith(RSS_PATH) and today[0] in feed_dead):
            return HttpError(503, "Service busy")
        return plan.fault(rng)

    indexed = {event.paper.id: event.indexed for event in world}
    times = [datetime.combine(begin, RUN_AT, UTC)]
    bulletin = Bulletin(Announcement(event.paper, event.day) for event in world)
    shelf, claims, received = Shelf(source, source), list[Claim](), set[str]()
    requests, proposed, incomplete = list[int](), Counter[str](), 0
    with (
        mock.patch.object(factory, "judge_for", return_value=by_keywords(task, parse(source, task.file))),
        ArxivServer(
            [event.paper for event in world],
            clock=lambda: times[0],
            visible=lambda paper: indexed[paper.id],
            bulletin=bulletin,
            spoil=spoil,
        ) as server,
    ):
        for day in range(length):
            if day in skipped:
                continue
            today[0], times[0] = day, datetime.combine(begin + timedelta(days=day), RUN_AT, UTC)
            outcome, asked = one_run(settings, task, server, shelf, times[0], claims, received, rng)
            requests.append(asked)
            incomplete += not outcome.proposal.complete
            proposed.update(shown.candidate.paper.id for shown in outcome.board.new)
            if times[0].weekday() == FRIDAY:
                shelf.merge()
    end = datetime.combine(begin + timedelta(days=days), time(), UTC)
    inside = [event for event in world if begin < event.day < end.date()]
    match, category = truth(task)
    documents = {event.paper.id: Document(event.paper) for event in world}
    wanted = frozenset(event.paper.id for event in inside if match(documents[event.paper.id]))
    where, twice = places(shelf, task)
    twice += [f"{i} was proposed {n} times" for i, n in proposed.items() if n > 1]
    twice += [f"{i} was proposed but is nowhere" for i in proposed if i not in where]
    query = digest(task.query())
    return Result(
        days=length,
        runs=len(requests),
        incomplete=incomplete,
        requests=requests,
        wanted=wanted,
        announced=frozenset(event.paper.id for event in inside if category(documents[event.paper.id])),
        received=frozenset(received),
        claims=len(claims),
        false_claims=list(false_claims(claims, world, documents, match, category)),
        twice=twice,
        nowhere=sorted(wanted - received),
        places=Counter(where.get(i, "not relevant") for i in wanted & received),
        gaps=len(open_gaps(shelf.state.coverage, query)),
        uncovered=_uncovered(shelf.state, query, Window(datetime.combine(begin, time(), UTC), end)),
    )


def one_run(
    settings: Config, task: ListConfig, server: ArxivServer, forge: Forge, now: datetime,
    claims: list[Claim], received: set[str], rng: random.Random,
) -> tuple[Outcome, int]:  # fmt: skip
    """Run once, and return what it came to and how many requests it took."""
    clock = Clock()
    manners = Manners(budget_s=settings.time_budget_s)
    with (
        PoliteSession(
            manners=manners,
            timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep, now=lambda: now, chance=rng.random),
        ) as session,
        redirect_stderr(StringIO()),
    ):
        source = Sources([RssSource(session, now, server.rss_url), ApiSource(session, server.api_url)])
        told = Told(source, now, claims, received)
        return run_list(job(settings, forge, now, task=task), told), session.requests


# --- the checks ---------------------------------------------------------------------------------------------


def truth(task: ListConfig) -> tuple[Predicate, Predicate]:
    """Return what matches the list's query, and what matches the one for everything in its categories."""
    everything = task.everything()
    queries = (task.query(), everything or task.query())
    match, category = (predicate(parse_query(search_query(query, None))) for query in queries)
    return match, category


def false_claims(
    claims: Iterable[Claim],
    world: Sequence[Event],
    documents: dict[str, Document],
    match: Predicate,
    category: Predicate,
) -> Iterator[str]:
    """Yield each paper that was in the index, in a window then called complete, and had not come."""
    ordered = sorted(world, key=_published)
    dates = [_published(event) for event in ordered]
    for claim in claims:
        if not claim.answer.proves:
            continue
        matches = match if claim.query.keywords else category
        window = claim.answer.window
        for event in ordered[bisect_left(dates, window.since) : bisect_left(dates, window.until)]:
            i = event.paper.id
            if event.indexed <= claim.at and i not in claim.received and matches(documents[i]):
                yield f"{i} was in the index when {claim.at:%Y-%m-%d} called {window.since} to {window.until} complete"


def _published(event: Event) -> datetime:
    assert event.paper.published is not None
    return event.paper.published


def places(shelf: Shelf, task: ListConfig) -> tuple[dict[str, str], list[str]]:
    """Return where each paper that is remembered is in the end, and which are in two places."""
    rows = Counter(i for entry in parse(shelf.working, task.file).entries for i in set(entry.arxiv_ids))
    state = shelf.state
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


def _uncovered(state: State, query: str, whole: Window) -> list[Window]:
    """Return what of a range is not proven."""
    left, at = [], whole.since
    for one in sorted((c for c in state.coverage.covered if c.query == query), key=lambda c: c.since):
        if one.since > at:
            left.append(Window(at, min(one.since, whole.until)))
        at = max(at, one.until)
        if at >= whole.until:
            return left
    return [*left, Window(at, whole.until)]


# --- two usual designs --------------------------------------------------------------------------------------

Ask = Callable[[Callable[[Event], bool], datetime], list[Event] | None]


def newest_of_each(task: ListConfig, count: int) -> Callable[[Ask, datetime], Iterator[Event]]:
    """Return the design that asks for the newest papers of each keyword, one request each, every day."""
    texts = [
        predicate(parse_query(search_query(replace(task.query(), keywords=(k,)), None))) for k in task.query().keywords
    ]

    def day(ask: Ask, now: datetime) -> Iterator[Event]:
        for matches in texts:
            yield from (ask(lambda event, m=matches: m(_document(event)), now) or [])[:count]  # type: ignore[misc]

    return day


def only_yesterday(task: ListConfig) -> Callable[[Ask, datetime], Iterator[Event]]:
    """Return the design that asks each day for what was submitted since yesterday began."""
    matches, _ = truth(task)

    def day(ask: Ask, now: datetime) -> Iterator[Event]:
        since = datetime.combine(now.date() - timedelta(days=1), time(), UTC)
        yield from ask(lambda event: _published(event) >= since and matches(_document(event)), now) or []

    return day


_documents: dict[str, Document] = {}


def _document(event: Event) -> Document:
    return _documents.setdefault(event.paper.id, Document(event.paper))


def usual(
    design: Callable[[Ask, datetime], Iterator[Event]], world: Sequence[Event], wanted: frozenset[str],
    begin: date, days: int, plan: Plan,
) -> tuple[frozenset[str], float]:  # fmt: skip
    """Return the papers that match which a design saw, and its requests a day; each is tried three times."""
    rng = random.Random(plan.seed + 1)
    dead = set(rng.sample(range(2, days), plan.dead_days))
    newest = sorted((event for event in world if event.paper.id in wanted), key=_published, reverse=True)
    seen: set[str] = set()
    asked = [0]

    def ask(matches: Callable[[Event], bool], now: datetime) -> list[Event] | None:
        for _ in range(3):
            asked[0] += 1
            fault = HttpError(503) if (now.date() - begin).days in dead else plan.fault(rng)
            if isinstance(fault, FalseZero):
                return []
            if type(fault) is Fault:
                return [event for event in newest if event.indexed <= now and matches(event)]
        return None

    for day in range(days):
        if rng.random() >= plan.skipped:
            now = datetime.combine(begin + timedelta(days=day), RUN_AT, UTC)
            seen |= {event.paper.id for event in design(ask, now)}
    return frozenset(seen), asked[0] / days


# --- the report ---------------------------------------------------------------------------------------------


def problems(result: Result) -> list[str]:
    """Return what must not be: a paper lost or in two places, a false claim, a hole in the coverage."""
    return [
        *(f"{i} matches the query and was never seen" for i in result.nowhere),
        *result.twice,
        *result.false_claims,
        *(f"{w.since} to {w.until} is not proven" for w in result.uncovered),
        *([f"{result.gaps} gaps are open"] if result.gaps else []),
    ]


def main() -> None:
    """Simulate the quarter; exits with 1 when a paper was lost, doubled or falsely accounted for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--since", type=date.fromisoformat, default=date(2026, 1, 5), help="the first day")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--tail", type=int, default=TAIL_DAYS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"{DATA.name} of the shared data is not here: the simulation needs its records")
    began = wall.monotonic()
    plan = Plan(seed=options.seed)
    settings = config.load(ROOT / "config" / "keywords.yaml")
    length = BEFORE_DAYS + options.days + options.tail
    records = real_records(options.since - timedelta(days=BEFORE_DAYS), length, settings.lists[0])
    world = events(records, plan)
    result = simulate(
        settings, (ROOT / "PAPERS.md").read_bytes(), world, options.since, options.days, options.tail, plan
    )
    _tell(result, world)
    _compare(result, settings.lists[0], world, options.since, plan)
    print(f"\n{wall.monotonic() - began:.0f} seconds")
    if found := problems(result):
        sys.exit("\n".join(("", *found[:20], f"{len(found)} problems")))


def _tell(result: Result, world: Sequence[Event]) -> None:
    requests = sorted(result.requests)
    seen = result.received & result.announced
    print(f"{len(world):,} papers in all; {len(result.announced):,} announced in the days and categories checked")
    print(f"runs: {result.runs}, of them {result.incomplete} said that something is missing")
    print(f"requests: {sum(requests):,}; a run: median {requests[len(requests) // 2]}, most {requests[-1]}")
    print(f"papers of the quarter that match the query: {len(result.wanted):,}; in the end {dict(result.places)}")
    print(f"judged of them, keywords or not: {len(seen):,}")
    print(f"claims of completeness: {result.claims}, false {len(result.false_claims)}; open gaps: {result.gaps}")


def _compare(result: Result, task: ListConfig, world: Sequence[Event], begin: date, plan: Plan) -> None:
    designs = {
        "newest 10 of each keyword": newest_of_each(task, 10),
        "only yesterday": only_yesterday(task),
    }
    rows = [("this bot", result.wanted & result.received, sum(result.requests) / result.days)]
    for name, design in designs.items():
        seen, requests = usual(design, world, result.wanted, begin, result.days, plan)
        rows.append((name, seen & result.wanted, requests))
    print(f"\n{'design':<28}{'seen':>8}{'lost':>8}{'share lost':>12}{'requests/day':>14}")
    for name, seen, requests in rows:
        lost = len(result.wanted) - len(seen)
        print(f"{name:<28}{len(seen):>8}{lost:>8}{lost / len(result.wanted):>12.1%}{requests:>14.1f}")


if __name__ == "__main__":
    main()
