"""The phrases of a list's topic, mined from its titles and from what it says of itself.

A phrase is what stands together in several titles, far more often than in arXiv: two to four words, one of which at
least is a word of the topic. A single word is a phrase only where it names the topic. Phrases are chosen greedily:
each time the one with the most titles not yet explained, less the price of the titles of arXiv that it matches, by the
term frequencies that come with the program.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.judge.keywords import HYPHENS, PHRASE_WORD, singular
from bot.judge.readiness import MIN_LISTED
from bot.judge.term_counts import MIN_TERM_PAPERS, TermCounts
from bot.judge.texts import singular_term
from bot.model import Field, Keyword

MOST_PHRASES = 20
MOST_WORDS = 4
MOST_IN_TITLES = 0.03
"""Share of arXiv's titles that all phrases together may match."""
MORE_IN_ABSTRACTS = 0.01
"""Share of arXiv that phrases may match in addition where they are sought in abstracts, too."""
_FEWEST = 2
"""Titles that a phrase must stand in, unless the list says it of itself."""
_PRICE = 10.0
"""Share of the titles that a phrase must explain for each share of arXiv's titles that it matches."""
_LEAST_NEW = 0.005
"""Share of the titles that a phrase must explain beyond the others."""
_PART = 0.8
"""A phrase is only a part of a longer one that stands in this share of its titles."""
_WORD_SHARE, _WORD_LIFT, _WORD_ELSEWHERE = 0.1, 5.0, 0.04
"""A word of the topic: in this share of the titles this much more often than in arXiv, or the list's own and no more
common there."""
_NAME_SHARE, _OWN_SHARE = 0.25, 0.03
"""Shares of the titles in which a single word names the topic: any word, and one that the list says of itself."""
_RARE, _OWN_LIFT = 0.006, 20.0
"""Share of arXiv's titles up to which such a word is rare; how much more often one of the list's own may stand here."""
_LIFT = 10.0
"""How much more often than in arXiv's titles a phrase with a word of the topic stands in the list's."""
_ALONE_SHARE, _ALONE_LIFT = 0.02, 20.0
"""The share of titles of a phrase without one, and how much more often than in arXiv's abstracts it stands there."""
_ACRONYMS = re.compile(r"[A-Z]{2,}s")
_GAP = re.compile(rf"[\s{HYPHENS}/]+")
_FUNCTION_WORDS = frozenset(
    """a about above across after against all along also am among an and any are as at based be because been before
    behind being below between beyond both but by can could did do does doing done down during each else even ever every
    few for from further get goes had has have having he her here him his how i if in into is it its itself just let
    like made make may me might more most much must my near need no nor not now of off on once one only onto or
    other our out over own per same shall she should so some such than that the their them then there these they
    this those through to too toward towards under until up upon us use used using versus very via vs was we were
    what when where whether which while who whom whose why will with within without would yes yet you your""".split()
)
_NO_TOPIC = frozenset(
    """arxiv preprint et al url doi pdf conference proceedings proc journal editor official download github project
    website demo blog report workshop paper benchmark linguistics acm ieee stuff thing note link favorite favourite
    misc todo""".split()
)
"""Words of references, of marks beside a title, and of any list: no phrase holds one."""
_VERBS = frozenset("improving enhancing exploring leveraging rethinking advancing".split())
_OPEN = frozenset("large small deep new novel efficient effective robust general unified universal".split())
"""Words that no phrase begins with, and those that none ends with."""
_BREAKS = re.compile(rf"[^\w\s{HYPHENS}/'.+]+|\b(?:{'|'.join(sorted(_FUNCTION_WORDS))})\b", re.IGNORECASE)

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
    """A phrase that may be taken, the numbers of the titles that hold it, and its share of arXiv by field.

    `own` says that the list says it of itself.
    """

    text: str
    titles: frozenset[int]
    own: bool
    in_title: float
    anywhere: float


@dataclass(frozen=True, slots=True)
class Said:
    """What a list says of itself: its topic and its title, and the headings that tell more while it is young."""

    names: tuple[str, ...]
    headings: tuple[str, ...] = ()


def mine_phrases(titles: Sequence[str], said: Said, background: TermCounts) -> tuple[MinedPhrase, ...]:
    """Return at most `MOST_PHRASES` phrases, those that explain most titles first.

    In a list of too few papers to learn from, what it says of itself needs no title; the rarest of that is taken where
    nothing else is a phrase.
    """
    young = len(titles) < MIN_LISTED
    mine = _Mine(titles, said, background)
    candidates = mine.candidates()
    explained: set[int] = set()
    taken: list[_Candidate] = []
    room = MOST_IN_TITLES

    def worth(candidate: _Candidate) -> float:
        new = len(candidate.titles - explained) + candidate.own
        enough = (young and candidate.own) or new >= max(_FEWEST, _LEAST_NEW * len(titles))
        return new / (len(titles) + 1) - _PRICE * candidate.in_title if enough and candidate.in_title <= room else 0.0

    while candidates and len(taken) < MOST_PHRASES and worth(best := max(candidates, key=worth)) > 0:
        candidates.remove(best)
        taken.append(best)
        explained |= best.titles
        room -= best.in_title
    return _with_fields(taken or (mine.rarest() if young else []), len(titles))


def _with_fields(taken: Sequence[_Candidate], titles: int) -> tuple[MinedPhrase, ...]:
    """Return phrases, those that stand in most titles first, sought in abstracts, too, as long as there is room."""
    room = MORE_IN_ABSTRACTS
    found = []
    for candidate in sorted(taken, key=lambda c: -len(c.titles)):
        share, more = len(candidate.titles) / max(1, titles), candidate.anywhere - candidate.in_title
        if more <= room:
            room -= more
            found.append(MinedPhrase(candidate.text, Field.ANY, share, candidate.anywhere))
        else:
            found.append(MinedPhrase(candidate.text, Field.TITLE, share, candidate.in_title))
    return tuple(found)


class _Mine:
    """The runs of words of titles and of the list's own text, and which of them are phrases."""

    def __init__(self, titles: Sequence[str], said: Said, background: TermCounts) -> None:
        self._background, self._number = background, len(titles)
        self._spellings: defaultdict[Gram, Counter[str]] = defaultdict(Counter)
        self._holders: defaultdict[Gram, set[int]] = defaultdict(set)
        for number, title in enumerate(titles):
            for gram, spelling in _grams(title):
                self._holders[gram].add(number)
                self._spellings[gram].update([spelling] if spelling else [])
        named = [one for text in said.names for one in _named(text)]
        self._own = {gram: spelling for gram, spelling, _ in named}
        self._sure = {gram for gram, _, whole in named if whole}
        if self._number < MIN_LISTED:
            inside = {gram: spelling for text in said.headings for gram, spelling, _ in _named(text) if len(gram) > 1}
            self._own, self._sure = inside | self._own, self._sure.union(inside)
        words = {gram[0] for gram in {*self._holders, *self._own} if len(gram) == 1}
        self._topic = {word for word in words if self._is_topical(word)}

    def candidates(self) -> list[_Candidate]:
        """Return the phrases, longest first, without parts of longer ones."""
        found: list[_Candidate] = []
        parts: set[Gram] = set()
        common = {gram: len(held) for gram, held in self._holders.items() if len(held) >= _FEWEST}
        for gram in sorted({*common, *self._own}, key=lambda g: (-len(g), g)):
            cut = len(gram) > MOST_WORDS
            if gram in parts or not (cut or self._is_phrase(gram)):
                continue
            if gram in common:
                within = _parts(gram, least=MOST_WORDS if cut else 1)
                parts.update(part for part in within if common[gram] >= _PART * common.get(part, self._number))
            if not cut:
                found.append(self._candidate(gram))
        return found

    def rarest(self) -> list[_Candidate]:
        """Return the rarest phrase that the list says of itself, however common."""
        named = sorted(
            (gram for gram in self._own if _may_be_phrase(gram)), key=lambda gram: (self._elsewhere(gram), gram)
        )
        return [self._candidate(gram) for gram in named[:1]]

    def _candidate(self, gram: Gram) -> _Candidate:
        spellings = self._spellings[gram] or Counter([self._own.get(gram, "")])
        held = frozenset(self._holders.get(gram, ()))
        return _Candidate(_usual(spellings), held, gram in self._own, *self._elsewhere(gram))

    def _is_topical(self, word: str) -> bool:
        """Whether a word is one of the topic."""
        share, (in_title, _) = self._share((word,)), self._elsewhere((word,))
        own = (word,) in self._own and in_title <= _WORD_ELSEWHERE
        return _may_be_phrase((word,)) and (own or share >= max(_WORD_SHARE, _WORD_LIFT * in_title))

    def _is_phrase(self, gram: Gram) -> bool:
        """Whether a run of words can stand as a phrase, and names the topic."""
        if not (self._spellings[gram] or gram in self._own) or not _may_be_phrase(gram):
            return False
        share, (in_title, anywhere) = self._share(gram), self._elsewhere(gram)
        own, young = gram in self._own, self._number < MIN_LISTED
        sure = young and gram in self._sure
        if len(gram) == 1:
            several = len(self._holders.get(gram, ())) >= _FEWEST and share >= (_OWN_SHARE if own else _NAME_SHARE)
            limit = max(_RARE, share / _OWN_LIFT) if own and not young else _RARE
            return (sure or several) and in_title <= limit
        if own:
            return sure or share > 0
        if self._topic.isdisjoint(gram):
            return share >= max(_ALONE_SHARE, _ALONE_LIFT * anywhere) and len(self._holders[gram]) > _FEWEST
        return share >= _LIFT * in_title

    def _share(self, gram: Gram) -> float:
        return len(self._holders.get(gram, ())) / max(1, self._number)

    def _elsewhere(self, gram: Gram) -> tuple[float, float]:
        """Return the shares of arXiv with a phrase in the title and anywhere, bounded by those of its parts."""
        words = [singular_term(word) for word in gram]
        parts = [" ".join(pair) for pair in pairwise(words)] or words
        terms = self._background.terms
        counts = [terms.get(part, (MIN_TERM_PAPERS / 2, MIN_TERM_PAPERS - 1)) for part in parts]
        in_title, in_abstract = (min(count[place] for count in counts) for place in (0, 1))
        return (in_title + 0.5) / self._background.papers, (max(in_title, in_abstract) + 0.5) / self._background.papers


def _parts(gram: Gram, least: int) -> Iterator[Gram]:
    """Yield the phrases of at least so many words within a phrase."""
    for first in range(len(gram)):
        for end in range(first + least, len(gram) + 1):
            if end - first < len(gram):
                yield (*gram[first : end - 1], singular(gram[end - 1]))


def _named(text: str) -> Iterator[tuple[Gram, str, bool]]:
    """Yield what a text names, and whether that can stand for it: the runs between function words with their ends.

    The single words are yielded, too: one can stand for the text where it is a whole run, or says what is done
    ("serving large language models").
    """
    for run in _BREAKS.split(text):
        words = [word for word in PHRASE_WORD.findall(run) if not word.isdecimal()]
        for first, word in enumerate(words):
            if first + 1 < len(words):
                yield (*(w.lower() for w in words[first:-1]), _singular(words[-1])), " ".join(words[first:]), True
            yield (_singular(word),), word, len(words) == 1 or (first == 0 and word.endswith("ing"))


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
    return (
        len(gram) <= MOST_WORDS
        and _NO_TOPIC.isdisjoint(gram)
        and not any(w in _FUNCTION_WORDS or not re.search(r"[A-Za-z]{2}", w) for w in (gram[0], gram[-1]))
        and gram[0] not in _VERBS
        and gram[-1] not in _OPEN
    )


def _usual(spellings: Counter[str]) -> str:
    """Return a phrase as it is spelled most often, capitalised words in lower case."""
    usual = max(sorted(spellings), key=lambda spelling: spellings[spelling])
    return PHRASE_WORD.sub(lambda word: word[0].lower() if word[0].istitle() else word[0], " ".join(usual.split()))
