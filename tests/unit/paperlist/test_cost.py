"""Reading and adding cost as much as the list is long, and no more."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from bot.errors import ListFormatError
from bot.judge.duplicates import Known
from bot.model import Paper
from bot.paperlist.edit import add_entries
from bot.paperlist.read import inline
from bot.paperlist.read.document import parse
from tests.unit.paperlist import TODAY, addition

HEADS = {"table": "|Title|Link|\n|--|--|\n", "bullets": ""}
ROWS = {
    "table": "|A Title of {0}|[{0}](https://arxiv.org/abs/{0})|\n",
    "bullets": "- [A Title of {0}](https://arxiv.org/abs/{0})\n",
}


def seconds(kind: str, sections: int) -> float:
    """Add a paper to a list of many sections; return the least CPU time of some runs."""
    text = "".join(
        f"## Section {s}\n\n{HEADS[kind]}"
        + "".join(ROWS[kind].format(f"24{s % 12 + 1:02}.{s * 60 + i:05}") for i in range(60))
        + "\n"
        for s in range(sections)
    ).encode()
    return min(timed(lambda: add(text)) for _ in range(3))


def add(text: bytes) -> None:
    """Read a list, look a paper up and add it."""
    document = parse(text)
    assert Known(document).duplicate(Paper("2511.00007", "Hedgehogs for Small Mammals")) is None
    assert add_entries(document, [addition("2511.00007", "Hedgehogs for Small Mammals", ("Section 1",))], TODAY)


def timed(work: Callable[[], None]) -> float:
    """Return the CPU seconds that some work takes."""
    started = process_time()
    work()
    return process_time() - started


@pytest.mark.parametrize("kind", ROWS)
def test_cost_grows_linearly(kind: str) -> None:
    """Four times the list costs some four times as much; quadratic work would cost sixteen times."""
    assert seconds(kind, 40) < 9 * seconds(kind, 10)


def test_links_of_a_long_text_are_found_in_linear_time() -> None:
    """Where links stand in a whole list is told in one pass over them, bare addresses inside links left out."""
    line = "- [Owls](https://arxiv.org/abs/{0}) <a href='https://arxiv.org/pdf/{0}'>x</a> https://arxiv.org/html/{0}\n"
    one, eight = ("".join(line.format(f"2401.{i:05}") for i in range(n)) for n in (500, 4000))
    assert (links_in(one), links_in(eight)) == (1500, 12000)
    assert least(eight) < 20 * least(one)


def links_in(text: str) -> int:
    """Return how many links a text has."""
    return len(list(inline.links(text)))


def least(text: str) -> float:
    """Return the least CPU time of some runs that find the links of a text."""
    return min(timed(lambda: assert_links(text)) for _ in range(3))


def assert_links(text: str) -> None:
    """Find links, which a text must have."""
    assert links_in(text)


ROW = "| [Paper {0} of owls](https://arxiv.org/abs/24{1:02}.{0:05}) | [code](https://github.com/x/y{0}) |\n"
HUGE = {
    "anchors": "<a " * 100_000,
    "anchors that never end": "<a href='x'>" * 50_000,
    "nested bullets, 4 MB": "".join(
        " " * (2 * n) + f"- [Owl](https://arxiv.org/abs/2401.{n:05})\n" for n in range(2000)
    ),
    "unlinked nested bullets": "".join(" " * (2 * n) + f"- Owl {n}\n" for n in range(1000)),
    "bullets in one line": "".join("- " * 100 + "x\n" for _ in range(3000)),
    "one line of 2 MB": "- [Owl](https://arxiv.org/abs/2401.00009) " + "word " * 400_000,
    "a row of 2 MB": "| Paper |\n|--|\n| [Owl](https://arxiv.org/abs/2401.00009) " + "word " * 400_000 + "|\n",
    "25,000 rows": "| Paper | Code |\n|--|--|\n" + "".join(ROW.format(n, n // 9000 + 1) for n in range(25_000)),
    "rows of HTML": "<table>\n" + "<tr>" * 100_000,
    "summaries": "<summary>x\n" * 50_000,
    "comments": "<!-- " * 100_000,
    "brackets": "- " + "[" * 100_000 + "\n- " + "[a](" * 50_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_no_text_takes_long(text: str) -> None:
    """What nobody writes by hand is read in seconds; more than that is slow in some square of its length."""
    source = f"# L\n\n- [Owls](https://arxiv.org/abs/2401.00001)\n\n## M\n\n{text}\n".encode()

    def read() -> None:
        parse(source)

    assert timed(read) < 30


def test_what_is_no_list_is_refused_at_once() -> None:
    """A file above 20 MB is not read."""
    with pytest.raises(ListFormatError, match="21 MB are more than a list of papers has"):
        parse(b"x" * (21 << 20))
