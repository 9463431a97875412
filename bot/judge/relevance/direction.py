"""Which way a list lies among the papers of arXiv, by what their words mean: Fisher's linear discriminant.

The direction leads from the mean of arXiv's papers to that of the list, measured by how arXiv's papers are spread, so
that what many papers share in passing counts little. Ten papers of a list are enough for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from bot.judge.readiness import MIN_LISTED
from bot.judge.texts import Texts, full_of, title_of
from bot.judge.word_vectors import Spread, shipped_vectors
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = NDArray[Any]


@dataclass(frozen=True)
class Direction:
    """The way to a list; the unit is a standard deviation of arXiv's papers, `usual` where their mean lies."""

    way: Vector
    usual: float

    @classmethod
    def fit(cls, listed: Sequence[Paper], weights: Sequence[float], rejected: Sequence[Paper]) -> Self:
        """Learn from listed papers, each with how much it counts; a rejected one counts against the way."""
        import numpy as np

        vectors = shipped_vectors()
        if len(listed) < MIN_LISTED:
            return cls(np.zeros(len(vectors.texts.mean)), 0.0)
        text, spread = full_of, vectors.texts
        kept = [(paper, weight) for paper, weight in zip(listed, weights, strict=True) if paper.summary]
        if len(kept) < MIN_LISTED:  # too few abstracts: titles stand for the papers
            text, spread = title_of, vectors.titles
            kept = list(zip(listed, weights, strict=True))
        rows, refused = (vectors.of(Texts([text(p) for p in some])) for some in ([p for p, _ in kept], rejected))
        way = _way(rows, [weight for _, weight in kept], refused, spread)
        way /= max(1e-9, np.sqrt(way @ vectors.texts.covariance @ way))
        return cls(way, float(vectors.texts.mean @ way))

    def distances(self, papers: Sequence[Paper]) -> Vector:
        """Return how far each paper lies that way; 0 is the mean of arXiv, and a paper without known words."""
        import numpy as np

        if not self.way.any():
            return np.zeros(len(papers))
        vectors = shipped_vectors()
        found = vectors.found(Texts([full_of(paper) for paper in papers]))
        lengths = np.linalg.norm(found @ vectors.vectors, axis=1)
        steps = found @ (vectors.vectors @ self.way)
        return np.where(lengths > 0, steps / np.maximum(lengths, 1e-9) - self.usual, 0.0)

    def distances_of(self, meanings: Matrix) -> Vector:
        """Return how far papers lie that way whose meaning is known."""
        return (meanings * self.way).sum(axis=1) - self.usual  # type: ignore[no-any-return]


def _way(listed: Matrix, weights: Sequence[float], refused: Matrix, spread: Spread) -> Vector:
    """Return the direction from papers in general to those of a list, given a row for each.

    A row of zeros is of a paper without a known word, and is left out; where all are, the direction is zero.
    """
    import numpy as np

    known, refused = listed.any(axis=1), refused[refused.any(axis=1)]
    if not known.any():
        return np.zeros(len(spread.mean))
    wanted = np.average(listed[known], axis=0, weights=np.array(weights)[known])
    usual = (known.sum() * spread.mean + refused.sum(0)) / (known.sum() + len(refused))
    return np.linalg.solve(spread.covariance, wanted - usual)
