"""The hand of a section: how its entries are written, learned from them, and a new entry written alike.

A cell's template is its raw text with what is the paper's own masked, for example
`[[{id}] {title} (arxiv.org)](https://arxiv.org/abs/{id})`. Templates are counted over a table's latest rows (over the
whole list's where the table shows none) and the commonest wins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import TypeVar

from bot.arxiv import arxiv_id
from bot.model import Cell, Paper
from bot.paperlist.read import inline
from bot.paperlist.read.document import Document, Entry, Table
from bot.paperlist.write import escape
from bot.paperlist.write.facts import Facts
from bot.paperlist.write.numbering import Numbering, numbering
from bot.paperlist.write.template import Sample, Templates

_T = TypeVar("_T", bool, str)
_CELL = re.compile(r"(?:\\[!-/:-@\[-`{-~]|[^|\\]|\\)*")  # as cmark-gfm cuts a row: an escaped pipe cuts nothing
_NOTHING = frozenset(("", "-", "--", "---", "–", "—", "/", "TBD", ".", "?"))
_NONE = _NOTHING | {"N/A", "n/a", "NA", "None", "none", "x", "X", "✗", "✘", "❌", ":x:"}
"""Empty cells of a column of links; elsewhere such a mark says something, and must not be said of a new paper."""
_URL = re.compile(r"https?://[^\s)<>\"\]|]+")
_OF_EVERY_ROW = re.compile(r"https?://[\w.]*arxiv\.org/\w+/|arxiv(?:\.org)?|\.pdf|pdf|abs|link|paper", re.IGNORECASE)
_LATEST = 200
"""How many rows of a table tell its hand: more would cost time and tell nothing new."""
_ELSEWHERE = 50
"""How many cells elsewhere in the list tell a template."""
_FADING = 0.96
"""How much less each row further from the new one's place counts."""
_PERSONAL = re.compile(
    r"institut|affiliation|organi[sz]ation|company|\blabs?\b|机构|单位|stars?\b|rating|recom|citation", re.I
)
"""Headings of columns that a paper's record does not tell."""
_ABSTRACT = re.compile(r"\babstract\b|摘要", re.I)
_CATEGORY = re.compile(
    r"\b(?:types?|categor(?:y|ies)|topics?|tasks?|areas?|fields?|domains?|class|tags?|kind|methods?|techniques?|subjects?"
    r"|track|themes?)\b|类型|类别|分类|任务|领域|主题|标签|方法",
    re.I,
)
"""Headings of columns that sort papers into kinds."""
_DEFAULT_TITLE = "[{title}](https://arxiv.org/abs/{id})"
_DEFAULT_CODE = "{code}"


class Kind(StrEnum):
    """What a column holds, as far as its heading tells."""

    PAPER = "paper"
    LINK = "link"
    CODE = "code"
    DATE = "date"
    OTHER = "other"


_HEADINGS: Mapping[Kind, re.Pattern[str]] = {
    Kind.CODE: re.compile(r"\b(?:code|github|repo(?:sitory)?|implementation|open[ -]?source)\b|代码|开源", re.I),
    Kind.DATE: re.compile(r"\b(?:date|published|publish(?: date)?|time)\b|日期|时间", re.I),
    Kind.PAPER: re.compile(r"\b(?:papers?|titles?|publication|work|name)\b|论文|标题|题目", re.I),
    Kind.LINK: re.compile(r"\b(?:links?|urls?|arxiv|pdf|abs)\b|链接|网址", re.I),
}


@dataclass(frozen=True, slots=True)
class CellHand:
    """How one column is written: spaces inside its borders, the template of a filled cell, the raw empty cell.

    `used` are the values of its rows, as they are written.
    """

    kind: Kind
    left: str
    right: str
    template: str | None
    empty: str
    shown: Templates | None = None
    heading: str = ""
    used: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TableHand:
    """How the rows of a table are written."""

    outer_left: bool
    outer_right: bool
    cells: tuple[CellHand, ...]
    prefix: str = ""

    def tie(self, facts: Facts) -> tuple[int, int] | None:
        """Return the lines of two rows whose titles show two hands, equally common; None if one prevails."""
        titles = [cell.shown for cell in self.cells if cell.kind is Kind.PAPER and cell.shown]
        return next((lines for shown in titles if (lines := shown.tie(facts))), None)

    def write(self, paper: Paper, known: Sequence[Cell] = (), number: tuple[int, str] | None = None) -> str:
        """Return the row of a paper, without line ending. What is not known stays empty in the table's own way.

        `number` is the column that counts the rows, and what stands there.
        """
        facts = Facts(paper, known)
        cells = [_write_cell(cell, facts) for cell in self.cells]
        if not (any(facts.id in cell for cell in cells) and any(map(facts.named_in, cells))):  # no row of this paper
            titled = (
                replace(c, shown=None, template=_DEFAULT_TITLE) if c.kind is Kind.PAPER else c for c in self.cells
            )
            cells = [_write_cell(cell, facts) for cell in titled]
        if number:
            counting = self.cells[number[0]]
            cells[number[0]] = counting.left + number[1] + counting.right
        left = self.outer_left or not cells[0].strip()  # a first or last cell that is blank needs its pipe
        right = self.outer_right or not cells[-1].strip()
        row = "|".join(cells) + ("|" if right else "")
        return self.prefix + ("|" + row if left else escape.start_of_line(row))


def split_row(raw: str) -> tuple[bool, tuple[str, ...], bool]:
    """Cut a row without line ending at its pipes.

    Returns whether it has an outer pipe on the left, its raw cells, and whether it has one on the right.
    """
    body = raw.strip(" \t")
    parts = []
    at = 0
    while True:
        match = _CELL.match(body, at)
        assert match is not None  # the pattern matches the empty string
        parts.append(match[0])
        if match.end() == len(body):
            break
        at = match.end() + 1
    left = len(parts) > 1 and not parts[0].strip()
    right = len(parts) > 1 + left and not parts[-1].strip()
    return left, tuple(parts[1 if left else 0 : -1 if right else None]), right


class Hands:
    """The hands of a list's tables."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def numbering(self, table: Table) -> Numbering | None:
        """Return how a table counts its rows, None if it does not; of a long one its ends tell."""
        half = _LATEST // 2
        parts = [table.entries] if len(table.entries) <= _LATEST else [table.entries[:half], table.entries[-half:]]
        first, *others = [numbering(table.columns, [row.cells for row in _Rows(part).rows]) for part in parts]
        if first is None or any(one is None or (one.column, one.down) != (first.column, first.down) for one in others):
            return None
        return replace(first, latest=max(one.latest for one in (first, *others) if one))

    def of(self, table: Table, at: int | None = None) -> TableHand:
        """Return the hand of a table near a place; what its rows do not show is taken from all rows of the list."""
        place = len(table.entries) if at is None else at
        first = max(0, min(place - _LATEST // 2, len(table.entries) - _LATEST))
        own = _Rows(table.entries[first:][:_LATEST], place - first)
        full = own.of_width(len(table.columns)) or own.rows
        left, right = (
            (_most(row.left for row in full), _most(row.right for row in full))
            if full
            else _borders(self._document, table)
        )
        cells = [self._cell(kind, i, own, table.columns[i]) for i, kind in enumerate(_kinds(table, own))]
        return TableHand(left or len(table.columns) == 1, right, tuple(cells), table.prefix)

    def _cell(self, kind: Kind, index: int, own: _Rows, heading: str) -> CellHand:
        cells = own.column(index)
        marks = _NONE if kind in (Kind.CODE, Kind.LINK) else _NOTHING
        linked = kind in (Kind.CODE, Kind.LINK) and any("http" in c for _, c in cells)
        blank = [c for _, c in cells if c.strip() in marks or (linked and not re.search(r"\w", c))]
        filled = [(row, c) for row, c in cells if c not in blank]
        shape = [c for _, c in filled] or [c for row in own.rows for c in row.cells if c.strip()]
        left = _most((c[: len(c) - len(c.lstrip())] for c in shape), default="")
        right = _most((c[len(c.rstrip()) :] for c in shape), default="")
        return CellHand(
            kind=kind,
            left=left if len(left) <= 1 else " ",
            right=right if len(right) <= 1 else " ",
            template=self._template(kind, filled),
            shown=self._shown(kind, heading, filled),
            heading=heading,
            used=frozenset(c.strip() for _, c in filled),
            empty=_most((c if len(c) <= (6 if c.strip() else 2) else " " for c in blank), default=left and " "),
        )

    def _shown(self, kind: Kind, heading: str, filled: Sequence[tuple[_Row, str]]) -> Templates | None:
        """Return the templates that the filled cells of a column show, the nearest counting most."""
        if not filled or _PERSONAL.search(heading):
            return None
        nearest = sorted(filled, key=lambda cell: cell[0].rank)[:_ELSEWHERE]
        paper = kind is Kind.PAPER
        abstract = _ABSTRACT.search(heading) is not None and all(len(c.split()) >= 40 for _, c in nearest)
        samples = [
            Sample(c.strip(), _FADING**row.rank, e.title, paper, abstract, e.line if e.arxiv_ids else 0)
            for row, c in nearest
            for e in [row.entry]
        ]
        if kind in (Kind.PAPER, Kind.LINK, Kind.CODE):
            return Templates(samples, common=0.8)
        return Templates(samples, common=0.95, told=0.5)  # what few of its cells derive from a record, none shall

    def _template(self, kind: Kind, filled: Sequence[tuple[_Row, str]]) -> str | None:
        """Return the commonest template of a column's filled cells, else of the whole list's cells of that kind."""
        if kind is Kind.OTHER:
            return _default([c.strip() for _, c in filled[-_ELSEWHERE:]])
        if kind is Kind.DATE:
            return None
        if masks := _masks(kind, filled):
            return _most(masks)
        return self._elsewhere[kind]

    @cached_property
    def _elsewhere(self) -> Mapping[Kind, str | None]:
        """The commonest template of each kind in the whole list, the usual one where it shows none."""
        return {
            Kind.PAPER: self._commonest(Kind.PAPER, _DEFAULT_TITLE),
            Kind.CODE: self._commonest(Kind.CODE, _DEFAULT_CODE),
            Kind.LINK: self._commonest(Kind.LINK, None),
        }

    def _commonest(self, kind: Kind, usual: str | None) -> str | None:
        """Return the commonest template of a kind among columns headed so."""
        tables = [t for section in self._document.sections for t in section.tables if t.entries]
        cells = (
            cell
            for table in tables
            for own in [_Rows(table.entries[-_ELSEWHERE:])]
            for index, of in enumerate(_kinds(table, own))
            if of is kind
            for cell in own.column(index)
        )
        masks = list(islice((m for m in (_mask(kind, row.entry, c.strip()) for row, c in cells) if m), _ELSEWHERE))
        return _most(masks) if masks else usual


def category_cells(document: Document) -> Mapping[str, Sequence[tuple[Entry, str]]]:
    """Return the entries and raw values of each column that sorts papers into kinds, by the column's heading."""
    found: dict[str, list[tuple[Entry, str]]] = {}
    for table in (t for section in document.sections for t in section.tables if t.entries):
        own = _Rows(table.entries)
        for index, (kind, heading) in enumerate(zip(_kinds(table, own), table.columns, strict=True)):
            if kind is Kind.OTHER and _CATEGORY.search(heading):
                filled = ((row.entry, c.strip()) for row, c in own.column(index))
                found.setdefault(heading, []).extend((e, c) for e, c in filled if c not in _NONE)
    return found


def _kinds(table: Table, own: _Rows) -> list[Kind]:
    """Return what the columns hold: the title where most titles stand, the rest by heading, then by their links."""
    kinds = [_kind(column) for column in table.columns]
    titled = own.titled_column()
    if titled is None:
        titled = kinds.index(Kind.PAPER) if Kind.PAPER in kinds else 0
    kinds = [Kind.PAPER if i == titled else Kind.OTHER if kind is Kind.PAPER else kind for i, kind in enumerate(kinds)]
    return [
        Kind.LINK if kind is Kind.OTHER and _is_link(own.column(i)[-_ELSEWHERE:]) else kind
        for i, kind in enumerate(kinds)
    ]


def _is_link(cells: Sequence[tuple[_Row, str]]) -> bool:
    """Tell a column whose every filled cell is nothing but a link to the paper."""
    filled = [(row, c) for row, c in cells if c.strip() not in _NONE]
    return bool(filled) and len(_masks(Kind.LINK, filled)) == len(filled)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row cut into raw cells; `rank` is how many rows stand nearer to the new one's place."""

    entry: Entry
    left: bool
    cells: tuple[str, ...]
    right: bool
    rank: int

    def titled(self) -> list[int]:
        """Return the cells that hold the title."""
        title = self.entry.title
        verbatim = [i for i, cell in enumerate(self.cells) if title and title in cell]
        return verbatim or [i for i, cell in enumerate(self.cells) if title and inline.locate(cell.strip(), title)]


class _Rows:
    """The rows of some entries, cut into raw cells; `place` is before which of them a new one goes."""

    def __init__(self, entries: Sequence[Entry], place: int = 0) -> None:
        near = sorted(range(len(entries)), key=lambda i: abs(i - place + 0.5))
        ranks = {i: rank for rank, i in enumerate(near)}
        self.rows = [_Row(e, *split_row(e.raw[len(e.prefix) :]), ranks[i]) for i, e in enumerate(entries)]

    def of_width(self, width: int) -> list[_Row]:
        """Return the rows that have all their cells."""
        return [row for row in self.rows if len(row.cells) == width]

    def column(self, index: int) -> list[tuple[_Row, str]]:
        """Return the raw cells of a column, with their rows."""
        return [(row, row.cells[index]) for row in self.rows if index < len(row.cells)]

    def titled_column(self) -> int | None:
        """Return the column that most often holds the title, None if none does."""
        found = Counter(i for row in self.rows for i in row.titled())
        return found.most_common(1)[0][0] if found else None


def _borders(document: Document, table: Table) -> tuple[bool, bool]:
    """Return the outer pipes of a table's own header."""
    header = re.split(r"[\r\n]", document.text(table.head), maxsplit=1)[0]
    left, _, right = split_row(header.lstrip("> \t"))
    return left, right


def _masks(kind: Kind, cells: Iterable[tuple[_Row, str]]) -> list[str]:
    """Return the templates of those cells that show one."""
    return [mask for row, cell in cells if (mask := _mask(kind, row.entry, cell.strip()))]


def _mask(kind: Kind, entry: Entry, cell: str) -> str | None:
    """Return a cell with its paper's own parts masked; None when something else in it is particular to the row."""
    text = cell.replace("{", "").replace("}", "")
    if kind is Kind.CODE:
        masked = _URL.sub("{code}", text, count=1)
        return masked if masked.count("{code}") == 1 and not _URL.search(masked) and len(masked) <= 40 else None
    for found in sorted(arxiv_id.find_all(text), key=lambda f: -f.start):
        text = f"{text[: found.start]}{{id}}{text[found.end :]}"
    for base in entry.arxiv_ids:
        text = text.replace(base, "{id}")
    if kind is Kind.PAPER:
        place = inline.locate(text, entry.title) if entry.title else None
        if place is None or text.count(entry.title) > 1:
            return None
        text = f"{text[: place[0]]}{{title}}{text[place[1] :]}"
    known = re.sub(r"\{id\}|\{title\}", "", text)
    particular = re.search(r"\w", _OF_EVERY_ROW.sub("", known))
    return None if particular or not re.search(r"\{(?:id|title)\}", text) else text


def _write_cell(hand: CellHand, facts: Facts) -> str:
    """Fill a template when all it needs is known; otherwise write the table's empty cell."""
    told = None if hand.kind is Kind.PAPER else facts.of_column(hand.heading, hand.used)
    text = told or (hand.shown.write(facts) if hand.shown else None)
    if hand.kind is Kind.CODE and not (facts.code and text and facts.code in text):
        text = told
    if hand.kind is Kind.LINK and facts.id not in (text or ""):
        text = told
    if not text and hand.template:
        values = {"id": facts.id, "title": facts.title, "code": facts.code}
        names = re.findall(r"\{(\w+)\}", hand.template)
        if all(values.get(name) is not None for name in names):
            text = re.sub(r"\{(\w+)\}", lambda m: str(values[m[1]]), hand.template)
    text = (text or "").strip() if re.sub(r"<[^<>]*>", "", text or "").strip(" .") else ""
    return hand.left + text.replace("\n", " ") + hand.right if text else hand.empty


def _default(cells: Sequence[str]) -> str | None:
    """Return the mark that nearly every row of a column has: it says nothing of one paper."""
    mark = _most(cells, default="")
    shared = len(cells) >= 5 and cells.count(mark) >= 0.8 * len(cells)
    return mark if shared and not re.search(r"[\w{}|]", mark) else None


def _kind(column: str) -> Kind:
    return next((kind for kind, pattern in _HEADINGS.items() if pattern.search(column)), Kind.OTHER)


def _most(values: Iterable[_T], default: _T | None = None) -> _T:
    """Return the commonest value, the earliest of equals; `default` when there are none."""
    counted = Counter(values)
    if not counted:
        assert default is not None
        return default
    return counted.most_common(1)[0][0]
