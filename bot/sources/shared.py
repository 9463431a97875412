"""One harvest for many lists: queries that fit into one address are asked as one.

Lists of neighbouring topics ask much the same. Their keywords and categories are joined, as far as one request holds
them, so that the second list finds the first one's answer among those kept of the day. What comes of a joined query
holds all that the single one would bring, so what proves the one proves the other; papers of categories that a list
does not name are left out, and everything else is for its judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Window
from bot.sources.base import Source
from bot.sources.query import in_parts, matches

_SOME_DAY = Window(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=1))
"""Every range is as long in an address."""


class SharedSource:
    """Asks another source the joined query in place of each of these; see `bot.sources.Source`."""

    def __init__(self, source: Source, queries: Iterable[Query]) -> None:
        self._source = source
        self._bundles = bundles(queries)
        self.name, self.proves = source.name, source.proves

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return what the joined query brings in the categories of this one."""
        asked = next((b for b in self._bundles if contains(b, query)), query)
        batch = self._source.fetch(asked, windows, expected)
        papers = tuple(paper for paper in batch.papers if _in_categories(paper, query.categories))
        return Batch(papers, tuple(_own(a, papers, query) for a in batch.answers))

    def recheck(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return the latest metadata of papers."""
        return self._source.recheck(ids)


def bundles(queries: Iterable[Query]) -> tuple[Query, ...]:
    """Return queries, each joined of some of these and short enough for one request, the first with room for each."""
    made: list[Query] = []
    for query in queries:
        for at, bundle in enumerate(made):
            if _alike(bundle, query) and len(in_parts(joined(bundle, query), _SOME_DAY)) == 1:
                made[at] = joined(bundle, query)
                break
        else:
            made.append(query)
    return tuple(made)


def joined(one: Query, other: Query) -> Query:
    """Return the query that brings all of two alike: any keyword of either in any category of either.

    Only what both leave out is left out.
    """
    return Query(
        keywords=tuple(dict.fromkeys((*one.keywords, *other.keywords))),
        categories=tuple(dict.fromkeys((*one.categories, *other.categories))),
        exclude=tuple(keyword for keyword in one.exclude if keyword in other.exclude),
    )


def contains(wide: Query, narrow: Query) -> bool:
    """Tell whether all that a query brings is among what another brings."""
    return (
        _alike(wide, narrow)
        and set(narrow.keywords) <= set(wide.keywords)
        and set(narrow.categories) <= set(wide.categories)
        and set(wide.exclude) <= set(narrow.exclude)
    )


def _alike(one: Query, other: Query) -> bool:
    """Tell whether two queries can be joined: none means all, of keywords and of categories, and never joins some."""
    return (bool(one.keywords), bool(one.categories)) == (bool(other.keywords), bool(other.categories))


def _in_categories(paper: Paper, categories: Sequence[str]) -> bool:
    """Tell whether a paper is in one of the categories, or archives; nobody knows of one without any."""
    if not categories or not paper.categories:
        return True
    return any(c in categories or c.partition(".")[0] in categories for c in paper.categories)


def _own(answer: Answer, papers: Iterable[Paper], query: Query) -> Answer:
    """Return an answer as one of the query itself: what another list asked for is not its own, nor its newest.

    Nor is what only this list leaves out. So what is usual of a list stays the same whatever other lists are asked with
    it. A feed has no days of submission.
    """
    if answer.total is None:
        return answer
    window = answer.window
    days = [paper.published for paper in papers if paper.published and _wanted(query, paper)]
    own = [day for day in days if window.since <= day < window.until]
    return replace(answer, newest=max(own, default=None), unmatched=max(answer.received - len(own), 0))


def _wanted(query: Query, paper: Paper) -> bool:
    """Tell whether a query asks for a paper, its categories left aside."""
    excluded = bool(query.exclude) and matches(replace(query, keywords=query.exclude), paper)
    return matches(query, paper) and not excluded
