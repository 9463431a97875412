"""Vectors of words, counted from texts."""

from __future__ import annotations

import pytest
from scipy import sparse

from bot.judge import meaning

TEXTS = [
    *(
        f"A {pet} eats {food} on the {place}."
        for pet in ("cat", "kitten")
        for food in ("fish", "milk")
        for place in "ab"
    ),
    *(f"A {car} burns {fuel} on the {place}." for car in ("car", "truck") for fuel in ("oil", "gas") for place in "ab"),
] * 3


def likeness(meanings: meaning.Meanings, *words: str) -> float:
    one, other = meanings.of(words, sparse.identity(2, format="csr"))
    return float(one @ other)


def test_like_company() -> None:
    """Words that stand with the same words are near, though they never share a text; others are not."""
    meanings = meaning.learn(TEXTS, size=4)
    assert likeness(meanings, "cat", "kitten") > 0.9
    assert likeness(meanings, "cat", "truck") < 0.1


def test_same_bytes() -> None:
    """The same texts give the same bytes, and what is read back is what was written."""
    written = meaning.dumps(meaning.learn(TEXTS, size=4))
    assert written == meaning.dumps(meaning.learn(TEXTS, size=4))
    assert meaning.dumps(meaning.loads(written)) == written


@pytest.mark.parametrize(
    ("word", "near", "far"), [("pruning", "sparsity", "galaxy"), ("robot", "manipulation", "translation")]
)
def test_shipped(word: str, near: str, far: str) -> None:
    """The shipped vectors know which words belong together."""
    assert likeness(meaning.shipped(), word, near) > likeness(meaning.shipped(), word, far) + 0.2


def test_as_words_stand() -> None:
    """Points, hyphens, plurals change little, and a text of unknown words has no meaning rather than an error."""
    meanings = meaning.learn(TEXTS, size=4)
    assert likeness(meanings, "cats,", "cat") == pytest.approx(1)
    assert likeness(meanings, "xyzzy", "cat") == 0
