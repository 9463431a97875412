"""The schedule of `serve`, what it remembers of a round, and how a signal ends it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import PublishError
from bot.serve.record import ServeRecord, read_record
from bot.serve.server import Duties, Server, Stopped, Stopping
from tests.conftest import NOW

HOURLY = "0 * * * *"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def server(path: Path, clock: Clock, failing: Sequence[str] = ()) -> tuple[Server, list[list[str]]]:
    """Return a server of two lists, and the rounds that it works."""
    rounds: list[list[str]] = []

    def work(names: Sequence[str]) -> dict[str, str]:
        rounds.append(list(names))
        return {name: "no answer" for name in names if name in failing}

    return Server({"a": HOURLY, "b": "30 6 * * *"}, Duties(work, work), path, clock), rounds


def test_a_restart_knows_what_succeeded(tmp_path: Path) -> None:
    """A list is due when a time of its schedule passed since its last success, however often it failed meanwhile."""
    path, clock = tmp_path / "serve.json", Clock()
    one, rounds = server(path, clock, failing=["b"])
    assert one.missed() == ["a", "b"]
    one.round(one.missed())
    clock.now += timedelta(minutes=5)
    again, _ = server(path, clock)
    assert again.missed() == ["b"]
    again.round(["b"])
    clock.now += timedelta(hours=3)
    assert server(path, clock)[0].missed() == ["a"]
    clock.now += timedelta(days=3)
    assert server(path, clock)[0].missed() == ["a", "b"]
    assert rounds == [["a", "b"]]


def test_each_round_is_told(tmp_path: Path) -> None:
    """Who wants to know gets the record once the round stands in it."""
    told: list[ServeRecord] = []
    one = Server({"a": HOURLY}, Duties(lambda _: {"a": "no answer"}, lambda _: {}, report=told.append), tmp_path / "x")
    one.round(["a"])
    assert [record.lists["a"].error for record in told] == ["no answer"]
    assert told[0] == read_record(tmp_path / "x")


@pytest.fixture
def signals() -> Iterator[None]:
    """Put the handlers back."""
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


def killed(seconds: float) -> None:
    """Get the signal and go on for some time."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(seconds)


@pytest.mark.usefixtures("signals")
def test_a_signal_waits_for_what_is_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere it ends at once; a writing comes to its end first, or fails, unless it takes longer than the grace."""
    stopping, done = Stopping(), []
    with pytest.raises(Stopped):
        killed(5)

    def written(seconds: float) -> None:
        with stopping.finishing():
            killed(seconds)
            done.append(seconds)

    with pytest.raises(Stopped):
        written(0.01)
    assert done == [0.01]

    def failing() -> None:
        with stopping.finishing():
            killed(0.01)
            raise PublishError("it changed meanwhile")

    stopping = Stopping()
    with pytest.raises(Stopped):
        failing()
    monkeypatch.setattr("bot.serve.server.GRACE_S", 0.05)
    stopping, begun = Stopping(), time.monotonic()
    with pytest.raises(Stopped):
        written(5)
    assert time.monotonic() - begun < 2
    assert done == [0.01]
