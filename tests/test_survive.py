"""The curators' choice of a past week reaches the judge through feed and API, each paper to one place."""

from __future__ import annotations

import json
from datetime import date
from itertools import islice

import pytest

from checks import survive
from checks.simulate import DATA

WEEK = "2025-11-03"
OTHERS, LISTED = 100, 60


def test_the_choice_of_a_week_is_received() -> None:
    """Of a small part of a week all that curators chose is received, and every paper of it is accounted for."""
    if not DATA.exists():
        pytest.skip(f"{DATA.name} of the shared data is not here")
    known, days = survive.records()
    week = json.loads((DATA.parent / "weeks" / f"{WEEK}.json").read_text("utf-8"))
    listed = dict(islice(survive.listed("2025-11-01", known).items(), LISTED))
    chosen = [i for i in week["positives_strict"] if i in days and i not in listed]
    others = [i for i in week["ids"] if i not in chosen and i not in listed][:OTHERS]
    world = survive.announced([*chosen, *others], days, known)
    found = survive.replay(survive.shipped(), world, date.fromisoformat(WEEK), set(chosen), listed)
    assert found["strict"] == found["received"] > 0
    assert found["below"] >= 0
    assert found["all proposed"] > 0
