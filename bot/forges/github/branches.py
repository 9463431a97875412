"""Branches: their names, the list on them, and the state on its own one.

The list is written by the contents API: one request, refused when the list is not the one that was read, signed by
GitHub since no author is named. What takes a commit of its own shape, the state and a merge, goes through the Git Data
API.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from github import UnknownObjectException
from github.GitTreeElement import GitTreeElement
from github.Repository import Repository

from bot.errors import PublishError
from bot.forges.github.client import writing_to
from bot.state.files import FILES, STATE_FILE, blob_id, from_files, to_files
from bot.state.model import State

PREFIX = "arxiv-bot"
STATE_BRANCH = f"{PREFIX}/state"
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
    """A list's bytes and git blob at a commit of a branch."""

    content: bytes
    blob: str


@dataclass(frozen=True, slots=True)
class StateTree:
    """The state branch as it was read: its head, and the git blob of each file by path."""

    head: Head | None
    blobs: Mapping[str, str]

    def holds(self, name: str) -> bool:
        """Tell whether there is a state of a list."""
        return f"state/{name}/{STATE_FILE}" in self.blobs

    @property
    def lists(self) -> frozenset[str]:
        """The names of the lists that have a state."""
        return frozenset(path.split("/")[1] for path in self.blobs if path.count("/") == 2)


def branch_of(name: str, cycle: int) -> str:
    """Return the branch of a list's cycle."""
    return f"{PREFIX}/{name}/{cycle}"


def cycle_of(ref: str, name: str) -> int | None:
    """Return the cycle of a branch of this list, None for any other branch."""
    prefix, _, number = ref.rpartition("/")
    return int(number) if prefix == f"{PREFIX}/{name}" and number.isdecimal() else None


def own_heads(repo: Repository) -> dict[str, str]:
    """Return the heads of all the bot's branches, by name."""
    refs = repo.get_git_matching_refs(f"heads/{PREFIX}/")
    return {ref.ref.removeprefix("refs/heads/"): ref.object.sha for ref in refs}


# The list


def read_list(repo: Repository, ref: str, file: str) -> ListFile | None:
    """Return the list at a commit, None when there is no such file.

    The contents API leaves out the bytes of what is larger than 1 MB: these come from the blob.
    """
    try:
        found = repo.get_contents(quote(file), ref=ref)
    except UnknownObjectException:
        return None
    if isinstance(found, list):
        return None
    content = found.content if found.encoding == "base64" else blob(repo, found.sha)
    return ListFile(base64.b64decode(content), found.sha)


def write_list(repo: Repository, branch: str, file: str, content: bytes, old: str, message: str) -> str:
    """Commit the list on a branch where it is the blob `old`; return the commit."""
    fields = {"message": message, "content": base64.b64encode(content).decode(), "sha": old, "branch": branch}
    with writing_to(branch):
        _, made = repo.requester.requestJsonAndCheck("PUT", f"{repo.url}/contents/{quote(file)}", input=fields)
    return str(made["commit"]["sha"])


def blob(repo: Repository, sha: str) -> str:
    """Return a blob's bytes in base64."""
    return repo.get_git_blob(sha).content


def element(repo: Repository, below: Head, file: str, content: bytes) -> TreeElement:
    """Return the list as it goes into a tree, with the mode that it has."""
    old = _find(repo, below.tree, file)
    if old is None:
        raise PublishError(f"{repo.full_name} has no {file} any more; set 'file' in the configuration")
    return {"path": file, "mode": old.mode, "type": "blob", "content": content.decode()}


def _find(repo: Repository, tree: str, file: str) -> GitTreeElement | None:
    """Return the blob of a path, walking its folders so that no huge tree is fetched."""
    *folders, last = file.split("/")
    for part in folders:
        found = next((e for e in repo.get_git_tree(tree).tree if e.path == part and e.type == "tree"), None)
        if found is None:
            return None
        tree = found.sha
    return next((e for e in repo.get_git_tree(tree).tree if e.path == last and e.type == "blob"), None)


# The state


def read_tree(repo: Repository, head: str | None) -> StateTree:
    """Return what lies on the state branch, without the content."""
    if head is None:
        return StateTree(None, {})
    tree = repo.get_git_tree(head, recursive=True)
    return StateTree(Head(head, tree.sha), {e.path: e.sha for e in tree.tree if e.type == "blob"})


def read_state(repo: Repository, tree: StateTree, name: str) -> State:
    """Return the state of a list, an empty one when there is none."""
    paths = {file: f"state/{name}/{file}" for file in FILES}
    found = {file: base64.b64decode(blob(repo, tree.blobs[p])) for file, p in paths.items() if p in tree.blobs}
    return from_files(found, f"{STATE_BRANCH}:state/{name}")


def state_text(repo: Repository, tree: StateTree, name: str) -> str:
    """Return the file in which papers of a list are named, and how, empty when there is none."""
    found = tree.blobs.get(f"state/{name}/{STATE_FILE}")
    return base64.b64decode(blob(repo, found)).decode(errors="replace") if found else ""


def write_state(repo: Repository, tree: StateTree, name: str, state: State) -> StateTree:
    """Record a state where it differs, and return what the branch is then.

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
    message = STATE_MESSAGE.format(name=name)
    head = commit(repo, STATE_BRANCH, tree.head, tree.head.commit if tree.head else None, elements, message)
    kept = {path: blob for path, blob in tree.blobs.items() if path not in gone}
    return StateTree(head, kept | {path: blob_id(content) for path, content in new.items()})


# Commits


def commit(
    repo: Repository, branch: str, below: Head | None, head: str | None, elements: Sequence[TreeElement], message: str,
    *, also: str | None = None,
) -> Head:  # fmt: skip
    """Commit files on top of `below`, without author, so that GitHub can sign it, and move the branch from `head`.

    `also` is the first parent of a merge. Raises `PublishError` when the branch is not where it was read.
    """
    base = {"base_tree": below.tree} if below else {}
    tree = _post(repo, "trees", {"tree": elements, **base})
    parents = [sha for sha in (also, below.commit if below else None) if sha]
    made = _post(repo, "commits", {"message": message, "tree": tree, "parents": parents})
    if head is None:
        start(repo, branch, made)
    else:
        with writing_to(branch):
            repo.requester.requestJsonAndCheck(
                "PATCH", f"{repo.url}/git/refs/heads/{branch}", input={"sha": made, "force": False}
            )
    return Head(made, tree)


def start(repo: Repository, branch: str, sha: str) -> None:
    """Create a branch at a commit."""
    with writing_to(branch):
        _post(repo, "refs", {"ref": f"refs/heads/{branch}", "sha": sha}, answer="ref")


def _post(repo: Repository, kind: str, what: Mapping[str, Any], answer: str = "sha") -> str:
    """Create a git object or ref; return its name. PyGithub would read the parents first."""
    _, made = repo.requester.requestJsonAndCheck("POST", f"{repo.url}/git/{kind}", input=what)
    return str(made[answer])
