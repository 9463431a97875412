"""What the judge of a list learns from, and whether that is enough; no judge is built to answer it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.arxiv import titles
from bot.judge.texts import has_terms
from bot.model import Paper, Path
from bot.paperlist.read.document import Document, Section
from bot.state.decision import Decision, DecisionKind

MIN_LISTED = 10
"""Listed papers from which the list decides; below, its topic, its own text and keywords do."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """The papers to learn from: listed ones, of which some were `accepted` by people, and rejected ones."""

    listed: tuple[Paper, ...]
    accepted: frozenset[str]
    rejected: tuple[Paper, ...]

    @property
    def learns(self) -> bool:
        """Whether there are enough papers to learn from."""
        return len(self.listed) >= MIN_LISTED


@dataclass(frozen=True, slots=True)
class Listed:
    """A listed paper, with its id if the list names one, and all the sections it stands in."""

    paper: Paper
    sections: tuple[Path, ...]


def papers_in(sections: Iterable[Section], library: Iterable[Paper] = ()) -> tuple[Listed, ...]:
    """Return the papers of sections, each once with all of these it stands in, as the library knows them."""
    known = {paper.id: paper for paper in library}
    found: dict[str, tuple[Paper, list[Path]]] = {}
    for section in sections:
        for entry in section.entries:
            base = entry.arxiv_ids[0] if entry.arxiv_ids else ""
            key = base or titles.key(entry.title)
            if not key or (key not in known and not entry.title):
                continue
            paths = found.setdefault(key, (known.get(key) or Paper(base, entry.title), []))[1]
            if section.path not in paths:
                paths.append(section.path)
    return tuple(Listed(paper, tuple(paths)) for paper, paths in found.values())


def lessons(document: Document, library: Iterable[Paper] = (), decisions: Iterable[Decision] = ()) -> Lessons:
    """Return what a list and the decisions teach; `library` is what is known of listed and of rejected papers.

    A paper that was rejected and is listed all the same was accepted later: it is no rejected one.
    """
    known = {paper.id: paper for paper in library}
    kinds = {d.id: d.kind for d in decisions}
    listed = tuple(_listed(document, known))
    ids = {paper.id for paper in listed}
    rejected = [i for i, kind in kinds.items() if kind is DecisionKind.REJECTED and i in known and i not in ids]
    accepted = frozenset(i for i, kind in kinds.items() if kind in (DecisionKind.ACCEPTED, DecisionKind.MOVED))
    return Lessons(listed, accepted, tuple(known[i] for i in rejected))


def _listed(document: Document, known: Mapping[str, Paper]) -> Iterator[Paper]:
    """Return the papers of a list that hold a readable word, each once; one without id is known by its very title."""
    first: dict[str, Paper] = {}
    for entry in document.entries:
        base = entry.arxiv_ids[0] if entry.arxiv_ids else ""
        if base in known or entry.title:
            first.setdefault(base or entry.title, known.get(base) or Paper(base, entry.title))
    return filter(has_terms, first.values())
