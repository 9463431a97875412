"""Which words of a paper are told as reasons: those that speak most, and say something to people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import islice

from bot.judge.background import singular_term, words_of

MOST = 5
"""Terms that are told."""
_WORD = re.compile(r"(?u)\w[\w+]*")


def tells(term: str) -> bool:
    """Tell whether a term says something by itself: it neither begins nor ends with a word that stands everywhere."""
    words = term.split()
    return _everywhere().isdisjoint((words[0], words[-1])) and any(len(word) > 1 and word.isalpha() for word in words)


@cache
def _everywhere() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return _EMPTY.union(ENGLISH_STOP_WORDS)


_EMPTY = frozenset("our using used use based new paper propose proposed show however can also less more up".split())
"""Words of abstracts that say nothing of a topic; only what is shown passes over them."""


def as_written(words: Iterable[str], text: str) -> tuple[str, ...]:
    """Return words without plural endings as the text has them first, in lower case; one it has not stays."""
    written: dict[str, str] = {}
    for word in words_of(text):
        written.setdefault(singular_term(word), word)
    return tuple(written.get(word, word) for word in words)


def strongest(terms: Iterable[str], text: str) -> tuple[str, ...]:
    """Return the first terms that tell something, stand in the text as they are, and bring a word not told before."""
    words = f" {' '.join(_WORD.findall(text.lower()))} "
    return tuple(islice(_new(term for term in terms if tells(term) and f" {term} " in words), MOST))


def _new(terms: Iterable[str]) -> Iterable[str]:
    told = set[str]()
    for term in terms:
        words = {singular_term(word) for word in term.split()}
        if not words <= told:
            told |= words
            yield term
