"""A list's taste: values of papers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.judge.relevance.model import RelevanceModel
from bot.judge.relevance.own_text import OwnText, own_text
from bot.model import Paper
from tests.unit.judge.relevance.papers import FAR, LISTED, NEAR

MODEL = RelevanceModel.fit(LISTED)
TOPIC = own_text("# Awesome LLM serving\n\n- Systems that serve language models\n")


def values(model: RelevanceModel, *papers: Paper) -> list[float]:
    return model.evidence(papers).sum(axis=1).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("listed", [0, 2, 3, 9, 10, 12])
@pytest.mark.parametrize("titles", [True, False])
def test_any_size(listed: int, titles: bool) -> None:
    """A list of any size, of titles alone or with abstracts, tells its topic from another."""
    some = [replace(p, summary="", categories=(), authors=()) if titles else p for p in LISTED[:listed]]
    near, far = values(RelevanceModel.fit(some, own=TOPIC), NEAR, FAR)
    assert near > 3 > far
    assert near > far + 3


def test_nothing_known() -> None:
    """An empty list that says nothing of itself tells no topic from another."""
    model = RelevanceModel.fit([])
    same = replace(FAR, title="Serving in dark matter halos")
    assert values(model, FAR) == values(model, same)


def test_title() -> None:
    """Words of the title, or of the topic that people gave, speak for papers of a list without entries."""
    plain, told = (RelevanceModel.fit([], own=OwnText("", title)) for title in ("", "serving language models"))
    assert values(told, NEAR)[0] > values(plain, NEAR)[0] + 3


def test_company() -> None:
    """Evidence is the same, to the last bit, whatever else is judged and in whatever order papers are listed."""
    papers = [*LISTED, NEAR, FAR]
    together = MODEL.evidence(papers)
    other = RelevanceModel.fit(LISTED[::-1])
    for number, paper in enumerate(papers):
        assert np.array_equal(together[number], MODEL.evidence([paper])[0])
        assert np.array_equal(together[number], other.evidence([paper])[0])


def test_metadata() -> None:
    """Authors and categories of listed papers speak for a paper."""
    plain = Paper("1", "A title")
    known = replace(plain, authors=("Known Person",), categories=("cs.DC",))
    assert values(MODEL, known)[0] > values(MODEL, replace(known, authors=("Someone",), categories=("cs.CV",)))[0] + 2


def test_rejected() -> None:
    """What is like rejected papers has a lower value."""
    refused = [replace(NEAR, id=f"r{n}") for n in range(6)]
    assert values(RelevanceModel.fit(LISTED, refused), NEAR) < values(MODEL, NEAR)


def test_rarity() -> None:
    """Of a hundred papers of arXiv, three lie above the value from which rarity is counted; it grows with the value."""
    start, beyond = MODEL.tail
    usual, rare, rarest = MODEL.rarity(np.array([start - 100, start, start + beyond]))
    assert usual < 0
    assert np.exp(-rare) == pytest.approx(0.03)
    assert rarest == pytest.approx(rare + 1)


def test_explain() -> None:
    """The terms that speak most for a paper are told as it writes them; another topic has none of the list's."""
    near, far = MODEL.explain([NEAR, FAR])
    assert {"serving", "serving language", "language models"} & set(near)
    assert not {"we", "on", "galaxies"} & {*near, *far}
    assert MODEL.explain([NEAR]) == [near]
    assert MODEL.explain([]) == []
