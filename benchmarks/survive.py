"""Measure how much of what curators chose survives each stage of the daily runs: `make survive`.

Each labelled week of the shared data is announced day by day on a local arXiv: in the feed in the morning, in the API's
index up to three days later. The bot runs every morning with the shipped configuration and the learned judge; the list
is what the lists on serving held before the week's era. Nobody merges meanwhile. Only the quota of a bot at work is
carried over, so that Monday has a fifth of the room. What finds no room waits in the backlog.

Exits with 1 when a paper that curators chose never reached the judge. `python -m benchmarks.survive WEEK ...` plays
some weeks only.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from benchmarks.weeks import accounted, announced, era_of, labelled, list_of, mornings, shown
from bot import config
from bot.config import Config
from bot.model import Paper
from bot.state.model import Quota, State
from tests.servers.past import Event
from tests.servers.shared import ROOT, announced_papers, listed_before
from tests.servers.stand_ins import MemoryForge

COLUMNS = (
    "weeks", "strict", "received", "duplicate", "proposed", "near miss", "backlog", "below", "all proposed", "requests",
)  # fmt: skip


def replay(
    settings: Config, world: Sequence[Event], monday: date, wanted: set[str], known: Mapping[str, Paper]
) -> Counter[str]:
    """Run on each working day of a week and count where the wanted papers are in the end."""
    source = list_of(known.values())
    at_work = Quota(monday - timedelta(days=3), 0)
    forge = MemoryForge(source, source, State(library=tuple(known.values()), quota=at_work))
    return accounted(wanted, mornings(settings, world, monday, forge))


def shipped() -> Config:
    """Return the shipped configuration for a list of one section, since sections are not measured."""
    settings = config.load(ROOT / "config" / "keywords.yaml")
    task = settings.lists[0].model_copy(update={"sections": (), "unsorted": "Papers"})
    return replace(settings, lists=(task,))


def main() -> None:
    """Print where the chosen papers are in the end, by era and pooled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weeks", nargs="*", metavar="WEEK", help="the Monday of a labelled week")
    weeks = dict(labelled(parser.parse_args().weeks))
    settings = shipped()
    known, days = announced_papers()
    eras: dict[str, Counter[str]] = {}
    for monday, week in weeks.items():
        if era := era_of(monday):
            before = listed_before(era, known)
            world = announced([i for i in week["ids"] if i not in before], days, known)
            wanted = set(week["positives_strict"]) & {event.paper.id for event in world}
            found = replay(settings, world, date.fromisoformat(monday), wanted, before)
            eras.setdefault(era, Counter()).update(found)
            print(f"{monday}: {shown(found, COLUMNS)}", flush=True)
    for name, found in [*eras.items(), ("all", sum(eras.values(), Counter[str]()))]:
        print(f"{name}: {shown(found, COLUMNS)}; found {found['proposed'] / max(1, found['strict']):.2f}")
    if missing := sum(found["strict"] - found["received"] for found in eras.values()):
        sys.exit(f"{missing} papers never reached the judge")


if __name__ == "__main__":
    main()
