"""New sections that the pull request offers: which, and what people make of them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.errors import ListFormatError
from bot.judge.sections.new_sections import MIN_PAPERS
from bot.model import Candidate, NewSection, Path, Verdict
from bot.paperlist.edit import Addition, add_entries, place_of
from bot.paperlist.read.document import Document, parse
from bot.paperlist.read.inline import slug
from bot.paperlist.remove import remove_entries
from bot.pullrequest.board import Board, BoardItem, SectionItem
from bot.pullrequest.boxes import section_boxes
from bot.pullrequest.case import Case
from bot.pullrequest.snapshot import Ended, Snapshot
from bot.state.decision import DecisionKind
from bot.state.model import OfferedSection, SectionStatus, State

MIN_ITEMS = 3
"""Papers in the list that a new section would begin with."""
_MOST_OFFERED = 3
_ON_OFFER = (SectionStatus.WRITTEN, SectionStatus.SHOWN)
_NO_DAY = date.min


def settled(state: State, snapshot: Snapshot, base: Document) -> State:
    """Return the state after what people made of new sections.

    A tick wants the papers of a section under its heading. One that stood in the text and that a person deleted, or
    left alone until the cycle ended, is refused; an end that nobody wanted, and a reopening, undo that.
    """
    match snapshot.ended:
        case Ended.LOST:
            return replace(state, sections=tuple(s for s in state.sections if s.status is SectionStatus.REFUSED))
        case Ended.MERGED | Ended.CLOSED:
            return _marked(state, {s.name: SectionStatus.REFUSED for s in state.sections if s.status in _ON_OFFER})
    if snapshot.pull is None:
        return state
    boxes, marks = section_boxes(snapshot.pull.text), dict[str, SectionStatus]()
    for section in (s for s in state.sections if s.cycle == snapshot.cycle):
        ticked = boxes.get(slug(section.name))
        if ticked and section.status is not SectionStatus.OPENED:
            marks[section.name] = SectionStatus.OPENED
            state = _moved(state, section, place_of(base, section.name))
        elif ticked is not None and section.status is not SectionStatus.OPENED:
            marks[section.name] = SectionStatus.SHOWN
        elif section.status is SectionStatus.SHOWN:
            marks[section.name] = SectionStatus.REFUSED
    return _marked(state, marks)


def _marked(state: State, marks: Mapping[str, SectionStatus]) -> State:
    sections = (replace(s, status=marks.get(s.name, s.status)) for s in state.sections)
    return replace(state, sections=tuple(sections))


def _moved(state: State, section: OfferedSection, path: Path) -> State:
    """Return the state in which the open papers of a section belong to a path; those with a row are wanted there."""
    return replace(
        state,
        open=tuple(
            replace(p, path=path, wanted=p.row is not None or p.wanted) if p.id in section.papers else p
            for p in state.open
        ),
    )


def opening(state: State, cycle: int, base: Document) -> Collection[Path]:
    """Return the paths of the sections that people opened in a cycle."""
    opened = (s.name for s in state.sections if s.status is SectionStatus.OPENED and s.cycle == cycle)
    return {place_of(base, name) for name in opened}


def offered(
    state: State, suggested: Sequence[NewSection], shown: Sequence[BoardItem], now: Document, base: Document
) -> tuple[SectionItem, ...]:
    """Return the sections that a tick can open: those on offer, then others, but none like one that was refused.

    `shown` are the papers that can move, and `now` is the list as it will be, with all their rows.
    """
    opened = {i for s in state.sections if s.status is SectionStatus.OPENED for i in s.papers}
    items = {item.id: item for item in shown if item.id not in opened}
    found: list[SectionItem] = []
    for section in _candidates(state, suggested):
        own = tuple(items[i] for i in section.papers if i in items)
        fits = len(section.papers) >= MIN_PAPERS and len(own) >= MIN_ITEMS and len(found) < _MOST_OFFERED
        if fits and not now.sections_like((section.name,)) and _can_open(section.name, own, now, base):
            found.append(SectionItem(section.name, section.papers, own))
            items = {i: item for i, item in items.items() if i not in section.papers}
    return tuple(found)


def _candidates(state: State, suggested: Sequence[NewSection]) -> Iterator[NewSection]:
    """Yield the sections on offer, each with the papers that joined it, and those that nobody refused yet."""
    on_offer = {s.name: s.papers for s in state.sections if s.status in _ON_OFFER}
    by_name = {s.name: s.papers for s in suggested}
    for name, papers in on_offer.items():
        yield NewSection(name, tuple(sorted({*papers, *by_name.get(name, ())})))
    for section in suggested:
        past = [s for s in state.sections if s.status not in _ON_OFFER]
        again = any(slug(s.name) == slug(section.name) or _alike(s.papers, section.papers) for s in past)
        if not again and section.name not in on_offer:
            yield section


def _alike(papers: Sequence[str], others: Sequence[str]) -> bool:
    return 2 * len({*papers} & {*others}) > min(len(papers), len(others))


def _can_open(name: str, items: Sequence[BoardItem], now: Document, base: Document) -> bool:
    """Whether a tick can be carried out: the rows can be taken out and written under the new heading, proven."""
    rows = {i: e.raw for i, e in now.by_id.items() if i in {item.id for item in items}}
    try:
        removal = remove_entries(now, rows, base)
        without, path = parse(removal.after, now.name), place_of(base, name)
        additions = [
            Addition(s.candidate.paper, path, s.candidate.cells, create=True, row=_raw(rows, s.id, base)) for s in items
        ]
        add_entries(without, additions, now.date_line.date if now.date_line else _NO_DAY)
    except ListFormatError:
        return False
    return not removal.kept


def _raw(rows: Mapping[str, str], paper: str, base: Document) -> bytes | None:
    """Return the row of a paper that the base has: it moves as it is."""
    return rows[paper].encode() if paper in base.by_id else None


def unsorted_items(state: State, list_: Document, unsorted: Path | None) -> Iterator[BoardItem]:
    """Yield the papers that people accepted and that stand unsorted in a list."""
    accepted, library = state.decided(DecisionKind.ACCEPTED), {paper.id: paper for paper in state.library}
    section = list_.section(unsorted) if unsorted else None
    for entry in section.entries if section else ():
        for paper in entry.arxiv_ids[:1]:
            if paper in accepted and paper in library:
                yield BoardItem(Candidate(library[paper], Verdict(0.0)), unsorted, True, entry.raw)


def moves(before: State, state: State, case: Case) -> Mapping[str, Addition]:
    """Return the unsorted papers that move to sections which were opened just now; their rows stay as they are."""
    known = {s.name for s in before.sections if s.status is SectionStatus.OPENED}
    opened = [s for s in state.sections if s.status is SectionStatus.OPENED and s.name not in known]
    stand = (one for one in unsorted_items(state, case.working, case.unsorted) if one.id in case.base.by_id)
    rows = {one.id: (one.candidate.paper, (one.row or "").encode()) for one in stand}
    return {
        i: Addition(rows[i][0], place_of(case.base, s.name), create=True, row=rows[i][1])
        for s in opened
        for i in s.papers
        if i in rows
    }


def remembered(state: State, board: Board, cycle: int) -> tuple[OfferedSection, ...]:
    """Return what is known of new sections once the board is published: what was decided, and what is on offer."""
    status = {s.name: s.status for s in state.sections}
    decided = (s for s in state.sections if s.status not in _ON_OFFER)
    on_offer = (
        OfferedSection(s.name, s.papers, cycle, status.get(s.name, SectionStatus.WRITTEN)) for s in board.sections
    )
    return (*decided, *on_offer)
