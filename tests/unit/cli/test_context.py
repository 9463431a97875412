"""Which sources a run asks, as options, configuration and environment say."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Self

import pytest

from bot import config
from bot.cli import context
from bot.errors import BotError
from tests.conftest import CONFIG

NOW = datetime(2026, 11, 24, 6, 37, tzinfo=UTC)


def source_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str | None = None, extra: str = "", **environment: str
) -> str:
    """Return the sources a run would ask."""
    for name in ("ARXIV_API_URL", "ARXIV_RSS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = config.loads(extra + CONFIG, "config/keywords.yaml")
    options = argparse.Namespace(source=given, fresh=False)
    return context.source(options, settings, settings.lists, NOW).name


def test_the_feed_and_the_api_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both are asked, the feed first; the configuration or the command line names one alone."""
    assert source_name(monkeypatch, tmp_path) == "rss and api"
    assert source_name(monkeypatch, tmp_path, extra="sources: [api]\n") == "api"
    assert source_name(monkeypatch, tmp_path, given="rss") == "rss"
    assert source_name(monkeypatch, tmp_path, given="sample") == "sample"


def test_a_mirror_of_the_api_alone_stands_for_all_of_arxiv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With only the API's address changed the real feed is not asked; with both changed both are."""
    api, rss = "http://127.0.0.1:9/api/query", "http://127.0.0.1:9/rss"
    assert source_name(monkeypatch, tmp_path, ARXIV_API_URL=api) == "api"
    assert source_name(monkeypatch, tmp_path, ARXIV_API_URL=api, ARXIV_RSS_URL=rss) == "rss and api"
    assert source_name(monkeypatch, tmp_path, ARXIV_RSS_URL=rss) == "rss and api"
    assert source_name(monkeypatch, tmp_path, given="rss", ARXIV_API_URL=api) == "rss"


def test_a_long_window_comes_in_months() -> None:
    """What a person asks for beyond a month is asked a month at a time; a file is read as it is."""
    options = argparse.Namespace(
        source=None, since=datetime(2026, 1, 15, tzinfo=UTC).date(), until=datetime(2026, 3, 10, tzinfo=UTC).date()
    )
    windows = context.windows(options, NOW)
    assert [f"{w.since:%m-%d} {w.until:%m-%d}" for w in windows] == ["01-15 02-01", "02-01 03-01", "03-01 03-10"]
    options.source = "papers.jsonl"
    assert len(context.windows(options, NOW)) == 1
    options.source = "api"
    options.until = datetime(2026, 2, 10, tzinfo=UTC).date()
    assert len(context.windows(options, NOW)) == 1


def test_blanks_around_address_and_token_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that was read from a file ends in a line ending, an address in a slash: both are taken as meant."""
    monkeypatch.setenv("GITHUB_API_URL", "https://github.example.org/api/v3/")
    monkeypatch.setenv("GITHUB_TOKEN", "token\n")
    assert context.github() == ("https://github.example.org/api/v3", "token")
    monkeypatch.setenv("GITHUB_API_URL", "")
    monkeypatch.delenv("GITHUB_TOKEN")
    assert context.github() == ("https://api.github.com", "")


def test_a_clock_before_arxiv_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose clock starts at 1970 is told to set it, and asks for nothing."""

    class Reset(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(1970, 1, 1, tzinfo=tz)

    monkeypatch.setattr(context, "datetime", Reset)
    with pytest.raises(BotError, match=r"clock says 1970-01-01, .*; set it"):
        context.now(argparse.Namespace(today=None))
