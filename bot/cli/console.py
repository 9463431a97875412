"""What a person at the terminal sees: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, TextIO

_COMMAND = re.compile(r"((?:^|\r)\s*:)(?=:)|#(?=#\[)", re.MULTILINE)
"""What makes a line a command to GitHub Actions (https://github.com/actions/runner, `ActionCommand.cs`)."""


class _State:
    """What is shown now: lines of a log while `logged`, progress while `working`."""

    log: Callable[[str], None] | None = None
    progress: Callable[[str], None] | None = None


class _Handler(logging.Handler):
    """Shows what is logged: warnings as notes, information as progress."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            note(self.format(record))
        elif _State.progress:
            _State.progress(self.format(record))


def listen() -> None:
    """Show what the rooms of the bot log from now on, and the warnings of every package."""
    logging.basicConfig(format="%(message)s", handlers=[_Handler()], force=True)
    logging.captureWarnings(True)
    logging.getLogger("bot").setLevel(logging.INFO)


def say(text: str) -> None:
    """Print a result."""
    _show(text, sys.stdout)


def note(text: str) -> None:
    """Print what is not a result."""
    _show(text, sys.stderr)


def document(value: Any) -> None:
    """Print the one JSON document of `--json`, in ASCII where the terminal cannot show its characters."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=1)
    _print(text.replace("##[", "#\\u0023["), sys.stdout)  # which GitHub Actions would take for a command


@contextmanager
def logged(*, as_json: bool) -> Iterator[None]:
    """Print everything as lines of a log on standard error, each with its time, as text or as one JSON object."""

    def log(text: str) -> None:
        time = datetime.now(UTC).isoformat(timespec="seconds")
        _print(json.dumps({"time": time, "message": text}) if as_json else f"{time} {text}", sys.stderr)

    _State.log = log
    try:
        yield
    finally:
        _State.log = None


@contextmanager
def working(what: str = "") -> Iterator[None]:
    """Show progress while something takes time: a spinner on a terminal, a line for each step elsewhere."""
    terminal = sys.stderr.isatty() and not _State.log
    steps: AbstractContextManager[Callable[[str], None]]
    steps = _spinner() if terminal else nullcontext(lambda step: note(f"{step} ..."))
    with steps as show:
        if what:
            show(what)
        _State.progress = lambda step: show(f"{what}: {step}" if what else step)
        try:
            yield
        finally:
            _State.progress = None


@contextmanager
def _spinner() -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("") as status:
        yield lambda text: status.update(escape(text))


def _show(text: str, stream: TextIO) -> None:
    """Print text to a stream, or to the log; in GitHub Actions a title or an abstract must not act as a command."""
    if _State.log:
        _State.log(text)
    else:
        _print(_COMMAND.sub("\\g<0>\u200b", text) if os.environ.get("GITHUB_ACTIONS") else text, stream)


def _print(text: str, stream: TextIO) -> None:
    """Print at once; where nobody reads any more, as behind `head`, print nothing and let the work go on."""
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
