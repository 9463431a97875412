"""What decisions say beyond the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.judge.relevance.reviews import Reviews, Weighing
from bot.model import Paper

SERVING = [
    Paper(f"2501.{n:05d}", "Serving language models", summary=f"Requests share GPUs, part {n}.") for n in range(20)
]
IMAGES = [
    Paper(f"2502.{n:05d}", "Diffusion of images", summary=f"Pictures are generated, part {n}.") for n in range(20)
]
LIKE = Paper("2503.00001", "A scheduler of requests to language models", summary="GPUs are shared.")
UNLIKE = Paper("2503.00002", "How images are generated", summary="Pixels of pictures by diffusion.")
SHOWN, BELOW = (2.0, 0.2), (0.0, -3.0)
"""Kinds of evidence, as log-odds: of a paper that was shown, and of one below the mark."""


def weighing(papers: Sequence[Paper], *kinds: tuple[float, float]) -> Weighing:
    """Return papers with evidence, the last for all the rest."""
    every = np.array([kinds[min(n, len(kinds) - 1)] for n in range(len(papers))])
    return Weighing(papers, every.sum(axis=1) - 3, every)


def learned(times: int = 20) -> Reviews:
    """Return what so many papers of either kind teach, those on images rejected."""
    papers = [*SERVING[:times], *IMAGES[:times]]
    return Reviews.fit(weighing(papers, SHOWN), [p in SERVING for p in papers])


def test_like_what_was_decided() -> None:
    """What is like accepted papers gains and what is like rejected ones loses; few decisions move little."""
    both = weighing([LIKE, UNLIKE], SHOWN)
    like, unlike = learned().adds(both)
    assert like > 0.2
    assert unlike < -0.2
    little, less = learned(1).adds(both)
    assert 0 < little < like / 2
    assert unlike / 2 < less < 0


def test_kinds_of_evidence() -> None:
    """Where papers with keywords are rejected and those of the list's categories taken, both count accordingly."""
    kinds = [(1.8, -0.2), (0.9, 0.4)]
    found = Reviews.fit(weighing([replace(LIKE, id=str(n)) for n in range(40)], *kinds * 20), [False, True] * 20)
    one, other = found.adds(weighing([LIKE, LIKE], *kinds))
    assert one < 0 < other


@pytest.mark.parametrize("accepted", [True, False])
def test_one_answer_to_everything(accepted: bool) -> None:
    """A curator who takes all or rejects all says hardly anything of one paper rather than another."""
    found = Reviews.fit(weighing([*SERVING, *IMAGES], SHOWN), [accepted] * 40)
    assert found.adds(weighing([LIKE, UNLIKE], SHOWN)) == pytest.approx([0, 0], abs=0.15)


def test_fades_below_the_mark() -> None:
    """A paper that hardly anything speaks for is not lifted towards the mark for being like accepted ones."""
    (shown,), (below,) = (learned().adds(weighing([LIKE], kinds)) for kinds in (SHOWN, BELOW))
    assert 0 < below < shown / 5


def test_company() -> None:
    """No value depends on what else is judged, nor on how many papers are."""
    found = learned()
    papers = [LIKE, UNLIKE, *SERVING]
    together = found.adds(weighing(papers, SHOWN)).tolist()
    assert [found.adds(weighing([paper], SHOWN))[0] for paper in papers] == together


def test_surprising_decisions_are_learned_from() -> None:
    """Decisions against very sure judgements still give the likeliest weights of all."""
    papers = [replace(LIKE, id=str(n)) for n in range(40)]
    random = np.random.default_rng(1)
    kinds = random.normal(scale=20, size=(40, 2))
    decided = Weighing(papers, kinds.sum(axis=1), kinds)
    labels = random.random(40) < 0.5
    found = Reviews.fit(decided, list(labels))
    features = np.hstack([decided.rows(), np.ones((40, 1))])

    def loss(slopes: NDArray[Any], constant: float) -> float:
        odds = decided.odds + features @ np.append(slopes, constant)
        missed = (np.logaddexp(0, odds) - labels * odds).sum()
        return float(missed + (slopes @ slopes + constant**2 / 9) / 2)

    least = min(loss(found.slopes, constant) for constant in np.linspace(-9, 9, 181))
    assert least < min(loss(0 * found.slopes, constant) for constant in np.linspace(-9, 9, 181))
    assert least < min(loss(found.slopes * part, c) for part in (0.5, 1.5) for c in np.linspace(-9, 9, 181))
