"""Texts as rows of hashed terms."""

from __future__ import annotations

import numpy as np

from bot.judge.relevance.terms import BUCKETS, HashedTexts, counts, named, paper_rows, text_rows, word_hash
from bot.model import Paper
from tests.unit.judge.relevance.papers import FAR, LISTED, NEAR

EVEN = np.ones(BUCKETS, np.float32)


def test_counts() -> None:
    """Words and pairs are counted within each text; singular and plural are one, stop words none."""
    one, other = counts(HashedTexts.of(["KV caches and a KV cache", "routing"])).toarray().astype(int)
    assert sorted(one[one > 0]) == [1, 2, 2, 2]  # cache kv; kv, cache, kv cache twice
    assert other.sum() == 1
    assert word_hash("caches") == word_hash("cache") != 0
    assert word_hash("the") == word_hash("a") == 0


def test_rows_have_length_one() -> None:
    """Every text with a word has a row of length 1, others a row of zeros."""
    rows = text_rows(["serving language models", "", "注意力", "the"], EVEN)
    assert np.allclose(np.sqrt(rows.multiply(rows).sum(axis=1)).ravel(), [1, 0, 0, 0])


def test_title_counts_twice() -> None:
    """A term of the title weighs more than one of the abstract, and no pair reaches from one to the other."""
    row = paper_rows([Paper("1", "Routing", summary="Batching")], EVEN)
    weights = {name: row[0, bucket] for bucket, name in named("Routing Batching").items()}
    assert weights["routing"] > weights["batching"] > 0 == weights["routing batching"]


def test_names() -> None:
    """The names of terms are those of the buckets that are counted, in the words of the text."""
    text = "KV caches: state-of-the-art serving"
    assert set(named(text)) == set(counts(HashedTexts.of([text])).indices.tolist())
    assert {"kv", "caches", "kv caches", "art serving"} <= set(named(text).values())


def test_company() -> None:
    """A row is the same, to the last bit, whatever other rows there are."""
    papers = [*LISTED, NEAR, FAR, Paper("3", "")]
    together = paper_rows(papers, EVEN)
    for number, paper in enumerate(papers):
        assert (together[number] != paper_rows([paper], EVEN)).nnz == 0
