"""`judge`: judge what belongs in a list, where, and why."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Collection, Sequence
from dataclasses import asdict

from bot.cli import console, context
from bot.cli.exits import DONE
from bot.cli.report import verdict_report
from bot.config import ListConfig
from bot.judge.duplicates import Known
from bot.judge.factory import JudgeInput, judge_for, judge_of, sections_wanted
from bot.judge.readiness import MIN_LISTED, lessons
from bot.model import Candidate, Duplicate, Paper, Verdict
from bot.pullrequest.commands import quoted
from bot.pullrequest.pace import week_number
from bot.sources.jsonl import read_papers

_MOST_SEEN = 60
"""Papers, the most relevant, that may ask for a new section: most papers of a large file belong nowhere."""

_Judged = tuple[Paper, Verdict, Duplicate | None]


def main(options: argparse.Namespace) -> int:
    """Judge the papers of a file against a list."""
    gc.disable()  # as in `show`
    config, settings = context.list_or_alone(options.config, options.file)
    document = context.read_document(options.file or context.root(config) / settings.file)
    papers = read_papers(options.papers)
    library = read_papers(options.library) if options.library else ()
    known = Known(document, library=library)
    given = JudgeInput(config, settings, document, library)
    judge = (judge_of if options.file else judge_for)(given)
    if not lessons(document, library).learns:
        console.note(f"the list holds fewer than {MIN_LISTED} papers; its topic, its own text and keywords count")
    judged = list(zip(papers, judge.judge(papers), map(known.duplicate, papers), strict=True))
    new = [Candidate(paper, verdict) for paper, verdict, same in judged if not same]
    best = sorted(new, key=lambda one: (-one.verdict.relevance, one.id))[:_MOST_SEEN]
    wanted = sections_wanted(given, best)
    if options.json:
        proposed = _proposed(settings, judged, week_number(settings.limits, document))
        rows = [_row(paper, verdict, same, proposed) for paper, verdict, same in judged]
        console.document({"papers": rows, "new_sections": [asdict(section) for section in wanted]})
        return DONE
    for paper, verdict, same in judged:
        where = " > ".join(verdict.section.path) if verdict.section else "unsorted"
        console.say(f"{verdict.relevance:.2f}  {paper.id}  {where}  {paper.title}")
        console.say(f"      {_reasons(verdict, same)}")
    for section in wanted:
        console.say(f"a new section {section.name!r} would hold {', '.join(section.papers)}")
    return DONE


def _proposed(settings: ListConfig, judged: Sequence[_Judged], per_week: int) -> Collection[str]:
    """Return the ids of the papers that would be proposed if these were all papers of one week."""
    mark, anywhere = settings.limits.propose_at, settings.unsorted
    fit = [
        (-verdict.relevance, paper.id)
        for paper, verdict, same in judged
        if not same and verdict.relevance >= mark and (verdict.likeliest or anywhere)
    ]
    return {i for _, i in sorted(fit)[:per_week]}


def _row(paper: Paper, verdict: Verdict, same: Duplicate | None, proposed: Collection[str]) -> dict[str, object]:
    return {
        "id": paper.id,
        "duplicate_of": {"id": same.id, "line": same.line, "why": same.why} if same else None,
        "proposed": not same and paper.id in proposed,
        **verdict_report(verdict),
    }


def _reasons(verdict: Verdict, duplicate: Duplicate | None) -> str:
    """Return what counted: phrases, words for the list and the section, an exclusion, a duplicate."""
    reasons = [f"matched {quoted(match.phrase for match in verdict.matched) or 'nothing'}"]
    if verdict.terms:
        reasons.append(f"words like those of the list: {quoted(verdict.terms)}")
    if rivals := verdict.rivals:
        reasons.append(f"{' rather than '.join(rivals)}: {quoted(verdict.section_terms)}")
    if verdict.missing:
        reasons.append(f"holds none of {quoted(verdict.missing)}")
    if verdict.excluded:
        reasons.append(f"excluded by “{verdict.excluded.phrase}”")
    if duplicate:
        reasons.append(f"duplicate: {duplicate.why}")
    return "; ".join(reasons)
