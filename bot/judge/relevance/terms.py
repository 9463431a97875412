"""Texts as sparse rows of hashed terms, each a word or a pair of neighbouring words: no vocabulary is shipped."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bot.judge.texts import singular_term, title_of, words_of
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = Any

BITS = 21
"""Terms are told apart by so many bits of their hash."""
BUCKETS = 1 << BITS
_WHOLE = (1 << 32) - 1


@dataclass(frozen=True)
class HashedTexts:
    """Texts as numbers of their words; text i is `words[ends[i]:ends[i + 1]]`."""

    words: Vector
    ends: Vector

    @classmethod
    def of(cls, texts: Iterable[str]) -> HashedTexts:
        """Return texts without their stop words."""
        import numpy as np

        rows = [[number for number in map(word_hash, words_of(text)) if number] for text in texts]
        return cls(np.array([n for row in rows for n in row], dtype=np.uint32), np.cumsum([0, *map(len, rows)]))


@lru_cache(maxsize=1 << 18)
def word_hash(word: str) -> int:
    """Return the number of a word in lower case, the same in singular and plural; 0 for a stop word."""
    return 0 if len(word) < 2 or word in _stop_words() else zlib.crc32(singular_term(word).encode()) or 1


@cache
def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


def counts(texts: HashedTexts) -> Matrix:
    """Return how often each text holds each term: a row for each text, a column for each bucket."""
    import numpy as np
    from scipy import sparse

    rows = np.repeat(np.arange(len(texts.ends) - 1), np.diff(texts.ends))
    left, right = texts.words[:-1], texts.words[1:]
    inside = rows[:-1] == rows[1:]
    mixed: Vector = left * np.uint32(31) + right * np.uint32(2000006)
    pairs = (mixed ^ (mixed >> np.uint32(13)))[inside]
    words: Vector = np.concatenate([texts.words, pairs])
    columns: Vector = ((words ^ (words >> np.uint32(15))) * np.uint32(2654435761)) >> np.uint32(32 - BITS)
    places = (np.concatenate([rows, rows[:-1][inside]]), columns.astype(np.int32))
    found = sparse.csr_matrix((np.ones(len(words), np.float32), places), shape=(len(texts.ends) - 1, BUCKETS))
    found.sum_duplicates()
    return found


def weighed(found: Matrix, idf: Vector) -> Matrix:
    """Return counts as (1 + ln tf) idf, each row of length 1."""
    import numpy as np

    rows = found.tocsr(copy=True)
    rows.data = (1 + np.log(rows.data)) * idf[rows.indices]
    sizes = np.diff(rows.indptr)
    lengths = np.sqrt(np.add.reduceat(np.r_[rows.data**2, 0], rows.indptr[:-1])) * (sizes > 0)
    rows.data /= np.repeat(np.maximum(lengths, 1e-9), sizes).astype(np.float32)
    return rows


def text_rows(texts: Iterable[str], idf: Vector) -> Matrix:
    """Return a row for each text."""
    return weighed(counts(HashedTexts.of(texts)), idf)


def paper_rows(papers: Sequence[Paper], idf: Vector) -> Matrix:
    """Return a row for each paper: its title counts twice, and no pair reaches from title to abstract."""
    titles, abstracts = HashedTexts.of(map(title_of, papers)), HashedTexts.of(p.summary for p in papers)
    return weighed(counts(titles) * 2 + counts(abstracts), idf)


def named(text: str) -> dict[int, str]:
    """Return the terms of a text as it writes them, by their bucket; the first of each bucket."""
    kept = [(word, number) for word in words_of(text) if (number := word_hash(word))]
    found: dict[int, str] = {}
    for word, number in kept:
        found.setdefault(_bucket(number), word)
    for (one, left), (other, right) in pairwise(kept):
        mixed = (left * 31 + right * 2000006) & _WHOLE
        found.setdefault(_bucket(mixed ^ (mixed >> 13)), f"{one} {other}")
    return found


def _bucket(number: int) -> int:
    return (((number ^ (number >> 15)) * 2654435761) & _WHOLE) >> (32 - BITS)
