"""The date line is found in its many spellings and rewritten in its own; nothing else is taken for it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.paperlist.read.document import parse
from tests import examples
from tests.unit.paperlist import TODAY

SAME = dt.date(2024, 9, 5)
SPELLINGS = [
    ("**Last Update: 2024-09-05**", "**Last Update: 2025-12-01**"),
    ("Last updated: 2024-9-5.", "Last updated: 2025-12-1."),
    ("_last-modified_ 2024/09/05 (UTC)", "_last-modified_ 2025/12/01 (UTC)"),
    ("Updated on 2024.09.05", "Updated on 2025.12.01"),
    ("Updated: 05.09.2024.", "Updated: 01.12.2025."),
    ("Updated: 5.9.2024", "Updated: 1.12.2025"),
    ("| Latest update | 2024-09-05 |", "| Latest update | 2025-12-01 |"),
    ("Recently updated: Sep 5, 2024", "Recently updated: Dec 1, 2025"),
    ("Last updated: Sept. 5th, 2024", "Last updated: Dec. 1st, 2025"),
    ("Last update on September 05 2024", "Last update on December 01 2025"),
    ("Last edited: 5 September 2024", "Last edited: 1 December 2025"),
    ("List updated at 05 Sep. 2024!", "List updated at 01 Dec. 2025!"),
    ("Update time: 5th sep, 2024", "Update time: 1st Dec, 2025"),
    ("最后更新：2024年9月5日", "最后更新：2025年12月1日"),
    ("更新于 2024年09月05日", "更新于 2025年12月01日"),
    ("> 最近更新时间: **2024-09-05**", "> 最近更新时间: **2025-12-01**"),
    ("Updated (2024-09-05T12:00)", "Updated (2025-12-01T12:00)"),
    ("🔥 é Last Update: 2024-09-05 🔥", "🔥 é Last Update: 2025-12-01 🔥"),
]
MONTHS = [
    ("Last updated: September 2024", "Last updated: December 2025"),
    ("Last updated: Sep. 2024", "Last updated: Dec. 2025"),
    ("Last updated: 2024-09", "Last updated: 2025-12"),
    ("Last updated: 2024/9", "Last updated: 2025/12"),
    ("更新：2024年9月", "更新：2025年12月"),
]
NOT_DATES = [
    "Last updated: 09/05/2024",
    "Last updated: 2024-13-45",
    "Last updated: 09.25.2024",
    "Updated: 05.09.24",
    "Last updated: 31 February 2024",
    "Last updated: yesterday",
    "Published 2024-09-05",
    "    Last Update: 2024-09-05",
    "<!-- Last Update: 2024-09-05 -->",
    "|Paper|\n|--|\n|[Updated 2024-09-05](https://arxiv.org/abs/2409.00001)|",
    "```\nUpdated: 2024-09-05\n```",
]


@pytest.mark.parametrize(("text", "today"), SPELLINGS)
def test_spellings(text: str, today: str) -> None:
    """A full date is understood and today's is written with the same marks, order, padding and length of names."""
    line = parse(f"# List\n\n{text}\n".encode()).date_line
    assert line is not None
    assert (line.date, line.line, line.text) == (SAME, 3, text)
    assert text.replace(line.written, line.rewritten(TODAY)) == today
    assert line.could_say(line.rewritten(TODAY))


@pytest.mark.parametrize(("text", "today"), MONTHS)
def test_months(text: str, today: str) -> None:
    """A line that names a month alone keeps to it; its date counts from the month's first day."""
    line = parse(text.encode()).date_line
    assert line is not None
    assert line.date == SAME.replace(day=1)
    assert text.replace(line.written, line.rewritten(TODAY)) == today


@pytest.mark.parametrize("text", NOT_DATES)
def test_no_date_line(text: str) -> None:
    """No date is read into what is ambiguous, impossible, code, a comment, or an entry of the list."""
    assert parse(text.encode()).date_line is None


def test_first_line_counts() -> None:
    """Of several date lines the first is the list's."""
    line = parse(b"x\r\nUpdated: 2024-01-01\r\nUpdated: 2024-01-02\r\n").date_line
    assert line is not None
    assert (line.line, line.date.day) == (2, 1)


@pytest.mark.parametrize(
    ("written", "today"),
    [("May 5, 2024", "December 1, 2025"), ("June 5, 2024", "December 1, 2025"), ("May. 5, 2024", "Dec. 1, 2025")],
)
def test_month_names_without_a_longer_form(written: str, today: str) -> None:
    """`May` says nothing of the length of names; a full stop does."""
    line = parse(f"Updated: {written}".encode()).date_line
    assert line is not None
    assert line.rewritten(TODAY) == today


@pytest.mark.parametrize(
    ("day", "written"), [(2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd")]
)
def test_ordinals(day: int, written: str) -> None:
    """English ordinals follow the day."""
    line = parse(b"Updated: March 1st, 2024").date_line
    assert line is not None
    assert line.rewritten(dt.date(2025, 3, day)) == f"March {written}, 2025"


@settings(deadline=None, max_examples=examples(200))
@given(st.sampled_from(SPELLINGS), st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.text(max_size=9))
def test_rewritten_dates_are_read_again(spelling: tuple[str, str], day: dt.date, rest: str) -> None:
    """What is written is read as the same day, whatever words follow in the line."""
    first = parse(spelling[0].encode()).date_line
    assert first is not None
    text = spelling[0].replace(first.written, first.rewritten(day)) + f" {rest}"
    again = parse(text.encode()).date_line
    assert again is not None
    assert again.date == day
