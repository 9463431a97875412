"""What words mean: a vector for each, so that "pruning" is near "sparsity" though they share no letters.

`tools/background.py` made them from CC0 metadata of one month, and measured how those of titles and full texts spread.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.judge.texts import Texts, terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = NDArray[Any]

VECTORS_FILE = "meaning.npz"


@dataclass(frozen=True)
class Spread:
    """Mean and covariance of the vectors of many texts."""

    mean: Vector
    covariance: Matrix


@dataclass(frozen=True)
class WordVectors:
    """A vector for each word, one a row; the rarer the word, the longer its vector.

    `titles` and `texts` are the spread of arXiv's titles, and of titles with abstracts.
    """

    words: Sequence[str]
    vectors: Matrix
    titles: Spread
    texts: Spread

    def of(self, texts: Texts) -> Matrix:
        """Return a vector of unit length for each text, zero where no word is known."""
        return unit(self.found(texts) @ self.vectors)

    def found(self, texts: Texts) -> Any:
        """Return a sparse matrix, a row for each text and a column for each word: how much the word counts there."""
        import numpy as np
        from sklearn.feature_extraction.text import CountVectorizer

        words, counts = texts.counted
        known = CountVectorizer(analyzer=terms, vocabulary=self.words, dtype=np.float64).transform(words)
        found = (counts @ known).tocsr()
        found.sort_indices()  # sums must not depend on what else is counted
        found.data = 1 + np.log(found.data)
        return found


def unit(rows: Matrix) -> Matrix:
    """Return rows of unit length; those without length stay."""
    import numpy as np

    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)  # type: ignore[no-any-return]


def read_vectors(content: bytes) -> WordVectors:
    """Return the vectors in an npz file: `words`, `vectors`, and mean and covariance of `titles` and `texts`."""
    import numpy as np

    with np.load(io.BytesIO(content)) as file:
        part = {name: file[name].astype(np.float64) for name in file.files if name != "words"}
        spreads = (Spread(part[f"{name} mean"], part[f"{name} covariance"]) for name in ("titles", "texts"))
        return WordVectors(file["words"].tolist(), part["vectors"], *spreads)


@cache
def shipped_vectors() -> WordVectors:
    """Return the vectors that come with the program."""
    return read_vectors((resources.files("bot.judge") / VECTORS_FILE).read_bytes())
