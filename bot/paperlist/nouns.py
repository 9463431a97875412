"""What a list is made of: spans, links, entries, the groups they stand in, sections, contents. Inert.

All spans are offsets into the very bytes that were given, byte-order mark included. Lines count from 1.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from bot.arxiv import arxiv_id
from bot.model import Path


class Kind(StrEnum):
    """In which format the entries of a group are written."""

    TABLE = "table"
    BULLETS = "bullets"
    HTML = "html"
    BLOCKS = "blocks"
    """Paragraphs, lines, or a heading for each paper."""


class Span(NamedTuple):
    """Bytes `[start, end)` of the document. A tuple: a list has tens of thousands."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """An inline link: its plain text, its address as written, and the span of the whole construct."""

    text: str
    url: str
    span: Span


@dataclass(frozen=True)
class Entry:
    """One row, item or block of a section. `span` covers its whole lines, line ending included if it has one.

    `raw` is these lines without the last ending, `prefix` what stands in a row's line before the row: the marks of
    the quote or list around its table. `cells` are the spans of the cells that are really there (a short row has
    fewer than its table has columns); entries that are no rows of a pipe table have none.
    """

    line: int
    span: Span
    prefix: str
    raw: str
    cells: tuple[Span, ...]
    title: str
    links: tuple[Link, ...]

    @cached_property
    def arxiv_ids(self) -> tuple[str, ...]:
        """The base ids of the arXiv papers it names, in order."""
        return tuple(dict.fromkeys(found.base for found in arxiv_id.find_ids(self.raw)))

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of its links, in order."""
        return tuple(link.url for link in self.links)


@dataclass(frozen=True, slots=True)
class Table:
    """A pipe table. `head` covers header and delimiter line; `end` is where its last entry ends.

    `prefix` is what stands before the pipes of its lines: the marks of the quote or list around it. `doubt` says why
    GitHub may read it otherwise than this parser, None if there is none. A line of text right under the last row
    belongs to the table for Markdown, but is no entry.
    """

    line: int
    head: Span
    end: int
    prefix: str
    doubt: str | None
    columns: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def kind(self) -> Kind:
        """Rows of a pipe table."""
        return Kind.TABLE

    @property
    def start(self) -> int:
        """Where its header begins."""
        return self.head.start


@dataclass(frozen=True, slots=True)
class Group:
    """Sibling entries that are no table: items of one list, rows of an HTML table, blocks one after another."""

    kind: Kind
    entries: tuple[Entry, ...]

    @property
    def start(self) -> int:
        """Where its first entry begins."""
        return self.entries[0].span.start

    @property
    def end(self) -> int:
        """Where its last entry ends."""
        return self.entries[-1].span.end


UNHEADED: Path = ("(no heading)",)
"""Stands for the path of headings where no entry of a list has a heading above it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it up to the next heading of any level.

    A `level` of 7 or more is that of a heading that is none for Markdown: a bold line, the summary of details. Level 0
    is what stands before the first heading: its path is `UNHEADED` where all entries stand there, else empty.
    """

    path: Path
    level: int
    line: int
    heading: Span
    span: Span
    groups: tuple[Table | Group, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its pipe tables."""
        return tuple(group for group in self.groups if isinstance(group, Table))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of all its groups, in document order."""
        return tuple(entry for group in self.groups for entry in group.entries)


@dataclass(frozen=True, slots=True)
class ContentsItem:
    """One line of the table of contents, with the fragment it links to (without `#`)."""

    span: Span
    text: str
    fragment: str


class Lines:
    """Where the lines of a document begin. Lines end at LF, CRLF or CR only."""

    def __init__(self, source: bytes) -> None:
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        if len(self.starts) > 1:
            self.starts.pop()
        self.length = len(source)

    def start(self, number: int) -> int:
        """Return where a line begins, the end of the document for a line after the last."""
        return self.starts[number - 1] if number <= len(self.starts) else self.length

    def number(self, offset: int) -> int:
        """Return the line, from 1, that holds an offset."""
        return bisect_right(self.starts, offset)

    def whole(self, start: int, end: int) -> Span:
        """Widen a span to whole lines."""
        first = self.number(start)
        last = self.number(max(start, end - 1))
        return Span(self.start(first), self.start(last + 1))


class Splice(NamedTuple):
    """Bytes `[start, end)` of the old document give way to `data`; an insertion has `start == end`."""

    start: int
    end: int
    data: bytes


@dataclass(frozen=True, slots=True)
class InsertedEntry:
    """A new entry: its paper, the section it went to, and its bytes without the last line ending.

    `heading` is where that section's heading begins, None for a section that is new; `title` is the paper's.
    """

    id: str
    path: Path
    row: bytes
    heading: int | None = None
    title: str = ""
