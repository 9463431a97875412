"""The whole story: ask, drop what is known, judge, arrange, splice, prove, publish.

    Query -> Paper -> Candidate -> Verdict -> Proposal -> Edit -> Publication

`discover` is the half that reads and needs no right to write; `publish` turns what it found into a proven change of
what stands now and writes it; `run` is both. Everything here but the source and the publisher is pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot import arxiv_id, coverage, review
from bot.config import Config, ListConfig
from bot.errors import ListFormatError
from bot.judge.configured import judged
from bot.judge.duplicates import Known, same_titles
from bot.model import Path, Window
from bot.paperlist.document import Document, parse
from bot.paperlist.edit import Addition, Edit, add_entries, growth, place_of
from bot.proposal import Proposal
from bot.publish import Change, Publication, Publisher, message
from bot.review import Board, Shown, Snapshot
from bot.sources import Source


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to for one list."""

    proposal: Proposal
    board: Board
    edit: Edit
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
    config: Config, task: ListConfig, snapshot: Snapshot, source: Source, now: datetime, windows: Sequence[Window] = ()
) -> Proposal:
    """Ask the source and judge what is new. Without `windows` those are asked that are not proven yet."""
    base, working = _documents(task, snapshot)
    state = review.settle(snapshot, base, working, now.date())
    query = coverage.digest(task.query())
    asked = windows or coverage.plan(state.coverage, query, now, task.look_back_days)
    batch = source.fetch(task.query(), asked)

    known = Known(base, state.decisions, state.library)
    found = {p.id: p for p in (*(c.paper for c in state.backlog), *batch.papers)}
    twins = same_titles((*found.values(), *(p.candidate.paper for p in state.open)))
    duplicates = {i: known.duplicate(paper) or twins.get(i) for i, paper in found.items()}
    new = [p for i, p in found.items() if not duplicates[i]]
    candidates, left_out, irrelevant = judged(config, task, base, new, state.library, state.decisions)
    return Proposal(
        list=task.name,
        created=now,
        query=query,
        answers=batch.answers,
        candidates=candidates,
        duplicates=tuple(d for d in duplicates.values() if d),
        left_out=left_out,
        irrelevant=irrelevant,
        first_run=coverage.is_first(state.coverage, query) and not windows,
    )


def publish(
    config: Config, task: ListConfig, snapshot: Snapshot, proposal: Proposal, publisher: Publisher | None, now: datetime
) -> Outcome:
    """Turn a proposal into a proven change of what stands now, and write it where the publisher writes."""
    base, working = _documents(task, snapshot)
    state = review.settle(snapshot, base, working, now.date())
    state = review.adopt(state, proposal.candidates, base, working)
    left_out = {paper.id for paper in proposal.left_out}
    state = replace(state, backlog=tuple(c for c in state.backlog if c.paper.id not in left_out))
    ticked = review.ticks(snapshot.pull.text) if snapshot.pull else {}
    board = review.arrange(
        state,
        proposal.candidates,
        review.known_now(base, working, state.decisions),
        task.limits,
        _unsorted(task, working),
        ticked,
        [section.path for section in working.sections],
    )
    wanted = bool(board.proposed) or snapshot.pull is not None
    additions = [_addition(shown, working) for shown in _in_order(board.new)]
    edit = add_entries(working, additions, _later(now.date(), working))
    rows = {entry.id: entry.row.decode() for entry in edit.entries}

    proven = coverage.advance(state.coverage, proposal.query, proposal.answers, now)
    after = review.remember(state, board, rows, snapshot.cycle, visible=wanted)
    facts = message.Facts(
        config_path=config.path,
        base_id=snapshot.base_id,
        growth=growth(base, edit.after),
        gaps=coverage.open_gaps(proven, proposal.query),
        duplicates=len(proposal.duplicates),
    )
    change = Change(
        list=task.name,
        file=task.file,
        cycle=snapshot.cycle,
        state=replace(after, coverage=proven),
        content=edit.after if edit.entries else None,
        message=message.commit(task, snapshot.cycle, _in_order(board.new)),
        title=message.title(task, board) if wanted else None,
        text=message.body(task, snapshot.cycle, board, proposal, facts) if wanted else None,
    )
    return Outcome(proposal, board, edit, change, publisher.publish(snapshot, change) if publisher else None)


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
