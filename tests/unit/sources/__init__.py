"""Tests of the sources, and the small server and clock they share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Canned:
    """One scripted answer. `declared` overrides Content-Length; `hang` drops the connection without an answer."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    declared: int | None = None
    hang: bool = False


@dataclass
class Asked:
    """One request as the server saw it."""

    path: str
    params: dict[str, str]
    headers: Mapping[str, str]


@dataclass
class Server:
    """A local server whose `answer` says what each request gets; `asked` records them."""

    url: str
    asked: list[Asked]


class Clock:
    """A monotonic clock in seconds that only moves when somebody sleeps; `slept` records the waits."""

    def __init__(self) -> None:
        self.time, self.slept = 1000.0, list[float]()

    def monotonic(self) -> float:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move the time."""
        assert seconds > 0
        self.slept.append(seconds)
        self.time += seconds


@contextmanager
def serving(answer: Callable[[Asked], Canned]) -> Iterator[Server]:
    """Serve scripted answers on loopback."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
            asked.append(Asked(parts.path, params, dict(self.headers)))
            canned = answer(asked[-1])
            if canned.hang:
                self.close_connection = True
                return
            self.send_response_only(canned.status)
            for name, value in canned.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(canned.body) if canned.declared is None else canned.declared))
            self.end_headers()
            self.wfile.write(canned.body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def script(*answers: Canned) -> Callable[[Asked], Canned]:
    """Give the answers in their order, the last one for ever."""
    left = list(answers)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]
