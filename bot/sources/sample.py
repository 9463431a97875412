"""The embedded sample: invented papers that show every case, for trying the bot without network."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Window
from bot.sources.jsonl import distinct


class SampleSource:
    """Yields the same invented papers whatever is asked; see `bot.sources.Source`.

    Windows do not matter: it is a demonstration, and its answers prove nothing about arXiv.
    """

    name = "sample"
    proves = False

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return all sample papers, and for each window that all of them came."""
        sample = resources.files("bot.sources") / "sample.jsonl"
        with sample.open("rb") as lines:
            papers = distinct(lines, "sample.jsonl")
        count = len(papers)
        return Batch(papers, tuple(Answer(self.name, window, count, count) for window in windows))

    def recheck(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return nothing: what it holds does not change."""
        return ()
