"""Cells of HTML tables that span several rows or columns: a new row cannot be written among them without doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from bot.errors import ListFormatError
from bot.paperlist.nouns import Lines
from bot.paperlist.read.document import Document, Group, Kind, Table

_HIDDEN = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_HEAD = re.compile(rb"<thead\b.*?</thead", re.IGNORECASE | re.DOTALL)
_TABLE = re.compile(rb"<table\b", re.IGNORECASE)
_ROW = re.compile(rb"<tr\b", re.IGNORECASE)
_DATA = re.compile(rb"<td\b", re.IGNORECASE)
_CELL = re.compile(rb"<t[dh]\b(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^>\"'])*>", re.IGNORECASE)
_SPAN = re.compile(rb"\b(row|col)span\s*=\s*[\"']?\s*\+?(\d+)", re.IGNORECASE)


def merged_cell(document: Document, group: Group) -> tuple[int, str] | None:
    """Return the line of the first cell that spans several rows or columns in the tables of a group, and its tag.

    None where there is none, or the entries are no rows of HTML. Cells above the first row of data only matter when
    they reach down into it.
    """
    if group.kind is not Kind.HTML or is_list(group):
        return None
    start, end = _extent(document.source, group)
    text = _HIDDEN.sub(_blank, document.source[start:end])
    borders = sorted({0, len(text), *(m.start() for m in _TABLE.finditer(text))})
    at = next((found for a, b in pairwise(borders) for found in _merged(text, a, b)), None)
    if at is None:
        return None
    tag = text[slice(*at)]
    spans = " ".join(f"{m[1].decode().lower()}span={m[2][:5].decode()}" for m in _SPAN.finditer(tag))
    return Lines(document.source).number(start + at[0]), f"<{tag[1:3].decode().lower()} {spans}>"


def is_list(group: Group | Table) -> bool:
    """Whether a group of HTML is one of items, not of rows."""
    return group.kind is Kind.HTML and "<li" in group.entries[0].raw.casefold()


def shows_merged(group: Group | Table) -> bool:
    """Whether a row of a group of HTML rows has a cell that spans several rows or columns."""
    if group.kind is not Kind.HTML:
        return False
    tags = (tag[0] for entry in group.entries for tag in _CELL.finditer(entry.raw.encode()))
    return any(_spans(tag) != (1, 1) for tag in tags)


def refuse_merged(document: Document, group: Group | Table) -> None:
    """Raise `ListFormatError` with the line of a cell that spans several rows or columns."""
    if isinstance(group, Group) and (found := merged_cell(document, group)):
        line, tag = found
        raise ListFormatError(
            f"{tag} spans several rows or columns, so a new row could break this table; add the paper by hand",
            path=document.name,
            line=line,
        )


def _extent(source: bytes, group: Group) -> tuple[int, int]:
    """Return where the tables that hold the rows of a group begin and end; the rows alone where no tag says so."""
    low = source.lower()
    opened = low.rfind(b"<table", 0, group.start)
    start = opened if opened > low.rfind(b"</table", 0, group.start) else group.start
    closed = low.find(b"</table", group.end)
    again = low.find(b"<table", group.end)
    return start, closed if closed >= 0 and not 0 <= again < closed else group.end


def _merged(text: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the cells of one table stand that span several rows or columns of its body."""
    table = _HEAD.sub(_blank, text[start:end])
    data = _DATA.search(table)
    body = max((m.start() for m in _ROW.finditer(table, 0, data.start())), default=data.start()) if data else len(table)
    heads = [m.start() for m in _ROW.finditer(table, 0, body)]
    for cell in _CELL.finditer(table):
        rows, columns = _spans(cell[0])
        if cell.start() >= body:
            merged = (rows, columns) != (1, 1)
        else:
            merged = rows == 0 or rows > sum(at > cell.start() for at in heads) + 1
        if merged:
            yield start + cell.start(), start + cell.end()


def _spans(tag: bytes) -> tuple[int, int]:
    """Return over how many rows and columns a cell goes; 0 rows are all that follow, and 0 columns are one."""
    told = {m[1].lower(): int(m[2][:5]) for m in _SPAN.finditer(tag)}
    return told.get(b"row", 1), told.get(b"col", 1) or 1


def _blank(found: re.Match[bytes]) -> bytes:
    """Return as many spaces as were found bytes, line breaks kept, so that offsets and lines stay."""
    return re.sub(rb"[^\r\n]", b" ", found[0])
