"""`init`: look at a list, and write a configuration and a workflow for it."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from bot import __version__
from bot.adopt import config_text
from bot.adopt.checkout import from_here, name_of, root_of, whole
from bot.adopt.config_text import ROLE, percent, section_line, share_of, told_by
from bot.adopt.generated import refuse_made
from bot.adopt.understanding import Place, Understanding, init_report, recognised_papers, understood
from bot.cli import console, context
from bot.cli.exits import DONE
from bot.cli.output import diff
from bot.cli.parser import DEFAULT_CONFIG
from bot.errors import ConfigError, UsageError, reason
from bot.judge.readiness import MIN_LISTED
from bot.model import Paper, counted
from bot.paperlist.read.unwritable import refuse_generated
from bot.sources.jsonl import read_papers
from bot.state.files import write_atomically

WORKFLOW = ".github/workflows/paper-list.yml"
ARXIV_BUDGET_S = 10.0
"""Seconds for looking up the listed papers."""
NEXT = """Next:
  1. Read {config}, and change what you know better.
  2. arxiv-bot run --dry-run --publish none{option}     what the bot would propose today
  3. In the repository's settings, under Actions > General > Workflow permissions, tick
     "Allow GitHub Actions to create and approve pull requests".
  4. Commit and push {what}; the first run is at the next scheduled hour, or by hand under Actions.
`arxiv-bot doctor{option}` says what is still missing."""


def main(options: argparse.Namespace) -> int:
    """Look at a list, and write a configuration and a workflow for it."""
    if not (options.yes or options.dry_run or options.json or sys.stdin.isatty()):
        raise UsageError("there is no terminal to ask on; add --yes to write the files, or --dry-run to see them")
    root = root_of(options.file)
    seen = _understood(options, root)
    config = options.config or root / DEFAULT_CONFIG
    files = {config: config_text.configuration(seen)}
    if options.config is None:
        files[root / WORKFLOW] = _workflow(options, seen)
    if not options.json:
        _print_understanding(seen)
    context.check_targets(*files)
    new = {path: text for path, text in files.items() if _text(path) != text}
    written: Collection[Path] = ()
    if not options.dry_run and (options.yes or not options.json):
        written = _write(new, ask=not options.yes)
    if options.json:
        console.document(init_report(seen, [(str(p), text, p in written) for p, text in files.items()]))
    elif options.dry_run:
        for path, text in new.items():
            console.say(_diff(path, text))
    else:
        _print_written(options, files, written)
    return DONE


def _understood(options: argparse.Namespace, root: Path) -> Understanding:
    document = context.read_document(options.file)
    refuse_generated(document)
    if not options.force:
        refuse_made(document, whole(options.file), root)
    listed = recognised_papers(document, {})
    place = Place(
        whole(options.file).relative_to(root).as_posix(), os.environ.get("GITHUB_REPOSITORY") or name_of(root)
    )
    topic = " ".join((options.topic or "").split())
    if not topic and len(listed) < MIN_LISTED and not (options.yes or options.dry_run or options.json):
        topic = _answer(f"{counted(len(listed), 'paper')} recognised. What is the list about, in a few words?")
    library = read_papers(options.library) if options.library else _looked_up([p.id for p in listed if p.id])
    return understood(document, place, library, context.now(options).date(), topic or None)


def _looked_up(ids: Sequence[str]) -> tuple[Paper, ...]:
    """Return what arXiv knows of the newest papers, in one request."""
    if not ids:
        return ()
    found = context.query_api(budget_s=ARXIV_BUDGET_S).fetch_by_id(sorted(ids, reverse=True))
    if not found:
        console.note("arXiv did not answer, so the categories are guessed from words; try again, or give --library")
    return found


def _workflow(options: argparse.Namespace, seen: Understanding) -> str:
    home, _, version = (options.bot or config_text.HOME).partition("@")
    if home.count("/") != 1:
        raise UsageError(f"--bot must be OWNER/NAME or OWNER/NAME@VERSION, not {options.bot!r}")
    return config_text.workflow(seen, home, version or f"v{__version__}")


def _print_understanding(seen: Understanding) -> None:
    """Print what was understood of a list."""
    console.say(
        f"{seen.file}: {counted(seen.papers, 'paper')} in {counted(len(seen.sections), 'section')}; list {seen.name!r}"
    )
    console.say(f"  date line: {seen.date_line or 'none'}")
    for section in seen.sections:
        console.say(f"  {section_line(section)}")
    if seen.topic:
        console.say(f"  topic: {seen.topic}")
    phrases = counted(len(seen.phrases), "phrase stands", "phrases stand")
    inside = f"{percent(seen.explained)} of the titles, and in " if seen.papers else ""
    console.say(f"  {phrases} in {inside}{percent(seen.matched)} of all arXiv at most:")
    for phrase in seen.phrases:
        console.say(f"    {share_of(phrase):>6}  {phrase.text}")
    if seen.young:
        console.say(f"  {ROLE[True]}")
    console.say(f"  categories, {told_by(seen)}: {', '.join(seen.categories) or 'all'}")
    console.say(f"  schedule: {seen.cron} UTC")
    console.say(f"  pace: {seen.pace}")
    if not seen.papers:
        console.note(
            "the list shows no paper yet: the first ones become rows of a table that waits for some, else plain items; "
            "write one of them as you like it, and later ones follow"
        )
    if not seen.telling:
        console.note(
            "the titles share few words that are rare elsewhere, so phrases will find little; what the list itself "
            "teaches counts. Add phrases that you know"
        )


# Files on disk


def _text(path: Path) -> str | None:
    """Return the text of a file, None where there is none."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {reason(error)}", path=from_here(path)) from None


def _write(files: Mapping[Path, str], *, ask: bool) -> list[Path]:
    """Write files, each if a person agrees; an existing file that differs is never replaced without asking."""
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


def _agreed(path: Path, text: str) -> bool:
    """Show what would be written and ask."""
    console.say(_diff(path, text))
    question = f"{from_here(path)} is there already. Replace it?" if path.exists() else f"Write {from_here(path)}?"
    return _answer(f"{question} [y/N]").casefold() in ("y", "yes")


def _answer(question: str) -> str:
    """Return what a person answers, nothing where there is nobody."""
    try:
        return " ".join(input(f"{question} ").split())
    except EOFError:
        return ""


def _diff(path: Path, text: str) -> str:
    """Return the difference to a file, which is named from the root of its repository."""
    name = whole(path).relative_to(root_of(path)).as_posix()
    return diff((_text(path) or "").encode(), text.encode(), name)


def _print_written(options: argparse.Namespace, files: Mapping[Path, str], written: Collection[Path]) -> None:
    """Print what became of each file, and what to do next once all are there."""
    for path in files:
        left = "left as it is" if path.exists() else "not written"
        console.say(f"{from_here(path)}: {'written' if path in written else left}")
    if all(path.exists() for path in files):
        config = from_here(next(iter(files)))
        option = "" if config == str(Path(DEFAULT_CONFIG)) else f" --config {shlex.quote(config)}"
        what = "both files" if len(files) > 1 else "it with a workflow that names it"
        console.say(NEXT.format(config=config, option=option, what=what))
