"""The life cycle of a list's pull request, decided without a forge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.pullrequest.change import Change
from bot.pullrequest.cycle import (
    MOST_MISSING,
    PullOutcome,
    PullOwner,
    cycle_of,
    edits,
    how_ended,
    needs_open_pull,
    orphan_cycle,
    owner_of,
    past_pulls,
    unused_cycle,
)
from bot.pullrequest.snapshot import Ended, PullRequest, Snapshot
from bot.state.model import State

BRANCHES = ["arxiv-bot/state", "arxiv-bot/serving/2", "arxiv-bot/serving/10", "arxiv-bot/other/12", "main"]


@pytest.mark.parametrize(
    ("outcome", "branch_exists", "ended"),
    [
        (None, True, None),
        (None, False, Ended.LOST),
        (PullOutcome.OPEN, True, None),
        (PullOutcome.MERGED, True, Ended.MERGED),
        (PullOutcome.MERGED, False, Ended.MERGED),
        (PullOutcome.CLOSED_BY_PERSON, True, Ended.CLOSED),
        (PullOutcome.CLOSED_BY_PERSON, False, Ended.LOST),
        (PullOutcome.CLOSED_BY_BOT, True, Ended.LOST),
    ],
)
def test_how_a_cycle_ended(outcome: PullOutcome | None, branch_exists: bool, ended: Ended | None) -> None:
    """Only a person who closes a pull request decides on its papers; a deleted branch decides nothing."""
    assert how_ended(outcome, branch_exists=branch_exists) is ended


def test_a_pull_request_belongs_to_whose_branch_it_is() -> None:
    """The branch alone counts, and only in this repository: a fork may use any name."""
    assert owner_of("arxiv-bot/serving/3", "serving", same_repository=True) is PullOwner.LIST
    assert owner_of("arxiv-bot/other/3", "serving", same_repository=True) is PullOwner.BOT
    assert owner_of("arxiv-bot/serving/3", "serving", same_repository=False) is PullOwner.PERSON
    assert owner_of("feature", "serving", same_repository=True) is PullOwner.PERSON
    assert [cycle_of(branch, "serving") for branch in BRANCHES] == [None, 2, 10, None, None]


def test_the_next_cycle() -> None:
    """A branch of a stopped run is continued unless its cycle has ended; a new cycle's number was never used."""
    assert orphan_cycle("serving", State(cycle=9), None, BRANCHES) == 10
    assert orphan_cycle("serving", State(cycle=11), None, BRANCHES) is None
    assert orphan_cycle("serving", State(cycle=10), Ended.MERGED, BRANCHES) is None
    assert orphan_cycle("new", State(), None, BRANCHES) is None
    assert [unused_cycle("serving", State(cycle=cycle), BRANCHES) for cycle in (3, 11)] == [11, 12]


def test_past_pull_requests_are_looked_for_until_several_are_missing() -> None:
    """A gap of a few cycles is bridged; a list without branches whose first cycle has none costs one request."""
    asked: list[int] = []

    def pull_of(cycle: int) -> int | None:
        asked.append(cycle)
        return cycle if cycle in (1, 2 + MOST_MISSING) else None

    assert past_pulls("serving", BRANCHES, pull_of) == [1, 2 + MOST_MISSING]
    asked.clear()
    assert past_pulls("new", [], lambda cycle: asked.append(cycle)) == []
    assert asked == [1]


def test_what_a_person_changed_is_not_edited() -> None:
    """A title of a person's stays, and so does a text that changed since it was read."""
    read = PullRequest("here", "list.md: 1 new paper", "old")
    change = Change("serving", "list.md", 1, State(), title="list.md: 2 new papers", text="new")
    assert edits(read, read, change).keys() == {"title", "body"}
    assert edits(PullRequest("here", "Papers of May", "old"), read, change).keys() == {"body"}
    assert edits(PullRequest("here", "list.md: 1 new paper", "mine"), read, change).keys() == {"title"}


def test_a_pull_request_must_be_open_only_for_what_it_shows() -> None:
    """Recording the state alone needs no open pull request; new rows and a new text do."""
    text = "<!-- arxiv-bot:list serving cycle 1 -->\ntext\n<!-- /arxiv-bot:list -->\n"
    snapshot = Snapshot(b"", "0", b"", State(), 1, PullRequest("here", "title", text, 7))
    change = Change("serving", "list.md", 1, State(), text=text)
    assert not needs_open_pull(snapshot, change)
    assert needs_open_pull(snapshot, replace(change, text=text.replace("text", "other")))
    assert needs_open_pull(snapshot, replace(change, content=b"rows"))
