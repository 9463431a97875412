"""Judging by keyword rules: each match is evidence, every verdict names its matches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from bot import titles
from bot.model import Choice, Field, Keyword, Match, Paper, Path, Verdict

SECTION_AT = 0.5
"""Evidence from which a section is chosen; below it the paper is unsorted."""

_SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<! al\.)(?<!vs\.)(?<!Fig\.)\s+(?=[A-Z0-9])")
_SENTENCE_LENGTH = 240
WORD = re.compile(r"\w+(?:[.+#']\w+)*")
"""A word of a phrase."""
HYPHENS = r"\-‐-―"
"""What counts as a hyphen, for a class of characters."""


@dataclass(frozen=True, slots=True)
class SectionKeywords:
    """The phrases that put a paper into a section."""

    path: Path
    keywords: tuple[Keyword, ...]


class KeywordJudge:
    """Scores a paper by the phrases found in its title and abstract.

    Evidence of several phrases adds up as independent chances do: `1 - prod(1 - weight)`. A phrase in the title
    counts half-way nearer to certainty than its weight. Relevance is such a sum over the list's keywords, a
    section's probability its share of the evidence for all sections.
    """

    def __init__(
        self, keywords: Sequence[Keyword], exclude: Sequence[Keyword] = (), sections: Sequence[SectionKeywords] = ()
    ) -> None:
        self._keywords, self._exclude, self._sections = tuple(keywords), tuple(exclude), tuple(sections)

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given."""
        return tuple(self._verdict(paper) for paper in papers)

    def _verdict(self, paper: Paper) -> Verdict:
        title, abstract = titles.display(paper.title), titles.display(paper.summary)
        evidence, matched = _evidence(self._keywords, title, abstract)
        _, excluded = _evidence(self._exclude, title, abstract)
        choices = self._choices(title, abstract)
        chosen = choices[0] if choices and choices[0][1] >= SECTION_AT else None
        ranked = tuple(choice for choice, _ in choices)
        return Verdict(
            relevance=0.0 if excluded else evidence,
            matched=matched,
            section=chosen[0] if chosen else None,
            alternatives=ranked[1:] if chosen else ranked,
            excluded=excluded[0] if excluded else None,
        )

    def _choices(self, title: str, abstract: str) -> list[tuple[Choice, float]]:
        """Return the sections with their evidence, strongest first; equals stay in the order of the config.

        Shares are rounded down, so that together they never exceed 1.
        """
        evidence = [_evidence(s.keywords, title, abstract)[0] for s in self._sections]
        doubt = 1 - max(evidence, default=0.0)
        total = sum(evidence) + doubt
        scored = zip(self._sections, evidence, strict=True)
        return sorted(((Choice(s.path, int(1e4 * e / total) / 1e4), e) for s, e in scored), key=lambda c: -c[1])


def _evidence(keywords: Iterable[Keyword], title: str, abstract: str) -> tuple[float, tuple[Match, ...]]:
    """Return the evidence in [0, 1) of all keywords together, and the matches, strongest first."""
    found = [
        (weight, match)
        for k in keywords
        if (weight_match := _match(k, title, abstract))
        for weight, match in [weight_match]
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1].phrase))
    return round(1 - prod(1 - weight for weight, _ in found), 4), tuple(match for _, match in found)


def _match(keyword: Keyword, title: str, abstract: str) -> tuple[float, Match] | None:
    """Look for a keyword: in the title first, where it says more."""
    anchor = _anchor(keyword.phrase)
    in_title, in_abstract = anchor in _lowered(title), anchor in _lowered(abstract)
    if not in_title and not in_abstract:
        return None
    pattern = phrase_pattern(keyword.phrase)
    if keyword.field is not Field.ABSTRACT and in_title and pattern.search(title):
        return (1 + keyword.weight) / 2, Match(keyword.phrase, Field.TITLE, title)
    if keyword.field is not Field.TITLE and in_abstract and (found := pattern.search(abstract)):
        return keyword.weight, Match(keyword.phrase, Field.ABSTRACT, _sentence(abstract, found.start()))
    return None


@lru_cache(maxsize=8)
def _lowered(text: str) -> str:
    return text.lower()


@lru_cache(maxsize=4096)
def _anchor(phrase: str) -> str:
    """Return letters that every match of a phrase holds: looking for them first is ten times as fast."""
    words = [found[0].lower() for found in WORD.finditer(phrase)] or [""]
    *whole, last = words
    return max((word for word in (*whole, last[:-3]) if word.isascii()), key=len, default="")


@lru_cache(maxsize=4096)
def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """Return what finds a phrase word by word: any case, hyphens as spaces, the last word in singular or plural.

    A hyphen in the phrase itself may also be missing: `multi-tenant` finds `multitenant`.
    """
    words = list(WORD.finditer(phrase))
    parts: list[str] = []
    for before, word in zip([None, *words], words, strict=False):
        if before:
            hyphen = re.fullmatch(rf"[{HYPHENS}]", phrase[before.end() : word.start()])
            parts.append(rf"[\s{HYPHENS}/]{'*' if hyphen else '+'}")
        parts.append(re.escape(word[0]) if word is not words[-1] else _in_any_number(word[0]))
    return re.compile(rf"(?<!\w){''.join(parts)}(?!\w)", re.IGNORECASE)


def singular(word: str) -> str:
    """Return a word in the form that finds its singular and its plural; `DNS`, `loss` and `analysis` are singular."""
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _in_any_number(word: str) -> str:
    """Return a pattern for singular and plural of a word given in either; `DNS`, `loss` and `analysis` are singular."""
    stem, ending = re.escape(word), "(?:s|es)?"
    if len(word) > 3 and word.endswith("ies"):
        stem, ending = re.escape(word[:-3]), "(?:y|ies?)"
    elif len(word) > 3 and word.endswith(("ches", "shes", "xes", "sses")):
        stem, ending = re.escape(word[:-2]), "(?:es?)?"
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        stem = re.escape(word[:-1])
    elif word.endswith("y"):
        stem, ending = re.escape(word[:-1]), "(?:ys?|ies)"
    return stem + ending


def _sentence(text: str, at: int) -> str:
    """Return the sentence around an offset, shortened in the middle of a text that has no full stops."""
    starts = [0, *(m.end() for m in _SENTENCE.finditer(text))]
    start = max(s for s in starts if s <= at)
    end = min((s for s in starts if s > at), default=len(text))
    sentence = text[start:end].strip()
    if len(sentence) <= _SENTENCE_LENGTH:
        return sentence
    left = max(0, at - start - _SENTENCE_LENGTH // 2)
    right = left + _SENTENCE_LENGTH
    cut = sentence[left:right]
    if left:
        cut = "… " + re.sub(r"^\S{0,30}\s", "", cut)
    return cut if right >= len(sentence) else re.sub(r"\s\S{0,30}$", "", cut) + " …"
