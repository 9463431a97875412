"""From evidence to the log-odds that the curator accepts a paper of a natural week."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.judge.relevance.model import RelevanceModel

    Vector = NDArray[Any]
    Matrix = NDArray[Any]

_MOST_VALUE, _MOST_RARITY = 14.3, 25.9
"""From here on the parabolas below would fall."""
SLOPE = 0.4
"""About how much log-odds rise with a value, for what decisions may move."""


def by_list(model: RelevanceModel, values: Vector) -> Vector:
    """Return log-odds by what a list speaks for, fitted over 43 lists, each left out in turn."""
    import numpy as np

    s, t = np.minimum(values, _MOST_VALUE), np.minimum(model.rarity(values), _MOST_RARITY)
    return -13.758 + 0.4974 * s - 0.01734 * s**2 + 0.869 * t - 0.01678 * t**2 + 0.5118 * np.log(model.pace)  # type: ignore[no-any-return]


def with_keywords(keywords: Vector, evidence: Matrix) -> Matrix:
    """Return what adds up to log-odds where people weighed phrases; the list's value can only lower it.

    Chosen on 25 weeks of three eras so that they hold in each; see benchmarks/RESULTS.md. A phrase cannot lift what
    the list does not speak for: below a value of 0 the log-odds fall twice as fast.
    """
    import numpy as np

    _, direction, category, authors, _ = evidence.T
    doubt = -2 * np.logaddexp(0, -evidence.sum(axis=1))
    return np.column_stack([0.90 * keywords, 0.2 * direction, 0.36 * category, 0.205 * authors, doubt])


WITH_KEYWORDS = -3.27
"""The constant beside `with_keywords`."""


def with_few_papers(keywords: float) -> float:
    """Return the probability where a list teaches too little, and phrases alone judge."""
    return probability(_ALONE + 1.09 * keywords)


_ALONE = -3.1
"""Log-odds where phrases alone judge and none matches."""


def of_keywords(found: float) -> float:
    """Return the evidence of keywords found with a chance in [0, 1]: its odds of missing, as a logarithm."""
    return -log(1 - min(found, 0.9999))


def probability(odds: float) -> float:
    """Return the probability in [0, 1] of log-odds, to four significant digits."""
    return _rounded(_chance(odds))


def _chance(odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


def _rounded(chance: float) -> float:
    return float(f"{chance:.4g}")
