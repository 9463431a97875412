"""The keyword judge: what matches, how much it says, and how the verdict explains itself."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.judge.keywords import KeywordJudge, phrase_pattern
from bot.model import Choice, Field, Keyword, Match, Paper, Path, Verdict
from tests import examples

KV = Keyword("KV cache", weight=0.6)


def paper(title: str, summary: str = "", number: int = 1) -> Paper:
    return Paper(f"2603.{number:05}", title, summary=summary)


def verdict(found: Paper, *keywords: Keyword, exclude: tuple[Keyword, ...] = ()) -> Verdict:
    return KeywordJudge(keywords or (KV,), exclude).judge([found])[0]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("KV cache", "the kv caches grow"),
        ("KV cache", "KV-cache"),
        ("KV cache", "KV‑cache"),
        ("KV cache", "KV–cache"),
        ("KV cache", "KV/cache"),
        ("KV cache", "KV\ncache."),
        ("KV cache", "(KV cache)"),
        ("KV cache", "low-KV cache-aware"),
        ("KV-cache", "KV cache"),
        ("multi-tenant", "multitenant"),
        ("multi-tenant", "multi tenant"),
        ("key", "keys"),
        ("query", "queries"),
        ("queries", "query"),
        ("caches", "cache"),
        ("batches", "batch"),
        ("boxes", "box"),
        ("movies", "movie"),
        ("GPUs", "GPU"),
        ("serving systems", "serving system"),
        ("loss", "losses"),
        ("LLM.int8", "LLM.int8()"),
        ("survey", "surveys"),
    ],
)
def test_phrases_match(phrase: str, text: str) -> None:
    """Case, hyphens and the number of the last word do not count."""
    assert phrase_pattern(phrase).search(text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("KV cache", "KV and cache"),
        ("KV cache", "KVcache"),
        ("KV cache", "KV cached"),
        ("KV cache", "SKV cache"),
        ("LLM", "LLMX"),
        ("LLM", "vLLM"),
        ("DNS", "DN"),
        ("loss", "los"),
        ("LLM.int8", "LLM int8"),
        ("a.b", "axb"),
        ("KV cache", "KV. Cache"),
    ],
)
def test_phrases_do_not_match(phrase: str, text: str) -> None:
    """Words are whole words, next to each other."""
    assert not phrase_pattern(phrase).search(text)


def test_title_says_more() -> None:
    """A match in the title counts half-way nearer to certainty, and is the one that is told."""
    assert verdict(paper("On KV caches", "KV cache")) == Verdict(0.8, (Match("KV cache", Field.TITLE, "On KV caches"),))
    assert verdict(paper("On caches", "A KV cache.")).relevance == 0.6
    assert verdict(paper("On caches")) == Verdict(0.0)


def test_fields() -> None:
    """A phrase bound to a field is not looked for in the other."""
    both = paper("A KV cache", "A KV cache")
    assert verdict(both, Keyword("KV cache", Field.ABSTRACT, 0.6)).relevance == 0.6
    assert verdict(both, Keyword("KV cache", Field.TITLE, 0.6)).relevance == 0.8
    assert verdict(paper("A", "A KV cache"), Keyword("KV cache", Field.TITLE, 0.6)).relevance == 0
    assert verdict(paper("A KV cache", "A"), Keyword("KV cache", Field.ABSTRACT, 0.6)).relevance == 0


def test_evidence_adds_up() -> None:
    """Several phrases add up as independent chances, strongest first."""
    found = verdict(paper("A", "LLM serving with a KV cache"), Keyword("LLM serving", weight=0.5), KV)
    assert found.relevance == 0.8
    assert [m.phrase for m in found.matched] == ["KV cache", "LLM serving"]


def test_exclusion() -> None:
    """An exclusion keeps a paper out, and says where it stands."""
    found = verdict(paper("KV cache", "For cars. Of a car."), exclude=(Keyword("car"),))
    assert found.relevance == 0
    assert found.excluded == Match("car", Field.ABSTRACT, "For cars.")
    assert found.matched


def test_groups() -> None:
    """A paper that holds no phrase of a group is barred, whatever else matches, and those phrases are named."""
    groups = ((Keyword("robot", Field.TITLE), Keyword("manipulation")), (Keyword("language model"), Keyword("VLA")))
    judge = KeywordJudge([Keyword("grasping", weight=0.9)], groups=groups)
    both, one, none = judge.judge(
        [
            Paper("1", "Grasping with robots", summary="A language model plans."),
            Paper("2", "Grasping with robots", summary="A vision model sees."),
            Paper("3", "Grasping", summary="A VLA."),
        ]
    )
    assert (both.barred, both.missing) == (False, ())
    assert both.relevance > 0.9
    assert (one.barred, one.relevance, one.missing) == (True, 0.0, ("language model", "VLA"))
    assert none.missing == ("robot", "manipulation")


def test_tex() -> None:
    """TeX in title and abstract does not hide a phrase."""
    assert verdict(paper(r"\textbf{KV} cache")).relevance == 0.8
    assert (
        verdict(paper("A", r"A \emph{KV} \textit{cache} of $n$ tokens.")).matched[0].sentence
        == "A KV cache of n tokens."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("First. A KV cache helps. Last.", "A KV cache helps."),
        ("First? A KV cache! Last.", "A KV cache!"),
        ("Caches, e.g. KV cache, as Doe et al. Found. Last.", "Caches, e.g. KV cache, as Doe et al. Found."),
        ("A 2.5 MB KV cache\nis big. Yes.", "A 2.5 MB KV cache is big."),
        ("KV cache", "KV cache"),
    ],
)
def test_the_sentence(text: str, sentence: str) -> None:
    """A match is told with its sentence."""
    assert verdict(paper("A", text)).matched[0].sentence == sentence


def test_a_long_sentence_is_cut_around_the_match() -> None:
    """A text without full stops is cut, and still holds the phrase."""
    for before in (0, 20, 200, 1000):
        sentence = verdict(paper("A", "word " * before + "KV cache" + " word" * 400)).matched[0].sentence
        assert "KV cache" in sentence
        assert len(sentence) < 260
        assert sentence.endswith(" …")
        assert sentence.startswith("… ") == (before > 20)
        assert set(sentence.split()) <= {"…", "word", "KV", "cache"}


SECTIONS: dict[Path, tuple[Keyword, ...]] = {
    ("P", "Caches"): (KV,),
    ("P", "Survey"): (Keyword("survey", Field.TITLE, 0.8),),
    ("P", "Other"): (Keyword("cloud", weight=0.3),),
}


def test_sections() -> None:
    """The strongest section is chosen; the others stand behind it as alternatives."""
    (found,) = KeywordJudge((KV,), (), SECTIONS).judge([paper("A survey of the cloud", "KV cache")])
    assert found.section == Choice(("P", "Survey"), 0.4)
    assert [c.path[-1] for c in found.alternatives] == ["Other", "Caches"]


def test_below_the_mark_is_unsorted() -> None:
    """With too little evidence no section is chosen, and the first alternative is the forced choice."""
    (found,) = KeywordJudge((KV,), (), SECTIONS).judge([paper("A", "cloud")])
    assert found.section is None
    assert found.alternatives[0].path == ("P", "Other")
    (nothing,) = KeywordJudge((KV,)).judge([paper("A")])
    assert (nothing.section, nothing.alternatives) == (None, ())


WORDS = "KV cache caches survey cloud LLM serving offloading queries a the. The: - $x$ \\textbf{KV}".split()
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
KEYWORDS = st.builds(
    Keyword,
    st.sampled_from(["KV cache", "survey", "cloud", "LLM serving", "a", "query"]),
    st.sampled_from(Field),
    st.floats(0.001, 0.9999),
)


@settings(deadline=None, max_examples=examples(80))
@given(
    st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5),
    st.lists(KEYWORDS, min_size=1, max_size=6),
    st.lists(st.lists(KEYWORDS, min_size=1, max_size=4), max_size=6),
    st.randoms(use_true_random=False),
)
def test_numbers_and_order(
    texts: list[tuple[str, str]], keywords: list[Keyword], sections: list[list[Keyword]], chance: random.Random
) -> None:
    """Numbers are probabilities, sections share at most 1, and the order of the papers changes no verdict."""
    papers = [paper("T" + title, summary, n) for n, (title, summary) in enumerate(texts)]
    judge = KeywordJudge(keywords, (), {(str(n),): ks for n, ks in enumerate(sections)})
    verdicts = dict(zip(papers, judge.judge(papers), strict=True))
    shuffled = chance.sample(papers, len(papers))
    assert dict(zip(shuffled, judge.judge(shuffled), strict=True)) == verdicts
    for found in verdicts.values():
        choices = [*([found.section] if found.section else []), *found.alternatives]
        assert 0 <= found.relevance <= 1
        assert all(0 <= c.p <= 1 for c in choices)
        assert sum(c.p for c in choices) <= 1 + 1e-9
        assert len(choices) == len(sections)
