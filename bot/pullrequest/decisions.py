"""What people made of the pull request: by merging or closing it, by boxes, and by rows of its branch. Pure.

People win: a paper that was proposed and is gone from the list and the branch is never proposed again, and a box that
a person set or cleared stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.arxiv import titles
from bot.judge.duplicates import SHORTEST_KEY
from bot.model import Candidate, Paper, Path
from bot.paperlist.read.document import Document
from bot.pullrequest.boxes import toggled
from bot.pullrequest.snapshot import Ended, Snapshot
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.model import OpenPaper, State

TOLD_DAYS = 30
"""Days for which an expired paper is named."""
_DECLINED = tuple(kind for kind in DecisionKind if kind not in (DecisionKind.ACCEPTED, DecisionKind.MOVED))


@dataclass(frozen=True, slots=True)
class Expired:
    """A paper for which there was never room, and the day on which it expired."""

    paper: Paper
    day: date


def decide(snapshot: Snapshot, base: Document, today: date, mark: float) -> State:
    """Return the state after what people decided in the pull request: an ended cycle, or boxes set and cleared.

    What was offered at or above the `mark` of proposed papers had no room yet: it waits again after a merge.
    """
    state = snapshot.state
    state = replace(state, decisions=tuple(d for d in state.decisions if d.until is None or d.until > today))
    match snapshot.ended:
        case Ended.LOST:  # its papers may all come again at once
            waiting = (*state.backlog, *(paper.candidate for paper in state.open))
            return replace(state, open=(), backlog=waiting, quota=None)
        case Ended.MERGED:
            state = _undecided(state, base, mark)
            return replace(_decided(state, state.open, base, today, How.MERGED), closed=())
        case Ended.CLOSED:
            closed = state.open or state.closed
            return replace(_decided(state, state.open, base, today, How.CLOSED), closed=closed)
    if snapshot.pull:
        state = apply_boxes(_reopened(state, snapshot.cycle), toggled(snapshot.pull.text), today)
    return state


def _undecided(state: State, base: Document, mark: float) -> State:
    """Return the state in which offered papers at or above a mark wait again, but for those that people decided on."""
    listed, decided = _listed_in(base), {d.id for d in state.decisions}
    back = {
        p.id: p.candidate
        for p in state.open
        if p.row is None and p.candidate.verdict.relevance >= mark and p.id not in decided
        if not (p.wanted or listed(p.candidate.paper))
    }
    left = tuple(p for p in state.open if p.id not in back)
    return replace(state, open=left, backlog=(*state.backlog, *back.values()))


def _reopened(state: State, cycle: int) -> State:
    """Return the state without what the close of a cycle decided if its pull request is open again."""
    if state.open or not state.closed or state.cycle != cycle:
        return state
    decisions = tuple(d for d in state.decisions if d.basis != Basis(How.CLOSED, cycle))
    return replace(state, open=state.closed, closed=(), decisions=decisions)


def apply_boxes(state: State, boxes: Mapping[str, bool], today: date) -> State:
    """Return the state after boxes: a cleared one rejects its paper, a set one wants it in the list."""
    rows = {p.id: p.row for p in state.open}
    wanted = {i for i, ticked in boxes.items() if ticked and i in rows and rows[i] is None}
    cleared = [i for i, ticked in boxes.items() if not ticked and rows.get(i) is not None]
    state = state.with_library(p.candidate.paper for p in state.open if p.id in cleared).without_decisions(wanted)
    for paper in cleared:
        state = state.with_decision(Decision(paper, DecisionKind.REJECTED, today, Basis(How.UNTICKED, state.cycle)))
    return replace(state, open=tuple(replace(p, wanted=True) if p.id in wanted else p for p in state.open))


def adopt(state: State, candidates: Iterable[Candidate], base: Document, working: Document) -> State:
    """Return the state with the rows of the branch as they are now.

    Candidates with a row that no run recorded, as when one stopped half-way, become open. A paper that had no row and
    has one now is wanted, whatever was decided before. A row that a person moved is shown where it is now.
    """
    listed, open_ids = _listed_in(base), {p.id for p in state.open}
    rows = {
        i: (s.path, working.text(e.span).rstrip("\r\n"))
        for s in working.sections
        for e in s.entries
        for i in e.arxiv_ids
    }
    seen = {c.id: c for c in (*state.backlog, *candidates)}.values()
    found = (c for c in seen if c.id in rows and c.id not in open_ids and not listed(c.paper))
    here = (_located(paper, *rows[paper.id]) if paper.id in rows else paper for paper in state.open)
    back = {p.id for p in state.open if p.row is None and p.id in rows}
    return replace(
        state.without_decisions(back),
        open=(*here, *(OpenPaper(c, *rows[c.id]) for c in found)),
    )


def _located(paper: OpenPaper, path: Path, row: str) -> OpenPaper:
    return replace(paper, path=path, row=row if paper.row is None else paper.row, wanted=False)


def apply_rows(state: State, base: Document, working: Document, today: date) -> State:
    """Return the state after what became of the rows of open papers: a row that a person removed stays removed.

    A paper that was declined is out as was asked: a run that stopped half-way took its row.
    """
    still, listed, declined = _listed_in(working), _listed_in(base), declined_ids(state)
    gone = [p for p in state.open if p.row is not None and not still(p.candidate.paper)]
    state = without_rows(state, {p.id for p in gone} & declined)
    state = _decided(state, [p for p in gone if p.id not in declined], base, today, How.ROW_REMOVED)
    return _decided(state, [p for p in state.open if listed(p.candidate.paper)], base, today, How.ADDED)


def _decided(state: State, papers: Sequence[OpenPaper], base: Document, today: date, how: How) -> State:
    """Return the state with decisions on open papers: accepted if the list holds them, dismissed otherwise.

    A paper that a person rejected stays rejected.
    """
    if not papers:
        return state
    listed, rejected = _listed_in(base), state.decided(DecisionKind.REJECTED)
    kinds = {
        p.candidate.paper: DecisionKind.ACCEPTED if listed(p.candidate.paper) else DecisionKind.DISMISSED
        for p in papers
    }
    decided = {paper.id for paper in kinds}
    state = replace(state, open=tuple(p for p in state.open if p.id not in decided)).with_library(
        paper for paper, kind in kinds.items() if kind is DecisionKind.ACCEPTED or paper.id in rejected
    )
    for paper, kind in kinds.items():
        if kind is DecisionKind.ACCEPTED or paper.id not in rejected:
            state = state.with_decision(Decision(paper.id, kind, today, Basis(how, state.cycle)))
    return state


def _listed_in(document: Document) -> Callable[[Paper], bool]:
    """Return the test whether a list has an entry of a paper: by its id, or by its title when a person edited it."""
    keys = {titles.key(entry.title) for entry in document.entries}
    return lambda paper: (
        paper.id in document.by_id or (len(key := titles.key(paper.title)) >= SHORTEST_KEY and key in keys)
    )


def listed_on_both(state: State, base: Document) -> Mapping[str, str]:
    """Return the rows of open papers that people listed on the base meanwhile, by id: one of the two has to go."""
    return {p.id: p.row for p in state.open if p.row is not None and p.id in base.by_id}


def unwanted(state: State) -> Mapping[str, str]:
    """Return the rows to take out of the list, by id: of declined papers, and of those wanted in another section."""
    declined = declined_ids(state)
    return {p.id: p.row for p in state.open if p.row is not None and (p.id in declined or p.wanted)}


def declined_ids(state: State) -> set[str]:
    """Return the papers that a person decided against, for good or until a day."""
    return state.decided(*_DECLINED)


def without_rows(state: State, ids: Container[str]) -> State:
    """Return the state once the rows of papers were taken out of the list."""
    return replace(state, open=tuple(replace(p, row=None) if p.id in ids else p for p in state.open))


def orphan_ids(snapshot: Snapshot, base: Document, working: Document) -> tuple[str, ...]:
    """Return the papers of the open pull request that the state does not know, since it was lost."""
    if snapshot.pull is None or snapshot.state.open:
        return ()
    return tuple(i for i in working.by_id if i not in base.by_id)


def expire(state: State, backlog: Sequence[Candidate], days: int, today: date) -> tuple[State, tuple[Candidate, ...]]:
    """Return the state and the backlog without papers that waited for room so many days; deferred ones stay.

    They are not proposed again, but stay known: a person may still add them.
    """
    since = {c.id: c.waits for c in state.backlog}
    deferred = state.decided(DecisionKind.DEFERRED)
    gone = [c.paper for c in backlog if c.id not in deferred and (today - (since.get(c.id) or today)).days >= days]
    basis = Basis(How.NO_ROOM, days=days)
    decisions = (Decision(paper.id, DecisionKind.EXPIRED, today, basis) for paper in gone)
    state = replace(state.with_library(gone), decisions=(*state.decisions, *decisions))
    ids = {paper.id for paper in gone}
    return state, tuple(c for c in backlog if c.id not in ids)


def expired(state: State, today: date) -> tuple[Expired, ...]:
    """Return the papers that expired of late, the latest first."""
    known = {paper.id: paper for paper in state.library}
    of_late = (
        Expired(known[d.id], d.day)
        for d in state.decisions
        if d.kind is DecisionKind.EXPIRED and d.id in known and (today - d.day).days < TOLD_DAYS
    )
    return tuple(sorted(of_late, key=lambda e: (-e.day.toordinal(), e.paper.id)))
