"""What the list itself cannot say, as JSON lines: one record a line, sorted, one folder per list.

There are two files, so that a branch is read in few requests: `library.jsonl`, which is large and seldom changes, and
`state.jsonl`. They lie in `state/<list>/` on disk or on the bot's state branch; this room turns a `State` into named
bytes and back, and knows the disk. The branch belongs to the forge.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

from bot.coverage.ledger import Asked, Count, Coverage, Covered, Deep, Feed, Gap
from bot.errors import BotError, PublishError, StateError, reason
from bot.model import Announced, Candidate, Paper
from bot.state import codec
from bot.state.decision import Decision
from bot.state.migration import upgraded
from bot.state.model import Look, Notice, OfferedSection, OpenPaper, Quota, SeenElsewhere, State

SCHEMA = 2


@dataclass(frozen=True, slots=True)
class _Kind:
    """One part of the state: the type of its records, the key that sorts them, and the effect of deleting one."""

    record: type[Any]
    key: Callable[[Any], Any]
    deleted: str


@dataclass(frozen=True, slots=True)
class _Cycle:
    """The fields of a state that are no records of their own; `allowance` is the quota."""

    cycle: int = 0
    heard: datetime | None = None
    base: str | None = None
    allowance: Quota | None = None


_FILE_DELETED = "decisions are read again from the pull requests, and arXiv is asked again for the rest"
_ASKED_AGAIN = "its dates are asked again"
_COVERAGE = {
    "announced": _Kind(
        Announced, lambda r: (r.category, r.evening), "a feed that stands still goes unnoticed for some days"
    ),
    "asked": _Kind(Asked, lambda r: (r.query, r.since), "it is written again"),
    "counts": _Kind(Count, lambda r: (r.query, r.since, r.until), "the usual number of papers is learned again"),
    "covered": _Kind(Covered, lambda r: (r.query, r.since), _ASKED_AGAIN),
    "deeps": _Kind(Deep, lambda r: r.query, "the next long look-back comes in four weeks"),
    "feeds": _Kind(Feed, lambda r: r.query, "feeds missed since then are not recovered"),
    "gaps": _Kind(Gap, lambda r: (r.query, r.since), _ASKED_AGAIN),
}
_OWN = {
    "backlog": _Kind(
        Candidate,
        lambda r: r.id,
        "papers of the last weeks come again; for older ones delete the lines of covered too",
    ),
    "closed": _Kind(OpenPaper, lambda r: r.id, "it does not come back when its pull request is reopened"),
    "decisions": _Kind(Decision, lambda r: (r.id, r.day, r.kind), "its paper may be proposed once more"),
    "elsewhere": _Kind(SeenElsewhere, lambda r: r.id, "its paper is only offered for another two weeks"),
    "library": _Kind(Paper, lambda r: r.id, "it is looked up again"),
    "looks": _Kind(Look, lambda r: r.head, "its pull request is looked into again"),
    "notices": _Kind(Notice, lambda r: (r.id, r.kind), "it is noticed again"),
    "open": _Kind(OpenPaper, lambda r: r.id, "its row is found again on the branch"),
    "sections": _Kind(OfferedSection, lambda r: (r.name, r.cycle), "it may be offered once more"),
}
_KINDS = {**_COVERAGE, **_OWN, "cycle": _Kind(_Cycle, lambda r: r.cycle, "the open pull request is found again")}
"""The parts of a state by the names of its fields and of those of its coverage."""

STATE_FILE = "state.jsonl"
FILES = ("library.jsonl", STATE_FILE)
_HEAD = b'{"schema":'
"""The beginning of a line that names the kind of the records below it; no record begins so."""


def to_files(state: State) -> dict[str, bytes]:
    """Return the files of a state by name, without those that would hold no record."""
    cycle = _Cycle(state.cycle, state.heard, state.base, state.quota)
    records: dict[str, tuple[Any, ...]] = {
        **{kind: getattr(state.coverage, kind) for kind in _COVERAGE},
        **{kind: getattr(state, kind) for kind in _OWN},
        "cycle": (cycle,) if state.cycle or state.heard else (),
    }
    parts = {kind: _written(kind, records[kind]) for kind in sorted(records) if records[kind]}
    library = parts.pop("library", b"")
    return {name: content for name, content in zip(FILES, (library, b"".join(parts.values())), strict=True) if content}


def from_files(files: Mapping[str, bytes], where: str) -> State:
    """Return the state of files; raise `StateError` with file and line for a record this version cannot read."""
    read: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    for name, content in files.items():
        for kind, record in _records(content, f"{where}/{name}"):
            read[kind].append(record)
    found = {kind: tuple(records) for kind, records in read.items()}
    cycle = found["cycle"][0] if found["cycle"] else _Cycle()
    parts: dict[str, Any] = {kind: found[kind] for kind in _OWN}
    state = State(Coverage(**{kind: found[kind] for kind in _COVERAGE}), **parts)
    return replace(state, cycle=cycle.cycle, heard=cycle.heard, base=cycle.base, quota=cycle.allowance)


def blob_id(content: bytes) -> str:
    """Return git's name of a blob, SHA-1 of its header and content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _written(kind: str, records: tuple[Any, ...]) -> bytes:
    """Return records of a kind as lines below a head."""
    found = (codec.dumped(_KINDS[kind].record, r, defaults=False) for r in sorted(records, key=_KINDS[kind].key))
    lines = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in found)
    return ("\n".join([json.dumps({"schema": SCHEMA, "kind": kind}), *lines]) + "\n").encode()


def _records(content: bytes, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the records of a file, each with its kind."""
    head: dict[str, Any] = {}
    for number, line in enumerate(content.split(b"\n"), 1):
        if not head or line.startswith(_HEAD):
            head = _head(line, f"{name}:{number}")
        elif line.strip():
            yield head["kind"], _record(head, line, f"{name}:{number}")


def _head(line: bytes, where: str) -> dict[str, Any]:
    """Return the schema and kind of a head; raise `StateError` when the line is none, or of a newer version."""
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or "schema" not in head or "kind" not in head:
        raise StateError(f"{where}: is not a state file of this program; restore it, or delete it: {_FILE_DELETED}")
    if head["schema"] not in (1, SCHEMA) or head["kind"] not in _KINDS:
        raise StateError(
            f"{where}: has {head['kind']!r} of schema {head['schema']!r}, this version reads {SCHEMA}; "
            "use the newer program"
        )
    return head


def _record(head: Mapping[str, Any], line: bytes, where: str) -> Any:
    """Return the record of a line, one of schema 1 as schema 2 has it."""
    kind = _KINDS[head["kind"]]
    try:
        if head["schema"] == 1 and isinstance(old := json.loads(line), dict):
            line = json.dumps(upgraded(head["kind"], old)).encode()
        return codec.loaded(kind.record, line)
    except (ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        raise StateError(f"{where}: cannot be read ({why}); restore the line, or delete it: {kind.deleted}") from None


class DiskStore:
    """The states of lists in a folder, normally `state/`."""

    def __init__(self, folder: FilePath) -> None:
        self._folder = folder

    def read(self, name: str) -> State:
        """Return the state of a list, an empty one if there is none yet."""
        folder = self._place(name)
        try:
            files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name in FILES}
        except FileNotFoundError:
            files = {}
        except OSError as error:
            raise StateError(f"the state in {folder} cannot be read: {reason(error)}") from None
        return from_files(files, str(folder))

    def write(self, name: str, state: State) -> None:
        """Write the state of a list, each file whole or not at all."""
        folder = self._place(name)
        files = to_files(state)
        for file_name, content in files.items():
            write_atomically(folder / file_name, content)
        try:
            for file_name in set(FILES) - set(files):
                (folder / file_name).unlink(missing_ok=True)
        except OSError as error:
            raise StateError(f"the state in {folder} cannot be written: {reason(error)}") from None

    def _place(self, name: str) -> FilePath:
        """Return the folder of a list, in which no state is a link."""
        for file in FILES:
            inside(self._folder.parent, f"{self._folder.name}/{name}/{file}")
        return self._folder / name


def inside(root: FilePath, path: str) -> FilePath:
    """Return a path below the root of a repository; raise `BotError` for a link on the way, which may lead outside."""
    place = root
    for part in FilePath(path).parts:
        place /= part
        if place.is_symlink():
            raise BotError(f"{place} is a symbolic link, which may lead out of the repository; put what it names there")
    return place


def read_list(root: FilePath, file: str) -> bytes:
    """Return the bytes of a list; raise `PublishError` when it cannot be read."""
    try:
        return inside(root, file).read_bytes()
    except FileNotFoundError:
        raise PublishError(f"there is no list at {root / file}; set 'file' in the configuration") from None
    except OSError as error:
        raise PublishError(f"the list at {root / file} cannot be read: {reason(error)}") from None


def write_atomically(path: FilePath, content: bytes) -> None:
    """Replace a file in one step, so that no reader and no crash ever sees half of it; raise `BotError` if it cannot.

    A link stays a link, and its target is replaced; a device or a pipe is written to.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            target = FilePath(os.path.realpath(path))
            if target.is_symlink():  # links that go in a circle; no two versions of Python tell them alike
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            _replace(target, content)
    except OSError as error:
        raise BotError(f"{path} cannot be written: {reason(error)}") from error


def _replace(path: FilePath, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)  # noqa: PTH101 - the name is a plain string
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        FilePath(temporary).unlink(missing_ok=True)
        raise
