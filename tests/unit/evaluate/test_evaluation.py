"""Evaluating: each month is judged by what was listed before, and what comes of it can be read and seen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.arxiv import paper_json
from bot.cli import main
from bot.config import Config, ListConfig
from bot.evaluate.chart import pictures
from bot.evaluate.evaluation import Evaluation, evaluate, short_names
from bot.judge.factory import JudgeInput
from bot.model import Paper
from bot.paperlist.read.document import parse

TOPICS = {"Caches": "key value caches evict tokens", "Kernels": "fused attention kernels tile blocks"}
LISTED = [
    (heading, Paper(f"250{1 + n // 6}.{k}{n:04d}", f"{heading} number {n}: {words}", summary=f"Serving {words}."))
    for k, (heading, words) in enumerate(TOPICS.items())
    for n in range(18)
]
OTHERS = [Paper(f"2503.9{n:04d}", f"Galaxies of kind {n}", summary="We see dark matter halos.") for n in range(30)]
TASK = ListConfig.model_validate({"name": "a", "file": "L.md", "keywords": ["caches", "never said"]})


def text() -> str:
    groups = ((h, [p for heading, p in LISTED if heading == h]) for h in TOPICS)
    rows = ("".join(f"|[{p.title}](https://arxiv.org/abs/{p.id})|\n" for p in papers) for _, papers in groups)
    return "# P\n" + "".join(f"\n## {h}\n|Paper|\n|--|\n{r}" for h, r in zip(TOPICS, rows, strict=True))


def evaluated() -> Evaluation:
    library = [*(p for _, p in LISTED), *OTHERS]
    return evaluate(JudgeInput(Config("x", (TASK,)), TASK, parse(text().encode()), library))


def test_months() -> None:
    """A month is judged by the papers of earlier ones alone; the first, which has none before it, is left out."""
    found = evaluated()
    assert [(p.month, p.learned_from, p.background) for p in found.periods] == [("2025-02", 12, 0), ("2025-03", 24, 30)]
    last = found.periods[1]
    assert last.ranks == tuple(range(1, 13))
    assert (last.found(10), last.found(20), last.top1, last.placed) == (10, 12, 12, 12)
    assert all(path == chosen for path, chosen in found.confusion)


def test_history_tells_what_was_known() -> None:
    """A paper teaches only after it was listed: what came into the list late is not learned from before."""
    library = [*(p for _, p in LISTED), *OTHERS]
    late = {p.id: date(2025, 3, 1) for _, p in LISTED if p.id.startswith("2501.1")}
    found = evaluate(JudgeInput(Config("x", (TASK,)), TASK, parse(text().encode()), library), late)
    assert [(p.month, p.learned_from) for p in found.periods] == [("2025-03", 18)]


def test_what_would_have_been_proposed() -> None:
    """Papers at or above the mark are counted, and those of them that are listed; unlisted ones are judged alike."""
    last = evaluated().periods[-1]
    assert 0 < last.hits == last.proposed <= 12
    low = TASK.model_copy(update={"limits": TASK.limits.model_copy(update={"propose_at": 1e-12})})
    library = [*(p for _, p in LISTED), *OTHERS]
    every = evaluate(JudgeInput(Config("x", (low,)), low, parse(text().encode()), library)).periods[-1]
    assert (every.proposed, every.hits) == (42, 12)


@pytest.mark.parametrize("kept_out", [{"exclude": ["attention"]}, {"all_of": [["evict"]]}, {"categories": ["cs.DC"]}])
def test_what_the_configuration_keeps_out(kept_out: dict[str, list[str]]) -> None:
    """Papers that are excluded, miss a group or are of categories that nobody asks arXiv for are not proposed."""
    task = ListConfig.model_validate({"name": "a", "file": "L.md", "keywords": ["caches"], **kept_out})
    listed = [(h, replace(p, categories=("cs.DC" if h == "Caches" else "cs.CL",))) for h, p in LISTED]
    library = [*(p for _, p in listed), *OTHERS]
    last = evaluate(JudgeInput(Config("x", (task,)), task, parse(text().encode()), library)).periods[-1]
    assert last.hits == last.proposed == 6


def test_short_names() -> None:
    """A section is named by the fewest inner headings that no other has."""
    paths = [("L", "A", "2025"), ("L", "B", "2025"), ("L", "C"), ("2025",)]
    assert list(short_names(paths).values()) == ["2025", "A > 2025", "B > 2025", "C"]


def test_advice() -> None:
    """Keywords that match nothing and phrases of papers that no keyword finds are named."""
    found = evaluated()
    assert found.unmatched == ("never said",)
    assert ("fused attention", 18) in found.phrases


def test_pictures_are_xml() -> None:
    """The page is well-formed, with hostile headings too, and without anything to show."""
    hostile = ("P", '<b>&"\x01\ufffe\ud800')
    for found in (evaluated(), Evaluation((), {(hostile, hostile): 2}, (), (), ()), Evaluation((), {}, (), (), ())):
        assert ElementTree.fromstring(pictures(found)).tag.endswith("svg")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]) -> None:  # fmt: skip # noqa: E501
    """`evaluate` works without a configuration, prints a table or JSON, and draws."""
    monkeypatch.chdir(tmp_path)
    Path("L.md").write_text(text(), "utf-8")
    papers = [paper_json.dump_paper(p) for p in (*(p for _, p in LISTED), *OTHERS)]
    Path("lib.jsonl").write_text("\n".join(papers), "utf-8")
    with pytest.raises(SystemExit) as done:
        main.main(["evaluate", "--list", "L.md", "--library", "lib.jsonl", "--out", "pages", *form])
    out = capsys.readouterr().out
    assert done.value.code == 0
    assert Path("pages/evaluation.svg").stat().st_size > 1000
    if form:
        assert json.loads(out)["periods"][1]["found"] == {"10": 10, "20": 12, "40": 12}
    else:
        assert "2025-03" in out
