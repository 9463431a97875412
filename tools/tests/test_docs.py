"""The documents agree with the files and commands."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt

from bot import config
from bot.cli.parser import COMMANDS
from bot.config.model import Limits
from tools import picture, reference, walk

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS: Final = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "state/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def targets(text: str) -> list[str]:
    """The addresses of a document's links and images."""
    inline = [child for token in MarkdownIt().parse(text) for child in token.children or []]
    found = [token.attrGet("href") or token.attrGet("src") for token in inline if token.type in ("link_open", "image")]
    return [str(address) for address in found if address]


def options(text: str) -> set[str]:
    """The options that stand in a text."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


@cache
def known_options(command: str) -> set[str]:
    """The options in a command's help."""
    call = [sys.executable, "-m", "bot", command, "--help"]
    return options(subprocess.run(call, capture_output=True, text=True, check=True).stdout)


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_links_lead_somewhere(path: Path) -> None:
    """Every link that does not lead to the web names a file of this repository, and a heading that is in it."""
    for target in targets(path.read_text("utf-8")):
        if "://" not in target:
            name, _, heading = target.partition("#")
            document = path.parent / name if name else path
            assert document.exists(), target
            assert not heading or heading in anchors(document), target


def test_links_are_found() -> None:
    """The test above sees links and images."""
    assert targets("[a](b.md) ![c](d.png)") == ["b.md", "d.png"]
    assert "docs/pull-request.png" in targets(README)


def test_the_rooms_are_those_that_are_there() -> None:
    """The tree in CONTRIBUTING names every room of `bot/`, and nothing that does not exist."""
    [tree] = re.findall(r"```text\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
    above: list[str] = []
    named = []
    for indent, name in re.findall(r"^( *)(\S+)", tree, re.MULTILINE):
        above[len(indent) // 2 :] = [name]
        named.append("".join(above))
    assert [name for name in named if not (ROOT / name).exists()] == []
    rooms = {f"bot/{path.name}/" for path in (ROOT / "bot").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(named)


def test_the_example_is_a_configuration() -> None:
    """The YAML in the README is read without complaint, and the defaults it shows are the defaults."""
    [example] = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    [shown] = config.loads(example, "README.md").lists
    assert shown.limits == Limits()
    fields = config.ListConfig.model_fields
    assert shown.look_back_days == fields["look_back_days"].default
    assert shown.keywords[0].weight is None


def test_the_reference_of_the_commands_is_current() -> None:
    """docs/commands.md is what the parser says of every command; `python -m tools.reference` writes it."""
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert page == reference.commands()
    assert re.findall(r"^## arxiv-bot ([a-z]+)", page, re.MULTILINE) == list(COMMANDS)
    assert options(page) >= set().union(*(known_options(command) for command in COMMANDS)) - {"--help"}


def test_commands_in_the_documents_are_real() -> None:
    """Wherever a document calls the bot, the command and its options exist."""
    for path in DOCUMENTS:
        for command, rest in re.findall(r"(?<!/)arxiv-bot (?!-)([a-z]+)\b([^`\n|]*)", path.read_text("utf-8")):
            assert command in COMMANDS, path
            assert options(rest) <= known_options(command), path


@each_document
def test_make_targets_exist(path: Path) -> None:
    """Every `make` target that a document names is one of the Makefile's."""
    real = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = path.read_text("utf-8")
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) <= real


def test_the_hour_is_the_schedules() -> None:
    """The README names the hour at which the workflow runs."""
    workflow = (ROOT / ".github" / "workflows" / "arxiv-bot.yml").read_text("utf-8")
    [(minute, hour)] = re.findall(r'cron: "(\d+) (\d+) ', workflow)
    assert f"{int(hour):02}:{int(minute):02}" in " ".join(README.split())


def test_the_reference_of_the_configuration_is_current() -> None:
    """docs/configure.md is what the models say; `python -m tools.reference` writes it."""
    assert (ROOT / "docs" / "configure.md").read_text("utf-8") == reference.reference()


def test_each_sample_list_takes_a_paper() -> None:
    """The page that `make picture` draws marks one added line in each of its three lists."""
    assert picture._hands().count("class=added") == 3


@pytest.mark.parametrize("name", walk.WALKED)
def test_the_walk_through_adoption_is_current(name: str) -> None:
    """docs/adopt.md has what the commands of each list print, except the seconds; `make walk` writes it."""
    page = walk.without_times((ROOT / "docs" / "adopt.md").read_text("utf-8"))
    assert page.startswith(walk.HEAD)
    assert walk.TAIL in page
    assert walk.without_times(walk.part(name, walk.walked(name))) in page
