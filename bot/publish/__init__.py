"""Where a proposal goes: one small protocol, one module per place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.config import Opening
from bot.review import Snapshot
from bot.state import State


@dataclass(frozen=True, slots=True)
class Reply:
    """A comment to write on an issue or a pull request."""

    issue: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written. `content` is the whole new list, proven, or None when no entry is added.

    `title` and `text` are the pull request's, None when there is nothing to show. Writing the same change twice
    changes nothing the second time. `opening` says how a new pull request is opened.
    """

    list: str
    file: str
    cycle: int
    state: State
    content: bytes | None = None
    message: str = ""
    title: str | None = None
    text: str | None = None
    replies: tuple[Reply, ...] = ()
    opening: Opening = field(default_factory=lambda: Opening.model_validate({}))


@dataclass(frozen=True, slots=True)
class Publication:
    """Where a change went. `commit` is the new commit of the list, None when none was needed.

    `troubles` are what could not be done beside it, each a sentence.
    """

    where: str
    commit: str | None = None
    opened: bool = False
    text_changed: bool = False
    troubles: tuple[str, ...] = ()


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
