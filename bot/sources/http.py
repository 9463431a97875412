"""The one HTTP client of all sources: pace, timeouts, retries, a time budget, an honest name, and disbelief.

arXiv's terms (https://info.arxiv.org/help/api/tou.html) allow one request every three seconds over one connection, for
the API and the feeds together: so one `PoliteSession` serves a whole run, and a lock lets one request through at a
time. Only a feed that is well-formed to its last byte is returned; everything else is a `SourceError`.
"""

from __future__ import annotations

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from bot import __version__
from bot.errors import SourceError
from bot.model import Reason, Unknown, counted
from bot.sources.cache import ResponseCache
from bot.sources.exchange import Bounds, Exchanged, Exchanger, TooLarge, TooSlow
from bot.sources.reply import FeedReply, http_date, not_a_feed, one_line, parse_xml, retry_after_s, said_by
from bot.sources.turn import Turn

_log = logging.getLogger(__name__)

_ACCEPT = "application/atom+xml, application/rss+xml, application/xml"
_ADVICE = {
    400: "arXiv does not understand the request: correct the keywords or the ids",
    403: "arXiv refuses this address or program, see https://arxiv.org/denied: stop asking and wait",
    404: "nothing is there: check the address",
    406: "arXiv refuses the form of the request: wait, then check the user agent",
    414: "the query is too long: use fewer keywords",
    429: "too many requests from this address: ask again later",
    503: "arXiv is busy: ask again later",
}
_ADVICE_UNREACHABLE = "check the network and https://status.arxiv.org, then ask again"
_THROTTLED = frozenset({429, 503})
_REFUSED = frozenset({None, 401, 403, 406, 407, 429, 503})
"""No answer at all counts as a refusal too."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Manners:
    """How the client behaves; times in seconds.

    `interval_s` lies between the starts of two requests, redirects included. A throttled request (429, 503) is
    repeated after `throttled_s`, then twice, four times as long; a failed one (other 5xx, no connection, an answer
    that is no feed) after `failed_s` in the same way; jitter adds up to half. `Retry-After` replaces that wait.
    `budget_s` runs from the session's first request: no wait and no answer goes beyond it. After `refusals` in a row,
    repeats included, an endpoint is not asked again in this session.
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


@dataclass(slots=True)
class Timing:
    """The clocks of a client: `monotonic` and `sleep` in seconds, `now`, and `chance` in [0, 1) for the jitter."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = random.random


class Pace:
    """When arXiv may be asked again, in seconds of the monotonic clock: shared by sessions that follow each other.

    `not_before` holds for every service of arXiv, `held` for one endpoint. `turn` is the pace of other processes.
    """

    def __init__(self, turn: Turn | None = None) -> None:
        self.turn = turn
        self.lock = threading.Lock()
        self.not_before = float("-inf")
        self.held: dict[str, float] = {}


@dataclass(eq=False)
class _Trouble(Exception):
    """What may pass when asked again."""

    what: str
    advice: str
    url: str
    status: int | None = None
    retry_after_s: float | None = None

    def error(self, limit: str) -> SourceError:
        """Return the error to raise once a limit is reached, which `limit` names: "after 5 tries"."""
        what = f"{self.what}; gave up {limit}; {self.advice}"
        return SourceError(what, url=self.url, status=self.status, retry_after_s=self.retry_after_s)


class PoliteSession:
    """The one HTTP client of a run. `requests` counts what was sent, redirects and repeats included.

    `pace` is shared with the sessions before it in the same process. `cache` keeps the feeds of the day. Proxies come
    from the environment, as in `requests`.
    """

    def __init__(
        self,
        agent: str | None = None,
        manners: Manners | None = None,
        *,
        pace: Pace | None = None,
        timing: Timing | None = None,
        cache: ResponseCache | None = None,
    ) -> None:
        self.requests = 0
        self.manners = manners or Manners()
        self.timing = timing or Timing()
        self._headers = {"User-Agent": agent or user_agent(), "Accept": _ACCEPT}
        self._http = Exchanger()
        self._pace = pace or Pace()
        self._cache = cache
        self._refusals: dict[str, int] = {}

    def __enter__(self) -> PoliteSession:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    @cached_property
    def _deadline(self) -> float:
        """When the time budget ends, which begins with the first request."""
        return self.timing.monotonic() + self.manners.budget_s

    def get(self, url: str, tries: int | None = None) -> FeedReply:
        """Return the feed at the address, after as many repeats as manners (or `tries`) and budget allow.

        Raises SourceError with what happened and what to do; `status` is 200 when the answer is not a complete feed.
        """
        with self._pace.lock:
            if kept := self._kept(url):
                return kept
            reply = self._answer(url, min(tries or self.manners.tries, self.manners.tries))
            if self._cache:
                self._cache.write(url, reply)
            return reply

    def forget(self, urls: Iterable[str]) -> None:
        """Keep no answers of these addresses: they were not believed."""
        if self._cache:
            for url in urls:
                self._cache.forget(url)

    def _kept(self, url: str) -> FeedReply | None:
        """Return what came from an address today, if it is still a complete feed."""
        if kept := self._cache.read(url) if self._cache else None:
            try:
                parse_xml(kept.content)
            except ValueError:
                return None
        return kept

    def _answer(self, url: str, tries: int) -> FeedReply:
        """Return the feed of an address, asked for until it comes."""
        endpoint = _endpoint(url)
        trouble: _Trouble | None = None
        doubtful = False
        for turn in range(tries):
            self._check_open(url, endpoint, trouble)
            try:
                reply = replace(self._follow(url, trouble), doubtful=doubtful)
            except _Trouble as again:
                trouble, doubtful = again, doubtful or again.status == 200
                self._hold(endpoint, again, turn, tries)
            except SourceError as error:
                self._count(endpoint, error.status)
                raise
            else:
                self._refusals[endpoint] = 0
                return reply
        assert trouble is not None
        raise trouble.error(f"after {counted(tries, 'try', 'tries')}")

    def _hold(self, endpoint: str, trouble: _Trouble, turn: int, tries: int) -> None:
        """Keep an endpoint from being asked too soon after the trouble of a turn (from 0)."""
        self._count(endpoint, trouble.status)
        wait_s = trouble.retry_after_s
        if wait_s is None:
            first_s = self.manners.throttled_s if trouble.status in _THROTTLED else self.manners.failed_s
            wait_s = first_s * 2**turn * (1 + self.timing.chance() / 2)
        until = self._pace.held[endpoint] = self.timing.monotonic() + wait_s
        if trouble.status == 429:  # that limit is for all of arXiv's services together
            self._pace.not_before = max(self._pace.not_before, until)
        if turn + 1 < tries and until < self._deadline:
            _log.info(f"{trouble.what}: asking again in {wait_s:.0f} s, try {turn + 2} of {tries}")

    def _count(self, endpoint: str, status: int | None) -> None:
        """Count refusals in a row."""
        self._refusals[endpoint] = self._refusals.get(endpoint, 0) + 1 if status in _REFUSED else 0

    def _check_open(self, url: str, endpoint: str, trouble: _Trouble | None) -> None:
        """Raise when an endpoint has refused too often to be asked again."""
        if (times := self._refusals.get(endpoint, 0)) < self.manners.refusals:
            return
        if trouble is not None:
            raise trouble.error(f"after {counted(times, 'refusal')} in a row")
        raise SourceError(
            f"arXiv refused {counted(times, 'request')} in a row and is left alone; run again in an hour or "
            "later, and set `contact` in the configuration so that arXiv can reach you",
            url=url,
        )

    def _follow(self, url: str, trouble: _Trouble | None) -> FeedReply:
        """Return what comes of one attempt, following redirects at the usual pace."""
        for _ in range(self.manners.max_redirects + 1):
            self._wait(url, trouble)
            at = self.timing.now()
            answer = self._send(url)
            status, headers = answer.status, answer.headers
            if status not in _REDIRECTS or not (target := headers.get("Location")):
                made = http_date(headers.get("Date", "")) or at
                _check(url, status, answer.body, retry_after_s(headers, at))
                return FeedReply(url, answer.body, min(at, made))
            target = urljoin(url, target)
            if urlsplit(target).scheme not in ("https", urlsplit(url).scheme):
                raise SourceError("redirected to an address that is not https: check it", url=url, status=status)
            if not same_service(target, url):
                host = one_line(urlsplit(target).netloc)
                raise SourceError(f"redirected to another host, {host}: check the address", url=url, status=status)
            url = target
        limit = f"more than {self.manners.max_redirects} redirects: check the address"
        raise SourceError(limit, url=url, status=status)

    def _wait(self, url: str, trouble: _Trouble | None) -> None:
        """Wait until the next request may start; give up when that is beyond the budget."""
        now = self.timing.monotonic()
        wait_s = max(max(self._pace.not_before, self._pace.held.get(_endpoint(url), now)) - now, 0.0)
        if wait_s == 0 and self._pace.turn:
            wait_s = self._pace.turn.take(self.timing.now().timestamp(), self.manners.interval_s)
        if now + wait_s >= self._deadline:
            budget = f"the time budget of {self.manners.budget_s:.0f} s"
            if trouble is not None:
                raise trouble.error(f"because {budget} leaves no room to wait {wait_s:.0f} s more")
            why = f"{budget} is used up"
            if wait_s > self.manners.interval_s:
                why = f"arXiv asked for a pause of {wait_s:.0f} s, longer than {budget} leaves"
            raise SourceError(f"{why}; ask again later", url=url, retry_after_s=wait_s)
        if wait_s > 0:
            self.timing.sleep(wait_s)
            self._wait(url, trouble)

    def _send(self, url: str) -> Exchanged:
        """Send one request and return the complete answer; raise _Trouble when none came."""
        begun, manners = self.timing.monotonic(), self.manners
        left_s = max(self._deadline - begun, 0.001)
        bounds = Bounds(manners.connect_timeout_s, manners.read_timeout_s, left_s, manners.max_bytes)
        self._pace.not_before = begun + manners.interval_s
        self.requests += 1
        try:
            return self._http.ask(url, self._headers, bounds)
        except (
            requests.exceptions.MissingSchema,
            requests.exceptions.InvalidSchema,
            requests.exceptions.InvalidURL,
        ) as error:
            raise SourceError(f"not a web address ({type(error).__name__}): correct it", url=url) from error
        except TooLarge as error:
            too_large = f"the answer is larger than {manners.max_bytes / 2**20:.0f} MB: ask for less"
            raise SourceError(too_large, url=url, status=self._http.status) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _Trouble(_why(error, bounds), _ADVICE_UNREACHABLE, url, self._http.status) from error


def user_agent(url: str | None = None, contact: str | None = None) -> str:
    """Return `arxiv-list-bot/VERSION (+URL; contact)` from the home page and mail address that are known."""
    known = [*([f"+{url}"] if url else []), *([contact] if contact else [])]
    plain = re.sub(r"[^\x21-\x7e]+", " ", "; ".join(known)).replace("(", "").replace(")", "").strip()
    return f"arxiv-list-bot/{__version__}" + (f" ({plain})" if plain else "")


def is_endpoint(url: str) -> bool:
    """Whether a text is a web address without parameters."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not parts.query and not parts.fragment


def same_service(one: str, other: str) -> bool:
    """Whether two addresses are of one host, or both of arXiv."""
    hosts = [urlsplit(url).netloc.lower() for url in (one, other)]
    return len(set(hosts)) == 1 or all(f".{host}".endswith(".arxiv.org") for host in hosts)


def not_answered(error: SourceError, why: Reason = Reason.FAILED, total: int | None = None) -> Unknown:
    """Return why an error leaves a window unknown, without the long address."""
    return Unknown(why, total=total, status=error.status, text=error.message)


def _check(url: str, status: int, body: bytes, retry_after_s: float | None) -> None:
    """Raise what is wrong with an answer that is not a complete feed: _Trouble when it may pass."""
    if status == 200:
        if wrong := not_a_feed(body):
            raise _Trouble(f"HTTP 200 with {wrong}", "the answer proves nothing: ask again later", url, status)
        return
    said = f": {words}" if (words := said_by(body).rstrip(".")) else ""
    what, advice = f"HTTP {status}{said}", _ADVICE.get(status, "ask again later")
    if status in _THROTTLED or status == 408 or status >= 500:
        raise _Trouble(what, advice, url, status, retry_after_s)
    raise SourceError(f"{what}; {advice}", url=url, status=status, retry_after_s=retry_after_s)


def _why(error: Exception, bounds: Bounds) -> str:
    """Return in plain words why no answer came."""
    words = {
        TooSlow: "the answer came too slowly",
        requests.exceptions.ConnectTimeout: f"no connection within {min(bounds.connect_s, bounds.whole_s):.0f} s",
        requests.exceptions.Timeout: f"no answer within {min(bounds.read_s, bounds.whole_s):.0f} s",
        urllib3.exceptions.TimeoutError: f"no answer within {min(bounds.read_s, bounds.whole_s):.0f} s",
        requests.exceptions.SSLError: "no trusted TLS connection",
        requests.exceptions.ProxyError: "no connection through the proxy",
        requests.ConnectionError: "no connection",
    }
    broken = f"the answer broke off ({type(error).__name__})"
    return next((said for kind, said in words.items() if isinstance(error, kind)), broken)


def _endpoint(url: str) -> str:
    """Return an address without its parameters: what one service answers at."""
    return url.partition("?")[0]
