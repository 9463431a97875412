"""Taking out what the bot once put in: exactly its bytes, and only while nobody edited them.

An edit that inserts an entry is proven by taking it out again; so a removal is proven as the insertion that would undo
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.errors import ListFormatError
from bot.paperlist.nouns import Entry, Group, InsertedEntry, Section, Span, Splice, Table
from bot.paperlist.proof import prove, spliced
from bot.paperlist.read.counts import following
from bot.paperlist.read.document import Document, parse


@dataclass(frozen=True, slots=True)
class Removal:
    """A proven change of a list: which papers' rows are out, and which stay because they are not as they were."""

    before: bytes
    after: bytes
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def remove_entries(document: Document, rows: Mapping[str, str], base: Document) -> Removal:
    """Return the list without rows that the bot wrote, given by paper id and without their last line ending.

    A row that is not there byte for byte, or that stands twice, is kept; another entry of the paper does not matter
    where `base` has it. A section that the bot opened, one that `base` has
    not, goes with its last entry, and so does the date when nothing else is left of what was added.
    """
    now, removed = document, []
    for paper, row in rows.items():
        after = _without(now, paper, row, base)
        if after is not None:
            now = parse(after, document.name)
            removed.append(paper)
    after = base.source if removed and _same_but_for_the_date(now, base) else now.source
    return Removal(document.source, after, tuple(removed), tuple(i for i in rows if i not in removed))


def _same_but_for_the_date(now: Document, base: Document) -> bool:
    """Whether nothing is left of what was added but the dates, which move only together with entries."""
    if not base.date_lines or len(now.date_lines) != len(base.date_lines):
        return False
    dates = zip(now.date_lines, base.date_lines, strict=True)
    back = [Splice(new.start, new.end, base.source[old.start : old.end]) for new, old in dates]
    return spliced(now.source, back) == base.source


def _without(document: Document, paper: str, row: str, base: Document) -> bytes | None:
    """Return the list without one row; None when it is not as it was written, or cannot be proven to be all."""
    found = [
        (section, group, entry)
        for section in document.sections
        for group in section.groups
        for entry in group.entries
        if paper in entry.arxiv_ids
    ]
    exact = [one for one in found if one[2].raw == row]
    listed = sum(paper in entry.arxiv_ids for entry in base.entries)
    if len(exact) != 1 or len(found) > 1 + listed:
        return None
    section, group, entry = exact[0]
    fewer = following(document.source, document.counts, {section.heading.start: -1})
    for cuts, opened in _ways(document, section, group, entry, base):
        cuts = _with_line_break(document, cuts, base)
        heading = None if opened else section.heading.start
        inserted = InsertedEntry(paper, section.path, row.encode(), heading)
        for counts in (fewer, []):
            splices = sorted([*(Splice(*cut, b"") for cut in cuts), *counts])
            if _undoes_insertion(document, splices, inserted):
                return spliced(document.source, splices)
    return None


def _ways(
    document: Document, section: Section, group: Table | Group, entry: Entry, base: Document
) -> Iterator[tuple[list[Span], bool]]:
    """Yield what may have to go, likeliest first, and whether the section goes with it."""
    alone = len(section.entries) == 1
    if alone and section.level and not base.sections_like(section.path):
        contents = [c.span for c in document.contents if c.text.strip() == section.path[-1]]
        start = section.heading.start
        yield [*contents, Span(_above(document.source, start), section.span.end)], True
        yield [*contents, Span(start, section.span.end)], True
    if isinstance(group, Group):
        above, below = _above(document.source, entry.span.start), _below(document.source, entry.span.end)
        last = entry is group.entries[-1]
        around = [Span(above, entry.span.end), Span(entry.span.start, below)]
        yield from (([span], False) for span in (around if last else reversed(around)))
    yield [entry.span], False


def _with_line_break(document: Document, cuts: list[Span], base: Document) -> list[Span]:
    """Take the line break too that a last line got which had none."""
    *others, last = sorted(cuts, key=lambda c: c.start)
    if last.end < len(document.source) or base.source.endswith((b"\n", b"\r")):
        return cuts
    above = document.source[: last.start]
    ending = next((e for e in (b"\r\n", b"\n", b"\r") if above.endswith(e)), b"")
    return [*others, Span(last.start - len(ending), last.end)]


def _above(source: bytes, at: int) -> int:
    """Return where the blank lines above an offset begin."""
    while at:
        start = max(source.rfind(b"\n", 0, at - 1), source.rfind(b"\r", 0, at - 1)) + 1
        if source[start:at].strip():
            break
        at = start
    return at


def _below(source: bytes, at: int) -> int:
    """Return where the blank lines below an offset end."""
    for line in source[at:].splitlines(keepends=True):
        if line.strip():
            break
        at += len(line)
    return at


def _undoes_insertion(document: Document, splices: Sequence[Splice], entry: InsertedEntry) -> bool:
    """Whether to undo the splices is a proven insertion of just that entry."""
    if any(a.end > b.start for a, b in pairwise(splices)):
        return False
    back: list[Splice] = []
    shift = 0
    for start, end, data in splices:
        back.append(Splice(start + shift, start + shift + len(data), document.source[start:end]))
        shift += len(data) - (end - start)
    without = parse(spliced(document.source, splices), document.name)
    try:
        return prove(without, tuple(back), (entry,)).after == document.source
    except ListFormatError:
        return False
