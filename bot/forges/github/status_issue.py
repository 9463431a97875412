"""The status issue of a repository: its sources, and its text.

It is found by a marker, a label and its author: an app, or somebody of this repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from urllib.parse import quote

from github import GithubException, UnknownObjectException
from github.Issue import Issue
from github.Repository import Repository

from bot.forges.base import RunRecord
from bot.forges.github import branches
from bot.forges.github.client import GithubRepository, limited
from bot.state.model import State

STATUS_LABEL = "arxiv-bot-status"
_EVENTS = ("schedule", "workflow_dispatch")
"""The runs that look for papers; those for comments and boxes are not shown."""
_MOST_RUNS = 10
_PASSED = frozenset({"success", "skipped", "neutral"})

_OF_THE_HOUSE = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


class StatusIssue:
    """Reads and writes in `repository` (`owner/name`) through the REST API at `api_url`."""

    def __init__(self, token: str, repository: str, api_url: str) -> None:
        self._github = GithubRepository(token, repository, api_url)

    def states(self, names: Iterable[str]) -> Mapping[str, State]:
        """Return the states of lists, by their names."""
        with self._github.explained("read"):
            repo = self._github.repo
            tree = branches.read_tree(repo, branches.own_heads(repo))
            return {name: branches.read_state(repo, tree, name) for name in names}

    def runs(self, workflows: Iterable[str]) -> tuple[RunRecord, ...] | None:
        """Return the last runs of workflows by their paths, the newest first; None where the token may not see them."""
        with self._github.explained("read"):
            repo = self._github.repo
            try:
                found = [one for path in workflows for event in _EVENTS for one in _runs(repo, path, event)]
            except GithubException as error:
                if error.status != 403 or limited(error):
                    raise
                return None
        return tuple(sorted(found, key=lambda one: (one.begun, one.id), reverse=True)[:_MOST_RUNS])

    def write(self, mark: str, title: str, text: str) -> str:
        """Open the issue, or refresh its text where it differs, which notifies nobody; return its URL.

        It is locked, so that only people with write access can comment. An issue that a person closed stays closed.
        """
        with self._github.explained("write"):
            repo = self._github.repo
            issue = _find(repo, mark) or repo.create_issue(title, body=text, labels=[STATUS_LABEL])
            if (issue.body or "").replace("\r\n", "\n").strip() != text.strip():
                issue.edit(body=text)
            if not issue.locked:
                issue.lock("resolved")
            return issue.html_url


def _runs(repo: Repository, path: str, event: str) -> Iterator[RunRecord]:
    """Yield the last runs of a workflow that an event started; none where GitHub does not know the file yet."""
    address = f"{repo.url}/actions/workflows/{quote(path.rsplit('/', 1)[1])}/runs"
    try:
        _, found = repo.requester.requestJsonAndCheck("GET", address, {"event": event, "per_page": _MOST_RUNS})
    except UnknownObjectException:
        return
    for run in found["workflow_runs"]:
        failed = run["conclusion"] not in _PASSED if run["conclusion"] else None
        yield RunRecord(run["id"], datetime.fromisoformat(run["created_at"]), run["event"], run["html_url"], failed)


def _find(repo: Repository, mark: str) -> Issue | None:
    """Return the oldest issue with the marker whose author may have written it."""
    labelled = repo.get_issues(state="all", labels=[STATUS_LABEL], sort="created", direction="asc")
    return next((i for i in labelled if mark in (i.body or "") and not i.pull_request and _trusted(i)), None)


def _trusted(issue: Issue) -> bool:
    """Whether an issue's author belongs to the repository: a stranger's marker is ignored."""
    return issue.user.type == "Bot" or issue.raw_data.get("author_association") in _OF_THE_HOUSE
