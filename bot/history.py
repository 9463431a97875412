"""The git history of a list on this machine: which versions people made of it, the latest first."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from bot.errors import ListFormatError
from bot.paperlist.document import Document, parse
from bot.paperlist.habit import Habit, habit_of

COMMITS = 40
"""Commits that are looked at: habits show in fewer, and change."""
MOST_BYTES = 8_000_000
"""Of versions of the list that are read: a second or so of reading."""
TIMEOUT_S = 20
OWN_COMMIT = "Arxiv-Bot-Cycle:"
"""The trailer of the bot's own commits, which teach it nothing (`bot.publish.message.commit`)."""

_NOTHING = "0" * 40


def habit(file: Path) -> Habit:
    """Return where people put new papers in a list so far; nothing where git or its history is not at hand."""
    return habit_of(_versions(file))


def _versions(file: Path) -> Iterator[tuple[Document, Document]]:
    """Yield the list before and after each commit that changed it, as far as both can be read."""
    read = 0
    documents: dict[str, Document | None] = {}
    for before, after in _changes(file):
        for blob in {before, after} - set(documents):
            source = _git(file, "cat-file", "blob", blob)
            read += len(source or b"")
            documents[blob] = _parsed(source)
        old, new = documents[before], documents[after]
        if old and new:
            yield old, new
        if read > MOST_BYTES:
            return


def _parsed(source: bytes | None) -> Document | None:
    try:
        return parse(source) if source else None
    except ListFormatError:
        return None


def _changes(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the blobs of the list before and after each commit of a person, the latest first; renames are followed."""
    log = _git(
        file, "log", "--follow", "--no-merges", f"--max-count={COMMITS}", "--raw", "--no-abbrev",
        "--format=%x00%B%x01", "--", file.name,
    )  # fmt: skip
    for commit in (log or b"").decode(errors="replace").split("\0")[1:]:
        message, _, raw = commit.partition("\x01")
        fields = raw.strip().split(maxsplit=5)
        if OWN_COMMIT not in message and len(fields) == 6 and _NOTHING not in fields[2:4]:
            yield fields[2], fields[3]


def _git(file: Path, *arguments: str) -> bytes | None:
    """Return what git says, None where there is no git, no repository, or no such thing in it."""
    command = ["git", "-C", str(file.parent), "--no-pager", "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
