"""Papers that other people's open pull requests bring too: offered unticked at first, proposed as usual later. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from bot.pullrequest.snapshot import OtherPull
from bot.state.model import Look, SeenElsewhere, State

OFFERED_DAYS = 14
"""Days for which a paper is only offered because somebody else's pull request brings it."""
OFFERED_AT_ONCE = 10
"""Papers offered at once for that reason: other people may list hundreds, and the text of a pull request is limited."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The other pull requests that bring papers, by paper, and the papers that are only offered because of them."""

    pulls: Mapping[str, OtherPull] = field(default_factory=dict)
    offered: frozenset[str] = frozenset()


NO_OTHERS = Elsewhere()


def brought(looks: Iterable[Look], pulls: Mapping[str, OtherPull]) -> dict[str, OtherPull]:
    """Return the papers that other pull requests add, by id; `pulls` are these by head, and the first counts."""
    found: dict[str, OtherPull] = {}
    for look in looks:
        for paper in look.ids:
            found.setdefault(paper, pulls[look.head])
    return found


def elsewhere_now(state: State, pulls: Mapping[str, OtherPull], today: date) -> Elsewhere:
    """Return what other pull requests bring now; a paper first seen in one two weeks ago is proposed as usual."""
    since = {seen.id: seen.since for seen in state.elsewhere}
    return Elsewhere(pulls, frozenset(i for i in pulls if (today - since.get(i, today)).days < OFFERED_DAYS))


def recorded(
    before: State, after: State, offered: Container[str], now: Elsewhere, today: date
) -> tuple[SeenElsewhere, ...]:
    """Return since when papers are known to be elsewhere: those that wait, and those `offered` for that reason."""
    since = {seen.id: seen.since for seen in before.elsewhere}
    waiting = {c.id for c in after.backlog if c.id in now.pulls}
    standing = {p.id for p in after.open if p.id in offered}
    return tuple(SeenElsewhere(i, since.get(i, today)) for i in sorted(waiting | standing))


def without_waits(state: State, now: Elsewhere) -> State:
    """Return the state in which papers that are only offered have not waited yet: they do not expire because of it."""
    return replace(state, backlog=tuple(replace(c, waits=None) if c.id in now.offered else c for c in state.backlog))
