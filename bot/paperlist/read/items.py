"""Entries that are no rows of a pipe table: items, nested items, paragraphs, lines, HTML rows, a heading per paper.

Reading goes from blocks (what the parser sees: items and paragraphs, by byte spans) to entries: a block is one when it
reads like a paper's, blocks that only together name a paper and link to it are joined, lines that each do are parted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from bot.arxiv import arxiv_id
from bot.paperlist.nouns import Entry, Group, Kind, Lines, Link, Span
from bot.paperlist.read import inline

_PUBLISHER = re.compile(
    r"https?://[^\s)]*(?:arxiv\.org|openreview\.net|aclanthology|aclweb|doi\.org|dl\.acm\.org|ieee|usenix\.org|mlr\.press"
    r"|neurips\.cc|nips\.cc|thecvf\.com|cvf|springer|nature\.com|sciencedirect|biorxiv|semanticscholar|huggingface\.co/papers"
    r"|jmlr|isca-|ecva|roboticsproceedings|mlsys\.org|vldb|aaai\.org|ijcai|science\.org|pnas|iacr\.org|hal\.|\.pdf(?![.\w]))",
    re.IGNORECASE,
)
_NO_PAPERS = re.compile(
    r"\bnews\b|\bupdates?\b|what.?s new|\bchange ?log\b|\bcit(?:e|ation|ing)\b|\bbibtex\b|\backnowledge?ments?\b"
    r"|\blicen[sc]es?\b|\bcontribut\w+|\bstar[- ]history\b|\bcontents?\b(?=\W*$)|\btoc\b|\bannouncements?\b"
    r"|最新|动态|更新|引用|许可|贡献|致谢|目录",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"\s*(?:[-*+]|\d+[.)])?\s*(?:[*_`\[]*(?:papers?|codes?|projects?|pages?|demos?|links?|homepages?|websites?|videos?|datasets?|github|arxiv|pdf"
    r"|authors?|abstract|tl;?dr|venue|summary|论文|代码|项目|主页|链接)\b[^\n]{0,40}?[:：\]]|https?://)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"(?:https?|ftp)\\:[^\s\])]*", re.IGNORECASE)
"""An address that shows as words and leads nowhere."""
_DETAIL = re.compile(r"\s*(?:[-*+]\s+)?[*_`\[]*\w[\w -]{0,20}[*_`\]]*\s*[:：][*_\s]*(?:\[[^\[\]]*\]\()?<?https?://")
"""A word and an address: among details with known labels it is one too."""
_ASIDE = re.compile(r"\((?:see|cf\.?|refer to|参见|参考|详见)\b[^\n]*", re.IGNORECASE)
"""What a text in brackets refers to, up to the end of the line."""
_ROW = re.compile(rb"<(?P<tag>tr|li)\b[^>]*>[^<]*(?:<(?!/?(?:tr|li)\b)[^<]*)*</(?P=tag)\s*>", re.IGNORECASE)
_LONGEST = 20_000
"""Bytes of the longest block that can be an entry: the longest of 400 real lists has 8,600."""
_DEEPEST = 20
"""Levels of nested lists that are looked into."""


_remembered = lru_cache(maxsize=1 << 14)
"""For what is read in a text alone: a list is read twice, before an edit and after it."""


@dataclass(frozen=True, slots=True)
class Block:
    """What the parser sees: an item (with the blocks in it), or a paragraph. `family` tells one list from another."""

    kind: Kind
    start: int
    end: int
    family: int = 0
    head_end: int = 0
    children: tuple[Block, ...] = ()
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class _Unit:
    kind: Kind
    span: Span
    raw: str
    family: int


def no_papers(heading: str) -> bool:
    """Whether a section is of news, citations and the like, not of papers."""
    return _NO_PAPERS.search(heading) is not None


def groups(source: bytes, lines: Lines, blocks: Sequence[Block]) -> list[Group]:
    """Return the groups of entries among the blocks of a section."""
    units = [u for b in blocks for u in _units(source, lines, b)]
    return _grouped(source, _found(lines, [part for unit in _joined(source, units) for part in _parted(unit)]))


def html_groups(source: bytes, lines: Lines, hidden: Sequence[Span], within: Span) -> list[Group]:
    """Return the rows of a section's HTML tables and the items of its HTML lists, those with lines for themselves."""
    rows: list[_Unit] = []
    last = within.start
    for m in _ROW.finditer(source, within.start, within.end):
        span = lines.whole(m.start(), m.end())
        around = source[span.start : m.start()] + source[m.end() : span.end]
        if span.start < last or re.sub(rb"</?t(?:body|able|head)[^>]*>", b"", around).strip():
            continue
        if any(h.start < span.end and span.start < h.end for h in hidden):
            continue
        last = span.end
        family = int(m["tag"].lower() == b"li")
        row = _Unit(Kind.HTML, span, source[span.start : span.end].decode().rstrip("\r\n"), family)
        if re.search(r"href|https?://", row.raw):
            rows.append(row)
    runs = groupby(_found(lines, rows), key=lambda found: found[0].family)
    found = [[entry for _, entry in run] for _, run in runs]
    return [Group(Kind.HTML, tuple(run)) for run in found if any(_PUBLISHER.match(u) for e in run for u in e.urls)]


def _found(lines: Lines, units: Sequence[_Unit]) -> list[tuple[_Unit, Entry]]:
    """Return the entries among units; one whose title hardly reads like one is told by those of its list."""
    told = [_entry(lines, unit) for unit in units]
    lists = {(unit.kind, unit.family) for unit, entry in zip(units, told, strict=True) if entry}
    both = [
        (unit, entry or (_entry(lines, unit, faint=True) if (unit.kind, unit.family) in lists else None))
        for unit, entry in zip(units, told, strict=True)
    ]
    return [(unit, entry) for unit, entry in both if entry]


def _units(source: bytes, lines: Lines, block: Block, depth: int = 0) -> Iterator[_Unit]:
    """Yield the blocks that can be entries: of an item that only heads a list of papers, that list's."""
    if block.opaque or depth > _DEEPEST:
        return
    head = _raw(source, lines, block.start, block.head_end)[1] if block.head_end - block.start <= _LONGEST else ""
    if block.children and not is_linked(head):
        nested = [u for child in block.children for u in _units(source, lines, child, depth + 1)]
        papers = [u for u in nested if is_linked(u.raw) and not _LABELLED.match(u.raw)]
        if len(papers) >= 2 or (papers and not inline.find_title(head)):
            yield from nested
            return
    if block.end - block.start <= _LONGEST:
        yield _Unit(block.kind, *_raw(source, lines, block.start, block.end), block.family)


def _raw(source: bytes, lines: Lines, start: int, end: int) -> tuple[Span, str]:
    """Return the whole lines of a block and their text, blank lines at its end left out."""
    text = source[start:end]
    whole = lines.whole(start, start + max(1, len(text.rstrip())))
    return whole, source[whole.start : whole.end].decode().rstrip("\r\n")


@_remembered
def is_linked(raw: str) -> bool:
    """Whether a text links to a paper."""
    if "https://arxiv.org/abs/" in raw:  # told at once, as nearly always
        return True
    raw = _ESCAPED.sub("", raw) if "\\:" in raw else raw
    return _PUBLISHER.search(raw) is not None or next(arxiv_id.find_ids(raw), None) is not None


@_remembered
def is_titled(raw: str) -> bool:
    """Whether a text names a paper, rather than a detail of one."""
    title = inline.find_title(raw)
    return title is not None and not _LABELLED.match(raw) and len(title.text(raw)) >= 2


def is_detail(raw: str) -> bool:
    """Whether a text is about one paper named above it: it links to one, by labels, and names none itself."""
    papers = [(text, url, start) for text, url, start, _ in inline.links(raw) if is_linked(url)]
    ids = {found.base for _, url, _ in papers for found in arxiv_id.find_ids(url)}
    return bool(papers) and len(ids) <= 1 and all(_is_label(text) and _is_labelled(raw, at) for text, _, at in papers)


def _is_label(text: str) -> bool:
    """Whether the words of a link are no title: a sign, a label, an id, an address."""
    return (
        not re.search(r"\w{2}", text)
        or inline.LABEL.fullmatch(text) is not None
        or bool(arxiv_id.parse_id(text) or inline.BARE.fullmatch(text))
    )


def _is_labelled(raw: str, at: int) -> bool:
    """Whether a line's link at a place stands after a label, authors or hardly any words."""
    line = raw[raw.rfind("\n", 0, at) + 1 : at]
    words = re.sub(r"\W+", " ", inline.plain(inline.LINK.sub(" ", line))).split()
    return len(words) <= 3 or _LABELLED.match(line) is not None or inline.NAMES.search(inline.plain(line)) is not None


def _joined(source: bytes, units: Sequence[_Unit]) -> Iterator[_Unit]:
    """Join a block that names a paper without a link with the next, if that links without a name."""
    detailed = {unit.family for unit in units if unit.family and _LABELLED.match(unit.raw)}
    at = 0
    while at < len(units):
        unit = units[at]
        at += 1
        if "http" in unit.raw or not is_titled(unit.raw) or len(unit.raw) > 400:
            yield unit
            continue
        end, linked = at, False
        while end < len(units) and _continues(source, units[end - 1], units[end], detailed):
            linked |= "http" in units[end].raw
            end += 1
        if linked:
            last = units[end - 1]
            raw = source[unit.span.start : last.span.end].decode().rstrip("\r\n")
            yield replace(unit, span=Span(unit.span.start, last.span.end), raw=raw)
            at = end
        else:
            yield unit


def _continues(source: bytes, before: _Unit, unit: _Unit, detailed: set[int]) -> bool:
    """Whether a block belongs to the one right above it: authors and links, or details with labels.

    `detailed` are the lists in which some item has a known label.
    """
    if source[before.span.end : unit.span.start].strip():
        return False
    if _LABELLED.match(unit.raw) or (unit.family in detailed and _DETAIL.match(unit.raw)):
        return True
    head = unit.raw.lstrip()
    names = re.match(r"[*_]{1,2}(?![*_])", head) and unit.kind is Kind.BLOCKS and not head.startswith("**")
    return bool(names) and "http" in unit.raw


def _parted(unit: _Unit) -> list[_Unit]:
    """Part a paragraph whose lines are entries each; a line that begins otherwise goes on with the one above."""
    lines = re.findall(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+", unit.raw)
    if unit.kind is not Kind.BLOCKS or len(lines) < 2 or _is_heading(unit.raw):
        return [unit]
    first = _opening(lines[0])
    heads = [i for i, line in enumerate(lines) if _opening(line) == first and is_titled(line)]
    parts = ["".join(lines[a:b]) for a, b in zip(heads, [*heads, len(lines)][1:], strict=True)]
    if not heads or heads[0] != 0 or not all(map(is_linked, parts)):
        return [unit]
    out, at = [], unit.span.start
    for i, part in enumerate(parts):
        end = unit.span.end if i == len(parts) - 1 else at + len(part.encode())
        out.append(_Unit(unit.kind, Span(at, end), part.rstrip("\r\n"), unit.family))
        at = end
    return out


def _opening(line: str) -> str:
    """Return how a line begins: its first mark, or `w` for a word and `0` for a number."""
    m = re.match(r"\s*(\*\*|\W|\d|\w)", line)
    mark = m[1] if m else ""
    return "0" if mark.isdigit() else "w" if mark.isalpha() else mark


def _entry(lines: Lines, unit: _Unit, *, faint: bool = False) -> Entry | None:
    """Return the entry that a block is, None when it does not read like one.

    With `faint`, for a block among entries, a link to a paper is enough: its title may be a sign or a label.
    """
    read = _title_and_links(unit.kind, unit.raw, faint)
    return Entry(lines.number(unit.span.start), unit.span, "", unit.raw, (), *read) if read else None


@_remembered
def _title_and_links(kind: Kind, raw: str, faint: bool) -> tuple[str, tuple[Link, ...]] | None:
    """Return the title of an entry and its links, None when the text does not read like one."""
    urls = [Link(text, url, Span(0, 0)) for text, url, _, _ in inline.links(raw)]
    outside = [link for link in urls if not link.url.startswith("#")]
    linked = is_linked(raw)
    if not outside and not linked:
        return None
    title = inline.find_title(raw) or (inline.faint_title(raw) if faint and linked else None)
    if title is None:
        return None
    if kind is Kind.BLOCKS and not (linked and (_is_heading(raw) or _heads(raw, title))):
        return None
    if linked and not is_linked(_ASIDE.sub("", raw)):
        return None  # it refers to a paper, and is none
    return title.text(raw), tuple(outside)


def _is_heading(raw: str) -> bool:
    """Whether a block belongs to a paper that has a heading of its own."""
    return re.match(r"(?: {0,3}>)* {0,3}#{1,6}\s", raw) is not None


def _heads(raw: str, title: inline.Title) -> bool:
    """Whether a paragraph begins with its title, tags and authors aside, and is not prose that mentions one."""
    before = re.sub(r"\[[^\[\]]*\]|\([^()]*\)|[*_`\"“#>\s\d.\-]|!\[[^\]]*\]\([^)]*\)", " ", raw[: title.start])
    words = before.split()
    after = re.sub(r"\[[^\[\]]*\]\([^()]*\)|https?://\S+", "", raw[(title.rest or (0, title.end))[1] :])
    names = inline.NAMES.search(before) is not None or "et al" in before
    return (len(words) <= 3 or names) and len(after.split()) <= 150


def _grouped(source: bytes, found: Iterable[tuple[_Unit, Entry]]) -> list[Group]:
    """Put neighbours of one format and list together; keep the groups that hold papers."""
    out: list[tuple[tuple[Kind, int], list[Entry]]] = []
    for unit, entry in found:
        key = (unit.kind, unit.family)
        if out and (out[-1][0] == key or (out[-1][0][0] is unit.kind and _adjoin(source, out[-1][1][-1], entry))):
            out[-1][1].append(entry)
        else:
            out.append((key, [entry]))
    return [Group(kind, tuple(entries)) for (kind, _), entries in out if any(is_linked(e.raw) for e in entries)]


def _adjoin(source: bytes, above: Entry, below: Entry) -> bool:
    """Whether entries have nothing but blank lines between them and the same mark."""
    between = source[above.span.end : below.span.start]
    return not between.strip() and _opening(above.raw) == _opening(below.raw)
