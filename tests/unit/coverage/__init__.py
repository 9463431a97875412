"""Tests of coverage, and the small answers they share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.model import Answer, Window
from tests.conftest import failed

Q = "0" * 16


START = datetime(2024, 2, 20, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def answer(window: Window, *, fine: bool = True, proves: bool = True) -> Answer:
    return Answer("x", window, 1, 1, 1, None if fine else failed(), proves=proves)


def feed_answer(evening: date, *, fine: bool = True, received: int = 9) -> Answer:
    since = datetime.combine(evening, datetime.min.time(), UTC) + timedelta(days=1)
    window, unknown = Window(since, since + timedelta(days=1)), None if fine else failed("HTTP 503")
    return Answer("x", window, received, None, 1, unknown, evening=evening)


def at(number: int) -> datetime:
    """Return the time of the run on a day of November 2026; the 22nd is a Sunday."""
    return datetime(2026, 11, number, 6, 37, tzinfo=UTC)
