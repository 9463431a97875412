"""The way to GitHub: the client, and what its refusals mean for a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from github import Auth, Github, GithubException
from urllib3 import Retry

from bot.errors import PublishError

_WORD = re.compile(r"[!-~]+")
TIMEOUT_S = 30
RETRY = Retry(total=3, backoff_factor=1, status_forcelist=(500, 502, 503, 504), allowed_methods={"GET"})
"""Only reading is repeated: a write that seemed to fail may have been carried out."""

NO_TOKEN = "there is no GitHub token; set GITHUB_TOKEN, or use --publish local"
NO_WORD = "GITHUB_TOKEN holds what no token does, as a blank; set it to the token alone"
NO_ADDRESS = "GITHUB_API_URL is not an address; set it to one like https://api.github.com, or leave it out"
BAD_TOKEN = "GitHub does not accept the token; set GITHUB_TOKEN to one that is valid"
NO_RIGHT = (
    "the token may not {doing} in {repository}; it needs contents: write and pull-requests: write "
    "(in a workflow: the job's permissions)"
)
NO_REPOSITORY = "there is no repository {repository}, or the token may not see it; check GITHUB_REPOSITORY"
BUSY = "GitHub asks to wait (rate limit); run again later"
PROTECTED = (
    "a rule of the repository keeps the bot from writing to {branch}; let it, under Settings > Rules or Branches "
    "(the bot writes to arxiv-bot/** only), then run again"
)
MOVED = "{branch} changed meanwhile; run again"


def connect(token: str, repository: str, api_url: str) -> Github:
    """Return the client for a repository `owner/name`; raises `PublishError` for what cannot be one."""
    if not token:
        raise PublishError(NO_TOKEN)
    if not _WORD.fullmatch(token):
        raise PublishError(NO_WORD)
    where = urlsplit(api_url)
    if where.scheme not in ("http", "https") or not where.hostname:
        raise PublishError(NO_ADDRESS)
    if repository.count("/") != 1 or not all(repository.split("/")):
        raise PublishError(f"GITHUB_REPOSITORY must be owner/name, not {repository!r}")
    return Github(
        auth=Auth.Token(token),
        base_url=api_url,
        timeout=TIMEOUT_S,
        retry=RETRY,
        seconds_between_requests=None,  # a run makes some ten requests: far below GitHub's limits
        seconds_between_writes=None,
    )


@contextmanager
def explained(doing: str, repository: str) -> Iterator[None]:
    """Turn what GitHub says into what a person can do about it."""
    try:
        yield
    except GithubException as error:
        raise PublishError(_advice(error, doing, repository), status=error.status) from None
    except requests.RequestException as error:
        raise PublishError(
            f"GitHub cannot be reached ({type(error).__name__}); check the network and run again"
        ) from None


@contextmanager
def writing_to(branch: str) -> Iterator[None]:
    """Turn the refusal to move a branch into what it means: a rule forbids it, or somebody else moved it."""
    try:
        yield
    except GithubException as error:
        if error.status not in (404, 409, 422):
            raise
        words = said(error).lower()
        ruled = "protected" in words or "rule violation" in words or "through a pull request" in words
        raise PublishError((PROTECTED if ruled else MOVED).format(branch=branch), status=error.status) from None


def said(error: GithubException) -> str:
    """Return GitHub's own words."""
    return str(error.data.get("message", "")) if isinstance(error.data, dict) else str(error.data)


def limited(error: GithubException) -> bool:
    """Tell whether GitHub refuses because it was asked too much."""
    return any(words in said(error).lower() for words in ("rate limit", "abuse detection"))


def _advice(error: GithubException, doing: str, repository: str) -> str:
    words = said(error)
    advice: Mapping[int, Callable[[], str]] = {
        401: lambda: BAD_TOKEN,
        403: lambda: BUSY if limited(error) else NO_RIGHT.format(doing=doing, repository=repository),
        404: lambda: NO_REPOSITORY.format(repository=repository),
        429: lambda: BUSY,
    }
    way_out = advice[error.status]() if error.status in advice else "run again; if it stays, the answer tells why"
    return f"GitHub answered {error.status}" + (f" “{words}”" if words else "") + f": {way_out}"
