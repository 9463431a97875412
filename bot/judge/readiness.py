"""What the judge of a list learns from, and whether that is enough; no judge is built to answer it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.judge.texts import has_terms
from bot.model import Decision, DecisionKind, Paper
from bot.paperlist.read.document import Document

MIN_LISTED = 10
"""Listed papers from which the judge learns; below, keywords alone count."""
MIN_DECISIONS = 20
"""Accepted papers, and rejected ones, from which relevance is a probability."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many papers relevance rests on: `listed` ones with a readable word, and people's decisions."""

    listed: int
    accepted: int
    rejected: int

    @property
    def learns(self) -> bool:
        """Whether the list holds enough papers to learn from."""
        return self.listed >= MIN_LISTED

    @property
    def calibrated(self) -> bool:
        """Whether relevance is a probability; if not, it only puts papers in order."""
        return self.learns and not self.missing_accepted and not self.missing_rejected

    @property
    def missing_accepted(self) -> int:
        """Accepted papers missing until relevance is a probability."""
        return max(0, MIN_DECISIONS - self.accepted)

    @property
    def missing_rejected(self) -> int:
        """Rejected papers missing until relevance is a probability."""
        return max(0, MIN_DECISIONS - self.rejected)


@dataclass(frozen=True, slots=True)
class Lessons:
    """The papers to learn from: listed ones, of which some were `accepted` by people, and rejected ones."""

    listed: tuple[Paper, ...]
    accepted: frozenset[str]
    rejected: tuple[Paper, ...]

    @property
    def readiness(self) -> Readiness:
        """How many papers of each kind there are."""
        return Readiness(len(self.listed), sum(p.id in self.accepted for p in self.listed), len(self.rejected))


def lessons(document: Document, library: Iterable[Paper] = (), decisions: Iterable[Decision] = ()) -> Lessons:
    """Return what a list and the decisions teach; `library` is what is known of listed and of rejected papers.

    A paper that was rejected and is listed all the same was accepted later: it is no rejected one.
    """
    known = {paper.id: paper for paper in library}
    kinds = {d.id: d.kind for d in decisions}
    listed = _listed(document, known)
    ids = {paper.id for paper in listed}
    rejected = [i for i, kind in kinds.items() if kind is DecisionKind.REJECTED and i in known and i not in ids]
    accepted = frozenset(i for i, kind in kinds.items() if kind in (DecisionKind.ACCEPTED, DecisionKind.MOVED))
    return Lessons(listed, accepted, tuple(known[i] for i in rejected))


def readiness(document: Document, library: Iterable[Paper] = (), decisions: Iterable[Decision] = ()) -> Readiness:
    """Return what the judge of a list can rest on."""
    return lessons(document, library, decisions).readiness


def _listed(document: Document, known: dict[str, Paper]) -> tuple[Paper, ...]:
    """Return the papers of a list, each once, with what is known of them; an entry without id has its title.

    Papers without a readable word teach nothing and are left out.
    """
    found: dict[str, Paper] = {}
    for entry in document.entries:
        key = entry.arxiv_ids[0] if entry.arxiv_ids else ""
        if key in known or entry.title:
            found.setdefault(key or entry.title, known.get(key) or Paper(key, entry.title))
    return tuple(paper for paper in found.values() if has_terms(paper))
