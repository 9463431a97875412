"""Where a curator has put new entries so far, as the past of the list tells, and where the next one goes by that.

The past judges the order that the list itself shows: it stands, unless most of what was added went first, or last,
and the order would have been right clearly less often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice

from bot.model import Paper, Path
from bot.paperlist import order
from bot.paperlist.document import Document, Entry, fold_path
from bot.paperlist.facts import Facts

_ENOUGH = 2
"""From how many commits on a section's own past is listened to alone."""
_CLEARLY = 2
"""How many more additions a habit must explain than the order does: one alone is chance."""
_NEWEST = 40
"""How many additions are looked at: what is older tells of habits long gone, and takes time."""

_NUMBER = re.compile(r"\d{4}\.\d{4,5}|\d{7}")
"""What every arXiv id has: found far faster than the ids themselves, of which a long list has thousands."""


@dataclass(frozen=True, slots=True)
class PastCommit:
    """What one commit brought into the list: the base ids of papers. `ours` when the bot made it."""

    ids: frozenset[str]
    ours: bool = False


@dataclass(frozen=True)
class PastAddition:
    """Entries that came together at one place: before entry `at` of the siblings that were there already.

    `entry` is the first of them; `age` counts commits back from the newest.
    """

    path: Path
    age: int
    entry: Entry
    siblings: tuple[Entry, ...]
    at: int

    @cached_property
    def in_order(self) -> bool:
        """Tell whether it stands where the order of its siblings would have put it."""
        paper = Paper(self.entry.arxiv_ids[0], self.entry.title)
        return self.at == order.place(self.siblings, Facts(paper))


class Habit(StrEnum):
    """Where new entries go."""

    FIRST = "first"
    LAST = "last"
    IN_ORDER = "in order"
    """Where the order puts them that the entries themselves show."""


class Habits:
    """The habits of a list's curators, by section. Nothing is worked out before it is asked for."""

    def __init__(self, document: Document, commits: Sequence[PastCommit]) -> None:
        self._document = document
        self._commits = commits

    def place(self, path: Path, entries: Sequence[Entry], facts: Facts) -> int:
        """Return before which of a section's entries a new one goes; their number for after the last."""
        match self.of(path):
            case Habit.FIRST:
                return 0
            case Habit.LAST:
                return len(entries)
        return order.place(entries, facts)

    def of(self, path: Path) -> Habit:
        """Return the habit in a section: that of the whole list where the section has no past of its own."""
        own = [a for a in self._additions if fold_path(a.path) == fold_path(path)]
        return habit(own if len({a.age for a in own}) >= _ENOUGH else self._additions)

    @cached_property
    def _additions(self) -> Sequence[PastAddition]:
        return past_additions(self._document, self._commits) if self._commits else ()


def habit(additions: Sequence[PastAddition]) -> Habit:
    """Return the habit that the newest of some additions show."""
    newest = additions[:_NEWEST]
    first = sum(a.at == 0 for a in newest)
    last = sum(a.at == len(a.siblings) for a in newest)
    most = max(first, last)
    if 2 * most <= len(newest) or most < sum(a.in_order for a in newest) + _CLEARLY:
        return Habit.IN_ORDER
    return Habit.FIRST if first > last else Habit.LAST


def past_additions(document: Document, commits: Sequence[PastCommit]) -> tuple[PastAddition, ...]:
    """Return what curators added to the groups of a list as it stands now, newest first.

    `commits` are newest first. An entry came with the commit that brought the first of its papers; it was always
    there if no commit brought one of them. What the bot added is a sibling to later entries, but teaches nothing.
    """
    ages = {i: age for age in reversed(range(len(commits))) for i in commits[age].ids}
    numbers = frozenset(i.rpartition("/")[2] for i in ages)
    ours = frozenset(age for age, commit in enumerate(commits) if commit.ours)
    found = [
        addition
        for section in document.sections
        for group in section.groups
        for addition in _additions(section.path, group.entries, [_age(e, ages, numbers) for e in group.entries], ours)
    ]
    return tuple(sorted(found, key=lambda a: a.age))


def _age(entry: Entry, ages: Mapping[str, int], numbers: frozenset[str]) -> int | None:
    """Return how many commits ago an entry came: with the first of its papers; None if before them all."""
    if numbers.isdisjoint(_NUMBER.findall(entry.raw)):
        return None
    found = [ages[i] for i in entry.arxiv_ids if i in ages]
    return max(found) if found and len(found) == len(entry.arxiv_ids) else None


def _additions(
    path: Path, entries: Sequence[Entry], ages: Sequence[int | None], ours: frozenset[int]
) -> Iterator[PastAddition]:
    """Yield the runs of entries that came with one commit and had siblings then; of each commit the first runs."""
    taught = {age for age in ages if age is not None} - ours
    for age in sorted(taught)[:_NEWEST]:
        older = [i for i, a in enumerate(ages) if a is None or a > age]
        if older:
            siblings = tuple(entries[i] for i in older)
            begins = (i for i, a in enumerate(ages) if a == age and (i == 0 or ages[i - 1] != age))
            for i in islice(begins, _NEWEST):
                yield PastAddition(path, age, entries[i], siblings, sum(k < i for k in older))
