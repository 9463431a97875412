"""The commands that find papers and propose them, and what follows: run, its halves discover and publish, review."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli import console, context
from bot.cli.output import exit_code, tell, tell_found
from bot.errors import PublishError, each, reason

if TYPE_CHECKING:
    from bot.pipeline import Job, Outcome
    from bot.pullrequest.proposal import Proposal


def run(options: argparse.Namespace) -> int:
    """Do the whole job for every list, or the one named."""
    from bot import backfill, pipeline

    context.check_targets(options.report)
    job = context.job(options, dry=options.dry_run or options.place == "none")
    source = context.source(options, job.config, job.lists, job.now)
    do = backfill.backfill if len(job.windows) > 1 and not job.dry else pipeline.run
    with console.working():
        outcomes, failures = do(job, source)
    tell(options, job.config, outcomes, failures)
    return exit_code([o.proposal for o in outcomes], failures)


def discover(options: argparse.Namespace) -> int:
    """Find and judge papers and write the proposal."""
    from bot import pipeline
    from bot.pullrequest.proposal import dump_proposals
    from bot.state.files import write_atomically

    context.check_targets(options.out, options.report)
    job = context.job(options, dry=True)
    source = context.source(options, job.config, job.lists, job.now)
    if len(job.windows) > 1:
        console.note(
            f"discover asks {len(job.windows)} periods in one go and records none: if it is stopped, run the same "
            "command again today, and arXiv is asked only for what it did not answer; `run` with the same dates "
            "records each period and goes on from there on any day"
        )
    with console.working():
        proposals, failures = pipeline.discover(job, source)
    write_atomically(options.out, dump_proposals(tuple(proposals)).encode())
    tell_found(options, proposals, failures)
    return exit_code(proposals, failures)


def publish(options: argparse.Namespace) -> int:
    """Publish a proposal that discover wrote."""
    from bot import pipeline

    context.check_targets(options.report)
    job = context.job(options, dry=options.place == "none")
    proposals = _proposals(options, job)
    with console.working():
        outcomes, failures = pipeline.publish(job, proposals)
    by_name = {o.proposal.list: o for o in outcomes}
    _, overdue = each(by_name, lambda o: _check_gaps(o, job.now, options.max_gap_days))
    failures += overdue
    tell(options, job.config, outcomes, failures)
    return exit_code([o.proposal for o in outcomes], failures)


def _proposals(options: argparse.Namespace, job: Job) -> tuple[Proposal, ...]:
    """Return the proposals of the file that is named; raises `PublishError` when it is for other lists."""
    from bot.pullrequest.proposal import load_proposals

    try:
        text = options.proposal.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise PublishError(f"{options.proposal} cannot be read: {reason(error)}") from None
    proposals = load_proposals(text, str(options.proposal))
    for found in proposals:
        job.config.list_named(found.list)
    if options.list and options.list not in {found.list for found in proposals}:
        held = ", ".join(found.list for found in proposals) or "nothing at all"
        raise PublishError(f"{options.proposal} holds nothing for {options.list}, but for: {held}; run discover for it")
    return proposals


def review(options: argparse.Namespace) -> int:
    """Do what people asked for in the open pull requests of every list, or of the one named."""
    from bot import pipeline

    context.check_targets(options.report)
    job = context.job(options, dry=options.place == "none")
    fetch = context.fetch_by_id(job.config)
    with console.working():
        outcomes, failures = pipeline.review(job, fetch, options.pull)
    tell(options, job.config, outcomes, failures)
    return exit_code([o.proposal for o in outcomes], failures)


def _check_gaps(outcome: Outcome, now: datetime, most_days: int | None) -> None:
    """Fail when part of a list's coverage has been missing for too long."""
    from bot.coverage import ledger
    from bot.coverage.sentences import sentence

    if most_days is None:
        return
    for gap in ledger.open_gaps(outcome.change.state.coverage, outcome.proposal.query):
        if now - gap.noticed > timedelta(days=most_days):
            raise PublishError(
                f"{outcome.proposal.list}: papers from {gap.since:%Y-%m-%d} on are unknown since "
                f"{gap.noticed:%Y-%m-%d} ({sentence(gap.why)}); what was found is published; see whether arXiv answers"
            )
