"""Where records say that papers were accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.arxiv.venues import accepted
from bot.model import Paper

COMMENTS = Path(__file__).parents[2] / "data/comments.txt"


def told(comment: str | None = None, journal: str | None = None) -> str | None:
    """Return the venue and year that a record tells."""
    found = accepted(Paper("2401.00001", "A Paper", comment=comment, journal_ref=journal))
    return f"{found.name} {found.year}" if found else None


def test_comments_are_read_precisely() -> None:
    """Of two hundred wordings hardly one is taken for a venue that it is not, and few venues are missed."""
    cases = [line.split(" | ", 1) for line in COMMENTS.read_text("utf-8").splitlines()]
    read = [(None if want == "-" else want, told(comment)) for want, comment in cases]
    right = sum(want == got for want, got in read if got)
    assert right / sum(got is not None for _, got in read) >= 0.98
    assert right / sum(want is not None for want, _ in read) >= 0.95
    assert len(read) >= 190


@pytest.mark.parametrize(
    ("journal", "venue"),
    [
        ("Proceedings of the 41st International Conference on Machine Learning, PMLR 235:1-20, 2024", "ICML 2024"),
        ("Nature Communications 15, 1234 (2024)", "Nature Communications 2024"),
        ("ICLR 2025 Workshop on Agents", None),
        ("submitted to Physical Review D (2024)", None),
        ("volume 3", None),
    ],
)
def test_a_journal_reference_tells_its_venue(journal: str, venue: str | None) -> None:
    """A known conference by its short name, a journal by its own words with the year, and no workshop."""
    assert told(journal=journal) == venue


def test_the_words_that_tell_a_venue_are_kept() -> None:
    """A person can check the clause that told it; addresses are no part of it."""
    found = accepted(Paper("2401.00001", "A Paper", comment="9 pages. Accepted to MLSys 2026. See https://example.org"))
    assert found
    assert (found.field, found.text) == ("comment", "Accepted to MLSys 2026")


def test_a_venue_without_its_year_is_told_without() -> None:
    """No year is guessed."""
    assert told("Accepted by IEEE TPAMI") == "TPAMI None"
