"""Known papers change: feeds' papers get their dates, and what arXiv says of listed ones is told, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.model import Candidate, Paper, Verdict
from bot.paperlist.read.document import parse
from bot.pullrequest.recheck import AT_ONCE, LISTED_AT_ONCE, completed, learned, to_recheck
from bot.state.model import Notice, NoticeKind, OpenPaper, State
from bot.upkeep.withdrawn import withdrawn

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TODAY = NOW.date()
LIST = b"""# Papers

|Paper|
|:--|
|[Attention for Caches of Many Kinds](https://arxiv.org/abs/2601.00001)|
|[Serving Models at Scale](https://arxiv.org/abs/2601.00002)|
"""
BASE = parse(LIST)
ONE = Paper("2601.00001", "Attention for Caches of Many Kinds", published=NOW)
TWO = Paper("2601.00002", "Serving Models at Scale", published=NOW)
BARE = Candidate(Paper("2611.00001", "From a feed"), Verdict(0.9))
FULL = Paper("2611.00001", "From a feed", published=NOW, comment="Code: https://github.com/lab/tool")


def long_list(count: int) -> bytes:
    rows = (f"|[Paper number {n}](https://arxiv.org/abs/2601.{n:05})|\n" for n in range(count))
    return b"# Papers\n\n|Paper|\n|:--|\n" + "".join(rows).encode()


def test_papers_without_a_date_come_first() -> None:
    """Candidates, the backlog and open papers that a feed brought are looked up, then listed ones."""
    state = State(
        backlog=(replace(BARE, paper=replace(BARE.paper, id="2611.00002")), Candidate(FULL, Verdict(0.5))),
        open=(OpenPaper(replace(BARE, paper=replace(BARE.paper, id="2611.00003")), ("Papers",), "|x|"),),
        library=(ONE,),
    )
    assert to_recheck([BARE], state, BASE, TODAY) == (
        "2611.00001", "2611.00003", "2611.00002", "2601.00002", "2601.00001",
    )  # fmt: skip


def test_listed_papers_take_turns() -> None:
    """Each day another share of the listed papers comes, and in a few days all of them have."""
    base = parse(long_list(250))
    state = State(library=tuple(Paper(f"2601.{n:05}", "x") for n in range(250)))
    days = [to_recheck([], state, base, date(2026, 11, 24 + n)) for n in range(3)]
    assert all(len(ids) == len(set(ids)) == LISTED_AT_ONCE for ids in days)
    assert len({i for ids in days for i in ids}) == 250
    unknown = replace(state, library=state.library[:240])
    assert set(to_recheck([], unknown, base, TODAY)[:10]) == {f"2601.{n:05}" for n in range(240, 250)}
    many = [replace(BARE, paper=replace(BARE.paper, id=f"2611.{n:05}")) for n in range(400)]
    assert len(to_recheck(many, State(), base, TODAY)) == AT_ONCE


@pytest.mark.parametrize("number", [200, 700, 1000, 1400])
@pytest.mark.parametrize("asked", [100, 30])
def test_every_listed_paper_has_its_turn(number: int, asked: int) -> None:
    """On working days alone, and when other lists leave room for few ids, all papers come in twice the least runs."""
    base = parse(long_list(number))
    state = State(library=tuple(Paper(f"2601.{n:05}", "x") for n in range(number)))
    days = [date(2026, 1, 5) + timedelta(days=7 * week + day) for week in range(20) for day in range(5)]
    runs = days[: 2 * -(-number // asked)]
    assert len({i for day in runs for i in to_recheck([], state, base, day)[:asked]}) == number


def test_a_library_is_filled_in_a_few_requests() -> None:
    """A list of 1,400 is known after five runs of one request each; ids that arXiv does not know hold up nobody."""
    base = parse(long_list(1400))
    for unknowable in (0, 350):
        state = State()
        for run in range(5 if not unknowable else 12):
            day = TODAY + timedelta(days=run)
            asked = to_recheck([], state, base, day)
            assert len(asked) == len(set(asked)) <= AT_ONCE
            state = learned(state, [Paper(i, "x") for i in asked if int(i[5:]) >= unknowable], base, day)
        assert len(state.library) == 1400 - unknowable
    assert (
        len(to_recheck([], State(library=tuple(Paper(f"2601.{n:05}", "x") for n in range(1400))), base, TODAY)) == 100
    )


def test_a_paper_of_a_feed_is_completed() -> None:
    """Date, comment and what can be read of it come with the look-up; the verdict stays; a full paper is left alone."""
    known = Candidate(replace(FULL, comment=None), Verdict(0.2))
    (first, second) = completed([BARE, known], [FULL])
    assert (first.paper, first.verdict) == (FULL, BARE.verdict)
    assert [cell.kind for cell in first.cells] == ["code"] or first.cells == ()
    assert second == known
    state = State(backlog=(BARE,), open=(OpenPaper(BARE, None, None),))
    after = learned(state, [FULL], BASE, TODAY)
    assert (after.backlog[0].paper, after.open[0].candidate.paper) == (FULL, FULL)
    assert after.library == ()


@pytest.mark.parametrize(
    ("comment", "summary", "gone"),
    [
        ("This paper has been withdrawn by the authors", "", True),
        ("Withdrawn: error in Theorem 2", "", True),
        (None, "This paper has been withdrawn due to an error.", True),
        (None, "The manuscript has been retracted.", True),
        (None, "We study how models say that a paper is withdrawn.", False),
        ("12 pages", "This paper studies caches. They are never withdrawn from the pool, which is large.", False),
        (None, "", False),
    ],
)
def test_withdrawn(comment: str | None, summary: str, gone: bool) -> None:
    """A withdrawn paper says so in its comment, or where its abstract was."""
    assert (withdrawn(Paper("2601.00001", "x", summary=summary, comment=comment)) is not None) is gone


def test_changes_are_noticed_once_and_stay() -> None:
    """A withdrawal and a new title are noticed on their day; later look-ups, and none at all, keep the notice."""
    state = State(library=(ONE, TWO))
    away = replace(ONE, comment="Withdrawn by the authors")
    other = replace(TWO, title="Serving Language Models Everywhere")
    after = learned(state, [away, other], BASE, TODAY)
    assert after.notices == (
        Notice("2601.00001", NoticeKind.WITHDRAWN, TODAY, ONE.title, "Withdrawn by the authors"),
        Notice("2601.00002", NoticeKind.RETITLED, TODAY, TWO.title, other.title),
    )
    assert after.library == (away, other)
    again = learned(after, [away, other], BASE, date(2026, 12, 1))
    assert again.notices == learned(again, [], BASE, date(2026, 12, 2)).notices == after.notices


def test_a_notice_ends_with_its_entry() -> None:
    """What left the list, or has its new title there by now, is no longer told; a paper unknown so far is learned."""
    state = learned(State(library=(ONE, TWO)), [replace(TWO, title="Serving Language Models Everywhere")], BASE, TODAY)
    assert len(state.notices) == 1
    fixed = parse(LIST.replace(b"Serving Models at Scale", b"Serving Language Models Everywhere"))
    assert learned(state, [], fixed, TODAY).notices == ()
    assert learned(state, [], parse(LIST[: LIST.index(b"|[Serving")]), TODAY).notices == ()
    first = learned(State(), [ONE, replace(TWO, title="Another Title Altogether")], BASE, TODAY)
    assert (first.notices, len(first.library)) == ((), 2)
