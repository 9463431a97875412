"""History, month by month: what is finished is recorded before the next month is asked, so a run can die at any time.

Finds wait in the backlog until the end, when the best of all months are proposed. Months that are proven already are
not asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot import console, coverage
from bot import run as story
from bot.config import Config, ListConfig
from bot.model import Answer, Window
from bot.proposal import Proposal
from bot.publish import Change, Publisher
from bot.review import Snapshot
from bot.run import Outcome
from bot.sources import Source

FAILURES = 2
"""After so many months in a row that brought nothing the rest is left to the next run."""


def backfill(
    config: Config, task: ListConfig, source: Source, publisher: Publisher, now: datetime, windows: Sequence[Window]
) -> Outcome:
    """Ask for windows of the past that are not proven yet, one at a time, and propose the best of all that was found.

    It stops when the source does not answer any more; the same call goes on from there.
    """
    query = coverage.digest(task.query())
    known = coverage.believed(publisher.current(task.name, task.file).state.coverage, now)
    left = coverage.unproven(windows, known, query)
    console.progress(f"{len(left)} periods to ask, {len(windows)} in all; stop it at any time, it goes on from there")
    answers: list[Answer] = []
    failures = 0
    for number, window in enumerate(left, 1):
        snapshot = publisher.current(task.name, task.file)
        found = story.discover(config, task, snapshot, source, now, (window,), rejudge=False)
        change = _checkpoint(task, snapshot, found, now)
        publisher.publish(snapshot, change)
        answers += found.answers
        console.progress(f"{number} of {len(left)} periods: {len(change.state.backlog)} papers wait")
        failures = 0 if found.answered or any(answer.received for answer in found.answers) else failures + 1
        if failures == FAILURES:
            console.note(f"{task.name}: {len(left) - number} periods are left; run the same command again to go on")
            break
    proposal = Proposal(list=task.name, created=now, query=query, answers=tuple(answers), candidates=(), by_hand=True)
    return story.publish(config, task, publisher.current(task.name, task.file), proposal, publisher, now)


def _checkpoint(task: ListConfig, snapshot: Snapshot, found: Proposal, now: datetime) -> Change:
    """Return the change that records what one window brought, and shows nothing yet."""
    state = snapshot.state
    out = {paper.id for paper in found.left_out} | {paper.candidate.paper.id for paper in state.open}
    waiting = {c.paper.id: c for c in (*state.backlog, *found.candidates) if c.paper.id not in out}
    believed = coverage.believed(state.coverage, now)
    proven = coverage.advance(believed, found.query, found.answers, now)
    return Change(
        list=task.name,
        file=task.file,
        cycle=snapshot.cycle,
        state=replace(state, backlog=tuple(waiting.values()), coverage=proven),
    )
