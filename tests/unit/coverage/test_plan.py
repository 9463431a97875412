"""What is asked next: gaps, the look-back, missed feeds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.arxiv import calendar
from bot.coverage.ledger import (
    Coverage,
    Covered,
    Deep,
    Feed,
    Gap,
    never_asked,
    open_gaps,
    record_answers,
    record_feed,
)
from bot.coverage.plan import HELD, look_back_days, missed_feeds, to_ask
from bot.model import Reason, Unknown, Window
from tests.conftest import failed
from tests.unit.coverage import Q, answer, at, day, feed_answer


def test_first_run_asks_the_look_back_only() -> None:
    """The first run of a query asks one window: the look-back, to the minute."""
    now = day(0) + timedelta(seconds=7, microseconds=5)
    assert to_ask(Coverage(), Q, now, 30) == (Window(day(-30), day(0)),)
    assert never_asked(Coverage(), Q)


def test_windows_join() -> None:
    """The next run asks again the look-back from where proof ends, so that nothing lies between."""
    proven = record_answers(Coverage(), Q, [answer(Window(day(-30), day(0)))], day(0))
    assert to_ask(proven, Q, day(1), 30) == (Window(day(-30), day(1)),)
    assert not never_asked(proven, Q)


def test_long_pause() -> None:
    """After a pause longer than the look-back nothing since the proof's end is left out."""
    proven = record_answers(Coverage(), Q, [answer(Window(day(-30), day(0)))], day(0))
    (window,) = to_ask(proven, Q, day(400), 30)
    assert window == Window(day(-30), day(400))


def test_failed_first_run_then_a_pause() -> None:
    """When the first run failed and a pause followed, all is asked since the first one began, the gap on its own."""
    failed = record_answers(Coverage(), Q, [answer(Window(day(-30), day(0)), fine=False)], day(0))
    assert to_ask(failed, Q, day(40), 30) == (
        Window(day(-30), day(0)),
        Window(day(0), day(10)),
        Window(day(10), day(40)),
    )


def test_a_gap_that_cannot_be_proven_does_not_hold_up_the_rest() -> None:
    """The look-back is proven day by day beside an old gap that never is, whether proof came before it or not."""
    for before in (Coverage(), record_answers(Coverage(), Q, [answer(Window(day(-900), day(-400)))], day(-400))):
        begin = day(-400) if before.covered else day(-5000)
        state = record_answers(before, Q, [answer(Window(begin, day(0)), fine=False)], day(0))
        for number in range(1, 100, 7):
            windows = to_ask(state, Q, day(number), 30)
            assert windows[-1].until - windows[-1].since <= timedelta(days=37)
            answers = [answer(w, fine=w.since != begin) for w in windows]
            state = record_answers(state, Q, answers, day(number))
            assert state.covered[-1].until == day(number)
            assert open_gaps(state, Q) == (Gap(Q, begin, day(-29), day(0), failed()),)


def test_after_an_outage_the_look_back_from_the_end_of_proof_is_asked_too() -> None:
    """What was submitted just before proof ended is asked again though a long gap follows, apart from it."""
    state = record_answers(Coverage(), Q, [answer(Window(day(-30), day(0)))], day(0))
    state = record_answers(state, Q, [answer(Window(day(-29), day(60)), fine=False)], day(60))
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
    closed = record_answers(state, Q, [answer(Window(day(10), day(11)))], day(101))
    assert (closed.covered, closed.gaps) == ((Covered(Q, day(0), day(100)),), ())


def test_gaps_are_asked_each_on_its_own() -> None:
    """Gaps are asked apart even when they touch, so that one that cannot be proven holds up no other."""
    gaps = tuple(Gap(Q, day(a), day(b), day(b), failed("x")) for a, b in ((1, 2), (2, 3), (5, 6)))
    state = Coverage((Covered(Q, day(6), day(100)),), gaps)
    assert to_ask(state, Q, day(100), 30)[:-1] == tuple(Window(g.since, g.until) for g in gaps)


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


def test_once_a_month_the_look_back_is_long() -> None:
    """Four weeks after a query began, and every four weeks, ninety days are asked; until they are proven."""
    state, asked = Coverage(), []
    for number in range(90):
        days = look_back_days(state, Q, day(number), 30)
        asked.append(days)
        windows = to_ask(state, Q, day(number), days)
        state = record_answers(state, Q, [answer(window, fine=number != 28) for window in windows], day(number))
    assert [number for number, days in enumerate(asked) if days == 90] == [28, 29, 57, 85]
    assert state.deeps == (Deep(Q, day(85)),)
    assert state.covered[0].since == day(-63)
    assert look_back_days(state, Q, day(200), 120) == 120


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
    failed = record_answers(state, Q, [answer(both, fine=False)], at(25))
    assert missed_feeds(failed, Q, at(26)) == (both,)
    assert [g.noticed for g in failed.gaps] == [at(17)]
    closed = record_answers(failed, Q, [answer(both)], at(26))
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
            state = record_answers(state, Q, [answer(window)], now)
        state = record_feed(
            state, Q, [feed_answer(today - timedelta(days=1), fine=fine, received=0 if quiet else 9)], now
        )
        assert (state.gaps == ()) == (not timedelta() < today - empty < timedelta(days=5))
    until = calendar.submissions(empty).until
    assert [(c.since, c.until) for c in state.covered] == [(until - HELD, until)]
