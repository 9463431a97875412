"""From a proposal to what is written: what people asked for first, then the best of the rest, proven. Pure.

Proposal -> Board -> Edit
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from bot.arxiv import arxiv_id
from bot.coverage import ledger
from bot.coverage.ledger import Coverage
from bot.errors import ListFormatError
from bot.judge.readiness import lessons
from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries, growth
from bot.paperlist.proof import Edit
from bot.paperlist.read.document import Document, parse
from bot.paperlist.remove import Removal, remove_entries
from bot.paperlist.write import new_period
from bot.paperlist.write.find_refused import refused
from bot.paperlist.write.resolve_section import of_path
from bot.pullrequest import decisions, openings, quota, recheck
from bot.pullrequest.board import (
    Board,
    BoardContext,
    BoardItem,
    RunQuota,
    fill_board,
    known_now,
    remember,
    remember_unseen,
)
from bot.pullrequest.case import Case
from bot.pullrequest.change import Change, Publication, Reply
from bot.pullrequest.commands import CommandResult
from bot.pullrequest.elsewhere import Elsewhere, elsewhere_now, recorded, without_waits
from bot.pullrequest.pace import pace_line
from bot.pullrequest.proposal import Proposal
from bot.pullrequest.settle import Settled
from bot.pullrequest.snapshot import OtherPull
from bot.pullrequest.text import replies
from bot.pullrequest.text.body import body
from bot.pullrequest.text.parts import TextFacts
from bot.pullrequest.text.title_and_commit import commit, title
from bot.state.model import Quota, State


@dataclass(frozen=True, slots=True)
class Applied:
    """A list once the decisions of people are carried out: `document` is without the rows that are to go.

    `on_both` are rows of papers that people listed on the base meanwhile, `elsewhere` what their other pull requests
    bring. `moves` are rows of the base that go to a section which a person opened.
    """

    case: Case
    proposal: Proposal
    state: State
    results: Mapping[int, tuple[CommandResult, ...]]
    removal: Removal
    document: Document
    on_both: Mapping[str, str]
    elsewhere: Elsewhere
    moves: Mapping[str, Addition]


@dataclass(frozen=True, slots=True)
class Filled:
    """What the pull request shows, and the list with it; `unwritten` gives the reason for papers it cannot take."""

    board: Board
    edit: Edit
    unwritten: Mapping[str, str]
    quota: RunQuota | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to for one list: rows that people do not want were taken out, then others added.

    `results` are those of the commands in each comment, by its number; `publication` is None until it is written.
    """

    proposal: Proposal
    board: Board
    removal: Removal
    edit: Edit
    facts: TextFacts
    change: Change
    results: Mapping[int, tuple[CommandResult, ...]]
    publication: Publication | None = None


def apply_decisions(case: Case, settled: Settled, proposal: Proposal) -> Applied:
    """Return the list without the rows that people refused, and the state with what was looked up."""
    on_both = decisions.listed_on_both(case.snapshot.state, case.base) if not case.snapshot.ended else {}
    state = recheck.learned(settled.state, proposal.rechecked, case.base, case.day)
    left_out = {paper.id for paper in proposal.left_out}
    state = replace(state, backlog=tuple(c for c in state.backlog if c.id not in left_out))
    moves = openings.moves(case.snapshot.state, state, case)
    moving = {i: (addition.row or b"").decode() for i, addition in moves.items()}
    removal = remove_entries(case.working, {**decisions.unwanted(state), **on_both, **moving}, case.base)
    moves = {i: addition for i, addition in moves.items() if i in removal.removed}
    document = parse(removal.after, case.settings.file) if removal.removed else case.working
    elsewhere = elsewhere_now(state, case.snapshot.elsewhere, case.day)
    state = without_waits(decisions.without_rows(state, removal.removed), elsewhere)
    return Applied(case, proposal, state, settled.results, removal, document, on_both, elsewhere, moves)


def run_quota(applied: Applied) -> RunQuota:
    """Return which new papers may come in; what a person asked for by hand fills the pull request."""
    limits = applied.case.settings.limits
    if applied.proposal.by_hand:
        return RunQuota(limits.max_open)
    new = quota.papers_today(applied.state.quota, applied.case.per_week, applied.case.day)
    return RunQuota(new, limits.at_once_at or inf)


def fill(applied: Applied, quota: RunQuota | None) -> Filled:
    """Return what the pull request shows, and the list with it, proven; no new paper comes in without a quota.

    A paper that the list cannot take waits, so that it keeps no other one out. Raise `ListFormatError` when a person
    wants it.
    """
    case, document = applied.case, applied.document
    settings, line = case.settings, document.date_line
    day = max(case.day, line.date) if line else case.day
    unwritten: dict[str, str] = {}
    opening = openings.opening(applied.state, case.snapshot.cycle, case.base)
    context = BoardContext(
        applied.state,
        applied.proposal.candidates,
        known_now(case.base, document, applied.state.decisions),
        settings.limits,
        [section.path for section in document.sections],
        case.unsorted,
        applied.elsewhere,
        held=unwritten,
        opens=lambda path: new_period.sibling(document, path) is not None or path in opening,
    )
    while True:
        board = fill_board(context, quota)
        new, offered = (
            [_addition(item, document) for item in _in_order(items)]
            for items in (board.new, list(filter(context.fits, board.near_misses)))
        )
        try:
            edit = add_entries(document, [*new, *applied.moves.values()], day)
            more = refused(document, offered, day)  # a box that could not be carried out is not shown
            if not more:
                return Filled(board, edit, unwritten, quota)
        except ListFormatError:
            more = refused(document, new, day)
            if not more or more.keys() & unwritten.keys():
                raise
        unwritten |= more


def _in_order(items: Sequence[BoardItem]) -> list[BoardItem]:
    """Return papers in the order in which arXiv announced them, as one who adds at the end each day would."""
    return sorted(items, key=lambda s: (arxiv_id.month(s.id), s.id))


def _addition(item: BoardItem, document: Document) -> Addition:
    assert item.path is not None  # a paper without a place is never proposed
    section = of_path(document, item.path, item.candidate.paper)
    line = section.line if section else None
    return Addition(item.candidate.paper, item.path, item.candidate.cells, create=section is None, line=line)


def plan(applied: Applied, filled: Filled) -> Outcome:
    """Return all that is to be written: the list, the state, the pull request's title and text, and the replies."""
    case, settings = applied.case, applied.case.settings
    visible = bool(filled.board.proposed) or case.snapshot.pull is not None
    if visible:  # papers expire only where people read of it
        days = settings.limits.backlog_days
        state, backlog = decisions.expire(applied.state, filled.board.backlog, days, case.day)
        applied, filled = replace(applied, state=state), replace(filled, board=replace(filled.board, backlog=backlog))
        now, accepted = filled.edit.now, openings.unsorted_items(applied.state, filled.edit.now, case.unsorted)
        shown = (*filled.board.proposed, *accepted)
        sections = openings.offered(applied.state, applied.proposal.sections, shown, now, case.base)
        filled = replace(filled, board=replace(filled.board, sections=sections))
    board, after = filled.board, filled.edit.after
    state = _remembered(applied, filled, visible=visible)
    facts = _facts(applied, filled, state)
    change = Change(
        list=settings.name,
        file=settings.file,
        cycle=case.snapshot.cycle,
        state=state,
        content=after if after != case.working.source else None,
        message=commit(settings, case.snapshot.cycle, _in_order(board.new), _taken_out(applied)),
        title=title(settings, board) if visible else None,
        text=body(facts) if visible else None,
        replies=tuple(_replies(applied)),
        opening=settings.pull_request,
    )
    return Outcome(applied.proposal, board, applied.removal, filled.edit, facts, change, applied.results)


def _taken_out(applied: Applied) -> tuple[str, ...]:
    """Return the papers whose rows went and did not move."""
    return tuple(paper for paper in applied.removal.removed if paper not in applied.moves)


def _remembered(applied: Applied, filled: Filled, *, visible: bool) -> State:
    """Return the state once the board is published."""
    case, before, board = applied.case, applied.state, filled.board
    rows = {entry.id: entry.row.decode() for entry in filled.edit.entries}
    if visible:
        state = remember(before, board, rows, case.snapshot.cycle, case.day)
    else:
        state = remember_unseen(before, board, case.day)
    offered = {item.id for item in board.near_misses if item.also}
    return replace(
        state,
        looks=case.snapshot.looks,
        elsewhere=recorded(before, state, offered, applied.elsewhere, case.day),
        coverage=_proven(case, before, applied.proposal),
        heard=case.snapshot.heard or state.heard or (case.snapshot.at if visible else None),
        base=case.snapshot.base_id if visible else None,
        quota=_quota_left(applied, board) if filled.quota else state.quota,
        sections=openings.remembered(before, board, case.snapshot.cycle),
    )


def _quota_left(applied: Applied, board: Board) -> Quota | None:
    """Return what is left of the week's quota; papers that a person asked for by hand take none of it."""
    state = applied.state
    if applied.proposal.by_hand:
        return state.quota
    before = applied.case.snapshot.state
    ticked = {p.id for p in state.open if p.wanted}
    shown = {p.id for p in (*before.open, *before.closed)}
    new = (s for s in board.proposed if s.row is None or s.id not in shown)  # of this run, or of one that stopped
    brought = sum(s.id not in ticked for s in new)
    return quota.spent(state.quota, applied.case.per_week, applied.case.day, brought)


def _proven(case: Case, state: State, proposal: Proposal) -> Coverage:
    """Return what the answers prove, at the time when they were given."""
    now = min(case.now, proposal.created)
    proven = ledger.record_answers(state.coverage, proposal.query, proposal.answers, now)
    if everything := case.settings.everything():
        query = ledger.digest(everything)
        proven = ledger.record_answers(proven, query, proposal.recovered, now)
        proven = ledger.record_feed(proven, query, proposal.answers, now)
    return proven


def _replies(applied: Applied) -> Iterator[Reply]:
    """Yield questions about rows that are to go and that people edited, then the answers to comments.

    A command is answered last: until then it is carried out again.
    """
    snapshot = applied.case.snapshot
    if snapshot.pull and snapshot.pull.number:
        declined = decisions.declined_ids(applied.state)
        ours = {p.id for p in applied.state.open}
        for paper in (i for i in applied.removal.kept if i in ours):
            if paper not in snapshot.asked and paper not in applied.on_both:
                yield Reply(snapshot.pull.number, replies.question(paper, moved=paper not in declined))
    for comment in snapshot.comments:
        if comment.issue:
            yield Reply(comment.issue, replies.answer(comment, applied.results[comment.number]))


def _facts(applied: Applied, filled: Filled, after: State) -> TextFacts:
    """Return what the texts of the run say."""
    case, board, unwritten = applied.case, filled.board, filled.unwritten
    queries = [ledger.digest(query) for query in (case.settings.query(), case.settings.everything()) if query]
    return TextFacts(
        case.settings,
        case.snapshot.cycle,
        board,
        applied.proposal,
        pace=pace_line(case.settings.limits, case.per_week),
        config_path=case.config.path,
        base_id=case.snapshot.base_id,
        growth=growth(case.base, filled.edit.after),
        gaps=tuple(gap for query in queries for gap in ledger.open_gaps(after.coverage, query)),
        earlier=case.snapshot.pull.text if case.snapshot.pull else "",
        elsewhere=_brought_elsewhere(applied, board),
        notices=applied.state.notices,
        unwritten=tuple((c.paper, unwritten[c.id]) for c in board.backlog if c.id in unwritten),
        expired=decisions.expired(applied.state, case.day),
        listed={i: entry.title for i, entry in case.base.by_id.items()},
        learns=lessons(case.base, after.library).learns,
    )


def _brought_elsewhere(applied: Applied, board: Board) -> tuple[tuple[Paper, OtherPull], ...]:
    """Return the papers that are not proposed because other people's pull requests bring them, best first."""
    others, mark = applied.elsewhere, applied.case.settings.limits.propose_at
    fit = (c for c in board.backlog if c.verdict.relevance >= mark)
    found = (*(s.candidate for s in board.near_misses if s.instead), *fit)
    return tuple((c.paper, others.pulls[c.id]) for c in found if c.id in others.offered)
