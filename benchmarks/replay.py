"""Replay past weeks with real papers, from the feed to the pull request: `make replay`, `make replay WEEK=2025-11-03`.

Each labelled week of the shared data is announced day by day on a local arXiv, as in `benchmarks.survive`; the bot runs
every morning with the shipped configuration. The list is the project's own, and the pull request is opened on a strict
local GitHub; nobody merges. Then the last morning is repeated: nothing may change. Only clock and sleep are made up.
Text and diff are left in `build/replay/WEEK/`.

Chosen papers that the list has already count as listed. Exits with 1 when a repeated morning changed something, or when
a paper that curators chose never reached the judge.
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

from benchmarks.weeks import DAYS, accounted, announced, era_of, labelled, mornings, shown
from bot import config
from bot.config import Config
from bot.forges.github import GithubForge
from bot.model import Paper
from bot.paperlist.read.document import parse
from tests.servers.github import GitHubServer, github_server
from tests.servers.past import RUN_AT
from tests.servers.shared import ROOT, announced_papers

LIST = "PAPERS.md"
COLUMNS = ("weeks", "strict", "listed", "received", "proposed", "near miss", "backlog", "below", "all proposed")
BEFORE = "before"


@dataclass(frozen=True)
class OnGithub:
    """What is on GitHub: the number of pull requests, the last one's text and head, and the list there."""

    pulls: int
    text: str
    head: str
    content: bytes

    @classmethod
    def read(cls, server: GitHubServer) -> OnGithub:
        """Read it."""
        pulls = [(issue.pull.head, issue.body) for issue in server.issues.values() if issue.pull]
        branch, text = pulls[-1] if pulls else ("main", None)
        return cls(len(pulls), text or "", server.git.head(branch) or "", server.read(branch, LIST))


def main() -> None:
    """Replay one week or all, and print where the chosen papers are in the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--week", help="the Monday of a labelled week; by default all weeks")
    only = parser.parse_args().week
    weeks = dict(labelled([] if only is None else [only]))
    settings = config.load(ROOT / "config" / "keywords.yaml")
    known, days = announced_papers()
    eras: dict[str, Counter[str]] = {}
    problems: list[str] = []
    for number, (monday, week) in enumerate(weeks.items(), 1):
        began = time.monotonic()
        found, some = replay(settings, monday, week, (known, days), ROOT / "build" / "replay" / monday)
        problems += some
        eras.setdefault(era_of(monday) or BEFORE, Counter()).update(found)
        seconds = time.monotonic() - began
        print(f"{number} of {len(weeks)}: {monday} {shown(found, COLUMNS)}, {seconds:.0f} s", flush=True)
    if len(weeks) > 1:
        inside = sum((found for era, found in eras.items() if era != BEFORE), Counter[str]())
        for name, found in [*eras.items(), ("the eras", inside), ("all", sum(eras.values(), Counter()))]:
            share, pace = found["proposed"] / max(1, found["strict"]), found["all proposed"] / found["weeks"]
            print(f"{name}: {shown(found, COLUMNS)}; found {share:.2f}, {pace:.1f} proposed a week")
    if problems:
        sys.exit("\n".join(problems))


def replay(
    settings: Config, monday: str, week: Mapping[str, Any], data: tuple[dict[str, Paper], dict[str, date]], folder: Path
) -> tuple[Counter[str], list[str]]:
    """Run on each morning of a week, and repeat the last; return the counts and what went wrong.

    Texts, list and diff are left in the folder.
    """
    known, days = data
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
        first = OnGithub.read(server)
        mornings(settings, world, begin, forge, [DAYS - 1])
        second = OnGithub.read(server)
        refused = list(server.violations)
    leave(folder, before, first, second)
    counts = accounted(chosen - held, found)
    counts["listed"] = len(chosen & held)
    changed = first.pulls > 1 or first != second
    return counts, [f"{monday}: {why}" for why in wrong(chosen - held - found.received, changed, refused)]


def wrong(missing: set[str], changed: bool, refused: list[str]) -> Iterator[str]:
    """Yield what must not be."""
    yield from (f"{paper} never reached the judge" for paper in sorted(missing))
    if changed:
        yield "the repeated morning changed something"
    yield from (f"GitHub's rules were broken: {why}" for why in refused)


def leave(folder: Path, before: bytes, first: OnGithub, second: OnGithub) -> None:
    """Write the texts, the list and its diff into a folder."""
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
