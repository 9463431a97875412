"""Let the project's own list grow for eight weeks, and see what becomes of its contents: `make growth`.

The papers announced from a Monday on come day by day over a local arXiv, as in `benchmarks.replay`. The curator ticks
each new section that is offered, and merges on Fridays; with `--leave` sections are left alone, so that what fits none
stays unsorted. Prints what was merged, how much of it curators of serving lists chose, and the sections. The list is
left in `build/growth`.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.weeks import DAYS, announced, mornings
from bot import config
from bot.config import Config
from bot.forges.github import GithubForge
from bot.paperlist.read.document import Document, parse
from tests.servers import shared
from tests.servers.github import GitHubServer, github_server
from tests.servers.past import RUN_AT
from tests.servers.shared import ROOT, announced_papers
from tests.servers.whole import job, review_list

LIST = "PAPERS.md"
BEGIN, WEEKS = date(2025, 11, 3), 8


def main() -> None:
    """Let the list grow, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leave", action="store_true", help="leave the sections that are offered alone")
    leave = parser.parse_args().leave
    folder = ROOT / "build" / "growth"
    folder.mkdir(parents=True, exist_ok=True)
    settings = config.load(ROOT / "config" / "keywords.yaml")
    before = (ROOT / LIST).read_bytes()
    with TemporaryDirectory() as git:
        grown = grow(settings, before, Path(git) / "papers.git", ticks=not leave)
    (folder / ("left.md" if leave else "grown.md")).write_bytes(grown)
    report(parse(before, LIST), parse(grown, LIST), settings.lists[0].unsorted)


def grow(settings: Config, before: bytes, git: Path, *, ticks: bool) -> bytes:
    """Return the list after the weeks."""
    known, days = announced_papers()
    with github_server(git, {LIST: before}, now=datetime.combine(BEGIN, RUN_AT, UTC)) as server:
        for week in range(WEEKS):
            monday = BEGIN + timedelta(weeks=week)
            ids = [i for i, day in days.items() if monday - timedelta(days=7) <= day < monday + timedelta(days=7)]
            world = announced(ids, days, known)
            forge = GithubForge("bot-token", server.full_name, server.url)
            for day in range(DAYS):
                now = datetime.combine(monday + timedelta(days=day), RUN_AT, UTC)
                server.now = now
                mornings(settings, world, monday, forge, [day])
                if ticks and tick(server):
                    review_list(job(settings, forge, now + timedelta(minutes=1)), lambda ids: [known[i] for i in ids])
            merge(server)
            papers = len(parse(server.read("main", LIST), LIST).by_id)
            print(f"{monday}: {papers} papers; {', '.join(headings(server.read('main', LIST)))}", flush=True)
        return server.read("main", LIST)


def headings(content: bytes) -> list[str]:
    """Return the sections of a list with how many papers each holds."""
    return [f"{s.path[-1]} {len(s.entries)}" for s in parse(content, LIST).sections if s.entries]


def tick(server: GitHubServer) -> bool:
    """Tick all new sections that the open pull request offers; return whether there is one."""
    pull = next((i for i in server.issues.values() if i.pull and i.state == "open"), None)
    if pull is None or not pull.body:
        return False
    before = pull.body
    for name, number in re.findall(r"^- \[ \] Open a section \*\*(.*)\*\* for these (\S+)", before, re.MULTILINE):
        print(f"{server.now:%Y-%m-%d}: {name} is opened with {number} papers", flush=True)
    pull.body = re.sub(r"^- \[ \] (?=Open a section)", "- [x] ", before, flags=re.MULTILINE)
    return pull.body != before


def merge(server: GitHubServer) -> None:
    """Merge the open pull request, if there is one."""
    for issue in list(server.issues.values()):
        if issue.pull and issue.state == "open":
            with server.client("curator-token") as client:
                client.get_repo(server.full_name).get_pull(issue.number).merge(merge_method="squash")


def report(before: Document, after: Document, unsorted: str | None) -> None:
    """Print what was merged, and how much of it was chosen and how much is unsorted."""
    new = {i: s.path[-1] for s in after.sections for e in s.entries for i in e.arxiv_ids if i not in before.by_id}
    end = (BEGIN + timedelta(weeks=WEEKS)).isoformat()
    labelled = [week for monday, week in shared.weeks().items() if BEGIN.isoformat() <= monday < end]
    chosen = {i for week in labelled for i in week["positives_strict"] if i not in before.by_id}
    sizes = Counter(new.values())
    found = f"{len(chosen & new.keys())} of {len(chosen)} that curators chose in {len(labelled)} weeks"
    print(f"{len(new)} papers merged, {found}")
    print(f"unsorted: {sizes[unsorted or '']} of {len(new)}")
    for section in after.sections:
        if section.entries:
            print(f"{section.path[-1]}: {len(section.entries)}")


if __name__ == "__main__":
    main()
