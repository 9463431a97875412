"""Measure the requests and seconds of a daily run and of a year's backfill on a real clock: `make pace`.

The configuration is the shipped one, the local arXiv has no faults. The least is the polite pause of three seconds
before every request but the first; discovery may take 1.15 times that. With `--simulated` the waiting is made up and
only requests count.
"""

from __future__ import annotations

import argparse
import sys
import time as wall
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from unittest import mock

from bot import config
from bot.config import Config
from bot.coverage.windows import months
from bot.judge import factory
from bot.model import NO_EXPECTATION, Batch, Expectation, Paper, Query, Window
from bot.paperlist.read.document import parse
from bot.sources.api import ApiSource
from bot.sources.combined import Sources
from bot.sources.http import Manners, PoliteSession, Timing
from bot.sources.rss import RssSource
from tests.servers.arxiv import ArxivServer
from tests.servers.past import RUN_AT, feed_day
from tests.servers.rss import Announcement, Bulletin
from tests.servers.shared import ROOT
from tests.servers.stand_ins import Clock, MemoryForge, by_keywords
from tests.servers.whole import backfill_list, job, run_list

TODAY = date(2026, 3, 11)
SLACK = 1.15
A_DAY, OF_THE_TOPIC = 900, 12
"""Papers announced on a working day in the list's categories, more than in any recorded week; those with keywords."""


@dataclass(frozen=True)
class Measured:
    """What was measured: requests, seconds of asking the source, and the most requests allowed."""

    name: str
    requests: int
    seconds: float
    most: int

    @property
    def floor(self) -> float:
        """The least seconds that politeness takes."""
        return Manners().interval_s * (self.requests - 1)

    def problems(self) -> Iterator[str]:
        """Yield what must not be."""
        if self.requests > self.most:
            yield f"{self.name}: {self.requests} requests, at most {self.most} are allowed"
        if self.seconds > SLACK * self.floor:
            yield f"{self.name}: {self.seconds:.1f} s, more than {SLACK} times the floor of {self.floor:.0f} s"


@dataclass
class Timed:
    """A source that adds up the seconds it takes."""

    source: Sources
    clock: Clock | None
    seconds: float = 0.0
    name: str = "api and rss"
    proves: bool = True

    def _now(self) -> float:
        return self.clock.monotonic() if self.clock else wall.monotonic()

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Ask."""
        begun = self._now()
        try:
            return self.source.fetch(query, windows, expected)
        finally:
            self.seconds += self._now() - begun

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Ask."""
        begun = self._now()
        try:
            return self.source.fetch_by_id(ids)
        finally:
            self.seconds += self._now() - begun


def papers(days: int, a_day: int, topical: int, categories: Sequence[str]) -> Iterator[tuple[Paper, date]]:
    """Yield invented papers of each working day before today, with the day of their feed."""
    for ago in range(days, 0, -1):
        day = TODAY - timedelta(days=ago)
        for n in range(a_day if day.weekday() < 5 else 0):
            when = datetime.combine(day, time(), UTC) + timedelta(seconds=n * 86_000 // a_day)
            topic = "LLM Serving" if n < topical else "Networks"
            category = categories[n % len(categories)]
            identity = f"{day:%y%m}.{day.day * 1000 + n:05}"
            title = f"{topic} of Kind {n} on {day}"
            paper = Paper(identity, title, ("A. B",), "On it.", (category,), category, when, when)
            yield paper, feed_day(day + timedelta(days=1))


@dataclass
class World:
    """A local arXiv with some papers, the list in memory, and the shipped configuration."""

    settings: Config
    server: ArxivServer
    forge: MemoryForge
    now: datetime

    def ask(self, clock: Clock | None, windows: Sequence[Window] = ()) -> tuple[int, float]:
        """Run once, or do the backfill of some windows; return the requests and seconds it took."""
        begun = len(self.server.requests)
        timing = Timing(monotonic=clock.monotonic, sleep=clock.sleep) if clock else Timing()
        with (
            PoliteSession(manners=Manners(budget_s=self.settings.time_budget_s), timing=timing) as session,
            redirect_stderr(StringIO()),
        ):
            rss = RssSource(session, self.now, self.server.rss_url)
            timed = Timed(Sources([rss, ApiSource(session, self.server.api_url)]), clock)
            run = backfill_list if windows else run_list
            outcome = run(job(self.settings, self.forge, self.now, windows=windows), timed)
        if not outcome.proposal.complete:
            sys.exit(f"incomplete: {[answer.unknown for answer in outcome.proposal.answers]}")
        return len(self.server.requests) - begun, timed.seconds


@contextmanager
def world(settings: Config, found: Sequence[tuple[Paper, date]]) -> Iterator[World]:
    """Serve some papers as of this morning."""
    task, source = settings.lists[0], (ROOT / "PAPERS.md").read_bytes()
    judge = by_keywords(task, parse(source, task.file))
    bulletin = Bulletin(Announcement(paper, day) for paper, day in found)
    with (
        mock.patch.object(factory, "judge_for", return_value=judge),
        ArxivServer([paper for paper, _ in found], clock=lambda: shown.now, bulletin=bulletin) as server,
    ):
        shown = World(settings, server, MemoryForge(source, source), datetime.combine(TODAY, RUN_AT, UTC))
        yield shown


def measures(*, simulated: bool) -> Iterator[Measured]:
    """Yield the figures of a daily run, the one after a first run, and of a year's backfill."""
    settings = config.load(ROOT / "config" / "keywords.yaml")
    categories = settings.lists[0].categories
    with world(settings, [*papers(40, A_DAY, OF_THE_TOPIC, categories)]) as month:
        today = month.now
        month.now -= timedelta(days=1)
        month.ask(Clock())
        month.now = today
        yield Measured("a daily run", *month.ask(Clock() if simulated else None), 3)
    with world(settings, [*papers(366, 2 * OF_THE_TOPIC, OF_THE_TOPIC, categories)]) as year:
        windows = months(Window(year.now - timedelta(days=365), year.now))
        yield Measured("a year's backfill", *year.ask(Clock() if simulated else None, windows), 60)


def main() -> None:
    """Measure; exit with 1 when there are too many requests or too much waiting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulated", action="store_true", help="make the waiting up, and count requests only")
    options = parser.parse_args()
    problems: list[str] = []
    print(f"{'':<24}{'requests':>9}{'most':>6}{'seconds':>9}{'floor':>7}{'times':>7}")
    for one in measures(simulated=options.simulated):
        times = one.seconds / one.floor
        figures = f"{one.requests:>9}{one.most:>6}{one.seconds:>9.1f}{one.floor:>7.0f}{times:>7.2f}"
        print(f"{one.name:<24}{figures}", flush=True)
        problems += one.problems()
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
