"""Arithmetic on time ranges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.coverage.windows import months
from bot.model import Window


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
