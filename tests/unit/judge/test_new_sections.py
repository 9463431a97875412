"""Sections that papers ask for and that a list lacks."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.judge.readiness import Listed
from bot.judge.sections.new_sections import new_sections
from bot.model import Candidate, Choice, NewSection, Paper, Verdict

LISTED = [
    Listed(Paper(f"2401.{n:05d}", f"{what} for serving large language models, part {n}"), (("Serving", what),))
    for n, what in enumerate(("Scheduling", "KV cache offloading", "Prefill disaggregation") * 10)
]
DRAFTS = ("Tree", "Lossless", "Adaptive", "Staged", "Medusa", "Eagle")
HEADINGS = [("Serving", "Scheduling"), ("Serving", "KV cache offloading"), ("Serving", "Prefill disaggregation")]


def judged(titles: Sequence[str], p: float = 0.3) -> list[Candidate]:
    """Papers of these titles, each fitting a section with the probability `p`."""
    verdict = Verdict(0.9, section=Choice(HEADINGS[0], p))
    return [Candidate(Paper(f"2402.{n:05d}", title), verdict) for n, title in enumerate(titles)]


NEW = [f"{one} Speculative Decoding of language models" for one in DRAFTS]
OLD = [f"{what} for serving, again {n}" for n, what in enumerate(("Scheduling", "KV cache offloading") * 5)]


def test_papers_that_share_a_term_the_list_lacks_ask_for_a_section() -> None:
    """It is named by their words as their titles write them, and holds them alone."""
    found = new_sections(judged(NEW + OLD), LISTED, HEADINGS)
    assert found == (NewSection("Speculative Decoding", tuple(f"2402.{n:05d}" for n in range(6))),)


def test_papers_of_sections_that_exist_ask_for_none() -> None:
    """What the list's own rows say again is no news, nor is a term of only three papers."""
    assert new_sections(judged(OLD), LISTED, HEADINGS) == ()
    assert new_sections(judged(NEW[:3] + OLD), LISTED, HEADINGS) == ()


def test_papers_that_surely_fit_a_section_need_more_evidence() -> None:
    """What is enough where no section fits is not where one surely does."""
    few = [title.replace("Speculative Decoding", "Energy") for title in NEW[:4]]
    listed = [*LISTED, *(Listed(Paper(f"2401.1000{n}", f"Energy {n}"), (HEADINGS[0],)) for n in range(2))]
    assert new_sections(judged(few + OLD, p=0.0), listed, HEADINGS)
    assert not new_sections(judged(few + OLD, p=1.0), listed, HEADINGS)


def test_no_section_has_the_words_of_a_heading() -> None:
    """A section that is there, though empty, is not opened again."""
    assert new_sections(judged(NEW + OLD), LISTED, [*HEADINGS, ("Serving", "Speculative decoding and drafts")]) == ()


def test_generic_words_name_no_section() -> None:
    """What a tenth of arXiv says is no topic, however many papers share it."""
    generic = [f"{one} framework and application for time and performance" for one in DRAFTS]
    assert new_sections(judged(generic + OLD), LISTED, HEADINGS) == ()


def test_names_hold_words_alone() -> None:
    """Markup between the words of titles does not come into a name."""
    hostile = [f"{one} Speculative](http://x.y) <b>Decoding" for one in DRAFTS]
    names = [section.name for section in new_sections(judged(hostile + OLD), LISTED, HEADINGS)]
    assert names
    assert all(not set("[]()<>:/") & set(name) for name in names)


@given(st.permutations(range(len(NEW) + len(OLD))))
def test_the_order_of_papers_does_not_matter(order: list[int]) -> None:
    """The same papers give the same sections."""
    papers = judged(NEW + OLD)
    assert new_sections([papers[n] for n in order], LISTED, HEADINGS) == new_sections(papers, LISTED, HEADINGS)


@given(st.lists(st.text(min_size=1, max_size=40), min_size=4, max_size=12))
def test_any_titles_are_read(titles: list[str]) -> None:
    """Whatever titles hold, no section has fewer than four papers, and none has a paper twice."""
    found = new_sections(judged([*titles, *titles]), (), ())
    assert all(len(section.papers) >= 4 for section in found)
    ids = [i for section in found for i in section.papers]
    assert len(ids) == len(set(ids))
