"""Which way a list lies: learned from its papers and what is known of arXiv in general."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.judge.readiness import MIN_LISTED
from bot.judge.relevance.direction import Direction
from bot.model import Paper

SUBJECTS = "cache scheduling batching prefill decoding routing memory kernel cluster adapter offloading sharing".split()
LISTED = [
    Paper(
        f"2501.{n:05d}",
        f"Fast {subject} for serving language models",
        summary=f"We serve language models with better {subject} and raise throughput on GPU clusters.",
    )
    for n, subject in enumerate(SUBJECTS)
]
EVEN = [1.0] * len(LISTED)
NEAR = Paper("1", "Preemptive batching in inference systems", summary="Requests share accelerators, latency falls.")
FAR = Paper("2", "Galaxies in dark matter halos", summary="We observe galaxies through a telescope.")


def far(direction: Direction, *papers: Paper) -> list[float]:
    return [distance for distance, _ in direction.read(papers)]


def test_like_words() -> None:
    """A paper lies that way that shares hardly a word with the list, and one of another topic hardly does."""
    near, other = far(Direction(LISTED, EVEN, ()), NEAR, FAR)
    assert near > 5
    assert other < 2


@pytest.mark.parametrize("known", [0, MIN_LISTED - 1, MIN_LISTED, len(LISTED)])
def test_titles_and_abstracts(known: int) -> None:
    """The way is found by titles alone too, and by abstracts once enough of them are known."""
    some = [paper if n < known else replace(paper, summary="") for n, paper in enumerate(LISTED)]
    near, other = far(Direction(some, EVEN, ()), NEAR, FAR)
    assert near > other + 2


def test_unit() -> None:
    """Distances are counted from the mean of arXiv's papers in their standard deviations, however many are listed."""
    one, other = (Direction(LISTED * times, EVEN * times, ()) for times in (1, 5))
    assert far(one, NEAR, FAR) == pytest.approx(far(other, NEAR, FAR))


def test_unknown_words() -> None:
    """A paper without a known word lies nowhere, and no word of it is told."""
    assert Direction(LISTED, EVEN, ()).read([Paper("3", "注意力", summary="缓存"), Paper("4", "")]) == [(0.0, ())] * 2


def test_nothing_to_learn() -> None:
    """Papers without a known word do not turn the way, listed or rejected; where no other is listed there is none."""
    odd = Paper("5", "Xqzzt wlkjh", summary="注意力 vbnmq")
    usual = Direction(LISTED, EVEN, ()).read([NEAR, FAR])
    assert Direction([*LISTED, odd], [*EVEN, 1.0], [odd] * 30).read([NEAR, FAR]) == usual
    assert Direction([odd] * MIN_LISTED, [1.0] * MIN_LISTED, [NEAR]).read([NEAR, FAR]) == [(0.0, ())] * 2


def test_rejected() -> None:
    """What is like rejected papers lies less that way; what is listed and rejected alike leads nowhere."""
    refused = [replace(NEAR, id=f"r{n}") for n in range(6)]
    assert far(Direction(LISTED, EVEN, refused), NEAR)[0] < far(Direction(LISTED, EVEN, ()), NEAR)[0]
    assert Direction([NEAR] * MIN_LISTED, [1.0] * MIN_LISTED, [NEAR] * 10**4).read([FAR])


def test_company() -> None:
    """The same values whatever else is read, in any order, to the last bit."""
    direction = Direction(LISTED, EVEN, ())
    together = direction.read([*LISTED, NEAR, FAR])
    assert direction.read([FAR, NEAR, *LISTED[::-1]]) == together[::-1]
    assert [direction.read([paper])[0] for paper in (*LISTED, NEAR, FAR)] == together


def test_words() -> None:
    """The words that lead that way are told, strongest first, and those of any topic are not."""
    ((_, words),) = Direction(LISTED, EVEN, ()).read([LISTED[0]])
    assert {"serving", "gpu", "cache"} & set(words)
    assert not {"we", "with", "for"} & set(words)
