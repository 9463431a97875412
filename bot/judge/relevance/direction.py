"""Which way a list lies among the papers of arXiv, by what their words mean: Fisher's linear discriminant.

The direction leads from the mean of arXiv's papers to that of the list, measured by how arXiv's papers are spread, so
that what many papers share in passing counts little. Ten papers of a list are enough for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.judge.readiness import MIN_LISTED
from bot.judge.reasons import as_written
from bot.judge.texts import Texts, full_of, title_of
from bot.judge.word_vectors import Spread, shipped_vectors
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = NDArray[Any]


class Direction:
    """Where papers lie on the way to those of a list; `weights` say how much each listed paper counts.

    A rejected paper counts against the way as a listed one counts for it.
    """

    def __init__(self, listed: Sequence[Paper], weights: Sequence[float], rejected: Sequence[Paper]) -> None:
        import numpy as np

        self._vectors = vectors = shipped_vectors()
        text, spread = full_of, vectors.texts
        kept = [(paper, weight) for paper, weight in zip(listed, weights, strict=True) if paper.summary]
        if len(kept) < MIN_LISTED:  # too few abstracts: titles stand for the papers
            text, spread = title_of, vectors.titles
            kept = list(zip(listed, weights, strict=True))
        rows, refused = (vectors.of(Texts([text(p) for p in some])) for some in ([p for p, _ in kept], rejected))
        way = _way(rows, [weight for _, weight in kept], refused, spread)
        way /= max(1e-9, np.sqrt(way @ vectors.texts.covariance @ way))
        self._words = vectors.vectors @ way
        self._usual = float(vectors.texts.mean @ way)

    def read(self, papers: Sequence[Paper]) -> list[tuple[float, tuple[str, ...]]]:
        """Return how far each paper lies that way, and the words that lead there most, strongest first.

        The unit is a standard deviation of arXiv's papers, 0 their mean and the value of a paper without known words.
        """
        import numpy as np

        texts = Texts([full_of(paper) for paper in papers])
        found = self._vectors.found(texts)
        lengths = np.linalg.norm(found @ self._vectors.vectors, axis=1)
        read = []
        for text, start, end, length in zip(texts.plain, found.indptr, found.indptr[1:], lengths, strict=False):
            places = found.indices[start:end]
            steps = found.data[start:end] * self._words[places] / max(length, 1e-9)
            names = (self._vectors.words[places[n]] for n in np.argsort(-steps, kind="stable") if steps[n] > 0)
            read.append((float(steps.sum()) - self._usual, as_written(names, text)) if length else (0.0, ()))
        return read


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
