"""The git history of a list that lies on disk: which papers each commit brought in, and when.

Only local git is asked, once, with a limit to what is read and how long it may take. Wherever there is no history (no
git, no repository, a file that is not committed) there is nothing to learn, and that is no error.
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
"""How much of what git prints is read: a list that is rewritten every day would fill the memory."""
MOST_SECONDS = 50.0

_LOG = (
    "git", "--literal-pathspecs", "-c", "log.showSignature=false", "-c", "diff.suppressBlankEmpty=false",
    "log", "--follow", "--no-merges", "--format=%x00%P%x00%ct", "--patch", "--unified=0", "--text",
    "--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--diff-algorithm=default",
)  # fmt: skip
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class PastCommit:
    """What a commit brought into the list, by base id, and the day (UTC) on which it did."""

    ids: frozenset[str]
    day: date


def first_listed(file: Path) -> Mapping[str, date]:
    """Return the day (UTC) on which each paper first came into a list; those of its first commit are left out."""
    return {i: commit.day for commit in past_commits(file) for i in commit.ids}  # the oldest comes last, and counts


def past_commits(file: Path) -> tuple[PastCommit, ...]:
    """Return what the commits of a file brought in, newest first; nothing where git knows nothing of the file.

    The first commit of all, or of a shallow clone, is left out: what it holds may be of any age.
    """
    try:
        log, whole = _log(file.resolve(strict=True))
    except OSError:
        return ()
    return tuple(read(log, whole=whole))


def _log(file: Path) -> tuple[bytes, bool]:
    """Return what `git log` prints and whether that is all: it is cut after `MOST_BYTES` and `MOST_SECONDS`."""
    command = [*_LOG, f"--max-count={MOST_COMMITS}", "HEAD", "--", file.name]
    quiet = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    with subprocess.Popen(
        command, cwd=file.parent, env={**os.environ, **quiet}, stdin=subprocess.DEVNULL,
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


def read(log: bytes, *, whole: bool = True) -> Iterator[PastCommit]:
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
    return (found.base for found in arxiv_id.find_ids(line[1:].decode(errors="replace")))
