"""A section written in two hands equally is refused; one in which a hand prevails is not."""

from __future__ import annotations

import pytest

from bot.errors import ListFormatError
from bot.paperlist.read.document import parse
from tests.unit.paperlist import add_one

LINKED = "- [{}]({})"
BOLD = "- **{}** [[pdf]({})]"
NAMED = '- **Net**: "{}" [[pdf]({})]'
QUOTED = '- "{}" [[pdf]({})]'


def document(forms: list[str], head: str = "") -> str:
    """Return a section whose entries are of these forms."""
    entries = [
        form.format(f"A Paper about Things {i}", f"https://arxiv.org/abs/2401.{i:05}") for i, form in enumerate(forms)
    ]
    return "# L\n\n## A\n" + head + "\n".join(entries) + "\n"


def test_two_hands_equally() -> None:
    """Where neither way prevails, the lines of both are named and nothing is written."""
    with pytest.raises(ListFormatError, match="lines 12 and 13 are written in two ways, equally often") as refused:
        add_one(parse(document([LINKED, BOLD] * 5).encode()), "Yet Another Paper", ["A"])
    assert refused.value.line == 12
    rows = document(["| [{}]({}) |", "| **{}** [pdf]({}) |"] * 5, "| Paper |\n|-|\n")
    with pytest.raises(ListFormatError, match="lines 14 and 15 are written in two ways"):
        add_one(parse(rows.encode()), "Yet Another Paper", ["A"])


@pytest.mark.parametrize(
    ("forms", "like"),
    [
        ([LINKED, BOLD, LINKED] * 4, "- [Yet"),
        ([LINKED] * 5 + [BOLD] * 5, "- **Yet"),
        ([LINKED, BOLD] * 3, "- "),
        ([NAMED, QUOTED] * 5, '- "Yet'),
        ([LINKED, "- [**{}**]({})"] * 5, "- ["),
    ],
)
def test_one_hand_prevails(forms: list[str], like: str) -> None:
    """The commoner way, the latest one, either of few entries, and entries without an optional part are followed."""
    edit = add_one(parse(document(forms).encode()), "Yet Another Paper", ["A"])
    assert edit.entries[0].row.decode().startswith(like)
