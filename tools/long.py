"""Run the long checks one after another, and print one table: `make long`, `make long ONLY="season faults"`.

A check that fails or takes too long does not stop the others. A check whose data is missing is skipped, and the table
names the data. The output of each check is kept in `build/long/NAME.log`. Exits with 1 when a check failed.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
LOGS = ROOT / "build" / "long"
LIMIT = 5400.0
"""Seconds after which a check is killed."""
SUMMARY = "GITHUB_STEP_SUMMARY"
"""The environment variable with the path of a job's summary in GitHub Actions."""
WIDTH = 100
"""Characters of a key figure that the table shows."""


@dataclass(frozen=True)
class Check:
    """One long check: its name, what Python runs, the data it needs, and a pattern of its key figure."""

    name: str
    arguments: tuple[str, ...]
    needs: Path | None = None
    figure: str = ".+"


@dataclass(frozen=True)
class Result:
    """The result of a check."""

    name: str
    said: str
    seconds: float
    figure: str
    failed: bool


def _check(module: str, *options: str, name: str = "", needs: str | None = None, figure: str = ".+") -> Check:
    """Return the check that runs a module, named after it; it may need data in `../shared`."""
    data = SHARED / needs if needs else None
    return Check(name or module.rpartition(".")[2], ("-m", module, *options), data, figure)


PAPERS, LISTS = "data/papers.jsonl.gz", "zoo/lists"
CHECKS = (
    _check("benchmarks.pace"),
    _check("tests.slow.faults"),
    _check("benchmarks.backfill", figure="[0-9,]+ papers: .*"),
    _check("tools.walk", figure="A heading for each paper.* s"),
    _check("tests.slow.season", figure="[0-9]+ calls of GitHub in .*"),
    _check("tests.slow.matrix", "--table", str(LOGS / "faults-github.md")),
    _check("tests.slow.month"),
    _check("tests.slow.soak"),
    _check("tests.slow.adversary", figure=r"the same end; .*"),
    _check("tests.slow.fuzz", figure=r"\d+ documents .*"),
    _check("benchmarks.cost", needs=LISTS),
    _check("benchmarks.insertions", needs=LISTS),
    _check("benchmarks.adopt", needs=LISTS),
    _check("benchmarks.sections", needs="data/sections"),
    _check("benchmarks.discovery", needs=PAPERS),
    _check("benchmarks.discovery", "--no-keywords", name="discovery-no-keywords", needs=PAPERS),
    _check("benchmarks.lists", needs=PAPERS),
    _check("benchmarks.learning", "--svg", str(LOGS / "learning.svg"), needs=PAPERS),
    _check("benchmarks.learning", "--no-keywords", name="learning-no-keywords", needs=PAPERS),
    _check("benchmarks.survive", needs=PAPERS),
    _check("tests.slow.simulate", needs=PAPERS, figure="claims of completeness: .*"),
    _check("benchmarks.replay", needs=PAPERS),
    _check("benchmarks.growth", needs=PAPERS),
)


def run_all(checks: Sequence[Check], logs: Path, limit: float = LIMIT) -> Iterator[Result]:
    """Run checks one after another, and yield the result of each."""
    logs.mkdir(parents=True, exist_ok=True)
    for check in checks:
        if check.needs and not check.needs.exists():
            yield Result(check.name, "skipped", 0, f"{check.needs} does not exist", failed=False)
        else:
            yield _run(check, logs / f"{check.name}.log", limit)


def _run(check: Check, log: Path, limit: float) -> Result:
    """Run one check in a process group of its own, and kill that when it takes too long or is interrupted."""
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *check.arguments],
            cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(limit)
            said = "passed" if code == 0 else f"failed ({code})"
        except subprocess.TimeoutExpired:
            said = "timed out"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    failed = said != "passed"
    printed = log.read_text("utf-8", errors="replace")
    return Result(
        check.name, said, time.monotonic() - began, _figure(printed, ".+" if failed else check.figure), failed
    )


def _figure(printed: str, pattern: str) -> str:
    """Return the last part of a log that matches a pattern, short enough for the table."""
    found = [match.group().strip() for match in re.finditer(pattern, printed)]
    return next((text[:WIDTH] for text in reversed(found) if text), "")


def table(results: Sequence[Result]) -> str:
    """Return the table of all results."""
    rows = [("check", "result", "seconds", "key figure")]
    rows += [(r.name, r.said, f"{r.seconds:.0f}", r.figure) for r in results]
    names, said, seconds = (max(len(row[n]) for row in rows) for n in range(3))
    return "\n".join(f"{a:{names}}  {b:{said}}  {c:>{seconds}}  {d}".rstrip() for a, b, c, d in rows)


def main(arguments: Sequence[str] | None = None, checks: Sequence[Check] = CHECKS, logs: Path = LOGS) -> int:
    """Run all checks, or those named, and print the table; return 1 when a check failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", metavar="CHECK", help=", ".join(check.name for check in checks))
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds after which a check is killed")
    options = parser.parse_args(arguments)
    if unknown := set(options.only) - {check.name for check in checks}:
        parser.error(f"there is no check {', '.join(sorted(unknown))}")
    chosen = [check for check in checks if not options.only or check.name in options.only]
    results: list[Result] = []
    try:
        for result in run_all(chosen, logs, options.limit):
            print(f"{len(results) + 1} of {len(chosen)}: {result.name} {result.said}", flush=True)
            results.append(result)
    finally:
        whole = table(results)
        print(f"\n{whole}\nlogs: {logs}")
        if summary := os.environ.get(SUMMARY):
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(f"```\n{whole}\n```\n")
    return 1 if any(result.failed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
