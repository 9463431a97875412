"""One request and its whole answer, of bounded size and before one deadline, however slowly it trickles.

The timeouts of `requests` hold for each single read, so bytes that drip never end. Here a timer shuts the connection
down instead, whatever is being read from it: a TLS handshake, headers, `100 Continue` without end, or a body.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an exchange may take: seconds for a connection, for each read, and for all of it; bytes of the body."""

    connect_s: float
    read_s: float
    whole_s: float
    body_bytes: int


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A complete answer, its body decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TooSlow(requests.Timeout):
    """The deadline came before the end of the answer."""


class TooLarge(requests.RequestException):
    """The body, or what is compressed in it, is larger than allowed."""


class Exchanger(requests.Session):
    """Sends requests one after the other, with proxies from the environment, and follows no redirects.

    `status` is that of the last answer, None when its head did not come.
    """

    def __init__(self) -> None:
        super().__init__()
        self.status: int | None = None
        self._wire = _Wire()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self._wire))

    def ask(self, url: str, headers: Mapping[str, str], bounds: Bounds) -> Exchanged:
        """Return the answer; raise an error of `requests` or `urllib3` when none came."""
        self.status = None
        timeouts = (min(bounds.connect_s, bounds.whole_s), min(bounds.read_s, bounds.whole_s))
        with (
            self._wire.until(bounds.whole_s),
            self.get(url, headers=headers, timeout=timeouts, stream=True, allow_redirects=False) as response,
        ):
            self.status = response.status_code
            read = getattr(response.raw, "read1", response.raw.read)
            body = bytearray()
            while chunk := read(_CHUNK_BYTES, decode_content=True):
                body += chunk
                if len(body) > bounds.body_bytes:
                    raise TooLarge
            return Exchanged(self.status, response.headers, bytes(body))

    def close(self) -> None:
        """Close the connections."""
        super().close()
        self._wire.close()


class _Wire:
    """The last connection as a second handle on its socket, which lives on under TLS and after the first is closed."""

    def __init__(self) -> None:
        self._handles: list[socket.socket] = []
        self._late = False

    def hold(self, connection: socket.socket) -> None:
        """Watch a new connection, and the one before it, which may still be open."""
        self._handles.append(connection.dup())
        while len(self._handles) > 2:
            self._handles.pop(0).close()
        if self._late:
            self._cut()

    @contextmanager
    def until(self, seconds: float) -> Iterator[None]:
        """Cut the connection after some seconds; raise `TooSlow` then."""
        self._late = False
        timer = Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            if self._late:
                raise TooSlow from error
            raise
        finally:
            timer.cancel()
        if self._late:  # an end that was cut may look like one that was meant
            raise TooSlow

    def close(self) -> None:
        """Watch nothing any more."""
        while self._handles:
            self._handles.pop().close()

    def _cut(self) -> None:
        self._late = True
        for handle in self._handles:
            with suppress(OSError):  # it is closed already
                handle.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Makes connections that a wire watches, direct ones and through a proxy."""

    def __init__(self, wire: _Wire) -> None:
        super().__init__()
        self._wire = wire

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        """Return the pool for a request, whose new connections are watched."""
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        if not hasattr(pool.ConnectionCls, "wire"):
            pool.ConnectionCls = _watched(pool.ConnectionCls, self._wire)
        return pool


def _watched(kind: Any, wire: _Wire) -> Any:
    """Return a class of connections whose sockets a wire holds."""

    def _new_conn(self: Any) -> socket.socket:
        made: socket.socket = kind._new_conn(self)
        wire.hold(made)
        return made

    return type(kind.__name__, (kind,), {"_new_conn": _new_conn, "wire": wire})
