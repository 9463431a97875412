"""`make replay`, `make replay WEEK=2025-11-03`: past weeks again, with real papers and a real client.

Each labelled week of the shared data is announced day by day on a local arXiv, as in `benchmarks.survive`; the bot runs
every morning as the shipped configuration says. It asks through the `arxiv` package and `feedparser`, the list is the
project's own, and the pull request is opened through PyGithub on a strict local GitHub; nobody merges. Then the last
morning comes again: nothing may change. Only clock and sleep are made up. Text and diff are left in
`build/replay/WEEK/`.

Papers that curators chose and that the list has already are counted as listed. Exits with 1 when a last morning
changed something, or when a paper that curators chose never reached the judge.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.survive import DAYS, ERAS, Mornings, accounted, announced, labelled, mornings, records
from bot import config
from bot.config import Config
from bot.forges.github import GithubForge
from bot.model import Paper
from bot.paperlist.read.document import parse
from tests.servers.github import GitHubServer, github_server
from tests.slow.simulate import ROOT, RUN_AT

LIST = "PAPERS.md"
COLUMNS = ("weeks", "strict", "listed", "received", "proposed", "near miss", "backlog", "below", "all proposed")


@dataclass(frozen=True)
class Stands:
    """What stands on GitHub: how many pull requests there are, the last one's text, its head, and the list there."""

    pulls: int
    text: str
    head: str
    content: bytes

    @classmethod
    def on(cls, server: GitHubServer) -> Stands:
        """Read it."""
        pulls = [(issue.pull.head, issue.body) for issue in server.issues.values() if issue.pull]
        branch, text = pulls[-1] if pulls else ("main", None)
        return cls(len(pulls), text or "", server.git.head(branch) or "", server.read(branch, LIST))


def main() -> None:
    """Replay one week or all, and print a line for each and, of all, where the curators' choice came to be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--week", help="the Monday of a week in ../shared/data; by default all weeks")
    only = parser.parse_args().week
    weeks = dict(labelled([] if only is None else [only]))
    settings = config.load(ROOT / "config" / "keywords.yaml")
    known, days = records()
    eras: dict[str, Counter[str]] = {}
    troubles: list[str] = []
    for number, (monday, week) in enumerate(weeks.items(), 1):
        began = time.monotonic()
        folder = ROOT / "build" / "replay" / monday
        found, problems = replay(settings, monday, week, known, days, folder)
        troubles += problems
        eras.setdefault(max((e for e in ERAS if e <= monday), default="before"), Counter()).update(found)
        print(f"{number} of {len(weeks)}: {monday} {told(found)}, {time.monotonic() - began:.0f} s", flush=True)
    if len(weeks) > 1:
        inside = sum((found for era, found in eras.items() if era in ERAS), Counter[str]())
        for name, found in [*eras.items(), ("the eras", inside), ("all", sum(eras.values(), Counter()))]:
            share, pace = found["proposed"] / max(1, found["strict"]), found["all proposed"] / found["weeks"]
            print(f"{name}: {told(found)}; found {share:.2f}, {pace:.1f} proposed a week")
    if troubles:
        sys.exit("\n".join(troubles))


def replay(
    settings: Config, monday: str, week: Mapping[str, Any], known: dict[str, Paper], days: dict[str, date], left: Path
) -> tuple[Counter[str], list[str]]:
    """Run on each morning of a week, and on the last once more; return the counts and what went wrong.

    Texts, list and diff are left in the folder `left`.
    """
    before = (ROOT / LIST).read_bytes()
    held = {i for entry in parse(before, LIST).entries for i in entry.arxiv_ids}
    world = announced(week["ids"], days, known)
    chosen = set(week["positives_strict"]) & {event.paper.id for event in world}
    begin = date.fromisoformat(monday)
    with (
        TemporaryDirectory() as git,
        github_server(Path(git) / "papers.git", {LIST: before}, now=datetime.combine(begin, RUN_AT, UTC)) as server,
    ):
        forge = GithubForge("bot-token", server.full_name, server.url)
        found = mornings(settings, world, begin, forge)
        first = Stands.on(server)
        mornings(settings, world, begin, forge, [DAYS - 1])
        second = Stands.on(server)
        refused = list(server.violations)
    leave(left, before, first, second)
    counts = accounted(chosen - held, found)
    counts["listed"] = len(chosen & held)
    return counts, [f"{monday}: {why}" for why in wrong(chosen - held, found, first, second, refused)]


def wrong(wanted: set[str], found: Mornings, first: Stands, second: Stands, refused: list[str]) -> Iterator[str]:
    """Yield what must not be."""
    yield from (f"{paper} never reached the judge" for paper in sorted(wanted - found.received))
    if first.pulls > 1 or first != second:
        yield "the last morning again changed something"
    yield from (f"GitHub's rules were broken: {why}" for why in refused)


def told(found: Counter[str]) -> str:
    """Say where papers came to be."""
    return ", ".join(f"{found[name]} {name}" for name in COLUMNS)


def leave(folder: Path, before: bytes, first: Stands, second: Stands) -> None:
    """Leave the texts, the list and its diff in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    old, new = folder / "before.md", folder / "after.md"
    old.write_bytes(before)
    new.write_bytes(second.content)
    (folder / "pull-request.md").write_text(first.text, encoding="utf-8")
    (folder / "pull-request-again.md").write_text(second.text, encoding="utf-8")
    done = subprocess.run(["git", "diff", "--no-index", "--unified=1", old, new], capture_output=True, check=False)
    diff = done.stdout.decode().replace(str(old), f"/{LIST}").replace(str(new), f"/{LIST}")
    (folder / "list.diff").write_text(diff, encoding="utf-8")


if __name__ == "__main__":
    main()
