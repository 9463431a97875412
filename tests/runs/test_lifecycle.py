"""The life of a pull request on the strict GitHub server: what people do is done, once, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import config
from bot.cli import main
from bot.config import Config, ListConfig
from bot.config.model import Opening, Phrase
from bot.errors import PublishError
from bot.forges.github import GithubForge
from bot.model import NO_EXPECTATION, Batch, Expectation, Paper, Query, Window
from bot.pipeline import Outcome, publish_one
from bot.pullrequest.boxes import boxes
from bot.pullrequest.change import Change
from tests.conftest import CONFIG, LIST, NOW, PAPERS, ToldSource
from tests.conftest import paper as made
from tests.servers.github import GitHubServer, Issue, github_server
from tests.servers.github.git import Person, TreeChange
from tests.servers.github.model import Call, Fault, Refused
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.whole import begun, job, review_list, run_list

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

BRANCH = "arxiv-bot/serving/1"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with github_server(tmp_path / "papers.git", {"README.md": LIST, "src/other.txt": b"kept"}) as server:
        yield server
        assert server.violations == []


def forge(server: GitHubServer) -> GithubForge:
    return GithubForge("bot-token", server.full_name, server.url)


def do_run(server: GitHubServer, settings: Config, source: ToldSource | None = None) -> Outcome:
    return run_list(job(settings, forge(server), NOW), source or ToldSource())


def do_review(server: GitHubServer, settings: Config) -> Outcome:
    github = forge(server)
    return review_list(job(settings, github, NOW), library)


def library(ids: Sequence[str]) -> list[Paper]:
    """What arXiv would say."""
    return [p for p in (*PAPERS, made(9, "Another Way of Serving")) if p.id in ids]


def say(server: GitHubServer, text: str, token: str = "curator-token", number: int | None = None) -> None:
    """Comment on the open pull request, or on another issue."""
    with server.client(token) as client:
        client.get_repo(server.full_name).get_issue(number or the_pull(server).number).create_comment(text)


def limited(settings: Config, **limits: float | None) -> Config:
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
    small = limited(settings, max_open=1, near_miss_at=0.02)
    do_run(server, small)
    near = re.findall(r"- \[ \] .*arxiv-bot:paper (\S+) waits", the_pull(server).body or "")
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


def test_neighbouring_rows_edited_on_both_sides(server: GitHubServer, settings: Config) -> None:
    """A row edited on the branch and the next one on the base both stay as edited, beside the bot's rows."""
    row = b"|[[2401.00003] More Caching (arxiv.org)](https://arxiv.org/abs/2401.00003)||\n"
    server.push("curator", "main", {"README.md": LIST + row})
    do_run(server, settings)
    on_branch = server.read(BRANCH, "README.md").replace(b"Caching Things", b"Caching *Things*")
    server.push("curator", BRANCH, {"README.md": on_branch})
    server.push("curator", "main", {"README.md": LIST + row.replace(b"More Caching", b"Even More Caching")})
    do_run(server, settings)
    assert server.read(BRANCH, "README.md") == on_branch.replace(b"More Caching", b"Even More Caching")
    assert len(listed(server)) == 3


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


# How much is asked of GitHub


def test_few_requests(server: GitHubServer, settings: Config) -> None:
    """A first pull request takes at most 15 requests; a run and a review that change nothing 10, and write nothing."""
    known = ToldSource((*PAPERS, replace(PAPERS[0], id="2401.00001", title="A Survey of Everything")))
    outcome = do_run(server, settings, known)
    assert outcome.change.state.library  # so that both files of the state are read
    assert len(server.calls) <= 15
    say(server, "/arxiv-bot reject 2603.00001")
    for _ in range(2):  # the second finds its own answer
        do_review(server, settings)
    do_run(server, settings, known)  # what is offered is judged anew, by the decision too
    quiet: tuple[Callable[[], Outcome], ...] = (
        lambda: do_run(server, settings, known),
        lambda: do_review(server, settings),
    )
    for again in quiet:
        before = len(server.calls)
        again()
        assert not any(call.writes for call in server.calls[before:])
        assert len(server.calls) - before <= 10


def test_few_requests_to_add_papers(server: GitHubServer, settings: Config) -> None:
    """Papers that join the open pull request take at most 16 requests: one writes the list, three the state."""
    do_run(server, settings, ToldSource(PAPERS[:2]))
    before = len(server.calls)
    do_run(server, settings)
    writes = [call for call in server.calls[before:] if call.writes]
    assert [call.method for call in writes] == ["PUT", "POST", "POST", "PATCH", "PATCH"]
    assert len(server.calls) - before <= 16


# How a pull request is opened


def opened_with(settings: Config, **keys: object) -> Config:
    """Return the configuration with other keys of `pull_request`."""
    return replace(
        settings, lists=(settings.lists[0].model_copy(update={"pull_request": Opening.model_validate(keys)}),)
    )


def test_labels_and_people(server: GitHubServer, settings: Config) -> None:
    """A new pull request is a draft with labels and people, in at most 15 requests; later they are people's own."""
    wanted = opened_with(settings, labels=["papers", "bot"], assignees=["curator"], reviewers=["helper"], draft=True)
    do_run(server, wanted, ToldSource(PAPERS[:2]))
    assert len(server.calls) <= 15
    issue = the_pull(server)
    assert issue.pull is not None
    assert issue.labels == ["papers", "bot"]
    assert [a.login for a in issue.assignees] == ["curator"]
    assert [a.login for a in issue.pull.reviewers] == ["helper"]
    assert issue.pull.draft
    issue.labels, issue.assignees, issue.pull.reviewers, issue.pull.draft = [], [], [], False
    do_run(server, wanted)
    assert (issue.labels, issue.assignees, issue.pull.reviewers, issue.pull.draft) == ([], [], [], False)


def test_missing_rights_for_labels_stop_nothing(server: GitHubServer, settings: Config) -> None:
    """What GitHub refuses beside the pull request is told and fails nothing; so is a draft where there are none."""

    def refuses(call: Call) -> Refused | None:
        if call.path.endswith(("/labels", "/requested_reviewers")) and call.writes:
            return Refused(403, "Resource not accessible by integration")
        if call.path.endswith("/pulls") and call.writes and call.body.get("draft"):
            return Refused(422, "Draft pull requests are not supported in this repository.")
        return None

    server.refuse = refuses
    wanted = opened_with(
        settings, labels=["papers"], assignees=["curator", "nobody"], reviewers=["helper", "org/team"], draft=True
    )
    publication = do_run(server, wanted).publication
    assert publication is not None
    assert [trouble.split(":")[0] for trouble in publication.troubles] == [
        "The pull request is not a draft",
        "It could not be labelled papers",
        "It could not be assigned to nobody",
        "It could not be given for review to helper, org/team",
    ]
    assert [a.login for a in the_pull(server).assignees] == ["curator"]
    assert not server.violations


def test_new_papers_at_every_run(server: GitHubServer, settings: Config) -> None:
    """With a low `at_once_at` each run brings all there is room for, what waited before included."""
    few = limited(settings, max_open=3)
    do_run(server, few, ToldSource(PAPERS[:2]))
    assert sorted(listed(server)) == ["2603.00001", "2603.00002"]
    more = [made(n, f"A KV Cache for LLM Serving in {n}") for n in (11, 12)]
    assert len(do_run(server, few, ToldSource(more)).board.new) == 1
    assert len(do_run(server, limited(settings, max_open=5), ToldSource(())).board.new) == 1


def test_a_paper_of_one_side_is_not_proposed(server: GitHubServer, settings: Config) -> None:
    """With groups of phrases a paper that misses one is neither proposed nor offered, even where the feed brings it."""
    task = settings.lists[0].model_copy(update={"all_of": ((Phrase(phrase="serving"),), (Phrase(phrase="KV cache"),))})
    papers = [made(11, "A KV Cache for LLM Serving"), made(12, "A Scheduler for LLM Serving")]
    outcome = do_run(server, replace(settings, lists=(task,)), ToldSource(papers))
    assert sorted(listed(server)) == ["2603.00011"]
    assert not outcome.board.near_misses
    assert not outcome.change.state.backlog
    assert outcome.proposal.irrelevant == 1


def test_without_room_people_are_heeded(server: GitHubServer, settings: Config) -> None:
    """When the days so far have no room left, new papers wait; boxes are heeded and periods proven meanwhile."""
    daily = limited(settings, near_misses=0, max_open=2, per_week=2, at_once_at=None)
    do_run(server, daily, ToldSource(PAPERS[:2]))  # a Wednesday
    assert sorted(listed(server)) == ["2603.00001", "2603.00002"]
    click(server, "2603.00002")
    evening, monday = NOW + timedelta(hours=9), NOW + timedelta(days=5)
    outcome = run_list(job(daily, forge(server), evening), ToldSource(PAPERS[:3]))
    assert listed(server) == ["2603.00001"]
    assert [c.paper.id for c in outcome.change.state.backlog] == ["2603.00003"]
    assert max(c.until for c in outcome.change.state.coverage.covered) == evening
    run_list(job(daily, forge(server), monday), ToldSource(()))
    assert sorted(listed(server)) == ["2603.00001", "2603.00003"]


def test_new_papers_by_the_day(server: GitHubServer, settings: Config) -> None:
    """The first run brings papers of a week; then the best come a fifth a day, and the text says why others wait."""
    daily = limited(settings, near_misses=0, max_open=20, per_week=10, at_once_at=None)
    days = [datetime(2026, 3, day, 6, 37, tzinfo=UTC) for day in (6, 9, 10)]  # Friday, Monday, Tuesday
    more = [made(n, f"A KV Cache for LLM Serving in {n}") for n in range(11, 18)]

    def do(papers: Sequence[Paper], now: datetime, windows: Sequence[Window] = ()) -> list[str]:
        found = run_list(job(daily, forge(server), now, windows=windows), ToldSource(papers))
        return [shown.candidate.paper.id[-2:] for shown in found.board.new]

    assert do(PAPERS[:3], days[0]) == ["02", "01", "03"]
    assert [do(more, days[1]), do(more, days[1])] == [["11", "12"], []]
    text = the_pull(server).body or ""
    assert "**5 more** wait in the backlog, and will be shown, best first, when there is room: 10 new papers" in text
    assert "all at the first run, later a fifth of them each working day; 20 at most are open at once." in text
    github = forge(server)
    assert review_list(job(daily, github, days[2]), library).board.new == ()
    assert do((), days[2]) == ["13", "14"]
    by_hand = (Window(days[0], days[2]),)
    assert do((), days[2], by_hand) == ["15", "16", "17"]


def test_lost_papers_come_again_at_once(server: GitHubServer, settings: Config) -> None:
    """Papers whose branch was deleted stood in the pull request already: they all come again at once."""
    daily = limited(settings, at_once_at=None)
    do_run(server, daily)
    assert do_run(server, daily).board.new == ()
    the_pull(server).state = "closed"
    server.git.delete_ref(f"refs/heads/{BRANCH}")
    assert len(do_run(server, daily).board.new) == 3


def test_a_review_with_a_personal_token_reaches_a_fixed_point(server: GitHubServer, settings: Config) -> None:
    """Where the bot writes as a person, so that its own edits and answers wake it again, the second review is quiet."""
    github = GithubForge("helper-token", server.full_name, server.url)
    run_list(job(settings, github, NOW), ToldSource())
    say(server, "/arxiv-bot reject 2603.00001\n/arxiv-bot what")
    click(server, "2603.00003")
    for _ in range(2):
        written = len(server.writes)
        review_list(job(settings, github, NOW), library)
    assert len(server.writes) == written
    assert listed(server) == ["2603.00002"]


def test_what_is_written_keeps_its_mode(server: GitHubServer, settings: Config) -> None:
    """A list that is executable stays so."""
    head = server.git.head("main")
    assert head is not None
    tree = server.git.changed_tree(head, [TreeChange("README.md", server.git.blob(LIST), 0o100755)])
    who = Person("curator", "curator@example.org")
    server.git.set_ref("refs/heads/main", server.git.make_commit(tree, [head], "Mode", who, NOW))
    do_run(server, settings)
    branch = server.git.head(BRANCH)
    assert branch is not None
    found = server.git.find(branch, "README.md")
    assert found is not None
    assert found[0] == 0o100755


def test_reopening_undoes_a_close(server: GitHubServer, settings: Config) -> None:
    """A pull request that was closed, and is reopened, has its papers back; what was unticked stays rejected."""
    do_run(server, settings)
    click(server, "2603.00003")
    before = do_review(server, settings)
    text, number = the_pull(server).body, the_pull(server).number
    with server.client("curator-token") as client:
        pull = client.get_repo(server.full_name).get_pull(number)
        pull.edit(state="closed")
        closed = do_run(server, settings)
        kinds = {d.id: d.kind.value for d in closed.change.state.decisions}
        assert kinds == {
            "2603.00001": "dismissed", "2603.00002": "dismissed", "2603.00003": "rejected", "2603.00004": "dismissed"
        }  # fmt: skip
        pull.edit(state="open")
    again = do_review(server, settings)
    assert again.change.state.open == before.change.state.open
    assert {d.id: d.kind.value for d in again.change.state.decisions} == {"2603.00003": "rejected"}
    do_run(server, settings)
    assert (the_pull(server).number, the_pull(server).body) == (number, text)
    assert sorted(listed(server)) == ["2603.00001", "2603.00002"]


def test_reopening_after_nothing_was_decided(server: GitHubServer, settings: Config) -> None:
    """A pull request closed by deleting its branch, restored and reopened, has its papers back by a review alone."""
    do_run(server, settings)
    issue, head = the_pull(server), server.git.head(BRANCH)
    assert head is not None
    with server.client("curator-token") as client:
        repository = client.get_repo(server.full_name)
        repository.get_git_ref(f"heads/{BRANCH}").delete()
        lost = do_review(server, settings)
        assert not lost.change.state.open
        repository.create_git_ref(f"refs/heads/{BRANCH}", head)
        repository.get_pull(issue.number).edit(state="open")
    again = do_review(server, settings)
    assert sorted(p.candidate.paper.id for p in again.change.state.open if p.row) == sorted(listed(server))


# What else people do


@pytest.mark.parametrize("method", ["squash", "merge", "rebase"])
def test_however_it_is_merged(server: GitHubServer, settings: Config, method: str) -> None:
    """Squashed, merged or rebased, with its branch deleted or not: accepted, and the next find opens the next cycle."""
    do_run(server, settings, ToldSource(PAPERS[:2]))
    merge(server, method, delete=method != "merge")
    outcome = do_run(server, settings, ToldSource(PAPERS[:2]))
    assert {d.id: d.kind.value for d in outcome.change.state.decisions} == {
        "2603.00001": "accepted", "2603.00002": "accepted"
    }  # fmt: skip
    do_run(server, settings)
    assert the_pull(server).pull is not None
    assert sorted(listed(server, "arxiv-bot/serving/2")) == ["2603.00001", "2603.00002", "2603.00003"]


@pytest.mark.parametrize("seen", [True, False])
def test_a_reverted_merge_stays_reverted(server: GitHubServer, settings: Config, seen: bool) -> None:
    """Papers that were merged and taken out again, before or after the bot saw the merge, are not proposed again."""
    do_run(server, settings, ToldSource(PAPERS[:2]))
    merge(server)
    if seen:
        do_run(server, settings, ToldSource(PAPERS[:2]))
    server.push("curator", "main", {"README.md": LIST}, "Revert the papers")
    do_run(server, settings)
    assert listed(server, "arxiv-bot/serving/2") == ["2603.00003"]


def test_a_deleted_branch_decides_nothing(server: GitHubServer, settings: Config) -> None:
    """When the branch of an open pull request is deleted its papers come again, in the next cycle."""
    do_run(server, settings)
    with server.client("curator-token") as client:
        client.get_repo(server.full_name).get_git_ref(f"heads/{BRANCH}").delete()
    outcome = do_run(server, settings)
    assert outcome.change.state.decisions == ()
    assert sorted(listed(server, "arxiv-bot/serving/2")) == ["2603.00001", "2603.00002", "2603.00003"]
    assert the_pull(server).pull is not None


def test_the_button_update_branch_decides_nothing(server: GitHubServer, settings: Config) -> None:
    """A merge of the base into the branch by GitHub's button is no decision, and costs no commit of the bot."""
    do_run(server, settings)
    server.push("curator", "main", {"README.md": LIST.replace(b"# Serving\n", b"# Serving\nWelcome.\n", 1)})
    with server.client("curator-token") as client:
        assert client.get_repo(server.full_name).get_pull(the_pull(server).number).update_branch()
    head = server.git.head(BRANCH)
    outcome = do_run(server, settings)
    assert outcome.change.state.decisions == ()
    assert server.git.head(BRANCH) == head
    assert b"Welcome." in server.read(BRANCH, "README.md")
    assert len(listed(server)) == 3
    written = len(server.writes)
    do_run(server, settings)
    assert len(server.writes) == written


def test_a_renamed_default_branch(server: GitHubServer, settings: Config) -> None:
    """When the default branch gets another name the pull request goes on, and what follows is merged there."""
    do_run(server, settings, ToldSource(PAPERS[:2]))
    old = server.git.head("main")
    assert old is not None
    server.git.set_ref("refs/heads/trunk", old)
    server.git.delete_ref("refs/heads/main")
    server.default_branch = "trunk"
    issue = the_pull(server)
    assert issue.pull is not None
    issue.pull.base = "trunk"  # as GitHub does
    server.push("curator", "trunk", {"README.md": LIST.replace(b"Caching Things", b"Caching All Things")})
    do_run(server, settings)
    assert the_pull(server).number == issue.number
    assert b"Caching All Things" in server.read(BRANCH, "README.md")
    assert len(listed(server)) == 3
    merge(server)
    do_review(server, settings)
    do_run(server, settings, ToldSource((*PAPERS, made(9, "Prefetching for LLM Serving"))))
    pull = the_pull(server).pull
    assert pull is not None
    assert (pull.head, pull.base) == ("arxiv-bot/serving/2", "trunk")


def test_a_moved_list(server: GitHubServer, settings: Config) -> None:
    """A list that moved is named until the configuration says where it is; then the open pull request follows."""
    do_run(server, settings, ToldSource(PAPERS[:2]))
    server.push("curator", "main", {"README.md": None, "docs/papers.md": LIST}, "Move the list")
    with pytest.raises(PublishError, match=r"has no README\.md on branch main; set 'file' in the configuration"):
        do_run(server, settings)
    moved = replace(settings, lists=(settings.lists[0].model_copy(update={"file": "docs/papers.md"}),))
    outcome = do_run(server, moved)
    assert outcome.change.state.decisions == ()
    assert len(re.findall(rb"abs/2603", server.read(BRANCH, "docs/papers.md"))) == 3
    head = server.git.head(BRANCH)
    assert head is not None
    assert server.git.find(head, "README.md") is None
    assert the_pull(server).title == "docs/papers.md: 3 new papers"
    server.push("curator", BRANCH, {"docs/papers.md": None}, "Delete it on the branch")
    with pytest.raises(
        PublishError, match=r"has no docs/papers\.md on branch arxiv-bot/serving/1; .* restore the file there"
    ):
        do_run(server, moved)


@pytest.mark.parametrize("branch", [BRANCH, "arxiv-bot/state"])
def test_protected_branches_are_told(server: GitHubServer, settings: Config, branch: str) -> None:
    """A rule that keeps the bot from a branch is told as such, not as a race; once it is lifted the run goes on."""
    do_run(server, settings, ToldSource(PAPERS[:1]))
    server.protected.add(branch)
    for _ in range(2):
        with pytest.raises(PublishError, match=rf"a rule of the repository stops the bot from writing to {branch}"):
            do_run(server, settings)
    server.protected.clear()
    do_run(server, settings)
    assert len(listed(server)) == 3
    assert len([i for i in server.issues.values() if i.pull]) == 1


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_run_stopped_while_it_wrote_the_list(server: GitHubServer, settings: Config, fault: Fault) -> None:
    """A branch that was made, and the list perhaps not written, is gone on with, also when the base moved meanwhile."""
    server.fault = lambda call: fault if call.method == "PUT" else None
    with pytest.raises(PublishError, match="GitHub cannot be reached"):
        do_run(server, settings)
    server.fault = lambda call: None
    server.push("curator", "main", {"README.md": LIST.replace(b"# Serving\n", b"# Serving\nWelcome.\n", 1)})
    for _ in range(2):
        do_run(server, settings)
    assert the_pull(server).pull is not None
    assert sorted(listed(server)) == ["2603.00001", "2603.00002", "2603.00003"]
    assert b"Welcome." in server.read(BRANCH, "README.md")
    written = len(server.writes)
    do_run(server, settings)
    assert len(server.writes) == written


# The state is lost


def merge(server: GitHubServer, method: str = "squash", *, delete: bool = False) -> None:
    """Merge the open pull request as a person does, and delete its branch when asked to."""
    issue = the_pull(server)
    assert issue.pull is not None
    with server.client("curator-token") as client:
        repository = client.get_repo(server.full_name)
        repository.get_pull(issue.number).merge(merge_method=method)
        if delete:
            repository.get_git_ref(f"heads/{issue.pull.head}").delete()


def test_a_merge_while_arxiv_is_asked(server: GitHubServer, settings: Config) -> None:
    """Nothing is written on a branch that was merged meanwhile: what was found comes in the next cycle, not lost."""
    do_run(server, settings, ToldSource(PAPERS[:1]))
    todo = job(settings, forge(server), NOW)
    case, proposal = begun(todo, ToldSource(PAPERS[:2]))
    merge(server)
    before = server.read(BRANCH, "README.md")
    with pytest.raises(PublishError, match=r"the pull request of arxiv-bot/serving/1 is not open any more; run again"):
        publish_one(todo, case, proposal)
    assert server.read(BRANCH, "README.md") == before
    outcome = do_run(server, settings, ToldSource(PAPERS[:2]))
    assert {d.id: d.kind.value for d in outcome.change.state.decisions} == {"2603.00001": "accepted"}
    assert "2603.00002" in listed(server, "arxiv-bot/serving/2")


def lose_state(server: GitHubServer) -> None:
    """Delete the state branch as a person would."""
    with server.client("curator-token") as client:
        client.get_repo(server.full_name).get_git_ref("heads/arxiv-bot/state").delete()


def without_row(server: GitHubServer, paper: str, branch: str = BRANCH) -> None:
    """Delete a paper's row on a branch by hand."""
    lines = server.read(branch, "README.md").splitlines(keepends=True)
    server.push("curator", branch, {"README.md": b"".join(x for x in lines if f"abs/{paper}".encode() not in x)})


class QuietSource(ToldSource):
    """Has nothing new, but knows papers by id."""

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        return ToldSource(()).fetch(query, windows, expected)


def test_decisions_survive_a_cycle_without_a_pull_request(server: GitHubServer, settings: Config) -> None:
    """With the state deleted, a first cycle that never had a pull request hides none of the later ones."""
    server.push("curator", "arxiv-bot/serving/1", {"README.md": LIST})
    github = forge(server)
    snapshot = github.read(settings.lists[0])
    github.write(snapshot, Change("serving", "README.md", snapshot.cycle, replace(snapshot.state, cycle=1)))
    with server.client("curator-token") as client:
        client.get_repo(server.full_name).get_git_ref(f"heads/{BRANCH}").delete()
    do_run(server, settings)
    pull = the_pull(server).pull
    assert pull is not None
    assert pull.head == "arxiv-bot/serving/2"
    click(server, "2603.00001")
    do_review(server, settings)
    lose_state(server)
    outcome = do_run(server, settings)
    assert [(d.id, d.kind.value) for d in outcome.change.state.decisions] == [("2603.00001", "rejected")]


def test_decisions_survive_the_state(server: GitHubServer, settings: Config) -> None:
    """With the state deleted in the middle of a life the pull requests tell all decisions, and nothing returns."""
    second = tuple(
        made(n, f"Another {word} for LLM Serving") for n, word in ((6, "Cache"), (7, "Queue"), (8, "Router"))
    )
    third = tuple(
        made(n, f"One more {word} for LLM Serving") for n, word in ((10, "Batch"), (11, "Kernel"), (12, "Node"))
    )
    papers = (*PAPERS, *second, *third)

    def step(source: ToldSource) -> Outcome:
        server.now += timedelta(days=1)
        return run_list(job(settings, forge(server), server.now), source)

    def kinds(outcome: Outcome) -> dict[str, str]:
        return {d.id: d.kind.value for d in outcome.change.state.decisions}

    step(ToldSource(PAPERS))  # the first is merged: one cleared, one whose row was removed
    click(server, "2603.00001")
    without_row(server, "2603.00002")
    step(ToldSource(PAPERS))
    merge(server, delete=True)
    step(ToldSource((*PAPERS, *second)))  # the second is closed: one dismissed by a comment, one undone after the close
    say(server, "/arxiv-bot dismiss 2603.00006")
    step(ToldSource((*PAPERS, *second)))
    number = the_pull(server).number
    with server.client("curator-token") as client:
        client.get_repo(server.full_name).get_pull(number).edit(state="closed")
    step(ToldSource((*PAPERS, *second)))
    say(server, "/arxiv-bot undo 2603.00007", number=number)
    step(ToldSource(papers))  # the third is open: one cleared, one whose row was removed
    click(server, "2603.00010")
    step(ToldSource(papers))
    without_row(server, "2603.00011", "arxiv-bot/serving/3")
    before = step(ToldSource(papers))
    rows = set(listed(server, "arxiv-bot/serving/3")) - set(listed(server, "main"))

    lose_state(server)
    again = step(QuietSource(papers))
    assert kinds(again) == kinds(before)
    assert again.change.cycle == 3
    assert sorted(p.candidate.paper.id for p in again.change.state.open if p.row) == sorted(rows)
    assert {i for i, (ticked, _) in boxes(the_pull(server).body or "").items() if ticked} == rows
    final = step(ToldSource(papers))
    assert kinds(final) == kinds(before)
    now = listed(server, "arxiv-bot/serving/3")
    assert sorted(now) == sorted(set(now))
    assert rows <= set(now)
    assert not {i for i, kind in kinds(before).items() if kind != "accepted"} & set(now)


def test_a_box_cleared_while_the_state_was_lost(server: GitHubServer, settings: Config) -> None:
    """What a person clicked since the last run counts, although the state is gone: the row goes and stays away."""
    do_run(server, settings)
    click(server, "2603.00003")
    lose_state(server)
    do_run(server, settings)
    assert sorted(listed(server)) == ["2603.00001", "2603.00002"]
    outcome = do_run(server, settings)
    assert sorted(listed(server)) == ["2603.00001", "2603.00002"]
    assert {d.id: d.kind.value for d in outcome.change.state.decisions} == {"2603.00003": "rejected"}


# Commands in comments


TWO = CONFIG + CONFIG.removeprefix("lists:\n").replace("serving\n", "other\n").replace("README", "B")


def test_of_several_lists_one_answers(server: GitHubServer) -> None:
    """What is said on an issue is done in the list that knows the paper, and answered by one comment."""
    both = config.loads(TWO, "config/keywords.yaml")
    server.push("curator", "main", {"B.md": LIST})
    github = forge(server)

    def each(do: Callable[[ListConfig], Outcome]) -> list[Outcome]:
        return [do(task) for task in both.lists]

    papers = {"serving": PAPERS[:2], "other": PAPERS[2:3]}
    each(lambda task: run_list(job(both, github, NOW, task=task), ToldSource(papers[task.name])))
    with server.client("curator-token") as client:
        repository = client.get_repo(server.full_name)
        issue = repository.create_issue("Papers")
        issue.create_comment("/arxiv-bot reject 2603.00001 because it is a demo")
        issue.create_comment("/arxiv-bot help")
        pull = next(i for i in server.issues.values() if i.pull and i.pull.head == BRANCH)
        repository.get_issue(pull.number).create_comment("/arxiv-bot dismiss 2603.00002")

    def look(task: ListConfig) -> Outcome:
        return review_list(job(both, github, NOW, task=task), library)

    decided = {o.proposal.list: {d.id: d.kind.value for d in o.change.state.decisions} for o in each(look)}
    assert decided == {"serving": {"2603.00001": "rejected", "2603.00002": "dismissed"}, "other": {}}
    answers = [c.body for c in server.comments.values() if "arxiv-bot:answer" in c.body]
    assert len(answers) == 3
    each(look)
    assert sum("arxiv-bot:answer" in c.body for c in server.comments.values()) == 3


def test_deciding_by_hand_leaves_comments_to_the_next_run(
    server: GitHubServer, settings: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`decide` asks nothing of arXiv, so a comment that needs it is not answered until a review hears it."""
    do_run(server, settings)
    say(server, "/arxiv-bot add 2603.00009")
    (tmp_path / "keywords.yaml").write_text(CONFIG)
    for name, value in {"TOKEN": "bot-token", "REPOSITORY": server.full_name, "API_URL": server.url}.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    words = ["decide", "2603.00001", "reject", "because\nof\u2028/arxiv-bot dismiss 2603.00002"]
    with pytest.raises(SystemExit, match="0"):
        main.main([*words, "--config", str(tmp_path / "keywords.yaml"), "--today", NOW.date().isoformat()])
    assert listed(server) == ["2603.00002", "2603.00003"]
    assert [c.body for c in server.comments.values() if "arxiv-bot:answer" in c.body] == []
    do_review(server, settings)
    assert "2603.00009" in listed(server)


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
    run_list(job(settings, forge(server), later), ToldSource(()))
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
    first = run_list(job(settings, forge(server), NOW, task=task), ToldSource())
    (waiting, *_) = [c.paper.id for c in first.board.backlog]
    before = run_list(job(settings, forge(server), NOW + timedelta(days=89), task=task), ToldSource())
    assert "Expired without room" not in (the_pull(server).body or "")
    assert waiting in {c.paper.id for c in before.board.backlog}
    late = run_list(job(settings, forge(server), NOW + timedelta(days=90), task=task), ToldSource())
    assert late.board.backlog == ()
    assert f"(https://arxiv.org/abs/{waiting}), `{waiting}` (2026-06-02)" in (the_pull(server).body or "")
    again = run_list(job(settings, forge(server), NOW + timedelta(days=91), task=task), ToldSource())
    assert again.board.backlog == ()
    say(server, f"/arxiv-bot add {waiting}")
    github = forge(server)
    added = review_list(job(settings, github, NOW + timedelta(days=91), task=task), lambda ids: [])
    assert waiting in {s.candidate.paper.id for s in added.board.proposed}
    assert waiting not in {e.paper.id for e in added.facts.expired}
