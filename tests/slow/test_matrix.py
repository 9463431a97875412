"""Part of the fault matrix: each writing call, and some others, with one fault; `make matrix` tries all."""

from __future__ import annotations

from itertools import cycle

import pytest

from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.slow import matrix
from tests.slow.matrix import Story, Trouble

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")


@pytest.mark.parametrize("story", matrix.STORIES, ids=lambda story: story.name)
def test_the_next_run_puts_every_fault_right(story: Story) -> None:
    """Whatever call meets a fault, the next run ends where a run without it does, and then nothing is left to do."""
    calls = list(enumerate(matrix.calls(story), 1))
    some = [(n, name) for n, name in calls if n % 6 == 0 or not name.startswith("GET")]
    results = [matrix.tried(story, n, name, trouble) for (n, name), trouble in zip(some, cycle(Trouble), strict=False)]
    assert [(r.number, r.call, r.trouble, r.wrong) for r in results if r.wrong] == []
    assert any(r.stopped for r in results)
    assert not all(r.stopped for r in results)


def test_the_table_names_every_call() -> None:
    """docs/faults-github.md is of the calls that the bot makes; `make matrix` writes it anew."""
    told = [matrix.rows_of(section) for section in matrix.TABLE.read_text("utf-8").split("\n## ")[1:]]
    assert told == [matrix.calls(story) for story in matrix.STORIES]
