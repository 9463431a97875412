"""The proof refuses what is no licensed edit, however it came about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.errors import ListFormatError
from bot.model import Paper
from bot.paperlist import proof
from bot.paperlist.edit import Addition, add_entries, growth
from bot.paperlist.nouns import InsertedEntry, Splice
from bot.paperlist.proof import Edit
from bot.paperlist.read.document import parse
from tests.unit.paperlist import TODAY, add_one, addition

LIST = b"""# L
Last update: 2024-09-11

## A
|Paper|Code|
|--|--|
|[Owls](https://arxiv.org/abs/2401.00001)||
|[Cats](https://arxiv.org/abs/2401.00002)||

## B
|Paper|Code|
|--|--|
|[Bats](https://arxiv.org/abs/2401.00003)||
"""
DOCUMENT = parse(LIST)
GOOD = add_one(DOCUMENT, "Hogs", ["A"])
ROW = GOOD.entries[0].row
AT = GOOD.splices[1].start
DATE = GOOD.splices[0]


def refusal(splices: tuple[Splice, ...], edit: Edit = GOOD) -> str:
    """Return why these splices are refused."""
    with pytest.raises(ListFormatError, match="nothing was changed") as refused:
        proof.prove(DOCUMENT, splices, edit.entries)
    return str(refused.value)


def insertion(data: bytes, at: int = AT) -> tuple[Splice, ...]:
    return tuple(sorted((DATE, Splice(at, at, data)), key=lambda s: s.start))


def test_good_edit_isprove() -> None:
    """The edit that the tampered ones start from passes the proof again."""
    assert proof.prove(DOCUMENT, GOOD.splices, GOOD.entries) == GOOD


@pytest.mark.parametrize(
    ("splices", "why"),
    [
        ((DATE, Splice(AT - 1, AT, b"\n" + ROW + b"\n")), "would be overwritten"),
        ((DATE, Splice(AT - 44, AT, b"")), "would be overwritten"),
        ((DATE._replace(data=b"2025\n12"), *GOOD.splices[1:]), "would be overwritten"),
        ((DATE._replace(end=DATE.end + 1), *GOOD.splices[1:]), "would be overwritten"),
        (insertion(ROW), "not of whole lines"),
        (insertion(ROW + b"\n", AT - 1), "not of whole lines"),
        (insertion(b"\n" + ROW + b"\n", AT - 3), "not of whole lines"),
        (insertion(ROW + b"\n" + b"|[Extra](https://arxiv.org/abs/2401.00009)||\n"), "not of entries alone"),
        (insertion(ROW + b"\n\n"), "not of entries alone"),
        (insertion(b"\n" + ROW + b"\n"), "not of entries alone"),
        (insertion(ROW + b"\n", LIST.index(b"|--|--|")), "not understood as before"),
        (insertion(ROW + b"\n", LIST.index(b"|[Bats")), "does not stand in section 'L > A'"),
        (insertion(ROW + b"\n", 0), "does not stand in section"),
        (insertion(ROW + b"\n" + ROW + b"\n"), "the entries afterwards"),
        ((DATE,), "2511.00007, written like its neighbours, would not be read as an entry"),
        ((DATE._replace(data=b"soon"), *GOOD.splices[1:]), "the date line"),
    ],
)
def test_tampered_splices_are_refused(splices: tuple[Splice, ...], why: str) -> None:
    """An overwritten byte, a half line, a row elsewhere, too many or too few: each is named and stops the edit."""
    assert why in refusal(splices)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"|[Hogs](https://arxiv.org/abs/2511.00007)|", "not as many cells"),
        (b"|[Hogs](https://arxiv.org/abs/2511.00008)||", "does not link to it"),
        (b"|[arXiv](https://arxiv.org/abs/2511.00007)||", "does not hold its title"),
    ],
)
def test_bad_rows_are_refused(row: bytes, why: str) -> None:
    """A row with a cell missing, with another paper's link, or without its paper's title, is refused."""
    bad = replace(GOOD, entries=(replace(GOOD.entries[0], row=row),))
    assert why in refusal(insertion(row + b"\n"), bad)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda edit: replace(edit, after=edit.after.replace(b"Owls", b"Owlz")),
        lambda edit: replace(edit, after=edit.after[:-1]),
        lambda edit: replace(edit, splices=edit.splices[::-1]),
        lambda edit: replace(edit, splices=edit.splices[:1]),
    ],
)
def test_bytes_that_do_not_come_back_are_refused(tamper: Callable[[Edit], Edit]) -> None:
    """An edit whose splices do not give the old bytes back is found out."""
    assert proof.unspliced(GOOD) is None
    assert proof.unspliced(tamper(GOOD)) == "the edit cannot be undone byte for byte"


def test_new_section_is_named() -> None:
    """A heading that no addition asked for is refused, even beside one that was."""
    opened = add_entries(DOCUMENT, [addition("2511.00007", "Hogs", ("New",), create=True)], TODAY)
    data = opened.splices[-1].data.replace(b"## New", b"## Other")
    assert "a section 'Other' nobody asked for" in refusal(insertion(data, len(LIST)), opened)
    misplaced = replace(opened, entries=(replace(opened.entries[0], path=("L", "Other")),))
    assert "nobody asked for" in refusal(opened.splices, misplaced)


def test_nothing_to_add_changes_nothing() -> None:
    """Without additions the list stays as it is, its date included."""
    assert add_entries(DOCUMENT, [], TODAY).after == LIST


def test_order_of_additions_is_kept() -> None:
    """Entries come back in the order asked for, whatever their sections, and stand so in their section."""
    wanted = [("2511.00003", "B"), ("2511.00001", "A"), ("2511.00002", "B"), ("2511.00004", "A")]
    edit = add_entries(DOCUMENT, [addition(id, "Hogs", (place,)) for id, place in wanted], TODAY)
    assert [e.id for e in edit.entries] == [id for id, _ in wanted]
    now = parse(edit.after)
    for place in "AB":
        section = now.section((place,))
        assert section is not None
        assert [e.arxiv_ids[0] for e in section.entries[-2:]] == [id for id, of in wanted if of == place]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (LIST, GOOD.after, (1, len(ROW) + 1, True)),
        (LIST, LIST, (0, 0, False)),
        (LIST, LIST.replace(b"2024-09-11", b"2024.10.1"), (0, 0, True)),
        (LIST[:-1], LIST, (0, 1, False)),
        (LIST[:-1], LIST + b"x\n", (1, 3, False)),
        (LIST[:-1], LIST[:-1] + b"x", None),
        (LIST, LIST.replace(b"2024-09-11", b"a while ago"), None),
        (LIST, LIST.replace(b"Owls", b"Owlz"), None),
        (LIST, LIST.replace(b"|[Owls](https://arxiv.org/abs/2401.00001)||\n", b""), None),
        (LIST, LIST.replace(b"2024-09-11\n", b"2024-09-12\r\n"), None),
        (b"Updated: 2024-01-01", b"Updated: 2024-01-02\n- x\n", (1, 4, True)),
        (b"2024-01-01, updated: 2024-01-01\n", b"2024-01-01, updated: 2025-01-01\n", (0, 0, True)),
        (b"2024-01-01, updated: 2024-01-01\n", b"2025-01-01, updated: 2024-01-01\n", None),
        (b"", b"x\n", (1, 2, False)),
    ],
)
def test_growth(before: bytes, after: bytes, told: tuple[int, int, bool] | None) -> None:
    """Lines inserted and the date set are counted; anything else that changed makes it None."""
    grown = growth(parse(before), after)
    assert (grown and (grown.lines, grown.bytes, grown.date_changed)) == told


def test_line_endings_that_would_melt_are_refused() -> None:
    """A blank line after a lone carriage return would become the second half of one line ending."""
    source = b"# A\ntext\r\n# B\r# A\n    | Paper |\r    | -- |\n    |  |\r# A\n| Paper |\r| -- |\n"
    with pytest.raises(ListFormatError, match="not of whole lines"):
        add_entries(parse(source), [addition("2401.00001", "A paper", ("B",))], TODAY)


def test_another_papers_name_is_never_copied() -> None:
    """An entry that would stand under a neighbour's words is refused: titles of two words may be taken for labels."""
    names = ("Alpha Attention", "Beta Caches", "Gamma Scaling", "Zeta Pruning")
    items = (
        f"- **[ICML 2024]** [{name}](https://arxiv.org/abs/2401.0000{n}) *A Bee et al.*\n"
        for n, name in enumerate(names)
    )
    document = parse(("# L\n\n## S\n\n" + "".join(items)).encode())
    paper = Paper("2511.00007", "Hedgehogs: Paged Attention for Small Mammals")
    with pytest.raises(ListFormatError, match="another paper's title"):
        add_entries(document, [Addition(paper, ("L", "S"))], TODAY)


@pytest.mark.parametrize(
    ("row", "others", "held"),
    [
        (b"- [Hogs: A Study of Hogs](U)", b"A Study of Owls", True),
        (b"- [*Hogs*: A Study of **Hogs**](U)", b"A Study of Owls", True),
        (b"- **Hogs** [A Study of Hogs](U)", b"A Study of Owls", True),
        (b"- [Hogs](U)", b"Owls", True),
        (b"- [Hogs](U)", b"A Study of Owls at Night", False),
        (b"- [A Study](U)", b"Owls", False),
    ],
)
def test_entry_holds_its_title(row: bytes, others: bytes, held: bool) -> None:
    """An entry shows the whole title, marks aside; the name before its colon is enough where papers go by names."""
    source = b"# L\n\n## A\n- [" + others + b"](https://arxiv.org/abs/2401.00001)\n"
    row = row.replace(b"U", b"https://arxiv.org/abs/2511.00007")
    document = parse(source)
    entry = InsertedEntry("2511.00007", ("L", "A"), row, source.index(b"## A"), "Hogs: A Study of Hogs")
    splices = (Splice(len(source), len(source), row + b"\n"),)
    if held:
        assert proof.prove(document, splices, (entry,)).after == source + row + b"\n"
        return
    with pytest.raises(ListFormatError, match="does not hold its title"):
        proof.prove(document, splices, (entry,))


@pytest.mark.parametrize("label", ["paper", "arXiv 2025", "arXiv", "ICML'24", "2025-11", "code"])
def test_label_is_nobodys_name(label: str) -> None:
    """The label, venue or date of a link that only one entry had before is no name that a new one must not carry."""
    source = f"# L\n\n## A\n\n1. “A Study of Owls” ([{label}](https://arxiv.org/abs/2401.00001))\n".encode()
    row = f"2. “A Study of Hogs” ([{label}](https://arxiv.org/abs/2511.00007))".encode()
    entry = InsertedEntry("2511.00007", ("L", "A"), row, source.index(b"## A"), "A Study of Hogs")
    splices = (Splice(len(source), len(source), row + b"\n"),)
    assert proof.prove(parse(source), splices, (entry,)).after == source + row + b"\n"


def test_name_of_another_is_refused() -> None:
    """The name of a link that only one entry had before is another paper's, whatever title stands beside it."""
    source = b"# L\n\n## A\n\n- A Study of Owls [OwlNet](https://arxiv.org/abs/2401.00001)\n"
    row = b"- A Study of Hogs [OwlNet](https://arxiv.org/abs/2511.00007)"
    entry = InsertedEntry("2511.00007", ("L", "A"), row, source.index(b"## A"), "A Study of Hogs")
    with pytest.raises(ListFormatError, match="another paper's title"):
        proof.prove(parse(source), (Splice(len(source), len(source), row + b"\n"),), (entry,))
