"""Relevance learned from the list itself: whether a paper belongs among those this curator chose.

Five kinds of evidence are added up: keywords, phrases far more frequent in listed titles than in others, the direction
of the paper's meaning, categories, and listed authors. A paper's evidence depends on the list alone, not on what else
is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log, log1p
from typing import NamedTuple, Self

from bot.arxiv import arxiv_id
from bot.judge.readiness import MIN_LISTED
from bot.judge.relevance.background import shipped_background
from bot.judge.relevance.direction import Direction
from bot.judge.texts import terms
from bot.model import Paper

_HALF_LIFE = 24
"""Months after which a listed paper counts half."""
_TELLING = 10
"""Phrases of a paper that count, strongest first."""
_UNSEEN = -3.0
"""Log-odds of a category that no listed paper has; those of others are no lower."""


class Evidence(NamedTuple):
    """What speaks for a paper, each in its own unit."""

    keywords: float
    phrases: float = 0.0
    direction: float = 0.0
    category: float = 0.0
    authors: float = 0.0


EvidenceWeights = tuple[float, float, float, float, float, float]
"""How evidence becomes log-odds: a constant, then a factor for each field of `Evidence`."""
WITH_KEYWORDS: EvidenceWeights = (-3.27, 0.90, 0.0, 0.100, 0.216, 0.123)
WITHOUT_KEYWORDS: EvidenceWeights = (-6.05, 0.0, 0.083, 0.415, 0.636, 0.380)
"""Chosen on 25 weeks of three eras so that they hold in each; see benchmarks/RESULTS.md."""
KEYWORDS_ALONE: EvidenceWeights = (-3.1, 1.09, 0.0, 0.0, 0.0, 0.0)
"""Where the list has too few papers to learn from."""


def of_keywords(found: float) -> float:
    """Return the evidence of keywords found with a chance in [0, 1]: its odds of missing, as a logarithm."""
    return -log(1 - min(found, 0.9999))


def log_odds(weights: EvidenceWeights, evidence: Evidence) -> float:
    """Return the log-odds that the curator accepts the paper."""
    return sum(w * x for w, x in zip(weights, (1.0, *evidence), strict=True))


def probability(odds: float) -> float:
    """Return the probability in [0, 1] of log-odds, to four digits."""
    return round(1 / (1 + exp(-max(-30.0, min(30.0, odds)))), 4)


@dataclass(frozen=True)
class RelevanceModel:
    """What a list's curator takes, learned from its papers."""

    direction: Direction
    telling: Mapping[str, float]
    authors: Mapping[str, int]
    categories: Mapping[str, float]

    @classmethod
    def fit(cls, listed: Sequence[Paper], rejected: Sequence[Paper] = (), *, phrases: bool = True) -> Self:
        """Learn from listed papers, and from rejected ones what the curator does not take.

        Without `phrases`, which count nothing beside keywords, evidence takes a third less time.
        """
        listed = sorted(listed, key=lambda p: (p.id, p.title))
        weights = _recency(listed)
        return cls(
            Direction(listed, weights, sorted(rejected, key=lambda p: p.id)),
            _telling(listed, weights) if phrases else {},
            Counter(author for p in listed for author in set(p.authors)),
            _category_odds(listed),
        )

    def evidence(self, papers: Sequence[Paper], keywords: Sequence[float]) -> list[tuple[Evidence, tuple[str, ...]]]:
        """Return what speaks for each paper, and the words that do so most, strongest first.

        `keywords` is the evidence of the keywords, in [0, 1).
        """
        if not papers:
            return []
        unseen = _UNSEEN if self.categories else 0.0
        return [
            (
                Evidence(
                    keywords=of_keywords(found),
                    phrases=self._phrases(paper),
                    direction=direction,
                    category=max((self.categories.get(c, unseen) for c in paper.categories), default=0.0),
                    authors=log1p(min(12, sum(min(3, self.authors.get(a, 0)) for a in set(paper.authors)))),
                ),
                words,
            )
            for paper, found, (direction, words) in zip(papers, keywords, self.direction.read(papers), strict=True)
        ]

    def _phrases(self, paper: Paper) -> float:
        if not self.telling:
            return 0.0
        found = (terms(paper.title) | terms(paper.summary)) & self.telling.keys()
        return sum(sorted(self.telling[term] for term in found)[-_TELLING:])


def _telling(listed: Sequence[Paper], weights: Sequence[float]) -> Mapping[str, float]:
    """Return the telling terms: the log-odds beyond 1 of their share in listed titles, less while few hold them."""
    background = shipped_background()
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


def _month(paper: Paper) -> date | None:
    try:
        return arxiv_id.month(paper.id)
    except ValueError:
        return None


def _category_odds(listed: Sequence[Paper]) -> Mapping[str, float]:
    """Return the log-odds of each category, listed papers against arXiv in general; none if too few are known."""
    background = shipped_background()
    known = [p for p in listed if p.categories]
    found = Counter(c for p in known for c in set(p.categories))
    if len(known) < MIN_LISTED:
        return {}
    odds = {}
    for category in {*found, *background.categories}:
        usual = (background.categories.get(category, 0) + 1) / background.papers
        odds[category] = max(_UNSEEN, log((found[category] + 2 * usual) / (len(known) + 2) / usual))
    return odds
