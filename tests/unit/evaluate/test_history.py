from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluate import history
from bot.evaluate.history import PastCommit, first_listed, past_commits, read_log

DAY = date(2024, 5, 1)


def row(n: int) -> str:
    return f"- [Paper {n} of many](https://arxiv.org/abs/2401.{n:05})"


def listed(*numbers: int) -> bytes:
    return ("# Papers\n\n" + "".join(f"{row(n)}\n" for n in numbers)).encode()


def brought(*numbers: int) -> PastCommit:
    return PastCommit(frozenset(f"2401.{n:05}" for n in numbers), DAY)


class Repository:
    """A real repository with one list."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.file = folder, folder / "README.md"
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Curator", "-c", "user.email=curator@example.org", "-c", "core.autocrlf=false")
        done = subprocess.run(["git", *who, *arguments], cwd=self.folder, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def commit(self, content: bytes, message: str = "Edit") -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_bytes(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{DAY}T12:00:00Z")
    return Repository(tmp_path / "repository")


def test_each_commit_tells_what_it_brought_newest_first(repository: Repository) -> None:
    """Ids that a commit adds are its own; the very first commit teaches nothing."""
    for numbers in ((1, 2), (1, 2, 3), (4, 5, 1, 2, 3)):
        repository.commit(listed(*numbers))
    assert past_commits(repository.file) == (brought(4, 5), brought(3))


def test_what_moves_or_is_rewritten_is_not_new(repository: Repository) -> None:
    """A moved row, and an address that is added to a row, bring no paper."""
    repository.commit(listed(1, 2, 3) + b"- A work without an address\n")
    repository.commit(listed(3, 1, 2) + b"- A work without an address\n")
    repository.commit(listed(3, 1, 2) + row(9).encode() + b"\n")
    assert past_commits(repository.file) == (brought(),) * 2


def test_a_last_line_that_only_gets_its_break_is_no_obstacle(repository: Repository) -> None:
    """A row added after a line without a final newline is seen, the rewritten line is not."""
    repository.commit(listed(1, 2).rstrip(b"\n"))
    repository.commit(listed(1, 2, 3).rstrip(b"\n"))
    assert past_commits(repository.file) == (brought(3),)


def test_a_renamed_list_keeps_its_past(repository: Repository) -> None:
    """The history goes on under the old name, also from another folder."""
    repository.commit(listed(1, 2, 3, 4))
    repository.commit(listed(1, 2, 3, 4, 5))
    (repository.folder / "docs").mkdir()
    repository.git("mv", "README.md", "docs/LIST.md")
    repository.git("commit", "--quiet", "--message", "Rename")
    assert brought(5) in past_commits(repository.folder / "docs" / "LIST.md")


def test_a_shallow_clone_tells_what_it_has(repository: Repository, tmp_path: Path) -> None:
    """The commit at the boundary holds papers of any age and teaches nothing."""
    for last in range(2, 6):
        repository.commit(listed(*range(1, last + 1)))
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=2", f"file://{repository.folder}", str(clone))
    assert past_commits(clone / "README.md") == (brought(5),)
    alone = tmp_path / "alone"
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.folder}", str(alone))
    assert past_commits(alone / "README.md") == ()


def test_a_merge_brings_what_its_branch_brought_once(repository: Repository) -> None:
    """The commits of both sides count, the merge itself does not."""
    repository.commit(listed(*range(1, 9)))
    repository.git("switch", "--quiet", "--create", "side")
    repository.commit(listed(*range(1, 10)))
    repository.git("switch", "--quiet", "main")
    repository.commit(listed(20, *range(1, 9)))
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    assert sorted(past_commits(repository.file), key=lambda c: max(c.ids)) == [brought(9), brought(20)]


def test_no_message_is_taken_for_a_patch(repository: Repository) -> None:
    """Lines of a commit's message that look like a diff bring no paper."""
    repository.commit(listed(1))
    repository.commit(listed(1, 2), "\x01 @@ -1 +1,2 @@\n+2401.00009\ncommit\n\ndiff --git")
    assert past_commits(repository.file) == (brought(2),)


@pytest.mark.parametrize("name", ["-p", "--output=x", ":(top)*.md", "a\tb [c]*?.md", "naïve “list”.md", "$(id).md"])
def test_hostile_file_names_are_only_names(repository: Repository, name: str) -> None:
    """A name is no option, no pattern and no command; other files beside it do not count."""
    repository.file = repository.folder / name
    (repository.folder / "other.md").write_bytes(listed(7))
    repository.commit(listed(1))
    (repository.folder / "other.md").write_bytes(listed(7, 8))
    repository.commit(listed(1, 2))
    assert past_commits(repository.file) == (brought(2),)
    assert {file.name for file in repository.folder.iterdir()} == {".git", "other.md", name}


def test_a_persons_settings_and_attributes_do_not_change_what_is_read(repository: Repository) -> None:
    """Colours, external diffs, text filters and "binary" in the settings run nothing and hide nothing."""
    repository.commit(listed(1))
    (repository.folder / ".gitattributes").write_text("*.md binary diff=own\n")
    repository.commit(listed(1, 2) + b"\0\n")
    for key in ("diff.external", "diff.own.textconv", "diff.own.command"):
        repository.git("config", key, "touch ran; false")
    for key, value in (("color.ui", "always"), ("log.showSignature", "true"), ("diff.noprefix", "true")):
        repository.git("config", key, value)
    assert past_commits(repository.file) == (brought(2),)
    assert not (repository.folder / "ran").exists()


def test_without_history_there_is_nothing_to_learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository, no commit, an untracked or missing file, and no git at all are no errors."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    bare = tmp_path / "README.md"
    bare.write_bytes(listed(1))
    assert past_commits(bare) == ()
    repository = Repository(tmp_path / "repository")
    repository.file.write_bytes(listed(1))
    assert past_commits(repository.file) == ()
    repository.commit(listed(1))
    repository.commit(listed(1, 2))
    (repository.folder / "new.md").write_bytes(listed(1))
    assert past_commits(repository.folder / "new.md") == past_commits(repository.folder / "missing.md") == ()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert past_commits(repository.file) == ()


def test_when_papers_came(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paper came on the day of the commit that first brought it in; those of the first commit came at any time."""
    for day, numbers in (("2024-05-01", (1,)), ("2024-06-02", (1, 2)), ("2024-07-03", (1,)), ("2024-08-04", (1, 2, 3))):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00Z")
        repository.commit(listed(*numbers))
    assert first_listed(repository.file) == {"2401.00002": date(2024, 6, 2), "2401.00003": date(2024, 8, 4)}
    assert first_listed(repository.folder / "missing.md") == {}


def test_reading_stops_at_its_limits(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is cut short the last commit, perhaps read by half, is left out."""
    repository.commit(listed(1))
    repository.commit(listed(*range(1, 3000)))
    repository.commit(listed(*range(1, 3001)))
    assert len(past_commits(repository.file)) == 2
    with monkeypatch.context() as fewest:
        fewest.setattr(history, "MOST_COMMITS", 1)
        assert past_commits(repository.file) == (brought(3000),)
    monkeypatch.setattr(history, "MOST_BYTES", 20_000)
    assert past_commits(repository.file) == (brought(3000),)
    monkeypatch.setattr(history, "MOST_SECONDS", 0.0)
    assert len(past_commits(repository.file)) <= 1


@given(st.binary(max_size=400))
def test_reading_a_log_never_fails(log: bytes) -> None:
    """Whatever git prints, commits are read from it or none."""
    for text in (log, b"\0p\x001\n" + log, b"\0p\x001\n@@ -1 +1,9 @@\n" + log, b"\0p\0x\n" + log):
        assert all(isinstance(commit, PastCommit) for commit in read_log(text))
