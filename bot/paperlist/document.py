"""Bytes of a Markdown list -> its sections, entries, date line and contents, by byte spans.

The parser (pyromark, GFM tables) is used for positions only; nothing is ever rendered back. All spans are
offsets into the very bytes that were given, byte-order mark included. Lines count from 1.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyromark
from pyromark.event import Event, Range

from bot import arxiv_id
from bot.errors import ListFormatError
from bot.model import Path
from bot.paperlist.dateline import DateLine, find_date_line

BOM = b"\xef\xbb\xbf"
_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TASKLISTS
_ID_TAG = re.compile(
    r"^\s*\[(?:arxiv:\s*)?(?:\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\]\s*", re.IGNORECASE
)
_TITLE = re.compile(r"\w{3}")
_NO_TITLE = re.compile(
    r"https?://|\W*(?:papers?|pdf|links?|codes?|arxiv|github|abs|html|project|page|website|here|url|demo|doi)\W*$", re.I
)
_TITLED = (re.compile(r"\btitles?\b|标题|题目", re.I), re.compile(r"\bpapers?\b|论文", re.I))
_PIPE = re.compile(r"(?<!\\)\|")
_SITE_TAG = re.compile(r"\s*\((?:www\.)?arxiv\.org\)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `[start, end)` of the document."""

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
    """One row of a section. `span` covers its whole line, line ending included if it has one.

    `raw` is that line without its ending, `prefix` what stands in it before the row: the marks of the quote or list
    around its table. `cells` are the spans of the cells that are really there (a short row has fewer than its table
    has columns).
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
        return tuple(dict.fromkeys(found.id.base for found in arxiv_id.find_all(self.raw)))

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


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it up to the next heading of any level."""

    path: Path
    level: int
    line: int
    heading: Span
    span: Span
    tables: tuple[Table, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of all its tables, in document order."""
        return tuple(entry for table in self.tables for entry in table.entries)


@dataclass(frozen=True, slots=True)
class ContentsItem:
    """One line of the table of contents, with the fragment it links to (without `#`)."""

    span: Span
    text: str
    fragment: str


@dataclass(frozen=True)
class Document:
    """A list as the bot understands it. `name` is what messages call it."""

    name: str
    source: bytes
    sections: tuple[Section, ...]
    contents: tuple[ContentsItem, ...]
    date_line: DateLine | None

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in document order."""
        return tuple(entry for section in self.sections for entry in section.entries)

    @cached_property
    def newline(self) -> bytes:
        """The line ending of the file: the one most of its lines have."""
        crlf = self.source.count(b"\r\n")
        alone = {b"\n": self.source.count(b"\n") - crlf, b"\r\n": crlf, b"\r": self.source.count(b"\r") - crlf}
        return max(alone, key=lambda ending: alone[ending])

    def text(self, span: Span) -> str:
        """Return what stands in a span."""
        return self.source[span.start : span.end].decode()

    def section(self, wanted: Sequence[str]) -> Section | None:
        """Return the section of this heading path, or the only one whose path ends so; None if none or several."""
        found = self.sections_like(wanted)
        return found[0] if len(found) == 1 else None

    def sections_like(self, wanted: Sequence[str]) -> list[Section]:
        """Return the sections of this heading path, else those whose path ends so; headings compare folded.

        Sections with a table go before those without any.
        """
        want = fold_path(wanted)
        ending = [s for s in self.sections if fold_path(s.path)[len(s.path) - len(want) :] == want]
        same = [s for s in ending if len(s.path) == len(want)] or ending
        return [s for s in same if s.tables] or same


def fold(heading: str) -> str:
    """Return a heading in the form in which headings compare: case and spaces do not count."""
    return " ".join(heading.casefold().split())


def fold_path(path: Sequence[str]) -> Path:
    """Return a heading path in the form in which paths compare."""
    return tuple(map(fold, path))


def parse(source: bytes, name: str = "list", date_form: str | None = None) -> Document:
    """Understand a list; `date_form` is the strftime form of its date line where that is not a usual one.

    Raises `ListFormatError` when the bytes are not UTF-8; every other input, however broken, is understood
    as far as it goes.
    """
    skip = len(BOM) if source.startswith(BOM) else 0
    try:
        text = source[skip:].decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, skip + error.start) + 1
        raise ListFormatError(
            f"byte 0x{source[skip + error.start]:02x} is not UTF-8; save the file as UTF-8 and try again",
            path=name,
            line=line,
        ) from None
    lines = _Lines(source)
    scan = _Scan(source, skip, lines)
    scan.read(text)
    return Document(
        name=name,
        source=source,
        sections=tuple(_sections(scan, len(source))),
        contents=tuple(scan.contents),
        date_line=find_date_line(source, lines.starts, scan.opaque(), date_form),
    )


class _Lines:
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


@dataclass(slots=True)
class _Cell:
    span: Span
    text: str
    links: list[Link]


@dataclass(slots=True)
class _Heading:
    level: int
    span: Span
    text: str


class _Scan:
    """One pass over the parser's events, collecting what a list is made of."""

    def __init__(self, source: bytes, skip: int, lines: _Lines) -> None:
        self.source, self.skip, self.lines = source, skip, lines
        self.headings: list[_Heading] = []
        self.tables: list[Table] = []
        self.contents: list[ContentsItem] = []
        self._hidden: list[Span] = []  # code and comments

    def read(self, text: str) -> None:
        """Collect headings, tables and contents lines."""
        events = pyromark.events_with_range(text, options=_OPTIONS)
        for event, range_ in events:
            if not isinstance(event, dict) or "Start" not in event:
                continue
            span = self._span(range_)
            match event["Start"]:
                case {"Heading": {"level": level}}:
                    self.headings.append(_Heading(int(level[1:]), span, _plain(events, "Heading")))
                case {"Table": _}:
                    self.tables.append(self._table(events, span))
                case {"CodeBlock": _}:
                    self._hidden.append(span)
                case "HtmlBlock" if self.source.startswith(b"<!--", span.start):
                    self._hidden.append(span)
                case {"Link": {"dest_url": url}} if url.startswith("#"):
                    self.contents.append(
                        ContentsItem(self.lines.whole(span.start, span.end), _plain(events, "Link"), url[1:])
                    )

    def opaque(self) -> list[tuple[int, int]]:
        """Return the lines, in document order, that do not speak of the list itself: code, comments, entries."""
        hidden = [self.lines.whole(span.start, span.end) for span in self._hidden]
        return sorted((s.start, s.end) for s in (*hidden, *(e.span for t in self.tables for e in t.entries)))

    def _span(self, range_: Range) -> Span:
        return Span(range_["start"] + self.skip, range_["end"] + self.skip)

    def _table(self, events: Iterator[tuple[Event, Range]], table: Span) -> Table:
        """Read a table up to its end."""
        head, columns, rows, titled = table, tuple[str, ...](), list[Entry](), 0
        for event, range_ in events:
            match event:
                case {"Start": "TableHead"}:
                    head = self._span(range_)
                    columns = tuple(cell.text for cell in self._cells(events, "TableHead"))
                    titled = _titled(columns)
                case {"Start": "TableRow"}:
                    rows.append(self._entry(self._span(range_), list(self._cells(events, "TableRow")), titled))
                case {"End": {"Table": _}} | {"End": "Table"}:
                    break
        while len(columns) > 1 and rows and _is_text(rows[-1]):
            rows.pop()
        first = self.lines.number(head.start)
        delimiter, after = self.lines.start(first + 1), self.lines.start(first + 2)
        line = self.source[delimiter:after].decode()
        prefix = rows[-1].prefix if rows else line[: len(line) - len(line.lstrip(" \t>"))]
        return Table(
            line=first,
            head=Span(self.lines.start(first), after),
            end=rows[-1].span.end if rows else after,
            prefix=prefix,
            doubt=_doubt(self.source[self.lines.start(first) : head.start].decode(), line, [r.prefix for r in rows]),
            columns=columns,
            entries=tuple(rows),
        )

    def _cells(self, events: Iterator[tuple[Event, Range]], until: str) -> Iterator[_Cell]:
        """Yield the cells of a row: where each stands, its plain text and its links."""
        for event, range_ in events:
            if event == {"End": until}:
                return
            if event == {"Start": "TableCell"}:
                texts: list[str] = []
                links: list[Link] = []
                span = self._span(range_)
                for inner, inner_range in events:
                    match inner:
                        case {"End": "TableCell"}:
                            break
                        case {"Start": {"Link": {"dest_url": url}}}:
                            text = _plain(events, "Link")
                            links.append(Link(text, url, self._span(inner_range)))
                            texts.append(text)
                        case {"Text": text} | {"Code": text}:
                            texts.append(text)
                        case "SoftBreak" | "HardBreak":
                            texts.append(" ")
                yield _Cell(span, " ".join("".join(texts).split()), links)

    def _entry(self, row: Span, cells: list[_Cell], titled: int) -> Entry:
        whole = self.lines.whole(row.start, row.end)
        links = tuple(link for cell in cells for link in cell.links)
        return Entry(
            line=self.lines.number(row.start),
            span=whole,
            prefix=self.source[whole.start : row.start].decode(),
            raw=self.source[whole.start : whole.end].decode().rstrip("\r\n"),
            cells=tuple(cell.span for cell in cells if cell.span.start < row.end and self._present(row, cell.span)),
            title=_title(cells, titled),
            links=links,
        )

    def _present(self, row: Span, cell: Span) -> bool:
        """Tell a cell that is written from one the parser adds to a short row (empty, at the row's very end)."""
        if cell.start < cell.end:
            return True
        rest = self.source[cell.start : row.end].lstrip(b" \t")
        return rest.startswith(b"|")


def _plain(events: Iterator[tuple[Event, Range]], until: str) -> str:
    """Return the plain text up to the end of an element; links become their words, HTML nothing."""
    texts: list[str] = []
    for event, _ in events:
        match event:
            case {"End": end} if end == until or (isinstance(end, dict) and until in end):
                break
            case {"Text": text} | {"Code": text}:
                texts.append(str(text))
            case "SoftBreak" | "HardBreak":
                texts.append(" ")
    return " ".join("".join(texts).split())


def _title(cells: Sequence[_Cell], titled: int) -> str:
    """Return the title of a row: of its titled cell the first link with words, else the text; then of the others."""
    first, others = cells[titled : titled + 1], [*cells[:titled], *cells[titled + 1 :]]
    texts = (
        *(link.text for cell in first for link in cell.links),
        *(cell.text for cell in first),
        *(link.text for cell in others for link in cell.links),
    )
    titles = (bare for text in texts if _TITLE.search(bare := bare_title(text)) and not _NO_TITLE.match(bare))
    return next(titles, None) or next((bare_title(cell.text) for cell in cells if cell.text), "")


def _titled(columns: Sequence[str]) -> int:
    """Return the column that is headed as the title's; one past the last when none is."""
    by_heading = (i for pattern in _TITLED for i, column in enumerate(columns) if pattern.search(column))
    return next(by_heading, len(columns))


def bare_title(text: str) -> str:
    """Return a link's text without the tags lists put around a title: `[2407.12391]` before, `(arxiv.org)` after."""
    return _SITE_TAG.sub("", _ID_TAG.sub("", text)).strip()


def _doubt(before_head: str, delimiter: str, prefixes: Sequence[str]) -> str | None:
    """Say why GitHub may see a list item or code where this parser sees the lines of a table."""
    if re.match(r"[ \t>]*-[ \t]", delimiter):
        return "its second line reads as a list item on GitHub; write two hyphens there"
    widest = max((len(prefix.expandtabs(4)) for prefix in prefixes), default=0)
    if widest > max(3, len(before_head.expandtabs(4))):
        return "a row is indented like code; indent all rows like the first"
    return None


def _is_text(entry: Entry) -> bool:
    """Tell a line of text under a table, such as `[Back to top](#top)`, from a row: no pipes, no link elsewhere."""
    return not _PIPE.search(entry.raw) and all(url.startswith("#") for url in entry.urls)


def _sections(scan: _Scan, length: int) -> Iterator[Section]:
    """Yield the sections in document order; what stands before the first heading belongs to a section without path."""
    path: list[tuple[int, str]] = []
    lines = [scan.lines.whole(h.span.start, h.span.end) for h in scan.headings]
    ends = [line.start for line in lines[1:]] + [length]  # one too many when there is no heading
    first = lines[0].start if lines else length
    if scan.tables and scan.tables[0].head.start < first:
        yield _section(scan, (), 0, Span(0, 0), Span(0, first))
    for heading, line, end in zip(scan.headings, lines, ends, strict=False):
        path = [(level, text) for level, text in path if level < heading.level]
        path.append((heading.level, heading.text))
        yield _section(scan, tuple(text for _, text in path), heading.level, line, Span(line.start, end))


def _section(scan: _Scan, path: Path, level: int, heading: Span, span: Span) -> Section:
    first, last = (bisect_left(scan.tables, at, key=lambda t: t.head.start) for at in (span.start, span.end))
    return Section(
        path=path,
        level=level,
        line=scan.lines.number(heading.start),
        heading=heading,
        span=span,
        tables=tuple(scan.tables[first:last]),
    )
