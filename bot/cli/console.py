"""What a person at the terminal sees: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

_COMMAND = re.compile(r"^(?=\s*::)(\s*:)|(#)(?=#\[)", re.MULTILINE)
"""What makes a line a command to GitHub Actions (https://github.com/actions/runner, `ActionCommand.cs`)."""


def say(text: str) -> None:
    """Print a result."""
    if _logs:
        _logs[-1](text)
    else:
        _print(_inert(text), sys.stdout)


def note(text: str) -> None:
    """Print what is not a result."""
    if _logs:
        _logs[-1](text)
    else:
        _print(_inert(text), sys.stderr)


def _inert(text: str) -> str:
    """Return text that is no command where GitHub Actions reads along: a title or an abstract may hold one."""
    return _COMMAND.sub("\\g<0>\u200b", text) if os.environ.get("GITHUB_ACTIONS") else text


@contextmanager
def logged(*, as_json: bool) -> Iterator[None]:
    """Print everything as lines of a log on standard error, each with its time, as text or as one JSON object."""

    def log(text: str) -> None:
        time = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"time": time, "message": text}, ensure_ascii=True) if as_json else f"{time} {text}"
        _print(line, sys.stderr)

    _logs.append(log)
    try:
        yield
    finally:
        _logs.pop()


def document(value: Any) -> None:
    """Print the one JSON document of `--json`, with escapes of its own where the terminal cannot show its signs."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=1)
    _print(text, sys.stdout)


def _print(text: str, stream: TextIO) -> None:
    """Print at once; where nobody reads any more, as behind `head`, nothing is printed and the work goes on."""
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def working(what: str = "") -> Iterator[None]:
    """Show that something takes time: a spinner on a terminal, plain lines elsewhere; `progress` adds to it."""

    def line(text: str) -> str:
        return f"{what}: {text}" if what and text else what or text

    if _logs or not sys.stderr.isatty():
        if what:
            note(f"{what} ...")
        with _showing(lambda text: note(line(text) if what else f"{text} ...")):
            yield
        return
    from rich.console import Console
    from rich.markup import escape

    with (
        Console(stderr=True).status(escape(line(""))) as status,
        _showing(lambda text: status.update(escape(line(text)))),
    ):
        yield


def progress(text: str) -> None:
    """Show how far the work has come; nothing outside `working`."""
    if _shown_by:
        _shown_by[-1](text)


class _Handler(logging.Handler):
    """Show what the rooms log: warnings as notes, information as progress."""

    def emit(self, record: logging.LogRecord) -> None:
        (note if record.levelno >= logging.WARNING else progress)(record.getMessage())


def listen() -> None:
    """Show what the rooms of the bot log from now on."""
    log = logging.getLogger("bot")
    log.handlers, log.propagate = [_Handler()], False
    log.setLevel(logging.INFO)


_logs: list[Callable[[str], None]] = []
_shown_by: list[Callable[[str], None]] = []


@contextmanager
def _showing(show: Callable[[str], None]) -> Iterator[None]:
    _shown_by.append(show)
    try:
        yield
    finally:
        _shown_by.pop()
