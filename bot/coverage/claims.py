"""What another process says it asked: believed as far as the plan wanted it, and as it fits what came before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.arxiv import calendar
from bot.coverage import doubt
from bot.coverage.ledger import Coverage
from bot.coverage.windows import without
from bot.model import Answer, Query, Reason, Unknown, Window

_FEED_STANDS = timedelta(days=6)
"""A feed stands until the next announcement; no holidays are longer."""


def believed(
    answers: Iterable[Answer], wanted: Iterable[Window], coverage: Coverage, query: Query, now: datetime
) -> Iterator[Answer]:
    """Yield answers of windows that were `wanted`, or of a feed that stood then; others prove nothing and are left out.

    Far fewer papers than usual prove nothing on the first day, whoever says so.
    """
    wanted, expected = list(wanted), doubt.expectation(coverage, query, now)
    for answer in answers:
        if answer.evening:
            known, until = answer.unknown is None, calendar.feed_evening(now)
            if not known or until - _FEED_STANDS <= answer.evening <= until:
                yield answer
        elif not answer.proves or not without([answer.window], wanted):
            few = answer.proves and answer.unknown is None and (answer.total or 0) <= doubt.few(expected, answer.window)
            doubted = few and doubt.needs_another_day(expected, answer.window)
            yield replace(answer, unknown=Unknown(Reason.FEW_ONCE)) if doubted else answer
