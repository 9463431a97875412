"""Whole runs of one list, by the same path that the shell, `serve` and the workflow take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import backfill, pipeline
from bot.config import Config, ListConfig
from bot.errors import Failure, PublishError
from bot.forges.base import Forge
from bot.model import Window
from bot.pipeline import Job, Outcome
from bot.pullrequest.case import Case
from bot.pullrequest.proposal import Proposal
from bot.sources.base import FetchById, Source


def job(
    settings: Config, forge: Forge, now: datetime, *, task: ListConfig | None = None,
    windows: Sequence[Window] = (), dry: bool = False,
) -> Job:  # fmt: skip
    """Return the job for one list, the configuration's first unless another is named."""
    return Job(settings, (task or settings.lists[0],), lambda _: forge, now, windows, dry)


def run_list(job: Job, source: Source) -> Outcome:
    """Run on the one list of a job; raise its failure."""
    return _only(pipeline.run(job, source))


def review_list(job: Job, fetch: FetchById) -> Outcome:
    """Review the one list of a job; raise its failure."""
    return _only(pipeline.review(job, fetch))


def backfill_list(job: Job, source: Source) -> Outcome:
    """Go through the windows of the one list of a job; raise its failure."""
    return _only(backfill.backfill(job, source))


def begun(job: Job, source: Source) -> tuple[Case, Proposal]:
    """Return the case of the one list of a job and its proposal, so that others may act before it is published."""
    case = job.read(job.lists[0])
    return case, pipeline.find_one(case, source, job.windows)


def publish_list(job: Job, proposal: Proposal) -> Outcome:
    """Publish a proposal for the one list of a job; raise its failure."""
    return _only(pipeline.publish(job, [proposal]))


def _only(done: tuple[list[Outcome], list[Failure]]) -> Outcome:
    outcomes, failures = done
    for failure in failures:
        raise RuntimeError(failure.error) if failure.bug else PublishError(failure.error)
    (outcome,) = outcomes
    return outcome
