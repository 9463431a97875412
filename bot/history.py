"""The git history of a list that lies on disk: which papers each commit brought in, and when.

Only local git is asked, once, with a limit to what is read and how long it may take. Wherever there is no history (no
git, no repository, a file that is not committed) there is nothing to learn, and that is no error.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Timer
from typing import NamedTuple

from bot import arxiv_id
from bot.model import TRAILER
from bot.paperlist.habit import PastCommit

MOST_COMMITS = 100
MOST_BYTES = 4_000_000
"""How much of what git prints is read: a list that is rewritten every day would fill the memory."""
MOST_SECONDS = 5.0
_PATIENCE = 10
"""How many times these limits a person waits for who asks for the whole past."""

_LOG = (
    "git", "--literal-pathspecs", "-c", "log.showSignature=false", "-c", "diff.suppressBlankEmpty=false",
    "log", "--follow", "--no-merges", "--format=%x00%P%x00%ct%x00%B%x00", "--patch", "--unified=0", "--text",
    "--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--diff-algorithm=default",
)  # fmt: skip
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_TRAILER = re.compile(rb"^[ \t]*%s: \S+/\d+[ \t\r]*$" % TRAILER.encode(), re.MULTILINE)


def past_commits(file: Path, most: int = MOST_COMMITS) -> tuple[PastCommit, ...]:
    """Return what the commits of a file brought in, newest first; nothing where git knows nothing of the file.

    The first commit of all, or of a shallow clone, is left out: what it holds may be of any age.
    """
    try:
        log, whole = _log(file.resolve(strict=True), most)
        return tuple(read(log, whole=whole))
    except OSError:
        return ()


def first_listed(file: Path) -> Mapping[str, date]:
    """Return the day (UTC) on which each paper first came into a list; those of its first commit are left out."""
    try:
        log, whole = _log(file.resolve(strict=True), MOST_COMMITS * _PATIENCE, _PATIENCE)
    except OSError:
        return {}
    commits = list(_commits(log.split(b"\n")))
    days: dict[str, date] = {}
    for commit in commits if whole else commits[:-1]:  # the oldest comes last, and counts
        if commit.parents and (day := _day(commit.seconds)):
            days |= dict.fromkeys(_brought(commit.patch), day)
    return days


def _day(seconds: bytes) -> date | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


def _log(file: Path, most: int, patience: int = 1) -> tuple[bytes, bool]:
    """Return what `git log` prints and whether that is all: it is cut after `MOST_BYTES` and `MOST_SECONDS`."""
    command = [*_LOG, f"--max-count={most}", "HEAD", "--", file.name]
    quiet = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    with subprocess.Popen(
        command, cwd=file.parent, env={**os.environ, **quiet}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as git:  # fmt: skip
        assert git.stdout is not None
        clock = Timer(MOST_SECONDS * patience, git.kill)
        clock.start()
        try:
            log = git.stdout.read(MOST_BYTES * patience)
            cut = len(log) == MOST_BYTES * patience
            if cut:
                git.kill()
            return log, git.wait() == 0 and not cut
        finally:
            clock.cancel()


def read(log: bytes, *, whole: bool = True) -> Iterator[PastCommit]:
    """Yield the commits of a log, newest first; of one that is not whole the last is left out."""
    commits = list(_commits(log.split(b"\n")))
    for commit in commits if whole else commits[:-1]:
        if commit.parents:
            yield PastCommit(_brought(commit.patch), ours=_TRAILER.search(commit.message) is not None)


class _Commit(NamedTuple):
    parents: bytes
    seconds: bytes
    message: bytes
    patch: list[bytes]


def _commits(lines: Iterable[bytes]) -> Iterator[_Commit]:
    """Yield commits, newest first: NUL begins a commit's line and ends its message, which cannot hold one."""
    head: bytes | None = None
    patch: list[bytes] = []
    for line in lines:
        if head is None or head.count(b"\0") < 4:
            head = line if head is None else head + b"\n" + line
        elif line.startswith(b"\0"):  # no line of a patch does
            yield _commit(head, patch)
            head, patch = line, []
        else:
            patch.append(line)
    if head and head.count(b"\0") >= 4:
        yield _commit(head, patch)


def _commit(head: bytes, patch: list[bytes]) -> _Commit:
    _, parents, seconds, message, _ = head.split(b"\0", 4)
    return _Commit(parents.strip(), seconds, message, patch)


def _brought(patch: Iterable[bytes]) -> frozenset[str]:
    """Return the ids that a patch adds and does not only move; a line that replaces another brings no paper."""
    gone: set[str] = set()
    new: set[str] = set()
    removed = added = replaced = 0
    for line in patch:
        if removed + added == 0:
            if m := _HUNK.match(line):
                removed, added = (int(n) if n is not None else 1 for n in m.groups())
                replaced = removed >= added
            continue
        if line.startswith(b"-"):
            removed -= 1
            gone.update(_ids(line))
        elif line.startswith(b"+"):
            added -= 1
            if not replaced:
                new.update(_ids(line))
    return frozenset(new - gone)


def _ids(line: bytes) -> Iterator[str]:
    return (found.id.base for found in arxiv_id.find_all(line[1:].decode(errors="replace")))
