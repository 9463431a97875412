"""Try every fault at every call to GitHub, and write docs/faults-github.md: `make matrix`.

Three stories are played on the strict GitHub server: a first pull request, a run that adds to it, a review of what the
curator asked for. Each is played once undisturbed, to learn its calls, then once for every call and fault. After that
the same command runs again, and the repository must look as it does without the fault. A third run must write nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from difflib import unified_diff
from enum import Enum
from functools import cache
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import requests

from bot import config
from bot.errors import PublishError
from tests.conftest import CONFIG, LIST, NOW, PAPERS, paper
from tests.servers.github import Call, Fault
from tests.servers.stage import Stage, stage

TABLE = Path(__file__).resolve().parents[2] / "docs" / "faults-github.md"
SETTINGS = config.loads(
    CONFIG.replace("max_open: 3, near_misses: 2", "max_open: 4, near_misses: 2, near_miss_at: 0.02"),
    "config/keywords.yaml",
)
BRANCH = "arxiv-bot/serving/1"
MORE = (
    *PAPERS,
    paper(6, "More LLM Serving"),
    paper(7, "LLM Serving with a KV Cache"),
    paper(8, "Latency and Networks"),
)


class Killed(BaseException):
    """The process was killed: no code of the bot runs any more."""


class Trouble(Enum):
    """A fault at one call, by its name in the table."""

    ERROR = "500"
    LIMIT = "403 primary limit"
    SECONDARY = "403 secondary limit"
    LOST_BEFORE = "timeout before"
    LOST_AFTER = "timeout after"
    COMMIT = "human commit on the branch"
    BASE_COMMIT = "human commit on the base"
    TICK = "human tick"
    KILLED_BEFORE = "kill before"
    KILLED_AFTER = "kill after"


FAULTS = {
    Trouble.ERROR: Fault.SERVER_ERROR,
    Trouble.SECONDARY: Fault.SECONDARY_LIMIT,
    Trouble.LOST_BEFORE: Fault.LOST_BEFORE,
    Trouble.LOST_AFTER: Fault.LOST_AFTER,
}
KILLS = (Trouble.KILLED_BEFORE, Trouble.KILLED_AFTER)


@dataclass(frozen=True)
class Story:
    """A command of the bot, and what happened before it."""

    name: str
    before: Callable[[Stage], None]
    command: Callable[[Stage], object]


@dataclass(frozen=True)
class Seen:
    """What the repository holds that matters to people and to the next run."""

    lists: dict[str, bytes]
    state: dict[str, bytes]
    pulls: tuple[tuple[str, str, str], ...]
    comments: tuple[str, ...]

    def told(self) -> list[str]:
        """Return all of it as lines."""
        files = {**self.lists, **self.state}.items()
        written = [f"{name}: {line}" for name, data in files for line in data.decode().split("\n")]
        return [*written, *"\n".join((*map(str, chain(*self.pulls)), *self.comments)).splitlines()]


@dataclass(frozen=True)
class Result:
    """The result of one fault at one call: whether it could happen, stopped the run, and was left wrong by the next.

    `lost` is a click that fell between the last look at the text and its edit: GitHub has no edit that fails then.
    """

    story: str
    number: int
    call: str
    trouble: Trouble
    happened: bool
    stopped: bool
    lost: bool
    wrong: str | None


def _proposed(on: Stage) -> None:
    on.papers = PAPERS[:4]
    on.run()
    on.papers = MORE


def _asked(on: Stage) -> None:
    on.run()
    on.click("2603.00001")
    on.click("2603.00004")
    on.say("/arxiv-bot reject 2603.00002 because it is a survey")
    on.say("/arxiv-bot move 2603.00006 to Caches\n/arxiv-bot defer 2603.00007 until 2026-05-01")
    on.edit(BRANCH, lambda old: old.replace(b"More LLM", b"*More* LLM"))
    on.edit("main", lambda old: old.replace(b"A Survey of Everything", b"A *Survey* of Everything"))


STORIES = (
    Story("A first pull request", lambda on: None, Stage.run),
    Story("A run that adds to it", _proposed, Stage.run),
    Story("A review", _asked, Stage.review),
)


# The troubles


def _commit(on: Stage) -> bool:
    """Edit a row on the cycle's branch, if there is one, as a curator does in the browser."""
    if found := on.server.git.head(BRANCH) is not None:
        on.edit(BRANCH, lambda old: old.replace(b"Caching Things", b"Caching All Things"))
    return found


def _base_commit(on: Stage) -> bool:
    row = b"|[Mine](https://arxiv.org/abs/2402.00009)||\n"
    on.edit("main", lambda old: old.replace(b"\n## Caches", row + b"\n## Caches"))
    return True


def _tick(on: Stage) -> bool:
    if found := bool(on.pulls()):
        on.click("2603.00003")
    return found


PEOPLE: dict[Trouble, Callable[[Stage], bool]] = {
    Trouble.COMMIT: _commit,
    Trouble.BASE_COMMIT: _base_commit,
    Trouble.TICK: _tick,
}


@contextmanager
def troubled(on: Stage, number: int, trouble: Trouble) -> Iterator[list[bool]]:
    """Cause a trouble at the call of this number, counted from now; yield a cell that holds whether it happened."""
    happened = [trouble not in PEOPLE]
    first = len(on.server.calls)

    def now(call: Call) -> bool:
        return call.number == first + number

    def meanwhile(call: Call) -> None:
        if now(call) and trouble is Trouble.LIMIT:
            on.server.left = 0
        elif now(call) and trouble in PEOPLE:
            happened[0] = PEOPLE[trouble](on)

    before, left = (on.server.fault, on.server.meanwhile), on.server.left
    on.server.fault = lambda call: FAULTS.get(trouble) if now(call) else None
    on.server.meanwhile = meanwhile
    try:
        with _killed(number, trouble) if trouble in KILLS else nullcontext():
            yield happened
    finally:
        (on.server.fault, on.server.meanwhile), on.server.left = before, left


@contextmanager
def _killed(number: int, trouble: Trouble) -> Iterator[None]:
    """Kill the process before the call of this number is sent, or once it is answered."""
    sent = 0
    real = requests.Session.send

    def send(*args: Any, **options: Any) -> requests.Response:
        nonlocal sent
        sent += 1
        if sent == number and trouble is Trouble.KILLED_BEFORE:
            raise Killed
        answer = real(*args, **options)
        if sent == number:
            raise Killed
        return answer

    with mock.patch.object(requests.Session, "send", send):
        yield


def ended(command: Callable[[], object]) -> bool:
    """Run a command, and return whether a fault stopped it."""
    try:
        command()
    except (PublishError, Killed):
        return True
    return False


# The repository


def seen(on: Stage) -> Seen:
    """Return what the repository holds, without the figures of the run itself."""
    heads = [name.removeprefix("refs/heads/") for name in on.server.git.refs("refs/heads/")]
    state = on.server.git.head("arxiv-bot/state")
    files = on.server.git.entries(state, recursive=True) if state else ()
    figures = re.compile("<!-- arxiv-bot:run -->.*?<!-- /arxiv-bot:run -->", re.DOTALL)
    return Seen(
        {branch: on.list_on(branch) for branch in heads if branch != "arxiv-bot/state"},
        {path: on.server.git.data(sha) for path, _, sha in files if path.endswith(".jsonl")},
        tuple((i.state, i.title, figures.sub("", i.body or "")) for i in on.server.issues.values()),
        tuple(sorted(c.body for c in on.server.comments.values())),
    )


def differs(found: Seen, wanted: Seen) -> str | None:
    """Return the difference to what is wanted as a diff, or None."""
    if found == wanted:
        return None
    return "\n".join(unified_diff(wanted.told(), found.told(), "wanted", "found", n=1, lineterm=""))


# The stories


@contextmanager
def told(story: Story) -> Iterator[Stage]:
    """Serve a repository as it is before the command of the story."""
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder) / "r.git", SETTINGS, LIST, MORE, NOW) as on:
        story.before(on)
        yield on
        assert on.server.violations == []


def calls(story: Story) -> list[str]:
    """Return the calls of the undisturbed command, as the table names them."""
    with told(story) as on:
        first = len(on.server.calls)
        story.command(on)
        return [_named(call, on.server.full_name) for call in on.server.calls[first:]]


def _named(call: Call, repository: str) -> str:
    path = call.path.removeprefix(f"/repos/{repository}") or "/"
    path = re.sub(r"[0-9a-f]{40}", "…", path)
    wanted = {k: v for k, v in call.query.items() if k in ("ref", "head", "state")}
    query = "&".join(f"{k}={re.sub('[0-9a-f]{40}', '…', v)}" for k, v in wanted.items())
    return f"{call.method} {path}" + (f"?{query}" if query else "")


def right(story: Story, trouble: Trouble) -> list[Seen]:
    """Return what the repository may hold in the end: people may have acted before the command or after it."""
    return _undisturbed(story, PEOPLE.get(trouble))


@cache
def _undisturbed(story: Story, people: Callable[[Stage], bool] | None) -> list[Seen]:
    found = []
    for first in (True, False) if people else (True,):
        with told(story) as on:
            if people and first:
                people(on)
            story.command(on)
            if people and not first:
                people(on)
            _again(on, story)
            found.append(seen(on))
    return found


def tried(story: Story, number: int, name: str, trouble: Trouble) -> Result:
    """Play a story with a trouble at one call, then run twice more."""
    with told(story) as on:
        with troubled(on, number, trouble) as happened:
            stopped = ended(lambda: story.command(on))
        wrong = _again(on, story)
        found = seen(on)
    problems = [differs(found, one) for one in right(story, trouble)]
    lost = None not in problems and trouble is Trouble.TICK and name.startswith("PATCH /pulls/")
    if lost:
        problems = [differs(found, one) for one in right(story, Trouble.ERROR)]
    return Result(
        story.name,
        number,
        name,
        trouble,
        happened[0],
        stopped,
        lost,
        wrong or (None if None in problems else problems[0]),
    )


def _again(on: Stage, story: Story) -> str | None:
    """Run until nothing is left to do; return what is wrong, or None."""
    for _ in range(3):
        written = len(on.server.writes)
        try:
            story.command(on)
        except PublishError as error:
            return f"the next run stops: {error}"
        if len(on.server.writes) == written:
            return None
    return f"the third run writes {on.server.writes[written:]}"


def tried_all(case: tuple[int, Trouble]) -> list[Result]:
    """Try a trouble at every call of a story, which is given by its number."""
    story = STORIES[case[0]]
    return [tried(story, number, name, case[1]) for number, name in enumerate(calls(story), 1)]


# The table


HEAD = """# What a fault at any call to GitHub does

`make matrix` writes this page. Each call of three stories met each fault on the strict GitHub server of the tests;
then the same command ran again. In every case the result was the same as without the fault: list, text, comments and
state, including what people wrote. A further run wrote nothing.

| sign | meaning |
|---|---|
| · | the run went on: it repeats what it reads, and this run or the next one reacts to what people do meanwhile |
| next | the run stopped with a message, or was killed; the next run repaired it |
| lost | a click between the last look at the text and its edit: GitHub has no edit that fails then. The box shows it |
| – | cannot happen there: no pull request, or no branch |

A timeout is a connection that ends without an answer, before or after the call had its effect. A kill ends the process
before the call is sent, or once it is answered. A limit is GitHub's answer 403 to too many requests.
"""


def rows_of(section: str) -> list[str]:
    """Return the calls that a section of the table names."""
    return re.findall(r"(?m)^\| \d+ \| `([^`]+)` \|", section)


def table(results: Sequence[Result]) -> str:
    """Return the page: a section for each story, a row for each call."""
    parts = [HEAD]
    for story in dict.fromkeys(result.story for result in results):
        lines = [
            f"## {story}",
            "",
            f"| | call | {' | '.join(t.value for t in Trouble)} |",
            "|--:|---" + "|:-:" * len(Trouble) + "|",
        ]
        mine = [result for result in results if result.story == story]
        for number, call in dict.fromkeys((result.number, result.call) for result in mine):
            cells = (_cell(result) for result in mine if result.number == number)
            lines.append(f"| {number} | `{call}` | {' | '.join(cells)} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _cell(result: Result) -> str:
    if result.wrong:
        return "**wrong**"
    if result.lost:
        return "lost"
    if not result.happened:
        return "–"
    return "next" if result.stopped else "·"


def main() -> None:
    """Try everything and write the table; exit with 1 when the next run leaves something wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--table", type=Path, default=TABLE, help="the file of the table")
    options = parser.parse_args()
    cases = [(story, trouble) for story in range(len(STORIES)) for trouble in Trouble]
    results: list[Result] = []
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        for found in pool.map(tried_all, cases):
            print(f"{found[0].story}, {found[0].trouble.value}: {len(found)} calls", flush=True)
            results += found
    for result in results:
        if result.wrong:
            print(f"{result.story}, call {result.number} {result.call}, {result.trouble.value}:\n{result.wrong}")
    options.table.write_text(table(results), encoding="utf-8")
    wrong = sum(result.wrong is not None for result in results)
    print(f"{len(results)} cases, {wrong} wrong; the table is in {options.table.name}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
