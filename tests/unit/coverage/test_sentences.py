"""Why a window is not proven: each code has one sentence, and the data that it names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from string import Formatter
from typing import Any

import pytest

from bot.coverage.sentences import SENTENCES, sentence
from bot.model import Reason, Unknown

WHOLE = Unknown(
    Reason.OTHER, 1, 2, (3, 4), 5, 6, date(2027, 3, 2), False, "2603.00001", datetime(2026, 3, 4, 6, 37, tzinfo=UTC),
    ("cs.DC", "cs.LG"), 503, "so it was",
)  # fmt: skip


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_a_sentence(reason: Reason) -> None:
    """Each code has its one sentence, on one line and without a full stop, with its data written out."""
    said = sentence(replace(WHOLE, reason=reason))
    assert said
    assert not set(said) & set("{}\n")
    assert not said.endswith(".")


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_needs_what_its_sentence_names(reason: Reason) -> None:
    """The fields in braces of a sentence are those that its code needs."""
    assert {name for _, name, _, _ in Formatter().parse(SENTENCES[reason]) if name} == set(reason.needs)


@pytest.mark.parametrize(("reason", "name"), [(reason, name) for reason in Reason for name in reason.needs])
def test_data_that_a_sentence_names_is_needed(reason: Reason, name: str) -> None:
    """A reason without data that its sentence names cannot be made, so none is written or read."""
    empty: dict[str, Any] = {name: {"counts": (), "categories": (), "text": ""}.get(name)}
    with pytest.raises(ValueError, match=f"the reason {reason} needs {name}"):
        replace(WHOLE, reason=reason, **empty)


def test_what_people_read() -> None:
    """Totals stand in their order, categories with commas, times to the minute, an unknown holiday with its year."""
    said = {
        Reason.DISAGREE: "the answers disagree: 1 distinct papers came, but arXiv counts 3, then 4",
        Reason.STANDS_STILL: (
            "the feed has no new papers in cs.DC, cs.LG: none at all, or those of an earlier evening"
        ),
        Reason.OTHER_DATES: (
            "2603.00001, submitted 2026-03-04 06:37, is outside the dates asked: this answers another question"
        ),
    }
    assert {reason: sentence(replace(WHOLE, reason=reason)) for reason in said} == said
    assert sentence(Unknown(Reason.MISSED_FEED, evening=date(2027, 3, 2), perhaps_holiday=True)) == (
        "papers that match no keyword, because the feed of 2027-03-02 was not read in full, unless that was a "
        "holiday: arXiv's holidays of 2027 are not known here"
    )
    with pytest.raises(ValueError, match="a holiday needs an evening"):
        Unknown(Reason.LOST, perhaps_holiday=True)
