"""The whole story: ask, drop what is known, judge, arrange, splice, prove, publish.

    Query -> Paper -> Candidate -> Verdict -> Proposal -> Edit -> Publication

`discover` is the half that reads and needs no right to write; `publish` turns what it found into a proven change of
what stands now and writes it; `run` is both. `review` only does what people asked for since. Everything here but the
source and the publisher is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot import comments, coverage, known
from bot import review as reviews
from bot.change import Outcome, believed, documents, everything, outcome
from bot.config import Config, ListConfig
from bot.judge.configured import judged, judged_all
from bot.judge.duplicates import Known, same_titles
from bot.model import PROVING_SOURCES, Answer, Batch, Paper, Window
from bot.proposal import Doubt, Proposal
from bot.publish import Publisher
from bot.review import Snapshot
from bot.sources import Source
from bot.state import State
from bot.unknown import Reason, Unknown

__all__ = ["Lookup", "Outcome", "discover", "publish", "review", "run"]

Lookup = Callable[[Sequence[str]], Sequence[Paper]]
"""Fetches papers by id; those nobody knows are left out."""


def run(
    config: Config, task: ListConfig, source: Source, publisher: Publisher, now: datetime,
    windows: Sequence[Window] = (), *, dry: bool = False,
) -> Outcome:  # fmt: skip
    """Do the whole job for one list; with `dry` everything but the writing."""
    snapshot = publisher.current(task.name, task.file)
    proposal = discover(config, task, snapshot, source, now, windows)
    proposal = completed(proposal, source.recheck(proposal.wanted))
    return publish(config, task, snapshot, proposal, None if dry else publisher, now)


def discover(
    config: Config, task: ListConfig, snapshot: Snapshot, source: Source, now: datetime,
    windows: Sequence[Window] = (), *, rejudge: bool = True,
) -> Proposal:  # fmt: skip
    """Ask the source and judge what is new, and with `rejudge` what waits in the backlog.

    Without `windows` those are asked that are not proven yet. What the proposal still wants looked up is for
    `completed`: several lists ask for that at once.
    """
    base, working = documents(task, snapshot)
    state = believed(reviews.settle(snapshot, base, working, now.date()), now)
    query = coverage.digest(task.query())
    asked = windows or coverage.plan(state.coverage, query, now, _look_back(task, state, now))
    batch = source.fetch(coverage.informed(state.coverage, task.query(), now), asked)
    answers = batch.answers or tuple(
        Answer("no source", window, 0, None, 0, Unknown(Reason.NOBODY_ASKED)) for window in asked
    )
    swept = Batch((), ()) if windows else _swept(task, state, source, now)

    index = Known(base, state.decisions, state.library)
    found = {p.id: p for p in (*(c.paper for c in state.backlog), *swept.papers, *batch.papers)}
    twins = same_titles((*found.values(), *(p.candidate.paper for p in state.open)))
    duplicates = {i: index.duplicate(paper) or twins.get(i) for i, paper in found.items()}
    waiting = {c.paper.id for c in state.backlog}
    judged_before = () if rejudge else waiting
    new = [p for i, p in found.items() if not duplicates[i] and i not in judged_before]
    candidates, left_out, irrelevant = judged(config, task, base, new, state.library, state.decisions, waiting)
    seen = {c.paper.id for c in candidates}
    lost = [] if windows else [i for i in reviews.orphans(snapshot, base, working) if i not in seen]
    orphans = source.recheck(lost) if lost else ()
    candidates += judged_all(config, task, base, orphans, state.library, state.decisions) if orphans else ()
    return Proposal(
        list=task.name,
        created=now,
        query=query,
        answers=answers,
        candidates=candidates,
        duplicates=tuple(d for d in duplicates.values() if d),
        left_out=left_out,
        irrelevant=irrelevant,
        first_run=_is_first(state, query, answers) and not windows,
        by_hand=bool(windows),
        swept=swept.answers,
        everything=everything(task),
        wanted=() if windows else known.to_recheck(candidates, state, base, now.date()),
        doubts=_doubts(snapshot.state, state),
    )


def completed(proposal: Proposal, papers: Sequence[Paper]) -> Proposal:
    """Return a proposal with what was looked up of the papers it wanted, whoever else wanted some of these."""
    own = tuple(paper for paper in papers if paper.id in proposal.wanted)
    return replace(proposal, candidates=known.completed(proposal.candidates, own), rechecked=own, wanted=())


def review(
    config: Config, task: ListConfig, snapshot: Snapshot, lookup: Lookup, publisher: Publisher | None, now: datetime
) -> Outcome:
    """Do what people asked for, by boxes and comments, and decide a cycle that ended; nothing else comes in.

    `lookup` fetches the papers that a comment names and nobody knows yet.
    """
    base, _ = documents(task, snapshot)
    state = snapshot.state
    seen = {c.paper.id for c in state.backlog} | {p.candidate.paper.id for p in state.open}
    unknown = [i for i in comments.asked_for(snapshot.comments) if i not in seen]
    library = {paper.id: paper for paper in state.library}
    held = [library[i] for i in unknown if i in library]
    fetched = lookup(away) if (away := [i for i in unknown if i not in library]) else ()
    asked = judged_all(config, task, base, [*held, *fetched], state.library, state.decisions) if unknown else ()
    nothing = Proposal(task.name, now, coverage.digest(task.query()), answers=(), candidates=asked)
    return publish(config, task, snapshot, nothing, publisher, now, new=False)


def publish(
    config: Config, task: ListConfig, snapshot: Snapshot, proposal: Proposal, publisher: Publisher | None,
    now: datetime, *, new: bool = True,
) -> Outcome:  # fmt: skip
    """Turn a proposal into a proven change of what stands now, and write it where the publisher writes.

    Papers come in only if `new`, beside those that people want.
    """
    if publisher and snapshot.stale:
        snapshot = publisher.renew(snapshot, task.name, task.file)
    made = outcome(config, task, snapshot, proposal, now, new=new)
    return replace(made, publication=publisher.publish(snapshot, made.change)) if publisher else made


def _is_first(state: State, query: str, answers: Sequence[Answer]) -> bool:
    """Tell whether a source that can prove was asked for the first time."""
    return coverage.is_first(state.coverage, query) and any(a.source in PROVING_SOURCES for a in answers)


def _doubts(before: State, after: State) -> tuple[Doubt, ...]:
    """Return what of a state is not believed."""
    new = (gap for gap in after.coverage.gaps if gap not in before.coverage.gaps)
    return tuple(
        Doubt(Window(gap.since, gap.until), gap.why) for gap in new if gap.why.reason in (Reason.LOST, Reason.CLAIMED)
    )


def _look_back(task: ListConfig, state: State, now: datetime) -> int:
    return coverage.look_back(state.coverage, coverage.digest(task.query()), now, task.look_back_days)


def _swept(task: ListConfig, state: State, source: Source, now: datetime) -> Batch:
    """Ask for everything of the categories on the days whose feed was missed."""
    if (whole := task.everything()) is None:
        return Batch((), ())
    query = coverage.digest(whole)
    windows = coverage.missed(state.coverage, query, now)
    return source.fetch(coverage.informed(state.coverage, whole, now), windows) if windows else Batch((), ())
