"""Decisions rebuilt from the bot's pull requests when the state was lost. Pure.

Their texts name the papers that were shown and those taken out, the bot's commits those that once had a row; comments
say the rest, in the order of time.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.arxiv import arxiv_id
from bot.model import TRAILER
from bot.paperlist.read.document import Document
from bot.pullrequest.boxes import boxes, offered_for_now, taken_back
from bot.pullrequest.commands import CommandContext, carry_out
from bot.pullrequest.snapshot import Comment, Ended
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.model import State

_ADDED = re.compile(r"^- .* \(arXiv:(\S+)\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Past:
    """A pull request of the bot: its cycle, its text, the messages of its commits, how it ended, None while it is open.

    `at` is when it ended, or when it was opened.
    """

    cycle: int
    text: str
    messages: tuple[str, ...]
    ended: Ended | None
    at: datetime


def rebuilt(pasts: Sequence[Past], comments: Sequence[Comment], base: Document) -> State:
    """Return the state as far as it can be known: the last cycle, and decisions on papers that are not open now."""
    events: list[Past | Comment] = [*(past for past in pasts if past.ended), *comments]
    events.sort(key=lambda event: event.at if isinstance(event, Past) else event.written)
    state = State(cycle=max((past.cycle for past in pasts), default=0))
    for event in (*events, *(past for past in pasts if not past.ended)):
        if isinstance(event, Past):
            for decision in _of_pull(event, state, base.by_id):
                state = state.with_decision(decision)
        else:
            state, _ = carry_out(state, event, CommandContext({}, base, event.written.date()))
    return state


def _of_pull(past: Past, state: State, listed: Container[str]) -> Iterator[Decision]:
    """Yield the decisions that a pull request shows, but for papers on which a comment decided."""
    if past.ended is Ended.LOST:
        return
    said = {d.id for d in state.decisions if d.kind is not DecisionKind.ACCEPTED}
    shown = boxes(past.text)
    added = {i for message in past.messages if f"\n{TRAILER}: " in message for i in _ADDED.findall(message)}
    cleared = taken_back(past.text) | {i for i, (ticked, was) in shown.items() if was and not ticked}
    undecided = offered_for_now(past.text) if past.ended is Ended.MERGED else frozenset()
    day = past.at.date()
    for paper in sorted({*shown, *added}):
        if arxiv_id.parse_id(paper) != paper:
            continue  # a person wrote it
        if paper in listed:
            if past.ended:
                yield Decision(paper, DecisionKind.ACCEPTED, day, Basis(How(past.ended), past.cycle))
        elif paper in said:
            continue
        elif paper in cleared:
            yield Decision(paper, DecisionKind.REJECTED, day, Basis(How.UNTICKED, past.cycle))
        elif past.ended and paper not in undecided:
            yield Decision(paper, DecisionKind.DISMISSED, day, Basis(How(past.ended), past.cycle))
        elif paper not in shown:
            yield Decision(paper, DecisionKind.DISMISSED, day, Basis(How.ROW_REMOVED, past.cycle))
