"""Count what arXiv papers are like in general, and write it into the package: `python -m tools.background`.

Writes `terms.tsv.gz` (terms), `meaning.npz` (word vectors), `background.npz` (papers as numbers) and
`categories.tsv.gz` beside their modules, from the CC0 metadata of the papers in the shared data that were announced in
June 2025. That is the first month that is nearly complete there, and it lies before everything the judge is measured
on. The standard of `background.npz` are papers of July; it holds no text: words are hashed, without stop words.
"""

from __future__ import annotations

import gzip
import io
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils.extmath import randomized_svd

from bot.adopt.categories import CATEGORIES_FILE, Counts
from bot.arxiv import paper_json
from bot.judge.relevance.background import BACKGROUND_FILE
from bot.judge.relevance.preferences import traits
from bot.judge.relevance.terms import BUCKETS, HashedTexts, counts
from bot.judge.term_counts import MIN_TERM_PAPERS, TERMS_FILE, TermCounts
from bot.judge.texts import Texts, full_of, joined, terms, title_of
from bot.judge.word_vectors import VECTORS_FILE, Spread, WordVectors
from bot.model import Paper
from tests.servers.shared import PAPERS, ROOT, records

JUNE, JULY = "2025-06", "2025-07"
OTHERS, FULL, STANDARD = 8000, 1000, 2000
"""Papers a list is told from, those of them with abstracts, and papers that values are measured by."""
_MIN_DOCUMENTS = 2
"""Papers that must hold a term for its frequency to be kept; a term of one counts as one of none."""
SIZE = 100
"""Numbers in a vector."""
_RAREST = 5
"""Texts a word must stand in to get a vector."""
_TOGETHER = 2
"""Texts that two words must share to count as standing together."""
_RAREST_IN_TITLES = 8
"""Titles a word must stand in to be counted by category."""


def main() -> None:
    """Count and write."""
    papers, later = papers_of(JUNE), papers_of(JULY)
    counted = count(papers)
    content = counts_bytes(counted)
    (ROOT / "bot" / "judge" / TERMS_FILE).write_bytes(content)
    print(f"{counted.papers} papers, {len(counted.terms)} terms, {len(content)} bytes")
    learned = learn([p.title for p in papers], [p.summary for p in papers])
    content = vector_bytes(learned)
    (ROOT / "bot" / "judge" / VECTORS_FILE).write_bytes(content)
    print(f"{len(learned.words)} words with {SIZE} numbers each, {len(content)} bytes")
    content = background_bytes(papers, later, learned)
    (ROOT / "bot" / "judge" / "relevance" / BACKGROUND_FILE).write_bytes(content)
    print(f"{len(papers) + len(later)} papers as background, {len(content)} bytes")
    content = category_bytes(count_categories(papers))
    (ROOT / "bot" / "adopt" / CATEGORIES_FILE).write_bytes(content)
    print(f"{len(content)} bytes of categories")


def papers_of(month: str) -> list[Paper]:
    """Return the papers announced in a month."""
    found = (record for record in records() if record.get("announced", "").startswith(month))
    return [paper_json.decode_paper(record, PAPERS.name) for record in found]


def count(papers: Iterable[Paper]) -> TermCounts:
    """Return in how many papers each term stands; terms in fewer than `MIN_TERM_PAPERS` are left out."""
    total = 0
    found: dict[str, list[int]] = {}
    categories: dict[str, int] = {}
    for paper in papers:
        total += 1
        for place, text in enumerate((paper.title, paper.summary)):
            for term in terms(text):
                found.setdefault(term, [0, 0])[place] += 1
        for category in set(paper.categories):
            categories[category] = categories.get(category, 0) + 1
    kept = {term: (n[0], n[1]) for term, n in sorted(found.items()) if max(n) >= MIN_TERM_PAPERS}
    return TermCounts(total, kept, dict(sorted(categories.items())))


def counts_bytes(background: TermCounts) -> bytes:
    """Return counts as gzipped lines of tab-separated values; the same counts give the same bytes."""
    lines = [f"papers\t{background.papers}\t{len(background.categories)}"]
    lines += [f"{category}\t{n}" for category, n in background.categories.items()]
    lines += [f"{term}\t{titles}\t{abstracts}" for term, (titles, abstracts) in background.terms.items()]
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def learn(titles: Sequence[str], abstracts: Sequence[str], size: int = SIZE) -> WordVectors:
    """Return the vectors of words: the main directions of how much oftener than by chance two words share a paper."""
    texts = [f"{title}\n{abstract}" for title, abstract in zip(titles, abstracts, strict=True)]
    counter = CountVectorizer(analyzer=_words, min_df=_RAREST, binary=True, dtype=np.float64)
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
    bare = WordVectors(tuple(counter.get_feature_names_out()), vectors, nowhere, nowhere)
    spreads = (_spread(bare.of(Texts(some))) for some in (titles, list(map(joined, titles, abstracts))))
    return WordVectors(bare.words, vectors, *spreads)


def _words(text: str) -> list[str]:
    return sorted(term for term in terms(text) if " " not in term)


def _spread(rows: NDArray[Any]) -> Spread:
    return Spread(rows.mean(0), np.cov(rows.T))


def vector_bytes(learned: WordVectors) -> bytes:
    """Return vectors in half precision; the same ones give the same bytes."""
    file = io.BytesIO()
    spreads = {
        f"{name} {part}": getattr(getattr(learned, name), part).astype(np.float32)
        for name in ("titles", "texts")
        for part in ("mean", "covariance")
    }
    np.savez_compressed(file, words=np.array(learned.words), vectors=learned.vectors.astype(np.float16), **spreads)
    return file.getvalue()


def count_categories(papers: Iterable[Paper]) -> Counts:
    """Return in how many titles of each category each word stands."""
    found: dict[str, Counter[str]] = {}
    for paper in papers:
        for word in {"", *_words(paper.title)}:
            found.setdefault(word, Counter()).update({"", *paper.categories})
    return {word: dict(n) for word, n in sorted(found.items()) if n[""] >= _RAREST_IN_TITLES}


def category_bytes(counts: Counts) -> bytes:
    """Return counts as gzipped lines, a word with its categories in each; the same counts give the same bytes."""
    lines = ("\t".join([word, *(f"{c}={n}" for c, n in sorted(row.items()))]) for word, row in counts.items())
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def background_bytes(june: Sequence[Paper], july: Sequence[Paper], vectors: WordVectors) -> bytes:
    """Return what a list is told from and measured by; the same papers give the same bytes."""
    others, standard = _drawn(june, OTHERS), _drawn(july, STANDARD)
    every = [*june, *july]
    frequency = np.bincount(_term_counts(every).indices, minlength=BUCKETS)
    kept = np.flatnonzero(frequency >= _MIN_DOCUMENTS)
    texts = {
        "titles": HashedTexts.of(map(title_of, others)),
        "abstracts": HashedTexts.of(p.summary for p in others[:FULL]),
        "standard_titles": HashedTexts.of(map(title_of, standard)),
        "standard_abstracts": HashedTexts.of(p.summary for p in standard),
    }
    vocabulary = np.unique(np.concatenate([text.words for text in texts.values()]))
    by_category = Counter(category for p in every for category in set(p.categories))
    names = sorted(by_category)
    codes = {category: number for number, category in enumerate(names)}
    part: dict[str, NDArray[Any]] = dict(
        papers=np.array(len(every)),
        vocabulary=vocabulary,
        df_gaps=np.diff(np.r_[0, kept]).astype(np.uint16),
        df=np.minimum(frequency[kept], 65535).astype(np.uint16),
        ids=np.array([p.id for p in others]),
        standard_ids=np.array([p.id for p in standard]),
        standard_traits=traits(standard).astype(np.float16),
        standard_meanings=vectors.of(Texts([full_of(p) for p in standard])).astype(np.float16),
        category_names=np.array(names),
        category_counts=np.array([by_category[category] for category in names], dtype=np.uint16),
        standard_categories=np.array([codes[c] for p in standard for c in p.categories], dtype=np.uint8),
        standard_categories_lengths=np.array([len(p.categories) for p in standard], dtype=np.uint8),
        **{name: np.searchsorted(vocabulary, text.words).astype(np.uint16) for name, text in texts.items()},
        **{f"{name}_lengths": np.diff(text.ends).astype(np.uint16) for name, text in texts.items()},
    )
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **part)
    return file.getvalue()


def _drawn(papers: Sequence[Paper], number: int) -> list[Paper]:
    return random.Random(0).sample(sorted(papers, key=lambda p: p.id), min(number, len(papers)))


def _term_counts(papers: Sequence[Paper]) -> Any:
    titles, abstracts = HashedTexts.of(map(title_of, papers)), HashedTexts.of(p.summary for p in papers)
    return (counts(titles) + counts(abstracts)).tocsr()


if __name__ == "__main__":
    main()
