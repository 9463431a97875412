"""The local arXiv's daily feed, and the faults that feed and API share or that disturb pages and time."""

from __future__ import annotations

import socket
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests

from bot.model import Paper
from tests.servers.arxiv import (
    ArxivServer,
    CutFeed,
    Doubled,
    EmptyBody,
    FalseZero,
    HtmlPage,
    HttpError,
    OldIndex,
    Repeated,
    Reset,
    Shuffled,
    Silent,
    SlowBytes,
    Truncated,
)
from tests.servers.rss import MOST_ITEMS, Announcement, Bulletin

TUESDAY = datetime(2026, 11, 24, 6, 37, tzinfo=UTC)
TODAY = TUESDAY.date()
_ARXIV = "{http://arxiv.org/schemas/atom}"
_ATOM = "{http://www.w3.org/2005/Atom}"


def paper(number: int, *categories: str) -> Paper:
    """Return a paper; papers of later numbers are later by a minute."""
    when = datetime(2026, 11, 23, 12, tzinfo=UTC) + timedelta(minutes=number)
    return Paper(
        f"2611.{number:05}", f"Paper < {number}", ("A. B", "C. D"), "On it.", categories, categories[0], when, when
    )


PAPERS = (
    paper(1, "cs.DC"),
    paper(2, "cs.LG", "cs.DC"),
    paper(3, "cs.DC"),
    paper(4, "cs.CL", "cs.DC"),
    paper(5, "q-bio.NC"),
)
BULLETIN = [
    Announcement(PAPERS[0], TODAY),
    Announcement(PAPERS[1], TODAY),
    Announcement(PAPERS[2], TODAY, version=2),
    Announcement(PAPERS[3], TODAY, version=3),
    Announcement(PAPERS[4], TODAY - timedelta(days=1)),
]


class Time:
    """The server's clock."""

    def __init__(self) -> None:
        self.now = TUESDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def server(clock: Time) -> Iterator[ArxivServer]:
    def indexed(paper: Paper) -> datetime:
        assert paper.published
        return paper.published + timedelta(days=40 if paper.id == "2611.00005" else 0)

    with ArxivServer(PAPERS, clock=clock, visible=indexed, bulletin=Bulletin(BULLETIN)) as running:
        yield running


def shown(server: ArxivServer, categories: str) -> dict[str, str]:
    """Return the announce types of a feed's items by id."""
    answer = requests.get(f"{server.rss_url}/{categories}", timeout=10)
    assert answer.status_code == 200
    items = ET.fromstring(answer.content).findall("channel/item")
    return {(i.findtext("link") or "").rpartition("/")[2]: i.findtext(f"{_ARXIV}announce_type") or "" for i in items}


def ask(server: ArxivServer, **params: str | int) -> list[str]:
    """Return the ids that a search of the API finds, those of cs.DC by default, oldest first."""
    asked: dict[str, str | int] = {
        "search_query": "cat:cs.DC",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
        **params,
    }
    answer = requests.get(server.api_url, params=asked, timeout=10)
    assert answer.status_code == 200
    ids = [entry.findtext(f"{_ATOM}id") or "" for entry in ET.fromstring(answer.content).findall(f"{_ATOM}entry")]
    return [one.rpartition("/")[2].partition("v")[0] for one in ids]


A, B, C, D, E = (one.id for one in PAPERS)


# --- the feed -----------------------------------------------------------------------------------------------


def test_announce_types_are_relative_to_the_categories(server: ArxivServer) -> None:
    """A paper is new, or a replacement, where a category asked for is its primary one; else it is a cross-list."""
    assert shown(server, "cs.DC") == {D: "replace-cross", C: "replace", B: "cross", A: "new"}
    assert shown(server, "cs.DC+cs.LG") == {D: "replace-cross", C: "replace", A: "new", B: "new"}
    assert shown(server, "cs.lg%2Bcs.cl") == {D: "replace", B: "new"}


def test_an_archive_stands_for_its_classes(server: ArxivServer) -> None:
    """`cs` is all of `cs.*`, and not what only begins alike."""
    assert shown(server, "cs") == {C: "replace", D: "replace", A: "new", B: "new"}
    assert shown(server, "c") == {}


def test_an_item_says_what_the_specification_says(server: ArxivServer) -> None:
    """Link and guid, the abstract behind its preamble, the day at midnight Eastern, authors as one text."""
    text = requests.get(f"{server.rss_url}/cs.LG", timeout=10).text
    assert "<link>https://arxiv.org/abs/2611.00002</link>" in text
    assert '<guid isPermaLink="false">oai:arXiv.org:2611.00002v1</guid>' in text
    assert "<description>arXiv:2611.00002v1 Announce Type: new \nAbstract: On it.</description>" in text
    assert "<pubDate>Tue, 24 Nov 2026 00:00:00 -0500</pubDate>" in text
    assert "<dc:creator>A. B, C. D</dc:creator>" in text
    assert text.index("<category>cs.LG<") < text.index("<category>cs.DC<")


def test_a_day_without_announcement_has_an_empty_feed(server: ArxivServer, clock: Time) -> None:
    """On weekends and holidays the feed is well-formed and has no items; it turns at midnight Eastern."""
    clock.now = datetime(2026, 11, 29, 6, 37, tzinfo=UTC)
    assert shown(server, "cs.DC") == {}
    clock.now = datetime(2026, 11, 24, 4, 59, tzinfo=UTC)
    assert shown(server, "q-bio.NC") == {E: "new"}
    clock.now = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    assert shown(server, "q-bio.NC") == {}


def test_a_category_goes_stale_alone(server: ArxivServer) -> None:
    """A stale category shows the day it stopped at, while the others are of today."""
    server.bulletin.stale["q-bio.NC"] = TODAY - timedelta(days=1)
    assert shown(server, "q-bio.NC") == {E: "new"}
    assert shown(server, "q-bio.NC+cs.LG") == {E: "new", B: "new"}


def test_a_category_that_is_none_is_an_error_feed(server: ArxivServer) -> None:
    """HTTP 400 and a feed whose title says so."""
    answer = requests.get(f"{server.rss_url}/cs.DC+1", timeout=10)
    assert answer.status_code == 400
    assert "<title>Feed error for query: cs.DC+1</title>" in answer.text


def test_a_full_feed_lacks_new_papers() -> None:
    """Two thousand items at most, replacements before new papers."""
    many = [Announcement(paper(number, "cs.LG"), TODAY, version=2) for number in range(1, MOST_ITEMS + 1)]
    with ArxivServer(
        (), clock=Time(), bulletin=Bulletin([*many, Announcement(paper(2_500, "cs.LG"), TODAY)])
    ) as server:
        assert set(shown(server, "cs.LG").values()) == {"replace"}


def test_faults_of_the_feed_are_its_own(server: ArxivServer) -> None:
    """The feed can be dead, empty, cut, reset or a page for people while the API is well."""
    server.feed_faults.extend([HttpError(503), FalseZero(), CutFeed(), HtmlPage(), EmptyBody(), Reset(), Truncated()])
    url = f"{server.rss_url}/cs.DC"
    assert requests.get(url, timeout=10).status_code == 503
    assert ask(server) == [A, B, C, D]
    assert shown(server, "cs.DC") == {}
    with pytest.raises(ET.ParseError):
        shown(server, "cs.DC")
    assert "<html>" in requests.get(url, timeout=10).text
    assert requests.get(url, timeout=10).content == b""
    for _ in range(2):
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            requests.get(url, timeout=10)
    assert len(shown(server, "cs.DC")) == 4


def test_faults_can_be_drawn() -> None:
    """Without a queue, what spoils a request is asked by its path."""
    with ArxivServer((), spoil=lambda path: HttpError(503 if "rss" in path else 406)) as server:
        assert requests.get(f"{server.rss_url}/cs.DC", timeout=10).status_code == 503
        assert requests.get(server.api_url, params={"id_list": A}, timeout=10).status_code == 406


# --- pages and time -----------------------------------------------------------------------------------------


def test_a_page_can_repeat_the_first(server: ArxivServer) -> None:
    """The second page holds the first one's papers, and says that it is the second."""
    server.faults.append(Repeated())
    assert ask(server, start=2, max_results=2) == [A, B]
    assert ask(server, start=2, max_results=2) == [C, D]
    server.faults.append(Repeated())
    again = requests.get(f"{server.api_url}?search_query=cat:cs.DC&start=2", timeout=10).text
    assert "<opensearch:startIndex>2</opensearch:startIndex>" in again


def test_a_page_can_hold_a_paper_twice(server: ArxivServer) -> None:
    """As many entries as there should be, but not the right ones."""
    server.faults.append(Doubled(2))
    assert ask(server) == [A, B, A, B]


def test_a_page_can_be_shuffled(server: ArxivServer) -> None:
    """All the papers, in another order."""
    server.faults.append(Shuffled(seed=1))
    got = ask(server)
    assert got != [A, B, C, D]
    assert sorted(got) == [A, B, C, D]


def test_the_index_can_go_back(server: ArxivServer) -> None:
    """A paper that was found is gone again in the answer of a day ago."""
    server.faults.extend([OldIndex(timedelta(hours=18, minutes=35))])
    assert ask(server) == [A, B]
    assert ask(server) == [A, B, C, D]


def test_a_paper_can_be_late_in_the_index(server: ArxivServer, clock: Time) -> None:
    """Each paper has a lag of its own: one is announced long before it is found."""
    assert ask(server, search_query="cat:q-bio.NC") == []
    clock.now += timedelta(days=40)
    assert ask(server, search_query="cat:q-bio.NC") == [E]


def test_one_bad_id_fails_the_batch(server: ArxivServer) -> None:
    """The ids beside it are not answered either."""
    answer = requests.get(server.api_url, params={"id_list": f"{A},nonsense,{B}"}, timeout=10)
    assert answer.status_code == 400
    assert "incorrect id format for nonsense" in answer.text
    assert A not in answer.text


# --- refusals and slowness ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 406, 429, 500, 503])
def test_refusals(server: ArxivServer, status: int) -> None:
    """Any status, with Retry-After as seconds, as a date, or without."""
    date_ = format_datetime(TUESDAY, usegmt=True)
    server.faults.extend([HttpError(status), HttpError(status, retry_after="7"), HttpError(status, retry_after=date_)])
    answers = [requests.get(server.api_url, params={"id_list": A}, timeout=10) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status] * 3
    assert [answer.headers.get("Retry-After") for answer in answers] == [None, "7", date_]
    assert parsedate_to_datetime(answers[2].headers["Retry-After"]) == TUESDAY


def test_silence(server: ArxivServer) -> None:
    """No byte comes for as long as anybody waits, and the server can still close."""
    server.faults.append(Silent())
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(server.api_url, params={"id_list": A}, timeout=0.2)


def test_slow_bytes(server: ArxivServer) -> None:
    """Bytes come steadily, so that no read waits long, but the whole takes its time."""
    server.faults.append(SlowBytes(2_000))
    began = time.monotonic()
    answer = requests.get(server.api_url, params={"id_list": A}, timeout=0.5)
    assert len(answer.content) / 2_000 * 0.8 < time.monotonic() - began
    assert A in answer.text


def test_closing_ends_slow_bytes() -> None:
    """A server that closes does not wait for a body that would take hours."""
    with ArxivServer(PAPERS) as server:
        server.faults.append(SlowBytes(10))
        place = urlsplit(server.api_url)
        client = socket.create_connection((place.hostname or "", place.port or 0))
        client.sendall(f"GET {place.path}?id_list={A} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        assert client.recv(20).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
    client.close()
    assert time.monotonic() - began < 2


def test_days_of_feeds_are_eastern() -> None:
    """The day of a feed in summer is built at midnight of that time of the year."""
    july = Announcement(PAPERS[0], date(2026, 7, 7))
    clock = Time()
    with ArxivServer((), clock=clock, bulletin=Bulletin([july])) as server:
        clock.now = datetime(2026, 7, 7, 3, 59, tzinfo=UTC)
        assert shown(server, "cs.DC") == {}
        clock.now = datetime(2026, 7, 7, 4, 0, tzinfo=UTC)
        assert shown(server, "cs.DC") == {A: "new"}
