"""Which arXiv categories a list draws on, told by those its papers have, where these are known, and by its words.

In which categories the words of titles stand was counted by `tools/background.py`, from the same papers as what arXiv
is like in general; no text is kept.
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

FILE = "categories.tsv.gz"
RAREST = 8
"""Titles a word must stand in to be counted."""
MOST = 12
LEAST_SHARE = 0.04
"""Of the papers, in one of `MOST` categories at most."""
_WORTH = 10
"""So many papers whose categories are known tell as much as the words of all titles."""
_PRIOR = 2.0
"""Titles of arXiv in general that count beside those that hold a word."""
_PART = 2 / 3
"""What each word of a title counts: words come in company and say the same twice."""
_USUAL = 5.0
"""Papers of arXiv in general that count beside those of a list for what is usual in it."""

Counts = Mapping[str, Mapping[str, int]]
"""Word -> category -> titles; the empty word is in all."""


def drawn_on(papers: Sequence[Paper], counts: Counts) -> tuple[str, ...]:
    """Return the categories that papers have or their titles suggest, the likeliest first; none where nothing tells."""
    known = [set(paper.categories) for paper in papers if paper.categories]
    suggested = shares([paper.title for paper in papers], counts)
    found = Counter(category for one in known for category in one)
    number = {c: found[c] + _WORTH * suggested.get(c, 0.0) for c in {*found, *suggested}}
    least = LEAST_SHARE * (len(known) + (_WORTH if suggested else 0))
    likeliest = sorted(number, key=lambda category: (-number[category], category))
    return tuple(c for c in likeliest[:MOST] if number[c] >= least)


def shares(titles: Iterable[str], counts: Counts) -> Mapping[str, float]:
    """Return in what share of papers each category is to be expected by their titles; nothing where no word is known.

    Each word moves the odds of each category. What is usual is then taken from the papers themselves, and all of them
    are read once more: a list of one topic is not like arXiv in general.
    """
    import numpy as np

    everything = counts[""]
    names = [category for category in everything if category]
    usual = np.array([everything[category] for category in names]) / everything[""]

    @cache
    def speaks(word: str) -> NDArray[Any]:
        row = counts[word]
        held = np.array([row.get(category, 0) for category in names])
        moved: NDArray[Any] = _odds((held + _PRIOR * usual) / (row[""] + _PRIOR)) - _odds(usual)
        return moved

    known = [[word for word in sorted(terms(title)) if word in counts] for title in titles]
    told = [sum(speaks(word) for word in words) for words in known if words]
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


def count(papers: Iterable[Paper]) -> Counts:
    """Count in how many titles of each category a word stands; the empty category is any."""
    found: dict[str, Counter[str]] = {}
    for paper in papers:
        for word in {"", *(term for term in terms(paper.title) if " " not in term)}:
            found.setdefault(word, Counter()).update({"", *paper.categories})
    return {word: dict(n) for word, n in sorted(found.items()) if n[""] >= RAREST}


def dumps(counts: Counts) -> bytes:
    """Write counts as gzipped lines, a word with its categories in each; the same counts give the same bytes."""
    lines = ("\t".join([word, *(f"{c}={n}" for c, n in sorted(row.items()))]) for word, row in counts.items())
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def loads(content: bytes) -> Counts:
    """Read what `dumps` wrote."""
    rows = (line.split("\t") for line in gzip.decompress(content).decode().splitlines())
    return {word: {c: int(n) for c, _, n in (one.partition("=") for one in row)} for word, *row in rows}


@cache
def shipped() -> Counts:
    """Return the counts that come with the program."""
    return loads((resources.files("bot.adopt") / FILE).read_bytes())
