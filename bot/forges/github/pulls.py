"""Pull requests on GitHub: the open one of a list, people's, past ones, and the writing of title and text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import requests
from github import GithubException, UnknownObjectException
from github.PullRequest import PullRequest as GithubPullRequest
from github.Repository import Repository

from bot.config.model import Opening
from bot.errors import PublishError
from bot.forges.github.client import message
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.cycle import (
    PullOutcome,
    PullOwner,
    branch_of,
    cycle_of,
    edits,
    how_ended,
    needs_open_pull,
    owner_of,
    shows_the_same,
)
from bot.pullrequest.rebuild import Past
from bot.pullrequest.snapshot import PullRequest, Snapshot

NO_PULLS = (
    "GitHub Actions may not create pull requests here; allow it under Settings > Actions > General > Workflow "
    "permissions, then run again. The branch {branch} is ready and will be used"
)
NOT_OPEN = "the pull request of {branch} is not open any more; run again"


def open_pulls(repo: Repository, name: str) -> tuple[GithubPullRequest | None, list[GithubPullRequest]]:
    """Return the open pull request of this list, and people's, the newest first."""
    own: GithubPullRequest | None = None
    others: list[GithubPullRequest] = []
    for pull in repo.get_pulls(state="open", sort="created", direction="desc"):
        here = pull.head.repo is not None and pull.head.repo.full_name == repo.full_name
        owner = owner_of(pull.head.ref, name, same_repository=here)
        if owner is PullOwner.LIST:
            own = own or pull
        elif owner is PullOwner.PERSON:
            others.append(pull)
    return own, others


def of_cycle(repo: Repository, name: str, cycle: int) -> GithubPullRequest | None:
    """Return the newest pull request of a cycle, whatever became of it."""
    owner = repo.full_name.split("/")[0]
    return next(iter(repo.get_pulls(state="all", head=f"{owner}:{branch_of(name, cycle)}")), None)


def pull_outcome(pull: GithubPullRequest | None) -> PullOutcome | None:
    """Return what became of a pull request; where its closer cannot be seen, it counts as a person."""
    if pull is None:
        return None
    if pull.merged_at is not None or pull.state == "open":
        return PullOutcome.MERGED if pull.merged_at else PullOutcome.OPEN
    try:
        closer = pull.as_issue().closed_by
    except UnknownObjectException:
        closer = None
    return PullOutcome.CLOSED_BY_BOT if closer and closer.type == "Bot" else PullOutcome.CLOSED_BY_PERSON


def as_past(pull: GithubPullRequest, name: str) -> Past:
    """Return what a pull request still says of its papers."""
    messages = tuple(commit.commit.message for commit in pull.get_commits())
    at = pull.merged_at or pull.closed_at or pull.created_at
    return Past(cycle_of(pull.head.ref, name) or 0, pull.body or "", messages, how_ended(pull_outcome(pull)), at)


def as_read(pull: GithubPullRequest) -> PullRequest:
    """Return a pull request as a snapshot holds it."""
    return PullRequest(pull.html_url, pull.title, pull.body or "", pull.number)


# Writing


def check_open(repo: Repository, snapshot: Snapshot, change: Change) -> None:
    """Raise `PublishError` when a change has more to show and the pull request was closed since it was read."""
    number = snapshot.pull.number if snapshot.pull else None
    if number is not None and needs_open_pull(snapshot, change) and repo.get_pull(number).state != "open":
        raise PublishError(NOT_OPEN.format(branch=branch_of(change.list, change.cycle)))


def write_pull(repo: Repository, snapshot: Snapshot, change: Change) -> Publication:
    """Open the pull request, or refresh the open one where its text says something else.

    A text that a person changed since it was read is left as it is: the next run starts from it.
    """
    if change.text is None or change.title is None:
        return Publication("nothing to propose")
    read = snapshot.pull
    if read is None or read.number is None:
        pull, troubles = _open(repo, change.title, change.text, branch_of(change.list, change.cycle), change.opening)
        troubles = (*troubles, *_dress(repo, pull, change.opening))
        return Publication(pull.html_url, opened=True, text_changed=True, troubles=troubles)
    if shows_the_same(read, change):
        return Publication(read.where)
    pull = repo.get_pull(read.number)
    if fields := edits(as_read(pull), read, change):
        pull.edit(**fields)  # type: ignore[arg-type]  # every field is text
    return Publication(pull.html_url, text_changed=bool(fields))


def _open(
    repo: Repository, title: str, text: str, branch: str, opening: Opening
) -> tuple[GithubPullRequest, tuple[str, ...]]:
    """Open a pull request; return it and what could not be done as wanted."""
    create = partial(repo.create_pull, base=repo.default_branch, head=branch, title=title, body=text)
    try:
        return create(draft=opening.draft), ()
    except GithubException as error:
        if "not permitted to create or approve pull requests" in str(error.data):
            raise PublishError(NO_PULLS.format(branch=branch), status=error.status) from None
        if not opening.draft or "draft" not in message(error).lower():
            raise
    return create(), ("The pull request is not a draft: this repository does not support drafts.",)


def _dress(repo: Repository, pull: GithubPullRequest, opening: Opening) -> Iterator[str]:
    """Give a new pull request its labels and people; yield what could not be done, which stops nothing."""
    people = [name for name in opening.reviewers if "/" not in name]
    teams = [name.split("/")[1] for name in opening.reviewers if "/" in name]
    steps: Sequence[tuple[str, Sequence[str], Callable[[], None]]] = (
        ("labelled", opening.labels, lambda: _label(repo, pull, opening.labels)),
        ("assigned to", opening.assignees, lambda: _assign(pull, opening.assignees)),
        ("given for review to", opening.reviewers, lambda: pull.create_review_request(people, teams)),
    )
    for doing, names, do in steps:
        try:
            if names:
                do()
        except PublishError as error:
            yield str(error)
        except GithubException as error:
            yield f"It could not be {doing} {', '.join(names)}: GitHub answered {error.status} “{message(error)}”."
        except requests.RequestException as error:
            yield f"It could not be {doing} {', '.join(names)}: {type(error).__name__}."


def _label(repo: Repository, pull: GithubPullRequest, labels: Sequence[str]) -> None:
    """Add labels; GitHub makes those that are missing."""
    repo.requester.requestJsonAndCheck("POST", f"{pull.issue_url}/labels", input={"labels": list(labels)})


def _assign(pull: GithubPullRequest, logins: Sequence[str]) -> None:
    """Assign people; GitHub silently ignores those it does not accept."""
    pull.add_to_assignees(*logins)
    held = {user.login.lower() for user in pull.assignees}
    if missing := [login for login in logins if login.lower() not in held]:
        raise PublishError(f"It could not be assigned to {', '.join(missing)}: only people with write access can be.")
