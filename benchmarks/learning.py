"""Measure what a judge learns from reviews, on twelve labelled weeks of the shared data in a row: `make learning`.

A simulated curator accepts those proposed papers that curators of lists on serving chose or that are labelled as
serving, and rejects the others. One judge is given the decisions week by week: accepted papers join its list, rejected
ones are known to it. The other judge keeps the list it began with. The curves show how many papers each must show to
find a share of the labelled ones; they include the first week, where both are the same.
`python -m benchmarks.learning --no-keywords` judges without keywords.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.curves import Line, drawing
from benchmarks.weeks import labelled, list_of
from bot import config
from bot.config import Config
from bot.judge.keywords import KeywordJudge
from bot.judge.learned import LearnedJudge
from bot.judge.readiness import lessons
from bot.judge.relevance.own_text import OwnText
from bot.model import Paper
from bot.paperlist.read.document import parse
from bot.state.decision import Basis, Decision, DecisionKind, How
from tests.servers import shared
from tests.servers.shared import ROOT

ERAS = {"shown": "2025-07-14", "chosen on": "2025-12-29"}
"""The twelve weeks from the first day are drawn; those from the second decided how to learn."""
WEEKS = 12
MEAN = tuple(n / 20 for n in range(7, 16))
DRAWS = 1000
SVG = ROOT / "docs" / "learning.svg"
SHARES = (0.4, 0.5, 0.55, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Week:
    """The papers announced in a week, and those that the curator would take."""

    monday: date
    papers: tuple[Paper, ...]
    wanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A paper judged in a week: its relevance, whether it was proposed and wanted."""

    week: int
    id: str
    relevance: float
    proposed: bool
    wanted: bool


def replay(settings: Config, start: Sequence[Paper], weeks: Sequence[Week], *, learning: bool) -> list[Judged]:
    """Judge week after week by the policy of the configuration, and with `learning` by each week's decisions."""
    task = settings.lists[0]
    query, limits = task.query(), task.limits
    rules = KeywordJudge(query.keywords, query.exclude)
    papers, refused, decisions = list(start), list[Paper](), list[Decision]()
    found: list[Judged] = []
    for number, week in enumerate(weeks):
        library = [*papers, *refused]
        taught = lessons(parse(list_of(papers)), library, decisions)
        judge = LearnedJudge(rules, taught, OwnText(), weighed=bool(query.keywords))
        relevances = {p.id: v.relevance for p, v in zip(week.papers, judge.judge(week.papers), strict=True)}
        ranked = sorted(week.papers, key=lambda p: (-relevances[p.id], p.id))
        proposed = [p for p in ranked[: limits.max_open] if relevances[p.id] >= limits.propose_at]
        ids = {p.id for p in proposed}
        found += [Judged(number, p.id, relevances[p.id], p.id in ids, p.id in week.wanted) for p in ranked]
        if learning:
            for paper in proposed:
                accepted = paper.id in week.wanted
                (papers if accepted else refused).append(paper)
                kind = DecisionKind.ACCEPTED if accepted else DecisionKind.REJECTED
                decisions.append(Decision(paper.id, kind, week.monday + timedelta(days=7), Basis(How.COMMAND)))
    return found


def curve(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    """Return (papers shown a week, share of the wanted ones found) for every threshold, the highest first."""
    weeks = len({j.week for j in judged})
    wanted = max(1, sum(j.wanted for j in judged))
    points, found = [(0.0, 0.0)], 0
    for shown, one in enumerate(sorted(judged, key=lambda j: (-j.relevance, j.id)), 1):
        found += one.wanted
        points.append((shown / weeks, found / wanted))
    return points


def shown_for(points: Sequence[tuple[float, float]], share: float) -> float:
    """Return how many papers a week must be shown for a share of the wanted ones."""
    return next((shown for shown, found in points if found >= share), float("inf"))


def saved(keeps: Sequence[Judged], learns: Sequence[Judged], shares: Sequence[float]) -> tuple[float, float, float]:
    """Return the part of the papers that a judge that learns must show, with its 95 % interval over whole weeks.

    Of several shares of the wanted ones the geometric mean counts.
    """
    import numpy as np

    weeks = len({j.week for j in keeps})
    drawn = np.random.default_rng(0).multinomial(weeks, [1 / weeks] * weeks, size=DRAWS)
    drawn[0] = 1
    parts = np.exp(np.log(_shown(learns, drawn, shares) / _shown(keeps, drawn, shares)).mean(1))
    low, high = np.percentile(parts, [2.5, 97.5])
    return float(parts[0]), float(low), float(high)


def _shown(judged: Sequence[Judged], drawn: Any, shares: Sequence[float]) -> Any:
    """Return how many papers are shown: a row for each draw of weeks, a column for each share."""
    import numpy as np

    ranked = sorted(judged, key=lambda j: (-j.relevance, j.id))
    week, wanted = np.array([j.week for j in ranked]), np.array([j.wanted for j in ranked])
    shown = []
    for counts in drawn:
        papers = counts[week]
        found = np.cumsum(papers * wanted)
        shown.append(np.cumsum(papers)[np.searchsorted(found, np.array(shares) * found[-1] - 1e-9)])
    return np.array(shown, dtype=float)


def reliability(judged: Sequence[Judged]) -> Iterator[tuple[float, float, float, int]]:
    """Yield (lower bound, mean relevance, share wanted, papers) of each tenth of relevance from 0.1 on."""
    for tenth in range(1, 10):
        some = [j for j in judged if tenth <= j.relevance * 10 < tenth + 1 + (tenth == 9)]
        if some:
            count = len(some)
            yield tenth / 10, sum(j.relevance for j in some) / count, sum(j.wanted for j in some) / count, count


def brier(judged: Sequence[Judged]) -> float:
    """Return the mean squared error of relevance as a probability."""
    return sum((j.relevance - j.wanted) ** 2 for j in judged) / max(1, len(judged))


def main() -> int:
    """Replay with and without learning, print what was found, and draw both curves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config" / "keywords.yaml")
    parser.add_argument("--no-keywords", action="store_true", help="judge as if the configuration had none")
    parser.add_argument("--svg", type=Path, default=SVG)
    options = parser.parse_args()
    if not shared.PAPERS.exists():
        print(f"the labelled weeks of the shared data are missing: no {shared.PAPERS}", file=sys.stderr)
        return 1
    settings = config.load(options.config)
    if options.no_keywords:
        settings = replace(settings, lists=(settings.lists[0].model_copy(update={"keywords": ()}),))
    known = shared.papers()
    for era, first in ERAS.items():
        start = shared.listed_before(first, known)
        weeks = list(weeks_from(first, known, start))
        keeps, learns = (replay(settings, list(start.values()), weeks, learning=yes) for yes in (False, True))
        print(f"weeks {era}, from {first}")
        for name, judged in (("keeps its list", keeps), ("learns from reviews", learns)):
            report(name, judged)
        for named, shares in (*((f"{share:.0%}", (share,)) for share in SHARES), ("35 to 75%", MEAN)):
            part, low, high = saved(keeps, learns, shares)
            print(f"  for {named} of the labelled, learning shows {part:.2f} of the papers [{low:.2f}, {high:.2f}]")
        if era == "shown" and not options.no_keywords:
            drawn = (("keeps its list", keeps), ("learns from reviews", learns))
            curves = [Line(name, [(x, y) for x, y in curve(judged) if x <= 80]) for name, judged in drawn]
            options.svg.write_text(drawing("Labelled papers found, by papers shown a week", curves, 80), "utf-8")
    return 0


def report(name: str, judged: Sequence[Judged]) -> None:
    """Print what was found, and how good relevance is as a probability."""
    weeks = len({j.week for j in judged})
    proposed = [j for j in judged if j.proposed]
    points = curve(judged)
    print(f"{name}: proposed {len(proposed) / weeks:.1f} a week, wanted {sum(j.wanted for j in proposed)} "
          f"of {sum(j.wanted for j in judged)}")  # fmt: skip
    print("  shown a week for a share of", {s: round(shown_for(points, s), 1) for s in SHARES})
    for part, some in (("all", judged), ("proposed", proposed)):
        if some:
            print(f"  Brier, {part}: {brier(some):.4f} of {len(some)}")
    for low, mean, share, count in reliability(judged):
        print(f"    relevance {low:.1f}+: mean {mean:.3f}, wanted {share:.3f} of {count}")


def weeks_from(first: str, known: dict[str, Paper], start: dict[str, Paper]) -> Iterator[Week]:
    """Yield twelve labelled weeks from a day on, oldest first."""
    for monday, week in [(monday, week) for monday, week in labelled() if monday >= first][:WEEKS]:
        papers = tuple(known[i] for i in sorted(week["ids"]) if i in known and i not in start)
        wanted = frozenset({*week["positives_strict"], *week["silver_serving"]} & {p.id for p in papers})
        yield Week(date.fromisoformat(monday), papers, wanted)


if __name__ == "__main__":
    sys.exit(main())
