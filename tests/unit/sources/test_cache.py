"""Answers of the day on disk: a second run asks nothing twice, and what was not believed is asked again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.model import Keyword, Query, Window
from bot.sources.api import ApiSource
from bot.sources.cache import ResponseCache
from bot.sources.http import Manners, PoliteSession, Timing
from bot.sources.rss import RssSource
from tests.unit.sources import Clock, script, serving
from tests.unit.sources.test_api import Arxiv, entries, feed
from tests.unit.sources.test_rss import feed as rss_feed
from tests.unit.sources.test_rss import item

TODAY = date(2026, 11, 24)


def polite(folder: Path, today: date = TODAY) -> PoliteSession:
    clock = Clock()
    return PoliteSession(
        manners=Manners(),
        cache=ResponseCache(folder, today),
        timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep),
    )


def test_kept_for_the_day(tmp_path: Path) -> None:
    """What came is there for a second session of the day, and thrown away on another."""
    with serving(script(feed(entries(1), 1))) as server:
        for _ in range(2):
            with polite(tmp_path) as session:
                content = session.get(f"{server.url}/x?y=1").content
        assert (session.requests, len(server.asked)) == (0, 1)
        assert content == feed(entries(1), 1).body
        with polite(tmp_path, TODAY + timedelta(days=1)) as session:
            session.get(f"{server.url}/x?y=1")
        assert len(server.asked) == 2
    assert [folder.name for folder in tmp_path.iterdir()] == ["2026-11-25"]


def test_two_runs_of_a_day_ask_once(tmp_path: Path) -> None:
    """A second run, hours later, asks nothing: windows are asked in whole days."""
    query = Query((Keyword("KV cache"),), ("cs.DC",))
    with serving(Arxiv(entries(5))) as server:
        for hour in (6, 14):
            now = datetime(2024, 9, 7, hour, 37, tzinfo=UTC)
            with polite(tmp_path) as session:
                source = ApiSource(session, f"{server.url}/api/query")
                batch = source.fetch(query, [Window(now - timedelta(days=7), now)])
            assert batch.answers[0].unknown is None
            assert len(batch.papers) == 5
        assert len(server.asked) == 1


def test_a_kept_answer_proves_nothing_of_the_hours_since(tmp_path: Path) -> None:
    """What came in the morning is of the morning, also for a run in the evening."""
    query = Query((Keyword("KV cache"),), ("cs.DC",))
    morning = datetime(2024, 9, 7, 6, 37, tzinfo=UTC)
    with serving(Arxiv(entries(5))) as server:
        for now in (morning, morning + timedelta(hours=12)):
            with polite(tmp_path) as session:
                session.timing.now = lambda now=now: now  # type: ignore[misc]
                source = ApiSource(session, f"{server.url}/api/query")
                (answer,) = source.fetch(query, [Window(now - timedelta(days=7), now)]).answers
            assert (answer.unknown, answer.window.until) == (None, morning)
    assert len(server.asked) == 1


def test_what_was_not_believed_is_asked_again(tmp_path: Path) -> None:
    """A false zero is not kept: the next run of the day asks arXiv."""
    query = Query((Keyword("KV cache"),), ("cs.DC",))
    window = Window(datetime(2024, 9, 1, tzinfo=UTC), datetime(2024, 9, 8, tzinfo=UTC))
    with serving(Arxiv([], control=feed([], 0))) as server, polite(tmp_path) as session:
        batch = ApiSource(session, f"{server.url}/api/query").fetch(query, [window])
        assert batch.answers[0].unknown is not None
        asked = len(server.asked)
        with polite(tmp_path) as again:
            ApiSource(again, f"{server.url}/api/query").fetch(query, [window])
        assert len(server.asked) == 2 * asked


def test_a_folder_that_cannot_be_used_costs_requests_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing can be kept, a run goes on and says so once."""
    (tmp_path / "file").write_text("in the way")
    with serving(script(feed(entries(1), 1))) as server, polite(tmp_path / "file") as session:
        for _ in range(2):
            session.get(server.url)
        session.forget([server.url])
    assert len(server.asked) == 2
    assert caplog.text.count("not kept for the next run") == 1


def test_a_damaged_answer_is_asked_again(tmp_path: Path) -> None:
    """A file that is no feed any more counts as none."""
    with serving(script(feed(entries(1), 1))) as server:
        with polite(tmp_path) as session:
            session.get(server.url)
        (kept,) = tmp_path.rglob("*.xml")
        kept.write_bytes(b"<feed")
        with polite(tmp_path) as session:
            assert session.get(server.url).content == feed(entries(1), 1).body
    assert len(server.asked) == 2


def test_the_feed_of_the_evening_before_hides_nothing(tmp_path: Path) -> None:
    """A run before midnight Eastern keeps yesterday's feed; a run after it on the same UTC day asks arXiv."""
    query = Query((Keyword("KV cache"),), ("cs.DC",))
    feeds = [rss_feed(item(1, day=TODAY - timedelta(days=1))), rss_feed(item(2, day=TODAY))]
    with serving(script(*feeds)) as server:
        for hour, number in ((3, 1), (6, 2), (14, 2)):
            now = datetime(2026, 11, 24, hour, 37, tzinfo=UTC)
            with polite(tmp_path) as session:
                source = RssSource(session, now, f"{server.url}/rss")
                batch = source.fetch(query, [Window(now - timedelta(days=7), now)])
            assert batch.answers[0].unknown is None
            assert [paper.id for paper in batch.papers] == [f"2611.{number:05}"]
        assert len(server.asked) == 2
