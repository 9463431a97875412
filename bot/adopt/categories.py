"""The arXiv categories of a list: those of its papers, where they are known, and those its titles suggest.

The counts of words by category are made by `tools/background.py`.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.judge.texts import terms
from bot.model import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

CATEGORIES_FILE = "categories.tsv.gz"
_MOST = 8
_LEAST_SHARE, _OF_USUAL = 0.03, 0.4
"""Share of the papers that a category needs, and the part of its share of arXiv that it needs in addition: a large
category brings many papers of other topics."""
_WORTH = 10
"""As many papers with known categories weigh as much as the words of all titles."""
_PRIOR = 2.0
"""Average titles of arXiv that are counted with those that hold a word."""
_PART = 2 / 3
"""Weight of each word of a title: words occur together and repeat each other's evidence."""
_USUAL = 5.0
"""Average papers of arXiv that are counted with those of a list."""

Counts = Mapping[str, Mapping[str, int]]
"""Word -> category -> titles; the empty word stands for all titles, the empty category for any."""


def likely_categories(papers: Sequence[Paper], counts: Counts) -> tuple[str, ...]:
    """Return the categories that papers have or that their titles suggest, the likeliest first."""
    known = [set(paper.categories) for paper in papers if paper.categories]
    suggested = expected_shares([paper.title for paper in papers], counts)
    found = Counter(category for one in known for category in one)
    papers_with, everything = len(known) + (_WORTH if suggested else 0), counts[""]
    share = {c: (found[c] + _WORTH * suggested.get(c, 0.0)) / papers_with for c in {*found, *suggested}}
    likeliest = sorted(share, key=lambda category: (-share[category], category))
    least = {c: _LEAST_SHARE + _OF_USUAL * everything.get(c, 0) / everything[""] for c in likeliest}
    return tuple(c for c in likeliest[:_MOST] if share[c] >= least[c])


def expected_shares(titles: Iterable[str], counts: Counts) -> Mapping[str, float]:
    """Return the share of papers expected in each category by their titles; nothing where no word is known.

    Each word moves the odds of each category. The result is the prior of a second round: a list of one topic is not
    like arXiv in general.
    """
    import numpy as np

    everything = counts[""]
    names = [category for category in everything if category]
    usual = np.array([everything[category] for category in names]) / everything[""]

    @cache
    def evidence(word: str) -> NDArray[Any]:
        row = counts[word]
        held = np.array([row.get(category, 0) for category in names])
        moved: NDArray[Any] = _odds((held + _PRIOR * usual) / (row[""] + _PRIOR)) - _odds(usual)
        return moved

    known = [[word for word in sorted(terms(title)) if word in counts] for title in titles]
    told = [sum(evidence(word) for word in words) for words in known if words]
    if not told:
        return {}

    def expected(usual: NDArray[Any]) -> NDArray[Any]:
        mean: NDArray[Any] = (1 / (1 + np.exp(-(_PART * np.array(told) + _odds(usual))))).mean(axis=0)
        return mean

    here = (len(told) * expected(usual) + _USUAL * usual) / (len(told) + _USUAL)
    return dict(zip(names, expected(here).tolist(), strict=True))


def _odds(share: NDArray[Any]) -> NDArray[Any]:
    """Return the logarithm of the odds of shares, each above 0 and below 1."""
    import numpy as np

    odds: NDArray[Any] = np.log(share / (1 - share))
    return odds


@cache
def shipped_counts() -> Counts:
    """Return the counts that come with the program: lines of a word and its categories."""
    content = gzip.decompress((resources.files("bot.adopt") / CATEGORIES_FILE).read_bytes())
    rows = (line.split("\t") for line in content.decode().splitlines())
    return {word: {c: int(n) for c, _, n in (one.partition("=") for one in row)} for word, *row in rows}
