"""How alike papers and headings are, by several views: words, parts of words, meanings, authors, categories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

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
_OF_WORDS = ("words", "title")
"""Views whose columns are terms."""
_BY_HEADING = ("words", "parts")
"""Views that compare a paper with headings alone, too."""

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

        count, size = len(papers), len(papers) + len(headings)
        self.among: Matrix = np.zeros((size, size))
        self.headings: Matrix = np.zeros((count, len(headings)))
        self._weights = {name: weight / sum(weights.values()) for name, weight in weights.items()}
        self._views: dict[str, _View] = {}
        texts = _texts(papers, headings)
        for name, weight in self._weights.items():
            text, learn = _VIEWS[name]
            try:
                view = learn(texts[text])
            except ValueError:  # no words at all: no authors are known, or no category
                continue
            self._views[name] = view
            alike = _dense(view.learned @ view.learned.T)
            self.among += alike * weight
            if name in _BY_HEADING:
                self.headings += alike[:count, count:]

    def to(self, papers: Sequence[Paper]) -> Compared:
        """Compare papers with the listed ones and the headings."""
        import numpy as np

        alike: Matrix = np.zeros((len(papers), len(self.among)))
        headings: Matrix = np.zeros((len(papers), self.headings.shape[1]))
        texts, terms = _texts(papers), {}
        for name, view in self._views.items():
            rows = view.rows(texts[_VIEWS[name][0]])
            found = _dense(rows @ view.learned.T)
            alike += found * self._weights[name]
            if name in _BY_HEADING:
                headings += found[:, len(self.headings) :]
            if name in _OF_WORDS:
                terms[name] = rows
        return Compared(alike, headings, terms)

    @cached_property
    def names(self) -> Sequence[str]:
        """The terms of the listed papers: words, and pairs of words between which nothing stands but stop words."""
        return _names(self._views["words"]).tolist() if "words" in self._views else ()

    def by_term(self, terms: Mapping[str, Any], alike: Matrix, headings: Matrix, one: Vector, other: Vector) -> Any:
        """Return what each term of a paper adds to one score beyond what it adds to another: exact, for all are sums.

        Column n of `alike` and `headings` says what a unit of the likenesses of `Compared` adds to score n. `terms` are
        those of `Compared`, whose row i gets score `one[i]` beyond `other[i]`. The sparse matrix has a column for each
        of `names`.
        """
        import numpy as np
        from scipy import sparse

        total = sparse.csr_matrix((len(one), len(self.names)))
        place_of = {name: n for n, name in enumerate(self.names)}
        for view, rows in terms.items() if self.names else ():
            counted = alike * self._weights[view]
            if view in _BY_HEADING:
                counted[len(self.headings) :] += headings
            seen, column = np.unique(rows.indices, return_inverse=True)
            adds = self._views[view].learned.T[seen] @ counted
            row = np.repeat(np.arange(len(one)), np.diff(rows.indptr))
            added = rows.data * (adds[column, one[row]] - adds[column, other[row]])
            places = np.array([place_of[name] for name in _names(self._views[view])[seen]], dtype=int)
            total += sparse.csr_matrix((added, places[column], rows.indptr), total.shape)
        return total


def _texts(papers: Sequence[Paper], headings: Sequence[str] = ()) -> Mapping[_Text, Texts]:
    """Return what each view sees of papers and, after them, of headings, which have neither authors nor categories."""
    whole: dict[_Text, Texts] = {text: Texts([*map(text, papers), *headings]) for text in (full_of, title_of)}
    return {**whole, **{text: Texts([*map(text, papers), *[""] * len(headings)]) for text in (_authors, _categories)}}


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

    def rows(self, texts: Texts) -> Any: ...


@dataclass(frozen=True)
class _Tfidf:
    """Words, pairs of them, or names: the rarer the heavier."""

    vectorizer: Any
    learned: Any

    def rows(self, texts: Texts) -> Any:
        return self.vectorizer.transform(texts.plain)


def _tfidf(texts: Texts, **options: Any) -> _Tfidf:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(**options)
    return _Tfidf(learned=vectorizer.fit_transform(texts.plain), vectorizer=vectorizer)


def _words(texts: Texts) -> _Tfidf:
    token = r"(?u)\b\w[\w+]*\b"
    return _tfidf(texts, ngram_range=(1, 2), sublinear_tf=True, stop_words="english", token_pattern=token)


def _between_blanks(texts: Texts) -> _Tfidf:
    return _tfidf(texts, token_pattern=r"\S+")


def _names(view: _View) -> Vector:
    """Return what the columns of a view of words stand for."""
    assert isinstance(view, _Tfidf)
    return view.vectorizer.get_feature_names_out()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Parts:
    """Parts of words, four letters each, that stand in two texts or more; each word is taken apart once."""

    taken_apart: Any
    weighed: Any
    kept: Vector
    learned: Any

    @classmethod
    def of(cls, texts: Texts) -> _Parts:
        import numpy as np
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        taken_apart = CountVectorizer(analyzer="char_wb", ngram_range=(4, 4))
        words, counts = texts.counted
        found = counts @ taken_apart.fit_transform(words)
        kept = np.flatnonzero(found.getnnz(0) >= 2)
        weighed = TfidfTransformer(sublinear_tf=True)
        return cls(taken_apart, weighed, kept, weighed.fit_transform(found[:, kept]))

    def rows(self, texts: Texts) -> Any:
        words, counts = texts.counted
        return self.weighed.transform((counts @ self.taken_apart.transform(words))[:, self.kept])


@dataclass(frozen=True)
class _Meaning:
    """What the words of a text mean together, by the vectors that come with the program."""

    learned: Matrix

    def rows(self, texts: Texts) -> Matrix:
        return shipped_vectors().of(texts)


_VIEWS: Mapping[str, tuple[_Text, Callable[[Texts], _View]]] = MappingProxyType(
    {
        "words": (full_of, _words),
        "parts": (full_of, _Parts.of),
        "title": (title_of, _words),
        "title parts": (title_of, _Parts.of),
        "meaning": (full_of, lambda texts: _Meaning(shipped_vectors().of(texts))),
        "authors": (_authors, _between_blanks),
        "categories": (_categories, _between_blanks),
    }
)
"""What a view sees of a paper, and how it learns from texts; raises `ValueError` when they hold no words."""
