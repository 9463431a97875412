"""The terms that tell a list from arXiv, by logistic regression of its titles and texts against other papers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.judge.relevance.background import Background
from bot.judge.relevance.terms import BUCKETS, paper_rows, text_rows
from bot.judge.texts import title_of
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]

_STRENGTH = 5.0
"""Inverse of the regularisation, of `LogisticRegression`."""


def telling_terms(listed: Sequence[Paper], background: Background) -> Vector:
    """Return a weight for each bucket of terms: how much it speaks for the list.

    Every listed title is an example, and so is title with abstract where that is known. Among the others, texts weigh
    together as much for each title as they do in the list.
    """
    import numpy as np
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    known = {paper.id for paper in listed}
    other = np.array([paper_id not in known for paper_id in background.ids])
    titles, full = background.titles[other], background.full[other[: background.full.shape[0]]]
    texts = [paper for paper in listed if paper.summary]
    blocks = [text_rows(map(title_of, listed), background.idf), paper_rows(texts, background.idf), titles]
    weights = np.ones(sum(block.shape[0] for block in blocks))
    if texts:
        blocks.append(full)
        share = len(texts) / len(listed) * titles.shape[0] / full.shape[0]
        weights = np.r_[weights, np.full(full.shape[0], share)]
    rows = sparse.vstack(blocks).tocsc()
    used = np.flatnonzero(np.diff(rows.indptr))
    labels = np.arange(rows.shape[0]) < len(listed) + len(texts)
    model = LogisticRegression(C=_STRENGTH, solver="liblinear", tol=1e-3, random_state=0)
    model.fit(rows[:, used].tocsr(), labels, sample_weight=weights)
    terms = np.zeros(BUCKETS, np.float32)
    terms[used] = model.coef_[0]
    return terms
