"""`run`: find new papers and propose them."""

from __future__ import annotations

import argparse

from bot import backfill, pipeline
from bot.cli import console, context
from bot.cli.output import report_outcomes


def main(options: argparse.Namespace) -> int:
    """Run the whole job for every list, or the one named."""
    context.check_targets(options.report)
    job = context.job(options, dry=options.dry_run or options.place == "none")
    source = context.source(options, job.config, job.lists, job.now)
    do = backfill.backfill if len(job.windows) > 1 and not job.dry else pipeline.run
    with console.working():
        outcomes, failures = do(job, source)
    return report_outcomes(options, job.config, outcomes, failures)
