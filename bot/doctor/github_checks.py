"""What GitHub says of a repository in which the bot is to work: rights, settings, rules, the workflow.

Nothing is changed. Whether a token may write shows in how GitHub refuses a write that cannot be carried out: without
the right it answers 403, with it 422. What a token may not see is reported as unknown, with the page where a person
sees it.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests

from bot.doctor.list_checks import Finding, Kind, Severity

TIMEOUT_S = 30
QUIET_AFTER = timedelta(days=60)
"""GitHub disables the schedules of a public repository after so long without activity."""
QUIET_SOON = timedelta(days=45)
STATE_BRANCH = "arxiv-bot/state"

_NOWHERE = "0" * 40
_BLOCKING = {
    "creation": "branches may not be created",
    "update": "branches may not be updated",
    "pull_request": "changes need a pull request",
    "required_status_checks": "changes need checks",
    "required_signatures": "commits must be signed",
}
"""Rules that stop the bot on a branch of its own, in words; commits of an app's token are signed by GitHub."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What GitHub answered; `status` 0 when it did not."""

    status: int
    body: Any
    said: str
    when: datetime | None


class GithubChecks:
    """Looks at `repository` (`owner/name`) through the REST API at `api_url`."""

    def __init__(self, token: str, repository: str, api_url: str, web_url: str) -> None:
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/vnd.github+json", "User-Agent": "arxiv-list-bot"})
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self._token = token
        self._name = repository
        self._api = f"{api_url}/repos/{repository}"
        self._web = f"{web_url}/{repository}"

    def findings(
        self, lists: Sequence[str], ours: Collection[str], now: datetime
    ) -> Generator[Finding, None, datetime | None]:
        """Yield what there is to say, and return what time it is for GitHub, None if that is unknown.

        `lists` are names of lists, `ours` the paths of workflows that call the bot.
        """
        found = self._ask("")
        yield (token := self._of_token(found))
        if token.severity is Severity.ERROR:
            return found.when
        main = str(found.body["default_branch"])
        branch = self._ask(f"/branches/{quote(main)}")
        yield self._right(Kind.CONTENTS, "/git/refs", {"ref": f"refs/heads/{STATE_BRANCH}-probe", "sha": _NOWHERE})
        yield (pulls := self._right(Kind.PULL_REQUESTS, "/pulls", {"title": "probe", "head": main, "base": main}))
        if pulls.kind is not Kind.SETTING:  # else that was the answer
            yield self._of_setting()
        yield from self._surroundings(found, branch, lists, ours, now)
        return found.when

    def surroundings(self, lists: Sequence[str], ours: Collection[str], now: datetime) -> Iterator[Finding]:
        """Yield what there is to say beside the rights of this token: nothing is tried."""
        found = self._ask("")
        if found.status == 200:
            branch = self._ask(f"/branches/{quote(str(found.body['default_branch']))}")
            yield from self._surroundings(found, branch, lists, ours, now)
        else:
            yield self._of_token(found)

    def _surroundings(
        self, found: Reply, branch: Reply, lists: Sequence[str], ours: Collection[str], now: datetime
    ) -> Iterator[Finding]:
        main = str(found.body["default_branch"])
        yield self._of_protection(lists)
        yield self._of_checks(main, branch)
        yield self._of_workflow(ours)
        yield _of_quiet(main, branch, now, private=bool(found.body.get("private")))

    def _ask(self, path: str) -> Reply:
        return self._reply("GET", path, None)

    def _reply(self, method: str, path: str, body: Mapping[str, str] | None) -> Reply:
        try:
            answer = self._session.request(method, self._api + path, json=body, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            return Reply(0, None, type(error).__name__, None)
        try:
            found = answer.json()
        except ValueError:
            found = None
        when = _time(answer.headers.get("Date"))
        said = str(found.get("message", "")) if isinstance(found, dict) else ""
        return Reply(answer.status_code, found, said, when)

    def _of_token(self, found: Reply) -> Finding:
        if found.status == 200:
            if self._token:
                return Finding(Kind.TOKEN, Severity.FINE, f"the token sees {self._name}")
            return Finding(
                Kind.TOKEN,
                Severity.ERROR,
                "there is no GitHub token",
                "set GITHUB_TOKEN; in a workflow, hand over `github.token`",
            )
        what, fix = {
            0: ("GitHub cannot be reached", "check the network and GITHUB_API_URL"),
            401: ("GitHub does not accept the token", "set GITHUB_TOKEN to one that is valid"),
            404: (
                f"there is no repository {self._name}, or the token may not see it",
                "check GITHUB_REPOSITORY, and that the token is for this repository",
            ),
        }.get(found.status, ("GitHub does not show the repository", "run again later; the answer tells why"))
        return Finding(Kind.TOKEN, Severity.ERROR, f"{what} ({_said(found)})", fix)

    def _right(self, kind: Kind, path: str, impossible: Mapping[str, str]) -> Finding:
        """Tell whether the token may write, by how a write is refused that cannot be carried out."""
        reply = self._reply("POST", path, impossible)
        if reply.status == 422:
            return Finding(kind, Severity.FINE, f"the token has {kind}: write")
        if "not permitted to create or approve pull requests" in reply.said:
            return Finding(
                Kind.SETTING, Severity.ERROR, "GitHub Actions may not create pull requests here", self._allow()
            )
        if reply.status in (403, 404):
            return Finding(
                kind,
                Severity.ERROR,
                f"the token has not {kind}: write ({_said(reply)})",
                f"give the job `permissions: {kind}: write`, or the personal token write access to {kind}",
            )
        return Finding(
            kind,
            Severity.UNKNOWN,
            f"cannot tell whether the token has {kind}: write ({_said(reply)})",
            "run again later, or look at the job's permissions",
        )

    def _allow(self) -> str:
        return (
            "tick “Allow GitHub Actions to create and approve pull requests” under Workflow permissions at "
            f"{self._web}/settings/actions; the organization must allow it, too"
        )

    def _of_setting(self) -> Finding:
        reply = self._ask("/actions/permissions/workflow")
        if reply.status != 200:
            return Finding(
                Kind.SETTING,
                Severity.UNKNOWN,
                "cannot tell whether GitHub Actions may create pull requests: this token may not see the setting",
                f"look here: {self._web}/settings/actions, Workflow permissions",
            )
        if reply.body["can_approve_pull_request_reviews"]:
            return Finding(Kind.SETTING, Severity.FINE, "GitHub Actions may create pull requests")
        return Finding(Kind.SETTING, Severity.ERROR, "GitHub Actions may not create pull requests here", self._allow())

    def _of_protection(self, lists: Sequence[str]) -> Finding:
        """Tell whether rules stop the bot on its own branches. Those of the default branch do not concern it."""
        names = [STATE_BRANCH, *(f"arxiv-bot/{name}/1" for name in lists)]
        replies = {name: self._ask(f"/rules/branches/{quote(name)}") for name in names}
        stopped = {
            name: why
            for name, reply in replies.items()
            if reply.status == 200
            for rule in reply.body
            if (why := _BLOCKING.get(rule.get("type"), ""))
        }
        state = self._ask(f"/branches/{quote(STATE_BRANCH)}")
        if state.status == 200 and state.body["protected"] and STATE_BRANCH not in stopped:
            stopped[STATE_BRANCH] = "it is protected"
        rules = f"{self._web}/settings/rules and {self._web}/settings/branches"
        if stopped:
            listed = "; ".join(f"{name}: {why}" for name, why in stopped.items())
            return Finding(
                Kind.PROTECTION,
                Severity.ERROR,
                f"rules stop the bot on its own branches: {listed}",
                f"leave `arxiv-bot/**` out of the rules at {rules}",
            )
        if any(reply.status != 200 for reply in replies.values()):
            return Finding(
                Kind.PROTECTION,
                Severity.UNKNOWN,
                "cannot tell whether rules stop the bot on its own branches: this token may not see them",
                f"look here: {rules}; `arxiv-bot/**` must be free",
            )
        return Finding(Kind.PROTECTION, Severity.FINE, "no rule stops the bot on its own branches")

    def _of_checks(self, main: str, branch: Reply) -> Finding:
        """Tell which checks a pull request of the bot would wait for: GitHub starts none by itself."""
        rules = self._ask(f"/rules/branches/{quote(main)}")
        if branch.status != 200 or rules.status != 200:
            return Finding(
                Kind.CHECKS,
                Severity.UNKNOWN,
                f"cannot tell whether {main} requires checks: this token may not see its rules",
                f"look here: {self._web}/settings/branches and {self._web}/settings/rules",
            )
        classic = branch.body.get("protection", {}).get("required_status_checks") or {}
        required = [str(name) for name in classic.get("contexts", ())] + [
            str(check["context"])
            for rule in rules.body
            if rule.get("type") == "required_status_checks"
            for check in rule["parameters"]["required_status_checks"]
        ]
        if not required:
            return Finding(Kind.CHECKS, Severity.FINE, f"{main} requires no checks")
        return Finding(
            Kind.CHECKS,
            Severity.WARNING,
            f"{main} requires the checks {', '.join(sorted(set(required)))}, and GitHub starts none by itself on a "
            "pull request that a workflow's token opened",
            "approve the workflow run on the pull request, close and reopen it, or give the bot the token of an app",
        )

    def _of_workflow(self, ours: Collection[str]) -> Finding:
        page = f"{self._web}/actions"
        reply = self._ask("/actions/workflows?per_page=100")
        if reply.status != 200:
            return Finding(
                Kind.WORKFLOW,
                Severity.UNKNOWN,
                "cannot tell whether a workflow runs the bot: this token may not see workflows",
                f"look here: {page}",
            )
        states = {str(one["path"]): str(one["state"]) for one in reply.body["workflows"] if one["path"] in ours}
        if not states:
            return Finding(
                Kind.WORKFLOW,
                Severity.WARNING,
                "no workflow on GitHub runs the bot",
                "write one with `arxiv-bot init`, and push it to the default branch; a machine of your own needs none",
            )
        asleep = {path: state for path, state in states.items() if state != "active"}
        if not asleep:
            return Finding(Kind.WORKFLOW, Severity.FINE, f"{', '.join(sorted(states))}: active")
        why = {"disabled_inactivity": "GitHub disabled it after 60 quiet days", "disabled_manually": "a person did it"}
        told = "; ".join(f"{path} is disabled ({why.get(state, state)})" for path, state in sorted(asleep.items()))
        return Finding(Kind.WORKFLOW, Severity.ERROR, told, f"enable it at {page}: choose it, then “Enable workflow”")


def _of_quiet(main: str, branch: Reply, now: datetime, *, private: bool) -> Finding:
    """Tell how quiet the default branch is: what is merged counts as activity, the bot's own branches may not."""
    if private:
        return Finding(Kind.QUIET, Severity.FINE, "schedules of private repositories do not go to sleep")
    if branch.status != 200:
        return Finding(
            Kind.QUIET, Severity.UNKNOWN, f"cannot tell how quiet {main} is ({_said(branch)})", "look at its commits"
        )
    last = datetime.fromisoformat(branch.body["commit"]["commit"]["committer"]["date"])
    days = (now - last).days
    if now - last < QUIET_SOON:
        return Finding(Kind.QUIET, Severity.FINE, f"the last commit on {main} is {days} days old")
    return Finding(
        Kind.QUIET,
        Severity.WARNING,
        f"the last commit on {main} is {days} days old; GitHub disables schedules after {QUIET_AFTER.days} quiet days",
        "commit anything, or merge the bot's pull request",
    )


def _said(reply: Reply) -> str:
    return f"{reply.status} {reply.said}".strip() if reply.status else reply.said


def _time(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None
