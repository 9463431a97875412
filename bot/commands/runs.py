"""The commands that find papers and propose them, and what follows: run, its halves discover and publish, review."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from bot import console
from bot.commands import setting
from bot.commands.results import each, exit_code, summarise_failures, tell, tell_unknown, write_report
from bot.errors import Failure, PublishError, reason

if TYPE_CHECKING:
    from bot.config import Config, ListConfig
    from bot.model import Paper, Window
    from bot.proposal import Proposal
    from bot.publish import Publisher
    from bot.review import Snapshot
    from bot.run import Outcome
    from bot.sources import Source


def run(options: argparse.Namespace) -> int:
    """Do the whole job for every list, or the one named."""
    from bot.backfill import backfill

    setting.check_targets(options.report)
    config, tasks = setting.lists(options.config, options.list, options.max_open)
    now = setting.now(options)
    windows = setting.windows(options, now)
    dry = options.dry_run or options.place == "none"
    publisher = setting.publishers(options, config, dry=dry)
    source = setting.source(options, config, tasks, now)

    def history(task: ListConfig) -> Outcome:
        with console.working(f"{task.name}: asking {source.name} for papers"):
            return backfill(config, task, source, publisher(task), now, windows)

    if len(windows) > 1 and not dry:
        outcomes, failures = each({task.name: task for task in tasks}, history)
    else:
        outcomes, failures = together(config, tasks, source, publisher, now, windows, dry=dry)
    tell(options, config, outcomes, failures)
    return exit_code([o.proposal for o in outcomes], failures)


def together(
    config: Config, tasks: Sequence[ListConfig], source: Source, publisher: Callable[[ListConfig], Publisher],
    now: datetime, windows: Sequence[Window] = (), *, dry: bool = False,
) -> tuple[list[Outcome], list[Failure]]:  # fmt: skip
    """Do the whole job for some lists; what they want looked up is asked for at once."""
    from bot import run as story

    by_name = {task.name: task for task in tasks}
    begun: dict[str, tuple[Publisher, Snapshot]] = {}

    def begin(task: ListConfig) -> Proposal:
        with console.working(f"{task.name}: asking {source.name} for papers"):
            place = publisher(task)
            snapshot = place.current(task.name, task.file)
            begun[task.name] = place, snapshot
            return story.discover(config, task, snapshot, source, now, windows)

    def finish(found: Proposal) -> Outcome:
        place, snapshot = begun[found.list]
        with console.working(f"{found.list}: publishing"):
            return story.publish(config, by_name[found.list], snapshot, found, None if dry else place, now)

    proposals, failures = each(by_name, begin)
    outcomes, more = each({found.list: found for found in looked_up(proposals, source)}, finish)
    return outcomes, failures + more


def looked_up(proposals: Sequence[Proposal], source: Source) -> list[Proposal]:
    """Return proposals with what was looked up of the papers they want: one request, shared in turns."""
    from bot import run as story

    turns = zip_longest(*(proposal.wanted for proposal in proposals))
    papers = source.recheck([i for turn in turns for i in dict.fromkeys(turn) if i])
    return [story.completed(proposal, papers) for proposal in proposals]


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
    publisher = setting.publishers(options, config, dry=True)
    source = setting.source(options, config, tasks, now)

    if len(windows) > 1:
        console.note(
            f"discover asks {len(windows)} periods in one go and records none: if it is stopped, run the same command "
            "again today, and arXiv is asked only for what it did not answer; `run` with the same dates records each "
            "period and goes on from there on any day"
        )

    def one(task: ListConfig) -> Proposal:
        with console.working(f"{task.name}: asking {source.name} for papers"):
            return story.discover(config, task, publisher(task).current(task.name, task.file), source, now, windows)

    found, failures = each({task.name: task for task in tasks}, one)
    proposals = looked_up(found, source)
    write_atomically(options.out, proposal.dumps(tuple(proposals)).encode())
    report = discover_report(proposals, failures)
    write_report(options, report)
    summarise_failures(failures)
    if options.json:
        console.document(report)
    else:
        for one_list in proposals:
            tell_unknown(one_list)
            console.say(f"{one_list.list}: {len(one_list.candidates)} candidates, written to {options.out}")
    return exit_code(proposals, failures)


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
        raise PublishError(f"{options.proposal} cannot be read: {reason(error)}") from None
    proposals = proposal.loads(text, str(options.proposal))
    for found in proposals:
        config.list_named(found.list)
    by_name = {task.name: task for task in tasks}
    if options.list and options.list not in {found.list for found in proposals}:
        held = ", ".join(found.list for found in proposals) or "nothing at all"
        raise PublishError(f"{options.proposal} holds nothing for {options.list}, but for: {held}; run discover for it")
    publisher = setting.publishers(options, config, dry=options.place == "none")

    def one(found: Proposal) -> Outcome:
        task = by_name[found.list]
        if found.query != coverage.digest(task.query()):
            raise PublishError(f"{task.name}: the configuration changed since discover; run discover again")
        with console.working(f"{task.name}: publishing"):
            place = publisher(task)
            return story.publish(config, task, place.current(task.name, task.file), found, place, now)

    outcomes, failures = each({p.list: p for p in proposals if p.list in by_name}, one)
    _, overdue = each({o.proposal.list: o for o in outcomes}, lambda o: _check_gaps(o, now, options.max_gap_days))
    failures += overdue
    tell(options, config, outcomes, failures)
    return exit_code([o.proposal for o in outcomes], failures)


def review(options: argparse.Namespace) -> int:
    """Do what people asked for in the open pull requests of every list, or of the one named."""
    setting.check_targets(options.report)
    config, tasks = setting.lists(options.config, options.list)
    dry = options.place == "none"
    publisher = setting.publishers(options, config, dry=dry)

    def one(task: ListConfig) -> Outcome | None:
        with console.working(f"{task.name}: looking at what people did"):
            return reviewed(config, task, publisher(task), setting.now(options), pull=options.pull, dry=dry)

    found, failures = each({task.name: task for task in tasks}, one)
    outcomes = [outcome for outcome in found if outcome]
    tell(options, config, outcomes, failures)
    return exit_code([o.proposal for o in outcomes], failures)


def reviewed(
    config: Config, task: ListConfig, publisher: Publisher, now: datetime, *, pull: int | None = None,
    dry: bool = False,
) -> Outcome | None:  # fmt: skip
    """Do what people asked for of one list; nothing when another pull request than `pull` is open for it."""
    from bot import run as story

    def lookup(ids: Sequence[str]) -> Sequence[Paper]:
        return setting.api(config.contact, config.time_budget_s).lookup(ids).papers

    snapshot = publisher.current(task.name, task.file)
    if pull and snapshot.pull and snapshot.pull.number != pull:
        console.note(f"{task.name}: passed over: open is {snapshot.pull.where}, not pull request {pull}")
        return None
    return story.review(config, task, snapshot, lookup, None if dry else publisher, now)


def _check_gaps(outcome: Outcome, now: datetime, most_days: int | None) -> None:
    """Fail when part of a list's coverage has been missing for too long."""
    from bot import coverage
    from bot.unknown import sentence

    if most_days is None:
        return
    for gap in coverage.open_gaps(outcome.change.state.coverage, outcome.proposal.query):
        if now - gap.noticed > timedelta(days=most_days):
            raise PublishError(
                f"{outcome.proposal.list}: papers from {gap.since:%Y-%m-%d} on are unknown since "
                f"{gap.noticed:%Y-%m-%d} ({sentence(gap.why)}); what was found is published; see whether arXiv answers"
            )
