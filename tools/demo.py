"""Run the whole job on the embedded sample, in a repository with a copy of PAPERS.md: `make demo`.

It shows the diff and the text of the pull request, merges the branch, and runs again: nothing is left to do.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_DAY = "2024-10-01"


def main() -> None:
    """Run the demonstration; exit with 1 when the second run still finds something to do."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        repository(copy)
        console.rule("arxiv-bot run --source sample --publish local")
        _bot(copy)
        branch = _git(copy, "for-each-ref", "--format=%(refname:short)", "refs/heads/arxiv-bot/").split()[-1]
        console.rule(f"the diff on {branch}")
        console.print(Syntax(_git(copy, "diff", "--unified=1", "main", branch), "diff", word_wrap=True))
        console.rule("the pull request's text")
        print((copy / "state" / "llm-serving" / "pull-request.md").read_text("utf-8"))
        console.rule("merge it, and run again")
        print(_git(copy, "merge", "--no-ff", "--quiet", "-m", "Merge the papers", branch) or f"merged {branch}")
        again = _bot(copy)
        left = _git(copy, "for-each-ref", "--format=%(refname:short)", "--no-merged=main", "refs/heads/")
    if "0 proposed" not in again or left:
        sys.exit("the second run still found something to do")
    console.rule("nothing is left to do")


def repository(folder: Path) -> None:
    """Make a repository that holds the list and its configuration."""
    for name in ("PAPERS.md", "config/keywords.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "config", "user.name", "Curator")
    _git(folder, "config", "user.email", "curator@example.org")
    _git(folder, "config", "core.autocrlf", "false")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "Start the list")


def _bot(folder: Path) -> str:
    command = [sys.executable, "-m", "bot", "run", "--source", "sample", "--publish", "local", "--today", SAMPLE_DAY]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    print(done.stdout, end="")
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


if __name__ == "__main__":
    main()
