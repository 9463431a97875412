"""From what was found to what is to be written: what people asked for first, then the best of the rest, proven. Pure.

Snapshot, Proposal -> Reviewed -> Board -> Edit -> Change
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot import allowance, arxiv_id, comments, coverage, known
from bot import review as reviews
from bot.allowance import Allowance
from bot.comments import Said
from bot.config import Config, ListConfig
from bot.coverage import Coverage, Gap
from bot.errors import ListFormatError
from bot.judge.configured import judge_for
from bot.model import Path
from bot.paperlist.attempt import refused
from bot.paperlist.document import Document, parse
from bot.paperlist.edit import Addition, Edit, Growth, add_entries, growth, place_of
from bot.paperlist.places import of_path
from bot.paperlist.remove import Removal, remove_entries
from bot.paperlist.unwritable import found_instead
from bot.proposal import Proposal
from bot.publish import Change, Publication, Reply, message, replies
from bot.review import Board, Room, Shown, Snapshot
from bot.state import State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to for one list: first rows were taken out that people do not want, then others added.

    `said` is what came of each comment, by its number; `publication` is where it went, None when nothing was written.
    """

    proposal: Proposal
    board: Board
    removal: Removal
    edit: Edit
    facts: message.Facts
    change: Change
    said: Mapping[int, tuple[Said, ...]]
    publication: Publication | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What stands once people's wishes are carried out: the state, the list on the branch without what they refused.

    `twice` are the rows whose papers people listed on the base meanwhile.
    """

    state: State
    said: Mapping[int, tuple[Said, ...]]
    removal: Removal
    document: Document
    twice: Mapping[str, str]


def outcome(
    config: Config, task: ListConfig, snapshot: Snapshot, proposal: Proposal, now: datetime, *, new: bool
) -> Outcome:
    """Turn a proposal into a proven change of what stands now; papers come in only if `new`, or if people want them."""
    base, working = documents(task, snapshot)
    reviewed = _reviewed(task, snapshot, proposal, base, working, now)
    room = _room(task, reviewed.state, proposal, now.date()) if new else None
    board, edit, unwritten = _written(task, snapshot, proposal, base, reviewed, room, now.date())
    proven, gaps = _proven(task, reviewed.state, proposal, min(now, proposal.created))
    visible = bool(board.proposed) or snapshot.pull is not None
    if visible:  # so that it is told
        state, board = reviews.expire(reviewed.state, board, task.limits.backlog_days, now.date())
        reviewed = replace(reviewed, state=state)
    state = replace(_remembered(snapshot, reviewed, board, edit, now, visible=visible), coverage=proven)
    if new:
        state = replace(state, allowance=_allowance(task, snapshot, proposal, reviewed, board, now.date()))
    facts = replace(
        _facts(config, snapshot, proposal, reviewed.state, board, growth(base, edit.after), gaps),
        unwritten=tuple((c.paper, unwritten[c.paper.id]) for c in board.backlog if c.paper.id in unwritten),
        expired=reviews.expired(reviewed.state, now.date()),
        listed={i: entry.title for entry in base.entries for i in entry.arxiv_ids},
        grounds=judge_for(config, task, base, state.library, state.decisions, foreign=True, placing=False).grounds,
    )
    change = Change(
        list=task.name,
        file=task.file,
        cycle=snapshot.cycle,
        state=state,
        content=edit.after if edit.after != working.source else None,
        message=message.commit(task, snapshot.cycle, _in_order(board.new), reviewed.removal.removed),
        title=message.title(task, board) if visible else None,
        text=message.body(task, snapshot.cycle, board, proposal, facts) if visible else None,
        replies=tuple(_replies(snapshot, reviewed)),
        opening=task.pull_request,
    )
    return Outcome(proposal, board, reviewed.removal, edit, facts, change, reviewed.said)


def documents(task: ListConfig, snapshot: Snapshot) -> tuple[Document, Document]:
    """Return the list on the base and on the branch; refuse a list that has no entries to add to."""
    base, working = (parse(source, task.file) for source in (snapshot.base, snapshot.working))
    if not any(section.groups for section in working.sections):
        line, why = found_instead(working) or (None, "")
        raise ListFormatError(
            "has no table and no papers under any heading, so there is nothing to add to; "
            + (f"here are {why}" if line else "is it the right file?"),
            path=task.file,
            line=line,
        )
    return base, working


def believed(state: State, now: datetime) -> State:
    """Return the state as far as it can be believed."""
    return replace(state, coverage=coverage.believed(state.coverage, now))


def everything(task: ListConfig) -> str | None:
    """Return the digest of the query for everything in the list's categories, None without any."""
    everything = task.everything()
    return coverage.digest(everything) if everything else None


def _reviewed(
    task: ListConfig, snapshot: Snapshot, proposal: Proposal, base: Document, working: Document, now: datetime
) -> Reviewed:
    """Carry out what people asked for, and take out of the list what they refused."""
    twice = reviews.twice(snapshot.state, base) if not snapshot.ended else {}
    state = believed(reviews.decide(snapshot, base, now.date()), now)
    state = reviews.adopt(state, proposal.candidates, base, working)
    state, said = _listened(state, snapshot, proposal, base, now)
    state = reviews.follow(state, base, working, now.date())
    state = known.learned(state, proposal.rechecked, base, now.date())
    left_out = {paper.id for paper in proposal.left_out}
    state = replace(state, backlog=tuple(c for c in state.backlog if c.paper.id not in left_out))
    removal = remove_entries(working, {**reviews.unwanted(state), **twice}, base)
    document = parse(removal.after, task.file) if removal.removed else working
    return Reviewed(reviews.taken_out(state, removal.removed), said, removal, document, twice)


def _listened(
    state: State, snapshot: Snapshot, proposal: Proposal, base: Document, now: datetime
) -> tuple[State, Mapping[int, tuple[Said, ...]]]:
    """Carry out what comments ask for; return the state after it and what came of each comment."""
    rows = {i: entry.line for entry in base.entries for i in entry.arxiv_ids}
    seen = {p.candidate.paper.id: p.candidate for p in state.open}
    seen |= {c.paper.id: c for c in (*state.backlog, *proposal.candidates)}

    def section(heading: str) -> Path | None:
        found = base.section((heading,))
        return found.path if found else None

    headings = tuple(dict.fromkeys(s.path[-1] for s in base.sections if s.entries and s.path))
    place = comments.Place(seen, rows.get, section, now.date(), headings)
    said = {}
    for comment in snapshot.comments:
        state, said[comment.number] = comments.carry_out(state, comment, place)
    return state, said


def _written(
    task: ListConfig, snapshot: Snapshot, proposal: Proposal, base: Document, reviewed: Reviewed, room: Room | None,
    today: date,
) -> tuple[Board, Edit, Mapping[str, str]]:  # fmt: skip
    """Choose what the pull request shows, and write it; return too which papers the list cannot take, and why.

    Such a paper waits, so that it keeps no other one out. Raises `ListFormatError` when it is one that a person wants.
    """
    document = reviewed.document
    day = _later(today, document)
    unwritten: dict[str, str] = {}
    while True:
        board = reviews.arrange(
            reviewed.state,
            proposal.candidates,
            reviews.known_now(base, document, reviewed.state.decisions),
            task.limits,
            _unsorted(task, document),
            [section.path for section in document.sections],
            {*snapshot.elsewhere, *unwritten},
            room=room,
        )
        additions = [_addition(shown, document) for shown in _in_order(board.new)]
        try:
            return board, add_entries(document, additions, day), unwritten
        except ListFormatError:
            more = refused(document, additions, day)
            if not more or more.keys() & unwritten.keys():
                raise
            unwritten |= more


def _room(task: ListConfig, state: State, proposal: Proposal, today: date) -> Room | None:
    """Return which new papers may come in; what a person asked for by hand fills the pull request."""
    rhythm, most = task.publish_every, task.limits.max_open
    if proposal.by_hand:
        return Room(most)
    new = allowance.room(state.allowance, rhythm, most, today)
    if rhythm == "day":
        return Room(new, task.limits.sure_at)
    return Room(new) if new else None


def _allowance(
    task: ListConfig, snapshot: Snapshot, proposal: Proposal, reviewed: Reviewed, board: Board, today: date
) -> Allowance | None:
    """Return what is left of the week's room once the board is published; what comes in by hand takes none of it."""
    if proposal.by_hand:
        return reviewed.state.allowance
    before = {p.candidate.paper.id for p in (*snapshot.state.open, *snapshot.state.closed)}
    brought = sum(s.candidate.paper.id not in before for s in board.proposed)  # by this run, or by one that stopped
    return allowance.after(reviewed.state.allowance, task.publish_every, task.limits.max_open, today, brought)


def _unsorted(task: ListConfig, document: Document) -> Path | None:
    """Return where papers without a section go: the path the heading has or will have, None to only mention them."""
    return place_of(document, task.unsorted) if task.unsorted else None


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


def _remembered(
    snapshot: Snapshot, reviewed: Reviewed, board: Board, edit: Edit, now: datetime, *, visible: bool
) -> State:
    """Return the state once the board is published, its coverage left aside."""
    rows = {entry.id: entry.row.decode() for entry in edit.entries}
    state = reviews.remember(reviewed.state, board, rows, snapshot.cycle, now.date(), visible=visible)
    return replace(
        state,
        heard=snapshot.heard or state.heard or (now if visible else None),
        base=snapshot.base_id if visible else None,
    )


def _proven(task: ListConfig, state: State, proposal: Proposal, now: datetime) -> tuple[Coverage, tuple[Gap, ...]]:
    """Return what is proven after the answers of a time, and what is still missing."""
    proven = coverage.advance(state.coverage, proposal.query, proposal.answers, now)
    gaps = coverage.open_gaps(proven, proposal.query)
    if query := everything(task):
        proven = coverage.advance(proven, query, proposal.swept if query == proposal.everything else (), now)
        proven = coverage.heard(proven, query, proposal.answers, now)
        gaps += coverage.open_gaps(proven, query)
    return proven, gaps


def _replies(snapshot: Snapshot, reviewed: Reviewed) -> Iterator[Reply]:
    """Yield questions about rows that are to go and that people edited, then the answers to comments.

    A command is answered last: until then it is carried out again.
    """
    if snapshot.pull and snapshot.pull.number:
        refused = reviews.against(reviewed.state)
        for paper in reviewed.removal.kept:
            if paper not in snapshot.asked and paper not in reviewed.twice:
                yield Reply(snapshot.pull.number, replies.question(paper, moved=paper not in refused))
    for comment in snapshot.comments:
        if comment.issue:
            yield Reply(comment.issue, replies.answer(comment, reviewed.said[comment.number]))


def _facts(
    config: Config,
    snapshot: Snapshot,
    proposal: Proposal,
    state: State,
    board: Board,
    grown: Growth | None,
    gaps: tuple[Gap, ...],
) -> message.Facts:
    """Return what the pull request's text says beside the papers."""
    elsewhere = snapshot.elsewhere
    return message.Facts(
        config_path=config.path,
        base_id=snapshot.base_id,
        growth=grown,
        gaps=gaps,
        duplicates=len(proposal.duplicates),
        earlier=snapshot.pull.text if snapshot.pull else "",
        elsewhere=tuple((c.paper, elsewhere[c.paper.id]) for c in board.backlog if c.paper.id in elsewhere),
        notices=state.notices,
    )
