"""arXiv's query API, through the `arxiv` package: the one source that can prove a window complete.

The package builds the requests and the results; the `PoliteSession` paces, repeats and disbelieves; this module counts.
The package's own `results()` hides what the server said exists and skips entries it cannot read, so each page is asked
singly and compared with the feed itself. Facts about the API: https://info.arxiv.org/help/api/user-manual.html.

Importing this module imports `arxiv` (a third of a second): import it where an `ApiSource` is made, not before.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit
from xml.etree import ElementTree

import arxiv  # type: ignore[import-untyped,unused-ignore]

from bot.arxiv import arxiv_id
from bot.arxiv.paper_json import fold
from bot.coverage.doubt import working_days
from bot.errors import BotError, SourceError
from bot.model import (
    ARXIV_BEGAN,
    NO_EXPECTATION,
    TIME_ENDS,
    Answer,
    Batch,
    Expectation,
    Paper,
    Query,
    Reason,
    Unknown,
    Window,
)
from bot.sources.http import PoliteSession, Reply, failed, reason, shown
from bot.sources.query import control_query, in_parts, matches, search_query, whole_days
from bot.sources.result import Harvest, believed, together, went_back

_log = logging.getLogger(__name__)

API_URL = "https://export.arxiv.org/api/query"
PAGE_SIZE = 1000
"""Papers per request: the manual allows 2000 and asks to keep result sets under 1000."""
MAX_TOTAL = 30_000
"""The manual: no more than 30000 results of one query are handed out, page by page."""
IDS_PER_REQUEST = 300
"""Keeps the address of a request under 6 kB."""

ASKS = 3
"""How often a window is asked at most: an answer, a second that heals it, and a third that confirms the second."""
OVERLAP = timedelta(minutes=1)
"""How far the range of a query reaches beyond its window at both ends; see `search_query`."""
FAR_FEWER = 5
"""A count this many times below what is usual is doubted like a zero, where `WORTH_DOUBT` papers or more are usual."""
WORTH_DOUBT = 10

ALL_TIME = Window(ARXIV_BEGAN, TIME_ENDS)

_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_STOPPING = frozenset({None, 401, 403, 406, 407, 429, 503})
"""After these no further window is asked: the server is away or asks to be left alone."""
_BAD_ID = re.compile(r"incorrect id format for ([^\s;]+)")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What came of the ids asked: papers in the order asked, and the base ids arXiv does not know."""

    papers: tuple[Paper, ...]
    missing: tuple[str, ...]


class ApiSource:
    """Asks the query API; see `bot.sources.Source`.

    `api_url` is the endpoint without parameters, `page_size` the papers per request (1 to 2000). Raises SourceError
    when the address is none.
    """

    name = "api"
    proves = True

    def __init__(self, session: PoliteSession, api_url: str = API_URL, page_size: int = PAGE_SIZE) -> None:
        parts = urlsplit(api_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise SourceError("not the address of a query API: set ARXIV_API_URL to one", url=api_url)
        if not 1 <= page_size <= 2000:
            raise ValueError(f"arXiv hands out 1 to 2000 papers a request, not {page_size}")
        self._session = session
        self._page_size = page_size
        self._client = _PageClient(session, api_url)

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the papers first submitted inside the windows, with one answer per window.

        A window is proven when the distinct papers received are as many as arXiv counts; else it is asked again,
        and `unknown` says why no answer could be believed. What is still to come is unknown. Raises
        BotError when the query cannot be written as one.
        """
        papers: dict[str, Paper] = {}
        answers: list[Answer] = []
        stopped: SourceError | None = None
        for window in windows:
            now = self._session.now()
            if stopped is not None:
                why = failed(stopped, Reason.NOT_ASKED)
                answers.append(Answer(self.name, _past(window, now), 0, None, 0, why, proves=self.proves))
                continue
            before = self._session.requests
            parts = in_parts(query, whole_days(window))
            # What is usual of all says nothing of a part.
            hoped = expected if len(parts) == 1 else replace(expected, usual=0.0, newest=None)
            heard = [self._asked(part, window, hoped) for part in parts]
            stopped = next((h.error for h in heard if h.error is not None and h.error.status in _STOPPING), None)
            found = {paper.id: paper for harvest in heard for paper in harvest.papers if _inside(paper, window)}
            papers |= {i: paper for i, paper in found.items() if i not in papers}
            at = min((h.at for h in heard if h.at), default=now)
            unknown = [Unknown(Reason.FUTURE)] if at <= window.since else []
            unknown += [h.unknown for h in heard if h.unknown is not None]
            answers.append(
                Answer(
                    self.name,
                    _past(window, at),
                    sum(len(harvest.papers) for harvest in heard),
                    _sum(harvest.total for harvest in heard),
                    self._session.requests - before,
                    next(iter(unknown), None),
                    sum(not matches(query, paper) for paper in found.values()),
                    max((paper.published for paper in found.values() if paper.published), default=None),
                    proves=self.proves,
                )
            )
            _log.info(f"{window.since:%Y-%m-%d} to {window.until:%Y-%m-%d}: {len(found)} papers")
        return Batch(tuple(papers.values()), tuple(answers))

    def lookup(self, ids: Sequence[str]) -> Lookup:
        """Return the latest version of each paper, by ids in any spelling; what is missing is asked once more.

        Raises BotError for a text that is no arXiv id (one such id would fail them all) and SourceError when arXiv
        does not answer.
        """
        bases = tuple(dict.fromkeys(map(_base, ids)))
        found: dict[str, Paper] = {}
        for _ in range(2):
            missing = [base for base in bases if base not in found]
            for first in range(0, len(missing), IDS_PER_REQUEST):
                some = missing[first : first + IDS_PER_REQUEST]
                page = self._client.page(arxiv.Search(id_list=some), 0, len(some))
                if page.said is not None:
                    raise SourceError(f"arXiv says: {page.said}", url=page.url, status=200)
                found |= {paper.id: paper for paper in page.papers if paper.id in some}
        return Lookup(
            tuple(found[base] for base in bases if base in found),
            tuple(base for base in bases if base not in found),
        )

    def recheck(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return the latest version of the first papers, in one request; none when arXiv does not answer.

        An id that arXiv takes for none fails all of them: it is left out and the others are asked again.
        """
        some = list(dict.fromkeys(map(_base, ids)))[:IDS_PER_REQUEST]
        while some:
            try:
                page = self._client.page(arxiv.Search(id_list=some), 0, len(some))
            except SourceError as error:
                bad = _BAD_ID.search(str(error))
                if error.status == 400 and bad and bad[1] in some:
                    some.remove(bad[1])
                    continue
                _log.info(f"known papers were not looked up: {reason(error)}")
                return ()
            return tuple({paper.id: paper for paper in page.papers if paper.id in some}.values())
        return ()

    def _asked(self, query: Query, window: Window, expected: Expectation) -> Harvest:
        """Ask for the days of a window, again while its answers can heal, and check few papers by the control query.

        What is not believed is not kept for later runs of the day.
        """
        days = whole_days(window)
        usual = expected.usual * working_days(window)
        few = int(usual / FAR_FEWER) if usual >= WORTH_DOUBT else 0
        heard: list[Harvest] = []
        while True:
            last = self._harvest(query, days)
            back = went_back(last, expected.newest, window)
            if believed(last, heard, few) and (heard or not back):
                if not back:
                    if (last.total or 0) > few:
                        return last
                    return self._confirmed(self._check_few(query, days, last, usual), expected, window, usual)
                last = replace(last, unknown=Unknown(Reason.WENT_BACK, time=expected.newest))
            self._session.forget(last.urls)
            hopeless = last.error is not None or bool(heard and last.unknown is not None)
            heard.append(last)
            if hopeless or len(heard) == ASKS:
                return together(heard)

    def _confirmed(self, few: Harvest, expected: Expectation, window: Window, usual: float) -> Harvest:
        """Return what came; few papers where many are usual prove nothing until a second day says the same.

        Of days before all that was counted a control is enough: the topic may have been unknown then.
        """
        before = expected.counted_since is not None and window.until <= expected.counted_since
        seen = any(one.since < window.until and window.since < one.until for one in expected.doubted)
        if few.unknown is not None or usual < WORTH_DOUBT or before or seen:
            return few
        self._session.forget(few.urls)
        return replace(few, unknown=Unknown(Reason.FEW_ONCE))

    def _check_few(self, query: Query, days: Window, few: Harvest, usual: float) -> Harvest:
        """Return what came, unknown unless the control query finds papers, and not fewer of them."""
        doubted: Harvest | None = None
        try:
            page = self._client.page(_search(control_query(query, days)), 0, 1)
        except SourceError as error:
            unknown = failed(error, Reason.UNCONFIRMED, total=few.total)
            doubted = replace(few, unknown=unknown, error=error)
        else:
            found = any(_asked_for(paper, days) for paper in page.papers)
            if page.said is not None:
                doubted = replace(few, unknown=Unknown(Reason.SAID, text=page.said))
            elif not (found and page.total and page.total >= (few.total or 0)):
                doubted = replace(few, unknown=_too_few(few.total or 0, usual, page.total or 0))
        if doubted is None:
            return few
        self._session.forget(few.urls if isinstance(doubted.error, SourceError) else (*few.urls, page.url))
        return doubted

    def _harvest(self, query: Query, days: Window) -> Harvest:
        """Page through the days and compare what came with what is said to exist."""
        papers: dict[str, Paper] = {}
        totals: list[int | None] = []
        urls: list[str] = []
        unknown: Unknown | None = None
        doubtful = False
        at: datetime | None = None
        try:
            for page in self._pages(query, days):
                urls.append(page.url)
                doubtful = doubtful or page.doubtful
                at = min(at or page.at, page.at)
                repeated = page.start > 0 and page.total is not None and all(p.id in papers for p in page.papers)
                stray = next((paper for paper in page.papers if not _asked_for(paper, page.window)), None)
                papers |= {paper.id: paper for paper in page.papers if _asked_for(paper, page.window)}
                if page.window == days and not page.start:
                    totals.append(None if stray else page.total)  # the count of another question says nothing here
                if stray is not None:
                    unknown = unknown or Unknown(Reason.OTHER_DATES, paper=stray.id, time=stray.published)
                objection = _past_start(Reason.REPEATED, page) if repeated else _objection(page)
                unknown = unknown or objection
                if stray is not None or objection is not None:
                    break
                if page.broken:
                    unknown = unknown or Unknown(Reason.UNREADABLE, received=len(page.papers), total=page.entries)
        except SourceError as error:
            return Harvest(tuple(papers.values()), tuple(totals), failed(error), error, urls=tuple(urls), at=at)
        if unknown is None and len(papers) != totals[-1]:
            unknown = Unknown(Reason.MISSING, received=len(papers), total=totals[-1])
        return Harvest(tuple(papers.values()), tuple(totals), unknown, doubtful=doubtful, urls=tuple(urls), at=at)

    def _pages(self, query: Query, days: Window) -> Iterator[_Page]:
        """Yield first pages of ever later ranges until one holds all that its range counts.

        Each range begins with the minute of the last paper of the page before, so no page border can move when the
        index changes, and the counts tell when it did. A page whose papers are not in order, or all of one minute, is
        followed by the page after it.
        """
        window, start, expected = days, 0, None
        while True:
            page = self._client.page(_search(search_query(query, window)), start, self._page_size, window)
            yield replace(page, expected=expected)
            if not page.entries or page.total is None or start + page.entries >= page.total:
                return
            if start == 0 and (cut := _cut(page)) is not None:
                rest = sum(paper.published is not None and paper.published >= cut for paper in page.papers)
                window, expected = Window(cut, window.until), page.total - page.entries + rest
            else:
                start, expected = start + page.entries, page.total


@dataclass(frozen=True, slots=True)
class _Page:
    """One feed: its readable papers, how many entries it really has, and what it says exists in its range.

    `said` is the message of an error entry; `broken` tells that an entry could not be read; `doubtful` and `at` see
    `Reply`; `expected` the count that the pages before leave to this one, None for the first.
    """

    url: str
    window: Window
    start: int
    papers: tuple[Paper, ...]
    entries: int
    total: int | None
    said: str | None
    broken: bool
    doubtful: bool
    at: datetime
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """Stands for the package's HTTP session where the reply has come already."""

    reply: Reply

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        return self.reply


def _results(reply: Reply) -> list[arxiv.Result]:
    """Return what the package reads in a reply."""
    client = arxiv.Client(delay_seconds=0, num_retries=0)
    client._session.close()
    client._session = _Given(reply)
    # As a first page: the package raises on later ones that are empty, and here they are counted.
    return list(client._parse_feed(reply.url, first_page=True).results)


class _PageClient:
    """Asks for one page at a time: pace and repeats are the session's."""

    def __init__(self, session: PoliteSession, api_url: str) -> None:
        self._session = session
        self._package = arxiv.Client()
        self._package.query_url_format = api_url.replace("{", "%7B").replace("}", "%7D") + "?{}"

    def page(self, search: arxiv.Search, start: int, size: int, window: Window = ALL_TIME) -> _Page:
        """Fetch up to `size` results from `start` (from 0); SourceError when no whole feed came."""
        url = self._package._format_url(search, start, size)
        reply = self._session.get(url)
        broken = False
        try:
            results = _results(reply)
        except ValueError:  # one date that cannot be read spoils the page
            results, broken = [], True
        entries = reply.root.findall(f"{_ATOM}entry")
        papers = [paper for result in results if (paper := to_paper(result)) is not None]
        broken = broken or len(papers) < len(entries)
        total, said = _total(reply.root), _said(entries)
        return _Page(url, window, start, tuple(papers), len(entries), total, said, broken, reply.doubtful, reply.at)


def to_paper(result: arxiv.Result) -> Paper | None:
    """Turn a result into a paper, texts folded to one line; None when it has no arXiv id or no title."""
    found = arxiv_id.parse(result.entry_id.strip())
    title = fold(result.title)
    if found is None or not title:
        return None
    return Paper(
        id=found.base,
        title=title,
        authors=tuple(name for author in result.authors if (name := fold(author.name))),
        summary=fold(result.summary),
        categories=tuple(result.categories),
        primary_category=result.primary_category or None,
        published=result.published,
        updated=result.updated,
        comment=fold(result.comment or "") or None,
        journal_ref=fold(result.journal_ref or "") or None,
        doi=_DOI.sub("", fold(result.doi or "")) or None,
    )


def _sum(totals: Iterable[int | None]) -> int | None:
    """Return the sum, None when one is not known."""
    known = list(totals)
    return None if None in known else sum(total for total in known if total is not None)


def _cut(page: _Page) -> datetime | None:
    """Return the minute from which the next range goes on; None when the page is not in order, or of one minute."""
    times = [paper.published for paper in page.papers if paper.published is not None]
    if not times or any(later < earlier for earlier, later in pairwise(times)):
        return None
    cut = times[-1].replace(second=0, microsecond=0)
    return cut if page.window.since < cut < page.window.until and times[0] < cut else None


def _past(window: Window, now: datetime) -> Window:
    """Return what of a window is past; all of it when nothing is."""
    return replace(window, until=min(window.until, now)) if window.since < now else window


def _inside(paper: Paper, window: Window) -> bool:
    return paper.published is not None and window.since <= paper.published < window.until


def _asked_for(paper: Paper, window: Window) -> bool:
    """Tell whether a paper can be an answer to the range that is asked for a window."""
    return paper.published is None or window.since - OVERLAP <= paper.published <= window.until + OVERLAP


def _too_few(total: int, usual: float, control: int) -> Unknown:
    """Return why a count is not believed that the control query does not confirm."""
    return Unknown(Reason.FEW, total=total, expected=round(usual), control=control) if total else Unknown(Reason.ZERO)


def _past_start(reason: Reason, page: _Page) -> Unknown:
    """Return what is wrong with a page after the first."""
    return Unknown(reason, received=page.start, total=page.total)


def _objection(page: _Page) -> Unknown | None:
    """Return why a page makes it vain to ask for more of the search, None when it does not."""
    if page.said is not None:
        return Unknown(Reason.SAID, text=page.said)
    if page.total is None:
        return Unknown(Reason.NO_TOTAL)
    if page.expected is not None and page.total != page.expected:
        return Unknown(Reason.CHANGED, expected=page.expected, total=page.total)
    if page.total > MAX_TOTAL and page.total > page.start + page.entries and _cut(page) is None:
        return Unknown(Reason.TOO_MANY, total=page.total)
    if not page.entries and page.start < page.total:
        return _past_start(Reason.SHORT_PAGE, page)
    return None


def _total(root: ElementTree.Element) -> int | None:
    """Return how many papers the feed says exist, None when it does not say."""
    text = (root.findtext(_TOTAL) or "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _said(entries: Sequence[ElementTree.Element]) -> str | None:
    """Return the message of an error entry: a feed may hold one with HTTP 200, and it is no paper."""
    for entry in entries:
        if "/abs/" not in (entry.findtext(f"{_ATOM}id") or ""):
            message = shown(entry.findtext(f"{_ATOM}summary") or entry.findtext(f"{_ATOM}title") or "")
            return message or "an entry without an id"
    return None


def _search(query: str) -> arxiv.Search:
    """Return a search from the oldest submission on: new papers then come last and move no page border."""
    return arxiv.Search(query=query, sort_by=arxiv.SortCriterion.SubmittedDate, sort_order=arxiv.SortOrder.Ascending)


def _base(text: str) -> str:
    """Return the base id of a text that is one."""
    if (found := arxiv_id.parse(text)) is None:
        raise BotError(f"not an arXiv id: {text!r}; write it like 2407.12391, or as a link to the paper")
    return found.base
