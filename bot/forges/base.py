"""Where a proposal goes: one small protocol, one module per place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.pullrequest.board import Snapshot
from bot.pullrequest.change import Change, Publication


@dataclass(frozen=True, slots=True)
class Round:
    """A run of the workflow: what started it, where it can be read, and whether it failed, None while it goes on."""

    id: int
    begun: datetime
    event: str
    url: str
    failed: bool | None


class Publisher(Protocol):
    """Reads what stands now and writes a change; raises `PublishError` with what to do."""

    def current(self, name: str, file: str) -> Snapshot:
        """Return what stands now for a list of this name and file."""
        ...

    def renew(self, snapshot: Snapshot, name: str, file: str) -> Snapshot:
        """Bring what people did to the list on the base into the open cycle's branch; return what stands then.

        Raises `PublishError` when both sides contradict each other: that is for people to settle.
        """
        ...

    def publish(self, snapshot: Snapshot, change: Change) -> Publication:
        """Write a change that was made from this very snapshot."""
        ...
