"""One HTTP client for all sources: pace, timeouts, retries, a time budget, an honest name, and disbelief.

arXiv's terms (https://info.arxiv.org/help/api/tou.html) allow one request every three seconds over one
connection, for the API and the feeds together: so one `PoliteSession` serves a whole run, and a lock lets one
request through at a time. An answer is returned only when it is a feed, well-formed to its last byte: everything
else is a `SourceError`.
"""

from __future__ import annotations

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from types import TracebackType
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import requests
import urllib3

from bot import __version__
from bot.errors import SourceError
from bot.model import Reason, Unknown
from bot.sources.cache import Kept, ResponseCache

_log = logging.getLogger(__name__)

ACCEPT = "application/atom+xml, application/rss+xml, application/xml"
FEED_ROOTS = frozenset({"feed", "rss", "RDF"})
"""Local names of the root element of Atom, RSS 2.0 and RSS 1.0."""

ADVICE = {
    400: "arXiv does not understand the request: correct the keywords or the ids",
    403: "arXiv refuses this address or program, see https://arxiv.org/denied: stop asking and wait",
    404: "nothing is there: check the address",
    406: "arXiv refuses the form of the request: wait, then check the user agent",
    414: "the query is too long: use fewer keywords",
    429: "too many requests from this address: ask again later",
    503: "arXiv is busy: ask again later",
}
ADVICE_ELSE = "ask again later"
ADVICE_UNREACHABLE = "check the network and https://status.arxiv.org, then ask again"
ADVICE_UNBELIEVABLE = "the answer proves nothing: ask again later"

_ATOM = "{http://www.w3.org/2005/Atom}"
_THROTTLED = frozenset({429, 503})
_REFUSED = frozenset({None, 401, 403, 406, 407, 429, 503})
"""No answer at all counts as a refusal too."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Manners:
    """How the client behaves; times in seconds.

    `interval_s` lies between the starts of two requests, redirects included. A throttled request (429, 503) is
    repeated after `throttled_s`, then twice, four times as long; a failed one (other 5xx, no connection, an answer
    that is no feed) after `failed_s` in the same way; each wait up to half longer by chance. `Retry-After` replaces
    that wait. `budget_s` runs from the session's first request: no wait and no answer goes beyond it. After `refusals`
    in a row, repeats included, an endpoint is not asked again in this session.
    """

    interval_s: float = 3.0
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    tries: int = 5
    refusals: int = 5
    throttled_s: float = 30.0
    failed_s: float = 5.0
    budget_s: float = 900.0
    max_bytes: int = 32 * 1024 * 1024
    max_redirects: int = 3


@dataclass(frozen=True, slots=True)
class Reply:
    """A feed that came whole: HTTP 200, strict XML. `url` is where it came from after redirects.

    `at` is when it was asked for, or when the server says it was made, if that is earlier: it knows nothing later.
    `doubtful` says that an answer before this one, to the same request, was cut or no feed: whoever counts asks again.
    """

    url: str
    status_code: int
    content: bytes
    root: ElementTree.Element
    at: datetime
    doubtful: bool = False


def user_agent(url: str | None = None, contact: str | None = None) -> str:
    """Return `arxiv-list-bot/VERSION (+URL; contact)` from the home page and mail address that are known."""
    known = [f"+{url}"] if url else []
    known += [contact] if contact else []
    plain = re.sub(r"[^\x21-\x7e]+", " ", "; ".join(known)).replace("(", "").replace(")", "").strip()
    return f"arxiv-list-bot/{__version__}" + (f" ({plain})" if plain else "")


class Pace:
    """When arXiv may be asked again, in seconds of the monotonic clock: shared by sessions that follow each other.

    `not_before` holds for every service of arXiv, `held` for one endpoint.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.not_before = float("-inf")
        self.held: dict[str, float] = {}


class PoliteSession:
    """The one HTTP client of a run. `requests` counts what was sent, redirects and repeats included.

    `pace` is that of the sessions before it in the same process. `monotonic` and `sleep` are its clock, in seconds;
    `now` tells when an answer came, and reads HTTP dates in `Retry-After` when the server sends no `Date`; `chance`
    returns [0, 1) for the jitter. `cache` keeps the feeds of the day, so that a second run asks nothing twice. Proxies
    come from the environment, as in `requests`.
    """

    def __init__(
        self,
        agent: str | None = None,
        manners: Manners | None = None,
        *,
        pace: Pace | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
        cache: ResponseCache | None = None,
    ) -> None:
        self.requests = 0
        self.manners = manners or Manners()
        self._headers = {"User-Agent": agent or user_agent(), "Accept": ACCEPT}
        self.now = now
        self._monotonic, self._sleep, self._chance = monotonic, sleep, chance
        self._http = requests.Session()
        self._pace = pace or Pace()
        self._cache = cache
        self._refusals: dict[str, int] = {}

    def __enter__(self) -> PoliteSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    @cached_property
    def _deadline(self) -> float:
        """When the time budget ends, which begins with the first request."""
        return self._monotonic() + self.manners.budget_s

    def get(self, url: str, headers: Mapping[str, str] | None = None, tries: int | None = None) -> Reply:
        """Return the feed at the address, after as many repeats as manners (or `tries`) and budget allow.

        `headers` are ignored: this client speaks for itself, whatever a package asks it to say. Raises SourceError
        with what happened and what to do; `status` is 200 when an answer came that is no whole feed.
        """
        with self._pace.lock:
            if kept := self._kept(url):
                return kept
            reply = self._answer(url, min(tries or self.manners.tries, self.manners.tries))
            if self._cache:
                self._cache.write(url, Kept(reply.content, reply.at))
            return reply

    def forget(self, urls: Iterable[str]) -> None:
        """Keep no answers of these addresses: they were not believed."""
        if self._cache:
            for url in urls:
                self._cache.forget(url)

    def _kept(self, url: str) -> Reply | None:
        """Return what came from an address today, if it is kept whole."""
        kept = self._cache.read(url) if self._cache else None
        try:
            return None if kept is None else Reply(url, 200, kept.content, parse_xml(kept.content), kept.at)
        except ValueError:
            return None

    def _answer(self, url: str, tries: int) -> Reply:
        """Ask until a feed comes."""
        endpoint = _endpoint(url)
        trouble: _Trouble | None = None
        doubtful = False
        for turn in range(tries):
            self._check_open(url, endpoint, trouble)
            try:
                reply = replace(self._follow(url, trouble), doubtful=doubtful)
            except _Trouble as again:
                trouble = again
                doubtful = doubtful or again.status == 200
                self._count(endpoint, again.status)
                wait_s = self._wait_s(again, turn)
                self._pace.held[endpoint] = self._monotonic() + wait_s
                if again.status == 429:  # that limit is for all of arXiv's services together
                    self._pace.not_before = max(self._pace.not_before, self._pace.held[endpoint])
                if turn + 1 < tries and self._monotonic() + wait_s < self._deadline:
                    _log.info(f"{again.what}: asking again in {wait_s:.0f} s, try {turn + 2} of {tries}")
            except SourceError as error:
                self._count(endpoint, error.status)
                raise
            else:
                self._refusals[endpoint] = 0
                return reply
        assert trouble is not None
        raise trouble.error(f"after {_times(tries, 'try', 'tries')}")

    def _count(self, endpoint: str, status: int | None) -> None:
        """Count refusals in a row."""
        self._refusals[endpoint] = self._refusals.get(endpoint, 0) + 1 if status in _REFUSED else 0

    def _check_open(self, url: str, endpoint: str, trouble: _Trouble | None) -> None:
        """Raise when an endpoint has refused too often to be asked again."""
        if (times := self._refusals.get(endpoint, 0)) < self.manners.refusals:
            return
        if trouble is not None:
            raise trouble.error(f"after {_times(times, 'refusal', 'refusals')} in a row")
        raise SourceError(
            f"arXiv refused {_times(times, 'request', 'requests')} in a row and is left alone; run again in an hour or "
            "later, and set `contact` in the configuration so that arXiv can reach you",
            url=url,
        )

    def _follow(self, url: str, trouble: _Trouble | None) -> Reply:
        """Ask once, following redirects at the usual pace."""
        for _ in range(self.manners.max_redirects + 1):
            self._wait(url, trouble)
            at = self.now()
            status, headers, body = self._send(url)
            if status not in _REDIRECTS or not (target := headers.get("Location")):
                at = min(at, _http_date(headers.get("Date", "")) or at)
                return _believe(url, status, body, at, self._retry_after_s(headers))
            target = urljoin(url, target)
            if urlsplit(target).scheme not in ("https", urlsplit(url).scheme):
                raise SourceError("redirected to an address that is not https: check it", url=url, status=status)
            url = target
        raise SourceError(
            f"more than {self.manners.max_redirects} redirects: check the address", url=url, status=status
        )

    def _wait(self, url: str, trouble: _Trouble | None) -> None:
        """Wait until the next request may start; give up when that is beyond the budget."""
        held = self._pace.held.get(_endpoint(url), self._pace.not_before)
        wait_s = max(self._pace.not_before, held) - self._monotonic()
        if self._monotonic() + max(wait_s, 0.0) >= self._deadline:
            budget = f"the time budget of {self.manners.budget_s:.0f} s"
            if trouble is None:
                paused = f"arXiv asked for a pause of {wait_s:.0f} s, longer than {budget} leaves"
                why = paused if wait_s > self.manners.interval_s else f"{budget} is used up"
                raise SourceError(
                    f"{why}; ask again later",
                    url=url,
                    retry_after_s=max(wait_s, 0.0),
                )
            raise trouble.error(f"because {budget} leaves no room to wait {max(wait_s, 0.0):.0f} s more")
        if wait_s > 0:
            self._sleep(wait_s)

    def _send(self, url: str) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request and read its answer whole; _Trouble when none came."""
        begun = self._monotonic()
        left_s = max(self._deadline - begun, 0.001)
        timeouts = (min(self.manners.connect_timeout_s, left_s), min(self.manners.read_timeout_s, left_s))
        self._pace.not_before = begun + self.manners.interval_s
        self.requests += 1
        status: int | None = None
        try:
            with self._http.get(
                url, headers=self._headers, timeout=timeouts, stream=True, allow_redirects=False
            ) as response:
                status = response.status_code
                return response.status_code, response.headers, self._read(url, response)
        except (
            requests.exceptions.MissingSchema,
            requests.exceptions.InvalidSchema,
            requests.exceptions.InvalidURL,
        ) as error:
            raise SourceError(f"not a web address ({type(error).__name__}): correct it", url=url) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _Trouble(_why(error, timeouts), ADVICE_UNREACHABLE, url=url, status=status) from error

    def _read(self, url: str, response: requests.Response) -> bytes:
        """Read the body as it arrives, so that neither a huge nor an endless one holds the run."""
        read = getattr(response.raw, "read1", response.raw.read)
        body = bytearray()
        while chunk := read(_CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > self.manners.max_bytes:
                raise SourceError(
                    f"the answer is larger than {self.manners.max_bytes / 2**20:.0f} MB: ask for less",
                    url=url,
                    status=response.status_code,
                )
            if self._monotonic() > self._deadline:
                raise _Trouble("the answer came too slowly", ADVICE_UNREACHABLE, url=url, status=response.status_code)
        return bytes(body)

    def _wait_s(self, trouble: _Trouble, turn: int) -> float:
        """Return how long to wait after the trouble of this turn (from 0)."""
        if trouble.retry_after_s is not None:
            return trouble.retry_after_s
        first_s = self.manners.throttled_s if trouble.status in _THROTTLED else self.manners.failed_s
        return float(first_s * 2**turn * (1 + self._chance() / 2))

    def _retry_after_s(self, headers: Mapping[str, str]) -> float | None:
        """Return the seconds `Retry-After` asks for, as a number or a date against the server's own clock."""
        text = headers.get("Retry-After", "").strip()
        if re.fullmatch(r"[0-9]{1,9}", text):
            return float(text)
        if (until := _http_date(text)) is None:
            return None
        return max((until - (_http_date(headers.get("Date", "")) or self.now())).total_seconds(), 0.0)


def _endpoint(url: str) -> str:
    """Return an address without its parameters: what one service answers at."""
    return url.partition("?")[0]


class _Trouble(Exception):
    """What may pass when asked again."""

    def __init__(
        self,
        what: str,
        advice: str,
        *,
        url: str,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(what)
        self.what, self.advice, self.url = what, advice, url
        self.status, self.retry_after_s = status, retry_after_s

    def error(self, limit: str) -> SourceError:
        """Return the error to raise once a limit is reached, which `limit` names: "after 5 tries"."""
        return SourceError(
            f"{self.what}; gave up {limit}; {self.advice}",
            url=self.url,
            status=self.status,
            retry_after_s=self.retry_after_s,
        )


def parse_xml(body: bytes) -> ElementTree.Element:
    """Parse XML strictly to its end; ValueError says why not. A DTD is refused: feeds have none, attacks do."""
    try:
        return ElementTree.fromstring(body, parser=ElementTree.XMLParser(target=_NoDoctype()))
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    except (LookupError, UnicodeError) as error:
        raise ValueError(f"its text cannot be decoded: {error}") from None


def reason(error: SourceError) -> str:
    """Return what an error says without the long address, for a person who reads the answer."""
    return str(error).removesuffix(f" ({error.url})")


def failed(error: SourceError, why: Reason = Reason.FAILED, total: int | None = None) -> Unknown:
    """Return why an error leaves a window unknown."""
    return Unknown(why, total=total, status=error.status, text=reason(error))


def shown(text: str) -> str:
    """Return what a server said as one short line of printable signs."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain if len(plain) <= 160 else f"{plain[:157]}..."


class _NoDoctype(ElementTree.TreeBuilder):
    """Builds a tree from a document without document type."""

    def doctype(self, name: str, pubid: str, system: str) -> None:
        """Refuse."""
        raise ValueError(f"it declares a document type {name[:20]!r}")


def _believe(url: str, status: int, body: bytes, at: datetime, retry_after_s: float | None) -> Reply:
    """Return the answer when it is a whole feed; else raise what it is, to be asked again or not."""
    if status == 200:
        return Reply(url, status, body, _feed(url, body), at)
    said = f": {words}" if (words := _said(body).rstrip(".")) else ""
    what, advice = f"HTTP {status}{said}", ADVICE.get(status, ADVICE_ELSE)
    if status in _THROTTLED or status == 408 or status >= 500:
        raise _Trouble(what, advice, url=url, status=status, retry_after_s=retry_after_s)
    raise SourceError(f"{what}; {advice}", url=url, status=status, retry_after_s=retry_after_s)


def _feed(url: str, body: bytes) -> ElementTree.Element:
    """Return the root of the feed in the body; _Trouble when it is none."""
    try:
        root = parse_xml(body)
        if (name := root.tag.rpartition("}")[2]) in FEED_ROOTS:
            return root
        what = "an HTML page instead of a feed" if name == "html" else f"XML that is no feed but <{name[:20]}>"
    except ValueError as error:
        if not body.strip():
            what = "an empty answer"
        elif re.match(rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)", body):
            what = "an HTML page instead of a feed"
        else:
            what = f"a feed that is truncated or broken ({error})"
    raise _Trouble(f"HTTP 200 with {what}", ADVICE_UNBELIEVABLE, url=url, status=200)


def _said(body: bytes) -> str:
    """Return the few words of an answer that a person should read: arXiv's error entry, a page's title, a text."""
    try:
        if entry := parse_xml(body).findtext(f"{_ATOM}entry/{_ATOM}summary"):
            return shown(entry)
    except ValueError:
        pass  # what is no XML is a page or a text
    page = body[:4096].decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>([^<]*)", page, re.IGNORECASE)
    return shown(title[1] if title else "" if "<" in page else page)


def _why(error: Exception, timeouts: tuple[float, float]) -> str:
    """Say in plain words why no answer came."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {timeouts[0]:.0f} s"
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return f"no answer within {timeouts[1]:.0f} s"
    if isinstance(error, requests.exceptions.SSLError):
        return "no trusted TLS connection"
    if isinstance(error, requests.exceptions.ProxyError):
        return "no connection through the proxy"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return f"the answer broke off ({type(error).__name__})"


def _times(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _http_date(text: str) -> datetime | None:
    """Read an HTTP date as aware UTC, None when it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
