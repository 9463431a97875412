"""A source that is a file: one paper in JSON a line (see `bot.arxiv.paper_json`). No network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.arxiv.paper_json import read_lines
from bot.errors import SourceError, reason
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Window
from bot.sources.base import Source


class JsonlSource(Source):
    """Yields the papers of a `.jsonl` file, whatever the keywords; it proves what the file holds, not what exists."""

    name = "jsonl"
    proves = False

    def __init__(self, path: Path) -> None:
        self.path = path

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the papers inside the windows and those without a date, the first of each id; see `read_papers`."""
        known = read_papers(self.path)
        inside = [paper for paper in known if paper.published is None or any(paper.published in w for w in windows)]
        counts = [sum(paper.published in window for paper in inside) for window in windows]
        answers = (Answer(self.name, w, count, count) for w, count in zip(windows, counts, strict=True))
        return Batch(tuple(inside), tuple(answers))


def read_papers(path: Path) -> tuple[Paper, ...]:
    """Return the papers of a `.jsonl` file, the first of each id.

    Raises SourceError when the file cannot be read and BotError with `file:line` when a line is no paper.
    """
    try:
        with path.open("rb") as lines:
            return distinct(lines, str(path))
    except OSError as error:
        raise SourceError(f"cannot read the papers: {reason(error)}", url=str(path)) from None


def distinct(lines: Iterable[bytes], name: str) -> tuple[Paper, ...]:
    """Return the papers of the lines of a `.jsonl` file, the first of each id, in their order."""
    papers: dict[str, Paper] = {}
    for _, paper in read_lines(lines, name):
        papers.setdefault(paper.id, paper)
    return tuple(papers.values())
