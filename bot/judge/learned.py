"""The judge of relevance: learned from the list and from decisions, on top of a judge that knows rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from bot.judge.base import Judge
from bot.judge.readiness import MIN_LISTED, Lessons
from bot.judge.relevance.model import (
    KEYWORDS_ALONE,
    WITH_KEYWORDS,
    WITHOUT_KEYWORDS,
    Evidence,
    RelevanceModel,
    log_odds,
    of_keywords,
    probability,
)
from bot.judge.relevance.reviews import Reviews
from bot.model import Paper, Verdict


class LearnedJudge:
    """Judges relevance by what a list holds and what people decided; the rest of a verdict comes from `rules`.

    `rules` gives the evidence of the keywords as relevance; `keywords` says whether there are any. With too few listed
    papers keywords alone count, on the same scale.
    """

    def __init__(self, rules: Judge, lessons: Lessons, *, keywords: bool) -> None:
        self._rules, self._lessons = rules, lessons
        self._prior = WITH_KEYWORDS if keywords else WITHOUT_KEYWORDS

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given; each depends on that paper alone."""
        verdicts = self._rules.judge(papers)
        found = [verdict.relevance for verdict in verdicts]
        if not papers:
            return verdicts
        if not self._lessons.readiness.learns:
            odds = [log_odds(KEYWORDS_ALONE, Evidence(of_keywords(one))) for one in found]
            return tuple(map(_judged, verdicts, odds, [()] * len(papers)))
        evidence, words = zip(*self._model.evidence(papers, found), strict=True)
        added = self._reviews.adds(papers, evidence) if self._reviews else [0.0] * len(papers)
        odds = [log_odds(self._prior, one) + more for one, more in zip(evidence, added, strict=True)]
        return tuple(map(_judged, verdicts, odds, words))

    @cached_property
    def _model(self) -> RelevanceModel:
        return self._fit(self._lessons.listed, self._lessons.rejected)

    def _fit(self, listed: Sequence[Paper], rejected: Sequence[Paper]) -> RelevanceModel:
        return RelevanceModel.fit(listed, rejected, phrases=self._prior is WITHOUT_KEYWORDS)

    @cached_property
    def _reviews(self) -> Reviews | None:
        """What decisions say beyond the list, of papers that the list was not learned from.

        Where people listed fewer than `MIN_LISTED` papers, the list is learned from the first accepted ones, too.
        """
        ids, rejected = self._lessons.accepted, self._lessons.rejected
        accepted = [paper for paper in self._lessons.listed if paper.id in ids]
        others = [paper for paper in self._lessons.listed if paper.id not in ids]
        missing = max(0, MIN_LISTED - len(others))
        others, accepted = [*others, *accepted[:missing]], accepted[missing:]
        decided = sorted([*accepted, *rejected], key=lambda paper: paper.id)
        if not decided:
            return None
        keywords = [verdict.relevance for verdict in self._rules.judge(decided)]
        evidence = [found for found, _ in self._fit(others, ()).evidence(decided, keywords)]
        return Reviews.fit(self._prior, decided, evidence, [paper.id in ids for paper in decided])


def _judged(verdict: Verdict, odds: float, terms: tuple[str, ...]) -> Verdict:
    return replace(verdict, relevance=0.0 if verdict.excluded else probability(odds), terms=terms)
