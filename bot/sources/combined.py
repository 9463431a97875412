"""Several sources as one, and one request for several lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.errors import SourceError
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Window
from bot.sources.base import Source
from bot.sources.http import not_answered
from bot.sources.query import in_parts, matches

_SOME_DAY = Window(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC))
"""Every range is as long in an address."""


class Sources:
    """Asks its sources in their order; one that fails takes nothing from the others."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)
        self.name = " and ".join(source.name for source in sources)
        self.proves = any(source.proves for source in sources)

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the papers of all sources, the fuller record of each, and all answers."""
        papers: dict[str, Paper] = {}
        answers: list[Answer] = []
        for source in self._sources:
            try:
                batch = source.fetch(query, windows, expected)
            except SourceError as error:
                why, proves = not_answered(error), source.proves
                batch = Batch((), tuple(Answer(source.name, w, 0, None, unknown=why, proves=proves) for w in windows))
            answers += batch.answers
            for paper in batch.papers:
                if paper.id not in papers or papers[paper.id].published is None:
                    papers[paper.id] = paper
        return Batch(tuple(papers.values()), tuple(answers))

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return the latest metadata that the sources have."""
        return tuple({paper.id: paper for source in self._sources for paper in source.fetch_by_id(ids)}.values())


class SharedSource:
    """Asks another source one joined query in place of each of several.

    Lists of neighbouring topics ask much the same. Their keywords and categories are joined, as far as one request
    holds them, so that the second list finds the first one's answer in the cache of the day. What a joined query
    brings holds all that the single one would bring, so proof of the one is proof of the other; papers of categories
    that a list does not name are left out, and everything else is for its judge.
    """

    def __init__(self, source: Source, queries: Iterable[Query]) -> None:
        self._source = source
        self._bundles = bundles(queries)
        self.name, self.proves = source.name, source.proves

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return what the joined query brings in the categories of this one."""
        asked = next((b for b in self._bundles if contains(b, query)), query)
        batch = self._source.fetch(asked, windows, expected)
        papers = tuple(paper for paper in batch.papers if query.in_categories(paper))
        return Batch(papers, tuple(_own(a, papers, query) for a in batch.answers))

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return the latest metadata of papers."""
        return self._source.fetch_by_id(ids)


def bundles(queries: Iterable[Query]) -> tuple[Query, ...]:
    """Return joined queries, each short enough for one request; a query goes to the first with room for it."""
    made: list[Query] = []
    for query in queries:
        for at, bundle in enumerate(made):
            if _joinable(bundle, query) and len(in_parts(join_queries(bundle, query), _SOME_DAY)) == 1:
                made[at] = join_queries(bundle, query)
                break
        else:
            made.append(query)
    return tuple(made)


def join_queries(one: Query, other: Query) -> Query:
    """Return the query for any keyword of either in any category of either, without what both exclude."""
    return replace(
        one,
        keywords=tuple(dict.fromkeys((*one.keywords, *other.keywords))),
        categories=tuple(dict.fromkeys((*one.categories, *other.categories))),
        exclude=tuple(keyword for keyword in one.exclude if keyword in other.exclude),
    )


def contains(wide: Query, narrow: Query) -> bool:
    """Whether all that one query brings is among what another brings."""
    return (
        _joinable(wide, narrow)
        and set(narrow.keywords) <= set(wide.keywords)
        and set(narrow.categories) <= set(wide.categories)
        and set(wide.exclude) <= set(narrow.exclude)
    )


def _joinable(one: Query, other: Query) -> bool:
    """Whether two queries have the same groups, and both restrict keywords or neither, and categories likewise."""
    kinds = [(query.groups, bool(query.keywords), bool(query.categories)) for query in (one, other)]
    return kinds[0] == kinds[1]


def _own(answer: Answer, papers: Iterable[Paper], query: Query) -> Answer:
    """Return an answer as one of the query itself: only its own papers count, and can be the newest.

    So what is usual of a list stays the same whatever other lists are asked with it. A feed counts no papers.
    """
    if answer.total is None:
        return answer
    days = [paper.published for paper in papers if paper.published and _wanted(query, paper)]
    own = [day for day in days if day in answer.window]
    return replace(answer, newest=max(own, default=None), unmatched=max(answer.received - len(own), 0))


def _wanted(query: Query, paper: Paper) -> bool:
    """Whether a query asks for a paper, whatever its categories."""
    excluded = bool(query.exclude) and matches(Query(query.exclude), paper)
    return matches(query, paper) and not excluded
