"""Coverage: what is proven and what is missing, and that nothing falls between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv import calendar
from bot.coverage.doubt import trusted
from bot.coverage.ledger import (
    Count,
    Coverage,
    Covered,
    Feed,
    Gap,
    digest,
    never_asked,
    open_gaps,
    record_answers,
    record_feed,
    unproven,
)
from bot.coverage.plan import to_ask
from bot.model import Field, Keyword, Query, Reason, Unknown, Window
from tests import examples
from tests.conftest import failed
from tests.unit.coverage import START, Q, answer, at, day, feed_answer


def covers(parts: list[tuple[datetime, datetime]], since: datetime, until: datetime) -> bool:
    """Whether ranges together hold a range."""
    at = since
    for begin, end in sorted(parts):
        if begin <= at < end:
            at = end
    return at >= until


def test_gap_keeps_its_day_and_its_first_reason() -> None:
    """A gap keeps when it was first noticed and why, whatever the next tries say, and so the text of it stays."""
    window = Window(day(0), day(2))
    state = record_answers(Coverage(), Q, [answer(window, fine=False)], day(2))
    again = record_answers(state, Q, [replace(answer(window), unknown=failed("HTTP 503"))], day(5))
    assert open_gaps(again, Q) == (Gap(Q, day(0), day(2), day(2), failed()),)
    wider = record_answers(state, Q, [replace(answer(Window(day(1), day(5))), unknown=failed("HTTP 503"))], day(5))
    assert open_gaps(wider, Q) == (Gap(Q, day(0), day(5), day(2), failed()),)


def test_a_gap_is_closed_in_part() -> None:
    """Proof in the middle of a gap leaves its two ends open."""
    state = record_answers(Coverage(), Q, [answer(Window(day(0), day(9)), fine=False)], day(9))
    state = record_answers(state, Q, [answer(Window(day(3), day(4)))], day(9))
    assert [(g.since, g.until) for g in state.gaps] == [(day(0), day(3)), (day(4), day(9))]


def test_what_was_proven_stays_proven() -> None:
    """A failure over a proven window opens a gap only where nothing was proven."""
    state = record_answers(Coverage(), Q, [answer(Window(day(2), day(4)))], day(9))
    state = record_answers(state, Q, [answer(Window(day(0), day(9)), fine=False)], day(9))
    assert [(g.since, g.until) for g in state.gaps] == [(day(0), day(2)), (day(4), day(9))]
    assert state.covered == (Covered(Q, day(2), day(4)),)


def test_a_hole_before_a_window_is_a_gap() -> None:
    """A window asked by hand past the proof's end leaves a remembered gap, not a forgotten one."""
    state = record_answers(Coverage(), Q, [answer(Window(day(-30), day(0)))], day(0))
    state = record_answers(state, Q, [answer(Window(day(60), day(70)))], day(70))
    assert state.gaps == (Gap(Q, day(0), day(60), day(70), Unknown(Reason.NOT_YET)),)
    assert to_ask(state, Q, day(75), 10)[0] == Window(day(0), day(60))


def test_history_asked_by_hand_leaves_no_gap() -> None:
    """A window asked by hand before all others proves itself and nothing else."""
    state = record_answers(Coverage(), Q, [answer(Window(day(0), day(30)))], day(30))
    state = record_answers(state, Q, [answer(Window(day(-900), day(-800)))], day(30))
    assert state.gaps == ()
    assert [c.until for c in state.covered] == [day(-800), day(30)]


def test_the_future_proves_nothing() -> None:
    """Proof ends at the time of the run, whatever window was asked."""
    state = record_answers(Coverage(), Q, [answer(Window(day(0), day(90))), answer(Window(day(50), day(60)))], day(10))
    assert state.covered == (Covered(Q, day(0), day(10)),)
    assert to_ask(state, Q, day(80), 5) == (Window(day(5), day(80)),)


def test_only_sources_that_prove_count() -> None:
    """Answers of feeds, files and the sample neither prove a window nor open a gap."""
    for fine in (True, False):
        said = answer(Window(day(0), day(1)), fine=fine, proves=False)
        assert record_answers(Coverage(), Q, [said], day(1)) == Coverage()


def test_a_changed_query_starts_anew() -> None:
    """Coverage belongs to its query; another one begins with the look-back, and neither touches the other."""
    state = record_answers(Coverage(), Q, [answer(Window(day(-90), day(0)), fine=False)], day(0))
    assert to_ask(state, "other", day(0), 30) == (Window(day(-30), day(0)),)
    after = record_answers(state, "other", [answer(Window(day(-90), day(0)))], day(0))
    assert open_gaps(after, Q) == open_gaps(state, Q)
    assert open_gaps(after, "other") == ()


def test_digest() -> None:
    """What is asked identifies a query; its order and its weights do not."""
    one, two = Keyword("KV cache"), Keyword("LLM serving", Field.TITLE)
    query = Query((one, two), ("cs.DC", "cs.LG"))
    assert digest(query) == digest(Query((two, replace(one, weight=0.9)), ("cs.LG", "cs.DC")))
    assert digest(query) == "9946bb9cf2d00b21"  # as before there were groups: what is proven stays proven
    grouped = replace(query, groups=((one,), (two,)))
    assert digest(grouped) == digest(replace(query, groups=((two,), (one,))))
    assert digest(grouped) != digest(query)
    others = (Query((one,), query.categories), Query((one, two), ("cs.DC",)), replace(query, exclude=(one,)))
    assert (
        len({digest(q) for q in (query, *others, Query((one, replace(two, field=Field.ANY)), query.categories))}) == 5
    )


RUNS = st.lists(
    st.tuples(
        st.integers(0, 60_000),  # minutes since the run before
        st.lists(st.booleans(), min_size=3, max_size=3),  # which windows are answered
        st.one_of(st.none(), st.tuples(st.integers(-60, 0), st.integers(1, 60))),  # a window asked by hand
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=examples(150))
@given(RUNS, st.integers(1, 40))
def test_nothing_is_lost(runs: list[tuple[int, list[bool], tuple[int, int] | None]], look_back: int) -> None:
    """Whatever succeeds or fails: proof is honest, and proof and gaps together hold all since the first run."""
    state, now, asked, proven = Coverage(), START, list[tuple[datetime, datetime]](), list[tuple[datetime, datetime]]()
    for minutes, fates, by_hand in runs:
        now += timedelta(minutes=minutes)
        first = never_asked(state, Q)
        windows = to_ask(state, Q, now, look_back)
        if by_hand and not first:
            begin = now + timedelta(days=by_hand[0])
            windows = (Window(begin, begin + timedelta(days=by_hand[1])),)
        answers = [answer(w, fine=fates[i % 3]) for i, w in enumerate(windows)]
        state = record_answers(state, Q, answers, now)
        asked += [(w.since, min(w.until, now)) for w in windows if w.since < now]
        proven += [(a.window.since, a.window.until) for a in answers if a.unknown is None]
        known = [(c.since, c.until) for c in state.covered] + [(g.since, g.until) for g in state.gaps]
        assert all(since < until for since, until in known)
        assert all(one[1] <= two[0] for one, two in pairwise(sorted(known))), "proof and gaps overlap"
        assert all(covers(proven, c.since, c.until) and c.until <= now for c in state.covered)
        assert all(covers(known, since, until) for since, until in asked)
        assert covers(known, asked[0][0], max(until for _, until in asked))
        assert trusted(state, now) == state
        for lost in ("covered", "gaps", "asked"):
            left = trusted(replace(state, **{lost: ()}), now)
            known = [(c.since, c.until) for c in left.covered] + [(g.since, g.until) for g in left.gaps]
            kept = [(c.since, c.until) for c in state.covered]
            assert all(covers(known, since, until) for since, until in asked), f"{lost} is not safe to lose"
            assert all(covers(kept, c.since, c.until) for c in left.covered)


def test_only_the_latest_counts_are_kept() -> None:
    """Counts do not grow for ever, and a window asked again counts once."""
    state = Coverage()
    for number in [*range(20), 19]:
        state = record_answers(state, Q, [answer(Window(day(number), day(number + 1)))], day(99))
    state = record_answers(state, "other", [answer(Window(day(0), day(1)))], day(99))
    assert [c.until for c in state.counts if c.query == Q] == [day(n) for n in range(9, 21)]
    assert Count("other", day(0), day(1), 1) in state.counts
    failed = record_answers(state, Q, [answer(Window(day(30), day(31)), fine=False)], day(99))
    assert failed.counts == state.counts


def test_a_feed_that_was_read_leaves_no_gap() -> None:
    """A day after the other, over a weekend and Thanksgiving, with empty feeds where nothing was announced."""
    state = Coverage()
    for number in range(17, 31):
        announced = calendar.announces(date(2026, 11, number - 1))
        answers = [feed_answer(date(2026, 11, number - 1), received=9 if announced else 0)]
        state = record_feed(state, Q, answers, at(number))
        assert state.gaps == ()
    assert state.feeds == (Feed(Q, date(2026, 11, 29)),)


def test_what_is_proven_is_not_asked_again() -> None:
    """Of the months of a history only the parts without proof are left."""
    state = record_answers(Coverage(), Q, [answer(Window(day(5), day(15)))], day(99))
    assert unproven([Window(day(10), day(20)), Window(day(0), day(10))], state, Q) == (
        Window(day(0), day(5)),
        Window(day(15), day(20)),
    )
    assert unproven([Window(day(6), day(7))], state, Q) == ()
