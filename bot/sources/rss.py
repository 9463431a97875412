"""arXiv's daily feed, through `feedparser`: what was announced last, before the API's index shows it.

One request brings every category: `RSS_URL/cs.DC+cs.LG`. A feed holds one day's announcement and no history, and its
papers lack the day of submission, the comment and the authors' own forms of name, so it adds papers and proves nothing.
Facts: https://info.arxiv.org/help/rss.html, https://info.arxiv.org/help/rss_specifications.html.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

import feedparser

from bot.arxiv import arxiv_id, calendar
from bot.arxiv.paper_json import folded
from bot.errors import SourceError
from bot.model import NO_EXPECTATION, Announced, Answer, Batch, Expectation, Paper, Query, Reason, Unknown, Window
from bot.sources.base import Source
from bot.sources.http import PoliteSession, is_endpoint, not_answered
from bot.sources.reply import one_line, read_feed, utc

RSS_URL = "https://rss.arxiv.org/rss"
MOST_ITEMS = 2000
"""No more are handed out, and replacements may come before new papers, so a full feed may lack some."""
TRIES = 3
"""The API can be asked again tomorrow; a dead feed must not use up its time."""
USUALLY_NEW, EVENINGS = 10, 3
"""A category without new papers is doubted where this many are usual, known from this many evenings."""

_WANTED = frozenset({"new", "cross"})
_ABSTRACT = re.compile(r"\AarXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*")


@dataclass(frozen=True, slots=True)
class _Item:
    """What a feed says of a paper, None when it cannot be read, the kind of announcement and its Eastern day."""

    paper: Paper | None
    kind: str
    day: date | None

    def is_new_in(self, category: str) -> bool:
        """Whether the paper is new, and its first category is this one or one of this archive."""
        first = ((self.paper and self.paper.primary_category) or "").casefold()
        category = category.casefold()
        return self.kind == "new" and (first == category or first.startswith(f"{category}."))


class RssSource(Source):
    """Asks the daily feed at `now`, the time of the run. Raises SourceError if the URL is invalid."""

    name = "rss"
    proves = False

    def __init__(self, session: PoliteSession, now: datetime, rss_url: str = RSS_URL) -> None:
        if not is_endpoint(rss_url):
            raise SourceError("not the address of the feeds: set ARXIV_RSS_URL to one", url=rss_url)
        self._session, self._now, self._url = session, now, rss_url.rstrip("/")

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the papers announced last in the query's categories, new there or cross-listed, keywords or not.

        Nothing is asked when no window reaches to the present, for a feed has no past, nor for a query without
        keywords, which recovers missed feeds.
        """
        if not query.phrased or not any(window.until > self._now - timedelta(days=1) for window in windows):
            return Batch((), ())
        if not query.categories:
            return Batch((), (self._answer(None, unknown=Unknown(Reason.NO_CATEGORIES)),))
        return self._feed(query.categories, expected)

    def _feed(self, categories: Sequence[str], expected: Expectation, *, again: bool = False) -> Batch:
        """Return what one feed brings; where it is full, what the feeds of the two halves of its categories do.

        The cache may hold the feed of the evening before: if that is not believed, arXiv is asked.
        """
        url = f"{self._url}/{'+'.join(categories)}"
        before = self._session.requests
        try:
            feed = read_feed(self._session.get(url, tries=TRIES))
        except SourceError as error:
            self._session.forget([url])
            requests = self._session.requests - before
            return Batch((), (self._answer(None, requests=requests, unknown=not_answered(error)),))
        if len(feed.entries) >= MOST_ITEMS and len(categories) > 1:
            middle = len(categories) // 2
            halves = [self._feed(some, expected) for some in (categories[:middle], categories[middle:])]
            papers = {paper.id: paper for half in halves for paper in half.papers}
            return Batch(tuple(papers.values()), tuple(answer for half in halves for answer in half.answers))
        items = [_item(entry) for entry in feed.entries]
        day = max((item.day for item in items if item.day), default=None)
        announced = tuple(_announced(items, category, day) for category in categories) if day else ()
        unknown = self._wrong(folded(feed.feed.get("title", "")), items, day) or _doubt(items, announced, expected)
        requests = self._session.requests - before
        if unknown is not None:
            self._session.forget([url])
            if not requests and not again:
                return self._feed(categories, expected, again=True)
        papers = {}
        for item in items:
            if item.paper and item.kind in _WANTED:
                papers.setdefault(item.paper.id, item.paper)
        answer = self._answer(day, received=len(papers), requests=requests, unknown=unknown)
        return Batch(tuple(papers.values()), (replace(answer, announced=announced),))

    def _answer(self, day: date | None, received: int = 0, requests: int = 0, unknown: Unknown | None = None) -> Answer:
        """Return what the feed of a day said, None for the day that it should be of."""
        evening = day - timedelta(days=1) if day else calendar.feed_evening(self._now)
        since = datetime.combine(evening + timedelta(days=1), time(), UTC)
        window = Window(since, since + timedelta(days=1))
        return Answer(self.name, window, received, None, requests, unknown, proves=self.proves, evening=evening)

    def _wrong(self, title: str, items: Sequence[_Item], day: date | None) -> Unknown | None:
        """Return why a feed of a day does not show what was announced last, if so."""
        if title.casefold().startswith("feed error"):
            return Unknown(Reason.REFUSED, text=one_line(title))
        evening = calendar.feed_evening(self._now)
        announced = calendar.announces(evening)
        missing = None if announced is False else announced is None
        if not items:
            return None if missing is None else Unknown(Reason.EMPTY, evening=evening, perhaps_holiday=missing)
        if day is None:
            return Unknown(Reason.NO_DAY)
        if day <= evening and missing is not None:
            return Unknown(Reason.STALE, evening=evening, perhaps_holiday=missing)
        return Unknown(Reason.CUT, received=len(items)) if len(items) >= MOST_ITEMS else None


def _doubt(items: Sequence[_Item], announced: Sequence[Announced], expected: Expectation) -> Unknown | None:
    """Return why a feed that looks complete is not believed, if so."""
    still = tuple(shown.category for shown in announced if _stands_still(shown, items, expected))
    if still:
        return Unknown(Reason.STANDS_STILL, categories=still)
    broken = sum(item.paper is None and item.kind in _WANTED for item in items)
    return Unknown(Reason.UNREADABLE, received=len(items) - broken, total=len(items)) if broken else None


def _announced(items: Sequence[_Item], category: str, day: date) -> Announced:
    """Return what a feed of a day shows of a category."""
    ids = [item.paper.id for item in items if item.paper and item.is_new_in(category)]
    newest = max(ids, key=lambda i: (arxiv_id.month(i), i), default="")
    return Announced(category, day - timedelta(days=1), len(ids), newest)


def _stands_still(shown: Announced, items: Sequence[_Item], expected: Expectation) -> bool:
    """Whether a feed shows of a category what an earlier one showed, or nothing where much is usual.

    A paper is announced as new once, so neither the latest id nor an earlier day comes again. A quiet category may well
    show nothing.
    """
    earlier = [a for a in expected.announced if a.category == shown.category and a.evening < shown.evening]
    if not shown.papers:
        return len(earlier) >= EVENINGS and median(a.papers for a in earlier) >= USUALLY_NEW
    days = [item.day for item in items if item.day and item.is_new_in(shown.category)]
    return shown.newest in {a.newest for a in earlier} or (bool(days) and max(days) <= shown.evening)


def _item(entry: feedparser.FeedParserDict) -> _Item:
    published = utc(entry.get("published_parsed"))
    day = published and published.astimezone(calendar.EASTERN).date()
    return _Item(_paper(entry), entry.get("arxiv_announce_type", "new").strip().casefold(), day)


def _paper(entry: feedparser.FeedParserDict) -> Paper | None:
    """Return the paper of an entry, texts folded to one line; None when it has no arXiv id or no title."""
    oai = entry.get("id", "").strip().removeprefix("oai:arXiv.org:")
    base = arxiv_id.parse_id(oai) or arxiv_id.parse_id(entry.get("link", ""))
    title = folded(entry.get("title", ""))
    if base is None or not title:
        return None
    categories = tuple(dict.fromkeys(tag.term.strip() for tag in entry.get("tags") or () if tag.get("term")))
    names = (folded(name) for author in entry.get("authors") or () for name in author.get("name", "").split(", "))
    return Paper(
        id=base,
        title=title,
        authors=tuple(name for name in names if name),
        summary=folded(_ABSTRACT.sub("", entry.get("summary", "").strip())),
        categories=categories,
        primary_category=next(iter(categories), None),
        journal_ref=folded(entry.get("arxiv_journal_reference", "")) or None,
        doi=folded(entry.get("arxiv_doi", "")) or None,
    )
