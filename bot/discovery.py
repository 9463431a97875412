"""From a list's query to candidates with verdicts. Pure but for the source that is asked.

Query -> Paper -> Candidate -> Verdict
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.coverage import claims, doubt, ledger, plan
from bot.coverage.ledger import Gap
from bot.judge.duplicates import Known, same_titles
from bot.judge.factory import Judged, judged, judged_all, sections_wanted
from bot.model import (
    Answer,
    Batch,
    Candidate,
    Duplicate,
    NewSection,
    Paper,
    Reason,
    Unknown,
    Window,
    counted,
)
from bot.pullrequest import commands, decisions
from bot.pullrequest.case import Case
from bot.pullrequest.proposal import Proposal
from bot.sources.base import FetchById, Source
from bot.state.model import State

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """The papers of a source, and its answers to the list's query and for missed feeds."""

    papers: tuple[Paper, ...]
    answers: tuple[Answer, ...]
    recovered: tuple[Answer, ...] = ()


def ask(case: Case, state: State, source: Source, windows: Sequence[Window]) -> Received:
    """Return what the source has for the list in `windows`, or without any, for all that is not proven yet."""
    query = case.settings.query()
    known, name = state.coverage, ledger.digest(query)
    asked = windows or plan.planned(known, name, case.now, case.settings.look_back_days)
    batch = source.fetch(query, asked, doubt.expectation(known, query, case.now))
    nobody = Unknown(Reason.NOBODY_ASKED)
    answers = batch.answers or tuple(Answer("no source", window, 0, None, 0, nobody) for window in asked)
    missed = Batch((), ()) if windows else _missed_feeds(case, state, source)
    return Received((*missed.papers, *batch.papers), answers, missed.answers)


def _missed_feeds(case: Case, state: State, source: Source) -> Batch:
    """Return everything in the list's categories on the days whose feed was missed."""
    if (query := case.settings.everything()) is None:
        return Batch((), ())
    windows = plan.missed_feeds(state.coverage, ledger.digest(query), case.now)
    expected = doubt.expectation(state.coverage, query, case.now)
    return source.fetch(query, windows, expected) if windows else Batch((), ())


def sift(case: Case, state: State, papers: Sequence[Paper]) -> tuple[list[Paper], tuple[Duplicate, ...]]:
    """Return the papers to judge, with those that wait or are offered, and the duplicates."""
    index = Known(case.base, state.decisions, state.library)
    found = {p.id: p for p in (*(c.paper for c in state.waits), *papers)}
    twins = same_titles((*found.values(), *(p.candidate.paper for p in state.open)))
    duplicates = {i: index.duplicate(paper) or twins.get(i) for i, paper in found.items()}
    return [p for i, p in found.items() if not duplicates[i]], tuple(d for d in duplicates.values() if d)


def judge(case: Case, state: State, papers: Sequence[Paper]) -> Judged:
    """Return the verdicts on papers; those that wait or are offered are kept whatever theirs is."""
    return judged(case.basis(state), papers, {c.id for c in state.waits})


def orphans(case: Case, state: State, source: Source, found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the papers of the open pull request that neither the state nor the source knows, looked up and judged."""
    seen = {c.id for c in found}
    lost = [i for i in decisions.orphan_ids(case.snapshot, case.base, case.working) if i not in seen]
    return judged_all(case.basis(state), source.fetch_by_id(lost)) if lost else ()


def sections_lacking(case: Case, state: State, candidates: Sequence[Candidate]) -> tuple[NewSection, ...]:
    """Return the sections that the list lacks for what may be shown and for open papers, as long as none was opened."""
    there = {section.path for section in case.base.sections}
    placed = {p.id for p in state.open if p.row is not None and p.path not in there | {case.unsorted}}
    mark = case.settings.limits.near_miss_at
    found = {c.id: c for c in (*candidates, *(p.candidate for p in state.open))}
    fit = [c for i, c in found.items() if i not in placed and c.verdict.relevance >= mark]
    return sections_wanted(case.basis(state), fit)


def named_in_comments(case: Case, state: State, fetch: FetchById) -> tuple[Candidate, ...]:
    """Return the papers that comments name and that are neither open nor waiting, looked up and judged."""
    library = {paper.id: paper for paper in state.library}
    unknown = [i for i in commands.asked_for(case.snapshot.comments) if i not in state.candidates]
    away = [i for i in unknown if i not in library]
    papers = [*(library[i] for i in unknown if i in library), *(fetch(away) if away else ())]
    return judged_all(case.basis(state), papers) if papers else ()


def is_first(state: State, query: str, answers: Sequence[Answer]) -> bool:
    """Whether a source that can prove was asked for the first time."""
    return ledger.never_asked(state.coverage, query) and any(a.proves for a in answers)


def doubts(before: State, after: State) -> tuple[Gap, ...]:
    """Return the windows whose proof in a state is doubted once it was settled."""
    new = (gap for gap in after.coverage.gaps if gap not in before.coverage.gaps)
    return tuple(gap for gap in new if gap.why.reason in (Reason.LOST, Reason.CLAIMED))


def with_believed(case: Case, proposal: Proposal, windows: Sequence[Window]) -> Proposal:
    """Return a proposal of another process with those answers that can be believed; the others are told."""
    now, query, days = min(case.now, proposal.created), case.settings.query(), case.settings.look_back_days
    coverage = doubt.trusted(case.snapshot.state.coverage, now)
    wanted = (*plan.planned(coverage, ledger.digest(query), now, days), *windows)
    answers = tuple(claims.believed(proposal.answers, wanted, coverage, query, now))
    recovered: tuple[Answer, ...] = ()
    if everything := case.settings.everything():
        missed = plan.missed_feeds(coverage, ledger.digest(everything), now)
        recovered = tuple(claims.believed(proposal.recovered, missed, coverage, everything, now))
    left = len(proposal.all_answers) - len(answers) - len(recovered)
    if left:
        _log.warning(
            f"{proposal.list}: {counted(left, 'period')} of the proposal, which nobody asked for, not recorded"
        )
    return replace(proposal, answers=answers, recovered=recovered)
