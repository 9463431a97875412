"""From evidence to a probability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.judge.relevance.calibration import by_list, of_keywords, probability, with_few_papers, with_keywords
from bot.judge.relevance.model import RelevanceModel
from tests.unit.judge.relevance.papers import LISTED

MODEL = RelevanceModel.fit(LISTED)
LIKED = np.array([[6.0, 3.0, 1.0, 0.5, 0.0]])


def test_monotone() -> None:
    """Probability never falls as the value rises, and rises with the pace of the list."""
    values = np.linspace(-20, 60, 500)
    odds = by_list(MODEL, values)
    assert (np.diff(odds) >= 0).all()
    assert (by_list(replace(MODEL, pace=MODEL.pace * 2), values) > odds).all()


def test_phrases_do_not_overrule_the_list() -> None:
    """Phrases lift what the list speaks for; what it does not speak for stays below, however many match."""
    many, none = np.array([5.0]), np.array([0.0])
    lifted, plain = (with_keywords(found, LIKED).sum() for found in (many, none))
    assert lifted > plain + 3
    assert with_keywords(many, -LIKED).sum() < plain


def test_significant_digits() -> None:
    """Small probabilities keep their order: they are rounded to four significant digits."""
    assert probability(-9.0) == pytest.approx(1.234e-4)
    assert probability(-9.001) < probability(-9.0)
    assert probability(-1000) > 0
    assert probability(1000) == 1


def test_few_papers() -> None:
    """Where a list teaches too little, the more phrases say the likelier a paper is, and without any it is unlikely."""
    chances = [with_few_papers(of_keywords(found)) for found in (0.0, 0.3, 0.75)]
    assert chances == sorted(chances)
    assert chances[0] < 0.05 < 0.1 < chances[2]
