"""Which of the values that a column of kinds already uses fits a paper, learned from the rows of that column.

A value is suggested when the listed papers most like the new one agree on it. How far they must agree each column
shows itself: its rows are left out one by one, and if their likest fellows do not tell them well, nothing is suggested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.model import Cell, Paper
from bot.paperlist.read.document import Document, Entry
from bot.paperlist.write.table_style import category_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST = 20
"""Filled rows from which on a column is learned from."""
SURE = 0.9
"""Share of a column's own rows, of those told at all, that must be told rightly."""
_TOLD = 8
"""Rows of a column that must be told: fewer prove nothing."""
_NEAREST = 5
_USED = 3
"""Rows that must hold a value before it is suggested."""
_LATEST = 1000
_MARKS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
"""Shares of the likeness of the nearest rows that a value must have; the lowest that is sure enough is taken."""


class Categories:
    """The columns of a list that sort papers into kinds; `library` is what is known of listed papers."""

    def __init__(self, document: Document, library: Iterable[Paper]) -> None:
        self._document, self._library = document, tuple(library)

    def suggest(self, paper: Paper) -> tuple[Cell, ...]:
        """Return a value for each column that is sure of one, in the very words that the column uses."""
        found = ((column.heading, column.value(paper)) for column in self._columns)
        return tuple(
            Cell("category", told.value, f"list: {', '.join(told.like)} have it too", heading)
            for heading, told in found
            if told
        )

    @cached_property
    def _columns(self) -> Sequence[_Column]:
        known = {paper.id: paper for paper in self._library}
        columns = (_Column.fit(h, cells[-_LATEST:], known) for h, cells in category_cells(self._document).items())
        return tuple(column for column in columns if column)


@dataclass(frozen=True, slots=True)
class _Told:
    """A value, its share of the likeness of the nearest rows, and the papers among these that have it."""

    value: str
    share: float
    like: tuple[str, ...]


@dataclass(frozen=True)
class _Column:
    heading: str
    rows: Sequence[tuple[str, str]]
    """Name of the paper and raw value."""
    counts: Mapping[str, int]
    words: Any
    vectors: Any
    mark: float = 2.0

    @classmethod
    def fit(cls, heading: str, cells: Sequence[tuple[Entry, str]], known: Mapping[str, Paper]) -> _Column | None:
        """Learn from the cells of a column; None when they are too few or do not tell one another."""
        counts = Counter(value for _, value in cells)
        often = [value for value, n in counts.items() if n >= _USED]
        if len(cells) < FEWEST or len(often) < 2 or sum(counts[v] for v in often) < len(cells) / 2:
            return None
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        papers = [
            known.get(entry.arxiv_ids[0] if entry.arxiv_ids else "") or Paper("", entry.title) for entry, _ in cells
        ]
        rows = [((entry.arxiv_ids or (entry.title,))[0], value) for entry, value in cells]
        try:
            vectors = words.fit_transform(map(_text, papers))
        except ValueError:  # no words at all, only signs and single letters
            return None
        return cls(heading, rows, counts, words, vectors)._marked()

    def _marked(self) -> _Column | None:
        """Return the column with the lowest mark from which its own rows, each left out, are told rightly."""
        likeness = (self.vectors @ self.vectors.T).toarray()
        told = []
        for number, (name, value) in enumerate(self.rows):
            likeness[number, [name == other for other, _ in self.rows]] = 0.0
            guess = self._told(likeness[number])
            told.append((guess.share, guess.value == value) if guess else (0.0, False))
        for mark in _MARKS:
            right = [hit for share, hit in told if share >= mark]
            if len(right) >= _TOLD and sum(right) >= SURE * len(right):
                return _Column(self.heading, self.rows, self.counts, self.words, self.vectors, mark)
        return None

    def value(self, paper: Paper) -> _Told | None:
        """Return the value for a paper, None when it is not sure."""
        told = self._told((self.words.transform([_text(paper)]) @ self.vectors.T).toarray()[0])
        return told if told and told.share >= self.mark else None

    def _told(self, likeness: NDArray[Any]) -> _Told | None:
        """Return the value that most of the likeness of the nearest rows speaks for."""
        nearest = sorted(range(len(self.rows)), key=lambda n: (-likeness[n], n))[:_NEAREST]
        votes: dict[str, float] = {}
        for n in nearest:
            votes[self.rows[n][1]] = votes.get(self.rows[n][1], 0.0) + float(likeness[n])
        total = sum(votes.values())
        best = min(votes, key=lambda value: (-votes[value], value), default="")
        if total <= 0 or self.counts[best] < _USED:
            return None
        like = tuple(self.rows[n][0] for n in nearest if self.rows[n][1] == best and likeness[n] > 0)
        return _Told(best, votes[best] / total, like[:3])


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.title}\n{paper.summary}"
