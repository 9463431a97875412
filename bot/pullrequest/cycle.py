"""The life cycle of a list's pull request: one branch a cycle, how a cycle ends, and which one is next. Pure.

A forge looks up what these functions ask for and decides nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import count
from typing import TypeVar

from bot.pullrequest.change import Change
from bot.pullrequest.snapshot import Ended, PullRequest, Snapshot
from bot.pullrequest.text.body import same_text, with_notes
from bot.state.model import State

PREFIX = "arxiv-bot"
STATE_BRANCH = f"{PREFIX}/state"
MOST_MISSING = 3
"""Consecutive cycles without a pull request after which no further one is looked for."""
_BOT_TITLE = re.compile(r".+: \d+ new papers?")

_Pull = TypeVar("_Pull")


class PullOutcome(Enum):
    """What became of a cycle's pull request."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED_BY_PERSON = "closed by a person"
    CLOSED_BY_BOT = "closed by a bot"


class PullOwner(Enum):
    """Whose an open pull request is, seen from one list."""

    LIST = "list"
    BOT = "bot"
    PERSON = "person"


def branch_of(name: str, cycle: int) -> str:
    """Return the branch of a list's cycle."""
    return f"{PREFIX}/{name}/{cycle}"


def cycle_of(branch: str, name: str) -> int | None:
    """Return the cycle of a branch of this list, None for any other branch."""
    prefix, _, number = branch.rpartition("/")
    return int(number) if prefix == f"{PREFIX}/{name}" and number.isdecimal() else None


def owner_of(branch: str, name: str, *, same_repository: bool) -> PullOwner:
    """Return whose a pull request is, by its branch: people may change its base and its text."""
    if same_repository and cycle_of(branch, name):
        return PullOwner.LIST
    return PullOwner.BOT if same_repository and branch.startswith(f"{PREFIX}/") else PullOwner.PERSON


def how_ended(outcome: PullOutcome | None, *, branch_exists: bool = True) -> Ended | None:
    """Return how a cycle ended, None while it goes on or its branch still waits for a pull request."""
    if outcome is None:
        return None if branch_exists else Ended.LOST
    if outcome is PullOutcome.CLOSED_BY_PERSON and branch_exists:
        return Ended.CLOSED
    return {PullOutcome.OPEN: None, PullOutcome.MERGED: Ended.MERGED}.get(outcome, Ended.LOST)


def orphan_cycle(name: str, state: State, ended: Ended | None, branches: Iterable[str]) -> int | None:
    """Return the cycle that a stopped run may have left without a pull request, None if there is none."""
    newest = _newest(name, branches)
    return newest if newest and newest >= state.cycle and not ended else None


def unused_cycle(name: str, state: State, branches: Iterable[str]) -> int:
    """Return the number of a cycle that was never used."""
    return max(state.cycle, _newest(name, branches)) + 1


def _newest(name: str, branches: Iterable[str]) -> int:
    return max((number for branch in branches if (number := cycle_of(branch, name))), default=0)


def past_pulls(name: str, branches: Iterable[str], pull_of: Callable[[int], _Pull | None]) -> list[_Pull]:
    """Return the pull requests of all cycles, oldest first; a cycle has none if its run stopped half-way.

    A list without any branch whose first cycle has no pull request counts as new.
    """
    begun = _newest(name, branches) > 0
    found: list[_Pull] = []
    missing = 0
    for cycle in count(1):
        if (pull := pull_of(cycle)) is not None:
            found.append(pull)
            missing = 0
        else:
            missing += 1
        if missing > (MOST_MISSING if found or begun else 0):
            break
    return found


def needs_open_pull(snapshot: Snapshot, change: Change) -> bool:
    """Whether a change has more to show on the pull request that was read.

    What is written on the branch of an ended cycle is never seen, and later counts as removed by people.
    """
    pull = snapshot.pull
    return pull is not None and not (change.content is None and same_text(pull.text, change.text or ""))


def shows_the_same(pull: PullRequest, change: Change) -> bool:
    """Whether a pull request already has the title and text of a change."""
    return same_text(pull.text, change.text or "") and pull.title == change.title


def edits(now: PullRequest, read: PullRequest, change: Change) -> Mapping[str, str]:
    """Return the fields to edit: a title that the bot gave, and a text that nobody changed since it was read."""
    found = {}
    if change.title and now.title != change.title and _BOT_TITLE.fullmatch(now.title):
        found["title"] = change.title
    if change.text and not same_text(now.text, change.text) and now.text == read.text:
        found["body"] = with_notes(now.text, change.text)
    return found
