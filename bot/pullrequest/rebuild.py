"""Decisions again, from what the bot's pull requests still say: for when the state was lost. Pure.

Their texts name the papers that were shown, and which were taken out; the bot's commits name those that once had a row;
comments say the rest, in the order of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from bot.arxiv import arxiv_id
from bot.basis import Basis, How
from bot.model import TRAILER, Decision, DecisionKind
from bot.paperlist.read.document import Document
from bot.pullrequest.board import Ended
from bot.pullrequest.boxes import boxes, offered_elsewhere, taken_back
from bot.pullrequest.commands import Comment, Place, carry_out, with_decision
from bot.state.model import State

_ADDED = re.compile(r"^- .* \(arXiv:(\S+)\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Past:
    """A pull request of the bot: its cycle, its text, the messages of its commits, how it ended, and since when.

    `ended` is None while it is open; `at` is then when it was opened, else when it ended.
    """

    cycle: int
    text: str
    messages: tuple[str, ...]
    ended: Ended | None
    at: datetime


def rebuilt(pasts: Sequence[Past], comments: Sequence[Comment], base: Document) -> State:
    """Return the state as far as it can be told: the last cycle, and what was decided on papers not open now."""
    listed = {i: entry.line for entry in base.entries for i in entry.arxiv_ids}
    events: list[Past | Comment] = [*(past for past in pasts if past.ended), *comments]
    events.sort(key=lambda event: event.at if isinstance(event, Past) else event.written)
    state = State(cycle=max((past.cycle for past in pasts), default=0))
    for event in (*events, *(past for past in pasts if not past.ended)):
        if isinstance(event, Past):
            state = reduce(with_decision, _of_pull(event, state, listed), state)
        else:
            place = Place({}, listed.get, lambda _: None, event.written.date())
            state, _ = carry_out(state, event, place)
    return state


def _of_pull(past: Past, state: State, listed: Iterable[str]) -> Iterator[Decision]:
    """Yield what a pull request says was decided, beside what comments said of papers that it took out."""
    if past.ended is Ended.LOST:
        return
    said = {d.id for d in state.decisions if d.kind is not DecisionKind.ACCEPTED}
    shown = boxes(past.text)
    added = {i for message in past.messages if f"\n{TRAILER}: " in message for i in _ADDED.findall(message)}
    cleared = taken_back(past.text) | {i for i, (ticked, was) in shown.items() if was and not ticked}
    undecided = offered_elsewhere(past.text) if past.ended is Ended.MERGED else frozenset()
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
