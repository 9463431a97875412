"""Some of the damaged feeds; `make fuzz` tries many more."""

from __future__ import annotations

from bot.sources.api import ApiSource
from tests.slow import fuzz


def test_damaged_feeds_neither_crash_nor_prove() -> None:
    """Whatever a feed holds, no source fails, and none calls a window complete that is not."""
    taken, wrong = fuzz.run(300, seed=1)
    assert wrong == []
    assert set(taken) == {"Atom believed", "Atom unknown", "RSS believed", "RSS unknown"}


def test_a_false_proof_is_found() -> None:
    """The check of a batch can fail."""
    with fuzz.Damaged(fuzz.ATOM) as session:
        batch = ApiSource(session).fetch(fuzz.QUERY, [fuzz.WINDOW])
    assert fuzz.problem(batch) is None
    assert fuzz.problem(type(batch)(batch.papers[1:], batch.answers)) == "complete with 2 of 3 papers"
