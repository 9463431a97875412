"""Several sources as one: all are asked, and what one of them lacks takes nothing from the others."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import SourceError
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Window
from bot.sources.base import Source
from bot.sources.http import failed


class Sources:
    """Asks its sources in their order; see `bot.sources.Source`."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)
        self.name = " and ".join(source.name for source in sources)
        self.proves = any(source.proves for source in sources)

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the papers of all sources, the fuller record of each, and all answers."""
        papers: dict[str, Paper] = {}
        answers: list[Answer] = []
        for source in self._sources:
            batch = _asked(source, query, windows, expected)
            answers += batch.answers
            for paper in batch.papers:
                if paper.id not in papers or papers[paper.id].published is None:
                    papers[paper.id] = paper
        return Batch(tuple(papers.values()), tuple(answers))

    def recheck(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return what the sources know of papers by now."""
        return tuple({paper.id: paper for source in self._sources for paper in source.recheck(ids)}.values())


def _asked(source: Source, query: Query, windows: Sequence[Window], expected: Expectation) -> Batch:
    try:
        return source.fetch(query, windows, expected)
    except SourceError as error:
        unknown, proves = failed(error), source.proves
        return Batch((), tuple(Answer(source.name, w, 0, None, 0, unknown, proves=proves) for w in windows))
