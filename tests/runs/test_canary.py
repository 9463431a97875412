"""The token never leaves the program but to GitHub: not in what it prints, writes, commits or says."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from bot.cli.main import main
from tests.conftest import CONFIG, LIST
from tests.servers.github import Call, Fault, GitHubServer, github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

CANARY = "ghp_CanaryThatMustNotSing0123456789abcd"
PAPER = {"id": "2603.00001", "title": "KV Cache Eviction for LLM Serving", "published": "2026-03-03T00:00:00Z"}


@dataclass
class Cage:
    """A folder and a repository; `heard` is everything that came out so far."""

    folder: Path
    server: GitHubServer
    capture: pytest.CaptureFixture[str]
    heard: bytes = b""

    def bot(self, *arguments: str) -> int:
        """Call the command line; return its exit status."""
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--config", str(self.folder / "keywords.yaml"), "--today", "2026-03-04"])
        out = self.capture.readouterr()
        self.heard += out.out.encode() + out.err.encode()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    def all(self) -> bytes:
        """Return what was printed, what lies in the folder, and all that the repository and its pull requests hold."""
        files = b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())
        git = self.server.git
        objects = b"".join(git.repo[sha].as_raw_string() for sha in git.repo.object_store)
        said = [(i.title, i.body) for i in self.server.issues.values()]
        said += [("", c.body) for c in self.server.comments.values()]
        return b"\n".join((self.heard, files, objects, json.dumps(said).encode()))


@pytest.fixture
def cage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Cage]:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "keywords.yaml").write_text(CONFIG, "utf-8")
    (folder / "papers.jsonl").write_text(json.dumps(PAPER) + "\n", "utf-8")
    with github_server(tmp_path / "papers.git", {"README.md": LIST}) as server:
        server.accounts[CANARY] = server.accounts.pop("bot-token")
        for name, value in {
            "GITHUB_TOKEN": CANARY,
            "GITHUB_REPOSITORY": server.full_name,
            "GITHUB_API_URL": server.url,
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        }.items():
            monkeypatch.setenv(name, value)
        yield Cage(folder, server, capsys)


def quiet(heard: bytes) -> bool:
    """Whether the token is nowhere, as it is or in base64."""
    return not any(
        secret in heard for secret in (CANARY.encode(), base64.b64encode(CANARY.encode()), CANARY[8:].encode())
    )


def test_what_is_published_holds_no_secret(cage: Cage) -> None:
    """Neither proposal, report, summary, state, commits, text nor answers hold the token."""
    papers, report = str(cage.folder / "papers.jsonl"), str(cage.folder / "report.json")
    out = str(cage.folder / "proposal.json")
    assert cage.bot("discover", "--source", papers, "--out", out, "--report", report) == 0
    assert cage.bot("publish", out, "--json") == 0
    (pull,) = [i for i in cage.server.issues.values() if i.pull]
    cage.server.now += timedelta(days=1)
    with cage.server.client("curator-token") as client:
        client.get_repo(cage.server.full_name).get_issue(pull.number).create_comment("/arxiv-bot reject 2603.00001")
    assert cage.bot("review", "--json", "--report", report) == 0
    assert cage.bot("run", "--source", papers, "--dry-run") == 0
    heard = cage.all()
    assert b"arxiv-bot:answer" in heard
    assert b"KV Cache Eviction" in (cage.folder / "summary.md").read_bytes()
    assert quiet(heard)


def lost(call: Call) -> Fault | None:
    return Fault.LOST_BEFORE if call.writes else None


def refused(call: Call) -> Fault | None:
    return Fault.SECONDARY_LIMIT if call.writes else None


@pytest.mark.parametrize("fault", [lost, refused])
@pytest.mark.parametrize("command", ["run", "review"])
def test_failures_hold_no_secret(cage: Cage, command: str, fault: Callable[[Call], Fault | None]) -> None:
    """A message about a call that failed does not quote what was sent with it."""
    papers = ["--source", str(cage.folder / "papers.jsonl")]
    if command == "review":
        assert cage.bot("run", *papers) == 0
        (pull,) = [i for i in cage.server.issues.values() if i.pull]
        pull.body = (pull.body or "").replace("- [x]", "- [ ]")
    cage.server.fault = fault
    report = ["--json", "--report", str(cage.folder / "report.json")]
    assert cage.bot(command, *(papers if command == "run" else ()), *report) == 1
    assert json.loads((cage.folder / "report.json").read_text("utf-8"))["errors"]
    assert quiet(cage.all())


def test_a_token_that_is_not_accepted_is_not_named(cage: Cage) -> None:
    """The message says that the token is wrong, not what it is."""
    del cage.server.accounts[CANARY]
    assert cage.bot("review", "--json") == 1
    assert b"does not accept the token" in cage.heard
    assert quiet(cage.heard)


def test_the_traceback_of_a_bug_holds_no_secret(cage: Cage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug deep in a call ends with a traceback and status 3, and what was sent is not in it."""

    def send(session: requests.Session, request: requests.PreparedRequest, **options: object) -> None:
        assert CANARY in str(request.headers)
        raise ValueError(f"no answer to {request}")

    monkeypatch.setattr(requests.Session, "send", send)
    assert cage.bot("review", "--json") == 3
    assert b"Traceback" in cage.heard
    assert b"Please report it" in cage.heard
    assert quiet(cage.heard)
