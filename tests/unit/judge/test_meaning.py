"""Vectors of words, counted from texts."""

from __future__ import annotations

import numpy as np
import pytest

from bot.judge import word_vectors
from bot.judge.texts import Texts

TEXTS = [
    *(
        f"A {pet} eats {food} on the {place}."
        for pet in ("cat", "kitten")
        for food in ("fish", "milk")
        for place in "ab"
    ),
    *(f"A {car} burns {fuel} on the {place}." for car in ("car", "truck") for fuel in ("oil", "gas") for place in "ab"),
] * 3


def learned() -> word_vectors.Meanings:
    return word_vectors.learn(["A title"] * len(TEXTS), TEXTS, size=4)


def likeness(meanings: word_vectors.Meanings, *words: str) -> float:
    one, other = meanings.of(Texts(words))
    return float(one @ other)


def test_like_company() -> None:
    """Words that stand with the same words are near, though they never share a text; others are not."""
    meanings = learned()
    assert likeness(meanings, "cat", "kitten") > 0.9
    assert likeness(meanings, "cat", "truck") < 0.1


def test_same_bytes() -> None:
    """The same texts give the same bytes, and what is read back is what was written."""
    written = word_vectors.dumps(learned())
    assert written == word_vectors.dumps(learned())
    assert word_vectors.dumps(word_vectors.loads(written)) == written


@pytest.mark.parametrize(
    ("word", "near", "far"), [("pruning", "sparsity", "galaxy"), ("robot", "manipulation", "translation")]
)
def test_shipped(word: str, near: str, far: str) -> None:
    """The shipped vectors know which words belong together."""
    assert likeness(word_vectors.shipped(), word, near) > likeness(word_vectors.shipped(), word, far) + 0.2


def test_as_words_stand() -> None:
    """Points, hyphens, plurals change little, and a text of unknown words has no meaning rather than an error."""
    meanings = learned()
    assert likeness(meanings, "cats,", "cat") == pytest.approx(1)
    assert likeness(meanings, "xyzzy", "cat") == 0


def test_spread() -> None:
    """How titles and texts are spread is counted from the same papers, and the shipped spread has no flat direction."""
    meanings = learned()
    rows = meanings.of(Texts([f"A title . A title . {text}" for text in TEXTS]))
    assert meanings.texts.mean == pytest.approx(rows.mean(0), abs=1e-6)
    assert meanings.texts.covariance == pytest.approx(np.cov(rows.T), abs=1e-6)
    for spread in (word_vectors.shipped().titles, word_vectors.shipped().texts):
        assert spread.mean.shape == (word_vectors.SIZE,)
        assert np.linalg.eigvalsh(spread.covariance).min() > 1e-4
