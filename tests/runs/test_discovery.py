"""Feed and API together, end to end: either may fail, nothing that came is lost, and what is missing is asked again."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot import config
from bot.arxiv import calendar
from bot.cli import output
from bot.config import Config
from bot.coverage import ledger
from bot.coverage.plan import HELD
from bot.errors import PublishError
from bot.forges.local import LocalForge
from bot.judge import factory
from bot.model import Answer, Paper, Query, Reason, Unknown, Window
from bot.paperlist.read.document import parse
from bot.pipeline import Outcome
from bot.pullrequest.proposal import dump_proposals, load_proposals
from bot.sources.api import ApiSource
from bot.sources.combined import Sources
from bot.sources.http import Manners, PoliteSession, Timing
from bot.sources.rss import RssSource
from bot.state.files import DiskStore
from bot.state.model import NoticeKind, State
from tests.conftest import CONFIG, LIST, told
from tests.servers.arxiv import ArxivServer
from tests.servers.stand_ins import by_keywords
from tests.servers.whole import job, publish_list, run_list
from tests.unit.sources import Asked, Canned, Clock, serving
from tests.unit.sources.test_api import feed
from tests.unit.sources.test_rss import feed as rss_feed
from tests.unit.sources.test_rss import item

NOW = datetime(2026, 11, 24, 6, 37, tzinfo=UTC)
TITLE = "LLM Serving with a KV Cache"


def entry(number: str, when: datetime, title: str = TITLE, comment: str = "") -> str:
    stamp = f"{when:%Y-%m-%dT%H:%M:%SZ}"
    return (
        f"<entry><id>http://arxiv.org/abs/{number}v1</id><title>{title} {number}</title><updated>{stamp}</updated>"
        f"<published>{stamp}</published><summary>On it.</summary><author><name>A. B</name></author>"
        f'<category term="cs.DC"/><arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">{comment}</arxiv:comment>'
        "</entry>"
    )


@dataclass
class Place:
    """A repository, and an arXiv whose API and feed answer what the test says."""

    root: Path
    api: Callable[[Asked], Canned]
    rss: Callable[[Asked], Canned]
    settings: Config
    asked: list[str] = field(default_factory=list)
    clock: datetime | None = None

    def run(self, now: datetime = NOW) -> Outcome:
        """Run once, at a time that the clock shows too unless it shows another."""
        clock = Clock()
        with ExitStack() as stack:
            api, rss = stack.enter_context(serving(self.api)), stack.enter_context(serving(self.rss))
            session = stack.enter_context(
                PoliteSession(
                    manners=Manners(),
                    timing=Timing(
                        monotonic=clock.monotonic, sleep=clock.sleep, now=lambda: self.clock or now, chance=lambda: 0.0
                    ),
                )
            )
            sources = Sources([RssSource(session, now, f"{rss.url}/rss"), ApiSource(session, f"{api.url}/api/query")])
            task = self.settings.lists[0]
            outcome = run_list(job(self.settings, LocalForge(self.root), now, task=task), sources)
            self.asked = [str(asked.params) for asked in api.asked]
        assert load_proposals(dump_proposals((outcome.proposal,)), "x") == (outcome.proposal,)
        return outcome

    @property
    def state(self) -> ledger.Coverage:
        return DiskStore(self.root / "state").read("serving").coverage


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An arXiv whose API has one paper, and whose feed has another."""
    (tmp_path / "README.md").write_bytes(LIST)
    for command in ("init -q -b main", "config user.name C", "config user.email c@e.org", "add -A", "commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    settings = config.loads(CONFIG.replace("    file:", "    categories: [cs.DC]\n    file:"), "config/keywords.yaml")
    return Place(tmp_path, Known(), lambda _: rss_feed(item(1, title=f"<title>{TITLE}</title>")), settings)


class Known:
    """An API that knows some papers by their ids too."""

    def __init__(self, *entries: str, control: Canned | None = None) -> None:
        self.entries = [entry("2611.00009", NOW - timedelta(days=3)), *entries]
        self.everything = control

    def __call__(self, asked: Asked) -> Canned:
        if ids := asked.params["id_list"]:
            found = [text for text in self.entries if text.partition("/abs/")[2].partition("v1")[0] in ids.split(",")]
            return feed(found, len(found))
        since, until = re.findall(r"[0-9]{12}", asked.params["search_query"].partition("submittedDate:")[2])
        if "all:" not in asked.params["search_query"]:
            some = entry("2611.09999", datetime.strptime(since, "%Y%m%d%H%M"), "Of no keyword")
            return self.everything or feed([some], 1)
        found = [text for text in self.entries[:1] if since <= minute(text) <= until]
        return feed(found, len(found))


def minute(text: str) -> str:
    """Return when the paper of an entry was submitted, as a query says it."""
    return re.sub(r"\D", "", text.partition("<published>")[2][:16])


def test_both_bring_papers_and_the_feeds_is_completed(place: Place) -> None:
    """Papers of both are proposed; the one of the feed gets its date and comment from the API in the same run."""
    place.api = Known(entry("2611.00001", NOW - timedelta(days=1), comment="12 pages"))
    outcome = place.run()
    assert outcome.proposal.complete
    papers = {shown.candidate.paper.id: shown.candidate.paper for shown in outcome.board.proposed}
    assert set(papers) == {"2611.00001", "2611.00009"}
    assert papers["2611.00001"].comment == "12 pages"
    assert papers["2611.00001"].published == NOW - timedelta(days=1)
    assert len(place.asked) == 2
    assert place.state.feeds[0].evening.isoformat() == "2026-11-23"


def test_days_to_come_are_never_proven(place: Place) -> None:
    """A run for a day of the future proves what is past, and says no more; the next one asks from there."""
    future, place.clock = NOW + timedelta(days=5), NOW
    outcome = place.run(future)
    (covered,) = place.state.covered
    assert covered.until == NOW
    assert outcome.proposal.complete
    assert f"to {future:%Y-%m-%d}" not in (outcome.change.text or "").partition("### Coverage")[2]


def test_an_old_proposal_proves_nothing_of_the_days_since(place: Place) -> None:
    """What was found is of the time when it was found, whatever its windows say and whenever it is published."""
    found = place.run().proposal
    window = Window(NOW, NOW + timedelta(days=9))
    later = replace(found, answers=(Answer("api", window, 0, 0, proves=True), *found.answers))
    publish_list(job(place.settings, LocalForge(place.root), NOW + timedelta(days=9)), later)
    assert place.state.covered[0].until == NOW


def test_a_state_that_is_lost_or_wrong_is_asked_again(place: Place) -> None:
    """After the gaps were deleted, or the state says that days to come are proven, the run says so and asks."""
    api, file = place.api, place.root / "state" / "serving" / "state.jsonl"
    place.api = lambda _: Canned(status=503)
    place.run()
    gaps = re.compile(r'^\{"schema": 2, "kind": "gaps"\}\n(?:(?!\{"schema).*\n)*', re.MULTILINE)
    assert gaps.search(file.read_text())
    file.write_text(gaps.sub("", file.read_text()))
    again = place.run()
    assert [gap.since for gap in place.state.gaps] == [NOW - timedelta(days=30)]
    assert (again.proposal.doubts[0].since, again.proposal.doubts[0].why.reason) == (
        NOW - timedelta(days=30),
        Reason.LOST,
    )
    place.api = api
    assert place.run().proposal.complete
    covered = re.compile(r'("kind": "covered"\}\n.*?"until":")[^"]*')
    assert covered.search(file.read_text())
    file.write_text(covered.sub(r"\g<1>2099-01-01T00:00:00Z", file.read_text()))
    place.api = lambda _: Canned(status=503)
    wrong = place.run(NOW + timedelta(days=9))
    assert wrong.proposal.doubts[0].why.reason is Reason.CLAIMED
    assert not wrong.proposal.complete
    assert place.state.covered == ()
    assert min(gap.since for gap in place.state.gaps) == NOW - timedelta(days=30)
    assert place.run(NOW + timedelta(days=10)).proposal.doubts == ()


def test_a_dead_api_loses_nothing_of_the_feed(place: Place) -> None:
    """The feed's paper is proposed as it is, the window is a gap, and the run is incomplete; it is completed later."""
    alive = Known(entry("2611.00001", NOW - timedelta(days=1)))
    place.api = lambda _: Canned(status=503)
    outcome = place.run()
    assert not outcome.proposal.complete
    assert [shown.candidate.paper.published for shown in outcome.board.proposed] == [None]
    assert len(place.state.gaps) == 1
    assert place.state.gaps[0].why.status == 503
    place.api, place.rss = alive, lambda _: rss_feed()
    later = place.run(NOW + timedelta(days=4))
    dated = {shown.candidate.paper.id: shown.candidate.paper.published for shown in later.board.proposed}
    assert dated["2611.00001"] == NOW - timedelta(days=1)
    assert later.proposal.complete


FAULTS: list[tuple[str, Canned, str]] = [
    ("403", Canned(b"<html><title>Access Denied</title></html>", 403), "stop asking and wait"),
    ("406", Canned(status=406), "check the user agent"),
    ("429", Canned(b"Rate exceeded.", 429), "HTTP 429: Rate exceeded; gave up after 5"),
    ("429 for long", Canned(b"", 429, {"Retry-After": "86400"}), "ask again later"),
    ("500", Canned(status=500), "HTTP 500; gave up"),
    ("503", Canned(status=503), "arXiv is busy"),
    ("reset", Canned(hang=True), "check the network"),
    ("empty", Canned(b""), "an empty answer"),
    ("HTML", Canned(b"<html><title>x</title></html>"), "an HTML page instead of a feed"),
    ("truncated", Canned(feed([], 3).body[:-9]), "truncated or broken"),
    ("false zero", feed([], 0), "arXiv counts no papers, twice"),
    ("no entries", feed([], 5), "after 0 of 5 papers a page is empty"),
]


@pytest.mark.parametrize(("fault", "why"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_every_fault_is_unknown_and_never_nothing_new(place: Place, fault: Canned, why: str) -> None:
    """With the API so, the feed alive or dead too, the run is incomplete, says why and what to do, and keeps a gap."""
    place.api = lambda _: fault
    alive = place.run()
    place.rss = lambda _: fault
    dead = place.run(NOW + timedelta(days=1))
    assert {shown.candidate.paper.id for shown in alive.board.proposed} == {"2611.00001"}
    for outcome in (alive, dead):
        assert not outcome.proposal.complete
        assert any(why in told(answer) for answer in outcome.proposal.answers if answer.source == "api")
    assert place.state.covered == ()
    assert min(gap.since for gap in place.state.gaps) == NOW - timedelta(days=30)


SAID = [
    (
        "throttled",
        Canned(b"Rate exceeded.", 429),
        [
            "2026-01-01 to 2026-10-25: HTTP 429: Rate exceeded; gave up after 5 tries; too many requests from this "
            "address: ask again later",
            "2026-10-25 to 2026-11-24: skipped after an earlier failure: HTTP 429: Rate exceeded; gave up after 5 "
            "tries; too many requests from this address: ask again later",
        ],
    ),
    (
        "held for a day",
        Canned(b"", 503, {"Retry-After": "86400"}),
        [
            "2026-01-01 to 2026-10-25: HTTP 503; gave up because the time budget of 900 s leaves no room to "
            "wait 86400 s more; arXiv is busy: ask again later",
            "2026-10-25 to 2026-11-24: skipped after an earlier failure: HTTP 503; gave up because the time budget of "
            "900 s leaves no room to wait 86400 s more; arXiv is busy: ask again later",
        ],
    ),
    (
        "failing",
        Canned(status=500),
        [
            "2026-01-01 to 2026-10-25: HTTP 500; gave up after 5 tries; ask again later",
            "2026-10-25 to 2026-11-24: HTTP 500; gave up after 5 tries; ask again later",
        ],
    ),
]


@pytest.mark.parametrize(("fault", "lines"), [case[1:] for case in SAID], ids=[case[0] for case in SAID])
def test_what_is_unknown_is_said_in_sentences(
    place: Place, capsys: pytest.CaptureFixture[str], fault: Canned, lines: list[str]
) -> None:
    """Each window says what happened and what to do, in words that read well behind its dates and in a gap."""
    gap = ledger.Gap("", datetime(2026, 1, 1, tzinfo=UTC), NOW - timedelta(days=30), NOW, Unknown(Reason.NOT_YET))
    task = place.settings.lists[0]
    gaps = (replace(gap, query=ledger.digest(task.query())),)
    DiskStore(place.root / "state").write("serving", State(ledger.Coverage(gaps=gaps)))
    place.api = lambda _: fault
    outcome = place.run()
    output.print_unknown(outcome.proposal)
    assert capsys.readouterr().err.splitlines()[-3:] == [f"serving: {line}" for line in (*lines, output.AGAIN)]
    text = outcome.change.text or ""
    assert (
        "from 2026-01-01 on may be missing: these days have not been asked for yet (noticed 2026-11-24). The next run"
        in text
    )
    why = lines[1].partition(": ")[2]
    assert f"from 2026-10-25 on may be missing: {why} (noticed 2026-11-24). The next run asks again." in text


def test_a_dead_feed_is_made_up_by_the_api(place: Place) -> None:
    """Without the feed the run is complete, as only keywords prove; days later everything of that day is asked for."""
    place.rss = lambda _: Canned(b"<html>down</html>", 503)
    first = place.run()
    assert first.proposal.complete
    assert [answer.unknown is None for answer in first.proposal.answers] == [False, True]
    assert place.state.gaps[0].why == Unknown(Reason.MISSED_FEED, evening=date(2026, 11, 23))
    assert "may be missing: papers that match no keyword, because the feed of 2026-11-23 was not read" in (
        first.change.text or ""
    )
    assert place.run(NOW + timedelta(days=1)).proposal.recovered == ()
    unnamed = entry("2611.00077", datetime(2026, 11, 23, 12, tzinfo=UTC), "LLM Serving Made Up")
    place.api, place.rss = (
        Known(control=feed([unnamed], 1)),
        lambda _: rss_feed(item(2, day=NOW.date() + timedelta(days=7))),
    )
    later = place.run(NOW + timedelta(days=7))
    (swept,) = later.proposal.recovered
    assert swept.unknown is None
    assert swept.window.until >= datetime(2026, 11, 23, 19, tzinfo=UTC)
    assert "2611.00077" in {shown.candidate.paper.id for shown in (*later.board.proposed, *later.board.near_misses)} | {
        c.paper.id for c in later.board.backlog
    }
    assert not any(gap.why.evening == date(2026, 11, 23) for gap in place.state.gaps)


def test_missed_feeds_bring_a_paper_of_friday_evening(place: Place) -> None:
    """While no feed is read, a paper submitted after Friday's deadline is asked for once the index has it."""
    late = entry("2611.00080", datetime(2026, 11, 20, 23, tzinfo=UTC), "LLM Serving Made Up")
    other = entry("2611.09999", NOW, "Of no keyword")
    shown = [False]

    def api(asked: Asked) -> Canned:
        if asked.params["id_list"] or "all:" in asked.params["search_query"]:
            return Known()(asked)
        since, until = re.findall(r"[0-9]{12}", asked.params["search_query"])
        found = [text for text in (late, other)[0 if shown[0] else 1 :] if since <= minute(text) <= until]
        return feed(found, len(found))

    place.api, place.rss = api, lambda _: Canned(status=503)
    received = set()
    for days in range(-1, 7):
        shown[0] = days >= 0
        outcome = place.run(NOW + timedelta(days=days))
        received |= {c.paper.id for c in outcome.proposal.candidates}
    assert "2611.00080" in received


def test_what_was_recovered_proves_nothing_of_other_categories(place: Place) -> None:
    """Answers for missed feeds prove nothing where none was missed, nor when the categories changed since discover."""
    (task,) = place.settings.lists
    whole = Answer("api", Window(NOW - timedelta(days=4), NOW), 0, 0, 0, proves=True)
    found = replace(place.run().proposal, recovered=(whole,))
    todo = job(place.settings, LocalForge(place.root), NOW)
    covered = publish_list(todo, found).change.state.coverage.covered
    assert ledger.digest(Query((), task.categories)) not in {one.query for one in covered}
    other = task.model_copy(update={"categories": ("cs.LG",)})
    with pytest.raises(PublishError, match="the configuration changed since discover"):
        publish_list(job(place.settings, LocalForge(place.root), NOW, task=other), found)


def test_a_category_that_stands_still_is_swept(place: Place) -> None:
    """A feed that shows of a category what it showed before is told; days later the API is asked for that evening."""
    own, title = "<category>cs.DC</category>", f"<title>{TITLE}</title>"
    place.rss = lambda _: rss_feed(item(1, category=own, title=title))
    place.run()
    assert [(a.category, a.newest) for a in place.state.announced] == [("cs.DC", "2611.00001")]
    tuesday = NOW + timedelta(days=1)
    stale = item(1, day=tuesday.date(), category=own, title=title)
    fresh = item(5, day=tuesday.date(), category="<category>cs.LG</category>", title=f"<title>{TITLE} 5</title>")
    place.rss = lambda _: rss_feed(stale, fresh)
    outcome = place.run(tuesday)
    said = [answer.unknown for answer in outcome.proposal.answers if answer.source == "rss"]
    assert said == [Unknown(Reason.STANDS_STILL, categories=("cs.DC",))]
    assert "**not read**: the feed has no new papers in cs.DC" in (outcome.change.text or "")
    assert "2611.00005" in {p.candidate.paper.id for p in outcome.change.state.open}
    place.rss = lambda _: Canned(status=503)
    (swept, *_) = place.run(NOW + timedelta(days=6)).proposal.recovered
    missed = calendar.submissions(NOW.date())
    assert (swept.window, swept.unknown) == (Window(missed.until - HELD, missed.until), None)


def test_a_withdrawn_listed_paper_is_told(place: Place) -> None:
    """What arXiv says of a listed paper by now stands in the text, and its entry stays as it is."""
    place.api = Known(entry("2401.00002", NOW - timedelta(days=900), "Caching Things", "Withdrawn: wrong"))
    outcome = place.run()
    (notice,) = outcome.change.state.notices
    assert (notice.id, notice.kind, notice.now) == ("2401.00002", NoticeKind.WITHDRAWN, "Withdrawn: wrong")
    assert "is withdrawn: “Withdrawn: wrong”" in (outcome.change.text or "")
    assert b"[[2401.00002] Caching Things (arxiv.org)]" in outcome.edit.after


def feed_alone(place: Place, now: datetime = NOW) -> Outcome:
    """Run with the feed and no other source."""
    task = place.settings.lists[0]
    clock = Clock()
    with (
        serving(place.rss) as server,
        PoliteSession(timing=Timing(monotonic=clock.monotonic, sleep=clock.sleep, chance=lambda: 0.0)) as session,
    ):
        sources = Sources([RssSource(session, now, f"{server.url}/rss")])
        return run_list(job(place.settings, LocalForge(place.root), now, task=task), sources)


def test_the_feed_alone_proves_nothing_and_fails_nothing(place: Place) -> None:
    """Day after day its papers are proposed, no run fails, and none says that it is complete or the first."""
    for days in range(3):
        day = NOW.date() + timedelta(days=days)
        place.rss = lambda _, n=days, day=day: rss_feed(  # type: ignore[misc]
            item(n + 1, day=day, title=f"<title>{TITLE} {n}</title>")
        )
        outcome = feed_alone(place, NOW + timedelta(days=days))
        assert (outcome.proposal.answered, outcome.proposal.complete) == (True, False)
        text = outcome.change.text or ""
        assert len(outcome.board.new) == 1
        assert "The feed alone cannot tell whether papers are missing. Add `api` to the `sources`" in text
        assert "first run" not in text
        assert "may be missing:" not in text
    assert place.state.covered == ()


def test_a_dead_feed_alone_is_told(place: Place) -> None:
    """What the only source did not bring is unknown: the run says so, promises nothing, and the next one is fine."""
    feed_alone(place, NOW - timedelta(days=1))
    place.rss = lambda _: Canned(status=503)
    assert not feed_alone(place).proposal.answered
    place.rss = lambda _: rss_feed(item(3, day=NOW.date() + timedelta(days=1), title=f"<title>{TITLE} 3</title>"))
    outcome = feed_alone(place, NOW + timedelta(days=1))
    assert outcome.proposal.answered
    text = outcome.change.text or ""
    assert (
        "because the feed of 2026-11-23 was not read in full (noticed 2026-11-24). If `api` is among the sources"
        in text
    )
    assert "The next run asks again" not in text


def test_odd_records_go_all_the_way(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old id, titles "0" and "None", no abstract and 12,000 authors: each gets one row, and the run is complete."""
    when, crowd = NOW - timedelta(days=2), tuple(f"Author {n}" for n in range(12_000))
    odd = [
        Paper("cs/0701001", "LLM Serving of Old", ("A. B",), "On it.", ("cs.DC",), "cs.DC", when, when),
        Paper("2611.00010", "0", ("A. B",), "LLM serving and a KV cache.", ("cs.DC",), "cs.DC", when, when),
        Paper("2611.00011", "None", ("A. B",), "LLM serving and a KV cache.", ("cs.DC",), "cs.DC", when, when),
        Paper("2611.00012", "LLM Serving without Words", ("A. B",), "", ("cs.DC",), "cs.DC", when, when),
        Paper("2611.00013", "LLM Serving by Many", crowd, "On it.", ("cs.DC",), "cs.DC", when, when),
    ]
    (task,) = place.settings.lists
    task = task.model_copy(update={"limits": task.limits.model_copy(update={"max_open": 9})})
    monkeypatch.setattr(factory, "judge_for", lambda *_: by_keywords(task, parse(LIST, task.file)))
    with (
        ArxivServer(odd) as server,
        PoliteSession(timing=Timing(monotonic=(clock := Clock()).monotonic, sleep=clock.sleep)) as session,
    ):
        source = ApiSource(session, server.api_url)
        outcome = run_list(job(place.settings, LocalForge(place.root), NOW, task=task), source)
    assert outcome.proposal.complete
    assert sorted(entry.id for entry in outcome.edit.entries) == sorted(paper.id for paper in odd)
    assert outcome.edit.after.count(b"https://arxiv.org/abs/cs/0701001") == 1
    assert {entry.title for entry in parse(outcome.edit.after, task.file).entries} >= {
        "0",
        "None",
    }


def test_what_no_source_can_ask_is_not_complete(place: Place) -> None:
    """The feed alone cannot answer for the past: nothing is asked, the run is incomplete, no feed counts as missed."""
    task = place.settings.lists[0]
    past = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    with serving(place.rss) as server, PoliteSession() as session:
        sources = Sources([RssSource(session, NOW, f"{server.url}/rss")])
        outcome = run_list(job(place.settings, LocalForge(place.root), NOW, task=task, windows=[past]), sources)
    assert not server.asked
    assert not outcome.proposal.complete
    assert [(answer.window, answer.unknown) for answer in outcome.proposal.answers] == [
        (past, Unknown(Reason.NOBODY_ASKED))
    ]
    assert outcome.change.state.coverage == ledger.Coverage()
