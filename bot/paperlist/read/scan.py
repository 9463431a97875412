"""One pass over the parser's events: what a list is made of, and the sections it stands in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from typing import NamedTuple

import pyromark
from pyromark.event import Event, Range

from bot.model import Path
from bot.paperlist.nouns import UNHEADED, ContentsItem, Entry, Group, Kind, Lines, Link, Section, Span, Table
from bot.paperlist.read import inline, items
from bot.paperlist.read.items import Block

_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TASKLISTS
_ID_TAG = re.compile(
    r"^\s*\[(?:arxiv:\s*)?(?:\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\]\s*", re.IGNORECASE
)
SUMMARY, BOLD = 10, 20
"""The levels of headings that are none for Markdown: below every other."""
_HTML_HEADING = re.compile(
    rb"<h(?P<level>[1-6])\b[^>]*>(?P<text>.*?)</h[1-6]\s*>|<summary\b[^>]*>(?P<summary>.*?)</summary\s*>", re.I | re.S
)
_BOLD_LINE = re.compile(rb"(?:\*\*|__)[^*_\[\]\n]+(?:\*\*|__):?", re.I)
_TITLE = re.compile(r"\w{3}")
_NO_TITLE = re.compile(
    r"https?://|\W*(?:papers?|pdf|links?|codes?|arxiv|github|abs|html|project|page|website|here|url|demo|doi)\W*$", re.I
)
_OF_TITLES = re.compile(
    r"\W*(?:papers?|(?:paper )?titles?|publications?|论文|标题|题目|论文(?:标题|题目|名称))\W*", re.IGNORECASE
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
        self.source, self.skip, self.lines = source, skip, lines
        self.headings: list[Heading] = []
        self.tables: list[Table] = []
        self.blocks: list[Block] = []
        self.contents: list[ContentsItem] = []
        self.hidden: list[Span] = []
        self._items: list[_Item] = []  # those that are open
        self._families = 0

    def read(self, text: str) -> None:
        """Collect headings, tables, blocks and contents lines."""
        events = pyromark.events_with_range(text, options=_OPTIONS)
        lists: list[int] = []
        quotes = 0
        for event, range_ in events:
            if not isinstance(event, dict):
                continue
            if "Start" not in event:
                match event.get("End"):
                    case "Item":
                        block = self._items.pop().block()
                        (self._items[-1].children if self._items else self.blocks).append(block)
                    case {"List": _}:
                        lists.pop()
                    case {"BlockQuote": _} | "BlockQuote":
                        quotes -= 1
                continue
            span = self._span(range_)
            match event["Start"]:
                case {"Heading": {"level": level}}:
                    nested = bool(self._items)
                    self.headings.append(Heading(int(level[1:]), span, _plain(events, "Heading"), nested=nested))
                case {"Table": _}:
                    self.tables.append(self._table(events, span))
                    for item in self._items:
                        item.opaque = True
                case {"List": _}:
                    self._families += 1
                    lists.append(self._families)
                    if self._items:
                        self._items[-1].head_end = min(self._items[-1].head_end, span.start)
                case "Item":
                    self._items.append(_Item(span, lists[-1], span.end, opaque=quotes > 0))
                case "Paragraph" if not self._items:
                    self.blocks.append(Block(Kind.BLOCKS, span.start, span.end, 0, span.end, opaque=quotes > 0))
                case {"BlockQuote": _} | "BlockQuote":
                    quotes += 1
                case {"CodeBlock": _}:
                    self.hidden.append(span)
                case "HtmlBlock" if self.source.startswith(b"<!--", span.start):
                    self.hidden.append(span)
                case "HtmlBlock" if not self._items:
                    self._html(span)
                case {"Link": {"dest_url": url}} if url.startswith("#"):
                    self.contents.append(
                        ContentsItem(self.lines.whole(span.start, span.end), _plain(events, "Link"), url[1:])
                    )

    def _html(self, block: Span) -> None:
        """Collect what acts as a heading in HTML: `<h2>`, and the summary of details."""
        text = self.source[block.start : block.end]
        for m in _HTML_HEADING.finditer(text):
            words = inline.plain((m["text"] or m["summary"]).decode())
            if words:
                span = Span(block.start + m.start(), block.start + m.end())
                level = int(m["level"]) if m["level"] else SUMMARY
                self.headings.append(Heading(level, span, words, acting=True))

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
                    rows.append(self._entry(self._span(range_), self._cells(events, "TableRow"), titled))
                case {"End": {"Table": _}} | {"End": "Table"}:
                    break
        while len(columns) > 1 and rows and _is_text(rows[-1]):
            rows.pop()
        if len(columns) > 1 and any(map(_is_linked, rows)):
            rows = [row for row in rows if _is_linked(row) or not _DIVIDER.fullmatch(row.raw[len(row.prefix) :])]
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

    def _cells(self, events: Iterator[tuple[Event, Range]], until: str) -> list[_Cell]:
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
                texts, links, span = [], [], self._span(range_)
            elif isinstance(start, dict) and "Link" in start:
                text = _plain(events, "Link")
                links.append(Link(text, start["Link"]["dest_url"], self._span(range_)))
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
    return next(titles, None) or next((bare_title(cell.text) for cell in cells if cell.text), "")


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


def _is_linked(entry: Entry) -> bool:
    return bool(entry.links or entry.arxiv_ids or "http" in entry.raw)


def _lists_papers(table: Table) -> bool:
    """Whether a table is of papers, not of figures or words: its rows link, or a column is headed as theirs."""
    return not table.entries or any(map(_is_linked, table.entries)) or any(map(_OF_TITLES.fullmatch, table.columns))


def sections(scan: Scan, length: int) -> Iterator[Section]:
    """Yield the sections in document order, first what stands before the first heading, if there are entries."""
    acting = [h for h in (*scan.headings, *_bold_lines(scan)) if h.acting]
    real = [h for h in scan.headings if not h.acting and not (h.nested and _is_paper(scan, h))]  # else the item is it
    outer = [h for h in real if not h.nested]
    papers = [h for h in outer if _is_paper(scan, h)]
    papers = papers if len(papers) > 1 else _described_papers(scan, outer, length)
    if len(papers) > 1:
        taken = {id(h) for h in papers}
        real = [h for h in real if id(h) not in taken]
        spans = list(_ends(scan, papers, length))
        scan = replace(scan, blocks=_with_papers(scan, spans))
        acting = [h for h in acting if not _is_under(h.span.start, spans)]
    headings = sorted((*real, *acting), key=lambda h: h.span.start)
    headings = [h for i, h in enumerate(headings) if not h.acting or _heads_papers(scan, headings, i, length)]
    path: list[tuple[int, str]] = []
    lines = [scan.lines.whole(h.span.start, h.span.end) for h in headings]
    ends = [line.start for line in lines[1:]] + [length]  # one too many when there is no heading
    first = lines[0].start if lines else length
    before, headed = _section(scan, (), 0, Span(0, 0), Span(0, first)), list[Section]()
    for heading, line, end in zip(headings, lines, ends, strict=False):
        path = [(level, text) for level, text in path if level < heading.level]
        path.append((heading.level, heading.text))
        whole = Span(line.start, max(line.end, end))
        headed.append(_section(scan, tuple(text for _, text in path), heading.level, line, whole))
    if before.groups:
        yield before if any(section.groups for section in headed) else replace(before, path=UNHEADED)
    yield from headed


def _with_papers(scan: Scan, spans: Sequence[tuple[int, int]]) -> list[Block]:
    """Return the blocks of a list with a heading for each paper: what stands under such a heading is one of them."""
    blocks = [b for b in scan.blocks if not _is_under(b.start, spans)]
    tables = sorted(t.head.start for t in scan.tables)
    for start, end in spans:
        end = min(end, next(iter(tables[bisect_left(tables, start) :][:1]), end))  # a table has entries of its own
        end = end if end == len(scan.source) else scan.lines.whole(end, end).start  # a quote's mark is the next one's
        text = scan.source[start:end].rstrip(b" \t\r\n-*_")
        blocks.append(Block(Kind.BLOCKS, start, start + len(text), 1, end))
    return sorted(blocks, key=lambda b: b.start)


def _is_under(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a place lies in one of the spans, which are in document order."""
    i = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return i >= 0 and at < spans[i][1]


def _ends(scan: Scan, headings: Sequence[Heading], length: int) -> Iterator[tuple[int, int]]:
    """Yield where headings begin and what stands under each ends: at the next one, details that are closed aside."""
    every = sorted(h.span.start for h in scan.headings)
    firm = sorted(h.span.start for h in scan.headings if h.level != SUMMARY)
    for start in (h.span.start for h in headings):
        near, far = (next(iter(of[at : at + 1]), length) for of in (every, firm) for at in [bisect_right(of, start)])
        text = scan.source[start:far].lower()
        yield start, far if text.count(b"<details") == text.count(b"</details") else near


def _described_papers(scan: Scan, headings: Sequence[Heading], length: int) -> list[Heading]:
    """Return the headings that are titles of papers, each with the details of its paper and a link to it below.

    They are told from ordinary sections by what nearly all of those beside each other have in common: one paper
    each, linked to by a label, and headings of several words.
    """
    by_parent: dict[tuple[int, int], list[tuple[Heading, bool]]] = {}
    above: list[Heading] = []
    ends = dict(_ends(scan, headings, length))
    tables = [t.head.start for t in scan.tables]
    for heading in headings:
        above = [h for h in above if h.level < heading.level]
        parent = above[-1].span.start if above else -1
        above.append(heading)
        body = scan.source[heading.span.end : ends[heading.span.start]].decode()
        named = len(heading.text.split()) > 3 or not items.no_papers(heading.text)  # news can be a title's word
        if named and items.is_linked(body):
            tabled = bisect_left(tables, heading.span.start) < bisect_left(tables, ends[heading.span.start])
            of_one = not tabled and items.is_detail(body)
            by_parent.setdefault((heading.level, parent), []).append((heading, of_one))
    found: dict[int, list[Heading]] = {}
    for (level, _), beside in by_parent.items():
        told = [heading for heading, of_one in beside if of_one]
        if len(told) >= 0.8 * len(beside):
            found.setdefault(level, []).extend(told)
    for of_level in found.values():
        if len(of_level) > 1 and sum(len(h.text.split()) >= 3 for h in of_level) > 0.6 * len(of_level):
            return of_level
    return []


def _bold_lines(scan: Scan) -> Iterator[Heading]:
    """Yield the paragraphs that are one bold line right above a table or a list of titles."""
    tables = [t.head.start for t in scan.tables]
    for i, (block, below) in enumerate(zip(scan.blocks, [*scan.blocks, None][1:], strict=True), 1):
        raw = scan.source[block.start : block.end].strip()
        if block.kind is not Kind.BLOCKS or block.opaque or len(raw) > 90 or not _BOLD_LINE.fullmatch(raw):
            continue
        below_at = bisect_left(tables, block.start)
        table = tables[below_at] if below_at < len(tables) else None
        if table is not None and not scan.source[block.end : table].strip():
            yield Heading(BOLD, Span(block.start, block.end), inline.plain(raw.decode()), acting=True)
        elif below and below.kind is Kind.BULLETS and not scan.source[block.end : below.start].strip():
            siblings = [b for b in scan.blocks[i : i + 8] if b.family == below.family]
            titled = [items.is_titled(scan.source[b.start : b.end].decode()) for b in siblings]
            if titled[0] and 2 * sum(titled) > len(titled):
                yield Heading(BOLD, Span(block.start, block.end), inline.plain(raw.decode()), acting=True)


def _is_paper(scan: Scan, heading: Heading) -> bool:
    return items.is_linked(scan.source[heading.span.start : heading.span.end].decode())


def _heads_papers(scan: Scan, headings: Sequence[Heading], index: int, length: int) -> bool:
    """Whether a heading that is none for Markdown has papers of its own below it."""
    if headings[index].level <= 6:
        return True
    start = headings[index].span.end
    end = headings[index + 1].span.start if index + 1 < len(headings) else length
    first, last = (bisect_left(scan.tables, at, key=lambda t: t.head.start) for at in (start, end))
    if first < last:
        return True
    first, last = (bisect_left(scan.blocks, at, key=lambda b: b.start) for at in (start, end))
    return any(items.is_linked(scan.source[b.start : b.end].decode()) for b in scan.blocks[first:last])


def _section(scan: Scan, path: Path, level: int, heading: Span, span: Span) -> Section:
    first, last = (bisect_left(scan.tables, at, key=lambda t: t.head.start) for at in (span.start, span.end))
    groups: list[Table | Group] = [table for table in scan.tables[first:last] if _lists_papers(table)]
    if not any(map(items.no_papers, path[-1:])):
        first, last = (bisect_left(scan.blocks, at, key=lambda b: b.start) for at in (heading.end, span.end))
        papers = [Span(b.start, b.end) for b in scan.blocks[first:last] if b.kind is Kind.BLOCKS and b.family]
        hidden = [*scan.hidden, *papers]  # a row among the details of a paper with a heading of its own is one of them
        found = items.html_groups(scan.source, scan.lines, hidden, span) if b"<tr" in scan.markup(span) else []
        tables = [table.start for table in groups]
        rows = [  # a table in between parts them: groups stand one after another
            Group(group.kind, tuple(run))
            for group in found
            for _, run in groupby(group.entries, key=lambda e: bisect_left(tables, e.span.start))
        ]
        blocks = [b for b in scan.blocks[first:last] if not any(g.start <= b.start < g.end for g in rows)]
        groups += rows
        apart = sorted(g.start for g in groups)
        for _, run in groupby(blocks, key=lambda b: bisect_left(apart, b.start)):
            groups += items.groups(scan.source, scan.lines, list(run))
    return Section(
        path=path,
        level=level,
        line=scan.lines.number(heading.start),
        heading=heading,
        span=span,
        groups=tuple(sorted(groups, key=lambda g: g.start)),
    )
