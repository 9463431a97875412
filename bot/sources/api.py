"""arXiv's query API: the one source that can prove a window complete.

The `PoliteSession` paces, repeats and disbelieves; this module counts. Facts about the API:
https://info.arxiv.org/help/api/user-manual.html. Import it where an `ApiSource` is made: `arxiv` takes a third of a
second to import.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import arxiv  # type: ignore[import-untyped,unused-ignore]

from bot.arxiv import arxiv_id
from bot.coverage import doubt
from bot.coverage.windows import clip
from bot.errors import BotError, SourceError
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Reason, Unknown, Window
from bot.sources.atom import ALL_TIME, Page, by_ids, by_query, in_range, page_url, read_page
from bot.sources.http import PoliteSession, is_endpoint, not_answered
from bot.sources.query import control_query, in_parts, matches, search_query, whole_days
from bot.sources.result import QueryResult, combined, is_proof, went_back

_log = logging.getLogger(__name__)

API_URL = "https://export.arxiv.org/api/query"
PAGE_SIZE = 1000
"""Papers per request: the manual allows 2000 and asks to keep result sets under 1000."""
IDS_PER_REQUEST = 300
"""Keeps the address of a request under 6 kB."""
ASKS = 3
"""How often a window is asked at most: an answer, a second that heals it, and a third that confirms the second."""

_STOPPING = frozenset({None, 401, 403, 406, 407, 429, 503})
"""After these no further window is asked: the server is away or asks to be left alone."""
_BAD_ID = re.compile(r"incorrect id format for ([^\s;]+)")


@dataclass(frozen=True, slots=True)
class _Question:
    """A query for one window, with what its history lets expect."""

    query: Query
    window: Window
    expected: Expectation


class ApiSource:
    """Asks the query API; see `bot.sources.base.Source`.

    `api_url` is the endpoint without parameters, `page_size` the papers per request (1 to 2000). Raises SourceError
    if the URL is invalid.
    """

    name = "api"
    proves = True

    def __init__(self, session: PoliteSession, api_url: str = API_URL, page_size: int = PAGE_SIZE) -> None:
        if not is_endpoint(api_url):
            raise SourceError("not the address of a query API: set ARXIV_API_URL to one", url=api_url)
        if not 1 <= page_size <= 2000:
            raise ValueError(f"arXiv hands out 1 to 2000 papers a request, not {page_size}")
        self._session, self._url, self._page_size = session, api_url, page_size

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the papers first submitted inside the windows, with one answer per window.

        A window is proven when the distinct papers received are as many as arXiv counts; else it is asked again, and
        `unknown` says why no answer could be believed. Raises BotError when the query cannot be written as one.
        """
        papers: dict[str, Paper] = {}
        answers: list[Answer] = []
        stopped: SourceError | None = None
        for window in windows:
            now, before = self._session.timing.now(), self._session.requests
            if stopped is not None:
                why = not_answered(stopped, Reason.NOT_ASKED)
                answers.append(Answer(self.name, _past(window, now), 0, None, unknown=why, proves=self.proves))
                continue
            results = [self._believable(question) for question in _questions(query, window, expected)]
            found = {p.id: p for result in results for p in result.papers if p.published in window}
            papers |= found
            days = [paper.published for paper in found.values() if paper.published]
            unmatched = sum(not matches(query, paper) for paper in found.values())
            answer = replace(_answer(window, results, now), unmatched=unmatched, newest=max(days, default=None))
            answers.append(replace(answer, requests=self._session.requests - before))
            stopped = next((r.error for r in results if r.error is not None and r.error.status in _STOPPING), None)
            _log.info(f"{window.since:%Y-%m-%d} to {window.until:%Y-%m-%d}: {len(found)} papers")
        return Batch(tuple(papers.values()), tuple(answers))

    def lookup(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return the latest versions of papers by ids in any spelling; what is missing is asked once more.

        Raises BotError for a text that is not an arXiv id (one such would fail them all) and SourceError when arXiv
        does not answer.
        """
        bases = tuple(dict.fromkeys(map(_base, ids)))
        found: dict[str, Paper] = {}
        for _ in range(2):
            missing = [base for base in bases if base not in found]
            for first in range(0, len(missing), IDS_PER_REQUEST):
                some = missing[first : first + IDS_PER_REQUEST]
                page = self._page(by_ids(some), 0, len(some))
                if page.said is not None:
                    raise SourceError(f"arXiv says: {page.said}", url=page.url, status=200)
                found |= {paper.id: paper for paper in page.papers if paper.id in some}
        return tuple(found[base] for base in bases if base in found)

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return the latest version of the first papers, in one request; none when arXiv does not answer.

        An id that arXiv takes for none fails all of them: it is left out and the others are asked again.
        """
        some = list(dict.fromkeys(map(_base, ids)))[:IDS_PER_REQUEST]
        while some:
            try:
                page = self._page(by_ids(some), 0, len(some))
            except SourceError as error:
                bad = _BAD_ID.search(error.message)
                if error.status == 400 and bad and bad[1] in some:
                    some.remove(bad[1])
                    continue
                _log.info(f"known papers were not looked up: {error.message}")
                return ()
            return tuple({paper.id: paper for paper in page.papers if paper.id in some}.values())
        return ()

    def _believable(self, question: _Question) -> QueryResult:
        """Return what comes of a question, asked again while its answers can heal, and few papers checked by a control.

        What is not believed is not kept for later runs of the day.
        """
        results: list[QueryResult] = []
        few = doubt.few(question.expected, question.window)
        for _ in range(ASKS):
            last = self._result(question.query, whole_days(question.window))
            if is_proof(last, results, few):
                if not went_back(last, question.expected.newest, question.window):
                    return last if (last.total or 0) > few else self._confirmed(question, last)
                if results:
                    last = replace(last, unknown=Unknown(Reason.WENT_BACK, time=question.expected.newest))
            self._session.forget(last.urls)
            results.append(last)
            if last.error is not None or (len(results) > 1 and last.unknown is not None):
                break
        return combined(results)

    def _confirmed(self, question: _Question, few: QueryResult) -> QueryResult:
        """Return what came, unknown unless the control query finds papers, and not fewer of them."""
        days, total = whole_days(question.window), few.total or 0
        try:
            page = self._page(by_query(control_query(question.query, days)), 0, 1)
        except SourceError as error:
            self._session.forget(few.urls)
            return replace(few, unknown=not_answered(error, Reason.UNCONFIRMED, total=total), error=error)
        control = page.total or 0
        if page.said is not None:
            unknown = Unknown(Reason.SAID, text=page.said)
        elif not control or control < total or not any(in_range(paper, days) for paper in page.papers):
            why = Unknown(
                Reason.FEW,
                total=total,
                expected=round(doubt.usual_of(question.expected, question.window)),
                control=control,
            )
            unknown = why if total else Unknown(Reason.ZERO)
        elif doubt.needs_another_day(question.expected, question.window):
            self._session.forget(few.urls)
            return replace(few, unknown=Unknown(Reason.FEW_ONCE))
        else:
            return few
        self._session.forget((*few.urls, page.url))
        return replace(few, unknown=unknown)

    def _result(self, query: Query, days: Window) -> QueryResult:
        """Page through the days and compare what came with what is said to exist."""
        papers: dict[str, Paper] = {}
        pages: list[Page] = []
        totals: list[int | None] = []
        unknown, error = None, None
        try:
            for page in self._pages(query, days):
                pages.append(page)
                stray, objection = page.stray, page.objection
                if page.start > 0 and page.total is not None and all(p.id in papers for p in page.papers):
                    objection = Unknown(Reason.REPEATED, received=page.start, total=page.total)
                papers |= {paper.id: paper for paper in page.papers if in_range(paper, page.window)}
                if page.window == days and not page.start:
                    totals.append(None if stray else page.total)  # the count of another question says nothing here
                if stray is not None:
                    objection = Unknown(Reason.OTHER_DATES, paper=stray.id, time=stray.published)
                unknown = unknown or objection
                if objection is not None:
                    break
                if len(page.papers) < page.entries:
                    unknown = unknown or Unknown(Reason.UNREADABLE, received=len(page.papers), total=page.entries)
        except SourceError as failure:
            unknown, error = not_answered(failure), failure
        if unknown is None and len(papers) != totals[-1]:
            unknown = Unknown(Reason.MISSING, received=len(papers), total=totals[-1])
        return QueryResult(
            tuple(papers.values()),
            tuple(totals),
            unknown,
            error,
            doubtful=any(page.doubtful for page in pages) and error is None,
            urls=tuple(page.url for page in pages),
            at=min((page.at for page in pages), default=None),
        )

    def _pages(self, query: Query, days: Window) -> Iterator[Page]:
        """Yield first pages of ever later ranges until one holds all that its range counts.

        Each range begins with the minute of the last paper of the page before, so no page border can move when the
        index changes, and the counts tell when it did. A page whose papers are not in order, or all of one minute, is
        followed by the page after it.
        """
        window, start, due = days, 0, None
        while True:
            page = self._page(by_query(search_query(query, window)), start, self._page_size, window)
            yield replace(page, due=due)
            if not page.entries or page.total is None or start + page.entries >= page.total:
                return
            if start == 0 and (cut := page.next_minute) is not None:
                rest = sum(paper.published is not None and paper.published >= cut for paper in page.papers)
                window, due = Window(cut, window.until), page.total - page.entries + rest
            else:
                start, due = start + page.entries, page.total

    def _page(self, search: arxiv.Search, start: int, size: int, window: Window = ALL_TIME) -> Page:
        """Fetch up to `size` results from `start` (from 0); SourceError when no complete feed came."""
        url = page_url(self._url, search, start, size)
        try:
            return read_page(self._session.get(url), url, window, start)
        except SourceError:
            self._session.forget([url])
            raise


def _questions(query: Query, window: Window, expected: Expectation) -> list[_Question]:
    """Return the parts of a query, each short enough for an address; what is usual of all says nothing of a part."""
    parts = in_parts(query, whole_days(window))
    hoped = expected if len(parts) == 1 else replace(expected, usual=0.0, newest=None)
    return [_Question(part, window, hoped) for part in parts]


def _answer(window: Window, results: Sequence[QueryResult], now: datetime) -> Answer:
    """Return what the parts of a query say of a window."""
    at = min((result.at for result in results if result.at), default=now)
    unknown = [Unknown(Reason.FUTURE)] if at <= window.since else []
    unknown += [result.unknown for result in results if result.unknown is not None]
    totals = [result.total for result in results]
    return Answer(
        ApiSource.name,
        _past(window, at),
        sum(len(result.papers) for result in results),
        None if None in totals else sum(total or 0 for total in totals),
        unknown=next(iter(unknown), None),
        proves=ApiSource.proves,
    )


def _past(window: Window, now: datetime) -> Window:
    """Return the part of a window that is past; all of it when nothing is."""
    return next(iter(clip(window, window.since, now)), window)


def _base(text: str) -> str:
    """Return the base id of a text that is one."""
    if (base := arxiv_id.parse_id(text)) is None:
        raise BotError(f"not an arXiv id: {text!r}; write it like 2407.12391, or as a link to the paper")
    return base
