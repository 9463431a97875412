"""What a forge reads of a list: the list, its pull request, its comments, and the state. Nouns only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.state.model import Look, State


class Ended(StrEnum):
    """How a cycle ended."""

    MERGED = "merged"
    CLOSED = "closed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The open pull request, or what stands for it elsewhere; `number` is None where there is none."""

    where: str
    title: str
    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class OtherPull:
    """An open pull request of somebody else: its number and address."""

    number: int
    where: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of somebody who may decide; what comes from the command line has the issue 0."""

    number: int
    issue: int
    url: str
    author: str
    text: str
    written: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A list in its repository as it is now.

    `base` is the list at the head of the base branch and `base_id` its git blob; `working` is the list on the open
    cycle's branch, or the base without one. `cycle` is the number a publication would have. `ended` says how the cycle
    that the state holds for open has ended, None while it goes on. `comments` are unanswered commands of people who may
    decide; all before `heard` are answered. `asked` are papers whose edited rows were asked about already. `stale` says
    that the list changed on the base since the branch took it from there. `elsewhere` are the papers that other open
    pull requests add, by id, and `looks` what was seen in these. `origin` belongs to the forge that read the snapshot,
    and `at` is when, by its clock.
    """

    base: bytes
    base_id: str
    working: bytes
    state: State
    cycle: int
    pull: PullRequest | None = None
    ended: Ended | None = None
    comments: tuple[Comment, ...] = ()
    heard: datetime | None = None
    asked: frozenset[str] = frozenset()
    stale: bool = False
    elsewhere: Mapping[str, OtherPull] = field(default_factory=dict)
    looks: tuple[Look, ...] = ()
    origin: object = None
    at: datetime | None = None
