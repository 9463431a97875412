"""The boxes of a pull request's text: how the bot left each, and how it is now; `decisions` acts on them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MARKER = re.compile(
    r"^- \[(?P<tick>[ xX])\] .*<!-- arxiv-bot:paper (?P<id>\S+) (?P<was>in|out|gone|waits) -->\s*$",
    re.MULTILINE,
)

_SECTION = re.compile(r"^- \[(?P<tick>[ xX])\] .*<!-- arxiv-bot:section (?P<anchor>\S+) -->\s*$", re.MULTILINE)


def toggled(text: str) -> Mapping[str, bool]:
    """Return the papers whose box a person set (True) or cleared (False) since the bot wrote the text.

    A note beside each box says how the bot left it, so a text that is older than the list asks for nothing.
    """
    return {i: ticked for i, (ticked, was) in boxes(text).items() if ticked != was}


def boxes(text: str) -> Mapping[str, tuple[bool, bool]]:
    """Return for each paper of a pull request's text whether its box is ticked, and whether the bot left it so.

    Where a person copied a line, the copy that was clicked counts.
    """
    known: dict[str, tuple[bool, bool]] = {}
    for found in _MARKER.finditer(text):
        ticked, was = found["tick"] != " ", found["was"] == "in"
        if ticked != was or found["id"] not in known:
            known[found["id"]] = ticked, was
    return known


def section_boxes(text: str) -> Mapping[str, bool]:
    """Return for each new section that a text offers, by its anchor, whether a person ticked it."""
    ticked: dict[str, bool] = {}
    for found in _SECTION.finditer(text):
        ticked[found["anchor"]] = found["tick"] != " " or ticked.get(found["anchor"], False)
    return ticked


def offered_for_now(text: str) -> frozenset[str]:
    """Return the papers that a text offers until they are proposed, and that nobody ticked.

    Texts of earlier versions mark those of other people's pull requests by another word.
    """
    return frozenset(m["id"] for m in _MARKER.finditer(text) if m["was"] == "waits" and m["tick"] == " ")


def taken_back(text: str) -> frozenset[str]:
    """Return the papers that a pull request's text offers because they were taken out."""
    return frozenset(found["id"] for found in _MARKER.finditer(text) if found["was"] == "gone")
