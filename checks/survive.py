"""How much of the curators' choice survives each stage: `python -m checks.survive [WEEK ...]`, all weeks by default.

Each labelled week of the shared data is one run of the bot over a local arXiv that holds what was announced in it; the
list is what the serving lists held before the week's era. Every week is judged once, by the learned judge, and nothing
is carried from week to week, so the figures for the backlog are those of a first week.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot import config, paper_json, run
from bot.config import Config
from bot.model import Batch, Paper, Query, Window
from bot.sources.api import ApiSource
from bot.sources.polite import Manners, PoliteSession
from bot.state import State
from checks.simulate import DATA, ROOT, Clock, Shelf
from tests.servers.arxiv import ArxivServer

ERAS = ("2025-07-01", "2025-11-01", "2026-03-01")


def listed(era: str, known: dict[str, Paper]) -> dict[str, Paper]:
    """Return what the serving lists held before an era."""
    lines = (DATA.parent / "serving_rows.jsonl").read_text("utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    early = {r["arxiv_id"]: r for r in rows if r["added"] < era}
    return {i: known.get(i) or Paper(i, r.get("title") or i) for i, r in early.items()}


@dataclass
class Both:
    """Asks the keyword query and the one for everything in the categories, as the API and a sweep do."""

    api: ApiSource
    everything: Query
    received: set[str] = field(default_factory=set)
    name: str = "api"

    def fetch(self, query: Query, windows: Sequence[Window]) -> Batch:
        """Ask both."""
        one, all_ = self.api.fetch(query, windows), self.api.fetch(self.everything, windows)
        papers = {paper.id: paper for paper in (*one.papers, *all_.papers)}
        self.received |= set(papers)
        return Batch(tuple(papers.values()), one.answers)

    def recheck(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return nothing: all is known."""
        return ()


def replay(
    settings: Config, world: Sequence[Paper], monday: date, wanted: set[str], known: dict[str, Paper]
) -> Counter[str]:
    """Run one week and count where the wanted papers came to be."""
    start = datetime.combine(monday, time(12), UTC)
    rows = "\n".join(
        f"- [{re.sub(r'[^A-Za-z0-9 :-]', ' ', p.title)}](https://arxiv.org/abs/{i})" for i, p in known.items()
    )
    source = f"# Serving\n\n## Papers\n\n{rows}\n".encode()
    shelf, clock, task = Shelf(source, source, State(library=tuple(known.values()))), Clock(), settings.lists[0]
    session = PoliteSession(manners=Manners(budget_s=1e9), monotonic=clock.monotonic, sleep=clock.sleep)
    everything = task.everything()
    assert everything is not None
    with ArxivServer([replace(p, published=start, updated=start) for p in world]) as server, session:
        both = Both(ApiSource(session, server.api_url), everything)
        window = Window(start - timedelta(days=1), start + timedelta(days=1))
        outcome = run.run(settings, task, both, shelf, start + timedelta(days=8), (window,))
    state = shelf.state
    groups = {
        "received": both.received,
        "proposed": {p.candidate.paper.id for p in state.open if p.row is not None},
        "near miss": {p.candidate.paper.id for p in state.open if p.row is None},
        "backlog": {c.paper.id for c in state.backlog},
        "duplicate": {d.id for d in outcome.proposal.duplicates},
    }
    found = Counter({name: len(wanted & ids) for name, ids in groups.items()})
    found["strict"], found["all proposed"], found["weeks"] = len(wanted), len(groups["proposed"]), 1
    found["below"] = found["received"] - sum(found[n] for n in ("proposed", "near miss", "backlog", "duplicate"))
    return found


COLUMNS = ("weeks", "strict", "received", "duplicate", "proposed", "near miss", "backlog", "below", "all proposed")


def main() -> None:
    """Print where the curators' choice came to be, by era and pooled."""
    settings = config.load(ROOT / "config" / "keywords.yaml")
    task = settings.lists[0].model_copy(update={"sections": ()})
    task = task.model_copy(update={"unsorted": task.unsorted.model_copy(update={"section": "Papers"})})
    settings = replace(settings, lists=(task,))
    with gzip.open(DATA, "rb") as lines:
        known = {r["id"]: paper_json.decode(r, DATA.name) for r in map(json.loads, lines)}
    eras: dict[str, Counter[str]] = {}
    for path in sorted((DATA.parent / "weeks").glob("*.json")):
        week = json.loads(path.read_text("utf-8"))
        era = max((e for e in ERAS if e <= week["week"]), default=None)
        if era and (not sys.argv[1:] or week["week"] in sys.argv[1:]):
            before = listed(era, known)
            world = [known[i] for i in week["ids"] if i in known and i not in before]
            wanted = set(week["positives_strict"]) & {p.id for p in world}
            found = replay(settings, world, date.fromisoformat(week["week"]), wanted, before)
            eras.setdefault(era, Counter()).update(found)
            print(week["week"], {c: found[c] for c in COLUMNS}, flush=True)
    for name, found in [*eras.items(), ("all", sum(eras.values(), Counter()))]:
        print(name, {c: found[c] for c in COLUMNS}, f"found {found['proposed'] / max(1, found['strict']):.2f}")


if __name__ == "__main__":
    main()
