"""Whatever the document: reading never fails, and adding is proven or refused."""

from __future__ import annotations

import os

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.arxiv import titles
from bot.errors import ListFormatError
from bot.paperlist.edit import add_entries, growth
from bot.paperlist.read.document import Document, parse
from tests import examples
from tests.unit.paperlist import TODAY, addition, undone
from tests.unit.paperlist.test_escape import HOSTILE, texts

CASES = int(os.environ.get("CASES", "200"))
"""How many documents are drawn: `make soak` asks for more."""

ids = st.integers(1, 99999).map(lambda n: f"2401.{n:05}")
cells = st.sampled_from(
    [
        "",
        " ",
        "-",
        "N/A",
        "x\\|y",
        "`a|b`",
        "`a\\|b`",
        "**b**",
        "\0",
        "\u2028",
        "\u0085",
        "\\",
        "a<br>b",
        "<!--",
        "é",
        "||",
    ]
) | ids.map(lambda i: f"[A Title of {i}](https://arxiv.org/abs/{i})")
columns = st.sampled_from(
    ["Paper", "Code", "Title", "Link", "Date", "论文", "Notes", "", "a\\|b", "Last update: 2024-01-02"]
)
marks = st.sampled_from(["", "", "", "> ", "- ", "  ", "    ", "1. ", "\t"])


@st.composite
def tables(draw: st.DrawFn) -> list[str]:
    """Draw a table in some spelling, with short, long and broken rows."""
    width = draw(st.integers(1, 4))
    left, right, pad = (draw(st.sampled_from(pair)) for pair in (("|", ""), ("|", ""), (" ", "")))
    rows = [
        draw(st.lists(columns, min_size=width, max_size=width)),
        draw(st.lists(st.sampled_from(["--", ":-:", "---:", "-"]), min_size=width, max_size=width)),
        *draw(st.lists(st.lists(cells, min_size=1, max_size=5), max_size=4)),
    ]
    mark = draw(marks)
    rest = mark if mark.strip() in ("", ">") else " " * len(mark)
    return [
        (mark if i == 0 else rest) + left + "|".join(pad + cell + pad for cell in row) + right
        for i, row in enumerate(rows)
    ]


shapes = st.sampled_from(
    [
        "- [A Title of {0}](https://arxiv.org/abs/{0})",
        "* [Hog{0}](https://arxiv.org/abs/{0}): A Title of Some Hogs | Barn",
        "1. **A Title of {0}.** *Ada Barn, Bo Tree* [[pdf](https://arxiv.org/pdf/{0}.pdf)] 2024.01",
        "[arXiv'24] [A Title of {0}](https://arxiv.org/abs/{0}) [[code](https://github.com/ex/h{0})]\n",
        "- A Title of {0} (arXiv'24) [paper](http://arxiv.org/abs/{0}v1)\n  - Ada Barn et al.\n  - Task: barns",
        "**A Title of {0}**\n\n- Paper: https://arxiv.org/abs/{0}\n- Code: none\n",
        "<tr><td>A Title of {0}</td><td><a href='https://arxiv.org/abs/{0}'>x</a></td></tr>",
        "### [A Title of {0}](https://arxiv.org/abs/{0})\n\nBy Ada Barn.\n\n---\n",
    ]
)


@st.composite
def items(draw: st.DrawFn) -> list[str]:
    """Draw some entries that are no rows of a pipe table, mostly of one shape."""
    mark, shape = draw(st.sampled_from(["", "", "", "> ", "  "])), draw(shapes)
    texts = [
        (draw(shapes) if draw(st.integers(0, 5)) == 0 else shape).format(draw(ids))
        for _ in range(draw(st.integers(1, 4)))
    ]
    return [mark + line for text in texts for line in text.split("\n")]


headings = st.builds(
    "{}{}{}".format,
    st.sampled_from(["# ", "## ", "### ", "#", "> ## ", "- ## "]),
    st.sampled_from(["A", "B", "A & *B*", "Unsorted", "[C](#c)", "Updated on 2024-05-06", ""]),
    st.sampled_from(["", " ##", "\n"]),
).map(str.splitlines)
odd_lines = st.sampled_from(
    """text;**Last Update: 2024-09-11**;Setext;===;---;```;~~~~;<!--;-->;<details>;</details>;<pre>;</pre>;<b>x</b>
- [A](#a);  - [Unsorted](#unsorted);* item;[a]: #b;$$;[Back to top](#a);    code;> quote;\\;<a name='x';![;`
最后更新：2024年9月1日;\ufeff;\0;\u2028;| stray |;|;|--|""".replace("\n", ";").split(";")
)
blocks = tables() | items() | headings | st.lists(odd_lines | st.just(""), min_size=1, max_size=3) | st.just([""])
endings = st.sampled_from([["\n"], ["\r\n"], ["\n", "\r\n"], ["\r"], ["\n", "\r"]])


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Draw a list with anything that lists hold, and much that they should not."""
    lines = [line for block in draw(st.lists(blocks, min_size=1, max_size=9)) for line in block]
    choice = draw(endings)
    text = "".join(line + choice[i % len(choice)] for i, line in enumerate(lines))
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + text.encode()


@settings(deadline=None, max_examples=examples(CASES))
@given(st.binary(max_size=200) | documents())
@example(b"")
@example(b"\xef\xbb\xbf")
def test_reading_never_fails(source: bytes) -> None:
    """Every input is understood as far as it goes; only bytes that are not UTF-8 are refused."""
    try:
        document = parse(source)
    except ListFormatError:
        assert source.decode(errors="ignore").encode() != source
        return
    assert document.source == source
    for entry in document.entries:
        assert document.text(entry.span).rstrip("\r\n") == entry.raw
        assert source[: entry.span.start].endswith((b"\n", b"\r")) or entry.span.start == 0
        assert entry.raw.startswith(entry.prefix)
    starts = [entry.span.start for entry in document.entries]
    assert starts == sorted(set(starts))


def added(document: Document, wanted: list[tuple[str, str, tuple[str, ...], bool]]) -> bool:
    """Add papers and check all that must hold; tell whether they were added."""
    additions = [addition(id, title, path, create=create) for id, title, path, create in wanted]
    try:
        edit = add_entries(document, additions, TODAY)
    except ListFormatError:
        return False
    assert undone(edit) == document.source
    now = parse(edit.after)
    rows = [entry.raw.encode() for entry in now.entries]
    for inserted in edit.entries:
        rows.remove(inserted.row)
    assert rows == [entry.raw.encode() for entry in document.entries]
    linked = {entry.raw.encode(): entry.arxiv_ids for entry in now.entries}
    assert all(inserted.id in linked[inserted.row] for inserted in edit.entries)
    grown = growth(document, edit.after)
    assert grown is not None
    assert grown.lines == len(edit.after.splitlines()) - len(edit.before.splitlines())
    return True


@settings(deadline=None, max_examples=examples(CASES))
@given(documents(), st.data())
def test_adding_is_lossless_or_refused(source: bytes, data: st.DataObject) -> None:
    """New entries can be taken out again byte for byte, and are all that the list gained; or nothing is changed."""
    document = parse(source)
    paths = [s.path for s in document.sections] or [("A",)]
    wanted = data.draw(
        st.lists(
            st.tuples(ids, st.sampled_from(HOSTILE) | texts, st.sampled_from([*paths, ("Unsorted",)]), st.booleans()),
            min_size=1,
            max_size=3,
            unique_by=lambda w: w[0],
        )
    )
    added(document, wanted)


@settings(deadline=None, max_examples=examples(150))
@given(tables(), st.sampled_from(HOSTILE) | texts)
def test_ordinary_tables_take_any_title(table: list[str], title: str) -> None:
    """An outermost table takes a paper of any title that shows: one more row, with a cell for each column."""
    table = [line.lstrip("> \t-1.") if i < 2 else "|ok|" for i, line in enumerate(table)]
    head = ["|" + "|".join(["Paper"] * 3) + "|", "|--|:-:|--|"]
    document = parse("\n".join(["# A", "", *head, *table[2:], "", "## B", ""]).encode())
    assert added(document, [("2401.00001", title, ("A",), False)]) == bool(titles.display(title))
