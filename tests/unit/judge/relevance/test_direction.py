"""Which way a list lies: learned from its papers and what is known of arXiv in general."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.judge.readiness import MIN_LISTED
from bot.judge.relevance.direction import Direction
from bot.model import Paper
from tests.unit.judge.relevance.papers import LISTED

EVEN = [1.0] * len(LISTED)
NEAR = Paper("1", "Preemptive batching in inference systems", summary="Requests share accelerators, latency falls.")
FAR = Paper("2", "Galaxies in dark matter halos", summary="We observe galaxies through a telescope.")


def far(direction: Direction, *papers: Paper) -> list[float]:
    return direction.distances(papers).tolist()  # type: ignore[no-any-return]


def test_like_words() -> None:
    """A paper lies that way that shares hardly a word with the list, and one of another topic hardly does."""
    near, other = far(Direction.fit(LISTED, EVEN, ()), NEAR, FAR)
    assert near > 5
    assert other < 2


@pytest.mark.parametrize("known", [0, MIN_LISTED - 1, MIN_LISTED, len(LISTED)])
def test_titles_and_abstracts(known: int) -> None:
    """The way is found by titles alone too, and by abstracts once enough of them are known."""
    some = [paper if n < known else replace(paper, summary="") for n, paper in enumerate(LISTED)]
    near, other = far(Direction.fit(some, EVEN, ()), NEAR, FAR)
    assert near > other + 2


def test_unit() -> None:
    """Distances are counted from the mean of arXiv's papers in their standard deviations, however many are listed."""
    one, other = (Direction.fit(LISTED * times, EVEN * times, ()) for times in (1, 5))
    assert far(one, NEAR, FAR) == pytest.approx(far(other, NEAR, FAR))


def test_unknown_words() -> None:
    """A paper without a known word lies nowhere."""
    assert far(Direction.fit(LISTED, EVEN, ()), Paper("3", "注意力", summary="缓存"), Paper("4", "")) == [0.0, 0.0]


def test_nothing_to_learn() -> None:
    """Papers without a known word do not turn the way, listed or rejected; where no other is listed there is none."""
    odd = Paper("5", "Xqzzt wlkjh", summary="注意力 vbnmq")
    usual = far(Direction.fit(LISTED, EVEN, ()), NEAR, FAR)
    assert far(Direction.fit([*LISTED, odd], [*EVEN, 1.0], [odd] * 30), NEAR, FAR) == usual
    assert far(Direction.fit([odd] * MIN_LISTED, [1.0] * MIN_LISTED, [NEAR]), NEAR, FAR) == [0.0, 0.0]
    assert far(Direction.fit(LISTED[:-3], EVEN[:-3], ()), NEAR, FAR) == [0.0, 0.0]


def test_rejected() -> None:
    """What is like rejected papers lies less that way; what is listed and rejected alike leads nowhere."""
    refused = [replace(NEAR, id=f"r{n}") for n in range(6)]
    assert far(Direction.fit(LISTED, EVEN, refused), NEAR)[0] < far(Direction.fit(LISTED, EVEN, ()), NEAR)[0]
    assert far(Direction.fit([NEAR] * MIN_LISTED, [1.0] * MIN_LISTED, [NEAR] * 10**4), FAR)


def test_company() -> None:
    """The same values whatever else is read, in any order, to the last bit."""
    direction = Direction.fit(LISTED, EVEN, ())
    together = far(direction, *LISTED, NEAR, FAR)
    assert far(direction, FAR, NEAR, *LISTED[::-1]) == together[::-1]
    assert [far(direction, paper)[0] for paper in (*LISTED, NEAR, FAR)] == together
