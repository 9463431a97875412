"""Count what arXiv papers are like in general, and write it into the package: `python -m tools.background`.

Writes `background.tsv.gz` (terms), `meaning.npz` (word vectors) and `categories.tsv.gz` beside their modules, from the
CC0 metadata of the papers in the shared data that were announced in June 2025. That is the first month that is nearly
complete there, and it lies before everything the judge is measured on.
"""

from __future__ import annotations

import gzip
import io
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
from bot.judge.relevance.background import BACKGROUND_FILE, MIN_TERM_PAPERS, Background
from bot.judge.texts import Texts, joined, terms
from bot.judge.word_vectors import VECTORS_FILE, Spread, WordVectors
from bot.model import Paper
from tests.servers.shared import PAPERS, ROOT, records

SINCE, UNTIL = "2025-06-01", "2025-07-01"
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
    found = [record for record in records() if SINCE <= record.get("announced", "") < UNTIL]
    papers = [paper_json.decode_paper(record, PAPERS.name) for record in found]
    counted = count(papers)
    content = background_bytes(counted)
    (ROOT / "bot" / "judge" / "relevance" / BACKGROUND_FILE).write_bytes(content)
    print(f"{counted.papers} papers, {len(counted.terms)} terms, {len(content)} bytes")
    learned = learn([p.title for p in papers], [p.summary for p in papers])
    content = vector_bytes(learned)
    (ROOT / "bot" / "judge" / VECTORS_FILE).write_bytes(content)
    print(f"{len(learned.words)} words with {SIZE} numbers each, {len(content)} bytes")
    content = category_bytes(count_categories(papers))
    (ROOT / "bot" / "adopt" / CATEGORIES_FILE).write_bytes(content)
    print(f"{len(content)} bytes of categories")


def count(papers: Iterable[Paper]) -> Background:
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
    return Background(total, kept, dict(sorted(categories.items())))


def background_bytes(background: Background) -> bytes:
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


if __name__ == "__main__":
    main()
