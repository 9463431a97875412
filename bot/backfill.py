"""History, month by month: each is recorded before the next one is asked, so a run can be stopped at any time.

What is found waits in the backlog until the end, when the best of all months are proposed. Months that are proven
already are not asked again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot import discovery, pipeline
from bot.config import ListConfig
from bot.coverage import ledger
from bot.errors import Failure, each
from bot.model import Answer, Window
from bot.pipeline import Job, Outcome
from bot.pullrequest.case import Case
from bot.pullrequest.change import Change
from bot.pullrequest.proposal import Proposal, all_known
from bot.pullrequest.settle import settle
from bot.sources.base import Source

_log = logging.getLogger(__name__)

FAILURES = 2
"""Months without any answer in a row after which the rest is left to the next run."""


def backfill(job: Job, source: Source) -> tuple[list[Outcome], list[Failure]]:
    """Ask for each window of the job that is not proven yet, one at a time, and propose the best of all that was found.

    It stops when the source does not answer any more; the same call goes on from there.
    """

    def one(settings: ListConfig) -> Outcome:
        query = ledger.digest(settings.query())
        left = ledger.unproven(job.windows, settle(job.read(settings)).state.coverage, query)
        answers = _asked(job, settings, source, left)
        proposal = Proposal(settings.name, job.now, query, answers=answers, candidates=(), by_hand=True)
        return pipeline.publish_one(job, job.read(settings), proposal)

    return each(job.by_name, one, f"asking {source.name} for papers")


def _asked(job: Job, settings: ListConfig, source: Source, left: Sequence[Window]) -> tuple[Answer, ...]:
    """Record what each window brings before the next is asked; return the answers."""
    _log.info(f"{len(left)} periods to ask, {len(job.windows)} in all; stop it at any time, it goes on from there")
    answers: list[Answer] = []
    failures = 0
    for number, window in enumerate(left, 1):
        case = job.read(settings)
        new, change = _month(case, source, window)
        job.forge(settings).write(case.snapshot, change)
        answers += new
        _log.info(f"{number} of {len(left)} periods: {len(change.state.backlog)} papers wait")
        failures = 0 if all_known(new) or any(answer.received for answer in new) else failures + 1
        if failures == FAILURES:
            _log.warning(f"{settings.name}: {len(left) - number} periods are left; run the same command again to go on")
            break
    return tuple(answers)


def _month(case: Case, source: Source, window: Window) -> tuple[tuple[Answer, ...], Change]:
    """Return the answers for one window, and the change that records them and shows nothing yet.

    Papers that wait already are not judged again. What people did is left for the publication at the end to record:
    only there it is answered.
    """
    state, before = settle(case).state, case.snapshot.state
    received = discovery.ask(case, state, source, (window,))
    unknown, _ = discovery.sift(case, state, received.papers)
    waiting = {c.id for c in state.backlog}
    judged = discovery.judge(case, state, [p for p in unknown if p.id not in waiting])
    out = {paper.id for paper in judged.left_out} | {paper.id for paper in before.open}
    backlog = {c.id: c for c in (*before.backlog, *judged.candidates) if c.id not in out}
    query = ledger.digest(case.settings.query())
    coverage = ledger.record_answers(state.coverage, query, received.answers, case.now)
    after = replace(before, backlog=tuple(backlog.values()), coverage=coverage)
    return received.answers, Change(case.settings.name, case.settings.file, case.snapshot.cycle, after)
