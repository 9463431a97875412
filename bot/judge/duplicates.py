"""Which papers are known: listed under any spelling of their id, listed by title, or decided upon before."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from bot.arxiv import arxiv_id, titles
from bot.model import Duplicate, Paper
from bot.paperlist.nouns import Lines
from bot.paperlist.read.document import Document
from bot.state.decision import Decision, DecisionKind

SHORTEST_KEY = 12
"""Titles with fewer letters and digits ("0", "None", "Attention") do not identify a paper."""
_NUMBERS = re.compile(rb"[0-9](?<![0-9].)[0-9]{3}(?:\.[0-9]{4,5}|[0-9]{3})(?![0-9])")
"""The digits of every arXiv id, in any of its spellings, and of much that is no id."""


class Known:
    """An index of what a list holds and what people decided; looks a paper up in constant time.

    `library` is what is known of listed papers: the list may name a paper by less than its full title.
    """

    def __init__(self, document: Document, decisions: Iterable[Decision] = (), library: Iterable[Paper] = ()) -> None:
        self._document = document
        self._decided = {d.id: d for d in decisions if d.kind is not DecisionKind.MOVED}
        self._library = tuple(library)
        self._lines = Lines(document.source)

    @cached_property
    def _numbers(self) -> Mapping[bytes, Sequence[int]]:
        """The offsets of what may be the digits of an id. Only lines that are looked up are parsed."""
        found: dict[bytes, list[int]] = {}
        for match in _NUMBERS.finditer(self._document.source):
            found.setdefault(match[0], []).append(match.start())
        return found

    @cached_property
    def _titles(self) -> Mapping[str, tuple[int, str]]:
        """The line of each title, and the title, by its key."""
        found: dict[str, tuple[int, str]] = {}
        for entry in self._document.entries:
            found.setdefault(titles.key(entry.title), (entry.line, entry.title))
        for paper in self._library:
            if line := self._listed(paper.id):
                found.setdefault(titles.key(paper.title), (line, paper.title))
        return found

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [entry.span.start for entry in self._document.entries]

    def _listed(self, base: str) -> int | None:
        """Return the first line that names a paper by its id, None if none does."""
        at = self._numbers.get(base.rpartition("/")[2].encode(), ())
        return next((number for number in map(self._lines.number, at) if self._names(number, base)), None)

    def _names(self, number: int, base: str) -> bool:
        """Whether a line names a paper by its id: in its words, or as a cell that holds nothing else."""
        start, end = self._lines.start(number), self._lines.start(number + 1)
        line = self._document.source[start:end].decode(errors="replace")
        if any(found.base == base for found in arxiv_id.find_ids(line)):
            return True
        entry = bisect_right(self._starts, start) - 1
        cells = self._document.entries[entry].cells if entry >= 0 else ()
        wholes = (arxiv_id.parse_id(self._document.text(cell)) for cell in cells if start <= cell.start < end)
        return base in wholes

    def duplicate(self, paper: Paper) -> Duplicate | None:
        """Return the paper's duplicate, or None for a candidate."""
        if line := self._listed(paper.id):
            return Duplicate(paper.id, line, f"listed in line {line}")
        key = titles.key(paper.title)
        if len(key) >= SHORTEST_KEY and (same := self._titles.get(key)):
            return Duplicate(paper.id, same[0], f"listed in line {same[0]} by its title")
        if decision := self._decided.get(paper.id):
            return Duplicate(paper.id, None, f"{decision.kind} on {decision.day} ({decision.basis})")
        return None


def same_titles(papers: Iterable[Paper]) -> dict[str, Duplicate]:
    """Return the papers that have the title of an earlier one among them, by id: a work submitted twice."""
    first: dict[str, str] = {}
    found: dict[str, Duplicate] = {}
    for paper in sorted(papers, key=lambda p: p.id):
        key = titles.key(paper.title)
        if len(key) >= SHORTEST_KEY and first.setdefault(key, paper.id) != paper.id:
            found[paper.id] = Duplicate(paper.id, None, f"same title as {first[key]}")
    return found
