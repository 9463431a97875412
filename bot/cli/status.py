"""The command that tells how the lists stand, in an issue of each repository: status."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cli import console, context, setup
from bot.cli.context import DONE
from bot.cli.output import exit_code
from bot.errors import PublishError, each

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Config, ListConfig
    from bot.doctor.list_checks import Finding
    from bot.forges.base import RunRecord
    from bot.forges.github.status_issue import StatusIssue
    from bot.serve.list_status import ListStatus
    from bot.serve.record import Record
    from bot.state.model import State

OFF = (
    "{config}: status_issue is off, so no issue is written; `arxiv-bot status --publish none` prints what it would say"
)


def status(options: argparse.Namespace) -> int:
    """Refresh the status issue of each repository; without GitHub, or with `--publish none`, print its text."""
    from bot.serve import list_status as words
    from bot.serve.record import read

    config, tasks = context.lists(options.config)
    here = os.environ.get("GITHUB_REPOSITORY", "")
    place = options.place or ("github" if here else "local")
    if place == "github" and not config.status_issue:
        console.note(OFF.format(config=config.path))
        return DONE
    if place == "github" and not here:
        raise PublishError("GITHUB_REPOSITORY is not set; set it to owner/name, or use --publish none")
    now, record = context.now(options), read(context.record(config))

    def one(lists: Sequence[ListConfig]) -> dict[str, str]:
        repository = _repository(lists[0])
        issue = _issue(repository) if repository and place != "local" else None
        text = _text(config, lists, issue, record, now, options.result)
        where = issue.write(words.MARK, words.TITLE, text) if issue and place == "github" else ""
        if not options.json:
            console.say(f"{repository}: {where}" if where else text)
        return {"repository": repository, "where": where, "text": text}

    with console.working("looking at the lists"):
        found, failures = each(_by_repository(tasks), one)
    if options.json:
        console.document({"issues": found})
    return exit_code((), failures)


def refresh(config: Config, record: Record, now: datetime) -> None:
    """Refresh the status issue of each repository on GitHub with what `serve` remembers; a failure is noted only."""
    from bot.serve import list_status as words

    def one(lists: Sequence[ListConfig]) -> str:
        issue = _issue(_repository(lists[0]))
        return issue.write(words.MARK, words.TITLE, _text(config, lists, issue, record, now))

    each({name: lists for name, lists in _by_repository(config.lists).items() if name}, one)


def _by_repository(tasks: Iterable[ListConfig]) -> Mapping[str, Sequence[ListConfig]]:
    found: dict[str, list[ListConfig]] = {}
    for task in tasks:
        found.setdefault(_repository(task), []).append(task)
    return found


def _repository(task: ListConfig) -> str:
    """Return where a list lies on GitHub, the empty string for nowhere."""
    return task.repository or os.environ.get("GITHUB_REPOSITORY", "")


def _issue(repository: str) -> StatusIssue:
    from bot.forges.github.status_issue import StatusIssue

    api, token = context.github()
    return StatusIssue(token, repository, api)


def _text(
    config: Config, tasks: Sequence[ListConfig], issue: StatusIssue | None, record: Record, now: datetime,
    result: str | None = None,
) -> str:  # fmt: skip
    """Return what there is to tell of the lists of one repository.

    Of the repository here also the runs of its workflows, and what doctor finds. Where `serve` keeps all lists and no
    workflow calls the bot, none is missed.
    """
    from bot.doctor.list_checks import Kind
    from bot.serve import list_status as words

    standings = _standings(config, tasks, issue, record)
    if _repository(tasks[0]) != os.environ.get("GITHUB_REPOSITORY", ""):
        return words.text(standings, None, ())
    workflows = setup.workflows_here(context.root(config))
    served = not workflows and all(one.entry for one in standings)
    found = _findings(config, tasks, issue, workflows, now)
    if served:
        found = [finding for finding in found if finding.kind not in (Kind.WORKFLOW, Kind.QUIET)]
    return words.text(standings, _rounds(issue, workflows, result) if issue and not served else None, found)


def _standings(
    config: Config, tasks: Sequence[ListConfig], issue: StatusIssue | None, record: Record
) -> list[ListStatus]:
    from bot.serve.list_status import ListStatus
    from bot.state.files import DiskStore

    names = [task.name for task in tasks]
    store = DiskStore(context.root(config) / "state")
    states: Mapping[str, State] = issue.states(names) if issue else {name: store.read(name) for name in names}
    return [ListStatus(task, states[task.name], record.lists.get(task.name)) for task in tasks]


def _rounds(issue: StatusIssue, workflows: Sequence[str], result: str | None) -> Sequence[RunRecord] | None:
    """Return the last runs; of the one that this command is part of, what `--result` says."""
    rounds = issue.rounds(workflows)
    if rounds is None or result is None:
        return rounds
    this, failed = os.environ.get("GITHUB_RUN_ID", ""), result == "failed"
    return [replace(one, failed=failed) if str(one.id) == this else one for one in rounds]


def _findings(
    config: Config, tasks: Sequence[ListConfig], issue: StatusIssue | None, workflows: Sequence[str], now: datetime
) -> list[Finding]:
    """Return what doctor finds without asking arXiv and without trying this token's rights."""
    root = context.root(config)
    found = [finding for task in tasks for finding in setup.list_findings(root, task, ())]
    if issue:
        from bot.doctor.github_checks import GithubChecks

        api, token = context.github()
        web = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
        premises = GithubChecks(token, _repository(tasks[0]), api, web)
        found += premises.surroundings([task.name for task in tasks], workflows, now)
    return found
