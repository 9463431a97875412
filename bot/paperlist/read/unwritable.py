"""What keeps a list from being written to: a program that makes it, or what stands where no entries were found."""

from __future__ import annotations

import re

from bot.errors import ListFormatError
from bot.paperlist.nouns import Lines
from bot.paperlist.read.document import Document, Span

_CODE = re.compile(rb"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[^\n]*$|\Z)|<!--.*?(?:-->|\Z)", re.MULTILINE | re.DOTALL)
_FORMS = (
    (
        re.compile(rb"^[ \t]*>.*(?:\]\(|https?://)", re.MULTILINE),
        "links inside a block quote, where nothing can be added without doubt; take the '>' before the entries away",
    ),
    (
        re.compile(rb"<li\b", re.IGNORECASE),
        "items of an HTML list that do not stand in lines of their own; write '<li>' to '</li>' in a line each",
    ),
    (
        re.compile(rb"(?<![\]\\])\[[^\[\]\n]+\]\[[^\[\]\n]*\]|^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*<?https?://", re.MULTILINE),
        "links by reference, and a new one would need a second line elsewhere; write them as '[title](address)'",
    ),
    (
        re.compile(rb"^[ \t]*\|.*\|", re.MULTILINE),
        "rows of a table without links to papers; give them links, or head a column 'Paper'",
    ),
    (
        re.compile(
            rb"^[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]|\*\*|\[(?!!)|<a\b).*(?:\]\(https?://|href|https?://)",
            re.I | re.MULTILINE,
        ),
        "links that lead to no papers; an entry needs one to arXiv or to a publisher",
    ),
)
"""What can be found, the most telling first, and why it cannot be written with what to do about it."""


def found_instead(document: Document, span: Span | None = None) -> tuple[int, str] | None:
    """Return the line of what looks most like entries in a part of a list, and why nothing can be written alike.

    None when nothing there looks like entries: words, with badges or links in them, are none.
    """
    start, end = span or (0, len(document.source))
    text = _CODE.sub(lambda m: re.sub(rb"[^\n]", b" ", m[0]), document.source[:end])
    found = ((form.search(text, start), why) for form, why in _FORMS)
    return next(((Lines(document.source).number(m.start()), why) for m, why in found if m), None)


def refuse_generated(document: Document) -> None:
    """Raise `ListFormatError` with the line of a list that says a program makes it."""
    if (line := document.generated()) is not None:
        raise ListFormatError(
            "this list is made by a program, which would undo the change; use the file that it is made from",
            path=document.name,
            line=line,
        )
