"""The hand of a section: how its entries are written, learned from them, and a new entry written alike.

A cell's template is its raw text with what is the paper's own masked, for example
`[[{id}] {title} (arxiv.org)](https://arxiv.org/abs/{id})`. Templates are counted over a section's rows (over the whole
list's where the section shows none) and the commonest wins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bot import arxiv_id, titles
from bot.model import Cell, Paper
from bot.paperlist import escape
from bot.paperlist.document import Document, Entry, Table

_T = TypeVar("_T", bool, str)
_CELL = re.compile(r"(?:\\[!-/:-@\[-`{-~]|[^|\\]|\\)*")  # as cmark-gfm cuts a row: an escaped pipe cuts nothing
_EMPTY_MARKS = frozenset(("", "-", "--", "–", "—", "/", "N/A", "n/a", "NA", "None", "none", "TBD", "x", "✗", "❌", "."))
_URL = re.compile(r"https?://[^\s)<>\"\]]+")
_OF_EVERY_ROW = re.compile(r"https?://[\w.]*arxiv\.org/\w+/|arxiv(?:\.org)?|\.pdf|pdf|abs|link|paper", re.IGNORECASE)
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
    Kind.LINK: re.compile(r"\b(?:links?|urls?|arxiv|pdf|abs)\b|链接", re.I),
}


@dataclass(frozen=True, slots=True)
class CellHand:
    """How one column is written: spaces inside its borders, the template of a filled cell, the raw empty cell."""

    kind: Kind
    left: str
    right: str
    template: str | None
    empty: str


@dataclass(frozen=True, slots=True)
class TableHand:
    """How the rows of a table are written."""

    outer_left: bool
    outer_right: bool
    cells: tuple[CellHand, ...]

    def write(self, paper: Paper, known: Sequence[Cell] = ()) -> str:
        """Return the row of a paper, without line ending. What is not known stays empty in the table's own way."""
        facts = _facts(paper, known)
        cells = (_write_cell(cell, facts) for cell in self.cells)
        return ("|" if self.outer_left else "") + "|".join(cells) + ("|" if self.outer_right else "")


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


def table_hand(document: Document, table: Table) -> TableHand:
    """Return the hand of a table; what too few of its rows show is taken from all rows of the list."""
    own = _Rows(document, table.entries)
    every = _Rows(document, document.entries)
    kinds = tuple(_kind(column) for column in table.columns)
    if Kind.PAPER not in kinds:
        titled = own.titled_column()
        kinds = tuple(Kind.PAPER if i == titled else kind for i, kind in enumerate(kinds))
    full = own.of_width(len(table.columns)) or own.rows
    left, right = (
        (_most(row.left for row in full), _most(row.right for row in full)) if full else _borders(document, table)
    )
    return TableHand(
        outer_left=left or len(table.columns) == 1,
        outer_right=right,
        cells=tuple(_cell_hand(kind, i, own, every) for i, kind in enumerate(kinds)),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    entry: Entry
    left: bool
    cells: tuple[str, ...]
    right: bool


class _Rows:
    """The rows of some entries, cut into raw cells."""

    def __init__(self, document: Document, entries: Iterable[Entry]) -> None:
        self.rows = [_Row(e, *split_row(document.text(e.span).rstrip("\r\n"))) for e in entries]

    def of_width(self, width: int) -> list[_Row]:
        """Return the rows that have all their cells."""
        return [row for row in self.rows if len(row.cells) == width]

    def column(self, index: int) -> list[tuple[Entry, str]]:
        """Return the raw cells of a column, with their entries."""
        return [(row.entry, row.cells[index]) for row in self.rows if index < len(row.cells)]

    def titled_column(self) -> int:
        """Return the column that most often holds the title, the first one if none does."""
        found = Counter(
            i for row in self.rows for i, cell in enumerate(row.cells) if row.entry.title and row.entry.title in cell
        )
        return found.most_common(1)[0][0] if found else 0


def _borders(document: Document, table: Table) -> tuple[bool, bool]:
    """Return the outer pipes of a table's own header."""
    left, _, right = split_row(document.text(table.head).splitlines()[0])
    return left, right


def _cell_hand(kind: Kind, index: int, own: _Rows, every: _Rows) -> CellHand:
    cells = own.column(index)
    filled = [(e, c) for e, c in cells if c.strip() not in _EMPTY_MARKS]
    blank = [c for _, c in cells if c.strip() in _EMPTY_MARKS]
    shape = [c for _, c in filled] or [c for row in own.rows for c in row.cells if c.strip()]
    left = _most((c[: len(c) - len(c.lstrip())] for c in shape), default="")
    right = _most((c[len(c.rstrip()) :] for c in shape), default="")
    return CellHand(
        kind=kind,
        left=left if len(left) <= 1 else " ",
        right=right if len(right) <= 1 else " ",
        template=_template(kind, filled, every),
        empty=_most((c if len(c) <= 4 else " " for c in blank), default=" " if left or right else ""),
    )


def _template(kind: Kind, filled: Sequence[tuple[Entry, str]], every: _Rows) -> str | None:
    """Return the commonest template of a column's filled cells, else of the whole list's cells of that kind."""
    if kind in (Kind.OTHER, Kind.DATE):
        return None
    elsewhere = ((row.entry, cell) for row in every.rows for cell in row.cells)
    for cells in (filled, elsewhere):
        masks = Counter(mask for entry, cell in cells if (mask := _mask(kind, entry, cell.strip())))
        if masks:
            return masks.most_common(1)[0][0]
    return {Kind.PAPER: _DEFAULT_TITLE, Kind.CODE: _DEFAULT_CODE}.get(kind)


def _mask(kind: Kind, entry: Entry, cell: str) -> str | None:
    """Return a cell with its paper's own parts masked; None when something else in it is particular to the row."""
    text = cell.replace("{", "").replace("}", "")
    if kind is Kind.CODE:
        masked = _URL.sub("{code}", text, count=1)
        return masked if masked.count("{code}") == 1 and not _URL.search(masked) and len(masked) <= 40 else None
    for found in sorted(arxiv_id.find_all(text), key=lambda f: -f.start):
        spelled = re.sub(re.escape(found.id.base) + r"(?:v\d+)?", "{id}", text[found.start : found.end], count=1)
        text = text[: found.start] + spelled + text[found.end :]
    for base in entry.arxiv_ids:
        text = text.replace(base, "{id}")
    if kind is Kind.PAPER:
        shown = entry.title
        if not shown or text.count(shown) != 1:
            return None
        text = text.replace(shown, "{title}")
    known = re.sub(r"\{id\}|\{title\}", "", text)
    particular = re.sub(
        r"https?://[\w.]*arxiv\.org/\w+/|arxiv(?:\.org)?|\.pdf|pdf|abs|link|paper", "", known, flags=re.I
    )
    if "{id}" not in text or re.search(r"\w", particular):
        return None
    return text


def _facts(paper: Paper, known: Sequence[Cell]) -> dict[str, str]:
    facts = {"id": paper.id, "title": escape.inline(titles.display(paper.title))}
    facts.update({cell.kind: escape.address(cell.value) for cell in known if cell.kind == "code"})
    return facts


def _write_cell(hand: CellHand, facts: Mapping[str, str]) -> str:
    """Fill a template when all it needs is known; otherwise write the table's empty cell."""
    if hand.template is None:
        return hand.empty
    names = re.findall(r"\{(\w+)\}", hand.template)
    if not all(name in facts for name in names):
        return hand.empty
    return hand.left + re.sub(r"\{(\w+)\}", lambda m: facts[m[1]], hand.template) + hand.right


def _kind(column: str) -> Kind:
    return next((kind for kind, pattern in _HEADINGS.items() if pattern.search(column)), Kind.OTHER)


def _most(values: Iterable[_T], default: _T | None = None) -> _T:
    """Return the commonest value, the earliest of equals; `default` when there are none."""
    counted = Counter(values)
    if not counted:
        assert default is not None
        return default
    return counted.most_common(1)[0][0]
