"""Papers of other people's pull requests, on the strict GitHub server: offered with a note, later proposed as usual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from github import GithubException

from bot.cli.report import run_report
from bot.config import Config
from bot.forges.github import GithubForge
from bot.pipeline import Outcome
from bot.pullrequest.elsewhere import OFFERED_AT_ONCE, OFFERED_DAYS
from bot.pullrequest.text.summary import summary as summary_text
from tests.conftest import LIST, NOW, PAPERS, ToldSource
from tests.servers.github import GitHubServer, Issue, github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.whole import job, review_list, run_list

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

ONE = "2603.00001"
BRANCH = "arxiv-bot/serving/1"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with github_server(tmp_path / "papers.git", {"README.md": LIST, "src/other.txt": b"kept"}) as server:
        yield server
        assert server.violations == []


def do_run(server: GitHubServer, settings: Config, days: int = 0, papers: ToldSource | None = None) -> Outcome:
    """Run so many days after the first."""
    github = GithubForge("bot-token", server.full_name, server.url)
    return run_list(job(settings, github, NOW + timedelta(days=days)), papers or ToldSource())


def do_review(server: GitHubServer, settings: Config, days: int = 0) -> Outcome:
    github = GithubForge("bot-token", server.full_name, server.url)
    return review_list(job(settings, github, NOW + timedelta(days=days)), lambda ids: [])


def theirs(server: GitHubServer, *papers: str) -> Issue:
    """Open a friend's pull request that lists papers."""
    rows = "".join(f"|[Mine {paper}](https://arxiv.org/abs/{paper})||\n" for paper in papers)
    return server.foreign_pull("friend", {"README.md": LIST + rows.encode()}, "Add mine")


def own(server: GitHubServer) -> Issue:
    (pull,) = [
        i for i in server.issues.values() if i.pull and i.state == "open" and i.pull.head.startswith("arxiv-bot")
    ]
    return pull


def line(server: GitHubServer, paper: str) -> str:
    """Return the line of a paper in the open pull request, empty when there is none."""
    lines = (own(server).body or "").splitlines()
    return next((line for line in lines if f"arxiv-bot:paper {paper} " in line), "")


def listed(server: GitHubServer, branch: str = BRANCH) -> list[str]:
    text = server.read(branch, "README.md").decode()
    return [p.id for p in PAPERS if f"abs/{p.id}" in text]


def limited(settings: Config, **limits: float | None) -> Config:
    task = settings.lists[0]
    return replace(settings, lists=(task.model_copy(update={"limits": task.limits.model_copy(update=limits)}),))


def merge(server: GitHubServer) -> None:
    with server.client("curator-token") as client:
        client.get_repo(server.full_name).get_pull(own(server).number).merge(merge_method="squash")


def test_it_is_offered_with_a_note_outside_the_quota(server: GitHubServer, settings: Config) -> None:
    """No near miss and no paper loses its place to it; text, summary and report tell it; a rerun writes nothing."""
    other = theirs(server, ONE)
    server.foreign_pull("friend", {"src/other.txt": b"2603.00002"}, "Something else")
    tight = limited(settings, near_misses=0, max_open=2)
    outcome = do_run(server, tight)
    assert listed(server) == ["2603.00002", "2603.00003"]
    assert line(server, ONE).startswith("- [ ] ")
    assert f"also in #{other.number} <!--" in line(server, ONE)
    assert "14 days after it was first seen there" in (own(server).body or "")
    assert ONE not in {c.paper.id for c in outcome.change.state.backlog}
    summary = summary_text(outcome.facts, "here")
    assert f"abs/{ONE}): also in #{other.number}" in summary
    (report,) = run_report([outcome], [])["lists"]
    assert [(e["id"], e["pull"]) for e in report["elsewhere"]] == [(ONE, other.number)]
    before = len(server.calls)
    for again in (do_run, do_review):
        again(server, tight)
        assert not any(call.writes for call in server.calls[before:])


def test_a_tick_writes_it(server: GitHubServer, settings: Config) -> None:
    """A person who wants it now gets it now, whatever the other pull request brings; that costs no paper its room."""
    theirs(server, ONE)
    do_run(server, settings)
    pull, old = own(server), line(server, ONE)
    pull.body = (pull.body or "").replace(old, old.replace("- [ ]", "- [x]", 1))
    do_review(server, settings)
    assert ONE in listed(server)
    assert line(server, ONE).startswith("- [x] ")
    assert do_run(server, settings).change.state.elsewhere == ()


@pytest.mark.parametrize("days", [0, 3])
def test_it_is_proposed_when_the_other_closes(server: GitHubServer, settings: Config, days: int) -> None:
    """The next run ticks it; a review in between leaves the offer as it is."""
    other = theirs(server, ONE)
    do_run(server, settings)
    server.close(other, None)
    do_review(server, settings, days)
    assert line(server, ONE).startswith("- [ ] ")
    outcome = do_run(server, settings, days)
    assert line(server, ONE).startswith("- [x] ")
    assert "also in" not in (own(server).body or "")
    assert ONE in listed(server)
    assert outcome.change.state.elsewhere == ()


def test_it_is_proposed_after_two_weeks(server: GitHubServer, settings: Config) -> None:
    """The days count from the run that first saw it there, and the note stays while the other one is open."""
    other = theirs(server, ONE)
    do_run(server, settings)
    do_run(server, settings, OFFERED_DAYS - 1)
    assert line(server, ONE).startswith("- [ ] ")
    do_run(server, settings, OFFERED_DAYS)
    assert line(server, ONE).startswith("- [x] ")
    assert f"also in #{other.number} <!--" in line(server, ONE)
    assert ONE in listed(server)


def test_another_pull_request_does_not_begin_the_days_anew(server: GitHubServer, settings: Config) -> None:
    """One who closes and opens again keeps a paper from being proposed for two weeks, and no longer."""
    first = theirs(server, ONE)
    do_run(server, settings)
    second = theirs(server, ONE)
    server.close(first, None)
    do_run(server, settings, 7)
    assert f"also in #{second.number} <!--" in line(server, ONE)
    do_run(server, settings, OFFERED_DAYS)
    assert ONE in listed(server)


def test_without_room_it_stays_offered(server: GitHubServer, settings: Config) -> None:
    """A paper that may be proposed by now, while the pull request is full, does not vanish from it."""
    full = limited(settings, max_open=2)
    other = theirs(server, ONE)
    do_run(server, full)
    server.close(other, None)
    do_run(server, full)
    assert line(server, ONE).startswith("- [ ] ")
    assert ONE not in listed(server)
    do_run(server, limited(settings, max_open=3))
    assert ONE in listed(server)


def test_a_merge_decides_nothing_on_it(server: GitHubServer, settings: Config) -> None:
    """What was merged with its box untouched is neither dismissed nor forgotten: it comes in the next cycle."""
    other = theirs(server, ONE)
    do_run(server, settings)
    merge(server)
    outcome = do_run(server, settings)
    assert ONE not in {d.id for d in outcome.change.state.decisions}
    assert ONE in {c.paper.id for c in outcome.change.state.backlog}  # nothing is ticked, so no pull request opens
    assert [p.id for p, _ in outcome.facts.elsewhere] == [ONE]
    server.close(other, None)
    do_run(server, settings)
    assert ONE in listed(server, "arxiv-bot/serving/2")


def test_a_merge_decides_nothing_on_it_when_the_state_is_lost(server: GitHubServer, settings: Config) -> None:
    """The text of the merged pull request still says that it was only offered."""
    theirs(server, ONE)
    do_run(server, settings)
    merge(server)
    server.git.delete_ref("refs/heads/arxiv-bot/state")
    outcome = do_run(server, settings)
    assert ONE not in {d.id for d in outcome.change.state.decisions}
    assert [p.id for p, _ in outcome.facts.elsewhere] == [ONE]


def test_what_the_other_merged_is_accepted(server: GitHubServer, settings: Config) -> None:
    """Once it is on the base the offer goes, and the paper is known."""
    other = theirs(server, ONE)
    do_run(server, settings)
    server.push("curator", "main", {"README.md": LIST + f"|[Mine](https://arxiv.org/abs/{ONE})||\n".encode()})
    server.close(other, None)
    outcome = do_run(server, settings)
    assert line(server, ONE) == ""
    assert {d.id: d.kind.value for d in outcome.change.state.decisions} == {ONE: "accepted"}


def test_it_does_not_expire_because_of_it(server: GitHubServer, settings: Config) -> None:
    """A paper that waited unseen for two weeks is proposed, though other papers expire after one week of waiting."""
    brief = limited(settings, backlog_days=7)
    only = ToldSource(PAPERS[:1])
    theirs(server, ONE)
    for day in range(OFFERED_DAYS):
        outcome = do_run(server, brief, day, only)
        assert ONE in {c.paper.id for c in outcome.change.state.backlog}
        assert outcome.facts.expired == ()
    do_run(server, brief, OFFERED_DAYS, only)
    assert listed(server) == [ONE]


def many(papers: Sequence[str]) -> ToldSource:
    return ToldSource(
        (*PAPERS, *(replace(PAPERS[0], id=paper, title=f"KV Cache No. {paper[-3:]}") for paper in papers))
    )


def test_one_who_lists_everything_fills_no_text(server: GitHubServer, settings: Config) -> None:
    """Ten are offered for it; the rest wait, are named with its number, and counted."""
    papers = [f"2603.00{n}" for n in range(100, 130)]
    other = theirs(server, *papers)
    outcome = do_run(server, settings, papers=many(papers))
    assert listed(server) == [ONE, "2603.00002", "2603.00003"]
    offered = [s for s in outcome.board.near_misses if s.instead]
    assert len(offered) == OFFERED_AT_ONCE
    body = own(server).body or ""
    assert body.count(f"also in #{other.number} <!--") == len(offered)
    assert "### In other open pull requests too" in body
    assert "- and 10 more" in body
    assert len(outcome.facts.elsewhere) == len(papers)


def test_a_proposed_paper_that_comes_up_elsewhere_stays(server: GitHubServer, settings: Config) -> None:
    """Its box and its row stay, and the note tells the reviewer."""
    do_run(server, settings)
    other = theirs(server, ONE)
    do_run(server, settings)
    assert line(server, ONE).startswith("- [x] ")
    assert f"also in #{other.number} <!--" in line(server, ONE)
    assert ONE in listed(server)


def test_what_it_kept_out_takes_its_share_of_the_week(server: GitHubServer, settings: Config) -> None:
    """Proposed at last it counts as a new paper of that day, as any other."""
    daily = limited(settings, at_once_at=None, per_week=2)
    other = theirs(server, ONE)
    do_run(server, limited(daily, max_open=2))
    server.close(other, None)
    wide = limited(daily, max_open=5, per_week=5)
    outcome = do_run(server, wide, 7)
    assert ONE in listed(server)
    assert outcome.change.state.quota is not None
    assert outcome.change.state.quota.left == 5 * 5 - 5


@pytest.mark.parametrize("error", [GithubException(404, {"message": "Not Found"}), requests.Timeout()])
def test_no_answer_about_strangers_stops_a_run(
    server: GitHubServer, settings: Config, error: Exception, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """A pull request that is gone, or a limit, costs that look only, and is said."""
    pull = theirs(server, ONE)

    def fail(*_: object) -> dict[str, str | None]:
        raise error

    monkeypatch.setattr("bot.forges.github.others.Others._changes", fail)
    outcome = do_run(server, settings)
    assert ONE in {paper.id for paper in outcome.board.proposed}
    assert f"#{pull.number} was not looked into" in caplog.text


def test_a_large_change_of_the_list_is_not_looked_into(
    server: GitHubServer, settings: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """A stranger's change that GitHub tells no patch of costs one request and no memory, and is said."""
    pull = theirs(server, ONE, *(f"2602.{n:05}" for n in range(3000)))
    outcome = do_run(server, settings)
    assert ONE in {paper.id for paper in outcome.board.proposed}
    assert f"#{pull.number} was not looked into (its change of the list is too large)" in caplog.text


def test_looking_into_strangers_pull_requests_has_a_budget(
    server: GitHubServer, settings: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """However many there are, a run makes at most twenty requests about them, the newest first; later runs go on."""
    do_run(server, settings)
    for n in range(23):
        theirs(server, ONE, f"2602.{n:05}")
    asked = []
    for _ in range(3):
        before = len(server.calls)
        do_run(server, settings)
        asked.append(sum(call.path.endswith("/files") for call in server.calls[before:]))
        assert len(server.calls) - before <= 15 + 20
    assert asked == [20, 3, 0]
    assert "3 older pull requests were not looked into in this run" in caplog.text


def test_lists_share_what_was_looked_into(server: GitHubServer, settings: Config) -> None:
    """A pull request is asked for once, however many lists of the repository are read; a new commit is looked into."""
    pull = theirs(server, ONE)
    github = GithubForge("bot-token", server.full_name, server.url)
    other = settings.lists[0].model_copy(update={"name": "other", "file": "src/other.txt"})
    first, second = github.read(settings.lists[0]), github.read(other)
    assert (set(first.elsewhere), set(second.elsewhere)) == ({ONE}, set())
    assert sum(call.path.endswith("/files") for call in server.calls) == 1
    assert [look.ids for look in first.looks] == [(ONE,)]
    assert pull.pull is not None
    assert first.looks[0].head == pull.pull.head_sha
