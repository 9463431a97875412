"""`make replay WEEK=2025-11-03`: a past week again, with real papers, a real client and a real pull request.

A local arXiv server holds the real records of the shared data, the command line asks it through the `arxiv` package,
and the pull request is opened through PyGithub on a local GitHub. Then the same is done again: nothing may change.
The text and the diff are left in `build/replay/WEEK/`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import paper_json
from bot.model import Paper
from tests.servers.arxiv import ArxivServer
from tests.servers.emulate import EmulatedGitHub, emulated_github

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
LIST = "PAPERS.md"


@dataclass(frozen=True)
class Run:
    """What one run of the command line left behind."""

    report: dict[str, Any]
    seconds: float
    pulls: int
    text: str
    head: str
    requests: int


def main() -> None:
    """Replay one week; exits with 1 when the second run changed something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--week", type=date.fromisoformat, required=True, help="the Monday of a week in ../shared/data")
    week = parser.parse_args().week
    labels = _labels(week)
    since, until = week - timedelta(days=7), week + timedelta(days=7)
    papers = list(_papers(since - timedelta(days=31), until))
    print(f"{len(papers)} real records, submitted {since} to {until}")
    folder = ROOT / "build" / "replay" / week.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    files = {LIST: (ROOT / LIST).read_bytes()}
    with ArxivServer(papers) as arxiv, emulated_github(files) as hub:
        first = _run(arxiv, hub, since, until, folder)
        second = _run(arxiv, hub, since, until, folder)
        (folder / "list.diff").write_text(_diff(hub, files[LIST], folder), encoding="utf-8")
    (folder / "pull-request.md").write_text(first.text, encoding="utf-8")
    (folder / "pull-request-again.md").write_text(second.text, encoding="utf-8")
    _tell(first, second, labels, folder)
    if (first.pulls, first.text, first.head) != (second.pulls, second.text, second.head) or first.pulls != 1:
        sys.exit("the second run changed something")


def _labels(week: date) -> dict[str, list[str]]:
    path = DATA / "weeks" / f"{week}.json"
    if not path.exists():
        known = (
            ", ".join(sorted(p.stem for p in (DATA / "weeks").glob("*.json"))) or "none: the shared data is not here"
        )
        sys.exit(f"there is no week {week}; known weeks: {known}")
    labels: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
    return labels


def _papers(since: date, until: date) -> Iterator[Paper]:
    """Yield the records announced in a period; one without submission date gets the day it was announced."""
    with gzip.open(DATA / "papers.jsonl.gz", "rb") as lines:
        for line in lines:
            record = json.loads(line)
            if since.isoformat() <= record.get("announced", "") < until.isoformat():
                paper = paper_json.decode(record, "papers.jsonl.gz")
                announced = datetime.combine(date.fromisoformat(record["announced"]), datetime.min.time(), UTC)
                published = paper.published or announced
                yield replace(paper, published=published, updated=paper.updated or published)


def _run(arxiv: ArxivServer, hub: EmulatedGitHub, since: date, until: date, folder: Path) -> Run:
    asked = len(arxiv.requests)
    report = folder / "report.json"
    environment = {
        **os.environ,
        "ARXIV_API_URL": arxiv.api_url,
        "GITHUB_API_URL": hub.api_url,
        "GITHUB_REPOSITORY": hub.repository,
        "GITHUB_TOKEN": hub.token,
    }
    command = [sys.executable, "-m", "bot", "run", "--publish", "github", "--report", str(report)]
    command += ["--since", f"{since}", "--until", f"{until}", "--today", f"{until}"]
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    seconds = time.monotonic() - began
    if done.returncode:
        sys.exit(done.returncode)
    with hub.client() as github:
        repository = github.get_repo(hub.repository)
        pulls = list(repository.get_pulls(state="open"))
        head = repository.get_git_ref(f"heads/{pulls[0].head.ref}").object.sha if pulls else ""
        text = pulls[0].body if pulls else ""
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))["lists"][0]
    return Run(found, seconds, len(pulls), text, head, len(arxiv.requests) - asked)


def _diff(hub: EmulatedGitHub, before: bytes, folder: Path) -> str:
    """Return the diff of the list, as git shows it."""
    with hub.client() as github:
        repository = github.get_repo(hub.repository)
        (pull,) = repository.get_pulls(state="open")
        after = repository.get_contents(LIST, ref=pull.head.ref)
    assert not isinstance(after, list)
    old, new = folder / "before.md", folder / "after.md"
    old.write_bytes(before)
    new.write_bytes(after.decoded_content)
    done = subprocess.run(["git", "diff", "--no-index", "--unified=1", old, new], capture_output=True, check=False)
    return done.stdout.decode().replace(str(old), f"/{LIST}").replace(str(new), f"/{LIST}")


def _tell(first: Run, second: Run, labels: dict[str, list[str]], folder: Path) -> None:
    report = first.report
    (window,) = report["windows"]
    strict = set(labels["positives_strict"])
    proposed = {c["id"] for c in report["proposed"]}
    offered = {c["id"] for c in report["near_misses"]}
    waiting = set(report["backlog"])
    print(f"requests to arXiv: {first.requests}, again {second.requests}")
    print(f"papers: {window['total']} exist, {window['received']} received, {len(report['duplicates'])} duplicate")
    print(f"proposed per section: {report['sections']}")
    print(f"near misses {len(offered)}, waiting {len(waiting)}, not relevant {report['irrelevant']}")
    print(
        f"the week's curated papers: {len(strict)}; proposed {len(strict & proposed)}, "
        f"near misses {len(strict & offered)}, waiting {len(strict & waiting)}"
    )
    print(f"seconds: {first.seconds:.1f}, again {second.seconds:.1f}")
    same = first.text == second.text and first.head == second.head
    print(f"second run: {second.pulls} pull request, text and list {'unchanged' if same else 'CHANGED'}")
    print(f"left in {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
