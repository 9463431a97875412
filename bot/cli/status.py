"""`status`: refresh the status issue of each repository."""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cli import console, context, doctor
from bot.cli.exits import DONE, exit_code
from bot.config import Config, ListConfig
from bot.doctor.findings import Check, Finding
from bot.errors import PublishError, each
from bot.forges.base import RunRecord
from bot.forges.github.status_issue import StatusIssue
from bot.serve import list_status
from bot.serve.list_status import ListStatus
from bot.serve.record import ServeRecord, read_record
from bot.state.files import DiskStore
from bot.state.model import State

OFF = (
    "{config}: status_issue is off, so no issue is written; `arxiv-bot status --publish none` prints what it would say"
)


def main(options: argparse.Namespace) -> int:
    """Refresh the status issue of each repository; without GitHub, or with `--publish none`, print its text."""
    config, lists = context.lists(options.config)
    here = os.environ.get("GITHUB_REPOSITORY", "")
    place = options.place or ("github" if here else "local")
    if place == "github" and not config.status_issue:
        console.note(OFF.format(config=config.path))
        return DONE
    if place == "github" and not here:
        raise PublishError("GITHUB_REPOSITORY is not set; set it to owner/name, or use --publish none")
    report = _Report(config, read_record(context.record(config)), context.now(options), options.result)

    def one(lists: Sequence[ListConfig]) -> dict[str, str]:
        repository = context.repository(lists[0])
        issue = _issue(repository) if repository and place != "local" else None
        text = report.text(lists, issue)
        where = issue.write(list_status.MARK, list_status.TITLE, text) if issue and place == "github" else ""
        if not options.json:
            console.say(f"{repository}: {where}" if where else text)
        return {"repository": repository, "where": where, "text": text}

    with console.working("looking at the lists"):
        found, failures = each(_by_repository(lists), one)
    if options.json:
        console.document({"issues": found})
    return exit_code((), failures)


def refresh(config: Config, record: ServeRecord, now: datetime) -> None:
    """Refresh the status issue of each repository on GitHub with what `serve` remembers; failures are only noted."""

    def one(lists: Sequence[ListConfig]) -> str:
        issue = _issue(context.repository(lists[0]))
        return issue.write(list_status.MARK, list_status.TITLE, _Report(config, record, now).text(lists, issue))

    each({name: lists for name, lists in _by_repository(config.lists).items() if name}, one)


def _by_repository(lists: Iterable[ListConfig]) -> Mapping[str, Sequence[ListConfig]]:
    found: defaultdict[str, list[ListConfig]] = defaultdict(list)
    for one in lists:
        found[context.repository(one)].append(one)
    return found


def _issue(repository: str) -> StatusIssue:
    api, token = context.github()
    return StatusIssue(token, repository, api)


@dataclass(frozen=True)
class _Report:
    """What the issues are written from; `result` is that of the workflow run which this command is part of."""

    config: Config
    record: ServeRecord
    now: datetime
    result: str | None = None

    def text(self, lists: Sequence[ListConfig], issue: StatusIssue | None) -> str:
        """Return the issue of the lists of one repository.

        That of this repository also holds the runs of its workflows, and the findings of doctor. Where `serve` keeps
        all lists and no workflow calls the bot, none is missed.
        """
        standings = self._standings(lists, issue)
        if context.repository(lists[0]) != os.environ.get("GITHUB_REPOSITORY", ""):
            return list_status.status_text(standings, None, ())
        workflows = doctor.workflows_here(context.root(self.config))
        found = self._findings(lists, issue, workflows)
        if not workflows and all(one.record for one in standings):
            found = [finding for finding in found if finding.kind not in (Check.WORKFLOW, Check.QUIET)]
            return list_status.status_text(standings, None, found)
        return list_status.status_text(standings, self._rounds(issue, workflows) if issue else None, found)

    def _standings(self, lists: Sequence[ListConfig], issue: StatusIssue | None) -> list[ListStatus]:
        names = [one.name for one in lists]
        store = DiskStore(context.root(self.config) / "state")
        states: Mapping[str, State] = issue.states(names) if issue else {name: store.read(name) for name in names}
        return [ListStatus(one, states[one.name], self.record.lists.get(one.name)) for one in lists]

    def _rounds(self, issue: StatusIssue, workflows: Sequence[str]) -> Sequence[RunRecord] | None:
        """Return the last runs, with the result of this one where it is given."""
        rounds = issue.runs(workflows)
        if rounds is None or self.result is None:
            return rounds
        this, failed = os.environ.get("GITHUB_RUN_ID", ""), self.result == "failed"
        return [replace(one, failed=failed) if str(one.id) == this else one for one in rounds]

    def _findings(
        self, lists: Sequence[ListConfig], issue: StatusIssue | None, workflows: Sequence[str]
    ) -> list[Finding]:
        """Return what doctor finds without asking arXiv and without trying the rights of this token."""
        root = context.root(self.config)
        found = [finding for one in lists for finding in doctor.list_findings(root, one, ())]
        if issue:
            checks = doctor.github_checks(context.repository(lists[0]))
            found += checks.surroundings([one.name for one in lists], workflows, self.now)
        return found
