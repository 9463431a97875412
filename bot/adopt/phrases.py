"""The phrases of a list's topic, mined from its titles.

A phrase explains the titles that hold it, and costs the share of arXiv that it would match, by the term frequencies
that come with the program. Phrases are chosen greedily, each time the one with the most titles not yet explained minus
its cost at a price. The price is the highest that explains enough titles; where none does so within the limit of what
may be matched, it is the lowest that stays within.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import log

from bot.judge.keywords import HYPHENS, PHRASE_WORD, singular
from bot.judge.term_counts import MIN_TERM_PAPERS, TermCounts
from bot.judge.texts import singular_term
from bot.model import Field, Keyword

MOST_PHRASES = 25
MOST_WORDS = 4
ENOUGH = 0.8
"""Share of the titles that phrases should explain: the rest has little in common."""
MOST_IN_TITLES = 0.03
MORE_IN_ABSTRACTS = 0.005
"""Shares of arXiv that all phrases together may match: in titles, and in addition in abstracts."""
FEWEST_TITLES = 2
"""Titles that a phrase must stand in."""
_WEIGHTS = (0.2, 0.7)
_PRICES = (1e-3, 1e4)
_STEPS = 24
_LEAST_NEW = 0.005
"""Share of the titles that a phrase must explain beyond the others."""
_PART = 0.8
"""A phrase is only a part of a longer one that stands in this share of its titles."""
_SURPRISING = 6.0
"""About one phrase in 400 is this surprising by chance: two titles of fifty hold it, and one of 2,000 elsewhere."""
_FEWEST_IN_SECTION = 3
_PURE = 0.7
_TELLING = 2.5
_MOST_OF_SECTION = 5
"""Phrases of a section: titles it must stand in, their share among the list's, least surprise, most phrases."""
_ACRONYMS = re.compile(r"[A-Z]{2,}s")
_GAP = re.compile(rf"[\s{HYPHENS}/]+")
_FUNCTION_WORDS = frozenset(
    """a about above across after against all along also am among an and any are as at be because been before behind
    being below between beyond both but by can could did do does doing done down during each else even ever every
    few for from further get goes had has have having he her here him his how i if in into is it its itself just let
    like made make may me might more most much must my near need no nor not now of off on once one only onto or
    other our out over own per same shall she should so some such than that the their them then there these they
    this those through to too toward towards under until up upon us use used using versus very via vs was we were
    what when where whether which while who whom whose why will with within without would yes yet you your""".split()
)

Gram = tuple[str, ...]
"""Words in lower case, the last one in singular: the form in which spellings of a phrase are one."""


@dataclass(frozen=True, slots=True)
class MinedPhrase:
    """A mined phrase: in what share of the titles it stands, and what share of arXiv it matches where it is sought."""

    text: str
    field: Field
    share: float
    elsewhere: float

    @property
    def keyword(self) -> Keyword:
        """Return the phrase as a keyword of a query."""
        return Keyword(self.text, self.field)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A phrase that may be taken, the numbers of the titles that hold it, and its share of arXiv by field."""

    text: str
    titles: frozenset[int]
    in_title: float
    anywhere: float


def mine_phrases(titles: Sequence[str], background: TermCounts) -> tuple[MinedPhrase, ...]:
    """Return at most `MOST_PHRASES` phrases that explain most of the titles, those that explain most first."""
    candidates = _candidates(titles, background)
    low, high = _PRICES
    for _ in range(_STEPS):
        price = (low * high) ** 0.5
        found = _cover(candidates, len(titles), price)
        plenty = _explains_enough(found, len(titles)) or not _affordable(found)
        low, high = (price, high) if plenty else (low, price)
    cheap = _cover(candidates, len(titles), low)
    chosen = cheap if _affordable(cheap) else _cover(candidates, len(titles), high)
    wide = _widened(chosen)
    phrases = [
        MinedPhrase(c.text, Field.ANY, len(c.titles) / len(titles), c.anywhere)
        if c in wide
        else MinedPhrase(c.text, Field.TITLE, len(c.titles) / len(titles), c.in_title)
        for c in chosen
    ]
    return tuple(sorted(phrases, key=lambda p: -p.share))


def _explains_enough(chosen: Sequence[_Candidate], titles: int) -> bool:
    return len(frozenset[int]().union(*(c.titles for c in chosen))) >= ENOUGH * titles


def _affordable(chosen: Sequence[_Candidate]) -> bool:
    return sum(c.in_title for c in chosen) <= MOST_IN_TITLES


def _cover(candidates: Sequence[_Candidate], titles: int, price: float) -> list[_Candidate]:
    """Return the phrases chosen greedily at a price.

    The value of a candidate only falls as others are chosen: one that stays ahead of the others' old values is best.
    """

    def worth(candidate: _Candidate, new: int) -> float:
        return new / titles - price * candidate.in_title

    explained: set[int] = set()
    taken: list[_Candidate] = []
    queue = [(-worth(c, len(c.titles)), n) for n, c in enumerate(candidates)]
    heapify(queue)
    while queue and len(taken) < MOST_PHRASES:
        _, n = heappop(queue)
        new = len(candidates[n].titles - explained)
        value = worth(candidates[n], new)
        if new < max(FEWEST_TITLES, _LEAST_NEW * titles) or value <= 0:
            continue
        if queue and -value > queue[0][0]:
            heappush(queue, (-value, n))
            continue
        taken.append(candidates[n])
        explained |= candidates[n].titles
    return taken


def _widened(chosen: Sequence[_Candidate]) -> set[_Candidate]:
    """Return those that are also searched in abstracts: the surest first, as long as there is room."""
    room = MORE_IN_ABSTRACTS
    wide = set()
    for candidate in sorted(chosen, key=lambda c: c.anywhere / len(c.titles)):
        more = candidate.anywhere - candidate.in_title
        if more <= room:
            room -= more
            wide.add(candidate)
    return wide


def _candidates(titles: Sequence[str], background: TermCounts) -> list[_Candidate]:
    """Return the phrases that stand in the titles more often than by chance, without parts of longer ones."""
    spellings: defaultdict[Gram, Counter[str]] = defaultdict(Counter)
    holders: defaultdict[Gram, set[int]] = defaultdict(set)
    for number, title in enumerate(titles):
        for gram, spelling in _grams(title):
            holders[gram].add(number)
            if spelling:
                spellings[gram][spelling] += 1
    common = {gram: len(held) for gram, held in holders.items() if len(held) >= FEWEST_TITLES}
    found: list[_Candidate] = []
    parts: set[Gram] = set()
    for gram in sorted(common, key=lambda g: (-len(g), g)):
        cut = len(gram) > MOST_WORDS
        if gram in parts or not (cut or (spellings[gram].total() >= FEWEST_TITLES and _may_be_phrase(gram))):
            continue
        within = _parts(gram, least=MOST_WORDS if cut else 1)
        parts.update(part for part in within if common[gram] >= _PART * common.get(part, len(titles)))
        in_title, anywhere = _elsewhere(gram, background)
        if not cut and _surprise(common[gram], len(titles) * in_title) >= _SURPRISING:
            found.append(_Candidate(_usual(spellings[gram]), frozenset(holders[gram]), in_title, anywhere))
    return found


def _parts(gram: Gram, least: int) -> Iterator[Gram]:
    """Yield the phrases of at least so many words within a phrase."""
    for first in range(len(gram)):
        for end in range(first + least, len(gram) + 1):
            if end - first < len(gram):
                yield (*gram[first : end - 1], singular(gram[end - 1]))


def _grams(title: str) -> Iterator[tuple[Gram, str]]:
    """Yield the runs of words of a title with their spelling there, empty if it cuts a hyphenated word."""
    title = title.lower() if title.isupper() else title
    words = list(PHRASE_WORD.finditer(title))
    gaps = [title[one.end() : other.start()] for one, other in pairwise(words)]
    glued = [False, *(bool(gap) and not gap[0].isspace() and bool(_GAP.fullmatch(gap)) for gap in gaps), False]
    for first, start in enumerate(words):
        for last in range(first, min(first + MOST_WORDS + 1, len(words))):  # one more tells what is a mere part
            if last > first and not _GAP.fullmatch(gaps[last - 1]):
                break
            gram = tuple(w[0].lower() for w in words[first : last + 1])
            whole = not glued[first] and not glued[last + 1]
            yield (*gram[:-1], _singular(words[last][0])), title[start.start() : words[last].end()] if whole else ""


def _singular(word: str) -> str:
    """Return a word in lower case and singular; `GPUs` is a plural, whatever `us` means elsewhere."""
    return word[:-1].lower() if _ACRONYMS.fullmatch(word) else singular(word.lower())


def _may_be_phrase(gram: Gram) -> bool:
    """Whether a run of words can stand as a phrase: neither end is a function word."""
    return len(gram) <= MOST_WORDS and not any(
        w in _FUNCTION_WORDS or not re.search(r"[^\W\d_]{2}", w) for w in (gram[0], gram[-1])
    )


def _surprise(found: int, expected: float) -> float:
    """Return how surprising a number of titles with a phrase is: the log of a ratio of Poisson likelihoods."""
    return found * log(found / expected) - (found - expected) if found > expected else 0.0


def _usual(spellings: Counter[str]) -> str:
    """Return a phrase as it is spelled most often, capitalised words in lower case."""
    usual = max(sorted(spellings), key=lambda spelling: spellings[spelling])
    return PHRASE_WORD.sub(lambda word: word[0].lower() if word[0].istitle() else word[0], " ".join(usual.split()))


def _elsewhere(gram: Gram, background: TermCounts) -> tuple[float, float]:
    """Return the shares of arXiv with a phrase in the title and anywhere, bounded by those of its parts."""
    words = [singular_term(word) for word in gram]
    parts = [" ".join(pair) for pair in pairwise(words)] or words
    counts = [background.terms.get(part, (MIN_TERM_PAPERS / 2, MIN_TERM_PAPERS - 1)) for part in parts]
    in_title, in_abstract = (min(count[place] for count in counts) for place in (0, 1))
    return (in_title + 0.5) / background.papers, (max(in_title, in_abstract) + 0.5) / background.papers


# Sections


@dataclass(frozen=True, slots=True)
class SectionPhrase:
    """A phrase of a section; `purity` is the share of the list's titles with it that stand there."""

    text: str
    purity: float

    @property
    def weight(self) -> float:
        """How surely a match means the section."""
        low, high = _WEIGHTS
        return round(min(high, max(low, self.purity * high)), 1)


def mine_section_phrases(titles: Sequence[Sequence[str]]) -> list[tuple[SectionPhrase, ...]]:
    """Return for the titles of each section the phrases that distinguish it from the others, the surest first."""
    by_section = [_spelled(held) for held in titles]
    everywhere: Counter[Gram] = Counter()
    for held in by_section:
        everywhere.update({gram: n for gram, (n, _) in held.items()})
    total = sum(map(len, titles))
    found = []
    for own, held in zip(titles, by_section, strict=True):
        telling = [
            (_told(n, everywhere[gram], len(own) / total), gram, SectionPhrase(spelling, n / everywhere[gram]))
            for gram, (n, spelling) in held.items()
            if n >= _FEWEST_IN_SECTION and n >= _PURE * everywhere[gram]
        ]
        telling.sort(key=lambda one: (-one[0], one[1]))
        kept: list[tuple[Gram, SectionPhrase]] = []
        for surprise, gram, phrase in telling:
            if surprise >= _TELLING and not any(_within(gram, other) or _within(other, gram) for other, _ in kept):
                kept.append((gram, phrase))
        found.append(tuple(phrase for _, phrase in kept[:_MOST_OF_SECTION]))
    return found


def _told(here: int, everywhere: int, usual: float) -> float:
    """Return how surprising it is that so many titles with a phrase stand in a section of a usual share."""
    there = everywhere - here
    log_odds = here * log(here / everywhere / usual) if usual else 0.0
    return log_odds + (there * log(there / everywhere / (1 - usual)) if there and usual < 1 else 0.0)


def _spelled(titles: Sequence[str]) -> dict[Gram, tuple[int, str]]:
    """Return the phrases of some titles: in how many each stands, and how it is spelled."""
    spellings: defaultdict[Gram, Counter[str]] = defaultdict(Counter)
    for title in titles:
        for gram, spelling in dict(_grams(title)).items():
            if spelling and _may_be_phrase(gram):
                spellings[gram][spelling] += 1
    return {gram: (found.total(), _usual(found)) for gram, found in spellings.items()}


def _within(part: Gram, whole: Gram) -> bool:
    return any(whole[n : n + len(part)] == part for n in range(len(whole) - len(part) + 1))
