"""Formats of lists that were refused or misread once."""

from __future__ import annotations

import pytest

from bot.model import Paper
from bot.paperlist.edit import add_entries
from bot.paperlist.read.document import parse
from bot.paperlist.write.resolve_section import resolve
from tests.unit.paperlist import TODAY, addition, undone


def test_tabs_in_a_delimiter_row() -> None:
    """Tabs between the cells of a table's second row are spaces, as on GitHub; the file keeps them."""
    head = "## Owls\n\n| Date \t| Title \t| Link |\n|:--:\t|:---:\t|---|\n"
    text = f"{head}| 2025 06 23 \t| Owls at night \t| [arXiv](https://arxiv.org/abs/2506.00001) |\n"
    document = parse(text.encode())
    assert [entry.arxiv_ids for entry in document.entries] == [("2506.00001",)]
    edit = add_entries(document, [addition("2507.00007", "Hogs by day", ("Owls",))], TODAY)
    assert undone(edit) == text.encode()
    assert b"| 2025 07 | Hogs by day | [arXiv](https://arxiv.org/abs/2507.00007) |" in edit.after


def test_a_badge_before_the_title() -> None:
    """An item that begins with a badge has the title behind it."""
    badge = "![ACL2025](https://img.shields.io/badge/ACL2025-1E90FF)"
    rows = f"* {badge} Owls at night [[Paper](https://arxiv.org/pdf/2506.00001)]\n" * 2
    document = parse(f"## Owls\n\n{rows}".encode())
    assert [entry.title for entry in document.entries] == ["Owls at night"] * 2


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("P", "Methods", "All (29 papers)"), "All (28 papers)"),
        (("P", "Methods", "All (28 papers)", "Click to expand"), "All (28 papers)"),
        (("P", "Methods", "All (28 papers)", "**Details**"), "All (28 papers)"),
        (("P", "Methods", "None (28 papers)"), None),
        (("P", "Methods", "View of the world 2"), None),
        (("Details",), None),
    ],
)
def test_what_a_path_means(wanted: tuple[str, ...], found: str | None) -> None:
    """A number in a heading may have changed, and the summary of details names no section; a wrong name finds none."""
    text = "# P\n\n## Methods\n\n### All (28 papers)\n- [Owls at night](https://arxiv.org/abs/2506.00001)\n"
    section = resolve(parse(text.encode()), wanted, Paper("2507.00007", "Hogs by day"))
    assert (section.path[-1] if section else None) == found
