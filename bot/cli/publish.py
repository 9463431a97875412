"""`publish`: the half of `run` that writes."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta

from bot import pipeline
from bot.cli import console, context
from bot.cli.output import report_outcomes
from bot.coverage import ledger
from bot.coverage.sentences import sentence
from bot.errors import PublishError, each, reason
from bot.pipeline import Job, Outcome
from bot.pullrequest.proposal import Proposal, load_proposals


def main(options: argparse.Namespace) -> int:
    """Publish a proposal that discover wrote."""
    context.check_targets(options.report)
    job = context.job(options, dry=options.place == "none")
    proposals = _proposals(options, job)
    with console.working():
        outcomes, failures = pipeline.publish(job, proposals)
    if options.max_gap_days is not None:
        most = timedelta(days=options.max_gap_days)
        _, overdue = each({o.proposal.list: o for o in outcomes}, lambda o: _check_gaps(o, job.now, most))
        failures += overdue
    return report_outcomes(options, job.config, outcomes, failures)


def _proposals(options: argparse.Namespace, job: Job) -> tuple[Proposal, ...]:
    """Return the proposals of the file that is named; raise `PublishError` when it is for other lists."""
    try:
        text = options.proposal.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise PublishError(f"{options.proposal} cannot be read: {reason(error)}") from None
    proposals = load_proposals(text, str(options.proposal))
    for found in proposals:
        job.config.list_named(found.list)
    if options.list and options.list not in {found.list for found in proposals}:
        held = ", ".join(found.list for found in proposals) or "no list"
        raise PublishError(f"{options.proposal} holds nothing for {options.list}, but for: {held}; run discover for it")
    return proposals


def _check_gaps(outcome: Outcome, now: datetime, most: timedelta) -> None:
    """Raise `PublishError` when part of a list's coverage has been missing for too long."""
    for gap in ledger.open_gaps(outcome.change.state.coverage, outcome.proposal.query):
        if now - gap.noticed > most:
            raise PublishError(
                f"{outcome.proposal.list}: papers from {gap.since:%Y-%m-%d} on are unknown since "
                f"{gap.noticed:%Y-%m-%d} ({sentence(gap.why)}); what was found is published; check whether arXiv "
                "answers"
            )
