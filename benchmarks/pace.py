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
from contextlib import redirect_stderr
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
"""Papers announced on a working day in the list's categories, more than in any recorded week; found by keywords."""


@dataclass(frozen=True)
class Measured:
    """What a harvest took: requests, seconds in which the source was asked, and the most requests it may take."""

    name: str
    requests: int
    seconds: float
    most: int

    @property
    def floor(self) -> float:
        """The seconds that politeness takes."""
        return Manners().interval_s * (self.requests - 1)

    def problems(self) -> Iterator[str]:
        """Yield what must not be."""
        if self.requests > self.most:
            yield f"{self.name}: {self.requests} requests, {self.most} are the most"
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


def measured(
    name: str, settings: Config, found: Sequence[tuple[Paper, date]], most: int, *, runs: int = 1, year: bool = False,
    simulated: bool = False,
) -> Measured:  # fmt: skip
    """Run on the last days up to today, or once for a year, and return what the last run took."""
    task = settings.lists[0]
    source = (ROOT / "PAPERS.md").read_bytes()
    forge = MemoryForge(source, source)
    bulletin = Bulletin(Announcement(paper, day) for paper, day in found)
    judge = by_keywords(task, parse(source, task.file))
    times = [datetime.combine(TODAY, RUN_AT, UTC)]
    with (
        mock.patch.object(factory, "judge_for", return_value=judge),
        ArxivServer([paper for paper, _ in found], clock=lambda: times[0], bulletin=bulletin) as server,
    ):
        for ago in range(runs - 1, -1, -1):
            times[0] = now = datetime.combine(TODAY - timedelta(days=ago), RUN_AT, UTC)
            clock = Clock() if simulated or ago else None
            begun = len(server.requests)
            monotonic, sleep = (clock.monotonic, clock.sleep) if clock else (wall.monotonic, wall.sleep)
            manners = Manners(budget_s=settings.time_budget_s)
            with PoliteSession(manners=manners, timing=Timing(monotonic=monotonic, sleep=sleep)) as session:
                rss, api = RssSource(session, now, server.rss_url), ApiSource(session, server.api_url)
                timed = Timed(Sources([rss, api]), clock)
                with redirect_stderr(StringIO()):
                    if year:
                        windows = months(Window(now - timedelta(days=365), now))
                        outcome = backfill_list(job(settings, forge, now, task=task, windows=windows), timed)
                    else:
                        outcome = run_list(job(settings, forge, now, task=task), timed)
            if not outcome.proposal.complete:
                sys.exit(f"{name}: {[answer.unknown for answer in outcome.proposal.answers]}")
        return Measured(name, len(server.requests) - begun, timed.seconds, most)


def harvests(*, simulated: bool) -> Iterator[Measured]:
    """Yield the figures of each harvest."""
    settings = config.load(ROOT / "config" / "keywords.yaml")
    task = settings.lists[0]
    month = [*papers(40, A_DAY, OF_THE_TOPIC, task.categories)]
    year = [*papers(366, 2 * OF_THE_TOPIC, OF_THE_TOPIC, task.categories)]
    yield measured("a daily run", settings, month, 3, runs=2, simulated=simulated)
    yield measured("a year's backfill", settings, year, 60, year=True, simulated=simulated)


def main() -> None:
    """Measure; exits with 1 when a harvest takes too many requests or too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulated", action="store_true", help="make the waiting up, and count requests only")
    options = parser.parse_args()
    problems: list[str] = []
    print(f"{'harvest':<24}{'requests':>9}{'most':>6}{'seconds':>9}{'floor':>7}{'times':>7}")
    for one in harvests(simulated=options.simulated):
        times = one.seconds / one.floor
        print(
            f"{one.name:<24}{one.requests:>9}{one.most:>6}{one.seconds:>9.1f}{one.floor:>7.0f}{times:>7.2f}", flush=True
        )
        problems += one.problems()
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
