"""`discover`: the half of `run` that only reads."""

from __future__ import annotations

import argparse

from bot import pipeline
from bot.cli import console, context
from bot.cli.output import report_found
from bot.pullrequest.proposal import dump_proposals
from bot.state.files import write_atomically


def main(options: argparse.Namespace) -> int:
    """Find and judge papers and write the proposal."""
    context.check_targets(options.out, options.report)
    job = context.job(options, dry=True)
    source = context.source(options, job.config, job.lists, job.now)
    if len(job.windows) > 1:
        console.note(
            f"discover asks {len(job.windows)} periods in one go and records none: if it is stopped, run the same "
            "command again today, and arXiv is asked only for what it did not answer; `run` with the same dates "
            "records each period and can go on from there on any day"
        )
    with console.working():
        proposals, failures = pipeline.discover(job, source)
    write_atomically(options.out, dump_proposals(tuple(proposals)).encode())
    return report_found(options, proposals, failures)
