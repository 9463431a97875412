"""What GitHub says of a repository in which the bot is to work: rights, settings, rules, the workflow.

Nothing is changed. How GitHub refuses a write that cannot be carried out shows whether a token may write: without the
right it answers 403, with it 422. What a token may not see is reported as unknown, with the page where a person sees
it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

import requests
from github import Github

from bot.doctor.findings import Check, Finding, Severity, error, fine, unknown, warning
from bot.errors import PublishError
from bot.forges.github.client import client
from bot.pullrequest.cycle import PREFIX, STATE_BRANCH, branch_of

QUIET_DAYS = 60
"""Days without activity after which GitHub disables the schedules of a public repository."""
QUIET_SOON = timedelta(days=45)

_NO_COMMIT = "0" * 40
_BLOCKING = {
    "creation": "branches may not be created",
    "update": "branches may not be updated",
    "pull_request": "changes need a pull request",
    "required_status_checks": "changes need checks",
    "required_signatures": "commits must be signed",
}
"""Rules that stop the bot on a branch of its own, in words; GitHub signs the commits of an app's token."""
_DISABLED = {
    "disabled_inactivity": f"GitHub disabled it after {QUIET_DAYS} quiet days",
    "disabled_manually": "a person did it",
}


@dataclass(frozen=True, slots=True)
class GithubAnswer:
    """What GitHub answered; `status` is 0 when it did not."""

    status: int
    body: Any = None
    message: str = ""
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.status} {self.message}".strip() if self.status else self.message


class GithubChecks:
    """Looks at `repository` (`owner/name`) through the REST API at `api_url`."""

    def __init__(self, token: str, repository: str, api_url: str, web_url: str) -> None:
        self._token, self._name, self._api_url = token, repository, api_url
        self._web = f"{web_url}/{repository}"

    def findings(
        self, lists: Sequence[str], workflows: Collection[str], now: datetime
    ) -> Generator[Finding, None, datetime | None]:
        """Yield what is found, and return GitHub's time, None if that is unknown.

        `lists` are names of lists, `workflows` the paths of workflows that call the bot.
        """
        found = self._get("")
        yield (token := self._token_finding(found))
        if token.severity is Severity.ERROR:
            return found.at
        main = str(found.body["default_branch"])
        ref = {"ref": f"refs/heads/{STATE_BRANCH}-probe", "sha": _NO_COMMIT}
        yield self._right(Check.CONTENTS, "/git/refs", ref)
        yield (pulls := self._right(Check.PULL_REQUESTS, "/pulls", {"title": "probe", "head": main, "base": main}))
        if pulls.kind is not Check.SETTING:  # else the setting is known already
            yield self._setting()
        yield from self._surroundings(found, lists, workflows, now)
        return found.at

    def surroundings(self, lists: Sequence[str], workflows: Collection[str], now: datetime) -> Iterator[Finding]:
        """Yield what is found beside the rights of this token: no write is tried."""
        found = self._get("")
        if found.status == 200:
            yield from self._surroundings(found, lists, workflows, now)
        else:
            yield self._token_finding(found)

    def _surroundings(
        self, found: GithubAnswer, lists: Sequence[str], workflows: Collection[str], now: datetime
    ) -> Iterator[Finding]:
        main = str(found.body["default_branch"])
        branch = self._get(f"/branches/{quote(main)}")
        yield self._protection(lists)
        yield self._required_checks(main, branch)
        yield self._workflow(workflows)
        yield _quiet(main, branch, now, private=bool(found.body.get("private")))

    @cached_property
    def _client(self) -> Github:
        return client(self._token, self._api_url)

    def _get(self, path: str) -> GithubAnswer:
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: Mapping[str, str] | None) -> GithubAnswer:
        url = f"/repos/{self._name}{path}"
        try:
            status, headers, text = self._client.requester.requestJson(method, url, input=body)
        except PublishError as failure:
            return GithubAnswer(0, message=str(failure))
        except requests.RequestException as failure:
            return GithubAnswer(0, message=type(failure).__name__)
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        words = str(found.get("message", "")) if isinstance(found, dict) else ""
        return GithubAnswer(status, found, words, _time(headers.get("date")))

    def _token_finding(self, found: GithubAnswer) -> Finding:
        if found.status == 200 and self._token:
            return fine(Check.TOKEN, f"the token sees {self._name}")
        if found.status == 200:
            return error(
                Check.TOKEN, "there is no GitHub token", "set GITHUB_TOKEN; in a workflow, hand over `github.token`"
            )
        what, fix = {
            0: ("GitHub cannot be asked", "check the network, GITHUB_API_URL and GITHUB_TOKEN"),
            401: ("GitHub does not accept the token", "set GITHUB_TOKEN to one that is valid"),
            404: (
                f"there is no repository {self._name}, or the token may not see it",
                "check GITHUB_REPOSITORY, and that the token is for this repository",
            ),
        }.get(found.status, ("GitHub does not show the repository", "run again later; its answer says why"))
        return error(Check.TOKEN, f"{what} ({found})", fix)

    def _right(self, check: Check, path: str, impossible: Mapping[str, str]) -> Finding:
        """Return whether the token may write, by how GitHub refuses a write that cannot be carried out."""
        answer = self._ask("POST", path, impossible)
        if answer.status == 422:
            return fine(check, f"the token has {check}: write")
        if "not permitted to create or approve pull requests" in answer.message:
            return self._no_pulls()
        if answer.status in (403, 404):
            return error(
                check,
                f"the token lacks {check}: write ({answer})",
                f"give the job `permissions: {check}: write`, or the personal token write access to {check}",
            )
        return unknown(
            check,
            f"cannot tell whether the token has {check}: write ({answer})",
            "run again later, or look at the job's permissions",
        )

    def _no_pulls(self) -> Finding:
        return error(
            Check.SETTING,
            "GitHub Actions may not create pull requests here",
            "tick “Allow GitHub Actions to create and approve pull requests” under Workflow permissions at "
            f"{self._web}/settings/actions; the organization must allow it, too",
        )

    def _setting(self) -> Finding:
        answer = self._get("/actions/permissions/workflow")
        if answer.status != 200:
            page = f"{self._web}/settings/actions, Workflow permissions"
            return _unseen(Check.SETTING, "GitHub Actions may create pull requests", "the setting", page)
        if answer.body["can_approve_pull_request_reviews"]:
            return fine(Check.SETTING, "GitHub Actions may create pull requests")
        return self._no_pulls()

    def _protection(self, lists: Sequence[str]) -> Finding:
        """Return whether rules stop the bot on its own branches. Those of the default branch do not concern it."""
        names = [STATE_BRANCH, *(branch_of(name, 1) for name in lists)]
        answers = {name: self._get(f"/rules/branches/{quote(name)}") for name in names}
        stopped = {
            name: why
            for name, answer in answers.items()
            if answer.status == 200
            for rule in answer.body
            if (why := _BLOCKING.get(rule.get("type"), ""))
        }
        state = self._get(f"/branches/{quote(STATE_BRANCH)}")
        if state.status == 200 and state.body["protected"]:
            stopped.setdefault(STATE_BRANCH, "it is protected")
        rules = f"{self._web}/settings/rules and {self._web}/settings/branches"
        if stopped:
            named = "; ".join(f"{name}: {why}" for name, why in stopped.items())
            what = f"rules stop the bot on its own branches: {named}"
            return error(Check.PROTECTION, what, f"leave `{PREFIX}/**` out of the rules at {rules}")
        if any(answer.status != 200 for answer in answers.values()):
            where = f"{rules}; `{PREFIX}/**` must be free"
            return _unseen(Check.PROTECTION, "rules stop the bot on its own branches", "them", where)
        return fine(Check.PROTECTION, "no rule stops the bot on its own branches")

    def _required_checks(self, main: str, branch: GithubAnswer) -> Finding:
        """Return which checks a pull request of the bot would wait for: GitHub starts none by itself."""
        rules = self._get(f"/rules/branches/{quote(main)}")
        if branch.status != 200 or rules.status != 200:
            pages = f"{self._web}/settings/branches and {self._web}/settings/rules"
            return _unseen(Check.CHECKS, f"{main} requires checks", "its rules", pages)
        classic = branch.body.get("protection", {}).get("required_status_checks") or {}
        required = {str(name) for name in classic.get("contexts", ())} | {
            str(check["context"])
            for rule in rules.body
            if rule.get("type") == "required_status_checks"
            for check in rule["parameters"]["required_status_checks"]
        }
        if not required:
            return fine(Check.CHECKS, f"{main} requires no checks")
        return warning(
            Check.CHECKS,
            f"{main} requires the checks {', '.join(sorted(required))}, and GitHub starts none by itself on a pull "
            "request that a workflow's token opened",
            "approve the workflow run on the pull request, close and reopen it, or give the bot the token of an app",
        )

    def _workflow(self, ours: Collection[str]) -> Finding:
        page = f"{self._web}/actions"
        answer = self._get("/actions/workflows?per_page=100")
        if answer.status != 200:
            return _unseen(Check.WORKFLOW, "a workflow runs the bot", "workflows", page)
        states = {str(one["path"]): str(one["state"]) for one in answer.body["workflows"] if one["path"] in ours}
        if not states:
            return warning(
                Check.WORKFLOW,
                "no workflow on GitHub runs the bot",
                "write one with `arxiv-bot init`, and push it to the default branch; a machine of your own needs none",
            )
        asleep = {path: state for path, state in sorted(states.items()) if state != "active"}
        if not asleep:
            return fine(Check.WORKFLOW, f"{', '.join(sorted(states))}: active")
        what = "; ".join(f"{path} is disabled ({_DISABLED.get(state, state)})" for path, state in asleep.items())
        return error(Check.WORKFLOW, what, f"enable it at {page}: choose it, then “Enable workflow”")


def _quiet(main: str, branch: GithubAnswer, now: datetime, *, private: bool) -> Finding:
    """Return how quiet the default branch is: merges count as activity, the bot's own branches may not."""
    if private:
        return fine(Check.QUIET, "GitHub does not disable the schedules of private repositories")
    if branch.status != 200:
        return unknown(Check.QUIET, f"cannot tell how quiet {main} is ({branch})", "look at its commits")
    age = now - datetime.fromisoformat(branch.body["commit"]["commit"]["committer"]["date"])
    what = f"the last commit on {main} is {age.days} days old"
    if age < QUIET_SOON:
        return fine(Check.QUIET, what)
    limit = f"GitHub disables schedules after {QUIET_DAYS} quiet days"
    return warning(Check.QUIET, f"{what}; {limit}", "commit anything, or merge the bot's pull request")


def _unseen(check: Check, whether: str, hidden: str, where: str) -> Finding:
    return unknown(check, f"cannot tell whether {whether}: this token may not see {hidden}", f"look here: {where}")


def _time(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None
