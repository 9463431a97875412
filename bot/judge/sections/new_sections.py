"""Sections that a list lacks, seen in papers that share a term which the list's own papers seldom have.

A term of titles is the kernel: how many papers share it is compared with how many would by the list and by arXiv. The
less surely these papers fit a section, the fewer are enough. The same papers give the same sections in any order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, lgamma, log

from bot.judge.readiness import Listed
from bot.judge.reasons import tells
from bot.judge.term_counts import shipped_term_counts
from bot.judge.texts import full_of, singular_term, terms, title_of, words_of
from bot.model import Candidate, NewSection, Path

MIN_PAPERS = 4
"""Papers that a new section must hold."""
_MIN_TITLES = 3
_MOST = 2
_MIN_EVIDENCE = 6.0
"""Logarithm of how much rarer it must be that so many papers share a term by chance; chosen over ten lists."""
_TRUST, _USUAL_TRUST = 3.0, 0.7
"""What the probability of the papers' sections counts against it, and what that usually is."""
_LARGEST = 0.45
_COMMON = 0.12
"""Shares of the papers and of the listed ones from which a term is the topic of the list."""
_LIFT = 6
"""How many times commoner than in arXiv a term must be."""
_TITULAR = 0.1
"""How many titles of arXiv must hold a single word for each abstract that does: a topic has more than "service"."""
_PRIOR, _TOPICAL = 10, 10
"""A list counts as if it held so many papers more, with the term so many times as often as in arXiv."""
_SHARED = 0.3
"""Share of papers that two new sections may want both; the first has them."""
_WORD = re.compile(r"[A-Za-z0-9]+(?:[.+#][A-Za-z0-9]+)*")
_MOST_WORDS = 4
LONGEST_NAME = 60
"""Words and letters of a name."""


def new_sections(
    judged: Sequence[Candidate], listed: Sequence[Listed], headings: Sequence[Path]
) -> tuple[NewSection, ...]:
    """Return the sections that papers ask for, the plainest first; no name holds a heading, nor a heading its term."""
    crowd = _Crowd(sorted(judged, key=lambda one: one.id), [terms(title_of(one.paper)) for one in listed])
    named = [{*map(singular_term, words_of(path[-1]))} for path in headings if path]
    kernels = sorted((-evidence, term, members) for term, evidence, members in crowd.kernels())
    taken, found = set[int](), list[NewSection]()
    for _, term, members in kernels:
        own = [n for n in members if n not in taken]
        if len(own) < max(MIN_PAPERS, (1 - _SHARED) * len(members)):
            continue
        name = _name(term, [title_of(crowd.judged[n].paper) for n in own if term in crowd.titles[n]])
        words = {*map(singular_term, words_of(name))}
        if any({*term.split()} <= other or (other and other <= words) for other in named):
            continue
        taken |= set(own)
        found.append(NewSection(name, tuple(crowd.judged[n].id for n in own)))
    return tuple(found[:_MOST])


@dataclass(frozen=True)
class _Crowd:
    """Judged papers, and the terms of each listed title."""

    judged: Sequence[Candidate]
    listed: Sequence[set[str]]

    @cached_property
    def titles(self) -> Sequence[set[str]]:
        """The terms of each title."""
        return [terms(title_of(one.paper)) for one in self.judged]

    def kernels(self) -> Iterator[tuple[str, float, Sequence[int]]]:
        """Yield the terms that may be a section's, what speaks for each, and the papers that hold it anywhere."""
        texts = [terms(full_of(one.paper)) for one in self.judged]
        whole, there = Counter(t for text in texts for t in text), Counter(t for title in self.listed for t in title)
        for term, count in Counter(t for title in self.titles for t in title).items():
            if count < _MIN_TITLES or not MIN_PAPERS <= whole[term] <= max(MIN_PAPERS, _LARGEST * len(texts)):
                continue
            if len(term) > LONGEST_NAME or not _told(term) or there[term] > _COMMON * (len(self.listed) + _PRIOR):
                continue
            chance = self._chance(term, count, there[term])
            if chance is not None:
                members = [n for n, text in enumerate(texts) if term in text]
                trust = sum(self._trust(n) for n in members) / len(members)
                if (evidence := chance + _TRUST * (_USUAL_TRUST - trust)) >= _MIN_EVIDENCE:
                    yield term, evidence, members

    def _trust(self, number: int) -> float:
        """Return how surely a paper fits a section."""
        return next((choice.p for choice in self.judged[number].verdict.likeliest), 0.0)

    def _chance(self, term: str, count: int, there: int) -> float | None:
        """Return how unlikely it is that so many titles hold a term by chance; None for no topic of arXiv."""
        counts = shipped_term_counts()
        in_titles, in_abstracts = (1 + number for number in counts.terms.get(term, (0, 0)))
        usual = in_titles / counts.papers
        if count < _LIFT * usual * len(self.judged) or (" " not in term and in_titles < _TITULAR * in_abstracts):
            return None
        rate = (there + _PRIOR * min(0.5, _TOPICAL * usual)) / (len(self.listed) + _PRIOR)
        return -_log_tail(count, len(self.judged), rate)


def _log_tail(count: int, of: int, rate: float) -> float:
    """Return the logarithm of the probability of `count` or more successes."""
    each = (
        lgamma(of + 1) - lgamma(n + 1) - lgamma(of - n + 1) + n * log(rate) + (of - n) * log(1 - rate)
        for n in range(count, of + 1)
    )
    logs = list(each)
    return min(0.0, max(logs) + log(sum(exp(one - max(logs)) for one in logs)))


def _name(term: str, titles: Sequence[str]) -> str:
    """Return the longest words around a term that half of the titles have, as most of these write them."""
    seen: dict[str, Counter[str]] = {}
    for title in titles:
        for key, text in dict(_phrases(title)).items():
            seen.setdefault(key, Counter())[text] += 1
    inside = f" {term} "
    held = {
        key: texts
        for key, texts in seen.items()
        if inside in f" {key} " and (key == term or (_told(key) and 2 * texts.total() >= len(titles)))
    }
    if not held:  # a sign parts the words in every title
        return term.title()
    best = max(held, key=lambda key: (len(key.split()), held[key].total(), key))
    text = max(held[best], key=lambda text: (held[best][text], -text.count("-"), text))
    return re.sub(r"(?<![^\s-])[a-z](?=[a-z]{3})", lambda found: found[0].upper(), text)


def _told(key: str) -> bool:
    """Whether words tell something, together and each, and nothing but "of" joins them."""
    return tells(key) and all(word == "of" or tells(word) for word in key.split())


def _phrases(title: str) -> Iterator[tuple[str, str]]:
    """Yield the runs of words in a title, as terms and as they stand, with but a blank or a hyphen between words."""
    words = list(_WORD.finditer(title))
    for first in range(len(words)):
        for last in range(first, min(len(words), first + _MOST_WORDS)):
            if last > first and title[words[last - 1].end() : words[last].start()] not in (" ", "-"):
                break
            text = title[words[first].start() : words[last].end()]
            if len(text) <= LONGEST_NAME:
                yield " ".join(singular_term(word[0].lower()) for word in words[first : last + 1]), text
