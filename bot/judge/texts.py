"""A paper as text: what of it is compared, and the words of many texts counted once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from bot.arxiv import titles
from bot.model import Paper


def title_of(paper: Paper) -> str:
    """Return the title as it is shown."""
    return titles.display(paper.title)


def full_of(paper: Paper) -> str:
    """Return title and abstract."""
    return joined(title_of(paper), paper.summary)


def joined(title: str, abstract: str) -> str:
    """Return a title with an abstract; the title counts twice, so that it is not drowned."""
    return f"{title} . {title} . {abstract}"


class Texts:
    """Texts as they stand, and counted: their distinct words, and how often each text holds each."""

    def __init__(self, plain: Sequence[str]) -> None:
        self.plain = plain

    @cached_property
    def counted(self) -> tuple[Sequence[str], Any]:
        """Return the distinct words between blanks, and a sparse matrix: a row for each text, a column for each."""
        from sklearn.feature_extraction.text import CountVectorizer

        counter = CountVectorizer(analyzer=_split)
        counts = counter.fit_transform([*self.plain, "."])  # one word at least, or it raises
        return counter.get_feature_names_out(), counts[:-1]


def _split(text: str) -> list[str]:
    return text.lower().split()
