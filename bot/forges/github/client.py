"""The one client of GitHub: a repository, and what GitHub's refusals mean for a person."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, reduce
from urllib.parse import urlsplit

import requests
from github import Auth, Github, GithubException
from github.Repository import Repository
from urllib3 import Retry

from bot.errors import PublishError

_WORD = re.compile(r"[!-~]+")
_secrets = set[str]()
"""The tokens in use, which no message repeats."""
TIMEOUT_S = 30
RETRY = Retry(total=3, backoff_factor=1, status_forcelist=(500, 502, 503, 504), allowed_methods={"GET"})
"""Only reading is repeated: a write that seemed to fail may have been carried out."""

NO_TOKEN = "there is no GitHub token; set GITHUB_TOKEN, or use --publish local"
BAD_WORD = "GITHUB_TOKEN contains whitespace or other characters that no token has; set it to the token alone"
BAD_URL = "GITHUB_API_URL is not a URL; set it to one like https://api.github.com, or leave it out"
BAD_TOKEN = "GitHub does not accept the token; set GITHUB_TOKEN to one that is valid"
NO_RIGHT = (
    "the token may not {doing} in {repository}; it needs contents: write and pull-requests: write "
    "(in a workflow: the job's permissions)"
)
NO_REPOSITORY = "there is no repository {repository}, or the token may not see it; check GITHUB_REPOSITORY"
BUSY = "GitHub's rate limit is reached; run again later"
ELSE = "run again; if it fails again, GitHub's answer says why"
PROTECTED = (
    "a rule of the repository stops the bot from writing to {branch}; allow it under Settings > Rules or Branches "
    "(the bot writes to arxiv-bot/** only), then run again"
)
NOT_GITHUB = "the answer is not one of GitHub's API ({error}); check GITHUB_API_URL and the network, then run again"
MOVED = "{branch} changed meanwhile; run again"


class GithubRepository:
    """A repository `owner/name` behind the REST API at `api_url`; raises `PublishError` for what cannot be one."""

    def __init__(self, token: str, name: str, api_url: str) -> None:
        if not token:
            raise PublishError(NO_TOKEN)
        if name.count("/") != 1 or not all(name.split("/")):
            raise PublishError(f"GITHUB_REPOSITORY must be owner/name, not {name!r}")
        self.name, self._github = name, client(token, api_url)

    @cached_property
    def repo(self) -> Repository:
        """The repository, asked for once."""
        return self._github.get_repo(self.name)

    @contextmanager
    def explained(self, doing: str) -> Iterator[None]:
        """Turn what GitHub answers into what a person can do about it."""
        try:
            yield
        except GithubException as error:
            raise PublishError(_advice(error, doing, self.name), status=error.status) from None
        except requests.RequestException as error:
            raise PublishError(
                f"GitHub cannot be reached ({type(error).__name__}); check the network and run again"
            ) from None
        except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            if not _from_pygithub(error):
                raise
            raise PublishError(NOT_GITHUB.format(error=type(error).__name__)) from None


def client(token: str, api_url: str) -> Github:
    """Return the client, an anonymous one without a token; raises `PublishError` for a bad token or URL."""
    if token and not _WORD.fullmatch(token):
        raise PublishError(BAD_WORD)
    _secrets.update([token] if len(token) >= 8 else [])  # a shorter one may be a word
    url = urlsplit(api_url)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise PublishError(BAD_URL)
    return Github(
        auth=Auth.Token(token) if token else None,
        base_url=api_url,
        timeout=TIMEOUT_S,
        user_agent="arxiv-list-bot",
        retry=RETRY,
        seconds_between_requests=None,  # a run makes some ten requests: far below GitHub's limits
        seconds_between_writes=None,
    )


@contextmanager
def writing_to(branch: str) -> Iterator[None]:
    """Turn the refusal to move a branch into its meaning: a rule forbids it, or somebody else moved it."""
    try:
        yield
    except GithubException as error:
        if error.status not in (404, 409, 422):
            raise
        words = message(error).lower()
        ruled = "protected" in words or "rule violation" in words or "through a pull request" in words
        raise PublishError((PROTECTED if ruled else MOVED).format(branch=branch), status=error.status) from None


def message(error: GithubException) -> str:
    """Return GitHub's own words, in which no token stands."""
    words = str(error.data.get("message", "")) if isinstance(error.data, dict) else str(error.data)
    return reduce(lambda text, secret: text.replace(secret, "***"), _secrets, words)


def limited(error: GithubException) -> bool:
    """Whether GitHub refuses because of a rate limit."""
    return any(words in message(error).lower() for words in ("rate limit", "abuse detection"))


def _from_pygithub(error: Exception) -> bool:
    """Whether an error was raised by the package that reads GitHub's answers: they have another shape."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "github"


def _advice(error: GithubException, doing: str, repository: str) -> str:
    words = message(error)
    no_right = BUSY if limited(error) else NO_RIGHT.format(doing=doing, repository=repository)
    advice = {401: BAD_TOKEN, 403: no_right, 404: NO_REPOSITORY.format(repository=repository), 429: BUSY}
    quoted = f" “{words}”" if words else ""
    return f"GitHub answered {error.status}{quoted}: {advice.get(error.status, ELSE)}"
