"""What is remembered of a list between runs: only what the list itself cannot say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.coverage.ledger import Coverage
from bot.model import Candidate, Decision, Paper, Path


@dataclass(frozen=True, slots=True)
class Allowance:
    """The day of the last run, and how much of the week's room was left after it.

    `left` is in fifths of a paper, so that any room has a whole share a day; below zero when more came in than the
    week's days until then had room for.
    """

    day: date
    left: int


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
class SeenElsewhere:
    """A paper that another person's open pull request brings, and the day on which it was first seen there."""

    id: str
    since: date


class NoticeKind(StrEnum):
    """What became of a listed paper."""

    WITHDRAWN = "withdrawn"
    RETITLED = "retitled"


@dataclass(frozen=True, slots=True)
class Notice:
    """A listed paper that changed: what people are told, and never done for them.

    `before` is its title until then, `now` its new title, or the comment that says why it was withdrawn.
    """

    id: str
    kind: NoticeKind
    day: date
    before: str
    now: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of one list.

    `cycle` is the number of the open or the last cycle, 0 before the first. `heard` is the time up to which comments
    were read, None before the first were. `base` is the git blob of the list that the open cycle's branch builds on.
    `closed` are the papers of the last cycle that a person closed, for it may be reopened. `allowance` is what is left
    of the week's room for new papers, None before the first came in. `library` is what is known of listed and of
    rejected papers: the judge learns from both. `elsewhere` are papers that are offered or wait because other people's
    pull requests bring them.
    """

    coverage: Coverage = field(default_factory=Coverage)
    decisions: tuple[Decision, ...] = ()
    backlog: tuple[Candidate, ...] = ()
    open: tuple[OpenPaper, ...] = ()
    closed: tuple[OpenPaper, ...] = field(default=(), kw_only=True)
    library: tuple[Paper, ...] = ()
    cycle: int = 0
    heard: datetime | None = None
    base: str | None = None
    notices: tuple[Notice, ...] = ()
    allowance: Allowance | None = None
    elsewhere: tuple[SeenElsewhere, ...] = ()

    def knows(self, paper: str) -> bool:
        """Tell whether a paper is open, waits, or was decided upon, by id."""
        candidates = (*(p.candidate for p in self.open), *self.backlog)
        return any(c.paper.id == paper for c in candidates) or any(d.id == paper for d in self.decisions)

    def knowing(self, papers: Iterable[Paper]) -> State:
        """Return the state with papers in its library, in the order of their ids; the newer record counts."""
        library = {paper.id: paper for paper in (*self.library, *papers)}
        return replace(self, library=tuple(library[i] for i in sorted(library)))


def naive_times(value: object) -> Iterator[datetime]:
    """Yield the times in a value, however deep, that are not in UTC, which types cannot tell."""
    if isinstance(value, datetime):
        if value.utcoffset() != timedelta(0):
            yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from naive_times(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from naive_times(getattr(value, field.name))
