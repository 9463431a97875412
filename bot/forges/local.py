"""The local repository as a forge: a branch of it, or nothing at all.

The state and the pull request's text are in `state/<list>/`. A cycle ends when its branch is merged, or deleted: it
was merged before that if the history holds a commit of it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.config import ListConfig
from bot.errors import PublishError
from bot.model import TRAILER
from bot.paperlist.merge import merged
from bot.paperlist.read.document import parse
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.cycle import PREFIX, PullOutcome, branch_of, how_ended
from bot.pullrequest.snapshot import Ended, PullRequest, Snapshot
from bot.pullrequest.text.body import same_text, with_notes
from bot.state.files import DiskStore, blob_id, inside, read_list, write_atomically

TEXT = "pull-request.md"


class ReadOnlyForge:
    """Reads the list and the state from disk, and writes nothing: for dry runs and reports."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, settings: ListConfig) -> Snapshot:
        """Return the list as it is on disk, with its state if there is any; what is on a branch counts as lost."""
        content = read_list(self._root, settings.file)
        state = DiskStore(self._root / "state").read(settings.name)
        ended = Ended.LOST if state.open else None
        return Snapshot(content, blob_id(content), content, state, state.cycle + 1, None, ended)

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot: there is no branch to merge into."""
        return snapshot

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Write nothing."""
        return Publication("nowhere: this was a dry run")


class LocalForge:
    """Commits to `arxiv-bot/<list>/<n>` of the repository at `root`, leaving its work tree and index alone."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store = DiskStore(root / "state")

    def read(self, settings: ListConfig) -> Snapshot:
        """Return the list at HEAD and on the open cycle's branch."""
        name, file = settings.name, settings.file
        base = self._base(name, file)
        state = self._store.read(name)
        ended = self._ended(name, state.cycle) if state.open else None
        is_open = bool(state.open) and ended is None
        cycle = state.cycle if is_open else state.cycle + 1
        there = self._at(branch_of(name, cycle), file)
        working = base if there is None else there
        text = inside(self._root, f"state/{name}/{TEXT}")
        pull = PullRequest(str(text), "", text.read_text("utf-8") if text.exists() else "") if is_open else None
        stale = is_open and working != base and state.base != blob_id(base)
        return Snapshot(base, blob_id(base), working, state, cycle, pull, ended, stale=stale)

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Merge the list of HEAD into the cycle's branch, line by line; other files are HEAD's."""
        branch, file = branch_of(settings.name, snapshot.cycle), settings.file
        old = self._at(self._git("merge-base", branch, "HEAD"), file)
        content = merged(parse(old or b"", file), parse(snapshot.base, file), snapshot.working)
        if content is None:
            raise PublishError(f"{file} on {branch} and on HEAD contradict each other; merge HEAD into it by hand")
        self._commit(branch, (file, content), f"Merge HEAD into {branch}", ["HEAD", branch])
        return self.read(settings)

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Commit the list to the cycle's branch, then write text and state."""
        branch = branch_of(change.list, change.cycle)
        commit = None
        if change.content is not None:
            parent = branch if self._sha(branch) else "HEAD"
            if self._at(parent, change.file) != snapshot.working:
                raise PublishError(f"{change.file} changed on {parent} meanwhile; run again")
            commit = self._commit(branch, (change.file, change.content), change.message, [parent])
        text = inside(self._root, f"state/{change.list}/{TEXT}")
        before = snapshot.pull.text if snapshot.pull else ""
        changed = change.text is not None and not same_text(before, change.text)
        if change.text is not None and changed:
            write_atomically(text, with_notes(before, change.text).encode())
        self._store.write(change.list, change.state)
        where = f"branch {branch}, text in {text.relative_to(self._root)}" if change.text else "nothing to propose"
        return Publication(where, commit, opened=commit is not None and snapshot.pull is None, text_changed=changed)

    def _base(self, name: str, file: str) -> bytes:
        """Return the list at HEAD; raise `PublishError` where the repository is not fit to work in."""
        if self._run("rev-parse", "--git-dir").returncode:
            raise PublishError(
                f"{self._root} is not a git repository; run 'git init' and commit, or use --publish none"
            )
        inside(self._root, file)
        base = self._at("HEAD", file)
        if base is None:
            read_list(self._root, file)  # names the file if it is missing altogether
            raise PublishError(f"{file} is not committed; commit it, or use --publish none")
        here = self._run("symbolic-ref", "--quiet", "--short", "HEAD").stdout.decode().strip()
        if here.startswith(f"{PREFIX}/{name}/"):
            raise PublishError(
                f"the bot's branch {here} is checked out, so all of it would count as merged; commit your changes, "
                "check out the branch that holds your list, and run again"
            )
        return base

    def _ended(self, name: str, cycle: int) -> Ended | None:
        branch = branch_of(name, cycle)
        exists = self._sha(branch) is not None
        if exists:
            merged = self._run("merge-base", "--is-ancestor", branch, "HEAD").returncode == 0
        else:
            merged = bool(
                self._git("log", "-1", "--format=%H", f"--grep=^[[:space:]]*{TRAILER}: {name}/{cycle}$", "HEAD")
            )
        return how_ended(PullOutcome.MERGED if merged else None, branch_exists=exists)

    def _commit(self, branch: str, written: tuple[str, bytes], message: str, parents: Sequence[str]) -> str:
        """Commit a file on top of the first parent's tree and move the branch there from where it is."""
        file, content = written
        parent, head = self._git("rev-parse", parents[0]), self._sha(branch)
        blob = self._git("hash-object", "-w", "--stdin", given=content)
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", parent, env=index)
            mode = self._git("ls-tree", parent, "--", file).split()[0]
            path = self._git("rev-parse", "--show-prefix") + file  # the index counts from the repository's root
            self._git("update-index", "--cacheinfo", f"{mode},{blob},{path}", env=index)
            tree = self._git("write-tree", env=index)
        lines = [part for one in parents for part in ("-p", self._git("rev-parse", one))]
        commit = self._git("commit-tree", tree, *lines, given=message.encode(), env=self._identity())
        self._git("update-ref", f"refs/heads/{branch}", commit, head or "0" * 40)
        return commit

    def _identity(self) -> dict[str, str]:
        """Return who commits where git does not know its user, as on a fresh server."""
        if self._run("config", "user.email").stdout.strip():
            return {}
        known = {"NAME": "arxiv-bot", "EMAIL": "arxiv-bot@localhost"}
        found = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in known.items()}
        return {name: os.environ.get(name, value) for name, value in found.items()}

    def _sha(self, branch: str) -> str | None:
        return self._run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}").stdout.decode().strip() or None

    def _at(self, revision: str, file: str) -> bytes | None:
        """Return a file's bytes at a revision, None if either does not exist."""
        done = self._run("cat-file", "blob", f"{revision}:./{file}")
        return done.stdout if done.returncode == 0 else None

    def _git(self, *arguments: str, given: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Return what git prints; raise `PublishError` when it fails."""
        done = self._run(*arguments, given=given, env=env)
        if done.returncode:
            raise PublishError(f"git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode().strip()

    def _run(
        self, *arguments: str, given: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        everywhere = {**os.environ, **(env or {})}
        try:
            return subprocess.run(
                ["git", *arguments], cwd=self._root, input=given, capture_output=True, env=everywhere, check=False
            )
        except FileNotFoundError:
            raise PublishError("git is not installed; install it, or use --publish none") from None
