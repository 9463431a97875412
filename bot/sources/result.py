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
class QueryResult:
    """What came of one search: distinct papers, what it counted, and why they prove nothing (`error` if HTTP).

    It is `doubtful` when it agrees with itself, but only after an answer that was cut or no feed. `at` is when its
    first page came, None when none did.
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
    def most(self) -> int:
        """The most arXiv counted."""
        return max((total for total in self.totals if total is not None), default=0)

    @property
    def ids(self) -> frozenset[str]:
        """The papers by their ids."""
        return frozenset(paper.id for paper in self.papers)


def is_proof(last: QueryResult, before: Sequence[QueryResult], few: int) -> bool:
    """Whether an answer proves its window after those before it.

    Alone it must agree with itself and have more papers than would be `few`. After others it must hold all they showed
    to exist, and be confirmed: by the very total that all of them counted, or by one that was the same answer.
    """
    if last.unknown is not None or last.total is None:
        return False
    if not before:
        return last.total > few and not last.doubtful
    if any(not one.ids <= last.ids or one.most > last.total for one in before):
        return False
    counted = {total for one in before for total in one.totals or (None,)}
    return counted == {last.total} or any(one.unknown is None and one.ids == last.ids for one in before)


def combined(results: Sequence[QueryResult]) -> QueryResult:
    """Return all that came of answers that could not be believed, with the most that was counted, and why."""
    papers = {paper.id: paper for result in results for paper in result.papers}
    counts = list(dict.fromkeys(total for result in results for total in result.totals if total is not None))
    last = results[-1]
    unknown = last.unknown or Unknown(Reason.DISAGREE, received=len(papers), counts=tuple(counts))
    return QueryResult(tuple(papers.values()), (max(counts),) if counts else (), unknown, last.error, at=last.at)


def went_back(result: QueryResult, newest: datetime | None, window: Window) -> bool:
    """Whether an answer shows no paper as new as the newest shown before, which belongs to its window."""
    if newest is None or newest not in window:
        return False
    return all(paper.published is None or paper.published < newest for paper in result.papers)
