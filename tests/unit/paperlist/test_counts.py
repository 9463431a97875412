"""Coupled places: counts and dates follow an addition and a removal, where they said what the list held."""

from __future__ import annotations

import pytest

from bot.model import Path
from bot.paperlist.edit import growth
from bot.paperlist.merge import merged
from bot.paperlist.read.counts import uncounted
from bot.paperlist.read.document import parse
from bot.paperlist.remove import remove_entries
from tests.unit.paperlist import add_one

ROWS = [f"- [Paper of owls number {'abcdefghijkl'[i]}](https://arxiv.org/abs/2401.000{i + 10})" for i in range(12)]
HEAD = "# Owls\n\n{said}\n\n- [Night (4)](#night-4)\n- [Day](#day) (8 papers)\n"
LIST = HEAD + "\n## Night (4)\n" + "\n".join(ROWS[:4]) + "\n\n## Day\n" + "\n".join(ROWS[4:]) + "\n"


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("A list of 12 awesome papers on owls.", "A list of 13 awesome papers on owls."),
        ("![](https://img.shields.io/badge/Papers-12+-red)", "![](https://img.shields.io/badge/Papers-13+-red)"),
        ("- **Total Papers**: 12+", "- **Total Papers**: 13+"),
        ("收录 12 篇论文", "收录 13 篇论文"),
        ("Updated 2024-01-01: **12** papers", "Updated 2025-12-01: **13** papers"),
        ("A list of 120 papers on owls.", "A list of 120 papers on owls."),
        ("More than 11 papers on owls.", "More than 11 papers on owls."),
        ("[2024/05/01] 12 papers are listed.", "[2024/05/01] 12 papers are listed."),
        ("`12 papers`, 12 owls, 12 stars", "`13 papers`, 12 owls, 12 stars"),
        ("<!-- 12 papers -->", "<!-- 12 papers -->"),
        ("[![](https://img.shields.io/badge/Last%20Updated-May%202024-b.svg)](#) *Last updated: x*",) * 2,
    ],
)
def test_counts_follow(said: str, after: str) -> None:
    """A number that was the list's follows an addition; one that was not, a dated line and code stay."""
    before = parse(LIST.format(said=said).encode())
    edit = add_one(before, "Hogs", ["Owls", "Day"])
    now = edit.after.decode()
    if "May%202024" in after:
        after = after.replace("May%202024", "December%202025")
    assert after in now
    assert "- [Day](#day) (9 papers)" in now
    assert "[Night (4)](#night-4)" in now
    assert growth(before, edit.after) is not None
    row = edit.entries[0].row.decode()
    assert remove_entries(parse(edit.after), {edit.entries[0].id: row}, before).after == before.source


def test_a_heading_takes_its_address_along() -> None:
    """Links to a heading lead to it after its count has changed."""
    before = parse(LIST.format(said="").encode())
    edit = add_one(before, "Hogs", ["Owls", "Night (4)"])
    now = edit.after.decode()
    assert "- [Night (5)](#night-5)\n" in now
    assert "## Night (5)\n" in now
    assert "(8 papers)" in now


def test_dates_that_moved_together() -> None:
    """All places that tell the same last update get the new day, each in its form; another date stays."""
    lines = "Last updated: {0}\n\n- Latest Addition: {0}\n\n*Last updated: {1}*"
    before = parse(LIST.format(said=lines.format("2024-01-01", "2023-02-02")).encode())
    now = add_one(before, "Hogs", ["Owls", "Day"]).after.decode()
    assert lines.format("2025-12-01", "2023-02-02") in now


@pytest.mark.parametrize("people", [1, 2])
def test_both_sides_count(people: int) -> None:
    """Where people and the bot added papers at once, the merged counts say what the merged list holds."""
    old = LIST.format(said="A list of 12 papers.")
    rows = "".join(f"- [Their hen {i}](https://arxiv.org/abs/2402.0000{i})\n" for i in range(people))
    theirs = old.replace("12 papers", f"{12 + people} papers").replace("(8 papers)", f"({8 + people} papers)") + rows
    bot = add_one(parse(old.encode()), "Hogs", ["Owls", "Day"]).after
    both = merged(parse(old.encode()), parse(theirs.encode()), bot)
    assert both is not None
    assert f"A list of {13 + people} papers." in both.decode()
    assert f"({9 + people} papers)" in both.decode()


def test_a_count_that_was_wrong_is_left_to_people() -> None:
    """Two different numbers of which neither was right are a contradiction."""
    old = LIST.format(said="A list of 40 papers.")
    theirs, ours = (old.replace("40", number).encode() for number in ("41", "42"))
    assert merged(parse(old.encode()), parse(theirs), ours) is None


@pytest.mark.parametrize(
    ("path", "same"),
    [
        (("Owls", "Night (4)"), ("Owls", "Night (5)")),
        (("Jul 2026 (3 papers)",), ("Jul 2026 (4 papers)",)),
        (("2026 · 15 papers",), ("2026 · 16 papers",)),
    ],
)
def test_a_path_without_its_counts(path: Path, same: Path) -> None:
    """A section is the same after its count changed; other numbers and years part sections."""
    assert uncounted(path) == uncounted(same)
    assert uncounted(("Night (2023)",)) != uncounted(("Night (2024)",))
    assert uncounted(("2.1 Night",)) != uncounted(("2.2 Night",))
