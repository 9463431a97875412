"""From a list's query to candidates with verdicts. Pure but for the source that is asked.

Query -> Paper -> Candidate -> Verdict
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from bot.coverage import doubt, ledger, plan
from bot.judge.duplicates import Known, same_titles
from bot.judge.factory import Judged, judged, judged_all
from bot.model import Answer, Batch, Candidate, Duplicate, Paper, Reason, Unknown, Window
from bot.pullrequest import board as reviews
from bot.pullrequest import commands
from bot.pullrequest.case import Case
from bot.pullrequest.proposal import Doubt
from bot.sources.base import FetchById, Source
from bot.state.model import State


@dataclass(frozen=True, slots=True)
class Received:
    """The papers that the source has, and its answers: for the list's query, and for all of the categories."""

    papers: tuple[Paper, ...]
    answers: tuple[Answer, ...]
    swept: tuple[Answer, ...] = ()


def ask(case: Case, state: State, source: Source, windows: Sequence[Window]) -> Received:
    """Return what the source has for the list: of `windows`, or without any of all that is not proven yet."""
    query = case.settings.query()
    known, name = state.coverage, ledger.digest(query)
    look_back = plan.look_back_days(known, name, case.now, case.settings.look_back_days)
    asked = windows or plan.to_ask(known, name, case.now, look_back)
    batch = source.fetch(query, asked, doubt.expectation(known, query, case.now))
    nobody = Unknown(Reason.NOBODY_ASKED)
    answers = batch.answers or tuple(Answer("no source", window, 0, None, 0, nobody) for window in asked)
    swept = Batch((), ()) if windows else _swept(case, state, source)
    return Received((*swept.papers, *batch.papers), answers, swept.answers)


def sift(case: Case, state: State, papers: Sequence[Paper]) -> tuple[list[Paper], tuple[Duplicate, ...]]:
    """Return the papers to judge, those that wait in the backlog among them, and those that are known already."""
    index = Known(case.base, state.decisions, state.library)
    found = {p.id: p for p in (*(c.paper for c in state.backlog), *papers)}
    twins = same_titles((*found.values(), *(p.candidate.paper for p in state.open)))
    duplicates = {i: index.duplicate(paper) or twins.get(i) for i, paper in found.items()}
    return [p for i, p in found.items() if not duplicates[i]], tuple(d for d in duplicates.values() if d)


def judge(case: Case, state: State, papers: Sequence[Paper]) -> Judged:
    """Return the verdicts on papers; those that wait for room are kept whatever theirs is."""
    waiting = {c.paper.id for c in state.backlog}
    return judged(case.basis(state), papers, waiting)


def orphans(case: Case, state: State, source: Source, seen: Container[str]) -> tuple[Candidate, ...]:
    """Return the papers of the open pull request that nobody knows any more, looked up and judged."""
    lost = [i for i in reviews.orphans(case.snapshot, case.base, case.working) if i not in seen]
    return _judged_all(case, state, source.fetch_by_id(lost) if lost else ())


def named_in_comments(case: Case, state: State, fetch: FetchById) -> tuple[Candidate, ...]:
    """Return the papers that comments name and that are neither shown nor waiting, looked up and judged."""
    seen = {c.paper.id for c in state.backlog} | {p.candidate.paper.id for p in state.open}
    unknown = [i for i in commands.asked_for(case.snapshot.comments) if i not in seen]
    library = {paper.id: paper for paper in state.library}
    held = [library[i] for i in unknown if i in library]
    away = [i for i in unknown if i not in library]
    return _judged_all(case, state, [*held, *(fetch(away) if away else ())])


def is_first(state: State, query: str, answers: Sequence[Answer]) -> bool:
    """Whether a source that can prove was asked for the first time."""
    return ledger.never_asked(state.coverage, query) and any(a.proves for a in answers)


def doubts(before: State, after: State) -> tuple[Doubt, ...]:
    """Return what of a state is not believed."""
    new = (gap for gap in after.coverage.gaps if gap not in before.coverage.gaps)
    return tuple(
        Doubt(Window(gap.since, gap.until), gap.why) for gap in new if gap.why.reason in (Reason.LOST, Reason.CLAIMED)
    )


def _judged_all(case: Case, state: State, papers: Sequence[Paper]) -> tuple[Candidate, ...]:
    if not papers:
        return ()
    return judged_all(case.basis(state), papers)


def _swept(case: Case, state: State, source: Source) -> Batch:
    """Return everything of the list's categories on the days whose feed was missed."""
    if (whole := case.settings.everything()) is None:
        return Batch((), ())
    windows = plan.missed_feeds(state.coverage, ledger.digest(whole), case.now)
    expected = doubt.expectation(state.coverage, whole, case.now)
    return source.fetch(whole, windows, expected) if windows else Batch((), ())
