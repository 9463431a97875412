"""What the records of listed papers tell beside their texts: authors, categories, months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log, log1p

from bot.arxiv import arxiv_id
from bot.judge.readiness import MIN_LISTED
from bot.model import Paper

_HALF_LIFE = 24
"""Months after which a listed paper counts half."""
_PACE_MONTHS = 6
PACE_WEEKS = 30
"""Weeks of the newest month and the six before it."""
_UNSEEN = -3.0
"""Log-odds of a category that no listed paper has; those of others are no lower."""
_MOST_SHARED, _MOST_EACH = 12, 3
"""Listed papers that count of all authors of a paper, and of one."""


def author_overlap(listed: Mapping[str, int], paper: Paper) -> float:
    """Return how many listed papers the authors have, as a logarithm."""
    return log1p(min(_MOST_SHARED, sum(min(_MOST_EACH, listed.get(author, 0)) for author in set(paper.authors))))


def category_odds(listed: Sequence[Paper], usual: Mapping[str, int], papers: int) -> Mapping[str, float]:
    """Return the log-odds of each category, listed papers against `papers` of arXiv; none if too few are known."""
    known = [p for p in listed if p.categories]
    if len(known) < MIN_LISTED:
        return {}
    found = Counter(category for p in known for category in set(p.categories))
    odds = {}
    for category in {*found, *usual}:
        share = (usual.get(category, 0) + 1) / papers
        odds[category] = max(_UNSEEN, log((found[category] + 2 * share) / (len(known) + 2) / share))
    return odds


def best_category(odds: Mapping[str, float], categories: Sequence[str]) -> float:
    """Return the largest log-odds of the categories of a paper; 0 where nothing is known."""
    return max((odds.get(category, _UNSEEN if odds else 0.0) for category in categories), default=0.0)


def recency(listed: Sequence[Paper]) -> list[float]:
    """Return how much each listed paper counts: half for every `_HALF_LIFE` months it is older than the newest but one.

    One mistyped id of a month to come must not make all the others old.
    """
    months, newest = _months(p.id for p in listed)
    return [0.5 if m is None else min(1.0, max(0.1, 0.5 ** ((newest - m) / _HALF_LIFE))) for m in months]


def pace(listed: Iterable[str]) -> int:
    """Return how many listed papers, by their ids, are of the list's newest month and the six before it."""
    months, newest = _months(listed)
    return sum(m is not None and 0 <= newest - m <= _PACE_MONTHS for m in months)


def _months(ids: Iterable[str]) -> tuple[list[int | None], int]:
    """Return the month of each id, and the newest but one."""
    months = [day.year * 12 + day.month if (day := arxiv_id.known_month(i)) else None for i in ids]
    return months, next(iter(sorted(m for m in months if m is not None)[-2:]), 0)
