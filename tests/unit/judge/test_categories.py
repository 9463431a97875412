"""Columns of kinds: a value is suggested from the column's own, and only when its rows tell one another."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv import titles
from bot.judge.cells.categories import Categories
from bot.model import Cell, Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import Document, parse
from tests import examples

WORDS = {"`Cache`": "key value cache eviction of tokens", "**Kernel**": "fused attention kernel with tiles"}
DAY = date(2026, 3, 4)


def listed(words: dict[str, str] = WORDS, heading: str = "Type") -> Document:
    rows = [
        f"| [Number {n}: {words[value]}](https://arxiv.org/abs/2401.{k}{n:04}) | {value} |"
        for k, value in enumerate(words)
        for n in range(15)
    ]
    return parse("\n".join(["# A", "## B", f"| Paper | {heading} |", "|--|--|", *rows, ""]).encode())


def test_like_its_nearest() -> None:
    """The value of the listed papers most like it is suggested as written, and these papers are named."""
    (cell,) = Categories(listed(), ()).suggest(Paper("2603.00001", "Fused attention kernel for tiles of any size"))
    assert (cell.kind, cell.value, cell.column) == ("category", "**Kernel**", "Type")
    assert "2401.1" in cell.origin
    edit = add_entries(listed(), [Addition(Paper("2603.00001", "Owls"), ("A", "B"), (cell,))], DAY)
    assert edit.entries[0].row.endswith(b"| **Kernel** |")


def test_unsure() -> None:
    """Nothing is suggested for a paper of another topic, or where the words do not tell the values."""
    assert Categories(listed(), ()).suggest(Paper("2603.00001", "Galaxies")) == ()
    mixed = dict.fromkeys(WORDS, "one and the same thing")
    assert Categories(listed(mixed), ()).suggest(Paper("2603.00001", "One and the same thing")) == ()


def test_no_words() -> None:
    """A column whose papers are named by signs alone tells nothing."""
    rows = "".join(f"| [大](https://arxiv.org/abs/2401.{n:05}) | {'Owl' if n % 2 else 'Barn'} |\n" for n in range(30))
    document = parse(f"# A\n## B\n| Paper | Type |\n|--|--|\n{rows}".encode())
    assert Categories(document, ()).suggest(Paper("2603.00001", "Owls")) == ()


def test_facts_of_the_paper_are_no_kinds() -> None:
    """A column of places, people or numbers is never filled from other papers."""
    for heading in ("Institution", "Authors", "Stars", "Parameters", "Venue"):
        assert Categories(listed(heading=heading), ()).suggest(Paper("2603.00001", "Fused attention kernel")) == ()


@settings(max_examples=examples(50), deadline=None)
@given(st.text(alphabet=st.sampled_from("|`<b>\\\n[]() owls"), min_size=1, max_size=40))
def test_only_values_of_the_column_are_written(value: str) -> None:
    """Whatever a proposal says, the row holds a value that the column holds already, or nothing."""
    cells = (Cell("category", value, "list: …", "Type"),)
    (entry,) = add_entries(listed(), [Addition(Paper("2603.00001", "Owls"), ("A", "B"), cells)], DAY).entries
    assert entry.row.decode().endswith(("| |", "|  |", *(f"| {used} |" for used in WORDS)))


@settings(max_examples=examples(50), deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_only_words_of_the_abstract_are_written(value: str, summary: str) -> None:
    """Whatever a proposal says, a sentence is written only when it stands in the abstract."""
    cells = (Cell("extract", value, "abstract", "Type"),)
    paper = Paper("2603.00001", "Owls", summary=summary)
    (entry,) = add_entries(listed(), [Addition(paper, ("A", "B"), cells)], DAY).entries
    if any(word not in titles.display(summary) for word in value.replace("…", "").split()):
        assert entry.row.decode().endswith(("| |", "|  |"))
