"""Emphasis inside the title of an old entry is the title's own: a new entry is written with its whole title instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.paperlist.read import inline
from bot.paperlist.read.document import parse
from tests.conftest import LIST
from tests.unit.paperlist import add_one

NEW = "Owls at Night"
URL = "https://arxiv.org/abs/2401.00002"


@pytest.mark.parametrize(
    "title",
    [
        "Caching *Things*",
        "*Caching* Things",
        "**Caching** *Things*",
        "Caching `Things`",
        "Caching ~~Some~~ Things",
        "Caching <i>Things</i>",
        r"Caching\_All *Things*",
        "Caching &amp; *Things*",
    ],
)
def test_row_keeps_its_form(title: str) -> None:
    """A row after the only one, whose title has emphasis or escapes in it, has the form of that row and its title."""
    edit = add_one(parse(LIST.replace(b"Caching Things", title.encode())), NEW, ["Serving", "Caches"])
    assert edit.entries[0].row == b"[[2511.00007] Owls at Night (arxiv.org)](https://arxiv.org/abs/2511.00007)||"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- [Caching *Things*](U)", "- [Owls at Night](U)"),
        ("- [*Caching* Things](U)", "- [Owls at Night](U)"),
        ("- [*Caching* of **Things**](U)", "- [Owls at Night](U)"),
        ("- [*Caching Things*](U)", "- [*Owls at Night*](U)"),
        ("- **[Caching *Things* Again](U)**", "- **[Owls at Night](U)**"),
        ("- **Caching Some *Things*** [pdf](U)", "- **Owls at Night** [pdf](U)"),
        ("- [Caching <b>Things</b>](U)", "- [Owls at Night](U)"),
        ("- [Caching `Things`](U)", "- [Owls at Night](U)"),
    ],
)
def test_item_keeps_its_form(old: str, new: str) -> None:
    """An item like one with emphasis in its title has no mark left over, and keeps the emphasis of whole titles."""
    source = f"# L\n\n## A\n{old.replace('U', URL)}\n"
    edit = add_one(parse(source.encode()), NEW, ["L", "A"])
    assert edit.entries[0].row.decode() == new.replace("U", "https://arxiv.org/abs/2511.00007")


def test_title_without_a_name() -> None:
    """Where entries part name and rest at the colon, a title without one stands whole in the name's place."""
    old = "".join(f"- [Owl{i}](https://arxiv.org/abs/2401.0000{i}): The Night of Owls\n" for i in range(1, 6))
    edit = add_one(parse(f"# L\n\n## A\n{old}".encode()), "Hedgehogs in Winter Gardens", ["L", "A"])
    assert edit.entries[0].row == b"- [Hedgehogs in Winter Gardens](https://arxiv.org/abs/2511.00007)"


WORDS = st.lists(st.sampled_from(("Owls", "Zürich", "at", "night", "β", "7")), min_size=1, max_size=5)
DRESS = st.sampled_from((("", ""), ("*", "*"), ("**", "**"), ("`", "`"), ("<b>", "</b>")))


@given(st.lists(st.tuples(WORDS, DRESS), min_size=1, max_size=4), st.sampled_from(("", "**", "*")))
def test_located_as_a_whole(parts: list[tuple[list[str], tuple[str, str]]], around: str) -> None:
    """Words are found whatever emphasis parts of them have, and what is left around them is what all had."""
    words = " ".join(" ".join(words) for words, _ in parts)
    dressed = " ".join(a + " ".join(words) + b for words, (a, b) in parts)
    if around and ("*" in dressed or "`" in dressed or "<" in dressed):
        around = ""
    raw = f"[{around}{dressed}{around}]({URL})"
    place = inline.locate(raw, words)
    assert place is not None
    left = raw[: place[0]] + "T" + raw[place[1] :]
    assert left in (f"[{around}T{around}]({URL})", *(f"[{a}T{b}]({URL})" for _, (a, b) in parts[:1] if len(parts) == 1))


def test_not_in_an_address() -> None:
    """Words that only the address of a link has are nowhere."""
    assert inline.locate("[pdf](https://example.org/owls)", "owls") is None
    assert inline.locate("no such words", "owls") is None


def test_quoted_title_before_labels() -> None:
    """In a table without a column of titles the words in quotes are the title, not the labels of the links there."""
    row = '| 2025-0{i} | Net{i} | "A Study of Owls {i}" [[paper](https://arxiv.org/abs/2401.0000{i})] [[data](U)] |\n'
    rows = "".join(row.replace("{i}", str(i)).replace("U", "https://example.org/data") for i in (1, 2, 3))
    document = parse(f"# L\n\n## A\n\n| Date | Benchmark | Source |\n|--|--|--|\n{rows}".encode())
    assert [entry.title for entry in document.entries] == [f"A Study of Owls {i}" for i in (1, 2, 3)]
    new = add_one(document, "Hogs: A Study of Hogs", ["L", "A"]).entries[0].row.decode()
    assert new == '| 2025-11 | | "Hogs: A Study of Hogs" [[paper](https://arxiv.org/abs/2511.00007)] |'
