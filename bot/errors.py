"""What can go wrong, with the data a person needs to put it right.

Every error here is expected: the command line prints its message on one line and exits with 1, or 2 for wrong usage.
Anything else that escapes is a bug and exits with 3.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot import __version__

_log = logging.getLogger(__name__)
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

NEW_ISSUE = "This is a bug in arxiv-list-bot. Please report it with the lines above to its issue tracker."

_USERINFO = re.compile(r"((?:[A-Za-z][A-Za-z0-9+.-]*:)?//)[^/?#]*@|[^/?#:@]*:[^/?#]*@")
"""What stands before the host of an address: a password may be in it."""


class BotError(Exception):
    """An expected failure; its text says what happened, where, and what to do."""


class UsageError(BotError):
    """The command line asks for what cannot be."""


class ConfigError(BotError):
    """The configuration cannot be used.

    `path` is the file, `line` its line (from 1) and `key` the dotted path of the key, as far as known.
    """

    def __init__(self, message: str, *, path: str, line: int | None = None, key: str | None = None) -> None:
        self.path, self.line, self.key = path, line, key
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {key}: {message}" if key else f"{where}: {message}")


class SourceError(BotError):
    """A source could not be asked, or its answer cannot be believed.

    `message` is the text without the address. `url` is what was asked, without user and password; `status` the HTTP
    status if one came; `retry_after_s` the seconds the server asked to wait, if it did.
    """

    def __init__(
        self, message: str, *, url: str, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        found = _USERINFO.match(url)
        self.url = (found[1] or "") + url[found.end() :] if found else url
        self.message, self.status, self.retry_after_s = message, status, retry_after_s
        super().__init__(f"{message} ({self.url})")


class ListFormatError(BotError):
    """A list cannot be read or edited without harm. `line` counts from 1."""

    def __init__(self, message: str, *, path: str, line: int | None = None) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path}: {message}" if line is None else f"{path}:{line}: {message}")


class DuplicateError(BotError):
    """The paper is already in the list, at `line` (from 1)."""

    def __init__(self, message: str, *, path: str, line: int) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path}:{line}: {message}")


class ProposalError(BotError):
    """A proposal file is not one this version can trust."""


class StateError(BotError):
    """A state file is damaged or was written by a newer version."""


class PublishError(BotError):
    """A proposal could not be published. `status` is the HTTP status, if one came."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)


def reason(error: Exception) -> str:
    """Return why a file could not be read or written, without its name and the number of the error."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.object[error.start]:#04x} is not UTF-8"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing came of a list; `bug` if it was none of the errors above."""

    list: str
    error: str
    bug: bool = False


def each(
    tasks: Mapping[str, _Task], do: Callable[[_Task], _Result], doing: str = ""
) -> tuple[list[_Result], list[Failure]]:
    """Return the results for lists, by their names, and what failed: one does not stop the others."""
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
