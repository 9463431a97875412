from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import history
from bot.cli import main
from bot.history import first_listed, past_commits, read
from bot.model import TRAILER, Paper
from bot.paperlist.document import parse
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.habit import Habit, Habits, PastCommit, past_additions

PATH = ("Papers",)


def row(n: int) -> str:
    return f"- [Paper {n} of many](https://arxiv.org/abs/2401.{n:05})"


def listed(*numbers: int) -> bytes:
    return ("# Papers\n\n" + "".join(f"{row(n)}\n" for n in numbers)).encode()


def ids(*numbers: int) -> frozenset[str]:
    return frozenset(f"2401.{n:05}" for n in numbers)


class Repository:
    """A real repository with one list."""

    def __init__(self, folder: Path, name: str = "README.md") -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.file = folder, folder / name
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
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def test_each_commit_tells_what_it_brought_newest_first(repository: Repository) -> None:
    """Ids that a commit adds are its own; the very first commit teaches nothing."""
    for numbers in ((1, 2), (1, 2, 3), (4, 5, 1, 2, 3)):
        repository.commit(listed(*numbers))
    assert past_commits(repository.file) == (PastCommit(ids(4, 5)), PastCommit(ids(3)))
    assert past_commits(repository.file, most=1) == (PastCommit(ids(4, 5)),)


def test_what_moves_or_is_rewritten_is_not_new(repository: Repository) -> None:
    """A moved row, and an address that is added to a row, bring no paper."""
    repository.commit(listed(1, 2, 3) + b"- A work without an address\n")
    repository.commit(listed(3, 1, 2) + b"- A work without an address\n")
    repository.commit(listed(3, 1, 2) + row(9).encode() + b"\n")
    assert past_commits(repository.file) == (PastCommit(frozenset()),) * 2


def test_a_last_line_that_only_gets_its_break_is_no_obstacle(repository: Repository) -> None:
    """A row added after a line without a final newline is seen, the rewritten line is not."""
    repository.commit(listed(1, 2).rstrip(b"\n"))
    repository.commit(listed(1, 2, 3).rstrip(b"\n"))
    assert past_commits(repository.file) == (PastCommit(ids(3)),)


def test_a_renamed_list_keeps_its_past(repository: Repository) -> None:
    """The history goes on under the old name, also from another folder."""
    repository.commit(listed(1, 2, 3, 4))
    repository.commit(listed(1, 2, 3, 4, 5))
    (repository.folder / "docs").mkdir()
    repository.git("mv", "README.md", "docs/LIST.md")
    repository.git("commit", "--quiet", "--message", "Rename")
    assert ids(5) in {c.ids for c in past_commits(repository.folder / "docs" / "LIST.md")}


def test_a_shallow_clone_tells_what_it_has(repository: Repository, tmp_path: Path) -> None:
    """The commit at the boundary holds papers of any age and teaches nothing."""
    for last in range(2, 6):
        repository.commit(listed(*range(1, last + 1)))
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=2", f"file://{repository.folder}", str(clone))
    assert past_commits(clone / "README.md") == (PastCommit(ids(5)),)
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
    assert sorted(past_commits(repository.file), key=lambda c: max(c.ids)) == [
        PastCommit(ids(9)),
        PastCommit(ids(20)),
    ]


@pytest.mark.parametrize(
    ("message", "ours"),
    [
        (f"Add 1 paper\n\n{TRAILER}: serving/3", True),
        (f"Squashed (#4)\n\n* Add 1 paper\n\n{TRAILER}: serving/3\n\nCo-authored-by: A <a@example.org>", True),
        (f"Write about {TRAILER}: not a trailer", False),
        ("\x01 @@ -1 +1,2 @@\n+2401.00009\ncommit\n\ndiff --git", False),
    ],
)
def test_the_bots_own_commits_are_known(repository: Repository, message: str, ours: bool) -> None:
    """The trailer tells them, also in a squashed message; no message is taken for a patch."""
    repository.commit(listed(1))
    repository.commit(listed(1, 2), message)
    assert past_commits(repository.file) == (PastCommit(ids(2), ours=ours),)


@pytest.mark.parametrize("name", ["-p", "--output=x", ":(top)*.md", "a\tb [c]*?.md", "naïve “list”.md", "$(id).md"])
def test_hostile_file_names_are_only_names(tmp_path: Path, name: str) -> None:
    """A name is no option, no pattern and no command; other files beside it do not count."""
    repository = Repository(tmp_path / "repository", name)
    (repository.folder / "other.md").write_bytes(listed(7))
    repository.commit(listed(1))
    (repository.folder / "other.md").write_bytes(listed(7, 8))
    repository.commit(listed(1, 2))
    assert past_commits(repository.file) == (PastCommit(ids(2)),)
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
    assert past_commits(repository.file) == (PastCommit(ids(2)),)
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
    monkeypatch.setattr(history, "MOST_BYTES", 20_000)
    assert past_commits(repository.file) == (PastCommit(ids(3000)),)
    monkeypatch.setattr(history, "MOST_SECONDS", 0.0)
    assert len(past_commits(repository.file)) <= 1


@given(st.binary(max_size=400))
def test_reading_a_log_never_fails(log: bytes) -> None:
    """Whatever git prints, commits are read from it or none."""
    for text in (log, b"\0p\01\0m\0\n" + log, b"\0p\0x\0m\0\n@@ -1 +1,9 @@\n" + log):
        assert all(isinstance(commit, PastCommit) for commit in read(text))


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=12))
def test_the_past_is_what_was_done(steps: list[tuple[int, bool]]) -> None:
    """Of entries added one by one anywhere, each is told back at the place it was put, but for the bot's."""
    standing, commits, done = [1], [], []
    for n, (at, ours) in enumerate(steps, 2):
        at = min(at, len(standing))
        if not ours:
            done.append((f"2401.{n:05}", at, len(standing)))
        standing.insert(at, n)
        commits.append(PastCommit(ids(n), ours))
    found = past_additions(parse(listed(*standing)), commits[::-1])
    assert [(a.entry.arxiv_ids[0], a.at, len(a.siblings)) for a in found] == done[::-1]


def grown(first: bool, count: int, *, ours: bool = False) -> tuple[bytes, list[PastCommit]]:
    """Return a list whose order says nothing, and its past: rows that all were put first or last."""
    old, new = (500, 500, 500), range(1, count + 1)
    rows = (*reversed(new), *old) if first else (*old, *new)
    return listed(*rows), [PastCommit(ids(n), ours) for n in reversed(new)]


@pytest.mark.parametrize(("first", "habit"), [(True, Habit.FIRST), (False, Habit.IN_ORDER)])
def test_a_habit_is_heeded_where_the_order_would_be_wrong(first: bool, habit: Habit) -> None:
    """Rows that all went first teach it; where the order is right as often, it stands."""
    source, commits = grown(first, 4)
    document = parse(source)
    assert Habits(document, commits).of(PATH) is habit
    addition = Addition(Paper("2401.00100", "A paper that is new"), PATH)
    edit = add_entries(document, [addition], date(2025, 1, 1), Habits(document, commits))
    at = [e.arxiv_ids[0] for e in parse(edit.after).entries].index("2401.00100")
    assert at == (0 if first else len(document.entries))


def test_little_or_no_past_changes_nothing() -> None:
    """One addition is chance, and what the bot did teaches nothing."""
    for count, ours in ((0, False), (1, False), (6, True)):
        source, commits = grown(True, count, ours=ours)
        assert Habits(parse(source), commits).of(PATH) is Habit.IN_ORDER


def test_a_section_without_a_past_follows_the_list() -> None:
    """What was done in other sections counts where nothing was done in this."""
    source, commits = grown(True, 4)
    document = parse(source + b"\n# Other\n\n- [One](https://arxiv.org/abs/2301.00001)\n")
    assert Habits(document, commits).of(("Other",)) is Habit.FIRST


def test_add_learns_from_the_repository_it_works_in(repository: Repository) -> None:
    """`add` puts a paper where the curator's commits put theirs."""
    rows: tuple[int, ...] = (500, 500, 500)
    repository.commit(listed(*rows))
    for n in range(1, 5):
        rows = (n, *rows)
        repository.commit(listed(*rows))
    paper = repository.folder / "paper.json"
    paper.write_text('{"id": "2401.00100", "title": "A paper that is new"}')
    with pytest.raises(SystemExit, match="0"):
        main(["add", str(repository.file), "--paper", str(paper), "--section", "Papers"])
    assert parse(repository.file.read_bytes()).entries[0].arxiv_ids == ("2401.00100",)
