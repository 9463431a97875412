"""What `serve` remembers of itself in one file: which list succeeded when, and that it is alive."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.state.files import write_atomically

_log = logging.getLogger(__name__)

STILL = timedelta(minutes=3)
"""A process that has not said for so long that it lives, does not."""
FAILING = 3
"""So many failures in a row are no chance."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How a list fared: its last success, its last try, failures in a row, and what the last of them said."""

    succeeded: datetime | None = None
    tried: datetime | None = None
    failures: int = 0
    error: str | None = None

    def after(self, error: str | None, now: datetime) -> Entry:
        """Return the entry after a try; without an error it succeeded."""
        if error is None:
            return Entry(now, now)
        return Entry(self.succeeded, now, self.failures + 1, error)


@dataclass(frozen=True, slots=True)
class Record:
    """All lists, when the process last said that it lives, what it was doing, and when it was stopped in order."""

    lists: Mapping[str, Entry] = field(default_factory=dict)
    beat: datetime | None = None
    doing: str | None = None
    next: datetime | None = None
    stopped: datetime | None = None

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


def read(path: Path) -> Record:
    """Read a record; one that is missing or damaged is an empty one, which only makes the lists due at once."""
    try:
        found = json.loads(path.read_bytes())
        entries = {str(name): _entry(values) for name, values in found["lists"].items()}
        beat, due, stopped = (_time(found.get(name)) for name in ("beat", "next", "stopped"))
        return Record(entries, beat, found.get("doing"), due, stopped)
    except FileNotFoundError:
        return Record()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning(f"arxiv-bot: {path} cannot be read and is begun anew: {type(error).__name__}: {error}")
        return Record()


def write(path: Path, record: Record) -> None:
    """Write a record in one step; raises `BotError` when it cannot be written."""
    text = json.dumps(asdict(record), default=datetime.isoformat, ensure_ascii=False, indent=1)
    write_atomically(path, f"{text}\n".encode())


def _entry(values: Mapping[str, Any]) -> Entry:
    error = values.get("error")
    return Entry(
        _time(values.get("succeeded")),
        _time(values.get("tried")),
        int(values.get("failures", 0)),
        None if error is None else str(error),
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
