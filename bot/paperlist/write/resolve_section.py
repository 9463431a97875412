"""Which section is meant by a path of headings that a person wrote, or that several sections have."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

from bot.model import Paper, Path
from bot.paperlist.read.document import Document, Section, bare, fold_path
from bot.paperlist.write.facts import Facts
from bot.paperlist.write.order import years_of

_UNSEEN = 0.3
"""How often a word that a section has not shown counts as said there."""


def resolve(document: Document, wanted: Sequence[str], paper: Paper, *, unique: bool = False) -> Section | None:
    """Return the section that a path of headings means, None when none does (with `unique`, also when several do).

    The exact path goes before one that is the same but for markup and punctuation, that before the one which shares
    the longest end, and that before one whose numbers differ (`All (28 papers)`). What details are opened by, such as
    `Click to expand`, is no section of its own. Of sections equally alike one with entries is meant, of several with
    entries the one whose words are most like the paper's; of one without, the part for new papers.
    """
    alike, best = _alike(document, wanted, bare)
    if best[0] == 0 and len(wanted) > 1 and _OPENER.fullmatch(wanted[-1].strip(" *_")):
        return resolve(document, wanted[:-1], paper, unique=unique)
    if best[0] == 0:
        alike, best = _alike(document, wanted, lambda part: re.sub(r"\d+", "0", bare(part)))
    if best[0] == 0:
        return None
    found = [s for s, score in alike if score == best]
    exact = [s for s in found if fold_path(s.path) == fold_path(wanted)]
    found = exact or found
    found = [s for s in found if s.groups] or [s for s in found if _parts(document, s)] or found
    if unique and len(found) > 1:
        return None
    return _part_for(document, found[0] if len(found) == 1 else _likest(document, found, paper), Facts(paper))


_OPENER = re.compile(r"(?:click|details|expand|show|more|toggle|unfold|see|view)\b[^\d]{0,30}", re.IGNORECASE)
"""The summary of details, where it names nothing."""


def _alike(
    document: Document, wanted: Sequence[str], form: Callable[[str], str]
) -> tuple[list[tuple[Section, tuple[int, int]]], tuple[int, int]]:
    """Return each section with how much of its path is that wanted, in a form, and the most of any."""
    want = [form(part) for part in wanted]
    alike = [(s, _common_end([form(part) for part in s.path], want)) for s in document.sections if s.path]
    return alike, max((score for _, score in alike), default=(0, 0))


def of_path(document: Document, path: Path, paper: Paper) -> Section | None:
    """Return the section of this very path, None if there is none; of several the one most like the paper.

    Where any of them has entries, one of those is meant.
    """
    same = [s for s in document.sections if s.path == path]
    same = [s for s in same if s.groups] or same
    return _likest(document, same, paper) if len(same) > 1 else next(iter(same), None)


def _common_end(path: Sequence[str], want: Sequence[str]) -> tuple[int, int]:
    """Return how long an end two paths share, and how little the path has beside it."""
    shared = 0
    while shared < min(len(path), len(want)) and path[-1 - shared] == want[-1 - shared]:
        shared += 1
    return shared, (-abs(len(path) - len(want)) if shared else 0)


def _likest(document: Document, found: Sequence[Section], paper: Paper) -> Section:
    """Return the section whose surroundings would most likely hold a paper of these words (naive Bayes).

    Sections of the very same path stand apart by what is around them: `2025` under `Vision` and `2025` under `Speech`,
    where these headings are of no higher level than the years.
    """
    said = [Counter(w for text in _around(document, section) for w in _words(text)) for section in found]
    known = len(set().union(*said))
    asked = [w for w in _words(f"{paper.title} {paper.summary}") if any(w in words for words in said)]

    def likelihood(words: Counter[str]) -> float:
        every = words.total() + _UNSEEN * known
        return sum(math.log((words[w] + _UNSEEN) / every) for w in asked)

    return max(zip(found, said, strict=True), key=lambda one: likelihood(one[1]))[0]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{3,}", text.casefold())


def _around(document: Document, section: Section) -> list[str]:
    """Return the headings and titles of a section and its siblings, from a heading without entries to the next."""
    sections = document.sections
    at = next(i for i, s in enumerate(sections) if s is section)
    heads = [i for i, s in enumerate(sections) if not s.groups and s.level <= section.level]
    first = max((i for i in heads if i < at), default=0)
    last = min((i for i in heads if i > at), default=len(sections))
    block = sections[first:last]
    return [*(s.path[-1] for s in block if s.path), *(e.title for s in block for e in s.entries)]


def _parts(document: Document, section: Section) -> list[Section]:
    """Return the sections below one that hold entries."""
    deep = len(section.path)
    later = [s for s in document.sections if s.span.start > section.span.start]
    below: list[Section] = []
    for s in later:
        if s.path[:deep] != section.path or len(s.path) <= deep:
            break
        below.append(s)
    return [s for s in below if s.groups]


def _part_for(document: Document, section: Section, facts: Facts) -> Section:
    """Return a section, or for one without entries its part for the paper's year, else the first with entries."""
    if section.groups or not (parts := _parts(document, section)):
        return section
    years = list(years_of([s.path[-1] for s in parts]))
    for wanted in (facts.venue[1] if facts.venue else None, facts.month.year):
        if wanted in years and wanted is not None:
            return parts[years.index(wanted)]
    known = [y for y in years if y]
    if known and len(known) == len(parts):
        return parts[years.index(max(known))]
    return parts[0]
