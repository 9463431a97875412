"""What is not believed of the state, and what earlier answers let expect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.coverage.doubt import expectation, trusted, usual, working_days
from bot.coverage.ledger import (
    Asked,
    Count,
    Coverage,
    Covered,
    Deep,
    Feed,
    Gap,
    digest,
    open_gaps,
    record_answers,
    record_feed,
)
from bot.coverage.plan import look_back_days, to_ask
from bot.model import NO_EXPECTATION, Answer, Keyword, Query, Reason, Unknown, Window
from tests.conftest import failed
from tests.unit.coverage import START, Q, answer, at, day, feed_answer


def test_a_lost_gap_is_a_gap_again() -> None:
    """A gap whose record was deleted is derived from what was asked, a month at a time, and asked first."""
    state = record_answers(Coverage(), Q, [answer(Window(day(0), day(50)), fine=False)], day(50))
    state = record_answers(state, Q, [answer(Window(day(20), day(50)))], day(50))
    lost = trusted(replace(state, gaps=()), day(51))
    assert lost.gaps == (
        Gap(Q, day(0), day(10), day(51), Unknown(Reason.LOST)),
        Gap(Q, day(10), day(20), day(51), Unknown(Reason.LOST)),
    )
    assert to_ask(lost, Q, day(51), 30)[0] == Window(day(0), day(10))
    assert trusted(lost, day(52)) == lost


def test_history_asked_by_hand_loses_nothing_between() -> None:
    """What was never asked between two proven windows is no gap, whatever file is lost."""
    state = record_answers(Coverage(), Q, [answer(Window(day(0), day(30)))], day(30))
    state = record_answers(state, Q, [answer(Window(day(-900), day(-800)))], day(30))
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
        state = record_answers(state, Q, [replace(answer(window), received=total, total=total)], day(99))
    assert 9 < usual(state, Q) < 12
    assert usual(state, "other") == 0
    short = record_answers(Coverage(), Q, [answer(Window(day(0), day(5)))], day(99))
    assert usual(short, Q) == 0


def test_a_query_is_told_its_history() -> None:
    """The newest paper that was shown, and what is usual, are known of a query once it was proven."""
    query = Query((Keyword("KV cache"),))
    assert expectation(Coverage(), query, START) == NO_EXPECTATION
    found = [replace(answer(Window(day(n), day(n + 20))), newest=day(n + 15)) for n in (0, 20)]
    state = record_answers(Coverage(), digest(query), found, day(40))
    told = expectation(state, query, START)
    assert (told.newest, told.usual > 0) == (day(35), True)
    assert told.counted_since == day(0)


def test_a_doubt_is_told_to_later_days_only() -> None:
    """A count to confirm is known to runs of later days, whatever else failed before or since, until it is proven."""
    query = Query((Keyword("KV cache"),))
    name, month = digest(query), Window(day(-30), day(0))

    def said(why: Unknown | None) -> Answer:
        return Answer("api", month, 0, 0, 1, why, proves=True)

    state = record_answers(Coverage(), name, [said(failed("HTTP 503"))], day(0))
    assert expectation(state, query, day(1)).doubted == ()
    state = record_answers(state, name, [said(Unknown(Reason.FEW_ONCE))], day(1))
    assert expectation(state, query, day(1.5)).doubted == ()
    state = record_answers(state, name, [said(failed("HTTP 503"))], day(2))
    assert expectation(state, query, day(2)).doubted == (month,)
    assert open_gaps(state, name)[0].noticed == day(1)
    state = record_answers(state, name, [said(None)], day(3))
    assert expectation(state, query, day(3)).doubted == ()
    assert not open_gaps(state, name)
