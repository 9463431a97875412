"""The doors: parse arguments, call one function, print, exit.

Only here does the program end. Heavy packages are imported in the command that needs them, so that `--help` costs
nothing.
"""

from __future__ import annotations

import argparse
import io
import sys
import traceback
from collections.abc import Callable, Collection, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from bot import __version__
from bot.cli import console, list_commands, runs, setup
from bot.cli import decide as deciding
from bot.cli import serve as service
from bot.cli import status as standing
from bot.cli.context import BUG, DEFAULT_CONFIG, FAILED, WRONG_USAGE
from bot.errors import NEW_ISSUE, BotError, UsageError
from bot.model import ARXIV_BEGAN, TIME_ENDS


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit: 0 done, 1 expected failure, 2 wrong usage, 3 a bug, 4 done but coverage incomplete."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a title must not stop a run where the terminal knows ASCII only
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    given = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args(_without_empty(given, _with_value(parser)))
    command: Callable[[argparse.Namespace], int] = options.command
    console.listen()
    try:
        code = command(options)
    except UsageError as error:
        console.note(f"arxiv-bot: error: {error}")
        code = WRONG_USAGE
    except BotError as error:
        console.note(f"arxiv-bot: {error}")
        code = FAILED
    except KeyboardInterrupt:
        console.note("arxiv-bot: stopped; nothing half-written is left behind")
        code = FAILED
    except Exception:
        traceback.print_exc()
        console.note(f"arxiv-bot {__version__}: {NEW_ISSUE}")
        code = BUG
    sys.exit(code)


def _without_empty(arguments: Sequence[str], with_value: Collection[str]) -> list[str]:
    """Drop options whose value is the empty string: a workflow passes inputs that were left out so."""
    kept: list[str] = []
    for argument in arguments:
        if argument == "" and kept and kept[-1] in with_value:
            kept.pop()
        else:
            kept.append(argument)
    return kept


def _with_value(parser: argparse.ArgumentParser) -> frozenset[str]:
    """Return the options of all commands that take a value."""
    found: set[str] = set()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found.update(*(_with_value(command) for command in action.choices.values()))
        elif action.nargs != 0:
            found.update(action.option_strings)
    return frozenset(found)


# Arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="arxiv-bot",
        description="Keeps a curated Markdown list of arXiv papers up to date through one rolling pull request.",
        epilog="Exit status: 0 done, 1 failed with a message, 2 wrong usage, 3 a bug, 4 done but coverage incomplete.",
    )
    parser.add_argument("--version", action="version", version=f"arxiv-bot {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    run = _command(commands, "run", runs.run, "find new papers and propose them")
    _window_options(run)
    _list_options(run)
    _limit_option(run)
    run.add_argument(
        "--dry-run", action="store_true", help="print the diff and the pull request's text, change nothing"
    )
    run.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")

    discover = _command(commands, "discover", runs.discover, "the half of run that only reads")
    _window_options(discover)
    _list_options(discover)
    discover.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the proposal goes")
    discover.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")

    publish = _command(commands, "publish", runs.publish, "the half of run that writes")
    publish.add_argument("proposal", type=Path, help="what discover wrote")
    _list_options(publish)
    _limit_option(publish)
    publish.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")
    publish.add_argument(
        "--max-gap-days", type=int, metavar="N", help="fail, after publishing, when a coverage gap is older"
    )

    review = _command(commands, "review", runs.review, "do what people asked for in the pull request")
    review.add_argument(
        "pull", nargs="?", type=_number, metavar="PR", help="its number; lists with another one open are passed over"
    )
    _list_options(review)
    review.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")

    decide = _command(commands, "decide", deciding.decide, "say what becomes of a paper, as a comment would")
    decide.add_argument("paper", metavar="ID", help="id or link of a paper")
    decide.add_argument("action", choices=("reject", "move", "defer", "dismiss", "undo"), help="what is decided")
    decide.add_argument(
        "words", nargs="*", metavar="...", help="reject: because REASON; move: to SECTION; defer: until DATE"
    )
    _list_options(decide)

    show = _command(commands, "show", list_commands.show, "print a list as the bot understands it")
    show.add_argument("file", type=Path, metavar="LIST.md")

    add = _command(commands, "add", list_commands.add, "add papers to a list by hand")
    add.add_argument("file", type=Path, metavar="LIST.md")
    add.add_argument("ids", nargs="*", metavar="ID", help="ids or links of papers; their metadata is asked of arXiv")
    add.add_argument("--paper", type=Path, metavar="FILE.json", help="a paper's metadata instead of an id")
    add.add_argument("--section", metavar="S", help="heading, or JSON array of the heading path")
    add.add_argument("--dry-run", action="store_true", help="print the diff, change nothing")

    judge = _command(commands, "judge", list_commands.judge, "say what belongs in a list, where, and why")
    judge.add_argument("--papers", type=Path, required=True, metavar="FILE.jsonl")
    judge.add_argument(
        "--list", type=Path, metavar="LIST.md", dest="file", help="instead of the configured list's file"
    )
    judge.add_argument(
        "--library",
        type=Path,
        metavar="FILE.jsonl",
        help="metadata of listed papers: their full titles tell duplicates",
    )

    evaluate = _command(commands, "evaluate", list_commands.evaluate, "say what the bot would have found for a list")
    evaluate.add_argument("--list", type=Path, required=True, metavar="LIST.md", dest="file", help="the list")
    evaluate.add_argument(
        "--library", type=Path, required=True, metavar="FILE.jsonl", help="metadata of listed papers and of others"
    )
    evaluate.add_argument("--out", type=Path, metavar="FOLDER", help="where the pictures go, as evaluation.svg")

    serve = _command(commands, "serve", service.serve, "run the lists on their schedules until stopped")
    _list_options(serve)
    serve.add_argument("--check", action="store_true", help="only say whether the running process is well: 0, or 1")
    serve.add_argument("--record", type=Path, metavar="FILE", help="its own record (default: state/serve.json)")
    serve.add_argument(
        "--review-every", type=int, default=15, metavar="MINUTES", help="look at boxes and comments; 0: only when run"
    )
    serve.set_defaults(source=None, fresh=False)

    init = _command(commands, "init", setup.init, "look at a list, write a configuration and a workflow for it")
    init.add_argument("file", type=Path, metavar="LIST.md")
    init.add_argument("--library", type=Path, metavar="FILE.jsonl", help="metadata of listed papers: their categories")
    init.add_argument("--bot", metavar="OWNER/NAME@VERSION", help="where the workflow takes the bot from")
    init.add_argument("--yes", action="store_true", help="write without asking, except over what is there")
    init.add_argument("--dry-run", action="store_true", help="print the files, write nothing")
    init.add_argument(
        "--pull-request", action="store_true", help="propose the files on GitHub; needs a person's GITHUB_TOKEN"
    )

    doctor = _command(commands, "doctor", setup.doctor, "check configuration, list, token and repository settings")
    doctor.add_argument("--library", type=Path, metavar="FILE.jsonl", help="metadata of listed papers: their abstracts")

    status = _command(commands, "status", standing.status, "tell how the lists stand, in an issue")
    status.add_argument(
        "--publish",
        choices=("github", "local", "none"),
        help="local and none print the text (default: github where GITHUB_REPOSITORY is set, else local)",
        dest="place",
    )
    status.add_argument("--result", choices=("done", "failed"), help="what came of the run that this is part of")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    function: Callable[[argparse.Namespace], int],
    what: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
    parser.set_defaults(command=function)
    parser.add_argument("--config", type=Path, default=None, metavar="FILE", help=f"default: {DEFAULT_CONFIG}")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--today", type=_today, metavar="DATE", help="run as if at the end of this day, UTC")
    return parser


def _window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=_day, metavar="DATE", help="first day of submission to ask about, UTC")
    parser.add_argument("--until", type=_day, metavar="DATE", help="day to stop before (default: now)")
    parser.add_argument(
        "--source", metavar="S", help="api, rss, sample, or a FILE.jsonl (default: the sources of the configuration)"
    )
    parser.add_argument("--fresh", action="store_true", help="ask again what arXiv answered today already")


def _list_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", metavar="NAME", help="only this list of the configuration")
    parser.add_argument(
        "--publish",
        choices=("github", "local", "none"),
        help="default: github where GITHUB_REPOSITORY is set, else local",
        dest="place",
    )


def _limit_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--max-open", type=int, metavar="N", help="most papers in the pull request")


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a pull request, like 12")
    return int(text)


def _today(text: str) -> date:
    day = _day(text)
    if not ARXIV_BEGAN.date() <= day < TIME_ENDS.date():
        raise argparse.ArgumentTypeError(f"{text} is not between {ARXIV_BEGAN:%Y-%m-%d} and 9998-12-31")
    return day


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2025-11-03") from None
