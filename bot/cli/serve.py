"""The commands that keep the job going: serve."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import console, context, status
from bot.cli.context import DONE, FAILED
from bot.cli.output import tell
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.config import Config, ListConfig
    from bot.forges.base import Forge
    from bot.serve.server import Work


def serve(options: argparse.Namespace) -> int:
    """Run every list on its schedule until a signal ends it; with `--check` only say whether that goes well."""
    config, tasks = context.lists(options.config, options.list)
    record = options.record or context.record(config)
    if options.check:
        return _check(record)
    if options.review_every < 0:
        raise UsageError("--review-every must not be negative; 0 means never")
    context.check_targets(record)
    from bot.serve.record import Record
    from bot.serve.server import Server, Stopped, Stopping

    run, review = works(options, config, tasks, Stopping().guarded)
    schedules = {task.name: task.schedule or config.schedule for task in tasks}

    def told(fared: Record) -> None:
        if config.status_issue and options.place in (None, "github"):
            status.refresh(config, fared, context.now(options))

    every = timedelta(minutes=options.review_every) if options.review_every else None
    with console.logged(as_json=options.json):
        try:
            Server(schedules, run, record, review, every, told).serve()
        except Stopped:
            console.note("arxiv-bot: stopped; nothing half-written is left behind")
    return DONE


def works(
    options: argparse.Namespace, config: Config, tasks: Sequence[ListConfig], guarded: Callable[[Forge], Forge]
) -> tuple[Work, Work]:
    """Return what a round does for lists by their names: run them, or look at what people did.

    Whichever lists are due, arXiv is asked what all of the configuration ask; `guarded` wraps where it is written.
    """
    from bot import pipeline
    from bot.pipeline import Job

    by_name = {task.name: task for task in tasks}
    quiet = argparse.Namespace(json=False, report=None)

    def job(names: Sequence[str]) -> Job:
        """Return what one round does; lists of one repository share what they record there."""
        place = context.forges(options, config, dry=False)
        due = [by_name[name] for name in names]
        return Job(config, due, lambda task: guarded(place(task)), context.now(options))

    def run(names: Sequence[str]) -> Mapping[str, str]:
        due = job(names)
        outcomes, failures = pipeline.run(due, context.source(options, config, config.lists, due.now))
        tell(quiet, config, outcomes, failures)
        return {failure.list: failure.error for failure in failures}

    def review(names: Sequence[str]) -> Mapping[str, str]:
        _, failures = pipeline.review(job(names), context.fetch_by_id(config))
        return {failure.list: failure.error for failure in failures}

    return run, review


def _check(path: Path) -> int:
    """Say what is wrong with the running process, if anything is."""
    from bot.serve.record import read

    record = read(path)
    now = datetime.now(UTC)
    for trouble in (troubles := record.troubles(now)):
        console.note(f"arxiv-bot: {trouble}")
    for name, entry in record.lists.items():
        succeeded = f"{entry.succeeded:%Y-%m-%d %H:%M} UTC" if entry.succeeded else "never"
        failed = f"; failed {entry.failures} in a row, last: {entry.error}" if entry.failures else ""
        console.say(f"{name}: last success {succeeded}{failed}")
    return FAILED if troubles else DONE
