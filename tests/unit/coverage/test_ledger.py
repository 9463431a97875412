"""Coverage: what is proven, what is asked next, and that nothing falls between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv import calendar
from bot.coverage.doubt import expectation, trusted, usual, working_days
from bot.coverage.ledger import (
    Asked,
    Count,
    Coverage,
    Covered,
    Deep,
    Feed,
    Gap,
    advance,
    digest,
    never_asked,
    open_gaps,
    record_feed,
    unproven,
)
from bot.coverage.plan import HELD, look_back_days, missed_feeds, to_ask
from bot.coverage.windows import months
from bot.model import NO_EXPECTATION, Answer, Field, Keyword, Query, Reason, Unknown, Window
from tests.conftest import failed

Q = "0" * 16
START = datetime(2024, 2, 20, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def answer(window: Window, *, fine: bool = True, proves: bool = True) -> Answer:
    return Answer("x", window, 1, 1, 1, None if fine else failed(), proves=proves)


def covers(parts: list[tuple[datetime, datetime]], since: datetime, until: datetime) -> bool:
    """Tell whether ranges together hold a range."""
    at = since
    for begin, end in sorted(parts):
        if begin <= at < end:
            at = end
    return at >= until


def test_first_run_asks_the_look_back_only() -> None:
    """The first run of a query asks one window: the look-back, to the minute."""
    now = day(0) + timedelta(seconds=7, microseconds=5)
    assert to_ask(Coverage(), Q, now, 30) == (Window(day(-30), day(0)),)
    assert never_asked(Coverage(), Q)


def test_windows_join() -> None:
    """The next run asks again the look-back from where proof ends, so that nothing lies between."""
    proven = advance(Coverage(), Q, [answer(Window(day(-30), day(0)))], day(0))
    assert to_ask(proven, Q, day(1), 30) == (Window(day(-30), day(1)),)
    assert not never_asked(proven, Q)


def test_long_pause() -> None:
    """After a pause longer than the look-back nothing since the proof's end is left out."""
    proven = advance(Coverage(), Q, [answer(Window(day(-30), day(0)))], day(0))
    (window,) = to_ask(proven, Q, day(400), 30)
    assert window == Window(day(-30), day(400))


def test_failed_first_run_then_a_pause() -> None:
    """When the first run failed and a pause followed, all is asked since the first one began, the gap on its own."""
    failed = advance(Coverage(), Q, [answer(Window(day(-30), day(0)), fine=False)], day(0))
    assert to_ask(failed, Q, day(40), 30) == (
        Window(day(-30), day(0)),
        Window(day(0), day(10)),
        Window(day(10), day(40)),
    )


def test_a_gap_that_cannot_be_proven_does_not_hold_up_the_rest() -> None:
    """The look-back is proven day by day beside an old gap that never is, whether proof came before it or not."""
    for before in (Coverage(), advance(Coverage(), Q, [answer(Window(day(-900), day(-400)))], day(-400))):
        begin = day(-400) if before.covered else day(-5000)
        state = advance(before, Q, [answer(Window(begin, day(0)), fine=False)], day(0))
        for number in range(1, 100, 7):
            windows = to_ask(state, Q, day(number), 30)
            assert windows[-1].until - windows[-1].since <= timedelta(days=37)
            answers = [answer(w, fine=w.since != begin) for w in windows]
            state = advance(state, Q, answers, day(number))
            assert state.covered[-1].until == day(number)
            assert open_gaps(state, Q) == (Gap(Q, begin, day(-29), day(0), failed()),)


def test_after_an_outage_the_look_back_from_the_end_of_proof_is_asked_too() -> None:
    """What was submitted just before proof ended is asked again though a long gap follows, apart from it."""
    state = advance(Coverage(), Q, [answer(Window(day(-30), day(0)))], day(0))
    state = advance(state, Q, [answer(Window(day(-29), day(60)), fine=False)], day(60))
    windows = to_ask(state, Q, day(61), 30)
    assert windows == (Window(day(-30), day(0)), Window(day(0), day(31)), Window(day(31), day(61)))


def test_nothing_is_asked_before_arxiv_began() -> None:
    """No window reaches back beyond the first submission, whatever gap is remembered."""
    began = datetime(1991, 8, 1, tzinfo=UTC)
    gaps = tuple(
        Gap(Q, datetime(y, 1, 1, tzinfo=UTC), datetime(y + 1, 1, 1, tzinfo=UTC), day(0), failed("x"))
        for y in (1025, 1991)
    )
    assert to_ask(Coverage((), gaps), Q, day(0), 30)[0] == Window(began, gaps[1].until)
    assert to_ask(Coverage(), Q, began + timedelta(days=3), 30) == (Window(began, began + timedelta(days=3)),)


def test_old_gap_is_asked_first() -> None:
    """A gap older than the look-back is asked again first, and apart from the rest."""
    state = Coverage(
        (Covered(Q, day(0), day(10)), Covered(Q, day(11), day(100))), (Gap(Q, day(10), day(11), day(11), failed("x")),)
    )
    assert to_ask(state, Q, day(101), 30) == (Window(day(10), day(11)), Window(day(70), day(101)))
    closed = advance(state, Q, [answer(Window(day(10), day(11)))], day(101))
    assert (closed.covered, closed.gaps) == ((Covered(Q, day(0), day(100)),), ())


def test_gaps_are_asked_each_on_its_own() -> None:
    """Gaps are asked apart even when they touch, so that one that cannot be proven holds up no other."""
    gaps = tuple(Gap(Q, day(a), day(b), day(b), failed("x")) for a, b in ((1, 2), (2, 3), (5, 6)))
    state = Coverage((Covered(Q, day(6), day(100)),), gaps)
    assert to_ask(state, Q, day(100), 30)[:-1] == tuple(Window(g.since, g.until) for g in gaps)


def test_gap_keeps_its_day_and_its_first_reason() -> None:
    """A gap keeps when it was first noticed and why, whatever the next tries say, and so the text of it stays."""
    window = Window(day(0), day(2))
    state = advance(Coverage(), Q, [answer(window, fine=False)], day(2))
    again = advance(state, Q, [replace(answer(window), unknown=failed("HTTP 503"))], day(5))
    assert open_gaps(again, Q) == (Gap(Q, day(0), day(2), day(2), failed()),)
    wider = advance(state, Q, [replace(answer(Window(day(1), day(5))), unknown=failed("HTTP 503"))], day(5))
    assert open_gaps(wider, Q) == (Gap(Q, day(0), day(5), day(2), failed()),)


def test_a_gap_is_closed_in_part() -> None:
    """Proof in the middle of a gap leaves its two ends open."""
    state = advance(Coverage(), Q, [answer(Window(day(0), day(9)), fine=False)], day(9))
    state = advance(state, Q, [answer(Window(day(3), day(4)))], day(9))
    assert [(g.since, g.until) for g in state.gaps] == [(day(0), day(3)), (day(4), day(9))]


def test_what_was_proven_stays_proven() -> None:
    """A failure over a proven window opens a gap only where nothing was proven."""
    state = advance(Coverage(), Q, [answer(Window(day(2), day(4)))], day(9))
    state = advance(state, Q, [answer(Window(day(0), day(9)), fine=False)], day(9))
    assert [(g.since, g.until) for g in state.gaps] == [(day(0), day(2)), (day(4), day(9))]
    assert state.covered == (Covered(Q, day(2), day(4)),)


def test_a_hole_before_a_window_is_a_gap() -> None:
    """A window asked by hand past the proof's end leaves a remembered gap, not a forgotten one."""
    state = advance(Coverage(), Q, [answer(Window(day(-30), day(0)))], day(0))
    state = advance(state, Q, [answer(Window(day(60), day(70)))], day(70))
    assert state.gaps == (Gap(Q, day(0), day(60), day(70), Unknown(Reason.NOT_YET)),)
    assert to_ask(state, Q, day(75), 10)[0] == Window(day(0), day(60))


def test_history_asked_by_hand_leaves_no_gap() -> None:
    """A window asked by hand before all others proves itself and nothing else."""
    state = advance(Coverage(), Q, [answer(Window(day(0), day(30)))], day(30))
    state = advance(state, Q, [answer(Window(day(-900), day(-800)))], day(30))
    assert state.gaps == ()
    assert [c.until for c in state.covered] == [day(-800), day(30)]


def test_the_future_proves_nothing() -> None:
    """Proof ends at the time of the run, whatever window was asked."""
    state = advance(Coverage(), Q, [answer(Window(day(0), day(90))), answer(Window(day(50), day(60)))], day(10))
    assert state.covered == (Covered(Q, day(0), day(10)),)
    assert to_ask(state, Q, day(80), 5) == (Window(day(5), day(80)),)


def test_only_sources_that_prove_count() -> None:
    """Answers of feeds, files and the sample neither prove a window nor open a gap."""
    for fine in (True, False):
        assert advance(Coverage(), Q, [answer(Window(day(0), day(1)), fine=fine, proves=False)], day(1)) == Coverage()


def test_a_changed_query_starts_anew() -> None:
    """Coverage belongs to its query; another one begins with the look-back, and neither touches the other."""
    state = advance(Coverage(), Q, [answer(Window(day(-90), day(0)), fine=False)], day(0))
    assert to_ask(state, "other", day(0), 30) == (Window(day(-30), day(0)),)
    after = advance(state, "other", [answer(Window(day(-90), day(0)))], day(0))
    assert open_gaps(after, Q) == open_gaps(state, Q)
    assert open_gaps(after, "other") == ()


def test_digest() -> None:
    """What is asked identifies a query; its order and its weights do not."""
    one, two = Keyword("KV cache"), Keyword("LLM serving", Field.TITLE)
    query = Query((one, two), ("cs.DC", "cs.LG"))
    assert digest(query) == digest(Query((two, replace(one, weight=0.9)), ("cs.LG", "cs.DC")))
    others = (Query((one,), query.categories), Query((one, two), ("cs.DC",)), replace(query, exclude=(one,)))
    assert (
        len({digest(q) for q in (query, *others, Query((one, replace(two, field=Field.ANY)), query.categories))}) == 5
    )


@pytest.mark.parametrize(
    ("now", "days", "since"),
    [
        (datetime(2024, 3, 1, tzinfo=UTC), 1, datetime(2024, 2, 29, tzinfo=UTC)),
        (datetime(2023, 3, 1, tzinfo=UTC), 1, datetime(2023, 2, 28, tzinfo=UTC)),
        (datetime(2025, 1, 1, tzinfo=UTC), 30, datetime(2024, 12, 2, tzinfo=UTC)),
        (datetime(2024, 7, 31, 6, 37, 59, tzinfo=UTC), 30, datetime(2024, 7, 1, 6, 37, tzinfo=UTC)),
    ],
)
def test_calendar(now: datetime, days: int, since: datetime) -> None:
    """Leap days and the ends of months and years are days like others."""
    assert to_ask(Coverage(), Q, now, days)[-1].since == since


RUNS = st.lists(
    st.tuples(
        st.integers(0, 60_000),  # minutes since the run before
        st.lists(st.booleans(), min_size=3, max_size=3),  # which windows are answered
        st.one_of(st.none(), st.tuples(st.integers(-60, 0), st.integers(1, 60))),  # a window asked by hand
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=150)
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
        state = advance(state, Q, answers, now)
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


# What is lost or wrong in the state


def test_a_lost_gap_is_a_gap_again() -> None:
    """A gap whose record was deleted is derived from what was asked, a month at a time, and asked first."""
    state = advance(Coverage(), Q, [answer(Window(day(0), day(50)), fine=False)], day(50))
    state = advance(state, Q, [answer(Window(day(20), day(50)))], day(50))
    lost = trusted(replace(state, gaps=()), day(51))
    assert lost.gaps == (
        Gap(Q, day(0), day(10), day(51), Unknown(Reason.LOST)),
        Gap(Q, day(10), day(20), day(51), Unknown(Reason.LOST)),
    )
    assert to_ask(lost, Q, day(51), 30)[0] == Window(day(0), day(10))
    assert trusted(lost, day(52)) == lost


def test_history_asked_by_hand_loses_nothing_between() -> None:
    """What was never asked between two proven windows is no gap, whatever file is lost."""
    state = advance(Coverage(), Q, [answer(Window(day(0), day(30)))], day(30))
    state = advance(state, Q, [answer(Window(day(-900), day(-800)))], day(30))
    assert trusted(state, day(30)).gaps == ()
    assert trusted(replace(state, asked=()), day(30)).gaps == ()


def test_proof_of_days_to_come_is_not_believed() -> None:
    """A record beyond the time of the run is cut ninety days before it, and the rest asked again and told apart."""
    state = Coverage((Covered(Q, day(-900), day(5000)), Covered("other", day(-9), day(0))))
    found = trusted(state, day(0))
    assert found.covered == (Covered("other", day(-9), day(0)), Covered(Q, day(-900), day(-90)))[::-1]
    assert (found.gaps[0].since, found.gaps[-1].until) == (day(-90), day(0))
    assert {(gap.query, gap.why) for gap in found.gaps} == {(Q, Unknown(Reason.CLAIMED))}
    assert to_ask(found, Q, day(0), 30)[-1].until == day(0)
    assert trusted(Coverage((Covered(Q, day(-9), day(1)),)), day(0)).covered == ()
    assert trusted(found, day(0)) == found


def test_other_records_of_days_to_come() -> None:
    """A gap ends with the present, and no record of the future keeps a look-back, a feed or a doubt from coming."""
    later = day(40)
    state = Coverage(
        gaps=(Gap(Q, day(-3), later, later, failed("x")), Gap(Q, day(9), later, later, failed("x"))),
        counts=(Count(Q, day(-9), later, 5), Count(Q, day(-9), day(0), 5, later), Count(Q, day(-9), day(0), 5)),
        deeps=(Deep(Q, later),),
        feeds=(Feed(Q, later.date()),),
        asked=(Asked(Q, day(2), later),),
    )
    found = trusted(state, day(0))
    assert found.gaps == (Gap(Q, day(-3), day(0), day(0), failed("x")),)
    assert found.counts == (Count(Q, day(-9), day(0), 5),)
    assert look_back_days(found, Q, day(0), 30) == 90
    assert len(record_feed(found, Q, [feed_answer(day(0).date(), fine=False)], day(0)).gaps) > 5


def test_a_feed_read_late_is_no_gap_when_gaps_are_lost() -> None:
    """What a feed made up for is not asked any more, and so cannot be missing."""
    state = record_feed(Coverage(), Q, [feed_answer(date(2026, 11, 16), fine=False)], at(17))
    assert trusted(replace(state, gaps=()), at(17)).gaps[0].why == Unknown(Reason.LOST)
    state = record_feed(state, Q, [feed_answer(date(2026, 11, 16))], at(17))
    assert (state.gaps, trusted(state, at(17)).gaps) == ((), ())


# What is usual


def test_weight() -> None:
    """Working days count one, those of a weekend a quarter, and the last four days nothing."""
    monday = datetime(2024, 2, 19, tzinfo=UTC)
    assert working_days(Window(monday, monday + timedelta(days=11))) == 5.5
    assert working_days(Window(monday, monday + timedelta(days=4))) == 0
    assert working_days(Window(monday + timedelta(hours=12), monday + timedelta(days=5))) == 0.5


def test_usual_is_the_median_of_what_was_proven() -> None:
    """What a working day usually has comes from the windows proven last, of this query alone."""
    state = Coverage()
    assert usual(state, Q) == 0
    for number, total in enumerate((220, 200, 2000)):
        window = Window(day(number), day(number + 30))
        state = advance(state, Q, [replace(answer(window), received=total, total=total)], day(99))
    assert 9 < usual(state, Q) < 12
    assert usual(state, "other") == 0
    short = advance(Coverage(), Q, [answer(Window(day(0), day(5)))], day(99))
    assert usual(short, Q) == 0


def test_a_query_is_told_its_history() -> None:
    """The newest paper that was shown, and what is usual, are known of a query once it was proven."""
    query = Query((Keyword("KV cache"),))
    assert expectation(Coverage(), query, START) == NO_EXPECTATION
    found = [replace(answer(Window(day(n), day(n + 20))), newest=day(n + 15)) for n in (0, 20)]
    state = advance(Coverage(), digest(query), found, day(40))
    told = expectation(state, query, START)
    assert (told.newest, told.usual > 0) == (day(35), True)
    assert told.counted_since == day(0)


def test_only_the_latest_counts_are_kept() -> None:
    """Counts do not grow for ever, and a window asked again counts once."""
    state = Coverage()
    for number in [*range(20), 19]:
        state = advance(state, Q, [answer(Window(day(number), day(number + 1)))], day(99))
    state = advance(state, "other", [answer(Window(day(0), day(1)))], day(99))
    assert [c.until for c in state.counts if c.query == Q] == [day(n) for n in range(9, 21)]
    assert Count("other", day(0), day(1), 1) in state.counts
    failed = advance(state, Q, [answer(Window(day(30), day(31)), fine=False)], day(99))
    assert failed.counts == state.counts


# The long look-back


def test_once_a_month_the_look_back_is_long() -> None:
    """Four weeks after a query began, and every four weeks, ninety days are asked; until they are proven."""
    state, asked = Coverage(), []
    for number in range(90):
        days = look_back_days(state, Q, day(number), 30)
        asked.append(days)
        windows = to_ask(state, Q, day(number), days)
        state = advance(state, Q, [answer(window, fine=number != 28) for window in windows], day(number))
    assert [number for number, days in enumerate(asked) if days == 90] == [28, 29, 57, 85]
    assert state.deeps == (Deep(Q, day(85)),)
    assert state.covered[0].since == day(-63)
    assert look_back_days(state, Q, day(200), 120) == 120


# Feeds


def feed_answer(evening: date, *, fine: bool = True, received: int = 9) -> Answer:
    since = datetime.combine(evening, datetime.min.time(), UTC) + timedelta(days=1)
    window, unknown = Window(since, since + timedelta(days=1)), None if fine else failed("HTTP 503")
    return Answer("x", window, received, None, 1, unknown, evening=evening)


def at(number: int) -> datetime:
    """Return the time of the run on a day of November 2026; the 22nd is a Sunday."""
    return datetime(2026, 11, number, 6, 37, tzinfo=UTC)


def test_a_feed_that_was_read_leaves_no_gap() -> None:
    """A day after the other, over a weekend and Thanksgiving, with empty feeds where nothing was announced."""
    state = Coverage()
    for number in range(17, 31):
        announced = calendar.announces(date(2026, 11, number - 1))
        answers = [feed_answer(date(2026, 11, number - 1), received=9 if announced else 0)]
        state = record_feed(state, Q, answers, at(number))
        assert state.gaps == ()
    assert state.feeds == (Feed(Q, date(2026, 11, 29)),)


def test_missed_feeds_are_gaps_and_asked_once_the_index_has_them() -> None:
    """A dead feed, and days without a run, are gaps of what they announced: asked days later, with what was held."""
    state = record_feed(Coverage(), Q, [feed_answer(date(2026, 11, 15))], at(16))
    state = record_feed(state, Q, [feed_answer(date(2026, 11, 16), fine=False, received=0)], at(17))
    state = record_feed(state, Q, [feed_answer(date(2026, 11, 18))], at(19))
    lost = [calendar.submissions(date(2026, 11, n)) for n in (16, 17)]
    assert [(g.since, g.until) for g in state.gaps] == [(w.since, w.until) for w in lost]
    assert state.gaps[0].why == Unknown(Reason.MISSED_FEED, evening=date(2026, 11, 16))
    assert missed_feeds(state, Q, at(20)) == ()
    assert missed_feeds(state, Q, at(21)) == (Window(lost[0].until - HELD, lost[0].until),)
    (both,) = missed_feeds(state, Q, at(25))
    assert both == Window(lost[0].until - HELD, lost[1].until)
    failed = advance(state, Q, [answer(both, fine=False)], at(25))
    assert missed_feeds(failed, Q, at(26)) == (both,)
    assert [g.noticed for g in failed.gaps] == [at(17)]
    closed = advance(failed, Q, [answer(both)], at(26))
    assert missed_feeds(closed, Q, at(26)) == ()
    assert closed.gaps == ()


def test_what_friday_took_is_awaited_from_sunday_on() -> None:
    """The papers of a Sunday's feed were submitted until Friday, and are asked for days after the announcement."""
    state = record_feed(Coverage(), Q, [feed_answer(date(2026, 11, 15), fine=False, received=0)], at(16))
    assert [number for number in range(17, 23) if missed_feeds(state, Q, at(number))] == [20, 21, 22]


def test_a_stale_feed_and_a_long_pause() -> None:
    """A first feed that is dead is a gap; after a long pause every evening is; a second run adds none."""
    state = record_feed(Coverage(), Q, [feed_answer(date(2026, 11, 12), fine=False)], at(17))
    assert [calendar.submissions(date(2026, 11, 16))] == [Window(g.since, g.until) for g in state.gaps]
    assert record_feed(state, Q, [feed_answer(date(2026, 11, 16), fine=False)], at(17)) == state
    assert record_feed(state, Q, [feed_answer(date(2026, 11, 16))], at(17)).gaps == ()
    later = record_feed(
        Coverage((), (), (), (), (Feed(Q, date(2026, 1, 5)),)), Q, [feed_answer(date(2026, 11, 16))], at(17)
    )
    assert len(later.gaps) == len(calendar.evenings(date(2026, 1, 5), date(2026, 11, 15))) > 200
    (ten,) = missed_feeds(later, Q, at(17))
    assert ten == Window(later.gaps[0].until - HELD, later.gaps[9].until)
    assert record_feed(later, Q, [answer(Window(day(0), day(1)))], at(30)) == later


def test_the_feeds_of_a_year_whose_holidays_are_not_known() -> None:
    """In 2027 an empty feed is a gap that says why it may be none; the API makes up for it, and no other day is one."""
    state, empty = Coverage(), date(2027, 1, 18)
    for number in range(75):
        today = date(2027, 1, 4) + timedelta(days=number)
        now = datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=7)
        evening = calendar.last_announced(today - timedelta(days=1))
        quiet = evening == empty or evening != today - timedelta(days=1)
        fine = evening != empty or today - timedelta(days=1) != empty
        for window in missed_feeds(state, Q, now):
            assert window.until == calendar.submissions(empty).until
            assert len(state.gaps) == 1
            assert state.gaps[0].why == Unknown(Reason.MISSED_FEED, evening=empty, perhaps_holiday=True)
            state = advance(state, Q, [answer(window)], now)
        state = record_feed(
            state, Q, [feed_answer(today - timedelta(days=1), fine=fine, received=0 if quiet else 9)], now
        )
        assert (state.gaps == ()) == (not timedelta() < today - empty < timedelta(days=5))
    until = calendar.submissions(empty).until
    assert [(c.since, c.until) for c in state.covered] == [(until - HELD, until)]


# History


@given(st.datetimes(datetime(1995, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 3_000_000))
def test_months_join(since: datetime, minutes: int) -> None:
    """The months of a window join without gap or overlap, and none crosses the end of one."""
    whole = Window(since, since + timedelta(minutes=minutes))
    parts = months(whole)
    assert (parts[0].since, parts[-1].until) == (whole.since, whole.until)
    assert all(one.until == two.since for one, two in pairwise(parts))
    assert all(
        (p.since.year, p.since.month) == ((e := p.until - timedelta(microseconds=1)).year, e.month) for p in parts
    )


def test_what_is_proven_is_not_asked_again() -> None:
    """Of the months of a history only the parts without proof are left."""
    state = advance(Coverage(), Q, [answer(Window(day(5), day(15)))], day(99))
    assert unproven([Window(day(10), day(20)), Window(day(0), day(10))], state, Q) == (
        Window(day(0), day(5)),
        Window(day(15), day(20)),
    )
    assert unproven([Window(day(6), day(7))], state, Q) == ()


def test_a_doubt_is_told_to_later_days_only() -> None:
    """A count to confirm is known to runs of later days, whatever else failed before or since, until it is proven."""
    query = Query((Keyword("KV cache"),))
    name, month = digest(query), Window(day(-30), day(0))

    def said(why: Unknown | None) -> Answer:
        return Answer("api", month, 0, 0, 1, why, proves=True)

    state = advance(Coverage(), name, [said(failed("HTTP 503"))], day(0))
    assert expectation(state, query, day(1)).doubted == ()
    state = advance(state, name, [said(Unknown(Reason.FEW_ONCE))], day(1))
    assert expectation(state, query, day(1.5)).doubted == ()
    state = advance(state, name, [said(failed("HTTP 503"))], day(2))
    assert expectation(state, query, day(2)).doubted == (month,)
    assert open_gaps(state, name)[0].noticed == day(1)
    state = advance(state, name, [said(None)], day(3))
    assert expectation(state, query, day(3)).doubted == ()
    assert not open_gaps(state, name)
