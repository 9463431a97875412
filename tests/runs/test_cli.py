"""The command line as a person and a workflow call it, right and wrong."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import config
from bot.cli import context
from bot.cli.main import main
from bot.forges.local import ReadOnlyForge
from bot.model import Paper
from bot.paperlist.read.document import parse
from bot.pipeline import Job, discover
from bot.pullrequest import proposal
from bot.state.files import DiskStore
from tests.conftest import CONFIG, LIST, NOW, ToldSource, failed
from tests.servers.arxiv import ArxivServer

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "PAPERS.md"

PAPER = {
    "id": "2603.00001",
    "title": "KV Cache Eviction for LLM Serving",
    "summary": "We evict caches for LLM serving. Our code is available at https://github.com/example-lab/evict.",
    "categories": ["cs.DC"],
    "published": "2026-03-03T00:00:00Z",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder as a curator has it: a list, a configuration, a file of papers, all committed."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/keywords.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "README.md").write_bytes(LIST)
    (tmp_path / "papers.jsonl").write_text(json.dumps(PAPER) + "\n", "utf-8")
    for command in (
        "init -q -b main",
        "config user.name C",
        "config user.email c@example.org",
        "add -A",
        "commit -qm x",
    ):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    return tmp_path


Bot = Callable[..., subprocess.CompletedProcess[str]]
Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bot(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bot:
    """What calls the command line in a folder, in this very process, without what a workflow around may have set."""

    def call(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("GITHUB_", "ARXIV_"))]:
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.chdir(home)
            with pytest.raises(SystemExit) as done:
                main(arguments)
        gc.enable()  # which a command of its own process turns off
        context._pace.cache_clear()
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(done.value.code or 0), printed.out, printed.err)

    return call


@pytest.fixture
def here(bot: Bot) -> Here:
    """What calls the command line: its exit code and what it printed."""

    def call(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
        done = bot(folder, *arguments, **environment)
        return done.returncode, done.stdout, done.stderr

    return call


def snapshot(home: Path) -> dict[str, str]:
    """Return what lies in a folder, and where git's branches stand."""
    files = (p for p in home.rglob("*") if p.is_file() and ".git/index" not in p.as_posix())
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


# Right input


def test_dry_run_prints_diff_and_text_and_changes_nothing(home: Path, bot: Bot) -> None:
    """A dry run shows the new row, the date and the pull request's text, and leaves every file alone."""
    before = snapshot(home)
    done = bot(home, "run", "--source", "papers.jsonl", "--dry-run", "--today", "2026-03-04")
    assert done.returncode == 0, done.stderr
    row = (
        "+[[2603.00001] KV Cache Eviction for LLM Serving (arxiv.org)](https://arxiv.org/abs/2603.00001)"
        "|https://github.com/example-lab/evict|"
    )
    assert row in done.stdout
    assert "+**Last Update: 2026-03-04**" in done.stdout
    assert "- [x] [KV Cache Eviction for LLM Serving](https://arxiv.org/abs/2603.00001)" in done.stdout
    assert snapshot(home) == before


def test_run_writes_branch_report_and_step_summary(home: Path, bot: Bot) -> None:
    """A local run leaves a branch, a JSON report and a step summary."""
    done = bot(
        home,
        "run",
        "--source",
        "papers.jsonl",
        "--report",
        "r.json",
        "--json",
        GITHUB_STEP_SUMMARY=str(home / "summary.md"),
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((home / "r.json").read_text("utf-8"))
    assert json.loads(done.stdout) == report
    (found,) = report["lists"]
    assert [c["id"] for c in found["proposed"]] == ["2603.00001"]
    assert found["sections"] == {"Serving > Caches": 1}
    assert "KV Cache Eviction" in (home / "summary.md").read_text("utf-8")


def test_discover_and_publish_are_the_two_halves(home: Path, bot: Bot) -> None:
    """What discover wrote publish carries out; publishing it twice changes nothing more."""
    assert bot(home, "discover", "--source", "papers.jsonl", "--out", "p.json").returncode == 0
    done = bot(home, "publish", "p.json", "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["lists"]
    assert found["new"] == ["2603.00001"]
    again = bot(home, "publish", "p.json", "--json")
    (found,) = json.loads(again.stdout)["lists"]
    assert found["new"] == []
    assert found["publication"]["commit"] is None


def test_work_goes_on_when_nobody_reads(home: Path) -> None:
    """A reader that goes away, as `head` does, takes no work along, and the exit status is that of the work."""
    for arguments in (["run", "--source", "papers.jsonl"], ["add", "README.md", "--paper", "paper.json"]):
        (home / "paper.json").write_text(json.dumps(PAPER), "utf-8")
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments], cwd=home, stdout=writing, stderr=writing, check=False
        )
        os.close(writing)
        assert done.returncode == 0
    assert "2603.00001" in (home / "state/serving/pull-request.md").read_text("utf-8")
    assert "2603.00001" in (home / "README.md").read_text("utf-8")


def test_empty_options_count_as_absent(home: Path, bot: Bot) -> None:
    """A workflow passes inputs that were left out as empty strings."""
    done = bot(
        home,
        "run",
        "--source",
        "papers.jsonl",
        "--dry-run",
        "--since",
        "",
        "--until",
        "",
        "--list",
        "",
        "--max-open",
        "",
    )
    assert done.returncode == 0, done.stderr


def test_show_prints_the_list_as_understood(home: Path, bot: Bot) -> None:
    """`show --json` has the shape of the contract; without --json it reads well."""
    shown = json.loads(bot(home, "show", "README.md", "--json").stdout)
    assert shown["date_line"] == {"line": 3, "text": "**Last Update: 2026-01-01**", "date": "2026-01-01"}
    assert shown["contents"] is True
    caches = shown["sections"][-1]
    assert caches["path"] == ["Serving", "Caches"]
    assert caches["kind"] == "table"
    assert caches["columns"] == ["Paper", "Code"]
    (entry,) = caches["entries"]
    assert entry["title"] == "Caching Things"
    assert entry["arxiv_ids"] == ["2401.00002"]
    assert entry["urls"][0] == "https://arxiv.org/abs/2401.00002"
    assert "2 entries in 2 sections" in bot(home, "show", "README.md").stdout


def test_add_edits_in_place_and_refuses_a_second_time(home: Path, bot: Bot) -> None:
    """`add` writes the row and the date; the same paper again exits 1 with the line it stands in."""
    (home / "paper.json").write_text(json.dumps(PAPER), "utf-8")
    arguments = (
        "add",
        "README.md",
        "--paper",
        "paper.json",
        "--section",
        '["Serving", "Caches"]',
        "--today",
        "2026-03-04",
    )
    assert bot(home, *arguments).returncode == 0
    text = (home / "README.md").read_text("utf-8")
    assert "2603.00001" in text
    assert "Last Update: 2026-03-04" in text
    again = bot(home, *arguments)
    assert again.returncode == 1
    assert "README.md:18: 2603.00001 is already listed in line 18" in again.stderr
    assert (home / "README.md").read_text("utf-8") == text


def test_add_asks_the_judge_when_no_section_is_named(home: Path, bot: Bot) -> None:
    """Without --section the configured keywords choose, and --dry-run only shows the diff."""
    (home / "paper.json").write_text(json.dumps(PAPER), "utf-8")
    before = snapshot(home)
    done = bot(home, "add", "README.md", "--paper", "paper.json", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "+[[2603.00001]" in done.stdout
    assert snapshot(home) == before


TWICE = """# Papers

## Owls

### Fast

- [Tall Owls in Old Barns](https://arxiv.org/abs/2401.00001)

## Slow

- [Slow Owls](https://arxiv.org/abs/2405.00005)

### Fast

- [Small Owls in Young Trees](https://arxiv.org/abs/2402.00002)

## Slow

- [Paged Owls by Night](https://arxiv.org/abs/2403.00003)

## Still

- [Still Owls](https://arxiv.org/abs/2404.00004)
"""


@pytest.mark.parametrize(
    ("section", "code", "told"),
    [
        ((), 1, "no section surely fits 2603.00001. Name one with --section (`arxiv-bot show list.md` lists them)"),
        (("--section", "Still"), 0, "added 2603.00001 to Papers > Still"),
        (("--section", '["Papers", "Slow", "Fast"]'), 0, "added 2603.00001 to Papers > Slow > Fast"),
        (("--section", "Gone"), 1, "there is no section 'Gone'; it has: Papers > Owls > Fast; Papers > Slow;"),
        (("--section", "Fast"), 1, "'Fast', in lines 5 and 13; name one by its path of headings, [\"Papers\", \"Owls"),
        (("--section", "Slow"), 1, """'Slow', in lines 9 and 17; the first that has entries is ["Papers", "Slow"]"""),
    ],
)  # fmt: skip
def test_add_without_a_configuration(
    tmp_path: Path, here: Here, section: tuple[str, ...], code: int, told: str
) -> None:
    """A list alone is enough where the section is named so that it can be no other; else nothing is written."""
    (tmp_path / "list.md").write_text(TWICE, "utf-8")
    (tmp_path / "paper.json").write_text(json.dumps(PAPER), "utf-8")
    found, out, err = here(tmp_path, "add", "list.md", "--paper", "paper.json", *section)
    assert (found, told in out + err) == (code, True), out + err
    assert ("2603.00001" in (tmp_path / "list.md").read_text("utf-8")) == (code == 0)


def test_add_refuses_a_table_with_merged_cells(tmp_path: Path, here: Here) -> None:
    """One line names the file and the line of the cell, nothing is written; `show` reads the list all the same."""
    row = "<tr><td{}><a href='https://arxiv.org/abs/2401.0000{}'>Owls of {}</a></td><td>2024</td></tr>\n"
    table = row.format("", 1, "Barns") + row.format(" rowspan=2", 2, "Towers") + "<tr><td>2025</td></tr>\n"
    text = f"# P\n\n## Owls\n\n<table>\n{table}</table>\n"
    (tmp_path / "list.md").write_text(text, "utf-8")
    (tmp_path / "paper.json").write_text(json.dumps(PAPER), "utf-8")
    code, out, err = here(tmp_path, "add", "list.md", "--paper", "paper.json", "--section", "Owls")
    assert (code, out) == (1, "")
    assert err == (
        "arxiv-bot: list.md:7: <td rowspan=2> spans several rows or columns, so a new row could break this table; "
        "add the paper by hand\n"
    )
    assert (tmp_path / "list.md").read_text("utf-8") == text
    code, out, _ = here(tmp_path, "show", "list.md")
    assert (code, "Owls: 2 entries (HTML rows)" in out) == (0, True), out


def test_add_chooses_the_section(tmp_path: Path, here: Here) -> None:
    """A list of ten papers teaches where a paper belongs, without a configuration."""
    row = "- [{} {n}](https://arxiv.org/abs/{}.0000{n})\n"
    caches = "".join(row.format("Cache eviction for serving", 2401, n=n) for n in range(5))
    owls = "".join(row.format("How owls fly", 2402, n=n) for n in range(5))
    (tmp_path / "list.md").write_text(f"# P\n\n## Caches\n\n{caches}\n## Owls\n\n{owls}", "utf-8")
    (tmp_path / "paper.json").write_text(json.dumps(PAPER), "utf-8")
    found, out, err = here(tmp_path, "add", "list.md", "--paper", "paper.json")
    assert (found, "added 2603.00001 to P > Caches" in out) == (0, True), out + err


def test_add_fills_the_cells_that_a_run_would(tmp_path: Path, here: Here) -> None:
    """A column of kinds takes what its rows suggest; a sentence comes where the list's configuration says so."""
    row = "| [{} {n}](https://arxiv.org/abs/{}.{n:05}) | {} | {said} |\n"
    rows = "".join(
        row.format("Cache eviction for serving", 2401, "System", n=n, said=f"Less {word}")
        + row.format("How owls fly", 2402, "Birds", n=n, said=f"A {word} bird")
        for n, word in enumerate("memory noise waste work time heat power space doubt delay cost risk".split())
    )
    (tmp_path / "list.md").write_text(f"# P\n\n## Papers\n\n| Paper | Type | TL;DR |\n|--|--|--|\n{rows}", "utf-8")
    (tmp_path / "paper.json").write_text(json.dumps(PAPER), "utf-8")
    arguments = ("add", "list.md", "--paper", "paper.json", "--section", "Papers", "--dry-run")
    added = "+| [KV Cache Eviction for LLM Serving](https://arxiv.org/abs/2603.00001) | System |"
    code, out, err = here(tmp_path, *arguments)
    assert (code, f"{added} |\n" in out) == (0, True), out + err
    (tmp_path / "config").mkdir()
    one = "  - {{name: {}, file: {}, keywords: [owls]{}}}\n"
    lists = one.format("first", "FIRST.md", "") + one.format("own", "list.md", ", extract_column: TL;DR")
    (tmp_path / "config/keywords.yaml").write_text(f"lists:\n{lists}", "utf-8")
    code, out, err = here(tmp_path, *arguments)
    assert (code, f"{added} We evict caches for LLM serving. |\n" in out) == (0, True), out + err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "list.md: the list has no entries to write a new one like, and no heading that waits"),
        ("# P\n\n> - [A](https://arxiv.org/abs/2401.00001)\n", "list.md:3: the list has no entries"),
    ],
)
def test_add_says_that_nothing_shows_how(tmp_path: Path, here: Here, text: str, told: str) -> None:
    """In a list without entries no section is asked for: none would do."""
    (tmp_path / "list.md").write_text(text, "utf-8")
    (tmp_path / "paper.json").write_text(json.dumps(PAPER), "utf-8")
    code, _, err = here(tmp_path, "add", "list.md", "--paper", "paper.json")
    assert (code, told in err) == (1, True), err


def test_folders_that_cannot_be_made_are_named(home: Path, bot: Bot) -> None:
    """Where a file stands in the way of a folder, what could not be written is named, and that is no bug."""
    (home / "taken").write_text("", "utf-8")
    for arguments, told in (
        (
            ("evaluate", "--list", "README.md", "--library", "papers.jsonl", "--out", "taken/a/b"),
            "taken/a/b/evaluation.svg",
        ),
        (("discover", "--source", "papers.jsonl", "--out", "taken/a/b.json"), "taken/a/b.json"),
    ):
        done = bot(home, *arguments)
        assert (done.returncode, f"arxiv-bot: {told} cannot be written: " in done.stderr) == (1, True), done.stderr


def test_files_that_cannot_be_read_are_named_in_words(home: Path, bot: Bot) -> None:
    """Why a file cannot be read is said once, in words, whatever it is for."""
    (home / "latin.json").write_bytes(b'{"title": "caf\xe9"}')
    (home / "two.json").write_text("{}\n{}\n", "utf-8")
    for arguments, told in (
        (("add", "README.md", "--paper", "no.json"), "no.json: cannot be read: No such file or directory"),
        (("add", "README.md", "--paper", "latin.json"), "latin.json: cannot be read: byte 0xe9 is not UTF-8"),
        (("add", "README.md", "--paper", "two.json"), "two.json: not JSON: Extra data at column 1 of line 2"),
        (("publish", "no.json"), "no.json cannot be read: No such file or directory"),
        (("run", "--config", "latin.json"), "latin.json: cannot be read: byte 0xe9 is not UTF-8"),
    ):
        done = bot(home, *arguments)
        assert (done.returncode, done.stderr) == (1, f"arxiv-bot: {told}\n")


@pytest.mark.parametrize("content", ["{", "[]", '{"title": "Owls"}', '{"id": "x", "title": "Owls"}', "\ud800"])
def test_add_names_a_broken_paper_file(tmp_path: Path, here: Here, content: str) -> None:
    """A file that holds no paper is named, and the list stays as it was."""
    (tmp_path / "list.md").write_text(TWICE, "utf-8")
    (tmp_path / "paper.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    arguments = ("add", "list.md", "--paper", "paper.json", "--section", "Still")
    code, _, err = here(tmp_path, *arguments)
    assert code == 1
    assert "arxiv-bot: paper.json: " in err
    assert (tmp_path / "list.md").read_text("utf-8") == TWICE


def test_add_takes_ids_and_links(tmp_path: Path, here: Here) -> None:
    """Ids and links of every form name papers, one named twice is added once, and a link to a list stays one."""
    ids = [f"2501.0000{n}" for n in range(1, 6)]
    day = datetime(2025, 1, 1, tzinfo=UTC)
    papers = [Paper(id, f"Words on Owls {id}", published=day, updated=day) for id in ids]
    (tmp_path / "true.md").write_text(TWICE, "utf-8")
    (tmp_path / "list.md").symlink_to("true.md")
    forms = [
        ids[0],
        f"{ids[0]}v2",
        f"https://arxiv.org/pdf/{ids[1]}v1.pdf",
        f"https://arxiv.org/html/{ids[2]}v1",
        f"https://www.alphaxiv.org/abs/{ids[3]}",
        f"https://huggingface.co/papers/{ids[4]}",
    ]
    with ArxivServer(papers) as server:
        code, out, err = here(tmp_path, "add", "list.md", *forms, "--section", "Still", ARXIV_API_URL=server.api_url)
        assert code == 0, err
        assert [line.split()[2] for line in out.splitlines()] == ids
        code, _, err = here(
            tmp_path, "add", "list.md", "2501.09999", "--section", "Still", ARXIV_API_URL=server.api_url
        )
        assert (code, "arXiv knows no paper 2501.09999; check the ids" in err) == (1, True)
    assert (tmp_path / "list.md").is_symlink()
    written = parse((tmp_path / "true.md").read_bytes())
    assert [id for entry in written.entries for id in entry.arxiv_ids][-5:] == ids


def test_add_refuses_a_generated_list_first(home: Path, bot: Bot) -> None:
    """That a program makes a list is told with its line, before a section is sought and before arXiv is asked."""
    (home / "list.md").write_text(f"<!-- auto-generated, do not edit -->\n{TWICE}", "utf-8")
    before = snapshot(home)
    for named in (["--paper", "papers.jsonl"], ["2603.00009"]):
        done = bot(home, "add", "list.md", *named, ARXIV_API_URL="http://127.0.0.1:9/")
        assert done.returncode == 1
        assert done.stderr.startswith("arxiv-bot: list.md:1: this list is made by a program")
    assert snapshot(home) == before


OWLS = "[Tall Owls](https://arxiv.org/abs/2401.00001)"


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (f"- {OWLS}", "Owls: 1 entry (list items)"),
        (f"| Paper | Year |\n|-|-|\n| {OWLS} | 2024 |", "Owls: 1 entry (Paper | Year)"),
        (f"**{OWLS}**", "Owls: 1 entry (paragraphs or headings)"),
        ("<table>\n<tr><td><a href='https://arxiv.org/abs/2401.00001'>Owl</a></td></tr>\n</table>", "(HTML rows)"),
        ("Words.", "Owls: 0 entries (no papers)"),
    ],
)  # fmt: skip
def test_show_tells_each_format(tmp_path: Path, here: Here, entries: str, told: str) -> None:
    """`show` says in words how many entries a section has and how they are written."""
    (tmp_path / "list.md").write_text(f"# Owls\n\n{entries}\n", "utf-8")
    code, out, _ = here(tmp_path, "show", "list.md")
    assert (code, told in out) == (0, True), out


def test_upkeep_tells_and_applies(tmp_path: Path, here: Here) -> None:
    """What the records say is printed with the words that say it; nothing is written without `--apply`, nor twice."""
    file = tmp_path / "LIST.md"
    rows = [
        "- [Alpha Methods](https://arxiv.org/abs/2401.00001), arXiv 2024\n",
        "- [Beta](https://arxiv.org/abs/2301.00002), ICML 2023\n",
    ]
    file.write_text("# Papers\n\n" + "".join(rows), "utf-8")
    record = {"id": "2401.00001", "title": "Alpha Methods", "comment": "9 pages. Accepted to MLSys 2026"}
    (tmp_path / "new.jsonl").write_text(json.dumps(record) + "\n", "utf-8")
    asked = ("upkeep", "LIST.md", "--library", "new.jsonl")
    code, out, _ = here(tmp_path, *asked)
    assert (code, out.splitlines()[0]) == (
        0,
        "LIST.md:3: 2401.00001: venue: arXiv 2024 -> MLSys 2026 (comment: Accepted to MLSys 2026)",
    )
    evidence = {"field": "comment", "text": "Accepted to MLSys 2026"}
    change = {"id": "2401.00001", "line": 3, "kind": "venue", "old": "arXiv 2024", "new": "MLSys 2026"}
    before = file.read_bytes()
    assert json.loads(here(tmp_path, *asked, "--json")[1]) == {"changes": [change | {"evidence": evidence}]}
    assert file.read_bytes() == before
    assert here(tmp_path, *asked, "--apply")[0] == 0
    assert file.read_bytes() == before.replace(b"arXiv 2024", b"MLSys 2026")
    assert json.loads(here(tmp_path, *asked, "--json")[1]) == {"changes": []}


def test_lint_tells_mends_and_fails_a_check(tmp_path: Path, here: Here) -> None:
    """Errors make the exit status 5 until they are mended; warnings do not."""
    file = tmp_path / "LIST.md"
    file.write_text("# L\n\n- [Alpha](http://arxiv.org/abs/2401.00001) [[code](https://github.com/a/alpha\n", "utf-8")
    code, out, _ = here(tmp_path, "lint", "LIST.md")
    assert (code, out.splitlines()[0]) == (5, "LIST.md:3: warning: address: http:// is an old form of arXiv's address")
    told = json.loads(here(tmp_path, "lint", "LIST.md", "--json")[1])["findings"]
    assert [(one["line"], one["kind"], one["severity"]) for one in told] == [
        (3, "address", "warning"),
        (3, "link", "error"),
    ]
    assert here(tmp_path, "lint", "LIST.md", "--fix")[0] == 0
    assert file.read_text("utf-8").endswith("(https://arxiv.org/abs/2401.00001) [[code](https://github.com/a/alpha)\n")
    assert here(tmp_path, "lint", "LIST.md")[0] == 0


def test_judge_explains_each_paper(home: Path, bot: Bot) -> None:
    """`judge --json` says for each paper what matched, which section, and whether it would be proposed."""
    said = json.loads(bot(home, "judge", "--papers", "papers.jsonl", "--json").stdout)
    (found,) = said["papers"]
    assert found["id"] == "2603.00001"
    assert found["proposed"] is True
    assert found["duplicate_of"] is None
    assert found["matched"] == ["LLM serving", "KV cache"]
    assert found["section"]["path"] == ["Serving", "Caches"]


def test_add_knows_listed_ids_without_arxiv(home: Path, bot: Bot) -> None:
    """An id that the list has in any spelling is told before arXiv is asked for it."""
    before = snapshot(home)
    link = "https://arxiv.org/pdf/2401.00001v3"
    done = bot(home, "add", "README.md", "2603.00009", link, ARXIV_API_URL="http://127.0.0.1:9/")
    assert done.returncode == 1
    assert done.stderr == "arxiv-bot: README.md:12: 2401.00001 is already listed in line 12\n"
    assert snapshot(home) == before


def test_judge_says_why(home: Path, bot: Bot) -> None:
    """Without --json `judge` prints per paper what matched, and whether the list has it already."""
    listed = {**PAPER, "id": "2401.00002", "title": "Galaxies", "summary": ""}
    (home / "papers.jsonl").write_text("\n".join(map(json.dumps, (PAPER, listed))), "utf-8")
    first, why, second, why_not = bot(home, "judge", "--papers", "papers.jsonl").stdout.splitlines()
    assert first.endswith("2603.00001  Serving > Caches  KV Cache Eviction for LLM Serving")
    assert why.strip() == "matched “LLM serving”, “KV cache”"
    assert "2401.00002" in second
    assert why_not.strip() == "matched nothing; duplicate: listed in line 17"


def test_judge_says_why_this_section(home: Path, bot: Bot) -> None:
    """Where the list teaches, `judge` tells the words that speak for it, and for its section rather than the next."""
    caches, routers = (
        "".join(f"- [{title} {n}](https://arxiv.org/abs/2401.0000{n})\n" for n in numbers)
        for title, numbers in (("Cache eviction", range(5)), ("Request routers", range(5, 10)))
    )
    (home / "README.md").write_text(f"# Serving\n\n## Caches\n\n{caches}\n## Routing\n\n{routers}", "utf-8")
    _, why = bot(home, "judge", "--papers", "papers.jsonl", "--list", "README.md").stdout.splitlines()
    assert why.strip().startswith("matched “LLM serving”, “KV cache”; words like those of the list: “")
    assert "; Caches rather than Routing: “caches”, “cache eviction”" in why
    (paper,) = json.loads(bot(home, "judge", "--papers", "papers.jsonl", "--list", "README.md", "--json").stdout)[
        "papers"
    ]
    assert paper["section_terms"] == ["caches", "cache eviction"]


def test_decide_is_a_comment_by_hand(home: Path, bot: Bot) -> None:
    """A paper is rejected, taken back, moved, deferred and dismissed: branch, text and state follow, without arXiv."""
    done = bot(home, "run", "--source", "papers.jsonl", "--today", "2026-03-04")
    assert done.returncode == 0, done.stderr

    def decide(*words: str) -> tuple[list[str], str]:
        """Return the decisions on the paper, and the list on the branch."""
        done = bot(home, "decide", "2603.00001", *words, "--today", "2026-03-05", "--json")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert (report["list"], report["id"], report["done"]) == ("serving", "2603.00001", True)
        assert [d.kind for d in DiskStore(home / "state").read("serving").decisions] == [
            d["kind"] for d in report["decisions"]
        ]
        show = ["git", "show", "arxiv-bot/serving/1:README.md"]
        text = subprocess.run(show, cwd=home, capture_output=True, text=True, check=True).stdout
        return [
            f"{d['kind']} {d['reason'] or d['until'] or d['section']} {d['source']}" for d in report["decisions"]
        ], text

    kinds, text = decide("reject", "because", "it", "is", "a demo")
    assert kinds == ["rejected it is a demo by hand"]
    assert "2603.00001" not in text
    assert "arxiv-bot:paper 2603.00001 gone" in (home / "state/serving/pull-request.md").read_text("utf-8")
    kinds, text = decide("undo")
    assert kinds == []
    assert "2603.00001" in text
    kinds, text = decide("move", "to", "Survey")
    assert kinds == ["moved ['Serving', 'Survey'] by hand"]
    assert text.index("2603.00001") < text.index("## Caches")
    assert decide("defer", "until", "2026-04-01")[0] == ["deferred 2026-04-01 by hand"]
    kinds, text = decide("dismiss")
    assert kinds == ["dismissed None by hand"]
    assert "2603.00001" not in text


def test_decide_says_why_nothing_was_done(home: Path, bot: Bot) -> None:
    """What cannot be done is told, exit status 1; with --publish none nothing is written."""
    done = bot(home, "decide", "https://arxiv.org/abs/2401.00001v2", "reject")
    assert (done.returncode, done.stdout) == (1, "")
    assert "2401.00001 is in the list already, in line 12; take its row out by hand" in done.stderr
    done = bot(home, "decide", "2603.00001", "move", "to", "Survey")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing is known of 2603.00001" in done.stderr
    before = snapshot(home)
    done = bot(home, "decide", "2603.00001", "reject", "--publish", "none")
    assert (done.returncode, done.stdout) == (0, "serving: 2603.00001 is rejected (dry run: nothing was written)\n")
    assert snapshot(home) == before


def test_review_tells_which_pull_request_is_open(home: Path, bot: Bot) -> None:
    """Where another one is open than the number says, the list is passed over and told; no number is refused."""
    assert bot(home, "run", "--source", "papers.jsonl", "--today", "2026-03-04").returncode == 0
    before = snapshot(home)
    done = bot(home, "review", "5")
    assert (done.returncode, done.stdout) == (0, "")
    assert "serving: skipped: the open pull request is " in done.stderr
    assert "state/serving/pull-request.md, not pull request 5\n" in done.stderr
    for wrong in ("-1", "0", "five"):
        done = bot(home, "review", wrong)
        assert (done.returncode, f"'{wrong}' is not the number of a pull request" in done.stderr) == (2, True)
    assert snapshot(home) == before


def test_decide_finds_the_list_that_knows_the_paper(home: Path, bot: Bot) -> None:
    """Of several lists the one that knows the paper is meant; where that is none or several, it has to be named."""
    config = home / "config/keywords.yaml"
    config.write_text(
        CONFIG + CONFIG.removeprefix("lists:\n").replace("serving", "other").replace("README", "B"), "utf-8"
    )
    (home / "B.md").write_bytes(LIST)
    subprocess.run(["git", "add", "-A"], cwd=home, check=True)
    subprocess.run(["git", "commit", "-qm", "y"], cwd=home, check=True)
    done = bot(home, "decide", "2603.00001", "reject")
    assert done.returncode == 1
    assert "no list knows 2603.00001; name the list with --list: serving, other" in done.stderr
    assert bot(home, "decide", "2603.00001", "reject", "--list", "other").returncode == 0
    done = bot(home, "decide", "2603.00001", "undo")
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "other"), done.stderr
    for name in ("serving", "other"):
        assert bot(home, "decide", "2603.00001", "reject", "--list", name).returncode == 0
    assert "several lists know 2603.00001" in bot(home, "decide", "2603.00001", "undo").stderr


def test_a_list_that_fails_is_named_in_the_step_summary(home: Path, bot: Bot) -> None:
    """Both `discover` and `run` name the list that failed and why; the other list goes on."""
    second = CONFIG.removeprefix("lists:\n").replace("serving", "other").replace("README.md", "GONE.md")
    (home / "config/keywords.yaml").write_text(CONFIG + second, "utf-8")
    for words in (["discover", "--out", "p.json"], ["run"]):
        summary = home / f"{words[0]}.md"
        done = bot(home, *words, "--source", "papers.jsonl", GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == 1
        text = summary.read_text("utf-8")
        assert "## other\n\n> [!CAUTION]\n> " in text
        assert "GONE" in text
        assert ("## serving" in text) == (words[0] == "run")


def test_gaps_that_are_too_old_fail_the_job_that_publishes(home: Path, bot: Bot) -> None:
    """Each list with a gap older than allowed is named, once everything is published; a younger gap is none."""
    text = CONFIG + CONFIG.removeprefix("lists:\n").replace("serving", "other").replace("README.md", "B.md")
    (home / "config/keywords.yaml").write_text(text, "utf-8")
    (home / "B.md").write_bytes(LIST)
    subprocess.run(["git", "add", "-A"], cwd=home, check=True)
    subprocess.run(["git", "commit", "-qm", "y"], cwd=home, check=True)
    two = config.loads(text, "config/keywords.yaml")
    found, _ = discover(Job(two, two.lists, lambda _: ReadOnlyForge(home), NOW), ToldSource(unknown=failed()))
    (home / "p.json").write_text(proposal.dump_proposals(tuple(found)), "utf-8")
    publish = ("publish", "p.json", "--report", "r.json", "--max-gap-days", "3", "--today")
    assert bot(home, *publish, "2026-03-06").returncode == 4
    done = bot(home, *publish, "2026-03-08")
    assert done.returncode == 1
    report = json.loads((home / "r.json").read_text("utf-8"))
    assert [error["list"] for error in report["errors"]] == ["serving", "other"]
    assert all("are unknown since 2026-03-04 (timeout)" in error["error"] for error in report["errors"])
    assert len(report["lists"]) == 2


# Wrong input: one line that says what to do, exit 1 or 2, nothing written


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "--config", "none.yaml"], 1, "none.yaml: there is no such file"),
        (["run", "--list", "other"], 1, "there is no list named 'other'; there are: serving"),
        (["run", "--source", "nonsense"], 2, "--source must be api, rss, sample or a FILE.jsonl"),
        (["run", "--source", "gone.jsonl"], 1, "cannot read the papers"),
        (["run", "--since", "2026-13-01"], 2, "is not a date like 2025-11-03"),
        (["run", "--since", "2026-03-02", "--until", "2026-03-01"], 2, "must be before"),
        (["run", "--until", "2026-03-01"], 2, "--until needs --since"),
        (["run", "--since", "1991-07-31"], 2, "--since 1991-07-31 must be from 1991-08-01"),
        (["run", "--since", "1025-01-01"], 2, "when arXiv began"),
        (["run", "--since", "2026-03-06", "--today", "2026-03-04"], 2, "to 2026-03-05"),
        (["run", "--since", "2026-03-01", "--until", "2026-03-06", "--today", "2026-03-04"], 2, "--until 2026-03-06"),
        (["run", "--today", "1991-07-31"], 2, "is not between 1991-08-01 and 9998-12-31"),
        (["run", "--today", "9999-01-01"], 2, "is not between 1991-08-01 and 9998-12-31"),
        (["run", "--max-open", "41"], 2, "--max-open must be from 1 to 40"),
        (["publish", "p.json", "--max-open", "0"], 2, "--max-open must be from 1 to 40"),
        (["discover", "--out", "p.json", "--max-open", "3"], 2, "unrecognized arguments"),
        (["run", "--source", "papers.jsonl", "--report", "config"], 2, "config cannot be written"),
        (["discover", "--source", "papers.jsonl", "--out", "README.md/p.json"], 2, "README.md is in the way"),
        (["run", "--json", ""], 2, "unrecognized arguments"),
        (["run", "--publish", "github"], 1, "GITHUB_REPOSITORY is not set"),
        (["run", "--unknown"], 2, "unrecognized arguments"),
        ([], 2, "required"),
        (["publish", "gone.json"], 1, "cannot be read"),
        (["decide", "2603.00001"], 2, "required"),
        (["decide", "2603.00001", "accept"], 2, "invalid choice"),
        (["decide", "paper", "reject"], 2, "“paper” is not an arXiv id"),
        (["decide", "2603.00001", "move"], 2, "name one paper and its section"),
        (["decide", "2603.00001", "defer", "until", "soon"], 2, "“soon” is not a date"),
        (["decide", "2603.00001", "undo", "2603.00002"], 2, "one paper at a time"),
        (["decide", "2603.00001", "reject", "--list", "x"], 1, "there is no list named 'x'"),
        (["show", "gone.md"], 1, "gone.md: there is no such file"),
        (["add", "README.md"], 2, "which papers? Name them by ids or links of arXiv"),
        (
            ["add", "README.md", "2407.12391", "--paper", "p.json"],
            2,
            "name papers by id, or one by --paper FILE.json, not both",
        ),
        (["add", "README.md", "2407.1"], 1, "not an arXiv id: '2407.1'; write it like 2407.12391"),
        (["add", "README.md", "--paper", "gone.json"], 1, "cannot be read"),
    ],
)
def test_wrong_arguments_are_told(home: Path, here: Here, arguments: list[str], code: int, message: str) -> None:
    """Wrong arguments give one message that says what to do, and nothing is written."""
    before = snapshot(home)
    found, _, err = here(home, *arguments)
    assert (found, message in err, "Traceback" in err) == (code, True, False), err
    assert snapshot(home) == before


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config/keywords.yaml", b"lists: [", "is not YAML"),
        ("config/keywords.yaml", CONFIG.replace("keywords: [{", "keywrds: [{", 1).encode(), "did you mean 'keywords'?"),
        ("config/keywords.yaml", CONFIG.replace("heading: Caches", "heading: Cashes").encode(), "keywords.yaml:7"),
        ("README.md", LIST + b"\xff\n", "README.md:18: byte 0xff is not UTF-8"),
        ("README.md", b"No table here.\n", "has no table, no papers and no heading that waits for some"),
        ("papers.jsonl", b'{"id": "2603.00001"}\n', "papers.jsonl:1"),
        ("papers.jsonl", b"{not json}\n", "papers.jsonl:1"),
    ],
)
def test_wrong_files_are_told(home: Path, here: Here, file: str, content: bytes, message: str) -> None:
    """A file that cannot be used is named with its line, and nothing is written."""
    (home / file).write_bytes(content)
    subprocess.run(["git", "commit", "-qam", "Break it"], cwd=home, check=True)
    before = snapshot(home)
    code, _, err = here(home, "run", "--source", "papers.jsonl")
    assert (code, message in err, "Traceback" in err) == (1, True, False), err
    assert snapshot(home) == before


def test_an_unreachable_arxiv_is_unknown_not_empty(home: Path, bot: Bot) -> None:
    """Without an answer from arXiv the run exits 4, says why, and records the gap instead of coverage."""
    (home / "config/keywords.yaml").write_text("time_budget_s: 1\n" + CONFIG, "utf-8")
    done = bot(
        home, "run", "--since", "2026-03-01", "--until", "2026-03-02", ARXIV_API_URL="http://127.0.0.1:9/api/query"
    )
    assert done.returncode == 4, done.stderr
    assert "2026-03-01 to 2026-03-02" in done.stderr
    known = DiskStore(home / "state").read("serving").coverage
    assert not known.covered
    assert known.gaps


def test_discover_says_how_history_goes_on(home: Path, bot: Bot) -> None:
    """The reading half records no period of a history: it says what a second call asks, and which command does."""
    (home / "config/keywords.yaml").write_text("time_budget_s: 1\n" + CONFIG, "utf-8")
    arguments = ("--out", "p.json", "--since", "2026-01-01", "--today", "2026-03-04")
    done = bot(home, "discover", *arguments, ARXIV_API_URL="http://127.0.0.1:9/api/query")
    assert done.returncode == 4, done.stderr
    assert "discover asks 3 periods in one go and records none: if it is stopped" in done.stderr
    assert "2026-03-01 to 2026-03-04: skipped after an earlier failure: no connection; " in done.stderr
    assert not (home / "state").exists()


@pytest.mark.parametrize("today", ["1991-08-01", "9998-12-31"])
def test_the_first_and_the_last_day(home: Path, bot: Bot, today: str) -> None:
    """The whole range of days works: what discover writes then, publish reads."""
    arguments = ("--source", "papers.jsonl", "--out", "p.json", "--today", today)
    assert bot(home, "discover", *arguments, "--since", "1991-08-01").returncode == 0
    done = bot(home, "publish", "p.json", "--publish", "none")
    assert done.returncode == 0, done.stderr


def test_a_list_the_proposal_does_not_hold(home: Path, bot: Bot) -> None:
    """Publishing one list of a proposal that holds nothing for it is an error that says what it holds."""
    second = CONFIG.partition("\n")[2].replace("name: serving", "name: other").replace("README.md", "OTHER.md")
    (home / "config/keywords.yaml").write_text(CONFIG + second, "utf-8")
    (home / "OTHER.md").write_bytes(LIST)
    assert bot(home, "discover", "--source", "papers.jsonl", "--out", "p.json", "--list", "serving").returncode == 0
    done = bot(home, "publish", "p.json", "--list", "other")
    assert done.returncode == 1
    assert "p.json holds nothing for other, but for: serving" in done.stderr


def test_a_configuration_that_changed_since_discover(home: Path, bot: Bot) -> None:
    """A proposal of other keywords is refused; changed weights ask the same and do no harm."""
    assert bot(home, "discover", "--source", "papers.jsonl", "--out", "p.json").returncode == 0
    file = home / "config/keywords.yaml"
    file.write_text(CONFIG.replace("KV cache, weight: 0.7", "KV cache, weight: 0.6"), "utf-8")
    assert bot(home, "publish", "p.json", "--publish", "none").returncode == 0
    file.write_text(CONFIG.replace("phrase: KV cache", "phrase: KV caches"), "utf-8")
    before = snapshot(home)
    done = bot(home, "publish", "p.json")
    assert done.returncode == 1
    assert "serving: the configuration changed since discover; run discover again" in done.stderr
    assert snapshot(home) == before


def test_a_step_summary_that_cannot_be_written_only_warns(home: Path, bot: Bot) -> None:
    """Everything is published by then, so the run succeeds and says what it could not write."""
    done = bot(home, "run", "--source", "papers.jsonl", GITHUB_STEP_SUMMARY=str(home / "config"))
    assert done.returncode == 0, done.stderr
    assert f"the step summary {home / 'config'} cannot be written" in done.stderr


def test_a_state_that_is_a_file_is_told(home: Path, bot: Bot) -> None:
    """A file where the state of a list should be is named, and nothing is written."""
    (home / "state").mkdir()
    (home / "state/serving").write_text("mine", "utf-8")
    before = snapshot(home)
    done = bot(home, "run", "--source", "papers.jsonl")
    assert (done.returncode, snapshot(home)) == (1, before), done.stderr
    assert "state/serving cannot be read" in done.stderr


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_a_terminal_that_knows_ascii_only(home: Path, environment: dict[str, str]) -> None:
    """A title that the terminal cannot show is escaped, on both outputs, instead of stopping the run."""
    title, phrase = "Größe – a KV Cache for LLM Serving ♞", "Größe"
    (home / "config/keywords.yaml").write_text(CONFIG.replace("phrase: LLM serving", f"phrase: {phrase}"), "utf-8")
    (home / "papers.jsonl").write_text(json.dumps({**PAPER, "title": title}) + "\n", "utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "ARXIV_", "PYTHON"))}
    for arguments in (
        ("run", "--source", "papers.jsonl", "--dry-run"),
        ("judge", "--papers", "papers.jsonl", "--json"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=home, env={**clean, "PYTHONCOERCECLOCALE": "0", **environment}, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        shown = done.stdout.decode("ascii")
        found = json.loads(shown)["papers"][0]["matched"] if "--json" in arguments else shown
        assert (phrase if "--json" in arguments else "Gr\\xf6\\xdfe") in found


def test_a_password_in_an_address_is_never_printed(home: Path, bot: Bot) -> None:
    """User and password of arXiv's address stand in no output, report or state, with a scheme and without."""
    for address in ("http://user:canary-7c1f@127.0.0.1:9/api/query", "user:canary-7c1f@127.0.0.1/api"):
        (home / "config/keywords.yaml").write_text("time_budget_s: 1\n" + CONFIG, "utf-8")
        done = bot(home, "run", "--report", "r.json", ARXIV_API_URL=address)
        assert done.returncode in (1, 4), done.stderr
        added = bot(home, "add", "README.md", "2603.00001", ARXIV_API_URL="ftp" + address)
        assert added.returncode == 1, added.stderr
        written = "".join(p.read_text("utf-8", errors="replace") for p in home.rglob("*") if p.is_file())
        assert "canary-7c1f" not in done.stdout + done.stderr + added.stdout + added.stderr + written


def test_a_tampered_proposal_is_refused(home: Path, bot: Bot) -> None:
    """A proposal that was changed after it was written is refused, and nothing is written."""
    bot(home, "discover", "--source", "papers.jsonl", "--out", "p.json")
    proposal = (home / "p.json").read_text("utf-8")
    (home / "p.json").write_text(proposal.replace("2603.00001", "2603.00009"), "utf-8")
    before = snapshot(home)
    done = bot(home, "publish", "p.json")
    assert done.returncode == 1
    assert "was changed after it was written; run discover again" in done.stderr
    assert snapshot(home) == before


def test_no_token_is_told(home: Path, bot: Bot) -> None:
    """Publishing to GitHub without a token says which variable to set."""
    done = bot(home, "run", "--source", "papers.jsonl", GITHUB_REPOSITORY="curator/papers")
    assert done.returncode == 1
    assert "set GITHUB_TOKEN" in done.stderr


def test_a_secret_is_never_printed(home: Path, bot: Bot) -> None:
    """A token stands in no output, report or proposal, even when everything fails."""
    done = bot(
        home, "run", "--source", "papers.jsonl", "--report", "r.json", GITHUB_REPOSITORY="curator/papers",
        GITHUB_TOKEN="canary-7c1f", GITHUB_API_URL="http://127.0.0.1:9",
    )  # fmt: skip
    assert done.returncode == 1
    written = "".join(p.read_text("utf-8", errors="replace") for p in home.rglob("*") if p.is_file())
    assert "canary-7c1f" not in done.stdout + done.stderr + written


# The seed list


@pytest.mark.skipif(not SEED.exists(), reason="PAPERS.md is not here")
def test_the_seed_is_the_document_the_project_began_with() -> None:
    """Every line of the seed but its date still stands in PAPERS.md, in order."""
    seed = ROOT.parent / "shared/seed/PAPERS.md"
    if not seed.exists():
        pytest.skip("the shared seed is not here")
    lines = iter(SEED.read_bytes().splitlines())
    assert all(line in lines for line in seed.read_bytes().splitlines() if b"Last Update" not in line)


def test_sample_on_the_seed_is_what_a_curator_would_type(tmp_path: Path, bot: Bot) -> None:
    """The sample's rows stand in the seed's hand: id in brackets, site behind the title, one cell per column."""
    shutil.copy(SEED, tmp_path / "PAPERS.md")
    shutil.copytree(ROOT / "config", tmp_path / "config")
    done = bot(tmp_path, "run", "--source", "sample", "--dry-run", "--today", "2024-10-01")
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("+[[2409.99")]
    assert rows
    form = re.compile(r"\+\[\[(\S+)\] .+ \(arxiv\.org\)\]\(https://arxiv\.org/abs/\1\)\|(https://\S+)?(\|{3}|\|{5})")
    assert [row for row in rows if not form.fullmatch(row)] == []


def test_version_and_help_are_quick() -> None:
    """`--version` and `--help` import nothing heavy."""
    code = (
        "import sys, contextlib\nfrom bot.cli.main import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])\n"
        "heavy = {'pydantic', 'github', 'arxiv', 'ruamel', 'requests', 'rich', 'pyromark'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
