"""The judge that learns from a list, and from what people decided."""

from __future__ import annotations

from datetime import date

from bot.judge.keywords import KeywordJudge
from bot.judge.learned import LearnedJudge
from bot.judge.readiness import Lessons, lessons
from bot.judge.relevance.own_text import OwnText
from bot.judge.texts import terms
from bot.model import Field, Keyword, Paper
from bot.paperlist.read.document import Document, parse
from bot.state.decision import Basis, Decision, DecisionKind, How
from tests.unit.judge.relevance.papers import FAR, LISTED, NEAR

DAY = date(2026, 1, 5)
RULES = KeywordJudge([Keyword("serving", Field.ANY, 0.5)])


def a_list(papers: list[Paper]) -> Document:
    rows = "".join(f"|[{p.title}](https://arxiv.org/abs/{p.id})|\n" for p in papers)
    return parse(f"# P\n## S\n|Paper|\n|--|\n{rows}".encode())


def taught(papers: list[Paper], decisions: tuple[Decision, ...] = (), more: tuple[Paper, ...] = ()) -> Lessons:
    return lessons(a_list(papers), [*papers, *more], decisions)


def a_judge(papers: list[Paper], decisions: tuple[Decision, ...] = (), more: tuple[Paper, ...] = ()) -> LearnedJudge:
    return LearnedJudge(RULES, taught(papers, decisions, more), OwnText(), weighed=True)


def test_like_the_list() -> None:
    """What reads like the list's papers is more relevant than what does not, without any keyword."""
    judge = LearnedJudge(KeywordJudge([]), taught(LISTED), OwnText(), weighed=False)
    near, far = judge.judge([NEAR, FAR])
    assert near.relevance > 2 * far.relevance
    assert {"gpu clusters", "language models"} & set(near.terms)
    assert far.matched == ()


def test_order_and_company() -> None:
    """A paper's verdict is the same in any order and whatever else is judged."""
    judge = a_judge(LISTED)
    together = judge.judge([NEAR, FAR])
    assert a_judge(LISTED[::-1]).judge([FAR, NEAR]) == together[::-1]
    assert (judge.judge([NEAR])[0], judge.judge([FAR])[0]) == together
    assert judge.judge([]) == ()


def test_few_papers() -> None:
    """With fewer than ten listed papers keywords speak for a paper, weighed or not."""
    assert not taught(LISTED[:9]).learns
    for weighed in (True, False):
        near, far = LearnedJudge(RULES, taught([]), OwnText(), weighed=weighed).judge([NEAR, FAR])
        assert near.relevance > 3 * far.relevance
        assert far.relevance < 0.2


def test_only_weighed_phrases_judge() -> None:
    """From ten listed papers on, phrases lift a paper where people weighed them; else the list alone decides."""
    unlisted = Paper(
        "2601.00003", "Serving requests", summary="Requests of adapters share a GPU.", categories=("cs.DC",)
    )
    without = LearnedJudge(KeywordJudge([]), taught(LISTED), OwnText(), weighed=False).judge([unlisted])
    asked = LearnedJudge(RULES, taught(LISTED), OwnText(), weighed=False).judge([unlisted])
    assert [v.relevance for v in asked] == [v.relevance for v in without]
    other = KeywordJudge([Keyword("quantum", Field.ANY, 0.5)])
    lifted, plain = (
        LearnedJudge(r, taught(LISTED), OwnText(), weighed=True).judge([unlisted])[0] for r in (RULES, other)
    )
    assert lifted.relevance > plain.relevance + 0.2


def test_a_phrase_does_not_overrule_the_list() -> None:
    """A paper of another topic stays below although phrases match."""
    rules = KeywordJudge([Keyword("galaxies", Field.ANY, 0.5), Keyword("dark matter", Field.ANY, 0.5)])
    near, far = LearnedJudge(rules, taught(LISTED), OwnText(), weighed=True).judge([NEAR, FAR])
    assert len(far.matched) == 2
    assert far.relevance < 0.5 < near.relevance


def test_titles_without_readable_words() -> None:
    """Titles in Chinese alone teach nothing: keywords count, until the library knows the papers."""
    titles = "注意力 缓存 推理 调度 量化 稀疏 剪枝 解码 路由 内存 集群 综述".split()
    listed = [Paper(f"2501.{n:05d}", title) for n, title in enumerate(titles)]
    assert not taught(listed).learns
    bare = a_judge(listed)
    assert bare.judge([NEAR])[0].relevance > bare.judge([FAR])[0].relevance
    known = lessons(a_list(listed), LISTED)
    assert known.learns
    assert LearnedJudge(RULES, known, OwnText(), weighed=True).judge([NEAR])[0].terms


def test_titles_alone() -> None:
    """A list of which only titles are known, with or without ids, is learned from too."""
    titles = [Paper(p.id, p.title) for p in LISTED]
    known = lessons(a_list(titles))
    near, far = LearnedJudge(RULES, known, OwnText(), weighed=True).judge([NEAR, FAR])
    assert known.learns
    assert near.relevance > far.relevance
    plain = parse(("# P\n## S\n|Paper|\n|--|\n" + "".join(f"|{p.title}|\n" for p in LISTED)).encode())
    assert len(lessons(plain).listed) == len(LISTED)


def test_rejected() -> None:
    """What is like a rejected paper becomes less relevant."""
    refused = tuple(
        Paper(f"2502.{n:05d}", f"Scheduling trains {n}", summary="We schedule trains and requests.") for n in range(8)
    )
    decisions = tuple(Decision(p.id, DecisionKind.REJECTED, DAY, Basis(How.COMMAND)) for p in refused)
    one = Paper("2601.00003", "Scheduling trains again", summary="We schedule trains.")
    before, after = (a_judge(LISTED, d, refused).judge([one])[0].relevance for d in ((), decisions))
    assert after < before


def test_accepted() -> None:
    """What is like accepted papers rather than rejected ones becomes more relevant."""
    many = [Paper(f"2503.{n:05d}", f"Serving language models by method {n}", summary="Serving") for n in range(40)]
    refused = tuple(Paper(f"2504.{n:05d}", f"Vision model {n}", summary="Images.") for n in range(20))
    decisions = (
        *(Decision(p.id, DecisionKind.ACCEPTED, DAY, Basis(How.COMMAND)) for p in many[:20]),
        *(Decision(p.id, DecisionKind.REJECTED, DAY, Basis(How.COMMAND)) for p in refused),
    )
    judge = a_judge([*LISTED, *many], decisions, refused)
    some = [Paper("2601.00009", "Serving language models with method 7"), FAR]
    near, far = judge.judge(some)
    assert near.relevance > 4 * far.relevance


def test_decisions_count_in_a_list_the_bot_filled() -> None:
    """Where people listed few papers themselves, what they accepted of the others still moves the weights."""
    many = [Paper(f"2503.{n:05d}", f"Serving language models by method {n}", summary="Serving") for n in range(20)]
    refused = tuple(Paper(f"2504.{n:05d}", f"Serving dinner, part {n}", summary="Food.") for n in range(20))
    accepted = tuple(Decision(p.id, DecisionKind.ACCEPTED, DAY, Basis(How.COMMAND)) for p in many)
    rejected = tuple(Decision(p.id, DecisionKind.REJECTED, DAY, Basis(How.COMMAND)) for p in refused)
    assert a_judge(many, accepted + rejected, refused)._reviews


def test_listed_after_all() -> None:
    """A paper that was rejected once and is listed now speaks for what is like it, and counts as no rejection."""
    decisions = tuple(Decision(p.id, DecisionKind.REJECTED, DAY, Basis(How.COMMAND)) for p in LISTED)
    assert a_judge(LISTED, decisions).judge([NEAR, FAR]) == a_judge(LISTED).judge([NEAR, FAR])
    assert not taught(LISTED, decisions).rejected


def test_terms() -> None:
    """Terms are words and pairs in lower case, without plural endings."""
    assert terms("KV caches: LLMs") == {"kv", "cache", "llm", "kv cache", "cache llm"}
