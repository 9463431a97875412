"""Phrases mined from invented titles."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adopt import phrases
from bot.adopt.phrases import MORE_IN_ABSTRACTS, MOST_IN_TITLES, MOST_PHRASES, Said, mine_phrases
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


BEES = Said(("Honey Bees and Their Swarms",))


def texts(titles: Sequence[str] = TITLES, said: Said = BEES) -> dict[str, phrases.MinedPhrase]:
    """Return what is mined, by its text."""
    return {phrase.text: phrase for phrase in mine_phrases(titles, said, ARXIV)}


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
    assert texts(titles, Said(("A BPU",)))["BPUs"].share == 3 / len(titles)


def test_chance_is_not_mined() -> None:
    """Titles with nothing in common but what arXiv is full of have no phrases."""
    assert mine_phrases([f"Model Learning {n}" for n in range(20)], Said(()), ARXIV) == ()


def test_single_words_must_name_the_topic() -> None:
    """A word that several titles hold is no phrase unless a quarter of them hold it or the list says it of itself."""
    titles = [f"{'Household' if n < 3 else 'Plans' if n < 6 else 'Wax Robot'} {n}" for n in range(40)]
    assert set(texts(titles, Said(()))) == {"wax robot"}
    assert "household" in texts([*titles, *TITLES], Said(("Household Robots",)))


def test_pairs_and_triples_name_the_topic() -> None:
    """What stands together is one phrase, however it is hyphenated; fragments and marks of references are none."""
    titles = [
        *(f"A Vision-Language-Action Model for Task {n}" for n in range(8)),
        *(f"Vision Language Action Policies, arXiv preprint {n}" for n in range(4)),
        "V ision-language-action Agents", "Agents et al", "Agents et al, again", "Commonsense", "Commonsense Plans",
    ]  # fmt: skip
    found = texts(titles, Said(("VLA",)))
    assert {"vision-language-action"} <= {text.removesuffix(" model") for text in found}
    assert not {"vision", "ision", "ision-language-action", "et al", "arXiv preprint", "commonsense", "plans"} & set(
        found
    )


def test_a_young_list_speaks_for_itself() -> None:
    """Below ten papers the runs of words of topic, title and headings are phrases, longest first, and what is done."""
    said = Said(("training honey bees", "The Wax Frame Builders"), ("Queen Rearing and Care", "Drones"))
    assert set(texts((), said)) == {
        "training", "training honey bees", "honey bees", "wax frame builders", "frame builders", "queen rearing",
    }  # fmt: skip
    assert not texts((), Said(("论文",)))
    assert set(texts((), Said(("Learning Models",)))) == {"learning models"}


WORDS = st.sampled_from(
    "beehive swarm honey bee wax model learning of the new dance frame-free queen drones BPUs".split()
)


@settings(max_examples=examples(40))
@given(st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=40))
def test_limits_hold(titles: list[str]) -> None:
    """However the titles read: few phrases, within what may be matched, each found where it was counted."""
    found = mine_phrases(titles, BEES, ARXIV)
    assert len(found) <= MOST_PHRASES
    assert sum(phrase.elsewhere for phrase in found) <= MOST_IN_TITLES + MORE_IN_ABSTRACTS
    for phrase in found:
        matched = sum(bool(phrase_pattern(phrase.text).search(title)) for title in titles)
        assert matched >= phrase.share * len(titles) - 1e-9
