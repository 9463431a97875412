"""How alike papers and headings are."""

from __future__ import annotations

import numpy as np
import pytest

from bot.judge.likeness import WEIGHTS, Likeness
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
        alike, headings = likeness.to(LISTED)
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
    alike, headings = Likeness(LISTED[1:2], HEADINGS).to([Paper("2501.00001", "")])
    assert not alike.any()
    assert not headings.any()
