"""What sections are for, and sections of periods that are not there yet."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from bot.paperlist.read.roles import Period, Role, period, roles, topic, venue
from bot.paperlist.write.new_period import next_period, sibling
from tests.unit.paperlist import TODAY, addition, undone

YEAR_2026 = Period(date(2026, 1, 1), date(2026, 12, 31))
MARCH_2026 = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("2026", YEAR_2026),
        ("📄 2026 Papers", YEAR_2026),
        ("Papers published in 2026", YEAR_2026),
        ("2026 (12 papers)", YEAR_2026),
        ("March 2026", MARCH_2026),
        ("2026-03", MARCH_2026),
        ("2026.03", MARCH_2026),
        ("2026年3月", MARCH_2026),
        ("2026 > March", MARCH_2026),
        ("28th January 2026", Period(date(2026, 1, 28), date(2026, 1, 28))),
        ("2026-02-28", Period(date(2026, 2, 28), date(2026, 2, 28))),
        ("2026 Q1", Period(date(2026, 1, 1), date(2026, 3, 31))),
        ("Before 2020", Period(date.min, date(2019, 12, 31))),
        ("2020 and before", Period(date.min, date(2020, 12, 31))),
    ],
)
def test_dated(path: str, days: Period) -> None:
    """A heading that is a date, alone or under its year, names the days of its section; its topic is what is above."""
    whole = ("Papers", *path.split(" > "))
    assert period(whole) == days
    assert topic(whole) == ("Papers",)


@pytest.mark.parametrize("name", ["ICLR 2026", "Decoders of 2026", "March", "2026-02-30", "3D 2026 worlds", "Survey"])
def test_no_date(name: str) -> None:
    """A venue with its year, a month without one, a day that does not exist, a topic: none names days."""
    assert period(("Papers", name)) is None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("CVPR 2026", ("cvpr", 2026)),
        ('<span id="cvpr26">CVPR 2026</span>', ("cvpr", 2026)),
        ("CVPR'26", ("cvpr", 2026)),
        ("ACL Findings 2025", ("acl", 2025)),
        ("NeurIPS 2021 (32 Papers)", ("neurips", 2021)),
        ("🏆 ICLR2025 accepted papers", ("iclr", 2025)),
        ("ICML > 2026", ("icml", 2026)),
        ("CVPR", None),
        ("2026", None),
        ("Attack papers 2026", None),
        ("Workshop at CVPR 2026", None),
        ("CVPR 2026 challenge", None),
    ],
)
def test_venues(path: str, found: tuple[str, int] | None) -> None:
    """A heading that is a conference and its year, alone or under it, makes a section of that conference."""
    assert venue(("Papers", *path.split(" > "))) == found


@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_heading_has_a_role(path: list[str]) -> None:
    """Whatever the headings say, days end after they begin, and the topic is a beginning of the path."""
    found = period(tuple(path))
    assert found is None or found.first <= found.last
    assert tuple(path[: len(topic(tuple(path)))]) == topic(tuple(path))


LIST = """# Papers

## News
- 2026: [A new paper](https://arxiv.org/abs/2601.00001) is out

## Caching
- [Caches](https://arxiv.org/abs/2401.00001)

## Our papers
- [Ours](https://arxiv.org/abs/2401.00002)

## Datasets
- [Pictures of owls, part A](https://a.example/owls) has labels
- [Pictures of owls, part B](https://b.example/owls) has labels
- [Pictures of owls, part C](https://c.example/owls) has labels

## 2025
- [Routers](https://arxiv.org/abs/2501.00001)
"""


def test_roles() -> None:
    """News are rolling; a curator's own papers and a place for data sets take nothing; a year is dated."""
    document = parse(LIST.encode())
    found = dict(zip((s.path[-1] for s in document.sections), roles(document.sections), strict=True))
    assert found == {
        "Papers": Role.TOPIC,
        "News": Role.ROLLING,
        "Caching": Role.TOPIC,
        "Our papers": Role.CLOSED,
        "Datasets": Role.CLOSED,
        "2025": Role.DATED,
    }


def test_a_list_under_its_news() -> None:
    """Where most of a list stands below a heading of news, that heading says nothing of the sections below."""
    document = parse(LIST.replace("# Papers", "# Latest News").encode())
    assert roles(document.sections)[2] is Role.TOPIC


@pytest.mark.parametrize(
    ("newest", "day", "expected"),
    [
        ("2025", "2026-01-05", "2026"),
        ("🔥 2025 Papers", "2026-01-05", "🔥 2026 Papers"),
        ("December 2025", "2026-02-05", "February 2026"),
        ("28th January 2026", "2026-02-03", "3rd February 2026"),
        ("2025-12", "2026-02-05", "2026-02"),
        ("2025 (12 papers)", "2026-01-05", None),
        ("2025 and before", "2026-01-05", None),
        ("2024 > December 2024", "2025-01-05", None),
        ("2024 > November 2024", "2024-12-05", "December 2024"),
    ],
)
def test_the_next_period(newest: str, day: str, expected: str | None) -> None:
    """A new period is named in the form of the newest one; None where the name would say what is not so."""
    path = tuple(newest.split(" > "))
    assert next_period(path, date.fromisoformat(day)) == ((*path[:-1], expected) if expected else None)


@pytest.mark.parametrize("years", [(2025, 2024), (2024, 2025)])
@pytest.mark.parametrize("contents", [True, False])
def test_a_new_year_is_opened(years: tuple[int, int], contents: bool) -> None:
    """A missing year comes where the newest one is: before it where years fall, else after it, in the contents too."""
    lines = "".join(f"- [{year}](#{year})\n" for year in years) + "\n" if contents else ""
    rows = "|Paper|Code|\n|--|--|\n|[Owls {0}](https://arxiv.org/abs/{0})||\n\n"
    text = "# Owls\n\n" + lines + "".join(f"## {year}\n\n{rows.format(f'{year % 100}01.00001')}" for year in years)
    document = parse(text.encode())
    path = ("Owls", "2026")
    edit = add_entries(document, [Addition(addition("2601.00007", "Hogs", path).paper, path, create=True)], TODAY)
    assert undone(edit) == document.source
    after = parse(edit.after)
    found = [s.path[-1] for s in after.sections if s.groups]
    assert found == (["2026", "2025", "2024"] if years[0] == 2025 else ["2024", "2025", "2026"])
    assert [item.text for item in after.contents] == (found if contents else [])
    assert [e.arxiv_ids for s in after.sections for e in s.entries if s.path == path] == [("2601.00007",)]


def test_only_dated_sections_have_siblings() -> None:
    """Where the path that is missing is no date, or no dated section stands beside it, there is no sibling."""
    document = parse(LIST.encode())
    assert sibling(document, ("Papers", "2026")) == (document.sections[-1], True)
    assert sibling(document, ("Papers", "Routing")) is None
    assert sibling(document, ("Papers", "Caching", "2026")) is None
