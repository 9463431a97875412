"""What a run that stopped half-way, or met people at work, leaves for the next one to put right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import config
from bot.errors import PublishError
from tests.conftest import CONFIG, LIST, NOW, PAPERS
from tests.servers.github import Call, Fault
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.stage import Stage, stage

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

SETTINGS = config.loads(CONFIG.replace("max_open: 3,", "max_open: 3, near_miss_at: 0.02,"), "config/keywords.yaml")
BRANCH = "arxiv-bot/serving/1"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    """A repository with a pull request of three papers."""
    with stage(tmp_path / "r.git", SETTINGS, LIST, PAPERS, NOW) as on:
        on.run()
        yield on
        assert on.server.violations == []


def stop_at(on: Stage, where: Callable[[Call], bool], fault: Fault = Fault.SERVER_ERROR) -> None:
    """Review once, and be stopped at a call."""
    on.server.fault = lambda call: fault if where(call) else None
    with pytest.raises(PublishError):
        on.review()
    on.server.fault = lambda call: None


def answers(on: Stage) -> list[str]:
    return [c.body for c in on.server.comments.values() if "arxiv-bot:answer" in c.body]


def test_opening_a_closed_pull_request_again_brings_its_papers_back(on: Stage) -> None:
    """What closing dismissed is open as before, boxes and rows; what had been rejected stays rejected."""
    on.click("2603.00003")
    on.review()
    before, text = on.list_on(BRANCH), on.pulls()[0].body
    with on.as_curator() as repo:
        pull = repo.get_pull(on.pulls()[0].number)
        pull.edit(state="closed")
        dismissed = on.review().change.state
        assert {d.id for d in dismissed.decisions} == {p.id for p in PAPERS}
        assert dismissed.open == ()
        pull.edit(state="open")
    on.run()
    assert on.list_on(BRANCH) == before
    assert on.pulls()[0].body == text
    assert {d.id: d.kind.value for d in on.run().change.state.decisions} == {"2603.00003": "rejected"}


def test_a_deferred_paper_stays_deferred_when_a_review_stops(on: Stage) -> None:
    """Stopped between list and state, the next review does not take the missing row for one that a person deleted."""
    on.say("/arxiv-bot defer 2603.00001 until 2026-05-01\n/arxiv-bot reject 2603.00002")
    stop_at(on, lambda call: call.path.endswith("/git/refs/heads/arxiv-bot/state"))
    assert b"2603.00001" not in on.list_on(BRANCH)
    state = on.review().change.state
    assert {d.id: d.kind.value for d in state.decisions} == {"2603.00001": "deferred", "2603.00002": "rejected"}
    assert "2603.00002 gone" in (on.pulls()[0].body or "")
    assert len(answers(on)) == 1


def test_every_command_is_answered_when_a_review_stops(on: Stage) -> None:
    """Stopped before it answered, the next review answers the older of two commands too."""
    on.say("/arxiv-bot reject 2603.00001")
    on.say("/arxiv-bot explain 2603.00002")
    stop_at(on, lambda call: call.writes and call.path.endswith("/comments"))
    assert answers(on) == []
    on.review()
    assert len(answers(on)) == 2


def test_a_limit_does_not_cost_anybody_the_right_to_decide(on: Stage) -> None:
    """Where GitHub refuses to tell who may write because it was asked too much, the review stops, and is made up."""
    on.say("/arxiv-bot reject 2603.00001")
    stop_at(on, lambda call: call.path.endswith("/permission"), Fault.SECONDARY_LIMIT)
    on.review()
    assert len(answers(on)) == 1


def test_a_base_that_moves_while_it_is_merged_is_merged_again(on: Stage) -> None:
    """A row that a person adds to the base between the bot's look at it and its merge is on the branch in the end."""
    row = b"|[Mine](https://arxiv.org/abs/2402.00009)||\n"
    on.edit("main", lambda old: old.replace(b"2026-01-01", b"2026-02-02"))

    def meanwhile(call: Call) -> None:
        if call.path.endswith("/merges") and row not in on.list_on("main"):
            on.edit("main", lambda old: old + row)

    on.server.meanwhile = meanwhile
    on.review()
    assert row in on.list_on(BRANCH)
    assert b"2603.00001" in on.list_on(BRANCH)
    written = len(on.server.writes)
    on.review()
    assert len(on.server.writes) == written


def test_an_edited_row_is_not_moved_and_asked_about(on: Stage) -> None:
    """Whoever wants an edited row in another section is asked to move it, not told that it is not wanted."""
    on.edit(BRANCH, lambda old: old.replace(b"KV Cache Eviction", b"**KV** Cache Eviction"))
    before = on.list_on(BRANCH)
    on.say("/arxiv-bot move 2603.00001 to Survey")
    for _ in range(3):
        on.review()
    assert on.list_on(BRANCH) == before
    (question,) = [c.body for c in on.server.comments.values() if "arxiv-bot:asked" in c.body]
    assert "move the row by hand" in question
    assert "not wanted" not in question


def test_a_question_is_asked_once_whatever_is_said_later(on: Stage) -> None:
    """Comments that come after the bot's question, and are answered, do not make it ask again."""
    on.edit(BRANCH, lambda old: old.replace(b"KV Cache Eviction", b"**KV** Cache Eviction"))
    on.click("2603.00001")
    on.review()
    for paper in ("2603.00002", "2603.00003"):
        on.say(f"/arxiv-bot explain {paper}")
        on.review()
        on.review()
    assert len(answers(on)) == 2
    assert sum("arxiv-bot:asked 2603.00001" in c.body for c in on.server.comments.values()) == 1
