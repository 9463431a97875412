"""The command that tells how the lists stand, in an issue of each repository: status."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot import console
from bot.commands import setting, setup
from bot.commands.results import each, exit_code
from bot.commands.setting import DONE
from bot.errors import PublishError

if TYPE_CHECKING:
    from bot.config import Config, ListConfig
    from bot.publish import Round
    from bot.publish.github.status import StatusIssue
    from bot.service.findings import Finding
    from bot.service.status import Standing
    from bot.state import State

OFF = (
    "{config}: status_issue is off, so no issue is written; `arxiv-bot status --publish none` prints what it would say"
)


def status(options: argparse.Namespace) -> int:
    """Refresh the status issue of each repository; without GitHub, or with `--publish none`, print its text."""
    config, tasks = setting.lists(options.config)
    here = os.environ.get("GITHUB_REPOSITORY", "")
    place = options.place or ("github" if here else "local")
    if place == "github" and not config.status_issue:
        console.note(OFF.format(config=config.path))
        return DONE
    if place == "github" and not here:
        raise PublishError("GITHUB_REPOSITORY is not set; set it to owner/name, or use --publish none")
    lists: dict[str, list[ListConfig]] = {}
    for task in tasks:
        lists.setdefault(task.repository or here, []).append(task)

    def one(repository: str) -> dict[str, str]:
        from bot.service import status as words

        issue = _issue(repository) if repository and place != "local" else None
        standings = _standings(config, lists[repository], issue)
        rounds = _rounds(options, config, issue) if issue and repository == here else None
        text = words.text(standings, rounds, _findings(options, config, lists[repository], repository, issue))
        where = issue.write(words.MARK, words.TITLE, text) if issue and place == "github" else ""
        if not options.json:
            console.say(f"{repository}: {where}" if where else text)
        return {"repository": repository, "where": where, "text": text}

    with console.working("looking at the lists"):
        found, failures = each({repository: repository for repository in lists}, one)
    if options.json:
        console.document({"issues": found})
    return exit_code((), failures)


def _issue(repository: str) -> StatusIssue:
    from bot.publish.github.status import StatusIssue

    api, token = setting.github()
    return StatusIssue(token, repository, api)


def _standings(config: Config, tasks: Sequence[ListConfig], issue: StatusIssue | None) -> list[Standing]:
    from bot.service.record import read
    from bot.service.status import Standing
    from bot.store import DiskStore

    folder = setting.root(config) / "state"
    names = [task.name for task in tasks]
    store = DiskStore(folder)
    states: Mapping[str, State] = issue.states(names) if issue else {name: store.read(name) for name in names}
    record = read(folder / "serve.json")
    return [Standing(task, states[task.name], record.lists.get(task.name)) for task in tasks]


def _rounds(options: argparse.Namespace, config: Config, issue: StatusIssue) -> Sequence[Round] | None:
    """Return the last runs; of the one that this command is part of, what `--result` says."""
    rounds = issue.rounds(setup.workflows_here(setting.root(config)))
    if rounds is None or options.result is None:
        return rounds
    this, failed = os.environ.get("GITHUB_RUN_ID", ""), options.result == "failed"
    return [replace(one, failed=failed) if str(one.id) == this else one for one in rounds]


def _findings(
    options: argparse.Namespace, config: Config, tasks: Sequence[ListConfig], repository: str, issue: StatusIssue | None
) -> list[Finding]:
    """Return what doctor finds without asking arXiv and without trying this token's rights, of the repository here."""
    here = os.environ.get("GITHUB_REPOSITORY", "")
    if repository != here:
        return []
    root = setting.root(config)
    found = [finding for task in tasks for finding in setup.list_findings(root, task, ())]
    if issue:
        from bot.service.premises import Premises

        api, token = setting.github()
        web = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
        premises = Premises(token, repository, api, web)
        names = [task.name for task in tasks]
        found += premises.surroundings(names, setup.workflows_here(root), setting.now(options))
    return found
