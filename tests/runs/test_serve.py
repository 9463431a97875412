"""The job without Actions, as a process: it catches up once, survives a kill, and stops when told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.model import Paper
from bot.serve.record import ListRecord, ServeRecord, read_record, write_record
from tests.conftest import CONFIG, LIST, NOW
from tests.servers.arxiv import ArxivServer, Silent

HOURLY = "0 * * * *"


def papers() -> list[Paper]:
    """Return papers of yesterday, by the clock of the process."""
    when = datetime.now(UTC) - timedelta(days=2)
    return [
        Paper(f"2611.{n:05}", f"LLM Serving of Kind {n * 7919}", ("A. B",), "On it.", ("cs.DC",), "cs.DC", when, when)
        for n in range(1, 4)
    ]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A repository with two lists."""
    (tmp_path / "config").mkdir()
    second = CONFIG.partition("lists:\n")[2].replace("name: serving", "name: other").replace("README", "OTHER")
    text = f'sources: [api]\nschedule: "0 0 1 1 *"\n{CONFIG}{second}'
    (tmp_path / "config" / "keywords.yaml").write_text(text)
    for name in ("README.md", "OTHER.md"):
        (tmp_path / name).write_bytes(LIST)
    for command in ("init -q -b main", "config user.name C", "config user.email c@e.org", "add -A", "commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    return tmp_path


@contextmanager
def serving(home: Path, server: ArxivServer, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run `serve` until the context ends."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "ARXIV_"))}
    environment |= {"ARXIV_API_URL": server.api_url, "XDG_CACHE_HOME": str(home / ".git" / "cache")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", *options], cwd=home, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def record(home: Path) -> ServeRecord:
    return read_record(home / "state" / "serve.json")


def proposed(home: Path, name: str) -> int:
    """Return how many rows of the list's branch the base lacks."""
    shown = subprocess.run(
        ["git", "show", f"arxiv-bot/{name}/1"], cwd=home, capture_output=True, text=True, check=False
    ).stdout
    return shown.count("\n+[[2611")


def test_what_was_missed_is_caught_up_once_and_a_signal_ends_it(home: Path) -> None:
    """Two lists ask arXiv once; the log is JSON, the record says all, and SIGTERM takes under five seconds."""
    with ArxivServer(papers()) as server:
        with serving(home, server, "--json") as process:
            until(lambda: all(e.succeeded for e in record(home).lists.values()) and bool(record(home).lists))
            assert {name: proposed(home, name) for name in ("serving", "other")} == {"serving": 3, "other": 3}
            asked = len(server.requests)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=10)
            assert time.monotonic() - begun < 5
            assert process.returncode == 0
        lines = [json.loads(line) for line in log.splitlines()]
        assert all(set(line) == {"time", "message"} for line in lines)
        assert [line for line in lines if line["message"].startswith("other: ") and "3 proposed" in line["message"]]
        assert record(home).beat is None
        [said] = record(home).troubles(datetime.now(UTC))
        assert said.startswith("stopped in order at 20")
        with serving(home, server) as process:  # nothing is due before January
            until(lambda: record(home).beat is not None)
            time.sleep(0.5)
            assert len(server.requests) == asked
    assert asked <= 2


def test_a_kill_in_the_middle_loses_nothing(home: Path) -> None:
    """A round that was killed while arXiv was silent is due again, and finds everything."""
    with ArxivServer(papers()) as server:
        server.faults.append(Silent(60))
        with serving(home, server) as process:
            until(lambda: bool(server.requests))
            process.kill()
            process.wait()
        assert record(home).lists["serving"].succeeded is None
        with serving(home, server, "--list", "serving") as process:
            until(lambda: proposed(home, "serving") == 3)


def test_one_failing_list_does_not_stop_the_others(home: Path) -> None:
    """The record names the list and the error; the other list has its papers."""
    (home / "README.md").write_bytes(b"Nothing here\n")
    subprocess.run(["git", "commit", "-qam", "x"], cwd=home, check=True)
    with ArxivServer(papers()) as server, serving(home, server):
        until(lambda: proposed(home, "other") == 3 and record(home).doing is None)
        until(lambda: record(home).lists["serving"].failures == 1)
        assert "nothing to add to" in (record(home).lists["serving"].error or "")
        assert record(home).lists["other"].error is None


def test_check_says_whether_the_process_is_well(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0 while it lives and no list fails again and again, 1 and a sentence otherwise."""

    def check() -> int | str | None:
        with pytest.raises(SystemExit) as done:
            main.main(["serve", "--check", "--config", str(home / "config" / "keywords.yaml")])
        return done.value.code

    assert check() == 1
    assert "no sign of life" in capsys.readouterr().err
    write_record(home / "state" / "serve.json", ServeRecord({"serving": ListRecord(NOW, NOW)}, datetime.now(UTC)))
    assert check() == 0
    assert capsys.readouterr().out == "serving: last success 2026-03-04 06:37 UTC\n"
    write_record(
        home / "state" / "serve.json", ServeRecord({"serving": ListRecord(NOW, NOW, 2, "no list")}, datetime.now(UTC))
    )
    assert check() == 0
    assert capsys.readouterr().out.endswith("06:37 UTC; failed 2 in a row, last: no list\n")


def test_a_record_in_the_way_is_wrong_usage(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A record that cannot be written is reported before anything is asked."""
    (home / "state" / "serve.json").mkdir(parents=True)
    with pytest.raises(SystemExit) as done:
        main.main(["serve", "--config", str(home / "config" / "keywords.yaml")])
    assert done.value.code == 2
    assert "in the way" in capsys.readouterr().err
