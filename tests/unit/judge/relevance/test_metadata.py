"""What authors, categories and months of listed papers tell."""

from __future__ import annotations

from collections import Counter

from bot.judge.relevance.metadata import author_overlap, best_category, category_odds, pace, recency
from bot.model import Paper
from tests.unit.judge.relevance.papers import LISTED

USUAL = {"cs.DC": 30, "cs.LG": 400, "cs.CV": 300, "astro-ph.GA": 1}


def test_categories() -> None:
    """Categories of listed papers speak for a paper, the rarer the more; those of none speak against, rare or not."""
    odds = category_odds(LISTED, USUAL, 1000)
    assert best_category(odds, ["cs.DC"]) > best_category(odds, ["cs.LG"]) > 0
    assert best_category(odds, ["cs.CV", "cs.LG"]) == best_category(odds, ["cs.LG"])
    assert all(best_category(odds, [one]) < -1 for one in ("nobody.XX", "cs.CV", "astro-ph.GA"))
    assert best_category(odds, []) == best_category({}, ["cs.CV"]) == 0


def test_few_categories() -> None:
    """Nothing is said of categories while fewer than ten papers have any."""
    assert category_odds(LISTED[:9], USUAL, 1000) == {}


def test_authors() -> None:
    """The more listed papers a paper's authors have, the more they speak for it, each up to three."""
    listed = Counter({"A": 2, "B": 3, "C": 30})
    none, two, three, most = (
        author_overlap(listed, Paper("1", "T", authors=names)) for names in ((), ("A",), ("B",), ("C",))
    )
    assert 0 == none < two < three == most


def test_one_mistyped_id_makes_no_other_paper_old() -> None:
    """Recent rows count more by the months of the list; a single id of a month to come is not its newest."""
    rows = [Paper("2401.00001", "A"), Paper("2401.00002", "B"), Paper("2201.00001", "C"), Paper("9912.00001", "D")]
    assert recency(rows) == [1.0, 1.0, 0.5, 1.0]
    assert recency(rows[:1]) == [1.0]
    assert recency([]) == []


def test_pace() -> None:
    """The pace is the number of papers of the list's last months; ids without a month are none of them."""
    assert pace(["2407.00001", "2407.00002", "2401.00001", "2312.00001", ""]) == 3
    assert pace([]) == 0
