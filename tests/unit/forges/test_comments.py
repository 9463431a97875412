"""Whose comments are heeded: only those of accounts that exist and may write."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from github import GithubException, UnknownObjectException
from github.Repository import Repository

from bot.forges.github.branches import StateTree
from bot.forges.github.comments import Comments
from tests.conftest import NOW


class Told:
    """A repository with one comment; what it says of its author's rights is told."""

    full_name = "o/r"

    def __init__(self, user: str | None, rights: str | Exception) -> None:
        self._rights = rights
        self._comment = SimpleNamespace(
            id=7,
            user=SimpleNamespace(login=user, type="Bot" if "[" in user else "User") if user else None,
            body="<!-- arxiv-bot:asked 2603.00002 -->\n/arxiv-bot reject 2603.00001",
            html_url="https://github.com/o/r/issues/1#issuecomment-7",
            issue_url="https://api.github.com/repos/o/r/issues/1",
            raw_data={"author_association": "COLLABORATOR"},
            created_at=NOW,
            updated_at=NOW,
        )

    def get_issues_comments(self, since: datetime, sort: str, direction: str) -> list[Any]:
        """Return the comment."""
        return [self._comment]

    def get_pulls(self, **_: str) -> list[Any]:
        """Return the bot's pull request, which another app opened, and one of a stranger's fork."""
        fork, own = (SimpleNamespace(full_name=name) for name in ("visitor/r", "o/r"))
        opened = ((fork, "visitor-app[bot]"), (own, "own-app[bot]"))
        return [
            SimpleNamespace(
                head=SimpleNamespace(ref="arxiv-bot/serving/9", repo=repo), user=SimpleNamespace(login=login)
            )
            for repo, login in opened
        ]

    def get_collaborator_permission(self, login: str) -> str:
        """Return the rights, or raise what GitHub answers."""
        if isinstance(self._rights, Exception):
            raise self._rights
        return self._rights


def heard(user: str | None, rights: str | Exception) -> tuple[int, int]:
    """Return how many commands and how many of the bot's own questions are believed."""
    said = Comments(cast(Repository, Told(user, rights)), "serving", None, StateTree(None, {})).since(NOW)
    return len(said.open), len(said.asked)


@pytest.mark.parametrize(
    ("user", "rights", "found"),
    [
        ("curator", "write", (1, 1)),
        ("visitor", "read", (0, 0)),
        (None, "write", (0, 0)),
        ("gone", UnknownObjectException(404, {"message": "Not Found"}), (0, 0)),
        ("curator", GithubException(403, {"message": "Resource not accessible by integration"}), (0, 0)),
    ],
)
def test_who_is_heeded(user: str | None, rights: str | Exception, found: tuple[int, int]) -> None:
    """An account that may write is; one that is gone, whether GitHub names it or not, stops nothing and is not."""
    assert heard(user, rights) == found


@pytest.mark.parametrize(
    ("user", "asked"),
    [("github-actions[bot]", 1), ("own-app[bot]", 1), ("visitor-app[bot]", 0), ("mirror[bot]", 0)],
)
def test_no_other_app_speaks_for_the_bot(user: str, asked: int) -> None:
    """The bot's marks count in comments of the account that opens its pull requests, not in those of any other app."""
    assert heard(user, UnknownObjectException(404, {"message": "Not Found"})) == (0, asked)


def test_being_busy_is_no_answer() -> None:
    """A limit says nothing of anybody's rights: the run stops, and the next one hears the comment."""
    with pytest.raises(GithubException):
        heard("curator", GithubException(403, {"message": "You have exceeded a secondary rate limit"}))
