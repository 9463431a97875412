"""A paper as text: what is compared, its terms, and the words of many texts counted once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from bot.arxiv import titles
from bot.model import Paper

_WORD = re.compile(r"[a-z0-9]+(?:[.+#][a-z0-9]+)*")


def title_of(paper: Paper) -> str:
    """Return the title as it is shown."""
    return titles.display(paper.title)


def full_of(paper: Paper) -> str:
    """Return title and abstract."""
    return joined(title_of(paper), paper.summary)


def joined(title: str, abstract: str) -> str:
    """Return a title with an abstract; the title counts twice, so that the abstract does not drown it."""
    return f"{title} . {title} . {abstract}"


def words_of(text: str) -> list[str]:
    """Return the words that terms are made of, in lower case and in their order."""
    return _WORD.findall(text.lower())


def terms(text: str) -> set[str]:
    """Return the words of a text and its pairs of neighbouring words, in lower case and without plural endings."""
    words = [singular_term(word) for word in words_of(text)]
    return {*words, *map(" ".join, pairwise(words))}


def has_terms(paper: Paper) -> bool:
    """Whether title or abstract holds a word that terms are made of; Chinese alone holds none."""
    return any(_WORD.search(text.lower()) for text in (paper.title, paper.summary))


@lru_cache(maxsize=1 << 16)
def singular_term(word: str) -> str:
    """Return a word in lower case without a plural ending."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


class Texts:
    """Texts, and their distinct words counted in each."""

    def __init__(self, plain: Sequence[str]) -> None:
        self.plain = plain

    @cached_property
    def counted(self) -> tuple[Sequence[str], Any]:
        """The distinct words between blanks, and a sparse matrix: a row for each text, a column for each word."""
        from sklearn.feature_extraction.text import CountVectorizer

        counter = CountVectorizer(analyzer=_split)
        counts = counter.fit_transform([*self.plain, "."])  # one word at least, or it raises
        return counter.get_feature_names_out(), counts[:-1]


def _split(text: str) -> list[str]:
    return text.lower().split()
