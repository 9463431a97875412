"""Relevance learned from a list: what the words, categories and authors of its papers say of others."""

from __future__ import annotations

from datetime import date

from bot.judge.keywords import KeywordJudge
from bot.judge.learned import LearnedJudge
from bot.judge.readiness import MIN_DECISIONS, Lessons, Readiness, lessons
from bot.judge.relevance.background import shipped_background
from bot.judge.relevance.model import (
    KEYWORDS_ALONE,
    Evidence,
    RelevanceModel,
    _recency,
    log_odds,
    of_keywords,
    probability,
)
from bot.judge.texts import terms
from bot.model import Field, Keyword, Paper
from bot.paperlist.read.document import Document, parse
from bot.state.decision import Basis, Decision, DecisionKind, How

DAY = date(2026, 1, 5)
SUBJECTS = "cache scheduling batching prefill decoding routing memory kernel cluster adapter offloading sharing".split()
LISTED = [
    Paper(
        f"2501.{n:05d}",
        f"Fast {subject} for serving language models",
        authors=(f"A. Author{n}", "Known Person"),
        summary=f"We serve language models with better {subject} and raise throughput on GPU clusters.",
        categories=("cs.DC", "cs.LG"),
    )
    for n, subject in enumerate(SUBJECTS)
]
NEAR = Paper(
    "2601.00001", "Scheduling requests when serving language models", summary="We serve models on GPU clusters."
)
FAR = Paper("2601.00002", "Galaxies in dark matter halos", summary="We observe galaxies.", categories=("astro-ph.GA",))
RULES = KeywordJudge([Keyword("serving", Field.ANY, 0.5)])


def a_list(papers: list[Paper]) -> Document:
    rows = "".join(f"|[{p.title}](https://arxiv.org/abs/{p.id})|\n" for p in papers)
    return parse(f"# P\n## S\n|Paper|\n|--|\n{rows}".encode())


def taught(papers: list[Paper], decisions: tuple[Decision, ...] = (), more: tuple[Paper, ...] = ()) -> Lessons:
    return lessons(a_list(papers), [*papers, *more], decisions)


def a_judge(papers: list[Paper], decisions: tuple[Decision, ...] = (), more: tuple[Paper, ...] = ()) -> LearnedJudge:
    return LearnedJudge(RULES, taught(papers, decisions, more), keywords=True)


def test_like_the_list() -> None:
    """What reads like the list's papers is more relevant than what does not, without any keyword."""
    judge = LearnedJudge(KeywordJudge([]), taught(LISTED), keywords=False)
    near, far = judge.judge([NEAR, FAR])
    assert near.relevance > 2 * far.relevance
    assert {"gpu", "cluster"} & set(near.terms)
    assert far.matched == ()


def test_order_and_company() -> None:
    """A paper's verdict is the same in any order and whatever else is judged."""
    judge = a_judge(LISTED)
    together = judge.judge([NEAR, FAR])
    assert a_judge(LISTED[::-1]).judge([FAR, NEAR]) == together[::-1]
    assert (judge.judge([NEAR])[0], judge.judge([FAR])[0]) == together
    assert judge.judge([]) == ()


def test_few_papers() -> None:
    """With fewer than ten listed papers the keywords alone count, and the judge says so."""
    judge = a_judge(LISTED[:9])
    near, far = judge.judge([NEAR, FAR])
    assert not taught(LISTED[:9]).readiness.learns
    assert near.relevance == probability(log_odds(KEYWORDS_ALONE, Evidence(of_keywords(0.75))))
    assert far.relevance == probability(log_odds(KEYWORDS_ALONE, Evidence(of_keywords(0.0))))
    assert near.terms == ()


def test_titles_without_readable_words() -> None:
    """Titles in Chinese alone teach nothing: keywords count, until the library knows the papers."""
    titles = "注意力 缓存 推理 调度 量化 稀疏 剪枝 解码 路由 内存 集群 综述".split()
    listed = [Paper(f"2501.{n:05d}", title) for n, title in enumerate(titles)]
    assert not taught(listed).readiness.learns
    bare = a_judge(listed)
    assert bare.judge([NEAR])[0].relevance > bare.judge([FAR])[0].relevance
    known = lessons(a_list(listed), LISTED)
    assert known.readiness.learns
    assert LearnedJudge(RULES, known, keywords=True).judge([NEAR])[0].terms


def test_titles_alone() -> None:
    """A list of which only titles are known, with or without ids, is learned from too."""
    titles = [Paper(p.id, p.title) for p in LISTED]
    known = lessons(a_list(titles))
    near, far = LearnedJudge(RULES, known, keywords=True).judge([NEAR, FAR])
    assert known.readiness.learns
    assert near.relevance > far.relevance
    plain = parse(("# P\n## S\n|Paper|\n|--|\n" + "".join(f"|{p.title}|\n" for p in LISTED)).encode())
    assert lessons(plain).readiness == Readiness(len(LISTED), 0, 0)


def test_authors_and_categories() -> None:
    """Authors and categories of listed papers speak for a paper; a category of none, rare or not, speaks against."""
    model = RelevanceModel.fit(LISTED)
    usual = shipped_background().categories
    rarest = min(usual, key=lambda category: usual[category])
    read = model.evidence(
        [
            Paper("1", "A title"),
            Paper("2", "A title", authors=("Known Person",), categories=("cs.DC",)),
            *(Paper("3", "A title", categories=(category,)) for category in ("nobody.XX", "cs.CV", rarest)),
        ],
        [0.0] * 5,
    )
    plain, known, *others = (evidence for evidence, _ in read)
    assert plain.authors == 0 < known.authors
    assert all(other.category < -1 for other in others)
    assert plain.category == 0 < known.category


def test_rejected() -> None:
    """What is like a rejected paper becomes less relevant."""
    refused = tuple(
        Paper(f"2502.{n:05d}", f"Scheduling trains {n}", summary="We schedule trains and requests.") for n in range(8)
    )
    decisions = tuple(Decision(p.id, DecisionKind.REJECTED, DAY, Basis(How.COMMAND)) for p in refused)
    one = Paper("2601.00003", "Scheduling trains again", summary="We schedule trains.")
    before, after = (a_judge(LISTED, d, refused).judge([one])[0].relevance for d in ((), decisions))
    assert after < before


def test_calibrated() -> None:
    """Relevance is called calibrated once enough papers of the list were accepted and enough others rejected."""
    many = [
        Paper(f"2503.{n:05d}", f"Serving language models by method {n}", summary="Serving")
        for n in range(2 * MIN_DECISIONS)
    ]
    refused = tuple(Paper(f"2504.{n:05d}", f"Vision model {n}", summary="Images.") for n in range(MIN_DECISIONS))
    decisions = (
        *(Decision(p.id, DecisionKind.ACCEPTED, DAY, Basis(How.COMMAND)) for p in many[:MIN_DECISIONS]),
        *(Decision(p.id, DecisionKind.REJECTED, DAY, Basis(How.COMMAND)) for p in refused),
    )
    listed = [*LISTED, *many]
    assert taught(listed, decisions, refused).readiness.calibrated
    assert not taught(listed, decisions[1:], refused).readiness.calibrated
    judge = a_judge(listed, decisions, refused)
    some = [Paper("2601.00009", "Serving language models with method 7"), FAR]
    near, far = judge.judge(some)
    assert near.relevance > 4 * far.relevance


def test_decisions_count_in_a_list_the_bot_filled() -> None:
    """Where people listed few papers themselves, what they accepted of the others still moves the weights."""
    many = [
        Paper(f"2503.{n:05d}", f"Serving language models by method {n}", summary="Serving")
        for n in range(MIN_DECISIONS)
    ]
    refused = tuple(Paper(f"2504.{n:05d}", f"Serving dinner, part {n}", summary="Food.") for n in range(MIN_DECISIONS))
    accepted = tuple(Decision(p.id, DecisionKind.ACCEPTED, DAY, Basis(How.COMMAND)) for p in many)
    rejected = tuple(Decision(p.id, DecisionKind.REJECTED, DAY, Basis(How.COMMAND)) for p in refused)
    assert taught(many, accepted + rejected, refused).readiness.calibrated
    assert a_judge(many, accepted + rejected, refused)._reviews


def test_listed_after_all() -> None:
    """A paper that was rejected once and is listed now speaks for what is like it, and counts as no rejection."""
    decisions = tuple(Decision(p.id, DecisionKind.REJECTED, DAY, Basis(How.COMMAND)) for p in LISTED)
    assert a_judge(LISTED, decisions).judge([NEAR, FAR]) == a_judge(LISTED).judge([NEAR, FAR])
    assert taught(LISTED, decisions).readiness.rejected == 0


def test_terms() -> None:
    """Terms are words and pairs in lower case, without plural endings."""
    assert terms("KV caches: LLMs") == {"kv", "cache", "llm", "kv cache", "cache llm"}


def test_telling_phrases() -> None:
    """A phrase of many listed titles speaks for a paper of any length; a phrase of one title hardly does."""
    model = RelevanceModel.fit(LISTED)
    long = "We report what was seen in a field study of many years. " * 5
    papers = [
        Paper("1", "A field study", summary=long),
        Paper("2", "A field study", summary=f"{long} Serving language models."),
        Paper("3", "A field study", summary=f"{long} An adapter."),
    ]
    nothing, many, one = (evidence.phrases for evidence, _ in model.evidence(papers, [0.0] * 3))
    assert nothing <= one < many / 3


def test_one_mistyped_id_makes_no_other_paper_old() -> None:
    """Recent rows count more by the months of the list; a single id of a month to come is not its newest."""
    rows = [Paper("2401.00001", "A"), Paper("2401.00002", "B"), Paper("2201.00001", "C"), Paper("9912.00001", "D")]
    assert _recency(rows) == [1.0, 1.0, 0.5, 1.0]
    assert _recency(rows[:1]) == [1.0]
    assert _recency([]) == []
