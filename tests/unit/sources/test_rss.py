"""The daily feed: its papers are read, and a dead, stale or empty one is told from a holiday."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from bot.errors import SourceError
from bot.model import NO_EXPECTATION, Announced, Batch, Expectation, Keyword, Paper, Query, Reason, Unknown, Window
from bot.sources import rss
from bot.sources.http import Manners, PoliteSession, Timing
from bot.sources.rss import RssSource
from tests.conftest import told
from tests.unit.sources import Asked, Canned, Clock, Server, script, serving

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "arxiv"
NOW = datetime(2026, 11, 24, 6, 37, tzinfo=UTC)
"""A Tuesday: the feed is of what was announced on Monday evening."""
WINDOW = Window(NOW - timedelta(days=30), NOW)
QUERY = Query((Keyword("KV cache"),), ("cs.DC", "cs.LG"))


def item(number: int, kind: str = "new", day: date = date(2026, 11, 24), **changed: str) -> str:
    """Return one item; `changed` replaces whole elements by name."""
    parts = {
        "title": f"<title>Paper\n {number}</title>",
        "link": f"<link>https://arxiv.org/abs/2611.{number:05}</link>",
        "description": f"<description>arXiv:2611.{number:05}v1 Announce Type: {kind} \nAbstract: On {number}.\n"
        "</description>",
        "guid": f'<guid isPermaLink="false">oai:arXiv.org:2611.{number:05}v1</guid>',
        "category": "<category>cs.LG</category><category>cs.DC</category>",
        "pubDate": f"<pubDate>{day:%a, %d %b %Y} 00:00:00 -0500</pubDate>",
        "announce_type": f"<arxiv:announce_type>{kind}</arxiv:announce_type>",
        "creator": "<dc:creator>A. Author, B. van Author</dc:creator>",
    }
    return f"<item>{''.join((parts | changed).values())}</item>"


def feed(*items: str, title: str = "cs.DC, cs.LG updates on arXiv.org") -> Canned:
    return Canned(
        (
            '<?xml version="1.0" encoding="UTF-8"?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
            f"<title>{escape(title)}</title>{''.join(items)}</channel></rss>"
        ).encode()
    )


def fetch(
    answer: Callable[[Asked], Canned],
    now: datetime = NOW,
    query: Query = QUERY,
    window: Window | None = None,
    expected: Expectation = NO_EXPECTATION,
) -> tuple[Batch, Server]:
    clock = Clock()
    polite = PoliteSession(
        manners=Manners(), timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep, chance=lambda: 0.0)
    )
    with serving(answer) as server, polite:
        windows = [window or Window(WINDOW.since, now)]
        batch = RssSource(polite, now, f"{server.url}/rss").fetch(query, windows, expected)
    return batch, server


def test_new_and_cross_listed_papers_are_read() -> None:
    """One request brings all categories; papers new or cross-listed come, without a date, replaced ones do not."""
    items = [item(1), item(2, "cross"), item(3, "replace"), item(4, "replace-cross"), item(1)]
    batch, server = fetch(script(feed(*items)))
    assert [asked.path for asked in server.asked] == ["/rss/cs.DC+cs.LG"]
    assert [paper.id for paper in batch.papers] == ["2611.00001", "2611.00002"]
    assert batch.papers[0] == Paper(
        "2611.00001", "Paper 1", ("A. Author", "B. van Author"), "On 1.", ("cs.LG", "cs.DC"), "cs.LG"
    )
    (answer,) = batch.answers
    assert (answer.source, answer.received, answer.total, answer.unknown, answer.requests) == ("rss", 2, None, None, 1)
    assert (answer.proves, answer.evening) == (False, NOW.date() - timedelta(days=1))
    assert answer.window.since == datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("title", ["0", "None", "A < B & <b>C</b> $x_1$", "日本"])
def test_titles_stay_as_they_are(title: str) -> None:
    """A title is text, whatever it looks like."""
    batch, _ = fetch(script(feed(item(1, title=f"<title>{escape(title)}</title>"))))
    assert batch.papers[0].title == title


def test_old_ids_doi_and_missing_parts() -> None:
    """An old id, a DOI and a journal are read; an item without category or authors is a paper too."""
    old = item(
        1,
        "cross",
        guid='<guid isPermaLink="false">oai:arXiv.org:math/0309136v2</guid>',
        category="",
        creator="",
        extra="<arxiv:DOI>10.1/x</arxiv:DOI><arxiv:journal_reference>J 1 (2026)</arxiv:journal_reference>",
    )
    batch, _ = fetch(script(feed(old)))
    assert batch.papers == (Paper("math/0309136", "Paper 1", summary="On 1.", journal_ref="J 1 (2026)", doi="10.1/x"),)


YESTERDAY = date(2026, 11, 23)
STALE = "the feed has no papers of the evening of 2026-11-23, though arXiv announces some then"


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T06:37:00+00:00")


STANDS: list[tuple[str, datetime, Canned, str | None]] = [
    ("fresh", NOW, feed(item(1)), None),
    ("stale", NOW, feed(item(1, day=YESTERDAY)), STALE),
    ("empty on a working day", NOW, feed(), "the feed is empty, though arXiv announces papers on the evening of"),
    ("empty on a Saturday", at("2026-11-21"), feed(), None),
    ("empty on a Sunday", at("2026-11-22"), feed(), None),
    ("empty after Thanksgiving", at("2026-11-27"), feed(), None),
    ("Friday's on Saturday", at("2026-11-21"), feed(item(1, day=date(2026, 11, 20))), None),
    (
        "empty in an unknown year",
        at("2027-03-03"),
        feed(),
        "unless that was a holiday: arXiv's holidays of 2027 are not known here",
    ),
    ("fresh in an unknown year", at("2027-03-03"), feed(item(1, day=date(2027, 3, 3))), None),
    (
        "old in an unknown year",
        at("2027-03-03"),
        feed(item(1)),
        "unless that was a holiday: arXiv's holidays of 2027 are not known here",
    ),
    ("an error as a feed", NOW, feed(title="Feed error for query: cs.XX"), "arXiv says: Feed error for query: cs.XX"),
    ("no day", NOW, feed(item(1, pubDate="")), "does not say which day"),
    ("an item without id", NOW, feed(item(1), item(2, guid="", link="")), "only 1 of 2 entries can be read"),
]


@pytest.mark.parametrize(("now", "canned", "why"), [case[1:] for case in STANDS], ids=[case[0] for case in STANDS])
def test_a_dead_feed_is_told_from_a_holiday(now: datetime, canned: Canned, why: str | None) -> None:
    """What the feed lacks is said unless arXiv announced nothing; past the calendar's years that is unknown."""
    batch, _ = fetch(script(canned), now)
    (answer,) = batch.answers
    assert answer.unknown is None if why is None else why in told(answer)
    assert len(batch.papers) == answer.received


@pytest.mark.parametrize(
    ("canned", "why", "requests"),
    [
        (Canned(status=503), "HTTP 503", 3),
        (Canned(status=400), "HTTP 400", 1),
        (Canned(b"<html><title>Denied</title></html>", 403), "HTTP 403", 1),
        (Canned(b"<html></html>"), "an HTML page instead of a feed", 3),
        (Canned(feed(item(1)).body[:-20]), "truncated or broken", 3),
    ],
)
def test_faults_are_told_and_raise_nothing(canned: Canned, why: str, requests: int) -> None:
    """A feed that cannot be had is asked three times at most, and the answer says why."""
    batch, server = fetch(script(canned))
    (answer,) = batch.answers
    assert why in told(answer)
    assert answer.requests == len(server.asked) == requests
    assert batch.papers == ()


def test_nothing_is_asked_of_the_past_or_for_everything() -> None:
    """A feed has no past, cannot be had without categories, and is not asked for what makes up for feeds."""
    past = Window(NOW - timedelta(days=30), NOW - timedelta(days=2))
    for query, window in ((QUERY, past), (Query((), QUERY.categories), WINDOW)):
        batch, server = fetch(script(feed(item(1))), query=query, window=window)
        assert (batch, server.asked) == (Batch((), ()), [])
    batch, server = fetch(script(feed(item(1))), query=Query(QUERY.keywords))
    assert batch.answers[0].unknown == Unknown(Reason.NO_CATEGORIES)
    assert server.asked == []


def test_a_full_feed_is_asked_in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed of the most items may lack papers: each half of its categories is asked; a single one is told."""
    monkeypatch.setattr(rss, "MOST_ITEMS", 20)
    full = feed(*(item(n, "replace") for n in range(20)))

    def answer(asked: Asked) -> Canned:
        return full if "+" in asked.path else feed(item(1 if asked.path.endswith("DC") else 2))

    batch, server = fetch(answer)
    assert [asked.path for asked in server.asked] == ["/rss/cs.DC+cs.LG", "/rss/cs.DC", "/rss/cs.LG"]
    assert ([p.id for p in batch.papers], [a.unknown for a in batch.answers]) == (
        ["2611.00001", "2611.00002"],
        [None] * 2,
    )
    batch, _ = fetch(script(full), query=Query(QUERY.keywords, ("cs.LG",)))
    assert batch.answers[0].unknown == Unknown(Reason.CUT, received=20)


EARLIER = tuple(
    Announced(category, date(2026, 11, day), papers, f"2611.000{day}")
    for category, papers in (("cs.DC", 12), ("cs.LG", 2))
    for day in (17, 18, 19)
)
DC = "<category>cs.DC</category>"
LG = "<category>cs.LG</category><category>cs.DC</category>"
STOOD: list[tuple[str, list[str], list[str]]] = [
    ("all new", [item(91, category=DC), item(92, category=LG)], []),
    ("a busy one shows nothing", [item(92, category=LG)], ["cs.DC"]),
    ("a quiet one shows nothing", [item(91, category=DC)], []),
    ("its papers are of an earlier day", [item(91, category=DC, day=YESTERDAY), item(92, category=LG)], ["cs.DC"]),
    ("a quiet one's too", [item(91, category=DC), item(92, category=LG, day=YESTERDAY)], ["cs.LG"]),
    ("the latest paper came before", [item(91, category=DC), item(19, category=LG)], ["cs.LG"]),
    ("an old paper beside a new one", [item(91, category=DC), item(92, category=LG), item(19, category=LG)], []),
    ("only a paper held for long", [item(91, category=DC), item(5, category=LG)], []),
    ("only cross-lists", [item(91, category=DC), item(92, "cross", category=LG)], []),
    ("both", [item(19, category=DC), item(18, category=LG)], ["cs.DC", "cs.LG"]),
]


@pytest.mark.parametrize(("items", "still"), [case[1:] for case in STOOD], ids=[case[0] for case in STOOD])
def test_a_category_that_stands_still_is_noticed(items: list[str], still: list[str]) -> None:
    """In a feed of several categories one may show an earlier evening: by day, by latest id, by its usual number."""
    batch, _ = fetch(script(feed(*items)), expected=Expectation(announced=EARLIER))
    (answer,) = batch.answers
    assert answer.unknown == (Unknown(Reason.STANDS_STILL, categories=tuple(still)) if still else None)
    assert len(batch.papers) == len(items)


def test_what_a_feed_shows_is_told_by_category() -> None:
    """New papers count for their first category; a feed read again is not compared with itself."""
    items = [item(1, category=LG), item(2, category=LG), item(3, "cross", category=DC), item(4, "replace", category=DC)]
    batch, _ = fetch(script(feed(*items)))
    shown = batch.answers[0].announced
    assert shown == (Announced("cs.DC", YESTERDAY, 0), Announced("cs.LG", YESTERDAY, 2, "2611.00002"))
    batch, _ = fetch(script(feed(*items)), expected=Expectation(announced=shown))
    assert batch.answers[0].unknown is None
    batch, _ = fetch(
        script(feed(item(7, category="<category>cs.PL</category>"))), query=replace(QUERY, categories=("cs",))
    )
    assert batch.answers[0].announced == (Announced("cs", YESTERDAY, 1, "2611.00007"),)


@pytest.mark.parametrize("url", ["rss.arxiv.org", "ftp://rss.arxiv.org/rss", "https://rss.arxiv.org/rss?x=1"])
def test_an_address_that_is_none(url: str) -> None:
    """An address that cannot be one is told before anything is asked."""
    with PoliteSession() as polite, pytest.raises(SourceError, match="set ARXIV_RSS_URL to one"):
        RssSource(polite, NOW, url)


@pytest.mark.parametrize(
    ("name", "ids"),
    [("rss20_shape_SYNTHETIC.xml", ["2609.30001"]), ("rss_atom_cs_AI.xml", ["2508.13426", "2508.13428"])],
)
def test_recorded_feeds(name: str, ids: list[str]) -> None:
    """A recorded Atom feed and one in the shape of RSS 2.0 are read alike."""
    if not (path := RECORDED / name).exists():
        pytest.skip(f"the recorded answers of arXiv are not here: {name}")
    batch, _ = fetch(script(Canned(path.read_bytes())))
    assert [paper.id for paper in batch.papers][: len(ids)] == ids
    assert all(paper.authors and paper.summary and not paper.summary.startswith("arXiv:") for paper in batch.papers)
    assert "the feed has no papers of the evening of 2026-11-23, though" in told(batch.answers[0])
