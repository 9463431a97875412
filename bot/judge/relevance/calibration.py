"""From evidence to the log-odds that a curator takes a paper; at an even chance it may be proposed.

Calibrated on 43 lists, by what their curators listed in the months after a day and 3,000 other papers of these months,
as many as a week brings: a paper competes with those of one week (`make lists`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = NDArray[Any]

SLOPE = 0.4
"""About how much log-odds rise with a value, for what decisions may move."""
_FADES = 4.0
"""Rarity over which what it adds falls by a factor of e: beyond some four times this, more says little."""
_ORDER = 0.02
"""What more rarity adds all the same, so that papers stay in order."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The log-odds of the most common papers, how much the rarest have more, and what the pace of a list adds."""

    constant: float
    rarity: float
    pace: float

    def odds(self, rarity: Vector, pace: int) -> Vector:
        """Return log-odds of papers as rare as this for a list that takes so many in six months."""
        import numpy as np

        risen = -np.expm1(-np.maximum(rarity, 0) / _FADES)
        return self.constant + self.rarity * risen + _ORDER * rarity + self.pace * log(pace)


BY_LIST = Curve(-16.9, 18.5, 0.465)
"""Fitted over 43 lists; see `make lists`."""


_WHILE_YOUNG = Curve(-13.3, 16.6, 0.0)
_PHRASES_ALONE, _PHRASES = -1.5, 1.83
"""Log-odds where phrases alone judge and none matches, and how much they rise."""


def with_few_papers(rarity: Vector, keywords: Vector) -> Vector:
    """Return log-odds where a list teaches too little: its own text, or phrases, may speak for a paper."""
    import numpy as np

    return np.logaddexp(_WHILE_YOUNG.odds(rarity, 1), _PHRASES_ALONE + _PHRASES * keywords)


def with_keywords(keywords: Vector, evidence: Matrix) -> Matrix:
    """Return what adds up to log-odds where people weighed phrases; the list's value can only lower it.

    Chosen on 25 weeks of three eras so that they hold in each; see benchmarks/RESULTS.md. A phrase cannot lift what
    the list does not speak for: below a value of 0 the log-odds fall twice as fast.
    """
    import numpy as np

    _, direction, category, authors, _ = evidence.T
    doubt = -2 * np.logaddexp(0, -evidence.sum(axis=1))
    return np.column_stack([0.90 * keywords, 0.2 * direction, 0.36 * category, 0.205 * authors, doubt])


WITH_KEYWORDS = -1.07
"""The constant beside `with_keywords`."""


def of_keywords(found: float) -> float:
    """Return the evidence of keywords found with a chance in [0, 1]: its odds of missing, as a logarithm."""
    return -log(1 - min(found, 0.9999))


def probability(odds: float) -> float:
    """Return the probability in [0, 1] of log-odds, to four significant digits."""
    return float(f"{1 / (1 + exp(-max(-30.0, min(30.0, odds)))):.4g}")
