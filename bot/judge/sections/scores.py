"""Scores of sections from likenesses, and probabilities from scores.

Three judges agree by a sum: kernel ridge regression in which small sections weigh more, the mean likeness with each
section's papers, and the words of its heading. Leaving one listed paper out is exact and cheap for all three; from
those scores come the probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ScorerSettings:
    """What is chosen once for all lists, by means over lists: see benchmarks/RESULTS.md.

    `ridge` is the penalty of the regression and `balance` how far its sections weigh alike (0: each paper does, 1: each
    section does). `mean` and `heading` are the shares of the other two judges, `level` says how far the sections are
    brought to one level of scores. `abstract` is how much a listed paper with a known abstract counts for the
    probabilities, against 1 without: papers that are judged have one.
    """

    ridge: float = 0.6
    balance: float = 0.75
    mean: float = 0.7
    heading: float = 0.4
    level: float = 0.25
    abstract: float = 4.0


CHOSEN = ScorerSettings()


def paper_weights(papers: Sequence[Paper], settings: ScorerSettings = CHOSEN) -> Matrix:
    """Return how much each listed paper counts for the probabilities."""
    import numpy as np

    return np.array([settings.abstract if paper.summary else 1.0 for paper in papers])


@dataclass(frozen=True)
class Scorer:
    """Scores sections by likenesses: three sums, each in the unit of its own spread over the listed papers."""

    settings: ScorerSettings
    duals: Matrix
    members: Matrix
    norms: Matrix
    spreads: tuple[tuple[float, float], ...]
    levels: tuple[Matrix, Matrix]

    @classmethod
    def fit(
        cls, among: Matrix, headings: Matrix, members: Matrix, settings: ScorerSettings = CHOSEN
    ) -> tuple[Scorer, Matrix]:
        """Return the scorer, and the scores that each listed paper gets from the others.

        `among` and `headings` are those of `Likeness`; `members` has a row for each paper, a column for each section.
        """
        import numpy as np
        from scipy import linalg

        count, kinds = members.shape
        sizes = np.maximum(members.sum(0), 1) ** settings.balance
        shares = (members / sizes).sum(1) / members.sum(1)
        shares = np.concatenate([shares, 1 / sizes]) / shares.mean()
        targets = np.vstack([members, np.eye(kinds)])
        inverse = linalg.inv(among + 0.05 + np.diag(settings.ridge / shares), assume_a="pos")
        duals = inverse @ targets
        ridge = (targets - duals / np.diag(inverse)[:, None])[:count]

        papers, near, own = among[:count, :count], among[:count, count:], np.diag(among)
        sums = papers @ members + near
        squares = ((papers @ members + 2 * near) * members).sum(0) + own[count:]
        alone = members * own[:count, None]
        means = (sums - alone) / np.sqrt(np.maximum(squares - members * (2 * sums - alone), 1e-6))

        parts = (ridge, means, headings)
        spreads = tuple((float(part.mean()), float(part.std()) + 1e-9) for part in parts)
        total = _sum(parts, spreads, settings)
        deviations = total.std(0)
        levels = settings.level * total.mean(0), (deviations / deviations.mean()) ** settings.level
        scorer = cls(settings, duals, members, np.sqrt(np.maximum(squares, 1e-6)), spreads, levels)
        return scorer, (total - levels[0]) / levels[1]

    def scores(self, likeness: Matrix, headings: Matrix) -> Matrix:
        """Return a score for each paper and section; what is given is what `Likeness.to` returns."""
        count = len(self.members)
        means = (likeness[:, :count] @ self.members + likeness[:, count:]) / self.norms
        total = _sum(((likeness + 0.05) @ self.duals, means, headings), self.spreads, self.settings)
        return (total - self.levels[0]) / self.levels[1]

    @property
    def units(self) -> tuple[Matrix, Matrix]:
        """What a unit of likeness with each listed paper and heading adds to each score, and one of heading alone."""
        import numpy as np

        own = np.eye(self.members.shape[1])
        (_, ridge), (_, mean), (_, heading) = self.spreads
        means = np.vstack([self.members, own]) / self.norms
        total = self.duals / ridge + self.settings.mean / mean * means
        return total / self.levels[1], self.settings.heading / heading * own / self.levels[1]


def _sum(parts: Sequence[Matrix], spreads: Sequence[tuple[float, float]], settings: ScorerSettings) -> Matrix:
    """Add up scores, each in the unit of its own spread over the listed papers."""
    ridge, means, headings = ((part - mean) / spread for part, (mean, spread) in zip(parts, spreads, strict=True))
    return ridge + settings.mean * means + settings.heading * headings


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns scores into shares by a temperature, and the greatest share into a probability (Platt)."""

    sharpness: float
    slope: float
    offset: float

    @classmethod
    def fit(cls, scores: Matrix, members: Matrix, weights: Matrix) -> Calibration:
        """Learn from the scores of listed papers that were left out; `weights` says how much each counts."""
        import numpy as np
        from scipy.optimize import minimize, minimize_scalar

        weights = weights / weights.mean()

        def loss(log_sharpness: float) -> float:
            shares = _softmax(scores * np.exp(log_sharpness))
            return -float((weights * np.log((shares * members).sum(1) + 1e-9)).mean())

        sharpness = float(np.exp(minimize_scalar(loss, bounds=(-3, 4), method="bounded").x))
        shares = _softmax(scores * sharpness)
        hits = members[np.arange(len(members)), shares.argmax(1)]
        odds = _odds(shares.max(1))

        def misfit(line: Matrix) -> float:
            z = line[0] * odds + line[1]
            return float(weights @ np.logaddexp(0, -(2 * hits - 1) * z) + ((line[0] - 1) ** 2 + line[1] ** 2) / 2)

        slope, offset = minimize(misfit, np.array([1.0, 0.0]), method="BFGS").x
        return cls(sharpness, max(0.05, float(slope)), float(offset))

    def probabilities(self, scores: Matrix) -> tuple[Matrix, Matrix]:
        """Return the shares of all sections, and the probability that the greatest is right."""
        import numpy as np

        shares = _softmax(scores * self.sharpness)
        return shares, 1 / (1 + np.exp(-(self.slope * _odds(shares.max(1)) + self.offset)))


def _softmax(scores: Matrix) -> Matrix:
    import numpy as np

    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)  # type: ignore[no-any-return]


def _odds(shares: Matrix) -> Matrix:
    import numpy as np

    return np.log((shares + 1e-6) / (1 - shares + 1e-6))
