"""The git history of a list on disk: when each paper was first listed.

Only local git is asked, once, with a limit to what is read and how long it may take. Where there is no history (no git,
no repository, a file that is not committed) nothing is known, and that is no error.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Timer

from bot.arxiv import arxiv_id

MOST_COMMITS = 1000
MOST_BYTES = 40_000_000
"""How much of git's output is read: that of a list rewritten every day would fill the memory."""
MOST_SECONDS = 50.0

_LOG = (
    "git", "--literal-pathspecs", "-c", "log.showSignature=false", "-c", "diff.suppressBlankEmpty=false",
    "log", "--follow", "--no-merges", "--format=%x00%P%x00%ct", "--patch", "--unified=0", "--text",
    "--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--diff-algorithm=default",
)  # fmt: skip
_QUIET = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class PastCommit:
    """The papers that a commit brought into the list, by base id, and its day (UTC)."""

    ids: frozenset[str]
    day: date


def first_listed(file: Path) -> Mapping[str, date]:
    """Return the day (UTC) on which each paper was first listed; those of the first commit are left out."""
    return {i: commit.day for commit in past_commits(file) for i in commit.ids}  # the oldest comes last, and counts


def past_commits(file: Path) -> tuple[PastCommit, ...]:
    """Return the commits of a file, newest first; none where git does not know it.

    The first commit of all, or of a shallow clone, is left out: its papers may be of any age.
    """
    try:
        log, whole = _log(file.resolve(strict=True))
    except OSError:
        return ()
    return tuple(read_log(log, whole=whole))


def _log(file: Path) -> tuple[bytes, bool]:
    """Return the output of `git log`, cut after `MOST_BYTES` and `MOST_SECONDS`, and whether that is all."""
    with subprocess.Popen(
        [*_LOG, f"--max-count={MOST_COMMITS}", "HEAD", "--", file.name],
        cwd=file.parent, env={**os.environ, **_QUIET}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as git:  # fmt: skip
        assert git.stdout is not None
        clock = Timer(MOST_SECONDS, git.kill)
        clock.start()
        try:
            log = git.stdout.read(MOST_BYTES)
            cut = len(log) == MOST_BYTES
            if cut:
                git.kill()
            return log, git.wait() == 0 and not cut
        finally:
            clock.cancel()


def read_log(log: bytes, *, whole: bool = True) -> Iterator[PastCommit]:
    """Yield the commits of a log that have a parent, newest first; of a log that is not whole the last is left out."""
    commits = (b"\n" + log).split(b"\n\0")[1:]  # no line of a patch begins with NUL
    for commit in commits if whole else commits[:-1]:
        head, *patch = commit.split(b"\n")
        parents, _, seconds = head.partition(b"\0")
        if parents and (day := _day(seconds)):
            yield PastCommit(_brought(patch), day)


def _day(seconds: bytes) -> date | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


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
        elif line.startswith(b"-"):
            removed -= 1
            gone.update(_ids(line))
        elif line.startswith(b"+"):
            added -= 1
            if not replaced:
                new.update(_ids(line))
    return frozenset(new - gone)


def _ids(line: bytes) -> Iterator[str]:
    return (found.base for found in arxiv_id.find_ids(line[1:].decode(errors="replace")))
