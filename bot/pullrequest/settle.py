"""What people did since the last run, settled in one place and one order before anything is judged or written. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.coverage import doubt
from bot.model import Candidate, Path
from bot.pullrequest import board as reviews
from bot.pullrequest import commands
from bot.pullrequest.case import Case
from bot.pullrequest.commands import Said
from bot.state.model import State


@dataclass(frozen=True, slots=True)
class Settled:
    """The state once people were heard, and the results of the commands in each comment, by its number."""

    state: State
    said: Mapping[int, tuple[Said, ...]]


def settle(case: Case, candidates: Sequence[Candidate] = ()) -> Settled:
    """Return what holds now: the cycle's end and the boxes first, then the branch's rows, comments, and removed rows.

    `candidates` are papers that the state does not know yet: they may stand on the branch, or a comment may name them.
    """
    state = reviews.decide(case.snapshot, case.base, case.day)
    state = replace(state, coverage=doubt.trusted(state.coverage, case.now))
    state = reviews.adopt(state, candidates, case.base, case.working)
    state, said = _listened(case, state, candidates)
    return Settled(reviews.follow(state, case.base, case.working, case.day), said)


def _listened(
    case: Case, state: State, candidates: Sequence[Candidate]
) -> tuple[State, Mapping[int, tuple[Said, ...]]]:
    """Carry out the commands in comments; return the state after them and the results of each comment."""
    rows = {i: entry.line for entry in case.base.entries for i in entry.arxiv_ids}
    seen = {p.candidate.paper.id: p.candidate for p in state.open}
    seen |= {c.paper.id: c for c in (*state.backlog, *candidates)}

    def section(heading: str) -> Path | None:
        found = case.base.section((heading,))
        return found.path if found else None

    headings = tuple(dict.fromkeys(s.path[-1] for s in case.base.sections if s.entries and s.path))
    place = commands.Place(seen, rows.get, section, case.day, headings)
    said = {}
    for comment in case.snapshot.comments:
        state, said[comment.number] = commands.carry_out(state, comment, place)
    return state, said
