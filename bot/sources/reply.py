"""What an answer of arXiv is: a feed, well-formed to its last byte, or something else that proves nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import struct_time
from xml.etree import ElementTree

import feedparser

from bot.errors import SourceError

_ENTRY, _SUMMARY = ("{http://www.w3.org/2005/Atom}" + name for name in ("entry", "summary"))
_FEED_ROOTS = frozenset({"feed", "rss", "RDF"})
"""Local names of the root element of Atom, RSS 2.0 and RSS 1.0."""
MOST_ELEMENTS = 1_000_000
"""A page of a thousand papers has some 20,000 elements, and twice as many as authors where thousands sign a paper."""


@dataclass(frozen=True, slots=True)
class FeedReply:
    """A complete feed, from `url` after redirects.

    `at` is when it was asked for, or when the server says it was made, if that is earlier: it knows nothing later. It
    is `doubtful` after an answer to the same request that was cut or no feed: whoever counts asks again.
    """

    url: str
    content: bytes
    at: datetime
    doubtful: bool = False


def read_feed(reply: FeedReply) -> feedparser.FeedParserDict:
    """Return what feedparser finds in a feed; raise `SourceError` where it fails, as it does on some sound XML."""
    try:
        return feedparser.parse(reply.content, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:
        what = f"HTTP 200 with a feed that cannot be read ({type(error).__name__}); ask again later"
        raise SourceError(what, url=reply.url, status=200) from error


def parse_xml(body: bytes) -> tuple[str, str]:
    """Return the name of the root of XML and the summary of its first entry, read strictly to the end.

    ValueError says why not. A DTD is refused: feeds have none, attacks do. No tree is kept, which takes much memory.
    """
    parser = ElementTree.XMLParser(target=(outline := _Outline()))
    try:
        parser.feed(body)
        parser.close()
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    except (LookupError, UnicodeError) as error:
        raise ValueError(f"its text cannot be decoded: {error}") from None
    return outline.root, "".join(outline.summary)


def one_line(text: str) -> str:
    """Return what a server said as one short line of printable characters."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain if len(plain) <= 160 else f"{plain[:157]}..."


class _Outline:
    """Takes the root and the first entry's summary from a document of bounded size without a document type."""

    def __init__(self) -> None:
        self.root, self.summary = "", list[str]()
        self._path, self._elements, self._entries = list[str](), 0, 0

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        """Count an element."""
        self.root = self.root or tag
        self._path.append(tag)
        self._elements += 1
        self._entries += len(self._path) == 2 and tag == _ENTRY
        if self._elements > MOST_ELEMENTS:
            raise ValueError(f"it has more than {MOST_ELEMENTS} elements")

    def end(self, _: str) -> None:
        """Leave an element."""
        self._path.pop()

    def data(self, text: str) -> None:
        """Keep the text of the summary."""
        if self._entries == 1 and self._path[1:] == [_ENTRY, _SUMMARY]:
            self.summary.append(text)

    def close(self) -> None:
        """End the document."""

    def doctype(self, name: str, pubid: str, system: str) -> None:
        """Refuse."""
        raise ValueError(f"it declares a document type {name[:20]!r}")


def not_a_feed(body: bytes) -> str | None:
    """Return what a body is instead of a complete feed, None when it is one."""
    try:
        name = parse_xml(body)[0].rpartition("}")[2]
    except ValueError as error:
        if not body.strip():
            return "an empty answer"
        page = re.match(rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)", body)
        return "an HTML page instead of a feed" if page else f"a feed that is truncated or broken ({error})"
    if name == "html":
        return "an HTML page instead of a feed"
    return None if name in _FEED_ROOTS else f"XML that is no feed but <{name[:20]}>"


def said_by(body: bytes) -> str:
    """Return the few words of an answer that a person should read: arXiv's error entry, a page's title, a text."""
    try:
        if entry := parse_xml(body)[1]:
            return one_line(entry)
    except ValueError:
        pass  # what is no XML is a page or a text
    page = body[:4096].decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>([^<]*)", page, re.IGNORECASE)
    return one_line(title[1] if title else "" if "<" in page else page)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds `Retry-After` asks for, as a number or a date against the server's own clock."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    if (until := http_date(text)) is None:
        return None
    return max((until - (http_date(headers.get("Date", "")) or now)).total_seconds(), 0.0)


def utc(parsed: struct_time | None) -> datetime | None:
    """Return a time that feedparser read, None for one that no calendar has."""
    try:
        return None if parsed is None else datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None


def http_date(text: str) -> datetime | None:
    """Return an HTTP date in UTC, None if it is not a date."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
