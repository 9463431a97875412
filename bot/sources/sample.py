"""The embedded sample: invented papers that show every case, for trying the bot without network."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Query, Window
from bot.sources.base import Source
from bot.sources.jsonl import distinct


class SampleSource(Source):
    """Yields the same invented papers whatever is asked, which prove nothing about arXiv."""

    name = "sample"
    proves = False

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return all sample papers, and for each window that all of them came."""
        with (resources.files("bot.sources") / "sample.jsonl").open("rb") as lines:
            papers = distinct(lines, "sample.jsonl")
        return Batch(papers, tuple(Answer(self.name, window, len(papers), len(papers)) for window in windows))
