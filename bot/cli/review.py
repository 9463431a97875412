"""`review`: reconcile the open pull requests with what people did."""

from __future__ import annotations

import argparse

from bot import pipeline
from bot.cli import console, context
from bot.cli.output import report_outcomes


def main(options: argparse.Namespace) -> int:
    """Carry out what people asked for in the open pull request of every list, or of the one named."""
    context.check_targets(options.report)
    job = context.job(options, dry=options.place == "none")
    fetch = context.fetch_by_id(job.config)
    with console.working("reviewing"):
        outcomes, failures = pipeline.review(job, fetch, options.pull)
    return report_outcomes(options, job.config, outcomes, failures)
