"""Decisions told again by what the bot's pull requests still say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.model import TRAILER
from bot.paperlist.read.document import parse
from bot.pullrequest.rebuild import Past, rebuilt
from bot.pullrequest.snapshot import Comment, Ended
from bot.state.decision import Basis, How
from tests.conftest import LIST

START = datetime(2026, 3, 4, tzinfo=UTC)
TEXT = """- [x] [A](https://arxiv.org/abs/2401.00001) <!-- arxiv-bot:paper 2401.00001 in -->
- [x] [B](https://arxiv.org/abs/2603.00002) <!-- arxiv-bot:paper 2603.00002 in -->
- [ ] [C](https://arxiv.org/abs/2603.00003) <!-- arxiv-bot:paper 2603.00003 in -->
- [ ] [D](https://arxiv.org/abs/2603.00004) <!-- arxiv-bot:paper 2603.00004 out -->
- [ ] [E](https://arxiv.org/abs/2603.00005) <!-- arxiv-bot:paper 2603.00005 gone -->
"""
COMMIT = f"Add 2 papers\n\n- A title (arXiv:2603.00006)\n- (arXiv:x) B (arXiv:2603.00002)\n\n{TRAILER}: serving/1"


def past(ended: Ended | None, text: str = TEXT, *messages: str, cycle: int = 1, day: int = 1) -> Past:
    return Past(cycle, text, messages, ended, START + timedelta(days=day))


def said(text: str, day: int) -> Comment:
    return Comment(day, 1, f"comment {day}", "curator", text, START + timedelta(days=day))


def kinds(pasts: list[Past], comments: list[Comment]) -> dict[str, str]:
    state = rebuilt(pasts, comments, parse(LIST))
    return {d.id[-1]: d.kind.value for d in state.decisions}


@pytest.mark.parametrize(
    ("ended", "found"),
    [
        (Ended.MERGED, "1 accepted, 2 dismissed, 3 rejected, 4 dismissed, 5 rejected, 6 dismissed"),
        (Ended.CLOSED, "1 accepted, 2 dismissed, 3 rejected, 4 dismissed, 5 rejected, 6 dismissed"),
        (Ended.LOST, ""),
        (None, "3 rejected, 5 rejected, 6 dismissed"),
    ],
)
def test_what_a_pull_request_says(ended: Ended | None, found: str) -> None:
    """What is listed was accepted, what was taken out rejected, what else was shown or written dismissed at the end."""
    told = kinds([past(ended, TEXT, COMMIT)], [])
    assert ", ".join(f"{i} {kind}" for i, kind in sorted(told.items())) == found


@pytest.mark.parametrize("word", ["waits"])
def test_what_was_only_offered_is_undecided(word: str) -> None:
    """A merge says nothing of a paper that had no room yet, unless its box was ticked; a close does."""
    offered = TEXT.replace("00004 out", f"00004 {word}")
    assert "4" not in kinds([past(Ended.MERGED, offered)], [])
    assert kinds([past(Ended.MERGED, offered.replace("[ ] [D]", "[x] [D]"))], [])["4"] == "dismissed"
    assert kinds([past(Ended.CLOSED, offered)], [])["4"] == "dismissed"


def test_commits_of_people_say_nothing() -> None:
    """A commit without the bot's trailer names no paper, whatever it looks like."""
    assert kinds([past(None, "", "Mine\n\n- Title (arXiv:2603.00006)")], []) == {}


def test_what_is_no_id_says_nothing() -> None:
    """A text or commit that people edited may name anything; only ids as the bot writes them count."""
    text = "".join(f"- [x] T <!-- arxiv-bot:paper {i} in -->\n" for i in ("../x", "x", "2603.00007v2", "2603.00008"))
    commit = f"Add\n\n- T (arXiv:evil/@me)\n- T (arXiv:2603.00009)\n\n{TRAILER}: serving/1"
    assert kinds([past(Ended.CLOSED, text, commit)], []) == {"8": "dismissed", "9": "dismissed"}


def test_comments_in_the_order_of_time() -> None:
    """A comment before the end stays, an undo after it takes the end back, a deferral keeps its day."""
    before, after = said("/arxiv-bot dismiss 2603.00005", 0), said("/arxiv-bot undo 2603.00002 2603.00004", 2)
    told = kinds([past(Ended.CLOSED)], [after, before])
    assert told == {"1": "accepted", "3": "rejected", "5": "dismissed"}
    state = rebuilt([past(None, "")], [said("/arxiv-bot defer 2603.00007 until 2026-03-09", 1)], parse(LIST))
    assert [(d.kind.value, str(d.until), d.basis) for d in state.decisions] == [
        ("deferred", "2026-03-09", Basis(How.COMMENT, text="comment 1"))
    ]


def test_the_last_cycle_is_known() -> None:
    """The highest number counts, whatever the order; without pull requests there was none."""
    assert rebuilt([past(Ended.MERGED, cycle=7), past(Ended.CLOSED, cycle=3)], [], parse(LIST)).cycle == 7
    assert rebuilt([], [], parse(LIST)).cycle == 0
