"""Play twelve weeks of real papers, with the bot on the strict GitHub server and a curator: `make season`.

Every Monday the bot runs. Then the curator clicks, comments, and commits on the branch and on the base; on Friday they
merge in one of three ways, close, or delete the branch; every third week a merge is reverted. The seed decides what is
done when. Some of it wakes a review, the rest is only seen by the next run. After every step of the bot there is at
most one pull request, every line that people wrote or left is there and in order, nothing refused is back, no paper is
listed twice, the list can be read, and the same step again writes nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time as wall
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bot import config
from bot.config import Config
from bot.errors import PublishError
from bot.model import Paper
from tests.conftest import CONFIG, LIST
from tests.servers.shared import PAPERS, ROOT
from tests.servers.stage import stage
from tests.slow.curator import ACTIONS, ENDINGS, Action, revert
from tests.slow.simulate import real_records
from tests.slow.steps import Broken, Season

RUN_AT = time(6, 37)
REVIEWED = 0.7
"""Share of the curator's actions that wake a review at once; the others are seen later."""
ACTIONS_A_WEEK = 4
INVENTED = CONFIG.replace("max_open: 3, near_misses: 2", "max_open: 7, near_misses: 3, near_miss_at: 0.02")
_TOPICS = ("LLM Serving {}", "A KV Cache {}", "A Survey of LLM Serving {}", "Latency {}")


def play(season: Season, weeks: int, papers: Callable[[int], Sequence[Paper]], begin: date) -> None:
    """Play the weeks; `papers` returns what was announced up to a week's Monday. Raise Broken when a check fails."""
    todo, endings = ([*season.rng.sample(some, len(some))] for some in (ACTIONS, ENDINGS))
    for week in range(weeks):
        season.on.papers = papers(week)
        _at(season, begin + timedelta(weeks=week))
        _bot(season, season.on.run, "run")
        for day in range(1, 1 + ACTIONS_A_WEEK):
            if season.on.branch():
                _at(season, begin + timedelta(weeks=week, days=day))
                _act(season, todo, ACTIONS)
                if season.rng.random() < REVIEWED:
                    _bot(season, season.on.review, "review")
        if season.on.branch():
            _bot(season, season.on.review, "review")
            _act(season, endings, ENDINGS)
            if season.rng.random() < REVIEWED:
                _bot(season, season.on.review, "review")
        if season.merges and not season.on.branch() and week % 3 == 2:
            _act(season, [revert], ())


def _at(season: Season, day: date) -> None:
    season.on.now = season.on.server.now = max(season.on.server.now, datetime.combine(day, RUN_AT, UTC))


def _act(season: Season, todo: list[Action], again: Sequence[Action]) -> None:
    """Do the first action that is possible and strike it off; when none is left, begin again with all."""
    if not todo:
        todo += season.rng.sample(again, len(again))
    for action in list(todo):
        season.log.append(f"{season.on.now:%Y-%m-%d} {action.__name__}")
        if action(season):
            todo.remove(action)
            season.done[action.__name__] += 1
            return
        season.log[-1] += " (not now)"


def _bot(season: Season, command: Callable[[], object], name: str) -> None:
    season.log.append(f"{season.on.now:%Y-%m-%d} the bot: {name}")
    season.step(command)


def real(weeks: int, begin: date) -> Callable[[int], Sequence[Paper]]:
    """Return the papers of the shared data announced up to each Monday, as of the day they were announced."""
    settings = config.load(ROOT / "config" / "keywords.yaml")
    found = [
        (day, replace(paper, published=datetime.combine(day, time(0, 30), UTC)))
        for paper, day in real_records(begin - timedelta(weeks=4), 7 * (weeks + 4), settings.lists[0])
    ]
    return lambda week: [paper for day, paper in found if day < begin + timedelta(weeks=week)]


def invented(begin: date) -> Callable[[int], Sequence[Paper]]:
    """Return ten invented papers a week, for the list and the configuration of the tests."""

    def made(number: int, day: date) -> Paper:
        title = _TOPICS[number % len(_TOPICS)].format(f"of Kind {number} and {number * 7919}")
        submitted = datetime.combine(day, time(1), UTC)
        return Paper(f"2603.{number:05}", title, ("A. B",), f"On {number}.", ("cs.DC",), "cs.DC", submitted)

    def papers(week: int) -> Sequence[Paper]:
        weeks = ((n, begin + timedelta(weeks=n - 3, days=-3)) for n in range(1, week + 4))
        return [made(100 * n + k, day) for n, day in weeks for k in range(10)]

    return papers


def played(
    seed: int, settings: Config, content: bytes, papers: Callable[[int], Sequence[Paper]], weeks: int, begin: date
) -> Season:
    """Play one season; raise Broken with what was done until then."""
    start = datetime.combine(begin, RUN_AT, UTC)
    with (
        tempfile.TemporaryDirectory() as folder,
        stage(Path(folder) / "papers.git", settings, content, papers(0), start) as on,
    ):
        season = Season(on, random.Random(seed))
        try:
            play(season, weeks, papers, begin)
        except (Broken, PublishError) as error:
            raise Broken("\n".join([f"seed {seed}:", *season.log, f"{error}"])) from error
        return season


def main() -> None:
    """Play seasons; exit with 1 at the first that breaks something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--begin", type=date.fromisoformat, default=date(2026, 1, 5), help="a Monday")
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    if PAPERS.exists():
        settings, content = config.load(ROOT / "config" / "keywords.yaml"), (ROOT / "PAPERS.md").read_bytes()
        papers = real(options.weeks, options.begin)
    else:
        print(f"{PAPERS.name} of the shared data is missing: the papers are invented")
        settings, content, papers = config.loads(INVENTED, "invented"), LIST, invented(options.begin)
    for seed in options.seeds:
        began = wall.monotonic()
        try:
            season = played(seed, settings, content, papers, options.weeks, options.begin)
        except Broken as broken:
            sys.exit(str(broken))
        calls = len(season.on.server.calls)
        seconds = wall.monotonic() - began
        print(f"seed {seed}: {dict(season.done)}; {calls} calls of GitHub in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
