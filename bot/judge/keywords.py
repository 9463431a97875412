"""Judging by keyword rules: each match is evidence, every verdict names its matches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import prod
from types import MappingProxyType
from typing import NamedTuple

from bot.arxiv import titles
from bot.model import Choice, Field, Keyword, Match, Paper, Path, Verdict

SECTION_AT = 0.5
"""Evidence from which a section is chosen; below it the paper is unsorted."""

_SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<! al\.)(?<!vs\.)(?<!Fig\.)\s+(?=[A-Z0-9])")
_SENTENCE_LENGTH = 240
PHRASE_WORD = re.compile(r"\w+(?:[.+#']\w+)*")
"""A word of a phrase."""
HYPHENS = r"\-‐-―"
"""What counts as a hyphen, for a class of characters."""


SectionKeywords = Mapping[Path, Sequence[Keyword]]
"""The phrases that put a paper into each section."""


class _Text(NamedTuple):
    """Title and abstract of a paper as people read them, and both in lower case."""

    title: str
    abstract: str
    lowered: str


def _text(paper: Paper) -> _Text:
    title, abstract = titles.display(paper.title), titles.display(paper.summary)
    return _Text(title, abstract, f"{title}\n{abstract}".lower())


class KeywordJudge:
    """Scores a paper by the phrases found in its title and abstract.

    Evidence of several phrases adds up as independent chances do: `1 - prod(1 - weight)`. A phrase in the title
    counts half-way nearer to certainty than its weight. Relevance is such a sum over the list's keywords, a
    section's probability its share of the evidence for all sections. A paper must hold a phrase of each of `groups`.
    """

    def __init__(
        self,
        keywords: Sequence[Keyword],
        exclude: Sequence[Keyword] = (),
        sections: SectionKeywords = MappingProxyType({}),
        groups: Sequence[Sequence[Keyword]] = (),
    ) -> None:
        self._keywords, self._exclude, self._sections, self._groups = keywords, exclude, sections, groups

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given."""
        if not (self._keywords or self._exclude or self._sections or self._groups):
            return (Verdict(0.0),) * len(papers)
        return tuple(self._verdict(paper) for paper in papers)

    def _verdict(self, paper: Paper) -> Verdict:
        text = _text(paper)
        evidence, matched = _evidence(self._keywords, text)
        _, excluded = _evidence(self._exclude, text)
        missing = next((group for group in self._groups if not any(_match(k, text) for k in group)), ())
        choices = self._choices(text)
        ranked = tuple(choice for choice, _ in choices)
        sure = bool(choices) and choices[0][1] >= SECTION_AT
        return Verdict(
            relevance=0.0 if excluded or missing else evidence,
            matched=matched,
            section=ranked[0] if sure else None,
            alternatives=ranked[sure:],
            excluded=excluded[0] if excluded else None,
            missing=tuple(keyword.phrase for keyword in missing),
        )

    def _choices(self, text: _Text) -> list[tuple[Choice, float]]:
        """Return the sections with their evidence, strongest first; equals stay in the order of the config.

        Shares are rounded down, so that together they never exceed 1.
        """
        evidence = {path: _evidence(keywords, text)[0] for path, keywords in self._sections.items()}
        doubt = 1 - max(evidence.values(), default=0.0)
        total = sum(evidence.values()) + doubt
        scored = ((Choice(path, int(1e4 * e / total) / 1e4), e) for path, e in evidence.items())
        return sorted(scored, key=lambda c: -c[1])


def _evidence(keywords: Iterable[Keyword], text: _Text) -> tuple[float, tuple[Match, ...]]:
    """Return the evidence in [0, 1) of all keywords together, and the matches, strongest first."""
    found = [match for keyword in keywords if (match := _match(keyword, text))]
    found.sort(key=lambda pair: (-pair[0], pair[1].phrase))
    return round(1 - prod(1 - weight for weight, _ in found), 4), tuple(match for _, match in found)


def mentions(paper: Paper, keywords: Iterable[Keyword]) -> bool:
    """Whether one of the keywords stands in the title or abstract, as this judge reads them."""
    text = _text(paper)
    return any(_match(keyword, text) for keyword in keywords)


def _match(keyword: Keyword, text: _Text) -> tuple[float, Match] | None:
    """Return a keyword's evidence and match: in the title if possible, where it says more; None where it is absent."""
    if not all(stem in text.lowered for stem in _stems(keyword.phrase)):
        return None
    pattern = phrase_pattern(keyword.phrase)
    if keyword.field is not Field.ABSTRACT and pattern.search(text.title):
        return (1 + keyword.weight) / 2, Match(keyword.phrase, Field.TITLE, text.title)
    if keyword.field is not Field.TITLE and (found := pattern.search(text.abstract)):
        return keyword.weight, Match(keyword.phrase, Field.ABSTRACT, _sentence(text.abstract, found.start()))
    return None


@lru_cache(maxsize=4096)
def _stems(phrase: str) -> tuple[str, ...]:
    """Return letters that every match of a phrase holds, longest first: looking for them first is ten times as fast."""
    *whole, last = [found[0] for found in PHRASE_WORD.finditer(phrase)] or [""]
    stems = {stem.lower() for stem in (*whole, _numbers(last)[0]) if stem.isascii()}
    return tuple(sorted(stems, key=lambda stem: (-len(stem), stem)))


@lru_cache(maxsize=4096)
def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """Return what finds a phrase word by word: any case, hyphens as spaces, the last word in singular or plural.

    A hyphen in the phrase itself may also be missing: `multi-tenant` finds `multitenant`.
    """
    words = list(PHRASE_WORD.finditer(phrase))
    parts: list[str] = []
    for before, word in zip([None, *words], words, strict=False):
        if before:
            hyphen = re.fullmatch(rf"[{HYPHENS}]", phrase[before.end() : word.start()])
            parts.append(rf"[\s{HYPHENS}/]{'*' if hyphen else '+'}")
        stem, _, ending = _numbers(word[0]) if word is words[-1] else (word[0], "", "")
        parts.append(re.escape(stem) + ending)
    return re.compile(rf"(?<!\w){''.join(parts)}(?!\w)", re.IGNORECASE)


def singular(word: str) -> str:
    """Return a word without its plural ending."""
    stem, ending, _ = _numbers(word)
    return stem + ending


def _numbers(word: str) -> tuple[str, str, str]:
    """Return the stem of a word in singular or plural, the ending of its singular, and a pattern for that of either.

    `DNS`, `loss` and `analysis` are singular.
    """
    if len(word) > 3:
        if word.endswith("ies"):
            return word[:-3], "y", "(?:y|ies?)"
        if word.endswith(("ches", "shes", "xes", "sses")):
            return word[:-2], "", "(?:es?)?"
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return word[:-1], "", "(?:s|es)?"
    return (word[:-1], "y", "(?:ys?|ies)") if word.endswith("y") else (word, "", "(?:s|es)?")


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
