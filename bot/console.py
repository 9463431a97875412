"""What a person at the terminal sees: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
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
    """Show that something takes time: a spinner on a terminal, a plain line elsewhere."""
    if not sys.stderr.isatty():
        note(f"{what} ...")
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
