"""The git half of the GitHub server: a real bare repository, read and written by dulwich, merged by git itself."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dulwich.errors import NotTreeError
from dulwich.graph import can_fast_forward, find_merge_base
from dulwich.object_store import tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID, Tree, valid_hexsha
from dulwich.refs import Ref, check_ref_format
from dulwich.repo import Repo

FILE_MODE: Final = 0o100644
FOLDER_MODE: Final = 0o40000


class BadObject(Exception):
    """An object that was named is not there or not of the kind that is needed."""


class Conflict(Exception):
    """Two commits cannot be merged."""


@dataclass(frozen=True)
class TreeChange:
    """One path of a tree to be made: a blob's id, or None to delete the path."""

    path: str
    blob: str | None
    mode: int = FILE_MODE


@dataclass(frozen=True)
class Person:
    """Who a commit is from."""

    name: str
    email: str

    def line(self) -> bytes:
        """Return the name as git writes it."""
        return f"{self.name} <{self.email}>".encode()


class GitStore:
    """One bare repository at `path`, made when there is none. Ids are 40 hexadecimal digits."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.repo = Repo(str(path)) if path.exists() else Repo.init_bare(str(path), mkdir=True)

    # Refs: names without `refs/heads/` are branches

    def head(self, branch: str) -> str | None:
        """Return the commit that a branch points at."""
        return self.ref(f"refs/heads/{branch}")

    def ref(self, name: str) -> str | None:
        """Return what a full ref points at."""
        found = self.repo.refs.read_loose_ref(Ref(name.encode()))
        return found.decode() if found else None

    def refs(self, prefix: str) -> dict[str, str]:
        """Return all refs whose full name begins so, by name."""
        found = self.repo.refs.as_dict(Ref(b""))
        return {n.decode(): s.decode() for n, s in sorted(found.items()) if n.decode().startswith(prefix)}

    def set_ref(self, name: str, sha: str) -> None:
        """Point a ref at a commit."""
        self.repo.refs[Ref(name.encode())] = ObjectID(sha.encode())

    def delete_ref(self, name: str) -> None:
        """Delete a ref."""
        del self.repo.refs[Ref(name.encode())]

    def good_name(self, name: str) -> bool:
        """Whether git takes a full ref name, and no other ref stands in its way as file or folder."""
        others = self.refs("refs/")
        clash = any(o.startswith(f"{name}/") or name.startswith(f"{o}/") for o in others)
        return check_ref_format(Ref(name.encode())) and not clash

    # Objects

    def blob(self, data: bytes) -> str:
        """Store bytes; return their id."""
        blob = Blob.from_string(data)
        self.repo.object_store.add_object(blob)
        return blob.id.decode()

    def data(self, sha: str) -> bytes:
        """Return a blob's bytes; raises BadObject."""
        found = self._object(sha)
        if not isinstance(found, Blob):
            raise BadObject(sha)
        return found.data

    def commit(self, sha: str) -> Commit:
        """Return a commit; raises BadObject."""
        found = self._object(sha)
        if not isinstance(found, Commit):
            raise BadObject(sha)
        return found

    def tree(self, sha: str) -> Tree:
        """Return a tree, or that of a commit; raises BadObject."""
        found = self._object(sha)
        if isinstance(found, Commit):
            found = self._object(found.tree.decode())
        if not isinstance(found, Tree):
            raise BadObject(sha)
        return found

    def _object(self, sha: str) -> object:
        if not valid_hexsha(sha.encode()):
            raise BadObject(sha)
        try:
            return self.repo[ObjectID(sha.encode())]
        except KeyError:
            raise BadObject(sha) from None

    def entries(self, sha: str, *, recursive: bool = False, prefix: str = "") -> Iterator[tuple[str, int, str]]:
        """Yield path, mode and id of what a tree holds."""
        for entry in self.tree(sha).items():
            path = prefix + entry.path.decode()
            yield path, entry.mode, entry.sha.decode()
            if recursive and entry.mode == FOLDER_MODE:
                yield from self.entries(entry.sha.decode(), recursive=True, prefix=f"{path}/")

    def find(self, commit: str, path: str) -> tuple[int, str] | None:
        """Return mode and id of a path in a commit, None when it has none."""
        try:
            mode, sha = tree_lookup_path(self.repo.__getitem__, self.commit(commit).tree, path.encode())
        except (KeyError, NotTreeError):
            return None
        return mode, sha.decode()

    def changed_tree(self, base: str | None, changes: Sequence[TreeChange]) -> str:
        """Return a tree like `base` (none: empty) with changes made; raises BadObject, also for deleting nothing."""
        tree = self.tree(base).copy() if base else Tree()
        assert isinstance(tree, Tree)
        below: dict[str, list[TreeChange]] = {}
        for change in changes:
            folder, slash, rest = change.path.partition("/")
            if slash:
                below.setdefault(folder, []).append(TreeChange(rest, change.blob, change.mode))
            elif change.blob is None:
                if change.path.encode() not in tree:
                    raise BadObject(change.path)
                del tree[change.path.encode()]
            else:
                self._object(change.blob)
                tree.add(change.path.encode(), change.mode, ObjectID(change.blob.encode()))
        for folder, inner in below.items():
            old = tree[folder.encode()][1].decode() if folder.encode() in tree else None
            sha = self.changed_tree(old, inner)
            if len(self.tree(sha)):
                tree.add(folder.encode(), FOLDER_MODE, ObjectID(sha.encode()))
            else:
                del tree[folder.encode()]
        self.repo.object_store.add_object(tree)
        return tree.id.decode()

    def make_commit(self, tree: str, parents: Sequence[str], message: str, who: Person, when: datetime) -> str:
        """Store a commit; no ref moves."""
        commit = Commit()
        commit.tree = ObjectID(tree.encode())
        commit.parents = [ObjectID(p.encode()) for p in parents]
        commit.author = commit.committer = who.line()
        commit.author_time = commit.commit_time = int(when.timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding = b"UTF-8"
        commit.message = message.encode()
        self.repo.object_store.add_object(commit)
        return commit.id.decode()

    # History

    def contains(self, commit: str, other: str) -> bool:
        """Whether `other` is `commit` or one of its ancestors."""
        return commit == other or can_fast_forward(self.repo, ObjectID(other.encode()), ObjectID(commit.encode()))

    def between(self, base: str, head: str) -> list[str]:
        """Return the commits of head that base has not, oldest first."""
        walker = self.repo.get_walker([ObjectID(head.encode())], exclude=[ObjectID(base.encode())], reverse=True)
        return [entry.commit.id.decode() for entry in walker]

    def log(self, head: str, path: str | None = None) -> list[str]:
        """Return the commits up to a head that changed a path, newest first."""
        paths = [path.encode()] if path else None
        return [e.commit.id.decode() for e in self.repo.get_walker([ObjectID(head.encode())], paths=paths)]

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the best common ancestor."""
        found = find_merge_base(self.repo, [ObjectID(one.encode()), ObjectID(other.encode())])
        return found[0].decode() if found else None

    def changes(self, old: str, new: str) -> dict[str, str | None]:
        """Return the paths in which two commits differ, with the new blob's id or None when it is gone."""
        before, after = ({p: s for p, m, s in self.entries(c, recursive=True) if m != FOLDER_MODE} for c in (old, new))
        return {p: after.get(p) for p in sorted({*before, *after}) if before.get(p) != after.get(p)}

    def merged_tree(self, ours: str, theirs: str) -> str:
        """Return the tree of a merge of two commits as git makes it; raises Conflict."""
        done = subprocess.run(
            ["git", "-C", str(self.path), "merge-tree", "--write-tree", ours, theirs],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Conflict(done.stdout)
        return done.stdout.split()[0]

    def replayed(self, onto: str, commits: Sequence[str], who: Person, when: datetime) -> str:
        """Return the last of copies of commits, each made on top of the one before; raises Conflict."""
        for sha in commits:
            old = self.commit(sha)
            stand_in = self.make_commit(
                self.commit(onto).tree.decode(), [p.decode() for p in old.parents[:1]], "merge base", who, when
            )
            onto = self.make_commit(self.merged_tree(stand_in, sha), [onto], old.message.decode(), who, when)
        return onto

    def write(self, branch: str, files: Mapping[str, bytes | None], message: str, who: Person, when: datetime) -> str:
        """Commit files on a branch, made when there is none; None deletes, and files keep their mode.

        Returns the commit.
        """
        head = self.head(branch)
        modes = {p: found[0] for p in files if head and (found := self.find(head, p))}
        blobs = [TreeChange(p, None if d is None else self.blob(d), modes.get(p, FILE_MODE)) for p, d in files.items()]
        sha = self.make_commit(self.changed_tree(head, blobs), [head] if head else [], message, who, when)
        self.set_ref(f"refs/heads/{branch}", sha)
        return sha
