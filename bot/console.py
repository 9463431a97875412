"""What a person at the terminal sees: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def say(text: str) -> None:
    """Print a result."""
    print(text)


def note(text: str) -> None:
    """Print what is not a result."""
    print(text, file=sys.stderr, flush=True)


def document(value: Any) -> None:
    """Print the one JSON document of `--json`, with escapes of its own where the terminal cannot show its signs."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=1)
    print(text)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something takes time: a spinner on a terminal, plain lines elsewhere; `progress` adds to it."""
    if not sys.stderr.isatty():
        note(f"{what} ...")
        with _telling(lambda text: note(f"{what}: {text}")):
            yield
        return
    from rich.console import Console
    from rich.markup import escape

    with (
        Console(stderr=True).status(escape(what)) as status,
        _telling(lambda text: status.update(escape(f"{what}: {text}"))),
    ):
        yield


def progress(text: str) -> None:
    """Say how far the work that is being shown has come; nothing while none is."""
    if _tellers:
        _tellers[-1](text)


_tellers: list[Callable[[str], None]] = []


@contextmanager
def _telling(tell: Callable[[str], None]) -> Iterator[None]:
    _tellers.append(tell)
    try:
        yield
    finally:
        _tellers.pop()
