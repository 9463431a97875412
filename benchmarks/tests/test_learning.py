"""The benchmarks of the judge on invented weeks: learning from a simulated curator, recall with intervals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import discovery, learning
from benchmarks.curves import Line, drawing
from bot import config
from bot.config import Config
from bot.model import Paper

SUBJECTS = "cache scheduling batching prefill decoding routing memory kernel cluster adapter offloading sharing".split()
CONFIG = """lists:
  - name: serving
    file: README.md
    categories: [cs.DC]
    keywords: [{phrase: serving, weight: 0.4}]
    limits: {max_open: 8, propose_at: 0.1, near_miss_at: 0.05}
"""


def papers(month: str, title: str, summary: str) -> tuple[Paper, ...]:
    return tuple(
        Paper(f"{month}.{n:05d}", title.format(subject), summary=summary.format(subject), categories=("cs.DC",))
        for n, subject in enumerate(SUBJECTS)
    )


LISTED = papers("2501", "Fast {} for serving language models", "We serve language models with better {} on clusters.")
WANTED = papers("2511", "Better {} when serving language models", "We serve language models, and {} becomes cheap.")
UNWANTED = papers("2512", "Serving {} in restaurants", "We serve {} to guests, and waiters carry language models.")


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    (tmp_path / "keywords.yaml").write_text(CONFIG)
    return config.load(tmp_path / "keywords.yaml")


def weeks() -> list[learning.Week]:
    """Return three weeks, of four wanted and four unwanted papers each."""
    parts = [slice(n, n + 4) for n in (0, 4, 8)]
    return [
        learning.Week(date(2025, 11, 3 + 7 * n), WANTED[s] + UNWANTED[s], frozenset(p.id for p in WANTED[s]))
        for n, s in enumerate(parts)
    ]


def test_reviews_count(settings: Config) -> None:
    """A judge that knows the decisions separates wanted and unwanted papers better than one that does not."""

    def apart(judged: list[learning.Judged]) -> float:
        last = [j for j in judged if j.week == 2]
        return min(j.relevance for j in last if j.wanted) - max(j.relevance for j in last if not j.wanted)

    told = learning.replay(settings, LISTED, weeks(), learning=True)
    untold = learning.replay(settings, LISTED, weeks(), learning=False)
    assert [j for j in told if j.week == 0] == [j for j in untold if j.week == 0]
    assert apart(told) > apart(untold)
    assert max(sum(j.proposed for j in told if j.week == n) for n in range(3)) <= 8


def test_order_of_a_week(settings: Config) -> None:
    """Papers shuffled within their weeks get the same relevances."""
    turned = [replace(week, papers=week.papers[::-1]) for week in weeks()]
    assert learning.replay(settings, LISTED[::-1], turned, learning=True) == learning.replay(
        settings, LISTED, weeks(), learning=True
    )


def test_interval() -> None:
    """A judge with the same ranking shows as many papers; one that ranks the wanted first shows fewer in every draw."""
    keeps = [
        learning.Judged(week, f"{week}.{n}", 0.9 - 0.1 * n, True, n % 2 == 1) for week in range(3) for n in range(6)
    ]
    learns = [replace(j, relevance=float(j.wanted)) for j in keeps]
    assert learning.saved(keeps, keeps, (0.4, 0.8)) == (1, 1, 1)
    part, low, high = learning.saved(keeps, learns, (0.5,))
    assert low <= part <= high < 1


def test_curve() -> None:
    """A curve counts papers a week and shares found, highest relevance first; Brier and reliability agree."""
    judged = [
        learning.Judged(0, "a", 0.9, True, True),
        learning.Judged(0, "b", 0.5, True, False),
        learning.Judged(1, "c", 0.4, False, True),
    ]
    points = learning.curve(judged)
    assert points == [(0, 0), (0.5, 0.5), (1, 0.5), (1.5, 1)]
    assert learning.shown_for(points, 0.5) == 0.5
    assert learning.brier(judged) == pytest.approx((0.01 + 0.25 + 0.36) / 3)
    assert list(learning.reliability(judged)) == [(0.4, 0.4, 1, 1), (0.5, 0.5, 0, 1), (0.9, 0.9, 1, 1)]


def test_drawing() -> None:
    """A drawing is well-formed whatever its words are, and has a line for each curve."""
    picture = ElementTree.fromstring(drawing("Found & <shown>", [Line("a < b", [(0, 0), (80, 1)]), Line("c", [])], 80))
    assert len(picture.findall("{*}polyline")) == 2


def a_week(strict: tuple[int, ...], foreign: int = 0) -> discovery.Week:
    return discovery.Week("2026-01-05", strict, strict, 10, 1, foreign)


def test_recall_and_interval() -> None:
    """Recall counts papers, not weeks; its interval contains it, and is a point where all weeks are alike."""
    measure = discovery.recall(lambda week: week.strict, 20)
    assert measure([a_week((1, 30)), a_week((5,)), a_week(())]) == pytest.approx(2 / 3)
    some = [a_week((1, 30)), a_week((5, 6)), a_week((90,))]
    low, high = discovery.interval(measure, some)
    assert low < measure(some) < high
    assert discovery.interval(measure, some) == (low, high)
    assert discovery.interval(measure, [a_week((1, 30))] * 3) == (0.5, 0.5)
    assert list(discovery.report([a_week((1,), foreign=2)]))[-1].endswith("at most 2")


def test_a_ranked_week(settings: Config) -> None:
    """A week has ranks, what the policy proposes, and what it would propose without computer science."""
    strange = Paper("2512.90000", "Serving guests", categories=("physics.soc-ph",))
    relevance = [0.9, 0.8, 0.7, 0.6, 0.5, 0.05]
    week = discovery.Week.of(
        "2025-11-03", (*WANTED[:5], strange), relevance, ({WANTED[0].id}, {WANTED[4].id}), settings.lists[0]
    )
    assert (week.strict, week.silver, week.proposed, week.found, week.foreign) == ((1,), (5,), 5, 1, 0)
    assert discovery.Week.of("2025-11-03", [strange], [0.3], (set(), set()), settings.lists[0]).foreign == 1
