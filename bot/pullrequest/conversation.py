"""What was said around a list's pull request: which comments wait for an answer, and for which list. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.pullrequest.commands import command_lines, commands_in
from bot.pullrequest.snapshot import Comment
from bot.pullrequest.text.replies import ANSWER, QUESTION

_MARK = re.compile(f"{ANSWER.pattern}|{QUESTION.pattern}")


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment as it was posted, when it was last changed, and whether the bot's own account wrote it."""

    comment: Comment
    changed: datetime
    by_bot: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """Commands that wait for an answer, the time up to which all are answered, and the papers asked about."""

    open: tuple[Comment, ...] = ()
    heard: datetime | None = None
    asked: frozenset[str] = frozenset()


def has_command(comment: Comment) -> bool:
    """Whether a comment asks the bot for something."""
    return any(True for _ in command_lines(comment.text))


def is_marked(text: str) -> bool:
    """Whether a comment begins as the bot's answers and questions do; one that quotes them does not."""
    return _MARK.match(text) is not None


def own_words(posted: Iterable[Posted], trusted: Callable[[Posted], bool]) -> list[Posted]:
    """Return the bot's answers and questions: comments that begin with its marks and whose author it trusts."""
    return [p for p in posted if is_marked(p.comment.text) and (p.by_bot or trusted(p))]


def without_answer(posted: Iterable[Posted], own: Iterable[Posted]) -> list[Posted]:
    """Return the comments that have no answer among the bot's own words."""
    answered = {int(number) for p in own for number in ANSWER.findall(p.comment.text)}
    return [p for p in posted if p.comment.number not in answered]


def conversation(
    posted: Sequence[Posted], own: Sequence[Posted], waiting: Sequence[Comment], pull: int | None
) -> Conversation:
    """Return where the conversation stands.

    What waits for an answer is read again next time, because a run may stop before it answers; so are the bot's
    questions in the open pull request, because they must not be asked twice.
    """
    again = {c.number for c in waiting}
    again |= {p.comment.number for p in own if QUESTION.search(p.comment.text) and p.comment.issue == pull}
    newest = max((p.changed for p in posted), default=None)
    heard = min((p.changed for p in posted if p.comment.number in again), default=newest)
    asked = frozenset(paper for p in own for paper in QUESTION.findall(p.comment.text))
    return Conversation(tuple(waiting), heard, asked)


def addressee(comment: Comment, lists: Collection[str], knows: Callable[[str, str], bool]) -> str:
    """Return the list that answers a comment on an issue: the first by name that knows its papers, else the first."""
    ids = [i for command in commands_in(comment.text) for i in command.ids]
    names = sorted(lists)
    return next((name for name in names if any(knows(name, i) for i in ids)), names[0])
