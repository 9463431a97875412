"""Which section of a list a paper belongs to, learned from the list itself.

Listed papers and the headings are compared with a paper by several views (`bot.judge.sections.likeness`). On these
likenesses three judges agree by a sum: kernel ridge regression in which small sections weigh more, the mean of each
section, and the words of its heading. Leaving one listed paper out is exact and cheap for all three, and from these
scores come the probabilities. A paper's values depend on the list alone, never on what else is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.arxiv import titles
from bot.judge.base import Judge
from bot.judge.readiness import MIN_LISTED
from bot.judge.reasons import strongest
from bot.judge.sections.likeness import Compared, Likeness
from bot.judge.texts import title_of
from bot.model import Choice, Neighbour, Paper, Path, Verdict
from bot.paperlist.read.document import Document

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

UNSORTED_BELOW = 0.2
"""Probability below which the judge abstains: four such choices of five would be wrong."""
_BLOCK = 1000
_CHOICES = 6


@dataclass(frozen=True, slots=True)
class Settings:
    """What is chosen once for all lists, by means over lists: see benchmarks/RESULTS.md.

    `ridge` is the penalty of the regression and `balance` how far its sections weigh alike (0: each paper does, 1: each
    section does). `mean` and `heading` are the shares of the other two judges, `level` says how far the sections are
    brought to one level of scores. `abstract` is how much a listed paper counts for the probabilities when its abstract
    is known, in papers without: those that are judged have one.
    """

    ridge: float = 0.6
    balance: float = 0.75
    mean: float = 0.7
    heading: float = 0.4
    level: float = 0.25
    abstract: float = 4.0


CHOSEN = Settings()


@dataclass(frozen=True, slots=True)
class Example:
    """A listed paper, all the sections it stands in, and its id if the list names one."""

    paper: Paper
    sections: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a paper belongs: the likeliest sections, best first, and the listed papers most like it.

    The first choice's `p` is calibrated by the list itself; all others share the rest. `terms` are the words of the
    paper that speak most for the first choice and against the second.
    """

    choices: tuple[Choice, ...]
    nearest: tuple[Neighbour, ...]
    terms: tuple[str, ...]

    @property
    def section(self) -> Choice | None:
        """The section chosen, None when no choice is likely enough."""
        return self.choices[0] if self.choices and self.choices[0].p >= UNSORTED_BELOW else None

    @property
    def alternatives(self) -> tuple[Choice, ...]:
        """What else comes into question; begins with the forced choice when no section is chosen."""
        return self.choices[1:] if self.section else self.choices


def listed_papers(document: Document, library: Iterable[Paper] = ()) -> tuple[Example, ...]:
    """Return the papers of a list, each once with all its sections, with what the library knows of them."""
    known = {paper.id: paper for paper in library}
    found: dict[str, tuple[Paper, list[Path]]] = {}
    for section in document.sections:
        for entry in section.entries:
            ids = entry.arxiv_ids
            key = ids[0] if ids else titles.key(entry.title)
            if not key or not section.path or (key not in known and not entry.title):
                continue
            paper = known.get(key) or Paper(ids[0] if ids else "", entry.title)
            paths = found.setdefault(key, (paper, []))[1]
            if section.path not in paths:
                paths.append(section.path)
    return tuple(Example(paper, tuple(paths)) for paper, paths in found.values())


class SectionedJudge:
    """Adds learned sections and the nearest listed papers to the verdicts of `rules`.

    `sections` names those of the list with the phrases that people gave them. Where the list holds too few papers to
    learn from, the sections of the rules stay, and an only section takes every paper.
    """

    def __init__(self, rules: Judge, examples: Sequence[Example], sections: Mapping[Path, Sequence[str]]) -> None:
        self._rules, self._examples, self._sections = rules, examples, sections

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given; each depends on that paper alone."""
        verdicts = self._rules.judge(papers)
        if papers and self._model is None and len(self._sections) == 1:
            only = Choice(next(iter(self._sections)), 1.0)
            return tuple(replace(verdict, section=only, alternatives=()) for verdict in verdicts)
        if not papers or self._model is None:
            return verdicts
        return tuple(
            replace(
                verdict,
                section=placed.section,
                alternatives=placed.alternatives,
                nearest=placed.nearest,
                section_terms=placed.terms,
            )
            for verdict, placed in zip(verdicts, self._model.choose(papers), strict=True)
        )

    @cached_property
    def _model(self) -> SectionJudge | None:
        return SectionJudge.fit(self._examples, self._sections, self._sections)


class SectionJudge:
    """A frozen model of a list's sections; made by `fit`."""

    def __init__(
        self,
        examples: Sequence[Example],
        sections: tuple[Path, ...],
        likeness: Likeness,
        members: Matrix,
        scorer: Scorer,
        calibration: Calibration,
    ) -> None:
        self._ids = [example.paper.id for example in examples]
        self._sections, self._likeness, self._members = sections, likeness, members
        self._scorer, self._calibration = scorer, calibration

    @classmethod
    def fit(
        cls,
        examples: Sequence[Example],
        sections: Iterable[Path] = (),
        keywords: Mapping[Path, Sequence[str]] | None = None,
    ) -> SectionJudge | None:
        """Learn from listed papers; None when there are too few papers to learn from, or no section.

        `sections` may name more than the papers stand in: empty ones are known by their headings, and all by the
        `keywords` that people gave them.
        """
        import numpy as np

        paths = tuple(sorted({*sections, *(path for example in examples for path in example.sections)}))
        examples = sorted(examples, key=lambda e: (e.paper.id, e.paper.title))
        if len(examples) < MIN_LISTED or not paths:
            return None
        place = {path: n for n, path in enumerate(paths)}
        members = np.zeros((len(examples), len(paths)))
        for row, example in enumerate(examples):
            members[row, [place[path] for path in example.sections]] = 1
        words = [heading(path, (keywords or {}).get(path, ())) for path in paths]
        papers = [example.paper for example in examples]
        likeness = Likeness(papers, words)
        scorer, left_out = Scorer.fit(likeness.among, likeness.headings, members)
        calibration = Calibration.fit(left_out, members, weights(papers))
        return cls(examples, paths, likeness, members, scorer, calibration)

    def choose(self, papers: Sequence[Paper]) -> tuple[Placed, ...]:
        """Return where each paper belongs, in the order given; no paper's values depend on the others."""
        return tuple(
            placed for start in range(0, len(papers), _BLOCK) for placed in self._choose(papers[start : start + _BLOCK])
        )

    def _choose(self, papers: Sequence[Paper]) -> list[Placed]:
        import numpy as np

        compared = self._likeness.to(papers)
        shares, sure = self._calibration.probabilities(self._scorer.scores(compared.alike, compared.headings))
        listed = compared.alike[:, : len(self._ids)]
        orders = np.argsort(-shares, axis=1, kind="stable")
        terms = self._terms(papers, compared, orders)
        placed = []
        for row, (share, order) in enumerate(zip(shares, orders, strict=True)):
            first = round(float(sure[row]), 4)
            rest = max(1e-12, 1 - float(share[order[0]]))
            others = [min(first, round(float(share[n]) / rest * (1 - first), 4)) for n in order[1:_CHOICES]]
            near = np.argsort(-listed[row], kind="stable")
            nearest = [
                Neighbour(self._ids[n], round(min(1.0, float(listed[row, n])), 4)) for n in near[:12] if self._ids[n]
            ]
            choices = tuple(
                Choice(self._sections[n], p) for n, p in zip(order[:_CHOICES], [first, *others], strict=True)
            )
            placed.append(Placed(choices, tuple(n for n in nearest if n.similarity > 0)[:3], terms[row]))
        return placed

    def _terms(self, papers: Sequence[Paper], compared: Compared, orders: Matrix) -> list[tuple[str, ...]]:
        """Return the words of each paper that speak most for the first section of its order and against the second."""
        import numpy as np

        if orders.shape[1] < 2:
            return [()] * len(papers)
        added = self._likeness.by_term(compared.terms, *self._scorer.units, orders[:, 0], orders[:, 1])
        found = []
        for paper, start, end in zip(papers, added.indptr, added.indptr[1:], strict=False):
            speaking = added.data[start:end]
            order = np.argsort(-speaking, kind="stable")[: int((speaking > 0).sum())]
            names = (self._likeness.names[column] for column in added.indices[start:end][order])
            found.append(strongest(names, f"{title_of(paper)} . {paper.summary}"))
        return found


def heading(path: Path, keywords: Sequence[str]) -> str:
    """Return what a section's name says: its parents' words once, its own twice, and its keywords."""
    inner = path[1:] if len(path) > 1 else path
    return " . ".join((*inner, inner[-1], *keywords))


def weights(papers: Sequence[Paper], settings: Settings = CHOSEN) -> Matrix:
    """Return how much each listed paper counts for the probabilities."""
    import numpy as np

    return np.array([settings.abstract if paper.summary else 1.0 for paper in papers])


@dataclass(frozen=True)
class Scorer:
    """Scores sections by likenesses: three sums, each in the unit of its own spread over the listed papers."""

    settings: Settings
    duals: Matrix
    members: Matrix
    norms: Matrix
    spreads: tuple[tuple[float, float], ...]
    levels: tuple[Matrix, Matrix]

    @classmethod
    def fit(
        cls, among: Matrix, headings: Matrix, members: Matrix, settings: Settings = CHOSEN
    ) -> tuple[Scorer, Matrix]:
        """Return the scorer, and the scores that each listed paper gets from the others.

        `among` and `headings` are those of `Likeness`; `members` has a row for each paper, a column for each section.
        """
        import numpy as np
        from scipy import linalg

        count, kinds = members.shape
        sizes = np.maximum(members.sum(0), 1) ** settings.balance
        shares = (members / sizes).sum(1) / members.sum(1)
        shares = np.concatenate([shares, 1 / sizes]) / shares.mean()
        targets = np.vstack([members, np.eye(kinds)])
        inverse = linalg.inv(among + 0.05 + np.diag(settings.ridge / shares), assume_a="pos")
        duals = inverse @ targets
        ridge = (targets - duals / np.diag(inverse)[:, None])[:count]

        papers, near, own = among[:count, :count], among[:count, count:], np.diag(among)
        sums = papers @ members + near
        squares = ((papers @ members + 2 * near) * members).sum(0) + own[count:]
        alone = members * own[:count, None]
        means = (sums - alone) / np.sqrt(np.maximum(squares - members * (2 * sums - alone), 1e-6))

        parts = (ridge, means, headings)
        spreads = tuple((float(part.mean()), float(part.std()) + 1e-9) for part in parts)
        total = _sum(parts, spreads, settings)
        deviations = total.std(0)
        levels = settings.level * total.mean(0), (deviations / deviations.mean()) ** settings.level
        scorer = cls(settings, duals, members, np.sqrt(np.maximum(squares, 1e-6)), spreads, levels)
        return scorer, (total - levels[0]) / levels[1]

    def scores(self, likeness: Matrix, headings: Matrix) -> Matrix:
        """Return a score for each paper and section; what is given is what `Likeness.to` returns."""
        count = len(self.members)
        means = (likeness[:, :count] @ self.members + likeness[:, count:]) / self.norms
        total = _sum(((likeness + 0.05) @ self.duals, means, headings), self.spreads, self.settings)
        return (total - self.levels[0]) / self.levels[1]

    @property
    def units(self) -> tuple[Matrix, Matrix]:
        """What a unit of likeness with each listed paper and heading adds to each score, and one of heading alone."""
        import numpy as np

        own = np.eye(self.members.shape[1])
        (_, ridge), (_, mean), (_, heading) = self.spreads
        means = np.vstack([self.members, own]) / self.norms
        total = self.duals / ridge + self.settings.mean / mean * means
        return total / self.levels[1], self.settings.heading / heading * own / self.levels[1]


def _sum(parts: Sequence[Matrix], spreads: Sequence[tuple[float, float]], settings: Settings) -> Matrix:
    """Add up scores, each in the unit of its own spread over the listed papers."""
    ridge, means, headings = ((part - mean) / spread for part, (mean, spread) in zip(parts, spreads, strict=True))
    return ridge + settings.mean * means + settings.heading * headings


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns scores into shares by a temperature, and the greatest share into a probability (Platt)."""

    sharpness: float
    slope: float
    offset: float

    @classmethod
    def fit(cls, scores: Matrix, members: Matrix, weights: Matrix) -> Calibration:
        """Learn from the scores of listed papers that were left out; `weights` says how much each counts."""
        import numpy as np
        from scipy.optimize import minimize, minimize_scalar

        weights = weights / weights.mean()

        def loss(log_sharpness: float) -> float:
            shares = _softmax(scores * np.exp(log_sharpness))
            return -float((weights * np.log((shares * members).sum(1) + 1e-9)).mean())

        sharpness = float(np.exp(minimize_scalar(loss, bounds=(-3, 4), method="bounded").x))
        shares = _softmax(scores * sharpness)
        hits = members[np.arange(len(members)), shares.argmax(1)]
        odds = _odds(shares.max(1))

        def misfit(line: Matrix) -> float:
            z = line[0] * odds + line[1]
            return float(weights @ np.logaddexp(0, -(2 * hits - 1) * z) + ((line[0] - 1) ** 2 + line[1] ** 2) / 2)

        slope, offset = minimize(misfit, np.array([1.0, 0.0]), method="BFGS").x
        return cls(sharpness, max(0.05, float(slope)), float(offset))

    def probabilities(self, scores: Matrix) -> tuple[Matrix, Matrix]:
        """Return the shares of all sections, and the probability that the greatest is right."""
        import numpy as np

        shares = _softmax(scores * self.sharpness)
        return shares, 1 / (1 + np.exp(-(self.slope * _odds(shares.max(1)) + self.offset)))


def _softmax(scores: Matrix) -> Matrix:
    import numpy as np

    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)  # type: ignore[no-any-return]


def _odds(shares: Matrix) -> Matrix:
    import numpy as np

    return np.log((shares + 1e-6) / (1 - shares + 1e-6))
