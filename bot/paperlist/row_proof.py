"""The proof that a change of existing rows changed nothing else: law 2 for spans inside rows."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection

from bot.errors import ListFormatError
from bot.paperlist.nouns import Entry, Lines, Splice
from bot.paperlist.proof import Edit, spliced, unspliced
from bot.paperlist.read.document import Document
from bot.paperlist.write import title_check
from bot.paperlist.write.prune import holds_empty_link
from bot.paperlist.write.table_style import cell_spans


def prove_rows(document: Document, splices: Collection[Splice], retitled: Collection[int] = ()) -> Edit:
    """Return the edit of spans inside rows once it is proven; raise `ListFormatError` otherwise.

    `retitled` are the lines of rows whose titles were to change.
    """
    ordered = tuple(sorted(splices, key=lambda s: (s.start, s.end)))
    edit = Edit(document, spliced(document.source, ordered), ordered, ())
    if problem := unspliced(edit) or _unlicensed(document, ordered) or _misread(edit, retitled):
        raise ListFormatError(f"refused: {problem}; nothing was changed", path=document.name)
    return edit


def _unlicensed(document: Document, splices: Collection[Splice]) -> str | None:
    """Name a splice that is not of one row, or that breaks or joins lines."""
    starts = [entry.span.start for entry in document.entries]
    for splice in splices:
        at = bisect_right(starts, splice.start) - 1
        if at < 0 or splice.end > document.entries[at].span.end:
            return f"bytes {splice.start}-{splice.end} are not of one row"
        if any(mark in splice.data + document.source[splice.start : splice.end] for mark in (b"\n", b"\r")):
            return f"the change at byte {splice.start} is not inside a line"
    return None


def _misread(edit: Edit, retitled: Collection[int]) -> str | None:
    """Read the new bytes afresh and name what is not as it was."""
    before, now = edit.document, edit.now
    if _frame(before) != _frame(now):
        return "what was there before is not understood as before"
    lines, removed = Lines(before.source), defaultdict[int, str](str)
    for splice in edit.splices:
        removed[lines.number(splice.start)] += edit.before[splice.start : splice.end].decode() + " "
    for old, new in zip(before.entries, now.entries, strict=True):
        if old.raw == new.raw:
            continue
        own = [removed[line] for line in range(old.line, old.line + old.raw.count("\n") + 1) if line in removed]
        if not own:
            return f"line {old.line} would change"
        if why := _other(old, new, "".join(own), old.line in retitled):
            return f"line {old.line} {why}"
    return None


def _frame(document: Document) -> object:
    """Return what a list is made of, but for the words of its rows."""
    return [
        (s.path, s.level, s.line, [(g.kind, getattr(g, "columns", ()), [e.line for e in g.entries]) for g in s.groups])
        for s in document.sections
    ], [(c.text, c.fragment) for c in document.contents]


def _other(old: Entry, new: Entry, removed: str, retitled: bool) -> str | None:
    """Return what a changed row lost, None where it lost nothing."""
    if old.cells and len(cell_spans(old.raw)[1]) != len(cell_spans(new.raw)[1]):
        return "would have another number of cells"
    if not retitled and not title_check.still_titled(old, new):
        return "would not show its title"
    if set(old.arxiv_ids) != set(new.arxiv_ids):
        return "would name other papers"
    if any(url not in new.urls and url not in removed for url in old.urls if not _part_of(url, removed)):
        return "would lose a link"
    return "would hold a link without text" if holds_empty_link(new.raw) and not holds_empty_link(old.raw) else None


def _part_of(url: str, removed: str) -> bool:
    """Whether a part of an address was to change: the owner of a repository."""
    return bool(removed) and any(len(part) > 3 and part in removed for part in url.split("/"))
