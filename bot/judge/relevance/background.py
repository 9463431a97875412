"""What arXiv is like in general: papers of June and July 2025, made into numbers by `tools/background.py`.

June's papers are those a list is told from; July's are the standard that values are measured by.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.judge.relevance.terms import BUCKETS, HashedTexts, counts, weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Matrix = Any

BACKGROUND_FILE = "background.npz"


@dataclass(frozen=True)
class Standard:
    """Papers that values are measured by: a row of terms, of traits and of meaning for each, and its categories."""

    ids: Sequence[str]
    terms: Matrix
    traits: Vector
    meanings: Vector
    categories: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Background:
    """The rarity of each term, papers to tell a list from, the standard, and papers of each category of `papers`.

    `titles` holds a row for each of `ids`; `full` has title and abstract of the first of them.
    """

    idf: Vector
    ids: Sequence[str]
    titles: Matrix
    full: Matrix
    standard: Standard
    categories: Mapping[str, int]
    papers: int


def read_background(content: bytes) -> Background:
    """Return what an npz file holds."""
    import numpy as np

    with np.load(io.BytesIO(content)) as file:
        part = {name: file[name] for name in file.files}
    frequency = np.zeros(BUCKETS, np.float32)
    frequency[np.cumsum(part["df_gaps"].astype(np.int64))] = part["df"]
    papers = int(part["papers"])
    idf = (np.log((papers + 1) / (frequency + 1)) + 1).astype(np.float32)
    titles, abstracts = counts(_texts(part, "titles")), counts(_texts(part, "abstracts"))
    standard = counts(_texts(part, "standard_titles")) * 2 + counts(_texts(part, "standard_abstracts"))
    names = part["category_names"].tolist()
    codes = iter(part["standard_categories"].tolist())
    categories = [tuple(names[next(codes)] for _ in range(n)) for n in part["standard_categories_lengths"]]
    return Background(
        idf,
        part["ids"].tolist(),
        weighed(titles, idf),
        weighed(titles[: abstracts.shape[0]] * 2 + abstracts, idf),
        Standard(
            part["standard_ids"].tolist(),
            weighed(standard, idf),
            part["standard_traits"].astype(np.float64),
            part["standard_meanings"].astype(np.float64),
            categories,
        ),
        dict(zip(names, part["category_counts"].tolist(), strict=True)),
        papers,
    )


def _texts(part: Mapping[str, Vector], name: str) -> HashedTexts:
    import numpy as np

    lengths = part[f"{name}_lengths"].astype(np.int64)
    return HashedTexts(part["vocabulary"][part[name]], np.cumsum(np.r_[0, lengths]))


@cache
def shipped_background() -> Background:
    """Return the background that comes with the program."""
    return read_background((resources.files("bot.judge.relevance") / BACKGROUND_FILE).read_bytes())
