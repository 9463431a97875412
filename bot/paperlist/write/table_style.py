"""How the rows of a table are written: a row style, learned from them.

Each column has the form of most of its rows, the nearest counting most, or else of such columns elsewhere in the list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from bot.model import Cell, Paper
from bot.paperlist.read import inline
from bot.paperlist.read.document import Document, Entry, Table
from bot.paperlist.read.items import is_linked
from bot.paperlist.write import escape
from bot.paperlist.write.columns import Holds, by_heading
from bot.paperlist.write.facts import AuthorsForm, Facts
from bot.paperlist.write.forms import GAP, OPEN
from bot.paperlist.write.mask import masked, words
from bot.paperlist.write.numbering import Number, Numbering, numbering
from bot.paperlist.write.prune import GENERIC
from bot.paperlist.write.template import Sample, Templates

_T = TypeVar("_T", bool, str)
_CELL = re.compile(r"(?:\\[!-/:-@\[-`{-~]|[^|\\]|\\)*")  # as cmark-gfm cuts a row: an escaped pipe cuts nothing
_NOTHING = frozenset(("", "-", "--", "---", "–", "—", "/", "TBD", ".", "?"))
_NONE = _NOTHING | {"N/A", "n/a", "NA", "None", "none", "x", "X", "✗", "✘", "❌", ":x:"}
"""Empty cells of a column of links; elsewhere such a mark says something, and must not be said of a new paper."""
_LATEST = 200
"""How many rows of a table tell its style: more would cost time and tell nothing new."""
_NEAREST = 50
"""How many cells tell the form of a column."""
_FADING = 0.96
"""How much less each row further from the new one's place counts."""
_PERSONAL = re.compile(
    r"institut|affiliation|organi[sz]ation|company|\blabs?\b|机构|单位|stars?\b|rating|recom|citation", re.I
)
"""Headings of columns that a paper's record does not tell."""
_REPOSITORY = re.compile(r"git(?:hub|lab)\.com/")
_YEAR = re.compile(r"\byear\b|年份", re.I)
_AUTHORS = re.compile(r"\bauthors?\b|作者", re.I)
_ABSTRACT = re.compile(r"\babstract\b|摘要", re.I)
_CATEGORY = re.compile(
    r"\b(?:types?|categor(?:y|ies)|topics?|tasks?|areas?|fields?|domains?|class|tags?|kind|methods?|techniques?|subjects?"
    r"|track|themes?)\b|类型|类别|分类|任务|领域|主题|标签|方法",
    re.I,
)
"""Headings of columns that sort papers into kinds."""


@dataclass(frozen=True, slots=True)
class ColumnStyle:
    """How a column is written: spaces inside its borders, the forms of a filled cell, the raw empty cell.

    `templates` are its own and those of such columns elsewhere in the list, and `used` the values of its rows, as they
    are written. In a table without rows (`fresh`) its heading tells what to write; where
    links lead elsewhere than to papers (`apart`), the paper's address does not belong.
    """

    holds: Holds
    heading: str
    left: str
    right: str
    empty: str
    templates: tuple[Templates, ...]
    used: frozenset[str] = frozenset()
    fresh: bool = False
    apart: bool = False

    def write(self, facts: Facts) -> str:
        """Return the raw cell of a paper, empty where nothing is known."""
        text = (None if self.holds is Holds.PAPER else facts.of_column(self.heading, self.used)) or self._filled(facts)
        text = (text or "").strip() if re.sub(r"<[^<>]*>", "", text or "").strip(" .") else ""
        return self.framed(text.replace("\n", " ")) if text else self.empty

    def _filled(self, facts: Facts) -> str | None:
        """Return what the templates give; in a column of links, the link, and of code, the code."""
        needed = {Holds.LINK: "" if self.apart else facts.id, Holds.CODE: facts.code}.get(self.holds, "")
        texts = (text for templates in self.templates if (text := templates.write(facts)))
        texts = (text for text in texts if not (self.apart and facts.id in text))
        default = {Holds.PAPER: default_title(facts), Holds.CODE: facts.code}.get(self.holds)
        default = default or (self._by_heading(facts) if self.fresh and not self.templates else None)
        return default if needed is None else next((text for text in texts if needed in text), default)

    def _by_heading(self, facts: Facts) -> str | None:
        """Return what the heading asks for, where no row shows it."""
        if self.holds is Holds.DATE or _YEAR.search(self.heading):
            return facts.date("{Y}" if _YEAR.search(self.heading) else "{Y}-{m}-{d}")
        return facts.authors(AuthorsForm(3, others=" et al.")) if _AUTHORS.search(self.heading) else None

    def framed(self, text: str) -> str:
        """Return a cell with the spaces that stand inside its borders."""
        return self.left + text + self.right


def default_title(facts: Facts) -> str:
    """Return the title as a link to the paper."""
    return f"[{facts.title}](https://arxiv.org/abs/{facts.id})"


@dataclass(frozen=True, slots=True)
class TableStyle:
    """How the rows of a table are written near a place; see `RowStyle`."""

    outer_left: bool
    outer_right: bool
    columns: tuple[ColumnStyle, ...]
    prefix: str = ""
    number: Number | None = None
    gap: bytes = b""

    def tie(self, paper: Paper, cells: Sequence[Cell]) -> tuple[int, int] | None:
        """Return the lines of two rows whose titles show two styles, equally common; None if one prevails."""
        facts = Facts(paper, cells)
        titles = (column.templates[:1] for column in self.columns if column.holds is Holds.PAPER)
        return next((lines for own in titles for shown in own if (lines := shown.tie(facts))), None)

    def write(self, paper: Paper, cells: Sequence[Cell]) -> bytes:
        """Return the row of a paper. What is not known stays empty in the table's own way."""
        facts = Facts(paper, cells)
        row = [column.write(facts) for column in self.columns]
        if not (any(facts.id in cell for cell in row) and any(map(facts.named_in, row))):  # no row of this paper
            titled = [i for i, column in enumerate(self.columns) if column.holds is Holds.PAPER]
            for i in titled:
                row[i] = self.columns[i].framed(default_title(facts))
        if self.number:
            row[self.number.column] = self.columns[self.number.column].framed(self.number.text)
        left = self.outer_left or not row[0].strip()  # a first or last cell that is blank needs its pipe
        right = self.outer_right or not row[-1].strip()
        text = "|".join(row) + ("|" if right else "")
        return (self.prefix + ("|" + text if left else escape.start_of_line(text))).encode()


def split_row(raw: str) -> tuple[bool, tuple[str, ...], bool]:
    """Cut a row without line ending at its pipes.

    Returns whether it has an outer pipe on the left, its raw cells, and whether it has one on the right.
    """
    left, spans, right = cell_spans(raw)
    return left, tuple(raw[start:end] for start, end in spans), right


def cell_spans(raw: str) -> tuple[bool, tuple[tuple[int, int], ...], bool]:
    """Return what `split_row` does, with the place of each raw cell."""
    at, last = len(raw) - len(raw.lstrip(" \t")), len(raw.rstrip(" \t"))
    parts: list[tuple[int, int]] = []
    while True:
        match = _CELL.match(raw, at, max(at, last))
        assert match is not None  # the pattern matches the empty string
        parts.append(match.span())
        if match.end() >= last:
            break
        at = match.end() + 1
    blank = [not raw[start:end].strip() for start, end in parts]
    left = len(parts) > 1 and blank[0]
    right = len(parts) > 1 + left and blank[-1]
    return left, tuple(parts[1 if left else 0 : -1 if right else None]), right


class TableStyles:
    """The styles of a list's tables."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def near(self, table: Table, at: int, number: Number | None = None) -> TableStyle:
        """Return the style of a table near a place."""
        first = max(0, min(at - _LATEST // 2, len(table.entries) - _LATEST))
        rows = _rows(table.entries[first:][:_LATEST], at - first)
        full = [row for row in rows if len(row.cells) == len(table.columns)] or rows
        head = _head(self._document, table)
        left, right = _most(row.left for row in full or [head]), _most(row.right for row in full or [head])
        columns = (
            self._column(holds, heading, _column(rows, i), rows or [head])
            for i, (holds, heading) in enumerate(zip(_held(table, rows), table.columns, strict=True))
        )
        return TableStyle(left or len(table.columns) == 1, right, tuple(columns), table.prefix, number)

    def _column(self, holds: Holds, heading: str, cells: Sequence[_RawCell], rows: Sequence[_Row]) -> ColumnStyle:
        linking = holds in (Holds.CODE, Holds.LINK)
        marks = _NONE if linking or _PERSONAL.search(heading) else _NOTHING
        linked = linking and any("http" in c.raw for c in cells)
        blank = [c.raw for c in cells if c.text in marks or (linked and not re.search(r"\w", c.raw))]
        filled = [c for c in cells if c.raw not in blank]
        shape = [c.raw for c in filled] or [raw for row in rows for raw in row.cells if raw.strip()]
        left = _most((c[: len(c) - len(c.lstrip())] for c in shape), default="")
        right = _most((c[len(c.rstrip()) :] for c in shape), default="")
        own = _templates(holds, heading, filled)
        templates = (*own, *self._elsewhere.get(holds, ()))
        return ColumnStyle(
            holds=holds,
            heading=heading,
            left=left if len(left) <= 1 else " ",
            right=right if len(right) <= 1 else " ",
            empty=_most((c if len(c) <= (6 if c.strip() else 2) else " " for c in blank), default=left and " "),
            templates=templates,
            used=frozenset(c.text for c in filled),
            fresh=not cells,
            apart=_lead_elsewhere(holds, filled),
        )

    @cached_property
    def _elsewhere(self) -> Mapping[Holds, Sequence[Templates]]:
        """The form of each kind of column in the whole list."""
        found: dict[Holds, list[_RawCell]] = {Holds.PAPER: [], Holds.CODE: [], Holds.LINK: []}
        for table in (t for section in self._document.sections for t in section.tables if t.entries):
            rows = _rows(table.entries[-_NEAREST:])
            for i, holds in enumerate(_held(table, rows)):
                if holds in found and len(found[holds]) < _NEAREST:
                    found[holds] += [c for c in _column(rows, i) if c.text not in _NONE]
        return {holds: _templates(holds, "", cells) for holds, cells in found.items()}


def table_numbering(table: Table) -> Numbering | None:
    """Return how a table counts its rows, None if it does not; of a long one its ends tell."""
    half = _LATEST // 2
    parts = [table.entries] if len(table.entries) <= _LATEST else [table.entries[:half], table.entries[-half:]]
    first, *others = [numbering(table.columns, [row.cells for row in _rows(part)]) for part in parts]
    if first is None or any(one is None or (one.column, one.down) != (first.column, first.down) for one in others):
        return None
    return replace(first, latest=max(one.latest for one in (first, *others) if one))


def category_cells(document: Document) -> Mapping[str, Sequence[tuple[Entry, str]]]:
    """Return the entries and raw values of each column that sorts papers into kinds, by the column's heading."""
    found: dict[str, list[tuple[Entry, str]]] = {}
    for table in (t for section in document.sections for t in section.tables if t.entries):
        rows = _rows(table.entries)
        for i, (holds, heading) in enumerate(zip(_held(table, rows), table.columns, strict=True)):
            if holds is Holds.OTHER and _CATEGORY.search(heading):
                filled = ((c.row.entry, c.text) for c in _column(rows, i) if c.text not in _NONE)
                found.setdefault(heading, []).extend(filled)
    return found


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


class _RawCell(NamedTuple):
    row: _Row
    raw: str

    @property
    def text(self) -> str:
        return self.raw.strip()


def _rows(entries: Sequence[Entry], place: int = 0) -> list[_Row]:
    """Return entries as rows; `place` is before which of them a new one goes."""
    near = sorted(range(len(entries)), key=lambda i: abs(i - place + 0.5))
    ranks = {i: rank for rank, i in enumerate(near)}
    return [_Row(e, *split_row(e.raw[len(e.prefix) :]), ranks[i]) for i, e in enumerate(entries)]


def _column(rows: Sequence[_Row], index: int) -> list[_RawCell]:
    return [_RawCell(row, row.cells[index]) for row in rows if index < len(row.cells)]


def _held(table: Table, rows: Sequence[_Row]) -> list[Holds]:
    """Return what the columns hold: the title where most titles stand, the rest by heading, then by their links."""
    held = [by_heading(column) for column in table.columns]
    found = Counter(i for row in rows for i in row.titled())
    first = held.index(Holds.PAPER) if Holds.PAPER in held else 0
    titled = found.most_common(1)[0][0] if found else first
    held = [Holds.PAPER if i == titled else Holds.OTHER if h is Holds.PAPER else h for i, h in enumerate(held)]
    held = [Holds.LINK if h is Holds.CODE and _of_papers(_column(rows, i)) else h for i, h in enumerate(held)]
    return [
        Holds.LINK if h is Holds.OTHER and _are_links(_column(rows, i)[-_NEAREST:]) else h for i, h in enumerate(held)
    ]


def _are_links(cells: Sequence[_RawCell]) -> bool:
    """Whether every filled cell is nothing but a link to the paper."""
    filled = [c for c in cells if c.text not in _NONE]
    return bool(filled) and all(_is_link(masked(Sample(c.text, title=c.row.entry.title)).text) for c in filled)


def _of_papers(cells: Sequence[_RawCell]) -> bool:
    """Whether most links of a column lead to papers, with their code beside them or not."""
    linked = [c.raw for c in cells[-_NEAREST:] if "http" in c.raw]
    return 2 * sum(map(is_linked, linked)) > len(linked)


def _lead_elsewhere(holds: Holds, filled: Sequence[_RawCell]) -> bool:
    """Whether most links of a column lead to pages, data or videos: no paper's address belongs there."""
    linked = [c.raw for c in filled if "http" in c.raw]
    near = sum(is_linked(raw) or _REPOSITORY.search(raw) is not None for raw in linked)
    return holds in (Holds.LINK, Holds.OTHER) and 2 * near < len(linked)


def _is_link(mask: str) -> bool:
    slots = any(f"{OPEN}{slot}" in mask for slot in ("url", "id"))
    return slots and GAP not in mask and GENERIC.issuperset(words(mask))


def _templates(holds: Holds, heading: str, cells: Sequence[_RawCell]) -> Sequence[Templates]:
    """Return the templates that the filled cells of a column show, the nearest counting most; none without any."""
    if not cells or _PERSONAL.search(heading):
        return ()
    nearest = sorted(cells, key=lambda cell: cell.row.rank)[:_NEAREST]
    abstract = _ABSTRACT.search(heading) is not None and all(len(c.raw.split()) >= 40 for c in nearest)
    samples = [
        Sample(
            raw=c.text,
            weight=_FADING**c.row.rank,
            title=c.row.entry.title,
            titled=holds is Holds.PAPER,
            abstract=abstract,
            code=holds is Holds.CODE,
            line=c.row.entry.line if c.row.entry.arxiv_ids else 0,
        )
        for c in nearest
    ]
    if holds in (Holds.PAPER, Holds.LINK, Holds.CODE):
        return (Templates(samples, common=0.8),)
    return (Templates(samples, common=0.95, told=0.5),)  # what few of its cells derive from a record, none shall


def _head(document: Document, table: Table) -> _Row:
    """Return a table's own header as a row."""
    header = re.split(r"[\r\n]", document.text(table.head), maxsplit=1)[0]
    entry = Entry(table.line, table.head, table.prefix, header, (), "", ())
    return _Row(entry, *split_row(header.lstrip("> \t")), 0)


def _most(values: Iterable[_T], default: _T | None = None) -> _T:
    """Return the commonest value, the earliest of equals; `default` when there are none."""
    counted = Counter(values)
    if not counted:
        assert default is not None
        return default
    return counted.most_common(1)[0][0]
