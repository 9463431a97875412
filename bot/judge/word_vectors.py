"""What words mean, by the words they stand with: a vector for each, from abstracts of arXiv in general.

Words that stand with the same words have like vectors, so that "pruning" is near "sparsity" though they share no
letters. The vectors were made by `tools/background.py` from the CC0 metadata of papers announced in one month, and so
were the figures of how vectors of titles and of full texts are spread; no text is kept, and no list was seen.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.judge.relevance.background import terms
from bot.judge.texts import Texts, joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = NDArray[Any]

FILE = "meaning.npz"
RAREST = 5
"""Texts a word must stand in to get a vector."""
SIZE = 100
"""Numbers in a vector."""
_TOGETHER = 2
"""Texts that two words must share to count as standing together."""


@dataclass(frozen=True)
class Spread:
    """Where vectors of texts lie in general: their mean, of length `SIZE`, and covariance, `SIZE` x `SIZE`."""

    mean: Vector
    covariance: Matrix

    @classmethod
    def of(cls, rows: Matrix) -> Spread:
        """Return the spread of vectors, one a row."""
        import numpy as np

        return cls(rows.mean(0), np.cov(rows.T))


@dataclass(frozen=True)
class Meanings:
    """A vector for each word, one a row; the rarer the word, the longer its vector.

    `titles` and `texts` tell how the vectors of titles, and of titles with abstracts, are spread in general.
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


def learn(titles: Sequence[str], abstracts: Sequence[str], size: int = SIZE) -> Meanings:
    """Return the vectors of words: the main directions of how much oftener than by chance two words share a paper."""
    import numpy as np
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.utils.extmath import randomized_svd

    texts = [f"{title}\n{abstract}" for title, abstract in zip(titles, abstracts, strict=True)]
    counter = CountVectorizer(analyzer=_words, min_df=RAREST, binary=True, dtype=np.float64)
    rows = counter.fit_transform(texts)
    usual = rows.sum(axis=0).A1
    together = (rows.T @ rows).tocoo()
    kept = (together.row != together.col) & (together.data >= _TOGETHER)
    one, other, shared = together.row[kept], together.col[kept], together.data[kept]
    excess = np.maximum(0, np.log(shared * len(texts) / (usual[one] * usual[other])))
    directions, _, _ = randomized_svd(
        sparse.csr_matrix((excess, (one, other)), shape=together.shape), size, n_iter=4, random_state=0
    )
    rarity = np.log(len(texts) / usual)
    vectors = (directions * rarity[:, None]).astype(np.float16).astype(np.float64)  # as they are written
    nowhere = Spread(np.zeros(size), np.zeros((size, size)))
    bare = Meanings(tuple(counter.get_feature_names_out()), vectors, nowhere, nowhere)
    spreads = (Spread.of(bare.of(Texts(some))) for some in (titles, list(map(joined, titles, abstracts))))
    return Meanings(bare.words, vectors, *spreads)


def _words(text: str) -> list[str]:
    return sorted(term for term in terms(text) if " " not in term)


def dumps(meanings: Meanings) -> bytes:
    """Write vectors in half precision; the same ones give the same bytes."""
    import numpy as np

    file = io.BytesIO()
    spreads = {
        f"{name} {part}": getattr(getattr(meanings, name), part).astype(np.float32)
        for name in ("titles", "texts")
        for part in ("mean", "covariance")
    }
    np.savez_compressed(file, words=np.array(meanings.words), vectors=meanings.vectors.astype(np.float16), **spreads)
    return file.getvalue()


def loads(content: bytes) -> Meanings:
    """Read what `dumps` wrote."""
    import numpy as np

    with np.load(io.BytesIO(content)) as file:
        part = {name: file[name].astype(np.float64) for name in file.files if name != "words"}
        spreads = (Spread(part[f"{name} mean"], part[f"{name} covariance"]) for name in ("titles", "texts"))
        return Meanings(file["words"].tolist(), part["vectors"], *spreads)


@cache
def shipped() -> Meanings:
    """Return the vectors that come with the program."""
    return loads((resources.files("bot.judge") / FILE).read_bytes())
