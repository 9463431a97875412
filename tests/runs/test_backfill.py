"""History: a month at a time, each recorded before the next, whatever ends the run."""

from __future__ import annotations

import subprocess
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import Config
from bot.coverage.windows import months
from bot.forges.local import LocalForge
from bot.judge import factory
from bot.judge.factory import Judged, JudgeInput
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Window
from bot.state.files import DiskStore
from tests.conftest import LIST, failed
from tests.servers.whole import backfill_list, job

NOW = datetime(2026, 3, 4, tzinfo=UTC)
MONTHS = months(Window(datetime(2025, 9, 1, tzinfo=UTC), NOW))


class Killed(BaseException):
    """Stands for whatever ends a run at once."""


@dataclass
class Months:
    """Has two papers a month; fails for some, and dies at one."""

    failing: frozenset[int] = frozenset()
    dies_at: int | None = None
    name: str = "api"
    proves: bool = True
    asked: list[Window] = field(default_factory=list)

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        (window,) = windows
        if len(self.asked) == self.dies_at:
            raise Killed
        self.asked.append(window)
        if window.since.month in self.failing:
            return Batch((), (Answer(self.name, window, 0, None, 1, failed("HTTP 503"), proves=True),))
        ids = [f"{window.since:%y%m}.0000{n}" for n in (1, 2)]
        papers = tuple(Paper(i, f"KV Cache for LLM Serving {i}", published=window.since) for i in ids)
        return Batch(papers, (Answer(self.name, window, 2, 2, 1, proves=True),))

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        return ()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository with the list."""
    (tmp_path / "README.md").write_bytes(LIST)
    for command in ("init -q -b main", "config user.name C", "config user.email c@e.org", "add -A", "commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    return tmp_path


def test_finds_fill_the_backlog_and_the_best_are_proposed(place: Path, settings: Config) -> None:
    """All months are asked, oldest first; the pull request takes what it has room for, the rest waits."""
    task, source = settings.lists[0], Months()
    outcome = backfill_list(job(settings, LocalForge(place), NOW, task=task, windows=MONTHS), source)
    assert source.asked == list(MONTHS)
    assert outcome.proposal.complete
    state = DiskStore(place / "state").read(task.name)
    assert len(outcome.board.proposed) == task.limits.max_open
    assert len(state.backlog) + len(state.open) == 2 * len(MONTHS)
    (covered,) = state.coverage.covered
    assert (covered.since, covered.until) == (MONTHS[0].since, NOW)


def test_each_paper_is_judged_once(place: Path, settings: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """A month judges what it brought, not what earlier months left in the backlog."""
    seen: list[str] = []
    real = factory.judged

    def spied(basis: JudgeInput, papers: Sequence[Paper], waiting: Container[str]) -> Judged:
        seen.extend(paper.id for paper in papers)
        return real(basis, papers, waiting)

    monkeypatch.setattr("bot.discovery.judged", spied)
    backfill_list(job(settings, LocalForge(place), NOW, windows=MONTHS), Months())
    assert len(seen) == len(set(seen)) == 2 * len(MONTHS)


def test_a_killed_run_goes_on_where_it_died(place: Path, settings: Config) -> None:
    """What was finished is neither asked again nor lost."""
    task = settings.lists[0]
    with pytest.raises(Killed):
        backfill_list(job(settings, LocalForge(place), NOW, task=task, windows=MONTHS), Months(dies_at=3))
    assert len(DiskStore(place / "state").read(task.name).backlog) == 6
    source = Months()
    backfill_list(job(settings, LocalForge(place), NOW, task=task, windows=MONTHS), source)
    assert source.asked == list(MONTHS[3:])
    state = DiskStore(place / "state").read(task.name)
    assert len(state.backlog) + len(state.open) == 2 * len(MONTHS)
    again = Months()
    assert backfill_list(job(settings, LocalForge(place), NOW, task=task, windows=MONTHS), again).proposal.complete
    assert again.asked == []


def test_one_month_that_fails_is_a_gap_and_two_end_the_run(
    place: Path, settings: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """A month without answer is remembered and the next one asked; after two in a row the rest is left and said."""
    task, source = settings.lists[0], Months(frozenset({10, 12, 1}))
    outcome = backfill_list(job(settings, LocalForge(place), NOW, task=task, windows=MONTHS), source)
    assert [window.since.month for window in source.asked] == [9, 10, 11, 12, 1]
    assert not outcome.proposal.complete
    assert "2 periods are left; run the same command again to go on" in caplog.text
    gaps = DiskStore(place / "state").read(task.name).coverage.gaps
    assert [(gap.since.month, gap.until.month) for gap in gaps] == [(10, 11), (12, 2)] or len(gaps) == 3
