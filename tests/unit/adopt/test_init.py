"""`init` on invented lists: what it understands, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.adopt import checkout, config_text, understanding
from bot.adopt.categories import expected_shares, likely_categories, shipped_counts
from bot.cli import context
from bot.cli.main import main
from bot.errors import ListFormatError
from bot.model import Paper
from bot.paperlist.read.document import parse

SWARMS = (
    "Quadrotor Swarms|Swarms of Quadrotor Robots|Quadrotor Control|Quadrotor Racing|Landing a Quadrotor|Quadrotor Maps"
)
QUBITS = "Qubit Readout|Qubit Control|A Noisy Qubit|Qubit Arrays|Superconducting Qubit Design|Qubits at Last"


def markdown(swarms: str = SWARMS, qubits: str = QUBITS) -> bytes:
    """Return a list of two sections, newest first."""
    lines = ["# Flying Things", "", "## Swarms", ""]
    lines += [f"- [{t}](https://arxiv.org/abs/24{12 - n:02}.00020)" for n, t in enumerate(swarms.split("|"))]
    lines += ["", "## Qubits: “no robots”", ""]
    lines += [f"- [{t}](https://arxiv.org/abs/24{12 - n:02}.00030)" for n, t in enumerate(qubits.split("|"))]
    return ("\n".join(lines) + "\n").encode()


def understood(
    content: bytes, library: tuple[Paper, ...] = (), topic: str | None = None
) -> understanding.Understanding:
    """Return what is read off a list."""
    place = understanding.Place("README.md", "curator/Flying_Things")
    return understanding.understood(parse(content, "README.md"), place, library, date(2026, 3, 4), topic)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a list and nothing else, in which we are; arXiv does not answer."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_bytes(markdown())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setattr(context, "query_api", lambda **_: Asked())
    return tmp_path


@dataclass
class Asked:
    """arXiv, which knows some papers and notes what it is asked for."""

    known: tuple[Paper, ...] = ()
    ids: list[str] = field(default_factory=list)

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return what is known."""
        self.ids += ids
        return self.known


def init(*arguments: str, file: str = "README.md") -> int:
    """Call the command; return its exit status."""
    with pytest.raises(SystemExit) as ended:
        main(["init", file, *arguments])
    return int(ended.value.code or 0)


CONFIG, WORKFLOW = Path("config/keywords.yaml"), Path(".github/workflows/paper-list.yml")


def test_topic_sections_and_hand_are_read() -> None:
    """The phrases name the topic, and new papers go where the newest stand."""
    seen = understood(markdown())
    assert {phrase.text for phrase in seen.phrases} == {"quadrotor", "qubit"}
    assert seen.explained == 1.0
    assert (seen.name, seen.papers) == ("flying-things", 12)
    assert [(s.heading, s.entries, s.place) for s in seen.sections] == [
        ("Swarms", 6, "first"), ("Qubits: “no robots”", 6, "first"),
    ]  # fmt: skip


def test_categories_are_guessed_and_known() -> None:
    """Words suggest categories, and it is said that they are guessed; what one paper is known to have comes in."""
    guess = understood(markdown())
    assert {"quant-ph", "cs.RO"} <= set(guess.categories)
    assert "guessed from the words of the titles: please check" in config_text.configuration(guess)
    told = understood(markdown(), (Paper("2412.00020", "Quadrotor Swarms", categories=("eess.SY",)),))
    assert {"quant-ph", "cs.RO", "eess.SY"} <= set(told.categories)
    assert "those of 1 listed paper, the rest guessed" in config_text.configuration(told)


def test_known_categories_outweigh_words() -> None:
    """The more papers are known to have other categories than their words suggest, the less the words count."""
    counts = shipped_counts()
    titles = [f"Qubit Control {n}" for n in range(200)]
    assert likely_categories([Paper("", title) for title in titles], counts)[0] == "quant-ph"
    told = [Paper("", title, categories=("cs.RO",)) for title in titles]
    assert likely_categories([*told[:1], *(Paper("", t) for t in titles)], counts)[0] == "quant-ph"
    assert {"cs.RO", "quant-ph"} <= set(likely_categories(told[:20], counts))
    assert likely_categories(told, counts)[0] == "cs.RO"


def test_categories_where_nothing_tells() -> None:
    """Titles without a word that was counted suggest nothing; known categories then stand alone, in a fixed order."""
    counts = shipped_counts()
    assert likely_categories([Paper("", "Zyzzyx")], counts) == ()
    assert likely_categories([Paper("", "Zyzzyx", categories=("math.CO", "cs.DM"))], counts) == ("cs.DM", "math.CO")


@given(st.lists(st.text(alphabet="abcdeqtu ", max_size=30), max_size=8))
def test_expected_shares_are_shares(titles: list[str]) -> None:
    """Whatever the titles, a share lies between 0 and 1, and their order changes none."""
    counts = {"": {"": 100, "math.CO": 30, "hep-th": 2}, "a": {"": 9, "math.CO": 9}, "b": {"": 9}}
    found = expected_shares(titles, counts)
    assert all(0 < share < 1 for share in found.values())
    assert found == pytest.approx(expected_shares(titles[::-1], counts))


def test_the_configuration_is_valid_and_says_what_it_is() -> None:
    """The text is read back as configuration, odd headings included, and each phrase has its share beside it."""
    text = config_text.configuration(understood(markdown()))
    read = config.loads(text, "keywords.yaml")
    [task] = read.lists
    assert read.schedule == understanding.cron("curator/Flying_Things")
    assert task.file == "README.md"
    assert not task.sections
    assert "#   line 12, Qubits: “no robots”: 6 papers" in text
    assert "phrase: quadrotor" in text
    assert "# 50 %" in text


@pytest.mark.parametrize("title", ["Yes", "#1: {a}", "'", "null", "a\\b", "- x", "* *"])
def test_any_heading_can_be_written(title: str) -> None:
    """A heading that YAML would read as something else does not spoil the file."""
    content = markdown().replace(b"# Flying Things", f"# {title}".encode(), 1)
    assert config.loads(config_text.configuration(understood(content)), "x").lists


def test_schedules_are_fair() -> None:
    """Each repository has its own odd minute on working days after arXiv's announcement, always the same."""
    crons = [understanding.cron(f"someone/list-{n}") for n in range(200)]
    minutes = {tuple(map(int, cron.split()[:2])) for cron in crons}
    assert all(cron.endswith("* * 1-5") for cron in crons)
    assert all(minute % 2 and hour in (6, 7) for minute, hour in minutes)
    assert len(minutes) > 50
    assert understanding.cron("Someone/List-1") == crons[1]


def test_what_cannot_be_kept_is_refused() -> None:
    """A generated list is refused with the reason."""
    with pytest.raises(ListFormatError, match="made by a program"):
        understood(b"<!-- generated by make, do not edit -->\n" + markdown())


YOUNG = {
    "# Awesome Quantum Error Correction\n\n## Surface Codes\n\n## Papers\n": {
        "quantum error correction", "error correction", "surface codes",
    },
    "# Robot Learning\n": {"robot learning"},
    "# Large Language Models\n": {"large language models"},
    "# Papers\n\n- [Surface Codes with Fewer Qubits](https://arxiv.org/abs/2501.00001)\n"
    "- [Decoding Surface Codes](https://arxiv.org/abs/2501.00002)\n"
    "- [A Toric Code](https://arxiv.org/abs/2501.00003)\n": {"surface codes"},
}  # fmt: skip


@pytest.mark.parametrize(("text", "phrases"), YOUNG.items())
def test_young_lists_are_taken_up(text: str, phrases: set[str]) -> None:
    """Title, headings and a few papers give phrases and categories, and it is said that they judge."""
    seen = understood(text.encode())
    assert {phrase.text for phrase in seen.phrases} == phrases
    [task] = config.loads(config_text.configuration(seen), "x").lists
    assert task.categories
    assert task.topic is None
    assert "Below 10 listed papers" in config_text.configuration(seen)
    assert "Below 10 listed papers" not in config_text.configuration(understood(markdown()))


@pytest.mark.parametrize(
    "text", ["", "# Papers\n", "# 论文\n\n## 机器人\n", "# My Papers\n\n## Survey\n\n## Workshops\n"]
)
def test_a_young_list_that_says_nothing_needs_a_topic(text: str) -> None:
    """Where title and headings name no topic, one must be given; it is written, and its words are phrases."""
    with pytest.raises(ListFormatError, match='a few words: --topic "'):
        understood(text.encode())
    with pytest.raises(ListFormatError, match='other words: --topic "'):
        understood(text.encode(), topic="机器人")
    seen = understood(text.encode(), topic="serving large language models")
    assert {phrase.text for phrase in seen.phrases} == {"serving", "serving large language models"}
    [task] = config.loads(config_text.configuration(seen), "x").lists
    assert task.topic == "serving large language models"
    assert "cs.DC" in task.categories


def test_a_topic_of_unknown_categories_asks_all_of_arxiv() -> None:
    """A topic whose words tell no category is asked for by its phrases, in all of arXiv."""
    seen = understood(b"# Papers\n\n## Hearing\n", topic="owl hearing")
    assert seen.categories == ()
    assert "owl hearing" in {phrase.text for phrase in seen.phrases}


def test_papers_under_no_heading_are_one_section() -> None:
    """A list without any heading is taken up whole, and says no topic."""
    bare = b"".join(line for line in markdown().splitlines(keepends=True) if line.startswith(b"-"))
    seen = understood(bare)
    assert [(section.heading, section.entries) for section in seen.sections] == [("(no heading)", 12)]
    assert (seen.papers, seen.topic) == (12, None)
    assert config.loads(config_text.configuration(seen), "keywords.yaml").lists[0].keywords


def test_links_to_code_alone_are_no_papers() -> None:
    """An entry that links to a repository of code, and marks beside a title, teach no phrases."""
    tools = "".join(f"- [Zeppelin {n}](https://github.com/x/zeppelin-{n})\n" for n in range(5)).encode()
    starred = markdown().replace(b"Qubit Arrays", b"Qubit Arrays :zeppelin: [zeppelin]")
    assert understood(markdown() + tools).papers == 12
    assert {phrase.text for phrase in understood(starred + tools).phrases} == {"quadrotor", "qubit"}


def test_nothing_is_written_unasked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal and without --yes it refuses and says what to do; a dry run and --json only print."""
    assert init() == 2
    assert "--yes" in capsys.readouterr().err
    assert init("--dry-run") == 0
    assert "+lists:" in capsys.readouterr().out
    assert init("--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [file["written"] for file in found["files"]] == [False, False]
    assert found["categories"]["guessed"] is True
    assert not CONFIG.exists()
    assert not WORKFLOW.exists()


def test_listed_papers_are_looked_up(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """ArXiv is asked for the listed papers once, and their categories are written; without an answer it is said."""
    assert init("--dry-run") == 0
    assert "arXiv did not answer" in capsys.readouterr().err
    asked = Asked((Paper("2412.00020", "Quadrotor Swarms", categories=("eess.SY",)),))
    monkeypatch.setattr(context, "query_api", lambda **_: asked)
    assert init("--dry-run") == 0
    said = capsys.readouterr()
    assert "those of 1 listed paper" in said.out
    assert not said.err
    assert len(asked.ids) == 12
    Path("none.jsonl").touch()
    assert init("--dry-run", "--library", "none.jsonl") == 0
    assert len(asked.ids) == 12


def test_the_topic_of_a_young_list_is_asked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal a list of few papers is asked what it is about; with --yes a missing topic is an error."""
    Path("README.md").write_text("# Papers\n", "utf-8")
    assert init("--yes") == 1
    assert '--topic "' in capsys.readouterr().err
    answers = iter(["robot  learning", "y", "n"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    assert init() == 0
    assert "the list shows no paper yet" in capsys.readouterr().err
    assert config.load(CONFIG).lists[0].topic == "robot learning"


def test_yes_writes_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--yes writes both files; a second time changes nothing, and what a person changed is never replaced."""
    assert init("--yes") == 0
    assert config.load(CONFIG).lists
    assert init("--yes") == 0
    CONFIG.write_text("mine\n", "utf-8")
    WORKFLOW.unlink()
    assert init("--yes") == 1
    assert "is there already" in capsys.readouterr().err
    assert CONFIG.read_text("utf-8") == "mine\n"
    assert not WORKFLOW.exists()


def test_a_folder_that_cannot_be_made_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A repository that may not be written to is an expected failure, which names the file."""

    def refused(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refused)
    assert init("--yes") == 1
    assert f"{CONFIG} cannot be written: Permission denied\n" in capsys.readouterr().err


def test_a_person_is_asked_for_each_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal each file is shown and asked for; anything but yes leaves it."""
    CONFIG.parent.mkdir()
    CONFIG.write_text("mine\n", "utf-8")
    answers = iter(["", "y"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    assert init() == 0
    assert CONFIG.read_text("utf-8") == "mine\n"
    assert "cron:" in WORKFLOW.read_text("utf-8")


def test_what_comes_next_is_true(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What to do next names files that are there: nothing when a file was not wanted, the option for one elsewhere."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert init() == 0
    said = capsys.readouterr().out
    assert f"{CONFIG}: not written\n" in said
    assert "Next:" not in said
    assert init("--yes", "--config", "mine.yaml") == 0
    said = capsys.readouterr().out
    assert "arxiv-bot run --dry-run --publish none --config mine.yaml  " in said
    assert "both files" not in said
    assert init("--yes") == 0
    said = capsys.readouterr().out
    assert "arxiv-bot run --dry-run --publish none  " in said
    assert "Commit and push both files" in said


def test_files_are_named_as_people_would(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However the list is named, a diff names files from the root of the repository, the rest from where we are."""
    (home / "lists").mkdir()
    for where, named in ((home, str(home / "README.md")), (home / "lists", "../README.md"), (home, "README.md")):
        monkeypatch.chdir(where)
        assert init("--dry-run", file=named) == 0
        diff = capsys.readouterr().out
        assert f"\n--- a/{CONFIG}\n+++ b/{CONFIG}\n" in diff
        assert f"\n--- a/{WORKFLOW}\n" in diff
        assert "+    file: README.md\n" in diff
        assert f"list {home.name.replace('_', '-')[:40].strip('-')!r}\n" in diff
    monkeypatch.chdir(home / "lists")
    assert init("--yes", file="../README.md") == 0
    said = capsys.readouterr().out
    assert f"\n../{CONFIG}: written\n" in said
    assert f"arxiv-bot run --dry-run --publish none --config ../{CONFIG} " in said
    (home / CONFIG).write_text("mine\n", "utf-8")
    assert init("--yes", file="../README.md") == 1
    assert f"arxiv-bot: ../{CONFIG}: is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    ["https://github.com/curator/papers.git", "git@github.com:curator/papers.git", "https://x.org/curator/papers"],
)
def test_the_repository_has_a_name(home: Path, url: str) -> None:
    """The name is that of git's origin, or of the folder."""
    assert checkout.name_of(home) == home.name
    (home / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {url}\n', "utf-8")
    assert checkout.name_of(home) == "curator/papers"
    (home / "lists").mkdir()
    assert checkout.root_of(home / "lists" / "a.md") == home


ZOO = Path(__file__).resolve().parents[4] / "shared" / "zoo" / "lists"


@pytest.mark.skipif(not ZOO.is_dir(), reason="no collection of lists beside the project")
def test_real_lists_are_taken_up() -> None:
    """Of every seventh real list of moderate length a valid configuration comes, whose phrases mostly explain half."""
    files = [file for file in sorted(ZOO.glob("*.md"))[::7] if file.stat().st_size < 300_000]
    explained = []
    for file in files:
        seen = understood(file.read_bytes())
        [task] = config.loads(config_text.configuration(seen), file.name).lists
        assert task.keywords or task.categories, file.name
        explained.append(seen.explained)
    assert len(files) > 3
    assert sorted(explained)[len(explained) // 2] > 0.5
