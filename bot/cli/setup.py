"""The commands that set the bot up for a list, and say what is wrong: init, doctor."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot import __version__
from bot.adopt.checkout import from_here, name_of, root_of, whole
from bot.cli import console, context
from bot.cli.context import DEFAULT_CONFIG, DONE, FAILED
from bot.errors import BotError, ConfigError, ListFormatError, UsageError, reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from bot.adopt.understanding import Understanding
    from bot.config import Config, ListConfig
    from bot.doctor.list_checks import Finding
    from bot.model import Paper

WORKFLOW = ".github/workflows/paper-list.yml"
KNOWN_PAPER = "0704.0001"
"""The first paper with an id of the new kind."""
ARXIV_BUDGET_S = 15
_CALLS = ("arxiv-bot", "arxiv-list-bot", "-m bot ")
NEXT = """Next:
  1. Read {config}, and change what you know better.
  2. arxiv-bot run --dry-run --publish none{option}     what the bot would propose today
  3. In the repository's settings, under Actions > General > Workflow permissions, tick
     "Allow GitHub Actions to create and approve pull requests".
  4. Commit and push {what}; the first run is at the next scheduled hour, or by hand under Actions.
`arxiv-bot doctor{option}` says what is still missing."""


def init(options: argparse.Namespace) -> int:
    """Look at a list, and write a configuration and a workflow for it."""
    if not (options.yes or options.dry_run or options.json or sys.stdin.isatty()):
        raise UsageError("nobody is here to ask; add --yes to write the files, or --dry-run to see them")
    config = options.config or _root(options) / DEFAULT_CONFIG
    seen = _understood(options)
    files = {config: _configuration(seen)}
    if options.config is None:
        files[_root(options) / WORKFLOW] = _workflow(options, seen)
    if options.pull_request and not options.dry_run:
        return _proposed(options, seen, files)
    context.check_targets(*files)
    new = {path: text for path, text in files.items() if _text(path) != text}
    config_text: list[Path] = []
    if not options.json:
        _tell(seen)
    if not options.dry_run and (options.yes or not options.json):
        config_text = _write(new, ask=not options.yes)
    if options.json:
        from bot.adopt.understanding import report

        console.document(report(seen, [(str(path), text, path in config_text) for path, text in files.items()]))
    elif options.dry_run:
        for path, text in new.items():
            console.say(_diff(path, text))
    else:
        for path in files:
            left = "left as it is" if path.exists() else "not written"
            console.say(f"{from_here(path)}: {'written' if path in config_text else left}")
        if all(path.exists() for path in files):
            console.say(_next(options, from_here(config)))
    return DONE


def _next(options: argparse.Namespace, config: str) -> str:
    """Return what to do when all files are there; with a configuration of one's own the workflow is one's own, too."""
    option = "" if config == str(Path(DEFAULT_CONFIG)) else f" --config {shlex.quote(config)}"
    what = "both files" if options.config is None else "it with a workflow that names it"
    return NEXT.format(config=config, option=option, what=what)


def _proposed(options: argparse.Namespace, seen: Understanding, files: Mapping[Path, str]) -> int:
    """Open a pull request with the files instead of writing them here."""
    from bot.adopt import config_text, understanding
    from bot.forges.github import onboarding
    from bot.forges.github.client import GithubRepository
    from bot.pullrequest.text.inert import harmless

    root = _root(options)
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise UsageError("--pull-request needs GITHUB_REPOSITORY=owner/name, and GITHUB_TOKEN of a person")
    outside = [path for path in files if not whole(path).is_relative_to(root)]
    if outside:
        raise UsageError(f"{outside[0]} lies outside the repository, so no pull request can hold it")
    if not options.json:
        _tell(seen)
    api, token = context.github()
    where, there = onboarding.propose(
        GithubRepository(token, repository, api),
        {whole(path).relative_to(root).as_posix(): text for path, text in files.items()},
        harmless(f"Keep {seen.file} up to date with arxiv-list-bot"),
        config_text.onboarding(seen),
    )
    if options.json:
        console.document(
            {**understanding.report(seen, [(str(p), text, False) for p, text in files.items()]), "where": where}
        )
    else:
        for path in there:
            console.say(f"{path}: there already, left as it is")
        console.say(where)
    return DONE


def _root(options: argparse.Namespace) -> Path:
    return root_of(options.file)


def _understood(options: argparse.Namespace) -> Understanding:
    from bot.adopt import categories, understanding
    from bot.judge.relevance.background import shipped_background
    from bot.sources.jsonl import read_papers

    document = context.read_document(options.file)
    root = _root(options)
    return understanding.understood(
        document,
        whole(options.file).relative_to(root).as_posix(),
        name_of(root, os.environ.get("GITHUB_REPOSITORY", "")),
        shipped_background(),
        categories.shipped(),
        read_papers(options.library) if options.library else (),
        context.now(options).date(),
    )


def _configuration(seen: Understanding) -> str:
    from bot.adopt import config_text

    return config_text.configuration(seen)


def _workflow(options: argparse.Namespace, seen: Understanding) -> str:
    from bot.adopt import config_text

    home, _, version = (options.bot or config_text.HOME).partition("@")
    if home.count("/") != 1:
        raise UsageError(f"--bot must be OWNER/NAME or OWNER/NAME@VERSION, not {options.bot!r}")
    return config_text.workflow(seen, home, version or f"v{__version__}")


def _text(path: Path) -> str | None:
    """Return what a file holds, None where there is none."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {reason(error)}", path=from_here(path)) from None


def _write(files: dict[Path, str], *, ask: bool) -> list[Path]:
    """Write files, each if a person agrees; a file that is there and differs is never replaced without a question."""
    from bot.state.files import write_atomically

    there = [path for path in files if path.exists()]
    if there and not ask:
        raise ConfigError(
            "is there already and differs; nothing was written. Run without --yes to be asked, with --dry-run to see "
            "the difference, or move it away",
            path=from_here(there[0]),
        )
    agreed = [path for path, text in files.items() if not ask or _agreed(path, text)]
    for path in agreed:
        write_atomically(path, files[path].encode())
    return agreed


def _diff(path: Path, text: str) -> str:
    """Return what would become of a file, which is named from the root of its repository."""
    name = whole(path).relative_to(root_of(path)).as_posix()
    return context.diff((_text(path) or "").encode(), text.encode(), name)


def _agreed(path: Path, text: str) -> bool:
    """Show what would be written and ask."""
    console.say(_diff(path, text))
    question = f"{from_here(path)} is there already. Replace it?" if path.exists() else f"Write {from_here(path)}?"
    try:
        return input(f"{question} [y/N] ").strip().casefold() in ("y", "yes")
    except EOFError:
        return False


def _tell(seen: Understanding) -> None:
    """Print what was understood of a list."""
    from bot.adopt.config_text import percent, section_line, told_by

    sections = "1 section" if len(seen.sections) == 1 else f"{len(seen.sections)} sections"
    console.say(f"{seen.file}: {seen.papers} papers in {sections}; list {seen.name!r}")
    console.say(f"  date line: {seen.date_line or 'none'}")
    for section in seen.sections:
        console.say(f"  {section_line(section)}")
    phrases = "1 phrase stands" if len(seen.phrases) == 1 else f"{len(seen.phrases)} phrases stand"
    console.say(
        f"  {phrases} in {percent(seen.explained)} of the titles, and in {percent(seen.matched)} of all arXiv at most:"
    )
    for phrase in seen.phrases:
        console.say(f"    {percent(phrase.share):>6}  {phrase.text}")
    console.say(f"  categories, {told_by(seen)}: {', '.join(seen.categories) or 'all'}")
    console.say(f"  schedule: {seen.cron} UTC")
    if not seen.telling:
        console.note(
            "the titles have few words in common that are rare elsewhere: phrases will find little, what the list "
            "teaches by itself counts; add phrases that you know"
        )


def doctor(options: argparse.Namespace) -> int:
    """Check configuration, lists, token, settings and arXiv; fail when something keeps the bot from its work."""
    from bot.doctor import list_checks
    from bot.doctor.list_checks import Severity

    with console.working("looking around"):
        found = tuple(_findings(options))
    if options.json:
        console.document(list_checks.report(found))
    else:
        marks = {Severity.FINE: "ok", Severity.UNKNOWN: "??", Severity.WARNING: "warning", Severity.ERROR: "ERROR"}
        for one in found:
            console.say(f"{marks[one.severity]:7}  {one.what}")
            if one.severity is not Severity.FINE:
                console.say(f"         fix: {one.fix}")
                console.say(f"         {one.link}")
    return FAILED if list_checks.worst(found) is Severity.ERROR else DONE


def _findings(options: argparse.Namespace) -> Iterator[Finding]:
    """Yield what is found, configuration first; without one, GitHub and arXiv are looked at all the same."""
    from bot.doctor.list_checks import Finding, Kind, Severity, of_clock
    from bot.sources.jsonl import read_papers

    library = read_papers(options.library) if options.library else ()
    config: Config | None = None
    tasks: Sequence[ListConfig] = ()
    try:
        config, tasks = context.lists(options.config)
        yield Finding(Kind.CONFIG, Severity.FINE, f"{config.path}: {len(tasks)} list{'' if len(tasks) == 1 else 's'}")
    except ConfigError as error:
        yield Finding(Kind.CONFIG, Severity.ERROR, str(error), "`arxiv-bot init LIST.md` writes one that is valid")
    root = context.root(config) if config else Path.cwd()
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    here = [task for task in tasks if task.repository in (None, repository)]
    for task in tasks:
        yield from list_findings(root, task, library) if task in here else [_elsewhere(task)]
    now = context.now(options)
    theirs: datetime | None = None
    if repository:
        from bot.doctor.github_checks import GithubChecks

        api, token = context.github()
        web = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
        premises = GithubChecks(token, repository, api, web)
        theirs = yield from premises.findings([task.name for task in here], workflows_here(root), now)
    else:
        yield Finding(
            Kind.TOKEN,
            Severity.UNKNOWN,
            "cannot tell anything of GitHub: no repository is named",
            "set GITHUB_REPOSITORY to owner/name and GITHUB_TOKEN; not needed where the bot works on local branches",
        )
    yield _of_arxiv(config)
    yield of_clock(now, theirs)


def _elsewhere(task: ListConfig) -> Finding:
    from bot.doctor.list_checks import Finding, Kind, Severity

    return Finding(
        Kind.LIST,
        Severity.UNKNOWN,
        f"{task.name}: cannot tell from here, it lies in {task.repository}",
        f"look from there: GITHUB_REPOSITORY={task.repository} arxiv-bot doctor",
    )


def list_findings(root: Path, task: ListConfig, library: Sequence[Paper]) -> Iterator[Finding]:
    """Yield what a list of this repository has to say."""
    from bot.doctor.list_checks import Finding, Kind, Severity, of_list

    try:
        document = context.read_document(root / task.file)
    except (ConfigError, ListFormatError) as error:
        yield Finding(Kind.LIST, Severity.ERROR, str(error), "set 'file' to the list, from the root of the repository")
        return
    yield from of_list(task, document, library)


def workflows_here(root: Path) -> list[str]:
    """Return the paths of the workflows that call the bot."""
    files = sorted((root / ".github" / "workflows").glob("*.y*ml"))
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8", errors="replace") for path in files}
    return [path for path, text in texts.items() if any(call in text for call in _CALLS)]


def _of_arxiv(config: Config | None) -> Finding:
    """Ask arXiv for one paper."""
    from bot.doctor.list_checks import Finding, Kind, Severity

    try:
        context.api(config.contact if config else None, ARXIV_BUDGET_S).lookup([KNOWN_PAPER])
    except BotError as error:
        return Finding(
            Kind.ARXIV,
            Severity.ERROR,
            f"arXiv does not answer: {error}",
            "try again later; where only GitHub's machines are refused, the next run asks for what is missing",
        )
    return Finding(Kind.ARXIV, Severity.FINE, "arXiv answers")
