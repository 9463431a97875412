"""Tests of the list engine: what is read, how it is written, and the proof that nothing else changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot.model import Cell, Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.proof import Edit
from bot.paperlist.read.document import Document

TODAY = dt.date(2025, 12, 1)


def addition(id: str, title: str, section: Sequence[str], code: str | None = None, create: bool = False) -> Addition:
    """Return a paper that is to be added, with its repository if one is known."""
    cells = (Cell("code", code, "abstract"),) if code else ()
    return Addition(Paper(id, title), tuple(section), cells, create)


def undone(edit: Edit) -> bytes:
    """Return the new bytes with the splices taken out again, worked out apart from the engine's own proof."""
    after = bytearray(edit.after)
    for splice in reversed(edit.splices):
        start = splice.start + sum(len(s.data) - (s.end - s.start) for s in edit.splices if s.start < splice.start)
        assert after[start : start + len(splice.data)] == splice.data
        after[start : start + len(splice.data)] = edit.before[splice.start : splice.end]
    return bytes(after)


def add_one(document: Document, title: str, section: Sequence[str]) -> Edit:
    """Add one invented paper."""
    return add_entries(document, [addition("2511.00007", title, section)], TODAY)
