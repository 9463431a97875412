"""arXiv's daily feed, through `feedparser`: what was announced last, before the API's index shows it.

One request brings every category: `RSS_URL/cs.DC+cs.LG`. A feed holds one day's announcement and no history, and its
papers lack the day of submission, the comment and the authors' own forms of name, so it adds papers and proves nothing.
Facts: https://info.arxiv.org/help/rss.html, https://info.arxiv.org/help/rss_specifications.html.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import struct_time
from urllib.parse import urlsplit

import feedparser

from bot.arxiv import arxiv_id, calendar
from bot.arxiv.paper_json import fold
from bot.errors import SourceError
from bot.model import NO_EXPECTATION, Announced, Answer, Batch, Expectation, Paper, Query, Reason, Unknown, Window
from bot.sources.http import PoliteSession, failed, shown

RSS_URL = "https://rss.arxiv.org/rss"
LONGEST = 2000
"""Items: no more are handed out, and replacements may come before new papers, so a full feed may lack some."""
TRIES = 3
"""The API can be asked again tomorrow; a dead feed must not use up its time."""

WORTH_DOUBT, EVENINGS = 10, 3
"""A category without new papers is doubted where so many are usual, as so many evenings told."""

_WANTED = frozenset({"new", "cross"})
_ABSTRACT = re.compile(r"\AarXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*")
_OAI = "oai:arXiv.org:"


class RssSource:
    """Asks the daily feed; see `bot.sources.Source`. `now` is the time of the run.

    Raises SourceError when the address is none.
    """

    name = "rss"
    proves = False

    def __init__(self, session: PoliteSession, now: datetime, rss_url: str = RSS_URL) -> None:
        parts = urlsplit(rss_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise SourceError("not the address of the feeds: set ARXIV_RSS_URL to one", url=rss_url)
        self._session, self._now, self._url = session, now, rss_url.rstrip("/")

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the papers announced last in the query's categories, new there or cross-listed, keywords or not.

        Nothing is asked when no window reaches to the present, for a feed has no past, nor for a query without
        keywords, which makes up for feeds.
        """
        if not query.keywords or not any(window.until > self._now - timedelta(days=1) for window in windows):
            return Batch((), ())
        if not query.categories:
            return Batch((), (self._nothing(Unknown(Reason.NO_CATEGORIES)),))
        return self._feed(query.categories, expected)

    def recheck(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return nothing: a feed cannot be asked for papers."""
        return ()

    def _feed(self, categories: Sequence[str], expected: Expectation, *, again: bool = False) -> Batch:
        """Ask one feed; where it is full, the two halves of its categories.

        What an earlier run of the day kept may be of the evening before: if it is not believed, arXiv is asked.
        """
        url = f"{self._url}/{'+'.join(categories)}"
        before = self._session.requests
        try:
            reply = self._session.get(url, tries=TRIES)
        except SourceError as error:
            return Batch((), (self._nothing(failed(error), self._session.requests - before),))
        feed = feedparser.parse(reply.content, sanitize_html=False, resolve_relative_uris=False)
        if len(feed.entries) >= LONGEST and len(categories) > 1:
            middle = len(categories) // 2
            halves = [self._feed(some, expected) for some in (categories[:middle], categories[middle:])]
            papers = {paper.id: paper for half in halves for paper in half.papers}
            return Batch(tuple(papers.values()), tuple(answer for half in halves for answer in half.answers))
        day, unknown = self._judged(feed)
        papers, broken = _papers(feed.entries)
        new = _new(feed.entries)
        announced = tuple(_announced(new, category, day) for category in categories) if day else ()
        still = [shown.category for shown in announced if _stands_still(shown, new, expected)]
        if unknown is None and still:
            unknown = Unknown(Reason.STANDS_STILL, categories=tuple(still))
        if unknown is None and broken:
            items = len(feed.entries)
            unknown = Unknown(Reason.UNREADABLE, received=items - broken, total=items)
        if unknown is not None:
            self._session.forget([url])
        requests = self._session.requests - before
        if unknown is not None and not requests and not again:
            return self._feed(categories, expected, again=True)
        answer = self._answer(day or self._today(), len(papers), requests, unknown)
        return Batch(tuple(papers.values()), (replace(answer, announced=announced),))

    def _nothing(self, unknown: Unknown, requests: int = 0) -> Answer:
        """Return the answer where no feed came."""
        return self._answer(self._today(), 0, requests, unknown)

    def _answer(self, day: date, received: int, requests: int, unknown: Unknown | None) -> Answer:
        """Return what the feed of a day said."""
        evening = day - timedelta(days=1)
        return Answer(self.name, _day(day), received, None, requests, unknown, proves=self.proves, evening=evening)

    def _judged(self, feed: feedparser.FeedParserDict) -> tuple[date | None, Unknown | None]:
        """Return the day a feed is of, if it says one, and why it does not show what was announced last, if so."""
        title = fold(feed.feed.get("title", ""))
        if title.casefold().startswith("feed error"):
            return None, Unknown(Reason.REFUSED, text=shown(title))
        items = len(feed.entries)
        days = [day for entry in feed.entries if (day := _eastern(entry.get("published_parsed")))]
        evening = calendar.feed_evening(self._now)
        announced = calendar.announces(evening)
        if not items:
            if announced is False:
                return None, None
            return None, Unknown(Reason.EMPTY, evening=evening, perhaps_holiday=announced is None)
        if not days:
            return None, Unknown(Reason.NO_DAY)
        if max(days) <= evening and announced is not False:
            return max(days), Unknown(Reason.STALE, evening=evening, perhaps_holiday=announced is None)
        return max(days), Unknown(Reason.CUT, received=items) if items >= LONGEST else None

    def _today(self) -> date:
        """Return the day the feed should be of."""
        return calendar.feed_evening(self._now) + timedelta(days=1)


def _papers(entries: Sequence[feedparser.FeedParserDict]) -> tuple[dict[str, Paper], int]:
    """Return the papers of wanted items by id, and how many items could not be read."""
    papers: dict[str, Paper] = {}
    broken = 0
    for entry in entries:
        if entry.get("arxiv_announce_type", "new").strip().casefold() not in _WANTED:
            continue
        if (paper := to_paper(entry)) is None:
            broken += 1
        else:
            papers.setdefault(paper.id, paper)
    return papers, broken


def _new(entries: Sequence[feedparser.FeedParserDict]) -> list[tuple[Paper, date | None]]:
    """Return the new papers of a feed, each with the day of its announcement."""
    new = (e for e in entries if e.get("arxiv_announce_type", "new").strip().casefold() == "new")
    papers = ((to_paper(e), _eastern(e.get("published_parsed"))) for e in new)
    return [(paper, day) for paper, day in papers if paper]


def _announced(new: Sequence[tuple[Paper, date | None]], category: str, day: date) -> Announced:
    """Return what a feed of a day shows of a category: its papers are those that have it as their first."""
    ids = [paper.id for paper, _ in new if _within(paper.primary_category or "", category)]
    newest = max(ids, key=lambda i: (arxiv_id.month(i), i), default="")
    return Announced(category, day - timedelta(days=1), len(ids), newest)


def _stands_still(shown: Announced, new: Sequence[tuple[Paper, date | None]], expected: Expectation) -> bool:
    """Tell whether a feed shows of a category what an earlier one showed, or nothing where much is usual.

    A paper is announced as new once, so neither the latest id nor an earlier day comes again. A quiet category may well
    show nothing.
    """
    earlier = [a for a in expected.announced if a.category == shown.category and a.evening < shown.evening]
    if not shown.papers:
        return len(earlier) >= EVENINGS and median(a.papers for a in earlier) >= WORTH_DOUBT
    days = [day for paper, day in new if day and _within(paper.primary_category or "", shown.category)]
    return shown.newest in {a.newest for a in earlier} or (bool(days) and max(days) <= shown.evening)


def _within(category: str, other: str) -> bool:
    """Tell whether a category is another one, or one of the archive's; case does not count."""
    category, other = category.casefold(), other.casefold()
    return category == other or category.startswith(f"{other}.")


def to_paper(entry: feedparser.FeedParserDict) -> Paper | None:
    """Turn an item into a paper, texts folded to one line; None when it has no arXiv id or no title."""
    found = arxiv_id.parse(entry.get("id", "").strip().removeprefix(_OAI)) or arxiv_id.parse(entry.get("link", ""))
    title = fold(entry.get("title", ""))
    if found is None or not title:
        return None
    categories = tuple(dict.fromkeys(tag.term.strip() for tag in entry.get("tags") or () if tag.get("term")))
    names = (fold(name) for author in entry.get("authors") or () for name in author.get("name", "").split(", "))
    return Paper(
        id=found.base,
        title=title,
        authors=tuple(name for name in names if name),
        summary=fold(_ABSTRACT.sub("", entry.get("summary", "").strip())),
        categories=categories,
        primary_category=categories[0] if categories else None,
        journal_ref=fold(entry.get("arxiv_journal_reference", "")) or None,
        doi=fold(entry.get("arxiv_doi", "")) or None,
    )


def _eastern(parsed: struct_time | None) -> date | None:
    """Return the Eastern day of a time as feedparser gives it, in UTC."""
    if parsed is None:
        return None
    return datetime(*parsed[:6], tzinfo=UTC).astimezone(calendar.EASTERN).date()


def _day(day: date) -> Window:
    """Return the day of a feed as the window of its answer."""
    since = datetime.combine(day, time(), UTC)
    return Window(since, since + timedelta(days=1))
