"""From the name of a source to the source: the one place that compares names.

Each source is imported where it is made: `--help` and offline commands must not pay for arXiv's packages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import UsageError
from bot.sources.base import Source

if TYPE_CHECKING:
    from bot.sources.api import ApiSource
    from bot.sources.http import PoliteSession

API, RSS, SAMPLE = "api", "rss", "sample"


def is_arxiv(name: str | None) -> bool:
    """Whether a source can be asked for any period: arXiv's own can, and so can those of the configuration, None."""
    return name in (None, API, RSS)


def offline(name: str) -> Source:
    """Return a source that asks nobody; raises `UsageError` if no source has that name."""
    if name == SAMPLE:
        from bot.sources.sample import SampleSource

        return SampleSource()
    if name.endswith(".jsonl"):
        from bot.sources.jsonl import JsonlSource

        return JsonlSource(Path(name))
    raise UsageError(f"--source must be api, rss, sample or a FILE.jsonl, not {name!r}")


def arxiv(names: Sequence[str], session: PoliteSession, now: datetime, environment: Mapping[str, str]) -> Source:
    """Return arXiv's sources as one; `ARXIV_API_URL` and `ARXIV_RSS_URL` of the environment name other addresses.

    Where only the API has another address, that place stands for all of arXiv: the real feed is not asked beside it.
    """
    from bot.sources.combined import Sources

    if environment.get("ARXIV_API_URL") and not environment.get("ARXIV_RSS_URL") and API in names:
        names = (API,)
    makers: Mapping[str, Callable[[], Source]] = {  # the feed first: it cannot be asked for again tomorrow
        RSS: lambda: _rss(session, now, environment),
        API: lambda: api_source(session, environment),
    }
    return Sources([make() for name, make in makers.items() if name in names])


def api_source(session: PoliteSession, environment: Mapping[str, str]) -> ApiSource:
    """Return the query API."""
    from bot.sources.api import API_URL, ApiSource

    return ApiSource(session, environment.get("ARXIV_API_URL") or API_URL)


def _rss(session: PoliteSession, now: datetime, environment: Mapping[str, str]) -> Source:
    """Return the daily feed as it stands at a time."""
    from bot.sources.rss import RSS_URL, RssSource

    return RssSource(session, now, environment.get("ARXIV_RSS_URL") or RSS_URL)
