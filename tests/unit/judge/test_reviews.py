"""What decisions say beyond the list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.judge.relevance.model import WITH_KEYWORDS, Evidence, of_keywords
from bot.judge.relevance.reviews import Reviews
from bot.model import Paper

SERVING = [
    Paper(f"2501.{n:05d}", "Serving language models", summary=f"Requests share GPUs, part {n}.") for n in range(20)
]
IMAGES = [
    Paper(f"2502.{n:05d}", "Diffusion of images", summary=f"Pictures are generated, part {n}.") for n in range(20)
]
LIKE = Paper("2503.00001", "A scheduler of requests to language models", summary="GPUs are shared.")
UNLIKE = Paper("2503.00002", "How images are generated", summary="Pixels of pictures by diffusion.")
SHOWN = Evidence(of_keywords(0.9), category=1.0)
BELOW = Evidence(of_keywords(0.0), category=-3.0)


def learned(times: int = 20) -> Reviews:
    """Return what so many papers of either kind teach, those on images rejected."""
    papers = [*SERVING[:times], *IMAGES[:times]]
    return Reviews.fit(WITH_KEYWORDS, papers, [SHOWN] * len(papers), [p in SERVING for p in papers])


def test_like_what_was_decided() -> None:
    """What is like accepted papers gains and what is like rejected ones loses; few decisions move little."""
    like, unlike = learned().adds([LIKE, UNLIKE], [SHOWN] * 2)
    assert like > 0.2
    assert unlike < -0.2
    little, less = learned(1).adds([LIKE, UNLIKE], [SHOWN] * 2)
    assert 0 < little < like / 2
    assert unlike / 2 < less < 0


def test_kinds_of_evidence() -> None:
    """Where papers with keywords are rejected and those of the list's categories taken, both count accordingly."""
    papers = [replace(LIKE, id=str(n)) for n in range(40)]
    evidence = [Evidence(2.0, category=-1.0), Evidence(1.0, category=2.0)] * 20
    found = Reviews.fit(WITH_KEYWORDS, papers, evidence, [False, True] * 20)
    one, other = found.adds(papers[:2], evidence[:2])
    assert one < 0 < other


@pytest.mark.parametrize("accepted", [True, False])
def test_one_answer_to_everything(accepted: bool) -> None:
    """A curator who takes all or rejects all says hardly anything of one paper rather than another."""
    papers = [*SERVING, *IMAGES]
    found = Reviews.fit(WITH_KEYWORDS, papers, [SHOWN] * 40, [accepted] * 40)
    assert found.adds([LIKE, UNLIKE], [SHOWN] * 2) == pytest.approx([0, 0], abs=0.15)


def test_fades_below_the_mark() -> None:
    """A paper that hardly anything speaks for is not lifted towards the mark for being like accepted ones."""
    (shown,), (below,) = (learned().adds([LIKE], [evidence]) for evidence in (SHOWN, BELOW))
    assert 0 < below < shown / 5


def test_company() -> None:
    """No value depends on what else is judged, nor on how many papers are."""
    found = learned()
    together = found.adds([LIKE, UNLIKE, *SERVING], [SHOWN] * 22)
    assert [found.adds([paper], [SHOWN])[0] for paper in (LIKE, UNLIKE, *SERVING)] == together
