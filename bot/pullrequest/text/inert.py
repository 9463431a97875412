"""Hostile text as words and nothing else: no mention, reference, closing word or markup arises from it. Pure."""

from __future__ import annotations

import re
import unicodedata

from bot.arxiv import titles
from bot.model import Path
from bot.paperlist.write import escape

MAX_BODY = 60_000
"""UTF-16 units; GitHub refuses a body above 65,536 characters, and may count them either way."""
_BREAK = "\u200b"
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs"})
_SKIPPING = re.compile(r"\[(?=(?:skip|no|ci|actions)[ -](?:ci|actions|skip)\])", re.IGNORECASE)


def harmless(text: str) -> str:
    """Return text on one line that mentions nobody, refers to nothing and closes nothing, as plain text."""
    text = "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in _HIDDEN)
    text = re.sub(r"@(?=\w)", f"@{_BREAK}", text)
    text = re.sub(r"#(?=\d)", f"#{_BREAK}", text)
    text = re.sub(r"\b(GH-)(?=\d)", rf"\1{_BREAK}", text, flags=re.IGNORECASE)
    text = _SKIPPING.sub(f"[{_BREAK}", text)
    text = text.replace("<!--", f"<!{_BREAK}--")
    return re.sub(r"(?<=:)//(?=\S)", f"{_BREAK}//", text)


def defused(text: str, limit: int | None = None) -> str:
    """Return Markdown that shows hostile text as it is, cut at a limit, and does nothing else."""
    return escape.inline(harmless(text if limit is None else short(text, limit)))


def defused_title(title: str, limit: int | None) -> str:
    """Return Markdown that shows what arXiv's TeX stands for, cut at a limit, and does nothing else."""
    return defused(titles.display(title), limit)


def short(text: str, limit: int) -> str:
    """Return text of at most so many characters; the last is an ellipsis where some are left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def units(text: str) -> int:
    """Return the length of a text as GitHub may count it: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def name(path: Path | None) -> str:
    """Return the innermost heading of a section, or that there is none."""
    return defused(path[-1], 120) if path else "no section"
