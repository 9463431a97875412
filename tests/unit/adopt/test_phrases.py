"""Phrases mined from invented titles."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adopt import phrases
from bot.adopt.phrases import MORE_IN_ABSTRACTS, MOST_IN_TITLES, MOST_PHRASES, mine_phrases, mine_section_phrases
from bot.judge.keywords import phrase_pattern
from bot.judge.term_counts import TermCounts
from bot.model import Field
from tests import examples

ARXIV = TermCounts(
    papers=10_000,
    terms={
        "model": (3000, 8000),
        "learning": (2000, 6000),
        "learning model": (900, 2000),
        "model learning": (900, 2000),
        "beehive": (4, 6),
        "swarm": (40, 900),
        "honey": (5, 8),
        "bee": (9, 30),
        "wax": (4, 5),
    },
    categories={},
)
TITLES = (
    *(f"Learning Models of the Beehive: {part}" for part in "One Two Three Four Five".split()),
    *(f"{what} Swarms: A Learning Model" for what in "Quiet Loud Early Late".split()),
    "Honey-Bee Dances",
    "Honey Bee Diets",
    "The Honey-Bee and Its Wax",
)


def texts(titles: tuple[str, ...] = TITLES) -> dict[str, phrases.MinedPhrase]:
    """Return what is mined, by its text."""
    return {phrase.text: phrase for phrase in mine_phrases(titles, ARXIV)}


def test_what_is_rare_elsewhere_explains() -> None:
    """Words that arXiv is full of are no phrases, however many titles hold them; what is rare there is."""
    assert set(texts()) == {"beehive", "swarms", "honey-bee"}


def test_a_common_phrase_is_sought_in_titles() -> None:
    """What abstracts hold often is sought in titles alone; what they hardly hold is sought there, too."""
    found = texts()
    assert found["swarms"].field is Field.TITLE
    assert found["beehive"].field is Field.ANY


def test_a_mere_part_is_left_to_the_whole() -> None:
    """`honey` and `bee` stand nowhere but in `honey bee`, in either spelling, and are not phrases of their own."""
    found = texts()
    assert found["honey-bee"].share == 3 / len(TITLES)
    assert not {"honey", "bee", "Honey-Bee"} & set(found)


def test_a_compound_is_not_cut() -> None:
    """No phrase begins or ends inside a hyphenated word."""
    titles = ("A Wax-Free Frame", "The Wax-Free Hive", "Some Wax-Free Candles", *TITLES)
    assert "wax-free" in texts(titles)
    assert "wax" not in texts(titles)


def test_acronyms_have_plurals() -> None:
    """`BPUs` is the plural of `BPU`, and both are one phrase in the spelling most used."""
    titles = ("BPUs at Night", "A BPU for Us", "More BPUs", *TITLES)
    assert texts(titles)["BPUs"].share == 3 / len(titles)


def test_chance_is_not_mined() -> None:
    """Titles with nothing in common but what arXiv is full of have no phrases."""
    assert mine_phrases([f"Model Learning {n}" for n in range(20)], ARXIV) == ()


WORDS = st.sampled_from(
    "beehive swarm honey bee wax model learning of the new dance frame-free queen drones BPUs".split()
)


@settings(max_examples=examples(40))
@given(st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=40))
def test_limits_hold(titles: list[str]) -> None:
    """However the titles read: few phrases, within what may be matched, each found where it was counted."""
    found = mine_phrases(titles, ARXIV)
    assert len(found) <= MOST_PHRASES
    assert sum(phrase.elsewhere for phrase in found) <= MOST_IN_TITLES + MORE_IN_ABSTRACTS
    for phrase in found:
        matched = sum(bool(phrase_pattern(phrase.text).search(title)) for title in titles)
        assert matched >= phrase.share * len(titles) - 1e-9


def test_sections_are_told_apart() -> None:
    """A section's phrases are those that stand in several of its titles and hardly in those of others."""
    dances = ["Waggle Dance Speed", "The Waggle Dance at Noon", "Decoding the Waggle Dance", "Honey and Dance"]
    diets = ["Honey Diets", "Diets in Spring", "Poor Diets", "Diets and Honey"]
    one, other = mine_section_phrases([dances, diets])
    assert [phrase.text for phrase in one] == ["dance"]
    assert [phrase.text for phrase in other] == ["diets"]
    assert mine_section_phrases([[], dances])[0] == ()
