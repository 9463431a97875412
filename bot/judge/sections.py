"""Which section of a list a paper belongs to, learned from the list itself.

Listed papers and the headings are compared with a paper by the words and the parts of words of titles and abstracts,
by authors and by categories. On these similarities three judges agree by a sum: kernel ridge regression in which every
section weighs alike, the mean of each section, and the words of its heading. Leaving one listed paper out is exact and
cheap for all three, and from these scores come the probabilities. A paper's values depend on the list alone, never on
what else is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot import titles
from bot.judge import Judge
from bot.model import Choice, Neighbour, Paper, Path, Verdict
from bot.paperlist.document import Document

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

FEWEST = 10
"""Listed papers from which on sections are learned."""
UNSORTED_BELOW = 0.2
"""Probability below which the judge abstains: four such choices of five would be wrong."""
_RIDGE = 0.6
_MEAN = 1.0
_HEADING = 0.6
_LEVEL = 0.25
"""The ridge's penalty, shares of means and headings, how far sections come to one level: by means over lists."""
_BLOCK = 1000
_CHOICES = 6
_WORD = r"(?u)\b\w[\w+]*\b"


@dataclass(frozen=True, slots=True)
class Example:
    """A listed paper, all the sections it stands in, and its id if the list names one."""

    paper: Paper
    sections: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a paper belongs: the likeliest sections, best first, and the listed papers most like it.

    The first choice's `p` is calibrated by the list itself; all others share the rest.
    """

    choices: tuple[Choice, ...]
    nearest: tuple[Neighbour, ...]

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
    learn from, the sections of the rules stay.
    """

    def __init__(self, rules: Judge, examples: Sequence[Example], sections: Mapping[Path, Sequence[str]]) -> None:
        self._rules, self._examples, self._sections = rules, examples, sections

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given; each depends on that paper alone."""
        verdicts = self._rules.judge(papers)
        if not papers or self._model is None:
            return verdicts
        return tuple(
            replace(verdict, section=placed.section, alternatives=placed.alternatives, nearest=placed.nearest)
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
        likeness: _Likeness,
        members: Matrix,
        scorer: _Scorer,
        calibration: _Calibration,
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
        """Learn from listed papers; None when there are too few papers or sections to learn from.

        `sections` may name more than the papers stand in: empty ones are known by their headings, and all by the
        `keywords` that people gave them.
        """
        import numpy as np

        paths = tuple(sorted({*sections, *(path for example in examples for path in example.sections)}))
        examples = sorted(examples, key=lambda e: (e.paper.id, e.paper.title))
        if len(examples) < FEWEST or len(paths) < 2:
            return None
        place = {path: n for n, path in enumerate(paths)}
        members = np.zeros((len(examples), len(paths)))
        for row, example in enumerate(examples):
            members[row, [place[path] for path in example.sections]] = 1
        words = [_heading(path, (keywords or {}).get(path, ())) for path in paths]
        likeness = _Likeness([example.paper for example in examples], words)
        scorer, left_out = _Scorer.fit(likeness, members)
        return cls(examples, paths, likeness, members, scorer, _Calibration.fit(left_out, members))

    def choose(self, papers: Sequence[Paper]) -> tuple[Placed, ...]:
        """Return where each paper belongs, in the order given; no paper's values depend on the others."""
        return tuple(
            placed for start in range(0, len(papers), _BLOCK) for placed in self._choose(papers[start : start + _BLOCK])
        )

    def _choose(self, papers: Sequence[Paper]) -> list[Placed]:
        import numpy as np

        likeness, headings = self._likeness.to(papers)
        shares, sure = self._calibration.probabilities(self._scorer.scores(likeness, headings))
        listed = likeness[:, : len(self._ids)]
        placed = []
        for row, share in enumerate(shares):
            order = np.argsort(-share, kind="stable")
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
            placed.append(Placed(choices, tuple(n for n in nearest if n.similarity > 0)[:3]))
        return placed


def _heading(path: Path, keywords: Sequence[str]) -> str:
    """Return what a section's name says: its parents' words once, its own twice, and its keywords."""
    inner = path[1:] if len(path) > 1 else path
    return " . ".join((*inner, inner[-1], *keywords))


def _title(paper: Paper) -> str:
    return titles.display(paper.title)


def _full(paper: Paper) -> str:
    """Return title and abstract; the title counts twice, so that it is not drowned."""
    title = _title(paper)
    return f"{title} . {title} . {paper.summary}"


def _authors(paper: Paper) -> str:
    return " ".join("_".join(author.split()) for author in paper.authors)


def _categories(paper: Paper) -> str:
    return " ".join(paper.categories)


class _Likeness:
    """How alike papers are, 0 to 1: a weighted mean of the cosines of several views.

    A title is compared with titles and a full text with full texts, so that nothing depends on whether an abstract is
    known. `among` compares the listed papers and, after them, the headings with each other.
    """

    def __init__(self, papers: Sequence[Paper], headings: Sequence[str]) -> None:
        import numpy as np
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = {"ngram_range": (1, 2), "sublinear_tf": True, "stop_words": "english", "token_pattern": _WORD}
        names = {"token_pattern": r"\S+"}
        views: tuple[tuple[float, Callable[[Paper], str], Any, bool], ...] = (
            (1.0, _full, TfidfVectorizer(**words), True),
            (1.0, _full, _Parts(), True),
            (1.0, _title, TfidfVectorizer(**words), True),
            (1.0, _title, _Parts(), True),
            (0.3, _authors, TfidfVectorizer(**names), False),
            (0.2, _categories, TfidfVectorizer(**names), False),
        )
        total = sum(weight for weight, *_ in views)
        size = len(papers) + len(headings)
        self.among: Matrix = np.zeros((size, size))
        self.headings: Matrix = np.zeros((len(papers), len(headings)))
        self._papers = len(papers)
        self._views = []
        for weight, view, vectorizer, named in views:
            texts = [view(paper) for paper in papers] + [text if named else "" for text in headings]
            try:
                rows = vectorizer.fit_transform(texts)
            except ValueError:  # no words at all: no authors are known, or no category
                continue
            self._views.append((weight / total, view, vectorizer, rows.T.tocsr()))
            alike = (rows @ rows.T).toarray()
            self.among += alike * (weight / total)
            if view is _full:
                self.headings += alike[: len(papers), len(papers) :]

    def to(self, papers: Sequence[Paper]) -> tuple[Matrix, Matrix]:
        """Compare papers with the listed ones and the headings, and with the headings by full texts alone."""
        import numpy as np

        alike: Matrix = np.zeros((len(papers), len(self.among)))
        headings: Matrix = np.zeros((len(papers), self.headings.shape[1]))
        for weight, view, vectorizer, listed in self._views:
            found = (vectorizer.transform([view(paper) for paper in papers]) @ listed).toarray()
            alike += found * weight
            if view is _full:
                headings += found[:, self._papers :]
        return alike, headings


class _Parts:
    """Vectors of the parts of words, three to five letters each, that stand in two texts or more.

    Each word is taken apart once: texts as counts of words, times words as counts of parts.
    """

    def __init__(self) -> None:
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        self._taken_apart = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5))
        self._weighed = TfidfTransformer(sublinear_tf=True)

    def fit_transform(self, texts: Sequence[str]) -> Any:
        """Learn the parts of texts and how rare they are; return a row for each text."""
        import numpy as np

        words, counts = _counted(texts)
        found = counts @ self._taken_apart.fit_transform(words)
        self._kept = np.flatnonzero(found.getnnz(0) >= 2)
        return self._weighed.fit_transform(found[:, self._kept])

    def transform(self, texts: Sequence[str]) -> Any:
        """Return a row for each text."""
        words, counts = _counted(texts)
        return self._weighed.transform((counts @ self._taken_apart.transform(words))[:, self._kept])


def _counted(texts: Sequence[str]) -> tuple[Sequence[str], Any]:
    """Return the words of texts, and how often each text holds each."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=_words)
    counts = counter.fit_transform(texts)
    return counter.get_feature_names_out(), counts


def _words(text: str) -> list[str]:
    return text.lower().split()


@dataclass(frozen=True)
class _Scorer:
    """Scores sections by likenesses: three sums, each in the unit of its own spread over the listed papers."""

    duals: Matrix
    members: Matrix
    norms: Matrix
    spreads: tuple[tuple[float, float], ...]
    levels: tuple[Matrix, Matrix]

    @classmethod
    def fit(cls, likeness: _Likeness, members: Matrix) -> tuple[_Scorer, Matrix]:
        """Return the scorer, and the scores that each listed paper gets from the others."""
        import numpy as np

        among = likeness.among
        count, kinds = members.shape
        sizes = np.maximum(members.sum(0), 1)
        weights = (members / sizes).sum(1) / members.sum(1)
        mean = weights.mean()
        weights = np.concatenate([weights, 1 / sizes]) / mean
        targets = np.vstack([members, np.eye(kinds)])
        inverse = np.linalg.inv(among + 0.05 + np.diag(_RIDGE / weights))
        duals = inverse @ targets
        ridge = (targets - duals / np.diag(inverse)[:, None])[:count]

        papers, headings, own = among[:count, :count], among[:count, count:], np.diag(among)
        sums = papers @ members + headings
        squares = ((papers @ members + 2 * headings) * members).sum(0) + own[count:]
        alone = members * own[:count, None]
        means = (sums - alone) / np.sqrt(np.maximum(squares - members * (2 * sums - alone), 1e-6))

        parts = (ridge, means, likeness.headings)
        spreads = tuple((float(part.mean()), float(part.std()) + 1e-9) for part in parts)
        total = _sum(parts, spreads)
        deviations = total.std(0)
        levels = _LEVEL * total.mean(0), (deviations / deviations.mean()) ** _LEVEL
        scorer = cls(duals, members, np.sqrt(np.maximum(squares, 1e-6)), spreads, levels)
        return scorer, (total - levels[0]) / levels[1]

    def scores(self, likeness: Matrix, headings: Matrix) -> Matrix:
        """Return a score for each paper and section."""
        count = len(self.members)
        means = (likeness[:, :count] @ self.members + likeness[:, count:]) / self.norms
        total = _sum(((likeness + 0.05) @ self.duals, means, headings), self.spreads)
        return (total - self.levels[0]) / self.levels[1]


def _sum(parts: Sequence[Matrix], spreads: Sequence[tuple[float, float]]) -> Matrix:
    """Add up scores, each in the unit of its own spread over the listed papers."""
    ridge, means, headings = ((part - mean) / spread for part, (mean, spread) in zip(parts, spreads, strict=True))
    return ridge + _MEAN * means + _HEADING * headings


@dataclass(frozen=True, slots=True)
class _Calibration:
    """Turns scores into shares by a temperature, and the greatest share into a probability (Platt)."""

    sharpness: float
    slope: float
    offset: float

    @classmethod
    def fit(cls, scores: Matrix, members: Matrix) -> _Calibration:
        """Learn from the scores of listed papers that were left out."""
        import numpy as np
        from scipy.optimize import minimize, minimize_scalar

        def loss(log_sharpness: float) -> float:
            shares = _softmax(scores * np.exp(log_sharpness))
            return -float(np.log((shares * members).sum(1) + 1e-9).mean())

        sharpness = float(np.exp(minimize_scalar(loss, bounds=(-3, 4), method="bounded").x))
        shares = _softmax(scores * sharpness)
        hits = members[np.arange(len(members)), shares.argmax(1)]
        odds = _odds(shares.max(1))

        def misfit(line: Matrix) -> float:
            z = line[0] * odds + line[1]
            return float(np.logaddexp(0, -(2 * hits - 1) * z).sum() + ((line[0] - 1) ** 2 + line[1] ** 2) / 2)

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
