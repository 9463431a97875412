"""The job without Actions: every list on its schedule, until stopped.

APScheduler's thread only says what is due. The main thread does the work, one round after the other: so there is one
connection to arXiv, no list overlaps itself, and a signal ends it at once. The process's own record of successes, not a
job store, tells what was missed while it was away: a run that was killed half-way was due, and is due again
(https://apscheduler.readthedocs.io/en/3.x/userguide.html#missed-job-executions-and-coalescing).
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import NoReturn

from bot.config import ListConfig, schedule
from bot.errors import BotError
from bot.forges.base import Forge
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.snapshot import Snapshot
from bot.serve.record import ListRecord, ServeRecord, read_record, write_record

_log = logging.getLogger(__name__)

BEAT_S = 60
GRACE_S = 3.0
"""How long a write may go on after the signal to stop: a run can be killed at any point, but a whole one is nicer."""

Work = Callable[[Sequence[str]], Mapping[str, str]]
"""Does what is due for lists by their names, and returns what failed."""


class Stopped(BaseException):
    """The signal to stop came."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What a server does: runs, and a review of all lists every so often; `report` gets the record after a run."""

    run: Work
    review: Work
    review_every: timedelta | None = None
    report: Callable[[ServeRecord], None] = lambda record: None


class Server:
    """Does its duties for lists by the cron lines of `schedules`; `path` is the file of the record."""

    def __init__(
        self,
        schedules: Mapping[str, str],
        duties: Duties,
        path: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._schedules, self._duties, self._path, self._now = schedules, duties, path, now
        known = read_record(path).lists
        self._record = ServeRecord({name: known.get(name, ListRecord()) for name in schedules})
        self._lock = threading.Lock()
        self._called = threading.Condition()
        self._due: dict[str, None] = {}
        self._reviewing = False

    def serve(self) -> NoReturn:
        """Catch up with what was missed, then wait for what is due; ends with `Stopped` only."""
        try:
            self._scheduled()
        except Stopped:
            self._remember(lambda record: replace(record, doing=None), stopped=True)
            raise

    def _scheduled(self) -> NoReturn:
        from apscheduler.schedulers.background import BackgroundScheduler
        from apscheduler.triggers.interval import IntervalTrigger

        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
        for line in dict.fromkeys(self._schedules.values()):
            names = [name for name, of in self._schedules.items() if of == line]
            scheduler.add_job(self._call, schedule.trigger(line), [names])
        scheduler.add_job(self._beat, IntervalTrigger(seconds=BEAT_S, timezone=UTC))
        if every := self._duties.review_every:
            scheduler.add_job(self._call_review, IntervalTrigger(seconds=int(every.total_seconds())))
        scheduler.start()
        try:
            self._call(self.missed())
            while True:
                names, reviewing = self._wait()
                if names:
                    self.round(names)
                elif reviewing:
                    self._doing("reviewing", self._duties.review, list(self._schedules))
        finally:
            scheduler.shutdown(wait=False)

    def missed(self) -> list[str]:
        """Return the lists that were due since their last success."""
        now = self._now()
        return [n for n, line in self._schedules.items() if schedule.missed(line, self._record.lists[n].succeeded, now)]

    def round(self, names: Sequence[str]) -> None:
        """Run some lists, and record how it went."""
        failed = self._doing("running", self._duties.run, names)
        now = self._now()
        after = {name: self._record.lists[name].after(failed.get(name), now) for name in names}
        self._remember(lambda record: replace(record, lists={**record.lists, **after}))
        self._duties.report(self._record)

    def _doing(self, what: str, work: Work, names: Sequence[str]) -> Mapping[str, str]:
        self._remember(lambda record: replace(record, doing=f"{what} {', '.join(names)}"))
        failed = work(names)
        self._remember(lambda record: replace(record, doing=None))
        return failed

    def _call(self, names: Sequence[str]) -> None:
        """Mark lists as due; one that is due already is run once."""
        with self._called:
            self._due.update(dict.fromkeys(names))
            self._called.notify()

    def _call_review(self) -> None:
        with self._called:
            self._reviewing = True
            self._called.notify()

    def _wait(self) -> tuple[list[str], bool]:
        """Wait until something is due; return the lists to run, and whether a review is due."""
        self._beat()
        with self._called:
            self._called.wait_for(lambda: self._due or self._reviewing)
            names, reviewing = list(self._due), self._reviewing
            self._due, self._reviewing = {}, False
            return names, reviewing

    def _beat(self) -> None:
        """Record a heartbeat."""
        self._remember(lambda record: record)

    def _remember(self, change: Callable[[ServeRecord], ServeRecord], *, stopped: bool = False) -> None:
        """Change the record and write it; where that fails, a restart does again what was done."""
        with self._lock:
            now = self._now()
            times = (schedule.next_time(line, now) for line in self._schedules.values())
            due = min((time for time in times if time), default=None)
            record = change(self._record)
            if stopped:
                self._record = replace(record, beat=None, next=None, stopped=now)
            else:
                self._record = replace(record, beat=now, next=due, stopped=None)
            try:
                write_record(self._path, self._record)
            except BotError as error:
                _log.warning(f"arxiv-bot: {error}")


class Stopping:
    """Turns SIGTERM and SIGINT into `Stopped`, at once, or within `GRACE_S` when something is being written."""

    def __init__(self) -> None:
        self._writing = self._asked = False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._signalled)

    def guarded(self, forge: Forge) -> Forge:
        """Return a forge whose writing is finished before the end, if that is soon."""
        return _Guarded(forge, self)

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Hold a signal back until the block has ended, for `GRACE_S` at most."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            if self._asked:  # whether the writing went well or failed
                raise Stopped

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        _log.warning(f"arxiv-bot: {signal.Signals(number).name}: stopping")
        if not self._writing or self._asked:
            raise Stopped
        self._asked = True
        signal.signal(signal.SIGALRM, self._signalled)
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)


@dataclass(frozen=True, slots=True)
class _Guarded:
    """A forge that a signal does not interrupt while it writes."""

    forge: Forge
    stopping: Stopping

    def read(self, settings: ListConfig) -> Snapshot:
        """Return what the forge reads."""
        return self.forge.read(settings)

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Merge the base into the branch, whole."""
        with self.stopping.finishing():
            return self.forge.renew(settings, snapshot)

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Write a change, whole."""
        with self.stopping.finishing():
            return self.forge.write(snapshot, change)
