"""`add`: add papers to a list by hand."""

from __future__ import annotations

import argparse
import gc
import json
from collections.abc import Sequence

from bot.arxiv import paper_json
from bot.arxiv.arxiv_id import parse_id
from bot.cli import console, context
from bot.cli.exits import DONE
from bot.cli.output import diff
from bot.errors import ConfigError, DuplicateError, ListFormatError, PublishError, UsageError, reason
from bot.judge.duplicates import Known
from bot.judge.factory import JudgeInput, cells_for, judge_of
from bot.model import Paper, Path, counted
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.proof import Edit
from bot.paperlist.read.document import Document
from bot.paperlist.read.unwritable import found_instead, refuse_generated
from bot.paperlist.read.young import takes_papers
from bot.paperlist.write.resolve_section import of_path, resolve
from bot.state.files import write_atomically


def main(options: argparse.Namespace) -> int:
    """Add papers to a list in place."""
    gc.disable()  # as in `show`
    if not options.ids and not options.paper:
        raise UsageError("which papers? Name them by ids or links of arXiv, or one by --paper FILE.json")
    if options.ids and options.paper:
        raise UsageError("name papers by id, or one by --paper FILE.json, not both")
    document = context.read_document(options.file)
    refuse_generated(document)  # no section of it can take a paper
    named = [Paper(base, "") for text in options.ids if (base := parse_id(text))]
    _refuse_listed(named, document)  # before arXiv is asked for their titles
    papers = _papers(options)
    _refuse_listed(papers, document)
    cells = cells_for(context.list_or_alone(options.config, options.file)[1], document)
    additions = [
        Addition(paper, path, cells(paper), line=line)
        for paper, (path, line) in zip(papers, _places(options, document, papers), strict=True)
    ]
    edit = add_entries(document, additions, context.now(options).date())
    if not options.dry_run:
        write_atomically(options.file, edit.after)
    _print(options, edit)
    return DONE


def _print(options: argparse.Namespace, edit: Edit) -> None:
    if options.json:
        rows = [{"id": e.id, "section": list(e.path), "row": e.row.decode()} for e in edit.entries]
        console.document({"file": str(options.file), "written": not options.dry_run, "added": rows})
    elif options.dry_run:
        console.say(diff(edit.before, edit.after, str(options.file)))
    else:
        for entry in edit.entries:
            console.say(f"{options.file}: added {entry.id} to {' > '.join(entry.path)}")


def _refuse_listed(papers: Sequence[Paper], document: Document) -> None:
    known = Known(document)
    for paper in papers:
        if duplicate := known.duplicate(paper):
            raise DuplicateError(f"{paper.id} is already {duplicate.why}", path=document.name, line=duplicate.line or 0)


def _papers(options: argparse.Namespace) -> list[Paper]:
    """Return the papers to add: from a file, or from arXiv."""
    if options.paper:
        try:
            text = options.paper.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot be read: {reason(error)}", path=str(options.paper)) from None
        return [paper_json.load_paper(text, str(options.paper))]
    with console.working(f"asking arXiv for {counted(len(options.ids), 'paper')}"):
        papers = context.query_api().lookup(options.ids)
    known = {paper.id for paper in papers}
    if missing := [text for text in options.ids if parse_id(text) not in known]:
        raise PublishError(f"arXiv knows no paper {', '.join(missing)}; check the ids")
    return list(papers)


def _places(options: argparse.Namespace, document: Document, papers: Sequence[Paper]) -> list[tuple[Path, int | None]]:
    """Return for each paper the path of its section, named or chosen by the judge, and the line of its heading."""
    if options.section:
        return [_named(options.section, document, paper) for paper in papers]
    if not takes_papers(document):
        line, why = found_instead(document) or (None, "")
        told = f"here are {why}" if why else "write the first one by hand"
        raise ListFormatError(
            f"the list has no entries to write a new one like, and no heading that waits for some: {told}",
            path=document.name,
            line=line,
        )
    config, settings = context.list_or_alone(options.config, options.file)
    verdicts = judge_of(JudgeInput(config, settings, document)).judge(papers)
    places: list[tuple[Path, int | None]] = []
    for paper, verdict in zip(papers, verdicts, strict=True):
        if verdict.section is None:
            near = "".join(f"; the likeliest is {' > '.join(c.path)}" for c in verdict.alternatives[:1] if c.p)
            raise PublishError(
                f"no section surely fits {paper.id}{near}. Name one with --section "
                f"(`arxiv-bot show {options.file}` lists them)"
            )
        section = of_path(document, verdict.section.path, paper)
        places.append((verdict.section.path, section.line if section else None))
    return places


def _named(section: str, document: Document, paper: Paper) -> tuple[Path, int | None]:
    """Return the section of that heading, or of that path in JSON, and the line of its heading."""
    if path := _json_path(section):
        found = resolve(document, path, paper)
        return (found.path, found.line) if found else (path, None)
    same = document.section((section,))
    found = resolve(document, same.path if same else [section], paper, unique=True)
    return (found.path, found.line) if found else ((section,), None)


def _json_path(text: str) -> Path | None:
    """Return the heading path that is written as a JSON array, or None."""
    try:
        path = json.loads(text)
    except ValueError:
        return None
    return tuple(path) if path and isinstance(path, list) and all(isinstance(part, str) for part in path) else None
