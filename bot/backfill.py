"""History, month by month: what is finished is recorded before the next month is asked, so a run can die at any time.

Finds wait in the backlog until the end, when the best of all months are proposed. Months that are proven already are
not asked again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot import pipeline
from bot.config import ListConfig
from bot.coverage import ledger
from bot.errors import Failure
from bot.failures import each
from bot.model import Answer, Window
from bot.pipeline import Job, Outcome
from bot.pullrequest.case import Case
from bot.pullrequest.change import Change
from bot.pullrequest.proposal import Proposal
from bot.pullrequest.settle import settle
from bot.sources.base import Source

_log = logging.getLogger(__name__)

FAILURES = 2
"""After so many months in a row that brought nothing the rest is left to the next run."""


def backfill(job: Job, source: Source) -> tuple[list[Outcome], list[Failure]]:
    """Ask for each window of the job that is not proven yet, one at a time, and propose the best of all that was found.

    It stops when the source does not answer any more; the same call goes on from there.
    """
    return each(job.by_name, lambda settings: _one(job, settings, source), f"asking {source.name} for papers")


def _one(job: Job, settings: ListConfig, source: Source) -> Outcome:
    query = ledger.digest(settings.query())
    left = ledger.unproven(job.windows, settle(job.read(settings)).state.coverage, query)
    answers = _asked(job, settings, source, left)
    proposal = Proposal(settings.name, job.now, query, answers=answers, candidates=(), by_hand=True)
    return pipeline.published(job, job.read(settings), proposal)


def _asked(job: Job, settings: ListConfig, source: Source, left: Sequence[Window]) -> tuple[Answer, ...]:
    """Record what each window brings before the next is asked; return the answers."""
    periods = f"{len(left)} periods to ask, {len(job.windows)} in all"
    _log.info(f"{periods}; stop it at any time, it goes on from there")
    answers: list[Answer] = []
    failures = 0
    for number, window in enumerate(left, 1):
        case = job.read(settings)
        found = pipeline.found(case, source, (window,), rejudge=False)
        change = _checkpoint(case, found)
        job.forge(settings).write(case.snapshot, change)
        answers += found.answers
        _log.info(f"{number} of {len(left)} periods: {len(change.state.backlog)} papers wait")
        failures = 0 if found.answered or any(answer.received for answer in found.answers) else failures + 1
        if failures == FAILURES:
            _log.warning(f"{settings.name}: {len(left) - number} periods are left; run the same command again to go on")
            break
    return tuple(answers)


def _checkpoint(case: Case, found: Proposal) -> Change:
    """Return the change that records what one window brought, and shows nothing yet.

    What people did is left for the publication to record: only there it is answered.
    """
    state = case.snapshot.state
    out = {paper.id for paper in found.left_out} | {paper.candidate.paper.id for paper in state.open}
    waiting = {c.paper.id: c for c in (*state.backlog, *found.candidates) if c.paper.id not in out}
    proven = ledger.advance(settle(case).state.coverage, found.query, found.answers, case.now)
    return Change(
        list=case.settings.name,
        file=case.settings.file,
        cycle=case.snapshot.cycle,
        state=replace(state, backlog=tuple(waiting.values()), coverage=proven),
    )
