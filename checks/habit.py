"""What the git history of a list adds to where `add` puts a paper: `make habit`.

For every real addition of the collection a repository is built of the additions to the same file of strictly earlier
dates, with the file as it was just before on top. First, in memory, every entry a maintainer added is placed with and
without this past. Then the collection's own `score_insertions.py` runs `add` twice: in a bare folder, and (through
this file, as the bot it is given) in such a repository.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot import arxiv_id
from bot.history import past_commits
from bot.model import Paper
from bot.paperlist.document import parse
from bot.paperlist.facts import Facts
from bot.paperlist.habit import Habits, PastCommit, past_additions

Case = Mapping[str, Any]
"""A record of `additions.jsonl`: one commit of a maintainer."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry of a maintainer: whether there was a past, and whether each way puts it in the same place."""

    repo: str
    past: bool
    alone: bool
    taught: bool


def main() -> int:
    """Measure both ways and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zoo", type=Path, default=Path("../shared/zoo"))
    parser.add_argument("--add-in-history", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not (options.zoo / "additions.jsonl").is_file():
        print(f"no additions in {options.zoo}", file=sys.stderr)
        return 1
    zoo = options.zoo.resolve()
    cases = [json.loads(line) for line in (zoo / "additions.jsonl").read_text("utf-8").splitlines()]
    if options.add_in_history:
        return add_in_history(zoo, cases, options.add_in_history)
    with ProcessPoolExecutor(2) as pool:
        placed = [p for found in pool.map(partial(place, zoo, cases), cases) for p in found]
    table("every entry that a maintainer added", placed)
    table("score_insertions.py", list(scored(zoo, cases)))
    return 0


def table(name: str, placed: Sequence[Placed]) -> None:
    """Print how many stand where the maintainer put them, by case and by repository."""
    some = [p for p in placed if p.past]
    print(f"{name}: {len(placed)} cases, {len({p.repo for p in placed})} repositories")
    for which, rows in (("all", placed), ("with a past", some)):
        alone, taught = ([(p.repo, p.alone) for p in rows], [(p.repo, p.taught) for p in rows])
        print(f"  {which:12} {len(rows):4}  file alone {means(alone)}  with history {means(taught)}")
    better = sum(p.taught and not p.alone for p in placed)
    print(f"  history mends {better}, spoils {sum(p.alone and not p.taught for p in placed)}")


def means(hits: Iterable[tuple[str, bool]]) -> str:
    """Return the mean by case and by repository."""
    by: dict[str, list[bool]] = defaultdict(list)
    for repo, hit in hits:
        by[repo].append(hit)
    every = [hit for found in by.values() for hit in found]
    if not every:
        return "none"
    return f"{sum(every) / len(every):.3f} by case {sum(sum(f) / len(f) for f in by.values()) / len(by):.3f} by repo"


# In memory


def place(zoo: Path, cases: Sequence[Case], case: Case) -> list[Placed]:
    """Place the entries of a commit among those which were there before it."""
    before = parse((zoo / case["before_file"]).read_bytes())
    past = learn(zoo, cases, case)
    after = parse((zoo / case["after_file"]).read_bytes())
    known = {f.id.base for line in before.source.decode().splitlines() for f in arxiv_id.find_all(line)}
    new = PastCommit(frozenset(i for e in after.entries for i in e.arxiv_ids) - known)
    habits = Habits(before, past)
    taught = bool(past_additions(before, past))
    found = []
    for added in past_additions(after, [new]):
        facts = Facts(Paper(added.entry.arxiv_ids[0], added.entry.title))
        there = habits.place(added.path, added.siblings, facts) == added.at
        found.append(Placed(case["repo"], taught, added.in_order, there))
    return found


def learn(zoo: Path, cases: Sequence[Case], case: Case) -> tuple[PastCommit, ...]:
    """Return what the commits before a case brought in, as git tells it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "README.md"
        build(zoo, file, versions(cases, case))
        return past_commits(file)


def versions(cases: Sequence[Case], case: Case) -> list[str]:
    """Return the blobs of earlier additions to the same file, oldest first, and the one just before this."""
    earlier = [c for c in cases if (c["repo"], c["path"]) == (case["repo"], case["path"]) and _date(c) < _date(case)]
    blobs = [c[blob] for c in sorted(earlier, key=_date) for blob in ("before_blob", "after_blob")]
    return [*blobs, case["before_blob"]]


def _date(case: Case) -> dt.datetime:
    return dt.datetime.fromisoformat(case["date"])


def build(zoo: Path, file: Path, blobs: Sequence[str]) -> None:
    """Make a repository of the folder, with a commit for each version of the file."""
    git(file, "init", "--quiet")
    for blob in blobs:
        file.write_bytes((zoo / "blobs" / f"{blob}.md").read_bytes())
        git(file, "add", "--", file.name)
        git(file, "commit", "--quiet", "--allow-empty", "--message", "Edit")


def git(file: Path, *arguments: str) -> None:
    """Run git beside a file, whatever the person's own settings are."""
    own = ("user.name=Curator", "user.email=curator@example.org", "core.autocrlf=false", "commit.gpgSign=false")
    settings = [part for one in own for part in ("-c", one)]
    subprocess.run(["git", *settings, *arguments], cwd=file.parent, check=True, capture_output=True)


# Through the command


def scored(zoo: Path, cases: Sequence[Case]) -> Iterator[Placed]:
    """Yield the positions that the collection's script finds right, of `add` without and with a past."""
    bot = str(Path(sys.executable).parent.absolute() / "arxiv-bot")
    within = shlex.join([sys.executable, "-m", "checks.habit", "--zoo", str(zoo), "--add-in-history", bot])
    with ProcessPoolExecutor(2) as pool:
        alone, taught = pool.map(partial(score, zoo), (bot, within))
    for one, other in zip(alone, taught, strict=True):
        assert (one["repo"], one["id"]) == (other["repo"], other["id"])
        assert one["error"] == other["error"], other["error"]
        case = next(c for c in cases if c["repo"] == one["repo"] and one["id"] in _ids(c))
        past = past_additions(parse((zoo / case["before_file"]).read_bytes()), learn(zoo, cases, case))
        yield Placed(one["repo"], bool(past), bool(one["position"]), bool(other["position"]))


def _ids(case: Case) -> set[str]:
    return {i for insertion in case["insertions"] for i in insertion["new_ids"]}


def score(zoo: Path, bot: str) -> list[dict[str, Any]]:
    """Return the rows of `score_insertions.py`."""
    command = [sys.executable, str(zoo / "score_insertions.py"), "--json", "--bot", bot]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.absolute())}
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=here)
    rows: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return rows


def add_in_history(zoo: Path, cases: Sequence[Case], command: Sequence[str]) -> int:
    """Run `add` for one case in a repository of its past."""
    file = Path(command[2])
    today = command[command.index("--today") + 1]
    content = file.read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    same = [c for c in cases if c["before_blob"] == blob and c["date"].startswith(today)]
    build(zoo, file, versions(cases, min(same, key=_date)))
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
