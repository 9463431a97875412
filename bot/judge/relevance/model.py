"""Relevance learned from the list itself: whether a paper belongs among those this curator chose.

A paper's value is a sum: the terms that tell the list from arXiv and those of its own text, the direction of meaning,
categories, authors, and what curators of all lists prefer. It depends on the list alone, not on what else is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from bot.judge.reasons import strongest
from bot.judge.relevance.background import Background, shipped_background
from bot.judge.relevance.direction import Direction
from bot.judge.relevance.metadata import author_overlap, best_category, category_odds, pace, recency
from bot.judge.relevance.own_text import OwnText
from bot.judge.relevance.preferences import preferred, traits
from bot.judge.relevance.regression import telling_terms
from bot.judge.relevance.terms import BUCKETS, named, paper_rows, text_rows
from bot.judge.texts import full_of
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = NDArray[Any]

_TEXT, _TEXT_OF_YOUNG, _TITLE_OF_YOUNG = 0.2, 0.6, 0.5
"""What the list's own text counts beside the regression, and how much more it and its title do while it is young."""
_TEXT_ALONE, _TITLE_ALONE = 1.0, 2.0
_YOUNG = 15
"""Listed papers at which a list is half as young as an empty one."""
_MIN_REGRESSION = 3
DIRECTION, CATEGORY, AUTHORS = 0.5, 0.6, 0.6
"""What evidence counts beside terms; fitted over 33 lists, each left out in turn."""
_TAIL = 97
"""Percentile of the standard from which rarity is exponential."""


@dataclass(frozen=True)
class RelevanceModel:
    """What a list's curator takes. `terms` weighs each bucket of terms, `shift` is what papers in general get of it.

    `tail` is where the rarest papers of the standard begin, and how far those lie beyond it in the mean.
    """

    background: Background
    terms: Vector
    shift: float
    direction: Direction
    categories: Mapping[str, float]
    authors: Mapping[str, int]
    tail: tuple[float, float]
    pace: int

    @classmethod
    def fit(cls, listed: Sequence[Paper], rejected: Sequence[Paper] = (), own: OwnText | None = None) -> Self:
        """Learn from listed papers, from rejected ones, and from what the list says of itself."""
        background = shipped_background()
        listed = sorted(listed, key=lambda p: (p.id, p.title))
        terms, shift = _terms(listed, own or OwnText(), background)
        direction = Direction.fit(listed, recency(listed), sorted(rejected, key=lambda p: p.id))
        categories = category_odds(listed, background.categories, background.papers)
        authors = Counter(author for p in listed for author in set(p.authors))
        values = _standard_values(background, terms, shift, direction, categories)[_unlisted(listed, background)]
        return cls(
            background, terms, shift, direction, categories, authors, _tail(values), 1 + pace(p.id for p in listed)
        )

    def evidence(self, papers: Sequence[Paper]) -> Matrix:
        """Return what adds up to the value of each paper: terms, direction, category, authors, preference."""
        import numpy as np

        return np.column_stack(
            [
                (paper_rows(papers, self.background.idf) @ self.terms).astype(np.float64) - self.shift,
                DIRECTION * self.direction.distances(papers),
                CATEGORY * np.array([best_category(self.categories, p.categories) for p in papers]),
                AUTHORS * np.array([author_overlap(self.authors, p) for p in papers]),
                preferred(traits(papers)),
            ]
        )

    def rarity(self, values: Vector) -> Vector:
        """Return how rare each value is among papers in general: -ln of the share above it, below 3.5 in rough."""
        import numpy as np

        start, beyond = self.tail
        return -np.log(1 - _TAIL / 100) + (values - start) / beyond  # type: ignore[no-any-return]

    def explain(self, papers: Sequence[Paper]) -> list[tuple[str, ...]]:
        """Return the terms that speak most for each paper, strongest first."""
        rows = paper_rows(papers, self.background.idf)
        rows.data *= self.terms[rows.indices]
        bounds = zip(papers, rows.indptr, rows.indptr[1:], strict=False)
        return [_strongest(full_of(p), rows.indices[start:end], rows.data[start:end]) for p, start, end in bounds]


def _strongest(text: str, buckets: Vector, adds: Vector) -> tuple[str, ...]:
    """Return the terms of a text that add most."""
    found = sorted((-value, bucket) for bucket, value in zip(buckets.tolist(), adds.tolist(), strict=True) if value > 0)
    names = named(text)
    return strongest((names[bucket] for _, bucket in found if bucket in names), text)


def _terms(listed: Sequence[Paper], own: OwnText, background: Background) -> tuple[Vector, float]:
    """Return the weights of terms, each part in standard deviations of the standard, and the standard's mean."""
    import numpy as np

    terms, shift = np.zeros(BUCKETS, np.float32), 0.0
    unlisted = _unlisted(listed, background)
    for weight, part in _parts(listed, own, background):
        usual = (background.standard.terms @ part)[unlisted].astype(np.float64)
        if usual.std() > 0:
            terms += np.float32(weight / usual.std()) * part
            shift += weight * float(usual.mean() / usual.std())
    return terms, shift


def _parts(listed: Sequence[Paper], own: OwnText, background: Background) -> Iterator[tuple[float, Vector]]:
    """Yield what weighs terms: the list's own text, its title, and from three papers on the regression."""
    young = _YOUNG / (_YOUNG + len(listed))
    taught = len(listed) >= _MIN_REGRESSION
    text, title = text_rows([own.text, own.title], background.idf).toarray()
    yield _TEXT + _TEXT_OF_YOUNG * young if taught else _TEXT_ALONE, text
    yield _TITLE_OF_YOUNG * young if taught else _TITLE_ALONE, title
    if taught:
        yield 1.0, telling_terms(listed, background)


def _unlisted(listed: Sequence[Paper], background: Background) -> Vector:
    import numpy as np

    known = {paper.id for paper in listed}
    return np.array([paper_id not in known for paper_id in background.standard.ids])


def _standard_values(
    background: Background, terms: Vector, shift: float, direction: Direction, categories: Mapping[str, float]
) -> Vector:
    """Return the values of the standard's papers, as if no author had a listed paper."""
    import numpy as np

    standard = background.standard
    by_category = np.array([best_category(categories, some) for some in standard.categories])
    by_direction = DIRECTION * direction.distances_of(standard.meanings)
    values = standard.terms @ terms - shift + preferred(standard.traits) + by_direction + CATEGORY * by_category
    return values.astype(np.float64)  # type: ignore[no-any-return]


def _tail(values: Vector) -> tuple[float, float]:
    import numpy as np

    start = float(np.percentile(values, _TAIL))
    return start, max(1e-9, float((values[values > start] - start).mean()))
