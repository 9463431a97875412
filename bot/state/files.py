"""What the list itself cannot say, as JSON lines: one record a line, sorted, one folder per list.

Two files hold all of it, so that a branch is read in few requests: `library.jsonl`, which is large and seldom changes,
and `state.jsonl`. The same files lie in `state/<list>/` on disk or on the bot's state branch, so this room turns a
`State` into named bytes and back, and knows the disk; the branch belongs to the forge.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from bot.coverage.ledger import Asked, Count, Coverage, Covered, Deep, Feed, Gap
from bot.errors import BotError, PublishError, StateError, reason
from bot.model import Announced, Candidate, Decision, Paper
from bot.state.migration import upgraded
from bot.state.model import Allowance, Notice, OpenPaper, SeenElsewhere, State, naive_times

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = 2


@dataclass(frozen=True, slots=True)
class _Kind:
    """One part of the state: the type of its records, the key they are sorted by, and what deleting one comes to."""

    record: type[Any]
    key: Callable[[Any], object]
    deleted: str


@dataclass(frozen=True, slots=True)
class _Cycle:
    cycle: int
    heard: datetime | None = None
    base: str | None = None
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    schema: int
    kind: str


_FILE_DELETED = "what people decided is told again by the pull requests, and the rest is asked again"
_ASKED_AGAIN = "what it said is asked again"
_KINDS: Mapping[str, _Kind] = {
    "announced": _Kind(
        Announced,
        lambda r: (r.category, r.evening),
        "a category that stands still in the feed is not noticed for some days",
    ),
    "asked": _Kind(Asked, lambda r: (r.query, r.since), "it is written anew"),
    "backlog": _Kind(
        Candidate,
        lambda r: r.paper.id,
        "of what waited the papers of the last weeks come again; for older ones delete the lines of covered too",
    ),
    "closed": _Kind(OpenPaper, lambda r: r.candidate.paper.id, "it does not come back when its pull request does"),
    "counts": _Kind(Count, lambda r: (r.query, r.since, r.until), "what is usual is learned anew"),
    "covered": _Kind(Covered, lambda r: (r.query, r.since), _ASKED_AGAIN),
    "cycle": _Kind(_Cycle, lambda r: r.cycle, "the open pull request is found again"),
    "decisions": _Kind(Decision, lambda r: (r.id, r.day, r.kind), "what it said may be proposed once more"),
    "deeps": _Kind(Deep, lambda r: r.query, "the next long look-back comes in four weeks"),
    "elsewhere": _Kind(
        SeenElsewhere, lambda r: r.id, "the two weeks begin anew that other people's pull requests are waited for"
    ),
    "feeds": _Kind(Feed, lambda r: r.query, "evenings without a run since then are not made up for"),
    "gaps": _Kind(Gap, lambda r: (r.query, r.since), _ASKED_AGAIN),
    "library": _Kind(Paper, lambda r: r.id, "it is looked up again"),
    "notices": _Kind(Notice, lambda r: (r.id, r.kind), "it is noticed again"),
    "open": _Kind(OpenPaper, lambda r: r.candidate.paper.id, "its row is found again on the branch"),
}

STATE_FILE = "state.jsonl"
FILES = ("library.jsonl", STATE_FILE)
_HEAD = b'{"schema":'
"""How a line begins that names the kind of the records below it; no record begins so."""


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(_KINDS[kind].record)


def to_files(state: State) -> dict[str, bytes]:
    """Return the files of a state by name; a file without records is left out."""
    records: dict[str, tuple[Any, ...]] = {
        "announced": state.coverage.announced,
        "asked": state.coverage.asked,
        "backlog": state.backlog,
        "closed": state.closed,
        "counts": state.coverage.counts,
        "covered": state.coverage.covered,
        "cycle": (_Cycle(state.cycle, state.heard, state.base, state.allowance),) if state.cycle or state.heard else (),
        "decisions": state.decisions,
        "deeps": state.coverage.deeps,
        "elsewhere": state.elsewhere,
        "feeds": state.coverage.feeds,
        "gaps": state.coverage.gaps,
        "library": state.library,
        "notices": state.notices,
        "open": state.open,
    }
    parts = {kind: _write(kind, found) for kind, found in records.items() if found}
    library = parts.pop("library", b"")
    return {name: content for name, content in zip(FILES, (library, b"".join(parts.values())), strict=True) if content}


def from_files(files: Mapping[str, bytes], where: str) -> State:
    """Read a state; raises `StateError` with file and line for a record this version cannot read."""
    read: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    for name, content in files.items():
        for kind, record in _read(content, f"{where}/{name}"):
            read[kind].append(record)
    found = {kind: tuple(records) for kind, records in read.items()}
    cycle = found["cycle"][0] if found["cycle"] else _Cycle(0)
    return State(
        coverage=Coverage(
            found["covered"],
            found["gaps"],
            found["counts"],
            found["deeps"],
            found["feeds"],
            found["asked"],
            found["announced"],
        ),
        decisions=found["decisions"],
        backlog=found["backlog"],
        open=found["open"],
        closed=found["closed"],
        library=found["library"],
        cycle=cycle.cycle,
        heard=cycle.heard,
        base=cycle.base,
        allowance=cycle.allowance,
        notices=found["notices"],
        elsewhere=found["elsewhere"],
    )


def blob_id(content: bytes) -> str:
    """Return git's name of a blob, SHA-1 of its header and content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _write(kind: str, records: tuple[Any, ...]) -> bytes:
    adapter = _adapter(kind)
    head = json.dumps({"schema": SCHEMA, "kind": kind})
    lines = [
        json.dumps(
            adapter.dump_python(r, mode="json", exclude_defaults=True), ensure_ascii=False, separators=(",", ":")
        )
        for r in sorted(records, key=_KINDS[kind].key)  # type: ignore[arg-type]
    ]
    return ("\n".join([head, *lines]) + "\n").encode()


def _read(content: bytes, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the records of a file, each with its kind."""
    head = None
    for number, line in enumerate(content.split(b"\n"), 1):
        where = f"{name}:{number}"
        if head is None or line.startswith(_HEAD):
            head = _head(line, where)
        elif line.strip():
            yield head.kind, _record(head, line, where)


def _head(line: bytes, where: str) -> _Head:
    """Read a head; raises `StateError` when the line is none, or of a newer version."""
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
    return _Head(head["schema"], head["kind"])


def _record(head: _Head, line: bytes, where: str) -> Any:
    try:
        given = line if head.schema == SCHEMA else _upgraded(head.kind, line)
        record = _adapter(head.kind).validate_json(given, strict=True, extra="forbid")
        for time in naive_times(record):
            raise ValueError(f"{time} is not a time in UTC")
    except (ValueError, RecursionError) as error:  # pydantic's ValidationError is a ValueError
        reason = " ".join(" ".join(str(error).splitlines()[1:3] or [str(error)]).split())
        raise StateError(
            f"{where}: cannot be read ({reason}); restore the line, or delete it: {_KINDS[head.kind].deleted}"
        ) from None
    return record


def _upgraded(kind: str, line: bytes) -> bytes:
    """Return a record of schema 1 as one of schema 2."""
    record = json.loads(line)
    return json.dumps(upgraded(kind, record)).encode() if isinstance(record, dict) else line


class DiskStore:
    """The state of lists below a folder, normally `state/`."""

    def __init__(self, folder: FilePath) -> None:
        self._folder = folder

    def read(self, name: str) -> State:
        """Return the state of a list; an empty one if there is none yet."""
        folder = self._folder / name
        try:
            files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name in FILES}
        except FileNotFoundError:
            files = {}
        except OSError as error:
            raise StateError(f"the state in {folder} cannot be read: {reason(error)}") from None
        return from_files(files, str(folder))

    def write(self, name: str, state: State) -> None:
        """Write the state of a list, each file whole or not at all."""
        folder = self._folder / name
        files = to_files(state)
        for file_name, content in files.items():
            write_atomically(folder / file_name, content)
        try:
            for file_name in set(FILES) - set(files):
                (folder / file_name).unlink(missing_ok=True)
        except OSError as error:
            raise StateError(f"the state in {folder} cannot be written: {reason(error)}") from None


def read_list(root: FilePath, file: str) -> bytes:
    """Return a list's bytes; raises `PublishError` when it cannot be read."""
    try:
        return (root / file).read_bytes()
    except FileNotFoundError:
        raise PublishError(f"there is no list at {root / file}; set 'file' in the configuration") from None
    except OSError as error:
        raise PublishError(f"the list at {root / file} cannot be read: {reason(error)}") from None


def write_atomically(path: FilePath, content: bytes) -> None:
    """Replace a file in one step, so that no reader and no crash ever sees half of it.

    A link stays a link, and its target is replaced; what is no regular file (a device, a pipe) is written to. Raises
    `BotError` that names the path when it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except (OSError, RuntimeError) as error:  # a RuntimeError for links that go in a circle
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
