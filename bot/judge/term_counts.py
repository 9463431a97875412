"""How common each term and category is in arXiv: counted by `tools/background.py` in CC0 metadata of one month."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

TERMS_FILE = "terms.tsv.gz"
MIN_TERM_PAPERS = 4
"""Papers that must hold a term for it to be kept."""


@dataclass(frozen=True, slots=True)
class TermCounts:
    """Document frequencies among `papers` papers: term -> (titles, abstracts), category -> papers."""

    papers: int
    terms: Mapping[str, tuple[int, int]]
    categories: Mapping[str, int]


def read_term_counts(content: bytes) -> TermCounts:
    """Return the counts in gzipped lines: a head, a line for each category, a line for each term."""
    lines = gzip.decompress(content).decode().splitlines()
    _, papers, size = lines[0].split("\t")
    end = 1 + int(size)
    categories = {category: int(n) for category, n in (line.split("\t") for line in lines[1:end])}
    split = (line.split("\t") for line in lines[end:])
    return TermCounts(int(papers), {term: (int(t), int(a)) for term, t, a in split}, categories)


@cache
def shipped_term_counts() -> TermCounts:
    """Return the counts that come with the program."""
    return read_term_counts((resources.files("bot.judge") / TERMS_FILE).read_bytes())
