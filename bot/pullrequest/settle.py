"""What people did since the last run, settled in one place and one order before anything is judged or written. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.coverage import doubt
from bot.model import Candidate
from bot.pullrequest import decisions, openings
from bot.pullrequest.case import Case
from bot.pullrequest.commands import CommandContext, CommandResult, carry_out
from bot.state.model import State


@dataclass(frozen=True, slots=True)
class Settled:
    """The state after what people did, and the results of the commands in each comment, by its number."""

    state: State
    results: Mapping[int, tuple[CommandResult, ...]]


def settle(case: Case, candidates: Sequence[Candidate] = ()) -> Settled:
    """Return what holds now: the cycle's end and the boxes first, then the branch's rows, comments, and removed rows.

    It begins from what the forge read, so it can be done before papers are judged, and again with `candidates` that
    the state does not know yet: they may have a row on the branch, or a comment may name them.
    """
    state = decisions.decide(case.snapshot, case.base, case.day, case.settings.limits.propose_at)
    state = replace(state, coverage=doubt.trusted(state.coverage, case.now))
    state = decisions.adopt(state, candidates, case.base, case.working)
    state = openings.settled(state, case.snapshot, case.base)
    known = {**state.candidates, **{c.id: c for c in candidates}}
    results = {}
    for comment in case.snapshot.comments:
        state, results[comment.number] = carry_out(state, comment, CommandContext(known, case.base, case.day))
    return Settled(decisions.apply_rows(state, case.base, case.working, case.day), results)
