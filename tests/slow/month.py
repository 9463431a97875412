"""Serve ten lists for thirty days, and print memory, files and requests of each day: `make month`.

The days are simulated; the process, its files and its three seconds between requests are real.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

from bot.cli import context, serve
from bot.model import Paper
from tests.servers.arxiv import ArxivServer
from tests.servers.rss import Announcement, Bulletin

BEGIN = date(2026, 3, 2)
"""A Monday."""
LIST = "# Papers on topic {n}\n\n## First\n\n- [An Old Paper on Topic {n}](https://arxiv.org/abs/2401.{n:05})\n"


@dataclass(frozen=True)
class Day:
    """The figures of a day: memory of the process in MB, files in state and cache, requests, papers on the branches."""

    day: date
    memory_mb: float
    files: int
    requests: int
    proposed: int


def main() -> int:
    """Print the days; return 1 when memory or files grow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--lists", type=int, default=10)
    options = parser.parse_args()
    days = []
    print("day         memory MB  files  requests  proposed", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for one in month(Path(folder), options.days, options.lists):
            print(f"{one.day} {one.memory_mb:10.0f} {one.files:6} {one.requests:9} {one.proposed:9}", flush=True)
            days.append(one)
    early, last = days[min(5, len(days) - 1)], days[-1]
    grown = last.memory_mb - early.memory_mb
    print(f"after {early.day}: {grown:+.0f} MB, {last.files - early.files:+} files")
    return 1 if grown > 30 or last.files != early.files else 0


def month(home: Path, days: int, lists: int) -> Iterator[Day]:
    """Serve lists of neighbouring topics, one round a day, and yield the figures of each day."""
    prepare(home, lists)
    papers = [paper(day, n) for day in range(-30, days) for n in range(lists)]
    bulletin = Bulletin(Announcement(p, p.published.date() + timedelta(days=1)) for p in papers if p.published)
    options = argparse.Namespace(
        config=home / "config" / "keywords.yaml", today=BEGIN, source=None, fresh=False, place="local"
    )
    with ArxivServer(papers, clock=lambda: at(options.today), bulletin=bulletin) as server:
        os.environ |= {
            "ARXIV_API_URL": server.api_url, "ARXIV_RSS_URL": server.rss_url, "XDG_CACHE_HOME": str(home / "cache"),
        }  # fmt: skip
        config, tasks = context.lists(options.config)
        run, _ = serve.works(options, config, tasks, lambda forge: forge)
        for n in range(days):
            options.today = BEGIN + timedelta(days=n)
            before = len(server.requests)
            with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                failed = run([task.name for task in tasks])
            if failed:
                raise RuntimeError(f"{options.today}: {failed}")
            asked = len(server.requests) - before
            yield Day(options.today, memory_mb(), files(home), asked, rows(home))


def prepare(home: Path, lists: int) -> None:
    """Write a repository with lists and their configuration."""
    (home / "config").mkdir()
    tasks = []
    for n in range(lists):
        (home / f"LIST{n}.md").write_text(LIST.format(n=n))
        phrases = ", ".join(f"{{phrase: topic {n + k} of serving, weight: 0.8}}" for k in range(3))
        tasks.append(
            f"  - {{name: list{n}, file: LIST{n}.md, categories: [cs.DC], keywords: [{phrases}],\n"
            "     unsorted: First, limits: {max_open: 40}}\n"
        )
    (home / "config" / "keywords.yaml").write_text(f"lists:\n{''.join(tasks)}")
    (home / ".gitignore").write_text("state/\ncache/\n")
    for command in ("init -q -b main", "config user.name C", "config user.email c@e.org", "add -A", "commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=home, check=True)


def paper(day: int, topic: int) -> Paper:
    """Return an invented paper of a topic, submitted on a day counted from the first."""
    when = at(BEGIN) + timedelta(days=day - 1, hours=-12, minutes=topic)
    title = f"On Topic {topic} of Serving, Part {(day + 40) * 7919}"
    return Paper(f"2603.{(day + 40) * 100 + topic:05}", title, ("A. B",), "We serve.", ("cs.DC",), "cs.DC", when, when)


def at(day: date) -> datetime:
    """Return the end of a day, as `--today` does."""
    return datetime.combine(day, time(23, 59), UTC)


def memory_mb() -> float:
    """Return the memory of the process in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def files(home: Path) -> int:
    """Return the number of files in state and cache."""
    return sum(path.is_file() for name in ("state", "cache") for path in (home / name).rglob("*"))


def rows(home: Path) -> int:
    """Return the number of papers that the lists' branches have and the base has not."""
    branches = subprocess.run(
        ["git", "for-each-ref", "--format=%(refname)", "refs/heads/arxiv-bot"],
        cwd=home, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    diffs = (
        subprocess.run(["git", "diff", "main", branch], cwd=home, capture_output=True, text=True, check=True).stdout
        for branch in branches
    )
    return sum(diff.count("\n+- [") for diff in diffs)


if __name__ == "__main__":
    sys.exit(main())
