"""What is to be written for one list, and where it went. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.config.model import Opening
from bot.state.model import State


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
    opening: Opening = field(default_factory=Opening)


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
