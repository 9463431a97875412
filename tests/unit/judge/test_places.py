"""Topics of a list, and the sections that hold their papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import config
from bot.judge.factory import JudgeInput, judge_of
from bot.judge.sections.places import Places
from bot.model import Paper
from bot.paperlist.read.document import parse

SETTINGS = config.loads(
    "lists: [{name: a, file: a.md, keywords: [cache], sections: [{heading: Routing, receives: false}]}]", "k.yaml"
)
TITLES = {"Caching": "Cache eviction method {} for attention memory", "Routing": "Request router balancing replicas {}"}


def listed(*headings: str) -> str:
    """Return a list with six papers below each heading; one that is a date is a part of the heading before it."""
    text, topic = "# P\n\n", ""
    for number, heading in enumerate(headings, 1):
        topic = heading if heading in TITLES else topic
        text += f"{'##' if heading in TITLES else '###'} {heading}\n"
        for n in range(6) if heading not in TITLES or not any(h[0].isdigit() for h in headings) else ():
            text += f"- [{TITLES[topic].format(n)}](https://arxiv.org/abs/2{number}01.0000{n})\n"
        text += "\n"
    return text


def paper(topic: str, day: str) -> Paper:
    """Return a paper of a topic, submitted on a day."""
    return Paper("2501.00007", TITLES[topic].format("new"), published=datetime.fromisoformat(day).replace(tzinfo=UTC))


DATED = listed("Caching", "2025", "2024", "Routing", "2025", "2024")


@pytest.mark.parametrize(
    ("topic", "day", "section"),
    [
        ("Caching", "2025-06-01", ("P", "Caching", "2025")),
        ("Routing", "2024-12-31", ("P", "Routing", "2024")),
        ("Routing", "2026-01-01", ("P", "Routing", "2026")),
        ("Caching", "2022-01-01", ("P", "Caching", "2025")),
    ],
)
def test_a_paper_goes_into_its_own_period(topic: str, day: str, section: tuple[str, ...]) -> None:
    """The topic is chosen by words, its part by the day; a later period is opened, and an older one is not."""
    open_to_all = SETTINGS.lists[0].model_copy(update={"sections": ()})
    judge = judge_of(JudgeInput(SETTINGS, open_to_all, parse(DATED.encode())))
    (verdict,) = judge.judge([paper(topic, day)])
    assert verdict.section
    assert verdict.section.path == section


def test_years_alone() -> None:
    """In a list that knows years alone every paper goes into its own."""
    text = "## 2025\n" + "".join(f"- [Owls {n}](https://arxiv.org/abs/2501.0000{n})\n" for n in range(6))
    text += "\n## 2024\n" + "".join(f"- [Hogs {n}](https://arxiv.org/abs/2401.0000{n})\n" for n in range(6))
    judge = judge_of(JudgeInput(SETTINGS, SETTINGS.lists[0], parse(text.encode())))
    papers = [Paper("2401.00009", "Owls again"), Paper("2502.00009", "Hogs again"), Paper("", "Hogs for ever")]
    assert [v.section.path if v.section else None for v in judge.judge(papers)] == [("2024",), ("2025",), ("2025",)]


def test_a_conference_takes_what_was_accepted_there() -> None:
    """A section of a conference takes a paper whose own record says so, and no other, however alike."""
    rows = "".join(f"- [Request router {n}](https://arxiv.org/abs/2501.0000{n})\n" for n in range(6))
    text = listed("Caching", "Routing") + f"## ICML 2025\n{rows}\n## CVPR'26\n{rows}"
    judge = judge_of(JudgeInput(SETTINGS, SETTINGS.lists[0].model_copy(update={"sections": ()}), parse(text.encode())))
    plain = paper("Routing", "2026-01-01")
    told = [replace(plain, comment=f"Accepted to {where}") for where in ("CVPR 2026", "ICML 2026")]
    paths = [verdict.section and verdict.section.path for verdict in judge.judge([plain, *told])]
    assert paths == [("P", "Routing"), ("P", "CVPR'26"), ("P", "Routing")]


def test_what_receives_nothing() -> None:
    """News, and a section that is closed by the configuration, are no choice, nor an alternative."""
    text = listed("Caching", "Routing") + "## News\n- [Request router news](https://arxiv.org/abs/2401.00009)\n"
    document = parse(text.encode())
    assert list(Places.of(document).topics) == [("P", "Caching"), ("P", "Routing")]
    (verdict,) = judge_of(JudgeInput(SETTINGS, SETTINGS.lists[0], document)).judge([paper("Routing", "2026-01-01")])
    assert verdict.section
    assert {verdict.section.path, *(one.path for one in verdict.alternatives)} == {("P", "Caching")}
