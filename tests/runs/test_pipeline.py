"""The one path: its two halves come to what a run does, and people are heard before anything is judged."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import pipeline
from bot.config import Config
from bot.errors import PublishError
from bot.forges.local import LocalForge
from bot.model import Candidate, Verdict, Window
from bot.pullrequest.case import case_of
from bot.pullrequest.proposal import dump_proposals, load_proposals
from bot.pullrequest.settle import settle
from bot.pullrequest.snapshot import Comment, PullRequest, Snapshot
from bot.state.decision import DecisionKind
from bot.state.model import OpenPaper, State
from tests.conftest import LIST, NOW, PAPERS, ToldSource
from tests.servers.whole import begun, job, publish_list, run_list


def repository(folder: Path) -> LocalForge:
    """Return where a new repository with the list is read and written."""
    folder.mkdir()
    (folder / "README.md").write_bytes(LIST)
    for command in ("init -q -b main", "config user.name C", "config user.email c@e.org", "add -A", "commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)
    return LocalForge(folder)


def test_the_halves_come_to_what_a_run_does(tmp_path: Path, settings: Config) -> None:
    """A proposal that went through a file is published as it is in one process: the same list, text and state."""
    whole = run_list(job(settings, repository(tmp_path / "one"), NOW), ToldSource())
    apart = job(settings, repository(tmp_path / "two"), NOW)
    proposals, failures = pipeline.discover(apart, ToldSource())
    assert failures == []
    halves = publish_list(apart, *load_proposals(dump_proposals(tuple(proposals)), "proposal.json"))
    assert replace(halves, publication=None) == replace(whole, publication=None)
    assert halves.edit.entries


def test_the_half_that_writes_reads_again(tmp_path: Path, settings: Config) -> None:
    """A paper that a person listed since it was proposed is not written a second time."""
    todo = job(settings, repository(tmp_path / "one"), NOW)
    _, proposal = begun(todo, ToldSource())
    listed = LIST.replace(b"2401.00002", b"2603.00001")
    (tmp_path / "one" / "README.md").write_bytes(listed)
    subprocess.run(["git", "commit", "-qam", "y"], cwd=tmp_path / "one", check=True)
    outcome = publish_list(todo, proposal)
    assert "2603.00001" in {candidate.paper.id for candidate in proposal.candidates}
    assert outcome.edit.before == listed
    assert {entry.id for entry in outcome.edit.entries} == {"2603.00002", "2603.00003"}


def test_another_configuration_does_not_publish(tmp_path: Path, settings: Config) -> None:
    """A proposal for other keywords than those of today is refused with what to do."""
    todo = job(settings, repository(tmp_path / "one"), NOW)
    _, proposal = begun(todo, ToldSource())
    with pytest.raises(PublishError, match="the configuration changed since discover; run discover again"):
        publish_list(todo, replace(proposal, query="0" * 16))


def test_only_what_was_planned_is_recorded(tmp_path: Path, settings: Config, caplog: pytest.LogCaptureFixture) -> None:
    """Publish records no period that neither the state nor a person wanted asked, whatever a proposal says."""
    todo = job(settings, repository(tmp_path / "one"), NOW)
    _, proposal = begun(todo, ToldSource())
    (answer,) = proposal.answers
    always = Window(datetime(1991, 8, 14, tzinfo=UTC), NOW)
    lie = replace(proposal, answers=(replace(answer, window=always, received=0, total=0, proves=True, unknown=None),))
    outcome = publish_list(todo, lie)
    assert outcome.change.state.coverage.covered == ()
    assert outcome.edit.entries
    assert "1 period of the proposal, which nobody asked for, not recorded" in caplog.text
    asked = job(settings, repository(tmp_path / "two"), NOW, windows=(always,))
    (covered,) = publish_list(asked, lie).change.state.coverage.covered
    assert covered.since == always.since


def test_people_are_heard_before_papers_are_judged(settings: Config) -> None:
    """What boxes and comments decided is known to both halves alike, whether a paper is open or waits."""
    open_, waits = (Candidate(paper, Verdict(0.9)) for paper in PAPERS[:2])
    box = f"- [x] <!-- arxiv-bot:paper {open_.paper.id} in -->"
    said = Comment(7, 1, "curator", "", f"/arxiv-bot reject {waits.paper.id}", NOW)
    state = State(backlog=(waits,), open=(OpenPaper(open_, ("Serving", "Caches"), None),), cycle=1)
    pull = PullRequest("here", "title", box)
    case = case_of(settings, settings.lists[0], Snapshot(LIST, "0", LIST, state, 1, pull, comments=(said,)), NOW)
    settled = settle(case)
    assert {d.id: d.kind for d in settled.state.decisions} == {waits.paper.id: DecisionKind.REJECTED}
    assert [answer.done for answer in settled.results[said.number]] == [True]
    proposal = pipeline.find_one(case, ToldSource())
    assert waits.paper.id in {duplicate.id for duplicate in proposal.duplicates}
    assert waits.paper.id not in {candidate.paper.id for candidate in proposal.candidates}
    assert settle(case, proposal.candidates) == settled
