"""What `serve` remembers of itself in one file: which list succeeded when, and that it is alive."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter

from bot.state.files import write_atomically

_log = logging.getLogger(__name__)

STILL = timedelta(minutes=3)
"""Age of a heartbeat that counts as dead."""
FAILING = 3
"""Consecutive failures of a list before they are reported."""


@dataclass(frozen=True, slots=True)
class ListRecord:
    """How a list fared: its last success, its last try, failures in a row, and the error of the last one."""

    succeeded: AwareDatetime | None = None
    tried: AwareDatetime | None = None
    failures: int = 0
    error: str | None = None

    def after(self, error: str | None, now: datetime) -> ListRecord:
        """Return the record after a try; without an error it succeeded."""
        if error is None:
            return ListRecord(now, now)
        return ListRecord(self.succeeded, now, self.failures + 1, error)


@dataclass(frozen=True, slots=True)
class ServeRecord:
    """All lists, the last heartbeat, what the process is doing, the next time it is due, and when it was stopped."""

    lists: Mapping[str, ListRecord] = field(default_factory=dict)
    beat: AwareDatetime | None = None
    doing: str | None = None
    next: AwareDatetime | None = None
    stopped: AwareDatetime | None = None

    def troubles(self, now: datetime) -> tuple[str, ...]:
        """Return what is wrong, in sentences for people; none when all is well."""
        if self.stopped:
            return (f"stopped in order at {self.stopped:%Y-%m-%d %H:%M} UTC: start arxiv-bot serve to go on",)
        if self.beat is None or now - self.beat > STILL:
            since = f"since {self.beat:%Y-%m-%d %H:%M} UTC" if self.beat else "yet"
            return (f"no sign of life {since}: start arxiv-bot serve",)
        return tuple(
            f"{name} failed {entry.failures} times in a row, last: {entry.error}"
            for name, entry in self.lists.items()
            if entry.failures >= FAILING
        )


_RECORD = TypeAdapter(ServeRecord)


def read_record(path: Path) -> ServeRecord:
    """Return the record; a missing or damaged one counts as empty, which only makes the lists due at once."""
    try:
        return _RECORD.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ServeRecord()
    except (OSError, ValueError) as error:
        _log.warning(f"arxiv-bot: {path} cannot be read and starts anew: {type(error).__name__}: {error}")
        return ServeRecord()


def write_record(path: Path, record: ServeRecord) -> None:
    """Write a record in one step; raise `BotError` when it cannot be written."""
    write_atomically(path, _RECORD.dump_json(record, indent=1) + b"\n")
