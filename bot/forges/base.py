"""Where repositories live: one small protocol, one module per forge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.config import ListConfig
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run of a workflow: its start, the event behind it, its URL, and whether it failed, None while it goes on."""

    id: int
    begun: datetime
    event: str
    url: str
    failed: bool | None


class Forge(Protocol):
    """Reads the list, the pull request and the state of one list, and writes a change of them.

    Every method raises `PublishError` that says what to do.
    """

    def read(self, settings: ListConfig) -> Snapshot:
        """Return the list's content, pull request and state as they are now."""
        ...

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Merge the base into the open cycle's branch and read again.

        Raises `PublishError` when base and branch contradict each other: people have to settle that.
        """
        ...

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Write a change that was made from this snapshot; refuse if the branch has moved since."""
        ...
