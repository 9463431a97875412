"""Review: nothing is lost, people win, and the same input again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config
from bot.config.model import HARD_MAX_OPEN, Limits
from bot.model import Candidate, Choice, Paper, Verdict
from bot.paperlist.read.document import parse
from bot.pullrequest import board as review
from bot.pullrequest import decisions
from bot.pullrequest import settle as settling
from bot.pullrequest.board import Board, BoardContext, BoardItem, RunQuota
from bot.pullrequest.case import case_of
from bot.pullrequest.elsewhere import NO_OTHERS, OFFERED_AT_ONCE, Elsewhere, elsewhere_now, recorded
from bot.pullrequest.snapshot import Ended, OtherPull, PullRequest, Snapshot
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.files import from_files, to_files
from bot.state.model import OpenPaper, SeenElsewhere, State
from tests import examples
from tests.conftest import CONFIG

TODAY = date(2026, 3, 4)
CACHES, SURVEY, UNSORTED = ("P", "Caches"), ("P", "Survey"), ("P", "Unsorted")
ORDER = (SURVEY, CACHES)
EMPTY = RunQuota(HARD_MAX_OPEN)
SETTINGS = config.loads(CONFIG, "config/keywords.yaml")
LIMITS = Limits.model_validate({"max_open": 2, "near_misses": 2, "propose_at": 0.6, "near_miss_at": 0.3})


def candidate(number: int, relevance: float = 0.9, path: tuple[str, ...] | None = CACHES) -> Candidate:
    choice = Choice(path, 0.9) if path else None
    return Candidate(Paper(f"2603.{number:05}", f"A paper of number {number}"), Verdict(relevance, section=choice))


def row(number: int, title: str = "") -> str:
    return f"|[{title or f'A paper of number {number}'}](https://arxiv.org/abs/2603.{number:05})|"


def listing(*rows: str) -> bytes:
    return "\n".join(
        ["# P", "", "## Survey", "|Paper|", "|--|", "", "## Caches", "|Paper|", "|--|", *rows, ""]
    ).encode()


def opened(number: int, relevance: float = 0.9, *, written: bool = True) -> OpenPaper:
    return OpenPaper(candidate(number, relevance), CACHES, row(number) if written else None)


def settle(state: State, base: bytes, working: bytes, ended: Ended | None = None) -> State:
    pull = None if ended else PullRequest("here", "title", "text")
    return settled(Snapshot(base, "0", working, state, 1, pull, ended))


def settled(snapshot: Snapshot) -> State:
    case = case_of(SETTINGS, SETTINGS.lists[0], snapshot, datetime.combine(TODAY, time(), UTC))
    return settling.settle(case).state


def kinds(state: State) -> dict[str, str]:
    return {d.id: d.kind.value for d in state.decisions}


def test_a_removed_row_never_comes_again() -> None:
    """A row that a person removed is dismissed, and the paper is known from then on."""
    state = State(open=(opened(1), opened(2)), cycle=1)
    base, working = listing(), listing(row(2))
    after = settle(state, base, working)
    assert kinds(after) == {"2603.00001": "dismissed"}
    assert after.open == (opened(2),)
    known = review.known_now(parse(base), parse(working), after.decisions)
    assert known(candidate(1))
    assert known(candidate(2))
    assert not known(candidate(3))
    assert settle(after, base, working) == after


def box(number: int, tick: str, was: str) -> str:
    return f"- [{tick}] [A](https://arxiv.org/abs/x) <!-- arxiv-bot:paper 2603.{number:05} {was} -->"


def heeded(state: State, boxes: dict[str, bool]) -> State:
    return decisions.apply_boxes(state, boxes, TODAY)


def test_clearing_a_box_rejects() -> None:
    """A cleared box rejects its paper, whose row is then to go; the same text again changes nothing more."""
    state = heeded(State(open=(opened(1), opened(2)), cycle=1), {"2603.00001": False})
    assert kinds(state) == {"2603.00001": "rejected"}
    assert decisions.unwanted(state) == {"2603.00001": row(1)}
    out = decisions.without_rows(state, {"2603.00001"})
    assert out.library == (candidate(1).paper,)
    assert heeded(out, {"2603.00001": False}) == out
    board = arrange(out, [candidate(1)])
    assert (ids(board.proposed), ids(board.removed), board.backlog) == (["2603.00002"], ["2603.00001"], ())


def test_setting_a_box_brings_a_paper_in() -> None:
    """A near miss that is ticked comes in, whatever the limits; one that was taken out comes back."""
    near, rejected = opened(1, 0.4, written=False), opened(2, written=False)
    decision = Decision("2603.00002", DecisionKind.REJECTED, TODAY, Basis(How.UNTICKED, 1))
    state = State(open=(near, rejected, opened(3), opened(4)), decisions=(decision,), cycle=1)
    after = heeded(state, {"2603.00001": True, "2603.00002": True})
    assert after.decisions == ()
    board = arrange(after, [], replace_limits(max_open=1))
    assert ids(board.new) == ["2603.00002", "2603.00001"]
    assert (board.near_misses, board.removed) == ((), ())


def test_a_wanted_paper_goes_to_the_likeliest_section() -> None:
    """With no other place the judge's forced choice is taken; without one the paper stays wanted."""
    verdict = Verdict(0.4, alternatives=(Choice(("Gone",), 0.3), Choice(SURVEY, 0.2)))
    wanted = OpenPaper(Candidate(Paper("2603.00001", "Some paper"), verdict), None, None, wanted=True)
    board = arrange(State(open=(wanted,)), [], unsorted=None)
    assert [s.path for s in board.new] == [SURVEY]
    nowhere = OpenPaper(candidate(2, 0.4, None), None, None, wanted=True)
    board = arrange(State(open=(nowhere,)), [], unsorted=None)
    assert (ids(board.near_misses), board.new) == (["2603.00002"], ())
    assert review.remember(State(open=(nowhere,)), board, {}, 1, TODAY).open == (nowhere,)


# What goes in next


def arrange(
    state: State,
    candidates: Sequence[Candidate],
    limits: Limits = LIMITS,
    unsorted: tuple[str, ...] | None = UNSORTED,
    known: frozenset[str] = frozenset(),
    room: RunQuota | None = EMPTY,
    elsewhere: Elsewhere = NO_OTHERS,
) -> Board:
    return filled(state, candidates, lambda c: c.id in known, limits, unsorted, elsewhere=elsewhere, room=room)


def filled(
    state: State,
    candidates: Sequence[Candidate],
    known: Callable[[Candidate], bool],
    limits: Limits = LIMITS,
    unsorted: tuple[str, ...] | None = UNSORTED,
    sections: Sequence[tuple[str, ...]] = ORDER,
    elsewhere: Elsewhere = NO_OTHERS,
    room: RunQuota | None = EMPTY,
) -> Board:
    return review.fill_board(BoardContext(state, candidates, known, limits, sections, unsorted, elsewhere), room)


def ids(shown: Sequence[BoardItem]) -> list[str]:
    return [s.id for s in shown]


def test_what_others_bring_is_offered_beyond_the_limits() -> None:
    """It takes no room and no place of a near miss; below the mark it is a near miss as any other, with the note."""
    pull = OtherPull(12, "https://github.com/curator/papers/pull/12")
    brought = Elsewhere(
        {f"2603.{n:05}": pull for n in (1, 2, 4)}, frozenset({"2603.00001", "2603.00002", "2603.00004"})
    )
    found = [candidate(1, 0.9), candidate(2, 0.8), candidate(3, 0.7), candidate(4, 0.4), candidate(5, 0.3)]
    tight = replace_limits(max_open=1, near_misses=1)
    board = arrange(State(), found, tight, elsewhere=brought)
    assert ids(board.proposed) == ["2603.00003"]
    assert [(s.id, s.instead, s.also) for s in board.near_misses] == [
        ("2603.00001", True, pull),
        ("2603.00002", True, pull),
        ("2603.00004", False, pull),
    ]
    assert [c.id for c in board.backlog] == ["2603.00005"]
    nothing = arrange(State(), found, tight, elsewhere=brought, room=None)
    assert (nothing.proposed, nothing.near_misses) == ((), ())


def test_what_is_free_again_is_proposed_by_its_score() -> None:
    """It competes with the others for room and for an offer, and one whose section is gone is only offered."""
    seen = tuple(SeenElsewhere(f"2603.0000{n}", TODAY) for n in (1, 2))
    state = State(open=(opened(1, 0.7, written=False), opened(2, 0.95, written=False)), elsewhere=seen)
    board = arrange(state, [candidate(3, 0.8)], replace_limits(max_open=2, near_misses=0))
    assert ids(board.proposed) == ["2603.00002", "2603.00003"]
    assert (board.near_misses, [c.id for c in board.backlog]) == ((), ["2603.00001"])
    offered = arrange(state, [candidate(3, 0.8)], replace_limits(max_open=2, near_misses=1))
    assert [(s.id, s.instead) for s in offered.near_misses] == [("2603.00001", False)]
    nowhere = filled(state, [], lambda c: False, LIMITS, None, (SURVEY,))
    assert (ids(nowhere.proposed), ids(nowhere.near_misses)) == ([], ["2603.00002", "2603.00001"])


def test_sure_papers_come_at_once() -> None:
    """Beyond the share of the day those come in that are sure, while there is room; without room nothing does."""
    found = [candidate(1, 0.9), candidate(2, 0.8), candidate(3, 0.7), candidate(4, 0.4)]
    wide = replace_limits(max_open=3)
    assert ids(arrange(State(), found, wide, room=RunQuota(0, 0.75)).proposed) == ids(
        arrange(State(), found, wide, room=RunQuota(2)).proposed
    )
    assert len(arrange(State(), found, wide, room=RunQuota(3, 0.75)).proposed) == 3
    assert len(arrange(State(), found, replace_limits(max_open=1), room=RunQuota(0, 0.75)).proposed) == 1
    assert ids(arrange(State(), found, wide, room=RunQuota(0, 0.95)).near_misses) == ["2603.00001", "2603.00002"]
    nothing = arrange(State(), found, wide, room=None)
    assert (nothing.proposed, nothing.near_misses) == ((), ())


def test_best_first_within_the_limit() -> None:
    """The best fill the room there is; the rest waits, best first, whatever the order of arrival."""
    found = [
        candidate(1, 0.7),
        candidate(2, 0.9),
        candidate(3, 0.8),
        candidate(4, 0.5),
        candidate(5, 0.4),
        candidate(6, 0.3),
    ]
    for order in (found, found[::-1]):
        board = arrange(State(), order)
        assert ids(board.proposed) == ["2603.00002", "2603.00003"]
        assert ids(board.near_misses) == ["2603.00001", "2603.00004"]
        assert [c.id for c in board.backlog] == ["2603.00005", "2603.00006"]
        assert board.new == board.proposed
        assert all(s.ticked for s in board.proposed)
        assert not any(s.ticked for s in board.near_misses)


def test_open_papers_keep_their_room_and_verdict() -> None:
    """What stands in the pull request stays, with the verdict it was first shown with; a better one is offered."""
    state = State(open=(opened(1, 0.61), opened(2, 0.62), opened(4, 0.4, written=False)))
    board = arrange(state, [candidate(1, 0.99), candidate(3, 1.0)], replace_limits(near_misses=1))
    assert [s.candidate.verdict.relevance for s in board.proposed] == [0.62, 0.61]
    assert (ids(board.near_misses), [c.id for c in board.backlog]) == (["2603.00003"], ["2603.00004"])
    assert board.new == ()


def test_what_is_offered_is_compared_by_its_newest_verdict() -> None:
    """An offered paper that is judged anew is shown with that verdict, and gives way only to a better one."""
    state = State(open=(opened(1, 0.4, written=False),), backlog=(candidate(2, 0.41),))
    anew = [candidate(1, 0.43), candidate(2, 0.42)]
    board = arrange(state, anew, replace_limits(near_misses=1))
    assert [(s.id, s.relevance) for s in board.near_misses] == [("2603.00001", 0.43)]
    again = review.remember(state, board, {}, 1, TODAY)
    assert arrange(again, anew, replace_limits(near_misses=1)) == board


def test_what_is_offered_waits_to_be_judged() -> None:
    """What waits and what is offered is judged with what comes, but not what has a row or was decided on."""
    gone = Decision("2603.00004", DecisionKind.REJECTED, TODAY, Basis(How.UNTICKED, 1))
    shown = (opened(1), opened(2, written=False), opened(4, written=False))
    state = State(open=shown, backlog=(candidate(3),), decisions=(gone,))
    assert [c.id for c in state.waits] == ["2603.00003", "2603.00002"]


def test_sections_in_the_order_of_the_list() -> None:
    """Proposed papers come in the order of their sections, those of a new one last."""
    found = [candidate(1, 0.9, None), candidate(2, 0.8), candidate(3, 0.7, SURVEY)]
    board = arrange(State(), found, replace_limits(max_open=9))
    assert [s.path for s in board.proposed] == [SURVEY, CACHES, UNSORTED]


def replace_limits(**values: int) -> Limits:
    return LIMITS.model_copy(update=values)


def test_without_a_section_for_the_rest() -> None:
    """With no place for the unsorted, a paper without section is only offered, however relevant."""
    board = arrange(State(), [candidate(1, 0.95, None), candidate(2, 0.4)], unsorted=None)
    assert board.proposed == ()
    assert [(s.id, s.path) for s in board.near_misses] == [("2603.00001", None), ("2603.00002", CACHES)]


def test_an_unsure_section_keeps_a_paper_proposed() -> None:
    """Where the judge abstains a relevant paper goes to the place of the unsorted, or to the likeliest section."""
    verdict = Verdict(0.95, alternatives=(Choice(("Gone",), 0.3), Choice(SURVEY, 0.2)))
    found = [Candidate(Paper("2603.00001", "Some paper"), verdict)]
    for unsorted, path in ((UNSORTED, UNSORTED), (None, SURVEY)):
        (proposed,) = arrange(State(), found, unsorted=unsorted).proposed
        assert (proposed.path, proposed.ticked) == (path, True)


def test_an_offered_paper_comes_in_when_there_is_room() -> None:
    """What was offered since there was no room for it is proposed later, unless a person took it out."""
    state = State(open=(opened(1, 0.9, written=False), opened(2, 0.8, written=False)))
    out = Decision("2603.00001", DecisionKind.REJECTED, TODAY, Basis(How.UNTICKED, 1))
    assert ids(arrange(state, [], room=RunQuota(1)).proposed) == ["2603.00001"]
    assert ids(arrange(replace(state, decisions=(out,)), [], room=RunQuota(1)).proposed) == ["2603.00002"]


def test_known_papers_leave_the_backlog() -> None:
    """What is listed or decided by now neither comes in nor waits."""
    board = arrange(State(backlog=(candidate(1),)), [candidate(2)], known=frozenset({"2603.00001", "2603.00002"}))
    assert board == Board((), (), ())


def test_the_newest_verdict_of_the_backlog_counts() -> None:
    """A paper that waits is judged again until it is first shown."""
    board = arrange(State(backlog=(candidate(1, 0.9),)), [candidate(1, 0.4)])
    assert ids(board.near_misses) == ["2603.00001"]


def test_a_verdict_that_fell_waits_unseen() -> None:
    """A paper that waits and is judged below the near-miss mark is not shown, and not lost."""
    board = arrange(State(backlog=(candidate(1, 0.9),)), [candidate(1, 0.1)])
    assert (board.proposed, board.near_misses) == ((), ())
    assert [c.verdict.relevance for c in board.backlog] == [0.1]


def test_waiting_counts_from_the_first_day() -> None:
    """A paper keeps the day since which it waits, whatever it is judged later; one that was shown begins anew."""
    first = review.remember(State(), arrange(State(), [candidate(1, 0.1)]), {}, 1, TODAY)
    assert [c.waits for c in first.backlog] == [TODAY]
    board = arrange(first, [candidate(1, 0.2), candidate(2, 0.1)])
    later = review.remember(first, board, {}, 1, TODAY + timedelta(days=9))
    assert {c.id[-1]: c.waits for c in later.backlog} == {"1": TODAY, "2": TODAY + timedelta(days=9)}


def test_expiry() -> None:
    """What waited so long is let go, stays known, and is told for a month; what was deferred or is shown stays."""
    waiting = tuple(replace(candidate(n, 0.1), waits=TODAY - timedelta(days=d)) for n, d in ((1, 90), (2, 89), (3, 99)))
    deferred = Decision("2603.00003", DecisionKind.DEFERRED, TODAY, Basis(How.COMMAND), until=TODAY + timedelta(days=5))
    state = State(backlog=waiting, decisions=(deferred,))
    known = review.known_now(parse(listing()), parse(listing()), state.decisions)
    after, backlog = decisions.expire(state, filled(state, [], known).backlog, 90, TODAY)
    assert [c.id for c in backlog] == ["2603.00002", "2603.00003"]
    assert kinds(after) == {"2603.00001": "expired", "2603.00003": "deferred"}
    assert [(e.paper, e.day) for e in decisions.expired(after, TODAY)] == [(waiting[0].paper, TODAY)]
    assert decisions.expired(after, TODAY + timedelta(days=decisions.TOLD_DAYS)) == ()
    assert review.known_now(parse(listing()), parse(listing()), after.decisions)(waiting[0])
    assert decisions.expire(after, backlog, 90, TODAY) == (after, backlog)
    assert from_files(to_files(after), "s") == replace(
        after, decisions=tuple(sorted(after.decisions, key=lambda d: d.id))
    )


def test_what_nobody_sees_waits() -> None:
    """Near misses without a pull request begin no cycle: they wait in the backlog."""
    board = arrange(State(cycle=4), [candidate(1, 0.45)])
    after = review.remember_unseen(State(cycle=4), board, TODAY)
    assert (after.cycle, after.open) == (4, ())
    assert [c.id for c in after.backlog] == ["2603.00001"]


def test_a_section_that_is_gone_is_no_section() -> None:
    """A verdict for a section the list has no more sends the paper where unsorted ones go, and stops nothing."""
    gone = candidate(1, 0.9, ("Serving", "Gone"))
    board = filled(State(), [gone], lambda c: False)
    assert [s.path for s in board.proposed] == [UNSORTED]


CANDIDATES = st.builds(
    candidate, st.integers(1, 30), st.sampled_from([0.3, 0.45, 0.6, 0.75, 0.9]), st.sampled_from([CACHES, SURVEY, None])
)
BATCHES = st.lists(CANDIDATES, max_size=14, unique_by=lambda c: c.id)


def with_row(source: bytes, path: tuple[str, ...], line: str) -> bytes:
    """Append a row to a section, which is opened at the end if there is none."""
    section = parse(source).section(path)
    at = section.tables[-1].end if section else len(source)
    head = "" if section else f"\n## {path[-1]}\n|Paper|\n|--|\n"
    return source[:at] + f"{head}{line}\n".encode() + source[at:]


def run(
    state: State,
    base: bytes,
    working: bytes,
    batch: Sequence[Candidate],
    limits: Limits,
    unsorted: bool,
    room: RunQuota | None,
) -> tuple[State, bytes, Board]:
    """Do what one run does with a pull request that stays open: settle, arrange, write rows, remember."""
    state = settle(state, base, working)
    before, now = parse(base), parse(working)
    state = decisions.adopt(state, batch, before, now)
    known = review.known_now(before, now, state.decisions)
    board = filled(state, batch, known, limits, UNSORTED if unsorted else None, room=room)
    rows = {s.id: row(int(s.id[-5:])) for s in board.new}
    for shown in board.new:
        working = with_row(working, shown.path or (), rows[shown.id])
    after = review.remember(state, board, rows, 1, TODAY)
    return from_files(to_files(after), "s"), working, board


@settings(deadline=None, max_examples=examples(80))
@given(
    st.lists(BATCHES, min_size=1, max_size=3),
    st.integers(1, 6),
    st.integers(0, 4),
    st.booleans(),
    st.sets(st.integers(0, 9)),
    st.none() | st.builds(RunQuota, st.integers(0, 6), st.sampled_from([0.75, inf])),
)
def test_runs(
    batches: list[list[Candidate]], most: int, near: int, unsorted: bool, removed: set[int], room: RunQuota | None
) -> None:
    """Over any runs: nothing is lost, limits hold, the best come in, removed rows stay away, and again changes nothing.

    What a run without room for new papers does stands for the same run again: the room is spent then. A paper that
    comes again has the verdict it had.
    """
    verdicts: dict[str, Candidate] = {}
    batches = [[verdicts.setdefault(c.id, c) for c in batch] for batch in batches]
    limits = replace_limits(max_open=most, near_misses=near)
    base = listing()
    state, working, seen, gone = State(), base, set[str](), set[str]()
    for batch in batches:
        state, working, board = run(state, base, working, batch, limits, unsorted, room)
        seen |= {c.id for c in batch}
        shown = [*ids(board.proposed), *ids(board.near_misses)]
        waiting = [c.id for c in board.backlog]
        assert len(board.proposed) <= most
        assert len(board.near_misses) <= near
        assert len({*shown, *waiting}) == len(shown) + len(waiting)
        assert {*shown, *waiting} | gone == seen
        assert not gone & {*shown, *waiting}
        assert waiting == [c.id for c in sorted(board.backlog, key=lambda c: (-c.verdict.relevance, c.id))]
        assert all(s.candidate.verdict.relevance >= limits.propose_at and s.path for s in board.proposed)

        fit = [c for c in board.backlog if c.verdict.relevance >= limits.propose_at and (unsorted or c.verdict.section)]
        came = [s.candidate.verdict.relevance for s in board.new]
        sure = sum(relevance >= room.at_once for relevance in came) if room else 0
        assert len(came) <= (max(room.new, sure) if room else 0)
        assert not fit or not room or len(came) >= room.new or len(board.proposed) == most
        assert not room or len(board.proposed) == most or all(c.verdict.relevance < room.at_once for c in fit)
        assert not fit or all(s.candidate.verdict.relevance >= fit[0].verdict.relevance for s in board.new)
        offerable = [c.verdict.relevance for c in board.backlog if c.verdict.relevance >= limits.near_miss_at]
        assert not near or not room or all(s.relevance >= max(offerable, default=0.0) for s in board.near_misses)
        assert not room or not offerable or len(board.near_misses) == near
        assert room or not board.near_misses

        again, same, second = run(state, base, working, batch, limits, unsorted, None)
        assert (again, same) == (state, working)
        assert second.new == ()
        assert [ids(second.proposed), ids(second.near_misses), [c.id for c in second.backlog]] == [
            ids(board.proposed), ids(board.near_misses), waiting,
        ]  # fmt: skip
        taken = [i for n, i in enumerate(ids(board.proposed)) if n in removed]
        gone |= set(taken)
        lines = [line for line in working.decode().splitlines() if not any(i in line for i in taken)]
        working = ("\n".join(lines) + "\n").encode()


def test_the_branch_is_known_too() -> None:
    """A paper that stands only on the branch is known too, with and without a branch of its own."""
    base, working = parse(listing(row(1))), parse(listing(row(1), row(2)))
    for document, numbers in ((base, {1}), (working, {1, 2})):
        known = review.known_now(base, document, ())
        assert {n for n in (1, 2, 3) if known(candidate(n))} == numbers


PULL = OtherPull(12, "there")
PAPERS = [candidate(n, 0.2 + 0.1 * n) for n in range(9)]


@settings(deadline=None, max_examples=examples(80))
@given(
    st.lists(st.tuples(st.sets(st.integers(0, 8)), st.integers(0, 9)), min_size=1, max_size=5),
    st.integers(1, 4),
    st.integers(0, 2),
)
def test_nothing_is_withheld_for_long(steps: list[tuple[set[int], int]], most: int, near: int) -> None:
    """Whatever others open and close, each paper is shown or waits; in two weeks it is proposed where there is room."""
    limits = replace_limits(max_open=most, near_misses=near)
    state, working, day = State(), listing(), TODAY
    for brought, days in [*steps, (set(range(9)), 14), (set(range(9)), 14)]:
        day += timedelta(days=days)
        now = elsewhere_now(state, {PAPERS[n].paper.id: PULL for n in brought}, day)
        known = review.known_now(parse(listing()), parse(working), state.decisions)
        board = filled(state, PAPERS, known, limits, elsewhere=now)
        assert not {s.id for s in board.new} & now.offered
        assert sum(s.instead for s in board.near_misses) <= OFFERED_AT_ONCE
        assert {*ids(board.proposed), *ids(board.near_misses), *(c.id for c in board.backlog)} == {c.id for c in PAPERS}
        rows = {s.id: row(int(s.id[-5:])) for s in board.new}
        for shown in board.new:
            working = with_row(working, shown.path or (), rows[shown.id])
        after = review.remember(state, board, rows, 1, day)
        offered = {s.id for s in board.near_misses if s.instead}
        after = replace(after, elsewhere=recorded(state, after, offered, now, day))
        state = from_files(to_files(after), "s")
    fit = [c.id for c in PAPERS if c.verdict.relevance >= limits.propose_at]
    assert len(board.proposed) == min(most, len(fit))
