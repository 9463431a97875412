"""`serve`: run the lists on their schedules until stopped."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import pipeline
from bot.cli import console, context, status
from bot.cli.exits import DONE, FAILED
from bot.cli.output import report_outcomes
from bot.config import Config, ListConfig
from bot.errors import UsageError
from bot.forges.base import Forge
from bot.pipeline import Job
from bot.serve.record import ServeRecord, read_record
from bot.serve.server import Duties, Server, Stopped, Stopping, Work


def main(options: argparse.Namespace) -> int:
    """Run every list on its schedule until a signal ends it; with `--check` only report how that goes."""
    config, lists = context.lists(options.config, options.list)
    record = context.record(config)
    if options.check:
        return _check(record)
    if options.review_every < 0:
        raise UsageError("--review-every must not be negative; 0 means never")
    context.check_targets(record)
    run, review = works(options, config, lists, Stopping().guarded)
    schedules = {one.name: one.schedule or config.schedule for one in lists}

    def told(fared: ServeRecord) -> None:
        if config.status_issue and options.place in (None, "github"):
            status.refresh(config, fared, context.now(options))

    every = timedelta(minutes=options.review_every) if options.review_every else None
    with console.logged(as_json=options.json):
        try:
            Server(schedules, Duties(run, review, every, told), record).serve()
        except Stopped:
            console.note("arxiv-bot: stopped; nothing half-written is left behind")
    return DONE


def works(
    options: argparse.Namespace, config: Config, lists: Sequence[ListConfig], guarded: Callable[[Forge], Forge]
) -> tuple[Work, Work]:
    """Return what a round does for lists by their names: run them, or look at what people did.

    Whichever lists are due, arXiv is asked for what all lists of the configuration ask; `guarded` wraps the forges.
    """
    by_name = {one.name: one for one in lists}
    quiet = argparse.Namespace(json=False, report=None)

    def job(names: Sequence[str]) -> Job:
        """Return what one round does; lists of one repository share what they record there."""
        forge_of = context.forges(options, config, dry=False)
        due = [by_name[name] for name in names]
        return Job(config, due, lambda settings: guarded(forge_of(settings)), context.now(options))

    def run(names: Sequence[str]) -> Mapping[str, str]:
        due = job(names)
        outcomes, failures = pipeline.run(due, context.source(options, config, config.lists, due.now))
        report_outcomes(quiet, config, outcomes, failures)
        return {failure.list: failure.error for failure in failures}

    def review(names: Sequence[str]) -> Mapping[str, str]:
        _, failures = pipeline.review(job(names), context.fetch_by_id(config))
        return {failure.list: failure.error for failure in failures}

    return run, review


def _check(path: Path) -> int:
    """Print what is wrong with the running process, if anything is, and how each list fared."""
    record = read_record(path)
    troubles = record.troubles(datetime.now(UTC))
    for trouble in troubles:
        console.note(f"arxiv-bot: {trouble}")
    for name, entry in record.lists.items():
        succeeded = f"{entry.succeeded:%Y-%m-%d %H:%M} UTC" if entry.succeeded else "never"
        failed = f"; failed {entry.failures} in a row, last: {entry.error}" if entry.failures else ""
        console.say(f"{name}: last success {succeeded}{failed}")
    return FAILED if troubles else DONE
