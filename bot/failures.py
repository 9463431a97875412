"""Several lists, one after the other: one that fails does not stop the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TypeVar

from bot import __version__, console
from bot.errors import BotError, Failure

NEW_ISSUE = "This is a bug in arxiv-list-bot. Please report it with the lines above to its issue tracker."

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def each(
    tasks: Mapping[str, _Task], do: Callable[[_Task], _Result], doing: str = ""
) -> tuple[list[_Result], list[Failure]]:
    """Return what came of each list, by its name, and what failed; `doing` is shown meanwhile."""
    results: list[_Result] = []
    failures: list[Failure] = []
    for name, task in tasks.items():
        try:
            with console.working(f"{name}: {doing}") if doing else nullcontext():
                results.append(do(task))
        except BotError as error:
            failures.append(Failure(name, str(error)))
            console.note(f"arxiv-bot: {error}")
        except Exception as error:
            failures.append(Failure(name, f"a bug: {type(error).__name__}: {error}", bug=True))
            console.note(f"{traceback.format_exc()}arxiv-bot {__version__}: {name}: {NEW_ISSUE}")
    return results, failures
