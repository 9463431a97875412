from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot import config
from bot.config import Config
from bot.errors import BotError, PublishError
from bot.forges.local import LocalForge, ReadOnlyForge
from bot.paperlist.read.document import parse
from bot.pipeline import Outcome, publish_one
from bot.pullrequest.text.summary import summary as summary_text
from bot.state.decision import DecisionKind
from bot.state.files import DiskStore, blob_id
from tests.conftest import LIST, NOW, PAPERS, ToldSource, paper
from tests.servers.whole import begun, job, run_list


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "config", "user.name", "Curator")
    git(tmp_path, "config", "user.email", "curator@example.org")
    git(tmp_path, "config", "core.autocrlf", "false")
    (tmp_path / "README.md").write_bytes(LIST)
    (tmp_path / "other.txt").write_bytes(b"kept")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Start")
    return tmp_path


def do_run(folder: Path, settings: Config, source: ToldSource | None = None) -> Outcome:
    return run_list(job(settings, LocalForge(folder), NOW), source or ToldSource())


def test_a_run_commits_to_a_branch_and_leaves_the_work_tree_alone(repository: Path, settings: Config) -> None:
    """The branch holds one commit with the list; HEAD, index and work tree are as they were."""
    outcome = do_run(repository, settings)
    changed = git(repository, "diff", "--name-only", "main", "arxiv-bot/serving/1")
    assert changed == "README.md"
    shown = subprocess.run(
        ["git", "show", "arxiv-bot/serving/1:README.md"], cwd=repository, capture_output=True, check=True
    )
    assert shown.stdout == outcome.edit.after
    assert git(repository, "status", "--porcelain", "--untracked-files=no") == ""
    assert git(repository, "rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert (repository / "state/serving/pull-request.md").read_text("utf-8") == outcome.change.text


def test_a_second_run_changes_nothing(repository: Path, settings: Config) -> None:
    """The same run again makes no commit and leaves text and state as they are."""
    do_run(repository, settings)
    head = git(repository, "rev-parse", "arxiv-bot/serving/1")
    files = {path: path.read_bytes() for path in (repository / "state").rglob("*") if path.is_file()}
    again = do_run(repository, settings)
    assert git(repository, "rev-parse", "arxiv-bot/serving/1") == head
    assert {path: path.read_bytes() for path in (repository / "state").rglob("*") if path.is_file()} == files
    assert again.publication is not None
    assert not again.publication.text_changed


def test_a_merged_branch_ends_the_cycle(repository: Path, settings: Config) -> None:
    """After a merge the papers count as accepted, are known to the library, and the next papers open cycle 2."""
    do_run(repository, settings)
    git(repository, "merge", "--quiet", "--no-ff", "-m", "Merge", "arxiv-bot/serving/1")
    outcome = do_run(repository, settings, ToldSource((*PAPERS, paper(8, "KV Cache Prefetching for LLM Serving"))))
    assert outcome.change.cycle == 2
    kinds = {d.id: d.kind for d in outcome.change.state.decisions}
    assert kinds["2603.00001"] is DecisionKind.ACCEPTED
    assert kinds["2603.00004"] is DecisionKind.DISMISSED
    assert {p.id for p in outcome.change.state.library} == {"2603.00001", "2603.00002", "2603.00003"}
    assert [s.candidate.paper.id for s in outcome.board.new] == ["2603.00008"]


@pytest.mark.parametrize("way", ["--no-ff", "--ff-only", "--squash"])
def test_a_branch_that_was_deleted_after_its_merge_ends_the_cycle(repository: Path, settings: Config, way: str) -> None:
    """Whoever tidies up the branch once it is merged loses no decision: the history still tells of it."""
    do_run(repository, settings)
    git(repository, "merge", "--quiet", way, *(["-m", "Merge"] if way == "--no-ff" else []), "arxiv-bot/serving/1")
    if way == "--squash":
        git(repository, "commit", "--quiet", "--no-edit")
    git(repository, "branch", "-D", "arxiv-bot/serving/1")
    state = do_run(repository, settings).change.state
    assert {d.id: d.kind for d in state.decisions}["2603.00001"] is DecisionKind.ACCEPTED
    assert not state.open


def test_the_bots_branch_checked_out_is_no_merge(repository: Path, settings: Config) -> None:
    """Where a person edits a row on the branch and runs there, nothing counts as accepted: the run asks to go back."""
    do_run(repository, settings)
    git(repository, "checkout", "--quiet", "arxiv-bot/serving/1")
    before = DiskStore(repository / "state").read("serving")
    with pytest.raises(PublishError, match=r"arxiv-bot/serving/1 is checked out.*check out the branch that holds"):
        do_run(repository, settings)
    assert DiskStore(repository / "state").read("serving") == before
    git(repository, "checkout", "--quiet", "main")
    assert do_run(repository, settings).change.cycle == 1


def test_a_deleted_branch_decides_nothing(repository: Path, settings: Config) -> None:
    """When the branch is gone without a merge the papers are proposed again."""
    do_run(repository, settings)
    git(repository, "branch", "-D", "arxiv-bot/serving/1")
    outcome = do_run(repository, settings)
    assert outcome.change.cycle == 2
    assert len(outcome.board.new) == 3
    assert not outcome.change.state.decisions


def test_an_uncommitted_list_is_named(repository: Path, settings: Config) -> None:
    """A list that is not in git, or nowhere, is named with the way out."""
    (repository / "NEW.md").write_bytes(LIST)
    with pytest.raises(PublishError, match=r"NEW\.md is not committed; commit it, or use --publish none"):
        LocalForge(repository).read(settings.lists[0].model_copy(update={"file": "NEW.md"}))
    with pytest.raises(PublishError, match="there is no list at"):
        LocalForge(repository).read(settings.lists[0].model_copy(update={"file": "GONE.md"}))


def test_a_folder_without_git_is_told(tmp_path: Path, settings: Config) -> None:
    """A folder that is no repository is named with the way out."""
    (tmp_path / "README.md").write_bytes(LIST)
    with pytest.raises(PublishError, match="is not a git repository; run 'git init' and commit"):
        LocalForge(tmp_path).read(settings.lists[0])


def test_git_without_a_user_commits_as_the_bot(
    repository: Path, settings: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where git does not know its user, as on a fresh server, the commit is the bot's."""
    git(repository, "config", "--unset", "user.email")
    git(repository, "config", "--unset", "user.name")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    do_run(repository, settings)
    assert git(repository, "log", "-1", "--format=%ae", "arxiv-bot/serving/1") == "arxiv-bot@localhost"


def test_a_branch_that_moved_is_not_overwritten(repository: Path, settings: Config) -> None:
    """A commit that lands between reading and writing stops the publication."""
    todo = job(settings, LocalForge(repository), NOW)
    case, proposal = begun(todo, ToldSource())
    (repository / "README.md").write_bytes(LIST + b"\nA person's line.\n")
    git(repository, "commit", "--quiet", "--all", "--message", "Meanwhile")
    with pytest.raises(PublishError, match="changed on HEAD meanwhile; run again"):
        publish_one(todo, case, proposal)


def test_nowhere_writes_nothing(repository: Path, settings: Config) -> None:
    """A dry run sees the file as it lies on disk, counts an unmerged branch as lost, and leaves every file alone."""
    do_run(repository, settings)
    files = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    outcome = run_list(job(settings, ReadOnlyForge(repository), NOW), ToldSource())
    assert len(outcome.board.new) == 3
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == files


def test_blob_id_is_gits(repository: Path) -> None:
    """The name of a blob is the one git gives it."""
    assert blob_id(LIST) == git(repository, "rev-parse", "HEAD:README.md")


def test_a_damaged_state_file_is_named(repository: Path, settings: Config) -> None:
    """A state that cannot be read stops the run before anything is written."""
    (repository / "state/serving").mkdir(parents=True)
    (repository / "state/serving/state.jsonl").write_bytes(b"not json\n")
    with pytest.raises(Exception, match=r"state\.jsonl:1"):
        do_run(repository, settings)
    assert git(repository, "branch", "--list", "arxiv-bot/*") == ""


def test_state_is_kept_per_list(repository: Path, settings: Config) -> None:
    """Coverage of a run is recorded even when there is nothing to propose."""
    do_run(repository, settings, ToldSource(()))
    assert len(DiskStore(repository / "state").read("serving").coverage.covered) == 1


def test_a_list_below_the_repositorys_root_is_committed_in_its_place(repository: Path, settings: Config) -> None:
    """With the configuration in a folder of the repository, its own list changes and no other file of that name."""
    inner = repository / "sub"
    inner.mkdir()
    (inner / "README.md").write_bytes(LIST.replace(b"# Serving", b"# Inner"))
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Add a list below")
    do_run(inner, settings)
    assert git(repository, "diff", "--name-only", "main", "arxiv-bot/serving/1") == "sub/README.md"
    assert do_run(inner, settings).edit.entries == ()


def test_near_misses_alone_open_nothing(repository: Path, settings: Config) -> None:
    """Without a paper to propose no cycle begins, however often it runs; the near misses wait."""
    for _ in range(3):
        outcome = do_run(repository, settings, ToldSource(PAPERS[3:4]))
    assert outcome.change.state.cycle == 0
    assert [c.paper.id for c in outcome.change.state.backlog] == ["2603.00004"]


def test_a_work_submitted_twice_is_proposed_once(repository: Path, settings: Config) -> None:
    """Of two new papers with one title the earlier id is proposed, the other is told as its duplicate."""
    twice = (paper(7, "Two Titles of LLM Serving Alike"), paper(6, "Two titles of LLM-Serving alike"))
    outcome = do_run(repository, settings, ToldSource(twice))
    assert [s.candidate.paper.id for s in outcome.board.new] == ["2603.00006"]
    assert [(d.id, d.why) for d in outcome.proposal.duplicates] == [("2603.00007", "same title as 2603.00006")]


def test_the_date_line_never_goes_back(repository: Path, settings: Config) -> None:
    """A list that names a later day than the run's keeps it."""
    later = LIST.replace(b"2026-01-01", b"2026-12-31")
    (repository / "README.md").write_bytes(later)
    git(repository, "commit", "--quiet", "--all", "--message", "Ahead")
    assert b"2026-12-31" in do_run(repository, settings).edit.after


def test_a_paper_that_cannot_be_written_keeps_no_other_one_out(repository: Path, settings: Config) -> None:
    """It waits, and the run's summary says why; the others are written, and the next run changes nothing."""
    nameless = paper(9, "\u200b", "LLM serving with a KV cache.")
    outcome = do_run(repository, settings, ToldSource((nameless, *PAPERS)))
    assert {s.candidate.paper.id for s in outcome.board.new} == {"2603.00001", "2603.00002", "2603.00003"}
    assert [(p.id, why) for p, why in outcome.facts.unwritten] == [("2603.00009", "2603.00009 has no title to write")]
    summary = summary_text(outcome.facts, "here")
    assert "### Not written" in summary
    assert "2603.00009 has no title to write" in summary
    assert "2603.00009" in {c.paper.id for c in outcome.change.state.backlog}
    again = do_run(repository, settings, ToldSource((nameless, *PAPERS)))
    assert again.publication is not None
    assert (again.publication.commit, again.publication.text_changed) == (None, False)


def test_a_table_with_merged_cells_keeps_its_papers_waiting(repository: Path, settings: Config) -> None:
    """A paper for it waits, and the run says in which line the cell stands; those of other sections are written."""
    head, _ = LIST.split(b"## Caches\n")
    cell = b'<td rowspan="2"><a href="https://arxiv.org/abs/2401.00002">Caching Things</a></td>'
    table = b"<table>\n<tr>" + cell + b"<td>one</td></tr>\n<tr><td>two</td></tr>\n</table>\n"
    (repository / "README.md").write_bytes(head + b"## Caches\n\n" + table)
    git(repository, "commit", "--quiet", "--all", "--message", "Merged cells")
    outcome = do_run(repository, settings)
    assert "2603.00002" in {s.candidate.paper.id for s in outcome.board.new}
    ((one, why),) = outcome.facts.unwritten
    assert one.id == "2603.00001"
    assert why.startswith("README.md:17: <td rowspan=2> spans several rows or columns")
    assert one.id in {c.paper.id for c in outcome.change.state.backlog}
    assert outcome.edit.after.endswith(table)
    summary = summary_text(outcome.facts, "here")
    assert "add the paper by hand" in summary


def test_a_list_without_headings_is_kept(repository: Path) -> None:
    """Its papers come in, stand in the text, and go out again when they are decided against, byte for byte."""
    bare = b"".join(b"- [Caches of Kind %d](https://arxiv.org/abs/24%02d.00001)\n" % (n, n) for n in range(12, 0, -1))
    (repository / "README.md").write_bytes(bare)
    git(repository, "commit", "--quiet", "--all", "--message", "Flat")
    settings = config.loads("lists:\n  - {name: flat, file: README.md, keywords: [LLM serving, caches]}\n", "k.yaml")
    outcome = do_run(repository, settings)
    proposed = {shown.candidate.paper.id for shown in outcome.board.proposed}
    assert proposed
    assert outcome.edit.after.endswith(bare)
    assert "### (no heading)" in (outcome.change.text or "")
    second = do_run(repository, settings).publication
    assert second
    assert (second.commit, second.text_changed) == (None, False)
    text = repository / "state/flat/pull-request.md"
    text.write_text(text.read_text("utf-8").replace("- [x]", "- [ ]"), "utf-8")
    again = do_run(repository, settings)
    assert again.change.content == bare
    assert not {shown.candidate.paper.id for shown in again.board.proposed} & proposed


def test_a_list_made_by_a_program_is_refused_whole(repository: Path, settings: Config) -> None:
    """That is no matter of one paper: the run fails and says where it says so."""
    (repository / "README.md").write_bytes(b"<!-- This file is auto-generated, do not edit -->\n" + LIST)
    git(repository, "commit", "--quiet", "--all", "--message", "Generated")
    with pytest.raises(PublishError, match="made by a program"):
        do_run(repository, settings)


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize(
    "place", ["state", "state/serving", "state/serving/state.jsonl", "README.md", "text", "circle"]
)
def test_no_symbolic_link_leads_outside(
    repository: Path, settings: Config, tmp_path_factory: pytest.TempPathFactory, place: str, dry: bool
) -> None:
    """A link that somebody committed in the place of the list, of its state or of a folder of it is refused."""
    if place == "text":
        place = "state/serving/pull-request.md"
        if dry:
            pytest.skip("a dry run has no text")
    do_run(repository, settings)
    outside = tmp_path_factory.mktemp("outside")
    link = repository / ("state/serving" if place == "circle" else place)
    target = link if place == "circle" else outside / link.name
    link.rename(outside / link.name)
    link.symlink_to(target)
    before = {path: path.read_bytes() for path in sorted(outside.rglob("*")) if path.is_file()}
    forge = ReadOnlyForge(repository) if dry else LocalForge(repository)
    with pytest.raises(BotError, match="is a symbolic link"):
        run_list(job(settings, forge, NOW), ToldSource())
    assert {path: path.read_bytes() for path in sorted(outside.rglob("*")) if path.is_file()} == before


@pytest.mark.parametrize("young", ["# LLM Serving\n", "# LLM Serving\n\n| Paper | Code |\n|---|---|\n"])
def test_a_young_list_grows_from_nothing(repository: Path, young: str) -> None:
    """The first run brings the first papers, no later one brings any of them again, and those to come follow them."""
    text = "lists: [{name: young, file: README.md, keywords: [{phrase: LLM serving}], limits: {at_once_at: 0.01}}]"
    settings = config.loads(text, "config/keywords.yaml")
    (repository / "README.md").write_text(young)
    git(repository, "commit", "--quiet", "--all", "--message", "Begin again")
    first = do_run(repository, settings)
    assert {s.id for s in first.board.new} >= {"2603.00001", "2603.00003"}
    assert len(parse(first.edit.after).entries) == len(first.board.new)
    git(repository, "merge", "--quiet", "--no-ff", "-m", "Merge", "arxiv-bot/young/1")
    again = do_run(repository, settings, ToldSource((*PAPERS, paper(8, "KV Cache Prefetching for LLM Serving"))))
    assert [s.id for s in again.board.new] == ["2603.00008"]
