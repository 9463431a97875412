"""What goes wrong in a simulation, and on which days it plays."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.model import Window
from tests.servers.arxiv import FalseZero, Fault, HtmlPage, HttpError, Reset, Truncated
from tests.servers.past import RUN_AT, Delays


@dataclass(frozen=True, kw_only=True)
class Plan(Delays):
    """What goes wrong, as shares of requests, days and papers."""

    throttled: float = 0.10
    busy: float = 0.05
    empty: float = 0.05
    truncated: float = 0.03
    page: float = 0.02
    reset: float = 0.02
    skipped: float = 0.10
    feed_dead: float = 0.08
    dead_days: int = 1

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


@dataclass(frozen=True)
class Span:
    """The days of a simulation: those that are checked, and a tail after them."""

    begin: date
    days: int
    tail: int = 0

    @property
    def length(self) -> int:
        """All days."""
        return self.days + self.tail

    @property
    def checked(self) -> Window:
        """The period that has to be covered in the end."""
        since = datetime.combine(self.begin, time(), UTC)
        return Window(since, since + timedelta(days=self.days))

    def run_at(self, day: int) -> datetime:
        """Return the time of the run on a day, counted from 0."""
        return datetime.combine(self.begin + timedelta(days=day), RUN_AT, UTC)
