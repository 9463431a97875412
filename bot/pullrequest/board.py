"""The board: everything the pull request shows, and what waits. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf

from bot.config.model import Limits
from bot.judge.duplicates import Known
from bot.model import Candidate, Path
from bot.paperlist.read.counts import uncounted
from bot.paperlist.read.document import Document
from bot.pullrequest.elsewhere import NO_OTHERS, OFFERED_AT_ONCE, Elsewhere
from bot.pullrequest.snapshot import OtherPull
from bot.state.decision import Decision, DecisionKind
from bot.state.model import OpenPaper, State


@dataclass(frozen=True, slots=True)
class BoardItem:
    """A paper of the pull request: the section it goes to, whether it is ticked, its row if it has one already.

    `also` is another person's open pull request that brings it; `instead` says that it would be proposed if none did.
    """

    candidate: Candidate
    path: Path | None
    ticked: bool
    row: str | None = None
    also: OtherPull | None = None
    instead: bool = False

    @property
    def id(self) -> str:
        """The id of its paper."""
        return self.candidate.id

    @property
    def relevance(self) -> float:
        """The relevance of its paper."""
        return self.candidate.verdict.relevance


@dataclass(frozen=True, slots=True)
class SectionItem:
    """A new section that is offered, and its papers: `items` stand in the list and move there by a tick."""

    name: str
    papers: tuple[str, ...]
    items: tuple[BoardItem, ...]


@dataclass(frozen=True, slots=True)
class RunQuota:
    """The new papers that may come in at a run: so many of the best, and all at or above a relevance."""

    new: int
    at_once: float = inf

    def takes(self, fit: Sequence[BoardItem]) -> int:
        """Return how many come in of papers that may be proposed, best first."""
        return max(self.new, sum(item.relevance >= self.at_once for item in fit))


@dataclass(frozen=True, slots=True)
class Board:
    """What the pull request shows, and what waits.

    Proposed papers are in the list or about to be; near misses, those that a person took out, and new `sections` are
    offered. The backlog waits, best first.
    """

    proposed: tuple[BoardItem, ...]
    near_misses: tuple[BoardItem, ...]
    backlog: tuple[Candidate, ...]
    removed: tuple[BoardItem, ...] = ()
    sections: tuple[SectionItem, ...] = ()

    @property
    def new(self) -> tuple[BoardItem, ...]:
        """The proposed papers that have no row yet."""
        return tuple(item for item in self.proposed if item.row is None)


@dataclass(frozen=True, slots=True)
class BoardContext:
    """What a board is filled from.

    `known` is the test whether a candidate is listed or decided by now. `sections` are those of the list, in its
    order, and `opens` tells which others may be opened; a paper of any other section, or of none, goes to `unsorted`,
    or to the likeliest if that is None. Papers that are `held` wait: the list cannot take them.
    """

    state: State
    candidates: Sequence[Candidate]
    known: Callable[[Candidate], bool]
    limits: Limits
    sections: Sequence[Path]
    unsorted: Path | None = None
    elsewhere: Elsewhere = NO_OTHERS
    held: Container[str] = ()
    opens: Callable[[Path], bool] = lambda path: False

    def target(self, candidate: Candidate) -> Path | None:
        """Return the section that a paper goes to; None where the judge names none of the list."""
        chosen = candidate.verdict.section
        if chosen and (here := self.here(chosen.path)):
            return here
        if chosen and self.opens(chosen.path):
            return chosen.path
        return self.unsorted or next(filter(None, (self.here(c.path) for c in candidate.verdict.alternatives)), None)

    def here(self, path: Path) -> Path | None:
        """Return the path that a section has now, as the count in its heading may have changed; None if it is gone."""
        if path in self.sections:
            return path
        alike = {section for section in self.sections if uncounted(section) == uncounted(path)}
        return alike.pop() if len(alike) == 1 else None

    def fits(self, item: BoardItem) -> bool:
        """Whether a paper may be proposed: it is relevant enough, and has a place."""
        return item.relevance >= self.limits.propose_at and bool(item.path)

    def brought(self, item: BoardItem) -> bool:
        """Whether a paper is only offered, since somebody else's pull request brings it."""
        return item.id in self.elsewhere.offered


def fill_board(context: BoardContext, quota: RunQuota | None) -> Board:
    """Return what the pull request shows: its rows, then the best of the rest, proposed and offered up to the limits.

    Without a quota nothing of the rest comes in, neither proposed nor offered. Papers in the list keep their verdict;
    those offered have that of the candidates, so that they compare with the rest. What a person wants in the list comes
    in whatever the limits say. What would be proposed but for another person's pull request is offered beyond the limit
    for near misses, up to a limit of its own, until there is room to propose it.
    Proposed papers come in the order of their sections, new sections last.
    """
    limits, stands, new = context.limits, _standing(context), _new(context)
    shown = {s.id for s in stands.offered}
    held, free = _parted((*stands.offered, *new), lambda s: s.id in context.held)
    waits, free = _parted(free, lambda s: quota is None and s.id not in shown)
    fit, others = _parted(free, context.fits)
    theirs, ours = (sorted(part, key=_best_first) for part in _parted(fit, context.brought))
    taken = min(quota.takes(ours), max(0, limits.max_open - len(stands.written))) if quota else 0
    near, below = _parted(others, lambda s: s.relevance >= limits.near_miss_at or s.id in shown)
    near = sorted((*ours[taken:], *near), key=_best_first)
    space = limits.near_misses if quota else len(near)
    proposed = (*stands.written, *(replace(s, ticked=True) for s in ours[:taken]))
    offered = (*near[:space], *(replace(s, instead=True) for s in theirs[:OFFERED_AT_ONCE]))
    rest = (*near[space:], *below, *theirs[OFFERED_AT_ONCE:], *held, *waits, *stands.deferred)
    place = {path: number for number, path in enumerate(context.sections)}
    return Board(
        tuple(sorted(_noted(proposed, context), key=lambda s: (place.get(s.path or (), len(place)), _best_first(s)))),
        tuple(sorted(_noted(offered, context), key=_best_first)),
        tuple(s.candidate for s in sorted(rest, key=_best_first)),
        tuple(sorted(stands.removed, key=_best_first)),
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a pull request shows already: in the list, offered, taken out. What is `deferred` waits."""

    written: Sequence[BoardItem]
    offered: Sequence[BoardItem]
    removed: Sequence[BoardItem]
    deferred: Sequence[BoardItem]


def _standing(context: BoardContext) -> _Standing:
    """Return what the pull request shows already, as it is shown now."""
    state = context.state
    deferred = state.decided(DecisionKind.DEFERRED)
    decided = state.decided(*(kind for kind in DecisionKind if kind is not DecisionKind.MOVED))
    judged = {c.id: c for c in context.candidates}
    shown = (p if p.row is not None else replace(p, candidate=judged.get(p.id, p.candidate)) for p in _shown(state))
    removed, rest = _parted((_open_item(p, context) for p in shown), lambda s: s.row is None and s.id in decided)
    written, offered = _parted(rest, lambda s: s.ticked)
    return _Standing(written, offered, removed, [BoardItem(c, None, False) for c in state.backlog if c.id in deferred])


def _new(context: BoardContext) -> list[BoardItem]:
    """Return the papers that may come in, best first: those that wait and the new ones, neither open nor known."""
    shown = {p.id for p in _shown(context.state)}
    found = {c.id: c for c in (*context.state.backlog, *context.candidates) if c.id not in shown}
    items = (BoardItem(c, context.target(c), False) for c in found.values() if not context.known(c))
    return sorted(items, key=_best_first)


def _shown(state: State) -> list[OpenPaper]:
    """Return the open papers but for those that were deferred and have no row any more."""
    deferred = state.decided(DecisionKind.DEFERRED)
    return [p for p in state.open if p.row is not None or p.id not in deferred]


def _open_item(paper: OpenPaper, context: BoardContext) -> BoardItem:
    """Return an open paper as it is shown: ticked when it is in the list, or wanted there and has a place."""
    if paper.row is not None:
        return BoardItem(paper.candidate, (paper.path and context.here(paper.path)) or paper.path, True, paper.row)
    there = paper.path and (context.here(paper.path) or (context.opens(paper.path) and paper.path))
    path = there or context.target(paper.candidate)
    return BoardItem(paper.candidate, path, paper.wanted and path is not None)


def _noted(items: Iterable[BoardItem], context: BoardContext) -> Iterable[BoardItem]:
    """Return items with the other pull requests that bring them."""
    return (replace(item, also=context.elsewhere.pulls.get(item.id)) for item in items)


def _parted(items: Iterable[BoardItem], true: Callable[[BoardItem], bool]) -> tuple[list[BoardItem], list[BoardItem]]:
    """Return the items for which something is true, and the others."""
    parts: tuple[list[BoardItem], list[BoardItem]] = ([], [])
    for item in items:
        parts[not true(item)].append(item)
    return parts


def _best_first(item: BoardItem) -> tuple[float, str]:
    return (-item.relevance, item.id)


def known_now(base: Document, working: Document, decisions: Iterable[Decision]) -> Callable[[Candidate], bool]:
    """Return the test whether a paper is listed on the base or the branch, or decided."""
    indexes = [Known(base, decisions)] if base.source == working.source else [Known(base, decisions), Known(working)]
    return lambda candidate: any(index.duplicate(candidate.paper) for index in indexes)


def remember(state: State, board: Board, rows: Mapping[str, str], cycle: int, today: date) -> State:
    """Return the state once the board is published; `rows` are those written for new papers, by id."""
    written = (replace(s, row=rows[s.id]) if s.row is None else s for s in board.proposed)
    wanted = {p.id for p in state.open if p.wanted}
    return replace(
        state,
        backlog=_waiting(state, board.backlog, today),
        open=tuple(
            OpenPaper(s.candidate, s.path, s.row, wanted=s.row is None and s.id in wanted)
            for s in (*written, *board.near_misses, *board.removed)
        ),
        cycle=cycle,
    )


def remember_unseen(state: State, board: Board, today: date) -> State:
    """Return the state when no pull request opens, since nothing is proposed: what would be offered waits."""
    offered = (s.candidate for s in board.near_misses)
    return replace(state, open=(), backlog=_waiting(state, (*board.backlog, *offered), today))


def _waiting(state: State, candidates: Iterable[Candidate], today: date) -> tuple[Candidate, ...]:
    """Return what waits, each with the first day since which it does."""
    since = {c.id: c.waits for c in state.backlog}
    return tuple(replace(c, waits=since.get(c.id) or today) for c in candidates)
