"""What curators of all lists prefer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.judge.relevance.preferences import preferred, traits
from bot.model import Paper

PLAIN = Paper("1", "A title of some six words", authors=("A", "B"), summary="We study it.")


@pytest.mark.parametrize(
    "better",
    [
        replace(PLAIN, authors=tuple("ABCDEFGH")),
        replace(PLAIN, title="A title"),
        replace(PLAIN, summary="We study it. Our code is publicly available."),
        replace(PLAIN, summary="We study it and outperform others."),
    ],
)
def test_preferred(better: Paper) -> None:
    """More authors, a shorter title, code and claims are each preferred."""
    one, other = preferred(traits([PLAIN, better]))
    assert other > one


def test_none() -> None:
    """No papers have no traits, and authors count up to twenty."""
    assert preferred(traits([])).size == 0
    twenty, more = preferred(traits([replace(PLAIN, authors=tuple(map(str, range(n)))) for n in (20, 200)]))
    assert twenty == more
