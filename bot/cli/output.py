"""What came of each list: done one after the other, told to people, to a report, and to the shell."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import console, context
from bot.cli.context import BUG, DONE, FAILED, INCOMPLETE
from bot.coverage.sentences import sentence
from bot.errors import Failure, reason

if TYPE_CHECKING:
    from bot.config import Config, ListConfig
    from bot.model import Answer
    from bot.pipeline import Outcome
    from bot.pullrequest.proposal import Proposal

AGAIN = "papers may be missing; what is unknown is asked again by the next run, and what came was judged all the same"


def exit_code(proposals: Sequence[Proposal], failures: Sequence[Failure]) -> int:
    """Return the exit status of the contract."""
    if any(failure.bug for failure in failures):
        return BUG
    return FAILED if failures else DONE if all(p.answered for p in proposals) else INCOMPLETE


def tell(options: argparse.Namespace, config: Config, outcomes: Sequence[Outcome], failures: Sequence[Failure]) -> None:
    """Print what happened, write the report, and add to the step summary of a workflow."""
    from bot.cli.report import run_report
    from bot.pullrequest.text.summary import summary

    report = run_report(outcomes, failures)
    write_report(options, report)
    for outcome in outcomes:
        task = config.list_named(outcome.proposal.list)
        where = outcome.publication.where if outcome.publication else "dry run: nothing was written"
        troubles = outcome.publication.troubles if outcome.publication else ()
        _summarise(summary(outcome.facts, where, troubles))
        for trouble in troubles:
            console.note(f"{task.name}: {trouble}")
        if not options.json:
            _print_outcome(outcome, task, where, dry=getattr(options, "dry_run", False))
    _summarise_failures(failures)
    if options.json:
        console.document(report)


def tell_found(options: argparse.Namespace, proposals: Sequence[Proposal], failures: Sequence[Failure]) -> None:
    """Print what `discover` found, write the report, and add failures to the step summary of a workflow."""
    from bot.cli.report import discover_report

    report = discover_report(proposals, failures)
    write_report(options, report)
    _summarise_failures(failures)
    if options.json:
        console.document(report)
        return
    for proposal in proposals:
        tell_unknown(proposal)
        console.say(f"{proposal.list}: {len(proposal.candidates)} candidates, written to {options.out}")


def _summarise_failures(failures: Sequence[Failure]) -> None:
    """Add to the step summary of a workflow which lists failed, and why."""
    from bot.pullrequest.text.summary import failed

    for failure in failures:
        _summarise(failed(failure))


def _print_outcome(outcome: Outcome, task: ListConfig, where: str, *, dry: bool) -> None:
    from bot.pullrequest.text.parts import room

    board, proposal = outcome.board, outcome.proposal
    if dry:
        console.say(context.diff(outcome.removal.before, outcome.edit.after, task.file))
        if outcome.change.text:
            console.say(f"# {outcome.change.title}\n\n{outcome.change.text}")
    answers = proposal.all_answers
    by_source = {a.source: sum(b.received for b in answers if b.source == a.source) for a in answers}
    received = ", ".join(f"{count} papers from {source}" for source, count in by_source.items())
    console.say(
        f"{task.name}: {received or 'nothing'} received, {len(proposal.duplicates)} known already, "
        f"{len(board.proposed)} proposed ({len(board.new)} new), {len(board.near_misses)} near misses, "
        f"{len(board.backlog)} waiting, {proposal.irrelevant} not relevant"
    )
    if any(candidate.verdict.relevance >= task.limits.near_miss_at for candidate in board.backlog):
        console.say(f"{task.name}: what waits is shown, best first, when there is room: {room(task)}")
    console.say(f"{task.name}: {where}")
    tell_unknown(proposal)
    for paper, pull in outcome.facts.elsewhere:
        console.say(f"{task.name}: {paper.id} is also in #{pull.number}: offered unticked for now ({pull.where})")
    for paper, why in outcome.facts.unwritten:
        console.note(f"{task.name}: {paper.id} was not written: {why}; add it by hand, or dismiss it")
    for notice in outcome.change.state.notices:
        console.say(f"{task.name}: {notice.id} is {notice.kind}: {notice.now or notice.before}")


def tell_unknown(proposal: Proposal) -> None:
    """Print what is not known, and why."""
    for doubt in proposal.doubts:
        days = f"{doubt.window.since:%Y-%m-%d} to {doubt.window.until:%Y-%m-%d}"
        console.note(f"{proposal.list}: {days} are asked again: {sentence(doubt.why)}")
    for answer in proposal.all_answers:
        if answer.unknown:
            console.note(f"{proposal.list}: {_asked(answer)}: {sentence(answer.unknown)}")
    if proposal.feeds_alone:
        console.note(f"{proposal.list}: the feed alone cannot tell whether papers are missing; the source api can")
    elif not proposal.answered:
        console.note(f"{proposal.list}: {AGAIN}")


def _asked(answer: Answer) -> str:
    """Name what an answer is of."""
    if answer.evening:
        return f"the feed of {answer.window.since:%Y-%m-%d}"
    return f"{answer.window.since:%Y-%m-%d} to {answer.window.until:%Y-%m-%d}"


def _summarise(markdown: str) -> None:
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as summary:
                summary.write(markdown)
        except OSError as error:  # everything is published by now
            console.note(f"arxiv-bot: the step summary {path} cannot be written: {reason(error)}")


def write_report(options: argparse.Namespace, report: object) -> None:
    """Write what `--report` asks for, if it is given."""
    from bot.state.files import write_atomically

    if options.report:
        write_atomically(options.report, (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode())
