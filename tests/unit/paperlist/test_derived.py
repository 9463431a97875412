"""What of a new entry is derived from the record, and what is left to a person."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from bot.paperlist.write.resolve_section import resolve
from tests.unit.paperlist import TODAY

HEAD = "# Owls\n## Papers\n"
AUTHORS = ("Ada Example", "Bo Example", "Cy Example")


def row(head: str, rows: list[str], paper: Paper) -> str:
    """Return the row that is written for a paper in a table."""
    source = "\n".join([HEAD + head, "|" + "---|" * (head.count("|") - 1), *rows, ""])
    return add_entries(parse(source.encode()), [Addition(paper, ("Papers",))], TODAY).entries[0].row.decode()


@pytest.mark.parametrize(
    ("authors", "written"),
    [(AUTHORS, "Ada Example, Bo Example, et al."), (AUTHORS[:2], "Ada Example, Bo Example")],
)
def test_authors_are_cut_where_the_list_cuts(authors: tuple[str, ...], written: str) -> None:
    """Entries that name their two authors say nothing of how three are named."""
    shown = ["Ann Able, Bob Baker", "Cid Cole, Dee Dunn, et al.", "Eve East, Flo Fine", "Gus Good, Hal Hope"]
    rows = [f"| [Owls of the Night {a}](https://arxiv.org/abs/2401.0000{i}) | {a} |" for i, a in enumerate(shown)]
    assert row("| Paper | Authors |", rows, Paper("2511.00007", "Paged Hedgehogs", authors)).endswith(f"| {written} |")


def test_an_abstract_goes_where_abstracts_stand() -> None:
    """A column headed so whose cells are prose takes the record's abstract, in the tags of its neighbours."""
    prose = "owls see in the dark of a quiet wood " * 6
    rows = [
        f"| [Owls {i}](https://arxiv.org/abs/2401.0000{i}) | <details><p>{word} {prose}</p></details> |"
        for i, word in enumerate(("Grey", "Brown", "White"))
    ]
    paper = Paper("2511.00007", "Paged Hedgehogs", summary="They are paged.")
    assert row("| Paper | Abstract |", rows, paper).endswith("| <details><p>They are paged.</p></details> |")


def test_what_few_cells_derive_from_a_record_is_left_to_a_person() -> None:
    """A size that reads like a year is no date, nor is a tag that is one paper's name a habit."""
    rows = [
        f"| [Owls {i}](https://arxiv.org/abs/2401.0000{i}) | {size} |"
        for i, size in enumerate((4096, 2024, 6144, 1536, 2048))
    ]
    assert row("| Paper | Size |", rows, Paper("2511.00007", "Paged Hedgehogs")).endswith(" | |")


def test_a_date_is_as_exact_as_the_record() -> None:
    """Where only the month is known the day is left out, not the date."""
    rows = [f"| 2024-01-0{i} | [Owls {i}](https://arxiv.org/abs/2401.0000{i}) |" for i in range(1, 4)]
    paper = Paper("2511.00007", "Paged Hedgehogs")
    assert row("| Date | Paper |", rows, paper).startswith("| 2025-11 |")
    known = Paper("2511.00007", "Paged Hedgehogs", published=dt.datetime(2025, 11, 3, tzinfo=dt.UTC))
    assert row("| Date | Paper |", rows, known).startswith("| 2025-11-03 |")


@pytest.mark.parametrize(
    ("venues", "written"),
    [(("OSDI'24", "SOSP'23", "arXiv"), "OSDI'26"), (("OSDI 2024", "SOSP 2023", "arXiv"), "OSDI 2026")],
)
def test_a_venue_is_written_as_the_column_writes_venues(venues: tuple[str, ...], written: str) -> None:
    """What the comment says is written in the column's form; a paper without a venue gets its word for preprints."""
    rows = [f"| [Owls {i}](https://arxiv.org/abs/2401.0000{i}) | {venues[i % 3]} |" for i in range(6)]
    told = Paper("2511.00007", "Paged Hedgehogs", comment="Accepted at OSDI 2026")
    assert row("| Paper | Venue |", rows, told).endswith(f"| {written} |")
    assert row("| Paper | Venue |", rows, Paper("2511.00007", "Paged Hedgehogs")).endswith("| arXiv |")


def test_of_sections_with_one_path_the_likest_is_meant() -> None:
    """Years under headings of their own level are told apart by the words around them."""
    source = (
        "# List\n### Speech\n### 2025\n- [Voices Heard in Noise](https://arxiv.org/abs/2501.00001)\n"
        "### Vision\n### 2025\n- [Images Seen at Night](https://arxiv.org/abs/2501.00002)\n"
    )
    document = parse(source.encode())
    for title, line in (("Noise and Voices", 3), ("Images for Vision", 6)):
        section = resolve(document, ("List", "2025"), Paper("2511.00007", title))
        assert section is not None
        assert section.line == line


@pytest.mark.parametrize("label", ["update-2026.08.21", "last%20update-2026--08--21", "Last_Updated-2026.08.21"])
def test_a_badge_can_be_the_date_line(label: str) -> None:
    """A badge that says when the list was updated is rewritten in its own form."""
    line = parse(f"# L\n![b](https://img.shields.io/badge/{label}-red)\n".encode()).date_line
    assert line is not None
    assert line.date == dt.date(2026, 8, 21)
    assert line.rewritten(dt.date(2026, 9, 1)) == line.written.replace("08", "09").replace("21", "01")


def test_an_entry_closes_what_it_opens() -> None:
    """An abstract that the record does not tell takes its details with it: left open they would hide what follows."""
    titles = ("Owls of the Long Night", "Barn: Owls of the Old Farm", "Grey Owls and Their Young")
    entries = [
        f"- **{title}** [abs](https://arxiv.org/abs/2401.0000{i})\n"
        f"  <details><summary>Abstract</summary>We show {title}.</details>"
        for i, title in enumerate(titles)
    ]
    paper = Paper("2511.00007", "Hedgehogs: Paged Attention for Small Mammals")
    source = "\n".join([HEAD, *entries, ""]).encode()
    written = add_entries(parse(source), [Addition(paper, ("Papers",))], TODAY).entries[0].row
    assert paper.title.encode() in written
    assert written.count(b"<details") == written.count(b"</details")
