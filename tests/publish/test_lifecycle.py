"""The life of a pull request on the strict GitHub server: what people do is done, once, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import run
from bot.config import Config
from bot.errors import PublishError
from bot.model import Paper
from bot.publish.github import GithubPullRequests
from bot.run import Outcome
from tests.conftest import LIST, NOW, PAPERS, ToldSource
from tests.conftest import paper as made
from tests.servers.github import GitHubServer, Issue, github_server
from tests.servers.openapi import DESCRIPTION_INSTALLED

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

BRANCH = "arxiv-bot/serving/1"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with github_server(tmp_path / "papers.git", {"README.md": LIST, "src/other.txt": b"kept"}) as server:
        yield server
        assert server.violations == []


def publisher(server: GitHubServer) -> GithubPullRequests:
    return GithubPullRequests("bot-token", server.full_name, server.url)


def do_run(server: GitHubServer, settings: Config, source: ToldSource | None = None) -> Outcome:
    return run.run(settings, settings.lists[0], source or ToldSource(), publisher(server), NOW)


def do_review(server: GitHubServer, settings: Config) -> Outcome:
    github = publisher(server)
    snapshot = github.current("serving", "README.md")
    return run.review(settings, settings.lists[0], snapshot, library, github, NOW)


def library(ids: Sequence[str]) -> list[Paper]:
    """What arXiv would say."""
    return [p for p in (*PAPERS, made(9, "Another Way of Serving")) if p.id in ids]


def say(server: GitHubServer, text: str, token: str = "curator-token", number: int | None = None) -> None:
    """Comment on the open pull request, or on another issue."""
    with server.client(token) as client:
        client.get_repo(server.full_name).get_issue(number or the_pull(server).number).create_comment(text)


def limited(settings: Config, **limits: float) -> Config:
    """Return the configuration with other limits."""
    task = settings.lists[0]
    return replace(settings, lists=(task.model_copy(update={"limits": task.limits.model_copy(update=limits)}),))


def the_pull(server: GitHubServer) -> Issue:
    (pull,) = [i for i in server.issues.values() if i.pull and i.state == "open"]
    return pull


def click(server: GitHubServer, paper: str) -> None:
    """Change a paper's box as a click does."""
    pull = the_pull(server)
    assert pull.body is not None
    line = next(line for line in pull.body.splitlines() if f"arxiv-bot:paper {paper} " in line)
    flipped = line.replace("- [x]", "- [ ]", 1) if "- [x]" in line else line.replace("- [ ]", "- [x]", 1)
    pull.body = pull.body.replace(line, flipped)


def listed(server: GitHubServer, branch: str = BRANCH) -> list[str]:
    return re.findall(r"2603\.\d{5}(?=\))", server.read(branch, "README.md").decode())


def test_unticking_takes_exactly_the_bots_bytes_out(server: GitHubServer, settings: Config) -> None:
    """An unticked paper's row goes and nothing else; the paper is shown as taken out and never comes again."""
    do_run(server, settings)
    before = server.read(BRANCH, "README.md")
    click(server, "2603.00001")
    outcome = do_review(server, settings)
    row = outcome.removal.removed
    assert row == ("2603.00001",)
    after = server.read(BRANCH, "README.md")
    (gone,) = set(before.splitlines()) - set(after.splitlines())
    assert b"2603.00001" in gone
    assert before.replace(gone + b"\n", b"") == after
    assert "### Taken out" in (the_pull(server).body or "")
    assert "2603.00001" not in listed(server)
    again = do_run(server, settings)
    assert "2603.00001" not in listed(server)
    assert again.change.content is None


def test_ticking_again_brings_it_back(server: GitHubServer, settings: Config) -> None:
    """Unticked and ticked again, with a review after each, leaves the file as it was."""
    do_run(server, settings)
    before = server.read(BRANCH, "README.md")
    for _ in range(2):
        click(server, "2603.00001")
        do_review(server, settings)
    assert server.read(BRANCH, "README.md") == before
    assert do_review(server, settings).change.state.decisions == ()


def test_ticking_a_near_miss_writes_its_row(server: GitHubServer, settings: Config) -> None:
    """A near miss that is ticked comes in, even when the pull request is full."""
    small = limited(settings, max_open=1, near_miss_at=0.05)
    do_run(server, small)
    near = re.findall(r"- \[ \] .*arxiv-bot:paper (\S+) out", the_pull(server).body or "")
    click(server, near[0])
    do_review(server, small)
    assert near[0] in listed(server)
    assert f"arxiv-bot:paper {near[0]} in" in (the_pull(server).body or "")


def test_a_review_reaches_a_fixed_point(server: GitHubServer, settings: Config) -> None:
    """When nothing was asked for, and after what was asked for is done, a review writes nothing at all."""
    do_run(server, settings)
    for clicked in ((), ("2603.00001",)):
        for paper in clicked:
            click(server, paper)
            do_review(server, settings)
        written = len(server.writes)
        do_review(server, settings)
        assert len(server.writes) == written


def test_an_edited_row_is_never_taken_out(server: GitHubServer, settings: Config) -> None:
    """A row that a person edited stays when its box is cleared, byte for byte."""
    do_run(server, settings)
    edited = server.read(BRANCH, "README.md").replace(b"KV Cache Eviction", b"**KV** Cache Eviction")
    server.push("curator", BRANCH, {"README.md": edited})
    click(server, "2603.00001")
    outcome = do_review(server, settings)
    assert outcome.removal.kept == ("2603.00001",)
    assert server.read(BRANCH, "README.md") == edited


def test_what_was_unticked_stays_rejected_after_the_merge(server: GitHubServer, settings: Config) -> None:
    """After a squash merge the rest is accepted, what was unticked rejected, and nothing comes twice."""
    do_run(server, settings)
    click(server, "2603.00003")
    do_review(server, settings)
    with server.client("curator-token") as client:
        client.get_repo(server.full_name).get_pull(the_pull(server).number).merge(merge_method="squash")
    outcome = do_review(server, settings)
    kinds = {d.id: d.kind.value for d in outcome.change.state.decisions}
    assert kinds["2603.00003"] == "rejected"
    assert kinds["2603.00001"] == "accepted"
    do_run(server, settings)
    assert all(i.state == "closed" for i in server.issues.values())


def test_a_review_brings_nothing_new(server: GitHubServer, settings: Config) -> None:
    """A review opens no pull request and adds no paper of its own, however much waits."""
    small = limited(settings, max_open=1)
    do_run(server, small)
    before = server.read(BRANCH, "README.md")
    do_review(server, settings)
    assert server.read(BRANCH, "README.md") == before
    with server.client("curator-token") as client:
        client.get_repo(server.full_name).get_pull(the_pull(server).number).edit(state="closed")
    do_review(server, settings)
    assert not [i for i in server.issues.values() if i.state == "open"]


def test_the_whole_of_a_cycle_that_is_emptied(server: GitHubServer, settings: Config) -> None:
    """When all boxes are cleared the branch's list is the base's again, date and all."""
    do_run(server, settings)
    for paper in listed(server):
        click(server, paper)
    do_review(server, settings)
    assert listed(server) == []
    assert server.read(BRANCH, "README.md") == LIST


@pytest.mark.parametrize("papers", [PAPERS[:1], PAPERS])
def test_commits_are_verified(server: GitHubServer, settings: Config, papers: tuple[object, ...]) -> None:
    """What the bot commits has no author of its own, so GitHub signs it."""
    do_run(server, settings, ToldSource(papers))  # type: ignore[arg-type]
    head = server.git.head(BRANCH)
    assert head in server.signed


# The base moves


def test_an_edit_on_the_base_comes_into_the_branch(server: GitHubServer, settings: Config) -> None:
    """What people do to the list on the base while the pull request is open stands on the branch after the next run."""
    do_run(server, settings)
    edited = LIST.replace(b"A Survey of Everything", b"A **Survey** of Everything")
    server.push("curator", "main", {"README.md": edited, "other.md": b"new"})
    do_run(server, settings)
    now = server.read(BRANCH, "README.md")
    assert b"A **Survey** of Everything" in now
    assert len(listed(server)) == 3
    assert server.read(BRANCH, "other.md") == b"new"
    written = len(server.writes)
    do_run(server, settings)
    assert len(server.writes) == written


def test_a_conflict_in_the_list_keeps_both(server: GitHubServer, settings: Config) -> None:
    """Where both wrote at the end of one table, both rows stay, and the later date does."""
    do_run(server, settings)
    row = b"|[Mine](https://arxiv.org/abs/2402.00009)||\n"
    server.push("curator", "main", {"README.md": LIST.replace(b"2026-01-01", b"2026-02-02") + row})
    do_run(server, settings)
    now = server.read(BRANCH, "README.md")
    assert row in now
    assert b"2026-03-04" in now
    assert len(listed(server)) == 3
    pull = the_pull(server).pull
    assert pull is not None
    assert server.routes._clean(pull.head_sha, server.git.head("main") or "")


def test_a_contradiction_is_asked_about_once(server: GitHubServer, settings: Config) -> None:
    """One row edited in two ways stops the bot with a comment; once people resolved it, it goes on."""
    do_run(server, settings)
    mine, yours = (LIST.replace(b"Caching Things", words) for words in (b"Caching *Things*", b"Caching All Things"))
    on_branch = server.read(BRANCH, "README.md").replace(b"Caching Things", b"Caching All Things")
    assert yours != mine
    server.push("curator", BRANCH, {"README.md": on_branch})
    server.push("curator", "main", {"README.md": mine})
    for _ in range(2):
        with pytest.raises(PublishError, match="contradict"):
            do_run(server, settings)
    assert sum("arxiv-bot:asked conflict" in c.body for c in server.comments.values()) == 1
    assert server.read(BRANCH, "README.md") == on_branch


def test_a_paper_listed_by_hand_meanwhile_is_there_once(server: GitHubServer, settings: Config) -> None:
    """When a person lists on the base what the bot proposed, the bot's row goes and theirs stays."""
    do_run(server, settings)
    row = b"|[[2603.00003] My words for it](https://arxiv.org/abs/2603.00003)||\n"
    server.push("curator", "main", {"README.md": LIST + row})
    outcome = do_run(server, settings)
    now = server.read(BRANCH, "README.md")
    assert row in now
    assert now.count(b"abs/2603.00003") == 1
    assert {d.id: d.kind.value for d in outcome.change.state.decisions} == {"2603.00003": "accepted"}


# Other people's pull requests


def test_papers_of_others_are_not_proposed(server: GitHubServer, settings: Config) -> None:
    """A paper in somebody's open pull request waits, and is named with its number; closed, it is proposed."""
    row = b"|[Mine](https://arxiv.org/abs/2603.00001)||\n"
    theirs = server.foreign_pull("friend", {"README.md": LIST + row}, "Add mine")
    server.foreign_pull("friend", {"src/other.txt": b"2603.00002"}, "Something else")
    outcome = do_run(server, settings)
    assert sorted(listed(server)) == ["2603.00002", "2603.00003"]
    assert f"already in #{theirs.number}" in (outcome.change.text or "")
    assert [c.paper.id for c in outcome.change.state.backlog if c.paper.id == "2603.00001"]
    server.close(theirs, None)
    do_run(server, settings)
    assert "2603.00001" in listed(server)


# How much is asked of GitHub


def test_few_requests(server: GitHubServer, settings: Config) -> None:
    """A first pull request takes at most 15 requests; a run that changes nothing writes nothing."""
    do_run(server, settings)
    first = len(server.calls)
    do_run(server, settings)
    again = server.calls[first:]
    assert first <= 15
    assert not any(call.writes for call in again)
    assert len(again) <= 14


# Commands in comments


def test_commands_are_done_and_answered_once(server: GitHubServer, settings: Config) -> None:
    """Several lines are done at once, one comment says what came of them, and it is not said twice."""
    do_run(server, settings)
    say(server, "Thank you!\n/arxiv-bot reject 2603.00001 because it is a demo\n/arxiv-bot add arXiv:2603.00009v2\n")
    outcome = do_review(server, settings)
    assert sorted(listed(server)) == ["2603.00002", "2603.00003", "2603.00009"]
    decision = next(d for d in outcome.change.state.decisions if d.id == "2603.00001")
    assert (decision.kind.value, decision.reason) == ("rejected", "it is a demo")
    answers = [c.body for c in server.comments.values() if "arxiv-bot:answer" in c.body]
    assert len(answers) == 1
    assert "2603.00001 is rejected" in answers[0]
    assert "2603.00009 goes in" in answers[0]
    do_review(server, settings)
    written = len(server.writes)
    do_review(server, settings)
    assert len(server.writes) == written


def test_moving_a_row(server: GitHubServer, settings: Config) -> None:
    """A row that is moved stands under the other heading, once, and is remembered as moved."""
    do_run(server, settings)
    say(server, "/arxiv-bot move 2603.00001 to survey")
    outcome = do_review(server, settings)
    text = server.read(BRANCH, "README.md").decode()
    survey = text[text.index("## Survey") : text.index("## Caches")]
    assert "2603.00001" in survey
    assert text.count("abs/2603.00001") == 1
    assert {d.id: d.kind.value for d in outcome.change.state.decisions} == {"2603.00001": "moved"}


def test_deferring_until_a_day(server: GitHubServer, settings: Config) -> None:
    """A deferred paper is out until its day, waits meanwhile, and comes again then."""
    do_run(server, settings)
    say(server, "/arxiv-bot defer 2603.00001 until 2026-04-01")
    outcome = do_review(server, settings)
    assert "2603.00001" not in listed(server)
    assert [c.paper.id for c in outcome.change.state.backlog] == ["2603.00001"]
    do_run(server, settings, ToldSource(()))
    assert "2603.00001" not in listed(server)
    later = datetime(2026, 4, 2, tzinfo=UTC)
    run.run(settings, settings.lists[0], ToldSource(()), publisher(server), later)
    assert "2603.00001" in listed(server)


def test_undoing_a_closed_cycle(server: GitHubServer, settings: Config) -> None:
    """What a close dismissed comes back when a comment on the closed pull request undoes it."""
    do_run(server, settings)
    number = the_pull(server).number
    with server.client("curator-token") as client:
        client.get_repo(server.full_name).get_pull(number).edit(state="closed")
    do_review(server, settings)
    say(server, "/arxiv-bot undo 2603.00001", number=number)
    outcome = do_review(server, settings)
    assert [c.paper.id for c in outcome.change.state.backlog] == ["2603.00001"]
    do_run(server, settings, ToldSource(()))
    assert listed(server, "arxiv-bot/serving/2") == ["2603.00001"]


@pytest.mark.parametrize("token", ["reader-token"])
def test_strangers_are_not_heeded(server: GitHubServer, settings: Config, token: str) -> None:
    """Whoever may not write here changes nothing and gets no answer."""
    do_run(server, settings)
    before = server.read(BRANCH, "README.md")
    say(server, "/arxiv-bot reject 2603.00001", token)
    do_review(server, settings)
    assert server.read(BRANCH, "README.md") == before
    assert not any("arxiv-bot:answer" in c.body for c in server.comments.values())


def test_unknown_words_get_the_usage(server: GitHubServer, settings: Config) -> None:
    """What is no command is answered with what can be said, and mentions nobody."""
    do_run(server, settings)
    say(server, "/arxiv-bot please @everyone fixes #1 `x`\n> /arxiv-bot reject 2603.00001\n```\n/arxiv-bot help\n```")
    do_review(server, settings)
    (answer,) = [c.body for c in server.comments.values() if "arxiv-bot:answer" in c.body]
    assert "there is no command" in answer
    assert "| command |" in answer
    assert "@everyone" not in answer
    assert "#1" not in answer


def test_a_question_is_asked_once(server: GitHubServer, settings: Config) -> None:
    """An edited row that is to go is asked about, once."""
    do_run(server, settings)
    edited = server.read(BRANCH, "README.md").replace(b"KV Cache Eviction", b"**KV** Cache Eviction")
    server.push("curator", BRANCH, {"README.md": edited})
    click(server, "2603.00001")
    for _ in range(3):
        do_review(server, settings)
    assert sum("arxiv-bot:asked 2603.00001" in c.body for c in server.comments.values()) == 1


def test_what_waits_in_vain_expires_with_a_notice(server: GitHubServer, settings: Config) -> None:
    """After 90 days without room a paper is told as expired, does not come again, and can still be added."""
    limits = settings.lists[0].limits.model_copy(update={"max_open": 1})
    task = settings.lists[0].model_copy(update={"limits": limits})
    first = run.run(settings, task, ToldSource(), publisher(server), NOW)
    (waiting, *_) = [c.paper.id for c in first.board.backlog]
    before = run.run(settings, task, ToldSource(), publisher(server), NOW + timedelta(days=89))
    assert "Expired without room" not in (the_pull(server).body or "")
    assert waiting in {c.paper.id for c in before.board.backlog}
    late = run.run(settings, task, ToldSource(), publisher(server), NOW + timedelta(days=90))
    assert late.board.backlog == ()
    assert f"(https://arxiv.org/abs/{waiting}), `{waiting}` (2026-06-02)" in (the_pull(server).body or "")
    again = run.run(settings, task, ToldSource(), publisher(server), NOW + timedelta(days=91))
    assert again.board.backlog == ()
    say(server, f"/arxiv-bot add {waiting}")
    github = publisher(server)
    snapshot = github.current("serving", "README.md")
    added = run.review(settings, task, snapshot, lambda ids: [], github, NOW + timedelta(days=91))
    assert waiting in {s.candidate.paper.id for s in added.board.proposed}
    assert waiting not in {e.paper.id for e in added.facts.expired}
