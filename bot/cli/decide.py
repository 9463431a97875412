"""The command that says by hand what a comment would: decide."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cli import console, context
from bot.cli.context import DONE, FAILED
from bot.errors import PublishError, UsageError

if TYPE_CHECKING:
    from bot.config import ListConfig
    from bot.pipeline import Job
    from bot.pullrequest.commands import Command

BY_HAND = 0
"""The number of the comment that was never written."""


def decide(options: argparse.Namespace) -> int:
    """Decide on a paper as a comment on its pull request would; nothing is asked of arXiv."""
    from bot import pipeline
    from bot.cli.report import decide_report
    from bot.pullrequest.snapshot import Comment

    words = " ".join(" ".join((options.action, options.paper, *options.words)).split())
    command = _command(words)
    job = context.job(options, dry=options.place == "none")
    task = _concerned(job, command.ids[0])
    case = job.read(task)
    said = Comment(BY_HAND, BY_HAND, "", "", f"/arxiv-bot {words}", job.now)
    # What others said may need arXiv: the next run hears it.
    case = replace(case, snapshot=replace(case.snapshot, comments=(said,)))
    outcome = pipeline.reviewed(job, case, lambda _: ())
    [answer] = outcome.results[BY_HAND]
    if options.json:
        console.document(decide_report(outcome, command.ids[0], answer))
    elif answer.done:
        console.say(f"{task.name}: {answer.answer}{' (dry run: nothing was written)' if job.dry else ''}")
    if not answer.done:
        console.note(f"arxiv-bot: {task.name}: {answer.answer}")
    return DONE if answer.done else FAILED


def _command(words: str) -> Command:
    """Return what is asked for; raises `UsageError` with what is wrong with it."""
    from bot.pullrequest.commands import CommandError, parse_command

    try:
        command = parse_command(words)
    except CommandError as error:
        raise UsageError(str(error)) from None
    if len(command.ids) != 1:
        raise UsageError(f"decide on one paper at a time, not on {', '.join(command.ids)}")
    return command


def _concerned(job: Job, paper: str) -> ListConfig:
    """Return the one list that knows a paper, or the only one there is."""
    if len(job.lists) == 1:
        return job.lists[0]
    knowing = [task for task in job.lists if job.forge(task).read(task).state.knows(paper)]
    if len(knowing) == 1:
        return knowing[0]
    names = ", ".join(task.name for task in knowing or job.lists)
    many = "several lists know" if knowing else "no list knows"
    raise PublishError(f"{many} {paper}; say which one is meant with --list: {names}")
