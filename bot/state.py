"""What is remembered of a list between runs: only what the list itself cannot say."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.coverage import Coverage
from bot.model import Candidate, Decision, Paper, Path


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """A paper that stands in the open pull request, with the verdict it was first shown with.

    `row` is the line the bot wrote for it, without line ending; None for a near miss, which has none.
    """

    candidate: Candidate
    path: Path | None
    row: str | None


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of one list. `cycle` is the number of the open or the last cycle, 0 before the first."""

    coverage: Coverage = field(default_factory=Coverage)
    decisions: tuple[Decision, ...] = ()
    backlog: tuple[Candidate, ...] = ()
    open: tuple[OpenPaper, ...] = ()
    library: tuple[Paper, ...] = ()
    cycle: int = 0
