"""A local arXiv over any papers: the query API of the new (2026) backend as recorded, and the daily feed.

    with ArxivServer(papers) as server:
        requests.get(server.api_url, params={"search_query": 'all:"kv cache"'})
        server.faults.append(HttpError(429, retry_after="5"))

Every request is kept in `server.requests`. Each of `server.faults` spoils one request of the API, each of
`server.feed_faults` one of the feed, in order; a plain `Fault()` lets one through unharmed. When there are none left,
`spoil` decides what goes wrong with a request.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import re
import socket
import struct
import sys
import threading
import time
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from bot.model import Paper
from tests.servers.arxiv_query import Document, Node, QueryError, canonical, parse, predicate, required_dates
from tests.servers.rss import RSS_PATH, Announcement, Bulletin, Kind, UnknownCategoryError, error_rss, rss

API_PATH = "/api/query"
MOST_PER_SLICE = 2_000
MOST_IN_ALL = 30_000
DEFAULT_RESULTS = 10
FIRST_CENTURY = 90
"""Ids of the years after this one, of two digits, are of the last century: arXiv began in 1991."""

Clock = Callable[[], datetime]
Visible = Callable[[Paper], datetime]
Version = Callable[[Paper], int]


class RefusedError(ValueError):
    """The request is malformed: HTTP 400 and an error feed with this message."""


class BrokenError(RuntimeError):
    """A request at which arXiv itself fails: HTTP 500."""


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def version_of(paper: Paper) -> int:
    """Guess a paper's version, which a Paper does not carry: 1, or 2 when it was ever updated."""
    return 1 if paper.updated in (None, paper.published) else 2


def month_of(id: str) -> datetime:
    """Return the beginning of the month in an id, the date shown for an undated paper: arXiv has none such."""
    digits = id.rsplit("/", 1)[-1]
    year = int(digits[:2])
    return datetime(year + (1900 if year > FIRST_CENTURY else 2000), int(digits[2:4]), 1, tzinfo=UTC)


# --- the request --------------------------------------------------------------------------------------------


class SortBy(StrEnum):
    """What results are ordered by."""

    RELEVANCE = "relevance"
    LAST_UPDATED_DATE = "lastUpdatedDate"
    SUBMITTED_DATE = "submittedDate"


class SortOrder(StrEnum):
    """In which direction they are."""

    ASCENDING = "ascending"
    DESCENDING = "descending"


@dataclass(frozen=True, slots=True)
class WantedId:
    """An id of the id_list: the canonical base id, and the version if one was asked for."""

    id: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A well-formed request."""

    query: Node | None
    ids: tuple[WantedId, ...]
    id_list: str
    start: int
    max_results: int
    sort_by: SortBy
    sort_order: SortOrder

    @property
    def search_query(self) -> str:
        """The query in canonical form."""
        return "" if self.query is None else canonical(self.query)


_NEW_ID = re.compile(r"(?P<id>[0-9]{4}\.[0-9]{4,5})(?:v(?P<version>[1-9][0-9]*))?")
_OLD_ID = re.compile(r"(?P<archive>[a-z-]+)(?:\.[A-Z]{2})?/(?P<number>[0-9]{7})(?:v(?P<version>[1-9][0-9]*))?")


def parse_search(params: Mapping[str, str]) -> Search:
    """Check the parameters, in the order arXiv does, or raise RefusedError or BrokenError."""
    id_list = params.get("id_list", "")
    ids = tuple(_wanted_id(text) for text in id_list.split(",")) if id_list else ()
    max_results = _count(params, "max_results", DEFAULT_RESULTS)
    start = _count(params, "start", 0)
    sort_by = _choice(params, "sortBy", SortBy.RELEVANCE)
    sort_order = _choice(params, "sortOrder", SortOrder.DESCENDING)
    query = _query(params.get("search_query", ""))
    if query is None and not ids:
        raise RefusedError("Either a search_query or id_list must be specified for the classic API.")
    _check_limits(start, max_results)
    return Search(query, ids, id_list, start, max_results, sort_by, sort_order)


def _wanted_id(text: str) -> WantedId:
    if match := _NEW_ID.fullmatch(text):
        base = match["id"]
    elif match := _OLD_ID.fullmatch(text):
        base = f"{match['archive']}/{match['number']}"  # the canonical old id is without the subject class
    else:
        raise RefusedError(f"incorrect id format for {text}")
    return WantedId(base, int(match["version"]) if match["version"] else None)


def _count(params: Mapping[str, str], name: str, default: int) -> int:
    try:
        count = int(params.get(name, default))
    except ValueError as error:
        raise RefusedError(f"{name} must be an integer") from error
    if count < 0:
        raise RefusedError(f"{name} must be non-negative")
    return count


_Choice = TypeVar("_Choice", SortBy, SortOrder)


def _choice(params: Mapping[str, str], name: str, default: _Choice) -> _Choice:
    kind = type(default)
    try:
        return kind(params.get(name, default))
    except ValueError as error:
        raise RefusedError(f"{name} must be in: {', '.join(kind)}") from error


def _query(text: str) -> Node | None:
    if not text.strip():
        return None
    try:
        return parse(text)
    except QueryError as error:
        raise RefusedError(str(error)) from error


def _check_limits(start: int, max_results: int) -> None:
    if max_results == 0:
        raise BrokenError("max_results=0")
    if max_results > MOST_PER_SLICE:
        raise RefusedError(f"max_results must not be greater than {MOST_PER_SLICE}")
    if start + max_results > MOST_IN_ALL:
        raise RefusedError(f"start + max_results must not be greater than {MOST_IN_ALL}")


# --- the answer ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper in one of its versions."""

    paper: Paper
    version: int
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One slice of the results of a search."""

    search: Search
    total: int
    entries: tuple[Entry, ...]


class Archive:
    """The papers, and how to search them."""

    def __init__(
        self,
        papers: Sequence[Paper],
        *,
        visible: Visible | None = None,
        version: Version = version_of,
        hyphen_fault: bool = True,
    ) -> None:
        self._documents = tuple(map(Document, papers))
        self._rank = {document.paper.id: rank for rank, document in enumerate(self._documents)}
        dated = [(document.paper.published, document) for document in self._documents]
        self._by_date = sorted(((day, doc) for day, doc in dated if day is not None), key=lambda pair: pair[0])
        self._dates = [day for day, _ in self._by_date]
        self._visible = visible
        self._version = version
        self._hyphen_fault = hyphen_fault

    def page(self, search: Search, at: datetime) -> Page:
        """Return what arXiv answers at a time."""
        hits = self._sorted(search, [paper for paper in self._hits(search) if self._is_visible(paper, at)])
        shown = hits[search.start : search.start + search.max_results]
        wanted = {wanted.id: wanted.version for wanted in search.ids}
        return Page(search, len(hits), tuple(self._entry(paper, wanted.get(paper.id)) for paper in shown))

    def _hits(self, search: Search) -> Iterator[Paper]:
        matches = None if search.query is None else predicate(search.query, hyphen_fault=self._hyphen_fault)
        for document in self._candidates(search):
            if matches is None or matches(document):
                yield document.paper

    def _candidates(self, search: Search) -> Sequence[Document]:
        """Return the fewest documents that the ids or the dates of the search leave over."""
        if search.ids:
            ranks = {self._rank[wanted.id] for wanted in search.ids if self._exists(wanted)}
            return [self._documents[rank] for rank in sorted(ranks)]
        dates = () if search.query is None else required_dates(search.query)
        if not dates:
            return self._documents
        first = bisect_left(self._dates, max(span.since for span in dates))
        last = bisect_right(self._dates, min(span.until for span in dates))
        return [document for _, document in self._by_date[first:last]]

    def _exists(self, wanted: WantedId) -> bool:
        rank = self._rank.get(wanted.id)
        return rank is not None and (wanted.version or 1) <= self._version(self._documents[rank].paper)

    def _is_visible(self, paper: Paper, at: datetime) -> bool:
        return self._visible is None or self._visible(paper) <= at

    def _sorted(self, search: Search, papers: list[Paper]) -> list[Paper]:
        """Order the hits. Relevance is the order in which the papers were given; it breaks ties, too."""
        descending = search.sort_order is SortOrder.DESCENDING
        if search.sort_by is SortBy.RELEVANCE:
            return sorted(papers, key=self._relevance, reverse=not descending)
        papers.sort(key=self._relevance)
        key = _submitted if search.sort_by is SortBy.SUBMITTED_DATE else _last_updated
        known = sorted((paper for paper in papers if key(paper)), key=_time(key), reverse=descending)
        return known + [paper for paper in papers if not key(paper)]

    def _relevance(self, paper: Paper) -> int:
        return self._rank[paper.id]

    def _entry(self, paper: Paper, version: int | None) -> Entry:
        latest = self._version(paper)
        shown = version or latest
        # The dates of the versions in between are not known, only those of the first and the last.
        published = paper.published or month_of(paper.id)
        updated = paper.updated if shown == latest else None
        return Entry(paper, shown, published, updated or published)


def _submitted(paper: Paper) -> datetime | None:
    return paper.published


def _last_updated(paper: Paper) -> datetime | None:
    return paper.updated or paper.published


def _time(key: Callable[[Paper], datetime | None]) -> Callable[[Paper], float]:
    def seconds(paper: Paper) -> float:
        when = key(paper)
        return 0.0 if when is None else when.timestamp()

    return seconds


# --- the feed -----------------------------------------------------------------------------------------------

_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
    ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
)
_SCHEME = "http://arxiv.org/schemas/atom"


def feed(page: Page, at: datetime) -> str:
    """Write the answer to a search, byte for byte as the recorded ones are written."""
    search = page.search
    slice_ = f"start={search.start}&max_results={search.max_results}"
    asked = quote(search.search_query, safe=":()/,")
    lines = [
        _HEAD,
        f"  <id>https://arxiv.org/api/{_feed_id(search)}</id>",
        _element(2, "title", f"arXiv Query: search_query={search.search_query}&id_list={search.id_list}&{slice_}"),
        f"  <updated>{_stamp(at)}</updated>",
        f'  <link href={_link(search, asked, slice_)} type="application/atom+xml"/>',
        *_counts(search.max_results, page.total, search.start),
    ]
    for entry in page.entries:
        lines += _entry_lines(entry)
    return "\n".join([*lines, "</feed>", ""])


def error_feed(message: str, at: datetime) -> str:
    """Write the answer to a malformed request: a feed whose only entry is called "Error"."""
    link = f"https://arxiv.org/api/errors#{message.replace(' ', '_')}"
    lines = [
        _HEAD,
        "  <id>https://arxiv.org/</id>",
        "  <title>arXiv Search Results</title>",
        f"  <updated>{_stamp(at)}</updated>",
        *_counts(1, 1, 0),
        "  <entry>",
        _element(4, "id", link),
        "    <title>Error</title>",
        f"    <updated>{_stamp(at)}</updated>",
        f'    <link href={_attribute(link)} rel="alternate" type="text/html"/>',
        _element(4, "summary", message),
        *_author_lines("arXiv api core"),
        "  </entry>",
    ]
    return "\n".join([*lines, "</feed>", ""])


def _feed_id(search: Search) -> str:
    asked = f"{search.search_query} {search.id_list} {search.start} {search.max_results}"
    digest = hashlib.sha1(asked.encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode().rstrip("=")


def _link(search: Search, asked: str, slice_: str) -> str:
    return _attribute(f"https://arxiv.org/api/query?search_query={asked}&{slice_}&id_list={search.id_list}")


def _counts(per_page: int, total: int, start: int) -> tuple[str, ...]:
    return (
        f"  <opensearch:itemsPerPage>{per_page}</opensearch:itemsPerPage>",
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>",
        f"  <opensearch:startIndex>{start}</opensearch:startIndex>",
    )


def _entry_lines(entry: Entry) -> Iterator[str]:
    paper = entry.paper
    name = f"{paper.id}v{entry.version}"
    primary = paper.primary_category or next(iter(paper.categories), None)
    yield "  <entry>"
    yield _element(4, "id", f"http://arxiv.org/abs/{name}")
    yield _element(4, "title", paper.title)
    yield f"    <updated>{_stamp(entry.updated)}</updated>"
    yield f'    <link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>'
    yield f'    <link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" title="pdf"/>'
    yield _element(4, "summary", paper.summary)
    for category in paper.categories:
        yield f'    <category term={_attribute(category)} scheme="{_SCHEME}"/>'
    yield f"    <published>{_stamp(entry.published)}</published>"
    if paper.comment is not None:
        yield _element(4, "arxiv:comment", paper.comment)
    if primary is not None:
        yield f"    <arxiv:primary_category term={_attribute(primary)}/>"
    if paper.journal_ref is not None:
        yield _element(4, "arxiv:journal_ref", paper.journal_ref)
    for author in paper.authors:
        yield from _author_lines(author)
    if paper.doi is not None:
        yield _element(4, "arxiv:doi", paper.doi)
        yield f'    <link rel="related" href={_attribute(f"https://doi.org/{paper.doi}")} title="doi"/>'
    yield "  </entry>"


def _author_lines(name: str) -> tuple[str, ...]:
    return ("    <author>", _element(6, "name", name), "    </author>")


def _element(indent: int, name: str, text: str) -> str:
    return f"{' ' * indent}<{name}>{escape(text)}</{name}>"


def _attribute(value: str) -> str:
    return quoteattr(value)


def _stamp(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


# --- faults -------------------------------------------------------------------------------------------------

ATOM = "application/atom+xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
HTML = "text/html; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
FOR_EVER = 86_400.0
"""Seconds that nobody waits."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire, and how it may go wrong there."""

    status: int
    body: bytes
    content_type: str = ATOM
    retry_after: str | None = None
    delay: float = 0.0
    """Seconds before the first byte."""
    pace: float | None = None
    """Bytes per second; None for all at once."""
    sent: int | None = None
    """How many bytes of the body are sent before the connection closes; None for all of them."""
    reset: bool = False


Items = tuple[tuple[Announcement, Kind], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request; in this plain form nothing does.

    A new kind overrides `search` or `at`, to answer another question or as of another time; `page` or `items`, to
    change what a well-formed request of the API or of the feed finds; or `reply`, to change what is sent.
    """

    def search(self, search: Search) -> Search:
        """Alter what is searched for; the answer says it is of what was asked."""
        return search

    def at(self, at: datetime) -> datetime:
        """Alter the time the answer is of."""
        return at

    def items(self, items: Items) -> Items:
        """Alter what the feed shows."""
        return items

    def page(self, page: Page) -> Page:
        """Alter the results."""
        return page

    def reply(self, reply: Reply) -> Reply:
        """Alter the answer."""
        return reply


@dataclass(frozen=True, slots=True)
class HttpError(Fault):
    """An error status. The defaults are arXiv's throttle."""

    status: int = 429
    body: str = "Rate exceeded."
    retry_after: str | None = None
    content_type: str = PLAIN

    def reply(self, reply: Reply) -> Reply:
        return replace(
            reply,
            status=self.status,
            body=self.body.encode(),
            content_type=self.content_type,
            retry_after=self.retry_after,
        )


@dataclass(frozen=True, slots=True)
class HtmlPage(Fault):
    """A page for people where a feed was asked for, with a status that says all is well."""

    body: str = "<!DOCTYPE html>\n<html><head><title>arXiv</title></head><body>Please wait.</body></html>\n"

    def reply(self, reply: Reply) -> Reply:
        return replace(reply, status=200, body=self.body.encode(), content_type=HTML)


@dataclass(frozen=True, slots=True)
class EmptyBody(Fault):
    """HTTP 200 and nothing (aRxiv#66)."""

    def reply(self, reply: Reply) -> Reply:
        return replace(reply, status=200, body=b"")


@dataclass(frozen=True, slots=True)
class Truncated(Fault):
    """The connection closes after a part of the body, short of the length announced."""

    share: float = 0.5

    def reply(self, reply: Reply) -> Reply:
        return replace(reply, sent=int(len(reply.body) * self.share))


@dataclass(frozen=True, slots=True)
class CutFeed(Fault):
    """A feed that ends in its middle although HTTP thinks it complete."""

    share: float = 0.5

    def reply(self, reply: Reply) -> Reply:
        return replace(reply, body=reply.body[: int(len(reply.body) * self.share)])


@dataclass(frozen=True, slots=True)
class FalseZero(Fault):
    """A valid feed that claims there is nothing, as on a quiet day (arxiv.py#43, #129)."""

    def page(self, page: Page) -> Page:
        return replace(page, total=0, entries=())

    def items(self, items: Items) -> Items:
        return ()


@dataclass(frozen=True, slots=True)
class NoEntries(Fault):
    """The right total, at least 1, but none of the entries (arxiv.py#129, #175)."""

    def page(self, page: Page) -> Page:
        return replace(page, total=max(page.total, 1), entries=())


@dataclass(frozen=True, slots=True)
class MissingEntries(Fault):
    """The right total, but only the first `kept` entries of the page."""

    kept: int = 1

    def page(self, page: Page) -> Page:
        return replace(page, entries=page.entries[: self.kept])


@dataclass(frozen=True, slots=True)
class Repeated(Fault):
    """The first page, whatever page was asked for."""

    def search(self, search: Search) -> Search:
        return replace(search, start=0)


@dataclass(frozen=True, slots=True)
class Doubled(Fault):
    """A page whose last entries are its first ones again, in place of the right ones."""

    count: int = 1

    def page(self, page: Page) -> Page:
        kept = max(len(page.entries) - self.count, 0)
        return replace(page, entries=(*page.entries[:kept], *page.entries[: len(page.entries) - kept]))


@dataclass(frozen=True, slots=True)
class Shuffled(Fault):
    """A page in no order: the order asked for was ignored (aRxiv#70)."""

    seed: int = 0

    def page(self, page: Page) -> Page:
        return replace(page, entries=tuple(random.Random(self.seed).sample(page.entries, len(page.entries))))


@dataclass(frozen=True, slots=True)
class OldIndex(Fault):
    """The answer of some time ago: what has appeared since is gone again."""

    age: timedelta = timedelta(days=1)

    def at(self, at: datetime) -> datetime:
        return at - self.age


@dataclass(frozen=True, slots=True)
class BadId(Fault):
    """One id of a batch is taken for none, and all of them fail."""

    def search(self, search: Search) -> Search:
        if search.ids:
            raise RefusedError(f"incorrect id format for {search.ids[0].id}")
        return search


@dataclass(frozen=True, slots=True)
class Reset(Fault):
    """The connection is reset before an answer."""

    def reply(self, reply: Reply) -> Reply:
        return replace(reply, reset=True)


@dataclass(frozen=True, slots=True)
class Slow(Fault):
    """The right answer, late."""

    seconds: float = 1.0

    def reply(self, reply: Reply) -> Reply:
        return replace(reply, delay=self.seconds)


@dataclass(frozen=True, slots=True)
class Silent(Slow):
    """No answer for as long as anybody may wait."""

    seconds: float = FOR_EVER


@dataclass(frozen=True, slots=True)
class SlowBytes(Fault):
    """The right answer, byte after byte: no single wait is long, all together are."""

    per_second: float = 100.0

    def reply(self, reply: Reply) -> Reply:
        return replace(reply, pace=self.per_second)


# --- the server ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that came in. `monotonic` is the time of arrival; the status is None when it was reset.

    `concurrent` counts the requests being answered at that time, this one included: arXiv allows one.
    """

    monotonic: float
    method: str
    path: str
    params: Mapping[str, str] = field(repr=False)
    user_agent: str
    accept: str
    status: int | None
    concurrent: int = 1


class ArxivServer:
    """Serves the API and the feed on a port of its own while the context is open.

    `visible` says from when on a paper is in the API's index, `bulletin` what the feed announces. `sleep` lets the time
    of slow answers pass where the clock is made up; one that never comes is waited for all the same.
    """

    def __init__(
        self,
        papers: Sequence[Paper],
        *,
        clock: Clock | None = None,
        visible: Visible | None = None,
        version: Version = version_of,
        hyphen_fault: bool = True,
        bulletin: Bulletin | None = None,
        spoil: Callable[[str], Fault] = lambda path: Fault(),
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.requests: list[RecordedRequest] = []
        self.faults: deque[Fault] = deque()
        self.feed_faults: deque[Fault] = deque()
        self.bulletin = bulletin or Bulletin()
        self._spoil, self._sleep = spoil, sleep
        self._archive = Archive(papers, visible=visible, version=version, hyphen_fault=hyphen_fault)
        self.clock = clock or now
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._under_way = 0
        self._http = _HttpServer(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def api_url(self) -> str:
        """Where the API is found."""
        return f"http://127.0.0.1:{self._http.server_port}{API_PATH}"

    @property
    def rss_url(self) -> str:
        """Where the feeds are found, without their categories."""
        return f"http://127.0.0.1:{self._http.server_port}{RSS_PATH.rstrip('/')}"

    def __enter__(self) -> ArxivServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, params: Mapping[str, str], fault: Fault | None = None) -> Reply:
        """Answer a request without any network."""
        fault = fault or Fault()
        at = self.clock()
        try:
            search = parse_search(params)
            found = self._archive.page(fault.search(search), fault.at(at))
            page = fault.page(replace(found, search=search))
            reply = Reply(200, feed(page, at).encode())
        except RefusedError as error:
            reply = Reply(400, error_feed(str(error), at).encode())
        except BrokenError:
            reply = Reply(500, b"<!doctype html>\n<title>500 Internal Server Error</title>\n", HTML)
        return fault.reply(reply)

    def answer_feed(self, names: str, fault: Fault | None = None) -> Reply:
        """Answer a request for the feed of categories, joined by `+`, without any network."""
        fault = fault or Fault()
        at = fault.at(self.clock())
        categories = tuple(dict.fromkeys(names.split("+")))
        try:
            items = fault.items(self.bulletin.items(categories, at))
            reply = Reply(200, rss(categories, items, at).encode(), RSS)
        except UnknownCategoryError:
            reply = Reply(400, error_rss(names).encode(), RSS)
        return fault.reply(reply)

    def handle(self, handler: _Handler, body: str) -> None:
        """Answer a request of the network and keep a record of it."""
        arrived = time.monotonic()
        with self._lock:
            self._under_way += 1
            concurrent = self._under_way
        try:
            target = urlsplit(handler.path)
            params = _first_values(target.query, body)
            reply = self._reply(target.path, params)
            record = RecordedRequest(
                monotonic=arrived,
                method=handler.command,
                path=target.path,
                params=params,
                user_agent=handler.headers.get("User-Agent", ""),
                accept=handler.headers.get("Accept", ""),
                status=None if reply.reset else reply.status,
                concurrent=concurrent,
            )
            with self._lock:
                self.requests.append(record)
            # Waiting on the event instead of sleeping lets the server close while a slow answer is under way.
            self.closing(reply.delay)
        finally:
            # Before the answer goes out, else a prompt client's next request would count as a second one.
            with self._lock:
                self._under_way -= 1
        handler.deliver(reply)

    def closing(self, seconds: float) -> bool:
        """Wait, and tell whether the server closed meanwhile."""
        if self._sleep is None or seconds >= FOR_EVER:
            return self._closing.wait(seconds)
        self._sleep(seconds)
        return self._closing.is_set()

    def _reply(self, path: str, params: Mapping[str, str]) -> Reply:
        if path != API_PATH and not path.startswith(RSS_PATH):
            return Reply(404, b"<!doctype html>\n<title>404 Not Found</title>\n", HTML)
        faults = self.faults if path == API_PATH else self.feed_faults
        with self._lock:
            fault = faults.popleft() if faults else self._spoil(path)
        if path == API_PATH:
            return self.answer(params, fault)
        return self.answer_feed(unquote(path.removeprefix(RSS_PATH)), fault)


def _first_values(*encoded: str) -> Mapping[str, str]:
    pairs = [pair for text in encoded for pair in parse_qsl(text, keep_blank_values=True)]
    return dict(reversed(pairs))


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, arxiv: ArxivServer) -> None:
        self.arxiv = arxiv
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that hang up; they are part of what is tested."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _HttpServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self.server.arxiv.handle(self, "")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self.server.arxiv.handle(self, self.rfile.read(length).decode())

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the time of the clock served, for the header `Date`."""
        return format_datetime(self.server.arxiv.clock().astimezone(UTC), usegmt=True)

    def deliver(self, reply: Reply) -> None:
        """Send a reply, or misdeliver it as it says."""
        if reply.reset:
            self._reset()
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.retry_after is not None:
            self.send_header("Retry-After", reply.retry_after)
        if reply.sent is not None:
            self.close_connection = True
        self.end_headers()
        self._send(reply.body[: reply.sent], reply.pace)

    def _send(self, body: bytes, pace: float | None) -> None:
        """Send a body, a tenth of a second's worth at a time where there is a pace."""
        size = len(body) if pace is None else max(int(pace / 10), 1)
        for first in range(0, len(body), max(size, 1)):
            if pace is not None and self.server.arxiv.closing(size / pace):
                self.close_connection = True
                return
            self.wfile.write(body[first : first + size])
            self.wfile.flush()

    def _reset(self) -> None:
        """Close with RST instead of FIN: what a zero linger time means."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: object) -> None:
        """Write no access log; the requests are kept in `ArxivServer.requests`."""
