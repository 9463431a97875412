"""With an App's or a personal token the bot's own edits wake it again: this comes to rest.

What GitHub sends to the review workflow is counted as it would: edits of the text, closes and comments, no pushes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import config
from bot.forges.github import GithubForge
from tests.conftest import CONFIG, LIST, NOW, PAPERS
from tests.servers.github import Call
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.stage import PaperSource, Stage, stage
from tests.servers.whole import job, review_list, run_list

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

SETTINGS = config.loads(CONFIG.replace("max_open: 3,", "max_open: 3, near_miss_at: 0.02,"), "config/keywords.yaml")
BRANCH = "arxiv-bot/serving/1"


def wakes(call: Call) -> bool:
    """Whether GitHub sends the review workflow an event for a call, unless its token is that of Actions."""
    edit = call.method == "PATCH" and re.search(r"/(?:pulls|issues)/\d+$", call.path)
    return bool(edit) or (call.method == "POST" and call.path.endswith("/comments"))


def edit_row(on: Stage) -> None:
    """Edit a row and clear its box, so that the bot has to ask."""
    on.edit(BRANCH, lambda old: old.replace(b"KV Cache Eviction", b"**KV** Cache Eviction"))
    on.click("2603.00001")


def close(on: Stage) -> None:
    (pull,) = on.pulls()
    on.server.close(pull, on.server.account("curator"))


ASKS: dict[str, Callable[[Stage], None]] = {
    "nothing": lambda on: None,
    "clear a box": lambda on: on.click("2603.00001"),
    "set a box": lambda on: on.click("2603.00004"),
    "ask for help": lambda on: on.say("/arxiv-bot help"),
    "reject": lambda on: on.say("/arxiv-bot reject 2603.00002 because of its length"),
    "what cannot be understood": lambda on: on.say("/arxiv-bot please\n/arxiv-bot move 1 to nowhere"),
    "move": lambda on: on.say("/arxiv-bot move 2603.00003 to Caches"),
    "edit a row that goes": edit_row,
    "edit the base": lambda on: on.edit("main", lambda old: old.replace(b"Caching", b"*Caching*")),
    "empty the text": lambda on: setattr(on.pulls()[0], "body", ""),
    "close": close,
}


@pytest.mark.parametrize(
    ("asked", "token"), [*((asked, "curator-token") for asked in ASKS), ("reject", "bot-token"), ("close", "bot-token")]
)
def test_the_bot_does_not_wake_itself_for_ever(tmp_path: Path, asked: str, token: str) -> None:
    """After at most two reviews that write, a review writes nothing at all; only the first writes what wakes another.

    So it is with the token of an App, and with that of the very person who asked.
    """
    with stage(tmp_path / "r.git", SETTINGS, LIST, PAPERS, NOW) as on:

        def review() -> tuple[int, int]:
            """Return how many calls wrote, and how many of them wake another review."""
            before = len(on.server.calls)
            github = GithubForge(token, on.server.full_name, on.server.url)
            review_list(job(SETTINGS, github, NOW, task=on.task), PaperSource(PAPERS).fetch_by_id)
            calls = on.server.calls[before:]
            return sum(call.writes for call in calls), sum(map(wakes, calls))

        github = GithubForge(token, on.server.full_name, on.server.url)
        run_list(job(SETTINGS, github, NOW, task=on.task), PaperSource(PAPERS))
        ASKS[asked](on)
        wrote = [review() for _ in range(4)]
        assert wrote[2:] == [(0, 0), (0, 0)]
        assert wrote[1][1] == 0
        assert (wrote[0] == (0, 0)) == (asked == "nothing")
        assert on.server.violations == []
