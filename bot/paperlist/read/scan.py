"""One pass over the parser's events: what a list is made of."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyromark

from bot.paperlist.nouns import ContentsItem, Kind, Lines, Section, Span, Table
from bot.paperlist.read import inline
from bot.paperlist.read.items import Block
from bot.paperlist.read.tables import Events, TableReader, text_until

_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TASKLISTS
_DELIMITER = re.compile(r"^ {0,3}\|[ \t]*:?-[-:| \t]*$", re.MULTILINE)
_DEEP = re.compile(r"^((?:[ \t]*(?:[-*+][ \t]+|>)){10})([-*+> \t]+)", re.MULTILINE)
"""Marks of lists within lists beyond any that people write: each would be a list of its own to the parser."""
SUMMARY, BOLD = 10, 20
"""The levels of headings that are none for Markdown: below every other."""
_HTML_HEADING = re.compile(
    rb"<h(?P<level>[1-6])\b[^<>]*>(?P<text>[^<]*(?:<(?!/?h[1-6]\b)[^<]*)*)</h[1-6]\s*>"
    rb"|<summary\b[^<>]*>(?P<summary>[^<]*(?:<(?!/?summary\b)[^<]*)*)</summary\s*>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; one that is `acting` is none for Markdown, one that is `nested` stands in an item of a list."""

    level: int
    span: Span
    text: str
    acting: bool = False
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """What a list is made of, each in document order; `hidden` are code and comments."""

    source: bytes
    lines: Lines
    headings: Sequence[Heading]
    tables: Sequence[Table]
    blocks: Sequence[Block]
    contents: Sequence[ContentsItem]
    hidden: Sequence[Span]

    def opaque(self, found: Sequence[Section]) -> list[tuple[int, int]]:
        """Return the lines, in document order, that do not speak of the list itself: code, comments, entries."""
        hidden = [self.lines.whole(span.start, span.end) for span in self.hidden]
        return sorted((s.start, s.end) for s in (*hidden, *(e.span for section in found for e in section.entries)))

    def markup(self, span: Span) -> bytes:
        """Return the bytes of a span up to its first table: HTML in rows of pipes is none of the list's."""
        first = bisect_left(self.tables, span.start, key=lambda t: t.head.start)
        tables = self.tables[first : first + 1]
        return self.source[span.start : min([span.end, *(t.head.start for t in tables)])]


def scanned(text: str, source: bytes, skip: int, lines: Lines) -> Scan:
    """Return what a list is made of; `text` is what its bytes say behind the first `skip`."""
    reader = _Reader(source, skip, lines)
    reader.read(text)
    return Scan(source, lines, reader.headings, reader.tables, reader.blocks, reader.contents, reader.hidden)


@dataclass(slots=True)
class _Item:
    """An item of a list whose end is still to come."""

    span: Span
    family: int
    head_end: int
    opaque: bool
    children: list[Block] = field(default_factory=list)

    def block(self) -> Block:
        """Return the item once all of it is read."""
        return Block(Kind.BULLETS, *self.span, self.family, self.head_end, tuple(self.children), opaque=self.opaque)


class _Reader:
    """One pass over the parser's events."""

    def __init__(self, source: bytes, skip: int, lines: Lines) -> None:
        self.source, self.lines = source, lines
        self._tables = TableReader(source, skip, lines)
        self.headings: list[Heading] = []
        self.tables: list[Table] = []
        self.blocks: list[Block] = []
        self.contents: list[ContentsItem] = []
        self.hidden: list[Span] = []
        self._items: list[_Item] = []  # those that are open
        self._lists: list[int] = []
        self._families = self._quotes = 0

    def read(self, text: str) -> None:
        """Collect headings, tables, blocks and contents lines."""
        spaced = _DELIMITER.sub(lambda row: row[0].replace("\t", " "), text)  # GitHub takes tabs there, this parser not
        spaced = _DEEP.sub(lambda m: m[1] + "x" * len(m[2]), spaced)
        events = pyromark.events_with_range(spaced, options=_OPTIONS)
        for event, range_ in events:
            if not isinstance(event, dict):
                continue
            if "Start" in event:
                self._start(event["Start"], self._tables.span(range_), events)
            else:
                self._end(event.get("End"))

    def _end(self, element: object) -> None:
        match element:
            case "Item":
                block = self._items.pop().block()
                (self._items[-1].children if self._items else self.blocks).append(block)
            case {"List": _}:
                self._lists.pop()
            case {"BlockQuote": _} | "BlockQuote":
                self._quotes -= 1

    def _start(self, element: object, span: Span, events: Events) -> None:
        """Collect what begins here, reading on to its end where that is near."""
        opaque = self._quotes > 0
        match element:
            case {"Heading": {"level": level}}:
                nested = bool(self._items)
                self.headings.append(Heading(int(level[1:]), span, text_until(events, "Heading"), nested=nested))
            case {"Table": _}:
                self.tables.append(self._tables.table(events, span))
                for item in self._items:
                    item.opaque = True
            case {"List": _}:
                self._families += 1
                self._lists.append(self._families)
                if self._items:
                    self._items[-1].head_end = min(self._items[-1].head_end, span.start)
            case "Item":
                self._items.append(_Item(span, self._lists[-1], span.end, opaque))
            case "Paragraph" if not self._items:
                self.blocks.append(Block(Kind.BLOCKS, *span, 0, span.end, opaque=opaque))
            case {"BlockQuote": _} | "BlockQuote":
                self._quotes += 1
            case {"CodeBlock": _}:
                self.hidden.append(span)
            case "HtmlBlock" if self.source.startswith(b"<!--", span.start):
                self.hidden.append(span)
            case "HtmlBlock" if not self._items:
                self._html(span)
            case {"Link": {"dest_url": str(url)}} if url.startswith("#"):
                line = self.lines.whole(span.start, span.end)
                self.contents.append(ContentsItem(line, text_until(events, "Link"), url[1:]))

    def _html(self, block: Span) -> None:
        """Collect what acts as a heading in HTML: `<h2>`, and the summary of details."""
        text = self.source[block.start : block.end]
        for m in _HTML_HEADING.finditer(text):
            words = inline.plain((m["text"] or m["summary"]).decode())
            if words:
                span = Span(block.start + m.start(), block.start + m.end())
                level = int(m["level"]) if m["level"] else SUMMARY
                self.headings.append(Heading(level, span, words, acting=True))
