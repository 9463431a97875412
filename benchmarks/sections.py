"""Compare settings of the judge of sections, on lists that did and did not choose them: `make sections`.

The labelled lists of the shared data are scored by their own `score_judge.py`, which gets its answers in memory. The
slow part, the similarities by each view, is computed once a list. The compared ways are the shipped settings and
neighbours that differ in one of them. For the last line every list is judged the way that is best on the other lists.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from bot.arxiv import paper_json
from bot.judge.readiness import Listed, papers_in
from bot.judge.sections.likeness import WEIGHTS, Likeness
from bot.judge.sections.model import heading
from bot.judge.sections.scores import CHOSEN, Calibration, Scorer, ScorerSettings, paper_weights
from bot.model import Paper
from bot.model import Path as Heading
from bot.paperlist.read.document import parse
from tests.servers.shared import SHARED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

DATA = SHARED / "data"
MEASURES = ("top1", "top3", "f1", "acc50", "brier", "ece")
FEWEST = 40
"""Tests that a list needs to count, as in `score_judge.py`."""


@dataclass(frozen=True)
class Way:
    """One way of judging: its name, its settings, and the weight of each view."""

    name: str
    settings: ScorerSettings = CHOSEN
    views: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)


def ways() -> list[Way]:
    """Return the shipped way and its neighbours."""
    found = [Way("shipped")]
    for name, weight in WEIGHTS.items():
        found += [Way(f"{name} {w:g}", views={**WEIGHTS, name: w}) for w in (0.0, weight / 2, weight * 2)]
    steps = {
        "ridge": (0.4, 0.9),
        "balance": (0.5, 1),
        "mean": (0.4, 1),
        "heading": (0.2, 0.6),
        "level": (0, 0.15, 0.35),
        "abstract": (1, 2),
    }
    for name, values in steps.items():
        found += [Way(f"{name} {value}", replace(CHOSEN, **{name: value})) for value in values]
    return found


class Prepared:
    """A list and the papers to judge, compared by every view."""

    def __init__(self, listed: Sequence[Listed], sections: Sequence[Heading], papers: Sequence[Paper]) -> None:
        import numpy as np

        self.sections, self.papers = sections, papers
        self._known = [one.paper for one in listed]
        self._members = np.array([[section in one.sections for section in sections] for one in listed], float)
        headings = [heading(section, ()) for section in sections]
        self._views = {}
        for name in WEIGHTS:
            likeness = Likeness(self._known, headings, {name: 1.0})
            compared = likeness.to(papers)
            self._views[name] = (likeness.among, likeness.headings, compared.alike, compared.headings)

    def answers(self, way: Way) -> list[dict[str, Any]]:
        """Return the sections of each paper as `judge --json` has them."""
        import numpy as np

        among, alike = (self._mean(way, place) for place in (0, 2))
        headings, near = (np.add.reduce([view[place] for view in self._views.values()]) for place in (1, 3))
        scorer, left_out = Scorer.fit(among, headings, self._members, way.settings)
        calibration = Calibration.fit(left_out, self._members, paper_weights(self._known, way.settings))
        shares, sure = calibration.probabilities(scorer.scores(alike, near))
        return [
            {
                "id": paper.id,
                "section": {"path": self.sections[order[0]], "p": float(p)},
                "alternatives": [{"path": self.sections[n], "p": 0.0} for n in order[1:3]],
            }
            for paper, p, order in zip(self.papers, sure, np.argsort(-shares, 1, kind="stable"), strict=True)
        ]

    def _mean(self, way: Way, place: int) -> Matrix:
        import numpy as np

        names, counted = zip(*way.views.items(), strict=True)
        return np.average([self._views[name][place] for name in names], axis=0, weights=counted)


class Scored:
    """The scoring script, which gets its answers in memory."""

    def __init__(self, data: Path) -> None:
        spec = importlib.util.spec_from_file_location("score_judge", data / "score_judge.py")
        assert spec is not None
        assert spec.loader is not None
        self._script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self._script)
        self._data = data
        self._known = {r["id"]: r for r in self._script.read(data / "papers.jsonl.gz")}
        self._titles = {r["id"]: r["title"] for r in self._script.read(data / "titles.jsonl")}
        self._prepared: dict[str, Prepared] = {}
        self.lists = sorted(path.stem for path in (data / "sections").glob("*.jsonl"))

    def score(self, way_of: Callable[[str], Way]) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
        """Return the figures of each list and of all; `way_of` gives the way to judge a list."""

        def judge(_bot: str, papers: Path, document: Path, library: Path, *_: object) -> tuple[list[Any], float]:
            name = document.parent.name
            if name not in self._prepared:
                self._prepared[name] = _prepared(papers, document, library)
            return self._prepared[name].answers(way_of(name)), 0.0

        self._script.judge = judge  # type: ignore[attr-defined]
        args = Namespace(labels=self._data, only=None, json=True, bot="", timeout=0)
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as printed:
            self._script.sections(args, self._known, self._titles, Path(folder))
        found = json.loads(printed.getvalue())
        return found["lists"], found["mean_of_lists_with_40_or_more_tests"]


def _prepared(papers: Path, document: Path, library: Path) -> Prepared:
    parsed = parse(document.read_bytes())
    placed = papers_in((section for section in parsed.sections if section.path), _papers(library))
    listed = sorted(placed, key=lambda one: (one.paper.id, one.paper.title))
    sections = sorted(section.path for section in parsed.sections if section.path and section.groups)
    return Prepared(listed, sections, _papers(papers))


def _papers(path: Path) -> list[Paper]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [paper_json.decode_paper(json.loads(line), path.name) for line in lines]


def best(figures: Mapping[str, Mapping[str, Mapping[str, float]]], left_out: str) -> str:
    """Return the name of the way that is best on all lists but one; only lists with enough tests count."""

    def worth(way: str) -> float:
        others = [f for name, f in figures[way].items() if name != left_out and f["test"] >= FEWEST]
        return sum(f["top1"] + f["top3"] + f["f1"] + f["acc50"] - f["brier"] for f in others)

    return max(figures, key=worth)


def main() -> None:
    """Print a line for each way, then one for all lists, each judged the way that the others choose."""
    scored = Scored(DATA)
    figures = {}
    print(f"{'way':24}", *(f"{name:>6}" for name in MEASURES), "     s")
    for way in ways():
        start = process_time()
        figures[way.name], mean = scored.score(dict.fromkeys(scored.lists, way).__getitem__)
        _line(way.name, mean, process_time() - start)
    by_name = {way.name: way for way in ways()}
    chosen = {name: best(figures, name) for name in figures["shipped"]}
    print(*(f"{name[:40]:40} judged with {way}" for name, way in chosen.items()), sep="\n")
    _line("chosen by the others", scored.score(lambda name: by_name[chosen[name]])[1], 0)


def _line(name: str, mean: Mapping[str, float], seconds: float) -> None:
    print(f"{name:24}", *(f"{mean[measure]:6.3f}" for measure in MEASURES), f"{seconds:6.1f}", flush=True)


if __name__ == "__main__":
    main()
