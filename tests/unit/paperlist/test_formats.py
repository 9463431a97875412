"""Formats of lists that were refused or misread once."""

from __future__ import annotations

import pytest

from bot.errors import ListFormatError
from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
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


ITEMS = """# Owls

<details>
<summary>Flight</summary>

<ul>
  <li><i><b>Tall Owls at Night</b></i>, Ann Lee et al., <a href="https://arxiv.org/abs/2401.00001">arXiv</a></li>
  <li><i><b>Wide Owls at Dawn</b></i>, Bo Cy et al., <a href="https://arxiv.org/abs/2401.00002">arXiv</a></li>
</ul>

</details>

## Sight

<ol>
<li>
  <b>Great Owls in Trees</b>
  <a href="https://arxiv.org/abs/2401.00003">paper</a>
</li>
<li>
  <b>Small Owls in Woods</b>
  <a href="https://arxiv.org/abs/2401.00004">paper</a>
</li>
</ol>
"""


@pytest.mark.parametrize(
    ("section", "item"),
    [
        (
            "Flight",
            "  <li><i><b>Hogs by Day</b></i>, Bo Ann et al., "
            '<a href="https://arxiv.org/abs/2507.00007">arXiv</a></li>\n</ul>',
        ),
        ("Sight", '<li>\n  <b>Hogs by Day</b>\n  <a href="https://arxiv.org/abs/2507.00007">paper</a>\n</li>\n</ol>'),
    ],
)
def test_items_of_an_html_list(section: str, item: str) -> None:
    """A new one is written like those before it, above the end of its list; the summary of details is its heading."""
    document = parse(ITEMS.encode())
    paper = Paper("2507.00007", "Hogs by Day", ("Bo Ann", "Cy Bo", "Di Cy"))
    edit = add_entries(document, [Addition(paper, ("Owls", section))], TODAY)
    assert item in edit.after.decode()
    assert undone(edit) == document.source


def test_an_item_of_several_papers() -> None:
    """Where an item links to several papers by name, a new one names no other than its own."""
    text = (
        "## Owls\n\n- [TallOwl](https://arxiv.org/abs/2401.00001), [WideOwl](https://arxiv.org/abs/2401.00002)\n"
        "- [GreatOwl](https://arxiv.org/abs/2401.00003), [SmallOwl](https://arxiv.org/abs/2401.00004)\n"
    )
    edit = add_entries(parse(text.encode()), [addition("2507.00007", "HogNet: Hogs by Day", ("Owls",))], TODAY)
    assert edit.after.decode() == text + "- [HogNet](https://arxiv.org/abs/2507.00007)\n"


COLUMNS = """# Owls

## Links

| Model Name | Paper / Project / Code |
|---|---|
| TallOwl | [arXiv](https://arxiv.org/abs/2401.00001) / [Project](https://tall.example.org) |
| WideOwl | [arXiv](https://arxiv.org/abs/2401.00002) / [Project](https://wide.example.org) |

## Pages

| Title | Institution | Project |
|---|---|---|
| [Tall Owls at Night](https://arxiv.org/abs/2401.00004) | N/A | [link](https://tall.example.org) |
| [Wide Owls at Night](https://arxiv.org/abs/2401.00005) | N/A | [link](https://wide.example.org) |

## Sites

| Title | Link |
|---|---|
| [Tall Owls at Dawn](https://arxiv.org/abs/2401.00006) | [page](https://tall.example.org) |
| [Wide Owls at Dawn](https://arxiv.org/abs/2401.00007) | [page](https://wide.example.org) |
"""


@pytest.mark.parametrize(
    ("section", "row"),
    [
        ("Links", "| HogNet | [arXiv](https://arxiv.org/abs/2507.00007) |"),
        ("Pages", "| [HogNet: Hogs by Day](https://arxiv.org/abs/2507.00007) | N/A | |"),
        ("Sites", "| [HogNet: Hogs by Day](https://arxiv.org/abs/2507.00007) | |"),
    ],
)
def test_a_column_gets_what_its_own_cells_hold(section: str, row: str) -> None:
    """A name stays in its column, pages are not the paper's, and what is unknown stays empty in the table's own way."""
    edit = add_entries(
        parse(COLUMNS.encode()), [addition("2507.00007", "HogNet: Hogs by Day", ("Owls", section))], TODAY
    )
    assert f"{row}\n" in edit.after.decode()


@pytest.mark.parametrize("title", ["Q", "Owls by noon"])
def test_a_title_of_one_letter_is_no_column(title: str) -> None:
    """Beside a date the title is read, and a new one is written, in the column that is headed so."""
    rows = "".join(f"| 2024 | {t} | [Link](https://arxiv.org/abs/2401.0000{i}) |\n" for i, t in enumerate("AB"))
    text = f"## Owls\n\n| Year | Title | Link |\n|---|---|---|\n{rows}"
    document = parse(text.encode())
    assert [entry.title for entry in document.entries] == ["A", "B"]
    edit = add_entries(document, [addition("2507.00007", title, ("Owls",))], TODAY)
    assert f"| 2025 | {title} | [Link](https://arxiv.org/abs/2507.00007) |".encode() in edit.after


def test_the_words_of_a_link_of_one_letter_are_not_taken_over() -> None:
    """A row is refused that would lead to its paper under the one letter by which another paper goes."""
    rows = "".join(f"|A|[{t}](https://arxiv.org/abs/2401.0000{i})|\n" for i, t in enumerate("XB"))
    document = parse(f"## Owls\n\n|A|T|\n|-|-|\n{rows}".encode())
    with pytest.raises(ListFormatError, match="another paper's title"):
        add_entries(document, [addition("2507.00007", "Owls by noon", ("Owls",))], TODAY)
