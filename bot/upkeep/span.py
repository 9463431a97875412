"""Changes of a part of a row, by places in its text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.upkeep.rows import Part

BLANK = re.compile(
    r"[-–—/.?\s]*|n/?a|null|none|tbd|tba|✗|✘|❌|:x:|coming soon|comming soon|soon|\[?(?:coming|comming) soon\]?", re.I
)
"""What a cell says where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Characters `[start, end)` of a part give way to a text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A fact that a row does not tell and that cannot be written; `old` is what stands there instead."""

    old: str


def filled(part: Part, text: str) -> list[Replaced]:
    """Return a text in place of a blank cell, or of its sign for nothing; the spaces around it stay."""
    if sign := part.raw.strip():
        at = part.raw.index(sign)
        return [Replaced(at, at + len(sign), text)]
    if len(part.raw) < 2:
        return [Replaced(0, len(part.raw), f" {text} " if part.raw else text)]
    return [Replaced(1, 1, text)]
