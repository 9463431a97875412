"""What came of each list, for people, for a report, for the step summary of a workflow, and for the shell."""

from __future__ import annotations

import argparse
import difflib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from bot.cli import console
from bot.cli.exits import exit_code
from bot.cli.report import discover_report, run_report
from bot.config import Config, ListConfig
from bot.coverage.ledger import Gap
from bot.coverage.sentences import sentence
from bot.errors import Failure, reason
from bot.model import Answer, Window
from bot.pipeline import Outcome
from bot.pullrequest.proposal import Proposal
from bot.pullrequest.text.summary import failed, summary
from bot.state.files import write_atomically

AGAIN = "papers may be missing; the next run asks again for what is unknown, and what was received is judged already"


def report_outcomes(
    options: argparse.Namespace, config: Config, outcomes: Sequence[Outcome], failures: Sequence[Failure]
) -> int:
    """Print what happened, write the report, add to the step summary of a workflow, and return the exit status."""
    for outcome in outcomes:
        settings = config.list_named(outcome.proposal.list)
        where = outcome.publication.where if outcome.publication else "dry run: nothing was written"
        troubles = outcome.publication.troubles if outcome.publication else ()
        _summarise(summary(outcome.facts, where, troubles))
        for trouble in troubles:
            console.note(f"{settings.name}: {trouble}")
        if not options.json:
            if getattr(options, "dry_run", False):
                _print_dry(outcome, settings)
            _print_outcome(outcome, settings, where)
    _finish(options, run_report(outcomes, failures), failures)
    return exit_code([outcome.proposal for outcome in outcomes], failures)


def report_found(options: argparse.Namespace, proposals: Sequence[Proposal], failures: Sequence[Failure]) -> int:
    """Print what `discover` found, write the report, add failures to the step summary, and return the exit status."""
    if not options.json:
        for proposal in proposals:
            print_unknown(proposal)
            console.say(f"{proposal.list}: {len(proposal.candidates)} candidates, written to {options.out}")
    _finish(options, discover_report(proposals, failures), failures)
    return exit_code(proposals, failures)


def _finish(options: argparse.Namespace, report: object, failures: Sequence[Failure]) -> None:
    for failure in failures:
        _summarise(failed(failure))
    if options.report:
        write_atomically(options.report, (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode())
    if options.json:
        console.document(report)


def _print_dry(outcome: Outcome, settings: ListConfig) -> None:
    console.say(diff(outcome.removal.before, outcome.edit.after, settings.file))
    if outcome.change.text:
        console.say(f"# {outcome.change.title}\n\n{outcome.change.text}")


def _print_outcome(outcome: Outcome, settings: ListConfig, where: str) -> None:
    board, proposal, facts, name = outcome.board, outcome.proposal, outcome.facts, settings.name
    answers = proposal.all_answers
    by_source = {a.source: sum(b.received for b in answers if b.source == a.source) for a in answers}
    received = ", ".join(f"{count} papers from {source}" for source, count in by_source.items())
    console.say(
        f"{name}: {received or 'nothing'} received, {len(proposal.duplicates)} known already, "
        f"{len(board.proposed)} proposed ({len(board.new)} new), {len(board.near_misses)} near misses, "
        f"{len(board.backlog)} waiting, {proposal.irrelevant} not relevant"
    )
    if any(candidate.verdict.relevance >= settings.limits.near_miss_at for candidate in board.backlog):
        console.say(f"{name}: waiting papers are shown, best first, when there is room: {facts.pace}")
    console.say(f"{name}: {where}")
    print_unknown(proposal)
    for paper, pull in facts.elsewhere:
        console.say(f"{name}: {paper.id} is also in #{pull.number}: offered unticked for now ({pull.where})")
    for paper, why in facts.unwritten:
        console.note(f"{name}: {paper.id} was not written: {why}; add it by hand, or dismiss it")
    for notice in outcome.change.state.notices:
        console.say(f"{name}: {notice.id} is {notice.kind}: {notice.now or notice.before}")


def print_unknown(proposal: Proposal) -> None:
    """Print what is not known, and why."""
    for doubt in proposal.doubts:
        console.note(f"{proposal.list}: {_days(doubt)} are asked again: {sentence(doubt.why)}")
    for answer in proposal.all_answers:
        if answer.unknown:
            console.note(f"{proposal.list}: {_asked(answer)}: {sentence(answer.unknown)}")
    if proposal.feeds_alone:
        console.note(f"{proposal.list}: the feed alone cannot prove that no paper is missing; the source api can")
    elif not proposal.answered:
        console.note(f"{proposal.list}: {AGAIN}")


def _asked(answer: Answer) -> str:
    """Return what an answer is about."""
    return f"the feed of {answer.window.since:%Y-%m-%d}" if answer.evening else _days(answer.window)


def _days(window: Window | Gap) -> str:
    return f"{window.since:%Y-%m-%d} to {window.until:%Y-%m-%d}"


def _summarise(markdown: str) -> None:
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(markdown)
        except OSError as error:  # everything is published by now
            console.note(f"arxiv-bot: the step summary {path} cannot be written: {reason(error)}")


def diff(before: bytes, after: bytes, name: str) -> str:
    """Return the unified diff of a file as git writes it, also for absolute paths and a missing final newline."""

    def lines(content: bytes) -> list[str]:
        found = [line.decode(errors="replace") for line in content.splitlines(keepends=True)]
        return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found]

    name = name.lstrip("/")
    return "".join(difflib.unified_diff(lines(before), lines(after), f"a/{name}", f"b/{name}", n=1))
