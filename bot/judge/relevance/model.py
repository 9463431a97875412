"""Relevance learned from the list itself: whether a paper belongs among those this curator chose.

Five kinds of evidence are added up: keywords, telling phrases, which way the paper lies by what its words mean
(`bot.judge.relevance.direction`), the categories, and authors the list has already. Phrases are telling that stand in
listed titles far more often than in others: a few of them say enough, however long an abstract is. A paper's value
depends on the list and the decisions, not on what else is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from typing import Any

from bot.arxiv import arxiv_id
from bot.judge.readiness import MIN_LISTED
from bot.judge.relevance.background import Background
from bot.judge.relevance.direction import Direction
from bot.judge.texts import terms
from bot.model import Paper

_HALF_LIFE = 24
"""Months after which a listed paper counts half."""
_TELLING = 10
"""Phrases of a paper that count, strongest first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a paper, each in its own unit: see `WITH_KEYWORDS`."""

    keywords: float
    phrases: float = 0.0
    direction: float = 0.0
    category: float = 0.0
    authors: float = 0.0

    def values(self) -> tuple[float, ...]:
        """Return them in the order of `Weights`, a constant first."""
        return (1.0, self.keywords, self.phrases, self.direction, self.category, self.authors)


def of_keywords(found: float) -> float:
    """Return what keywords say that were found with a chance in [0, 1]: its odds of missing, as a logarithm."""
    return -log(1 - min(found, 0.9999))


@dataclass(frozen=True, slots=True)
class Weights:
    """How evidence becomes the log-odds that a curator accepts."""

    values: tuple[float, ...]

    def odds(self, evidence: Evidence) -> float:
        """Return the log-odds that the paper is accepted."""
        return sum(w * x for w, x in zip(self.values, evidence.values(), strict=True))


def probability(odds: float) -> float:
    """Return the probability in [0, 1] of log-odds, to four digits."""
    return round(1 / (1 + exp(-max(-30.0, min(30.0, odds)))), 4)


WITH_KEYWORDS = Weights((-3.27, 0.90, 0.0, 0.100, 0.216, 0.123))
WITHOUT_KEYWORDS = Weights((-6.05, 0.0, 0.083, 0.415, 0.636, 0.380))
"""Chosen on 25 weeks of three eras so that they hold in each; see benchmarks/RESULTS.md."""
KEYWORDS_ALONE = Weights((-3.1, 1.09, 0.0, 0.0, 0.0, 0.0))
"""Where the list has too few papers to learn from."""


class Taste:
    """What a list's curator takes, learned from its papers; `rejected` ones are what they do not take.

    Without `phrases` telling phrases are neither learned nor looked for, which takes a third of the time to read.
    """

    def __init__(
        self, listed: Sequence[Paper], rejected: Sequence[Paper], background: Background, *, phrases: bool = True
    ) -> None:
        listed = sorted(listed, key=lambda p: (p.id, p.title))
        weights = _recency(listed)
        self._direction = Direction(listed, weights, sorted(rejected, key=lambda p: p.id))
        self._telling = _telling(background, listed, weights) if phrases else {}
        self._authors = Counter(author for p in listed for author in set(p.authors))
        self._categories = _category_odds(listed, background)
        self._unseen = _UNSEEN if self._categories else 0.0

    def read(self, papers: Sequence[Paper], keywords: Sequence[float]) -> list[tuple[Evidence, tuple[str, ...]]]:
        """Return what speaks for each paper, and the words that do so most, strongest first.

        `keywords` is the evidence of the keywords, in [0, 1).
        """
        if not papers:
            return []
        return [
            (
                Evidence(
                    keywords=of_keywords(found),
                    phrases=self._phrases(paper),
                    direction=direction,
                    category=max((self._categories.get(c, self._unseen) for c in paper.categories), default=0.0),
                    authors=log1p(min(12, sum(min(3, self._authors[a]) for a in set(paper.authors)))),
                ),
                words,
            )
            for paper, found, (direction, words) in zip(papers, keywords, self._direction.read(papers), strict=True)
        ]

    def _phrases(self, paper: Paper) -> float:
        if not self._telling:
            return 0.0
        found = (terms(paper.title) | terms(paper.summary)) & self._telling.keys()
        return sum(sorted(self._telling[term] for term in found)[-_TELLING:])


def _telling(background: Background, listed: Sequence[Paper], weights: Sequence[float]) -> Mapping[str, float]:
    """Return the telling terms: the log-odds beyond 1 of their share in listed titles, less while few hold them."""
    found: dict[str, list[float]] = {}
    for paper, weight in zip(listed, weights, strict=True):
        for term in terms(paper.title):
            found.setdefault(term, []).append(weight * len(weights) / sum(weights))
    telling = {}
    for term, shares in found.items():
        usual = (background.terms.get(term, (0, 0))[0] + 1) / background.papers
        odds = log((sum(shares) + 2 * usual) / (len(listed) + 2) / usual)
        if len(shares) > 1 and (value := odds * sum(shares) / (sum(shares) + 2) - 1) > 0:
            telling[term] = value
    return telling


def _recency(listed: Sequence[Paper]) -> list[float]:
    """Return how much each listed paper counts: half for every `_HALF_LIFE` months it is older than the newest but one.

    One mistyped id of a month to come must not make all the others old.
    """
    months = [day.year * 12 + day.month if (day := _month(p)) else None for p in listed]
    newest = next(iter(sorted(m for m in months if m is not None)[-2:]), 0)
    return [0.5 if m is None else min(1.0, max(0.1, 0.5 ** ((newest - m) / _HALF_LIFE))) for m in months]


def _month(paper: Paper) -> Any:
    try:
        return arxiv_id.month(paper.id)
    except ValueError:
        return None


_UNSEEN = -3.0
"""Log-odds of a category that no listed paper has; those of others are no lower."""


def _category_odds(listed: Sequence[Paper], background: Background) -> Mapping[str, float]:
    """Return the log-odds of each category, listed papers against arXiv in general; none if too few are known."""
    known = [p for p in listed if p.categories]
    found = Counter(c for p in known for c in set(p.categories))
    if len(known) < MIN_LISTED:
        return {}
    odds = {}
    for category in {*found, *background.categories}:
        usual = (background.categories.get(category, 0) + 1) / background.papers
        odds[category] = max(_UNSEEN, log((found[category] + 2 * usual) / (len(known) + 2) / usual))
    return odds
