from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from github.Repository import Repository

from bot.config import Config
from bot.errors import PublishError
from bot.forges.github import GithubForge
from bot.pipeline import Outcome, publish_one
from bot.pullrequest.cycle import STATE_BRANCH
from bot.state.decision import DecisionKind
from bot.state.files import to_files
from tests.conftest import LIST, NOW, PAPERS, ToldSource, paper
from tests.servers.emulate import EmulatedGitHub as GitHubAccess
from tests.servers.emulate import first_commit
from tests.servers.github import github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.whole import begun, job, run_list

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHubAccess]:
    with github_server(tmp_path / "papers.git", {"README.md": LIST, "src/other.txt": b"kept"}) as server:
        yield GitHubAccess(server.url, server.full_name, "bot-token", "curator-token")
        assert server.violations == []


def do_run(hub: GitHubAccess, settings: Config, source: ToldSource | None = None) -> Outcome:
    forge = GithubForge(hub.token, hub.repository, hub.api_url)
    return run_list(job(settings, forge, NOW), source or ToldSource())


def content(repository: Repository, path: str, ref: str) -> bytes:
    found = repository.get_contents(path, ref=ref)
    assert not isinstance(found, list)
    return found.decoded_content


def write(repository: Repository, ref: str, data: bytes) -> None:
    """Commit the list on a branch as a person does in the browser."""
    found = repository.get_contents("README.md", ref=ref)
    assert not isinstance(found, list)
    repository.update_file("README.md", "Edit by hand", data, found.sha, branch=ref)


def test_first_run_opens_one_pull_request(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """A first run leaves one commit of the list alone, one pull request, the state, and the base as it was."""
    outcome = do_run(hub, settings)
    (pull,) = repository.get_pulls(state="open")
    assert pull.head.ref == "arxiv-bot/serving/1"
    assert pull.title == "README.md: 3 new papers"
    assert pull.body.count("- [x] ") == 3
    assert outcome.publication is not None
    assert outcome.publication.opened
    assert content(repository, "README.md", pull.head.ref) == outcome.edit.after != LIST
    assert content(repository, "README.md", "main") == LIST
    assert content(repository, "src/other.txt", pull.head.ref) == b"kept"
    commit = repository.get_git_commit(outcome.publication.commit or "")
    assert commit.message.endswith("Arxiv-Bot-Cycle: serving/1")
    for name, stored in to_files(outcome.change.state).items():
        assert content(repository, f"state/serving/{name}", STATE_BRANCH) == stored


def test_second_run_changes_nothing(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """The same run again makes no commit, no second pull request and no edit of the text."""
    do_run(hub, settings)
    branches = {ref.ref: ref.object.sha for ref in repository.get_git_matching_refs("heads/")}
    (before,) = repository.get_pulls(state="open")
    again = do_run(hub, settings)
    (after,) = repository.get_pulls(state="open")
    assert after.body == before.body
    assert after.updated_at == before.updated_at
    assert {ref.ref: ref.object.sha for ref in repository.get_git_matching_refs("heads/")} == branches
    assert again.publication is not None
    assert (again.publication.commit, again.publication.opened, again.publication.text_changed) == (None, False, False)


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=365), timedelta(days=-365)])
def test_a_clock_that_is_wrong_loses_no_command(
    hub: GitHubAccess, repository: Repository, settings: Config, ahead: timedelta
) -> None:
    """What was heard is known from GitHub's times alone, so a command given before the local clock's time is heard."""
    forge = GithubForge(hub.token, hub.repository, hub.api_url)
    run_list(job(settings, forge, NOW + ahead), ToldSource())
    (pull,) = repository.get_pulls(state="open")
    repository.get_issue(pull.number).create_comment("/arxiv-bot reject 2603.00001")
    outcome = do_run(hub, settings)
    assert [(one.id, one.kind.value) for one in outcome.change.state.decisions] == [("2603.00001", "rejected")]


def test_new_papers_join_the_open_pull_request(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """Papers found later are added to the same branch on top of what people did there, and the text follows."""
    do_run(hub, settings, ToldSource(PAPERS[:2]))
    ref = "arxiv-bot/serving/1"
    edited = content(repository, "README.md", ref).replace(
        b"A Survey of LLM Serving", b"A **Good** Survey of LLM Serving"
    )
    write(repository, ref, edited)
    do_run(hub, settings, ToldSource(PAPERS[:3]))
    (pull,) = repository.get_pulls(state="open")
    now = content(repository, "README.md", ref)
    assert b"A **Good** Survey" in now
    assert b"Scheduling for LLM Serving" in now
    assert pull.body.count("- [x] ") == 3


def test_a_row_removed_on_the_branch_stays_removed(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """A proposed paper whose row a person deleted on the branch is dismissed and never written again."""
    do_run(hub, settings)
    ref = "arxiv-bot/serving/1"
    lines = content(repository, "README.md", ref).splitlines(keepends=True)
    write(repository, ref, b"".join(line for line in lines if b"2603.00003" not in line))
    outcome = do_run(hub, settings)
    assert b"2603.00003" not in content(repository, "README.md", ref)
    decided = {d.id: d.kind for d in outcome.change.state.decisions}
    assert decided == {"2603.00003": DecisionKind.DISMISSED}
    (pull,) = repository.get_pulls(state="open")
    assert "2603.00003" not in pull.body


def test_a_branch_left_by_a_stopped_run_is_adopted(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """A run that died after its commit is continued: same branch, no paper twice, pull request and state made up."""
    forge = GithubForge(hub.token, hub.repository, hub.api_url)
    snapshot = forge.read(settings.lists[0])
    half = run_list(job(settings, forge, NOW, dry=True), ToldSource())
    forge.write(snapshot, replace(half.change, title=None, text=None, state=snapshot.state))
    outcome = do_run(hub, settings)
    (pull,) = repository.get_pulls(state="open")
    assert pull.head.ref == "arxiv-bot/serving/1"
    assert content(repository, "README.md", pull.head.ref) == half.edit.after
    assert {p.candidate.paper.id for p in outcome.change.state.open if p.row} == {
        s.candidate.paper.id for s in half.board.new
    }


def test_a_closed_cycle_is_decided(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """After its pull request is closed unmerged the papers are dismissed, and new ones open the next cycle."""
    do_run(hub, settings)
    (pull,) = repository.get_pulls(state="open")
    pull.edit(state="closed")
    quiet = do_run(hub, settings)
    assert quiet.publication is not None
    assert quiet.publication.where == "nothing to propose"
    assert all(d.kind is DecisionKind.DISMISSED for d in quiet.change.state.decisions)
    do_run(hub, settings, ToldSource((*PAPERS, paper(9, "Prefetching for LLM Serving"))))
    (pull,) = repository.get_pulls(state="open")
    assert pull.head.ref == "arxiv-bot/serving/2"
    assert pull.title == "README.md: 1 new paper"


def test_lost_state_costs_nothing_but_time(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """With the state branch deleted the open pull request is found again and no paper is written twice."""
    first = do_run(hub, settings)
    repository.requester.requestJsonAndCheck("DELETE", f"{repository.url}/git/refs/heads/{STATE_BRANCH}")
    again = do_run(hub, settings)
    assert not again.edit.entries
    assert {p.candidate.paper.id for p in again.change.state.open} == {
        p.candidate.paper.id for p in first.change.state.open
    }
    assert len(list(repository.get_pulls(state="all"))) == 1


def test_a_list_that_changed_meanwhile_is_not_overwritten(
    hub: GitHubAccess, repository: Repository, settings: Config
) -> None:
    """A commit that lands on the base between reading and writing stays: the branch builds on what was read."""
    todo = job(settings, GithubForge(hub.token, hub.repository, hub.api_url), NOW)
    case, proposal = begun(todo, ToldSource())
    write(repository, "main", LIST + b"\nA person's line.\n")
    publish_one(todo, case, proposal)
    assert content(repository, "README.md", "main").endswith(b"A person's line.\n")
    assert b"A person's line." not in content(repository, "README.md", "arxiv-bot/serving/1")
    do_run(hub, settings)
    assert b"A person's line." in content(repository, "README.md", "arxiv-bot/serving/1")


def test_a_branch_that_moved_meanwhile_is_not_overwritten(
    hub: GitHubAccess, repository: Repository, settings: Config
) -> None:
    """A commit that lands on the branch between reading and writing stops the publication with what to do."""
    do_run(hub, settings, ToldSource(PAPERS[:1]))
    todo = job(settings, GithubForge(hub.token, hub.repository, hub.api_url), NOW)
    case, proposal = begun(todo, ToldSource())
    edited = content(repository, "README.md", "arxiv-bot/serving/1") + b"\nA person's line.\n"
    write(repository, "arxiv-bot/serving/1", edited)
    with pytest.raises(PublishError, match="changed meanwhile; run again"):
        publish_one(todo, case, proposal)
    assert content(repository, "README.md", "arxiv-bot/serving/1") == edited


def test_a_missing_list_is_named(hub: GitHubAccess, settings: Config) -> None:
    """A list file that the repository does not have is named with the branch."""
    forge = GithubForge(hub.token, hub.repository, hub.api_url)
    with pytest.raises(PublishError, match=r"has no PAPERS\.md on branch main"):
        forge.read(settings.lists[0].model_copy(update={"file": "PAPERS.md"}))


def test_an_unrelated_branch_is_no_cycle(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """A branch or pull request of somebody else under a similar name is never taken for the bot's."""
    first_commit(repository, "arxiv-bot/serving/not-a-number", {"README.md": LIST})
    outcome = do_run(hub, settings)
    assert outcome.change.cycle == 1


@contextmanager
def answering(status: int, body: bytes, kind: str = "application/json", **headers: str) -> Iterator[str]:
    """Serve one answer to every request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def refusing(status: int, message: str) -> AbstractContextManager[str]:
    """Serve one error, in GitHub's shape, for every request."""
    return answering(status, json.dumps({"message": message, "documentation_url": "https://docs.github.com"}).encode())


@pytest.mark.parametrize(
    ("status", "message", "advice"),
    [
        (401, "Bad credentials", "set GITHUB_TOKEN to one that is valid"),
        (403, "Resource not accessible by integration", "needs contents: write and pull-requests: write"),
        (403, "You have exceeded a secondary rate limit.", "run again later"),
        (404, "Not Found", "check GITHUB_REPOSITORY"),
        (429, "API rate limit exceeded", "run again later"),
        (418, "I'm a teapot", "GitHub's answer says why"),
    ],
)
def test_errors_say_what_to_do(status: int, message: str, advice: str, settings: Config) -> None:
    """What GitHub refuses becomes one sentence with its own words and the way out."""
    with refusing(status, message) as url, pytest.raises(PublishError, match=advice) as caught:
        GithubForge("token", "curator/papers", url).read(settings.lists[0])
    assert caught.value.status == status
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"<html><title>Sign in</title></html>", {}),
        (200, b"[1]", {}),
        (200, b"", {}),
        (200, b'{"id": "x"}', {}),
        (301, b"", {"Location": "http://localhost:1/repos/curator/papers"}),
    ],
)
def test_what_is_not_github_is_told(status: int, body: bytes, headers: dict[str, str], settings: Config) -> None:
    """A page with status 200, JSON of another shape, or a redirect to another host is one line, not a bug."""
    with answering(status, body, "text/html", **headers) as url, pytest.raises(PublishError) as caught:
        GithubForge("token", "curator/papers", url).read(settings.lists[0])
    assert "check GITHUB_API_URL" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_error_repeats_the_token(settings: Config) -> None:
    """GitHub's words are shown without anything that equals the token."""
    with refusing(418, "bad header: token ghs_abcdefgh123") as url, pytest.raises(PublishError) as caught:
        GithubForge("ghs_abcdefgh123", "curator/papers", url).read(settings.lists[0])
    assert "bad header: token ***" in str(caught.value)
    assert "ghs_abcdefgh123" not in str(caught.value)


def test_no_token_and_no_network_are_told(settings: Config) -> None:
    """Without a token nothing is asked; without a network the message says so."""
    with pytest.raises(PublishError, match="set GITHUB_TOKEN, or use --publish local"):
        GithubForge("", "curator/papers", "http://127.0.0.1:9")
    with pytest.raises(PublishError, match="must be owner/name"):
        GithubForge("token", "papers", "http://127.0.0.1:9")
    with pytest.raises(PublishError, match="GitHub cannot be reached"):
        GithubForge("token", "curator/papers", "http://127.0.0.1:9").read(settings.lists[0])
    for address in ("nonsense", "https://", "ftp://example.org", "//api.github.com"):
        with pytest.raises(PublishError, match="GITHUB_API_URL is not a URL"):
            GithubForge("token", "curator/papers", address)
    for token in ("to ken", "tok\nen", "tokén"):
        with pytest.raises(PublishError, match="GITHUB_TOKEN contains whitespace"):
            GithubForge(token, "curator/papers", "http://127.0.0.1:9")


def test_people_may_change_text_and_base_of_the_pull_request(
    hub: GitHubAccess, repository: Repository, settings: Config
) -> None:
    """With its text emptied the pull request is still the bot's: nothing is dismissed, notes around its part stay."""
    do_run(hub, settings)
    (pull,) = repository.get_pulls(state="open")
    pull.edit(body="My notes.")
    outcome = do_run(hub, settings)
    (pull,) = repository.get_pulls(state="open")
    assert pull.body.startswith("My notes.\n\n<!-- arxiv-bot:list serving cycle 1 -->")
    assert outcome.change.state.decisions == ()


def test_a_text_changed_meanwhile_is_left_alone(hub: GitHubAccess, repository: Repository, settings: Config) -> None:
    """A person's edit of the text between reading and writing is not overwritten."""
    do_run(hub, settings, ToldSource(PAPERS[:1]))
    todo = job(settings, GithubForge(hub.token, hub.repository, hub.api_url), NOW)
    case, proposal = begun(todo, ToldSource())
    (pull,) = repository.get_pulls(state="open")
    pull.edit(body=f"{pull.body}\nWait for me.")
    publish_one(todo, case, proposal)
    (pull,) = repository.get_pulls(state="open")
    assert pull.body.endswith("Wait for me.")
    assert "2603.00003" not in pull.body
    do_run(hub, settings)
    (pull,) = repository.get_pulls(state="open")
    assert pull.body.endswith("Wait for me.")
    assert "2603.00003" in pull.body


def test_a_commit_on_the_state_branch_meanwhile_is_not_lost(
    hub: GitHubAccess, repository: Repository, settings: Config
) -> None:
    """The state is written only on top of the version that was read."""
    do_run(hub, settings, ToldSource(PAPERS[:1]))
    todo = job(settings, GithubForge(hub.token, hub.repository, hub.api_url), NOW)
    case, proposal = begun(todo, ToldSource())
    repository.create_file("state/serving/notes.txt", "Mine", b"x", branch=STATE_BRANCH)
    with pytest.raises(PublishError, match="arxiv-bot/state changed meanwhile; run again"):
        publish_one(todo, case, proposal)
    assert content(repository, "state/serving/notes.txt", STATE_BRANCH) == b"x"


def test_a_run_stopped_before_its_pull_request_is_finished(
    hub: GitHubAccess, repository: Repository, settings: Config
) -> None:
    """A run that died between state and pull request is made up: same branch, same rows, the pull request opened."""
    forge = GithubForge(hub.token, hub.repository, hub.api_url)
    snapshot = forge.read(settings.lists[0])
    half = run_list(job(settings, forge, NOW, dry=True), ToldSource())
    forge.write(snapshot, replace(half.change, title=None, text=None))
    outcome = do_run(hub, settings)
    (pull,) = repository.get_pulls(state="open")
    assert pull.head.ref == "arxiv-bot/serving/1"
    assert not outcome.edit.entries
    assert pull.body.count("- [x] ") == 3


def test_a_section_renamed_on_the_branch_stops_nothing(
    hub: GitHubAccess, repository: Repository, settings: Config
) -> None:
    """Papers judged for a section that a person renamed on the branch go where unsorted ones go."""
    do_run(hub, settings, ToldSource(PAPERS[1:2]))
    ref = "arxiv-bot/serving/1"
    renamed = content(repository, "README.md", ref).replace(b"## Caches", b"## Caching")
    write(repository, ref, renamed)
    outcome = do_run(hub, settings)
    paths = {s.candidate.paper.id: s.path for s in outcome.board.proposed}
    assert paths["2603.00001"] == ("Serving", "Unsorted")
