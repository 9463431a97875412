"""Several lists, one after the other: one that fails does not stop the others."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import TypeVar

from bot import __version__
from bot.errors import BotError, Failure

_log = logging.getLogger(__name__)

NEW_ISSUE = "This is a bug in arxiv-list-bot. Please report it with the lines above to its issue tracker."

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def each(
    tasks: Mapping[str, _Task], do: Callable[[_Task], _Result], doing: str = ""
) -> tuple[list[_Result], list[Failure]]:
    """Return what came of each list, by its name, and what failed; `doing` is logged for each."""
    results: list[_Result] = []
    failures: list[Failure] = []
    for name, task in tasks.items():
        try:
            if doing:
                _log.info(f"{name}: {doing}")
            results.append(do(task))
        except BotError as error:
            failures.append(Failure(name, str(error)))
            _log.warning(f"arxiv-bot: {error}")
        except Exception as error:
            failures.append(Failure(name, f"a bug: {type(error).__name__}: {error}", bug=True))
            _log.warning(f"{traceback.format_exc()}arxiv-bot {__version__}: {name}: {NEW_ISSUE}")
    return results, failures
