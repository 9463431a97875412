"""Which section of a list a paper belongs to, learned from the list itself.

Papers are compared with the listed ones and the headings (`likeness`), and these likenesses are scored (`scores`). A
paper's values depend on the list alone, never on what else is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.judge.readiness import MIN_LISTED, Listed
from bot.judge.reasons import strongest
from bot.judge.sections.likeness import Compared, Likeness
from bot.judge.sections.scores import Calibration, Scorer, paper_weights
from bot.judge.texts import title_of
from bot.model import Choice, Neighbour, Paper, Path, Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

UNSORTED_BELOW = 0.2
"""Probability below which the judge abstains: four such choices of five would be wrong."""
_BLOCK = 1000
_CHOICES = 6
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a paper belongs: the likeliest sections, best first, and the listed papers most like it.

    The first choice's `p` is calibrated by the list itself; the others share the rest. `terms` are the words of the
    paper that speak most for the first choice and against the second.
    """

    choices: tuple[Choice, ...]
    nearest: tuple[Neighbour, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True)
class LearnedSections:
    """Adds learned sections and the nearest listed papers to verdicts.

    `sections` names those of the list with the phrases that people gave them. Where the list holds too few papers to
    learn from, the sections of the verdicts stay, and an only section takes every paper.
    """

    listed: Sequence[Listed]
    sections: Mapping[Path, Sequence[str]]

    def add(self, papers: Sequence[Paper], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Return the verdict of each paper with its section; no paper's section depends on the others."""
        if papers and self._model:
            return tuple(map(_with_section, verdicts, self._model.choose(papers)))
        if len(self.sections) == 1:
            only = Choice(next(iter(self.sections)), 1.0)
            return tuple(replace(verdict, section=only, alternatives=()) for verdict in verdicts)
        return tuple(verdicts)

    @cached_property
    def _model(self) -> SectionModel | None:
        return SectionModel.fit(self.listed, self.sections)


def _with_section(verdict: Verdict, placed: Placed) -> Verdict:
    """Return a verdict with the section, or with alternatives alone where the first is not likely enough."""
    sure = placed.choices[0].p >= UNSORTED_BELOW
    return replace(
        verdict,
        section=placed.choices[0] if sure else None,
        alternatives=placed.choices[sure:],
        nearest=placed.nearest,
        section_terms=placed.terms,
    )


@dataclass(frozen=True)
class SectionModel:
    """What was learned of a list's sections; `ids` are those of the listed papers."""

    ids: Sequence[str]
    sections: Sequence[Path]
    likeness: Likeness
    scorer: Scorer
    calibration: Calibration

    @classmethod
    def fit(cls, listed: Sequence[Listed], sections: Mapping[Path, Sequence[str]]) -> SectionModel | None:
        """Learn from papers that stand in sections; None when there are too few, or no section.

        `sections` may name more than the papers stand in, each with the phrases that people gave it: empty ones are
        known by their headings and phrases.
        """
        import numpy as np

        paths = sorted({*sections, *(path for one in listed for path in one.sections)})
        listed = sorted(listed, key=lambda one: (one.paper.id, one.paper.title))
        if len(listed) < MIN_LISTED or not paths:
            return None
        place = {path: n for n, path in enumerate(paths)}
        members = np.zeros((len(listed), len(paths)))
        for row, one in enumerate(listed):
            members[row, [place[path] for path in one.sections]] = 1
        papers = [one.paper for one in listed]
        likeness = Likeness(papers, [heading(path, sections.get(path, ())) for path in paths])
        scorer, left_out = Scorer.fit(likeness.among, likeness.headings, members)
        calibration = Calibration.fit(left_out, members, paper_weights(papers))
        return cls([paper.id for paper in papers], paths, likeness, scorer, calibration)

    def choose(self, papers: Sequence[Paper]) -> tuple[Placed, ...]:
        """Return where each paper belongs, in the order given; no paper's values depend on the others."""
        return tuple(
            placed for start in range(0, len(papers), _BLOCK) for placed in self._choose(papers[start : start + _BLOCK])
        )

    def _choose(self, papers: Sequence[Paper]) -> list[Placed]:
        import numpy as np

        compared = self.likeness.to(papers)
        shares, sure = self.calibration.probabilities(self.scorer.scores(compared.alike, compared.headings))
        orders = np.argsort(-shares, axis=1, kind="stable")
        terms = self._terms(papers, compared, orders)
        placed = []
        for row, (share, order) in enumerate(zip(shares, orders, strict=True)):
            first = round(float(sure[row]), 4)
            rest = max(1e-12, 1 - float(share[order[0]]))
            others = [min(first, round(float(share[n]) / rest * (1 - first), 4)) for n in order[1:_CHOICES]]
            choices = map(Choice, (self.sections[n] for n in order), [first, *others])
            placed.append(Placed(tuple(choices), self._nearest(compared.alike[row, : len(self.ids)]), terms[row]))
        return placed

    def _nearest(self, alike: Matrix) -> tuple[Neighbour, ...]:
        """Return the listed papers with an id that are most like a paper, of the twelve most like it."""
        import numpy as np

        order = np.argsort(-alike, kind="stable")[:12]
        near = (Neighbour(self.ids[n], round(min(1.0, float(alike[n])), 4)) for n in order if self.ids[n])
        return tuple(n for n in near if n.similarity > 0)[:_NEAREST]

    def _terms(self, papers: Sequence[Paper], compared: Compared, orders: Matrix) -> list[tuple[str, ...]]:
        """Return the words of each paper that speak most for the first section of its order and against the second."""
        import numpy as np

        if orders.shape[1] < 2:
            return [()] * len(papers)
        added = self.likeness.by_term(compared.terms, *self.scorer.units, orders[:, 0], orders[:, 1])
        found = []
        for paper, start, end in zip(papers, added.indptr, added.indptr[1:], strict=False):
            speaking = added.data[start:end]
            order = np.argsort(-speaking, kind="stable")[: int((speaking > 0).sum())]
            names = (self.likeness.names[column] for column in added.indices[start:end][order])
            found.append(strongest(names, f"{title_of(paper)} . {paper.summary}"))
        return found


def heading(path: Path, keywords: Sequence[str]) -> str:
    """Return what a section's name says: its parents' words once, its own twice, and its keywords."""
    inner = path[1:] if len(path) > 1 else path
    return " . ".join((*inner, *inner[-1:], *keywords))
