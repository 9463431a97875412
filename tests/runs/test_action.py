"""What GitHub Actions runs, from end to end: the action's own shell lines against arXiv and GitHub on loopback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.model import Paper
from tests.conftest import CONFIG, LIST
from tests.runs.test_workflows import run_action
from tests.servers.arxiv import ArxivServer
from tests.servers.github import GitHubServer, Issue, github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

PYTHON = f'exec {sys.executable} "$@"'


def paper(number: int, title: str, days_ago: int) -> Paper:
    """Return an invented paper submitted so many days ago, by the clock: the action has no other."""
    when = datetime.now(UTC) - timedelta(days=days_ago)
    return Paper(f"{when:%y%m}.{number:05}", title, ("A. Author",), "On it.", ("cs.DC",), "cs.DC", when, when)


NEW = paper(1, "KV Cache Eviction for LLM Serving", 3)
OLD = paper(2, "A Survey of LLM Serving", 60)


@dataclass
class Repository:
    """A checkout in a runner, and the repository it is of."""

    folder: Path
    github: GitHubServer
    arxiv: ArxivServer

    def action(self, command: str, **inputs: str) -> str:
        """Run a command of the action; return what it printed."""
        around = {
            **{key: value for key, value in os.environ.items() if key.startswith("COVERAGE")},
            "ARXIV_API_URL": self.arxiv.api_url,
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": self.github.full_name,
            "HOME": str(self.folder.parent),
        }
        done = run_action(self.folder, PYTHON, around=around, command=command, token="bot-token", **inputs)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def pulls(self) -> list[Issue]:
        """All pull requests, oldest first."""
        return [issue for issue in self.github.issues.values() if issue.pull]


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    folder = tmp_path / "checkout"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "keywords.yaml").write_text(f"sources: [api]\n{CONFIG}", "utf-8")
    (folder / "README.md").write_bytes(LIST)
    with github_server(tmp_path / "papers.git", {"README.md": LIST}) as github, ArxivServer([NEW, OLD]) as arxiv:
        yield Repository(folder, github, arxiv)
        assert github.violations == []


def test_a_scheduled_run_then_a_review(repository: Repository) -> None:
    """`discover` and `publish` open one pull request; a box that is cleared takes its row out at the next `review`."""
    repository.action("discover")
    repository.action("publish")
    [pull] = repository.pulls
    assert f"- [x] [{NEW.title}]" in (pull.body or "")
    assert OLD.title not in (pull.body or "")  # it is older than a first run asks for
    pull.body = (pull.body or "").replace("- [x]", "- [ ]")
    repository.action("review")
    assert repository.pulls == [pull]
    assert f"- [ ] [{NEW.title}]" in (pull.body or "")
    repository.action("discover")
    repository.action("publish")
    assert "- [x]" not in (pull.body or "")


def test_a_dispatch_with_a_first_day(repository: Repository) -> None:
    """With `since` older papers are found, too."""
    since = (OLD.published or datetime.now(UTC)).date() - timedelta(days=1)
    repository.action("discover", since=since.isoformat())
    repository.action("publish")
    [pull] = repository.pulls
    assert f"- [x] [{OLD.title}]" in (pull.body or "")
    assert f"- [x] [{NEW.title}]" in (pull.body or "")
