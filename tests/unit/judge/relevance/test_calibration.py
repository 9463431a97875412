"""From evidence to a probability."""

from __future__ import annotations

import numpy as np
import pytest

from bot.judge.relevance.calibration import BY_LIST, of_keywords, probability, with_few_papers, with_keywords

LIKED = np.array([[6.0, 3.0, 1.0, 0.5, 0.0]])


def test_monotone() -> None:
    """Log-odds rise with rarity, however rare, and with the pace of the list."""
    rarity = np.linspace(-20, 60, 500)
    odds = BY_LIST.odds(rarity, 5)
    assert (np.diff(odds) > 0).all()
    assert (BY_LIST.odds(rarity, 10) > odds).all()


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
    """Where a list teaches too little, each of its own text and phrases can speak for a paper alone."""
    phrases = np.array([of_keywords(found) for found in (0.0, 0.3, 0.75, 0.0)])
    common, rare = with_few_papers(np.zeros(4), phrases), with_few_papers(np.full(4, 20.0), phrases)
    assert (np.diff(common[:3]) > 0).all()
    assert common[0] < -0.8 < 0 < common[2]
    assert (rare > 2).all()
