"""Lists before and after, byte for byte: each case of tests/data/edits is three files of one name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.errors import ListFormatError
from bot.paperlist.edit import add_entries
from bot.paperlist.read.document import parse
from tests.unit.paperlist import TODAY, addition, undone

CASES = sorted((Path(__file__).parents[2] / "data" / "edits").glob("*.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_list_before_and_after(case: Path) -> None:
    """The additions make of the list before exactly the list after, or are refused with the reason told."""
    told = json.loads(case.read_text("utf-8"))
    document = parse(case.with_suffix(".before.md").read_bytes())
    additions = [addition(**one) for one in told["add"]]
    if "refuses" in told:
        with pytest.raises(ListFormatError) as refused:
            add_entries(document, additions, TODAY)
        assert told["refuses"] in str(refused.value)
        return
    edit = add_entries(document, additions, TODAY)
    assert edit.after == case.with_suffix(".after.md").read_bytes()
    assert undone(edit) == edit.before == document.source
    assert [entry.id for entry in edit.entries] == [one.paper.id for one in additions]
    assert edit.inserted_bytes == len(edit.after) - len(edit.before)
