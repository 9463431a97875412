"""`lint`: what is wrong in a list today."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Collection, Mapping

from bot.cli import console, context
from bot.cli.exits import DONE, FOUND_ERRORS
from bot.errors import SourceError
from bot.lint.findings import LintFinding, LintSeverity, mended
from bot.lint.rules import lint
from bot.model import Paper, counted
from bot.paperlist.read.document import Document
from bot.paperlist.read.unwritable import refuse_generated
from bot.sources.jsonl import read_papers
from bot.state.files import write_atomically


def main(options: argparse.Namespace) -> int:
    """Print what is wrong in a list and mend what is certain, with `--fix`; exit with 5 while errors are left."""
    gc.disable()  # as in `show`
    document = context.read_document(options.file)
    records, unknown = _records(options, document)
    found = lint(document, records, context.now(options).date(), unknown)
    if options.fix and (edit := mended(document, found)).splices:
        refuse_generated(document)
        write_atomically(options.file, edit.after)
    if options.json:
        console.document({"findings": [_row(finding) for finding in found]})
    else:
        for finding in found:
            console.say(f"{options.file}:{finding.line}: {finding.severity}: {finding.kind}: {finding.why}")
        made = sum(finding.fix is not None for finding in found)
        console.say(f"{options.file}: {counted(len(found), 'finding')}, {made} {_mended(options)}")
    left = (finding for finding in found if not (options.fix and finding.fix is not None))
    return FOUND_ERRORS if any(finding.severity is LintSeverity.ERROR for finding in left) else DONE


def _mended(options: argparse.Namespace) -> str:
    return "mended" if options.fix else "that --fix would mend"


def _records(options: argparse.Namespace, document: Document) -> tuple[Mapping[str, Paper], Collection[str]]:
    """Return the records of listed papers by id, and the ids that arXiv was asked for and does not know."""
    if options.library:
        return {paper.id: paper for paper in read_papers(options.library)}, ()
    if not options.ask:
        return context.kept_records(options), ()
    ids = sorted(document.by_id)
    try:
        with console.working(f"asking arXiv for {counted(len(ids), 'paper')}"):
            found = {paper.id: paper for paper in context.query_api().lookup(ids)}
    except SourceError as error:
        console.note(f"arXiv did not answer, so titles and ids are not checked: {error}")
        return {}, ()
    return found, set(ids) - set(found)


def _row(finding: LintFinding) -> dict[str, object]:
    return {
        "line": finding.line,
        "kind": finding.kind,
        "severity": str(finding.severity),
        "why": finding.why,
        "fix": finding.fix,
    }
