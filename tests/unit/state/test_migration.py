"""State of schema 1, whose reasons were sentences, is read, and written as schema 2."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.coverage.ledger import Covered, Gap
from bot.coverage.sentences import sentence
from bot.errors import StateError
from bot.model import Reason, Unknown
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.files import DiskStore, from_files, to_files

TIME = datetime(2026, 3, 4, tzinfo=UTC)
NEXT = datetime(2026, 3, 5, tzinfo=UTC)
WROTE = [
    (
        "arXiv counts far fewer papers than are usual; that is believed when another day says the same",
        Unknown(Reason.FEW_ONCE),
    ),
    (
        "those that no keyword names, for the feed of the evening of 2026-11-23 was not read whole",
        Unknown(Reason.MISSED_FEED, evening=date(2026, 11, 23)),
    ),
    (
        "those that no keyword names, for the feed of the evening of 2027-03-02 was not read whole, "
        "unless arXiv had a holiday then: those of 2027 are not known here",
        Unknown(Reason.MISSED_FEED, evening=date(2027, 3, 2), perhaps_holiday=True),
    ),
    ("they were not asked for yet", Unknown(Reason.NOT_YET)),
    ("what arXiv answered is not known any more", Unknown(Reason.LOST)),
    (
        "days to come were said to be proven, so what is said of the last 90 days is not believed",
        Unknown(Reason.CLAIMED),
    ),
]
"""What the version before wrote, word for word, and what it is now."""
OTHERS = [
    "HTTP 503: Rate exceeded; gave up after 5 tries; arXiv is busy: ask again later",
    "asked 3 times, 4 distinct papers came, but arXiv counts 2, then 3",
    "those that no keyword names, for the feed of the evening of yesterday was not read whole",
    "{text} “x” \\",
]


def schema_1(kind: str, *records: object) -> bytes:
    """Return a file as the version before wrote it."""
    return "".join(f"{json.dumps(one)}\n" for one in ({"schema": 1, "kind": kind}, *records)).encode()


def gap(why: object) -> dict[str, object]:
    times = {"since": "2026-03-04T00:00:00Z", "until": "2026-03-05T00:00:00Z", "noticed": "2026-03-05T00:00:00Z"}
    return {"query": "q", **times, "why": why}


@pytest.mark.parametrize(("sentence", "unknown"), WROTE)
def test_a_known_sentence_becomes_its_code(sentence: str, unknown: Unknown) -> None:
    """Each sentence that the program acted upon is read as its code, with its data, and written so."""
    state = from_files({"state.jsonl": schema_1("gaps", gap(sentence))}, "s")
    assert state.coverage.gaps == (Gap("q", TIME, NEXT, NEXT, unknown),)
    written = to_files(state)["state.jsonl"]
    assert b'{"schema": 2, "kind": "gaps"}\n' in written
    assert sentence.encode() not in written
    assert from_files({"state.jsonl": written}, "s") == state


@pytest.mark.parametrize("old", OTHERS)
def test_another_sentence_is_kept(old: str) -> None:
    """A sentence that no code stands for stays what people read: the gap is not lost, nor taken for a missed feed."""
    state = from_files({"state.jsonl": schema_1("gaps", gap(old))}, "s")
    assert state.coverage.gaps == (Gap("q", TIME, NEXT, NEXT, Unknown(Reason.OTHER, text=old)),)
    assert sentence(state.coverage.gaps[0].why) == old
    assert from_files(to_files(state), "s") == state


@pytest.mark.parametrize(
    ("source", "basis"),
    [
        ("cycle 12: closed", Basis(How.CLOSED, 12)),
        ("cycle 1: merged", Basis(How.MERGED, 1)),
        ("cycle 1: unticked", Basis(How.UNTICKED, 1)),
        ("cycle 1: its row was removed", Basis(How.ROW_REMOVED, 1)),
        ("cycle 1: added by hand", Basis(How.ADDED, 1)),
        ("by hand", Basis(How.COMMAND)),
        ("no room for 90 days", Basis(How.NO_ROOM, days=90)),
        (
            "https://github.com/o/r/pull/1#issuecomment-7",
            Basis(How.COMMENT, text="https://github.com/o/r/pull/1#issuecomment-7"),
        ),
        ("cycle 1: {days}", Basis(How.OTHER, text="cycle 1: {days}")),
        ("", Basis(How.OTHER)),
    ],
)
def test_what_a_decision_rests_on_becomes_a_code(source: str, basis: Basis) -> None:
    """A decision keeps its day, and what people read of it stays word for word; it is written with its code."""
    record = {"id": "2603.00001", "kind": "dismissed", "day": "2026-03-04", "source": source, "reason": "so"}
    state = from_files({"state.jsonl": schema_1("decisions", record)}, "s")
    decided = Decision("2603.00001", DecisionKind.DISMISSED, TIME.date(), basis, reason="so")
    assert state.decisions == (decided,)
    assert str(basis) == source
    assert from_files(to_files(state), "s") == state


def test_a_gap_without_a_reason_is_kept() -> None:
    """An empty sentence is a gap all the same."""
    state = from_files({"state.jsonl": schema_1("gaps", gap(""))}, "s")
    assert [(g.since, g.why.reason) for g in state.coverage.gaps] == [(TIME, Reason.OTHER)]


def test_what_is_not_a_reason_stays(tmp_path: Path) -> None:
    """Records of other kinds are read as they were, and one write makes the whole folder schema 2."""
    covered = {"query": "q", "since": "2026-03-04T00:00:00Z", "until": "2026-03-05T00:00:00Z"}
    paper = {"id": "2603.00001", "title": "A KV cache"}
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "state.jsonl").write_bytes(schema_1("covered", covered) + schema_1("gaps", gap(WROTE[0][0])))
    (folder / "library.jsonl").write_bytes(schema_1("library", paper))
    store = DiskStore(tmp_path)
    state = store.read("papers")
    assert state.coverage.covered == (Covered("q", TIME, NEXT),)
    assert [(p.id, p.title) for p in state.library] == [("2603.00001", "A KV cache")]
    store.write("papers", state)
    assert store.read("papers") == state
    assert b'"schema": 1' not in b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("why", [None, 1, ["x"], {"reason": "no_such_code"}, {"reason": "feed_missed"}])
def test_a_damaged_record_is_named(why: object) -> None:
    """What neither schema holds is refused with its line, as ever."""
    for head in (1, 2):
        content = schema_1("gaps", gap(why)).replace(b'"schema": 1', b'"schema": %d' % head)
        with pytest.raises(StateError, match=r"s/state\.jsonl:2: cannot be read"):
            from_files({"state.jsonl": content}, "s")


@pytest.mark.parametrize("line", [b"{", b"[]", b"\xff", b"[" * 5000])
def test_a_damaged_line_of_schema_1_is_named(line: bytes) -> None:
    """A line of schema 1 that is no record is refused with its number."""
    with pytest.raises(StateError, match=r"s/state\.jsonl:2: cannot be read"):
        from_files({"state.jsonl": b'{"schema": 1, "kind": "gaps"}\n' + line + b"\n"}, "s")
