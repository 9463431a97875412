"""Whether a paper was withdrawn."""

from __future__ import annotations

import re

from bot.model import Paper

_WITHDRAWN = re.compile(r"\b(?:withdrawn|retracted)\b", re.IGNORECASE)
_SAYS_WITHDRAWN = re.compile(
    r"\A\W*(?:this|the)\s+(?:paper|article|work|manuscript|submission|preprint|version)\b[^.]{0,60}\b(?:withdrawn|retracted)\b",
    re.IGNORECASE | re.DOTALL,
)


def withdrawn(paper: Paper) -> tuple[str, str] | None:
    """Return the field and the words with which the latest version of a paper says that it is withdrawn, else None.

    A paper says so in its comment, or in place of its abstract.
    """
    if paper.comment and _WITHDRAWN.search(paper.comment):
        return "comment", paper.comment
    return ("summary", paper.summary) if _SAYS_WITHDRAWN.search(paper.summary) else None
