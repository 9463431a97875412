"""Comments: the commands of people who may write here, and what the bot said already."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from github import GithubException
from github.IssueComment import IssueComment
from github.Repository import Repository

from bot.comments import Comment, lines
from bot.console import note
from bot.publish.github.branches import cycle_of
from bot.publish.github.client import limited
from bot.publish.message import ANSWER, QUESTION

_MARK = re.compile(f"{ANSWER.pattern}|{QUESTION.pattern}")


@dataclass(frozen=True, slots=True)
class Said:
    """Commands that wait for an answer, the time of the newest comment read, the papers asked about."""

    open: tuple[Comment, ...] = ()
    heard: datetime | None = None
    asked: frozenset[str] = frozenset()


def said_since(repo: Repository, name: str, own: int | None, since: datetime) -> Said:
    """Return the commands since a time that have no answer yet, of people with write access.

    They may stand on this list's pull requests, closed ones too, and on issues; `own` is the open one's number.
    """
    found = list(repo.get_issues_comments(since=since, sort="updated", direction="asc"))
    may, concerns = _rights(repo), _concerns(repo, name, own)
    own_words = [c for c in found if _MARK.search(c.body) and (c.user.type == "Bot" or may(c))]
    answered = {int(number) for c in own_words for number in ANSWER.findall(c.body)}
    commands = []
    for comment in found:
        if comment.id in answered or not any(True for _ in lines(comment.body)):
            continue
        issue = int(comment.issue_url.rsplit("/", 1)[1])
        login = comment.user.login
        if not may(comment):
            note(f"{comment.html_url}: {login} has no write access here, so the command is passed over")
        elif concerns(comment.html_url, issue):
            commands.append(Comment(comment.id, issue, comment.html_url, login, comment.body, comment.created_at))
    return Said(
        tuple(commands),
        max((c.updated_at for c in found), default=None),
        frozenset(paper for c in own_words for paper in QUESTION.findall(c.body)),
    )


def _rights(repo: Repository) -> Callable[[IssueComment], bool]:
    """Return the test whether a comment's author may write here; its association alone would not say so."""
    known: dict[str, bool] = {}

    def may(comment: IssueComment) -> bool:
        login = comment.user.login
        if comment.raw_data.get("author_association") not in ("OWNER", "MEMBER", "COLLABORATOR"):
            return False
        if login not in known:
            try:
                known[login] = repo.get_collaborator_permission(login) in ("admin", "write")
            except GithubException as error:
                if error.status != 403 or limited(error):
                    raise
                known[login] = False  # a token that only reads may not ask; the job that writes will
        return known[login]

    return may


def _concerns(repo: Repository, name: str, own: int | None) -> Callable[[str, int], bool]:
    """Return the test whether an issue, by address and number, is no pull request but this list's."""
    known = {own: True} if own else {}

    def concerns(url: str, issue: int) -> bool:
        if "/pull/" in url and issue not in known:
            known[issue] = cycle_of(repo.get_pull(issue).head.ref, name) is not None
        return known.get(issue, True)

    return concerns
