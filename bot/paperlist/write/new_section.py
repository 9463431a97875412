"""New sections, written in the hand of their neighbours: heading, table head, line of the contents."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.errors import ListFormatError
from bot.model import Path
from bot.paperlist.nouns import Lines, Splice
from bot.paperlist.read.document import ContentsItem, Document, Group, Kind, Section, Span, Table, fold
from bot.paperlist.read.inline import slug
from bot.paperlist.read.unwritable import found_instead
from bot.paperlist.write import escape, new_period

_TAIL = re.compile(rb"(?:\s|(?:^|(?<=\n))(?:-{3,}|\*{3,}|_{3,}|\[[^\[\]\n]*\]\(#[^()\n]*\))(?=\s|\Z))*\Z")
"""What ends a section and is none of its words: blank lines, a rule, a link back to the top."""


def model(document: Document, section: Section | None, path: Path) -> Table | Group:
    """Return what entries are modelled on in the section of a path, which is new or has no entries yet.

    In a list without any entries, that is a list of plain items.
    """
    if section and (found := found_instead(document, section.span)):
        name = section.path[-1] if section.path else "before the first heading"
        line, why = found
        raise ListFormatError(
            f"section {name!r} has no entries to write a new one like: here are {why}", path=document.name, line=line
        )
    if section and not _example(document):
        return Group(Kind.BULLETS, ())
    beside, _ = _beside(document, section, path)
    return (beside.tables or beside.groups)[-1]


def _beside(document: Document, section: Section | None, path: Path) -> tuple[Section, bool]:
    """Return the section that one of a path is modelled on, and whether the new one goes before it."""
    example = _example(document) if section else None
    return new_period.sibling(document, path) or (example or neighbour(document), False)


def _example(document: Document) -> Section | None:
    """Return the last section with entries, at the outermost level that has any, None if none has.

    Sections under a heading go before others, and those with a table before those with entries of another format.
    """
    filled = [s for s in document.sections if s.groups]
    filled = [s for s in filled if 1 <= s.level <= 6] or filled
    filled = [s for s in filled if s.tables] or filled
    level = min((s.level for s in filled), default=0)
    return next((s for s in reversed(filled) if s.level == level), None)


def neighbour(document: Document) -> Section:
    """Return the section a new one is modelled on; raise `ListFormatError` when none with a heading has entries."""
    example = _example(document)
    if not example or not 1 <= example.level <= 6:
        raise ListFormatError("the list has no table under a heading to model a new section on", path=document.name)
    return example


def opened(document: Document, section: Section | None, path: Path, rows: Sequence[bytes], gap: bytes) -> list[Splice]:
    """Return the splices that give a section its first entries, in its neighbour's style.

    One that is new comes after its neighbour, with its line in the contents; before it where periods run backwards.
    """
    if section:
        return [_first_entries(document, section, path, rows, gap)]
    beside, before = _beside(document, section, path)
    newline, heading = document.newline, path[-1]
    lines = _heading(document, beside, heading) + _entries(document, beside, rows, gap)
    if before:
        at = beside.heading.start
        return [Splice(at, at, lines + newline), *_contents_line(document, beside, heading, at, before=True)]
    at = _end_of(document, beside)
    blank = b"" if re.search(rb"(?:\r\n?|\n)(?:\r\n?|\n)\Z", document.source[max(0, at - 4) : at]) else newline
    after = newline if at < len(document.source) else b""
    return [Splice(at, at, blank + lines + after), *_contents_line(document, beside, heading, at, before=False)]


def _first_entries(document: Document, section: Section, path: Path, rows: Sequence[bytes], gap: bytes) -> Splice:
    """Return the splice that puts the first entries of a section below its heading, and the words there if any."""
    words = _TAIL.sub(b"", document.source[section.heading.end : section.span.end])
    at = section.heading.end
    if words.strip():
        at = Lines(document.source).whole(at, at + len(words)).end
    if _example(document):
        lines = _entries(document, _beside(document, section, path)[0], rows, gap)
        lines = document.newline + lines.lstrip(b"\r\n") if words.strip() else lines
    else:
        lines = document.newline + gap.join(row + document.newline for row in rows)
    after = document.newline if at == section.span.end < len(document.source) else b""
    return Splice(at, at, lines + after)


def _heading(document: Document, beside: Section, heading: str) -> bytes:
    """Return the lines of a heading in the style of its neighbour's: hashes before, or a line below."""
    first, *rest = re.split(r"[\r\n]+", document.text(beside.heading).strip("\r\n"))
    hashes = re.match(r" {0,3}#+[ \t]+", first)
    lines = [f"{hashes[0]}{escape.inline(heading)}"] if hashes else [escape.inline(heading), *rest[-1:]]
    return b"".join(line.encode() + document.newline for line in lines)


def _entries(document: Document, beside: Section, rows: Sequence[bytes], gap: bytes) -> bytes:
    """Return entries as far below their heading as the neighbour's; rows with the head of its last table."""
    tables = beside.tables
    space = document.source[beside.heading.end : (tables or beside.groups)[0].start]
    space = document.newline if space.strip() else space
    if not tables:
        return space + gap.join(row + document.newline for row in rows)
    head = re.split(rb"\r\n?|\n", document.source[tables[-1].head.start : tables[-1].head.end])[:2]
    lines = [*head, *rows]
    return space + b"".join(line + document.newline for line in lines)


def _end_of(document: Document, section: Section) -> int:
    """Return where a section ends, its subsections included."""
    later = (s for s in document.sections if s.span.start > section.span.start and s.level <= section.level)
    return next((s.span.start for s in later), len(document.source))


def _contents_line(document: Document, beside: Section, heading: str, at: int, *, before: bool) -> list[Splice]:
    """Return the splice that lists a new heading by its neighbour's block of the contents, if there is one."""
    items = document.contents
    index = next((i for i, item in enumerate(items) if fold(item.text) == fold(beside.path[-1])), None)
    if index is None:
        return []
    raw = document.text(items[index].span).rstrip("\r\n")
    link = re.search(r"\[[^\[\]]*\]\(#[^()\s]*\)", raw)
    if not link or not re.fullmatch(r"\s*(?:[-*+]|\d+[.)])\s+", raw[: link.start()]) or raw[link.end() :].strip():
        return []
    start = items[index].span.start if before else _last_nested(document, items, index).end
    taken = [slug(s.path[-1]) for s in document.sections if s.level and s.span.start < at]
    line = f"{raw[: link.start()]}[{escape.inline(heading)}](#{_free(slug(heading), taken)})".encode()
    return [Splice(start, start, line + document.newline)]


def _last_nested(document: Document, items: Sequence[ContentsItem], index: int) -> Span:
    """Return the last line of the block of contents lines that stand under an item."""
    indent = [len(t) - len(t.lstrip()) for t in (document.text(item.span) for item in items)]
    last = index
    while (
        last + 1 < len(items)
        and indent[last + 1] > indent[index]
        and items[last + 1].span.start == items[last].span.end
    ):
        last += 1
    return items[last].span


def _free(anchor: str, taken: Sequence[str]) -> str:
    """Return the anchor GitHub gives to a further heading of the same text: `-1`, `-2` and so on behind it."""
    return anchor if anchor not in taken else f"{anchor}-{taken.count(anchor)}"
