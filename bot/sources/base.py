"""Where papers come from: one small protocol, one module per source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.model import NO_EXPECTATION, Batch, Expectation, Paper, Query, Window

FetchById = Callable[[Sequence[str]], Sequence[Paper]]
"""Returns the papers with some ids; those that the source does not know are left out."""


class Source(Protocol):
    """Yields the papers of a query, and says what it knows to exist.

    A source does not raise for what the far end did wrong: each window it could not prove complete comes back as an
    `Answer` whose `unknown` says why, beside the papers that did arrive. It raises `SourceError` only when nothing at
    all can be asked (a missing file, a malformed address).
    """

    name: str
    """How it is named to people."""
    proves: bool
    """Whether it can prove a window, so that its answers advance coverage."""

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the distinct papers first submitted inside the windows, with one answer per window.

        What differs from what is `expected` is doubted. An answer never covers a time after it was given.
        """
        ...

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return the latest metadata of papers, in one request, as far as they can be had: none by default."""
        return ()
