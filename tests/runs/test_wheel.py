"""The built package works on its own: everything it needs is in the wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = "# Serving Papers\n\n## Caches\n\n" + "".join(
    f"- [Caching of Kind {n} for LLM Serving](https://arxiv.org/abs/2401.{n:05})\n" for n in range(1, 13)
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel, and nothing else of the project."""
    built = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = built.glob("*.whl")
    site = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(site)
    return site


def bot(site: Path, folder: Path, *arguments: str) -> str:
    """Run the packaged command line in a folder; return what it printed on standard output."""
    code = f"import bot; assert bot.__file__.startswith({str(site)!r}); from bot.cli.main import main; main()"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "ARXIV_"))}
    environment |= {"PYTHONPATH": str(site), "PYTHONSAFEPATH": "1", "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; return what it printed."""
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_list_is_adopted_and_kept_without_the_source(site: Path, tmp_path: Path) -> None:
    """In a folder that holds a list alone: `init`, then a run on the sample, whose branch holds new rows."""
    (tmp_path / "README.md").write_text(LIST, "utf-8")
    for command in (
        "init -q -b main",
        "config user.name C",
        "config user.email c@example.org",
        "add -A",
        "commit -qm x",
    ):
        git(tmp_path, *command.split())
    (tmp_path / "none.jsonl").touch()
    bot(site, tmp_path, "init", "README.md", "--yes", "--library", "none.jsonl")
    (tmp_path / "none.jsonl").unlink()
    assert (tmp_path / "config" / "keywords.yaml").exists()
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "Adopt the bot")
    bot(site, tmp_path, "run", "--source", "sample", "--publish", "local", "--today", "2024-10-01")
    [branch] = git(tmp_path, "for-each-ref", "--format=%(refname:short)", "refs/heads/arxiv-bot/").split()
    assert git(tmp_path, "diff", "--numstat", "main", branch).split()[1:] == ["0", "README.md"]


def test_the_licence_is_in_the_wheel(site: Path) -> None:
    """Who has the package has its licence, and what its data files are."""
    [metadata] = site.glob("*.dist-info")
    assert list(metadata.rglob("LICENSE"))
    assert not list(site.glob("tests")) + list(site.glob("benchmarks"))
