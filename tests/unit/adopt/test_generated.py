"""Lists that a script of their repository writes are refused with script and source; others are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adopt.generated import refuse_made
from bot.errors import ListFormatError
from bot.paperlist.read.document import parse

IDS = [f"2401.000{i}" for i in range(10, 30)]
LIST = "# Owls\n\n" + "".join(f"- [Owls of year {i}](https://arxiv.org/abs/{i})\n" for i in IDS)
DATA = "".join(f'{{"arxiv": "{i}"}}\n' for i in IDS)
MAKES = 'rows = [json.loads(l) for l in open("data/owls.jsonl")]\nopen("README.md", "w").write(render(rows))\n'


def repository(root: Path, script: str, data: str = DATA, name: str = "tools/make.py") -> None:
    for path, text in (("README.md", LIST), ("data/owls.jsonl", data), (name, script)):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, "utf-8")


def test_a_script_that_writes_the_list(tmp_path: Path) -> None:
    """A script that reads a file with the list's papers and writes the list: both are named."""
    repository(tmp_path, MAKES)
    with pytest.raises(ListFormatError, match=r"tools/make\.py writes this list from data/owls\.jsonl.*--force"):
        refuse_made(parse(LIST.encode()), tmp_path / "README.md", tmp_path)


@pytest.mark.parametrize(
    ("script", "data"),
    [
        (MAKES, DATA[:200]),
        ('text = open("README.md").read()\njson.dump(parse(text), open("data/owls.jsonl", "w"))\n', DATA),
        ('print(len(json.load(open("data/owls.jsonl"))), "papers, see README.md")\n', DATA),
        ('text = open("README.md").read()\nopen("README.md", "w").write(sort(text))\n', DATA),
    ],
    ids=["other papers", "derived data", "a count", "a sorter"],
)
def test_no_evidence(tmp_path: Path, script: str, data: str) -> None:
    """Data about other papers, data derived from the list, and scripts that count or sort are no evidence."""
    repository(tmp_path, script, data)
    refuse_made(parse(LIST.encode()), tmp_path / "README.md", tmp_path)
