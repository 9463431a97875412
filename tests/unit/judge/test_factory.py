"""The configured judge: which papers are worth a look, and what a list must have."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.errors import ConfigError
from bot.judge.factory import JudgeInput, judge_for, judge_of, judged, sections_wanted
from bot.judge.sections.model import LearnedSections
from bot.model import Candidate, Choice, LeftOut, Paper, Verdict
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from bot.sources.query import matches

TEXT = """lists:
  - name: a
    file: a.md
    keywords: [{phrase: KV cache, weight: 0.8}, {phrase: cloud, weight: 0.1}]
    exclude: [car]
    sections:
      - {heading: Caches, keywords: [cache]}
      - {heading: Survey, keywords: [survey]}
"""
SETTINGS = config.loads(TEXT, "k.yaml")
TASK = SETTINGS.lists[0]
CACHES = parse(b"# P\n## Caches\n|Paper|\n|--|\n")
FAR = Paper("2603.00009", "Dark matter halos", summary="We observe galaxies.")
BOTH = parse(b"# P\n## Caches\n|Paper|\n|--|\n\n## survey\n|Paper|\n|--|\n")


def test_judged() -> None:
    """Papers above the near-miss mark come best first; excluded ones are named, the rest is counted."""
    papers = [
        Paper("2603.00003", "Low", summary="KV cache"),
        Paper("2603.00002", "KV cache"),
        Paper("2603.00001", "KV cache"),
        Paper("2603.00004", "KV cache in a car"),
        Paper("2603.00005", "Galaxies", summary="cloud"),
    ]
    found = judged(JudgeInput(SETTINGS, TASK, BOTH), papers)
    near, left_out, irrelevant = found.candidates, found.left_out, found.irrelevant
    assert [c.paper.id for c in near] == ["2603.00001", "2603.00002", "2603.00003"]
    assert left_out == (LeftOut("2603.00004", "KV cache in a car", "“car” in the title"),)
    assert irrelevant == 1
    assert judged(JudgeInput(SETTINGS, TASK, BOTH), papers[::-1]).candidates == near


def test_sections_are_chosen_for_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No section is chosen for a paper below the near-miss mark, unless it waits for room."""
    placed: list[str] = []
    add = LearnedSections.add

    def seen(self: LearnedSections, papers: list[Paper], verdicts: list[Verdict]) -> tuple[Verdict, ...]:
        placed.extend(paper.id for paper in papers)
        return add(self, papers, verdicts)

    monkeypatch.setattr(LearnedSections, "add", seen)
    papers = [Paper("2603.00002", "KV cache"), FAR, replace(FAR, id="2603.00008")]
    found = judged(JudgeInput(SETTINGS, TASK, BOTH), papers, waiting={"2603.00008"})
    assert placed == ["2603.00002", "2603.00008"]
    assert found.irrelevant == 1


def test_the_topic_of_a_list_names_no_section() -> None:
    """Papers ask for a section by words of their own; those of the list's title or topic are what all are about."""
    drafts = [Candidate(Paper(f"2603.0000{n}", f"Kind {n} of Speculative Decoding"), Verdict(0.9)) for n in range(1, 6)]
    others = [Candidate(Paper(f"2603.000{n}", "KV cache"), Verdict(0.9)) for n in range(11, 20)]

    def named(title: bytes, topic: str | None) -> list[str]:
        given = JudgeInput(
            SETTINGS, TASK.model_copy(update={"topic": topic}), parse(CACHES.source.replace(b"P", title))
        )
        return [section.name for section in sections_wanted(given, drafts + others)]

    assert named(b"P", None) == ["Speculative Decoding"]
    assert named(b"Speculative decoding papers", None) == named(b"P", "decoding that is speculative") == []


def test_papers_that_stand_unsorted_ask_too() -> None:
    """Three new papers and two that stand in the section for the unsorted are enough."""
    rows = b"".join(
        b"|[Mode %d of Speculative Decoding](https://arxiv.org/abs/2602.0000%d)|\n" % (n, n) for n in (1, 2)
    )
    list_ = parse(BOTH.source + b"\n## Unsorted\n|Paper|\n|--|\n" + rows)
    drafts = [Candidate(Paper(f"2603.0000{n}", f"Kind {n} of Speculative Decoding"), Verdict(0.9)) for n in range(1, 4)]
    others = [Candidate(Paper(f"2603.000{n}", "KV cache"), Verdict(0.9)) for n in range(11, 20)]
    task = TASK.model_copy(update={"unsorted": "Unsorted"})
    (found,) = sections_wanted(JudgeInput(SETTINGS, task, list_), drafts + others)
    assert found.papers == ("2602.00001", "2602.00002", "2603.00001", "2603.00002", "2603.00003")
    assert not sections_wanted(JudgeInput(SETTINGS, TASK, list_), drafts + others)


def test_sections_must_be_there() -> None:
    """A section that the list has not is told at its line, with those there are; a foreign list may lack it."""
    with pytest.raises(ConfigError) as raised:
        judge_for(JudgeInput(SETTINGS, TASK, CACHES))
    assert raised.value.line == 8
    assert "a.md has no section 'Survey', or several; its sections with papers: 'Caches'" in str(raised.value)
    (verdict,) = judge_of(JudgeInput(SETTINGS, TASK, CACHES)).judge([Paper("1", "A survey")])
    assert verdict.section == Choice(("P", "Caches"), 1.0)


def test_few_papers_are_placed_by_headings() -> None:
    """A list too small to learn from places papers by its headings; when they do not tell, one is the forced choice."""
    settings = config.loads("lists:\n  - {name: a, file: a.md, keywords: [kernel]}\n", "k.yaml")
    document = parse("# P\n## Routing\n|Paper|\n|--|\n\n## 🚀\n|Paper|\n|--|\n".encode())
    papers = [Paper("2603.00001", "Routing of requests"), Paper("2603.00002", "Galaxies", summary="No routing.")]
    judge = judge_for(JudgeInput(settings, settings.lists[0], document))
    by_title, by_abstract = judge.judge(papers)
    assert by_title.section == Choice(("P", "Routing"), 0.65)
    assert by_abstract.section is None
    assert [choice.path for choice in by_abstract.alternatives] == [("P", "Routing"), ("P", "🚀")]
    assert judge.judge([papers[0]]) == (by_title,)


@pytest.mark.parametrize("rows", [3, 12])
def test_an_only_section_takes_every_paper(rows: int) -> None:
    """Where a list has one section with papers, every paper belongs there, however few or many rows it has."""
    entries = "".join(f"- [Paper {n} of caches](https://arxiv.org/abs/2401.{n:05d})\n" for n in range(rows))
    document = parse(f"# P\n## Papers\n{entries}\n## About\nWe like papers.\n".encode())
    settings = config.loads("lists:\n  - {name: a, file: a.md, keywords: [kernel]}\n", "k.yaml")
    for verdict in judge_for(JudgeInput(settings, settings.lists[0], document)).judge(
        [Paper("2603.00001", "Galaxies"), FAR]
    ):
        assert verdict.section is not None
        assert verdict.section.path == ("P", "Papers")
        assert verdict.section.p == pytest.approx(1, abs=1e-4)
        assert verdict.alternatives == ()


def test_a_sentence_for_the_column_named() -> None:
    """A column that the configuration names takes a sentence of the abstract; without the key none does."""
    document = parse(b"# P\n## Caches\n|Paper|TL;DR|\n|--|--|\n|[A](https://arxiv.org/abs/2401.00001)|So.|\n")
    summary = "KV caches are big. We propose to evict tokens, i.e. 2.5 times more. It is fast."
    wanted = config.loads(TEXT.replace("    sections:", "    extract_column: TL;DR\n    sections:", 1), "k.yaml")
    task = wanted.lists[0].model_copy(update={"sections": wanted.lists[0].sections[:1]})
    (candidate,) = judged(
        JudgeInput(wanted, task, document), [Paper("2603.00001", "KV cache", summary=summary)]
    ).candidates
    edit = add_entries(document, [Addition(candidate.paper, ("P", "Caches"), candidate.cells)], date(2026, 3, 4))
    assert edit.entries[0].row.endswith(b"|We propose to evict tokens, i.e. 2.5 times more.|")
    plain = add_entries(document, [Addition(candidate.paper, ("P", "Caches"))], date(2026, 3, 4))
    assert plain.entries[0].row.endswith(b"||")
    with pytest.raises(ConfigError, match="no table with a column 'TL;DR'") as raised:
        judge_for(JudgeInput(wanted, task, CACHES))
    assert raised.value.key == "lists.0.extract_column"


NAMES = ("robot", "manipulation", "language model", "VLA", "cache", "galaxies")
GROUPS = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2), min_size=1, max_size=3)
TEXTS = st.lists(st.sampled_from(NAMES), max_size=4).map(" and ".join)


@given(GROUPS, st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_what_is_proposed_matches_every_group(groups: list[list[str]], texts: list[tuple[str, str]]) -> None:
    """A candidate holds a phrase of each group, in title or abstract; what is asked of arXiv is held to the same."""
    text = f"lists: [{{name: a, file: a.md, keywords: [cache, robot, VLA], all_of: {json.dumps(groups)}}}]\n"
    wanted = config.loads(text, "k.yaml")
    papers = [Paper(f"2603.{n:05}", f"On {one}", summary=f"About {two}.") for n, (one, two) in enumerate(texts)]
    found = {c.id for c in judged(JudgeInput(wanted, wanted.lists[0], BOTH), papers, {p.id for p in papers}).candidates}
    query = wanted.lists[0].query()
    for paper in papers:
        held = all(any(phrase in f"{paper.title} {paper.summary}" for phrase in group) for group in groups)
        assert (paper.id in found) == held
        assert held or not matches(query, paper)
