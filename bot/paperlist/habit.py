"""Where a curator has put new papers so far: the better teacher of where the next one goes than order alone.

Of 1,669 commits in which people added papers to 66 lists, the place used before in the same list was right in 73 %,
always the end in 45 %, always the beginning in 32 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from bot import titles
from bot.model import Path
from bot.paperlist.document import Document, fold_path

_ENOUGH = 2
"""Past additions to one section that speak for it alone."""
_LATEST = 8
"""Habits change: so many of the latest additions count."""
_MOST_AT_ONCE = 15
"""A commit that adds more papers than this is an import, and tells nothing of a habit."""


class Spot(Enum):
    """Where among the entries of a section an addition stands."""

    FIRST = "first"
    LAST = "last"
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class PastAddition:
    """A paper that a person added: the section, and where among the entries it had."""

    path: Path
    spot: Spot


@dataclass(frozen=True, slots=True)
class Habit:
    """Past additions, the latest first."""

    past: tuple[PastAddition, ...] = ()

    def spot(self, path: Path) -> Spot | None:
        """Return where new entries of a section go: as it was mostly done there, else in the whole list.

        None when nothing is known, or when no place was used in more than half of the cases.
        """
        wanted = fold_path(path)
        own = [one.spot for one in self.past if fold_path(one.path) == wanted][:_LATEST]
        spots = own if len(own) >= _ENOUGH else [one.spot for one in self.past][:_LATEST]
        if len(spots) < _ENOUGH:
            return None
        best = max(Spot, key=lambda spot: (spots.count(spot), -spots.index(spot) if spot in spots else -len(spots)))
        return best if spots.count(best) > len(spots) / 2 else None


def additions_between(before: Document, after: Document) -> list[PastAddition]:
    """Return the papers that one version of a list has and the one before has not, in sections that had entries."""
    ids = {i for entry in before.entries for i in entry.arxiv_ids}
    keys = {titles.key(entry.title) for entry in before.entries}
    found: list[PastAddition] = []
    for section in after.sections:
        for group in section.groups:
            new = [not ids.intersection(e.arxiv_ids) and titles.key(e.title) not in keys for e in group.entries]
            if all(new):
                continue  # a section that was empty or moved tells nothing
            found += [PastAddition(section.path, _spot(new, at)) for at, is_new in enumerate(new) if is_new]
    return found if len(found) <= _MOST_AT_ONCE else []


def _spot(new: Sequence[bool], at: int) -> Spot:
    """Return where an entry stands among those that are not new."""
    if all(new[:at]):
        return Spot.FIRST
    return Spot.LAST if all(new[at:]) else Spot.WITHIN


def habit_of(versions: Iterable[tuple[Document, Document]]) -> Habit:
    """Return the habit that pairs of versions show, before and after each commit, the latest commit first."""
    return Habit(tuple(one for before, after in versions for one in additions_between(before, after)))
