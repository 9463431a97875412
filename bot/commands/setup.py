"""The commands that set the bot up for a list: init."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot import __version__, console
from bot.commands import setting
from bot.commands.setting import DEFAULT_CONFIG, DONE
from bot.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from bot.service.adoption import Understanding

WORKFLOW = ".github/workflows/paper-list.yml"
NEXT = """Next:
  1. Read {config}, and change what you know better.
  2. arxiv-bot run --dry-run --publish none     what the bot would propose today
  3. In the repository's settings, under Actions > General > Workflow permissions, tick
     "Allow GitHub Actions to create and approve pull requests".
  4. Commit and push both files; the first run is at the next scheduled hour, or by hand under Actions.
`arxiv-bot doctor` says what is still missing."""


def init(options: argparse.Namespace) -> int:
    """Look at a list, and write a configuration and a workflow for it."""
    if not (options.yes or options.dry_run or options.json or sys.stdin.isatty()):
        raise UsageError("nobody is here to ask; add --yes to write the files, or --dry-run to see them")
    config = options.config or _root(options) / DEFAULT_CONFIG
    seen = _understood(options)
    files = {config: _configuration(seen)}
    if options.config is None:
        files[_root(options) / WORKFLOW] = _workflow(options, seen)
    setting.check_targets(*files)
    new = {path: text for path, text in files.items() if _text(path) != text}
    written: list[Path] = []
    if not options.json:
        _tell(seen)
    if not options.dry_run and (options.yes or not options.json):
        written = _write(new, ask=not options.yes)
    if options.json:
        from bot.service.adoption import report

        console.document(report(seen, [(str(path), text, path in written) for path, text in files.items()]))
    elif options.dry_run:
        for path, text in new.items():
            console.say(setting.diff((_text(path) or "").encode(), text.encode(), str(path)))
    else:
        for path in files:
            console.say(f"{path}: " + ("written" if path in written else "left as it is"))
        console.say(NEXT.format(config=config))
    return DONE


def _root(options: argparse.Namespace) -> Path:
    from bot.service.checkout import root_of

    return root_of(options.file)


def _understood(options: argparse.Namespace) -> Understanding:
    from bot.history import past_commits
    from bot.judge import background
    from bot.paperlist.habit import Habits
    from bot.service import adoption, categories, checkout
    from bot.sources.jsonl import read_papers

    document = setting.read_document(options.file)
    root = _root(options)
    return adoption.understood(
        document,
        options.file.absolute().relative_to(root).as_posix(),
        checkout.name_of(root, os.environ.get("GITHUB_REPOSITORY", "")),
        Habits(document, past_commits(options.file)),
        background.shipped(),
        categories.shipped(),
        read_papers(options.library) if options.library else (),
        setting.now(options).date(),
    )


def _configuration(seen: Understanding) -> str:
    from bot.service import written

    return written.configuration(seen)


def _workflow(options: argparse.Namespace, seen: Understanding) -> str:
    from bot.service import written

    home, _, version = (options.bot or written.HOME).partition("@")
    if home.count("/") != 1:
        raise UsageError(f"--bot must be OWNER/NAME or OWNER/NAME@VERSION, not {options.bot!r}")
    return written.workflow(seen, home, version or f"v{__version__}")


def _text(path: Path) -> str | None:
    """Return what a file holds, None where there is none."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", path=str(path)) from None


def _write(files: dict[Path, str], *, ask: bool) -> list[Path]:
    """Write files, each if a person agrees; a file that is there and differs is never replaced without a question."""
    from bot.store import write_atomically

    there = [path for path in files if path.exists()]
    if there and not ask:
        raise ConfigError(
            "is there already and differs; nothing was written. Run without --yes to be asked, with --dry-run to see "
            "the difference, or move it away",
            path=str(there[0]),
        )
    agreed = [path for path, text in files.items() if not ask or _agreed(path, text)]
    for path in agreed:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, files[path].encode())
    return agreed


def _agreed(path: Path, text: str) -> bool:
    """Show what would be written and ask."""
    console.say(setting.diff((_text(path) or "").encode(), text.encode(), str(path)))
    question = f"{path} is there already. Replace it?" if path.exists() else f"Write {path}?"
    try:
        return input(f"{question} [y/N] ").strip().casefold() in ("y", "yes")
    except EOFError:
        return False


def _tell(seen: Understanding) -> None:
    """Print what was understood of a list."""
    from bot.service.written import percent, section_line

    console.say(f"{seen.file}: {seen.papers} papers in {len(seen.sections)} sections; list {seen.name!r}")
    console.say(f"  date line: {seen.date_line or 'none'}")
    for section in seen.sections:
        console.say(f"  {section_line(section)}")
    console.say(
        f"  {len(seen.phrases)} phrases stand in {percent(seen.explained)} of the titles, "
        f"and in {percent(seen.matched)} of all arXiv at most:"
    )
    for phrase in seen.phrases:
        console.say(f"    {percent(phrase.share):>6}  {phrase.text}")
    origin = f"of {seen.known} listed papers" if seen.known else "guessed from words"
    console.say(f"  categories, {origin}: {', '.join(seen.categories) or 'all'}")
    console.say(f"  schedule: {seen.cron} UTC")
    if not seen.telling:
        console.note(
            "the titles have few words in common that are rare elsewhere: phrases will find little, what the list "
            "teaches by itself counts; add phrases that you know"
        )
