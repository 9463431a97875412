"""Measure relevance on lists of every topic, by the list alone: `make lists`.

Each hand-kept list of ../shared/lists stands as on a day; what its curator listed later is ranked among 3,000 other
papers, as `score_lists.py` does by the command line. Two figures for each measure: as shipped, and with the numbers
that were chosen across lists fitted anew without the lists of the same group, of five. `--young N` keeps only N random
papers of each list.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.judge.readiness import lessons
from bot.judge.relevance import calibration
from bot.judge.relevance.calibration import Curve
from bot.judge.relevance.model import RelevanceModel
from bot.judge.relevance.own_text import OwnText, own_text
from bot.model import Paper
from bot.paperlist.read.document import parse
from tests.servers import shared

GROUPS = 5
SHOWN = (15, 30, 60)
LISTS = shared.SHARED / "lists"
Vector = NDArray[Any]
Matrix = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """A list at a day: evidence for the papers listed later (the first `wanted`) and for others, a row each.

    `values` and `rarity` are those of the shipped model, `pace` is that of the list, `titles` counts what it holds.
    """

    name: str
    group: int
    titles: int
    abstracts: float
    wanted: int
    pace: int
    evidence: Matrix
    rarity: Vector

    @property
    def values(self) -> Vector:
        """What the shipped model gives each paper."""
        return self.evidence.sum(axis=1)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Figures:
    """How papers listed later rank: auc, share within the best 15, 30, 60 of the others, share among the best 15."""

    auc: float
    recall: tuple[float, ...]
    top: float


def main() -> None:
    """Print how papers listed later rank on each list, and the means."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--young", type=int, metavar="N", help="keep N papers of each list")
    options.add_argument("--only", default="", help="a part of the repository's name")
    given = options.parse_args()
    cases = []
    for case in read_cases(given.only, given.young):
        cases.append(case)
        print(f"{case.name:64.64} {case.titles:5} {_line(figures(case, case.values))}", flush=True)
    if len(cases) < GROUPS:
        return
    print(f"\n{'mean of ' + str(len(cases)) + ' lists':40} auc   R@15 R@30 R@60 top")
    for name, some in _slices(cases):
        print(f"{name:40} {_line(_mean([figures(case, case.values) for case in some]))}")
    anew = _mean([figures(case, values) for case, values in _refitted(cases)])
    print(f"{'all, weights fitted without its group':40} {_line(anew)}")
    _print_probabilities(cases)


def _print_probabilities(cases: Sequence[Case]) -> None:
    """Print how well relevance is a probability: as shipped, and fitted without the group of each list."""
    chances, anew = [_chances(c, calibration.BY_LIST) for c in cases], _recalibrated(cases)
    for most in (*SHOWN, 100):
        shipped, fitted = (probabilities(cases, some, most) for some in (chances, anew))
        print(
            f"Brier score and calibration error of the {most} best: as shipped {shipped[0]:.3f} {shipped[1]:.3f}, ",
            end="",
        )
        print(f"fitted without its group {fitted[0]:.3f} {fitted[1]:.3f}")


def read_cases(only: str, young: int | None) -> Iterator[Case]:
    """Yield the lists that people keep by hand, with what they teach."""
    benches = [b for b in map(json.loads, (LISTS / "bench.jsonl").open(encoding="utf-8")) if only in b["repo"]]
    benches = [bench for bench in benches if not bench.get("generated")]
    need = {i for b in benches for i in (*b["listed"], *(p["id"] for p in b["positives"]))}
    known, days = shared.announced_papers()
    by_day: dict[str, list[str]] = {}
    for paper, day in days.items():
        if known[paper].categories:
            by_day.setdefault(day.isoformat(), []).append(paper)
    known = {i: paper for i, paper in known.items() if i in need or i in days}
    for bench in benches:
        yield _case(bench, known, by_day, young)


def _case(
    bench: Mapping[str, Any], known: Mapping[str, Paper], days: Mapping[str, list[str]], young: int | None
) -> Case:
    name = f"{bench['repo']}:{bench['path']}"
    seed = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)
    positives = [p["id"] for p in bench["positives"] if p["id"] in known]
    never = {*bench["listed"], *positives, *bench.get("listed_later", ())}
    pool = [i for day in sorted(days) if bench["t0"] < day <= bench["t1"] for i in days[day] if i not in never]
    papers = [known[i] for i in (*positives, *random.Random(seed).sample(pool, min(3000, len(pool))))]
    source = (LISTS / bench["file"]).read_bytes()
    document = parse(source)
    listed = lessons(document, (known[i] for i in bench["listed"] if i in known)).listed
    own = own_text(document.source.decode())
    if young is not None:
        listed = tuple(random.Random(seed).sample(listed, min(young, len(listed))))
        heads = ". ".join(" ".join(s.path[-1:]) for s in document.sections)
        own = OwnText(". ".join([heads, *(paper.title for paper in listed)]), own.title)
    model = RelevanceModel.fit(listed, (), own)
    evidence = model.evidence(papers)
    return Case(
        name, int(hashlib.sha256(bench["repo"].encode()).hexdigest(), 16) % GROUPS, len(listed),
        sum(bool(p.summary) for p in listed) / max(1, len(listed)), len(positives), model.pace,
        evidence, model.rarity(evidence.sum(axis=1)),
    )  # fmt: skip


def figures(case: Case, values: Vector) -> Figures:
    """Return how the papers listed later rank by some values."""
    wanted, others = values[: case.wanted], np.sort(values[case.wanted :])
    above = (np.searchsorted(others, wanted, "left") + np.searchsorted(others, wanted, "right")) / 2
    recall = tuple(float((wanted > others[-most - 1]).mean()) for most in SHOWN)
    best = np.argsort(-values, kind="stable")[:15]
    return Figures(float(above.mean() / len(others)), recall, float((best < case.wanted).sum() / min(15, case.wanted)))


def _mean(some: Sequence[Figures]) -> Figures:
    recall = tuple(float(np.mean([f.recall[n] for f in some])) for n in range(len(SHOWN)))
    return Figures(float(np.mean([f.auc for f in some])), recall, float(np.mean([f.top for f in some])))


def _line(found: Figures) -> str:
    return f"{found.auc:.3f} {' '.join(f'{share:.3f}' for share in found.recall)} {found.top:.3f}"


def _slices(cases: Sequence[Case]) -> Iterator[tuple[str, Sequence[Case]]]:
    yield "all, as shipped", cases
    yield "fewer than 60 papers", [c for c in cases if c.titles < 60]
    yield "60 to 300", [c for c in cases if 60 <= c.titles <= 300]
    yield "more than 300", [c for c in cases if c.titles > 300]
    yield "less than half with abstracts", [c for c in cases if c.abstracts < 0.5]


# Fitted anew


def _refitted(cases: Sequence[Case]) -> Iterator[tuple[Case, Vector]]:
    """Yield each list with values by weights of evidence that were fitted without its group."""
    for group in range(GROUPS):
        weights = weights_of([case for case in cases if case.group != group])
        yield from ((case, case.evidence @ weights) for case in cases if case.group == group)


def weights_of(cases: Sequence[Case]) -> Vector:
    """Return the weights by which a paper listed later is likeliest chosen among the others: conditional logit."""

    def loss(weights: Vector) -> tuple[float, Vector]:
        total, slope = 0.02 * float(weights @ weights), 0.04 * weights
        for case in cases:
            values = case.evidence @ weights
            others = np.exp(values[case.wanted :] - values.max())
            mine = np.exp(values[: case.wanted] - values.max())
            sums = mine + others.sum()
            mean = (others @ case.evidence[case.wanted :] + mine[:, None] * case.evidence[: case.wanted]) / sums[
                :, None
            ]
            total -= float(np.log(mine / sums).mean()) / len(cases)
            slope = slope - (case.evidence[: case.wanted] - mean).mean(axis=0) / len(cases)
        return total, slope

    return minimize(loss, np.ones(cases[0].evidence.shape[1]), jac=True, method="L-BFGS-B").x  # type: ignore[no-any-return]


def _recalibrated(cases: Sequence[Case]) -> list[Vector]:
    """Return chances by a calibration that was fitted without each list's group."""
    curves = {group: curve_of([case for case in cases if case.group != group]) for group in range(GROUPS)}
    return [_chances(case, curves[case.group]) for case in cases]


def _chances(case: Case, curve: Curve) -> Vector:
    return 1 / (1 + np.exp(-np.clip(curve.odds(case.rarity, case.pace), -30, 30)))  # type: ignore[no-any-return]


def curve_of(cases: Sequence[Case], start: Curve = calibration.BY_LIST) -> Curve:
    """Return the curve of least logarithmic loss, each list counting alike."""

    def loss(numbers: Vector) -> float:
        found = [Curve(*numbers).odds(case.rarity, case.pace) for case in cases]
        missed = [np.logaddexp(0, o).sum() - o[: c.wanted].sum() for o, c in zip(found, cases, strict=True)]
        return float(np.mean(missed))

    best = minimize(loss, [start.constant, start.rarity, start.pace], method="Nelder-Mead", options={"maxiter": 2000})
    return Curve(*best.x)


def probabilities(cases: Sequence[Case], chances: Sequence[Vector], most: int) -> tuple[float, float]:
    """Return the Brier score and the calibration error (ten bins) of the best papers of all lists, pooled."""
    best = [np.argsort(-chance, kind="stable")[:most] for chance in chances]
    given = np.concatenate([chance[some] for chance, some in zip(chances, best, strict=True)])
    right = np.concatenate([some < case.wanted for case, some in zip(cases, best, strict=True)]).astype(float)
    bins = np.minimum((given * 10).astype(int), 9)
    error = sum(abs(given[bins == n].sum() - right[bins == n].sum()) for n in range(10)) / len(given)
    return float(np.mean((given - right) ** 2)), float(error)


if __name__ == "__main__":
    main()
