"""What curators chose in a past week reaches the judge and the pull request, each paper in one place."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import discovery, replay, survive, weeks
from bot import config
from bot.model import Paper
from tests.servers import shared
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.shared import PAPERS, ROOT

WEEK = "2025-11-03"
OTHERS, LISTED = 100, 60

Records = tuple[dict[str, Paper], dict[str, date]]


@pytest.fixture(scope="module")
def records() -> Records:
    """The papers of one week and of the lists, and when they were announced."""
    if not PAPERS.exists():
        pytest.skip(f"{PAPERS.name} of the shared data is missing")
    return shared.announced_papers({*shared.weeks()[WEEK]["ids"], *shared.listed_before("2026", {})})


def test_the_choice_of_a_week_is_received(records: Records) -> None:
    """All chosen papers in a small part of a week are received, and every one is accounted for."""
    known, days = records
    week = shared.weeks()[WEEK]
    listed = dict(islice(shared.listed_before("2025-11-01", known).items(), LISTED))
    chosen = [i for i in week["positives_strict"] if i in days and i not in listed]
    others = [i for i in week["ids"] if i not in chosen and i not in listed][:OTHERS]
    world = weeks.announced([*chosen, *others], days, known)
    found = survive.replay(survive.shipped(), world, date.fromisoformat(WEEK), set(chosen), listed)
    assert found["strict"] == found["received"] > 0
    assert found["below"] >= 0
    assert found["all proposed"] > 0


@pytest.mark.parametrize("keywords", [True, False])
def test_the_choice_of_a_week_is_ranked_high(records: Records, keywords: bool) -> None:
    """Most chosen papers of a week are among the first of thousands, by keywords and list or by the list alone."""
    task = survive.shipped().lists[0]
    task = task if keywords else task.model_copy(update={"keywords": ()})
    week = next(discovery.judged(task, records[0], [WEEK]))
    assert len(week.strict) > 5
    assert discovery.recall(lambda w: w.strict, 80)([week]) > 0.8
    assert discovery.recall(lambda w: w.strict, 20)([week]) > 0.4


def test_a_week_that_is_not_there_is_named() -> None:
    """A week that nobody labelled ends the command, which names the weeks there are."""
    with pytest.raises(SystemExit, match="there is no week 2025-11-04; known weeks:"):
        dict(weeks.labelled([WEEK, "2025-11-04"] if PAPERS.exists() else ["2025-11-04"]))


@pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")
def test_a_week_becomes_a_pull_request(records: Records, tmp_path: Path) -> None:
    """From the feed to the pull request no paper is lost, and repeating the last morning changes nothing."""
    whole = shared.weeks()[WEEK]
    chosen = whole["positives_strict"]
    part = {"ids": [*chosen, *[i for i in whole["ids"] if i not in chosen][:OTHERS]], "positives_strict": chosen}
    settings = config.load(ROOT / "config" / "keywords.yaml")
    found, problems = replay.replay(settings, WEEK, part, records, tmp_path)
    assert problems == []
    assert found["strict"] == found["received"] > 0
    assert found["below"] >= 0
    assert found["all proposed"] > 0
    assert (tmp_path / "pull-request.md").read_text("utf-8").count("- [x] ") == found["all proposed"]
    diff = (tmp_path / "list.diff").read_text("utf-8")
    assert diff.count("\n+[[") - diff.count("\n-[[") == found["all proposed"]


def test_what_goes_wrong_is_named() -> None:
    """A paper that was never received, a changed pull request and a broken rule are named."""
    assert list(replay.wrong(set(), False, [])) == []
    assert list(replay.wrong({"2603.00002"}, True, ["GET /x"])) == [
        "2603.00002 never reached the judge",
        "the repeated morning changed something",
        "GitHub's rules were broken: GET /x",
    ]
