"""What the list itself cannot say, as JSON lines: one record a line, sorted, one folder per list.

The same files lie in `state/<list>/` on disk or on the bot's state branch, so this room turns a `State` into named
bytes and back, and knows the disk; the branch belongs to the publisher.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from bot.coverage import Asked, Count, Coverage, Covered, Deep, Feed, Gap
from bot.errors import BotError, PublishError, StateError
from bot.model import Candidate, Decision, Paper
from bot.proposal import naive_times
from bot.state import Notice, OpenPaper, State

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class _Kind:
    """One file of the state: the type of its records, the key they are sorted by, and what deleting one comes to."""

    record: type[Any]
    key: Callable[[Any], object]
    deleted: str


@dataclass(frozen=True, slots=True)
class _Cycle:
    cycle: int
    heard: datetime | None = None
    base: str | None = None


_ASKED_AGAIN = "what it said is asked again"
_KINDS: Mapping[str, _Kind] = {
    "asked": _Kind(Asked, lambda r: (r.query, r.since), "it is written anew"),
    "backlog": _Kind(
        Candidate,
        lambda r: r.paper.id,
        "of what waited the papers of the last weeks come again; for older ones delete covered.jsonl too",
    ),
    "counts": _Kind(Count, lambda r: (r.query, r.since, r.until), "what is usual is learned anew"),
    "covered": _Kind(Covered, lambda r: (r.query, r.since), _ASKED_AGAIN),
    "cycle": _Kind(_Cycle, lambda r: r.cycle, "the open pull request is found again"),
    "decisions": _Kind(Decision, lambda r: (r.id, r.day, r.kind), "what it said may be proposed once more"),
    "deeps": _Kind(Deep, lambda r: r.query, "the next long look-back comes in four weeks"),
    "feeds": _Kind(Feed, lambda r: r.query, "evenings without a run since then are not made up for"),
    "gaps": _Kind(Gap, lambda r: (r.query, r.since), _ASKED_AGAIN),
    "library": _Kind(Paper, lambda r: r.id, "it is looked up again"),
    "notices": _Kind(Notice, lambda r: (r.id, r.kind), "it is noticed again"),
    "open": _Kind(OpenPaper, lambda r: r.candidate.paper.id, "its row is found again on the branch"),
}


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(_KINDS[kind].record)


def to_files(state: State) -> dict[str, bytes]:
    """Return the files of a state by name; a file without records is left out."""
    records: dict[str, tuple[Any, ...]] = {
        "asked": state.coverage.asked,
        "backlog": state.backlog,
        "counts": state.coverage.counts,
        "covered": state.coverage.covered,
        "cycle": (_Cycle(state.cycle, state.heard, state.base),) if state.cycle or state.heard else (),
        "decisions": state.decisions,
        "deeps": state.coverage.deeps,
        "feeds": state.coverage.feeds,
        "gaps": state.coverage.gaps,
        "library": state.library,
        "notices": state.notices,
        "open": state.open,
    }
    return {f"{kind}.jsonl": _write(kind, found) for kind, found in records.items() if found}


def from_files(files: Mapping[str, bytes], where: str) -> State:
    """Read a state; raises `StateError` with file and line for a record this version cannot read."""
    read = {kind: _read(kind, files.get(f"{kind}.jsonl"), where) for kind in _KINDS}
    return State(
        coverage=Coverage(read["covered"], read["gaps"], read["counts"], read["deeps"], read["feeds"], read["asked"]),
        decisions=read["decisions"],
        backlog=read["backlog"],
        open=read["open"],
        library=read["library"],
        cycle=read["cycle"][0].cycle if read["cycle"] else 0,
        heard=read["cycle"][0].heard if read["cycle"] else None,
        base=read["cycle"][0].base if read["cycle"] else None,
        notices=read["notices"],
    )


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


def _read(kind: str, content: bytes | None, where: str) -> tuple[Any, ...]:
    if content is None:
        return ()
    name = f"{where}/{kind}.jsonl"
    lines = content.split(b"\n")
    try:
        head = json.loads(lines[0])
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or head.get("kind") != kind:
        raise StateError(
            f"{name}:1: is not a state file of this program; restore it, or delete it: {_KINDS[kind].deleted}"
        )
    if head.get("schema") != SCHEMA:
        raise StateError(
            f"{name}:1: has schema {head.get('schema')!r}, this version reads {SCHEMA}; use the newer program"
        )
    return tuple(_record(kind, line, f"{name}:{number}") for number, line in enumerate(lines[1:], 2) if line.strip())


def _record(kind: str, line: bytes, where: str) -> Any:
    try:
        record = _adapter(kind).validate_json(line, strict=True, extra="forbid")
        for time in naive_times(record):
            raise ValueError(f"{time} is not a time in UTC")
    except ValueError as error:  # pydantic's ValidationError is one
        reason = " ".join(" ".join(str(error).splitlines()[1:3] or [str(error)]).split())
        raise StateError(
            f"{where}: cannot be read ({reason}); restore the line, or delete it: {_KINDS[kind].deleted}"
        ) from None
    return record


class DiskStore:
    """The state of lists below a folder, normally `state/`."""

    def __init__(self, folder: FilePath) -> None:
        self._folder = folder

    def read(self, name: str) -> State:
        """Return the state of a list; an empty one if there is none yet."""
        folder = self._folder / name
        try:
            files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix == ".jsonl"}
        except FileNotFoundError:
            files = {}
        except OSError as error:
            raise StateError(f"the state in {folder} cannot be read: {_reason(error)}") from None
        return from_files(files, str(folder))

    def write(self, name: str, state: State) -> None:
        """Write the state of a list, each file whole or not at all."""
        folder = self._folder / name
        files = to_files(state)
        for file_name, content in files.items():
            write_atomically(folder / file_name, content)
        try:
            for kind in _KINDS:
                if f"{kind}.jsonl" not in files:
                    (folder / f"{kind}.jsonl").unlink(missing_ok=True)
        except OSError as error:
            raise StateError(f"the state in {folder} cannot be written: {_reason(error)}") from None


def read_list(root: FilePath, file: str) -> bytes:
    """Return a list's bytes; raises `PublishError` when it cannot be read."""
    try:
        return (root / file).read_bytes()
    except FileNotFoundError:
        raise PublishError(f"there is no list at {root / file}; set 'file' in the configuration") from None
    except OSError as error:
        raise PublishError(f"the list at {root / file} cannot be read: {error.strerror}") from None


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
        raise BotError(f"{path} cannot be written: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


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
