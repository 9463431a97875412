"""Removal: exactly the bot's bytes go, and only while nobody edited them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from bot.paperlist.remove import remove_entries

TODAY = date(2026, 3, 4)

TABLE = """# P

- [Caches](#caches)

## Caches
|Paper|Code|
|--|--|
|[One](https://arxiv.org/abs/2401.00001)||
|[Two](https://arxiv.org/abs/2401.00002)||

## Other
|Paper|Code|
|--|--|
|[Three](https://arxiv.org/abs/2401.00003)||
"""
BULLETS = """# P

## Caches
- [One](https://arxiv.org/abs/2401.00001) (2024)
- [Two](https://arxiv.org/abs/2401.00002) (2024)
"""
BLOCKS = """# P

## Caches

**One** \\
[pdf](https://arxiv.org/abs/2401.00001)

**Two** \\
[pdf](https://arxiv.org/abs/2401.00002)

## Other

**Three** \\
[pdf](https://arxiv.org/abs/2401.00003)
"""
NUMBERED = BULLETS.replace("- [One]", "1. [One]").replace("- [Two]", "2. [Two]")


def paper(number: int) -> Paper:
    return Paper(
        f"2603.{number:05}", f"New number {number}", ("A. Author",), published=datetime(2026, 3, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize("source", [TABLE, BULLETS, BLOCKS, NUMBERED], ids=["table", "bullets", "blocks", "numbered"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("final", [True, False], ids=["ended", "open end"])
def test_what_was_added_can_be_taken_out(source: str, ending: str, final: bool) -> None:
    """Taking out all that was added gives the old bytes back, an open last line too."""
    text = source if final else source.rstrip("\n")
    document = parse(text.replace("\n", ending).encode())
    additions = [Addition(paper(n), ("P", "Caches")) for n in (1, 2)]
    edit = add_entries(document, additions, TODAY)
    rows = {e.id: e.row.decode() for e in edit.entries}
    removal = remove_entries(parse(edit.after), rows, document)
    assert removal.kept == ()
    assert removal.after == document.source


@pytest.mark.parametrize("source", [TABLE, BULLETS, BLOCKS], ids=["table", "bullets", "blocks"])
def test_one_of_two_stays(source: str) -> None:
    """Only the row that is named goes; the other is where it would be alone."""
    document = parse(source.encode())
    both = add_entries(document, [Addition(paper(n), ("P", "Caches")) for n in (1, 2)], TODAY)
    alone = add_entries(document, [Addition(paper(2), ("P", "Caches"))], TODAY)
    removal = remove_entries(parse(both.after), {both.entries[0].id: both.entries[0].row.decode()}, document)
    assert removal.after == alone.after


@pytest.mark.parametrize("source", [TABLE, BULLETS, BLOCKS], ids=["table", "bullets", "blocks"])
def test_an_edited_row_is_kept(source: str) -> None:
    """A row of which a person changed one letter is not touched, and named as kept."""
    document = parse(source.encode())
    edit = add_entries(document, [Addition(paper(1), ("P", "Caches"))], TODAY)
    edited = edit.after.replace(b"New number 1", b"New Number 1")
    removal = remove_entries(parse(edited), {edit.entries[0].id: edit.entries[0].row.decode()}, document)
    assert (removal.after, removal.removed, removal.kept) == (edited, (), ("2603.00001",))


@pytest.mark.parametrize("source", [TABLE, BULLETS, BLOCKS], ids=["table", "bullets", "blocks"])
def test_a_section_that_was_opened_goes_with_its_last_entry(source: str) -> None:
    """A section of the bot's own does not stay behind empty: heading, table head and contents line go too."""
    document = parse(source.encode())
    edit = add_entries(document, [Addition(paper(1), ("P", "Unsorted"), create=True)], TODAY)
    rows = {edit.entries[0].id: edit.entries[0].row.decode()}
    assert remove_entries(parse(edit.after), rows, document).after == document.source
    kept = remove_entries(parse(edit.after), rows, parse(edit.after))
    assert b"## Unsorted" in kept.after or kept.kept


def test_what_stands_twice_is_kept() -> None:
    """A paper that a person also listed elsewhere is left alone."""
    document = parse(TABLE.encode())
    edit = add_entries(document, [Addition(paper(1), ("P", "Caches"))], TODAY)
    row = edit.entries[0].row.decode()
    twice = edit.after + f"{row}\n".encode()
    assert remove_entries(parse(twice), {"2603.00001": row}, document).kept == ("2603.00001",)
