"""The strict GitHub server keeps to GitHub's description and refuses what GitHub refuses."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from github import Github, GithubException, InputGitTreeElement
from github.Repository import Repository

from tests.servers.github import Call, Fault, GitHubServer, github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

FILES = {"README.md": b"# List\n\n- one\n", "docs/notes.txt": b"kept"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with github_server(tmp_path / "papers.git", FILES) as server:
        yield server
        assert server.violations == []


def repository(server: GitHubServer, token: str = "curator-token") -> Repository:
    return server.client(token).get_repo(server.full_name)


@pytest.fixture
def bot(server: GitHubServer) -> Repository:
    return repository(server, "bot-token")


@pytest.fixture
def curator(server: GitHubServer) -> Repository:
    return repository(server)


def commit(repo: Repository, branch: str, data: str, start: str = "main") -> str:
    """Commit README.md on a new branch through the Git Data API."""
    head = repo.get_git_ref(f"heads/{start}").object.sha
    parent = repo.get_git_commit(head)
    tree = repo.create_git_tree([InputGitTreeElement("README.md", "100644", "blob", content=data)], parent.tree)
    made = repo.create_git_commit("Add one", tree, [parent])
    repo.create_git_ref(f"refs/heads/{branch}", made.sha)
    return made.sha


def refused(status: int, call: Any, *args: Any, **named: Any) -> str:
    """Return what GitHub says when it refuses a call."""
    with pytest.raises(GithubException) as caught:
        call(*args, **named)
    assert caught.value.status == status
    return str(caught.value.data)


def test_what_is_written_lies_in_a_real_git_repository(server: GitHubServer, bot: Repository) -> None:
    """A commit made through the API is one that git itself reads, with the other files kept."""
    sha = commit(bot, "topic/1", "# List\n\n- one\n- two\n")
    git = ["git", "-C", str(server.git.path)]
    shown = subprocess.run([*git, "show", f"{sha}:README.md"], capture_output=True, check=True).stdout
    assert shown == b"# List\n\n- one\n- two\n"
    listed = subprocess.run([*git, "ls-tree", "-r", "--name-only", sha], capture_output=True, check=True).stdout
    assert listed.split() == [b"README.md", b"docs/notes.txt"]
    subprocess.run([*git, "fsck", "--strict"], capture_output=True, check=True)


def test_commits_without_author_are_verified_for_apps_only(bot: Repository, curator: Repository) -> None:
    """GitHub signs what an app commits under its own name, and nothing else."""
    assert bot.get_git_commit(commit(bot, "topic/1", "x")).raw_data["verification"]["verified"] is True
    assert curator.get_git_commit(commit(curator, "topic/2", "x")).raw_data["verification"]["verified"] is False


def test_a_pull_request_follows_its_branch(server: GitHubServer, bot: Repository) -> None:
    """A push moves the head, and a head that the base contains counts as merged."""
    commit(bot, "topic/1", "# List\n\n- two\n")
    pull = bot.create_pull(base="main", head="topic/1", title="Two", body="")
    sha = server.push("curator", "topic/1", {"README.md": b"# List\n\n- three\n"})
    assert bot.get_pull(pull.number).head.sha == sha
    server.git.set_ref("refs/heads/main", sha)
    server.moved(server.account("curator"))
    assert bot.get_pull(pull.number).merged


def test_deleting_the_branch_closes_the_pull_request(bot: Repository) -> None:
    """A pull request without branch is closed, not merged, and cannot be reopened."""
    commit(bot, "topic/1", "x")
    pull = bot.create_pull(base="main", head="topic/1", title="Two", body="")
    bot.get_git_ref("heads/topic/1").delete()
    closed = bot.get_pull(pull.number)
    assert (closed.state, closed.merged) == ("closed", False)
    refused(422, closed.edit, state="open")


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_the_three_ways_to_merge(server: GitHubServer, bot: Repository, curator: Repository, method: str) -> None:
    """Each brings the change onto a base that moved meanwhile."""
    commit(bot, "topic/1", "# List\n\n- one\n- two\n")
    pull = bot.create_pull(base="main", head="topic/1", title="Two", body="")
    server.push("curator", "main", {"docs/notes.txt": b"changed"})
    assert curator.get_pull(pull.number).merge(merge_method=method).merged
    assert server.read("main", "README.md") == b"# List\n\n- one\n- two\n"
    assert server.read("main", "docs/notes.txt") == b"changed"
    assert curator.get_pull(pull.number).merged


def test_conflicts_are_seen_after_a_while_and_refused(
    server: GitHubServer, bot: Repository, curator: Repository
) -> None:
    """Mergeability is unknown when first asked after a change; a conflict cannot be merged."""
    commit(bot, "topic/1", "# List\n\n- two\n")
    pull = bot.create_pull(base="main", head="topic/1", title="Two", body="")
    server.push("curator", "main", {"README.md": b"# List\n\n- other\n"})
    assert [bot.get_pull(pull.number).raw_data["mergeable"] for _ in range(2)] == [None, False]
    refused(405, curator.get_pull(pull.number).merge)
    refused(409, bot.merge, "topic/1", "main")


@pytest.mark.parametrize(
    ("say", "status", "said"),
    [
        (lambda r: r.create_pull(base="main", head="main", title="x", body=""), 422, "No commits between"),
        (lambda r: r.create_pull(base="main", head="gone", title="x", body=""), 422, "'field': 'head'"),
        (lambda r: r.create_pull(base="main", head="topic/1", title="x", body="x" * 65_537), 422, "body is too long"),
        (lambda r: r.create_git_ref("refs/heads/topic/1", r.get_branch("main").commit.sha), 422, "already exists"),
        (lambda r: r.create_git_ref("refs/heads/topic", r.get_branch("main").commit.sha), 422, "update failed"),
        (lambda r: r.create_git_ref("refs/heads/new", "0" * 40), 422, "Object does not exist"),
        (lambda r: r.get_git_ref("heads/gone"), 404, "Not Found"),
        (lambda r: r.create_issue("x"), 403, "not accessible by integration"),
        (lambda r: r.get_git_blob("0" * 40), 404, "Not Found"),
    ],
)
def test_what_github_refuses(bot: Repository, say: Any, status: int, said: str) -> None:
    """Refusals have GitHub's status and words."""
    commit(bot, "topic/1", "x")
    assert said in refused(status, say, bot)


def test_a_second_pull_request_for_a_branch_is_refused(bot: Repository) -> None:
    """One open pull request for each head and base."""
    commit(bot, "topic/1", "x")
    bot.create_pull(base="main", head="topic/1", title="Two", body="")
    assert "A pull request already exists for curator:topic/1." in refused(
        422, bot.create_pull, base="main", head="topic/1", title="Two", body=""
    )


def test_a_branch_moves_only_forward(bot: Repository) -> None:
    """Without force, a ref goes only to a descendant."""
    old = bot.get_branch("main").commit.sha
    commit(bot, "topic/1", "x")
    address = f"{bot.url}/git/refs/heads/topic/1"
    patch = bot.requester.requestJsonAndCheck
    assert "not a fast forward" in refused(422, patch, "PATCH", address, input={"sha": old, "force": False})


def test_actions_may_be_kept_from_opening_pull_requests(server: GitHubServer, bot: Repository) -> None:
    """With the setting off, the branch is written and the pull request refused."""
    server.accounts["bot-token"].may_open_pulls = False
    commit(bot, "topic/1", "x")
    assert "not permitted to create" in refused(403, bot.create_pull, base="main", head="topic/1", title="x", body="")


def test_comments_and_permissions(server: GitHubServer, bot: Repository) -> None:
    """Comments say how their author stands to the repository, and the permission of each can be asked."""
    number = repository(server, "reader-token").create_issue("Question").number
    repository(server, "reader-token").get_issue(number).create_comment("please")
    repository(server, "helper-token").get_issue(number).create_comment("done")
    found = [(c.body, c.raw_data["author_association"]) for c in bot.get_issue(number).get_comments()]
    assert found == [("please", "NONE"), ("done", "COLLABORATOR")]
    assert [bot.get_collaborator_permission(n) for n in ("curator", "helper", "stranger")] == ["admin", "write", "read"]


def test_pull_requests_of_others_come_from_their_forks(server: GitHubServer, bot: Repository) -> None:
    """Another's pull request names its fork, and its files can be read here."""
    issue = server.foreign_pull("friend", {"README.md": b"# List\n\n- one\n- theirs\n"}, "Add theirs")
    pull = bot.get_pull(issue.number)
    assert pull.head.repo.full_name == "friend/papers"
    (changed,) = pull.get_files()
    assert changed.filename == "README.md"
    assert bot.get_contents("README.md", ref=pull.head.sha).decoded_content.endswith(b"theirs\n")  # type: ignore[union-attr]


def test_long_lists_come_in_pages(server: GitHubServer, bot: Repository) -> None:
    """Lists are cut at a page's size, and say where the next one is."""
    for number in range(45):
        server.foreign_pull("friend", {"docs/notes.txt": str(number).encode()}, f"Note {number}")
    assert len(list(bot.get_pulls(state="open"))) == 45
    assert sum(call.path.endswith("/pulls") for call in server.calls) == 2


@pytest.mark.parametrize(
    ("fault", "status", "made"),
    [(Fault.SERVER_ERROR, 500, False), (Fault.SECONDARY_LIMIT, 403, False)],
)
def test_faults_answer_without_effect(
    server: GitHubServer, bot: Repository, fault: Fault, status: int, made: bool
) -> None:
    """An error that is answered has no effect."""
    sha = bot.get_branch("main").commit.sha
    server.fault = lambda call: fault if call.writes else None
    refused(status, bot.create_git_ref, "refs/heads/topic/1", sha)
    assert (server.git.head("topic/1") is not None) is made


@pytest.mark.parametrize(("fault", "made"), [(Fault.LOST_BEFORE, False), (Fault.LOST_AFTER, True)])
def test_lost_connections(server: GitHubServer, bot: Repository, fault: Fault, made: bool) -> None:
    """A connection can be lost before and after the effect: the caller cannot tell which."""
    sha = bot.get_branch("main").commit.sha
    server.fault = lambda call: fault if call.writes else None
    with pytest.raises(Exception, match=r"(?i)connection|remote"):
        bot.create_git_ref("refs/heads/topic/1", sha)
    assert (server.git.head("topic/1") is not None) is made


def test_people_can_act_between_two_calls(server: GitHubServer, bot: Repository) -> None:
    """What a person does before a call is answered is what the call finds."""
    seen = []

    def push(call: Call) -> None:
        if call.path.endswith("/branches/main"):
            seen.append(server.push("curator", "main", {"README.md": b"mine"}))

    server.meanwhile = push
    assert bot.get_branch("main").commit.sha == seen[0]


def test_the_budget_of_requests_ends(server: GitHubServer) -> None:
    """Whoever asked too much is refused with GitHub's words."""
    server.left = 1
    bot = repository(server, "bot-token")
    assert "rate limit exceeded" in refused(403, bot.get_branch, "main")


def test_unknown_tokens_are_refused(server: GitHubServer) -> None:
    """A token that GitHub does not know gets 401."""
    client: Github = server.client("wrong")
    assert "Bad credentials" in refused(401, client.get_repo, server.full_name)
