"""Comments: the commands of people who may write here, and what the bot said already."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from github import GithubException
from github.IssueComment import IssueComment
from github.Repository import Repository

from bot.forges.github.branches import StateTree, cycle_of, state_text
from bot.forges.github.client import limited
from bot.pullrequest.commands import Command, Comment, lines, parse
from bot.pullrequest.text.replies import ANSWER, QUESTION

_log = logging.getLogger(__name__)

_MAY_WRITE = ("OWNER", "MEMBER", "COLLABORATOR")
"""Associations of those who may write, if their rights say so too."""
_MARK = re.compile(f"{ANSWER.pattern}|{QUESTION.pattern}")


@dataclass(frozen=True, slots=True)
class Said:
    """Commands that wait for an answer, the time up to which all is answered, the papers asked about."""

    open: tuple[Comment, ...] = ()
    heard: datetime | None = None
    asked: frozenset[str] = frozenset()


def said_since(repo: Repository, name: str, own: int | None, since: datetime, states: StateTree) -> Said:
    """Return the commands since a time that have no answer yet, of people with write access.

    They may stand on this list's pull requests, closed ones too, and on issues; `own` is the open one's number. Of
    several lists one takes up what is said on an issue: the first by name that knows a paper of it, else the first.
    What waits for an answer is read again next time, lest a run that stops before it answers leaves it without one; so
    are the bot's questions in the open pull request, lest they are asked a second time.
    """
    found = list(repo.get_issues_comments(since=since, sort="updated", direction="asc"))
    may = _rights(repo)
    own_words = [c for c in found if _MARK.search(c.body) and (_of_bot(c) or may(c))]
    answered = {int(number) for c in own_words for number in ANSWER.findall(c.body)}
    new = [c for c in found if c.id not in answered]
    waiting = tuple(_commands(new, may, _concerns(repo, name, own, states)))
    questions = {c.id for c in own_words if QUESTION.search(c.body) and _issue(c) == own}
    again = {comment.number for comment in waiting} | questions
    newest = max((c.updated_at for c in found), default=None)
    return Said(
        waiting,
        min((c.updated_at for c in found if c.id in again), default=newest),
        frozenset(paper for c in own_words for paper in QUESTION.findall(c.body)),
    )


def _of_bot(comment: IssueComment) -> bool:
    return comment.user is not None and comment.user.type == "Bot"


def _issue(comment: IssueComment) -> int:
    """Return the number of the issue or pull request that a comment stands on."""
    return int(comment.issue_url.rsplit("/", 1)[1])


def all_said(repo: Repository, name: str, since: datetime, states: StateTree) -> tuple[Comment, ...]:
    """Return the commands since a time, answered or not."""
    found = repo.get_issues_comments(since=since, sort="created", direction="asc")
    return tuple(_commands(found, _rights(repo), _concerns(repo, name, None, states)))


def _commands(
    found: Iterable[IssueComment], may: Callable[[IssueComment], bool], concerns: Callable[[Comment], bool]
) -> Iterator[Comment]:
    """Yield the comments that ask for something, of people who may, and for this list."""
    for comment in found:
        if not any(True for _ in lines(comment.body)):
            continue
        if not may(comment):
            login = comment.user.login if comment.user else "an account that is gone"
            _log.warning(f"{comment.html_url}: {login} has no write access here, so the command is passed over")
            continue
        command = Comment(
            comment.id, _issue(comment), comment.html_url, comment.user.login, comment.body, comment.created_at
        )
        if concerns(command):
            yield command


def _rights(repo: Repository) -> Callable[[IssueComment], bool]:
    """Return the test whether a comment's author may write here; its association alone would not say so."""
    known: dict[str, bool] = {}

    def may(comment: IssueComment) -> bool:
        if comment.user is None or comment.raw_data.get("author_association") not in _MAY_WRITE:
            return False
        login = comment.user.login
        if login not in known:
            try:
                known[login] = repo.get_collaborator_permission(login) in ("admin", "write")
            except GithubException as error:
                if error.status not in (403, 404) or limited(error):
                    raise
                known[login] = False  # no account any more; or a token that only reads: the job that writes will ask
        return known[login]

    return may


def _concerns(repo: Repository, name: str, own: int | None, states: StateTree) -> Callable[[Comment], bool]:
    """Return the test whether a comment is for this list."""
    pulls = {own: True} if own else {}
    lists = sorted({*states.lists, name})
    state = cache(partial(state_text, repo, states))

    def concerns(comment: Comment) -> bool:
        if "/pull/" in comment.url:
            if comment.issue not in pulls:
                pulls[comment.issue] = cycle_of(repo.get_pull(comment.issue).head.ref, name) is not None
            return pulls[comment.issue]
        if len(lists) == 1:
            return True
        ids = [i for line in lines(comment.text) if isinstance(command := parse(line), Command) for i in command.ids]
        knowing = [one for one in lists if any(f'"{i}"' in state(one) for i in ids)]
        return name == (knowing or lists)[0]

    return concerns
