"""Other people's open pull requests: what they add to a list. No answer about them stops a run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

import requests
from github import GithubException
from github.PullRequest import PullRequest
from github.Repository import Repository

from bot.arxiv import arxiv_id
from bot.state.model import Look

_log = logging.getLogger(__name__)

REQUESTS = 20
"""Requests about other people's pull requests that a run makes at most, for all lists of a repository together."""
_PAGES = 3
_PER_PAGE = 100
_MOST_PAPERS = 300
"""Papers of a pull request that are kept."""


class Others:
    """Looks into people's pull requests, once for each head.

    GitHub tells each file's change as a patch, so that one request is enough and no file is fetched; it leaves out the
    patch of a change that is large (https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files).
    """

    def __init__(self) -> None:
        self._left = REQUESTS
        self._patches: dict[str, Mapping[str, str | None]] = {}

    def looks(
        self, repo: Repository, file: str, pulls: Sequence[PullRequest], kept: Iterable[Look]
    ) -> tuple[Look, ...]:
        """Return what pull requests add to a list, the newest first; `kept` are looks of earlier runs.

        What cannot be looked into, or not in this run, is said.
        """
        known = {look.head: look for look in kept}
        found, left = [], 0
        for pull in pulls:
            look = known.get(pull.head.sha)
            if look is None and self._left <= 0 and pull.head.sha not in self._patches:
                left += 1
            elif look := look or self._look(repo, file, pull):
                found.append(look)
        if left:
            _log.warning(f"{left} older pull requests were not looked into in this run: they may bring the same papers")
        return tuple(found)

    def _look(self, repo: Repository, file: str, pull: PullRequest) -> Look | None:
        """Return what a pull request adds to a list, None when that cannot be told."""
        trouble = "its change of the list is too large"
        try:
            patch = self._changes(repo, pull).get(file, "")
        except (GithubException, requests.RequestException) as error:
            trouble, patch = type(error).__name__, None
        if patch is None:
            _log.warning(f"#{pull.number} was not looked into ({trouble}): it may bring the same papers")
            return None
        lines = (line for line in patch.splitlines() if line.startswith("+"))
        ids = dict.fromkeys(mention.base for line in lines for mention in arxiv_id.find_ids(line))
        return Look(pull.head.sha, tuple(ids)[:_MOST_PAPERS])

    def _changes(self, repo: Repository, pull: PullRequest) -> Mapping[str, str | None]:
        """Return the patch of each of a pull request's first files, None for what has none."""
        head = pull.head.sha
        if head not in self._patches:
            files: dict[str, str | None] = {}
            for page in range(1, _PAGES + 1):
                self._left -= 1
                options = {"per_page": str(_PER_PAGE), "page": str(page)}
                _, some = repo.requester.requestJsonAndCheck("GET", f"{pull.url}/files", options)
                files |= {one["filename"]: one.get("patch") for one in some if one["status"] != "removed"}
                if len(some) < _PER_PAGE or self._left <= 0:
                    break
            self._patches[head] = files
        return self._patches[head]
