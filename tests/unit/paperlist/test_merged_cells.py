"""HTML tables with cells over several rows or columns take no row; their lists keep taking papers elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ListFormatError
from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from bot.paperlist.write.find_refused import refused
from bot.paperlist.write.prune import holds_empty_link
from tests import examples
from tests.unit.paperlist import TODAY, add_one, addition, undone

ROW = '<tr>\n<td{0}><a href="https://arxiv.org/abs/2401.0000{1}">A Title of {1}</a></td>\n<td>2024</td>\n</tr>\n'
SECOND = '<tr>\n<td><a href="https://example.org/{0}">page</a></td>\n</tr>\n'
HEAD = "<tr><th>Paper</th><th>Year</th></tr>\n"
BULLETS = "\n## B\n\n- [Owls at Night](https://arxiv.org/abs/2401.00008)\n"


def listed(rows: Sequence[str], head: str = HEAD) -> bytes:
    """Return a list whose section A is an HTML table and whose section B is bullets."""
    return ("# L\n\n## A\n\n<table>\n" + head + "".join(rows) + "</table>\n" + BULLETS).encode()


def rows(*attributes: str) -> list[str]:
    """Return a row for each attribute of its first cell."""
    return [ROW.format(attribute, i) for i, attribute in enumerate(attributes, 1)]


@pytest.mark.parametrize(
    "attribute",
    [' rowspan="2"', " rowspan=2", " ROWSPAN = '3'", ' rowspan="0"', ' colspan="2"', ' title="a > b" rowspan="2"'],
)
def test_a_cell_over_several_is_refused_with_its_line(attribute: str) -> None:
    """The message names the line, what stands there and what to do; the bullets of the same list take a paper."""
    document = parse(listed([ROW.format("", 1), ROW.format(attribute, 2), SECOND.format(2)]), "README.md")
    with pytest.raises(ListFormatError) as refusal:
        add_one(document, "Hogs", ["L", "A"])
    assert refusal.value.line == 12
    assert re.fullmatch(
        r"README\.md:12: <td .*spans several rows or columns.*; add the paper by hand", str(refusal.value)
    )
    assert len(str(refusal.value)) < 200
    edit = add_one(document, "Hogs", ["L", "B"])
    assert b"- [Hogs](https://arxiv.org/abs/2511.00007)\n" in edit.after
    assert undone(edit) == document.source


def test_the_message_is_short() -> None:
    """Of a tag only what makes it span is told."""
    document = parse(listed(rows("", f' rowspan="2" class="{"x" * 500}"')), "README.md")
    with pytest.raises(ListFormatError) as refusal:
        add_one(document, "Hogs", ["L", "A"])
    assert str(refusal.value).startswith("README.md:12: <td rowspan=2> spans")
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("head", "attribute"),
    [
        ("<thead><tr><th colspan='2'>Papers</th></tr>" + HEAD.strip() + "</thead>\n", ""),
        ("<tr><th colspan='2'>Papers</th></tr>\n" + HEAD, ""),
        ("<tr><th rowspan='2'>Paper</th><th>When</th></tr>\n<tr><th>Year</th></tr>\n", ""),
        (HEAD + "<!-- <tr><td rowspan='2'>old</td></tr> -->\n", ""),
        (HEAD, ' rowspan="1" colspan=1'),
        (HEAD, ' class="rowspan"'),
    ],
)
def test_other_tables_take_a_row(head: str, attribute: str) -> None:
    """A head may span what it likes, a comment is no cell, and one row and one column are no span."""
    document = parse(listed(rows(attribute, attribute, attribute), head))
    edit = add_one(document, "Hogs", ["L", "A"])
    assert b'<a href="https://arxiv.org/abs/2511.00007">Hogs</a>' in edit.after
    assert undone(edit) == document.source


def test_a_head_that_reaches_into_the_body() -> None:
    """A cell of the head that goes over the first row of the body counts as one of the body."""
    head = "<tr><th rowspan='2'>Paper</th><th>Year</th></tr>\n"
    with pytest.raises(ListFormatError, match=r":6: <th rowspan=2> spans"):
        add_one(parse(listed(rows("", ""), head)), "Hogs", ["L", "A"])


def test_a_new_section_is_not_modelled_on_it() -> None:
    """Where the only neighbour is such a table, an empty section is refused too, with the line of the cell."""
    source = listed(rows("", ' rowspan="2"')).replace(BULLETS.encode(), b"\n## C\n")
    with pytest.raises(ListFormatError, match=r":12: <td rowspan=2> spans"):
        add_one(parse(source), "Hogs", ["L", "C"])


def test_other_tables_learn_nothing_from_it() -> None:
    """A short table beside such a one takes a row of its own kind."""
    other = "\n## C\n\n<table>\n" + ROW.format("", 9) + "</table>\n"
    document = parse(listed(rows(*[' rowspan="2"'] * 9)) + other.encode())
    (entry,) = add_one(document, "Hogs", ["L", "C"]).entries
    assert b"rowspan" not in entry.row


@settings(deadline=None, max_examples=examples(60))
@given(st.lists(st.sampled_from(["", ' rowspan="2"', ' colspan="3"', " rowspan=1"]), min_size=1, max_size=8))
def test_refused_exactly_where_a_cell_spans_several(attributes: list[str]) -> None:
    """The first such cell is named; a table without one takes the row, and no second cell is lost."""
    document = parse(listed(rows(*attributes)), "README.md")
    merged = [i for i, attribute in enumerate(attributes) if attribute.endswith(('"2"', '"3"'))]
    found = refused(document, [Addition(Paper("2511.00007", "Hogs"), ("L", "A"))], TODAY)
    if merged:
        assert found["2511.00007"].startswith(f"README.md:{8 + 4 * merged[0]}: <td")
    else:
        assert found == {}
        edit = add_one(document, "Hogs", ["L", "A"])
        assert edit.after.count(b"<td") == document.source.count(b"<td") + 2


LINKS = [
    '<a href="https://arxiv.org/abs/{0}"><b>A Title of {0}</b></a>',
    '<a href="https://github.com/owls/{0}">Owl{0}</a>',
    '<a href="https://arxiv.org/pdf/{0}"><b>word{0}</b></a>',
    '<a href="https://arxiv.org/abs/{0}">{0}ab</a>',
    '<a href="https://example.org/same"><i>Name {0}</i></a>',
    '<a href="https://arxiv.org/pdf/{0}">Name{0}</a>',
    '<a href="https://arxiv.org/pdf/{0}"><font color="red">Name{0}</font></a>',
    '<a href="https://arxiv.org/abs/{0}"></a>',
    '<a href="notes.md">note{0}</a>',
    '<a href="#top"></a>',
]


@settings(deadline=None, max_examples=examples(60))
@given(st.lists(st.sampled_from(LINKS), max_size=4), st.sampled_from(["<tr>{0}</tr>", "- {0}"]), st.booleans())
def test_no_link_without_text(links: list[str], form: str, code: bool) -> None:
    """However the entries of a section link, a new one has no link that shows nothing."""
    cells = [LINKS[0], *links]
    tagged = form.startswith("<tr>")
    line = form.format("".join(f"<td>{c}</td>" for c in cells) if tagged else " ".join(cells)) + "\n"
    entries = "".join(line.format(f"2401.0000{i}") for i in range(1, 6))
    document = parse(f"# L\n\n## A\n\n{entries}".encode())
    edit = add_entries(
        document, [addition("2511.00007", "Hogs", ["L", "A"], "https://github.com/a/hogs" if code else None)], TODAY
    )
    row = edit.entries[0].row.decode()
    assert not holds_empty_link(row), row
    assert "https://arxiv.org/abs/2511.00007" in row


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ('<a href="x">words</a>', False),
        ('<a href="x"><img src="y"></a>', False),
        ('<a name="x"></a> \\<a href="x">', False),
        ('<a href="x"> <b>&nbsp;</b></a>', True),
        ("<A HREF=x>\n</A>", True),
        ('<a href="x">words', True),
        ('<a href="x"><a href="y">words</a>', True),
    ],
)
def test_what_an_empty_link_is(text: str, empty: bool) -> None:
    """One that shows neither words nor a picture, or does not end; an anchor without address is no link."""
    assert holds_empty_link(text) == empty


def test_a_link_of_the_list_that_shows_nothing_is_not_copied() -> None:
    """Where it is the only link to the paper, its words are the archive's name or the row is refused."""
    row = '<tr><td>A Title of Owl {0}</td><td><a href="https://arxiv.org/abs/2401.0000{0}"></a></td></tr>\n'
    document = parse(f"# L\n\n## A\n\n<table>\n{''.join(row.format(i) for i in range(1, 6))}</table>\n".encode())
    with pytest.raises(ListFormatError, match=r"2511\.00007"):
        add_one(document, "Hogs", ["L", "A"])
