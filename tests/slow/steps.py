"""One season: the stage, what people did so far, and what must hold after every step of the bot."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bot.arxiv import arxiv_id
from bot.paperlist.read.document import Document, parse
from bot.pullrequest.boxes import boxes
from tests.servers.github import Call
from tests.servers.stage import Stage


class Broken(Exception):
    """A step of the bot left something that must not be."""


@dataclass
class People:
    """What people wrote and want: the bot has to keep to it.

    `mine` are the lines they wrote on the open branch, `gone` those they took away there, `out` the papers that must
    not come in by themselves, `closed` the papers that closing the last pull request put out, `by_hand` those of which
    people wrote a row themselves.
    """

    mine: Counter[bytes] = field(default_factory=Counter)
    gone: Counter[bytes] = field(default_factory=Counter)
    out: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    by_hand: set[str] = field(default_factory=set)

    def new_cycle(self) -> None:
        """Forget what belongs to the branch of the last cycle."""
        self.mine.clear()
        self.gone.clear()


@dataclass
class Season:
    """The stage, the people, and what was done so far."""

    on: Stage
    rng: random.Random
    people: People = field(default_factory=People)
    merges: list[tuple[bytes, bytes]] = field(default_factory=list)
    """The list before and after each merge, to revert one."""
    shown: set[str] = field(default_factory=set)
    """Papers in the open pull request after the last step."""
    done: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)

    @property
    def branch(self) -> str:
        """The branch of the open pull request."""
        found = self.on.branch()
        assert found is not None
        return found

    def document(self, branch: str) -> Document:
        """Return the list on a branch."""
        return parse(self.on.list_on(branch), self.on.task.file)

    def boxed(self, *, ticked: bool) -> list[str]:
        """Return the papers of the open pull request with a ticked box, or with an empty one."""
        (pull,) = self.on.pulls()
        return [i for i, (tick, _) in boxes(pull.body or "").items() if tick is ticked]

    def rows(self) -> list[str]:
        """Return the papers whose row on the branch is the bot's own."""
        return [i for i in self.boxed(ticked=True) if (line := self.row(i)) and not self.people.mine[line]]

    def row(self, paper: str) -> bytes | None:
        """Return the line of a paper on the branch."""
        return next((line for line in lines(self.on.list_on(self.branch)) if paper in ids([line])), None)

    def edit_branch(self, change: Callable[[bytes], bytes]) -> None:
        """Let a person change the list on the branch."""
        before = Counter(lines(self.on.list_on(self.branch)))
        self.on.edit(self.branch, change)
        after = Counter(lines(self.on.list_on(self.branch)))
        self.people.mine += after - before
        self.people.gone += before - after
        self.people.mine -= before - after

    # The bot's steps

    def step(self, command: Callable[[], object]) -> None:
        """Run a step of the bot, check the result, run the step again, and check that it did nothing."""
        main = self.on.list_on("main")
        command()
        self._check(main)
        for turn in range(2):  # the second time it may note in its state that it has read its own answers
            first = len(self.on.server.writes)
            command()
            again = self.on.server.writes[first:]
            if not again:
                break
            if turn or [call for call in again if shows(call)]:
                raise Broken(f"the same again writes {[(call.method, call.path) for call in again]}")
        self._check(main)

    def _check(self, main: bytes) -> None:
        if self.on.list_on("main") != main:
            raise Broken("the bot wrote on the base")
        if self.on.server.violations:
            raise Broken(f"GitHub is asked wrongly: {self.on.server.violations}")
        pulls = self.on.pulls()
        if len(pulls) > 1:
            raise Broken(f"there are {len(pulls)} open pull requests")
        self.shown = set(boxes(pulls[0].body or "")) if pulls else set()
        if pulls:
            self._check_branch(main)

    def _check_branch(self, main: bytes) -> None:
        now = self.on.list_on(self.branch)
        required = (Counter(undated(main)) + self.people.mine) - self.people.gone
        if missing := required - Counter(lines(now)):
            raise Broken(f"lines of people are missing: {sorted(missing)}")
        standing = [line for line in undated(main) if line not in self.people.gone]
        if not in_order(standing, lines(now)):
            raise Broken("lines of people stand in another order")
        theirs = Counter(lines(now)) - required
        back = self.people.out & set(ids(theirs))
        if back or (back := self.people.out & set(self.boxed(ticked=True)) - self.people.by_hand):
            raise Broken(f"{sorted(back)} is back")
        named = Counter(ids(now.splitlines()))
        if twice := [i for i in named if named[i] > 1 and i not in ids(lines(main)) and i in self.shown]:
            raise Broken(f"{twice} stand twice")
        if twice := [i for i, n in Counter(re.findall(r"arxiv-bot:paper (\S+) ", self._text())).items() if n > 1]:
            raise Broken(f"{twice} have two boxes")
        if unlike := [i for i in self.boxed(ticked=True) if i not in named]:
            raise Broken(f"{unlike} are ticked and not in the list")
        read = [entry.raw for entry in self.document(self.branch).entries]
        for entry in self.document("main").entries:
            if entry.raw not in read and all(line in required for line in lines(entry.raw.encode())):
                raise Broken(f"{entry.title} cannot be read any more")

    def _text(self) -> str:
        (pull,) = self.on.pulls()
        return pull.body or ""


def shows(call: Call) -> bool:
    """Whether people see the effect of a call: a commit of the list, a text, a comment; not the bot's own state."""
    ref = str(call.body.get("ref", "")) if isinstance(call.body, dict) else ""
    return not re.search("/git/(?:trees|commits)$|/refs/heads/arxiv-bot/state$", f"{call.path}{ref and '/' + ref}")


def lines(content: bytes) -> list[bytes]:
    """Return the lines of a list that are not blank, without their endings."""
    return [line for line in content.splitlines() if line.strip()]


def undated(content: bytes) -> list[bytes]:
    """Return the lines without the date line."""
    line = parse(content, "list").date_line
    dated = content[: line.start].count(b"\n") if line else None
    return [one for n, one in enumerate(content.split(b"\n")) if one.strip() and n != dated]


def ids(found: Iterable[bytes]) -> list[str]:
    """Return the papers that lines name, at most once a line."""
    return [i for line in found for i in {m.base for m in arxiv_id.find_ids(line.decode())}]


def in_order(some: Sequence[bytes], all_: Sequence[bytes]) -> bool:
    """Whether some lines are among all lines, in their order."""
    rest = iter(all_)
    return all(line in rest for line in some)
