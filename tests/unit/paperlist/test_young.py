"""A list without entries gets its first ones under the headings that wait for them; later ones follow the curator's."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.judge.duplicates import Known
from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from bot.paperlist.read.young import takes_papers, without_papers
from tests.unit.paperlist import TODAY, addition, undone

HEADINGS = """# Owls

Papers on owls. See [the blog](https://example.org).

## Introduction

## Flight

## Sight

What owls see.

---

## License

MIT
"""
ITEM = "- [Tall Owls](https://arxiv.org/abs/2511.00001)"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (HEADINGS, [("Owls", "Flight"), ("Owls", "Sight")]),
        ("# Owls", [("Owls",)]),
        ("# Owls\n\n" + "A long text on owls. " * 50, [("Owls",)]),
        ("# Owls\n\n" + "A long text on owls. " * 50 + "\n\n## Flight\n", [("Owls", "Flight")]),
        ("# Owls\n\n## Links\n\n- [Our page](https://example.org)\n", [("Owls",)]),
        ("# Owls\n\n## Flight\n\n" + f"{ITEM}\n" + "\n## Sight\n", [("Owls", "Sight")]),
        ("# Owls\n\n## Flight\n\n" + f"{ITEM}\n" * 10 + "\n## Sight\n", []),
        ("Words.\n", []),
    ],
)
def test_which_headings_wait(text: str, paths: list[tuple[str, ...]]) -> None:
    """Those of topics without papers below them, while a list is young; not introductions, licences, long texts."""
    assert [section.path for section in without_papers(parse(text.encode()))] == paths


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        (HEADINGS, ("Owls", "Flight"), f"## Flight\n\n{ITEM}\n\n## Sight\n"),
        (HEADINGS, ("Owls", "Sight"), f"What owls see.\n\n{ITEM}\n\n---\n\n## License"),
        ("# Owls", ("Owls",), f"# Owls\n\n{ITEM}\n"),
        ("# Owls\r\n", ("Owls",), f"# Owls\r\n\r\n{ITEM}\r\n"),
        ("# Owls\n## Flight\n## Sight\n", ("Owls", "Flight"), f"## Flight\n\n{ITEM}\n\n## Sight\n"),
        ("# Owls\n\n<!-- papers -->\n\n[Back to top](#owls)\n", ("Owls",), f"papers -->\n\n{ITEM}\n\n[Back to top]"),
    ],
)
def test_the_first_entry(text: str, path: tuple[str, ...], after: str) -> None:
    """It is a plain item below the heading and its words; nothing else changes, and the paper is listed then."""
    document = parse(text.encode())
    assert takes_papers(document)
    edit = add_entries(document, [addition("2511.00001", "Tall Owls", path)], TODAY)
    assert after in edit.after.decode()
    assert undone(edit) == document.source
    assert Known(edit.now).duplicate(Paper("2511.00001", "Tall Owls"))


def test_the_first_row() -> None:
    """A table head without rows gets one under its columns; spaces, dates and authors are as the head asks for."""
    table = "# Owls\n\n| Title | Authors | Date | Venue | Link | Code |\n|--|--|--|--|--|--|\n"
    paper = Paper("2511.00001", "Tall Owls", ("A. Bird", "C. Dove"), published=dt.datetime(2025, 11, 3, tzinfo=dt.UTC))
    edit = add_entries(parse(table.encode()), [Addition(paper, ("Owls",))], TODAY)
    row = "| [Tall Owls](https://arxiv.org/abs/2511.00001) | A. Bird, C. Dove | 2025-11-03 | | | |\n"
    assert edit.after.decode() == table + row


def test_later_entries_follow_the_curator() -> None:
    """What a person made of the first entry shows how the next one is written, in its section and in empty ones."""
    edited = HEADINGS.replace("## Sight", "* **Tall Owls** ([arXiv](https://arxiv.org/abs/2511.00001))\n\n## Sight")
    for section in ("Flight", "Sight"):
        edit = add_entries(parse(edited.encode()), [addition("2511.00002", "Wide Owls", ("Owls", section))], TODAY)
        assert b"* **Wide Owls** ([arXiv](https://arxiv.org/abs/2511.00002))\n" in edit.after
