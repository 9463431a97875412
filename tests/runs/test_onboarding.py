"""`init --pull-request` on the strict GitHub server: it proposes both files and changes nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import config
from bot.cli.main import main
from bot.forges.github.onboarding import BRANCH
from tests.conftest import NOW
from tests.servers.github import GitHubServer, github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.unit.adopt.test_init import markdown

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

CONFIG, WORKFLOW = "config/keywords.yaml", ".github/workflows/paper-list.yml"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubServer]:
    """A repository with a list; its owner's token may write workflow files."""
    with github_server(tmp_path / "papers.git", {"README.md": markdown()}, now=NOW) as server:
        server.accounts["curator-token"].workflows = True
        yield server
        assert server.violations == []


@pytest.fixture
def init(
    github: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Return what calls the command in a checkout with a token: its exit status and what it printed."""
    home = tmp_path / "home"
    (home / ".git").mkdir(parents=True)
    (home / "README.md").write_bytes(markdown())
    monkeypatch.chdir(home)
    monkeypatch.setenv("GITHUB_REPOSITORY", github.full_name)
    monkeypatch.setenv("GITHUB_API_URL", github.url)

    def call(*arguments: str, token: str = "curator-token") -> tuple[int, str]:
        monkeypatch.setenv("GITHUB_TOKEN", token)
        with pytest.raises(SystemExit) as ended:
            main(["init", "README.md", "--yes", "--pull-request", *arguments])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return call


Init = Callable[..., tuple[int, str]]


def test_it_proposes_both_files_and_nothing_else(github: GitHubServer, init: Init) -> None:
    """One pull request with a valid configuration and the workflow; default branch and folder stay as they were."""
    main_before = github.git.head("main")
    code, said = init()
    assert (code, said.splitlines()[-1]) == (0, "https://github.com/curator/papers/pull/1")
    [issue] = github.issues.values()
    assert issue.pull is not None
    assert (issue.pull.head, issue.pull.base) == (BRANCH, "main")
    assert set(github.git.changes(main_before or "", issue.pull.head_sha)) == {CONFIG, WORKFLOW}
    assert config.loads(github.read(BRANCH, CONFIG).decode(), CONFIG).lists[0].file == "README.md"
    assert b"list.yml@" in github.read(BRANCH, WORKFLOW)
    assert "Nothing happens until it is merged" in (issue.body or "")
    assert github.git.head("main") == main_before
    assert not Path(CONFIG).exists()


def test_a_second_call_opens_no_second_one(github: GitHubServer, init: Init) -> None:
    """While it is open its address is told again, and nothing is written."""
    init()
    writes = len(github.writes)
    code, said = init()
    assert (code, said.splitlines()[-1]) == (0, "https://github.com/curator/papers/pull/1")
    assert len(github.writes) == writes


def test_a_run_that_stopped_is_made_up(github: GitHubServer, init: Init) -> None:
    """A branch without pull request gets it."""
    init()
    github.issues.clear()
    assert init()[0] == 0
    assert len(github.issues) == 1


def test_what_is_there_is_not_replaced(github: GitHubServer, init: Init) -> None:
    """A configuration of the repository stays; with both files there is nothing to propose, and that is said."""
    github.push("curator", "main", {CONFIG: b"lists: []\n"})
    code, said = init()
    assert code == 0
    assert f"{CONFIG}: there already, left as it is" in said
    assert github.read(BRANCH, CONFIG) == b"lists: []\n"
    github.issues.clear()
    github.push("curator", "main", {WORKFLOW: b"on: push\n"})
    code, said = init()
    assert code == 1
    assert "there is nothing to propose" in said


@pytest.mark.parametrize("token", ["helper-token", "bot-token"])
def test_a_token_without_the_right_is_told_what_it_lacks(github: GitHubServer, init: Init, token: str) -> None:
    """Where workflow files may not be written the error names the scope, and no branch is left behind."""
    code, said = init(token=token)
    assert code == 1
    assert "scope `workflow`" in said
    assert github.git.head(BRANCH) is None
    assert github.issues == {}


def test_without_a_repository_it_is_wrong_usage(init: Init, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull request needs a place."""
    monkeypatch.delenv("GITHUB_REPOSITORY")
    code, said = init()
    assert code == 2
    assert "GITHUB_REPOSITORY" in said


def test_a_dry_run_asks_nothing_of_github(github: GitHubServer, init: Init) -> None:
    """With `--dry-run` the files are printed, as without `--pull-request`."""
    code, said = init("--dry-run")
    assert (code, github.calls) == (0, [])
    assert "keywords:" in said


def test_as_a_document_it_tells_where(init: Init) -> None:
    """With `--json` what was understood and the address are one document."""
    code, said = init("--json")
    assert (code, json.loads(said)["where"]) == (0, "https://github.com/curator/papers/pull/1")


def test_headings_of_the_list_do_nothing(github: GitHubServer, init: Init) -> None:
    """What the list says is hostile text in the pull request's text."""
    Path("README.md").write_bytes(markdown().replace(b"## Swarms", b"## @octocat closes #1"))
    init()
    [issue] = github.issues.values()
    assert "@octocat" not in (issue.body or "")
    assert "#1" not in (issue.body or "")
