"""What `serve` remembers comes back as written, and says what is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.serve.record import ListRecord, ServeRecord, read_record, write_record
from tests.conftest import NOW


def test_a_record_comes_back_as_written(tmp_path: Path) -> None:
    """Every field; and a damaged file costs a round, nothing else."""
    path = tmp_path / "serve.json"
    whole = ServeRecord({"a": ListRecord(NOW, NOW, 2, "é | \n no"), "b": ListRecord()}, NOW, "running a", NOW, NOW)
    write_record(path, whole)
    assert read_record(path) == whole
    for damage in (b"", b"{", b"[]", b'{"lists": {"a": 1}}', b'{"lists": {"a": {"succeeded": "x"}}}', b"\xff"):
        path.write_bytes(damage)
        assert read_record(path) == ServeRecord()


def test_troubles_are_named() -> None:
    """A process that is silent, one that was stopped, and a list that fails again and again."""
    later = NOW + timedelta(minutes=10)
    assert "no sign of life yet" in ServeRecord().troubles(NOW)[0]
    assert "2026-03-04 06:37" in ServeRecord(beat=NOW).troubles(later)[0]
    assert ServeRecord(stopped=NOW).troubles(later) == (
        "stopped in order at 2026-03-04 06:37 UTC: start arxiv-bot serve to go on",
    )
    assert ServeRecord({"a": ListRecord(None, NOW, 2, "x")}, NOW).troubles(NOW) == ()
    failing = ServeRecord({"a": ListRecord(None, NOW, 3, "no answer")}, NOW)
    assert failing.troubles(NOW) == ("a failed 3 times in a row, last: no answer",)
