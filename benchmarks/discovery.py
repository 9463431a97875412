"""Measure how high the judge ranks what curators chose, with intervals: `make discovery`.

Each labelled week of the shared data is ranked by relevance alone, against what the lists on serving held before the
week's era, as `score_judge.py discovery` does by the command line; sections do not bear on relevance and are left out.
The 95 % intervals are bootstrapped over whole weeks. A week without computer science is the same week without the
papers that have a category of it. `python -m benchmarks.discovery --no-keywords` judges without keywords.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.weeks import ERAS, era_of, labelled, list_of
from bot import config
from bot.config import ListConfig
from bot.judge.keywords import KeywordJudge
from bot.judge.learned import LearnedJudge
from bot.judge.readiness import lessons
from bot.judge.relevance.own_text import own_text
from bot.model import Paper
from bot.paperlist.read.document import parse
from tests.servers.shared import PAPERS, ROOT, listed_before, papers

SHOWN = (20, 40, 80)
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Week:
    """The ranks (from 1) of the wanted papers of a week, how many papers were proposed, and how many rightly."""

    monday: str
    strict: tuple[int, ...]
    silver: tuple[int, ...]
    proposed: int
    found: int
    foreign: int

    @classmethod
    def of(
        cls, monday: str, papers: Sequence[Paper], relevance: Sequence[float], wanted: tuple[set[str], set[str]],
        task: ListConfig,
    ) -> Week:  # fmt: skip
        """Rank the papers of a week; `wanted` holds the strictly labelled ones, then all labelled ones."""
        order = sorted(zip(papers, relevance, strict=True), key=lambda pair: (-pair[1], pair[0].id))
        ranks = {paper.id: n for n, (paper, _) in enumerate(order, 1)}
        strict, silver = (tuple(sorted(ranks[i] for i in ids if i in ranks)) for ids in wanted)
        fit = [paper for paper, value in order if value >= task.limits.propose_at]
        foreign = [paper for paper in fit if not any(c.startswith("cs.") for c in paper.categories)]
        room = task.limits.max_open
        found = sum(rank <= min(room, len(fit)) for rank in strict)
        return cls(monday, strict, silver, min(room, len(fit)), found, min(room, len(foreign)))


def judged(task: ListConfig, known: dict[str, Paper], only: Sequence[str] = ()) -> Iterator[Week]:
    """Yield every labelled week of the eras, or only some, ranked."""
    query = task.query()
    rules = KeywordJudge(query.keywords, query.exclude)
    judges: dict[str, LearnedJudge] = {}
    for monday, week in labelled(only):
        era = era_of(monday)
        if era is None:
            continue
        before = listed_before(era, known)
        if era not in judges:
            held = list(before.values())
            text = list_of(held)
            own, taught = own_text(text.decode()), lessons(parse(text), held)
            judges[era] = LearnedJudge(rules, taught, own, weighed=bool(query.keywords))
        found = [known[i] for i in week["ids"] if i in known and i not in before]
        strict = set(week["positives_strict"])
        wanted = (strict, strict | set(week["silver_serving"]))
        verdicts = judges[era].judge(found)
        yield Week.of(monday, found, [v.relevance for v in verdicts], wanted, task)


def recall(ranks: Callable[[Week], Sequence[int]], shown: int) -> Callable[[Sequence[Week]], float]:
    """Return the measure of weeks: the share of wanted papers among the first `shown` of their week."""
    return lambda weeks: sum(r <= shown for w in weeks for r in ranks(w)) / max(1, sum(len(ranks(w)) for w in weeks))


def interval(measure: Callable[[Sequence[Week]], float], weeks: Sequence[Week]) -> tuple[float, float]:
    """Return the 95 % interval of a measure, bootstrapped over weeks with a fixed seed."""
    drawing = random.Random(0)
    values = sorted(measure(drawing.choices(weeks, k=len(weeks))) for _ in range(DRAWS))
    return values[int(DRAWS * 0.025)], values[int(DRAWS * 0.975)]


def report(weeks: Sequence[Week]) -> Iterator[str]:
    """Yield a line for each measure: its value and its interval."""
    for name, ranks in (("strict", lambda w: w.strict), ("+silver", lambda w: w.silver)):
        for shown in SHOWN:
            measure = recall(ranks, shown)
            low, high = interval(measure, weeks)
            yield f"{name:8} R@{shown}: {measure(weeks):.3f} [{low:.3f}, {high:.3f}]"

    def share(some: Sequence[Week]) -> float:
        return sum(w.found for w in some) / max(1, sum(len(w.strict) for w in some))

    def proposed(some: Sequence[Week]) -> float:
        return sum(w.proposed for w in some) / len(some)

    for name, measure in (("strict found by policy", share), ("proposed a week", proposed)):
        low, high = interval(measure, weeks)
        yield f"{name}: {measure(weeks):.3f} [{low:.3f}, {high:.3f}]"
    yield f"proposed in a week without computer science: at most {max(w.foreign for w in weeks)}"


def main() -> int:
    """Print the measures of each era and of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config" / "keywords.yaml")
    parser.add_argument("--no-keywords", action="store_true", help="judge as if the configuration had none")
    options = parser.parse_args()
    if not PAPERS.exists():
        print(f"the labelled weeks of the shared data are missing: no {PAPERS}", file=sys.stderr)
        return 1
    task = config.load(options.config).lists[0]
    if options.no_keywords:
        task = task.model_copy(update={"keywords": ()})
    weeks = list(judged(task, papers()))
    for era, end in zip(ERAS, (*ERAS[1:], "9"), strict=True):
        print(f"from {era}", *report([w for w in weeks if era <= w.monday < end]), sep="\n  ")
    print("all", *report(weeks), sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
