"""The long checks in turn: none stops the others, and the table shows the result of each."""

from __future__ import annotations

import importlib.util
import re
import time
from pathlib import Path

import pytest

from tools import long
from tools.long import CHECKS, ROOT, SUMMARY, Check

PASSES = Check("good", ("-c", "print('7 cases'); print('bye')"), figure="[0-9]+ cases")
FAILS = Check("bad", ("-c", "import sys; print('7 cases'); sys.exit('lost: a paper')"), figure="[0-9]+ cases")
LACKS = Check("far", ("-c", "raise SystemExit(1)"), needs=Path("/nowhere/data"))


def rows(printed: str) -> dict[str, list[str]]:
    """Return the cells of each row of the printed table."""
    found = printed.partition("check ")[2].splitlines()[1:]
    return {cells[0]: cells[1:] for line in found if len(cells := re.split("  +", line)) > 1}


def test_a_failure_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All run, in order; the table has the key figure of a check that passed and the last line of one that failed."""
    assert long.main([], (FAILS, LACKS, PASSES), tmp_path / "logs") == 1
    found = rows(capsys.readouterr().out)
    assert list(found) == ["bad", "far", "good"]
    assert (found["bad"][0], found["bad"][-1]) == ("failed (1)", "lost: a paper")
    assert (found["far"][0], found["far"][-1]) == ("skipped", "/nowhere/data does not exist")
    assert (found["good"][0], found["good"][-1]) == ("passed", "7 cases")
    assert (tmp_path / "logs" / "bad.log").read_text() == "7 cases\nlost: a paper\n"
    assert not (tmp_path / "logs" / "far.log").exists()


def test_all_that_can_run_passed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A skipped check does not fail, and only the named checks run."""
    assert long.main([], (LACKS, PASSES), tmp_path) == 0
    capsys.readouterr()
    assert long.main(["good"], (FAILS, PASSES), tmp_path) == 0
    assert list(rows(capsys.readouterr().out)) == ["good"]
    with pytest.raises(SystemExit, match="2"):
        long.main(["goood"], (PASSES,), tmp_path)


def test_what_takes_too_long_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check over its time is killed with the processes it started, and counts as failed."""
    child = f"import time; time.sleep(2); open({str(tmp_path / 'late')!r}, 'w')"
    started = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert long.main(["--limit", "0.5"], (Check("slow", ("-c", started)), PASSES), tmp_path) == 1
    assert rows(capsys.readouterr().out)["slow"][0] == "timed out"
    time.sleep(2)
    assert not (tmp_path / "late").exists()


def test_actions_shows_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In GitHub Actions the summary of the job shows the table."""
    monkeypatch.setenv(SUMMARY, str(tmp_path / "summary.md"))
    long.main([], (PASSES,), tmp_path)
    assert "good   passed" in (tmp_path / "summary.md").read_text()


def test_every_long_check_is_among_them() -> None:
    """Every module that the Makefile runs is a check, except those that show or draw something; all can be imported."""
    modules = {check.arguments[1] for check in CHECKS}
    made = set(re.findall(r"-m ((?:benchmarks|tests|tools)\.[\w.]+)", (ROOT / "Makefile").read_text("utf-8")))
    assert made - modules == {"tools.long", "tools.demo", "tools.picture"}
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []
    assert len({check.name for check in CHECKS}) == len(CHECKS)
