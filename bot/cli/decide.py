"""`decide`: decide on a paper as a comment would."""

from __future__ import annotations

import argparse
from dataclasses import replace

from bot import pipeline
from bot.cli import console, context
from bot.cli.exits import DONE, FAILED
from bot.cli.report import decide_report
from bot.config import ListConfig
from bot.errors import PublishError, UsageError
from bot.pipeline import Job
from bot.pullrequest.commands import Command, CommandError, parse_command
from bot.pullrequest.snapshot import Comment

BY_HAND = 0
"""Id of the comment that stands for the command line."""


def main(options: argparse.Namespace) -> int:
    """Decide on a paper as a comment on its pull request would; arXiv is not asked."""
    words = " ".join(" ".join((options.action, options.paper, *options.words)).split())
    paper = _command(words).ids[0]
    job = context.job(options, dry=options.place == "none")
    settings = _list_of(job, paper)
    case = job.read(settings)
    comment = Comment(BY_HAND, BY_HAND, "by hand", "", f"/arxiv-bot {words}", job.now)
    # Comments of others may need arXiv: they wait for the next run.
    case = replace(case, snapshot=replace(case.snapshot, comments=(comment,)))
    outcome = pipeline.review_one(job, case, lambda _: ())
    [answer] = outcome.results[BY_HAND]
    if options.json:
        console.document(decide_report(outcome, paper, answer))
    elif answer.done:
        console.say(f"{settings.name}: {answer.answer}{' (dry run: nothing was written)' if job.dry else ''}")
    if not answer.done:
        console.note(f"arxiv-bot: {settings.name}: {answer.answer}")
    return DONE if answer.done else FAILED


def _command(words: str) -> Command:
    """Return the command for one paper; raise `UsageError` with what is wrong with it."""
    try:
        command = parse_command(words)
    except CommandError as error:
        raise UsageError(str(error)) from None
    if len(command.ids) != 1:
        raise UsageError(f"decide on one paper at a time, not on {', '.join(command.ids)}")
    return command


def _list_of(job: Job, paper: str) -> ListConfig:
    """Return the one list that knows a paper, or the only one there is."""
    if len(job.lists) == 1:
        return job.lists[0]
    knowing = [one for one in job.lists if job.forge(one).read(one).state.knows(paper)]
    if len(knowing) == 1:
        return knowing[0]
    names = ", ".join(one.name for one in knowing or job.lists)
    many = "several lists know" if knowing else "no list knows"
    raise PublishError(f"{many} {paper}; name the list with --list: {names}")
