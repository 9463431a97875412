"""What came of one search, and whether it can be believed beside what came before. Pure.

An answer proves its window only when it agrees with itself and with the answers before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SourceError
from bot.model import Paper, Reason, Unknown, Window


@dataclass(frozen=True, slots=True)
class Harvest:
    """What came of one search: distinct papers, what it counted, and why they prove nothing (`error` if HTTP).

    `doubtful` says that it agrees with itself, but only after an answer that was cut or no feed. `at` is when its first
    page came, None when none did.
    """

    papers: tuple[Paper, ...]
    totals: tuple[int | None, ...]
    unknown: Unknown | None
    error: SourceError | None = None
    doubtful: bool = False
    urls: tuple[str, ...] = ()
    at: datetime | None = None

    @property
    def total(self) -> int | None:
        """What arXiv counted last."""
        return self.totals[-1] if self.totals else None

    @property
    def most(self) -> int | None:
        """The most arXiv counted."""
        return max((total for total in self.totals if total is not None), default=None)

    @property
    def ids(self) -> frozenset[str]:
        """The papers by their ids."""
        return frozenset(paper.id for paper in self.papers)


def believed(last: Harvest, heard: Sequence[Harvest], few: int) -> bool:
    """Tell whether an answer proves its window after those heard before.

    Alone it must agree with itself and have more papers than would be `few`. After others it must hold all they showed
    to exist, and be confirmed: by the very total that all of them counted, or by one that was the same answer.
    """
    if last.unknown is not None or last.total is None:
        return False
    if not heard:
        return last.total > few and not last.doubtful
    if any(not before.ids <= last.ids or (before.most or 0) > last.total for before in heard):
        return False
    counted = {total for before in heard for total in before.totals or (None,)}
    same = (before.unknown is None and before.ids == last.ids for before in heard)
    return counted == {last.total} or any(same)


def together(heard: Sequence[Harvest]) -> Harvest:
    """Return all that came of answers that could not be believed, with the most that was counted, and why."""
    papers = {paper.id: paper for harvest in heard for paper in harvest.papers}
    counts = list(dict.fromkeys(total for harvest in heard for total in harvest.totals if total is not None))
    last = heard[-1]
    unknown = last.unknown or Unknown(Reason.DISAGREE, received=len(papers), counts=tuple(counts))
    return Harvest(tuple(papers.values()), (max(counts),) if counts else (), unknown, last.error, at=last.at)


def went_back(harvest: Harvest, newest: datetime | None, window: Window) -> bool:
    """Whether an answer shows no paper as new as the newest that was shown before, which belongs to its window."""
    if newest is None or not window.since <= newest < window.until:
        return False
    return all(paper.published is None or paper.published < newest for paper in harvest.papers)
