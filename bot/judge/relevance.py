"""Relevance learned from the list itself: whether a paper belongs among those this curator chose.

Five kinds of evidence are added up: keywords, the words of title and abstract, telling phrases, the categories, and
authors the list has already. The words are weighed by logistic regression of the listed papers against papers drawn
from the term frequencies of arXiv in general (`bot.judge.background`), one model by titles and one by abstracts:
whether an abstract is known says nothing of a paper. Phrases are telling that stand in listed titles far more often
than in others: a few of them say enough, however long an abstract is. A paper's value depends on the list and the
decisions, not on what else is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import exp, log, log1p
from typing import TYPE_CHECKING, Any

from bot import arxiv_id
from bot.judge.background import Background, terms
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]

FEWEST = 10
"""Listed papers from which on something is learned."""
ENOUGH = 20
"""Decisions of either kind from which on relevance is called calibrated."""
_DRAWN = 2000
"""Papers drawn from the background; with twice as many, or the real ones, nothing changes."""
_HALF_LIFE = 24
"""Months after which a listed paper counts half."""
_SHOWN = 5
_TELLING = 10
"""Phrases of a paper that count, strongest first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a paper, each in its own unit: see `WEIGHTS`."""

    keywords: float
    title: float
    title_in_abstract: float
    abstract: float
    phrases: float
    category: float
    authors: float

    @classmethod
    def of_keywords(cls, found: float) -> Evidence:
        """Return evidence of keywords alone."""
        return cls(-log(1 - min(found, 0.9999)), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)

    def values(self) -> tuple[float, ...]:
        """Return them in the order of `WEIGHTS`, a constant first."""
        words = (self.title, self.title_in_abstract, self.abstract)
        return (1.0, self.keywords, *words, self.phrases, self.category, self.authors)


@dataclass(frozen=True, slots=True)
class Weights:
    """How evidence becomes the log-odds that a curator accepts, and how far decisions may move each weight."""

    values: tuple[float, ...]

    def relevance(self, evidence: Evidence) -> float:
        """Return the probability in [0, 1] that the paper is accepted."""
        score = sum(w * x for w, x in zip(self.values, evidence.values(), strict=True))
        return round(1 / (1 + exp(-max(-30.0, min(30.0, score)))), 4)


WITH_KEYWORDS = Weights((-2.242, 0.724, 0.021, 0.030, 0.031, 0.0, 0.057, 0.107))
WITHOUT_KEYWORDS = Weights((-3.47, 0.0, 0.063, 0.065, 0.069, 0.054, 0.312, 0.181))
"""Chosen on 25 weeks of three eras so that they hold in each; see docs/judge.md."""


class Taste:
    """What a list's curator takes, learned from its papers; `rejected` ones are what they do not take."""

    def __init__(self, listed: Sequence[Paper], rejected: Sequence[Paper], background: Background) -> None:
        listed = sorted(listed, key=lambda p: (p.id, p.title))
        rejected = sorted(rejected, key=lambda p: p.id)
        words = _Words(listed, background)
        weights = _recency(listed)
        self._words = words
        self._title = _fit(words, background, "title", listed, weights, rejected)
        with_abstract = [n for n, p in enumerate(listed) if p.summary]
        self._abstract = self._title
        if len(with_abstract) >= FEWEST:
            some = [listed[n] for n in with_abstract]
            self._abstract = _fit(words, background, "summary", some, [weights[n] for n in with_abstract], rejected)
        self._telling = _telling(words, background, listed, weights)
        self._authors = Counter(author for p in listed for author in set(p.authors))
        self._categories = _category_odds(listed, background)
        self._unseen = _UNSEEN if self._categories else 0.0

    def read(self, papers: Sequence[Paper], keywords: Sequence[float]) -> list[tuple[Evidence, tuple[str, ...]]]:
        """Return what speaks for each paper, and the terms that do so most, strongest first.

        `keywords` is the evidence of the keywords, in [0, 1).
        """
        if not papers:
            return []
        in_titles = self._words.counts([p.title for p in papers])
        in_texts = self._words.counts([p.summary or p.title for p in papers])
        in_either = in_titles.maximum(in_texts)
        titles, texts, wholes = map(self._words.weighed, (in_titles, in_texts, in_either))
        phrases = [sum(sorted(self._telling[row.indices])[-_TELLING:]) for row in in_either]
        columns = (self._title.score(titles), self._title.score(texts), self._abstract.score(texts), phrases)
        strongest = [self._words.named(r.indices, r.data * self._abstract.coefficients[r.indices]) for r in wholes]
        evidence = [
            Evidence(
                keywords=-log(1 - min(found, 0.9999)),
                title=float(title),
                title_in_abstract=float(spread),
                abstract=float(abstract),
                phrases=float(phrases),
                category=max((self._categories.get(c, self._unseen) for c in paper.categories), default=0.0),
                authors=log1p(min(12, sum(min(3, self._authors[a]) for a in set(paper.authors)))),
            )
            for paper, found, title, spread, abstract, phrases in zip(papers, keywords, *columns, strict=True)
        ]
        return list(zip(evidence, strongest, strict=True))


class _Words:
    """The terms of a list, and texts as vectors of them, of unit length and weighed by how rare a term is."""

    def __init__(self, listed: Sequence[Paper], background: Background) -> None:
        import numpy as np
        from sklearn.feature_extraction.text import CountVectorizer

        found = Counter(term for p in listed for text in (p.title, p.summary) for term in terms(text))
        self.names = sorted(term for term, n in found.items() if n >= 2) or sorted(found)
        known = frozenset(self.names)  # told apart here: the vectorizer spends most of its time on unknown terms
        self._count = CountVectorizer(
            analyzer=lambda text: terms(text) & known, vocabulary=self.names, binary=True, dtype=np.float64
        )
        seen = [max(background.terms.get(name, (0, 0))) for name in self.names]
        self._rarity = np.log((background.papers + 1) / (np.array(seen) + 1))

    def vectors(self, texts: Sequence[str]) -> Any:
        """Return a sparse matrix, a row for each text, weighed."""
        return self.weighed(self.counts(texts))

    def counts(self, texts: Sequence[str]) -> Any:
        """Return a sparse matrix, a row for each text, with 1 for each term in it."""
        return self._count.transform(texts)

    def weighed(self, counts: Any) -> Any:
        """Return counts weighed, each row of unit length."""
        from sklearn.preprocessing import normalize

        return normalize(counts.multiply(self._rarity).tocsr())

    def named(self, places: Vector, weights: Vector) -> tuple[str, ...]:
        """Return the names of the terms with the greatest positive weights, of those that tell people something."""
        best = sorted((-float(w), self.names[n]) for n, w in zip(places, weights, strict=True) if w > 0)
        return tuple(islice((name for _, name in best if _tells(name)), _SHOWN))


def _tells(name: str) -> bool:
    """Tell whether a term says something by itself: it neither begins nor ends with a word that stands everywhere."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    ends = {name.split()[0], name.split()[-1]}
    return not ends & (ENGLISH_STOP_WORDS | _EMPTY) and any(len(word) > 2 and word.isalpha() for word in name.split())


_EMPTY = frozenset("our using used use based new paper propose proposed show however can also less more up".split())
"""Words of abstracts that say nothing of a topic; only what is shown passes over them."""


@dataclass(frozen=True)
class _Model:
    coefficients: Vector
    intercept: float

    def score(self, rows: Any) -> Vector:
        return rows @ self.coefficients + self.intercept  # type: ignore[no-any-return]


def _fit(
    words: _Words,
    background: Background,
    field: str,
    listed: Sequence[Paper],
    weights: Sequence[float],
    rejected: Sequence[Paper],
) -> _Model:
    """Weigh terms: listed papers against drawn ones, both sides alike; a rejected paper counts as a listed one."""
    import numpy as np
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    refused = [p for p in rejected if getattr(p, field)]
    drawn = words.weighed(_drawn(words.names, background, field))
    rows = sparse.vstack([words.vectors([getattr(p, field) for p in (*listed, *refused)]), drawn]).tocsr()
    total = sum(weights)
    share = [w / total for w in weights] + [1 / len(weights)] * len(refused) + [1 / _DRAWN] * _DRAWN
    labels = [1] * len(listed) + [0] * (len(refused) + _DRAWN)
    model = LogisticRegression(C=10, solver="liblinear", max_iter=200, random_state=0)
    model.fit(rows, labels, sample_weight=np.array(share) * len(labels) / 2)
    return _Model(model.coef_[0], float(model.intercept_[0]))


def _drawn(names: Sequence[str], background: Background, field: str) -> Any:
    """Draw papers that hold each term as often as arXiv's do; the same ones each time.

    Each term falls on papers by chance, so often that the share which gets it once or more is the one wanted.
    """
    import numpy as np
    from scipy import sparse

    place = 0 if field == "title" else 1
    share = np.array([background.terms.get(name, (0, 0))[place] for name in names]) / background.papers
    drawing = np.random.default_rng(0)
    columns = np.repeat(np.arange(len(names)), drawing.poisson(-_DRAWN * np.log1p(-np.minimum(share, 0.999))))
    rows = drawing.integers(_DRAWN, size=len(columns))
    drawn = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(_DRAWN, len(names)))
    drawn.data[:] = 1
    return drawn


def _telling(words: _Words, background: Background, listed: Sequence[Paper], weights: Sequence[float]) -> Vector:
    """Return how telling each term is: the log-odds beyond 1 of its share in listed titles, less while few hold it."""
    import numpy as np

    share = np.array(weights) * len(weights) / sum(weights)
    found = words.counts([p.title for p in listed]).T @ share
    usual = (np.array([background.terms.get(name, (0, 0))[0] for name in words.names]) + 1) / background.papers
    odds = np.log((found + 2 * usual) / (len(listed) + 2) / usual)
    return np.maximum(0, odds * found / (found + 2) - 1)  # type: ignore[no-any-return]


def _recency(listed: Sequence[Paper]) -> list[float]:
    """Return how much each listed paper counts: half for every `_HALF_LIFE` months it is older than the newest but one.

    One mistyped id of a month to come must not make all the others old.
    """
    months = [day.year * 12 + day.month if (day := _month(p)) else None for p in listed]
    newest = next(iter(sorted(m for m in months if m is not None)[-2:]), 0)
    return [0.5 if m is None else min(1.0, max(0.1, 0.5 ** ((newest - m) / _HALF_LIFE))) for m in months]


def _month(paper: Paper) -> Any:
    try:
        return arxiv_id.month(paper.id)
    except ValueError:
        return None


_UNSEEN = -3.0
"""Log-odds of a category that no listed paper has; those of others are no lower."""


def _category_odds(listed: Sequence[Paper], background: Background) -> Mapping[str, float]:
    """Return the log-odds of each category, listed papers against arXiv in general; none if too few are known."""
    known = [p for p in listed if p.categories]
    found = Counter(c for p in known for c in set(p.categories))
    if len(known) < FEWEST:
        return {}
    odds = {}
    for category in {*found, *background.categories}:
        usual = (background.categories.get(category, 0) + 1) / background.papers
        odds[category] = max(_UNSEEN, log((found[category] + 2 * usual + 0.2) / (len(known) + 2) / usual))
    return odds


def calibrated(prior: Weights, evidence: Sequence[Evidence], accepted: Sequence[bool]) -> Weights:
    """Return the weights that explain decisions best, near those of the prior: logistic regression, MAP.

    Each weight may move by about a quarter of itself and the constant by 0.1; few decisions move little. The constant
    stays because only papers that were proposed are decided: how many of them are accepted says nothing of the
    thousands below the mark, which a greater constant would lift above it.
    """
    import numpy as np

    if not evidence:
        return prior
    rows = np.array([e.values() for e in evidence])
    labels = np.array(accepted, dtype=float)
    start = np.array(prior.values)
    deviation = np.where(start == 0, 1e-6, np.abs(start) / 4)
    deviation[0] = 0.1
    precision = np.diag(deviation**-2)
    weights = start.copy()
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (labels - chance) - precision @ (weights - start)
        step = np.linalg.solve((rows.T * (chance * (1 - chance))) @ rows + precision, slope)
        weights += step
        if float(np.abs(step).max()) < 1e-8:
            break
    return Weights(tuple(float(w) for w in weights))
