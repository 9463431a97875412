"""`upkeep`: what became of listed papers, as changes of their rows."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Sequence

from bot.cli import console, context
from bot.cli.exits import DONE
from bot.model import Paper, counted
from bot.paperlist.read.document import Document
from bot.paperlist.read.unwritable import refuse_generated
from bot.sources.jsonl import read_papers
from bot.state.files import write_atomically
from bot.upkeep.changes import RowChange, applied, changes


def main(options: argparse.Namespace) -> int:
    """Print what the records of listed papers say that the list does not; with `--apply`, write it."""
    gc.disable()  # as in `show`
    document = context.read_document(options.file)
    refuse_generated(document)
    papers = read_papers(options.library) if options.library else _asked(document)
    found = changes(document, papers, context.kept_records(options))
    edit = applied(document, found)
    if options.apply and edit.splices:
        write_atomically(options.file, edit.after)
    if options.json:
        console.document({"changes": [_row(change) for change in found]})
        return DONE
    for change in found:
        console.say(f"{options.file}:{change.line}: {change.id}: {_sentence(change)}")
    made = sum(change.new is not None for change in found)
    wrote = "written" if options.apply else "that --apply would write"
    console.say(f"{options.file}: {counted(made, 'change')} {wrote}, {len(found) - made} to look at")
    return DONE


def _asked(document: Document) -> Sequence[Paper]:
    ids = sorted(document.by_id)
    with console.working(f"asking arXiv for {counted(len(ids), 'paper')}"):
        return context.query_api().lookup(ids)


def _sentence(change: RowChange) -> str:
    said = f"({change.field}: {change.text})"
    if change.new is None:
        return f"{change.kind}: {change.old.strip() or 'not in the row'} {said}"
    old = f"{change.old.strip()} -> " if change.old.strip() else ""
    return f"{change.kind}: {old}{change.new.strip()} {said}"


def _row(change: RowChange) -> dict[str, object]:
    return {
        "id": change.id,
        "line": change.line,
        "kind": str(change.kind),
        "old": change.old,
        "new": change.new,
        "evidence": {"field": change.field, "text": change.text},
    }
