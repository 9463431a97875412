"""The client keeps arXiv's manners and believes only whole feeds."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import __version__
from bot.cli import context
from bot.errors import SourceError
from bot.sources.http import Manners, Pace, PoliteSession, Timing, same_service, user_agent
from bot.sources.reply import MOST_ELEMENTS, not_a_feed, parse_xml, said_by
from bot.sources.turn import Turn
from tests.unit.sources import Asked, Canned, Clock, script, serving

FEED = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title></feed>'
GOOD = Canned(FEED)


def session(clock: Clock, **manners: float) -> PoliteSession:
    """Return a client on a clock that only moves when it sleeps, without chance."""
    timing = Timing(clock.monotonic, clock.sleep, lambda: datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC), lambda: 0.0)
    return PoliteSession(manners=Manners(**manners), timing=timing)  # type: ignore[arg-type]


def test_three_seconds_between_starts() -> None:
    """Requests start at least three seconds apart, and the first does not wait."""
    clock = Clock()
    with serving(script(GOOD)) as server, session(clock) as polite:
        for _ in range(3):
            polite.get(server.url)
            clock.time += 1
    assert clock.slept == [2.0, 2.0]
    assert polite.requests == len(server.asked) == 3


def test_one_request_at_a_time() -> None:
    """Two threads that share the client are paced like one."""
    clock = Clock()
    with serving(script(GOOD)) as server, session(clock) as polite:
        threads = [threading.Thread(target=polite.get, args=(server.url,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert clock.slept == [3.0, 3.0, 3.0]


def test_processes_share_one_pace(tmp_path: Path) -> None:
    """A second process waits for what is left of three seconds; a clock put back or a broken file holds up nobody."""
    clock, file = Clock(), tmp_path / "cache" / "turn"

    def process() -> PoliteSession:
        """Return a client as another process has it."""
        timing = Timing(clock.monotonic, clock.sleep, lambda: datetime.fromtimestamp(clock.time, UTC), lambda: 0.0)
        return PoliteSession(timing=timing, pace=Pace(Turn(file)))

    with serving(script(GOOD)) as server:
        for lag in (0.5, 4.0, 0.0):
            with process() as polite:
                polite.get(server.url)
            clock.time += lag
        assert clock.slept == [2.5]
        for content in ("99999999999", "nonsense", ""):
            file.write_text(content)
            with process() as polite:
                polite.get(server.url)
            assert clock.slept == [2.5]


def test_commands_share_one_pace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The pace of commands that follow each other lies beside the answers of the day."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    waits = []
    for _ in range(2):
        context._pace.cache_clear()
        turn = context._pace().turn
        waits.append(turn.take(100.0, 3.0) if turn else None)
    context._pace.cache_clear()
    assert waits == [0.0, 3.0]
    assert [file.parent.name for file in tmp_path.rglob("turn")] == ["arxiv-list-bot"]


def test_an_honest_name() -> None:
    """The client says who it is and what it accepts."""
    with serving(script(GOOD)) as server, PoliteSession(user_agent("https://x.org/bot", "me@x.org")) as polite:
        polite.get(server.url)
    assert server.asked[0].headers["User-Agent"] == f"arxiv-list-bot/{__version__} (+https://x.org/bot; me@x.org)"
    assert server.asked[0].headers["Accept"] == "application/atom+xml, application/rss+xml, application/xml"


def test_a_name_is_one_line_of_ascii() -> None:
    """Nothing configured can add a header or a bracket."""
    assert user_agent("a\r\nX: y", "(é)") == f"arxiv-list-bot/{__version__} (+a X: y;)"
    assert user_agent() == f"arxiv-list-bot/{__version__}"


@pytest.mark.parametrize("status", [429, 503])
def test_throttling_backs_off(status: int) -> None:
    """Without Retry-After the waits begin at 30 s and double; the answer then is used."""
    clock = Clock()
    busy = Canned(b"Rate exceeded.", status)
    with serving(script(busy, busy, busy, GOOD)) as server, session(clock) as polite:
        assert polite.get(server.url).content == FEED
    assert clock.slept == [30.0, 60.0, 120.0]


def test_chance_lengthens_the_wait() -> None:
    """Jitter only ever adds, up to half."""
    clock = Clock()
    with (
        serving(script(Canned(status=503), GOOD)) as server,
        PoliteSession(timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep, chance=lambda: 0.999)) as polite,
    ):
        polite.get(server.url)
    assert clock.slept == [pytest.approx(45, abs=0.1)]


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 3.0),
        ({"Retry-After": "soon"}, 30.0),
        ({"Retry-After": "-5"}, 30.0),
        ({"Retry-After": "Sun, 22 Nov 2026 12:01:40 GMT", "Date": "Sun, 22 Nov 2026 12:01:00 GMT"}, 40.0),
        ({"Retry-After": "Sun, 22 Nov 2026 12:00:50 GMT"}, 50.0),
        ({"Retry-After": "Sun, 22 Nov 2026 11:00:00 GMT", "Date": "Sun, 22 Nov 2026 12:01:00 GMT"}, 3.0),
    ],
)
def test_retry_after_is_obeyed(headers: dict[str, str], wait_s: float) -> None:
    """Seconds and dates are obeyed, by the server's clock; nonsense is as if absent; the pace always holds."""
    clock = Clock()
    with serving(script(Canned(b"", 429, headers), GOOD)) as server, session(clock) as polite:
        polite.get(server.url)
    assert clock.slept == [wait_s]


def test_server_faults_are_repeated_sooner() -> None:
    """Other 5xx and lost connections are repeated after 5, 10, 20 s."""
    clock = Clock()
    answers = script(Canned(status=500), Canned(hang=True), Canned(status=504), GOOD)
    with serving(answers) as server, session(clock) as polite:
        polite.get(server.url)
    assert clock.slept == [5.0, 10.0, 20.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 410, 414])
def test_refusals_are_not_repeated(status: int) -> None:
    """What the server refuses is asked once, and the error carries its status."""
    clock = Clock()
    with (
        serving(script(Canned(b"<html><title>Access\nDenied</title>", status), GOOD)) as server,
        session(clock) as polite,
        pytest.raises(SourceError, match=f"HTTP {status}: Access Denied; ") as caught,
    ):
        polite.get(server.url)
    assert caught.value.status == status
    assert len(server.asked) == 1


BROKEN = [
    (b"", "an empty answer"),
    (b" \n", "an empty answer"),
    (b"<!DOCTYPE html><html><body>Down</body></html>", "an HTML page"),
    (b"\n<HTML><p>Down", "an HTML page"),
    (b"<html xmlns='http://www.w3.org/1999/xhtml'></html>", "an HTML page"),
    (FEED[:-3], "truncated or broken"),
    (FEED + b"x", "truncated or broken"),
    (b"Rate exceeded.", "truncated or broken"),
    (b"<feed>\xff</feed>", "truncated or broken"),
    (b"<feed>\x01</feed>", "truncated or broken"),
    (b'<?xml version="1.0" encoding="nonsense"?><feed/>', "truncated or broken"),
    (b"<!DOCTYPE feed [<!ENTITY a 'b'>]><feed>&a;</feed>", "document type"),
    (b"<error/>", "no feed but <error>"),
]


@pytest.mark.parametrize(("body", "message"), BROKEN)
def test_only_whole_feeds_are_believed(body: bytes, message: str) -> None:
    """HTTP 200 with anything but a whole feed is asked again and then is an error that says what came."""
    clock = Clock()
    with (
        serving(script(Canned(body))) as server,
        session(clock, tries=2) as polite,
        pytest.raises(SourceError, match=message) as caught,
    ):
        polite.get(server.url)
    assert caught.value.status == 200
    assert "; gave up after 2 tries; " in str(caught.value)
    assert len(server.asked) == polite.requests == 2


def test_a_short_body_is_a_lost_connection() -> None:
    """Fewer bytes than declared are never a whole answer, even if they are well-formed."""
    clock = Clock()
    answers = script(Canned(FEED, declared=len(FEED) + 10, headers={"Connection": "close"}))
    with (
        serving(answers) as server,
        session(clock, tries=1) as polite,
        pytest.raises(SourceError, match="the answer broke off"),
    ):
        polite.get(server.url)


def test_a_compressed_feed_is_read() -> None:
    """Compression is undone."""
    answers = script(Canned(gzip.compress(FEED), headers={"Content-Encoding": "gzip"}))
    with serving(answers) as server, session(Clock()) as polite:
        assert polite.get(server.url).content == FEED


def test_retry_after_beyond_the_budget_gives_up() -> None:
    """A wait longer than the budget is not waited: the error says so, and later requests are not sent."""
    clock = Clock()
    busy = Canned(b"Rate exceeded.", 429, {"Retry-After": "86400"})
    with serving(script(busy, GOOD)) as server, session(clock) as polite:
        with pytest.raises(SourceError, match="time budget of 900 s leaves no room to wait 86400 s") as caught:
            polite.get(server.url)
        with pytest.raises(
            SourceError, match=r"^arXiv asked for a pause of 86400 s, longer than the time budget of 900 s"
        ):
            polite.get(server.url)
    assert (caught.value.status, caught.value.retry_after_s) == (429, 86400.0)
    assert "HTTP 429: Rate exceeded; gave up because the time budget" in str(caught.value)
    assert len(server.asked) == 1
    assert clock.slept == []


def test_the_budget_ends_the_repeats(caplog: pytest.LogCaptureFixture) -> None:
    """Backing off stops before the budget is exceeded, and no try is announced that it leaves no room for."""
    clock = Clock()
    with (
        serving(script(Canned(status=503))) as server,
        session(clock, budget_s=100.0) as polite,
        caplog.at_level("INFO"),
        pytest.raises(SourceError, match="leaves no room to wait 120 s more"),
    ):
        polite.get(server.url)
    assert clock.slept == [30.0, 60.0]
    assert "try 3 of 5" in caplog.text
    assert "try 4 of 5" not in caplog.text


def test_tries_end_the_repeats() -> None:
    """After the last try the error tells how many there were, and the wait still binds the next request."""
    clock = Clock()
    with serving(script(Canned(status=500), Canned(status=500), GOOD)) as server, session(clock, tries=2) as polite:
        with pytest.raises(SourceError, match=r"HTTP 500; gave up after 2 tries; ask again later"):
            polite.get(server.url)
        polite.get(server.url)
    assert clock.slept == [5.0, 10.0]


def test_a_large_answer_is_cut() -> None:
    """An answer beyond the limit is an error, also when it is compressed."""
    bomb = gzip.compress(b"<feed>" + b" " * 5_000_000)
    answers = script(Canned(bomb, headers={"Content-Encoding": "gzip"}))
    with (
        serving(answers) as server,
        session(Clock(), max_bytes=1_000_000) as polite,
        pytest.raises(SourceError, match="larger than 1 MB"),
    ):
        polite.get(server.url)


def test_redirects_are_paced_counted_and_limited() -> None:
    """Each hop is a request of its own; a loop ends."""
    clock = Clock()

    def answer(asked: Asked) -> Canned:
        return GOOD if asked.path == "/b" else Canned(status=301, headers={"Location": "/b"})

    with serving(answer) as server, session(clock) as polite:
        assert polite.get(f"{server.url}/a").url == f"{server.url}/b"
    assert clock.slept == [3.0]
    assert polite.requests == 2
    with (
        serving(script(Canned(status=302, headers={"Location": "/again"}))) as server,
        session(clock) as polite,
        pytest.raises(SourceError, match="more than 3 redirects"),
    ):
        polite.get(server.url)
    assert len(server.asked) == 4


def test_no_way_to_other_schemes() -> None:
    """A redirect to a file or any scheme but https is refused."""
    with (
        serving(script(Canned(status=302, headers={"Location": "file:///etc/hostname"}))) as server,
        session(Clock()) as polite,
        pytest.raises(SourceError, match="not https"),
    ):
        polite.get(server.url)


def test_no_way_to_another_host() -> None:
    """A redirect to another host is refused with one line and not followed; within arXiv it is."""
    with (
        serving(script(GOOD)) as other,
        serving(script(Canned(status=302, headers={"Location": other.url}))) as server,
        session(Clock()) as polite,
        pytest.raises(SourceError, match="redirected to another host, 127"),
    ):
        polite.get(server.url)
    assert other.asked == []
    assert same_service("https://arxiv.org/x", "http://export.arxiv.org/api")
    assert not same_service("https://arxiv.org.evil.example/x", "https://export.arxiv.org/api")
    assert not same_service("https://evilarxiv.org/x", "https://export.arxiv.org/api")


def test_nobody_there() -> None:
    """A closed port is an error without status that says what to check."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with (
        session(Clock(), tries=1) as polite,
        pytest.raises(SourceError, match=r"no connection; gave up after 1 try; check the network") as caught,
    ):
        polite.get(url)
    assert caught.value.status is None


@pytest.mark.parametrize("url", ["", "no address", "ftp://arxiv.org/x", "http://"])
def test_no_address(url: str) -> None:
    """What is no web address is refused at once."""
    clock = Clock()
    with session(clock) as polite, pytest.raises(SourceError, match="not a web address"):
        polite.get(url)
    assert clock.slept == []


def test_silence_times_out() -> None:
    """A server that accepts and says nothing does not hold the run."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        session(Clock(), tries=1, read_timeout_s=0.1) as polite,
        pytest.raises(SourceError, match="no answer within 0 s"),
    ):
        polite.get(f"http://127.0.0.1:{silent.getsockname()[1]}")


OK = b"HTTP/1.1 200 OK\r\n"
GZIP_HEAD = b"\x1f\x8b\x08\x10" + b"\0" * 6  # a comment follows, which ends with a zero byte
DRIPS = {
    "status": (b"", b"H"),
    "headers": (OK, b"A: b\r\n"),
    "one header": (OK + b"A: ", b"b"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (OK + b"Content-Length: 100000\r\n\r\n", b" "),
    "body until the end": (OK + b"Connection: close\r\n\r\n" + FEED, b" "),
    "chunk extension": (OK + b"Transfer-Encoding: chunked\r\n\r\n1", b";"),
    "trailers": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"),
    "gzip header": (OK + b"Content-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n" + GZIP_HEAD, b"x"),
    "TLS handshake": (b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\0"),
}


@pytest.mark.parametrize("kind", DRIPS)
def test_the_budget_ends_every_drip(kind: str) -> None:
    """Whatever trickles, each byte in time, ends with the budget, also one that never reaches the body."""
    done = threading.Event()
    begin, drop = DRIPS[kind]

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(begin)
            while not done.wait(0.02):
                try:
                    connection.sendall(drop)
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        begun = time.monotonic()
        scheme = "https" if kind.startswith("TLS") else "http"
        with (
            PoliteSession(manners=Manners(budget_s=0.3, tries=1)) as polite,
            pytest.raises(SourceError, match="too slowly"),
        ):
            polite.get(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
        took_s = time.monotonic() - begun
        done.set()
        thread.join()
    assert took_s < 1.5


def test_reading_needs_no_memory_for_elements() -> None:
    """What a feed is, and what an error says, is found without a tree; more elements than any page has are refused."""
    body = b"<feed>" + b"<a/>" * 200_000 + b"</feed>"
    tracemalloc.start()
    try:
        assert not_a_feed(body) is None
        assert said_by(body) == ""
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert "elements" in (not_a_feed(b"<feed>" + b"<a/>" * MOST_ELEMENTS + b"</feed>") or "")


def test_words_of_an_error_are_one_clean_line() -> None:
    """What a server says is quoted short, without control signs or markup."""
    with (
        serving(script(Canned(b"a\x1b[31m\n" + b"b" * 500, 403))) as server,
        session(Clock()) as polite,
        pytest.raises(SourceError) as caught,
    ):
        polite.get(server.url)
    assert re.fullmatch(r"[ -~]{1,400}", str(caught.value))


def test_xml_without_doctype_only() -> None:
    """Document types are refused before anything in them is read; plain XML is not."""
    bomb = b"<!DOCTYPE a [<!ENTITY x '" + b"y" * 100 + b"'>]><a>" + b"&x;" * 100 + b"</a>"
    with pytest.raises(ValueError, match="document type"):
        parse_xml(bomb)
    assert parse_xml(b"<a/>") == ("a", "")


def test_an_endpoint_that_keeps_refusing_is_left_alone() -> None:
    """After five refusals in a row an endpoint is not asked again; another one still is, and success starts anew."""
    clock = Clock()

    def answer(asked: Asked) -> Canned:
        return GOOD if asked.path == "/rss" else Canned(status=403)

    with serving(answer) as server, session(clock) as polite:
        for _ in range(5):
            with pytest.raises(SourceError, match="HTTP 403"):
                polite.get(f"{server.url}/api?x=1")
        with pytest.raises(
            SourceError, match=r"^arXiv refused 5 requests in a row and is left alone; run again in an hour"
        ):
            polite.get(f"{server.url}/api?x=2")
        assert polite.get(f"{server.url}/rss").content == FEED
    assert len(server.asked) == 6


def test_repeats_end_when_refusals_do() -> None:
    """Repeats count as refusals: the tries of one request end with them too."""
    clock = Clock()
    with serving(script(Canned(status=429))) as server, session(clock, refusals=3) as polite:
        with pytest.raises(SourceError, match="gave up after 3 refusals in a row"):
            polite.get(server.url)
        with pytest.raises(SourceError, match="is left alone"):
            polite.get(server.url)
    assert len(server.asked) == 3


def test_a_busy_service_holds_up_no_other() -> None:
    """After the last try the wait binds the same endpoint; only a 429 is for all of arXiv."""
    for status, slept in ((503, [3.0]), (429, [30.0])):
        clock = Clock()
        answers = script(Canned(status=status), GOOD)
        with serving(answers) as server, session(clock) as polite:
            with pytest.raises(SourceError):
                polite.get(f"{server.url}/rss", tries=1)
            polite.get(f"{server.url}/api")
        assert clock.slept == slept


def test_waiting_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever watches is told why a request is repeated, and when."""
    clock = Clock()
    with serving(script(Canned(status=503), GOOD)) as server, session(clock) as polite, caplog.at_level("INFO"):
        polite.get(server.url)
    assert "HTTP 503: asking again in 30 s, try 2 of 5" in caplog.text
