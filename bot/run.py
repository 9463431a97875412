"""The whole story: ask, drop what is known, judge, arrange, splice, prove, publish.

    Query -> Paper -> Candidate -> Verdict -> Proposal -> Edit -> Publication

`discover` is the half that reads and needs no right to write; `publish` turns what it found into a proven change of
what stands now and writes it; `run` is both. `review` only does what people asked for since. Everything here but the
source and the publisher is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot import arxiv_id, comments, coverage, known
from bot import review as reviews
from bot.config import Config, Limits, ListConfig
from bot.coverage import Coverage, Gap
from bot.errors import ListFormatError
from bot.judge.configured import judge_for, judged, judged_all
from bot.judge.duplicates import Known, same_titles
from bot.model import PROVING_SOURCES, Answer, Batch, Paper, Path, Window
from bot.paperlist.document import Document, parse
from bot.paperlist.edit import Addition, Edit, add_entries, growth, place_of
from bot.paperlist.habit import Habits
from bot.paperlist.remove import Removal, remove_entries
from bot.proposal import Proposal
from bot.publish import Change, Publication, Publisher, Reply, message
from bot.review import Board, Shown, Snapshot
from bot.sources import Source
from bot.state import State

Lookup = Callable[[Sequence[str]], Sequence[Paper]]
"""Fetches papers by id; those nobody knows are left out."""
SWEEP_LOOK_BACK_DAYS = 2
"""Keeps a sweep of thousands of papers a week to a few requests; what is held longer comes by the feed."""
NOBODY_ASKED = (
    "nothing was asked: the feed has no past, and needs keywords; name api among the sources, or ask with --source api"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to for one list: first rows were taken out that people do not want, then others added."""

    proposal: Proposal
    board: Board
    removal: Removal
    edit: Edit
    facts: message.Facts
    change: Change
    publication: Publication | None


def run(
    config: Config, task: ListConfig, source: Source, publisher: Publisher, now: datetime,
    windows: Sequence[Window] = (), *, dry: bool = False,
) -> Outcome:  # fmt: skip
    """Do the whole job for one list; with `dry` everything but the writing."""
    snapshot = publisher.current(task.name, task.file)
    proposal = discover(config, task, snapshot, source, now, windows)
    return publish(config, task, snapshot, proposal, None if dry else publisher, now)


def discover(
    config: Config, task: ListConfig, snapshot: Snapshot, source: Source, now: datetime,
    windows: Sequence[Window] = (), *, rejudge: bool = True,
) -> Proposal:  # fmt: skip
    """Ask the source and judge what is new, and with `rejudge` what waits in the backlog.

    Without `windows` those are asked that are not proven yet.
    """
    base, working = _documents(task, snapshot)
    state = _settled(snapshot, base, working, now)
    query = coverage.digest(task.query())
    asked = windows or coverage.plan(state.coverage, query, now, _look_back(task, state, now))
    batch = source.fetch(coverage.informed(state.coverage, task.query(), now), asked)
    answers = batch.answers or tuple(Answer("no source", window, 0, None, 0, NOBODY_ASKED) for window in asked)
    swept = Batch((), ()) if windows else _swept(task, state, source, now)

    index = Known(base, state.decisions, state.library)
    found = {p.id: p for p in (*(c.paper for c in state.backlog), *swept.papers, *batch.papers)}
    twins = same_titles((*found.values(), *(p.candidate.paper for p in state.open)))
    duplicates = {i: index.duplicate(paper) or twins.get(i) for i, paper in found.items()}
    waiting = {c.paper.id for c in state.backlog}
    judged_before = () if rejudge else waiting
    new = [p for i, p in found.items() if not duplicates[i] and i not in judged_before]
    candidates, left_out, irrelevant = judged(config, task, base, new, state.library, state.decisions, waiting)
    ids = () if windows else known.to_recheck(candidates, state, base, now.date())
    rechecked = source.recheck(ids) if ids else ()
    return Proposal(
        list=task.name,
        created=now,
        query=query,
        answers=answers,
        candidates=known.completed(candidates, rechecked),
        duplicates=tuple(d for d in duplicates.values() if d),
        left_out=left_out,
        irrelevant=irrelevant,
        first_run=_is_first(state, query, answers) and not windows,
        swept=swept.answers,
        everything=_everything(task),
        rechecked=rechecked,
        doubts=_doubts(snapshot.state, state),
    )


def review(
    config: Config, task: ListConfig, snapshot: Snapshot, lookup: Lookup, publisher: Publisher | None, now: datetime
) -> Outcome:
    """Do what people asked for, by boxes and comments, and decide a cycle that ended; nothing else comes in.

    `lookup` fetches the papers that a comment names and nobody knows yet.
    """
    base, _ = _documents(task, snapshot)
    state = snapshot.state
    seen = {c.paper.id for c in state.backlog} | {p.candidate.paper.id for p in state.open}
    unknown = [i for i in comments.asked_for(snapshot.comments) if i not in seen]
    library = {paper.id: paper for paper in state.library}
    held = [library[i] for i in unknown if i in library]
    fetched = lookup(away) if (away := [i for i in unknown if i not in library]) else ()
    asked = judged_all(config, task, base, [*held, *fetched], state.library, state.decisions) if unknown else ()
    nothing = Proposal(task.name, now, coverage.digest(task.query()), answers=(), candidates=asked)
    no_room = task.limits.model_copy(update={"max_open": 0, "near_misses": 0})
    return publish(config, task, snapshot, nothing, publisher, now, no_room)


def publish(
    config: Config, task: ListConfig, snapshot: Snapshot, proposal: Proposal, publisher: Publisher | None,
    now: datetime, limits: Limits | None = None,
) -> Outcome:  # fmt: skip
    """Turn a proposal into a proven change of what stands now, and write it where the publisher writes.

    `limits` stands for those of the configuration.
    """
    if publisher and snapshot.stale:
        snapshot = publisher.renew(snapshot, task.name, task.file)
    base, working = _documents(task, snapshot)
    twice = reviews.twice(snapshot.state, base) if not snapshot.ended else {}
    state = _settled(snapshot, base, working, now)
    state = reviews.adopt(state, proposal.candidates, base, working)
    state = known.learned(state, proposal.rechecked, base, now.date())
    left_out = {paper.id for paper in proposal.left_out}
    state = replace(state, backlog=tuple(c for c in state.backlog if c.paper.id not in left_out))
    state, replies = _listened(state, snapshot, proposal, base, now)
    removal = remove_entries(working, {**reviews.unwanted(state), **twice}, base)
    state = reviews.taken_out(state, removal.removed)
    trimmed = parse(removal.after, task.file, task.date_form) if removal.removed else working
    board = reviews.arrange(
        state,
        proposal.candidates,
        reviews.known_now(base, trimmed, state.decisions),
        limits or task.limits,
        _unsorted(task, trimmed),
        [section.path for section in trimmed.sections],
        snapshot.elsewhere,
    )
    wanted = bool(board.proposed) or snapshot.pull is not None
    if wanted:  # so that it is told
        state, board = reviews.expire(state, board, task.limits.backlog_days, now.date())
    additions = [_addition(shown, trimmed) for shown in _in_order(board.new)]
    edit = add_entries(trimmed, additions, _later(now.date(), trimmed), Habits(trimmed, snapshot.past))
    rows = {entry.id: entry.row.decode() for entry in edit.entries}

    proven, gaps = _proven(task, state, proposal, min(now, proposal.created))
    after = reviews.remember(state, board, rows, snapshot.cycle, now.date(), visible=wanted)
    heard = snapshot.heard or after.heard or (now if wanted else None)
    after = replace(after, heard=heard, base=snapshot.base_id if wanted else None)
    if snapshot.pull and snapshot.pull.number:
        questions = [i for i in removal.kept if i not in snapshot.asked and i not in twice]
        replies += tuple(Reply(snapshot.pull.number, message.question(i)) for i in questions)
    facts = message.Facts(
        config_path=config.path,
        base_id=snapshot.base_id,
        growth=growth(base, edit.after),
        gaps=gaps,
        duplicates=len(proposal.duplicates),
        earlier=snapshot.pull.text if snapshot.pull else "",
        elsewhere=tuple(
            (c.paper, snapshot.elsewhere[c.paper.id]) for c in board.backlog if c.paper.id in snapshot.elsewhere
        ),
        notices=state.notices,
        expired=reviews.expired(state, now.date()),
        listed={i: entry.title for entry in base.entries for i in entry.arxiv_ids},
        grounds=judge_for(config, task, base, state.library, state.decisions, foreign=True).grounds,
    )
    change = Change(
        list=task.name,
        file=task.file,
        cycle=snapshot.cycle,
        state=replace(after, coverage=proven),
        content=edit.after if edit.after != working.source else None,
        message=message.commit(task, snapshot.cycle, _in_order(board.new), removal.removed),
        title=message.title(task, board) if wanted else None,
        text=message.body(task, snapshot.cycle, board, proposal, facts) if wanted else None,
        replies=replies,
    )
    publication = publisher.publish(snapshot, change) if publisher else None
    return Outcome(proposal, board, removal, edit, facts, change, publication)


def _listened(
    state: State, snapshot: Snapshot, proposal: Proposal, base: Document, now: datetime
) -> tuple[State, tuple[Reply, ...]]:
    """Carry out what comments ask for; return the state after it and the answers."""
    rows = {i: entry.line for entry in base.entries for i in entry.arxiv_ids}
    seen = {p.candidate.paper.id: p.candidate for p in state.open}
    seen |= {c.paper.id: c for c in (*state.backlog, *proposal.candidates)}

    def section(heading: str) -> Path | None:
        found = base.section((heading,))
        return found.path if found else None

    place = comments.Place(seen, rows.get, section, now.date())
    replies = []
    for comment in snapshot.comments:
        state, said = comments.carry_out(state, comment, place)
        replies.append(Reply(comment.issue, message.answer(comment, said)))
    return state, tuple(replies)


def _settled(snapshot: Snapshot, base: Document, working: Document, now: datetime) -> State:
    """Return the state after what people did since, as far as it can be believed."""
    state = reviews.settle(snapshot, base, working, now.date())
    return replace(state, coverage=coverage.believed(state.coverage, now))


def _is_first(state: State, query: str, answers: Sequence[Answer]) -> bool:
    """Tell whether a source that can prove was asked for the first time."""
    return coverage.is_first(state.coverage, query) and any(a.source in PROVING_SOURCES for a in answers)


def _doubts(before: State, after: State) -> tuple[str, ...]:
    """Say what of a state is not believed."""
    new = [gap for gap in after.coverage.gaps if gap.why in (coverage.LOST, coverage.TO_COME)]
    return tuple(
        f"the state of {gap.since:%Y-%m-%d} to {gap.until:%Y-%m-%d} is not believed: {gap.why}; it is asked again"
        for gap in new
        if gap not in before.coverage.gaps
    )


def _look_back(task: ListConfig, state: State, now: datetime) -> int:
    return coverage.look_back(state.coverage, coverage.digest(task.query()), now, task.look_back_days)


def _swept(task: ListConfig, state: State, source: Source, now: datetime) -> Batch:
    """Ask for everything of the categories to sweep, or of the days whose feed was missed."""
    if (everything := task.everything()) is None:
        return Batch((), ())
    query = coverage.digest(everything)
    if task.sweep:
        windows = coverage.plan(state.coverage, query, now, SWEEP_LOOK_BACK_DAYS)
    else:
        windows = coverage.missed(state.coverage, query, now)
    return source.fetch(coverage.informed(state.coverage, everything, now), windows) if windows else Batch((), ())


def _everything(task: ListConfig) -> str | None:
    """Return the digest of the query for everything in the list's categories, None without any."""
    everything = task.everything()
    return coverage.digest(everything) if everything else None


def _proven(task: ListConfig, state: State, proposal: Proposal, now: datetime) -> tuple[Coverage, tuple[Gap, ...]]:
    """Return what is proven after the answers of a time, and what is still missing."""
    proven = coverage.advance(state.coverage, proposal.query, proposal.answers, now)
    gaps = coverage.open_gaps(proven, proposal.query)
    if query := _everything(task):
        proven = coverage.advance(proven, query, proposal.swept if query == proposal.everything else (), now)
        proven = proven if task.sweep else coverage.heard(proven, query, proposal.answers, now)
        gaps += coverage.open_gaps(proven, query)
    return proven, gaps


def _documents(task: ListConfig, snapshot: Snapshot) -> tuple[Document, Document]:
    """Return the list on the base and on the branch; refuse a list that has no entries to add to."""
    base, working = (parse(source, task.file, task.date_form) for source in (snapshot.base, snapshot.working))
    if not any(section.groups for section in working.sections):
        raise ListFormatError(
            "has no table and no papers under any heading, so there is nothing to add to; is it the right file?",
            path=task.file,
        )
    return base, working


def _unsorted(task: ListConfig, document: Document) -> Path | None:
    """Return where papers without a section go: the path the heading has or will have, None to only mention them."""
    return place_of(document, task.unsorted.section) if task.unsorted.section else None


def _in_order(shown: Sequence[Shown]) -> list[Shown]:
    """Return papers in the order in which arXiv announced them, as one who adds at the end each day would."""
    return sorted(shown, key=lambda s: (arxiv_id.month(s.candidate.paper.id), s.candidate.paper.id))


def _addition(shown: Shown, document: Document) -> Addition:
    assert shown.path is not None  # a paper without a place is never proposed
    create = shown.path not in {section.path for section in document.sections}
    return Addition(shown.candidate.paper, shown.path, shown.candidate.cells, create=create)


def _later(today: date, document: Document) -> date:
    """Return the day for the date line: a list that says a later one keeps it."""
    line = document.date_line
    return max(today, line.date) if line else today
