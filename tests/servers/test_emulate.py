"""Which calls the bot may build on, proven by a GitHub that we did not write; and where that one differs."""

import base64
import socket
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from github import Github, GithubException, UnknownObjectException
from github.GitCommit import GitCommit
from github.Repository import Repository

from tests.servers.emulate import (
    NODE,
    NODE_TOOLS_INSTALLED,
    EmulatedGitHub,
    emulated_github,
    first_commit,
    tree_element,
)

pytestmark = pytest.mark.skipif(not NODE_TOOLS_INSTALLED, reason="tests/node/node_modules is missing: run `make test`")

# A BOM, CRLF, a byte that is no UTF-8, no final newline: whatever text handling crept in would show.
LIST = b"\xef\xbb\xbf# Papers\r\n\r\n| Paper |\r\n|---|\r\n| caf\xe9 |"
BRANCH = "arxiv-bot/papers/1"


@pytest.fixture
def hub() -> Iterator[EmulatedGitHub]:
    with emulated_github({"PAPERS.md": LIST, "docs/notes.md": b"kept\n"}) as running:
        yield running


@pytest.fixture
def bot(hub: EmulatedGitHub) -> Iterator[Repository]:
    with hub.client() as client:
        yield client.get_repo(hub.repository)


def commit_list(bot: Repository, parent: str, data: bytes) -> GitCommit:
    """Make a commit on top of `parent` that changes PAPERS.md alone; no branch points at it yet."""
    below = bot.get_git_commit(parent)
    tree = bot.create_git_tree([tree_element(bot, "PAPERS.md", data)], base_tree=below.tree)
    return bot.create_git_commit("Add 1 paper\n\nArxiv-Bot: 1", tree, [below])


def move_branch(bot: Repository, branch: str, sha: str) -> None:
    """Fast-forward `branch`; `GitRef.edit` would use the ref's own address, which emulate gets wrong."""
    address = f"{bot.url}/git/refs/heads/{branch}"
    bot.requester.requestJsonAndCheck("PATCH", address, input={"sha": sha, "force": False})


def proposal_branch(bot: Repository) -> str:
    """Open BRANCH with one commit of its own; return that commit."""
    commit = commit_list(bot, bot.get_branch("main").commit.sha, LIST + b"\r\n| new |")
    bot.create_git_ref(f"refs/heads/{BRANCH}", commit.sha)
    return commit.sha


def test_a_file_is_read_byte_for_byte(bot: Repository) -> None:
    """The bytes at a ref are the bytes that were put there, by contents and by blob."""
    head = bot.get_git_ref("heads/main").object.sha
    assert bot.default_branch == "main"
    assert bot.get_branch("main").commit.sha == head
    content = bot.get_contents("PAPERS.md", ref=head)
    assert not isinstance(content, list)
    assert content.decoded_content == LIST
    assert base64.b64decode(bot.get_git_blob(content.sha).content) == LIST


def test_a_commit_changes_one_file_of_a_branch(bot: Repository) -> None:
    """Blob, tree on a base tree, commit and ref make a branch that leaves `main` and other files alone."""
    sha = proposal_branch(bot)
    assert bot.get_git_ref(f"heads/{BRANCH}").object.sha == sha
    assert [ref.ref for ref in bot.get_git_matching_refs("heads/arxiv-bot/")] == [f"refs/heads/{BRANCH}"]
    assert {entry.path for entry in bot.get_git_tree(sha, recursive=True).tree} == {
        "PAPERS.md",
        "docs",
        "docs/notes.md",
    }
    on_main = bot.get_contents("PAPERS.md", ref="main")
    assert not isinstance(on_main, list)
    assert on_main.decoded_content == LIST
    with pytest.raises(GithubException, match="Reference already exists"):
        bot.create_git_ref(f"refs/heads/{BRANCH}", sha)


def test_a_file_is_written_where_it_was_read(bot: Repository) -> None:
    """A branch made at main's head takes new bytes for the blob that was read, and leaves main alone."""
    head = bot.get_branch("main").commit.sha
    bot.create_git_ref(f"refs/heads/{BRANCH}", head)
    read = bot.get_contents("PAPERS.md", ref=head)
    assert not isinstance(read, list)
    made = bot.update_file("PAPERS.md", "Add 1 paper", LIST + b"\r\n| new |", read.sha, branch=BRANCH)
    assert [p.sha for p in bot.get_git_commit(made["commit"].sha).parents] == [head]
    written = bot.get_contents("PAPERS.md", ref=BRANCH)
    on_main = bot.get_contents("PAPERS.md", ref="main")
    assert not isinstance(written, list)
    assert not isinstance(on_main, list)
    assert (written.decoded_content, on_main.decoded_content) == (LIST + b"\r\n| new |", LIST)
    with pytest.raises(GithubException):
        bot.update_file("PAPERS.md", "Add 1 paper", LIST, read.sha, branch=BRANCH)


def test_a_branch_moves_forward_only(bot: Repository) -> None:
    """PATCH of the ref moves it to a descendant, and refuses a commit that would lose one."""
    first = proposal_branch(bot)
    sibling = commit_list(bot, bot.get_branch("main").commit.sha, b"other")
    second = commit_list(bot, first, LIST + b"\r\n| newer |")
    move_branch(bot, BRANCH, second.sha)
    assert bot.get_branch(BRANCH).commit.sha == second.sha
    with pytest.raises(GithubException, match="not a fast") as refused:
        move_branch(bot, BRANCH, sibling.sha)
    assert refused.value.status == 422


def test_a_pull_request_is_found_edited_and_labelled(bot: Repository) -> None:
    """One pull request, found again by its head, takes a new text and a label."""
    proposal_branch(bot)
    bot.create_label("papers", "ededed")
    opened = bot.create_pull(base="main", head=BRANCH, title="1 paper", body="- [x] one")
    opened.add_to_labels("papers")
    opened.edit(body="- [ ] é")
    [found] = bot.get_pulls(head=f"{bot.owner.login}:{BRANCH}", state="open")
    assert (found.number, found.body) == (opened.number, "- [ ] é")
    assert [label.name for label in found.labels] == ["papers"]
    assert (found.user.login, found.head.ref, found.base.ref) == ("arxiv-bot[bot]", BRANCH, "main")


def test_people_are_told_apart_from_the_bot(hub: EmulatedGitHub, bot: Repository) -> None:
    """A comment says who wrote it and with what right."""
    proposal_branch(bot)
    number = bot.create_pull(base="main", head=BRANCH, title="1 paper", body="").number
    with hub.client(hub.curator_token) as person:
        person.get_repo(hub.repository).get_pull(number).create_issue_comment("/reject 2407.12391")
    [comment] = bot.get_pull(number).get_issue_comments()
    assert (comment.user.login, comment.body) == ("curator", "/reject 2407.12391")
    assert comment.raw_data["author_association"] == "OWNER"


def test_the_state_branch_has_a_history_of_its_own(bot: Repository) -> None:
    """A commit without parents starts a branch that shares nothing with `main`."""
    sha = first_commit(bot, "arxiv-bot/state", {"state/papers/coverage.jsonl": b"{}\n"})
    assert bot.get_git_commit(sha).parents == []
    state = bot.get_contents("state/papers/coverage.jsonl", ref="arxiv-bot/state")
    assert not isinstance(state, list)
    assert state.decoded_content == b"{}\n"
    with pytest.raises(UnknownObjectException):
        bot.get_contents("PAPERS.md", ref="arxiv-bot/state")


def test_what_emulate_gets_wrong(hub: EmulatedGitHub, bot: Repository) -> None:
    """Each line is a difference from GitHub; when one fails, emulate was repaired and we may build on it."""
    first = proposal_branch(bot)
    pull = bot.create_pull(base="main", head=BRANCH, title="1 paper", body="")
    # GitHub: 422 "A pull request already exists", and 422 for a head that does not exist.
    assert bot.create_pull(base="main", head=BRANCH, title="again", body="").number != pull.number
    assert bot.create_pull(base="main", head="no-such-branch", title="nothing", body="").number
    # GitHub: the head of an open pull request follows its branch.
    second = commit_list(bot, first, LIST + b"\r\n| newer |")
    move_branch(bot, BRANCH, second.sha)
    assert bot.get_pull(pull.number).head.sha == first
    # GitHub: lists what changed.
    assert list(pull.get_files()) == []
    # GitHub: `GitRef.edit` works, a pull request is an issue too, and branches can be merged.
    with pytest.raises(UnknownObjectException):
        bot.get_git_ref(f"heads/{BRANCH}").edit(second.sha)
    with pytest.raises(UnknownObjectException):
        bot.get_issue(pull.number)
    with pytest.raises(UnknownObjectException):
        bot.merge(BRANCH, "main")
    # GitHub: 401 "Bad credentials".
    with hub.client("no-such-token") as stranger:
        assert stranger.get_user().login == "curator"


def test_only_this_machine_can_connect(hub: EmulatedGitHub) -> None:
    """The server listens on 127.0.0.1 alone: even another loopback address finds nobody."""
    port = urlsplit(hub.api_url).port
    with pytest.raises(OSError, match=r"."), socket.create_connection(("127.0.0.2", port), timeout=2):
        pass


def test_the_server_ends_with_its_block() -> None:
    """Nothing answers after the `with` block."""
    with emulated_github({"PAPERS.md": LIST}) as hub:
        address = urlsplit(hub.api_url)
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection((address.hostname, address.port), timeout=2),
    ):
        pass


def test_node_is_the_one_from_the_lock_file() -> None:
    """The test tools run on PyPI's node, version 22.15 or later."""
    version = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    assert tuple(map(int, version.strip().removeprefix("v").split("."))) >= (22, 15)


def test_a_client_is_pygithub(hub: EmulatedGitHub) -> None:
    """`client()` is the library the bot uses, with the bot's token."""
    with hub.client() as client:
        assert isinstance(client, Github)
        assert client.get_user().login == "arxiv-bot[bot]"
