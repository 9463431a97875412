"""Adopt three lists of different formats, and write the transcript to docs/adopt.md: `make walk`.

Each list gets a git repository of its own, and every command is one that a person would type there. The papers are
invented and come from a file instead of arXiv. Without `--write` the transcript is printed; `--zoo` adopts real lists
of `../shared` with the papers of one week instead.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import monotonic

from bot.arxiv import paper_json
from tests.servers import shared

TARGET = shared.ROOT / "docs" / "adopt.md"
LISTS = shared.ROOT / "tools" / "lists" / "walk"
TODAY = "2026-03-05"
WEEK = "2026-02-09"
WALKED = {"grasping": "A table", "federated": "A bulleted list", "audio": "A heading for each paper"}
ZOO = (
    "xlite-dev__Awesome-LLM-Inference__README.md",
    "hemingkx__SpeculativeDecodingPapers__README.md",
    "thunlp__PromptPapers__README.md",
)
_TIME = re.compile(r"\d+\.\d s\b")

HEAD = """# Adopt it for your list

<!-- Written by `python -m tools.walk --write`, which ran every command below. -->

The repository of your list needs a configuration and a workflow file, and `init` writes both. Nothing is copied.

## On GitHub

1. Get the program as the [README](../README.md#adopt-it-for-your-own-list) says. Or clone this repository and run
   `make demo`, which puts `arxiv-bot` into its `.venv/bin`.
2. Run `arxiv-bot init README.md`. It prints what it understood, asks before it writes, and replaces no file without
   asking.
3. Read `config/keywords.yaml`, and correct what you know better. `arxiv-bot run --dry-run --publish none` shows what
   would be proposed today.
4. Under *Settings > Actions > General > Workflow permissions*, tick **Allow GitHub Actions to create and approve pull
   requests**.
5. Commit and push both files. Start *Actions > paper list > Run workflow*, or wait for the next working day.

A list may be young. Below ten listed papers, `init` asks what the list is about, unless `--topic "serving large
language models"` says so. Topic, title, headings and README judge until ten papers are listed; then the list does. A
list without any paper gets its first ones under the headings that wait for them, as rows of a table that waits for some
or else as items such as `- [Title](https://arxiv.org/abs/2407.12391)`: write one as you like it, and later ones follow.

`init` writes phrases that name the topic, which arXiv is asked for, and categories, whose daily feed brings every
paper. The categories come from the listed papers, looked up at arXiv in one request; `--library FILE.jsonl`
stands in for that. Where nothing is known, the words of the titles suggest them.

`arxiv-bot doctor`, with `GITHUB_REPOSITORY` and `GITHUB_TOKEN` set, names what is still missing.

## Without GitHub, step by step

Three lists of different formats are adopted on local branches. With `GITHUB_REPOSITORY` set, the same commands work on
a pull request. The lists and their papers are invented; `--library` and `--source` read a file instead of asking
arXiv. `...` stands for lines that are left out.
"""
TAIL = """
## How long it takes

The seconds of all commands of a list together, on one machine. Reading the configuration and the pull request takes
time too, and each request to arXiv takes three seconds more: on most days there are three.

| list | seconds |
|---|--:|
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the walk: its purpose, the command, its output, abridged, and its seconds."""

    what: str
    typed: str
    said: str
    seconds: float


def main() -> int:
    """Walk, and print or write the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/adopt.md")
    parser.add_argument("--zoo", action="store_true", help="adopt real lists of ../shared instead")
    options = parser.parse_args()
    if options.zoo:
        return zoo()
    text = document()
    if options.write:
        TARGET.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


def document() -> str:
    """Walk over the invented lists and return the document."""
    walks = {name: walked(name) for name in WALKED}
    times = (f"| {WALKED[name]} | {sum(step.seconds for step in steps):.1f} s |\n" for name, steps in walks.items())
    return "".join([HEAD, *(part(name, steps) for name, steps in walks.items()), TAIL, *times])


def walked(name: str) -> list[Step]:
    """Walk over one of the invented lists."""
    return list(walk(name, LISTS / f"{name}.md", (LISTS / "papers.jsonl").read_bytes(), TODAY))


def part(name: str, steps: Sequence[Step]) -> str:
    """Return the part of the document about one list."""
    return "".join([f"\n### {WALKED[name]}\n", *map(shown, steps)])


def without_times(text: str) -> str:
    """Return a document with its times taken out."""
    return _TIME.sub("", text)


def shown(step: Step) -> str:
    """Return a step as Markdown."""
    return f"\n{step.what}\n\n```console\n$ {step.typed}\n{step.said}".rstrip() + "\n```\n"


def walk(name: str, file: Path, papers: bytes, today: str) -> Iterator[Step]:
    """Adopt a list, let papers be proposed, refuse the last one, merge, and run again; raise when a step goes wrong."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / name
        home.mkdir()
        (home / "README.md").write_bytes(file.read_bytes())
        (home / "papers.jsonl").write_bytes(papers)
        for command in ("init -q -b main", "config user.name Curator", "config user.email c@example.org",
                        "add README.md", "commit -qm Begin"):  # fmt: skip
            _ran(home, f"git {command}")
        source = f"--source papers.jsonl --today {today}"
        seen = _step(
            home, "What the bot understands of the list:", "arxiv-bot init README.md --yes --library papers.jsonl"
        )
        yield _until(seen, "Next:")
        task = re.search(r"list '([a-z0-9-]+)'", seen.said)
        assert task, seen.said
        yield _step(
            home, "Both files are committed:", "git add config .github && git commit -qm 'Keep the list with arxiv-bot'"
        )
        dry = _step(
            home, "What it would propose; nothing is changed:", f"arxiv-bot run --dry-run --publish none {source}"
        )
        yield _until(dry, "# README.md:")
        first = _step(home, "The first run; on GitHub this opens the pull request:", f"arxiv-bot run {source}")
        yield first
        assert " 0 proposed" not in first.said, first.said
        text = home / "state" / task[1] / "pull-request.md"
        ticked = re.findall(r"^- \[x\] .*arxiv-bot:paper (\S+) in", text.read_text("utf-8"), re.MULTILINE)
        unwanted = ticked[-1]
        _untick(text, unwanted)
        yield _step(
            home,
            f"The review. In the text, {unwanted} is unticked by hand; on GitHub that is one click:",
            f"arxiv-bot review --today {today}",
        )
        branch = f"arxiv-bot/{task[1]}/1"
        merge = f"git merge -q --no-ff -m 'Merge the papers' {branch} && git diff --stat HEAD~1"
        yield _step(home, "The merge; on GitHub, the green button:", merge)
        what = f"The second run has nothing left to do; {unwanted} does not come again:"
        again = _step(home, what, f"arxiv-bot run {source}")
        yield again
        listed = (home / "README.md").read_text("utf-8")
        assert unwanted not in listed
        assert f"arxiv-bot:paper {unwanted} in " not in text.read_text("utf-8")
        assert all(paper in listed for paper in ticked[:-1])


def _untick(text: Path, paper: str) -> None:
    lines = text.read_text("utf-8").splitlines(keepends=True)
    text.write_text(
        "".join(one.replace("- [x]", "- [ ]") if f"paper {paper} in" in one else one for one in lines), encoding="utf-8"
    )


def _step(home: Path, what: str, typed: str) -> Step:
    begun = monotonic()
    said = _ran(home, typed)
    return Step(what, typed, said, monotonic() - begun)


def _until(step: Step, mark: str) -> Step:
    """Return a step with its output only up to a line that begins with a mark."""
    head, found, _ = f"\n{step.said}".partition(f"\n{mark}")
    return Step(step.what, step.typed, head[1:].rstrip() + ("\n..." if found else ""), step.seconds)


def _ran(home: Path, typed: str) -> str:
    """Run a shell command in which `arxiv-bot` is this program; return its output, with relative paths."""
    program = f'arxiv-bot() {{ {shlex.quote(sys.executable)} -m bot "$@"; }}\n'
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "PYTHONPATH": str(shared.ROOT)}
    done = subprocess.run(
        ["bash", "-ec", program + typed], cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{typed}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.replace(f"{home}/", "")


def zoo() -> int:
    """Walk over real lists with the papers of a week; print the seconds of each step."""
    if not shared.LISTS.is_dir():
        print(f"the real lists of the shared data are missing: no {shared.LISTS}", file=sys.stderr)
        return 1
    papers = shared.papers(frozenset(shared.weeks()[WEEK]["ids"])).values()
    week = "".join(f"{paper_json.dump_paper(paper)}\n" for paper in papers).encode()
    end = f"{date.fromisoformat(WEEK) + timedelta(days=6)}"
    slowest = 0.0
    for file in ZOO:
        steps = list(walk("list", shared.LISTS / file, week, end))
        total = sum(step.seconds for step in steps)
        slowest = max(slowest, total)
        print(f"{file}: {total:.1f} s")
        for step in steps:
            print(f"  {step.seconds:5.1f} s  {step.typed}")
        print(f"         {steps[3].said.strip().splitlines()[0]}")
    return 0 if slowest < 60 else 1


if __name__ == "__main__":
    sys.exit(main())
