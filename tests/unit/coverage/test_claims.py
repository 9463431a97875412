"""What a proposal says was asked is believed as far as the plan and the past bear it out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.arxiv import calendar
from bot.coverage.claims import believed
from bot.coverage.ledger import Count, Coverage, Covered, Gap, digest
from bot.coverage.plan import missed_feeds, planned
from bot.model import Answer, Field, Keyword, Query, Reason, Unknown, Window

NOW = datetime(2026, 3, 4, 6, tzinfo=UTC)
QUERY = Query((Keyword("KV cache", Field.ANY, 0.5),), ("cs.DC",), ())
NAME = digest(QUERY)
DAY = timedelta(days=1)
COUNTS = tuple(
    Count(NAME, NOW - weeks * 7 * DAY - 10 * DAY, NOW - weeks * 7 * DAY, 70, NOW - weeks * 7 * DAY)
    for weeks in (1, 2, 3)
)
USUAL = Coverage(covered=(Covered(NAME, NOW - 60 * DAY, NOW - 7 * DAY),), counts=COUNTS)
WEEKS = Window(NOW - 30 * DAY, NOW)


def answer(window: Window, total: int) -> Answer:
    return Answer("api", window, total, total, 1, newest=NOW, proves=True)


def heard(coverage: Coverage, said: Answer) -> list[Unknown | None]:
    """Return why each answer that is left is not believed."""
    wanted = planned(coverage, NAME, NOW, 30)
    return [one.unknown for one in believed([said], wanted, coverage, QUERY, NOW)]


@pytest.mark.parametrize(
    ("window", "kept"),
    [
        (WEEKS, True),
        (Window(NOW - 3 * DAY, NOW), True),
        (Window(NOW - 90 * DAY, NOW), False),
        (Window(NOW - 90 * DAY, NOW - 80 * DAY), False),
        (Window(NOW - 3 * DAY, NOW + DAY), False),
    ],
)
def test_only_planned_windows(window: Window, kept: bool) -> None:
    """An answer counts where the state wants its whole window asked, and nowhere else."""
    assert bool(heard(USUAL, answer(window, 200))) is kept


def test_a_gap_is_planned() -> None:
    """A gap of long ago is wanted, and its answer counts."""
    old = Window(NOW - 200 * DAY, NOW - 190 * DAY)
    coverage = Coverage(USUAL.covered, (Gap(NAME, old.since, old.until, NOW - DAY, Unknown(Reason.LOST)),), COUNTS)
    assert heard(coverage, answer(old, 70)) == [None]


def test_a_missed_feed_is_wanted() -> None:
    """The answer for a feed that was missed counts, once the index has what was announced."""
    evening = (NOW - 12 * DAY).date()
    days = calendar.submissions(evening)
    gap = Gap(NAME, days.since, days.until, NOW - 11 * DAY, Unknown(Reason.MISSED_FEED, evening=evening))
    coverage = Coverage(gaps=(gap,))
    (wanted,) = missed_feeds(coverage, NAME, NOW)
    assert [one.unknown for one in believed([answer(wanted, 9)], [wanted], coverage, QUERY, NOW)] == [None]


def test_far_fewer_papers_than_usual_wait_for_another_day() -> None:
    """No papers where 70 are usual are not believed at once, but when another day had said so."""
    assert heard(USUAL, answer(WEEKS, 0)) == [Unknown(Reason.FEW_ONCE)]
    doubt = Gap(NAME, WEEKS.since, WEEKS.until, NOW - DAY, Unknown(Reason.FEW_ONCE))
    assert heard(Coverage(USUAL.covered, (doubt,), COUNTS), answer(WEEKS, 0)) == [None]


@pytest.mark.parametrize(("days", "kept"), [(1, True), (30, False), (-2, False)])
def test_only_the_feed_that_stood(days: int, kept: bool) -> None:
    """A feed that was read whole is believed only if it stood at that time."""
    evening = (NOW - days * DAY).date() - DAY
    since = datetime(evening.year, evening.month, evening.day, tzinfo=UTC) + DAY
    said = Answer("rss", Window(since, since + DAY), 5, None, 1, evening=evening)
    assert bool(heard(USUAL, said)) is kept
