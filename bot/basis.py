"""What a decision rests on: a code for the program, and one table of words for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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


def basis_text(basis: Basis) -> str:
    """Return what people read."""
    return WORDS[basis.how].format(cycle=basis.cycle, days=basis.days, text=basis.text)
