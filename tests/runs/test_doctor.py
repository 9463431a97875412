"""`doctor` on the strict GitHub server: a broken setup of each kind finds exactly that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.doctor import KNOWN_PAPER
from bot.cli.main import main
from bot.doctor.findings import DOCUMENT, Check, clock_finding
from bot.model import Paper
from tests.conftest import CONFIG, LIST
from tests.servers.arxiv import ArxivServer
from tests.servers.github import GitHubServer, Right, github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

NOW = datetime(2026, 3, 4, 23, 59, tzinfo=UTC)
WORKFLOW = ".github/workflows/paper-list.yml"
ROOT = Path(__file__).resolve().parents[2]
Found = list[tuple[str, str]]


@dataclass
class Place:
    """A repository that is in order: on disk, on GitHub, and at arXiv."""

    home: Path
    github: GitHubServer
    arxiv: ArxivServer
    environment: dict[str, str] = field(default_factory=dict)
    today: str = "2026-03-04"

    def write(self, path: str, content: bytes) -> None:
        """Write a file on disk."""
        (self.home / path).parent.mkdir(parents=True, exist_ok=True)
        (self.home / path).write_bytes(content)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Everything in order."""
    paper = Paper(KNOWN_PAPER, "A Paper", published=NOW - timedelta(days=9), updated=NOW - timedelta(days=9))
    home = tmp_path / "home"
    with github_server(tmp_path / "papers.git", {"README.md": LIST}, now=NOW) as github, ArxivServer([paper]) as arxiv:
        github.workflows[WORKFLOW] = "active"
        found = Place(home, github, arxiv)
        found.write("README.md", LIST)
        found.write("config/keywords.yaml", CONFIG.encode())
        found.write(WORKFLOW, b"jobs: {list: {uses: someone/arxiv-list-bot/.github/workflows/list.yml@v1}}\n")
        found.environment = {
            "GITHUB_TOKEN": "curator-token",
            "GITHUB_REPOSITORY": github.full_name,
            "GITHUB_API_URL": github.url,
            "ARXIV_API_URL": arxiv.api_url,
        }
        yield found
        assert github.violations == []


@pytest.fixture
def doctor(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[dict[str, Any]]]]:
    """Return what calls the command: its exit status and what is not fine."""

    def call() -> tuple[int, list[dict[str, Any]]]:
        monkeypatch.chdir(place.home)
        for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL", "GITHUB_SERVER_URL", "ARXIV_API_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(["doctor", "--json", "--today", place.today])
        findings = json.loads(capsys.readouterr().out)["findings"]
        return int(ended.value.code or 0), [one for one in findings if one["severity"] != "fine"]

    return call


Doctor = Callable[..., tuple[int, list[dict[str, Any]]]]


def test_what_is_in_order_is_fine(place: Place, doctor: Doctor) -> None:
    """With an administrator's token nothing is found, and nothing was changed on GitHub."""
    before = place.github.git.refs("refs/")
    assert doctor() == (0, [])
    assert place.github.git.refs("refs/") == before
    assert place.github.issues == {}


def no_contents(place: Place) -> None:
    place.github.accounts["curator-token"].contents = Right.READ


def no_pulls(place: Place) -> None:
    place.github.accounts["curator-token"].pulls = Right.READ


def setting_off(place: Place) -> None:
    place.github.accounts["bot-token"].may_open_pulls = False


def ruled(place: Place) -> None:
    place.github.rules["*"] = [{"type": "creation"}]


def state_protected(place: Place) -> None:
    place.github.push("curator", "arxiv-bot/state", {"state/x": b""})
    place.github.protected.add("arxiv-bot/state")


def checks_required(place: Place) -> None:
    place.github.required["main"] = ["tests"]


def checks_ruled(place: Place) -> None:
    checks = {"required_status_checks": [{"context": "tests"}], "strict_required_status_checks_policy": False}
    place.github.rules["main"] = [{"type": "required_status_checks", "parameters": checks}]


def asleep(place: Place) -> None:
    place.github.workflows[WORKFLOW] = "disabled_inactivity"


def no_workflow(place: Place) -> None:
    place.github.workflows.clear()


def quiet(place: Place) -> None:
    place.github.now = NOW + timedelta(days=50)
    place.today = f"{place.github.now:%Y-%m-%d}"


def clock_wrong(place: Place) -> None:
    place.today = "2026-03-06"


def bad_token(place: Place) -> None:
    place.environment["GITHUB_TOKEN"] = "none-such"


def no_token(place: Place) -> None:
    del place.environment["GITHUB_TOKEN"]


def other_repository(place: Place) -> None:
    place.environment["GITHUB_REPOSITORY"] = "curator/nothing"


def broken_config(place: Place) -> None:
    place.write("config/keywords.yaml", b"lists: []\n")


def no_list(place: Place) -> None:
    (place.home / "README.md").unlink()


def generated(place: Place) -> None:
    place.write("README.md", b"<!-- auto-generated by make, do not edit -->\n\n" + LIST)


def section_gone(place: Place) -> None:
    place.write("README.md", LIST.replace(b"## Survey", b"## Overview"))


def keyword_silent(place: Place) -> None:
    rows = "".join(f"|[Serving Number {n}](https://arxiv.org/abs/2401.1{n:04})||\n" for n in range(12))
    place.write("README.md", LIST.rstrip() + b"\n" + rows.encode())
    words = b"keywords: [{phrase: serving, field: title}, {phrase: zeppelin, field: title}]\n    sections"
    place.write("config/keywords.yaml", re.sub(rb"keywords: .*\n    sections", words, CONFIG.encode(), count=1))


def nothing_to_judge_by(place: Place) -> None:
    place.write(
        "config/keywords.yaml",
        re.sub(rb"keywords: .*\n", b"keywords: []\n    categories: [cs.DC]\n", CONFIG.encode(), count=1),
    )


def arxiv_down(place: Place) -> None:
    place.environment["ARXIV_API_URL"] = "http://127.0.0.1:9/none"


BROKEN: dict[Callable[[Place], None], tuple[str, str]] = {
    no_contents: ("contents", "error"),
    no_pulls: ("pull-requests", "error"),
    setting_off: ("setting", "error"),
    ruled: ("protection", "error"),
    state_protected: ("protection", "error"),
    checks_required: ("checks", "warning"),
    checks_ruled: ("checks", "warning"),
    asleep: ("workflow", "error"),
    no_workflow: ("workflow", "warning"),
    quiet: ("quiet", "warning"),
    clock_wrong: ("clock", "error"),
    bad_token: ("token", "error"),
    no_token: ("token", "error"),
    other_repository: ("token", "error"),
    broken_config: ("config", "error"),
    no_list: ("list", "error"),
    generated: ("list", "error"),
    section_gone: ("sections", "error"),
    keyword_silent: ("keywords", "warning"),
    nothing_to_judge_by: ("keywords", "warning"),
    arxiv_down: ("arxiv", "error"),
}


def test_a_file_without_a_place_for_papers_is_told(place: Place, doctor: Doctor) -> None:
    """A file that holds neither a paper nor a heading for one is an error, as is each section that it lacks."""
    place.write("README.md", b"Papers will come.\n")
    _, found = doctor()
    assert [(one["kind"], one["severity"]) for one in found] == [("list", "error"), ("sections", "error")]


@pytest.mark.parametrize("breaking", BROKEN, ids=lambda breaking: breaking.__name__)
def test_each_fault_is_found_alone(place: Place, doctor: Doctor, breaking: Callable[[Place], None]) -> None:
    """One thing broken gives one finding, of its kind, with a fix; the exit status says whether it stops the bot."""
    breaking(place)
    status, found = doctor()
    kind, severity = BROKEN[breaking]
    assert [(one["kind"], one["severity"]) for one in found] == [(kind, severity)]
    assert found[0]["fix"]
    assert status == (1 if severity == "error" else 0)


def test_what_a_workflow_cannot_see_is_not_guessed(place: Place, doctor: Doctor) -> None:
    """The token of a workflow does not see the setting: that is said, with the place to look, and is no failure."""
    place.environment["GITHUB_TOKEN"] = "bot-token"
    status, [found] = doctor()
    assert (status, found["kind"], found["severity"]) == (0, "setting", "unknown")
    assert f"https://github.com/{place.github.full_name}/settings/actions" in found["fix"]
    assert "cannot tell" in found["what"]


def test_a_refused_pull_request_tells_of_the_setting(place: Place, doctor: Doctor) -> None:
    """Where GitHub says that Actions may not open pull requests, the setting need not be seen."""
    place.environment["GITHUB_TOKEN"] = "bot-token"
    place.github.accounts["bot-token"].may_open_pulls = False
    status, found = doctor()
    assert (status, [(one["kind"], one["severity"]) for one in found]) == (1, [("setting", "error")])


def test_workflows_that_cannot_be_seen(place: Place, doctor: Doctor) -> None:
    """A token without `actions: read` cannot tell whether the workflow is enabled."""
    place.github.accounts["curator-token"].actions = Right.NONE
    status, [found] = doctor()
    assert (status, found["kind"], found["severity"]) == (0, "workflow", "unknown")


def test_private_repositories_do_not_sleep(place: Place, doctor: Doctor) -> None:
    """GitHub puts schedules of public repositories to sleep only."""
    quiet(place)
    place.github.private = True
    assert doctor() == (0, [])


def test_without_a_repository_nothing_is_claimed(place: Place, doctor: Doctor) -> None:
    """Away from GitHub, list and arXiv are looked at, and the rest is said to be unknown."""
    del place.environment["GITHUB_REPOSITORY"]
    status, found = doctor()
    assert (status, [(one["kind"], one["severity"]) for one in found]) == (
        0,
        [("token", "unknown"), ("clock", "unknown")],
    )


def test_lists_elsewhere_are_left_to_their_place(place: Place, doctor: Doctor) -> None:
    """A list of another repository is not looked for in this one."""
    other = "  - {name: other, file: other.md, repository: someone/else, keywords: [zeppelin]}\n"
    place.write("config/keywords.yaml", (CONFIG + other).encode())
    status, [found] = doctor()
    assert (status, found["kind"], found["severity"]) == (0, "list", "unknown")
    assert "someone/else" in found["fix"]


def test_people_read_it_too(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal each finding stands with its fix and its link."""
    section_gone(place)
    monkeypatch.chdir(place.home)
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main(["doctor", "--today", place.today])
    said = capsys.readouterr().out
    what = "these sections are missing from the list, or in it several times: 'Survey'"
    assert re.search(rf"ERROR +serving: {what}\n +fix: .*\n +https://", said)
    assert "ok" in said


def test_every_kind_is_documented() -> None:
    """Each finding links to a heading that is there."""
    headings = re.findall(r"^## (.*)$", (ROOT / DOCUMENT).read_text("utf-8"), re.MULTILINE)
    assert headings == [check.value for check in Check]


def test_a_little_skew_is_none() -> None:
    """Clocks differ by minutes on the way."""
    assert clock_finding(NOW, NOW + timedelta(minutes=4)).severity == 0
