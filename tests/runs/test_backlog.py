"""Very many papers at once: as many as there is room for are proposed, the others wait in order, and none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import config
from bot.model import Candidate
from tests.conftest import CONFIG, LIST, NOW, paper
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.stage import Stage, stage

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

ROOM = 40
MANY = 200
SETTINGS = config.loads(CONFIG.replace("max_open: 3", f"max_open: {ROOM}"), "config/keywords.yaml")
_TOPICS = ("LLM Serving {n}", "A KV Cache for LLM Serving {n}", "Survey of LLM Serving {n}", "A KV Cache {n}")


def merge(on: Stage) -> None:
    with on.as_curator() as repo:
        repo.get_pull(on.pulls()[0].number).merge(merge_method="squash")


def test_two_hundred_papers_come_in_order(tmp_path: Path) -> None:
    """Each cycle proposes the best of what waits and counts the rest; after five merges the list has every paper."""
    papers = [paper(n, _TOPICS[n % 4].format(n=f"of Kind {n} and {n * 7919}"), "x " * 300) for n in range(1, MANY + 1)]
    proposed: list[str] = []
    with stage(tmp_path / "r.git", SETTINGS, LIST, papers, NOW) as on:
        while outcome := on.run():
            on.papers = ()
            new = [shown.candidate for shown in outcome.board.proposed]
            if not new:
                break
            waiting = outcome.change.state.backlog
            proposed += [candidate.paper.id for candidate in new]
            assert len(new) == ROOM or not waiting
            assert len(proposed) + len(waiting) + len(outcome.board.near_misses) == MANY
            assert not waiting or min(map(rank, new)) >= max(map(rank, waiting))
            (pull,) = on.pulls()
            assert pull.body is not None
            assert (f"**{len(waiting)} more** wait in the backlog" in pull.body) == bool(waiting)
            assert pull.body.count("- [x] ") == len(new)
            merge(on)
        assert on.server.violations == []
        listed = on.list_on("main").decode()
    assert sorted(proposed) == [p.id for p in papers]
    assert all(listed.count(f"abs/{p.id})") == 1 for p in papers)


def rank(candidate: Candidate) -> float:
    return candidate.verdict.relevance
