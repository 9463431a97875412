"""What `tools/background.py` counts and learns, from invented texts."""

from __future__ import annotations

import numpy as np
import pytest

from bot.judge.term_counts import read_term_counts
from bot.judge.texts import Texts
from bot.judge.word_vectors import WordVectors, read_vectors
from bot.model import Paper
from tools import background

TEXTS = [
    *(
        f"A {pet} eats {food} on the {place}."
        for pet in ("cat", "kitten")
        for food in ("fish", "milk")
        for place in "ab"
    ),
    *(f"A {car} burns {fuel} on the {place}." for car in ("car", "truck") for fuel in ("oil", "gas") for place in "ab"),
] * 3


def learned() -> WordVectors:
    return background.learn(["A title"] * len(TEXTS), TEXTS, size=4)


def likeness(vectors: WordVectors, *words: str) -> float:
    one, other = vectors.of(Texts(words))
    return float(one @ other)


def test_like_company() -> None:
    """Words that stand with the same words are near, though they never share a text; others are not."""
    vectors = learned()
    assert likeness(vectors, "cat", "kitten") > 0.9
    assert likeness(vectors, "cat", "truck") < 0.1


def test_same_bytes() -> None:
    """The same texts give the same bytes, and what is read back is what was written."""
    written = background.vector_bytes(learned())
    assert written == background.vector_bytes(learned())
    assert background.vector_bytes(read_vectors(written)) == written


def test_spread() -> None:
    """How texts are spread is counted from the same papers."""
    vectors = learned()
    rows = vectors.of(Texts([f"A title . A title . {text}" for text in TEXTS]))
    assert vectors.texts.mean == pytest.approx(rows.mean(0), abs=1e-6)
    assert vectors.texts.covariance == pytest.approx(np.cov(rows.T), abs=1e-6)


def test_background_codec() -> None:
    """Counts are read as they were written, rare terms left out."""
    far = Paper("2601.00002", "Galaxies in dark halos", summary="We observe galaxies.", categories=("astro-ph.GA",))
    counted = background.count([far] * 4 + [Paper("2601.00001", "Scheduling requests")])
    assert read_term_counts(background.counts_bytes(counted)) == counted
    assert counted.terms["galaxie"] == (4, 4)
    assert "request" not in counted.terms
    assert counted.categories == {"astro-ph.GA": 4}
