"""Bytes of a Markdown list -> its sections, entries, date line and contents, by byte spans.

The parser (pyromark, GFM tables) is used for positions only; nothing is ever rendered back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.errors import ListFormatError
from bot.model import Path
from bot.paperlist.nouns import ContentsItem, Entry, Group, Kind, Lines, Link, Section, Span, Table
from bot.paperlist.read import inline
from bot.paperlist.read.counts import ShownCount, find_counts
from bot.paperlist.read.dateline import DateLine, find_date_lines
from bot.paperlist.read.scan import scanned
from bot.paperlist.read.sections import sections
from bot.paperlist.read.tables import bare_title

__all__ = [
    "ContentsItem",
    "Document",
    "Entry",
    "Group",
    "Kind",
    "Link",
    "Section",
    "Span",
    "Table",
    "bare_title",
    "fold",
    "fold_path",
    "parse",
]

_BY_COMMENT = re.compile(
    rb"<!--(?:(?!-->).){0,300}?(?:auto-?generated|generated (?:by|from|automatically)|do not (?:edit|modify))",
    re.DOTALL,
)
_BY_LINE = re.compile(
    rb"[^\n]{0,200}\b(?:auto-?|automatically )?generated\b[^\n]{0,200}\bdo not (?:edit|modify|change)\b"
    rb"|[^\n]{0,200}\bdo not (?:edit|modify|change)\b[^\n]{0,200}\bgenerated\b"
)
_WITHIN = 500
"""More bytes than such a line has before its sign."""
_SIGN = re.compile(rb"<!--|do not ")
"""What every such text has: it begins with the one, or has the other in its line."""
_LARGEST = 20 << 20
"""Bytes of the largest list that is read: 200,000 rows."""
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Document:
    """A list as the bot understands it. `name` is what messages call it."""

    name: str
    source: bytes
    sections: tuple[Section, ...]
    contents: tuple[ContentsItem, ...]
    date_lines: tuple[DateLine, ...]
    opaque: tuple[tuple[int, int], ...] = ()
    """Lines that do not speak of the list itself, in document order: code, comments, entries."""

    @property
    def date_line(self) -> DateLine | None:
        """The first line that says when the list was last updated, None if no line does."""
        return next(iter(self.date_lines), None)

    @property
    def dated_alike(self) -> tuple[DateLine, ...]:
        """The date line and those that were brought up to date with it."""
        return tuple(line for line in self.date_lines if line.date == self.date_lines[0].date)

    @cached_property
    def counts(self) -> tuple[ShownCount, ...]:
        """The numbers that are said to count its papers, or those of a section."""
        return tuple(find_counts(self.source, self.opaque, self.sections))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in document order."""
        return tuple(entry for section in self.sections for entry in section.entries)

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """The entries by the arXiv ids they name."""
        return {i: entry for entry in self.entries for i in entry.arxiv_ids}

    def line_of(self, paper: str) -> int | None:
        """Return the line of the entry of a paper, None if it is not listed."""
        entry = self.by_id.get(paper)
        return entry.line if entry else None

    @cached_property
    def newline(self) -> bytes:
        """The line ending of the file: the one most of its lines have."""
        crlf = self.source.count(b"\r\n")
        alone = {b"\n": self.source.count(b"\n") - crlf, b"\r\n": crlf, b"\r": self.source.count(b"\r") - crlf}
        return max(alone, key=lambda ending: alone[ending])

    def generated(self) -> int | None:
        """Return the line that says a program makes this list from something else, None if none does."""
        small = self.source.lower()
        for sign in _SIGN.finditer(small):
            start = sign.start()
            if sign[0] == b"<!--":
                said = _BY_COMMENT.match(small, start)
            else:
                start = small.rfind(b"\n", max(0, start - _WITHIN), start) + 1
                said = _BY_LINE.match(small, start)
            if said and not any(e.span.start <= start < e.span.end for e in self.entries):
                return self.source.count(b"\n", 0, start) + 1
        return None

    def text(self, span: Span) -> str:
        """Return what stands in a span."""
        return self.source[span.start : span.end].decode()

    def section(self, wanted: Sequence[str]) -> Section | None:
        """Return the section of this heading path, or the only one whose path ends so; None if none or several."""
        found = self.sections_like(wanted)
        return found[0] if len(found) == 1 else None

    def sections_like(self, wanted: Sequence[str]) -> list[Section]:
        """Return the sections of this heading path, else those whose path ends so.

        Headings compare folded, and where none is alike, by letters and digits alone if only one is alike then
        (`Survey` is `📷 Survey`). Sections with entries go before those without any.
        """
        if same := self._alike(wanted, fold):
            return same
        same = self._alike(wanted, bare)
        return same if len(same) == 1 else []

    def _alike(self, wanted: Sequence[str], form: Callable[[str], str]) -> list[Section]:
        want = tuple(map(form, wanted))
        paths = [(s, tuple(map(form, s.path))) for s in self.sections]
        ending = [s for s, path in paths if path[len(path) - len(want) :] == want]
        same = [s for s in ending if len(s.path) == len(want)] or ending
        return [s for s in same if s.groups] or same


def fold(heading: str) -> str:
    """Return a heading in the form in which headings compare: case and spaces do not count."""
    return " ".join(heading.casefold().split())


def bare(heading: str) -> str:
    """Return the letters and digits of a heading, without markup and addresses; all of it where it has none."""
    return re.sub(r"[\W_]+", "", inline.plain(heading)).casefold() or heading.strip()


def fold_path(path: Sequence[str]) -> Path:
    """Return a heading path in the form in which paths compare."""
    return tuple(map(fold, path))


def parse(source: bytes, name: str = "list") -> Document:
    """Understand a list.

    Raises `ListFormatError` when the bytes are not UTF-8, or too many; every other input, however broken, is understood
    as far as it goes.
    """
    if len(source) > _LARGEST:
        raise ListFormatError(f"{len(source) >> 20} MB are more than a list of papers has; is it the file?", path=name)
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
    lines = Lines(source)
    scan = scanned(text, source, skip, lines)
    found = tuple(sections(scan, len(source)))
    opaque = tuple(scan.opaque(found))
    return Document(
        name=name,
        source=source,
        sections=found,
        contents=tuple(scan.contents),
        date_lines=tuple(find_date_lines(source, lines.starts, opaque)),
        opaque=opaque,
    )
