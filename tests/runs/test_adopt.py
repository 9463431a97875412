"""`init` on young lists, with arXiv on loopback, and the run that follows."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import config
from bot.cli.main import main
from bot.model import Paper
from tests.servers.arxiv import ArxivServer

THREE = """# Papers

## Caches

- [Paging the KV Cache](https://arxiv.org/abs/2401.00001)
- [Evicting from the KV Cache](https://arxiv.org/abs/2401.00002)
- [Compressing Weights](https://arxiv.org/abs/2401.00003)
"""
NEW = {
    "id": "2603.00001",
    "title": "KV Cache Eviction for LLM Serving",
    "summary": "We serve large language models and evict from the KV cache.",
    "categories": ["cs.DC"],
    "published": "2026-03-03T00:00:00Z",
}
Bot = Callable[..., int]


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """What calls the command in a repository that holds a list and a file of papers, where nobody can be asked."""
    (tmp_path / "papers.jsonl").write_text(json.dumps(NEW) + "\n", "utf-8")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)

    def call(*arguments: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--today", "2026-03-04"])
        return int(ended.value.code or 0)

    return call


def test_a_young_list_is_taken_up_and_kept(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three papers and a topic are enough: arXiv tells their categories in one request, and a run proposes a paper."""
    Path("README.md").write_text(THREE, "utf-8")
    listed = [Paper(f"2401.0000{n}", f"Title {n}", categories=("cs.AR",), primary_category="cs.AR") for n in (1, 2, 3)]
    with ArxivServer(listed) as arxiv:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        assert bot("init", "README.md", "--yes", "--topic", "serving large language models") == 0
        assert len(arxiv.requests) == 1
    assert "those of 3 listed papers" in capsys.readouterr().out
    [task] = config.load(Path("config/keywords.yaml")).lists
    assert "cs.AR" in task.categories
    assert bot("run", "--dry-run", "--publish", "none", "--source", "papers.jsonl") == 0
    assert "+- [KV Cache Eviction for LLM Serving]" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["# Robot Learning\n", "# Papers\n\n## Legged Robots\n\n## Robot Hands\n"])
def test_a_list_without_papers_is_taken_up(bot: Bot, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Title or headings alone give a valid configuration without asking arXiv, and a run brings the first entry."""
    Path("README.md").write_text(text, "utf-8")
    assert bot("init", "README.md", "--yes") == 0
    said = capsys.readouterr()
    assert "Below 10 listed papers" in said.out
    assert "the list shows no paper yet" in said.err
    [task] = config.load(Path("config/keywords.yaml")).lists
    assert "cs.RO" in task.categories
    assert all("robot" in phrase.phrase.lower() for phrase in task.keywords)
    new = {**NEW, "title": "Walking with Legged Robots", "summary": "Robots learn.", "categories": ["cs.RO"]}
    Path("papers.jsonl").write_text(json.dumps(new) + "\n", "utf-8")
    assert bot("run", "--dry-run", "--publish", "none", "--source", "papers.jsonl") == 0
    assert "+- [Walking with Legged Robots](https://arxiv.org/abs/2603.00001)" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "# 论文\n\n## 机器人\n", "# Papers\n\n## Survey\n"])
def test_a_list_that_says_nothing_needs_a_topic(bot: Bot, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """An empty file, Chinese headings and headings of any list are refused with what to do; a topic is enough."""
    Path("README.md").write_text(text, "utf-8")
    assert bot("init", "README.md", "--yes") == 1
    assert '--topic "serving large language models"' in capsys.readouterr().err
    assert not Path("config").exists()
    assert bot("init", "README.md", "--yes", "--topic", "  robot   learning ") == 0
    assert config.load(Path("config/keywords.yaml")).lists[0].topic == "robot learning"
