"""Sections learned from a list."""

from __future__ import annotations

import numpy as np
import pytest

from bot.judge.readiness import Listed, papers_in
from bot.judge.sections.likeness import Likeness
from bot.judge.sections.model import SectionModel
from bot.judge.sections.scores import Calibration, Scorer, ScorerSettings, paper_weights
from bot.model import Paper
from bot.paperlist.read.document import parse

CACHE, ROUTE, EMPTY = ("P", "KV cache"), ("P", "Routing"), ("P", "Edge devices")
LISTED = [
    *(Listed(Paper(f"2401.0000{n}", f"Cache eviction method {n} for attention memory"), (CACHE,)) for n in range(6)),
    *(Listed(Paper(f"2402.0000{n}", f"Request router balancing replicas {n}"), (ROUTE,)) for n in range(6)),
]
NEW = [
    Paper("2501.00001", "Memory saving cache eviction", summary="Attention memory is evicted."),
    Paper("2501.00002", "Balancing requests over replicas with a router"),
    Paper("2501.00003", "Models on edge devices"),
]


def test_learns_sections() -> None:
    """A paper goes to the section of papers like it, an empty section is known by its heading."""
    model = SectionModel.fit(LISTED, {EMPTY: ()})
    assert model is not None
    placed = model.choose(NEW)
    assert [p.choices[0].path for p in placed] == [CACHE, ROUTE, EMPTY]
    assert all(0 <= c.p <= 1 for p in placed for c in p.choices)
    assert all(len(p.choices) == 3 for p in placed)
    assert placed[0].nearest[0].id.startswith("2401")


def test_words_for_the_section() -> None:
    """A choice tells the words of the paper that speak for it and against the next best section, strongest first."""
    model = SectionModel.fit(LISTED, {})
    assert model is not None
    cached, routed, _ = model.choose(NEW)
    assert set(cached.terms) == {"cache", "cache eviction", "memory", "attention"}
    assert set(routed.terms) == {"router", "balancing", "replicas"}
    only = SectionModel.fit([one for one in LISTED * 2 if one.sections == (CACHE,)], {})
    assert only is not None
    assert only.choose(NEW)[0].terms == ()


def test_words_explain_scores() -> None:
    """What terms add is their part of the scores: where words are all there is, the whole difference of two papers."""
    papers, headings = [one.paper for one in LISTED], ["Cache", "Router"]
    likeness = Likeness(papers, headings, {"words": 1.0})
    members = np.eye(2)[[0] * 6 + [1] * 6]
    scorer, _ = Scorer.fit(likeness.among, likeness.headings, members)
    compared = likeness.to(NEW)
    scores = scorer.scores(compared.alike, compared.headings)
    first, second = np.zeros(3, dtype=int), np.ones(3, dtype=int)
    added = likeness.by_term(compared.terms, *scorer.units, first, second).sum(1).A1
    difference = scores[:, 0] - scores[:, 1]
    assert np.allclose(added - added[2], difference - difference[2])


def test_order_changes_nothing() -> None:
    """Neither the order of the papers judged nor that of the listed ones changes a value."""
    model, other = SectionModel.fit(LISTED, {EMPTY: ()}), SectionModel.fit(LISTED[::-1], {EMPTY: ()})
    assert model is not None
    assert other is not None
    assert model.choose(NEW) == model.choose(NEW[::-1])[::-1] == other.choose(NEW)
    assert model.choose(NEW)[0] == model.choose(NEW[:1])[0]


def test_left_out_is_exact() -> None:
    """The scores a listed paper gets from the others are those of a model that never saw it."""
    rng = np.random.default_rng(0)
    rows = rng.random((14, 5))
    among, members = rows @ rows.T, np.eye(2)[[0, 1] * 6]
    plain = ScorerSettings(mean=0, heading=0, level=0, balance=0)
    _, left_out = Scorer.fit(among, np.zeros((12, 2)), members, plain)
    others = np.arange(14) != 3
    scorer, _ = Scorer.fit(among[np.ix_(others, others)], np.zeros((11, 2)), members[others[:12]], plain)
    scores = scorer.scores(among[3:4, others], np.zeros((1, 2)))[0]
    assert np.argsort(scores).tolist() == np.argsort(left_out[3]).tolist()
    regression, seen = (scorer.duals.T @ (among[3, others] + 0.05)), scorer.spreads[0]
    assert np.allclose(scores, (regression - seen[0]) / seen[1])


def test_known_abstracts_count() -> None:
    """Listed papers with an abstract say more of how sure the judge may be: those that are judged have one."""
    scores = np.array([[2.0, 0.0]] * 20)
    members = np.eye(2)[[0] * 10 + [1] * 10]
    papers = [Paper("2401.00001", "A", summary="known" if n < 10 else "") for n in range(20)]
    even = Calibration.fit(scores, members, np.ones(20)).probabilities(scores)[1][0]
    weighed = Calibration.fit(scores, members, paper_weights(papers)).probabilities(scores)[1][0]
    assert even == pytest.approx(0.5, abs=0.05)
    assert weighed == pytest.approx(0.8, abs=0.06)


def test_too_few() -> None:
    """With fewer than ten papers, or without a section, nothing is learned; an only section is certain."""
    assert SectionModel.fit(LISTED[:9], {}) is None
    only = SectionModel.fit([*LISTED[:6], *LISTED[:6]], {})
    assert only is not None
    (placed,) = only.choose([LISTED[7].paper])
    assert placed.choices[0].p > 0.999
    assert placed.nearest


def test_listed_papers() -> None:
    """A paper in two sections is one example with both, known by the library."""
    row = b"|Paper|\n|--|\n|[Short](https://arxiv.org/abs/2401.00001)|\n\n"
    document = parse(b"# P\n## A\n" + row + b"## B\n" + row)
    paper = Paper("2401.00001", "The whole title")
    assert papers_in(document.sections, [paper]) == (Listed(paper, (("P", "A"), ("P", "B"))),)
