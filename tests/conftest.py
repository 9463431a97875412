"""What many tests share: a small list, a small configuration, a source that answers as told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest

from bot import config
from bot.config import Config
from bot.coverage.sentences import sentence
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Reason, Unknown, Window
from tests import QUICK

hypothesis.settings.register_profile("quick", max_examples=10, deadline=None)
if QUICK:
    hypothesis.settings.load_profile("quick")

ROOT = Path(__file__).parents[1]
HEAVY = ("test_backlog.py", "test_cost.py", "test_hostile.py", "test_zoo.py")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark the tests that are too heavy to be traced for coverage, which takes twice the time."""
    for item in items:
        aside = {"slow", "benchmarks", "tools"} & {*item.path.parts[len(ROOT.parts) :]}
        if aside or "hypothesis" in item.keywords or item.path.name in HEAVY:
            item.add_marker("untraced")


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores: some tests wait for a pause or a timeout."""
    return (os.cpu_count() or 1) + 1


NOW = datetime(2026, 3, 4, 6, 37, tzinfo=UTC)

LIST = b"""# Serving

**Last Update: 2026-01-01**

- [Serving](#serving)
  - [Survey](#survey)
  - [Caches](#caches)

## Survey
|Paper|Code|
|--|--|
[[2401.00001] A Survey of Everything (arxiv.org)](https://arxiv.org/abs/2401.00001)||

## Caches
|Paper|Code|
|--|--|
[[2401.00002] Caching Things (arxiv.org)](https://arxiv.org/abs/2401.00002)|https://github.com/example-lab/caching|
"""

CONFIG = """lists:
  - name: serving
    file: README.md
    keywords: [{phrase: LLM serving, weight: 0.8}, {phrase: KV cache, weight: 0.7}, {phrase: latency, weight: 0.1}]
    sections:
      - {heading: Survey, keywords: [{phrase: survey, field: title, weight: 0.8}]}
      - {heading: Caches, keywords: [{phrase: cache, weight: 0.6}]}
    unsorted: Unsorted
    limits: {max_open: 3, near_misses: 2, at_once_at: 0.01}
"""
"""As many new papers as there is room for at every run: most tests run several times a day."""


def paper(number: int, title: str, summary: str = "") -> Paper:
    """Return an invented paper submitted on the day before NOW."""
    return Paper(f"2603.{number:05}", title, ("A. Author",), summary, ("cs.DC",), "cs.DC", NOW - timedelta(days=1))


PAPERS = (
    paper(
        1,
        "KV Cache Eviction for LLM Serving",
        "We evict. Our code is available at https://github.com/example-lab/evict.",
    ),
    paper(2, "A Survey of LLM Serving"),
    paper(3, "Scheduling for LLM Serving"),
    paper(4, "Low Latency Networks"),
    paper(5, "Galaxies"),
)


def failed(text: str = "timeout") -> Unknown:
    """Return why a window is unknown whose source failed."""
    return Unknown(Reason.FAILED, text=text)


def told(answer: Answer) -> str:
    """Return what people read of an answer that proves nothing, else nothing."""
    return sentence(answer.unknown) if answer.unknown else ""


@dataclass
class ToldSource:
    """Says what it is told, as the API would, and remembers the windows it was asked."""

    papers: Sequence[Paper] = PAPERS
    unknown: Unknown | None = None
    name: str = "api"
    proves: bool = True
    asked: list[Window] = field(default_factory=list)

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return all papers, and one answer per window."""
        self.asked += windows
        count = len(self.papers)
        answers = (Answer(self.name, w, count, count, 1, self.unknown, proves=self.proves) for w in windows)
        return Batch(tuple(self.papers), tuple(answers))

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return those of the papers that it has."""
        return tuple(paper for paper in self.papers if paper.id in ids)


@pytest.fixture
def settings() -> Config:
    """The small configuration."""
    return config.loads(CONFIG, "config/keywords.yaml")
