"""Tables of a list: their columns, their rows as entries, and what title each row says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from pyromark.event import Event, Range

from bot.paperlist.nouns import Entry, Lines, Link, Span, Table
from bot.paperlist.read import inline

Events = Iterator[tuple[Event, Range]]
_ID_TAG = re.compile(
    r"^\s*\[(?:arxiv:\s*)?(?:\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\]\s*", re.IGNORECASE
)
_TITLE = re.compile(r"\w{3}")
_NO_TITLE = re.compile(
    r"https?://|\W*(?:(?:papers?|pdf|links?|codes?|arxiv|github|abs|html|project|page|website|here|url|demo|doi)\b\W*)+$",
    re.IGNORECASE,
)
_TITLED = (re.compile(r"\btitles?\b|标题|题目", re.I), re.compile(r"\bpapers?\b|论文", re.I))
_PIPE = re.compile(r"(?<!\\)\|")
_DIVIDER = re.compile(
    r"[\s|]*(?:([*_]{1,3})[^|]*\w{3}[^|]*\1|<(b|strong|i|em)>[^|]*\w{3}[^|]*</\2>):?[\s|]*", re.IGNORECASE
)
"""A row that only heads those below it: one cell with words, in bold or italics, and no other."""
_SITE_TAG = re.compile(r"\s*\((?:www\.)?arxiv\.org\)\s*$", re.IGNORECASE)


class _Cell(NamedTuple):
    span: Span
    text: str
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class TableReader:
    """Reads tables from the parser's events; `skip` is how many bytes stand before the text that was parsed."""

    source: bytes
    skip: int
    lines: Lines

    def span(self, range_: Range) -> Span:
        """Return where an event stands in the list."""
        return Span(range_["start"] + self.skip, range_["end"] + self.skip)

    def table(self, events: Events, table: Span) -> Table:
        """Read a table up to its end."""
        head, columns, rows, titled = table, tuple[str, ...](), list[Entry](), 0
        for event, range_ in events:
            match event:
                case {"Start": "TableHead"}:
                    head = self.span(range_)
                    columns = tuple(cell.text for cell in self._cells(events, "TableHead"))
                    titled = _titled(columns)
                case {"Start": "TableRow"}:
                    rows.append(self._entry(self.span(range_), self._cells(events, "TableRow"), titled))
                case {"End": {"Table": _}} | {"End": "Table"}:
                    break
        while len(columns) > 1 and rows and _is_text(rows[-1]):
            rows.pop()
        if len(columns) > 1 and any(map(row_is_linked, rows)):
            rows = [row for row in rows if row_is_linked(row) or not _DIVIDER.fullmatch(row.raw[len(row.prefix) :])]
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

    def _cells(self, events: Events, until: str) -> list[_Cell]:
        """Return the cells of a row: where each stands, its plain text and its links.

        Most events of most lists pass here, so that they are told apart by what is cheapest to tell.
        """
        cells: list[_Cell] = []
        texts: list[str] = []
        links: list[Link] = []
        span = Span(0, 0)
        for event, range_ in events:
            if isinstance(event, str):
                if event in ("SoftBreak", "HardBreak"):
                    texts.append(" ")
            elif (words := event.get("Text") or event.get("Code")) is not None:
                texts.append(str(words))
            elif (end := event.get("End")) is not None:
                if end == "TableCell":
                    cells.append(_Cell(span, " ".join("".join(texts).split()), links))
                elif end == until:
                    break
            elif (start := event.get("Start")) == "TableCell":
                texts, links, span = [], [], self.span(range_)
            elif isinstance(start, dict) and "Link" in start:
                text = text_until(events, "Link")
                links.append(Link(text, start["Link"]["dest_url"], self.span(range_)))
                texts.append(text)
        return cells

    def _entry(self, row: Span, cells: list[_Cell], titled: int) -> Entry:
        number = self.lines.number(row.start)  # a row is one line
        whole = Span(self.lines.start(number), self.lines.start(number + 1))
        links = tuple([link for cell in cells for link in cell.links])
        return Entry(
            line=number,
            span=whole,
            prefix=self.source[whole.start : row.start].decode(),
            raw=self.source[whole.start : whole.end].decode().rstrip("\r\n"),
            cells=tuple([cell.span for cell in cells if cell.span.start < row.end and self._present(row, cell.span)]),
            title=_title(cells, titled, lambda cell: self.source[cell.span.start : cell.span.end].decode()),
            links=links,
        )

    def _present(self, row: Span, cell: Span) -> bool:
        """Whether a cell is written, not added by the parser to a short row (empty, at the row's very end)."""
        if cell.start < cell.end:
            return True
        rest = self.source[cell.start : row.end].lstrip(b" \t")
        return rest.startswith(b"|")


def text_until(events: Events, until: str) -> str:
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


def _title(cells: Sequence[_Cell], titled: int, raw: Callable[[_Cell], str]) -> str:
    """Return the title of a row: of its titled cell the first link with words, else the text; then of the others."""
    first, others = cells[titled : titled + 1], [*cells[:titled], *cells[titled + 1 :]]
    texts = chain(
        (link.text for cell in first for link in cell.links if not inline.LABEL.fullmatch(link.text)),
        _found_titles(r'[\["“]', map(raw, first)),
        (cell.text for cell in first),
        _found_titles(r'^\s*["“]', map(raw, others)),
        (link.text for cell in others for link in cell.links),
    )
    titles = (bare for text in texts if _TITLE.search(bare := bare_title(text)) and not _NO_TITLE.match(bare))
    short = [bare_title(cell.text) for cell in (*first, *cells) if cell.text]
    return next(titles, None) or next((one for one in short if not _NO_TITLE.match(one)), "".join(short[:1]))


def _found_titles(sign: str, texts: Iterable[str]) -> Iterator[str]:
    """Yield the titles of several words in texts that have a sign of one."""
    for text in texts:
        if re.search(sign, text) and (found := inline.find_title(text)) and len(found.text(text).split()) >= 3:
            yield found.text(text)


def _titled(columns: Sequence[str]) -> int:
    """Return the column that is headed as the title's; one past the last when none is."""
    by_heading = (i for pattern in _TITLED for i, column in enumerate(columns) if pattern.search(column))
    return next(by_heading, len(columns))


def bare_title(text: str) -> str:
    """Return a link's text without the tags lists put around a title: `[2407.12391]` before, `(arxiv.org)` after."""
    if "[" in text:
        text = _ID_TAG.sub("", text)
    return (_SITE_TAG.sub("", text) if "(" in text else text).strip()


def _doubt(before_head: str, delimiter: str, prefixes: Sequence[str]) -> str | None:
    """Return why GitHub may see a list item or code where this parser sees the lines of a table."""
    if re.match(r"[ \t>]*-[ \t]", delimiter):
        return "its second line reads as a list item on GitHub; write two hyphens there"
    widest = max((len(prefix.expandtabs(4)) for prefix in prefixes), default=0)
    if widest > max(3, len(before_head.expandtabs(4))):
        return "a row is indented like code; indent all rows like the first"
    return None


def _is_text(entry: Entry) -> bool:
    """Whether a line under a table is text, such as `[Back to top](#top)`: no pipes, no link elsewhere."""
    return not _PIPE.search(entry.raw) and all(url.startswith("#") for url in entry.urls)


def row_is_linked(entry: Entry) -> bool:
    """Whether a row links to anything."""
    return bool(entry.links or entry.arxiv_ids or "http" in entry.raw)
