"""What words mean, by the words they stand with: a vector for each, from abstracts of arXiv in general.

Words that stand with the same words have like vectors, so that "pruning" is near "sparsity" though they share no
letters. The vectors were made by `checks/background.py` from the CC0 metadata of papers announced in one month; no
text is kept, and no list was seen.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.judge.background import terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

FILE = "meaning.npz"
RAREST = 5
"""Texts a word must stand in to get a vector."""
SIZE = 100
"""Numbers in a vector."""
_TOGETHER = 2
"""Texts that two words must share to count as standing together."""


@dataclass(frozen=True)
class Meanings:
    """A vector for each word, one a row; the rarer the word, the longer its vector."""

    words: Sequence[str]
    vectors: Matrix

    def of(self, words: Sequence[str], counts: Any) -> Matrix:
        """Return a vector of unit length for each text, zero where no word is known.

        `counts` has a row for each text and a column for each of `words`, which are taken as they stand in the texts:
        with capitals, hyphens and points.
        """
        import numpy as np
        from sklearn.feature_extraction.text import CountVectorizer

        known = CountVectorizer(analyzer=terms, vocabulary=self.words, dtype=np.float64).transform(words)
        found = (counts @ known).tocsr()
        found.data = 1 + np.log(found.data)
        sums = found @ self.vectors
        return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)  # type: ignore[no-any-return]


def learn(texts: Sequence[str], size: int = SIZE) -> Meanings:
    """Return the vectors of words: the main directions of how much oftener than by chance two words share a text."""
    import numpy as np
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.utils.extmath import randomized_svd

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
    return Meanings(tuple(counter.get_feature_names_out()), directions * rarity[:, None])


def _words(text: str) -> list[str]:
    return sorted(term for term in terms(text) if " " not in term)


def dumps(meanings: Meanings) -> bytes:
    """Write vectors in half precision; the same ones give the same bytes."""
    import numpy as np

    file = io.BytesIO()
    np.savez_compressed(file, words=np.array(meanings.words), vectors=meanings.vectors.astype(np.float16))
    return file.getvalue()


def loads(content: bytes) -> Meanings:
    """Read what `dumps` wrote."""
    import numpy as np

    with np.load(io.BytesIO(content)) as file:
        return Meanings(file["words"].tolist(), file["vectors"].astype(np.float64))


@cache
def shipped() -> Meanings:
    """Return the vectors that come with the program."""
    return loads((resources.files("bot.judge") / FILE).read_bytes())
