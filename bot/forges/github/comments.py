"""Comments on GitHub: the commands of people who may write, and what the bot said already."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from itertools import islice

from github import GithubException
from github.IssueComment import IssueComment
from github.Repository import Repository

from bot.forges.github.branches import StateTree, state_text
from bot.forges.github.client import limited
from bot.pullrequest.conversation import (
    Conversation,
    Posted,
    addressee,
    conversation,
    has_command,
    is_marked,
    own_words,
    without_answer,
)
from bot.pullrequest.cycle import cycle_of
from bot.pullrequest.snapshot import Comment

_log = logging.getLogger(__name__)

_MAY_WRITE = ("OWNER", "MEMBER", "COLLABORATOR")
"""Associations of authors who may have write access; their permission is then looked up."""

_ACTIONS = "github-actions[bot]"
"""Who writes with the token of a workflow."""
_MOST_PULLS = 100


class Comments:
    """The comments of a repository, as seen by one list; `pull` is the number of its open pull request.

    Comments on this list's pull requests concern it, closed ones too; of those on an issue one list answers each.
    """

    def __init__(self, repo: Repository, name: str, pull: int | None, states: StateTree) -> None:
        self._repo, self._name, self._pull = repo, name, pull
        self._lists = {*states.lists, name}
        self._state_text = cache(lambda one: state_text(repo, states, one))
        self._permission = cache(self._looked_up)
        self._writer = cache(self._author_of_pulls)
        self._is_own = cache(lambda number: cycle_of(repo.get_pull(number).head.ref, name) is not None)

    def since(self, since: datetime) -> Conversation:
        """Return the conversation since a time: the commands of people with write access that have no answer yet."""
        authors = {c.id: c for c in self._repo.get_issues_comments(since=since, sort="updated", direction="asc")}
        posted = [self._posted(comment) for comment in authors.values()]
        own = own_words(posted, lambda p: self._may_write(authors[p.comment.number]))
        waiting = self._commands(authors[p.comment.number] for p in without_answer(posted, own))
        return conversation(posted, own, waiting, self._pull)

    def all_since(self, since: datetime) -> list[Comment]:
        """Return the commands since a time, answered or not."""
        return self._commands(self._repo.get_issues_comments(since=since, sort="created", direction="asc"))

    def _commands(self, found: Iterable[IssueComment]) -> list[Comment]:
        """Return the comments that hold a command for this list, of people who may write."""
        kept = []
        for one in found:
            comment = self._posted(one).comment
            if has_command(comment):
                if not self._may_write(one):
                    login = comment.author or "a deleted account"
                    _log.warning(f"{comment.url}: the command is ignored, because {login} has no write access")
                elif self._concerned(comment):
                    kept.append(comment)
        return kept

    def _may_write(self, comment: IssueComment) -> bool:
        associated = comment.user is not None and comment.raw_data.get("author_association") in _MAY_WRITE
        return associated and self._permission(comment.user.login)

    def _looked_up(self, login: str) -> bool:
        try:
            return self._repo.get_collaborator_permission(login) in ("admin", "write")
        except GithubException as error:
            if error.status not in (403, 404) or limited(error):
                raise
            return False  # the account is gone, or the token only reads: the job that writes asks again

    def _concerned(self, comment: Comment) -> bool:
        if "/pull/" in comment.url:
            return comment.issue == self._pull or self._is_own(comment.issue)
        if len(self._lists) == 1:
            return True
        return self._name == addressee(comment, self._lists, lambda one, i: f'"{i}"' in self._state_text(one))

    def _posted(self, comment: IssueComment) -> Posted:
        author = comment.user.login if comment.user else ""
        issue = int(comment.issue_url.rsplit("/", 1)[1])
        words = Comment(comment.id, issue, comment.html_url, author, comment.body, comment.created_at)
        by_app = comment.user is not None and comment.user.type == "Bot" and is_marked(comment.body)
        return Posted(words, comment.updated_at, by_app and (author == _ACTIONS or author == self._writer()))

    def _author_of_pulls(self) -> str:
        """Return the account that opened the bot's newest pull request, from a branch of this repository."""
        newest = islice(self._repo.get_pulls(state="all", sort="created", direction="desc"), _MOST_PULLS)
        here = (p for p in newest if p.head.repo is not None and p.head.repo.full_name == self._repo.full_name)
        return next((p.user.login for p in here if cycle_of(p.head.ref, self._name) is not None), "")
