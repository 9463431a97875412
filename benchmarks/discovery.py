"""How much of the curators' choice the judge ranks high, with intervals: `make discovery`.

Each labelled week of the shared data is ranked by relevance alone, against what the serving lists held before the
week's era, as `score_judge.py discovery` does by the command line; sections are left out, they do not bear on
relevance. Intervals are 95 % by bootstrap: whole weeks are drawn again. A week without computer science is the same
week without the papers that have a category of it. Run as `python -m benchmarks.discovery [--no-keywords]`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.learning import a_list
from benchmarks.survive import ERAS, listed
from bot import config
from bot.arxiv import paper_json
from bot.config import ListConfig
from bot.judge.keywords import KeywordJudge
from bot.judge.learned import LearnedJudge
from bot.judge.readiness import lessons
from bot.model import Paper
from tests.slow.simulate import DATA, ROOT

SHOWN = (20, 40, 80)
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Week:
    """The ranks from 1 of the papers that were wanted in a week, how many were proposed, and how many rightly."""

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
        """Rank the papers of a week; `wanted` are the strictly labelled ones, and these with the others."""
        order = sorted(zip(papers, relevance, strict=True), key=lambda pair: (-pair[1], pair[0].id))
        ranks = {paper.id: n for n, (paper, _) in enumerate(order, 1)}
        strict, silver = (tuple(sorted(ranks[i] for i in ids if i in ranks)) for ids in wanted)
        fit = [paper for paper, value in order if value >= task.limits.propose_at]
        foreign = [paper for paper in fit if not any(c.startswith("cs.") for c in paper.categories)]
        room = task.limits.max_open
        found = sum(rank <= min(room, len(fit)) for rank in strict)
        return cls(monday, strict, silver, min(room, len(fit)), found, min(room, len(foreign)))


def judged(task: ListConfig, known: dict[str, Paper]) -> Iterator[Week]:
    """Yield every labelled week of the eras, ranked."""
    query = task.query()
    rules = KeywordJudge(query.keywords, query.exclude)
    judges: dict[str, LearnedJudge] = {}
    for path in sorted((DATA.parent / "weeks").glob("*.json")):
        week = json.loads(path.read_text("utf-8"))
        era = max((e for e in ERAS if e <= week["week"]), default=None)
        if era is None:
            continue
        before = listed(era, known)
        if era not in judges:
            held = list(before.values())
            judges[era] = LearnedJudge(rules, lessons(a_list(held), held), keywords=bool(query.keywords))
        papers = [known[i] for i in week["ids"] if i in known and i not in before]
        strict = set(week["positives_strict"])
        wanted = (strict, strict | set(week["silver_serving"]))
        verdicts = judges[era].judge(papers)
        yield Week.of(week["week"], papers, [v.relevance for v in verdicts], wanted, task)


def recall(ranks: Callable[[Week], Sequence[int]], shown: int) -> Callable[[Sequence[Week]], float]:
    """Return what measures, over weeks, the share of wanted papers among the first `shown` of their week."""
    return lambda weeks: sum(r <= shown for w in weeks for r in ranks(w)) / max(1, sum(len(ranks(w)) for w in weeks))


def interval(measure: Callable[[Sequence[Week]], float], weeks: Sequence[Week]) -> tuple[float, float]:
    """Return the 95 % interval of a measure, by drawing weeks again; the same one each time."""
    drawing = random.Random(0)
    values = sorted(measure(drawing.choices(weeks, k=len(weeks))) for _ in range(DRAWS))
    return values[int(DRAWS * 0.025)], values[int(DRAWS * 0.975)]


def report(weeks: Sequence[Week]) -> Iterator[str]:
    """Yield a line for each measure: its value, and its interval."""
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
    if not DATA.exists():
        print(f"no labelled weeks beside {DATA}", file=sys.stderr)
        return 1
    task = config.load(options.config).lists[0]
    if options.no_keywords:
        task = task.model_copy(update={"keywords": ()})
    with gzip.open(DATA, "rb") as lines:
        known = {r["id"]: paper_json.decode_paper(r, DATA.name) for r in map(json.loads, lines)}
    weeks = list(judged(task, known))
    for era, end in zip(ERAS, (*ERAS[1:], "9"), strict=True):
        print(f"from {era}", *report([w for w in weeks if era <= w.monday < end]), sep="\n  ")
    print("all", *report(weeks), sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
