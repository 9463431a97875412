"""Real lists, where they are at hand: every one is read, and every section with a table takes a paper."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from bot.paperlist.edit import add_entries
from bot.paperlist.read.document import parse
from tests import QUICK
from tests.unit.paperlist import TODAY, addition, undone

ZOO = Path(__file__).parents[4] / "shared" / "zoo" / "lists"
LISTS = sorted(ZOO.iterdir()) if ZOO.is_dir() else []
LARGE = 1_000_000
"""Bytes of a list from which on only one section takes a paper."""
EVERY = 4 if QUICK else 1
"""`make quick` reads every fourth list."""
pytestmark = pytest.mark.skipif(not LISTS, reason=f"no collection of lists in ../{'/'.join(ZOO.parts[-3:])}")


@pytest.mark.parametrize("file", LISTS[::EVERY], ids=lambda file: file.name.partition("__")[0])
def test_real_lists_take_a_paper(file: Path) -> None:
    """One invented paper is added without loss to the first, middle and last section with a table."""
    document = parse(file.read_bytes(), file.name)
    tabled = [s for s in document.sections if s.tables and document.section(s.path) is s]
    last = len(tabled) - 1
    some = {last // 2} if len(document.source) > LARGE else {0, last // 2, last}
    for i in sorted(some) if tabled else ():
        edit = add_entries(document, [addition("2511.00007", "An $x$ | of [no] <paper>", tabled[i].path)], TODAY)
        assert undone(edit) == document.source


def test_the_largest_list_takes_seconds() -> None:
    """Reading a list of 1.7 MB and adding a paper to it, proof included, costs seconds of processor time."""
    source = max(LISTS, key=lambda file: file.stat().st_size).read_bytes()
    started = process_time()
    document = parse(source)
    path = max((s for s in document.sections if s.tables), key=lambda s: len(s.entries)).path
    add_entries(document, [addition("2511.00007", "A Paper", path)], TODAY)
    spent = process_time() - started
    assert spent < 10  # 0.8 s on a quiet machine; quadratic work would take minutes
