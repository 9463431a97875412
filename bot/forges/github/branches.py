"""Branches on GitHub: the list on them, and the state on its own one.

The list is written by the contents API: one request, refused when the list is not the one that was read, signed by
GitHub because no author is named. What needs a commit of its own shape, the state and a merge, goes through the Git
Data API.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from github import UnknownObjectException
from github.Repository import Repository

from bot.errors import PublishError
from bot.forges.github.client import writing_to
from bot.pullrequest.change import Change
from bot.pullrequest.cycle import PREFIX, STATE_BRANCH, branch_of
from bot.state.files import FILES, STATE_FILE, blob_id, from_files, to_files
from bot.state.model import State

STATE_MESSAGE = "Record what arxiv-list-bot knows\n\nArxiv-Bot-State: {name}"

TreeElement = Mapping[str, str | None]
"""One file of a tree to be made, as the Git Data API takes it."""


@dataclass(frozen=True, slots=True)
class Head:
    """A commit to build on, and its tree."""

    commit: str
    tree: str


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list's bytes and git blob at a commit."""

    content: bytes
    blob: str


@dataclass(frozen=True, slots=True)
class StateTree:
    """The state branch as it was read: its head, and the git blob of each file by path."""

    head: Head | None
    blobs: Mapping[str, str]

    def holds(self, name: str) -> bool:
        """Whether a list has a state."""
        return f"state/{name}/{STATE_FILE}" in self.blobs

    @property
    def lists(self) -> frozenset[str]:
        """The names of the lists that have a state."""
        return frozenset(path.split("/")[1] for path in self.blobs if path.count("/") == 2)


def own_heads(repo: Repository) -> dict[str, str]:
    """Return the heads of all the bot's branches, by name."""
    refs = repo.get_git_matching_refs(f"heads/{PREFIX}/")
    return {ref.ref.removeprefix("refs/heads/"): ref.object.sha for ref in refs}


def main_head(repo: Repository) -> Head:
    """Return the head of the default branch."""
    commit = repo.get_branch(repo.default_branch).commit
    return Head(commit.sha, commit.commit.tree.sha)


# The list


def list_at(repo: Repository, ref: str, file: str) -> ListFile | None:
    """Return the list at a commit, None when there is no such file.

    The contents API leaves out the bytes of files above 1 MB: these come from the blob.
    """
    try:
        found = repo.get_contents(quote(file), ref=ref)
    except UnknownObjectException:
        return None
    if isinstance(found, list):
        return None
    content = base64.b64decode(found.content) if found.encoding == "base64" else blob(repo, found.sha)
    return ListFile(content, found.sha)


def write_list(repo: Repository, change: Change, content: bytes, old: str) -> str:
    """Commit the list on the branch of a change's cycle, where it is the blob `old`; return the commit."""
    branch = branch_of(change.list, change.cycle)
    encoded = base64.b64encode(content).decode()
    fields = {"message": change.message, "content": encoded, "sha": old, "branch": branch}
    with writing_to(branch):
        _, made = repo.requester.requestJsonAndCheck("PUT", f"{repo.url}/contents/{quote(change.file)}", input=fields)
    return str(made["commit"]["sha"])


def blob(repo: Repository, sha: str) -> bytes:
    """Return a blob's bytes."""
    return base64.b64decode(repo.get_git_blob(sha).content)


def element(repo: Repository, below: Head, file: str, content: bytes) -> TreeElement:
    """Return the list as an element of a tree, with the mode that it has; no huge tree is fetched to find it."""
    *folders, last = file.split("/")
    tree = below.tree
    for part, kind in [*((folder, "tree") for folder in folders), (last, "blob")]:
        found = next((e for e in repo.get_git_tree(tree).tree if e.path == part and e.type == kind), None)
        if found is None:
            raise PublishError(f"{repo.full_name} no longer has {file}; set 'file' in the configuration")
        tree, mode = found.sha, found.mode
    return {"path": file, "mode": mode, "type": "blob", "content": content.decode()}


# The state


def read_tree(repo: Repository, heads: Mapping[str, str]) -> StateTree:
    """Return the files of the state branch, without their content."""
    if STATE_BRANCH not in heads:
        return StateTree(None, {})
    tree = repo.get_git_tree(heads[STATE_BRANCH], recursive=True)
    return StateTree(Head(heads[STATE_BRANCH], tree.sha), {e.path: e.sha for e in tree.tree if e.type == "blob"})


def read_state(repo: Repository, tree: StateTree, name: str) -> State:
    """Return the state of a list, an empty one when there is none."""
    paths = {file: f"state/{name}/{file}" for file in FILES}
    found = {file: blob(repo, tree.blobs[path]) for file, path in paths.items() if path in tree.blobs}
    return from_files(found, f"{STATE_BRANCH}:state/{name}")


def state_text(repo: Repository, tree: StateTree, name: str) -> str:
    """Return the file that names a list's papers, empty when there is none."""
    found = tree.blobs.get(f"state/{name}/{STATE_FILE}")
    return blob(repo, found).decode(errors="replace") if found else ""


def write_state(repo: Repository, tree: StateTree, name: str, state: State) -> StateTree:
    """Record a state where it differs, and return the files of the branch after that.

    A fast-forward from the commit that was read is the lock.
    """
    new = {f"state/{name}/{file}": content for file, content in to_files(state).items()}
    elements: list[TreeElement] = [
        {"path": path, "mode": "100644", "type": "blob", "content": content.decode()}
        for path, content in sorted(new.items())
        if tree.blobs.get(path) != blob_id(content)
    ]
    gone = {f"state/{name}/{file}" for file in FILES} & set(tree.blobs) - set(new)
    elements += [{"path": path, "mode": "100644", "type": "blob", "sha": None} for path in sorted(gone)]
    if not elements:
        return tree
    head = make_commit(repo, elements, STATE_MESSAGE.format(name=name), tree.head)
    (move_branch if tree.head else create_branch)(repo, STATE_BRANCH, head.commit)
    kept = {path: sha for path, sha in tree.blobs.items() if path not in gone}
    return StateTree(head, kept | {path: blob_id(content) for path, content in new.items()})


# Commits


def make_commit(
    repo: Repository, elements: Sequence[TreeElement], message: str, below: Head | None, first_parent: str | None = None
) -> Head:
    """Commit files on top of `below`, without author, so that GitHub signs it; `first_parent` makes it a merge."""
    base = {"base_tree": below.tree} if below else {}
    tree = _post(repo, "trees", {"tree": elements, **base})
    parents = [sha for sha in (first_parent, below.commit if below else None) if sha]
    return Head(_post(repo, "commits", {"message": message, "tree": tree, "parents": parents}), tree)


def create_branch(repo: Repository, branch: str, sha: str) -> None:
    """Create a branch at a commit; raise `PublishError` when it exists."""
    with writing_to(branch):
        _post(repo, "refs", {"ref": f"refs/heads/{branch}", "sha": sha}, answer="ref")


def move_branch(repo: Repository, branch: str, sha: str) -> None:
    """Fast-forward a branch to a commit; raise `PublishError` when it is not where it was read."""
    fields = {"sha": sha, "force": False}
    with writing_to(branch):
        repo.requester.requestJsonAndCheck("PATCH", f"{repo.url}/git/refs/heads/{branch}", input=fields)


def _post(repo: Repository, kind: str, what: Mapping[str, Any], answer: str = "sha") -> str:
    """Create a git object or ref; return its name. PyGithub would read the parents first."""
    _, made = repo.requester.requestJsonAndCheck("POST", f"{repo.url}/git/{kind}", input=what)
    return str(made[answer])
