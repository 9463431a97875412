"""Later metadata of known papers: the date that a feed lacks, a withdrawal, a new title. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from bot.arxiv import titles
from bot.judge.cells.extract import known_cells
from bot.model import Candidate, Paper
from bot.paperlist.read.document import Document
from bot.state.model import Notice, NoticeKind, State
from bot.upkeep.withdrawn import withdrawn

AT_ONCE = 300
"""Ids of one request."""
LISTED_AT_ONCE = 100
"""Listed papers that one run looks up again: a list of a thousand takes three weeks of runs."""
_GOLDEN = (5**0.5 - 1) / 2

_LEAST_KEY = 12


def to_recheck(candidates: Iterable[Candidate], state: State, base: Document, today: date) -> tuple[str, ...]:
    """Return the ids to look up, never more than one request takes.

    Papers of a feed without a date come first, then listed ones that the library lacks, then a share of the others.
    They take turns by the day, which needs no memory: ids that arXiv does not know hold up nobody.
    """
    waiting = (*candidates, *(p.candidate for p in state.open), *state.backlog)
    lacking = [c.id for c in waiting if c.paper.published is None]
    listed = sorted(base.by_id)
    known = {paper.id for paper in state.library}
    new, old = ([i for i in listed if (i in known) == held] for held in (False, True))
    again = max(0, LISTED_AT_ONCE - len(new))
    turns = (*_turn(new, today), *_turn(old, today)[:again])
    return tuple(dict.fromkeys((*lacking, *turns)))[:AT_ONCE]


def _turn(ids: Sequence[str], today: date) -> Sequence[str]:
    """Return ids, rotated to begin with those whose turn it is.

    Successive working days begin apart by the golden ratio of the whole. So all places come up evenly, however few ids
    of each day are asked, since lists share a request. https://en.wikipedia.org/wiki/Three-gap_theorem
    """
    monday, weekday = divmod(today.toordinal() - 1, 7)
    working_days = monday * 5 + min(weekday, 4)
    start = int(working_days * _GOLDEN % 1 * len(ids))
    return (*ids[start:], *ids[:start])


def completed(candidates: Sequence[Candidate], papers: Iterable[Paper]) -> tuple[Candidate, ...]:
    """Return candidates with the metadata that a feed lacks; their verdicts stay."""
    full = {paper.id: paper for paper in papers if paper.published is not None}
    return tuple(
        replace(c, paper=full[c.id], cells=(*known_cells(full[c.id]), *(x for x in c.cells if x.column)))
        if c.paper.published is None and c.id in full
        else c
        for c in candidates
    )


def learned(state: State, papers: Sequence[Paper], base: Document, today: date) -> State:
    """Return the state with the result of a look-up: fuller papers, a fuller library, and notices of what changed.

    A notice stays until its paper leaves the list, or has its new title there.
    """
    known = {paper.id: paper for paper in state.library}
    notices = {(n.id, n.kind): n for n in state.notices if _holds(n, base)}
    for paper in papers:
        for notice in _changes(paper, known.get(paper.id), today) if paper.id in base.by_id else ():
            if _holds(notice, base):
                notices.setdefault((notice.id, notice.kind), notice)
    opened = completed([p.candidate for p in state.open], papers)
    return replace(
        state.with_library(paper for paper in papers if paper.id in base.by_id),
        notices=tuple(notices[key] for key in sorted(notices)),
        backlog=completed(state.backlog, papers),
        open=tuple(replace(p, candidate=c) for p, c in zip(state.open, opened, strict=True)),
    )


def _changes(paper: Paper, before: Paper | None, today: date) -> Iterable[Notice]:
    if withdrawn(paper):
        yield Notice(paper.id, NoticeKind.WITHDRAWN, today, paper.title, paper.comment or "")
    if before and titles.key(before.title) != titles.key(paper.title):
        yield Notice(paper.id, NoticeKind.RETITLED, today, before.title, paper.title)


def _holds(notice: Notice, base: Document) -> bool:
    """Whether a notice still tells something: its paper is listed, and not under the new title."""
    if notice.id not in base.by_id:
        return False
    key = titles.key(notice.now)
    title = titles.key(base.by_id[notice.id].title)
    return notice.kind is not NoticeKind.RETITLED or len(key) < _LEAST_KEY or key not in title
