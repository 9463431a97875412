"""The commands a person uses on a list: show, add, judge, evaluate."""

from __future__ import annotations

import argparse
import gc
import json
from typing import TYPE_CHECKING

from bot.cli import console, context
from bot.cli.context import DONE
from bot.errors import ConfigError, DuplicateError, ListFormatError, PublishError, UsageError, reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path as PathOnDisk

    from bot.judge.duplicates import Known
    from bot.model import Duplicate, Paper, Path, Verdict
    from bot.paperlist.read.document import Document, Section


def show(options: argparse.Namespace) -> int:
    """Print the sections and entries of a list."""
    from bot.cli.report import show_report

    gc.disable()  # what is read is needed to the end: looking for garbage in it is a third of the time
    document = context.read_document(options.file)
    if options.json:
        console.document(show_report(document))
        return DONE
    line = document.date_line
    console.say(
        f"{options.file}: {_count(len(document.entries), 'entry', 'entries')} in "
        + _count(sum(bool(s.entries) for s in document.sections), "section", "sections")
    )
    console.say(f"  last update: {line.date} in line {line.line}" if line else "  no date line")
    for section in document.sections:
        columns = " | ".join(section.tables[0].columns) if section.tables else _formats(section) or "no papers"
        path = " > ".join(section.path) or "(before the first heading)"
        entries = _count(len(section.entries), "entry", "entries")
        console.say(f"  {section.line:5}  {path}: {entries} ({columns})")
    return DONE


def _formats(section: Section) -> str:
    """Return the formats in which the entries of a section are written, in words."""
    words = {"bullets": "list items", "html": "HTML rows", "blocks": "paragraphs or headings"}
    return ", ".join(dict.fromkeys(words.get(group.kind, str(group.kind)) for group in section.groups))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def add(options: argparse.Namespace) -> int:
    """Add papers to a list in place."""
    from bot.arxiv import arxiv_id
    from bot.judge.duplicates import Known
    from bot.judge.factory import cells_for
    from bot.model import Paper
    from bot.paperlist.edit import Addition, add_entries
    from bot.paperlist.read.unwritable import refuse_generated
    from bot.state.files import write_atomically

    gc.disable()
    if not options.ids and not options.paper:
        raise UsageError("which papers? Name them by ids or links of arXiv, or one by --paper FILE.json")
    if options.ids and options.paper:
        raise UsageError("name papers by id, or one by --paper FILE.json, not both")
    document = context.read_document(options.file)
    refuse_generated(document)  # before a section is sought that no paper could come into
    known = Known(document)
    named = [Paper(base, "") for text in options.ids if (base := arxiv_id.parse_id(text))]
    _refuse_listed(named, known, options.file)  # by their ids, before arXiv is asked for their titles
    papers = _papers(options)
    _refuse_listed(papers, known, options.file)
    places = _places(options, document, papers)
    cells = cells_for(context.list_or_alone(options.config, options.file)[1], document)
    additions = [
        Addition(paper, path, cells(paper), line=line) for paper, (path, line) in zip(papers, places, strict=True)
    ]
    edit = add_entries(document, additions, context.now(options).date())
    if not options.dry_run:
        write_atomically(options.file, edit.after)
    if options.json:
        rows = [{"id": e.id, "section": list(e.path), "row": e.row.decode()} for e in edit.entries]
        console.document({"file": str(options.file), "written": not options.dry_run, "added": rows})
    elif options.dry_run:
        console.say(context.diff(edit.before, edit.after, str(options.file)))
    else:
        for entry in edit.entries:
            console.say(f"{options.file}: added {entry.id} to {' > '.join(entry.path)}")
    return DONE


def _refuse_listed(papers: Sequence[Paper], known: Known, file: PathOnDisk) -> None:
    for paper in papers:
        if duplicate := known.duplicate(paper):
            raise DuplicateError(f"{paper.id} is already {duplicate.why}", path=str(file), line=duplicate.line or 0)


def judge(options: argparse.Namespace) -> int:
    """Judge the papers of a file against a list."""
    from bot.cli.report import verdict_report
    from bot.judge.duplicates import Known
    from bot.judge.factory import JudgeInput, judge_for, judge_of
    from bot.judge.readiness import readiness
    from bot.sources.jsonl import read_papers

    gc.disable()
    config, task = context.list_or_alone(options.config, options.file)
    document = context.read_document(options.file or context.root(config) / task.file)
    papers = read_papers(options.papers)
    library = read_papers(options.library) if options.library else ()
    known = Known(document, library=library)
    duplicates = [known.duplicate(paper) for paper in papers]
    judging = (judge_of if options.file else judge_for)(JudgeInput(config, task, document, library))
    ready = readiness(document, library)
    if not ready.learns:
        alone = "keywords alone count" if task.keywords else "and as there are no keywords, nothing is proposed"
        console.note(f"the list holds too few papers to learn from: {alone}")
    elif not ready.calibrated:
        console.note(
            "relevance is uncalibrated, a mark and no probability: "
            f"{ready.missing_accepted} accepted and {ready.missing_rejected} rejected papers are missing"
        )
    verdicts = judging.judge(papers)
    judged = list(zip(papers, verdicts, duplicates, strict=True))
    fit = [(-v.relevance, p.id) for p, v, same in judged if not same and v.relevance >= task.limits.propose_at]
    proposed = {i for _, i in sorted(fit)[: task.limits.max_open]}
    if options.json:
        rows = [
            {
                "id": paper.id,
                "duplicate_of": {"id": same.id, "line": same.line, "why": same.why} if same else None,
                "proposed": not same and paper.id in proposed,
                **verdict_report(verdict),
            }
            for paper, verdict, same in judged
        ]
        console.document({"papers": rows, "calibrated": ready.calibrated})
        return DONE
    for paper, verdict, same in judged:
        where = " > ".join(verdict.section.path) if verdict.section else "unsorted"
        console.say(f"{verdict.relevance:.2f}  {paper.id}  {where}  {paper.title}")
        console.say(f"      {_why(verdict, same)}")
    return DONE


def evaluate(options: argparse.Namespace) -> int:
    """Say what the bot would have found for a list in its last months."""
    from bot.cli.report import evaluation_report
    from bot.evaluate import evaluation
    from bot.evaluate.chart import pictures
    from bot.evaluate.history import first_listed
    from bot.judge.factory import JudgeInput
    from bot.sources.jsonl import read_papers
    from bot.state.files import write_atomically

    config, task = context.list_or_alone(options.config, options.file)
    document, library = context.read_document(options.file), read_papers(options.library)
    target = options.out / "evaluation.svg" if options.out else None
    context.check_targets(target)
    since = first_listed(options.file)
    found = evaluation.evaluate(JudgeInput(config, task, document, library), since)
    if target:
        write_atomically(target, pictures(found).encode())
    if options.json:
        console.document(evaluation_report(found))
        return DONE
    if not found.periods:
        console.note("no month has ten listed papers before it: there is nothing to learn from")
    elif not since:
        console.note("no git history tells when papers came in: they count from the month of their arXiv id")
    console.say(
        "month    learned  listed  others  found@10  @20  @40  proposed  right  top-1  top-3  placed  abstained"
    )
    for p in found.periods:
        counts = "  ".join(f"{p.found(shown):3}" for shown in evaluation.SHOWN)
        console.say(
            f"{p.month}  {p.learned_from:7}  {len(p.ranks):6}  {p.background:6}  {'':5}{counts}"
            f"  {p.proposed:8}  {p.hits:5}  {p.top1:5}  {p.top3:5}  {p.placed:6}  {p.abstained:9}"
        )
    if found.periods and not any(p.background for p in found.periods):
        console.note("the library holds listed papers alone: what was found among them says nothing; sections count")
    if found.unmatched:
        console.say("keywords that no listed paper holds: " + ", ".join(found.unmatched))
    for phrase, papers in found.phrases:
        console.say(f"no keyword finds {_count(papers, 'listed paper', 'listed papers')} with “{phrase}”")
    names = evaluation.short_names(path for pair in found.alike for path in pair)
    for one, other in found.alike:
        console.say(f"hard to tell apart: {names[one]} and {names[other]}")
    return DONE


def _why(verdict: Verdict, duplicate: Duplicate | None) -> str:
    """Return what counts: phrases, words for the list and the section, an exclusion, that the list has it already."""
    from bot.pullrequest.commands import quoted

    reasons = [f"matched {quoted(match.phrase for match in verdict.matched) or 'nothing'}"]
    if verdict.terms:
        reasons.append(f"words like those of the list: {quoted(verdict.terms)}")
    if rivals := verdict.rivals:
        reasons.append(f"{' rather than '.join(rivals)}: {quoted(verdict.section_terms)}")
    if verdict.excluded:
        reasons.append(f"excluded by “{verdict.excluded.phrase}”")
    if duplicate:
        reasons.append(f"duplicate: {duplicate.why}")
    return "; ".join(reasons)


def _papers(options: argparse.Namespace) -> list[Paper]:
    """Return the papers to add: from a file, or asked of arXiv."""
    from bot.arxiv import arxiv_id, paper_json

    if options.paper:
        try:
            text = options.paper.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot be read: {reason(error)}", path=str(options.paper)) from None
        return [paper_json.load_paper(text, str(options.paper))]
    count = len(options.ids)
    with console.working(f"asking arXiv for {count} paper{'' if count == 1 else 's'}"):
        papers = context.api().lookup(options.ids)
    known = {paper.id for paper in papers}
    if missing := [text for text in options.ids if arxiv_id.parse_id(text) not in known]:
        raise PublishError(f"arXiv knows no paper {', '.join(missing)}; check the ids")
    return list(papers)


def _places(options: argparse.Namespace, document: Document, papers: Sequence[Paper]) -> list[tuple[Path, int | None]]:
    """Return for each paper the section asked for and the line of its heading, or the section the judge chooses."""
    if options.section:
        return [_named(options.section, document, paper) for paper in papers]
    from bot.judge.factory import JudgeInput, judge_of
    from bot.paperlist.read.unwritable import found_instead
    from bot.paperlist.write.resolve_section import of_path

    if not document.entries:
        line, why = found_instead(document) or (None, "")
        told = f"here are {why}" if why else "write the first one by hand"
        raise ListFormatError(f"the list has no entries to write a new one like: {told}", path=document.name, line=line)
    config, task = context.list_or_alone(options.config, options.file)
    verdicts = judge_of(JudgeInput(config, task, document)).judge(papers)
    for paper, verdict in zip(papers, verdicts, strict=True):
        if verdict.section is None:
            near = "".join(f"; the likeliest is {' > '.join(c.path)}" for c in verdict.alternatives[:1] if c.p)
            raise PublishError(
                f"no section surely fits {paper.id}{near}. Name one with --section "
                f"(`arxiv-bot show {options.file}` lists them)"
            )
    chosen = [(v.section.path, paper) for paper, v in zip(papers, verdicts, strict=True) if v.section]
    sections = [(path, of_path(document, path, paper)) for path, paper in chosen]
    return [(path, section.line if section else None) for path, section in sections]


def _named(section: str, document: Document, paper: Paper) -> tuple[Path, int | None]:
    """Return the section of that name, or of that path in JSON, and the line of its heading."""
    from bot.paperlist.write.resolve_section import resolve

    if section.startswith("["):
        try:
            path = json.loads(section)
        except ValueError:
            path = section
        if isinstance(path, list) and all(isinstance(part, str) for part in path) and path:
            found = resolve(document, path, paper)
            return (found.path, found.line) if found else (tuple(path), None)
    same = document.section((section,))
    found = resolve(document, same.path if same else [section], paper, unique=True)
    return (found.path, found.line) if found else ((section,), None)
