"""The files of the state: what is written is read back; what is damaged is named."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.coverage.ledger import Asked, Count, Coverage, Covered, Deep, Feed, Gap
from bot.errors import BotError, StateError
from bot.model import Announced
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.files import DiskStore, from_files, to_files, write_atomically
from bot.state.model import Notice, NoticeKind, OpenPaper, Quota, State
from tests import examples
from tests.conftest import failed
from tests.unit.pullrequest.test_proposal import CANDIDATES, IDS, ONE, PAPERS, PATHS, TEXT, TIMES, UNKNOWN

NOW = datetime(2026, 3, 4, tzinfo=UTC)
FULL = State(
    Coverage((Covered("q", NOW, NOW + timedelta(days=1)),), (Gap("q", NOW, NOW + timedelta(days=1), NOW, failed()),)),
    (Decision("2603.00009", DecisionKind.DISMISSED, date(2026, 3, 4), Basis(How.CLOSED, 1)),),
    (ONE,),
    (OpenPaper(replace(ONE, paper=replace(ONE.paper, id="2603.00002")), ("Papers",), "|a|"),),
    (ONE.paper,),
    7,
)

BASES = st.builds(Basis, st.sampled_from(How), st.integers(0, 9), st.integers(0, 99), TEXT)
DECISIONS = st.builds(
    Decision, IDS, st.sampled_from(DecisionKind), st.dates(), BASES, st.none() | PATHS, st.none() | st.dates()
)
STATES = st.builds(
    State,
    st.builds(
        Coverage,
        st.lists(st.builds(Covered, TEXT, TIMES, TIMES), max_size=2).map(tuple),
        st.lists(st.builds(Gap, TEXT, TIMES, TIMES, TIMES, UNKNOWN), max_size=2).map(tuple),
        st.lists(st.builds(Count, TEXT, TIMES, TIMES, st.integers(0, 9), st.none() | TIMES), max_size=2).map(tuple),
        st.lists(st.builds(Deep, TEXT, TIMES), max_size=2).map(tuple),
        st.lists(st.builds(Feed, TEXT, st.dates()), max_size=2).map(tuple),
        st.lists(st.builds(Asked, TEXT, TIMES, TIMES), max_size=2).map(tuple),
        st.lists(st.builds(Announced, TEXT, st.dates(), st.integers(0, 9), TEXT), max_size=2).map(tuple),
    ),
    st.lists(DECISIONS, max_size=2).map(tuple),
    st.lists(CANDIDATES, max_size=2, unique_by=lambda c: c.paper.id).map(tuple),
    st.lists(
        st.builds(OpenPaper, CANDIDATES, st.none() | PATHS, st.none() | TEXT),
        max_size=2,
        unique_by=lambda p: p.candidate.paper.id,
    ).map(tuple),
    st.lists(PAPERS, max_size=2, unique_by=lambda p: p.id).map(tuple),
    st.integers(1, 9),
    st.none() | TIMES,
    st.none() | TEXT,
    st.lists(
        st.builds(Notice, IDS, st.sampled_from(NoticeKind), st.dates(), TEXT, TEXT),
        max_size=2,
        unique_by=lambda n: (n.id, n.kind),
    ).map(tuple),
    st.none() | st.builds(Quota, st.dates(), st.integers(-999, 999)),
)  # fmt: skip


@settings(deadline=None, max_examples=examples(60))
@given(STATES)
def test_round_trip(state: State) -> None:
    """What is written is read back, sorted, and writing that again gives the same bytes."""
    files = to_files(state)
    again = from_files(files, "state/x")
    assert to_files(again) == files
    assert set(again.backlog) == set(state.backlog)
    assert set(again.open) == set(state.open)
    assert again.quota == state.quota
    assert set(again.library) == set(state.library)
    assert set(again.decisions) == set(state.decisions)
    assert set(again.coverage.covered) == set(state.coverage.covered)
    assert set(again.coverage.gaps) == set(state.coverage.gaps)
    assert set(again.coverage.counts) == set(state.coverage.counts)
    assert set(again.coverage.deeps) == set(state.coverage.deeps)
    assert set(again.coverage.feeds) == set(state.coverage.feeds)
    assert set(again.coverage.asked) == set(state.coverage.asked)
    assert set(again.coverage.announced) == set(state.coverage.announced)
    assert set(again.notices) == set(state.notices)
    assert again.cycle == state.cycle
    assert all(content.count(b"\n") == len(content.split(b"\n")) - 1 for content in files.values())


def test_one_record_a_line_sorted() -> None:
    """A file has a head and one record a line, sorted by id, whatever order it was given."""
    papers = tuple(replace(ONE.paper, id=f"2603.0000{n}", title=f"a\u2028b\x85c {n}") for n in (3, 1, 2))
    content = to_files(State(library=papers))["library.jsonl"]
    lines = content.split(b"\n")
    assert json.loads(lines[0]) == {"schema": 2, "kind": "library"}
    assert [json.loads(line)["id"] for line in lines[1:4]] == ["2603.00001", "2603.00002", "2603.00003"]
    assert lines[4:] == [b""]
    assert from_files({"library.jsonl": content}, "s").library == tuple(sorted(papers, key=lambda p: p.id))


def test_an_empty_state_has_no_files() -> None:
    """Nothing to remember is no file."""
    assert to_files(State()) == {}
    assert from_files({}, "s") == State()


@pytest.mark.parametrize(
    ("kind", "line", "message"),
    [
        ("backlog", b"{", "s/state.jsonl:2: cannot be read"),
        ("backlog", b"[]", "s/state.jsonl:2: cannot be read"),
        ("backlog", b"\xff", "s/state.jsonl:2: cannot be read"),
        ("backlog", b"[" * 5000, "s/state.jsonl:2: cannot be read"),
        ("library", b'{"id": "2603.00001"}', "s/state.jsonl:2: cannot be read (title"),
        ("library", b'{"id": "2603.00001", "title": "T", "more": 1}', "s/state.jsonl:2: cannot be read (more"),
        ("library", b'{"id": "2603.00001", "title": 1}', "s/state.jsonl:2: cannot be read (title"),
        ("covered", b'{"query": "", "since": "2026-01-01T00:00:00", "until": "2026-01-02T00:00:00Z"}', "not a time in"),
        ("cycle", b'{"cycle": "1"}', "s/state.jsonl:2: cannot be read"),
        ("decisions", b'{"id": "1", "kind": "maybe", "day": "2026-01-01", "source": ""}', "s/state.jsonl:2"),
    ],
)  # fmt: skip
def test_a_damaged_line_is_named(kind: str, line: bytes, message: str) -> None:
    """A record that cannot be read is told with file, line and what to do."""
    content = b'{"schema": 2, "kind": "%s"}\n%s\n' % (kind.encode(), line)
    with pytest.raises(StateError) as raised:
        from_files({"state.jsonl": content}, "s")
    assert message in str(raised.value)
    assert "; restore the line, or delete it: " in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("head", [b"", b"{", b"[]", b"[" * 100_000, b'{"schema": 1}', b'{"kind": "open"}', b"\xff"])
def test_other_files_are_refused(head: bytes) -> None:
    """A file without this program's head is not read."""
    with pytest.raises(StateError, match=r"s/state\.jsonl:1: is not a state file .* delete it: decisions are read"):
        from_files({"state.jsonl": head + b"\n"}, "s")


def test_a_newer_schema_is_refused() -> None:
    """A file of a newer version is refused, not misread."""
    for head in (b'{"schema": 3, "kind": "gaps"}', b'{"schema": 1, "kind": "guesses"}'):
        content = to_files(FULL)["state.jsonl"] + head + b"\n"
        with pytest.raises(StateError, match=r"s/state\.jsonl:\d+: has 'g\w+' of schema \d, .* use the newer program"):
            from_files({"state.jsonl": content}, "s")


def test_line_endings_and_blank_lines_do_not_matter() -> None:
    """A file that an editor or git gave other line ends is still read."""
    files = {name: content.replace(b"\n", b"\r\n") + b"\r\n" for name, content in to_files(FULL).items()}
    assert from_files(files, "s") == FULL


def test_disk(tmp_path: Path) -> None:
    """A state is written below its list's name and read back; files without records vanish, others stay."""
    store = DiskStore(tmp_path / "state")
    assert store.read("one") == State()
    store.write("one", FULL)
    (tmp_path / "state/one/pull-request.md").write_text("text")
    assert store.read("one") == FULL
    assert store.read("two") == State()
    store.write("one", State(cycle=7))
    assert sorted(path.name for path in (tmp_path / "state/one").iterdir()) == ["pull-request.md", "state.jsonl"]
    assert store.read("one") == State(cycle=7)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails in the middle leaves the old file and no other."""
    file = tmp_path / "a.txt"
    write_atomically(file, b"old")
    for step in ("replace", "fsync", "chmod"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, lambda *_: (_ for _ in ()).throw(OSError("disk full")))
            with pytest.raises(BotError, match=r"a\.txt cannot be written: disk full"):
                write_atomically(file, b"new")
        assert file.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [file]


def test_a_write_keeps_the_mode(tmp_path: Path) -> None:
    """A file keeps its permissions; a new one gets the usual."""
    file = tmp_path / "deep" / "a.sh"
    write_atomically(file, b"1")
    assert file.stat().st_mode & 0o777 == 0o644
    file.chmod(0o755)
    write_atomically(file, b"2")
    assert file.stat().st_mode & 0o777 == 0o755
    assert file.read_bytes() == b"2"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What a link points to is replaced, there or not yet; the link itself stays."""
    (tmp_path / "real").mkdir()
    for name in ("old.json", "new.json"):
        target, link = tmp_path / "real" / name, tmp_path / name
        link.symlink_to(target)
        if name == "old.json":
            target.write_bytes(b"1")
        write_atomically(link, b"2")
        assert link.is_symlink()
        assert target.read_bytes() == b"2"


def test_what_is_no_regular_file_is_written_to(tmp_path: Path) -> None:
    """A pipe or a device gets the content and stays what it is."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, b"content")
    assert os.read(reader, 100) == b"content"
    os.close(reader)
    assert pipe.is_fifo()
    write_atomically(Path("/dev/null"), b"content")
    assert Path("/dev/null").is_char_device()


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder, a file for a folder, a circle of links and a full disk are told with the path."""
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    paths = [tmp_path, tmp_path / "file" / "x", tmp_path / "a"]
    for path in [*paths, *([Path("/dev/full")] if Path("/dev/full").exists() else [])]:
        with pytest.raises(BotError) as raised:
            write_atomically(path, b"x")
        assert str(raised.value).startswith(f"{path} cannot be written: ")


def test_a_state_that_is_a_file_is_told(tmp_path: Path) -> None:
    """A file where the folder of a list's state should be is neither an empty state nor overwritten."""
    (tmp_path / "one").write_bytes(b"mine")
    store = DiskStore(tmp_path)
    with pytest.raises(StateError, match=r"one cannot be read: Not a directory"):
        store.read("one")
    for state in (State(), FULL):
        with pytest.raises(BotError, match="cannot be written"):
            store.write("one", state)
    assert (tmp_path / "one").read_bytes() == b"mine"
