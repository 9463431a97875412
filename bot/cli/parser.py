"""The options of every command."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from pathlib import Path

from bot import __version__

DEFAULT_CONFIG = "config/keywords.yaml"


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; `command` is the module of `bot.cli` to call. Exit where the usage is wrong."""
    parser = ArgumentParser(
        prog="arxiv-bot",
        description="Keeps a curated Markdown list of arXiv papers up to date through one rolling pull request.",
        epilog="Exit status: 0 done, 1 failed with a message, 2 wrong usage, 3 a bug, 4 done but coverage incomplete, "
        "5 lint found errors.",
    )
    parser.add_argument("--version", action="version", version=f"arxiv-bot {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    with_value: set[str] = set()
    for name, (what, add_options) in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
        command.set_defaults(command=name)
        command.add_argument("--config", type=Path, metavar="FILE", help=f"default: {DEFAULT_CONFIG}")
        command.add_argument("--json", action="store_true", help="print one JSON document")
        command.add_argument("--today", type=_today, metavar="DATE", help="run as if at the end of this day, UTC")
        add_options(command)
        with_value.update(option for a in command._actions if a.nargs != 0 for option in a.option_strings)
    return parser.parse_args(_without_empty(arguments, with_value))


def _without_empty(arguments: Sequence[str], with_value: Collection[str]) -> list[str]:
    """Return the arguments without options whose value is empty: how a workflow passes inputs that were left out."""
    kept: list[str] = []
    for argument in arguments:
        if argument == "" and kept and kept[-1] in with_value:
            kept.pop()
        else:
            kept.append(argument)
    return kept


# The options of each command


def _run(command: ArgumentParser) -> None:
    _add_windows(command)
    _add_lists(command)
    _add_limit(command)
    command.add_argument(
        "--dry-run", action="store_true", help="print the diff and the pull request's text, change nothing"
    )
    _add_report(command)


def _discover(command: ArgumentParser) -> None:
    _add_windows(command)
    _add_lists(command)
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the proposal goes")
    _add_report(command)


def _publish(command: ArgumentParser) -> None:
    command.add_argument("proposal", type=Path, help="what discover wrote")
    _add_days(command)
    command.set_defaults(source=None)
    _add_lists(command)
    _add_limit(command)
    _add_report(command)
    command.add_argument(
        "--max-gap-days", type=int, metavar="N", help="fail, after publishing, when a coverage gap is older"
    )


def _review(command: ArgumentParser) -> None:
    command.add_argument(
        "pull", nargs="?", type=_number, metavar="PR", help="its number; lists with another open one are skipped"
    )
    _add_lists(command)
    _add_report(command)


def _decide(command: ArgumentParser) -> None:
    command.add_argument("paper", metavar="ID", help="id or link of a paper")
    command.add_argument("action", choices=("reject", "move", "defer", "dismiss", "undo"), help="the decision")
    command.add_argument(
        "words", nargs="*", metavar="...", help="reject: because REASON; move: to SECTION; defer: until DATE"
    )
    _add_lists(command)


def _show(command: ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="LIST.md")


def _add(command: ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="LIST.md")
    command.add_argument("ids", nargs="*", metavar="ID", help="ids or links of papers; arXiv is asked for the rest")
    command.add_argument("--paper", type=Path, metavar="FILE.json", help="a paper's metadata instead of an id")
    command.add_argument("--section", metavar="S", help="heading, or JSON array of the heading path")
    command.add_argument("--dry-run", action="store_true", help="print the diff, change nothing")


def _judge(command: ArgumentParser) -> None:
    command.add_argument("--papers", type=Path, required=True, metavar="FILE.jsonl")
    _add_file(command, "instead of the configured list's file")
    _add_library(command, "metadata of listed papers: duplicates are found by their full titles")


def _evaluate(command: ArgumentParser) -> None:
    _add_file(command, "the list", required=True)
    _add_library(command, "metadata of listed papers and of others", required=True)
    command.add_argument("--out", type=Path, metavar="FOLDER", help="where the pictures go, as evaluation.svg")


def _init(command: ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="LIST.md")
    command.add_argument("--topic", metavar="WORDS", help="what the list is about; needed where it does not show that")
    _add_library(command, "metadata of listed papers, instead of asking arXiv for it: their categories")
    command.add_argument("--bot", metavar="OWNER/NAME@VERSION", help="where the workflow takes the bot from")
    command.add_argument("--force", action="store_true", help="also where a script seems to write the list")
    command.add_argument("--yes", action="store_true", help="write without asking, but replace nothing")
    command.add_argument("--dry-run", action="store_true", help="print the files, write nothing")


def _upkeep(command: ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="LIST.md")
    _add_library(command, "records of listed papers, instead of asking arXiv for them")
    command.add_argument("--apply", action="store_true", help="write every change that is certain")


def _lint(command: ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="LIST.md")
    _add_library(command, "records of listed papers: titles and withdrawals are checked by them")
    command.add_argument("--ask", action="store_true", help="ask arXiv for these records; ids that it lacks are told")
    command.add_argument("--fix", action="store_true", help="mend what is certain")


def _doctor(command: ArgumentParser) -> None:
    _add_library(command, "metadata of listed papers: their abstracts")


def _status(command: ArgumentParser) -> None:
    _add_publish(command, "local and none print the text (default: github where GITHUB_REPOSITORY is set, else local)")
    command.add_argument("--result", choices=("done", "failed"), help="the result of the run that this is part of")


def _serve(command: ArgumentParser) -> None:
    _add_lists(command)
    command.add_argument("--check", action="store_true", help="only report whether the running process is well: 0 or 1")
    command.add_argument(
        "--review-every", type=int, default=15, metavar="MINUTES", help="look at boxes and comments; 0: only when run"
    )
    command.set_defaults(source=None, fresh=False)


COMMANDS: Mapping[str, tuple[str, Callable[[ArgumentParser], None]]] = {
    "run": ("find new papers and propose them", _run),
    "discover": ("the half of run that only reads", _discover),
    "publish": ("the half of run that writes", _publish),
    "review": ("do what people asked for in the pull request", _review),
    "decide": ("decide on a paper, as a comment would", _decide),
    "show": ("print a list as the bot understands it", _show),
    "add": ("add papers to a list by hand", _add),
    "judge": ("judge what belongs in a list, where, and why", _judge),
    "evaluate": ("measure what the bot would have found for a list", _evaluate),
    "upkeep": ("find what became of listed papers: venues, code, new titles", _upkeep),
    "lint": ("find what is wrong in a list", _lint),
    "serve": ("run the lists on their schedules until stopped", _serve),
    "init": ("look at a list, write a configuration and a workflow for it", _init),
    "doctor": ("check configuration, list, token and repository settings", _doctor),
    "status": ("refresh the status issue", _status),
}


# Options that commands share


def _add_days(command: ArgumentParser) -> None:
    command.add_argument("--since", type=_day, metavar="DATE", help="first day of submission to ask about, UTC")
    command.add_argument("--until", type=_day, metavar="DATE", help="day to stop before (default: now)")


def _add_windows(command: ArgumentParser) -> None:
    _add_days(command)
    command.add_argument(
        "--source", metavar="S", help="api, rss, sample, or a FILE.jsonl (default: the sources of the configuration)"
    )
    command.add_argument("--fresh", action="store_true", help="ask again what arXiv answered today already")


def _add_lists(command: ArgumentParser) -> None:
    command.add_argument("--list", metavar="NAME", help="only this list of the configuration")
    _add_publish(command, "default: github where GITHUB_REPOSITORY is set, else local")


def _add_publish(command: ArgumentParser, what: str) -> None:
    command.add_argument("--publish", choices=("github", "local", "none"), help=what, dest="place")


def _add_limit(command: ArgumentParser) -> None:
    command.add_argument("--max-open", type=int, metavar="N", help="most papers in the pull request")


def _add_report(command: ArgumentParser) -> None:
    command.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")


def _add_file(command: ArgumentParser, what: str, *, required: bool = False) -> None:
    command.add_argument("--list", type=Path, required=required, metavar="LIST.md", dest="file", help=what)


def _add_library(command: ArgumentParser, what: str, *, required: bool = False) -> None:
    command.add_argument("--library", type=Path, required=required, metavar="FILE.jsonl", help=what)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a pull request, like 12")
    return int(text)


def _today(text: str) -> date:
    from bot.model import ARXIV_BEGAN, TIME_ENDS  # `--help` does without

    day = _day(text)
    if not ARXIV_BEGAN.date() <= day < TIME_ENDS.date():
        raise argparse.ArgumentTypeError(f"{text} is not between {ARXIV_BEGAN:%Y-%m-%d} and 9998-12-31")
    return day


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2025-11-03") from None
