"""Which arXiv categories a list draws on: those its papers have, or, where these are unknown, those its words suggest.

In which categories the words of titles stand was counted by `checks/background.py`, from the same papers as what arXiv
is like in general; no text is kept.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from math import log

from bot.judge.background import terms
from bot.model import Paper

FILE = "categories.tsv.gz"
RAREST = 8
"""Titles a word must stand in to be counted."""
MOST = 12
LEAST_SHARE = 0.04
"""Of the papers, in one of `MOST` categories at most."""
_LEAST_LIKELY = 0.7
"""How likely a category must be, against arXiv in general."""
_PRIOR = 4.0
"""Titles that arXiv in general counts beside those that hold a word."""

Counts = Mapping[str, Mapping[str, int]]
"""Word -> category -> titles; the empty word is in all."""


def known(papers: Iterable[Paper]) -> tuple[str, ...]:
    """Return the categories that papers have, those of most papers first."""
    sets = [set(paper.categories) for paper in papers if paper.categories]
    found = Counter(category for one in sets for category in one)
    return tuple(c for c, n in found.most_common(MOST) if n >= LEAST_SHARE * len(sets))


def guessed(titles: Sequence[str], counts: Counts) -> tuple[str, ...]:
    """Return the categories that the words of titles suggest, the likeliest first; none where no word is known."""
    everything = counts[""]
    total = everything[""]
    prior = {c: n / total for c, n in everything.items() if c}
    share: dict[str, float] = dict.fromkeys(prior, 0.0)
    told = 0
    for title in titles:
        words = [(counts[word], log(total / counts[word][""])) for word in terms(title) if word in counts and word]
        weight = sum(rarity for _, rarity in words)
        if not weight:
            continue
        told += 1
        for category, usual in prior.items():
            chances = ((n.get(category, 0) + _PRIOR * usual) / (n[""] + _PRIOR) * rarity for n, rarity in words)
            share[category] += sum(chances) / weight
    likeliest = sorted(share, key=lambda category: -share[category])[:MOST]
    return tuple(c for c in likeliest if share[c] >= max(LEAST_SHARE, _LEAST_LIKELY * prior[c]) * told)


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
    return loads((resources.files("bot.service") / FILE).read_bytes())
