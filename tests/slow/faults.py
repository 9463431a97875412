"""Try every fault of arXiv, alone and in pairs, through the whole command line: `make faults`.

The bot runs once a day over a small local arXiv: one day without faults, one with, then some without. What the run
claims is compared with what the server knows. `python -m tests.slow.faults --write` writes docs/faults.md from the
same runs.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import product
from pathlib import Path
from unittest import mock

from bot import config
from bot.arxiv import calendar
from bot.cli import context, exits
from bot.cli import main as cli
from bot.coverage import ledger
from bot.coverage.ledger import Coverage
from bot.judge import factory
from bot.model import Paper
from bot.paperlist.read.document import parse
from bot.sources.api import ApiSource
from bot.sources.combined import Sources
from bot.sources.http import Manners, PoliteSession, Timing
from bot.sources.rss import RssSource
from bot.state.model import State
from tests.servers.arxiv import (
    ArxivServer,
    BadId,
    Doubled,
    EmptyBody,
    FalseZero,
    Fault,
    HtmlPage,
    HttpError,
    NoEntries,
    OldIndex,
    Repeated,
    Reply,
    Reset,
    Shuffled,
    Silent,
    SlowBytes,
    Truncated,
)
from tests.servers.arxiv_query import Document
from tests.servers.past import Event
from tests.servers.rss import Announcement, Bulletin
from tests.servers.shared import ROOT
from tests.servers.stand_ins import Claim, Clock, MemoryForge, Record, RecordingSource, by_keywords
from tests.slow.simulate import false_claims, places, truth

PAGE = ROOT / "docs" / "faults.md"
BEFORE, FAULTY, AFTER, LATER = (datetime(2026, 3, day, 6, 37, tzinfo=UTC) for day in (10, 11, 12, 19))
"""Times of the runs: a Tuesday, the next two days, and when the index has all papers of the faulty day's feed."""
LOOK_BACK = timedelta(days=30)
PAGE_SIZE = 8
"""Papers a request: the keyword query has three pages."""
REQUESTS = 5
"""Requests of a run without faults: the feed, the pages, the look-up of known papers."""
PATIENCE_S = 0.6
"""Real seconds to wait for an answer that never comes."""

LIST = b"# Serving\n\n## Papers\n\n- [A Paper of Before](https://arxiv.org/abs/2401.00001)\n"
CONFIG = """lists:
  - name: serving
    file: README.md
    categories: [cs.DC]
    keywords: [{phrase: LLM serving, weight: 0.8}]
    unsorted: Papers
    limits: {max_open: 40, near_misses: 5}
"""
TASK = config.loads(CONFIG, "config.yaml").lists[0]
QUERY = ledger.digest(TASK.query())


@dataclass(frozen=True)
class Kind:
    """A fault, its name, and a pattern of what a run that it spoils must print."""

    name: str
    fault: Fault
    says: str


KINDS = (
    Kind(
        "403: arXiv refuses the request",
        HttpError(403, "<html><title>Access Denied</title></html>"),
        "HTTP 403: Access Denied",
    ),
    Kind("406: arXiv refuses the format", HttpError(406, ""), "HTTP 406"),
    Kind("429: too many requests", HttpError(429), "HTTP 429: Rate exceeded"),
    Kind("429 with Retry-After of a minute", HttpError(429, retry_after="60"), "HTTP 429: Rate exceeded"),
    Kind("429 with Retry-After of a day", HttpError(429, retry_after="86400"), "HTTP 429: Rate exceeded"),
    Kind("500: arXiv fails", HttpError(500, ""), "HTTP 500"),
    Kind("503: arXiv is busy", HttpError(503, "Service busy"), "HTTP 503: Service busy"),
    Kind("connection reset", Reset(), "no connection"),
    Kind("slow bytes", SlowBytes(per_second=200.0), "too slowly|time budget|looked up"),
    Kind("bytes too slow to wait for", SlowBytes(per_second=2.0), "too slowly|time budget"),
    Kind("no answer at all", Silent(), "no answer within"),
    Kind("truncated answer", Truncated(), "broke off|truncated or broken"),
    Kind("200 with an empty body", EmptyBody(), "an empty answer"),
    Kind("200 with an HTML page", HtmlPage(), "an HTML page instead of a feed"),
    Kind("a valid feed that counts 0", FalseZero(), "counts|empty|went back"),
    Kind("a count but no papers", NoEntries(), "is empty|papers may be missing"),
    Kind("the first page again", Repeated(), "repeats those before|counted"),
    Kind("papers twice on a page", Doubled(), "papers that arXiv counts arrived|distinct papers came"),
    Kind("shuffled pages", Shuffled(), "papers that arXiv counts arrived|distinct papers came|counted"),
    Kind("one bad id fails a batch", BadId(), "incorrect id format"),
    Kind("papers days late", OldIndex(timedelta(days=1)), "counted|of the evening"),
    Kind("the index goes back", OldIndex(timedelta(days=2)), "went back|counted|of the evening"),
)
TO_DO = re.compile(r"ask(?:s|ed)? again|stop asking|check |run again|set `contact`")


@dataclass(frozen=True)
class Case:
    """What goes wrong: the faults, the first request they spoil (1 is the feed), and whether they go on.

    `known` says whether a run went well before.
    """

    faults: tuple[Kind, ...]
    first: int = 1
    lasting: bool = False
    known: bool = True

    def __str__(self) -> str:
        names = " then ".join(kind.name for kind in self.faults)
        when = "all the time" if self.lasting else f"from request {self.first}"
        return f"{names}, {when}, {'as usual' if self.known else 'on the first run'}"

    def fault(self, number: int) -> Fault:
        """Return what goes wrong with a request, counted from 1."""
        place = number - self.first
        if self.lasting:
            return self.faults[place % len(self.faults)].fault
        return self.faults[place].fault if 0 <= place < len(self.faults) else Fault()


@dataclass(frozen=True)
class Ran:
    """The result of one run: exit code, output, claims, the papers it was handed, and the coverage after it."""

    code: int
    said: str
    claims: tuple[Claim, ...]
    handed: frozenset[str]
    faults: tuple[Fault, ...]
    """What went wrong with each request."""
    coverage: Coverage


# The world


def world() -> tuple[Event, ...]:
    """Return three papers of each working day, indexed a day later: on the topic, off it, and of another category.

    That of the topic on the faulty day was submitted a week before, and so was the one on the day after.
    """
    found = []
    for number in range(37):
        day = LATER.date() - timedelta(days=number)
        evening = day - timedelta(days=1)
        if not calendar.announces(evening):
            continue
        submitted = calendar.submissions(evening).since + timedelta(hours=5)
        held = timedelta(days=7 if day in (FAULTY.date(), AFTER.date()) else 0)
        indexed = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1, hours=1)
        for n, (title, category) in enumerate((("LLM Serving", "cs.DC"), ("Locks", "cs.DC"), ("Stars", "astro-ph.GA"))):
            when = submitted + timedelta(minutes=n) - (timedelta() if n else held)
            identity = f"2603.{number:04}{n}"
            paper = Paper(identity, f"{title} {number}", ("A. B",), "On it.", (category,), category, when, when)
            found.append(Event(paper, day, indexed))
    return tuple(found)


def topical(event: Event) -> bool:
    """Whether a paper is on the list's topic."""
    return event.paper.title.startswith("LLM")


class Arxiv(ArxivServer):
    """A server that remembers which papers it sent unharmed, and what it spoiled."""

    def __init__(self, events: Sequence[Event], clock: Clock) -> None:
        self.now, self.case = BEFORE, Case(())
        self.handed, self.spoilt = set[str](), list[Fault]()
        indexed = {event.paper.id: event.indexed for event in events}
        super().__init__(
            [event.paper for event in events],
            clock=lambda: self.now,
            visible=lambda paper: indexed[paper.id],
            bulletin=Bulletin(Announcement(event.paper, event.day) for event in events),
            spoil=self._next,
            sleep=clock.sleep,
        )

    def begin(self, now: datetime, case: Case) -> None:
        """Prepare for another run."""
        self.now, self.case = now, case
        self.handed.clear()
        self.spoilt.clear()

    def answer(self, params: Mapping[str, str], fault: Fault | None = None) -> Reply:
        """Answer, and remember the papers."""
        return self._remembered(super().answer(params, fault))

    def answer_feed(self, names: str, fault: Fault | None = None) -> Reply:
        """Answer, and remember the papers."""
        return self._remembered(super().answer_feed(names, fault))

    def _next(self, path: str) -> Fault:
        self.spoilt.append(self.case.fault(len(self.spoilt) + 1))
        return self.spoilt[-1]

    def _remembered(self, reply: Reply) -> Reply:
        whole = reply.status == 200 and reply.sent is None and not reply.reset and not reply.delay
        if whole and (reply.pace is None or len(reply.body) / reply.pace < Manners().budget_s / 10):
            self.handed |= {i.decode() for i in re.findall(rb"arxiv.org/abs/([0-9]{4}\.[0-9]{5})", reply.body)}
        return reply


@dataclass
class Place:
    """A curator's repository and the arXiv it asks."""

    server: Arxiv
    events: tuple[Event, ...]
    folder: Path
    clock: Clock
    forge: MemoryForge = field(default_factory=lambda: MemoryForge(LIST, LIST))

    def run(self, now: datetime, case: Case = Case(())) -> Ran:
        """Call the command line once."""
        self.server.begin(now, case)
        self.clock.seconds = 0.0
        manners = replace(Manners(), read_timeout_s=PATIENCE_S)
        said, record = StringIO(), Record()
        with ExitStack() as stack:
            session = stack.enter_context(
                PoliteSession(
                    manners=manners,
                    timing=Timing(
                        monotonic=self.clock.monotonic, sleep=self.clock.sleep, now=lambda: now, chance=lambda: 0.0
                    ),
                )
            )
            rss, api = (
                RssSource(session, now, self.server.rss_url),
                ApiSource(session, self.server.api_url, page_size=PAGE_SIZE),
            )
            source = RecordingSource(Sources([rss, api]), now, record)
            for name, value in (("source", source), ("forges", lambda _: self.forge), ("now", now)):
                stack.enter_context(mock.patch.object(context, name, return_value=value))
            stack.enter_context(redirect_stdout(said))
            stack.enter_context(redirect_stderr(said))
            try:
                cli.main(["run", "--config", str(self.folder / "config.yaml"), "--publish", "local"])
            except SystemExit as ended:
                code = int(ended.code or 0)
        return Ran(
            code,
            said.getvalue(),
            tuple(record.claims),
            frozenset(self.server.handed),
            tuple(self.server.spoilt),
            self.forge.state.coverage,
        )


@contextmanager
def opened() -> Iterator[Callable[[], Place]]:
    """Serve the world, and yield a function that makes a new place."""
    events, clock = world(), Clock()
    server = Arxiv(events, clock)
    with tempfile.TemporaryDirectory() as name, server:
        folder = Path(name)
        (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
        judge = by_keywords(TASK, parse(LIST, TASK.file))
        with mock.patch.object(factory, "judge_for", return_value=judge):
            yield lambda: Place(server, events, folder, clock)


# The checks


class Checker:
    """Runs cases, and returns what is wrong."""

    def __init__(self, new: Callable[[], Place]) -> None:
        self._new = new
        self._matches, self._in_category = truth(TASK)
        usual = new()
        self.well = usual.run(BEFORE)
        self._forge = usual.forge

    def place(self, case: Case) -> Place:
        """Return a place as it is before the faults of a case."""
        place = self._new()
        if case.known:
            place.forge = replace(self._forge)
        return place

    def problems(self, case: Case) -> list[str]:
        """Run a case and the days after it; return what is wrong."""
        place = self.place(case)
        before = place.forge.state
        faulty = place.run(FAULTY, case)
        found = [*self._honest(place, case, faulty), *self._covered(before, faulty)]
        found += [*self._proposed(place, faulty), *self._explained(case, faulty)]
        after = place.run(AFTER)
        found += [f"the day after: {what}" for what in self._healed(place, after, AFTER)]
        now = AFTER
        while place.forge.state.coverage.gaps and now < LATER:
            now += timedelta(days=1)
            later = place.run(now)
            found += [f"on {now:%Y-%m-%d}: {what}" for what in self._healed(place, later, now)]
        found += [f"a week after: {gap} is open" for gap in place.forge.state.coverage.gaps]
        return [f"{case}: {what}" for what in found]

    def _honest(self, place: Place, case: Case, ran: Ran) -> Iterator[str]:
        """Yield the papers that the index held of a period called complete, and that were not received.

        An index that shows nothing new, but all that was shown before, cannot be told from a quiet day: it counts as
        it stands. Before anything was shown every old index is such a one.
        """
        if ran.code not in (exits.DONE, exits.INCOMPLETE):
            yield f"exit {ran.code}: {ran.said}"
        old = [fault.age for fault in ran.faults if isinstance(fault, OldIndex)]
        still = max((age for age in old if not case.known or age <= AFTER - FAULTY), default=timedelta())
        claims = [replace(claim, at=claim.at - still) for claim in ran.claims]
        documents = {event.paper.id: Document(event.paper) for event in place.events}
        yield from false_claims(claims, place.events, documents, self._matches, self._in_category)

    def _covered(self, before: State, ran: Ran) -> Iterator[str]:
        """Yield where the coverage contradicts the exit code."""
        begin = (BEFORE if before.coverage.covered else FAULTY) - LOOK_BACK
        done = ran.code == exits.DONE
        end = (
            FAULTY if done else max((one.until for one in before.coverage.covered if one.query == QUERY), default=begin)
        )
        covered = [(one.since, one.until) for one in ran.coverage.covered if one.query == QUERY]
        gaps = [(gap.since, gap.until) for gap in ledger.open_gaps(ran.coverage, QUERY)]
        if covered != ([(begin, end)] if begin < end else []):
            yield f"exit {ran.code}, but covered is {covered}"
        if gaps != ([] if done else [(end, FAULTY)]):
            yield f"exit {ran.code}, but the gaps are {gaps}"

    def _proposed(self, place: Place, ran: Ran) -> Iterator[str]:
        """Yield the papers on the topic that came and are nowhere."""
        where, twice = places(place.forge, TASK)
        yield from twice
        for event in place.events:
            if event.paper.id in ran.handed and topical(event) and event.paper.id not in where:
                yield f"{event.paper.id} came and is nowhere"

    def _explained(self, case: Case, ran: Ran) -> Iterator[str]:
        """Yield what the output lacks: what happened, in which period, and what to do."""
        said = ran.said.splitlines()
        told = [line for line in said if re.match(r"serving: \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d: ", line)]
        feed = [line for line in said if re.match(r"serving: the feed of \d{4}-\d\d-\d\d: ", line)]
        if ran.code == exits.INCOMPLETE:
            if not any(re.search(kind.says, line) for kind in case.faults for line in told + feed):
                yield f"does not say what happened: {told}"
            if not any(TO_DO.search(line) for line in said if line.startswith("serving: ")):
                yield f"does not say what to do: {told}"
        elif told:
            yield f"is complete, but says {told}"

    def _healed(self, place: Place, ran: Ran, now: datetime) -> Iterator[str]:
        """Yield what a run without faults left undone."""
        if ran.code != exits.DONE or ledger.open_gaps(ran.coverage, QUERY):
            yield f"exit {ran.code}, gaps {ledger.open_gaps(ran.coverage, QUERY)}"
        covered = [one for one in ran.coverage.covered if one.query == QUERY]
        if len(covered) != 1 or covered[0].until != now:
            yield f"covered is {covered}"
        yield from self._honest(place, Case(()), ran)
        yield from (f"{identity} is nowhere" for identity in missing(place, now))


def missing(place: Place, now: datetime) -> list[str]:
    """Return the papers on the topic that the index had at a time and the bot does not know."""
    where, _ = places(place.forge, TASK)
    return [e.paper.id for e in place.events if topical(e) and e.indexed <= now and e.paper.id not in where]


def alone() -> Iterator[Case]:
    """Yield every fault at each request of a run, and at all of them."""
    for kind, known in product(KINDS, (True, False)):
        yield from (Case((kind,), first, known=known) for first in range(1, REQUESTS + 1))
        yield Case((kind,), lasting=True, known=known)


def pairs(*, all_places: bool = True) -> Iterator[Case]:
    """Yield every fault followed by every fault, beginning at each request, or at one of them in turn."""
    for number, couple in enumerate(product(KINDS, KINDS)):
        firsts = range(1, REQUESTS + 1) if all_places else [number % REQUESTS + 1]
        for first in firsts:
            yield Case(couple, first, known=(number + first) % 2 == 0)
        if all_places:
            yield from (Case(couple, lasting=True, known=known) for known in (True, False))


# The table

HEAD = """# When arXiv fails

`python -m tests.slow.faults --write` writes this page from runs over a local arXiv, and `make test` checks that it is
current. `make faults` tries each fault at every request of a run, at all of them, and before and after every other
fault. No run calls a period complete that is not, and the next run without faults leaves no gap.

Exit status 0: every period is proven. Exit status 4: papers may be missing; the papers that came are judged and
proposed, and the next run asks for the rest. **Once** is the exit status when one answer of the API is spoiled,
**always** when every answer is, including the feed.

| fault | once | always | what the run says, with the fault always | what happens next |
|---|---|---|---|---|
"""


def table(checker: Checker) -> str:
    """Return the page about faults."""
    return HEAD + "".join(_row(checker, kind) for kind in KINDS)


def _row(checker: Checker, kind: Kind) -> str:
    once = checker.place(Case((kind,))).run(FAULTY, Case((kind,), first=2))
    place = checker.place(Case((kind,)))
    lasting = place.run(FAULTY, Case((kind,), lasting=True))
    unknown = re.search(r"(?m)^serving: \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d: (.*)", lasting.said)
    says = unknown[1] if unknown else "nothing: all papers came"
    says = says.replace(f"within {PATIENCE_S:.0f} s", f"within {Manners().read_timeout_s:.0f} s")
    return f"| {kind.name} | {once.code} | {lasting.code} | {says} | {_next(place, lasting)} |\n"


def _next(place: Place, lasting: Ran) -> str:
    """Return what happens on the days after a run: when its gaps close, and which papers come late."""
    late = missing(place, FAULTY)
    told = [] if lasting.code == exits.DONE else ["the next run asks for the period first"]
    now = FAULTY
    while place.forge.state.coverage.gaps and now < LATER:
        now += timedelta(days=1)
        gaps = place.run(now).coverage.gaps
        if now == AFTER and told and not any(gap.query == QUERY for gap in gaps):
            told = ["the next run asks for the period first, and proves it"]
    if now > AFTER:
        told.append(f"after {(now - FAULTY).days} days the missed feed is recovered through the API")
    if lasting.code == exits.DONE and late:
        place.run(AFTER)
        told.append(
            "the next run asks for the last 30 days again, and finds the late papers"
            if not missing(place, FAULTY)
            else ""
        )
    return "; ".join(told) or "nothing is missing"


def main() -> None:
    """Try all cases; exit with 1 when a run was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="run only cases that match this pattern")
    parser.add_argument("--write", action="store_true", help="write the table of docs/faults.md and stop")
    options = parser.parse_args()
    with opened() as new:
        checker = Checker(new)
        if options.write:
            PAGE.write_text(table(checker), encoding="utf-8")
            return
        cases = [case for case in (*alone(), *pairs()) if re.search(options.only, str(case))]
        found = []
        for case in cases:
            for problem in checker.problems(case):
                found.append(problem)
                print(problem, flush=True)
    print(f"{len(cases)} cases, {len(found)} problems")
    if found:
        sys.exit(1)


if __name__ == "__main__":
    main()
