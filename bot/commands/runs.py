"""The commands that find papers and propose them, and what follows: run, its halves discover and publish, review."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot import console
from bot.commands import setting
from bot.commands.setting import DONE, FAILED, INCOMPLETE
from bot.errors import BotError, PublishError

if TYPE_CHECKING:
    from bot.config import Config, ListConfig
    from bot.model import Answer, Paper
    from bot.proposal import Proposal
    from bot.run import Outcome

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def run(options: argparse.Namespace) -> int:
    """Do the whole job for every list, or the one named."""
    from bot import run as story
    from bot.backfill import backfill

    setting.check_targets(options.report)
    config, tasks = setting.lists(options.config, options.list, options.max_open)
    now = setting.now(options)
    windows = setting.windows(options, now)
    dry = options.dry_run or options.place == "none"
    publisher = setting.publisher(options, config, dry=dry)
    source = setting.source(options, config, now)

    def one(task: ListConfig) -> Outcome:
        with console.working(f"{task.name}: asking {source.name} for papers"):
            if len(windows) > 1 and not dry:
                return backfill(config, task, source, publisher, now, windows)
            return story.run(config, task, source, publisher, now, windows, dry=dry)

    outcomes, errors = _each(tasks, one)
    _tell(options, config, outcomes, errors)
    return _exit_code([o.proposal for o in outcomes], errors)


def discover(options: argparse.Namespace) -> int:
    """Find and judge papers and write the proposal."""
    from bot import proposal
    from bot import run as story
    from bot.report import discover_report
    from bot.store import write_atomically

    setting.check_targets(options.out, options.report)
    config, tasks = setting.lists(options.config, options.list)
    now = setting.now(options)
    windows = setting.windows(options, now)
    publisher = setting.publisher(options, config, dry=True)
    source = setting.source(options, config, now)

    if len(windows) > 1:
        console.note(
            f"discover asks {len(windows)} periods in one go and records none: if it is stopped, run the same command "
            "again today, and arXiv is asked only for what it did not answer; `run` with the same dates records each "
            "period and goes on from there on any day"
        )

    def one(task: ListConfig) -> Proposal:
        with console.working(f"{task.name}: asking {source.name} for papers"):
            return story.discover(config, task, publisher.current(task.name, task.file), source, now, windows)

    proposals, errors = _each(tasks, one)
    write_atomically(options.out, proposal.dumps(tuple(proposals)).encode())
    report = discover_report(proposals, errors)
    _write_report(options, report)
    if options.json:
        console.document(report)
    else:
        for found in proposals:
            tell_unknown(found)
            console.say(f"{found.list}: {len(found.candidates)} candidates, written to {options.out}")
    return _exit_code(proposals, errors)


def publish(options: argparse.Namespace) -> int:
    """Publish a proposal that discover wrote."""
    from bot import coverage, proposal
    from bot import run as story

    setting.check_targets(options.report)
    config, tasks = setting.lists(options.config, options.list, options.max_open)
    now = setting.now(options)
    try:
        text = options.proposal.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise PublishError(f"{options.proposal} cannot be read: {error}") from None
    proposals = proposal.loads(text, str(options.proposal))
    for found in proposals:
        config.list_named(found.list)
    by_name = {task.name: task for task in tasks}
    if options.list and options.list not in {found.list for found in proposals}:
        held = ", ".join(found.list for found in proposals) or "nothing at all"
        raise PublishError(f"{options.proposal} holds nothing for {options.list}, but for: {held}; run discover for it")
    publisher = setting.publisher(options, config, dry=options.place == "none")

    def one(found: Proposal) -> Outcome:
        task = by_name[found.list]
        if found.query != coverage.digest(task.query()):
            raise PublishError(f"{task.name}: the configuration changed since discover; run discover again")
        with console.working(f"{task.name}: publishing"):
            return story.publish(config, task, publisher.current(task.name, task.file), found, publisher, now)

    outcomes, errors = _each([p for p in proposals if p.list in by_name], one)
    _tell(options, config, outcomes, errors)
    for outcome in outcomes:
        _check_gaps(outcome, now, options.max_gap_days)
    return _exit_code([o.proposal for o in outcomes], errors)


def review(options: argparse.Namespace) -> int:
    """Do what people asked for in the open pull requests of every list, or of the one named."""
    from bot import run as story

    setting.check_targets(options.report)
    config, tasks = setting.lists(options.config, options.list)
    dry = options.place == "none"
    publisher = setting.publisher(options, config, dry=dry)

    def lookup(ids: Sequence[str]) -> Sequence[Paper]:
        return setting.api(config.contact, config.time_budget_s).lookup(ids).papers

    def one(task: ListConfig) -> Outcome | None:
        with console.working(f"{task.name}: looking at what people did"):
            snapshot = publisher.current(task.name, task.file)
            if options.pull and snapshot.pull and snapshot.pull.number != options.pull:
                return None
            return story.review(config, task, snapshot, lookup, None if dry else publisher, setting.now(options))

    found, errors = _each(tasks, one)
    outcomes = [outcome for outcome in found if outcome]
    _tell(options, config, outcomes, errors)
    return _exit_code([o.proposal for o in outcomes], errors)


def _check_gaps(outcome: Outcome, now: datetime, most_days: int | None) -> None:
    """Fail when part of a list's coverage has been missing for too long."""
    from bot import coverage

    if most_days is None:
        return
    for gap in coverage.open_gaps(outcome.change.state.coverage, outcome.proposal.query):
        if now - gap.noticed > timedelta(days=most_days):
            raise PublishError(
                f"{outcome.proposal.list}: papers from {gap.since:%Y-%m-%d} on are unknown since "
                f"{gap.noticed:%Y-%m-%d} ({gap.why}); what was found is published; see whether arXiv can be reached"
            )


def _each(tasks: Sequence[_Task], do: Callable[[_Task], _Result]) -> tuple[list[_Result], list[str]]:
    """Do something for each list; one that fails does not stop the others."""
    results: list[_Result] = []
    errors: list[str] = []
    for task in tasks:
        try:
            results.append(do(task))
        except BotError as error:
            errors.append(str(error))
            console.note(f"arxiv-bot: {error}")
    return results, errors


def _exit_code(proposals: Sequence[Proposal], errors: Sequence[str]) -> int:
    return FAILED if errors else DONE if all(p.answered for p in proposals) else INCOMPLETE


def _tell(options: argparse.Namespace, config: Config, outcomes: Sequence[Outcome], errors: Sequence[str]) -> None:
    """Print what happened, write the report, and add to the step summary of a workflow."""
    from bot.publish import message
    from bot.report import run_report

    report = run_report(outcomes, errors)
    _write_report(options, report)
    for outcome in outcomes:
        task = config.list_named(outcome.proposal.list)
        where = outcome.publication.where if outcome.publication else "dry run: nothing was written"
        _summarise(message.summary(task, outcome.board, outcome.proposal, where))
        if not options.json:
            _print_outcome(outcome, task, where, dry=getattr(options, "dry_run", False))
    if options.json:
        console.document(report)


def _print_outcome(outcome: Outcome, task: ListConfig, where: str, *, dry: bool) -> None:
    board, proposal = outcome.board, outcome.proposal
    if dry:
        console.say(setting.diff(outcome.removal.before, outcome.edit.after, task.file))
        if outcome.change.text:
            console.say(f"# {outcome.change.title}\n\n{outcome.change.text}")
    answers = (*proposal.answers, *proposal.swept)
    by_source = {a.source: sum(b.received for b in answers if b.source == a.source) for a in answers}
    received = ", ".join(f"{count} papers from {source}" for source, count in by_source.items())
    console.say(
        f"{task.name}: {received or 'nothing'} received, {len(proposal.duplicates)} known already, "
        f"{len(board.proposed)} proposed ({len(board.new)} new), {len(board.near_misses)} near misses, "
        f"{len(board.backlog)} waiting, {proposal.irrelevant} not relevant"
    )
    console.say(f"{task.name}: {where}")
    tell_unknown(proposal)
    for notice in outcome.change.state.notices:
        console.say(f"{task.name}: {notice.id} is {notice.kind}: {notice.now or notice.before}")


def tell_unknown(proposal: Proposal) -> None:
    """Print what is not known, and why."""
    for doubt in proposal.doubts:
        console.note(f"{proposal.list}: {doubt}")
    for answer in (*proposal.answers, *proposal.swept):
        if answer.unknown:
            console.note(f"{proposal.list}: {_asked(answer)}: {answer.unknown}")
    if proposal.feeds_alone:
        console.note(f"{proposal.list}: the feed alone cannot tell whether papers are missing; the source api can")


def _asked(answer: Answer) -> str:
    """Name what an answer is of."""
    if answer.source == "rss":
        return f"the feed of {answer.window.since:%Y-%m-%d}"
    return f"{answer.window.since:%Y-%m-%d} to {answer.window.until:%Y-%m-%d}"


def _summarise(markdown: str) -> None:
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as summary:
                summary.write(markdown)
        except OSError as error:  # everything is published by now
            console.note(f"arxiv-bot: the step summary {path} cannot be written: {error.strerror}")


def _write_report(options: argparse.Namespace, report: object) -> None:
    from bot.store import write_atomically

    if options.report:
        write_atomically(options.report, (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode())
