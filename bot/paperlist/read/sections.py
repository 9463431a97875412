"""The sections of a list: its headings, those that only act as one, and the papers below each."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from bot.model import Path
from bot.paperlist.nouns import UNHEADED, Group, Kind, Section, Span, Table
from bot.paperlist.read import inline, items
from bot.paperlist.read.items import Block
from bot.paperlist.read.scan import BOLD, SUMMARY, Heading, Scan
from bot.paperlist.read.tables import row_is_linked

_BOLD_LINE = re.compile(rb"(?:\*\*|__)[^*_\[\]\n]+(?:\*\*|__):?", re.I)
_HTML_ROW = re.compile(rb"<(?:tr|li)\b", re.IGNORECASE)
_OF_TITLES = re.compile(
    r"\W*(?:papers?|(?:paper )?titles?|publications?|论文|标题|题目|论文(?:标题|题目|名称))\W*", re.IGNORECASE
)


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
    if _HTML_ROW.search(scan.source, start, end) and items.is_linked(scan.source[start:end].decode()):
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
        found = items.html_groups(scan.source, scan.lines, hidden, span) if _HTML_ROW.search(scan.markup(span)) else []
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


def _lists_papers(table: Table) -> bool:
    """Whether a table is of papers, not of figures or words: its rows link, or a column is headed as theirs."""
    return not table.entries or any(map(row_is_linked, table.entries)) or any(map(_OF_TITLES.fullmatch, table.columns))
