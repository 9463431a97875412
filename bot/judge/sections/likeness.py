"""How alike papers and headings are, by several views: words, parts of words, meanings, authors, categories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from bot.judge.texts import Texts, full_of, title_of
from bot.judge.word_vectors import shipped_vectors
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]
    Vector = NDArray[Any]

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"words": 1.0, "parts": 1.0, "title": 0.5, "title parts": 0.5, "meaning": 1.5, "authors": 0.3, "categories": 0.2}
)
"""What each view counts; see benchmarks/RESULTS.md for how they were chosen."""
_WORD = r"(?u)\b\w[\w+]*\b"

_Text = Callable[[Paper], str]


class Compared(NamedTuple):
    """Papers, one a row, compared with the listed ones and, after them, the headings.

    `alike` does so by all views, `headings` with the headings by the words and parts of full texts alone. `terms` are
    the papers' rows in each view that is made of words.
    """

    alike: Matrix
    headings: Matrix
    terms: Mapping[str, Any]


class Likeness:
    """How alike papers are, about 0 to 1: a weighted mean of the cosines of several views.

    A title is compared with titles and a full text with full texts, so that nothing depends on whether an abstract is
    known. `among` compares the listed papers and, after them, the headings with each other; `headings` compares the
    listed papers with the headings by the words and parts of full texts alone.
    """

    def __init__(
        self, papers: Sequence[Paper], headings: Sequence[str], weights: Mapping[str, float] = WEIGHTS
    ) -> None:
        import numpy as np

        total = sum(weights.values())
        size = len(papers) + len(headings)
        self.among: Matrix = np.zeros((size, size))
        self.headings: Matrix = np.zeros((len(papers), len(headings)))
        self._papers = len(papers)
        self._views: dict[str, _Fitted] = {}
        texts: dict[_Text, Texts] = {text: Texts([*map(text, papers), *headings]) for text in (full_of, title_of)}
        for names in (_authors, _categories):  # a heading has neither
            texts[names] = Texts([*map(names, papers), *[""] * len(headings)])
        for name, weight in weights.items():
            text, learn = _VIEWS[name]
            try:
                view = learn(texts[text])
            except ValueError:  # no words at all: no authors are known, or no category
                continue
            by_heading = name in ("words", "parts")
            self._views[name] = _Fitted(weight / total, text, view, view.learned.T, by_heading)
            alike = _dense(view.learned @ view.learned.T)
            self.among += alike * (weight / total)
            if by_heading:
                self.headings += alike[: len(papers), len(papers) :]

    def to(self, papers: Sequence[Paper]) -> Compared:
        """Compare papers with the listed ones and the headings."""
        import numpy as np

        alike: Matrix = np.zeros((len(papers), len(self.among)))
        headings: Matrix = np.zeros((len(papers), self.headings.shape[1]))
        texts: dict[_Text, Texts] = {
            text: Texts([*map(text, papers)]) for text in (full_of, title_of, _authors, _categories)
        }
        terms = {}
        for name, fitted in self._views.items():
            rows = fitted.view.rows(texts[fitted.text])
            found = _dense(rows @ fitted.listed)
            alike += found * fitted.weight
            if fitted.by_heading:
                headings += found[:, self._papers :]
            if isinstance(fitted.view, _Words):
                terms[name] = rows
        return Compared(alike, headings, terms)

    @cached_property
    def names(self) -> Sequence[str]:
        """The terms of the listed papers: words, and pairs of words between which nothing stands but stop words."""
        return self._words.names.tolist() if self._words else ()

    @property
    def _words(self) -> _Words | None:
        """The view of whole texts, which have the terms of their titles, too."""
        fitted = self._views.get("words")
        return fitted.view if fitted and isinstance(fitted.view, _Words) else None

    def by_term(self, terms: Mapping[str, Any], alike: Matrix, headings: Matrix, one: Vector, other: Vector) -> Any:
        """Return what each term of a paper adds to one score beyond what it adds to another: exact, for all are sums.

        Column n of `alike` and `headings` says what a unit of the likenesses of `Compared` adds to score n. `terms` are
        those of `Compared`, whose row i gets score `one[i]` beyond `other[i]`. The sparse matrix has a column for each
        of `names`.
        """
        import numpy as np
        from scipy import sparse

        total = sparse.csr_matrix((len(one), len(self.names)))
        for name, rows in terms.items() if self._words else ():
            fitted = self._views[name]
            counted = alike * fitted.weight
            if fitted.by_heading:
                counted[self._papers :] += headings
            seen, place = np.unique(rows.indices, return_inverse=True)
            adds = fitted.listed[seen] @ counted
            row = np.repeat(np.arange(len(one)), np.diff(rows.indptr))
            added = rows.data * (adds[place, one[row]] - adds[place, other[row]])
            total += sparse.csr_matrix((added, self._places(fitted.view, seen)[place], rows.indptr), total.shape)
        return total

    def _places(self, view: _View, columns: Vector) -> Vector:
        """Return which of `names` some columns of a view of words are."""
        import numpy as np

        assert self._words
        if view is self._words:
            return columns
        assert isinstance(view, _Words)
        places = self._words.columns
        return np.array([places[name] for name in view.names[columns]])


def _dense(product: Any) -> Matrix:
    return product.toarray() if hasattr(product, "toarray") else product  # type: ignore[no-any-return]


def _authors(paper: Paper) -> str:
    return " ".join("_".join(author.split()) for author in paper.authors)


def _categories(paper: Paper) -> str:
    return " ".join(paper.categories)


class _View(Protocol):
    """Makes rows of unit length, one for each text; `learned` are those of the texts that it learned from."""

    @property
    def learned(self) -> Any: ...

    def rows(self, texts: Texts) -> Any:
        """Return the rows of other texts."""
        ...


class _Fitted(NamedTuple):
    """A view that has learned: what it counts, what it sees, the listed rows as columns, whether headings have it."""

    weight: float
    text: _Text
    view: _View
    listed: Any
    by_heading: bool


@dataclass(frozen=True)
class _Names:
    """Names between blanks, the rarer the heavier."""

    vectorizer: Any
    learned: Any

    @classmethod
    def of(cls, texts: Texts) -> Self:
        """Learn from texts; raises `ValueError` when they hold no words."""
        return cls._by(texts, token_pattern=r"\S+")

    @classmethod
    def _by(cls, texts: Texts, **options: Any) -> Self:
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(**options)
        return cls(learned=vectorizer.fit_transform(texts.plain), vectorizer=vectorizer)

    def rows(self, texts: Texts) -> Any:
        return self.vectorizer.transform(texts.plain)


class _Words(_Names):
    """Words and pairs of neighbouring words, the rarer the heavier."""

    @classmethod
    def of(cls, texts: Texts) -> Self:
        """Learn from texts; raises `ValueError` when they hold no words."""
        return cls._by(texts, ngram_range=(1, 2), sublinear_tf=True, stop_words="english", token_pattern=_WORD)

    @property
    def names(self) -> Vector:
        """What the columns of the rows stand for."""
        return self.vectorizer.get_feature_names_out()  # type: ignore[no-any-return]

    @property
    def columns(self) -> Mapping[str, int]:
        """Where each of `names` stands."""
        return self.vectorizer.vocabulary_  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Parts:
    """Parts of words, four letters each, that stand in two texts or more; each word is taken apart once."""

    taken_apart: Any
    weighed: Any
    kept: Vector
    learned: Any

    @classmethod
    def of(cls, texts: Texts) -> _Parts:
        """Learn from texts; raises `ValueError` when they hold no words."""
        import numpy as np
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        taken_apart = CountVectorizer(analyzer="char_wb", ngram_range=(4, 4))
        words, counts = texts.counted
        found = counts @ taken_apart.fit_transform(words)
        kept = np.flatnonzero(found.getnnz(0) >= 2)
        weighed = TfidfTransformer(sublinear_tf=True)
        learned = weighed.fit_transform(found[:, kept])
        return cls(taken_apart, weighed, kept, learned)

    def rows(self, texts: Texts) -> Any:
        words, counts = texts.counted
        return self.weighed.transform((counts @ self.taken_apart.transform(words))[:, self.kept])


@dataclass(frozen=True)
class _Meaning:
    """What the words of a text mean together, by the vectors that come with the program."""

    learned: Matrix

    @classmethod
    def of(cls, texts: Texts) -> _Meaning:
        """Return the view with the rows of texts."""
        return cls(shipped_vectors().of(texts))

    def rows(self, texts: Texts) -> Matrix:
        return shipped_vectors().of(texts)


_VIEWS: Mapping[str, tuple[_Text, Callable[[Texts], _View]]] = MappingProxyType(
    {
        "words": (full_of, _Words.of),
        "parts": (full_of, _Parts.of),
        "title": (title_of, _Words.of),
        "title parts": (title_of, _Parts.of),
        "meaning": (full_of, _Meaning.of),
        "authors": (_authors, _Names.of),
        "categories": (_categories, _Names.of),
    }
)
"""What a view sees of a paper, and how it learns from texts."""
