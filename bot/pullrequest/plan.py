"""From what was found to what is to be written: what people asked for first, then the best of the rest, proven. Pure.

Proposal -> Board -> Edit
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.arxiv import arxiv_id
from bot.config import ListConfig
from bot.coverage import ledger
from bot.coverage.ledger import Coverage
from bot.errors import ListFormatError
from bot.judge.readiness import readiness
from bot.model import Paper, Path
from bot.paperlist.edit import Addition, add_entries, growth, place_of
from bot.paperlist.proof import Edit
from bot.paperlist.read.document import Document, parse
from bot.paperlist.remove import Removal, remove_entries
from bot.paperlist.write.find_refused import refused
from bot.paperlist.write.resolve_section import of_path
from bot.pullrequest import board as reviews
from bot.pullrequest import quota, recheck
from bot.pullrequest.board import Board, Room, Shown
from bot.pullrequest.case import Case
from bot.pullrequest.change import Change, Publication, Reply
from bot.pullrequest.commands import Said
from bot.pullrequest.elsewhere import Elsewhere, OtherPull, elsewhere_now, recorded, without_waits
from bot.pullrequest.proposal import Proposal
from bot.pullrequest.settle import Settled
from bot.pullrequest.text import body, replies
from bot.state.model import Allowance, State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to for one list: first rows were taken out that people do not want, then others added.

    `said` is what came of each comment, by its number; `publication` is where it went, None when nothing was written.
    """

    proposal: Proposal
    board: Board
    removal: Removal
    edit: Edit
    facts: body.Facts
    change: Change
    said: Mapping[int, tuple[Said, ...]]
    publication: Publication | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What stands once people's wishes are carried out: the state, the list on the branch without what they refused.

    `twice` are the rows whose papers people listed on the base meanwhile, `elsewhere` what their other pull requests
    bring.
    """

    case: Case
    proposal: Proposal
    state: State
    said: Mapping[int, tuple[Said, ...]]
    removal: Removal
    document: Document
    twice: Mapping[str, str]
    elsewhere: Elsewhere


@dataclass(frozen=True, slots=True)
class Written:
    """What the pull request shows, and the list with it; `unwritten` gives the reason for papers it cannot take."""

    board: Board
    edit: Edit
    unwritten: Mapping[str, str]


def carried_out(case: Case, settled: Settled, proposal: Proposal) -> Reviewed:
    """Return the list without the rows that people refused, and the state with what was looked up."""
    twice = reviews.twice(case.snapshot.state, case.base) if not case.snapshot.ended else {}
    state = recheck.learned(settled.state, proposal.rechecked, case.base, case.day)
    left_out = {paper.id for paper in proposal.left_out}
    state = replace(state, backlog=tuple(c for c in state.backlog if c.paper.id not in left_out))
    removal = remove_entries(case.working, {**reviews.unwanted(state), **twice}, case.base)
    settings = case.settings
    document = parse(removal.after, settings.file) if removal.removed else case.working
    elsewhere = elsewhere_now(state, case.snapshot.elsewhere, case.day)
    state = without_waits(reviews.taken_out(state, removal.removed), elsewhere)
    return Reviewed(case, proposal, state, settled.said, removal, document, twice, elsewhere)


def written(reviewed: Reviewed, room: Room | None) -> Written:
    """Return what the pull request shows, and the list with it; no new paper comes in without `room`.

    A paper that the list cannot take waits, so that it keeps no other one out. Raises `ListFormatError` when a person
    wants it.
    """
    case, document = reviewed.case, reviewed.document
    day = _later(case.day, document)
    unwritten: dict[str, str] = {}
    while True:
        board = reviews.arrange(
            reviewed.state,
            reviewed.proposal.candidates,
            reviews.known_now(case.base, document, reviewed.state.decisions),
            case.settings.limits,
            _unsorted(case.settings, document),
            [section.path for section in document.sections],
            unwritten,
            reviewed.elsewhere,
            room=room,
        )
        additions = [_addition(shown, document) for shown in _in_order(board.new)]
        try:
            return Written(board, add_entries(document, additions, day), unwritten)
        except ListFormatError:
            more = refused(document, additions, day)
            if not more or more.keys() & unwritten.keys():
                raise
            unwritten |= more


def outcome(reviewed: Reviewed, written: Written, *, new: bool) -> Outcome:
    """Return all that is to be written, and what came of the run; only where papers came in are they counted."""
    case, proposal = reviewed.case, reviewed.proposal
    visible = bool(written.board.proposed) or case.snapshot.pull is not None
    if visible:  # so that it is told
        days = case.settings.limits.backlog_days
        state, board = reviews.expire(reviewed.state, written.board, days, case.day)
        reviewed, written = replace(reviewed, state=state), replace(written, board=board)
    state = _remembered(reviewed, written, visible=visible)
    if new:
        state = replace(state, allowance=_allowance(reviewed, written.board))
    facts = _facts(reviewed, written, state)
    return Outcome(
        proposal,
        written.board,
        reviewed.removal,
        written.edit,
        facts,
        _change(reviewed, written, state, facts, visible=visible),
        reviewed.said,
    )


def room_for(reviewed: Reviewed) -> Room:
    """Return which new papers may come in; what a person asked for by hand fills the pull request."""
    settings = reviewed.case.settings
    most = settings.limits.max_open
    if reviewed.proposal.by_hand or settings.publish_every == "run":
        return Room(most)
    return Room(quota.room(reviewed.state.allowance, most, reviewed.case.day), settings.limits.sure_at)


def everything(settings: ListConfig) -> str | None:
    """Return the digest of the query for everything in the list's categories, None without any."""
    everything = settings.everything()
    return ledger.digest(everything) if everything else None


def _allowance(reviewed: Reviewed, board: Board) -> Allowance | None:
    """Return what is left of the week's room once the board is published; what comes in by hand takes none of it."""
    if reviewed.proposal.by_hand:
        return reviewed.state.allowance
    before, settings = reviewed.case.snapshot.state, reviewed.case.settings
    ticked = {p.candidate.paper.id for p in reviewed.state.open if p.wanted}
    instead = {seen.id for seen in before.elsewhere} - ticked  # offered till now, for another pull request's sake
    shown = {p.candidate.paper.id for p in (*before.open, *before.closed)} - instead
    brought = sum(s.candidate.paper.id not in shown for s in board.proposed)  # by this run, or by one that stopped
    return quota.after(reviewed.state.allowance, settings.limits.max_open, reviewed.case.day, brought)


def _unsorted(settings: ListConfig, document: Document) -> Path | None:
    """Return where papers without a section go: the path the heading has or will have, None to only mention them."""
    return place_of(document, settings.unsorted) if settings.unsorted else None


def _in_order(shown: Sequence[Shown]) -> list[Shown]:
    """Return papers in the order in which arXiv announced them, as one who adds at the end each day would."""
    return sorted(shown, key=lambda s: (arxiv_id.month(s.candidate.paper.id), s.candidate.paper.id))


def _addition(shown: Shown, document: Document) -> Addition:
    assert shown.path is not None  # a paper without a place is never proposed
    paper, cells = shown.candidate.paper, shown.candidate.cells
    section = of_path(document, shown.path, paper)
    return Addition(paper, shown.path, cells, create=section is None, line=section.line if section else None)


def _later(today: date, document: Document) -> date:
    """Return the day for the date line: a list that says a later one keeps it."""
    line = document.date_line
    return max(today, line.date) if line else today


def _remembered(reviewed: Reviewed, written: Written, *, visible: bool) -> State:
    """Return the state once the board is published."""
    case, before = reviewed.case, reviewed.state
    rows = {entry.id: entry.row.decode() for entry in written.edit.entries}
    state = reviews.remember(before, written.board, rows, case.snapshot.cycle, case.day, visible=visible)
    offered = {shown.id for shown in written.board.near_misses if shown.instead}
    return replace(
        state,
        elsewhere=recorded(before, state, offered, reviewed.elsewhere, case.day),
        coverage=_proven(case, before, reviewed.proposal),
        heard=case.snapshot.heard or state.heard or (case.now if visible else None),
        base=case.snapshot.base_id if visible else None,
    )


def _proven(case: Case, state: State, proposal: Proposal) -> Coverage:
    """Return what is proven by the answers, at the time when they were given."""
    now = min(case.now, proposal.created)
    proven = ledger.advance(state.coverage, proposal.query, proposal.answers, now)
    if query := everything(case.settings):
        proven = ledger.advance(proven, query, proposal.swept if query == proposal.everything else (), now)
        proven = ledger.record_feed(proven, query, proposal.answers, now)
    return proven


def _change(reviewed: Reviewed, written: Written, state: State, facts: body.Facts, *, visible: bool) -> Change:
    """Return what is to be written: the list, the state, the pull request's title and text, and the replies."""
    case, board, after = reviewed.case, written.board, written.edit.after
    settings, cycle = case.settings, case.snapshot.cycle
    return Change(
        list=settings.name,
        file=settings.file,
        cycle=cycle,
        state=state,
        content=after if after != case.working.source else None,
        message=body.commit(settings, cycle, _in_order(board.new), reviewed.removal.removed),
        title=body.title(settings, board) if visible else None,
        text=body.body(settings, cycle, board, reviewed.proposal, facts) if visible else None,
        replies=tuple(_replies(reviewed)),
        opening=settings.pull_request,
    )


def _replies(reviewed: Reviewed) -> Iterator[Reply]:
    """Yield questions about rows that are to go and that people edited, then the answers to comments.

    A command is answered last: until then it is carried out again.
    """
    snapshot = reviewed.case.snapshot
    if snapshot.pull and snapshot.pull.number:
        refused = reviews.against(reviewed.state)
        for paper in reviewed.removal.kept:
            if paper not in snapshot.asked and paper not in reviewed.twice:
                yield Reply(snapshot.pull.number, replies.question(paper, moved=paper not in refused))
    for comment in snapshot.comments:
        if comment.issue:
            yield Reply(comment.issue, replies.answer(comment, reviewed.said[comment.number]))


def _elsewhere(reviewed: Reviewed, board: Board) -> tuple[tuple[Paper, OtherPull], ...]:
    """Return the papers that are not proposed because other people's pull requests bring them, best first."""
    others, limits = reviewed.elsewhere, reviewed.case.settings.limits
    fit = (c for c in board.backlog if c.verdict.relevance >= limits.propose_at)
    found = (*(s.candidate for s in board.near_misses if s.instead), *fit)
    return tuple((c.paper, others.pulls[c.paper.id]) for c in found if c.paper.id in others.offered)


def _facts(reviewed: Reviewed, written: Written, after: State) -> body.Facts:
    """Return what the pull request's text says beside the papers."""
    case, state, board = reviewed.case, reviewed.state, written.board
    unwritten = written.unwritten
    queries = (reviewed.proposal.query, everything(case.settings))
    return body.Facts(
        config_path=case.config.path,
        base_id=case.snapshot.base_id,
        growth=growth(case.base, written.edit.after),
        gaps=tuple(gap for query in queries if query for gap in ledger.open_gaps(after.coverage, query)),
        duplicates=len(reviewed.proposal.duplicates),
        earlier=case.snapshot.pull.text if case.snapshot.pull else "",
        elsewhere=_elsewhere(reviewed, board),
        notices=state.notices,
        unwritten=tuple((c.paper, unwritten[c.paper.id]) for c in board.backlog if c.paper.id in unwritten),
        expired=reviews.expired(state, case.day),
        listed={i: entry.title for entry in case.base.entries for i in entry.arxiv_ids},
        readiness=readiness(case.base, after.library, after.decisions),
    )
