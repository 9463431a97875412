"""The one place where the program ends: parse arguments, call one command, exit.

A command's module is imported when it is called, so that `--help` loads no heavy package.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from bot import __version__
from bot.cli import console, parser
from bot.cli.exits import BUG, FAILED, WRONG_USAGE
from bot.errors import NEW_ISSUE, BotError, UsageError


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its status (`bot.cli.exits`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a title must not stop a run where the terminal shows ASCII only
            stream.reconfigure(errors="backslashreplace")
    options = parser.parsed(sys.argv[1:] if arguments is None else arguments)
    console.listen()
    try:
        code: int = import_module(f"bot.cli.{options.command}").main(options)
    except BotError as error:
        usage = isinstance(error, UsageError)
        console.note(f"arxiv-bot: {'error: ' if usage else ''}{error}")
        code = WRONG_USAGE if usage else FAILED
    except KeyboardInterrupt:
        console.note("arxiv-bot: stopped; nothing half-written is left behind")
        code = FAILED
    except Exception:
        console.note(f"{traceback.format_exc()}arxiv-bot {__version__}: {NEW_ISSUE}")
        code = BUG
    sys.exit(code)
