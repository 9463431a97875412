"""The comparison of ways to choose sections judges as the judge does, and leaves lists out."""

from __future__ import annotations

import pytest

from benchmarks.sections import Prepared, Way, best, ways
from bot.judge.readiness import Listed
from bot.judge.sections.model import SectionModel
from bot.model import Paper

SECTIONS = [("P", "KV cache"), ("P", "Routing")]
LISTED = [
    *(
        Listed(Paper(f"2401.0000{n}", f"Cache eviction method {n}", summary="Memory."), (SECTIONS[0],))
        for n in range(6)
    ),
    *(Listed(Paper(f"2402.0000{n}", f"Request router for replicas {n}"), (SECTIONS[1],)) for n in range(6)),
]
NEW = [Paper("2501.00001", "Cache eviction"), Paper("2501.00002", "A router", summary="Replicas get requests.")]


def test_answers_as_the_judge() -> None:
    """The shipped way, put together from single views, is what the judge does."""
    model = SectionModel.fit(LISTED, dict.fromkeys(SECTIONS, ()))
    assert model is not None
    answers = Prepared(LISTED, SECTIONS, NEW).answers(Way("shipped"))
    for answer, placed in zip(answers, model.choose(NEW), strict=True):
        assert answer["section"]["path"] == placed.choices[0].path
        assert answer["section"]["p"] == pytest.approx(placed.choices[0].p, abs=1e-4)


def test_best_elsewhere() -> None:
    """The way of a list is the best one on the others: its own figures and those of small lists do not count."""
    middling = {"top1": 0.5, "top3": 0.5, "f1": 0.5, "acc50": 0.5, "brier": 0.5, "test": 50}
    small = {**middling, "test": 3}
    figures = {
        "good elsewhere": {"A": {**middling, "top1": 0}, "B": {**middling, "top1": 0.6}, "small": {**small, "top1": 9}},
        "good here": {"A": {**middling, "top1": 1}, "B": middling, "small": small},
    }
    assert best(figures, "A") == "good elsewhere"
    assert best(figures, "B") == "good here"


def test_ways_have_names() -> None:
    """Every way is compared under a name of its own, the shipped one first."""
    names = [way.name for way in ways()]
    assert names[0] == "shipped"
    assert len(set(names)) == len(names)
