"""Publishing without GitHub: a branch in the local repository, or nothing at all.

The state and the text lie in `state/<list>/`. A cycle ends when its branch is merged, or deleted: then
it was merged before if the history holds a commit of it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.config import ListConfig
from bot.errors import PublishError
from bot.model import TRAILER
from bot.paperlist.merge import merged
from bot.paperlist.read.document import parse
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.snapshot import Ended, PullRequest, Snapshot
from bot.pullrequest.text.body import same_text, with_notes
from bot.state.files import DiskStore, blob_id, read_list, write_atomically

TEXT = "pull-request.md"


class ReadOnlyForge:
    """Reads the list and the state from disk, and writes nothing: for dry runs and reports."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, settings: ListConfig) -> Snapshot:
        """Return the list as it lies on disk, with its state if there is any; what stood on a branch counts as lost."""
        content = read_list(self._root, settings.file)
        state = DiskStore(self._root / "state").read(settings.name)
        ended = Ended.LOST if state.open else None
        return Snapshot(content, blob_id(content), content, state, state.cycle + 1, None, ended)

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """There is no branch to bring up to date."""
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
        if self._run("rev-parse", "--git-dir", check=False).returncode:
            raise PublishError(
                f"{self._root} is not a git repository; run 'git init' and commit, or use --publish none"
            )
        base = self._at("HEAD", file)
        if base is None:
            read_list(self._root, file)  # names the file if it is missing altogether
            raise PublishError(f"{file} is not committed; commit it, or use --publish none")
        here = self._run("symbolic-ref", "--quiet", "--short", "HEAD", check=False).stdout.decode().strip()
        if here.startswith(f"arxiv-bot/{name}/"):
            raise PublishError(
                f"the bot's branch {here} is checked out, so all of it would count as merged; commit what you changed, "
                "check out the branch that your list lies on, and run again"
            )
        state = self._store.read(name)
        ended = self._ended(name, state.cycle) if state.open else None
        cycle = state.cycle if state.open and not ended else state.cycle + 1
        working = self._at(_branch(name, cycle), file)
        text = self._root / "state" / name / TEXT
        pull = None
        if state.open and not ended:
            pull = PullRequest(str(text), "", text.read_text("utf-8") if text.exists() else "")
        stale = working not in (None, base) and pull is not None and state.base != blob_id(base)
        working = base if working is None else working
        return Snapshot(base, blob_id(base), working, state, cycle, pull, ended, stale=stale)

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Merge the list of HEAD into the cycle's branch, line by line; other files are HEAD's."""
        branch, file = _branch(settings.name, snapshot.cycle), settings.file
        old = self._at(self._git("merge-base", branch, "HEAD"), file)
        content = merged(parse(old or b"", file), parse(snapshot.base, file), snapshot.working)
        if content is None:
            raise PublishError(f"{file} on {branch} and on HEAD contradict each other; merge HEAD into it by hand")
        self._write(branch, file, content, f"Merge HEAD into {branch}", ["HEAD", branch])
        return self.read(settings)

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Commit the list to the cycle's branch, then write text and state."""
        branch = _branch(change.list, change.cycle)
        commit = self._commit(branch, snapshot, change) if change.content is not None else None
        text = self._root / "state" / change.list / TEXT
        before = snapshot.pull.text if snapshot.pull else ""
        changed = change.text is not None and not same_text(before, change.text)
        if change.text is not None and changed:
            write_atomically(text, with_notes(before, change.text).encode())
        self._store.write(change.list, change.state)
        where = f"branch {branch}, text in {text.relative_to(self._root)}" if change.text else "nothing to propose"
        return Publication(where, commit, opened=commit is not None and snapshot.pull is None, text_changed=changed)

    def _ended(self, name: str, cycle: int) -> Ended | None:
        branch = _branch(name, cycle)
        if self._sha(branch) is None:
            found = self._run("log", "-1", "--format=%H", f"--grep=^[[:space:]]*{TRAILER}: {name}/{cycle}$", "HEAD")
            return Ended.MERGED if found.stdout.strip() else Ended.LOST
        merged = self._run("merge-base", "--is-ancestor", branch, "HEAD", check=False).returncode == 0
        return Ended.MERGED if merged else None

    def _commit(self, branch: str, snapshot: Snapshot, change: Change) -> str:
        """Write blob, tree and commit, and move the branch only if it still is where it was read."""
        assert change.content is not None
        head = self._sha(branch)
        found = self._at(branch, change.file) if head else self._at("HEAD", change.file)
        if found != snapshot.working:
            raise PublishError(f"{change.file} changed on {branch if head else 'HEAD'} meanwhile; run again")
        return self._write(branch, change.file, change.content, change.message, [branch if head else "HEAD"])

    def _write(self, branch: str, file: str, content: bytes, message: str, parents: Sequence[str]) -> str:
        """Commit a file on top of the first parent's tree and move the branch there from where it is."""
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
        if self._run("config", "user.email", check=False).stdout.strip():
            return {}
        names = {f"GIT_{role}_NAME": "arxiv-bot" for role in ("AUTHOR", "COMMITTER")}
        mails = {f"GIT_{role}_EMAIL": "arxiv-bot@localhost" for role in ("AUTHOR", "COMMITTER")}
        return {**names, **mails, **{n: os.environ[n] for n in (*names, *mails) if n in os.environ}}

    def _sha(self, branch: str) -> str | None:
        done = self._run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", check=False)
        return done.stdout.decode().strip() or None

    def _at(self, revision: str, file: str) -> bytes | None:
        """Return a file's bytes at a revision, None if either does not exist."""
        done = self._run("cat-file", "blob", f"{revision}:./{file}", check=False)
        return done.stdout if done.returncode == 0 else None

    def _git(self, *arguments: str, given: bytes = b"", env: dict[str, str] | None = None) -> str:
        return self._run(*arguments, given=given, env=env).stdout.decode().strip()

    def _run(
        self, *arguments: str, given: bytes = b"", env: dict[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self._root,
                input=given,
                capture_output=True,
                env={**os.environ, **(env or {})},
                check=False,
            )
        except FileNotFoundError:
            raise PublishError("git is not installed; install it, or use --publish none") from None
        if check and done.returncode:
            raise PublishError(f"git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
        return done


def _branch(name: str, cycle: int) -> str:
    return f"arxiv-bot/{name}/{cycle}"
