"""`evaluate`: measure what the bot would have found for a list in its last months."""

from __future__ import annotations

import argparse
from typing import Any

from bot.cli import console, context
from bot.cli.exits import DONE
from bot.evaluate import evaluation
from bot.evaluate.chart import pictures
from bot.evaluate.evaluation import SHOWN, Evaluation, Month
from bot.evaluate.history import first_listed
from bot.judge.factory import JudgeInput
from bot.model import counted
from bot.sources.jsonl import read_papers
from bot.state.files import write_atomically


def main(options: argparse.Namespace) -> int:
    """Print what the bot would have found for a list, month by month."""
    config, settings = context.list_or_alone(options.config, options.file)
    document, library = context.read_document(options.file), read_papers(options.library)
    target = options.out / "evaluation.svg" if options.out else None
    context.check_targets(target)
    since = first_listed(options.file)
    found = evaluation.evaluate(JudgeInput(config, settings, document, library), since)
    if target:
        write_atomically(target, pictures(found).encode())
    if options.json:
        console.document(_report(found))
        return DONE
    if not found.periods:
        console.note("no month has ten listed papers before it: there is nothing to learn from")
    elif not since:
        console.note("no git history shows when papers were added: they count from the month of their arXiv id")
    _print_periods(found)
    _print_advice(found)
    return DONE


def _print_periods(found: Evaluation) -> None:
    console.say(
        "month    learned  listed  others  found@10  @20  @40  proposed  right  top-1  top-3  placed  abstained"
    )
    for p in found.periods:
        counts = "  ".join(f"{p.found(shown):3}" for shown in SHOWN)
        console.say(
            f"{p.month}  {p.learned_from:7}  {len(p.ranks):6}  {p.background:6}  {'':5}{counts}"
            f"  {p.proposed:8}  {p.hits:5}  {p.top1:5}  {p.top3:5}  {p.placed:6}  {p.abstained:9}"
        )


def _print_advice(found: Evaluation) -> None:
    if found.periods and not any(p.background for p in found.periods):
        console.note("the library holds listed papers alone, so that they are found means nothing; the sections count")
    if found.unmatched:
        console.say("keywords that no listed paper holds: " + ", ".join(found.unmatched))
    for phrase, papers in found.phrases:
        console.say(f"no keyword finds {counted(papers, 'listed paper')} with “{phrase}”")
    names = evaluation.short_names(path for pair in found.alike for path in pair)
    for one, other in found.alike:
        console.say(f"hard to tell apart: {names[one]} and {names[other]}")


def _report(found: Evaluation) -> dict[str, Any]:
    """Return what `evaluate --json` gives."""
    return {
        "periods": [_period(period) for period in found.periods],
        "confusion": [
            {"section": list(path), "chosen": list(chosen), "papers": n}
            for (path, chosen), n in sorted(found.confusion.items())
        ],
        "unmatched_keywords": list(found.unmatched),
        "phrases": [{"phrase": phrase, "papers": n} for phrase, n in found.phrases],
        "alike": [[list(one), list(other)] for one, other in found.alike],
    }


def _period(p: Month) -> dict[str, Any]:
    """Return a month; ranks count from 1 among all its papers."""
    return {
        "month": p.month, "learned_from": p.learned_from, "listed": len(p.ranks), "background": p.background,
        "ranks": list(p.ranks), "found": {str(shown): p.found(shown) for shown in SHOWN},
        "top1": p.top1, "top3": p.top3, "placed": p.placed, "abstained": p.abstained,
        "proposed": p.proposed, "hits": p.hits,
    }  # fmt: skip
