"""What a list says of itself: the words of its file, and those of its title."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.judge.texts import singular_term

_HEADING = re.compile(r"^#{1,2}[ \t]+([^\n]+)$|<h[12][^>]*>(.*?)</h[12]>", re.MULTILINE | re.DOTALL)
_TOP = 6000
"""Characters in which the title stands."""
_PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|[-_/]")
_NOT_TEXT = (r"<!--.*?-->", r"!\[[^\]]*\]\([^)]*\)", r"(?<=\])\([^)]*\)", r"<[^>]*>", r"https?://\S+")
_MARKUP = re.compile("|".join(_NOT_TEXT), re.DOTALL)
_OF_ANY_LIST = frozenset(
    "awesome paper list collection curated survey reading resource repository repo github introduction new content "
    "table overview about welcome readme toc update latest official".split()
)


@dataclass(frozen=True, slots=True)
class OwnText:
    """The text of a list without markup, and its title with the topic that people gave."""

    text: str = ""
    title: str = ""


def own_text(source: str, topic: str = "") -> OwnText:
    """Return what a Markdown file says of itself, `topic` beside its title."""
    return OwnText(_bare(source), f"{list_title(source)} . {topic}")


def list_title(source: str) -> str:
    """Return the words of the first heading that names a topic, hyphens and capitals inside words undone."""
    for heading in _HEADING.finditer(source[:_TOP]):
        words = _PARTS.sub(" ", _bare(heading[1] or heading[2] or "")).split()
        kept = [word for word in words if _topical(re.sub(r"\W", "", word).lower())]
        if kept:
            return " ".join(kept)
    return ""


def _topical(word: str) -> bool:
    return bool(word) and singular_term(word) not in _OF_ANY_LIST


def _bare(source: str) -> str:
    return _MARKUP.sub(" ", source)
