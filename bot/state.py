"""What is remembered of a list between runs: only what the list itself cannot say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.coverage import Coverage
from bot.model import Candidate, Decision, Paper, Path


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """A paper that stands in the open pull request, with the verdict it was first shown with.

    `row` is what stands in the list for it, without the last line ending; None for a near miss or a paper that was
    taken out again. `wanted` is set while a person wants it in the list and it is not there yet.
    """

    candidate: Candidate
    path: Path | None
    row: str | None
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of one list.

    `cycle` is the number of the open or the last cycle, 0 before the first. `heard` is the time up to which comments
    were read, None before the first were. `base` is the git blob of the list that the open cycle's branch builds on.
    """

    coverage: Coverage = field(default_factory=Coverage)
    decisions: tuple[Decision, ...] = ()
    backlog: tuple[Candidate, ...] = ()
    open: tuple[OpenPaper, ...] = ()
    library: tuple[Paper, ...] = ()
    cycle: int = 0
    heard: datetime | None = None
    base: str | None = None
