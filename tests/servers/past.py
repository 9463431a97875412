"""Past days on a local arXiv: when papers are announced and indexed, and a run of the bot on one of these days."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

from bot.arxiv import calendar
from bot.model import Paper
from bot.pipeline import Job, Outcome
from bot.sources.api import ApiSource
from bot.sources.combined import Sources
from bot.sources.http import Manners, PoliteSession, Timing
from bot.sources.rss import RssSource
from tests.servers.arxiv import ArxivServer, Fault
from tests.servers.rss import Announcement, Bulletin
from tests.servers.stand_ins import Clock, Record, RecordingSource
from tests.servers.whole import run_list

RUN_AT = time(6, 37)


@dataclass(frozen=True, kw_only=True)
class Delays:
    """How long papers take: the shares held back for days or weeks, and the longest way into the API's index."""

    seed: int = 1
    held: float = 0.05
    held_long: float = 0.01
    lag_days: float = 3.0

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

    @property
    def published(self) -> datetime:
        """When the paper was submitted."""
        assert self.paper.published is not None
        return self.paper.published


def feed_day(day: date) -> date:
    """Return the day of the feed with what a crawler first saw on a day: that day, or the next one with a feed."""
    while calendar.announces(day - timedelta(days=1)) is False:
        day += timedelta(days=1)
    return day


def events(records: Iterable[tuple[Paper, date]], delays: Delays) -> tuple[Event, ...]:
    """Return when each paper was submitted, announced and indexed.

    A paper was submitted at a random time of the range that its announcement covers, or earlier if it was held.
    """
    rng = random.Random(delays.seed)
    found = []
    for paper, seen in records:
        day = feed_day(seen)
        evening = day - timedelta(days=1)
        window = calendar.submissions(evening)
        submitted = window.since + (window.until - window.since) * rng.random()
        submitted = submitted.replace(microsecond=0) - timedelta(days=delays.held_days(rng))
        announced = datetime.combine(evening, calendar.ANNOUNCED, calendar.EASTERN).astimezone(UTC)
        indexed = announced + timedelta(days=delays.lag_days * rng.random())
        found.append(Event(replace(paper, published=submitted, updated=submitted), day, indexed))
    return tuple(found)


def serve(
    world: Sequence[Event], clock: Callable[[], datetime], spoil: Callable[[str], Fault] = lambda path: Fault()
) -> ArxivServer:
    """Return an arXiv on which the events happen as the clock goes on."""
    indexed = {event.paper.id: event.indexed for event in world}
    return ArxivServer(
        [event.paper for event in world],
        clock=clock,
        visible=lambda paper: indexed[paper.id],
        bulletin=Bulletin(Announcement(event.paper, event.day) for event in world),
        spoil=spoil,
    )


def one_run(job: Job, server: ArxivServer, record: Record, rng: random.Random) -> tuple[Outcome, int]:
    """Run once with feed and API on time that only the bot's sleep moves; return the outcome and its requests."""
    clock = Clock()
    timing = Timing(monotonic=clock.monotonic, sleep=clock.sleep, now=lambda: job.now, chance=rng.random)
    with (
        PoliteSession(manners=Manners(budget_s=job.config.time_budget_s), timing=timing) as session,
        redirect_stderr(StringIO()),
    ):
        source = Sources([RssSource(session, job.now, server.rss_url), ApiSource(session, server.api_url)])
        return run_list(job, RecordingSource(source, job.now, record)), session.requests
