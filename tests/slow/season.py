"""`make season`: twelve weeks of real papers, the bot on the strict GitHub server, and a curator who does everything.

Every Monday the bot runs. Then the curator clicks, comments, commits on the branch and on the base, and on Friday
merges in one of three ways, or closes, or deletes the branch; some weeks later a merge is reverted. What is done when
is drawn from the seed; some of it wakes a review, some is only seen by the next run. After every step of the bot:
one pull request at most, every line that people wrote or left standing is there and in order, nothing that was
refused is back, no paper stands twice, the list can be read, and the same step again writes nothing.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time as wall
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from github import GithubException

from bot import config
from bot.arxiv import arxiv_id
from bot.config import Config
from bot.errors import PublishError
from bot.model import Paper
from bot.paperlist.read.document import Document, parse
from bot.pullrequest.boxes import boxes
from tests.conftest import CONFIG, LIST
from tests.servers.github import Call
from tests.servers.shared import PAPERS, ROOT
from tests.servers.stage import Stage, stage
from tests.slow.simulate import real_records

RUN_AT = time(6, 37)
REVIEWED = 0.7
"""How much of what the curator does wakes a review at once; the rest is seen later."""
ACTIONS_A_WEEK = 4
INVENTED = CONFIG.replace("max_open: 3, near_misses: 2", "max_open: 7, near_misses: 3, near_miss_at: 0.02")
_TOPICS = ("LLM Serving {}", "A KV Cache {}", "A Survey of LLM Serving {}", "Latency {}")


class Broken(Exception):
    """A step of the bot left what must not be."""


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
    """Papers that the open pull request showed after the last step."""
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
        """Return the papers of the open pull request that are in, or out."""
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
        """Let the bot do something, check what it left, and let it do the same again."""
        main = self.on.list_on("main")
        command()
        self._check(main)
        for turn in range(2):  # where it reads its own answers, it notes that in its state
            first = len(self.on.server.writes)
            command()
            again = self.on.server.writes[first:]
            if not again:
                break
            if turn or [call for call in again if shows(call)]:
                raise Broken(f"the same again writes {again}")
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
    """Whether people see what a call did: a commit of the list, a text, a comment; not the bot's own state."""
    ref = str(call.body.get("ref", "")) if isinstance(call.body, dict) else ""
    return not re.search("/git/(?:trees|commits)$|/refs/heads/arxiv-bot/state$", f"{call.path}{ref and '/' + ref}")


def lines(content: bytes) -> list[bytes]:
    """Return the lines of a list that hold something, without their endings."""
    return [line for line in content.splitlines() if line.strip()]


def undated(content: bytes) -> list[bytes]:
    """Return the lines but the one with the date of the last update."""
    line = parse(content, "list").date_line
    dated = content[: line.start].count(b"\n") if line else None
    return [one for n, one in enumerate(content.split(b"\n")) if one.strip() and n != dated]


def ids(found: Iterable[bytes]) -> list[str]:
    """Return the papers that lines name, each once a line."""
    return [i for line in found for i in {m.base for m in arxiv_id.find_ids(line.decode())}]


def in_order(some: Sequence[bytes], all_: Sequence[bytes]) -> bool:
    """Whether lines stand among others in their order."""
    rest = iter(all_)
    return all(line in rest for line in some)


# What the curator does while the pull request is open. Each tells whether it could be done.


def untick(season: Season) -> bool:
    """Clear the box of a paper whose row is the bot's."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    season.on.click(paper)
    season.people.out.add(paper)
    return True


def untick_edited(season: Season) -> bool:
    """Edit a row, then clear its box: the row has to stay."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    _reword(season, paper)
    season.on.click(paper)
    season.people.by_hand.add(paper)
    return True


def tick(season: Season) -> bool:
    """Set the box of a near miss, or of a paper that was taken out."""
    if not (found := season.boxed(ticked=False)):
        return False
    paper = season.rng.choice(found)
    season.on.click(paper)
    season.people.out.discard(paper)
    return True


def reject(season: Season) -> bool:
    """Reject a paper in a comment."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    season.on.say(f"/arxiv-bot reject {paper} because it is about something else")
    season.people.out.add(paper)
    return True


def undo(season: Season) -> bool:
    """Take back what was decided on a paper that was refused."""
    if not (found := sorted(season.people.out)):
        return False
    paper = season.rng.choice(found)
    season.on.say(f"/arxiv-bot undo {paper}")
    season.people.out.discard(paper)
    return True


def move(season: Season) -> bool:
    """Move a row by a comment."""
    headings = [s.path[-1] for s in season.document("main").sections if s.groups]
    if not (found := season.rows()) or not headings:
        return False
    season.on.say(f"/arxiv-bot move {season.rng.choice(found)} to {season.rng.choice(headings)}")
    return True


def move_by_hand(season: Season) -> bool:
    """Cut a row of the bot and put it under another one on the branch."""
    if len(found := season.rows()) < 2:
        return False
    one, other = (season.row(paper) for paper in season.rng.sample(found, 2))
    assert one is not None
    assert other is not None
    season.on.edit(season.branch, lambda old: old.replace(one + b"\n", b"").replace(other, other + b"\n" + one))
    return True


def edit_title(season: Season) -> bool:
    """Change a word of a row on the branch."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    _reword(season, paper)
    season.people.by_hand.add(paper)
    return True


def _reword(season: Season, paper: str) -> None:
    row = season.row(paper)
    assert row is not None
    at = row.index(b" ", row.index(b"["))
    season.edit_branch(lambda old: old.replace(row, row[:at] + b" (seen)" + row[at:]))


def delete_row(season: Season) -> bool:
    """Delete a row of the bot on the branch."""
    if not (found := season.rows()):
        return False
    paper = season.rng.choice(found)
    row = season.row(paper)
    assert row is not None
    season.edit_branch(lambda old: old.replace(row + b"\n", b""))
    season.people.out.add(paper)
    return True


def commit_on_branch(season: Season) -> bool:
    """Edit an entry of the base on the branch."""
    row = _untouched(season)
    if row is None:
        return False
    season.edit_branch(lambda old: old.replace(row, row.replace(b"](", b" (checked)](", 1)))
    return True


def edit_base(season: Season) -> bool:
    """Edit an entry on the base while the pull request is open."""
    row = _untouched(season)
    if row is None:
        return False
    season.on.edit("main", lambda old: old.replace(row, row.replace(b"](", b" (edited)](", 1)))
    return True


_EDITED = re.compile(rb"\((?:checked|edited)")


def _untouched(season: Season) -> bytes | None:
    """Return a row of the base that stands on the branch as it is, and was not edited."""
    branch = lines(season.on.list_on(season.branch))
    found = [
        row
        for entry in season.document("main").entries
        if (row := entry.raw.encode()) in branch
        and row.count(b"](") == 1
        and not re.search(rb"\((?:checked|edited)", row)
    ]
    return season.rng.choice(found) if found else None


def add_same_by_hand(season: Season) -> bool:
    """Add to the base by hand a paper that the pull request brings."""
    return _by_hand(season, season.rows())


def add_miss_by_hand(season: Season) -> bool:
    """Add to the base by hand a paper that the pull request offers, or that was taken out."""
    return _by_hand(season, season.boxed(ticked=False))


def _by_hand(season: Season, papers: Sequence[str]) -> bool:
    free = [i for i in papers if i not in season.people.by_hand]
    if not free:
        return False
    paper = season.rng.choice(free)
    last = season.rng.choice([s for s in season.document("main").sections if s.entries]).entries[-1]
    row = re.sub(rb"\[.*?\]\([^)]*\)", b"[My own words for it](https://arxiv.org/abs/%b)" % paper.encode(),
                 last.raw.encode(), count=1)  # fmt: skip
    if paper not in ids([row]) or len(ids([row])) > 1:
        return False
    raw = last.raw.encode()
    season.on.edit("main", lambda old: old.replace(raw, raw + b"\n" + row))
    season.people.out.discard(paper)
    season.people.by_hand.add(paper)
    return True


def other_file(season: Season) -> bool:
    """Commit another file on the base."""
    season.on.server.push("curator", "main", {"src/other.txt": b"%d" % len(season.log)})
    return True


def rename_section(season: Season) -> bool:
    """Give a section of the list another name, in the list and in the configuration."""
    task = season.on.task
    named = [rule.heading for rule in task.sections if season.document("main").section((rule.heading,))]
    if not named:
        return False
    old = season.rng.choice(named)
    new = f"{old} and More"
    heading = re.compile(rb"(?m)^(#+ )%b(?=[ \t]*$)" % re.escape(old.encode()))
    contents = f"[{old}](#{_slug(old)})".encode(), f"[{new}](#{_slug(new)})".encode()
    season.on.edit("main", lambda text: heading.sub(rb"\1" + new.encode(), text).replace(*contents))
    rules = tuple(r.model_copy(update={"heading": new}) if r.heading == old else r for r in task.sections)
    season.on.settings = replace(season.on.settings, lists=(task.model_copy(update={"sections": rules}),))
    return True


def _slug(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def update_branch(season: Season) -> bool:
    """Press the button that merges the base into the branch."""
    other_file(season)
    (pull,) = season.on.pulls()
    with season.on.as_curator() as repo:
        try:
            repo.get_pull(pull.number).update_branch()
        except GithubException as error:
            if error.status != 422:
                raise
            return False
    return True


def write_note(season: Season) -> bool:
    """Write above the bot's part of the text."""
    (pull,) = season.on.pulls()
    pull.body = f"A note of {len(season.log)}.\n\n{pull.body}"
    return True


# How a week ends


def squash(season: Season) -> bool:
    """Merge as one commit."""
    return _merge(season, "squash")


def rebase(season: Season) -> bool:
    """Merge commit by commit."""
    return _merge(season, "rebase")


def merge(season: Season) -> bool:
    """Merge with a merge commit, and delete the branch as GitHub offers to."""
    branch = season.branch
    if not _merge(season, "merge"):
        return False
    season.on.delete(branch)
    return True


def _merge(season: Season, method: str) -> bool:
    """Merge; where GitHub cannot, the bot is asked first to bring the base in."""
    (pull,) = season.on.pulls()
    before = season.on.list_on("main")
    out = season.boxed(ticked=False)
    with season.on.as_curator() as repo:
        try:
            repo.get_pull(pull.number).merge(merge_method=method)
        except GithubException as error:
            if error.status != 405:
                raise
            return False
    after = season.on.list_on("main")
    required = (Counter(undated(before)) + season.people.mine) - season.people.gone
    if missing := required - Counter(lines(after)):
        raise Broken(f"the merge lost {sorted(missing)}")
    season.merges.append((before, after))
    season.people.out |= set(out) - set(ids(lines(after)))
    season.people.new_cycle()
    return True


def close(season: Season) -> bool:
    """Close the pull request unmerged."""
    (pull,) = season.on.pulls()
    season.people.closed = {*season.shown, *season.boxed(ticked=True)} - season.people.out
    season.people.closed -= set(ids(lines(season.on.list_on("main"))))
    season.people.out |= season.people.closed
    with season.on.as_curator() as repo:
        repo.get_pull(pull.number).edit(state="closed")
    season.people.new_cycle()
    return True


def close_and_reopen(season: Season) -> bool:
    """Close the pull request, let the bot see it, and open it again."""
    (pull,) = season.on.pulls()
    mine, gone = season.people.mine.copy(), season.people.gone.copy()
    close(season)
    season.step(season.on.review)
    with season.on.as_curator() as repo:
        repo.get_pull(pull.number).edit(state="open")
    season.people.mine, season.people.gone = mine, gone
    season.people.out -= season.people.closed
    ticked = season.boxed(ticked=True)
    season.step(season.on.review)
    if lost := set(ticked) - set(season.boxed(ticked=True)):
        raise Broken(f"opened again, the pull request has not {sorted(lost)}")
    return True


def delete_branch(season: Season) -> bool:
    """Delete the branch of the open pull request: nothing is decided by that."""
    season.on.delete(season.branch)
    season.people.new_cycle()
    return True


def leave(season: Season) -> bool:
    """Leave it open over the weekend."""
    return True


def revert(season: Season) -> bool:
    """Take back the last merge, where nothing was done to the list since."""
    if not season.merges or season.on.list_on("main") != season.merges[-1][1]:
        return False
    before, after = season.merges.pop()
    season.on.edit("main", lambda old: before)
    season.people.out |= set(ids(lines(after))) - set(ids(lines(before)))
    return True


Action = Callable[[Season], bool]
ACTIONS: tuple[Action, ...] = (
    untick, untick_edited, tick, tick, reject, undo, move, move_by_hand, edit_title, delete_row, commit_on_branch,
    edit_base, add_same_by_hand, add_miss_by_hand, other_file, rename_section, update_branch, write_note,
)  # fmt: skip
ENDINGS: tuple[Action, ...] = (squash, rebase, merge, close, close_and_reopen, delete_branch, leave)


def play(season: Season, weeks: int, papers: Callable[[int], Sequence[Paper]], begin: date) -> None:
    """Play the weeks; `papers` returns what was announced up to a week's Monday. Raises Broken."""
    todo, endings = ([*season.rng.sample(some, len(some))] for some in (ACTIONS, ENDINGS))
    for week in range(weeks):
        season.on.papers = papers(week)
        _at(season, begin + timedelta(weeks=week))
        _bot(season, season.on.run, "run")
        for day in range(1, 1 + ACTIONS_A_WEEK):
            if season.on.branch():
                _at(season, begin + timedelta(weeks=week, days=day))
                _act(season, todo, ACTIONS)
                if season.rng.random() < REVIEWED:
                    _bot(season, season.on.review, "review")
        if season.on.branch():
            _bot(season, season.on.review, "review")
            _act(season, endings, ENDINGS)
            if season.rng.random() < REVIEWED:
                _bot(season, season.on.review, "review")
        if season.merges and not season.on.branch() and week % 3 == 2:
            _act(season, [revert], ())


def _at(season: Season, day: date) -> None:
    season.on.now = season.on.server.now = max(season.on.server.now, datetime.combine(day, RUN_AT, UTC))


def _act(season: Season, todo: list[Action], again: Sequence[Action]) -> None:
    """Let the curator do the first thing that can be done, and strike it off; once all is done, all comes again."""
    if not todo:
        todo += season.rng.sample(again, len(again))
    for action in list(todo):
        season.log.append(f"{season.on.now:%Y-%m-%d} {action.__name__}")
        if action(season):
            todo.remove(action)
            season.done[action.__name__] += 1
            return
        season.log[-1] += " (not now)"


def _bot(season: Season, command: Callable[[], object], name: str) -> None:
    season.log.append(f"{season.on.now:%Y-%m-%d} the bot: {name}")
    season.step(command)


def real(weeks: int, begin: date) -> Callable[[int], Sequence[Paper]]:
    """Return the papers of the shared data announced up to each Monday, as of the day they were announced."""
    settings = config.load(ROOT / "config" / "keywords.yaml")
    found = [
        (day, replace(paper, published=datetime.combine(day, time(0, 30), UTC)))
        for paper, day in real_records(begin - timedelta(weeks=4), 7 * (weeks + 4), settings.lists[0])
    ]
    return lambda week: [paper for day, paper in found if day < begin + timedelta(weeks=week)]


def invented(begin: date) -> Callable[[int], Sequence[Paper]]:
    """Return ten made-up papers a week, for the list and the configuration of the tests."""

    def made(number: int, day: date) -> Paper:
        title = _TOPICS[number % len(_TOPICS)].format(f"of Kind {number} and {number * 7919}")
        submitted = datetime.combine(day, time(1), UTC)
        return Paper(f"2603.{number:05}", title, ("A. B",), f"On {number}.", ("cs.DC",), "cs.DC", submitted)

    def papers(week: int) -> Sequence[Paper]:
        weeks = ((n, begin + timedelta(weeks=n - 3, days=-3)) for n in range(1, week + 4))
        return [made(100 * n + k, day) for n, day in weeks for k in range(10)]

    return papers


def played(
    seed: int, settings: Config, content: bytes, papers: Callable[[int], Sequence[Paper]], weeks: int, begin: date
) -> Season:
    """Play one season; raises Broken with what was done until then."""
    start = datetime.combine(begin, RUN_AT, UTC)
    with (
        tempfile.TemporaryDirectory() as folder,
        stage(Path(folder) / "papers.git", settings, content, papers(0), start) as on,
    ):
        season = Season(on, random.Random(seed))
        try:
            play(season, weeks, papers, begin)
        except (Broken, PublishError) as error:
            raise Broken("\n".join([f"seed {seed}:", *season.log, f"{error}"])) from error
        return season


def main() -> None:
    """Play seasons; exits with 1 at the first that breaks something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--begin", type=date.fromisoformat, default=date(2026, 1, 5), help="a Monday")
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    if PAPERS.exists():
        settings, content = config.load(ROOT / "config" / "keywords.yaml"), (ROOT / "PAPERS.md").read_bytes()
        papers = real(options.weeks, options.begin)
    else:
        print(f"{PAPERS.name} of the shared data is not here: the papers are invented")
        settings, content, papers = config.loads(INVENTED, "invented"), LIST, invented(options.begin)
    for seed in options.seeds:
        began = wall.monotonic()
        try:
            season = played(seed, settings, content, papers, options.weeks, options.begin)
        except Broken as broken:
            sys.exit(str(broken))
        calls = len(season.on.server.calls)
        seconds = wall.monotonic() - began
        print(f"seed {seed}: {dict(season.done)}; {calls} calls of GitHub in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
