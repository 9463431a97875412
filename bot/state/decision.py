"""What a person said of a paper, and what that rests on: a code for the program, a table of words for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.model import Path


class How(StrEnum):
    """How a decision came about. The values stand in state files, so they never change."""

    ADDED = "added_by_hand"
    CLOSED = "closed"
    COMMAND = "command"
    COMMENT = "comment"
    MERGED = "merged"
    NO_ROOM = "no_room"
    OTHER = "other"
    ROW_REMOVED = "row_removed"
    UNTICKED = "unticked"


WORDS: Mapping[How, str] = {
    How.ADDED: "cycle {cycle}: added by hand",
    How.CLOSED: "cycle {cycle}: closed",
    How.COMMAND: "by hand",
    How.COMMENT: "{text}",
    How.MERGED: "cycle {cycle}: merged",
    How.NO_ROOM: "no room for {days} days",
    How.OTHER: "{text}",
    How.ROW_REMOVED: "cycle {cycle}: its row was removed",
    How.UNTICKED: "cycle {cycle}: unticked",
}
"""What people read for each code; the names in braces are fields of `Basis`."""


@dataclass(frozen=True, slots=True)
class Basis:
    """How a decision came about, and where that can be read.

    `cycle` is that of the pull request, `days` how long a paper waited in vain, `text` the address of a comment, or
    what an older version recorded.
    """

    how: How
    cycle: int = 0
    days: int = 0
    text: str = ""

    def __str__(self) -> str:
        """Return what people read."""
        return WORDS[self.how].format(cycle=self.cycle, days=self.days, text=self.text)


class DecisionKind(StrEnum):
    """What a person said of a paper, or that it expired before anybody did."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MOVED = "moved"
    DEFERRED = "deferred"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a paper, on which day, and what that rests on."""

    id: str
    kind: DecisionKind
    day: date
    basis: Basis
    section: Path | None = None
    until: date | None = None
    reason: str | None = None
