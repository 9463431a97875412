"""The vectors of words that come with the program."""

from __future__ import annotations

import numpy as np
import pytest

from bot.judge.texts import Texts
from bot.judge.word_vectors import shipped_vectors


def likeness(*words: str) -> float:
    one, other = shipped_vectors().of(Texts(words))
    return float(one @ other)


@pytest.mark.parametrize(
    ("word", "near", "far"), [("pruning", "sparsity", "galaxy"), ("robot", "manipulation", "translation")]
)
def test_meaning(word: str, near: str, far: str) -> None:
    """Words that belong together are near, others are not."""
    assert likeness(word, near) > likeness(word, far) + 0.2


def test_as_words_stand() -> None:
    """Points and plurals change little; a text of unknown words has no meaning, and that is no error."""
    assert likeness("robots,", "robot") == pytest.approx(1)
    assert likeness("xyzzy", "robot") == 0


def test_spread() -> None:
    """The spread of titles and of texts has no flat direction."""
    for spread in (shipped_vectors().titles, shipped_vectors().texts):
        assert spread.mean.shape == (shipped_vectors().vectors.shape[1],)
        assert np.linalg.eigvalsh(spread.covariance).min() > 1e-4
