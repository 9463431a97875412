"""Lists in which several sections have one path of headings: `2025` under `Vision`, `2025` under `Speech`."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import pytest

from bot import config
from bot.cli.main import main
from bot.forges.local import ReadOnlyForge
from bot.paperlist.read.document import parse
from bot.paperlist.write.resolve_section import of_path
from bot.pipeline import Outcome
from tests.conftest import CONFIG, NOW, ToldSource, paper
from tests.servers.whole import job, run_list

TOPICS = {"Serving": "serving batches of requests", "Speech": "voices in noisy rooms", "Proteins": "folding chains"}
URL = "https://arxiv.org/abs/2501"
HOSTS = ("Fast", "Slow", "Warm", "Cold", "Open", "Small")


def twins() -> bytes:
    """Return a list whose topics have a heading of their own level below each, and a section of other papers."""
    lines = ["# All\n"]
    for n, (topic, words) in enumerate(TOPICS.items(), 1):
        lines.append(f"\n## {topic}\n\n## New Ideas\n\n")
        lines += [f"- [New ideas on {host} {words}]({URL}.{n}{i:04})\n" for i, host in enumerate(HOSTS)]
    lines.append("\n## Birds\n\n")
    lines += [f"- [{host} owls watch mice at midnight]({URL}.9{i:04})\n" for i, host in enumerate(HOSTS)]
    return "".join(lines).encode()


PAPERS = tuple(paper(i, f"New ideas on {words}", words) for i, words in enumerate(TOPICS.values(), 1))


def topic_of(source: bytes, id: str) -> str:
    """Return the topic under which a paper's entry stands."""
    above = source.decode().partition(id)[0]
    return max(TOPICS, key=lambda topic: above.rfind(f"## {topic}"))


def do_run(folder: Path, source: bytes) -> Outcome:
    """Run on a list once; every paper has a keyword."""
    (folder / "README.md").write_bytes(source)
    text = CONFIG.partition("    sections:")[0].replace("LLM serving", "new ideas") + "    limits: {max_open: 3}\n"
    settings = config.loads(text, "config/keywords.yaml")
    return run_list(job(settings, ReadOnlyForge(folder), NOW, dry=True), ToldSource(PAPERS))


def test_a_run_tells_them_apart(tmp_path: Path) -> None:
    """Every paper goes to a section of the chosen path, to the one whose surroundings are most like it."""
    outcome = do_run(tmp_path, twins())
    assert [e.id for e in outcome.edit.entries] == [p.id for p in PAPERS]
    assert [topic_of(outcome.edit.after, p.id) for p in PAPERS] == list(TOPICS)


def test_equal_sections_take_a_paper_too(tmp_path: Path) -> None:
    """Sections that nothing tells apart, empty ones among them, take papers as well: a run does not fail on them."""
    entries = "".join(f"- [Owls {i}](https://arxiv.org/abs/2601.{i:05})\n" for i in range(12))
    outcome = do_run(tmp_path, f"# L\n\n## A\n\n{entries}\n## A\n\n{entries}\n## A\n\n## B\n\n{entries}".encode())
    assert len(outcome.edit.entries) == len(outcome.board.new) > 0


def test_add_tells_them_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`add` that asks the judge writes to the section most like the paper."""
    file = tmp_path / "README.md"
    file.write_bytes(twins())
    given = {"id": PAPERS[1].id, "title": PAPERS[1].title, "summary": PAPERS[1].summary}
    (tmp_path / "paper.json").write_text(json.dumps(given), "utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as done:
        main(["add", "README.md", "--paper", "paper.json", "--today", "2026-03-04"])
    gc.enable()  # which a command of its own process turns off
    assert done.value.code == 0
    assert topic_of(file.read_bytes(), PAPERS[1].id) == "Speech"


def test_the_section_of_a_path() -> None:
    """One of several sections with entries is meant, by words; a path that none has means none."""
    document = parse(b"# L\n\n## A\n\n## B\n\n## A\n\n- [Owls at Night](https://arxiv.org/abs/2401.00001)\n")
    found = of_path(document, ("L", "A"), PAPERS[0])
    assert found is not None
    assert found.line == 7
    assert of_path(document, ("L", "C"), PAPERS[0]) is None
    alone = of_path(document, ("L", "B"), PAPERS[0])
    assert alone is not None
    assert alone.line == 5
