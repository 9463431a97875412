"""Measure a backfill of 100,000 invented papers in a process of its own, and kill one without warning: `make backfill`.

Prints its peak of memory beside that of a quarter of the time (with as many papers a month), and which windows are
asked again after the kill: at most the one that was under way. The run is the real one on disk and over HTTP; only its
sleep is made up.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot import config
from bot.coverage.windows import months
from bot.forges.local import LocalForge
from bot.model import Paper, Window
from bot.sources.api import ApiSource
from bot.sources.http import Manners, PoliteSession, Timing
from tests.servers.arxiv import ArxivServer
from tests.servers.stand_ins import Clock
from tests.servers.whole import backfill_list, job

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
QUARTER = datetime(2025, 4, 1, tzinfo=UTC)
END = datetime(2026, 1, 1, tzinfo=UTC)
LIST = "# Serving\n\n## Papers\n\n- [A Paper of Before](https://arxiv.org/abs/2401.00001)\n"
CONFIG = """lists:
  - name: serving
    file: README.md
    categories: [cs.DC]
    keywords: [{phrase: LLM serving, weight: 0.8}, {phrase: latency, weight: 0.1}]
    unsorted: Papers
"""


def papers(count: int) -> Iterator[Paper]:
    """Yield papers spread over the year; one in a thousand is on the topic."""
    step = (END - BEGIN) / count
    for n in range(count):
        when = (BEGIN + n * step).replace(microsecond=0)
        topic = "LLM serving" if n % 1000 == 0 else "a network"
        summary = f"We lower the latency of {topic}. " + "Our design is measured on many machines. " * 25
        number = f"{when:%y%m}.{n % 100_000:05}"
        yield Paper(number, f"Paper {n} on {topic}", ("A. B",), summary, ("cs.DC",), "cs.DC", when, when)


def child(folder: Path, url: str, end: datetime) -> None:
    """Run the backfill up to a day in this process."""
    settings = config.load(folder / "config.yaml")
    clock = Clock()
    session = PoliteSession(manners=Manners(budget_s=1e9), timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep))
    with session:
        windows = months(Window(BEGIN, end))
        backfill_list(job(settings, LocalForge(folder), END, windows=windows), ApiSource(session, url))


def asked(server: ArxivServer, since: int = 0) -> list[str]:
    """Return the months that the requests from a number on asked for."""
    queries = [request.params.get("search_query", "") for request in server.requests[since:]]
    ranges = [re.findall(r"[0-9]{12}", query) for query in queries]
    return list(dict.fromkeys(found[0][:6] for found in ranges if found))


def prepare(folder: Path) -> None:
    """Make a repository with a list and its configuration."""
    (folder / "README.md").write_text(LIST, encoding="utf-8")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    for command in ("init -q -b main", "config user.name C", "config user.email c@e.org", "add -A", "commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)


def start(folder: Path, server: ArxivServer, end: datetime = END) -> subprocess.Popen[bytes]:
    """Start a backfill."""
    command = [sys.executable, "-m", "benchmarks.backfill", "--child", str(folder), server.api_url, end.isoformat()]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def whole(count: int, end: datetime) -> float:
    """Return the peak memory, in MB, of a backfill up to a day that nobody kills."""
    with tempfile.TemporaryDirectory() as name, ArxivServer(tuple(papers(count))) as server:
        prepare(Path(name))
        _, status, usage = os.wait4(start(Path(name), server, end).pid, 0)
        if status:
            sys.exit(f"the backfill of {count} papers failed")
        some = sum(1 for paper in papers(count) if paper.published and paper.published < end)
        print(f"{some:>8,} papers: {len(server.requests)} requests, peak {_mb(usage):.0f} MB")
        return _mb(usage)


def killed(count: int, months: int = 4) -> list[str]:
    """Kill a backfill at a later month, run it again, and return the finished months that were asked again."""
    with tempfile.TemporaryDirectory() as name, ArxivServer(tuple(papers(count))) as server:
        prepare(Path(name))
        first = start(Path(name), server)
        while len(asked(server)) < months and first.poll() is None:
            time.sleep(0.005)
        first.kill()
        first.wait()
        before, number = asked(server), len(server.requests)
        if start(Path(name), server).wait():
            sys.exit("the second backfill failed")
        after = asked(server, number)
        print(f"killed in month {len(before)} of 12, {len(after)} asked by the next run")
        missing = {f"2025{month:02}" for month in range(1, 13)} - {*before, *after}
        return sorted({*before[:-1]} & {*after}) + [f"{month} was never asked" for month in sorted(missing)]


def _mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure; exit with 1 when memory grows with the time or finished months are asked again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        child(Path(options.child[0]), options.child[1], datetime.fromisoformat(options.child[2]))
        return
    few, many = whole(options.papers, QUARTER), whole(options.papers, END)
    again = killed(options.papers // 10)
    if many > 1.5 * few:
        sys.exit(f"memory grows with the time: {few:.0f} MB, then {many:.0f} MB")
    if again:
        sys.exit(f"asked again although finished: {', '.join(again)}")
    print("no finished month was asked again")


if __name__ == "__main__":
    main()
