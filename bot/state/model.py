"""What is remembered of a list between runs: only what the list itself cannot say."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from bot.coverage.ledger import Coverage
from bot.model import Candidate, Paper, Path
from bot.state.decision import Decision, DecisionKind


@dataclass(frozen=True, slots=True)
class Quota:
    """What was left of the week's quota after the run of `day`.

    `left` counts fifths of a paper, so that each working day has a whole share; it is negative when more papers came
    in than the days until then allow. `brought` counts the papers that came in this week.
    """

    day: date
    left: int
    brought: int = 0


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """A paper in the open pull request, with the verdict it was first shown with.

    `row` is its row in the list, without the line ending; None for a near miss or a paper that was taken out. `wanted`
    is set while a person wants the paper in the list and it is not there yet.
    """

    candidate: Candidate
    path: Path | None
    row: str | None
    wanted: bool = False

    @property
    def id(self) -> str:
        """The id of its paper."""
        return self.candidate.id


@dataclass(frozen=True, slots=True)
class SeenElsewhere:
    """A paper in another person's open pull request, and the day on which it was first seen there."""

    id: str
    since: date


@dataclass(frozen=True, slots=True)
class Look:
    """What another person's pull request adds to the list: the ids of papers, at a head commit of it."""

    head: str
    ids: tuple[str, ...]


class SectionStatus(StrEnum):
    """What became of a new section: written into a text, read there again, opened by a tick, or left alone."""

    WRITTEN = "written"
    SHOWN = "shown"
    OPENED = "opened"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class OfferedSection:
    """A section that was offered in a cycle for papers, by their ids."""

    name: str
    papers: tuple[str, ...]
    cycle: int
    status: SectionStatus = SectionStatus.WRITTEN


class NoticeKind(StrEnum):
    """What became of a listed paper."""

    WITHDRAWN = "withdrawn"
    RETITLED = "retitled"


@dataclass(frozen=True, slots=True)
class Notice:
    """A change of a listed paper that people are told about; the bot does not act on it.

    `before` is the title until then, `now` the new title or the comment that says why the paper was withdrawn.
    """

    id: str
    kind: NoticeKind
    day: date
    before: str
    now: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of one list.

    `cycle` is the number of the open or the last cycle, 0 before the first. Comments were read up to the time `heard`.
    `base` is the git blob of the list that the open cycle's branch builds on. `closed` holds the papers of the last
    cycle if a person closed it, since it may be reopened. `library` holds the metadata of listed and of rejected
    papers, from which the judge learns. `elsewhere` are papers that are offered, or wait, because other people's pull
    requests bring them, and `looks` is what was seen in these. `sections` are those that were offered to be opened.
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
    quota: Quota | None = None
    elsewhere: tuple[SeenElsewhere, ...] = ()
    looks: tuple[Look, ...] = ()
    sections: tuple[OfferedSection, ...] = ()

    @property
    def waits(self) -> tuple[Candidate, ...]:
        """The papers that nobody has decided on: those of the backlog, and those that the pull request offers."""
        decided = {d.id for d in self.decisions}
        return (*self.backlog, *(p.candidate for p in self.open if p.row is None and p.id not in decided))

    @property
    def candidates(self) -> dict[str, Candidate]:
        """The papers that are open or wait, by id."""
        return {c.id: c for c in (*self.backlog, *(p.candidate for p in self.open))}

    def decided(self, *kinds: DecisionKind) -> set[str]:
        """Return the papers that have a decision of one of the kinds."""
        return {d.id for d in self.decisions if d.kind in kinds}

    def knows(self, paper: str) -> bool:
        """Whether the paper of this id is open, waits, or was decided."""
        return paper in self.candidates or any(d.id == paper for d in self.decisions)

    def with_library(self, papers: Iterable[Paper]) -> State:
        """Return the state with papers added to its library, sorted by id; later records replace earlier ones."""
        library = {paper.id: paper for paper in (*self.library, *papers)}
        return replace(self, library=tuple(library[i] for i in sorted(library)))

    def with_decision(self, decision: Decision) -> State:
        """Return the state with a decision in place of an earlier one on the same paper."""
        return replace(self, decisions=(*(d for d in self.decisions if d.id != decision.id), decision))

    def without_decisions(self, ids: Container[str]) -> State:
        """Return the state without the decisions on papers of these ids."""
        return replace(self, decisions=tuple(d for d in self.decisions if d.id not in ids))

    def waiting(self, candidate: Candidate) -> State:
        """Return the state in which a paper waits in the backlog."""
        known = any(c.id == candidate.id for c in self.backlog)
        return self if known else replace(self, backlog=(*self.backlog, candidate))
