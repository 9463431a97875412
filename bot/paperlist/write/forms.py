"""Masks of old entries, and the forms that they show.

A slot is `\ue000name\ue001`, and `\ue002` stands for what only a person can know.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.paperlist.write.facts import AuthorsForm, VenueForm

_T = TypeVar("_T")
Weights = defaultdict[_T, float]
OPEN, CLOSE, GAP = "\ue000", "\ue001", "\ue002"
SLOT = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")


def slot(name: str) -> str:
    """Return the slot of a name."""
    return f"{OPEN}{name}{CLOSE}"


def weights() -> defaultdict[_T, float]:
    """Return a count of weights that is empty."""
    return defaultdict(float)


@dataclass(frozen=True, slots=True)
class UrlForm:
    """How an entry writes the address of a paper, behind a link's label."""

    label: str
    form: str


@dataclass(frozen=True, slots=True)
class BadgeForm:
    """How a badge writes that a paper is a preprint."""

    word: str


@dataclass(frozen=True, slots=True)
class NamedForm:
    """How an entry names all its authors, and how many these are."""

    count: int
    form: AuthorsForm


Form = UrlForm | BadgeForm | NamedForm | AuthorsForm | VenueForm


@dataclass(frozen=True, slots=True)
class Mask:
    """A masked entry, how much it counts, whether its title has a colon or is but a name, and the forms it shows."""

    text: str
    weight: float
    colon: bool
    short: bool
    line: int = 0
    forms: tuple[Form, ...] = ()

    def has(self, slot: str) -> bool:
        """Whether it has a slot of this name."""
        return f"{OPEN}{slot}{CLOSE}" in self.text


@dataclass(frozen=True)
class SeenForms:
    """The forms that masked entries show, each with its weight."""

    urls: Mapping[str, Weights[str]]
    """By the label of their link."""
    every_url: Weights[str]
    authors: Weights[AuthorsForm]
    """Of entries that name the first authors only."""
    named: Mapping[int, Weights[AuthorsForm]]
    """Of entries that name all their authors, by how many these are."""
    venues: Weights[VenueForm]
    badges: Weights[str]


def seen_forms(masks: Iterable[Mask]) -> SeenForms:
    """Return the forms that masked entries show."""
    urls, named = defaultdict[str, Weights[str]](weights), defaultdict[int, Weights[AuthorsForm]](weights)
    seen = SeenForms(urls, weights(), weights(), named, weights(), weights())
    for mask in masks:
        for one in mask.forms:
            match one:
                case UrlForm(label, form):
                    urls[label][form] += mask.weight
                    seen.every_url[form] += mask.weight
                case BadgeForm(word):
                    seen.badges[word] += 1
                case NamedForm(count, whole):
                    named[count][whole] += mask.weight
                case AuthorsForm():
                    seen.authors[one] += mask.weight
                case VenueForm():
                    seen.venues[one] += mask.weight
    return seen
