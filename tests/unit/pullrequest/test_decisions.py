"""Decisions: people win, and what is decided once stays decided."""

from __future__ import annotations

from datetime import date

import pytest

from bot.paperlist.read.document import parse
from bot.pullrequest import decisions
from bot.pullrequest.snapshot import Ended, PullRequest, Snapshot
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.model import OpenPaper, State
from tests.unit.pullrequest.test_board import (
    CACHES,
    SURVEY,
    TODAY,
    box,
    candidate,
    kinds,
    listing,
    opened,
    row,
    settle,
    settled,
)  # fmt: skip


def test_merged() -> None:
    """After a merge the papers in the list are accepted and remembered, the others do not come again.

    What was offered since there was no room for it waits again.
    """
    near = (opened(3, 0.05, written=False), opened(5, written=False))
    state = State(open=(opened(1), opened(2), *near), backlog=(candidate(4),), cycle=1)
    after = settle(state, listing(row(1)), listing(row(1)), Ended.MERGED)
    assert kinds(after) == {"2603.00001": "accepted", "2603.00002": "dismissed", "2603.00003": "dismissed"}
    assert after.library == (candidate(1).paper,)
    assert (after.open, after.backlog) == ((), (candidate(4), candidate(5)))
    assert {d.basis for d in after.decisions} == {Basis(How.MERGED, 1)}


def test_closed() -> None:
    """Closing dismisses all papers, near misses too."""
    state = State(open=(opened(1), opened(2, written=False)), cycle=3)
    after = settle(state, listing(), listing(row(1)), Ended.CLOSED)
    assert kinds(after) == {"2603.00001": "dismissed", "2603.00002": "dismissed"}
    assert after.library == ()


def test_lost() -> None:
    """When the branch is lost nothing is decided: all its papers wait again."""
    state = State(open=(opened(1), opened(2, written=False)), backlog=(candidate(3),), cycle=1)
    after = settle(state, listing(), listing(), Ended.LOST)
    assert (after.open, after.decisions) == ((), ())
    assert {c.id for c in after.backlog} == {"2603.00001", "2603.00002", "2603.00003"}


def test_an_edited_or_moved_row_stays() -> None:
    """A row that a person edited is still the paper's, by its id or by its title."""
    state = State(open=(opened(1), opened(2)), cycle=1)
    edited = [row(1, "Another title"), "|[A Paper of Number 2](https://doi.org/10.1145/1)|"]
    assert settle(state, listing(), listing(*edited)) == state
    after = settle(state, listing(*edited), listing(*edited), Ended.MERGED)
    assert set(kinds(after).values()) == {"accepted"}


def test_a_near_miss_added_to_the_base_is_accepted() -> None:
    """A near miss that someone listed meanwhile is accepted and no longer offered."""
    state = State(open=(opened(1, written=False), opened(2, written=False)), cycle=1)
    after = settle(state, listing(row(1)), listing())
    assert kinds(after) == {"2603.00001": "accepted"}
    assert after.open == (opened(2, written=False),)


def test_a_later_decision_replaces_the_earlier() -> None:
    """A paper has one decision: the last."""
    old = Decision("2603.00001", DecisionKind.DEFERRED, date(2026, 1, 1), Basis(How.COMMAND))
    after = settle(State(open=(opened(1),), decisions=(old,), cycle=1), listing(), listing(), Ended.CLOSED)
    assert kinds(after) == {"2603.00001": "dismissed"}


def test_adopt() -> None:
    """Rows of candidates on the branch that no run recorded are taken over as they stand; listed ones are not."""
    base, working = listing(row(1)), listing(row(1), row(2, "As edited"), row(3))
    state = State(open=(opened(3),), cycle=1)
    after = decisions.adopt(state, [candidate(n) for n in (1, 2, 3, 4)], parse(base), parse(working))
    assert after.open == (opened(3), OpenPaper(candidate(2), CACHES, row(2, "As edited")))
    assert decisions.adopt(after, [candidate(2)], parse(base), parse(working)) == after


def test_a_rejected_paper_stays_rejected_after_the_merge() -> None:
    """What was unticked stays rejected when the rest is merged; what is listed all the same is accepted."""
    rejected = [Decision(f"2603.{n:05}", DecisionKind.REJECTED, TODAY, Basis(How.UNTICKED, 1)) for n in (1, 2)]
    state = State(open=(opened(1, written=False), opened(2, written=False)), decisions=tuple(rejected), cycle=1)
    document = listing(row(2))
    after = settle(state, document, document, Ended.MERGED)
    assert kinds(after) == {"2603.00001": "rejected", "2603.00002": "accepted"}
    assert after.library == (candidate(1).paper, candidate(2).paper)


def test_a_row_put_back_by_hand_is_wanted_again() -> None:
    """A rejected paper whose row a person writes again is no longer rejected, and its row stays."""
    decision = Decision("2603.00001", DecisionKind.REJECTED, TODAY, Basis(How.UNTICKED, 1))
    state = State(open=(opened(1, written=False),), decisions=(decision,), cycle=1)
    after = decisions.adopt(state, [], parse(listing()), parse(listing(row(1))))
    assert after.decisions == ()
    assert decisions.unwanted(after) == {}


def test_a_run_that_died_after_taking_a_row_out() -> None:
    """The row is gone, the box still cleared, the state old: the paper is rejected, not dismissed."""
    state = State(open=(opened(1),), cycle=1)
    pull = PullRequest("here", "title", box(1, " ", "in"))
    base = listing()
    after = settled(Snapshot(base, "0", base, state, 1, pull))
    assert kinds(after) == {"2603.00001": "rejected"}
    assert [(p.id, p.row) for p in after.open] == [("2603.00001", None)]


def test_rows_are_shown_where_they_stand() -> None:
    """A row that a person moved is shown in its section, and a near miss whose row a person added has one."""
    moved = OpenPaper(candidate(1), CACHES, row(1))
    offered = OpenPaper(candidate(2, 0.45), CACHES, None)
    text = "# P\n\n## Survey\n|Paper|\n|--|\n" + row(1) + "\n" + row(2) + "\n"
    state = decisions.adopt(State(open=(moved, offered)), [], parse(b"# P\n"), parse(text.encode()))
    assert [(p.path, p.row) for p in state.open] == [(SURVEY, row(1)), (SURVEY, row(2))]


@pytest.mark.parametrize("ended", [Ended.MERGED, Ended.CLOSED])
def test_settling_twice_is_settling_once(ended: Ended) -> None:
    """An ended cycle is decided once."""
    document = listing(row(1))
    once = settle(State(open=(opened(1), opened(2)), cycle=1), document, document, ended)
    assert settle(once, document, document, ended) == once
