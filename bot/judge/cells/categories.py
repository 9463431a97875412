"""Which value of a category column fits a paper, learned from the rows of that column.

A value is suggested when the listed papers most like the new one agree on it. How far they must agree is measured on
each column: its rows are left out one by one, and where their nearest neighbours predict them badly, none is suggested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.model import Cell, Paper
from bot.paperlist.read.document import Document, Entry
from bot.paperlist.write.table_style import category_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST_ROWS = 20
"""Filled rows from which a column is learned from."""
_SURE = 0.9
"""Share of a column's predicted rows that must be predicted rightly."""
_FEWEST_PREDICTED = 8
"""Rows of a column that must be predicted: fewer prove nothing."""
_NEAREST = 5
_FEWEST_USES = 3
"""Rows that must hold a value before it is suggested."""
_LATEST = 1000
_MARKS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
"""Shares of the likeness of the nearest rows that a value must have; the lowest that is sure enough is taken."""


class Categories:
    """The category columns of a list; `library` is what is known of listed papers."""

    def __init__(self, document: Document, library: Iterable[Paper]) -> None:
        self._document, self._library = document, tuple(library)

    def suggest(self, paper: Paper) -> tuple[Cell, ...]:
        """Return a value for each column that is sure of one, in the very words that the column uses."""
        found = ((column, column.value(paper)) for column in self._columns)
        return tuple(
            Cell("category", guess.value, f"list: {', '.join(guess.like)} have it too", column.heading)
            for column, guess in found
            if guess
        )

    @cached_property
    def _columns(self) -> Sequence[_Column]:
        known = {paper.id: paper for paper in self._library}
        columns = (_learned(h, cells[-_LATEST:], known) for h, cells in category_cells(self._document).items())
        return tuple(column for column in columns if column)


class _Guess(NamedTuple):
    """A value, its share of the likeness of the nearest rows, and the papers among these that have it."""

    value: str
    share: float
    like: tuple[str, ...]


@dataclass(frozen=True)
class _Column:
    """A column that was learned: the name of the paper and the raw value of each row."""

    heading: str
    rows: Sequence[tuple[str, str]]
    counts: Mapping[str, int]
    words: Any
    vectors: Any
    mark: float = 2.0

    def marked(self) -> _Column | None:
        """Return the column with the lowest mark from which its own rows, each left out, are predicted rightly."""
        likeness = (self.vectors @ self.vectors.T).toarray()
        guesses = []
        for number, (name, value) in enumerate(self.rows):
            likeness[number, [name == other for other, _ in self.rows]] = 0.0
            guess = self._guess(likeness[number])
            guesses.append((guess.share, guess.value == value) if guess else (0.0, False))
        for mark in _MARKS:
            right = [hit for share, hit in guesses if share >= mark]
            if len(right) >= _FEWEST_PREDICTED and sum(right) >= _SURE * len(right):
                return replace(self, mark=mark)
        return None

    def value(self, paper: Paper) -> _Guess | None:
        """Return the value for a paper, None when it is not sure."""
        guess = self._guess((self.words.transform([_text(paper)]) @ self.vectors.T).toarray()[0])
        return guess if guess and guess.share >= self.mark else None

    def _guess(self, likeness: NDArray[Any]) -> _Guess | None:
        """Return the value that most of the likeness of the nearest rows speaks for."""
        nearest = sorted(range(len(self.rows)), key=lambda n: (-likeness[n], n))[:_NEAREST]
        votes: dict[str, float] = {}
        for n in nearest:
            votes[self.rows[n][1]] = votes.get(self.rows[n][1], 0.0) + float(likeness[n])
        total = sum(votes.values())
        best = min(votes, key=lambda value: (-votes[value], value), default="")
        if total <= 0 or self.counts[best] < _FEWEST_USES:
            return None
        like = tuple(self.rows[n][0] for n in nearest if self.rows[n][1] == best and likeness[n] > 0)
        return _Guess(best, votes[best] / total, like[:3])


def _learned(heading: str, cells: Sequence[tuple[Entry, str]], known: Mapping[str, Paper]) -> _Column | None:
    """Return what the cells of a column teach; None when they are too few or do not predict one another."""
    counts = Counter(value for _, value in cells)
    often = [n for n in counts.values() if n >= _FEWEST_USES]
    if len(cells) < _FEWEST_ROWS or len(often) < 2 or sum(often) < len(cells) / 2:
        return None
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    names = [(entry.arxiv_ids or (entry.title,))[0] for entry, _ in cells]
    papers = [known.get(name) or Paper("", entry.title) for name, (entry, _) in zip(names, cells, strict=True)]
    try:
        vectors = words.fit_transform(map(_text, papers))
    except ValueError:  # no words at all, only signs and single letters
        return None
    rows = list(zip(names, (value for _, value in cells), strict=True))
    return _Column(heading, rows, counts, words, vectors).marked()


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.title}\n{paper.summary}"
