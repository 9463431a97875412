"""Two weeks over a faulty arXiv: no paper is lost, none comes twice, nothing is called complete that is not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot import config
from bot.config import Config
from bot.model import Answer, Paper, Query, Window
from tests.conftest import CONFIG, LIST
from tests.servers.arxiv_query import Document
from tests.servers.past import Event, events
from tests.servers.stand_ins import Claim
from tests.slow import designs, simulate
from tests.slow.designs import Design
from tests.slow.plan import Plan, Span
from tests.slow.simulate import Result

BEGIN = date(2026, 3, 2)
"""A Monday; the clocks change on Sunday."""
SPAN = Span(BEGIN, 14, 5)
FAULTS = Plan(held=0.2, held_long=0.0)

_TOPICS = ("LLM Serving {n}", "A KV Cache {n}", "Latency {n}", "Galaxies {n}")
_CATEGORIES = (("cs.DC",), ("cs.LG", "cs.DC"), ("astro-ph.GA",))


def records() -> Iterator[tuple[Paper, date]]:
    """Yield invented papers, eight a working day, those of the weeks before included."""
    rng = random.Random(7)
    first = BEGIN - timedelta(days=simulate.BEFORE_DAYS)
    for n in range(simulate.BEFORE_DAYS + SPAN.length):
        day = first + timedelta(days=n)
        for k in range(8 if day.weekday() < 5 else 0):
            categories = rng.choice(_CATEGORIES)
            number = n * 10 + k
            title = rng.choice(_TOPICS).format(n=f"of Kind {number} and {number * 7919}")
            yield Paper(f"2603.{number:05}", title, ("A. B",), f"On {number}.", categories, categories[0]), day


@pytest.fixture(scope="module")
def faulty() -> Config:
    text = CONFIG.replace("    file:", "    categories: [cs.DC]\n    file:").replace("max_open: 3", "max_open: 30")
    return config.loads(text, "config/keywords.yaml")


@pytest.fixture(scope="module")
def result(faulty: Config) -> Result:
    return simulate.simulate(faulty, LIST, events(records(), FAULTS), SPAN, FAULTS)


def test_a_faulty_fortnight_loses_nothing(result: Result) -> None:
    """Every paper that matches is seen and in one place, coverage is whole in the end, and no claim was false."""
    assert simulate.problems(result) == []
    assert len(result.wanted) > 20
    assert set(result.places) >= {"proposed", "backlog"}


def test_faults_did_happen(result: Result) -> None:
    """Days were skipped, requests repeated, and some run said that something is missing."""
    assert len(result.runs) < result.days
    assert sum(result.requests) > 2 * len(result.runs)
    assert 0 < result.incomplete < len(result.runs)


def test_the_usual_designs_lose_papers(faulty: Config, result: Result) -> None:
    """Who asks for yesterday only loses most papers, who takes the newest few of each keyword some."""
    newest, requests = seen_by(designs.newest_of_each(faulty.lists[0], 3), result, FAULTS)
    yesterday, _ = seen_by(designs.only_yesterday(faulty.lists[0]), result, FAULTS)
    assert len(yesterday) < 0.5 * len(result.wanted)
    assert len(yesterday) < len(newest) < len(result.wanted)
    assert requests > 2


def test_without_faults_and_lag_the_newest_few_suffice(faulty: Config, result: Result) -> None:
    """The comparison is fair: what loses papers are the faults, the lag and the days held back."""
    well = Plan(
        throttled=0, busy=0, empty=0, truncated=0, page=0, reset=0, skipped=0, feed_dead=0,
        dead_days=0, held=0, held_long=0, lag_days=0,
    )  # fmt: skip
    newest, _ = seen_by(designs.newest_of_each(faulty.lists[0], 30), result, well)
    assert newest == result.wanted
    assert seen_by(designs.only_yesterday(faulty.lists[0]), result, well)[0]


def seen_by(design: Design, result: Result, plan: Plan) -> tuple[frozenset[str], float]:
    """Return what a usual design sees of the same papers, and its requests a day."""
    return designs.seen_by(design, events(records(), plan), result.wanted, Span(BEGIN, SPAN.length), plan)


def test_false_claims_are_found(faulty: Config) -> None:
    """A window called complete without a paper that was in the index is told; one that came later is not."""
    when = datetime(2026, 3, 3, tzinfo=UTC)
    papers = [
        Paper(f"2603.0000{n}", "LLM Serving", categories=("cs.DC",), published=when, updated=when) for n in range(1, 4)
    ]
    world = [Event(paper, when.date(), when + timedelta(days=n)) for n, paper in enumerate(papers)]
    answer = Answer("api", Window(when - timedelta(days=1), when + timedelta(days=1)), 1, 1, proves=True)
    claim = Claim(Query(faulty.lists[0].query().keywords), answer, when + timedelta(days=1), frozenset({papers[0].id}))
    documents = {paper.id: Document(paper) for paper in papers}
    match, category = simulate.truth(faulty.lists[0])
    claims = [claim, replace(claim, answer=replace(answer, proves=False))]
    found = list(simulate.false_claims(claims, world, documents, match, category))
    assert [text.partition(" ")[0] for text in found] == [papers[1].id]
    assert not list(simulate.false_claims([claim], world, documents, lambda _: False, category))


def test_what_must_not_be_is_told(result: Result) -> None:
    """A paper never seen, one in two places, a hole in the coverage and an open gap are all problems."""
    hole = Window(datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC))
    worse = replace(
        result, wanted=result.wanted | {"2603.00001x"}, twice=["2603.00002 has 2 rows"], uncovered=[hole], gaps=1
    )
    assert len(simulate.problems(worse)) == 4
