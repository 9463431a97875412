"""The text of the status issue holds what it must, and nothing that acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.config import Config
from bot.coverage.ledger import Coverage, Covered, Gap, digest
from bot.doctor.findings import Check, Finding, Severity
from bot.forges.base import RunRecord
from bot.model import Candidate, Verdict
from bot.serve.list_status import MARK, ListStatus, failures_in_a_row, status_text
from bot.serve.record import ListRecord
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.model import State
from tests.conftest import CONFIG, NOW, failed, paper

HOSTILE = "@octocat closes #1 <!-- x --> ](https://evil.example) | <b>"


def some_state(settings: Config) -> State:
    """A state with a gap, a paper that waits and one that is deferred, named by a hostile hand."""
    query = digest(settings.lists[0].query())
    covered = Covered(query, NOW - timedelta(days=30), NOW - timedelta(days=2))
    gap = Gap(query, NOW - timedelta(days=2), NOW, NOW - timedelta(days=1), failed("arXiv answered 503"))
    waiting = Candidate(paper(7, HOSTILE), Verdict(0.4), waits=date(2026, 2, 20))
    deferred = Decision(
        "2603.00008", DecisionKind.DEFERRED, date(2026, 3, 1), Basis(How.COMMAND), until=date(2026, 4, 1)
    )
    return State(
        Coverage(covered=(covered,), gaps=(gap,)), (deferred,), (waiting,), library=(paper(8, "A Later Paper"),)
    )


def rounds(*failed: bool | None) -> list[RunRecord]:
    """Runs, the newest first."""
    return [
        RunRecord(9 - n, NOW - timedelta(days=n), "schedule", "https://github.com/a/b", one)
        for n, one in enumerate(failed)
    ]


def test_it_tells_what_people_ask(settings: Config) -> None:
    """Runs, failures in a row, coverage, gaps, what waits, what is deferred, and warnings stand in the text."""
    entry = ListRecord(NOW - timedelta(days=3), NOW, 2, "GitHub cannot be reached")
    warning = Finding(Check.QUIET, Severity.WARNING, "the last commit on main is 50 days old")
    said = status_text(
        [ListStatus(settings.lists[0], some_state(settings), entry)], rounds(True, True, False), [warning]
    )
    for expected in (
        "**The last 2 runs failed.**",
        "- Last success: 2026-03-01 06:37 UTC.",
        "- **Failed 2 times in a row**: GitHub cannot be reached",
        "- Complete up to: 2026-03-02 06:37 UTC.",
        "- **Papers may be missing** from 2026-03-02 to 2026-03-04, known since 2026-03-03: arXiv answered 503",
        "- Waiting for room: 1 paper, the first since 2026-02-20.",
        "- Deferred: 1 paper.",
        "[2603.00008](https://arxiv.org/abs/2603.00008) A Later Paper, until 2026-04-01",
        "- **warning**: the last commit on main is 50 days old ([what to do](https://github.com/",
    ):
        assert expected in said
    assert said.startswith(MARK)


def test_what_is_well_is_short(settings: Config) -> None:
    """A list of which nothing is known yet, and runs that cannot be seen, make no claim."""
    said = status_text([ListStatus(settings.lists[0], State())], None, [Finding(Check.LIST, Severity.FINE, "fine")])
    assert "## Last runs" not in said
    assert "- No period is known to be complete yet." in said
    assert "None. `arxiv-bot doctor` looks at more." in said


def test_failures_in_a_row() -> None:
    """Only the newest count; a run that goes on is passed over, and a success ends the row."""
    assert [failures_in_a_row(rounds(*f)) for f in ([], [False, True], [None, True, True, False, True])] == [0, 0, 2]


@given(hostile=st.text(min_size=1, max_size=80) | st.just(HOSTILE))
def test_hostile_words_do_nothing(hostile: str) -> None:
    """Titles, errors and findings make no link, mention, mark-up, heading or second marker, whatever they hold."""
    from bot import config

    task = config.loads(CONFIG, "x").lists[0]
    waiting = State(backlog=(Candidate(replace(paper(7, "t"), title=hostile), Verdict(0.4)),))
    warning = Finding(Check.QUIET, Severity.ERROR, hostile)
    said = status_text([ListStatus(task, waiting, ListRecord(None, NOW, 3, hostile))], rounds(True), [warning])
    tokens = [
        t for token in MarkdownIt("gfm-like", {"linkify": False}).parse(said) for t in (token, *(token.children or []))
    ]
    assert [t.content.strip() for t in tokens if t.type in ("html_block", "html_inline")] == [MARK]
    links = {str(t.attrGet("href")) for t in tokens if t.type == "link_open"}
    assert all(link.startswith(("https://arxiv.org/abs/2603.00007", "https://github.com/")) for link in links)
    assert [t.tag for t in tokens if t.type == "heading_open"] == ["h2", "h2", "h2"]
    assert said.count("<!--") == 1
    assert "@octocat" not in said


def test_it_is_never_too_long(settings: Config) -> None:
    """Many lists' worth of papers, gaps and errors stay below what GitHub takes."""
    state = some_state(settings)
    many = replace(
        state,
        backlog=tuple(Candidate(paper(n, "W" * 900), Verdict(0.4)) for n in range(400)),
        coverage=replace(state.coverage, gaps=state.coverage.gaps * 300),
    )
    status = ListStatus(settings.lists[0], many, ListRecord(None, NOW, 3, "e" * 9999))
    assert len(status_text([status] * 15, rounds(True), [])) < 60_000
