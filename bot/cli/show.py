"""`show`: print a list as the bot understands it."""

from __future__ import annotations

import argparse
import gc
from typing import Any

from bot.cli import console, context
from bot.cli.exits import DONE
from bot.model import counted
from bot.paperlist.read.document import Document, Section
from bot.paperlist.read.roles import Role, roles
from bot.paperlist.read.young import without_papers

_FORMATS = {"bullets": "list items", "html": "HTML rows", "blocks": "paragraphs or headings"}


_NOTES = {
    Role.TOPIC: "",
    Role.DATED: ", dated",
    Role.VENUE: ", a conference: takes what was accepted there",
    Role.ROLLING: ", rolling: takes nothing new",
    Role.CLOSED: ", takes nothing new",
}


_FIRST = ", waits for its first paper"


def main(options: argparse.Namespace) -> int:
    """Print the sections and entries of a list."""
    gc.disable()  # everything is needed to the end: looking for garbage takes a third of the time
    document = context.read_document(options.file)
    if options.json:
        console.document(show_report(document))
        return DONE
    line, sections = document.date_line, document.sections
    filled = counted(sum(bool(section.entries) for section in sections), "section")
    console.say(f"{options.file}: {counted(len(document.entries), 'entry', 'entries')} in {filled}")
    console.say(f"  last update: {line.date} in line {line.line}" if line else "  no date line")
    first = without_papers(document)
    for section, role in zip(sections, roles(sections), strict=True):
        path = " > ".join(section.path) or "(before the first heading)"
        entries = counted(len(section.entries), "entry", "entries")
        console.say(
            f"  {section.line:5}  {path}: {entries} ({_form(section)}){_NOTES[role]}{_FIRST * (section in first)}"
        )
    return DONE


def _form(section: Section) -> str:
    """Return how the entries of a section are written, in words."""
    if section.tables:
        return " | ".join(section.tables[0].columns)
    words = dict.fromkeys(_FORMATS.get(group.kind, str(group.kind)) for group in section.groups)
    return ", ".join(words) or "no papers"


def show_report(document: Document) -> dict[str, Any]:
    """Return a list as `show --json` gives it."""
    line = document.date_line
    return {
        "date_line": {"line": line.line, "text": line.text, "date": line.date.isoformat()} if line else None,
        "contents": bool(document.contents),
        "sections": [_section(*one) for one in zip(document.sections, roles(document.sections), strict=True)],
    }


def _section(section: Section, role: Role) -> dict[str, Any]:
    kinds = {str(group.kind) for group in section.groups}
    return {
        "path": list(section.path),
        "line": section.line,
        "kind": "mixed" if len(kinds) > 1 or "blocks" in kinds else next(iter(kinds), None),
        "role": str(role),
        "columns": list(section.tables[0].columns) if section.tables else [],
        "entries": [
            {"line": e.line, "title": e.title, "arxiv_ids": list(e.arxiv_ids), "urls": list(e.urls)}
            for e in section.entries
        ],
    }
