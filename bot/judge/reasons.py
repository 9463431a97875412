"""Which words of a paper are shown as reasons: those that speak most, and say something to people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice

from bot.judge.term_counts import shipped_term_counts
from bot.judge.texts import singular_term

_MOST_REASONS = 5
_WORD = re.compile(r"(?u)\w[\w+]*")
_COMMAND = re.compile(r"\\[A-Za-z]+")
"""A command of LaTeX in an abstract, which is no word."""


_GENERIC, _TOPICAL = 0.1, 0.3
"""Share of arXiv's abstracts from which a term says nothing of a topic, such as "model", "time" or "application"; but
one that stands in so many titles for each abstract does, such as "llm"."""


def tells(term: str) -> bool:
    """Whether a term says something by itself: it is no generic one, and no word that is everywhere is at its ends."""
    words = term.split()
    if term in _BEGINNINGS or not _everywhere().isdisjoint((words[0], words[-1])) or _generic(words):
        return False
    return any(len(word) > 1 and word.isalpha() for word in words)


def _generic(words: Sequence[str]) -> bool:
    counts = shipped_term_counts()
    in_titles, abstracts = counts.terms.get(" ".join(map(singular_term, words)), (0, 0))
    return abstracts > _GENERIC * counts.papers and in_titles < _TOPICAL * abstracts


@cache
def _everywhere() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return _EMPTY.union(ENGLISH_STOP_WORDS)


_EMPTY = frozenset(
    "our using used use based new paper propose proposed show however can also less more better fast faster up study "
    "way s "
    "https http www com".split()
)
"""Words of abstracts that say nothing of a topic; they are left out of what is shown only."""
_BEGINNINGS = frozenset("anti co high inter intra low multi non post pre semi sub".split())
"""Words that say something only with the next one."""


def strongest(terms: Iterable[str], text: str) -> tuple[str, ...]:
    """Return the first terms that say something, stand in the text as they are, and add a word to those before."""
    words = f" {' '.join(_WORD.findall(_plain(text).lower()))} "
    return tuple(islice(_new(term for term in terms if tells(term) and f" {term} " in words), _MOST_REASONS))


def _plain(text: str) -> str:
    return _COMMAND.sub(" ", text)


def _new(terms: Iterable[str]) -> Iterable[str]:
    told = set[str]()
    for term in terms:
        words = {word.removesuffix("s") for word in term.split()}
        if not words <= told:
            told |= words
            yield term
