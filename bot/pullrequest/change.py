"""What a forge writes for one list, and where it went. Nouns only."""

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
    """What to write; writing the same change again changes nothing.

    `content` is the whole new list, proven, or None when it stays. `title` and `text` are the pull request's, None when
    there is nothing to show. `opening` says how a new pull request is opened.
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

    `troubles` are sentences about what failed beside it.
    """

    where: str
    commit: str | None = None
    opened: bool = False
    text_changed: bool = False
    troubles: tuple[str, ...] = ()
