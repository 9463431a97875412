"""Play weeks in which everybody and everything is against the bot: `make adversary`.

Each step of the bot is a process of its own. Before the undisturbed one, the same step is killed at random calls, runs
twice at once, has a clock that is an hour ahead or a year back, gets drips and bombs for answers, and finds the disk
full or read-only. On the strict GitHub server strangers open eight kinds of pull requests meanwhile, and strangers and
an app comment. The curator decides by the papers' numbers, so that the end can be compared: it is that of weeks in
which nothing happened.
"""

from __future__ import annotations

import argparse
import ctypes
import logging
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

import requests

from bot import config, pipeline
from bot.coverage import ledger
from bot.errors import BotError
from bot.forges.github import GithubForge
from bot.forges.local import LocalForge
from bot.model import Window
from bot.pullrequest.boxes import boxes
from bot.pullrequest.cycle import STATE_BRANCH
from bot.pullrequest.proposal import dump_proposals, load_proposals
from bot.sources.api import ApiSource
from bot.sources.http import Manners, PoliteSession, Timing
from bot.state.decision import DecisionKind
from bot.state.files import FILES, DiskStore, from_files
from bot.state.model import State
from tests.conftest import CONFIG, LIST
from tests.servers.arxiv import ArxivServer, Fault, Reply, SlowBytes
from tests.servers.github import Account, Comment, GitHubServer
from tests.servers.stage import Stage, stage
from tests.servers.whole import job, review_list, run_list
from tests.slow.season import RUN_AT, invented
from tests.slow.simulate import uncovered
from tests.slow.steps import ids, in_order, lines, undated

BEGIN = date(2026, 3, 2)
START = datetime.combine(BEGIN, RUN_AT, UTC)
QUIET_WEEKS = 3
"""Weeks after the attacks, in which what was only delayed arrives."""
SETTINGS = config.loads(CONFIG.replace("max_open: 3, near_misses: 2", "max_open: 40, near_misses: 0"), "keywords.yaml")
TASK = SETTINGS.lists[0]
FAILED = 7
"""Exit status of a process whose failure was told; any other but 0 is a bug."""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.slow.warm", "tests.slow.season"])
SKEWS = (timedelta(hours=1), timedelta(days=-365))


class Broken(Exception):
    """Something that must not be."""


# The bot, in a process of its own


@dataclass(frozen=True)
class Bot:
    """What a process of the bot needs: the forge's address or folder, arXiv's, the time, and what befalls it.

    `death` counts the calls before and after which the process may be killed; `room` is the most that a file may hold.
    """

    place: str
    arxiv: str
    now: datetime
    budget_s: float = 600.0
    death: int = 0
    room: int | None = None
    read_only: bool = False

    @property
    def forge(self) -> GithubForge | LocalForge:
        """The forge of the place."""
        local = not self.place.startswith("http")
        return LocalForge(Path(self.place)) if local else GithubForge("bot-token", "curator/papers", self.place)


class _Clock:
    """The real time, and what was slept, which nobody waits for."""

    def __init__(self) -> None:
        self._slept = 0.0

    def monotonic(self) -> float:
        """Return the time."""
        return time.monotonic() + self._slept

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._slept += seconds


def act(bot: Bot, command: str) -> None:
    """Carry out a command, and exit."""
    logging.disable()
    clock = _Clock()
    timing = Timing(clock.monotonic, clock.sleep, lambda: bot.now, lambda: 0.0)
    try:
        with _befallen(bot), PoliteSession(manners=Manners(budget_s=bot.budget_s, tries=2), timing=timing) as session:
            _carry_out(bot, command, ApiSource(session, bot.arxiv))
    except BotError:
        sys.exit(FAILED)


def _carry_out(bot: Bot, command: str, source: ApiSource) -> None:
    todo = job(SETTINGS, bot.forge, bot.now)
    if command == "run":
        run_list(todo, source)
    elif command == "review":
        review_list(todo, source.fetch_by_id)
    else:
        proposals, failures = pipeline.discover(replace(todo, dry=True), source)
        handed = load_proposals(dump_proposals(tuple(proposals)), "proposal.json")
        failures += pipeline.publish(todo, handed)[1]
        if bugs := [failure.error for failure in failures if failure.bug]:
            raise RuntimeError(bugs)
        sys.exit(FAILED if failures else 0)


@contextmanager
def _befallen(bot: Bot) -> Iterator[None]:
    if bot.read_only and not _made_read_only(bot.place):
        sys.exit(FAILED)
    if bot.room is not None:  # the disk is full: whatever writes more, git included, is told so
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bot.room, bot.room))
    left = [bot.death]
    with ExitStack() as stack:
        for owner, name in ((requests.Session, "send"), (subprocess, "run"), (os, "replace"), (os, "fsync")):
            if bot.death:
                stack.enter_context(mock.patch.object(owner, name, _deadly(getattr(owner, name), left)))
        yield


def _deadly(real: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    """Return the call, before and after which the process is killed when its time has come."""

    def tick() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def call(*args: Any, **options: Any) -> Any:
        tick()
        done = real(*args, **options)
        tick()
        return done

    return call


def _made_read_only(folder: str) -> bool:
    """Mount a folder read-only, for this process alone; return whether the machine allows it."""
    libc, where, user, space = ctypes.CDLL(None, use_errno=True), folder.encode(), 0x10000000, 0x20000
    bind, again, read_only, private, deep = 4096, 32, 1, 1 << 18, 16384
    if libc.unshare(space) and libc.unshare(user | space):
        return False
    libc.mount(None, b"/", None, private | deep, None)
    return not libc.mount(where, where, None, bind, None) and not libc.mount(
        None, where, None, bind | again | read_only, None
    )


class Bomb(Fault):
    """An answer that is larger than any page."""

    def reply(self, reply: Reply) -> Reply:
        """Return 40 MB."""
        return replace(reply, body=b"<feed>" + b" " * 40_000_000)


# The two places


class Place(Protocol):
    """A repository, as the curator sees it."""

    @property
    def where(self) -> str:
        """What the bot needs to find it."""

    def at(self, now: datetime) -> None:
        """Let it be some time."""

    def main(self) -> bytes:
        """Return the list as it is."""

    def branches(self) -> Sequence[bytes]:
        """Return the list on the branch of each open proposal."""

    def text(self) -> str:
        """Return the text of the open proposal, empty when there is none."""

    def refuse(self, paper: str) -> None:
        """Decide against a paper."""

    def merge(self) -> None:
        """Merge the open proposal."""

    def state(self) -> State:
        """Return what the bot keeps."""


@dataclass
class Local:
    """A repository on disk."""

    folder: Path

    def __post_init__(self) -> None:
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Curator")
        self.git("config", "user.email", "curator@example.org")
        (self.folder / TASK.file).write_bytes(LIST)
        self.git("add", TASK.file)
        self.git("commit", "--quiet", "--message", "Start")

    def git(self, *arguments: str) -> bytes:
        """Return what git prints."""
        return subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, check=True).stdout

    @property
    def where(self) -> str:
        return str(self.folder)

    def at(self, now: datetime) -> None:
        pass

    def main(self) -> bytes:
        return self.git("show", f"main:{TASK.file}")

    def _open(self) -> list[str]:
        """Return the branches that are not merged."""
        return self.git("branch", "--format=%(refname:short)", "--no-merged", "main").decode().split()

    def branches(self) -> Sequence[bytes]:
        return [self.git("show", f"{branch}:{TASK.file}") for branch in self._open()]

    def text(self) -> str:
        return self._text.read_text("utf-8") if self._open() and self._text.exists() else ""

    @property
    def _text(self) -> Path:
        return self.folder / "state" / TASK.name / "pull-request.md"

    def refuse(self, paper: str) -> None:
        line = next(line for line in self.text().splitlines() if f"arxiv-bot:paper {paper} " in line)
        self._text.write_text(self.text().replace(line, line.replace("- [x]", "- [ ]", 1)), "utf-8")

    def merge(self) -> None:
        for branch in self._open():
            self.git("merge", "--quiet", "--no-ff", "--message", "Merge", branch)

    def state(self) -> State:
        return DiskStore(self.folder / "state").read(TASK.name)


@dataclass
class Hub:
    """A repository on the strict GitHub server."""

    on: Stage

    @property
    def server(self) -> GitHubServer:
        """The server."""
        return self.on.server

    @property
    def where(self) -> str:
        return self.server.url

    def at(self, now: datetime) -> None:
        self.on.now = self.server.now = now

    def main(self) -> bytes:
        return self.on.list_on("main")

    def branches(self) -> Sequence[bytes]:
        if self.server.violations:
            raise Broken(f"GitHub is asked wrongly: {self.server.violations}")
        return [self.on.list_on(pull.pull.head) for pull in self.on.pulls() if pull.pull]

    def text(self) -> str:
        return next((pull.body or "" for pull in self.on.pulls()), "")

    def refuse(self, paper: str) -> None:
        self.on.say(f"/arxiv-bot reject {paper}")

    def merge(self) -> None:
        with self.on.as_curator() as repo:
            for pull in self.on.pulls():
                repo.get_pull(pull.number).merge(merge_method="squash")

    def state(self) -> State:
        files = {name: self.server.read(STATE_BRANCH, f"state/{TASK.name}/{name}") for name in FILES}
        return from_files(files, "state")


# Strangers, who have no right at all


def strangers(hub: Hub, shown: Sequence[str], number: int) -> None:
    """Open eight kinds of pull requests, and comment as a stranger and as another app."""
    row = "|[{0}](https://arxiv.org/abs/{0})||\n"
    wanted = LIST + "".join(row.format(i) for i in shown).encode()
    many = LIST + "".join(row.format(f"2602.{n:05}") for n in range(3000)).encode()
    shouting = LIST + b"|[::add-mask::x ##[error] @everyone](https://arxiv.org/abs/2603.1v9)|<!-- arxiv-bot:run -->|\n"
    kinds: Sequence[Mapping[str, bytes | None]] = (
        {TASK.file: wanted}, {TASK.file: many}, {TASK.file: shouting}, {TASK.file: None}, {TASK.file: b"\xff\0" * 999},
        {TASK.file: LIST + b"x" * 6_000_000}, {**{f"f{n}": b"" for n in range(350)}, TASK.file: wanted},
    )  # fmt: skip
    for files in kinds:
        hub.server.foreign_pull("stranger", files, f"/arxiv-bot reject {shown[0]}")
    forged = hub.server.foreign_pull("stranger", {TASK.file: b"/etc/passwd"}, "Link", 0o120000)
    forged.body, forged.pull = hub.text(), replace(forged.pull, head=f"arxiv-bot/{TASK.name}/{number}")  # type: ignore[type-var]
    mine = next((pull.number for pull in hub.on.pulls() if pull.number != forged.number), None)
    if mine is None:
        return
    for user in (hub.server.accounts["reader-token"], Account("app[bot]", 77, "Bot")):
        said = [*(f"/arxiv-bot {verb} {i}" for i in shown for verb in ("reject", "undo"))]
        said += [f"<!-- arxiv-bot:answer {comment} -->" for comment in hub.server.comments]
        for body in ("\n".join(said), *said[-3:]):
            comment = Comment(10_000 + len(hub.server.comments), mine, body, user, hub.server.now, hub.server.now)
            hub.server.comments[comment.number] = comment


# The weeks


@dataclass
class World:
    """A place, arXiv, and what happened so far."""

    place: Place
    arxiv: ArxivServer
    rng: random.Random
    days: int
    """Steps of the bot that everything befalls."""
    hostile: bool = False
    now: datetime = START
    done: Counter[str] = field(default_factory=Counter)
    final: Mapping[str, object] = field(default_factory=dict)

    def step(self, command: str, kills: int) -> None:
        """Let everything befall a step of the bot, then take it undisturbed, and check."""
        before = self.place.main()
        if self.hostile:
            for attack in self.rng.sample(self._attacks(kills), 7):
                attack(command)
        self._process(self.bot, command, "undisturbed", (0,))
        self._check(before)

    @property
    def bot(self) -> Bot:
        """The bot, undisturbed."""
        return Bot(self.place.where, self.arxiv.api_url, self.now)

    def _attacks(self, kills: int) -> list[Callable[[str], None]]:
        return [
            partial(self._killed, kills),
            self._twice,
            *(partial(self._skewed, skew) for skew in SKEWS),
            partial(self._spoilt, SlowBytes(per_second=200.0)),
            partial(self._spoilt, Bomb()),
            self._no_disk,
        ]

    def _process(self, bot: Bot, command: str, name: str, may: Sequence[int]) -> int:
        return self._ended(self._begun(bot, command), f"{command}, {name}", may)

    def _begun(self, bot: Bot, command: str) -> Any:
        process = PROCESSES.Process(target=act, args=(bot, command))
        process.start()
        return process

    def _ended(self, process: Any, name: str, may: Sequence[int]) -> int:
        process.join(120)
        code = process.exitcode
        if code not in may:
            process.kill()
            raise Broken(f"{name}, on {self.now:%Y-%m-%d}: exit {code}")
        self.done[name.partition(", ")[2]] += 1
        self.place.branches()
        return int(code)

    def _killed(self, times: int, command: str) -> None:
        for _ in range(times):
            for most in (80, 40, 20, 8):
                bot = replace(self.bot, death=self.rng.randint(1, most))
                if self._process(bot, command, "survived", (0, FAILED, -signal.SIGKILL)) < 0:
                    self.done["survived"] -= 1
                    self.done["killed"] += 1
                    break

    def _twice(self, command: str) -> None:
        for process in [self._begun(self.bot, command) for _ in range(2)]:
            self._ended(process, f"{command}, two at once", (0, FAILED))

    def _skewed(self, skew: timedelta, command: str) -> None:
        self._process(replace(self.bot, now=self.now + skew), command, f"clock {skew}", (0, FAILED))

    def _spoilt(self, fault: Fault, command: str) -> None:
        self.arxiv.faults.extend([fault] * 4)
        self._process(replace(self.bot, budget_s=0.5), command, type(fault).__name__, (0, FAILED))
        self.arxiv.faults.clear()

    def _no_disk(self, command: str) -> None:
        if isinstance(self.place, Local):
            self._process(replace(self.bot, room=self.rng.choice((0, 500, 4000))), command, "disk full", (0, FAILED))
            self._process(replace(self.bot, read_only=True), command, "read-only", (0, FAILED))

    def _check(self, main: bytes) -> None:
        if self.place.main() != main:
            raise Broken("the bot wrote on the base")
        branches = self.place.branches()
        if len(branches) > 1:
            raise Broken(f"{len(branches)} proposals are open")
        for found in branches:
            if not in_order(undated(main), lines(found)):
                raise Broken("lines of people are missing")
            if twice := [i for i, n in Counter(ids(found.splitlines())).items() if n > 1]:
                raise Broken(f"{twice} stand twice")

    def week(self, number: int, kills: int) -> None:
        """Run, decide, review, merge, review; the adversary leaves some days in peace."""
        for day, command in enumerate(("publish", "run", "review", "review")):
            self.hostile = bool(kills) and 4 * number + day < self.days
            self.now = datetime.combine(BEGIN + timedelta(weeks=number, days=day), RUN_AT, UTC)
            self.place.at(self.now)
            self.step(command, kills)
            shown = [i for i, (ticked, _) in boxes(self.place.text()).items() if ticked]
            if day == 1:
                for paper in shown:
                    if paper.endswith(("3", "4")):
                        self.place.refuse(paper)
            if self.hostile and day < 2 and shown and isinstance(self.place, Hub):
                strangers(self.place, shown, number + 1)
                self.done["strangers' pull requests"] += 8
            if day == 2:
                self.place.merge()

    def end(self) -> Mapping[str, object]:
        """Return what must be the same however it came about."""
        state, query = self.place.state(), ledger.digest(TASK.query())
        kinds = {(d.id, d.kind) for d in state.decisions if d.kind in (DecisionKind.REJECTED, DecisionKind.ACCEPTED)}
        return {
            "listed": sorted(lines(b"\n".join(undated(self.place.main())))),
            "decisions": sorted(kinds),
            "open": sorted(paper.id for paper in state.open),
            "waiting": sorted(candidate.paper.id for candidate in state.backlog),
            "uncovered": uncovered(state, query, Window(START, self.now)),
            "gaps": [gap for gap in ledger.open_gaps(state.coverage, query) if gap.until.date() > BEGIN],
        }


def played(*, local: bool, seed: int, days: int, kills: int) -> World:
    """Play some days on which everything goes wrong, or nothing if there are no kills, then quiet weeks."""
    weeks, papers = -(-days // 4) + QUIET_WEEKS, invented(BEGIN)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        place: Place = (
            Local(folder) if local
            else Hub(stack.enter_context(stage(folder / "papers.git", SETTINGS, LIST, (), START)))
        )  # fmt: skip
        world = World(place, ArxivServer(papers(weeks), clock=lambda: world.now), random.Random(seed), days)
        stack.enter_context(world.arxiv)
        for number in range(weeks if days >= 4 else 1):
            world.week(number, kills)
        world.final = world.end()
    return world


def main() -> None:
    """Play it on both forges; exit with 1 where the end is not that of quiet weeks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=8, help="steps of the bot that everything befalls")
    parser.add_argument("--kills", type=int, default=8, help="kills at each of them")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for local in (False, True):
        began = time.monotonic()
        quiet, hostile = (
            played(local=local, seed=options.seed, days=options.days, kills=kills) for kills in (0, options.kills)
        )
        if quiet.final != hostile.final:
            sys.exit(f"the end differs:\n{quiet.final}\n{hostile.final}")
        where, took_s = "local" if local else "GitHub", time.monotonic() - began
        print(f"{where}: the same end; {dict(hostile.done)} in {took_s:.0f} s", flush=True)


if __name__ == "__main__":
    main()
