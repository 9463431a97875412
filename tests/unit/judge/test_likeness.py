"""How alike papers and headings are."""

from __future__ import annotations

import numpy as np
import pytest

from bot.judge.sections.likeness import WEIGHTS, Likeness
from bot.model import Paper

LISTED = [
    Paper("2401.00001", "Evicting the cache", ("Ada Example",), "Memory of attention is evicted.", ("cs.LG",)),
    Paper("2401.00002", "Evicted caches", summary="Attention without memory."),
    Paper("2401.00003", "Routers for replicas", ("Bo Example",), "Requests are balanced.", ("cs.DC",)),
]
HEADINGS = ["KV cache", "Routing"]


def test_listed_again() -> None:
    """A listed paper that is judged has the likenesses it has among the listed, by all views and by each."""
    for weights in (WEIGHTS, *({name: 1.0} for name in WEIGHTS)):
        likeness = Likeness(LISTED, HEADINGS, weights)
        alike, headings, _ = likeness.to(LISTED)
        assert np.allclose(alike, likeness.among[:3])
        assert np.allclose(headings, likeness.headings)


def test_bounds() -> None:
    """A paper is most like itself, and what is known of all views is like itself by one."""
    among = Likeness(LISTED, HEADINGS).among
    assert among[0, 0] == pytest.approx(1)
    assert (np.diag(among)[:3, None] >= among[:3] - 1e-9).all()
    assert among[0, 1] > among[0, 2]


def test_nothing_known() -> None:
    """Papers without authors and categories, and a paper without any word, are compared all the same."""
    alike, headings, _ = Likeness(LISTED[1:2], HEADINGS).to([Paper("2501.00001", "")])
    assert not alike.any()
    assert not headings.any()


def test_what_terms_add_is_exact() -> None:
    """Together the terms add what the views of words add to one score beyond another; each stands in the paper."""
    weights = {"words": 1.0, "title": 0.5}
    likeness = Likeness(LISTED, HEADINGS, weights)
    papers = [Paper("2501.00001", "Cache routers", summary="Memory of requests."), Paper("2501.00002", "Owls")]
    alike, headings, terms = likeness.to(papers)
    rng = np.random.default_rng(0)
    by_alike, by_heading = rng.normal(size=(5, 2)), rng.normal(size=(2, 2))
    scores = alike @ by_alike + headings @ by_heading
    added = likeness.by_term(terms, by_alike, by_heading, np.array([1, 0]), np.array([0, 1]))
    assert np.allclose(added.sum(1).A1, [scores[0, 1] - scores[0, 0], scores[1, 0] - scores[1, 1]])
    assert {likeness.names[n] for n in added[0].indices} == {"cache", "routers", "memory", "requests"}
    assert not added[1].nnz


def test_no_words_no_terms() -> None:
    """A list whose titles have no words has no terms, and neither have papers that are compared with it."""
    likeness = Likeness([Paper("2401.00001", "?")], ["?"])
    compared = likeness.to(LISTED)
    nothing = np.zeros(3, dtype=int)
    assert likeness.by_term(compared.terms, np.zeros((2, 1)), np.zeros((1, 1)), nothing, nothing).shape == (3, 0)
