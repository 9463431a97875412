"""`doctor`: check configuration, lists, token, repository settings and arXiv."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from bot.cli import console, context
from bot.cli.exits import DONE, FAILED
from bot.config import Config, ListConfig
from bot.doctor import findings
from bot.doctor.findings import Check, Finding, Severity, clock_finding
from bot.doctor.github_checks import GithubChecks
from bot.doctor.list_checks import check_list
from bot.errors import BotError, ConfigError, ListFormatError
from bot.model import Paper, counted
from bot.sources.jsonl import read_papers

KNOWN_PAPER = "0704.0001"
"""The first paper with an id of the new kind."""
ARXIV_BUDGET_S = 15
_CALLS = ("arxiv-bot", "arxiv-list-bot", "-m bot ")
_MARKS = {Severity.FINE: "ok", Severity.UNKNOWN: "??", Severity.WARNING: "warning", Severity.ERROR: "ERROR"}


def main(options: argparse.Namespace) -> int:
    """Print all findings; fail when one of them keeps the bot from its work."""
    with console.working("checking"):
        found = tuple(_findings(options))
    if options.json:
        console.document(findings.findings_report(found))
    else:
        for one in found:
            console.say(f"{_MARKS[one.severity]:7}  {one.what}")
            if one.severity is not Severity.FINE:
                console.say(f"         fix: {one.fix}")
                console.say(f"         {one.link}")
    return FAILED if findings.worst(found) is Severity.ERROR else DONE


def _findings(options: argparse.Namespace) -> Iterator[Finding]:
    """Yield the findings, configuration first; without one, GitHub and arXiv are checked all the same."""
    library = read_papers(options.library) if options.library else ()
    config: Config | None = None
    lists: Sequence[ListConfig] = ()
    try:
        config, lists = context.lists(options.config)
        yield findings.fine(Check.CONFIG, f"{config.path}: {counted(len(lists), 'list')}")
    except ConfigError as error:
        yield findings.error(Check.CONFIG, str(error), "`arxiv-bot init LIST.md` writes one that is valid")
    root = context.root(config) if config else Path.cwd()
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    here = [one for one in lists if one.repository in (None, repository)]
    for one in lists:
        yield from list_findings(root, one, library) if one in here else [_elsewhere(one)]
    now = context.now(options)
    theirs: datetime | None = None
    if repository:
        names = [one.name for one in here]
        theirs = yield from github_checks(repository).findings(names, workflows_here(root), now)
    else:
        yield findings.unknown(
            Check.TOKEN,
            "GitHub was not checked: no repository is named",
            "set GITHUB_REPOSITORY to owner/name and GITHUB_TOKEN; not needed where the bot works on local branches",
        )
    yield _of_arxiv(config)
    yield clock_finding(now, theirs)


def github_checks(repository: str) -> GithubChecks:
    """Return the checks of a repository on GitHub."""
    api, token = context.github()
    return GithubChecks(token, repository, api, os.environ.get("GITHUB_SERVER_URL") or "https://github.com")


def _elsewhere(settings: ListConfig) -> Finding:
    return findings.unknown(
        Check.LIST,
        f"{settings.name}: not checked, because it lies in {settings.repository}",
        f"check it from there: GITHUB_REPOSITORY={settings.repository} arxiv-bot doctor",
    )


def list_findings(root: Path, settings: ListConfig, library: Sequence[Paper]) -> Iterator[Finding]:
    """Yield the findings on a list of this repository."""
    try:
        document = context.read_document(root / settings.file)
    except (ConfigError, ListFormatError) as error:
        yield findings.error(Check.LIST, str(error), "set 'file' to the list, from the root of the repository")
        return
    yield from check_list(settings, document, library)


def workflows_here(root: Path) -> list[str]:
    """Return the paths of the workflows that call the bot."""
    files = sorted((root / ".github" / "workflows").glob("*.y*ml"))
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8", errors="replace") for path in files}
    return [path for path, text in texts.items() if any(call in text for call in _CALLS)]


def _of_arxiv(config: Config | None) -> Finding:
    """Return whether arXiv answers when it is asked for one paper."""
    try:
        context.query_api(config.contact if config else None, ARXIV_BUDGET_S).lookup([KNOWN_PAPER])
    except BotError as error:
        return findings.error(
            Check.ARXIV,
            f"arXiv does not answer: {error}",
            "try again later; where only GitHub's machines are refused, the next run asks for what is missing",
        )
    return findings.fine(Check.ARXIV, "arXiv answers")
