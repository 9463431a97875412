"""Figures of relevance over lists."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.lists import Case, curve_of, figures, probabilities, weights_of
from bot.judge.relevance.calibration import Curve


def case(seed: int, telling: float = 3.0) -> Case:
    """Return a list whose first evidence tells two papers listed later from 200 others; the second is noise."""
    random = np.random.default_rng(seed)
    evidence = random.normal(size=(202, 2))
    evidence[:2, 0] += telling
    return Case("a", seed % 5, 100, 1.0, 2, 4, evidence, evidence[:, 0] + 2)


def test_figures() -> None:
    """A paper counts among the best k when it stands above all but k others; the best fifteen hold all there are."""
    values = np.arange(202.0)
    found = figures(case(0), values)
    assert found.recall == (0.0, 0.0, 0.0)
    assert found.top == 0
    best = figures(case(0), -values)
    assert best.auc == pytest.approx(1)
    assert best.recall == (1.0, 1.0, 1.0)
    assert best.top == 1
    middle = np.r_[[180.5, 20.5], np.arange(200.0)]
    assert figures(case(0), middle).recall == (0.0, 0.5, 0.5)


def test_weights_follow_what_tells() -> None:
    """Evidence that tells papers apart weighs more than noise."""
    telling, noise = weights_of([case(seed) for seed in range(10)])
    assert telling > 5 * abs(noise)


def test_a_curve_of_its_own_lists_is_calibrated() -> None:
    """Of chances by a curve fitted to the same lists, the mean is the share of papers that were listed."""
    cases = [case(seed) for seed in range(20)]
    curve = curve_of(cases, Curve(-10, 10, 0.5))
    chances = [1 / (1 + np.exp(-curve.odds(one.rarity, one.pace))) for one in cases]
    assert np.mean(chances) == pytest.approx(2 / 202, rel=0.05)


def test_probabilities() -> None:
    """The Brier score and the calibration error are of the best papers alone, pooled over lists."""
    sure = np.r_[1.0, 1.0, np.zeros(200)]
    assert probabilities([case(0)], [sure], 2) == (0.0, 0.0)
    assert probabilities([case(0)], [np.full(202, 0.5)], 4) == (0.25, 0.0)
    assert probabilities([case(0)], [np.full(202, 0.5)], 2) == (0.25, 0.5)
