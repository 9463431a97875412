"""A judge that learns from the list and from decisions, on top of one that knows rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.judge.base import Judge
from bot.judge.relevance import background
from bot.judge.relevance.direction import FEWEST
from bot.judge.relevance.model import (
    ENOUGH,
    KEYWORDS_ALONE,
    WITH_KEYWORDS,
    WITHOUT_KEYWORDS,
    Evidence,
    Taste,
    of_keywords,
    probability,
)
from bot.judge.relevance.reviews import Reviews
from bot.model import Decision, DecisionKind, Paper, Verdict
from bot.paperlist.read.document import Document


@dataclass(frozen=True, slots=True)
class Grounds:
    """What relevance rests on.

    `learns` says that the list holds enough papers to learn from; `accepted` and `rejected` are how many decisions of
    either kind are missing until relevance is a probability.
    """

    learns: bool
    accepted: int
    rejected: int

    @property
    def calibrated(self) -> bool:
        """Whether relevance is a probability, not a mark alone."""
        return self.learns and not self.accepted and not self.rejected


class LearnedJudge:
    """Judges relevance by what a list holds and what people decided; the rest of a verdict comes from `rules`.

    `rules` gives the evidence of the keywords as relevance; `keywords` says whether there are any. `library` holds
    what is known of listed and of rejected papers. With fewer than ten listed papers keywords alone count, on the
    same scale.
    """

    def __init__(
        self,
        rules: Judge,
        document: Document,
        library: Iterable[Paper],
        decisions: Iterable[Decision],
        *,
        keywords: bool,
    ) -> None:
        known = {paper.id: paper for paper in library}
        kinds = {d.id: d.kind for d in decisions}
        self._rules = rules
        self._listed = _listed(document, known)
        listed = {paper.id for paper in self._listed}  # who was rejected and is listed all the same was taken after all
        refused = [i for i, kind in kinds.items() if kind is DecisionKind.REJECTED]
        self._rejected = [known[i] for i in refused if i in known and i not in listed]
        self._accepted = {i for i, kind in kinds.items() if kind in (DecisionKind.ACCEPTED, DecisionKind.MOVED)}
        self._prior = WITH_KEYWORDS if keywords else WITHOUT_KEYWORDS

    @property
    def learns(self) -> bool:
        """Whether the list holds enough papers to learn from."""
        return len(self._listed) >= FEWEST

    @property
    def calibrated(self) -> bool:
        """Whether people accepted and rejected enough papers for relevance to be a probability."""
        return self.grounds.calibrated

    @property
    def grounds(self) -> Grounds:
        """What relevance rests on: the list, and how many decisions are missing."""
        accepted = sum(paper.id in self._accepted for paper in self._listed)
        return Grounds(self.learns, max(0, ENOUGH - accepted), max(0, ENOUGH - len(self._rejected)))

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given; each depends on that paper alone."""
        verdicts = self._rules.judge(papers)
        found = [verdict.relevance for verdict in verdicts]
        if not papers:
            return verdicts
        if not self.learns:
            odds = [KEYWORDS_ALONE.odds(Evidence(of_keywords(one))) for one in found]
            return tuple(map(_judged, verdicts, odds, [()] * len(papers)))
        evidence, words = zip(*self._taste.read(papers, found), strict=True)
        added = self._reviews.adds(papers, evidence) if self._reviews else [0.0] * len(papers)
        odds = [self._prior.odds(one) + more for one, more in zip(evidence, added, strict=True)]
        return tuple(map(_judged, verdicts, odds, words))

    @cached_property
    def _taste(self) -> Taste:
        return self._learned(self._listed, self._rejected)

    def _learned(self, listed: Sequence[Paper], rejected: Sequence[Paper]) -> Taste:
        """Learn from papers; beside keywords phrases count nothing."""
        return Taste(listed, rejected, background.shipped(), phrases=self._prior is WITHOUT_KEYWORDS)

    @cached_property
    def _reviews(self) -> Reviews | None:
        """What decisions say beyond the list, of papers that the list was not learned from.

        Where fewer than `FEWEST` papers were listed by people, the first that were accepted are learned from, too.
        """
        accepted = [paper for paper in self._listed if paper.id in self._accepted]
        others = [paper for paper in self._listed if paper.id not in self._accepted]
        missing = max(0, FEWEST - len(others))
        others, accepted = [*others, *accepted[:missing]], accepted[missing:]
        decided = sorted([*accepted, *self._rejected], key=lambda paper: paper.id)
        if not decided:
            return None
        keywords = [verdict.relevance for verdict in self._rules.judge(decided)]
        evidence = [found for found, _ in self._learned(others, ()).read(decided, keywords)]
        return Reviews.fit(self._prior, decided, evidence, [paper.id in self._accepted for paper in decided])


def _judged(verdict: Verdict, odds: float, terms: tuple[str, ...]) -> Verdict:
    return replace(verdict, relevance=0.0 if verdict.excluded else probability(odds), terms=terms)


def _listed(document: Document, known: Mapping[str, Paper]) -> list[Paper]:
    """Return the papers of a list, each once, with what is known of them; an entry without id has its title.

    Papers without a word that can be read teach nothing and are left out.
    """
    found: dict[str, Paper] = {}
    for entry in document.entries:
        if not entry.arxiv_ids and entry.title:
            found.setdefault(entry.title, Paper("", entry.title))
        for base in entry.arxiv_ids[:1]:
            if base in known or entry.title:
                found.setdefault(base, known.get(base) or Paper(base, entry.title))
    return [paper for paper in found.values() if background.has_terms(paper)]
