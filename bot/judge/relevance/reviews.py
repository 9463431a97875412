"""What decisions say beyond the list: which papers a curator takes of those that the list speaks for alike.

Logistic regression of what was accepted and rejected, near the judgement of the list (MAP): by the kinds of evidence
and by what the words mean. Its constant is learned and left out, and what is learned fades below the mark: only papers
that were shown are decided, so how many of them are accepted says nothing of the thousands below the mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from bot.judge.texts import Texts, full_of
from bot.judge.word_vectors import shipped_vectors
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = NDArray[Any]

_KINDS = 0.5
"""Standard deviation by which decisions move the weight of a kind of evidence, in parts of itself."""
_MEANING = 0.5
"""Standard deviation by which they move the log-odds of a paper by what its words mean."""
_CONSTANT = 3.0
_SHOWN_FROM = 0.0
"""Log-odds from which what was learned counts fully, those of the shipped mark."""


@dataclass(frozen=True)
class Weighing:
    """Papers, the log-odds of each before reviews, and the kinds of evidence in it, a row for each paper."""

    papers: Sequence[Paper]
    odds: Vector
    kinds: Matrix

    def rows(self) -> Matrix:
        """Return what is learned from: the evidence, and what the words mean."""
        import numpy as np

        meanings = shipped_vectors().of(Texts([full_of(paper) for paper in self.papers]))
        return np.hstack([_KINDS * self.kinds, _MEANING * meanings])


@dataclass(frozen=True)
class Reviews:
    """What was learned from decisions; `usual` is what decided papers have in common, which tells none apart."""

    usual: Vector
    slopes: Vector

    @classmethod
    def fit(cls, decided: Weighing, accepted: Sequence[bool]) -> Self:
        """Learn from one decided paper or more, weighed by a list without them, and which were accepted."""
        import numpy as np
        from scipy.optimize import minimize

        rows = decided.rows()
        labels = np.array(accepted, dtype=float)
        features = np.hstack([rows, np.ones((len(rows), 1))])
        precision = np.ones(features.shape[1])
        precision[-1] = _CONSTANT**-2

        def loss(slopes: Vector) -> tuple[float, Vector]:
            odds = decided.odds + features @ slopes
            missed = np.logaddexp(0, odds) - labels * odds
            uphill = features.T @ (np.exp(-np.logaddexp(0, -odds)) - labels)
            return float(missed.sum() + precision @ slopes**2 / 2), uphill + precision * slopes

        slopes = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x
        return cls(rows.mean(0), slopes[:-1])

    def adds(self, weighing: Weighing) -> Vector:
        """Return what decisions add to the log-odds of each paper; no value depends on the other papers."""
        import numpy as np

        moved = ((weighing.rows() - self.usual) * self.slopes).sum(axis=1)
        return np.exp(np.minimum(0, weighing.odds - _SHOWN_FROM)) * moved  # type: ignore[no-any-return]
