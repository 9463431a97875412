"""The judge of relevance: learned from the list and from decisions, on top of a judge that knows rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.judge.base import Judge
from bot.judge.readiness import MIN_LISTED, Lessons
from bot.judge.relevance import calibration
from bot.judge.relevance.model import RelevanceModel
from bot.judge.relevance.own_text import OwnText
from bot.judge.relevance.reviews import Reviews, Weighing
from bot.model import Paper, Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]


_EXPLAINED_FROM = 2.0
"""Value from which the terms of a paper are told; about one paper of arXiv in twenty has it."""


@dataclass(frozen=True)
class LearnedJudge:
    """Judges relevance by what a list holds and what people decided; the rest of a verdict comes from `rules`.

    `rules` gives the evidence of the keywords as relevance. From ten listed papers on it counts where people weighed
    keywords (`weighed`); before, it speaks for a paper as well as the list's own text, topic and papers do.
    """

    rules: Judge
    lessons: Lessons
    own: OwnText
    weighed: bool

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given; each depends on that paper alone."""
        verdicts = self.rules.judge(papers)
        if not papers:
            return verdicts
        keywords = [calibration.of_keywords(verdict.relevance) for verdict in verdicts]
        values, weighing = self._weighing(self._model, papers, keywords)
        odds = weighing.odds + (self._reviews.adds(weighing) if self._reviews else 0.0)
        reasons = self._reasons(papers, values) if self.lessons.learns else {}
        return tuple(
            replace(verdict, relevance=0.0 if verdict.barred else chance, terms=reasons.get(number, ()))
            for number, (verdict, chance) in enumerate(zip(verdicts, map(calibration.probability, odds), strict=True))
        )

    def _reasons(self, papers: Sequence[Paper], values: Vector) -> dict[int, tuple[str, ...]]:
        """Return the terms that speak for those papers that may be shown, by their place."""
        places = [number for number, value in enumerate(values.tolist()) if value >= _EXPLAINED_FROM]
        return dict(zip(places, self._model.explain([papers[n] for n in places]), strict=True))

    @cached_property
    def _model(self) -> RelevanceModel:
        return RelevanceModel.fit(self.lessons.listed, self.lessons.rejected, self.own)

    def _weighing(
        self, model: RelevanceModel, papers: Sequence[Paper], keywords: Sequence[float]
    ) -> tuple[Vector, Weighing]:
        """Return the values of papers by a list, and what they weigh with keywords."""
        import numpy as np

        evidence = model.evidence(papers)
        values = evidence.sum(axis=1)
        kinds = calibration.SLOPE * evidence
        if not self.lessons.learns:
            odds = calibration.with_few_papers(model.rarity(values), np.array(keywords))
        elif self.weighed:
            kinds = calibration.with_keywords(np.array(keywords), evidence)
            odds = calibration.WITH_KEYWORDS + kinds.sum(axis=1)
        else:
            odds = calibration.BY_LIST.odds(model.rarity(values), model.pace)
        return values, Weighing(papers, odds, kinds)

    @cached_property
    def _reviews(self) -> Reviews | None:
        """What decisions say beyond the list, of papers that the list was not learned from.

        Where people listed fewer than `MIN_LISTED` papers, the list is learned from the first accepted ones, too.
        """
        ids, rejected = self.lessons.accepted, self.lessons.rejected
        accepted = [paper for paper in self.lessons.listed if paper.id in ids]
        others = [paper for paper in self.lessons.listed if paper.id not in ids]
        missing = max(0, MIN_LISTED - len(others))
        others, accepted = [*others, *accepted[:missing]], accepted[missing:]
        decided = sorted([*accepted, *rejected], key=lambda paper: paper.id)
        if not decided or not self.lessons.learns:
            return None
        keywords = [calibration.of_keywords(verdict.relevance) for verdict in self.rules.judge(decided)]
        _, weighing = self._weighing(RelevanceModel.fit(others, (), self.own), decided, keywords)
        return Reviews.fit(weighing, [paper.id in ids for paper in decided])
