"""What stands in the pull request, what people made of it, and what goes in next. Pure: all of it is values.

People win: a paper that was proposed and is gone from the list and the branch is never proposed again, and a tick that
a person set or took away stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from math import inf

from bot.arxiv import titles
from bot.basis import Basis, How
from bot.config.model import Limits
from bot.judge.duplicates import SHORTEST_KEY, Known
from bot.model import Candidate, Decision, DecisionKind, Paper, Path
from bot.paperlist.read.document import Document
from bot.pullrequest.boxes import toggled
from bot.pullrequest.commands import Comment, with_decision
from bot.pullrequest.elsewhere import NO_OTHERS, OFFERED_AT_ONCE, Elsewhere, OtherPull, undecided
from bot.state.model import OpenPaper, State

TOLD_DAYS = 30
"""How long it is told that a paper expired."""


class Ended(StrEnum):
    """How a cycle ended."""

    MERGED = "merged"
    CLOSED = "closed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The open pull request, or what stands for it: where it is, its title and text, and its number if it has one."""

    where: str
    title: str
    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What stands on the other side now.

    `base` is the list at the base branch's head and `base_id` its git blob; `working` is the list on the open cycle's
    branch, the base when there is none. `cycle` is the number a publication would belong to. `ended` says how the
    cycle that the state takes for open has ended, None while it goes on. `comments` are those of people who may
    decide, since the last look, and that have no answer yet; `heard` is the time up to which all is answered. `asked`
    are the papers whose edited rows were asked about already. `stale` says that the list changed on the base since
    the branch took it from there. `elsewhere` are the papers that other open pull requests name in their list, by id,
    those on the base too. `origin` is what the forge read it from, and is for that forge alone.
    """

    base: bytes
    base_id: str
    working: bytes
    state: State
    cycle: int
    pull: PullRequest | None = None
    ended: Ended | None = None
    comments: tuple[Comment, ...] = ()
    heard: datetime | None = None
    asked: frozenset[str] = frozenset()
    stale: bool = False
    elsewhere: Mapping[str, OtherPull] = field(default_factory=dict)
    origin: object = None


@dataclass(frozen=True, slots=True)
class Shown:
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
        return self.candidate.paper.id


@dataclass(frozen=True, slots=True)
class Room:
    """Which new papers may come in at a run: so many of the best, and those at or above a relevance anyhow."""

    new: int
    at_once: float = inf

    def takes(self, fit: Sequence[Shown]) -> int:
        """Return how many come in of papers that may be proposed, best first."""
        return max(self.new, sum(shown.candidate.verdict.relevance >= self.at_once for shown in fit))


@dataclass(frozen=True, slots=True)
class Board:
    """What the pull request shows and what waits.

    Proposed papers are in the list or about to be; near misses and those that a person took out are offered. The
    backlog waits, best first.
    """

    proposed: tuple[Shown, ...]
    near_misses: tuple[Shown, ...]
    backlog: tuple[Candidate, ...]
    removed: tuple[Shown, ...] = ()

    @property
    def new(self) -> tuple[Shown, ...]:
        """The proposed papers that have no row yet."""
        return tuple(shown for shown in self.proposed if shown.row is None)


@dataclass(frozen=True, slots=True)
class Expired:
    """A paper that waited in vain for room, and the day on which it expired."""

    paper: Paper
    day: date


def decide(snapshot: Snapshot, base: Document, today: date) -> State:
    """Return the state after what people decided in the pull request: an ended cycle, or boxes set and cleared."""
    state = _lapsed(snapshot.state, today)
    if snapshot.ended is Ended.LOST:
        waiting = (*state.backlog, *(paper.candidate for paper in state.open))
        return replace(state, open=(), backlog=waiting, allowance=None)  # they may all come again at once
    if snapshot.ended is Ended.MERGED:
        state = undecided(state, _held(base))
    if snapshot.ended:
        closed = (state.open or state.closed) if snapshot.ended is Ended.CLOSED else ()
        return replace(_decided(state, state.open, _held(base), today, How(snapshot.ended)), closed=closed)
    if snapshot.pull:
        state = _reopened(state, snapshot.cycle)
        state = heed(state, toggled(snapshot.pull.text), today)
    return state


def follow(state: State, base: Document, working: Document, today: date) -> State:
    """Return the state after what became of the rows of open papers.

    One that a person removed stays removed. One whose paper was decided against is out as was wanted: a run that
    stopped half-way took it out.
    """
    listed, still = _held(base), _held(working)
    gone = tuple(p for p in state.open if p.row is not None and not still(p.candidate.paper))
    taken = {p.candidate.paper.id for p in gone} & against(state)
    state = _decided(
        taken_out(state, taken),
        (p for p in gone if p.candidate.paper.id not in taken), listed, today, How.ROW_REMOVED,
    )  # fmt: skip
    by_hand = tuple(p for p in state.open if listed(p.candidate.paper))
    return _decided(state, by_hand, listed, today, How.ADDED)


def _reopened(state: State, cycle: int) -> State:
    """Take back what the close of a cycle decided whose pull request is open again."""
    if state.open or not state.closed or state.cycle != cycle:
        return state
    by_close = Basis(How.CLOSED, cycle)
    decisions = tuple(d for d in state.decisions if d.basis != by_close)
    return replace(state, open=state.closed, closed=(), decisions=decisions)


def _lapsed(state: State, today: date) -> State:
    """Forget deferrals whose day has come."""
    kept = tuple(d for d in state.decisions if d.until is None or d.until > today)
    return replace(state, decisions=kept)


def twice(state: State, base: Document) -> Mapping[str, str]:
    """Return the rows of open papers that people listed on the base meanwhile, by paper: one of the two has to go."""
    listed = {i for entry in base.entries for i in entry.arxiv_ids}
    rows = ((p.candidate.paper.id, p.row) for p in state.open)
    return {i: row for i, row in rows if row is not None and i in listed}


def heed(state: State, boxes: Mapping[str, bool], today: date) -> State:
    """Return the state with boxes heeded: a cleared one rejects its paper, a set one wants it in the list."""
    papers = {p.candidate.paper.id: p for p in state.open}
    cleared = [i for i, ticked in boxes.items() if not ticked and i in papers and papers[i].row is not None]
    wanted = [i for i, ticked in boxes.items() if ticked and i in papers and papers[i].row is None]
    rejected = (Decision(i, DecisionKind.REJECTED, today, Basis(How.UNTICKED, state.cycle)) for i in cleared)
    state = replace(
        state.knowing(papers[i].candidate.paper for i in cleared),
        open=tuple(replace(p, wanted=True) if p.candidate.paper.id in wanted else p for p in state.open),
        decisions=tuple(d for d in state.decisions if d.id not in wanted),
    )
    return reduce(with_decision, rejected, state)


def unwanted(state: State) -> Mapping[str, str]:
    """Return the rows to be taken out of the list, by paper.

    They are those of papers that a person decided against, or wants in another section.
    """
    refused = against(state)
    rows = ((p.candidate.paper.id, p) for p in state.open)
    return {i: p.row for i, p in rows if p.row is not None and (i in refused or p.wanted)}


def against(state: State) -> set[str]:
    """Return the papers that a person decided against, for good or until a day."""
    return {d.id for d in state.decisions if d.kind not in (DecisionKind.ACCEPTED, DecisionKind.MOVED)}


def taken_out(state: State, ids: Container[str]) -> State:
    """Return the state once rows were taken out of the list."""
    return replace(state, open=tuple(_out(p) if p.candidate.paper.id in ids else p for p in state.open))


def _out(paper: OpenPaper) -> OpenPaper:
    return replace(paper, row=None)


def _held(document: Document) -> Callable[[Paper], bool]:
    """Return the test whether an entry of a list is of a paper: by its id, or by its title when a person edited it."""
    ids = {base for entry in document.entries for base in entry.arxiv_ids}
    keys = {titles.key(entry.title) for entry in document.entries}
    return lambda paper: paper.id in ids or (len(key := titles.key(paper.title)) >= SHORTEST_KEY and key in keys)


def _decided(
    state: State, papers: Iterable[OpenPaper], listed: Callable[[Paper], bool], today: date, how: How
) -> State:
    """Turn open papers into decisions: what the list holds is accepted, the rest is not to come again.

    What a person rejected stays rejected.
    """
    decided = {p.candidate.paper.id: p.candidate.paper for p in papers}
    accepted = tuple(paper for paper in decided.values() if listed(paper))
    rejected = {d.id: d for d in state.decisions if d.kind is DecisionKind.REJECTED}
    kinds = {i: DecisionKind.ACCEPTED if paper in accepted else DecisionKind.DISMISSED for i, paper in decided.items()}
    decisions = (
        Decision(i, kind, today, Basis(how, state.cycle))
        for i, kind in kinds.items()
        if kind is DecisionKind.ACCEPTED or i not in rejected
    )
    refused = (paper for i, paper in decided.items() if i in rejected)
    state = replace(
        state.knowing((*accepted, *refused)),
        open=tuple(p for p in state.open if p.candidate.paper.id not in decided),
    )
    return reduce(with_decision, decisions, state)


def adopt(state: State, candidates: Iterable[Candidate], base: Document, working: Document) -> State:
    """Return the state with the rows of the branch as they are now.

    Candidates that stand there though no run recorded it, as when one stopped half-way, become open; a paper that
    had no row and has one now is wanted, whatever was decided before; and a row that a person moved is shown in the
    section it stands in.
    """
    listed, open_ids = _held(base), {p.candidate.paper.id for p in state.open}
    rows = {
        i: (s.path, working.text(e.span).rstrip("\r\n"))
        for s in working.sections
        for e in s.entries
        for i in e.arxiv_ids
    }
    seen = {c.paper.id: c for c in (*state.backlog, *candidates)}.values()
    found = (c for c in seen if c.paper.id in rows and c.paper.id not in open_ids and not listed(c.paper))
    here = (_located(paper, rows.get(paper.candidate.paper.id)) for paper in state.open)
    back = {p.candidate.paper.id for p in state.open if p.row is None} & set(rows)
    return replace(
        state,
        open=(*here, *(OpenPaper(c, *rows[c.paper.id]) for c in found)),
        decisions=tuple(d for d in state.decisions if d.id not in back),
    )


def orphans(snapshot: Snapshot, base: Document, working: Document) -> tuple[str, ...]:
    """Return the papers of an open pull request that nobody knows any more, since the state was lost."""
    if snapshot.pull is None or snapshot.state.open:
        return ()
    listed = {i for entry in base.entries for i in entry.arxiv_ids}
    return tuple(dict.fromkeys(i for e in working.entries for i in e.arxiv_ids if i not in listed))


def _located(paper: OpenPaper, row: tuple[Path, str] | None) -> OpenPaper:
    if row is None:
        return paper
    return replace(paper, path=row[0], row=row[1] if paper.row is None else paper.row, wanted=False)


def _parted(shown: Iterable[Shown], true: Callable[[Shown], bool]) -> tuple[list[Shown], list[Shown]]:
    """Return those of which something is true, and the others."""
    parts: tuple[list[Shown], list[Shown]] = ([], [])
    for one in shown:
        parts[not true(one)].append(one)
    return parts


def arrange(
    state: State,
    candidates: Iterable[Candidate],
    known: Callable[[Candidate], bool],
    limits: Limits,
    unsorted: Path | None,
    order: Sequence[Path],
    held: Container[str] = (),
    elsewhere: Elsewhere = NO_OTHERS,
    *,
    room: Room | None,
) -> Board:
    """Return what the pull request shows: first what stands in it, then the best of the rest up to the limits.

    Without `room` nothing of the rest comes in, neither proposed nor offered.

    `known` says that a paper is listed or decided by now and must not come in. `order` holds the sections there
    are now: a paper whose section is not among them, or who has none, goes to `unsorted`, or is only offered when
    that is None. Open papers keep the verdict they have; what a person wants in the list comes in whatever the limits
    say, to the likeliest section if need be; what is `held` waits. What would be proposed but for another person's
    pull request is offered beyond the limit for near misses, up to a limit of its own, and keeps its offer until there
    is room to propose it. Proposed papers come in the order of their sections, those of new sections last.
    """
    place = {path: number for number, path in enumerate(order)}
    stands = _stands(state, place, unsorted)
    ranked = _ranked(state, candidates, known, place, unsorted)
    waits, free = _parted(ranked, lambda s: s.id in held)
    fit, others = _parted(free, lambda s: _fits(s, limits))
    near, below = _parted(others, lambda s: s.candidate.verdict.relevance >= limits.near_miss_at)
    theirs, ours = _parted(fit, lambda s: s.id in elsewhere.offered)
    back, still = _parted(
        stands.instead, lambda s: s.id not in elsewhere.offered and s.id not in held and _fits(s, limits)
    )
    fit = sorted((*ours, *back), key=_best_first)
    taken = min(room.takes(fit), max(0, limits.max_open - len(stands.written))) if room else 0
    space = max(0, limits.near_misses - len(stands.offered)) if room else 0
    kept, left = _parted(fit[taken:], lambda s: s.instead)
    more = max(0, OFFERED_AT_ONCE - len(still) - len(kept)) if room else 0
    proposed = (*stands.written, *(replace(s, ticked=True, instead=False) for s in fit[:taken]))
    instead = (*still, *kept, *(replace(s, instead=True) for s in theirs[:more]))
    rest = sorted((*left, *near[space:], *below, *theirs[more:], *waits, *stands.deferred), key=_best_first)

    def noted(shown: Iterable[Shown]) -> Iterable[Shown]:
        return (replace(s, also=elsewhere.pulls.get(s.id)) for s in shown)

    return Board(
        proposed=tuple(sorted(noted(proposed), key=lambda s: (place.get(s.path or (), len(place)), _best_first(s)))),
        near_misses=tuple(sorted(noted((*stands.offered, *near[:space], *instead)), key=_best_first)),
        backlog=tuple(s.candidate for s in rest),
        removed=tuple(sorted(stands.removed, key=_best_first)),
    )


@dataclass(frozen=True, slots=True)
class _Stands:
    """What a pull request shows already: in the list, offered, offered for another pull request's sake, taken out.

    What is `deferred` is known, and waits.
    """

    written: Sequence[Shown]
    offered: Sequence[Shown]
    instead: Sequence[Shown]
    removed: Sequence[Shown]
    deferred: Sequence[Shown]


def _stands(state: State, sections: Container[Path], unsorted: Path | None) -> _Stands:
    """Return what stands in the pull request, as it is shown now."""
    later = {d.id for d in state.decisions if d.kind is DecisionKind.DEFERRED}
    refused = {d.id for d in state.decisions if d.kind is not DecisionKind.MOVED}
    seen = {one.id for one in state.elsewhere}
    here = (p for p in state.open if p.row is not None or p.candidate.paper.id not in later)
    removed, rest = _parted(
        (_standing(p, sections, unsorted) for p in here), lambda s: s.row is None and s.id in refused
    )
    written, unticked = _parted(rest, lambda s: s.ticked)
    instead, offered = _parted(unticked, lambda s: s.id in seen)
    return _Stands(
        written,
        offered,
        [replace(s, path=_target(s.candidate, sections, unsorted), instead=True) for s in instead],
        removed,
        [Shown(c, None, False) for c in state.backlog if c.paper.id in later],
    )


def _ranked(
    state: State,
    candidates: Iterable[Candidate],
    known: Callable[[Candidate], bool],
    sections: Container[Path],
    unsorted: Path | None,
) -> list[Shown]:
    """Return the papers that may come in, best first: those that wait and the new ones, neither open nor known."""
    later = {d.id for d in state.decisions if d.kind is DecisionKind.DEFERRED}
    shown = {p.candidate.paper.id for p in state.open if p.row is not None or p.candidate.paper.id not in later}
    waiting = {c.paper.id: c for c in (*state.backlog, *candidates) if c.paper.id not in shown and not known(c)}
    return sorted((Shown(c, _target(c, sections, unsorted), False) for c in waiting.values()), key=_best_first)


def _standing(paper: OpenPaper, sections: Container[Path], unsorted: Path | None) -> Shown:
    """Return an open paper as it is shown: ticked when it is in the list, or wanted there and has a place."""
    if not paper.wanted or paper.row is not None:
        return Shown(paper.candidate, paper.path, paper.row is not None, paper.row)
    likeliest = (c.path for c in paper.candidate.verdict.alternatives if c.path in sections)
    path = _target(paper.candidate, sections, unsorted) or next(likeliest, None)
    path = paper.path if paper.path and paper.path in sections else path
    return Shown(paper.candidate, path, path is not None)


def _fits(shown: Shown, limits: Limits) -> bool:
    return shown.candidate.verdict.relevance >= limits.propose_at and bool(shown.path)


def _best_first(shown: Shown) -> tuple[float, str]:
    return (-shown.candidate.verdict.relevance, shown.candidate.paper.id)


def _target(candidate: Candidate, sections: Container[Path], unsorted: Path | None) -> Path | None:
    chosen = candidate.verdict.section
    return chosen.path if chosen and chosen.path in sections else unsorted


def known_now(base: Document, working: Document, decisions: Iterable[Decision]) -> Callable[[Candidate], bool]:
    """Return the test whether a paper is listed on the base or the branch, or decided upon."""
    indexes = [Known(base, decisions)] if base.source == working.source else [Known(base, decisions), Known(working)]
    return lambda candidate: any(index.duplicate(candidate.paper) for index in indexes)


def expire(state: State, board: Board, days: int, today: date) -> tuple[State, Board]:
    """Let go of papers that waited for room for so many days; what a person deferred stays.

    They are not proposed again, but stay known: a person may still add them.
    """
    since = {c.paper.id: c.waits for c in state.backlog}
    later = {d.id for d in state.decisions if d.kind is DecisionKind.DEFERRED}
    gone = {
        c.paper.id: c.paper
        for c in board.backlog
        if c.paper.id not in later and (today - (since.get(c.paper.id) or today)).days >= days
    }
    decisions = (Decision(i, DecisionKind.EXPIRED, today, Basis(How.NO_ROOM, days=days)) for i in gone)
    left = tuple(c for c in board.backlog if c.paper.id not in gone)
    state = replace(state.knowing(gone.values()), decisions=(*state.decisions, *decisions))
    return state, replace(board, backlog=left)


def expired(state: State, today: date) -> tuple[Expired, ...]:
    """Return the papers that expired of late, the latest first."""
    known = {paper.id: paper for paper in state.library}
    of_late = (
        Expired(known[d.id], d.day)
        for d in state.decisions
        if d.kind is DecisionKind.EXPIRED and d.id in known and (today - d.day).days < TOLD_DAYS
    )
    return tuple(sorted(of_late, key=lambda e: (-e.day.toordinal(), e.paper.id)))


def remember(state: State, board: Board, rows: Mapping[str, str], cycle: int, today: date, *, visible: bool) -> State:
    """Return the state once the board is published; `rows` are the lines written for new papers, by id.

    Near misses alone open no pull request: while nobody sees them (not `visible`) they wait in the backlog. What waits
    keeps the day since which it does.
    """
    since = {c.paper.id: c.waits for c in state.backlog}

    def waiting(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
        return tuple(replace(c, waits=since.get(c.paper.id) or today) for c in candidates)

    if not visible:
        return replace(state, open=(), backlog=waiting((*board.backlog, *(s.candidate for s in board.near_misses))))
    shown = (
        *(replace(s, row=s.row if s.row is not None else rows[s.candidate.paper.id]) for s in board.proposed),
        *board.near_misses,
        *board.removed,
    )
    wanted = {p.candidate.paper.id for p in state.open if p.wanted}
    return replace(
        state,
        backlog=waiting(board.backlog),
        open=tuple(
            OpenPaper(s.candidate, s.path, s.row, wanted=s.row is None and s.candidate.paper.id in wanted)
            for s in shown
        ),
        cycle=cycle,
    )
