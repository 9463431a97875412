"""Pull requests: the open one of a list, people's, how a cycle ended, and the writing of title and text."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

import requests
from github import GithubException, UnknownObjectException
from github.PullRequest import PullRequest as GithubPullRequest
from github.Repository import Repository

from bot.arxiv import arxiv_id
from bot.config.model import Opening
from bot.errors import PublishError
from bot.forges.github.branches import PREFIX, blob, branch_of, cycle_of
from bot.forges.github.client import said
from bot.pullrequest.board import Ended, Snapshot
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.elsewhere import OtherPull
from bot.pullrequest.rebuild import Past
from bot.pullrequest.text.body import same_text, with_notes
from bot.state.model import State

MOST_MISSING = 3
"""Cycles in a row without a pull request after which none is looked for any more."""
MOST_OTHERS = 20
"""People's open pull requests that are looked into, the newest first: each costs a request."""

NO_PULLS = (
    "GitHub Actions may not create pull requests here; allow it under Settings > Actions > General > Workflow "
    "permissions, then run again. The branch {branch} is ready and will be used"
)

NOT_OPEN = "the pull request of {branch} is not open any more; run again"


def open_pulls(repo: Repository, name: str) -> tuple[GithubPullRequest | None, list[GithubPullRequest]]:
    """Return the open pull request of this list, from a cycle's branch of this very repository, and people's.

    Base and text of the own one do not matter: people may change both.
    """
    own: GithubPullRequest | None = None
    others: list[GithubPullRequest] = []
    for pull in repo.get_pulls(state="open", sort="created", direction="desc"):
        here = pull.head.repo is not None and pull.head.repo.full_name == repo.full_name
        if here and cycle_of(pull.head.ref, name):
            own = own or pull
        elif not (here and pull.head.ref.startswith(f"{PREFIX}/")):
            others.append(pull)
    return own, others


def elsewhere(repo: Repository, file: str, base_id: str, pulls: Sequence[GithubPullRequest]) -> dict[str, OtherPull]:
    """Return the papers that people's open pull requests add to the list, by id."""
    found: dict[str, OtherPull] = {}
    for pull in pulls[:MOST_OTHERS]:
        changed = next((f.sha for f in pull.get_files() if f.filename == file), None)
        if changed and changed != base_id:
            for line in base64.b64decode(blob(repo, changed)).decode(errors="replace").splitlines():
                for mention in arxiv_id.find_all(line):
                    found.setdefault(mention.id.base, OtherPull(pull.number, pull.html_url))
    return found


def of_cycle(repo: Repository, name: str, cycle: int) -> GithubPullRequest | None:
    """Return the newest pull request of a cycle, whatever became of it."""
    owner = repo.full_name.split("/")[0]
    return next(iter(repo.get_pulls(state="all", head=f"{owner}:{branch_of(name, cycle)}")), None)


def ended(repo: Repository, name: str, cycle: int, branches: Collection[str]) -> Ended | None:
    """Say how the cycle ended that has no open pull request; None when it never had one and its branch waits."""
    pull = of_cycle(repo, name, cycle)
    there = branch_of(name, cycle) in branches
    if pull is None:
        return None if there else Ended.LOST
    if pull.merged_at is not None:
        return Ended.MERGED
    return Ended.CLOSED if there and closed_by_person(pull) else Ended.LOST


def closed_by_person(pull: GithubPullRequest) -> bool:
    """Tell whether a person closed a pull request; where that cannot be seen, it counts as one."""
    try:
        closer = pull.as_issue().closed_by
    except UnknownObjectException:
        return True
    return closer is None or closer.type != "Bot"


def next_cycle(repo: Repository, name: str, state: State, how: Ended | None, branches: Collection[str]) -> int:
    """Return the number of an orphan branch that a stopped run left, else one that was never used."""
    used = (cycle_of(branch, name) for branch in branches)
    newest = max((number for number in used if number), default=0)
    if newest and newest >= state.cycle and not how and of_cycle(repo, name, newest) is None:
        return newest
    return max(state.cycle, newest) + 1


def past_pulls(repo: Repository, name: str, branches: Collection[str]) -> list[GithubPullRequest]:
    """Return the pull requests of all cycles, the first first; a cycle may have none when its run stopped half-way.

    A list without any branch whose first cycle has none is taken for a new one.
    """
    begun = any(cycle_of(branch, name) for branch in branches)
    found: list[GithubPullRequest] = []
    missing = 0
    for cycle in count(1):
        if (pull := of_cycle(repo, name, cycle)) is not None:
            found.append(pull)
            missing = 0
        else:
            missing += 1
        if missing > (MOST_MISSING if found or begun else 0):
            return found
    raise AssertionError("numbers never end")


def as_past(pull: GithubPullRequest, name: str) -> Past:
    """Return what a pull request still says of its papers."""
    messages = tuple(commit.commit.message for commit in pull.get_commits())
    cycle = cycle_of(pull.head.ref, name) or 0
    how = None
    if pull.merged_at:
        how = Ended.MERGED
    elif pull.state == "closed":
        how = Ended.CLOSED if closed_by_person(pull) else Ended.LOST
    return Past(cycle, pull.body or "", messages, how, pull.merged_at or pull.closed_at or pull.created_at)


# Writing


def check_open(repo: Repository, snapshot: Snapshot, change: Change) -> None:
    """Raise `PublishError` when there is more to show and the pull request was merged or closed since it was read.

    What is written on the branch of a cycle that ended would never be seen, and taken for what people left out.
    """
    pull = snapshot.pull
    if pull is None or pull.number is None or (change.content is None and same_text(pull.text, change.text or "")):
        return
    if repo.get_pull(pull.number).state != "open":
        raise PublishError(NOT_OPEN.format(branch=branch_of(change.list, change.cycle)))


def write_pull(repo: Repository, snapshot: Snapshot, change: Change) -> Publication:
    """Open the pull request, or refresh the open one where its text says something else.

    A text that a person changed since it was read is left as it is: the next run starts from it.
    """
    if change.text is None or change.title is None:
        return Publication("nothing to propose")
    if snapshot.pull is None or snapshot.pull.number is None:
        pull, troubles = _open(repo, change.title, change.text, branch_of(change.list, change.cycle), change.opening)
        return Publication(
            pull.html_url, opened=True, text_changed=True, troubles=(*troubles, *_dress(repo, pull, change))
        )
    if same_text(snapshot.pull.text, change.text) and snapshot.pull.title == change.title:
        return Publication(snapshot.pull.where)
    pull = repo.get_pull(snapshot.pull.number)
    edits = _edits(pull, snapshot.pull.text, change.title, change.text)
    if edits:
        pull.edit(**edits)
    return Publication(pull.html_url, text_changed=bool(edits))


def _edits(pull: GithubPullRequest, read: str, title: str, text: str) -> Mapping[str, Any]:
    """Return what is to be edited: a title that the bot gave, a text that is the one that was read."""
    edits = {}
    if pull.title != title and re.fullmatch(r".+: \d+ new papers?", pull.title):  # else a person named it
        edits["title"] = title
    body = pull.body or ""
    if not same_text(body, text) and body == read:
        edits["body"] = with_notes(body, text)
    return edits


def _open(
    repo: Repository, title: str, text: str, branch: str, opening: Opening
) -> tuple[GithubPullRequest, tuple[str, ...]]:
    """Open a pull request; return it and what could not be as was wanted."""
    create = partial(repo.create_pull, base=repo.default_branch, head=branch, title=title, body=text)
    try:
        return create(draft=opening.draft), ()
    except GithubException as error:
        if "not permitted to create or approve pull requests" in str(error.data):
            raise PublishError(NO_PULLS.format(branch=branch), status=error.status) from None
        if not opening.draft or "draft" not in said(error).lower():
            raise
    return create(), ("It is no draft: this repository has none.",)


def _dress(repo: Repository, pull: GithubPullRequest, change: Change) -> Iterator[str]:
    """Give a new pull request its labels and people; yield what could not be done, which stops nothing."""
    opening = change.opening
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
            yield f"It could not be {doing} {', '.join(names)}: GitHub answered {error.status} “{said(error)}”."
        except requests.RequestException as error:
            yield f"It could not be {doing} {', '.join(names)}: {type(error).__name__}."


def _label(repo: Repository, pull: GithubPullRequest, labels: Sequence[str]) -> None:
    """Add labels; GitHub makes those that are missing."""
    repo.requester.requestJsonAndCheck("POST", f"{pull.issue_url}/labels", input={"labels": list(labels)})


def _assign(pull: GithubPullRequest, logins: Sequence[str]) -> None:
    """Assign people; GitHub passes over in silence whom it does not take."""
    pull.add_to_assignees(*logins)
    held = {user.login.lower() for user in pull.assignees}
    if missing := [login for login in logins if login.lower() not in held]:
        raise PublishError(f"It could not be assigned to {', '.join(missing)}: only who may write here can be.")
