"""What is known already: listed under any spelling of its id, listed by title, or decided upon before."""

from __future__ import annotations

from collections.abc import Iterable

from bot import arxiv_id, titles
from bot.model import Decision, DecisionKind, Duplicate, Paper
from bot.paperlist.document import Document

SHORTEST_KEY = 12
"""Titles with fewer letters and digits than this ("0", "None", "Attention") do not tell papers apart."""


class Known:
    """An index of what a list holds and what people decided; looks a paper up in constant time.

    `library` is what is known of listed papers: their full titles tell a paper that the list names by a shorter one.
    """

    def __init__(self, document: Document, decisions: Iterable[Decision] = (), library: Iterable[Paper] = ()) -> None:
        self._ids: dict[str, int] = {}
        self._titles: dict[str, tuple[int, str]] = {}
        self._decided = {d.id: d for d in decisions if d.kind is not DecisionKind.MOVED}
        for number, text in enumerate(document.source.splitlines(), 1):
            for found in arxiv_id.find_all(text.decode(errors="replace")):
                self._ids.setdefault(found.id.base, number)
        for entry in document.entries:
            for cell in entry.cells:  # a column of ids alone
                if whole := arxiv_id.parse(document.text(cell)):
                    self._ids.setdefault(whole.base, entry.line)
            self._titles.setdefault(titles.key(entry.title), (entry.line, entry.title))
        for paper in library:
            if line := self._ids.get(paper.id):
                self._titles.setdefault(titles.key(paper.title), (line, paper.title))

    def duplicate(self, paper: Paper) -> Duplicate | None:
        """Say why a paper is no candidate, None when it is one."""
        if line := self._ids.get(paper.id):
            return Duplicate(paper.id, line, f"listed in line {line}")
        key = titles.key(paper.title)
        if len(key) >= SHORTEST_KEY and (same := self._titles.get(key)):
            return Duplicate(paper.id, same[0], f"listed in line {same[0]} by its title")
        if decision := self._decided.get(paper.id):
            return Duplicate(paper.id, None, f"{decision.kind} on {decision.day} ({decision.source})")
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
