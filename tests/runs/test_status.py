"""`status` on the strict server: one issue a repository, refreshed in place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.cli.main import main
from bot.cli.status import refresh
from bot.config import Config, load
from bot.serve.list_status import MARK
from bot.serve.record import ListRecord, ServeRecord
from bot.serve.server import Server, Stopped
from bot.state.files import to_files
from tests.conftest import CONFIG, LIST, NOW
from tests.servers.github import GitHubServer, Right, WorkflowRun, github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.unit.serve.test_list_status import some_state

WORKFLOW = ".github/workflows/paper-list.yml"


@pytest.fixture
def github(tmp_path: Path, settings: Config) -> Iterator[GitHubServer]:
    """A repository with a state, a workflow and runs of it."""
    with github_server(tmp_path / "papers.git", {"README.md": LIST}, now=NOW) as server:
        server.accounts["bot-token"].issues = Right.WRITE
        server.accounts["bot-token"].contents = Right.READ
        server.accounts["bot-token"].pulls = Right.NONE
        server.workflows[WORKFLOW] = "active"
        server.runs = [
            WorkflowRun(1, WORKFLOW, "schedule", NOW - timedelta(days=1), "failure"),
            WorkflowRun(2, WORKFLOW, "schedule", NOW, None),
        ]
        files = {f"state/serving/{name}": data for name, data in to_files(some_state(settings)).items()}
        server.push("curator", "arxiv-bot/state", dict(files))
        yield server
        assert server.violations == []


@pytest.fixture
def status(
    github: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Return what calls the command in a checkout: its exit status and what it printed."""
    home = tmp_path / "home"
    for path, content in {
        "README.md": LIST,
        "config/keywords.yaml": f"status_issue: true\n{CONFIG}".encode(),
        WORKFLOW: b"jobs: {list: {uses: someone/arxiv-list-bot/.github/workflows/list.yml@v1}}\n",
    }.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(content)
    monkeypatch.chdir(home)
    monkeypatch.setenv("GITHUB_TOKEN", "bot-token")
    monkeypatch.setenv("GITHUB_REPOSITORY", github.full_name)
    monkeypatch.setenv("GITHUB_API_URL", github.url)
    monkeypatch.setenv("GITHUB_RUN_ID", "2")
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)

    def call(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["status", *arguments])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out or said.err

    return call


Status = Callable[..., tuple[int, str]]
on_github = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")


def changes(github: GitHubServer) -> list[tuple[str, str]]:
    """The calls that were meant to change something."""
    return [(call.method, call.path.removeprefix(f"/repos/{github.full_name}")) for call in github.writes]


@on_github
def test_one_issue_refreshed_in_place(github: GitHubServer, status: Status) -> None:
    """The first call opens an issue and locks it; the same text again writes nothing; another one edits it."""
    code, said = status("--result", "failed")
    assert code == 0, said
    assert (code, said.strip()) == (0, "curator/papers: https://github.com/curator/papers/issues/1")
    assert changes(github) == [("POST", "/issues"), ("PUT", "/issues/1/lock")]
    assert github.issues[1].locked
    assert "**The last 2 runs failed.**" in (github.issues[1].body or "")
    status("--result", "failed")
    assert len(github.writes) == 2
    status("--result", "done")
    assert changes(github)[2:] == [("PATCH", "/issues/1")]
    assert "runs failed" not in (github.issues[1].body or "")
    assert github.comments == {}
    assert len(github.issues) == 1


@on_github
def test_a_forged_marker_is_passed_over(github: GitHubServer, status: Status) -> None:
    """An issue with marker and label of somebody without write access is not touched; the bot opens its own."""
    forged = github.client("reader-token").get_repo(github.full_name).create_issue("mine", body=MARK)
    github.issues[forged.number].labels.append("arxiv-bot-status")
    status()
    status()
    assert github.issues[forged.number].body == MARK
    assert sorted(github.issues) == [1, 2]


@on_github
def test_a_closed_one_stays_closed(github: GitHubServer, status: Status) -> None:
    """An issue that a person closed is kept up to date and not opened again, nor is another one."""
    status("--result", "failed")
    github.close(github.issues[1], github.account("curator"))
    status("--result", "done")
    assert (list(github.issues), github.issues[1].state) == ([1], "closed")


@on_github
def test_it_is_off_by_default(github: GitHubServer, status: Status) -> None:
    """Without the key nothing is asked of GitHub, and that is no failure."""
    Path("config/keywords.yaml").write_text(CONFIG, encoding="utf-8")
    code, said = status()
    assert (code, github.calls) == (0, [])
    assert "status_issue is off" in said


@on_github
def test_a_look_writes_nothing(github: GitHubServer, status: Status) -> None:
    """With `--publish none` the text is printed; runs that this token may not see are left out."""
    github.accounts["bot-token"].actions = Right.NONE
    code, said = status("--publish", "none", "--json")
    [one] = json.loads(said)["issues"]
    assert (code, one["where"], github.writes) == (0, "", [])
    assert "## Last runs" not in one["text"]
    assert "## serving" in one["text"]


@on_github
def test_findings_try_no_rights(github: GitHubServer, status: Status) -> None:
    """What doctor finds around the repository stands in it, and no write is tried to learn of this token's rights."""
    github.workflows[WORKFLOW] = "disabled_manually"
    Path("README.md").write_bytes(LIST.replace(b"## Survey", b"## Overview"))
    status()
    body: Any = github.issues[1].body
    assert "is disabled (a person did it)" in body
    assert "these sections are missing from the list" in body
    assert "contents" not in body


@on_github
def test_one_repository_that_fails_does_not_stop_the_others(github: GitHubServer, status: Status) -> None:
    """Lists may lie in several repositories: each gets its issue, and the one that cannot is named."""
    other = "  - {name: other, file: other.md, repository: someone/else, keywords: [zeppelin]}\n"
    Path("config/keywords.yaml").write_text(f"status_issue: true\n{CONFIG}{other}", encoding="utf-8")
    assert status()[0] == 1
    assert list(github.issues) == [1]


@on_github
@pytest.mark.parametrize(
    ("switch", "options", "issues"), [("true", (), 1), ("false", (), 0), ("true", ("--publish", "local"), 0)]
)
def test_serve_keeps_the_issue(
    github: GitHubServer, status: Status, monkeypatch: pytest.MonkeyPatch, switch: str, options: tuple[str, ...],
    issues: int,
) -> None:  # fmt: skip
    """After a round of `serve` the issue tells it, and misses no workflow; it is off as elsewhere, and local."""
    Path(WORKFLOW).unlink()
    Path("config/keywords.yaml").write_text(f"status_issue: {switch}\n{CONFIG}", encoding="utf-8")

    def one_round(server: Server) -> NoReturn:
        server._duties.report(ServeRecord({"serving": ListRecord(NOW, NOW)}))
        raise Stopped

    monkeypatch.setattr(Server, "serve", one_round)
    monkeypatch.setattr("signal.signal", lambda name, handler: None)
    with pytest.raises(SystemExit) as ended:
        main(["serve", *options])
    assert ended.value.code == 0
    assert len(github.issues) == issues
    for issue in github.issues.values():
        assert "- Last success: 2026-03-04 06:37 UTC." in (issue.body or "")
        assert "workflow" not in (issue.body or "")


@on_github
def test_serve_goes_on_without_the_issue(
    github: GitHubServer, status: Status, capsys: pytest.CaptureFixture[str]
) -> None:
    """An issue that cannot be written is noted, and that is all."""
    github.accounts["bot-token"].issues = Right.NONE
    refresh(load(Path("config/keywords.yaml")), ServeRecord({"serving": ListRecord(NOW, NOW)}), NOW)
    assert github.full_name in capsys.readouterr().err
    assert not github.issues


def test_without_github_the_text_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where lists are kept on local branches, the command prints what there is to tell."""
    for name, content in {"README.md": LIST, "keywords.yaml": CONFIG.encode()}.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["status", "--config", "keywords.yaml"])
    assert not ended.value.code
    assert "## serving" in capsys.readouterr().out
