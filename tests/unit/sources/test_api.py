"""The query API is believed only when its counts agree, and every recorded answer is read rightly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.arxiv import arxiv_id
from bot.errors import BotError, SourceError
from bot.model import NO_EXPECTATION, Batch, Expectation, Keyword, Paper, Query, Reason, Unknown, Window
from bot.sources.api import ApiSource
from bot.sources.http import Manners, PoliteSession, Timing
from tests import examples
from tests.conftest import told
from tests.unit.sources import Asked, Canned, Clock, Server, script, serving

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "arxiv"

SINCE = datetime(2024, 9, 1, tzinfo=UTC)
WEEK = Window(SINCE, SINCE + timedelta(days=7))
NEXT_WEEK = Window(WEEK.until, WEEK.until + timedelta(days=7))
QUERY = Query((Keyword("KV cache"),), ("cs.DC",))


def entry(number: int, when: datetime | None = None, **changed: str) -> str:
    """Return one Atom entry; `changed` replaces whole elements by name."""
    stamp = f"{when or SINCE + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"
    parts = {
        "id": f"<id>http://arxiv.org/abs/2409.{number:05}v1</id>",
        "title": f"<title>Paper\n  {number}</title>",
        "updated": f"<updated>{stamp}</updated>",
        "published": f"<published>{stamp}</published>",
        "summary": f"<summary>  On {number}.\n</summary>",
    }
    return f"<entry>{''.join((parts | changed).values())}<author><name>A. B</name></author></entry>"


def feed(entries: list[str], total: object) -> Canned:
    """Return a feed with these entries that claims the total, none if None."""
    counted = "" if total is None else f"<opensearch:totalResults>{total}</opensearch:totalResults>"
    return Canned(
        (
            "<?xml version='1.0' encoding='UTF-8'?>"
            '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns="http://www.w3.org/2005/Atom">'
            f"<title>arXiv Query</title>{counted}{''.join(entries)}</feed>"
        ).encode()
    )


@dataclass
class Arxiv:
    """A small arXiv: serves the entries of the dates asked, unless `faults` holds an answer for the n-th request."""

    entries: list[str]
    faults: dict[int, Callable[[Asked], Canned]] = field(default_factory=dict)
    control: Canned = field(default_factory=lambda: feed([entry(77)], 900))
    count: int = 0

    def __call__(self, asked: Asked) -> Canned:
        number, self.count = self.count, self.count + 1
        if number in self.faults:
            return self.faults[number](asked)
        if "all:" not in asked.params["search_query"]:
            return self.control
        return self.slice(asked)

    def slice(self, asked: Asked) -> Canned:
        start, size = int(asked.params["start"]), int(asked.params["max_results"])
        found = [text for text in self.entries if asked_for(text, asked)]
        return feed(found[start : start + size], len(found))


def asked_for(text: str, asked: Asked) -> bool:
    """Whether an entry is of the dates of a request; one that does not show its date is of the first day."""
    since, until = re.findall(r"[0-9]{12}", asked.params["search_query"].partition("submittedDate:")[2])
    day = re.search(r"<published>(.{16})", text)
    return since == "202409010000" if day is None else bool(since <= re.sub(r"\D", "", day[1]) <= until)


def fetch(
    answer: Callable[[Asked], Canned],
    *windows: Window,
    page_size: int = 3,
    query: Query = QUERY,
    tries: int = 2,
    expected: Expectation = NO_EXPECTATION,
) -> tuple[Batch, Server]:
    """Ask a local arXiv for the windows (the week by default) on a clock that only moves when it sleeps."""
    clock = Clock()
    polite = PoliteSession(manners=Manners(tries=tries), timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep))
    with serving(answer) as server, polite:
        batch = ApiSource(polite, f"{server.url}/api/query", page_size).fetch(query, windows or (WEEK,), expected)
    assert sum(each.requests for each in batch.answers) == len(server.asked) == polite.requests
    return batch, server


def entries(count: int) -> list[str]:
    """Return so many entries, an hour apart."""
    return [entry(number) for number in range(1, count + 1)]


def numbers(batch: Batch) -> list[int]:
    """Return the serials of the papers in a batch."""
    return [int(paper.id[5:]) for paper in batch.papers]


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_a_window_is_paged_through_and_proven(count: int) -> None:
    """All pages are asked once, oldest submission first, and the count proves the window."""
    batch, server = fetch(Arxiv(entries(count)))
    (answer,) = batch.answers
    assert (answer.received, answer.total, answer.unknown, answer.proves) == (count, count, None, True)
    assert numbers(batch) == list(range(1, count + 1))
    assert [asked.params["start"] for asked in server.asked] == ["0"] * len(server.asked)
    ranges = [asked.params["search_query"].partition("Date:[")[2][:12] for asked in server.asked]
    assert ranges == ["202409010000", "202409010300", "202409010500", "202409010700"][: max(1, count // 2)]
    assert server.asked[0].params == {
        "search_query": '(all:"KV cache" OR all:"KV caches") AND (cat:cs.DC) AND '
        "submittedDate:[202409010000 TO 202409080000]",
        "id_list": "",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
        "start": "0",
        "max_results": "3",
    }


def test_papers_outside_the_window_count_but_are_left_out() -> None:
    """The count is compared before trimming; since is inside, until is not."""
    window = Window(WEEK.since + timedelta(hours=5), WEEK.until - timedelta(hours=7))
    outside = [
        entry(1, window.since - timedelta(seconds=1)),
        entry(2, window.since),
        entry(3, window.until - timedelta(seconds=1)),
        entry(4, window.until),
    ]
    batch, server = fetch(Arxiv(outside), window, page_size=9)
    assert (batch.answers[0].received, batch.answers[0].total, batch.answers[0].unknown) == (4, 4, None)
    assert "[202409010000 TO 202409080000]" in server.asked[0].params["search_query"]
    assert numbers(batch) == [2, 3]


def test_windows_answer_singly() -> None:
    """Each window is asked and answered on its own; a paper comes once."""
    longer = Window(WEEK.since, NEXT_WEEK.until)
    batch, server = fetch(Arxiv(entries(2)), WEEK, WEEK, longer)
    assert [answer.window for answer in batch.answers] == [WEEK, WEEK, longer]
    assert [answer.unknown for answer in batch.answers] == [None, None, None]
    assert numbers(batch) == [1, 2]
    assert len(server.asked) == 3


def said(_: Asked) -> Canned:
    """Return an error entry with HTTP 200, as the old backend sent."""
    message = "<id>http://arxiv.org/api/errors#x</id><title>Error</title><summary>start must be\n an integer</summary>"
    return feed([f"<entry>{message}<updated>2024-09-01T00:00:00Z</updated></entry>"], 1)


UNPROVEN: list[tuple[str, Callable[[Asked], Canned], list[int], str]] = [
    ("too few entries", lambda _: feed(entries(2), 3), [1, 2], "2 more papers were due, but then arXiv counted 3"),
    ("duplicates", lambda _: feed([entry(1), entry(1), entry(2)], 3), [1, 2], "only 2 of the 3 papers"),
    ("a total without entries", lambda _: feed([], 5), [], "after 0 of 5 papers a page is empty"),
    ("no total", lambda _: feed(entries(2), None), [1, 2], "does not say how many"),
    ("a total that is no number", lambda _: feed(entries(2), "many"), [1, 2], "does not say how many"),
    ("an error entry", said, [], "arXiv says: start must be an integer"),
    ("no date", lambda _: feed([entry(1), entry(2, published="")], 2), [1], "only 1 of 2 entries can be read"),
    ("no title", lambda _: feed([entry(1), entry(2, title="")], 2), [1], "only 1 of 2 entries can be read"),
    (
        "a date that is none",
        lambda _: feed([entry(2, updated="<updated>now</updated>")], 1),
        [],
        "only 0 of 1 entries",
    ),
]


@pytest.mark.parametrize(
    ("answer", "found", "why"), [case[1:] for case in UNPROVEN], ids=[case[0] for case in UNPROVEN]
)
def test_what_does_not_agree_is_unknown(answer: Callable[[Asked], Canned], found: list[int], why: str) -> None:
    """A feed whose papers are not as many as it counts proves nothing; what came is kept; it is asked twice."""

    def same_page(asked: Asked) -> Canned:
        first = answer(asked)
        return first if "[202409010000" in asked.params["search_query"] else feed([], total(first))

    batch, server = fetch(same_page)
    assert why in told(batch.answers[0])
    assert numbers(batch) == found
    assert 2 <= len(server.asked) <= 4


def test_an_entry_that_cannot_be_read_hides_no_other() -> None:
    """Paging goes on past an entry without a date: the later papers come, and the window stays unknown."""
    some = entries(7)
    some[1] = entry(2, published="")
    batch, _ = fetch(Arxiv(some))
    assert numbers(batch) == [1, 3, 4, 5, 6, 7]
    assert batch.answers[0].unknown == Unknown(Reason.UNREADABLE, received=2, total=3)


def total(canned: Canned) -> str:
    """Return the total a feed claims."""
    return canned.body.decode().partition("totalResults>")[2].partition("<")[0]


def test_one_more_ask_heals() -> None:
    """A window that did not agree at first is proven when its second answer does."""
    batch, _ = fetch(Arxiv(entries(2), {0: lambda _: feed([entry(1)], 2), 1: lambda _: feed([], 2)}))
    assert (batch.answers[0].unknown, batch.answers[0].requests) == (None, 3)
    assert numbers(batch) == [1, 2]


def test_a_total_that_changes_between_pages() -> None:
    """When a paper appears while paging the window is asked again, and then proven."""
    batch, _ = fetch(Arxiv(entries(5), {1: lambda _: feed([entry(4)], 4)}))
    assert (batch.answers[0].unknown, batch.answers[0].received) == (None, 5)
    ever = iter(range(5, 100))
    batch, _ = fetch(lambda asked: feed([text for text in entries(3) if asked_for(text, asked)], next(ever)))
    assert told(batch.answers[0]) == "5 more papers were due, but then arXiv counted 8: its index changed meanwhile"


def test_two_answers_that_exclude_each_other() -> None:
    """A second answer that agrees with itself but lost a paper of the first proves nothing."""
    batch, _ = fetch(Arxiv(entries(2), {0: lambda _: feed([entry(9)], 2), 1: lambda _: feed([], 2)}))
    assert batch.answers[0].unknown == Unknown(Reason.DISAGREE, received=3, counts=(2,))
    assert sorted(numbers(batch)) == [1, 2, 9]


def test_zero_needs_a_second_and_a_control() -> None:
    """No papers are believed after asking twice when the control query, without keywords, has some."""
    batch, server = fetch(Arxiv([]))
    assert (batch.answers[0].total, batch.answers[0].unknown, batch.answers[0].requests) == (0, None, 3)
    assert server.asked[2].params["search_query"] == "(cat:cs.DC) AND submittedDate:[202409010000 TO 202409080000]"
    assert server.asked[2].params["max_results"] == "1"


@pytest.mark.parametrize("control", [feed([], 0), feed([], 900), feed([], None)])
def test_zero_with_an_empty_control_is_unknown(control: Canned) -> None:
    """When even the control query brings nothing, arXiv is not well and nothing is proven."""
    batch, _ = fetch(Arxiv([], control=control))
    assert "no papers, twice, and none in the same dates" in told(batch.answers[0])


def test_zero_with_a_broken_control_is_unknown() -> None:
    """A control query that fails proves nothing."""
    batch, _ = fetch(Arxiv([], control=Canned(b"<html>", 403)))
    assert "HTTP 403" in told(batch.answers[0])
    batch, _ = fetch(Arxiv([], control=said(Asked("", {}, {}))))
    assert "arXiv says: start must be an integer" in told(batch.answers[0])


def test_zero_first_papers_second() -> None:
    """An anomalous empty answer is healed by two equal ones; no control is needed."""
    batch, _ = fetch(Arxiv(entries(2), {0: lambda _: feed([], 0)}))
    assert (batch.answers[0].total, batch.answers[0].unknown, batch.answers[0].requests) == (2, None, 3)


def test_papers_first_zero_second() -> None:
    """No zero is believed after an answer that counted papers, and the most that was counted is told."""
    batch, _ = fetch(Arxiv([], {0: lambda _: feed([], 5)}))
    assert told(batch.answers[0]) == "the answers disagree: 0 distinct papers came, but arXiv counts 5, then 0"
    assert batch.answers[0].total == 5


SMALLER: list[tuple[str, list[Canned]]] = [
    ("a zero", [feed([], 0)]),
    ("a cut feed", [Canned(b"<feed><entry>")]),
    ("a page instead of a feed", [Canned(b"<html><title>Busy</title></html>")]),
    ("no total", [feed(entries(2), None)]),
    ("a larger total", [feed(entries(2), 9), feed([], 9)]),
    ("more papers", [feed([entry(5)], 2), feed([], 2)]),
]


@pytest.mark.parametrize("first", [case[1] for case in SMALLER], ids=[case[0] for case in SMALLER])
def test_a_smaller_answer_is_not_simply_believed(first: list[Canned]) -> None:
    """After an answer that proved nothing, a smaller one that agrees with itself is believed only when confirmed."""
    faults = dict(enumerate((*first, feed(entries(1), 1))))
    batch, _ = fetch(Arxiv(entries(3), {n: lambda _, canned=canned: canned for n, canned in faults.items()}))  # type: ignore[misc]
    (answer,) = batch.answers
    assert {1, 2, 3} <= set(numbers(batch))
    assert answer.unknown is not None or answer.total == answer.received == 3


def test_a_growing_total_needs_a_second_equal_answer() -> None:
    """A total unlike an earlier one is believed once a whole answer repeats it, with the same papers."""
    short = {0: lambda _: feed([entry(1)], 2), 1: lambda _: feed([], 2)}
    batch, _ = fetch(Arxiv(entries(3), {**short}))
    assert (batch.answers[0].unknown, batch.answers[0].total, batch.answers[0].requests) == (None, 3, 4)
    batch, _ = fetch(Arxiv(entries(3), {**short, 3: lambda _: feed([entry(1), entry(2), entry(9)], 3)}))
    assert batch.answers[0].unknown == Unknown(Reason.DISAGREE, received=4, counts=(2, 3))


def test_a_feed_that_came_after_a_cut_one_is_asked_again() -> None:
    """A whole feed that only came after a cut one is believed when a second answer says the same."""
    batch, _ = fetch(Arxiv(entries(3), {0: lambda _: Canned(feed(entries(3), 3).body[:-9])}))
    assert (batch.answers[0].unknown, batch.answers[0].requests) == (None, 3)
    batch, _ = fetch(Arxiv(entries(3), {0: lambda _: Canned(feed(entries(3), 3).body, declared=99_999)}))
    assert (batch.answers[0].unknown, batch.answers[0].requests) == (None, 3)


@pytest.mark.parametrize("when", [WEEK.since - timedelta(seconds=61), WEEK.until + timedelta(seconds=61)])
def test_an_answer_to_another_question(when: datetime) -> None:
    """Entries beyond the overlap of the dates asked prove nothing: it is asked again, and the count is not kept."""
    other = [entry(900 + n, when) for n in range(2)]
    batch, _ = fetch(Arxiv(entries(2), {0: lambda _: feed(other, 2)}))
    assert (batch.answers[0].unknown, batch.answers[0].total, batch.answers[0].requests) == (None, 2, 3)
    batch, _ = fetch(lambda _: feed(other, 2))
    assert "2409.00900, submitted 2024-" in told(batch.answers[0])
    assert "another question" in told(batch.answers[0])
    assert batch.papers == ()


def test_a_control_of_other_dates_is_none() -> None:
    """A zero is not believed when the control query brings papers of other dates only."""
    batch, _ = fetch(Arxiv([], control=feed([entry(77, NEXT_WEEK.until)], 900)))
    assert "none in the same dates" in told(batch.answers[0])


USUAL = Expectation(usual=100.0)


MONTH = Window(WEEK.since, WEEK.since + timedelta(days=30))


@pytest.mark.parametrize("count", [0, 2])
def test_far_fewer_than_usual_need_a_second_day(count: int) -> None:
    """A count below a fifth of what is usual is asked twice and controlled, and then believed on another day."""
    batch, server = fetch(Arxiv(entries(count)), MONTH, expected=USUAL)
    assert (batch.answers[0].unknown, batch.answers[0].total) == (Unknown(Reason.FEW_ONCE), count)
    assert len(batch.papers) == count
    assert ["all:" in asked.params["search_query"] for asked in server.asked] == [True, True, False]
    batch, server = fetch(Arxiv(entries(count)), MONTH, expected=replace(USUAL, doubted=(WEEK,)))
    assert (batch.answers[0].unknown, batch.answers[0].total, len(server.asked)) == (None, count, 3)


def test_far_fewer_than_usual_are_doubted_like_a_zero() -> None:
    """An answer that grows is healed; one whose control is smaller proves nothing, on whatever day."""
    second = replace(USUAL, doubted=(WEEK,))
    batch, _ = fetch(Arxiv(entries(3), {0: lambda _: feed(entries(1), 1)}), MONTH, expected=second)
    assert (batch.answers[0].unknown, batch.answers[0].total) == (None, 3)
    batch, _ = fetch(Arxiv(entries(2), control=feed([], 0)), MONTH, expected=second)
    assert told(batch.answers[0]) == (
        "arXiv counts 2 papers where about 2075 are usual, and 0 in the same dates without keywords"
    )
    assert numbers(batch) == [1, 2]


def test_what_is_usual_says_less_of_earlier_days() -> None:
    """Before the windows that were counted a topic may have been unknown: a control is enough to believe few papers."""
    for count in (2, 0):
        for since, unknown in ((MONTH.until, None), (MONTH.since, Unknown(Reason.FEW_ONCE))):
            batch, _ = fetch(Arxiv(entries(count)), MONTH, expected=replace(USUAL, counted_since=since))
            assert (batch.answers[0].unknown, batch.answers[0].requests) == (unknown, 3)
    batch, _ = fetch(Arxiv([]), MONTH, expected=replace(USUAL, usual=0.3))
    assert batch.answers[0].unknown is None


def test_what_is_usual_of_a_few_papers_is_not_doubted() -> None:
    """Where fewer than ten papers are usual, or the index need not have them yet, any count but zero is believed."""
    for window, usual in ((WEEK, 3.0), (Window(WEEK.since, WEEK.since + timedelta(days=4)), 1000.0)):
        batch, _ = fetch(Arxiv(entries(1)), window, expected=replace(USUAL, usual=usual))
        assert (batch.answers[0].unknown, batch.answers[0].requests) == (None, 1)


def test_an_index_that_went_back_proves_nothing() -> None:
    """An answer without any paper as new as one that was shown before is asked again, and not believed."""
    shown = Expectation(newest=SINCE + timedelta(hours=3))
    batch, _ = fetch(Arxiv(entries(3)), expected=shown, page_size=9)
    assert (batch.answers[0].unknown, batch.answers[0].requests) == (None, 1)
    assert batch.answers[0].newest == SINCE + timedelta(hours=3)
    batch, _ = fetch(Arxiv(entries(2)), expected=shown, page_size=9)
    assert told(batch.answers[0]) == (
        "arXiv has shown a paper submitted 2024-09-01 03:00 before, and now shows none as new: its index went back"
    )
    assert numbers(batch) == [1, 2]
    batch, _ = fetch(Arxiv(entries(3), {0: lambda _: feed(entries(2), 2)}), expected=shown, page_size=9)
    assert batch.answers[0].unknown is None
    batch, _ = fetch(Arxiv(entries(2)), expected=Expectation(newest=NEXT_WEEK.since), page_size=9)
    assert (batch.answers[0].unknown, batch.answers[0].newest) == (None, SINCE + timedelta(hours=2))


def test_papers_without_a_keyword_are_counted_and_kept() -> None:
    """What arXiv finds in authors or comments comes too; the answer says how many such there are."""
    some = [
        entry(1),
        entry(2, title="<title>KV-caches for all</title>"),
        entry(3, summary="<summary>A KV cache.</summary>"),
    ]
    batch, _ = fetch(Arxiv(some))
    assert (numbers(batch), batch.answers[0].unmatched) == ([1, 2, 3], 1)


def test_a_query_too_long_is_asked_in_parts() -> None:
    """Keywords that fill no one address are asked in several; each part must be proven."""
    many = Query(tuple(Keyword(f"phrase number {'x' * (n % 50)}{n}") for n in range(200)), ("cs.DC",))
    batch, server = fetch(Arxiv(entries(3)), query=many)
    parts = len(server.asked)
    assert parts > 1
    assert (batch.answers[0].unknown, batch.answers[0].received, batch.answers[0].total) == (None, 3 * parts, 3 * parts)
    assert numbers(batch) == [1, 2, 3]
    batch, _ = fetch(Arxiv(entries(3), {parts - 1: lambda _: Canned(status=403)}), query=many)
    assert "HTTP 403" in told(batch.answers[0])


def test_a_page_out_of_order_is_followed_by_the_next() -> None:
    """When arXiv ignores the order asked, pages follow each other by number, and repeats are noticed."""
    shuffled = [entry(n) for n in (5, 2, 4, 1, 3)]
    batch, server = fetch(Arxiv(shuffled))
    assert (batch.answers[0].unknown, sorted(numbers(batch))) == (None, [1, 2, 3, 4, 5])
    assert [asked.params["start"] for asked in server.asked] == ["0", "3"]
    batch, server = fetch(lambda _: feed(shuffled[:3], 9))
    assert batch.answers[0].unknown == Unknown(Reason.REPEATED, received=3, total=9)
    assert len(server.asked) == 4


def test_many_papers_of_one_minute() -> None:
    """More papers of one minute than a page holds are paged by number."""
    batch, server = fetch(Arxiv([entry(n, SINCE + timedelta(seconds=n)) for n in range(7)]))
    assert (batch.answers[0].unknown, batch.answers[0].received) == (None, 7)
    assert [asked.params["start"] for asked in server.asked] == ["0", "3", "6"]


@settings(deadline=None, max_examples=examples(25), suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 7 * 1440 - 1), max_size=40), st.integers(1, 9))
def test_every_paper_of_a_window_comes_once(minutes: list[int], page_size: int) -> None:
    """Wherever page borders fall, many to the minute or none, a window is proven with all its papers."""
    some = [entry(n, SINCE + timedelta(minutes=minute)) for n, minute in enumerate(sorted(minutes))]
    batch, _ = fetch(Arxiv(some), page_size=page_size)
    assert (batch.answers[0].unknown, numbers(batch)) == (None, list(range(len(minutes))))


def one_bad_id(asked: Asked) -> Canned:
    """Answer an id_list that fails as a whole for one of its ids."""
    if "2409.00003" not in asked.params["id_list"]:
        return known(asked)
    message = "<id>https://arxiv.org/api/errors#x</id><summary>incorrect id format for 2409.00003</summary>"
    return replace(feed([f"<entry>{message}</entry>"], 1), status=400)


def test_recheck_is_one_request(polite: PoliteSession) -> None:
    """Known papers are looked up once, without asking again for what is missing, and a fault loses nothing."""
    with serving(known) as server:
        source = ApiSource(polite, f"{server.url}/api/query")
        found = source.fetch_by_id([f"2409.{number:05}" for number in range(1, 401)])
        assert source.fetch_by_id([]) == ()
    assert [paper.id for paper in found][:1] == ["2409.00300"]
    assert (len(found), len(server.asked)) == (150, 1)
    with serving(one_bad_id) as server:
        again = ApiSource(polite, f"{server.url}/api/query").fetch_by_id(["2409.00002", "2409.00003", "2409.00004"])
    assert ([paper.id for paper in again], len(server.asked)) == (["2409.00004", "2409.00002"], 2)
    with serving(lambda _: Canned(status=403)) as server:
        assert ApiSource(polite, f"{server.url}/api/query").fetch_by_id(["2409.00002"]) == ()


def test_extremes_of_records(polite: PoliteSession) -> None:
    """Twelve thousand authors, no abstract, and titles "0" and "None" make papers like others."""
    crowd = "".join(f"<author><name>Author {n}</name></author>" for n in range(12_000))
    some = [
        entry(2, title="<title>0</title>", summary="<summary></summary>"),
        entry(4, title="<title>None</title>", summary=""),
        entry(6, extra=crowd),
    ]
    with serving(lambda _: feed(some, 3)) as server:
        found = ApiSource(polite, f"{server.url}/api/query").fetch_by_id([f"2409.{n:05}" for n in (2, 4, 6)])
    assert [(paper.title, paper.summary) for paper in found[:2]] == [("0", ""), ("None", "")]
    assert len(found[2].authors) == 12_001


def test_a_later_page_that_fails_keeps_the_first() -> None:
    """What came before a broken page is kept, and the window is unknown."""
    batch, _ = fetch(Arxiv(entries(5), {n: lambda _: Canned(b"<feed") for n in (1, 2)}))
    assert "truncated or broken" in told(batch.answers[0])
    assert numbers(batch) == [1, 2, 3]
    assert batch.answers[0].total == 5


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_server_that_refuses_is_left_alone(status: int) -> None:
    """After a refusal the remaining windows are not asked, and say so."""
    batch, server = fetch(lambda _: Canned(b"Rate exceeded.", status), WEEK, NEXT_WEEK, tries=1)
    assert len(server.asked) == 1
    assert f"HTTP {status}: Rate exceeded; " in told(batch.answers[0])
    assert "http://" not in told(batch.answers[0])
    assert batch.answers[1].proves
    assert told(batch.answers[1]).startswith(f"skipped after an earlier failure: HTTP {status}: Rate exceeded; ")


def test_a_window_that_fails_does_not_starve_the_next() -> None:
    """One window that always fails on the server leaves the others their turn."""
    batch, _ = fetch(Arxiv(entries(1), {0: lambda _: Canned(status=500)}), WEEK, WEEK, tries=1)
    assert "HTTP 500" in told(batch.answers[0])
    assert batch.answers[1].unknown is None


def test_a_query_error_says_what_arxiv_said() -> None:
    """HTTP 400 with an error feed: its message is in the reason."""
    batch, _ = fetch(lambda asked: Canned(said(asked).body, 400))
    assert "HTTP 400: start must be an integer; arXiv does not understand" in told(batch.answers[0])


@pytest.mark.parametrize("url", ["", "export.arxiv.org/api/query", "ftp://x/y", "https://x/y?a=b"])
def test_an_address_that_is_none(url: str) -> None:
    """Nothing can be asked of a malformed address."""
    with pytest.raises(SourceError, match="ARXIV_API_URL"):
        ApiSource(PoliteSession(), url)


def test_a_page_size_arxiv_refuses() -> None:
    """Pages of nothing (HTTP 500 there) or of more than 2000 are not asked."""
    with pytest.raises(ValueError, match="1 to 2000"):
        ApiSource(PoliteSession(), page_size=0)


@pytest.fixture
def polite() -> Iterator[PoliteSession]:
    """Yield a client on a clock that only moves when it sleeps."""
    clock = Clock()
    with PoliteSession(timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep)) as session:
        yield session


def known(asked: Asked) -> Canned:
    """Answer an id_list: even serials exist, one version each; ids that do not exist are silently absent."""
    ids = asked.params["id_list"].split(",")[: int(asked.params["max_results"])]
    some = [int(text[5:]) for text in ids if int(text[5:]) % 2 == 0]
    return feed([entry(number) for number in reversed(some)], len(some))


def test_lookup_in_few_requests(polite: PoliteSession) -> None:
    """Ids in any spelling are asked in as few requests as fit, in order, and the missing ones once more."""
    ids = [f"arXiv:2409.{number:05}v1" for number in range(1, 401)] + ["2409.00002"]
    with serving(known) as server:
        found = ApiSource(polite, f"{server.url}/api/query").lookup(ids)
    assert [paper.id for paper in found] == [f"2409.{number:05}" for number in range(2, 401, 2)]
    assert [asked.params["max_results"] for asked in server.asked] == ["300", "100", "200"]
    assert len(server.asked[0].params["id_list"].split(",")) == 300


def test_lookup_refuses_what_is_no_id(polite: PoliteSession) -> None:
    """One malformed id would fail the whole request, so it is refused before asking."""
    with pytest.raises(BotError, match="not an arXiv id: 'abc'"):
        ApiSource(polite, "http://127.0.0.1:9/").lookup(["2409.00002", "abc"])
    assert polite.requests == 0


def test_lookup_of_nothing_asks_nothing(polite: PoliteSession) -> None:
    """No ids, no request."""
    assert ApiSource(polite, "http://127.0.0.1:9/").lookup([]) == ()
    assert polite.requests == 0


def test_lookup_raises_when_arxiv_is_not_well(polite: PoliteSession) -> None:
    """An error is an error, not an unknown id."""
    with serving(said) as server, pytest.raises(SourceError, match="arXiv says: start must be an integer"):
        ApiSource(polite, f"{server.url}/api/query").lookup(["2409.00002"])
    with serving(lambda _: Canned(status=403)) as server, pytest.raises(SourceError, match="HTTP 403"):
        ApiSource(polite, f"{server.url}/api/query").lookup(["2409.00002"])


def test_a_result_becomes_a_paper(polite: PoliteSession) -> None:
    """Texts are folded to one line, the DOI is bare, the order of categories is kept, empty fields are unknown."""
    extra = (
        '<category term="cs.SY"/><category term="eess.SY"/><category term="cs.RO"/>'
        '<arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="cs.RO"/>'
        '<arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">12 pages,\n  2 figures </arxiv:comment>'
        '<arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">http://dx.doi.org/10.1/a.b</arxiv:doi>'
        '<arxiv:journal_ref xmlns:arxiv="http://arxiv.org/schemas/atom"> </arxiv:journal_ref>'
    )
    one = entry(2, title=f"<title>{escape('A & B: $k <')}\n  5$</title>", extra=extra)
    with serving(lambda _: feed([one], 1)) as server:
        (paper,) = ApiSource(polite, f"{server.url}/api/query").lookup(["2409.00002"])
    assert paper == Paper(
        id="2409.00002",
        title="A & B: $k < 5$",
        authors=("A. B",),
        summary="On 2.",
        categories=("cs.SY", "eess.SY", "cs.RO"),
        primary_category="cs.RO",
        published=SINCE + timedelta(hours=2),
        updated=SINCE + timedelta(hours=2),
        comment="12 pages, 2 figures",
        doi="10.1/a.b",
    )


def recorded(name: str) -> Canned:
    """Return a recorded answer of arXiv's, byte for byte."""
    if not (path := RECORDED / name).exists():
        pytest.skip(f"the recorded answers of arXiv are not here: {name}")
    if path.suffix == ".xml":
        return Canned(path.read_bytes())
    wrapped = json.loads(path.read_text(encoding="utf-8"))
    return Canned(wrapped["body"].encode(), wrapped["status_code"])


ASKED_BY_ID = [
    ("api_200_comment_many_authors.json", ["1707.08567"], ["1707.08567"]),
    ("api_200_mixed_ids.json", ["0808.0539", "1707.08567"], ["1707.08567"]),
    ("api_200_old_id_astro_ph.json", ["astro-ph/0601001"], ["astro-ph/0601001"]),
    ("api_200_old_id_with_version.json", ["quant-ph/0201082v1"], ["quant-ph/0201082"]),
    ("api_200_one_new_id.json", ["1605.08386"], ["1605.08386"]),
    ("api_200_title_is_0.json", ["2104.12255v1"], ["2104.12255"]),
    ("api_200_unknown_id_zero.json", ["0704.0000"], []),
    ("api_200_wrong_length_id.json", ["0808.0539"], []),
    ("api_old_backend_2020_doi_journal.xml", None, None),
    ("api_old_backend_2025_10_first_entry.xml", ["2510.14968"], ["2510.14968"]),
]


@pytest.mark.parametrize(("name", "ids", "found"), ASKED_BY_ID)
def test_recorded_lookups(name: str, ids: list[str] | None, found: list[str] | None, polite: PoliteSession) -> None:
    """Recorded answers by id: known papers are read, with all they must have; unknown ids are noticed."""
    canned = recorded(name)
    if ids is None:
        body = canned.body.decode()
        ids = [body.partition("/abs/")[2].partition("<")[0]]
        found = [base] if (base := arxiv_id.parse_id(ids[0])) else []
    with serving(lambda _: canned) as server:
        looked = ApiSource(polite, f"{server.url}/api/query").lookup(ids)
    assert [paper.id for paper in looked] == found
    for paper in looked:
        assert_whole(paper)


def assert_whole(paper: Paper) -> None:
    """Check what every paper of arXiv's has."""
    assert paper.title
    assert paper.authors
    assert paper.summary
    assert paper.primary_category in paper.categories
    assert paper.published is not None
    assert paper.published.tzinfo is UTC
    assert paper.updated is not None
    assert paper.published <= paper.updated
    for text in (paper.title, paper.summary, paper.comment or "", paper.journal_ref or "", *paper.authors):
        assert text == " ".join(text.split())


def test_recorded_old_backend(polite: PoliteSession) -> None:
    """The old backend's wrapped lines and alias categories are read like the new one's."""
    canned = recorded("api_old_backend_2025_10_first_entry.xml")
    with serving(lambda _: canned) as server:
        (paper,) = ApiSource(polite, f"{server.url}/api/query").lookup(["2510.14968"])
    assert paper.title.endswith("Planner Alignment in Long-Horizon Tasks")
    assert paper.categories == ("cs.RO", "cs.AI", "cs.CV", "cs.LG", "cs.SY", "eess.SY")
    assert paper.comment is not None
    assert paper.comment.endswith("(NeurIPS 2025); Project Website: rdd-neurips.github.io")


def test_recorded_doi_and_journal(polite: PoliteSession) -> None:
    """A DOI is bare and a journal reference one line."""
    canned = recorded("api_old_backend_2020_doi_journal.xml")
    number = canned.body.decode().partition("/abs/")[2].partition("<")[0]
    with serving(lambda _: canned) as server:
        (paper,) = ApiSource(polite, f"{server.url}/api/query").lookup([number])
    assert paper.doi is not None
    assert paper.doi.startswith("10.")
    assert paper.journal_ref


def test_recorded_title_zero(polite: PoliteSession) -> None:
    """The paper whose title is "0" is a paper."""
    canned = recorded("api_200_title_is_0.json")
    with serving(lambda _: canned) as server:
        (paper,) = ApiSource(polite, f"{server.url}/api/query").lookup(["2104.12255"])
    assert paper.title == "0"


def test_recorded_letters_are_not_garbled(polite: PoliteSession) -> None:
    """Greek letters and umlauts are read as arXiv wrote them, on a page of a hundred entries too."""
    canned = recorded("api_200_search_100.json")
    ids = re.findall(r"/abs/([0-9.]+|[a-z/-]+[0-9]+)v", canned.body.decode())
    with serving(lambda _: canned) as server:
        page = ApiSource(polite, f"{server.url}/api/query").lookup(ids)
    assert any("$ω$Test" in paper.title for paper in page)
    assert any("Lämmerzahl" in (paper.comment or "") for paper in page)


def test_recorded_error() -> None:
    """The recorded error feed is an error with arXiv's message, with HTTP 400 and with 200 alike."""
    canned = recorded("api_400_bad_id.json")
    assert canned.status == 400
    for same in (canned, Canned(canned.body, 200)):
        batch, _ = fetch(script(same))
        assert batch.papers == ()
        assert "incorrect id format for abc" in told(batch.answers[0])


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("api_200_search_page0.json", 10),
        ("api_200_search_page5.json", 10),
        ("api_200_search_100.json", 100),
        ("api_200_search_odd_window.json", 15),
    ],
)
def test_recorded_searches(name: str, count: int, polite: PoliteSession) -> None:
    """Recorded pages of a search with 214881 papers: all entries are read, and one page proves nothing."""
    canned = recorded(name)
    wide = Window(datetime(1991, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    batch, _ = fetch(lambda _: canned, wide, page_size=100)
    (answer,) = batch.answers
    assert (answer.received, answer.total) == (count, 214_881)
    assert "more than the 30000" in told(answer)
    for paper in batch.papers:
        assert_whole(paper)


def test_recorded_pages_join() -> None:
    """Pages cut from the recorded hundred entries prove a window of a hundred."""
    hundred = recorded("api_200_search_100.json").body.decode()
    head, *rest = hundred.split("<entry>")
    parts = [f"<entry>{part.partition('</entry>')[0]}</entry>" for part in rest]

    def pages(asked: Asked) -> Canned:
        start = int(asked.params["start"])
        slice_ = parts[start : start + int(asked.params["max_results"])]
        return Canned((head.replace("214881", "100") + "".join(slice_) + "</feed>").encode())

    wide = Window(datetime(1991, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    batch, server = fetch(pages, wide, page_size=30)
    assert (batch.answers[0].unknown, batch.answers[0].received, len(server.asked)) == (None, 100, 4)
    assert len(batch.papers) == 100


def test_an_answer_is_of_no_time_after_it_was_given() -> None:
    """A window that reaches into the future is answered up to the moment asked; one that lies there proves nothing."""
    moment = WEEK.since + timedelta(days=3)
    days = Window(moment + timedelta(hours=1), WEEK.until)
    with (
        serving(Arxiv([*entries(3), entry(4, WEEK.until - timedelta(hours=1))])) as server,
        PoliteSession(manners=Manners(), timing=Timing(now=lambda: moment)) as session,
    ):
        session.manners = Manners(interval_s=0)
        batch = ApiSource(session, f"{server.url}/api/query").fetch(QUERY, [WEEK, days])
    assert batch.answers[0].window == Window(WEEK.since, moment)
    assert batch.answers[0].unknown is None
    assert (batch.answers[1].window, batch.answers[1].unknown) == (
        days,
        Unknown(Reason.FUTURE),
    )
    assert numbers(batch) == [1, 2, 3, 4]


@pytest.mark.parametrize("late", [timedelta(days=-2), timedelta(days=9)])
def test_the_clock_of_the_server_counts_where_it_is_behind(late: timedelta) -> None:
    """With a clock that runs ahead the answer is of the time the server says: nothing after it is proven."""
    said = {"Date": format_datetime(WEEK.until + late, usegmt=True)}
    answer = Arxiv(entries(3))
    batch, _ = fetch(lambda asked: replace(answer(asked), headers=said), WEEK)
    assert batch.answers[0].window.until == min(WEEK.until, WEEK.until + late)
    said = {"Date": format_datetime(WEEK.since, usegmt=True)}
    batch, _ = fetch(lambda asked: replace(answer(asked), headers=said), WEEK)
    assert (batch.answers[0].window, batch.answers[0].unknown) == (
        WEEK,
        Unknown(Reason.FUTURE),
    )
