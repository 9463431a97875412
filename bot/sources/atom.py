"""One page of the query API: its address, and what `feedparser` reads in it, as results of the `arxiv` package.

The package's own client hides how many papers exist and skips entries it cannot read, so each page is asked for
singly. Importing this module imports `arxiv` (a third of a second).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlencode

import arxiv  # type: ignore[import-untyped,unused-ignore]
import feedparser

from bot.arxiv import arxiv_id
from bot.arxiv.paper_json import folded
from bot.model import ARXIV_BEGAN, TIME_ENDS, Paper, Reason, Unknown, Window
from bot.sources.reply import FeedReply, one_line, read_feed, utc

ALL_TIME = Window(ARXIV_BEGAN, TIME_ENDS)
MAX_TOTAL = 30_000
"""The manual: no more than 30000 results of one query are handed out, page by page."""
OVERLAP = timedelta(minutes=1)
"""How far the range of a query reaches beyond its window at both ends; see `search_query`."""
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """One feed: its readable papers, how many entries it has, and how many papers arXiv says exist in its range.

    `said` is the message of an error entry; `doubtful` and `at` are the reply's; `due` is how many papers the pages
    before leave to this one, None for the first.
    """

    url: str
    window: Window
    start: int
    papers: tuple[Paper, ...]
    entries: int
    total: int | None
    said: str | None
    doubtful: bool
    at: datetime
    due: int | None = None

    @property
    def stray(self) -> Paper | None:
        """A paper that cannot be an answer to the range asked."""
        return next((paper for paper in self.papers if not in_range(paper, self.window)), None)

    @property
    def next_minute(self) -> datetime | None:
        """The minute from which the next range goes on; None when the page is not in order, or of one minute."""
        times = [paper.published for paper in self.papers if paper.published is not None]
        if not times or any(later < earlier for earlier, later in pairwise(times)):
            return None
        cut = times[-1].replace(second=0, microsecond=0)
        return cut if self.window.since < cut < self.window.until and times[0] < cut else None

    @property
    def objection(self) -> Unknown | None:
        """Why it is in vain to ask for more of the search, None when it is not."""
        if self.said is not None:
            return Unknown(Reason.SAID, text=self.said)
        if self.total is None:
            return Unknown(Reason.NO_TOTAL)
        if self.due is not None and self.total != self.due:
            return Unknown(Reason.CHANGED, expected=self.due, total=self.total)
        if self.total > MAX_TOTAL and self.total > self.start + self.entries and self.next_minute is None:
            return Unknown(Reason.TOO_MANY, total=self.total)
        if not self.entries and self.start < self.total:
            return Unknown(Reason.SHORT_PAGE, received=self.start, total=self.total)
        return None


def by_ids(ids: Sequence[str]) -> arxiv.Search:
    """Return a search for ids."""
    return arxiv.Search(id_list=list(ids))


def by_query(query: str) -> arxiv.Search:
    """Return a search from the oldest submission on: new papers then come last and move no page border."""
    return arxiv.Search(query=query, sort_by=arxiv.SortCriterion.SubmittedDate, sort_order=arxiv.SortOrder.Ascending)


def page_url(api_url: str, search: arxiv.Search, start: int, size: int) -> str:
    """Return the address of up to `size` results from `start` (from 0)."""
    asked = {
        "search_query": search.query,
        "id_list": ",".join(search.id_list),
        "sortBy": search.sort_by.value,
        "sortOrder": search.sort_order.value,
        "start": start,
        "max_results": size,
    }
    return f"{api_url}?{urlencode(asked)}"


def in_range(paper: Paper, window: Window) -> bool:
    """Whether a paper can be an answer to the range that is asked for a window."""
    return paper.published is None or window.since - OVERLAP <= paper.published <= window.until + OVERLAP


def read_page(reply: FeedReply, url: str, window: Window, start: int) -> Page:
    """Return what stands in the reply to an address."""
    parsed = read_feed(reply)
    papers = tuple(paper for entry in parsed.entries if (paper := _paper(entry)) is not None)
    count = parsed.feed.get("opensearch_totalresults", "").strip()
    total = int(count) if re.fullmatch(r"[0-9]{1,9}", count) else None
    said = _said(parsed.entries)
    return Page(url, window, start, papers, len(parsed.entries), total, said, reply.doubtful, reply.at)


def _paper(entry: feedparser.FeedParserDict) -> Paper | None:
    """Return the paper of an entry, texts folded to one line; None without arXiv id, title or dates."""
    # feedparser would answer for a missing `updated` with `published`
    result = _result(entry) if "updated_parsed" in entry else None
    base = arxiv_id.parse_id(result.entry_id.strip()) if result else None
    if result is None or base is None or not folded(result.title):
        return None
    return Paper(
        id=base,
        title=folded(result.title),
        authors=tuple(name for author in result.authors if (name := folded(author.name))),
        summary=folded(result.summary),
        categories=tuple(result.categories),
        primary_category=result.primary_category or None,
        published=result.published,
        updated=result.updated,
        comment=folded(result.comment) or None,
        journal_ref=folded(result.journal_ref) or None,
        doi=_DOI.sub("", folded(result.doi)) or None,
    )


def _result(entry: feedparser.FeedParserDict) -> arxiv.Result | None:
    """Return an entry as the `arxiv` package names its parts; None without dates."""
    published, updated = utc(entry.get("published_parsed")), utc(entry.get("updated_parsed"))
    if published is None or updated is None:
        return None
    return arxiv.Result(
        entry_id=entry.get("id", ""),
        updated=updated,
        published=published,
        title=entry.get("title", ""),
        authors=[arxiv.Result.Author(author.get("name", "")) for author in entry.get("authors", [])],
        summary=entry.get("summary", ""),
        comment=entry.get("arxiv_comment", ""),
        journal_ref=entry.get("arxiv_journal_ref", ""),
        doi=entry.get("arxiv_doi", ""),
        primary_category=entry.get("arxiv_primary_category", {}).get("term", ""),
        categories=[tag.term for tag in entry.get("tags") or () if tag.get("term")],
    )


def _said(entries: Sequence[feedparser.FeedParserDict]) -> str | None:
    """Return the message of an error entry: a feed may hold one with HTTP 200, and it is no paper."""
    for entry in entries:
        if "/abs/" not in entry.get("id", ""):
            return one_line(entry.get("summary") or entry.get("title") or "") or "an entry without an id"
    return None
