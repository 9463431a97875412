"""History: what people did to a list before tells where the next paper goes, and nothing else does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot import history
from bot.paperlist.habit import Habit, PastAddition, Spot

HEAD = "# P\n\n## A\n"


def item(number: int) -> str:
    return f"- [Paper of number {number}](https://arxiv.org/abs/2401.{number:05})\n"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=me", "-c", "user.email=me@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit(file: Path, text: str, message: str = "Edit") -> None:
    file.write_text(text, "utf-8")
    git(file.parent, "add", "--", file.name)
    git(file.parent, "commit", "-q", "-m", message)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path / "README.md", HEAD + item(1) + item(2))
    return tmp_path / "README.md"


def test_past_additions_tell_the_habit(file: Path) -> None:
    """Additions on top teach that new papers go first, in this section and, with none of their own, in others."""
    commit(file, HEAD + item(3) + item(1) + item(2))
    commit(file, HEAD + item(4) + item(3) + item(1) + item(2))
    found = history.habit(file)
    assert found == Habit((PastAddition(("P", "A"), Spot.FIRST),) * 2)
    assert found.spot(("P", "A")) is Spot.FIRST
    assert found.spot(("P", "B")) is Spot.FIRST


def test_the_bots_own_commits_teach_nothing(file: Path) -> None:
    """What the bot wrote, or a squash of it, is no habit of a person."""
    commit(file, HEAD + item(3) + item(1) + item(2), "Add 1 paper\n\nArxiv-Bot-Cycle: serving/1")
    assert history.habit(file) == Habit()


def test_renames_are_followed(file: Path) -> None:
    """A list that was renamed keeps its history."""
    commit(file, HEAD + item(3) + item(1) + item(2))
    git(file.parent, "mv", "README.md", "list.md")
    git(file.parent, "commit", "-q", "-m", "Rename")
    commit(file.parent / "list.md", HEAD + item(4) + item(3) + item(1) + item(2))
    assert len(history.habit(file.parent / "list.md").past) == 2


def test_other_edits_and_imports_teach_nothing(file: Path) -> None:
    """Edited titles, moved entries, opened sections and imports of many papers are no additions."""
    text = HEAD + item(1).replace("Paper", "A paper") + item(2)
    commit(file, text)
    commit(file, HEAD + item(2) + item(1).replace("Paper", "A paper"))
    commit(file, text + "\n## B\n" + item(9))
    commit(file, text + "".join(map(item, range(20, 50))) + "\n## B\n" + item(9))
    assert history.habit(file) == Habit()


def test_where_there_is_no_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without repository, without git, and for a file that is not committed, nothing is known."""
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "README.md").write_text(HEAD, "utf-8")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert history.habit(alone / "README.md") == Habit()
    git(tmp_path, "init", "-q", "-b", "main")
    assert history.habit(tmp_path / "new.md") == Habit()
    monkeypatch.setenv("PATH", "")
    assert history.habit(tmp_path / "new.md") == Habit()


def test_a_shallow_clone_knows_what_it_has(file: Path, tmp_path: Path) -> None:
    """A clone of the last commit alone has no past, and says so without complaint."""
    commit(file, HEAD + item(3) + item(1) + item(2))
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path}", str(shallow))
    assert history.habit(shallow / "README.md") == Habit()


@pytest.mark.parametrize("name", ["--all.md", "a\nb.md", "ä ö.md"])
def test_odd_names_and_bytes(tmp_path: Path, name: str) -> None:
    """A name that looks like an option or holds a newline is a name, and a version that is no text is passed over."""
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path / name, HEAD + item(1))
    (tmp_path / name).write_bytes(b"\xff\xfe")
    git(tmp_path, "add", "--", name)
    git(tmp_path, "commit", "-q", "-m", "Break")
    commit(tmp_path / name, HEAD + item(1))
    commit(tmp_path / name, HEAD + item(1) + item(2))
    assert history.habit(tmp_path / name).past == (PastAddition(("P", "A"), Spot.LAST),)


@pytest.mark.parametrize(
    ("spots", "expected"),
    [
        ([], None),
        ([Spot.FIRST], None),
        ([Spot.FIRST, Spot.LAST], None),
        ([Spot.LAST, Spot.LAST, Spot.FIRST], Spot.LAST),
        ([Spot.FIRST] * 5 + [Spot.LAST] * 20, Spot.FIRST),
        ([Spot.WITHIN] * 3, Spot.WITHIN),
    ],
)
def test_the_latest_habit_counts(spots: list[Spot], expected: Spot | None) -> None:
    """One addition tells nothing, a tie neither, and of the latest the most counts."""
    assert Habit(tuple(PastAddition(("A",), spot) for spot in spots)).spot(("A",)) is expected


def test_a_sections_own_past_goes_before_the_lists() -> None:
    """Where a section has a habit of its own, the others do not matter."""
    past = [PastAddition(("A",), Spot.FIRST)] * 2 + [PastAddition(("B",), Spot.LAST)] * 6
    habit = Habit(tuple(past))
    assert (habit.spot(("a",)), habit.spot(("B",)), habit.spot(("C",))) == (Spot.FIRST, Spot.LAST, Spot.LAST)
