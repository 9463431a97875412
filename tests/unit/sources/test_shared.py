"""Several lists share one request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.calendar import EASTERN
from bot.coverage import ledger
from bot.model import NO_EXPECTATION, Announced, Answer, Batch, Expectation, Keyword, Paper, Query, Window
from bot.sources.api import ApiSource
from bot.sources.cache import ResponseCache
from bot.sources.combined import SharedSource, Sources, bundles, contains, join_queries
from bot.sources.http import Manners, Pace, PoliteSession, Timing
from bot.sources.query import in_parts, matches
from bot.sources.rss import RssSource
from tests.conftest import ToldSource
from tests.servers.arxiv import ArxivServer
from tests.servers.rss import Announcement, Bulletin
from tests.unit.sources import Clock

NOW = datetime(2026, 11, 24, 6, 37, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW)


def keywords(*phrases: str) -> tuple[Keyword, ...]:
    return tuple(Keyword(phrase) for phrase in phrases)


def paper(number: int, title: str, category: str, hours: int) -> Paper:
    when = NOW - timedelta(days=9, hours=hours)
    return Paper(f"2611.{number:05}", title, ("A. B",), "On it.", (category,), category, when, when)


SERVING = Query(keywords("LLM serving", "KV cache"), ("cs.DC", "cs.LG"), keywords("survey"))
KERNELS = Query(keywords("KV cache", "attention kernel"), ("cs.AR", "cs.LG"), keywords("survey", "quantum"))
PAPERS = (
    paper(1, "LLM Serving", "cs.DC", 4),
    paper(2, "An Attention Kernel", "cs.AR", 3),
    paper(3, "A KV Cache", "cs.LG", 2),
    paper(4, "Another Attention Kernel", "cs.LG", 1),
)


def test_a_joined_query_brings_all_of_both() -> None:
    """Any keyword in any category; only what both leave out is left out."""
    both = join_queries(SERVING, KERNELS)
    assert both == Query(
        keywords("LLM serving", "KV cache", "attention kernel"), ("cs.DC", "cs.LG", "cs.AR"), keywords("survey")
    )
    assert contains(both, SERVING)
    assert contains(both, KERNELS)
    assert not contains(SERVING, both)


def test_queries_of_other_kinds_are_not_joined() -> None:
    """None means all, of keywords as of categories, and must not swallow a query that names some."""
    everything, anywhere = Query((), ("cs.DC",)), replace(SERVING, categories=())
    assert bundles([SERVING, everything, anywhere]) == (SERVING, everything, anywhere)
    assert bundles([everything, Query((), ("cs.AR",))]) == (Query((), ("cs.DC", "cs.AR")),)


phrases = st.lists(st.sampled_from([f"phrase {n} of several words" for n in range(90)]), min_size=1, max_size=60)
queries = st.builds(
    lambda some, categories: Query(keywords(*dict.fromkeys(some)), tuple(dict.fromkeys(categories))),
    phrases,
    st.lists(st.sampled_from(["cs.DC", "cs.LG", "cs.AR"]), max_size=3),
)


@given(st.lists(queries, min_size=1, max_size=8))
def test_every_query_has_a_bundle_and_none_costs_more_than_before(several: list[Query]) -> None:
    """Each bundle fits into one request, unless it is one query that never did."""
    made = bundles(several)
    assert all(any(contains(bundle, query) for bundle in made) for query in several)
    assert len(made) <= len(several)
    for bundle in made:
        assert bundle in several or len(in_parts(bundle, WINDOW)) == 1


def test_a_list_gets_its_own_categories_and_the_judge_the_rest() -> None:
    """Papers of categories that the list does not name stay out; the keywords are for the judge."""
    source = SharedSource(ToldSource(PAPERS), [SERVING, KERNELS])
    assert [p.id for p in source.fetch(SERVING, [WINDOW]).papers] == ["2611.00001", "2611.00003", "2611.00004"]
    assert [p.id for p in source.fetch(KERNELS, [WINDOW]).papers] == ["2611.00002", "2611.00003", "2611.00004"]


def test_the_newest_paper_is_the_lists_own() -> None:
    """Else a later run for one list would take its own answer for an index that went back."""
    (answer,) = SharedSource(ToldSource(PAPERS), [SERVING, KERNELS]).fetch(SERVING, [WINDOW]).answers
    assert answer.newest == PAPERS[2].published


class Asked:
    """Remembers the queries."""

    name = "api"
    proves = True

    def __init__(self) -> None:
        self.asked: list[tuple[Query, Expectation]] = []

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        self.asked.append((query, expected))
        return Batch((), tuple(Answer("api", window, 0, 0, proves=True) for window in windows))

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        return ()


def test_what_a_list_knows_of_its_past_goes_with_its_query() -> None:
    """What is usual, the newest paper and doubted zeros are the list's, whatever is asked."""
    inner = Asked()
    past = Expectation(3.0, NOW, NOW, (WINDOW,), (Announced("cs.DC", NOW.date(), 3, "2611.00001"),))
    SharedSource(inner, [SERVING, KERNELS]).fetch(SERVING, [WINDOW], past)
    assert inner.asked == [(join_queries(SERVING, KERNELS), past)]


def test_what_is_usual_of_a_list_is_its_own() -> None:
    """Papers of another list count as without a keyword: asked alone, a list must not seem to have far fewer."""
    (answer,) = SharedSource(ToldSource(PAPERS), [SERVING, KERNELS]).fetch(SERVING, [WINDOW]).answers
    assert (answer.received, answer.unmatched) == (4, 2)
    (count,) = ledger.record_answers(ledger.Coverage(), "q", [answer], NOW).counts
    assert count.total == 2


def test_what_one_list_leaves_out_is_not_its_own() -> None:
    """A paper that another list does not exclude comes, but is neither usual nor the newest of the one that does."""
    survey = paper(5, "A Survey of LLM Serving", "cs.DC", 0)
    source = SharedSource(ToldSource((*PAPERS, survey)), [SERVING, replace(KERNELS, exclude=())])
    batch = source.fetch(SERVING, [WINDOW])
    assert survey in batch.papers
    assert (batch.answers[0].received, batch.answers[0].unmatched) == (5, 3)
    assert batch.answers[0].newest == PAPERS[2].published


def test_ten_neighbouring_lists_ask_as_much_as_one(tmp_path: Path) -> None:
    """Requests are at most 1.3 times those of the largest alone, and never closer than three seconds."""
    pool = [f"topic {n} of serving" for n in range(40)]
    lists = [Query(keywords(*pool[n * 3 : n * 3 + 13]), ("cs.DC", "cs.LG")) for n in range(10)]
    papers = [paper(n, f"On Topic {n} of Serving", "cs.DC", n) for n in range(40)]
    today = NOW.astimezone(EASTERN).date()
    bulletin = Bulletin([Announcement(p, today) for p in papers])

    def requests_of(several: Sequence[Query], folder: str) -> int:
        clock, pace, first = Clock(), Pace(), Clock().monotonic()
        with ArxivServer(papers, clock=lambda: NOW, bulletin=bulletin) as server:
            for query in several:  # a session of its own each, as the rounds of one process have
                cache = ResponseCache(tmp_path / folder, NOW.date())
                with PoliteSession(
                    manners=Manners(),
                    pace=pace,
                    cache=cache,
                    timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep),
                ) as session:
                    api, rss = ApiSource(session, server.api_url), RssSource(session, NOW, server.rss_url)
                    batch = SharedSource(Sources([rss, api]), several).fetch(query, [WINDOW])
                    assert not [answer for answer in batch.answers if answer.unknown]
                    assert sum(matches(query, p) for p in batch.papers) == 13
            assert clock.monotonic() - first >= 3 * (len(server.requests) - 1)
            return len(server.requests)

    alone = max(requests_of([query], f"alone-{n}") for n, query in enumerate(lists))
    assert requests_of(lists, "together") <= 1.3 * alone


def test_what_matches_one_list_is_never_kept_from_it() -> None:
    """Every paper that the list's own query would bring comes with the joined one."""
    source = SharedSource(ToldSource(PAPERS), [SERVING, KERNELS])
    for query in (SERVING, KERNELS):
        got = {p.id for p in source.fetch(query, [WINDOW]).papers}
        own = {p.id for p in PAPERS if matches(query, p) and set(p.categories) & set(query.categories)}
        assert own <= got
