"""What a list is understood as: sections, entries, their titles, links and ids."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

import pytest

from bot.errors import ListFormatError
from bot.paperlist.edit import place_of
from bot.paperlist.read.document import bare_title, parse
from bot.paperlist.read.inline import slug
from bot.paperlist.write.table_style import split_row
from tests.unit.paperlist import add_one

LIST = parse(
    b"""| Stray | Table |
|-|-|
| [A Paper Before All](https://arxiv.org/abs/2401.00001) |

# L
- [A](#a)
## A
| No | Code | Title | Links |
|---|---|---|---|
| 1 | [Code](https://ex.org/a) | **A Title** | [PDF](https://arxiv.org/pdf/2401.00002) [1](https://e.org) |
| 2 | [Repo](https://github.com/ex/b) | `code` *in* title | |
| 3 |

## A
## B
### A
|Paper|
|--|
|[Nested Title](https://arxiv.org/abs/math.GT/0309136)|
"""
)


def test_bytes_that_are_not_utf8() -> None:
    """A list in another encoding is refused with the line and the byte."""
    with pytest.raises(ListFormatError, match="byte 0xe9 is not UTF-8") as refused:
        parse(b"\xef\xbb\xbfa\nb\ncaf\xe9\n", "l.md")
    assert (refused.value.path, refused.value.line) == ("l.md", 3)


def test_sections() -> None:
    """Every heading is a section under its path; tables before the first belong to one without."""
    assert [(s.path, s.level, s.line, len(s.entries)) for s in LIST.sections] == [
        ((), 0, 1, 1),
        (("L",), 1, 5, 0),
        (("L", "A"), 2, 7, 3),
        (("L", "A"), 2, 14, 0),
        (("L", "B"), 2, 15, 0),
        (("L", "B", "A"), 3, 16, 1),
    ]


def test_entries() -> None:
    """An entry's title comes from the title's column, links and ids from the whole row, cells are those written."""
    assert [(e.line, e.title, e.arxiv_ids, len(e.cells)) for e in LIST.entries] == [
        (3, "A Paper Before All", ("2401.00001",), 1),
        (10, "A Title", ("2401.00002",), 4),
        (11, "code in title", (), 4),
        (12, "3", (), 1),
        (19, "Nested Title", ("math/0309136",), 1),
    ]
    assert LIST.entries[1].urls == (
        "https://ex.org/a",
        "https://arxiv.org/pdf/2401.00002",
        "https://e.org",
    )


def test_contents() -> None:
    """Links to headings are the contents."""
    assert [(item.text, item.fragment) for item in LIST.contents] == [("A", "a")]


@pytest.mark.parametrize(
    ("after", "path"),
    [
        ("", ["(no heading)"]),
        ("\n## License\n\nMIT.\n", ["(no heading)"]),
        ("\n## More\n\n- [Owls](https://arxiv.org/abs/2401.00002)\n", []),
    ],
)
def test_entries_above_the_first_heading(after: str, path: list[str]) -> None:
    """They are a section, which bears a name where no heading of the list has entries."""
    found = parse(f"- [Caches](https://arxiv.org/abs/2401.00001)\n{after}".encode()).sections[0]
    assert (list(found.path), found.level, found.line, len(found.entries)) == (path, 0, 1, 1)


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (("L", "a "), 7),
        (("B", "A"), 16),
        (("l", "b", "a"), 16),
        (("A",), None),
        (("X", "L", "A"), None),
        (("B",), 15),
        ((), 1),
    ],
)
def test_section_by_path(wanted: tuple[str, ...], line: int | None) -> None:
    """A path or its end finds the one section that is meant, one with a table first; several are none."""
    section = LIST.section(wanted)
    assert (section and section.line) == line


@pytest.mark.parametrize(
    ("source", "newline"),
    [(b"", b"\n"), (b"a\nb\r\n", b"\n"), (b"a\r\nb\r\nc\n", b"\r\n"), (b"a\rb\rc\n", b"\r"), (b"a\r\n", b"\r\n")],
)
def test_newline(source: bytes, newline: bytes) -> None:
    """The line ending is the commonest, LF where two are."""
    assert parse(source).newline == newline


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("[2407.12391] Title (arxiv.org)", "Title"),
        ("[arXiv: 2407.12391v2] Title", "Title"),
        ("[math.GT/0309136] Title (www.arxiv.org) ", "Title"),
        ("Title [draft]", "Title [draft]"),
    ],
)
def test_bare_title(text: str, bare: str) -> None:
    """The tags that lists put around a title are taken off."""
    assert bare_title(text) == bare


@pytest.mark.parametrize(
    ("raw", "cut"),
    [
        ("|a|b|", (True, ("a", "b"), True)),
        (" a | b ", (False, ("a ", " b"), False)),
        ("|a|b", (True, ("a", "b"), False)),
        ("a||", (False, ("a", ""), True)),
        ("||", (True, ("",), True)),
        ("", (False, ("",), False)),
        ("a\\|b|`c\\|d`", (False, ("a\\|b", "`c\\|d`"), False)),
    ],
)
def test_split_row(raw: str, cut: tuple[bool, tuple[str, ...], bool]) -> None:
    """A row is cut at its pipes, escaped ones aside, and says whether it has them at its ends."""
    assert split_row(raw) == cut


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("KV Cache & Memory", "kv-cache--memory"),
        ("🔥 News (2024)", "-news-2024"),
        ("C++/CUDA: what's_new?", "ccuda-whats_new"),
        ("Über e\u0301tude 论文", "über-e\u0301tude-论文"),
    ],
)
def test_slug(heading: str, anchor: str) -> None:
    """Anchors are GitHub's."""
    assert slug(heading) == anchor


def test_place_of_new_section() -> None:
    """A section that is not there will stand beside the last of the outermost sections with tables."""
    assert place_of(LIST, "Unsorted") == ("L", "Unsorted")
    assert place_of(LIST, "B") == ("L", "B")


@pytest.mark.parametrize(
    "block", ["# A{}\n|Paper|\n|--|\n|[P](https://arxiv.org/abs/2401.00001)|\n\n", "- [A{}](#a{})\n"]
)
def test_linear_cost(block: str) -> None:
    """Four times the sections or contents take about four times the time, not sixteen."""

    def cost(count: int) -> float:
        source = "".join(block.replace("{}", str(i)) for i in range(count)) + "# Z\n|Paper|\n|--|\n"
        started = process_time()
        add_one(parse(source.encode()), "Hogs", ["Z"])
        return process_time() - started

    cost(100)
    assert cost(2000) < 10 * max(cost(500), 0.01)


@pytest.mark.parametrize("heading", ["Survey", "survey", "📷 Survey", "[Survey](#top)"])
def test_a_section_is_found_by_its_words(heading: str) -> None:
    """A heading is found without its emoji and markup, unless another one is exactly alike."""
    document = parse(b"# P\n\n## \xf0\x9f\x93\xb7 [Survey](#top)\n- [A paper](https://arxiv.org/abs/2401.00001)\n")
    found = document.section((heading,))
    assert found is not None
    assert found.path[-1] == "📷 Survey"


def test_the_same_words_twice_are_no_section() -> None:
    """Of two headings with the same words neither is meant, but the one that is exactly alike is."""
    document = parse("# P\n\n## 📷 Survey\n\n## 🔥 Survey\n".encode())
    assert document.section(("Survey",)) is None
    assert document.section(("🔥 Survey",)) is not None


@pytest.mark.parametrize(
    "body",
    [
        "[Paper](https://arxiv.org/abs/240{n}.00001), [Owls in the Barn](https://arxiv.org/abs/240{n}.00002)",
        "- Owls in the Barn at Night [[paper]](https://arxiv.org/abs/240{n}.00001)",
        "| Paper |\n|---|\n| [Paper](https://arxiv.org/abs/240{n}.00001) |",
        "[Paper](https://arxiv.org/abs/240{n}.00001)\n\n[Paper](https://arxiv.org/abs/240{n}.00002)",
    ],
)
def test_sections_are_no_papers(body: str) -> None:
    """A heading above papers that have titles or rows of their own, or above several, stays a section's."""
    text = "".join(f"## The Owls of Year {n}\n\n{body.format(n=n)}\n\n" for n in (1, 2, 3))
    document = parse(f"# Owls\n\n{text}".encode())
    assert [s.path[-1] for s in document.sections] == ["Owls", *(f"The Owls of Year {n}" for n in (1, 2, 3))]


def test_headings_with_links_below_are_papers() -> None:
    """A heading for each paper, a labelled link below it: the headings are titles, the others stay sections'."""
    papers = "".join(
        f"### The Owls of Year {n}\n\n*Ann Amber*\n\n[Paper](https://arxiv.org/abs/240{n}.00001)\n\n" for n in (1, 2, 3)
    )
    document = parse(f"# Owls\n\n## Barns\n\n{papers}## License\n\nMIT.\n".encode())
    assert [s.path[-1] for s in document.sections] == ["Owls", "Barns", "License"]
    assert [e.title for e in document.entries] == [f"The Owls of Year {n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# A\n\n<!-- This file is AUTOGENERATED -->\n", 3),
        ("x <!--\nDo not edit: made by make\n-->\n", 1),
        ("# A\n\nThis file is generated by a script, do not edit it.\n", 3),
        ("# A\r\n\r\nPlease do NOT change this: it is Generated.\r\n", 3),
        ("do not edit\ngenerated\n", None),
        ("<!-- a note --> generated by hand\n", None),
        ("generated" + " " * 600 + "do not edit\n", None),
        ("# Generated Images\n\nWe do not generate.\n", None),
    ],
)
def test_generated_lists_say_so(text: str, line: int | None) -> None:
    """A list that says in a comment or in one line that a program makes it is known as such."""
    assert parse(text.encode()).generated() == line


def test_html_rows_on_both_sides_of_a_table() -> None:
    """Rows of HTML before and after a pipe table are groups of their own, so that entries come in document order."""
    row = "<tr><td>A Title of {0}</td><td><a href='https://arxiv.org/abs/{0}'>x</a></td></tr>\n\n"
    table = "|Paper|\n|--|\n|[Another Title](https://arxiv.org/abs/2401.00002)|\n\n"
    section = parse(f"# A\n\n{row.format('2401.00001')}{table}{row.format('2401.00003')}".encode()).sections[0]
    assert [e.arxiv_ids[0] for e in section.entries] == ["2401.00001", "2401.00002", "2401.00003"]
    assert len(section.groups) == 3


LINKED = "https://arxiv.org/abs/2401.00001"


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (f"| Title | Code |\n|-|-|\n| **Surveys** | |\n| [A Paper]({LINKED}) | - |\n| _Others_ |\n", ["A Paper"]),
        ("| Title | Code |\n|-|-|\n| **A Bold Paper** | |\n| _Another One_ | |\n", ["A Bold Paper", "Another One"]),
        ("| Method | Score |\n|-|-|\n| Ours | 74.2 |\n| Theirs | 70.1 |\n", []),
        ("| 方法 | 基于论文的优势 |\n|-|-|\n| 内核效率 | 高 |\n", []),
        ("| No | Paper |\n|-|-|\n| 1 | A Paper Without a Link |\n", ["A Paper Without a Link"]),
        (f"- Times of relaxation (see [A Review]({LINKED}))\n", []),
        (f"- [A Paper]({LINKED}) (see [its sequel](https://arxiv.org/abs/2401.00002))\n", ["A Paper"]),
        ("[Slides.pdf](https://github.com/ex/x/releases/slides.pdf.zip): an introduction.\n", []),
        (f"**A Paper**\n\n- Hompage: https://ex.org\n- Paper: {LINKED}\n- Code: https://ex.org/c\n", ["A Paper"]),
    ],
)
def test_what_is_no_entry(text: str, titles: list[str]) -> None:
    """Rows that head others, tables of figures, references in brackets and details are no entries; papers are."""
    assert [e.title for e in parse(f"# L\n\n{text}".encode()).entries] == titles


def test_a_row_among_the_details_of_a_paper_is_no_entry() -> None:
    """Entries never overlap: a row of HTML under a paper's own heading belongs to that paper."""
    row = "<tr><td>A Title of 2401.00003</td><td><a href='https://arxiv.org/abs/2401.00003'>x</a></td></tr>"
    paper = "### [A Title of 2401.0000{0}](https://arxiv.org/abs/2401.0000{0})\n\nBy Ada Barn.\n\n---\n\n"
    text = paper.format(1) + row + "\n" + paper.format(2) + paper.format(4)
    entries = parse(text.encode()).entries
    assert all(a.span.end <= b.span.start for a, b in pairwise(entries))
    assert "2401.00003" in entries[0].raw


def test_quoted_papers_do_not_overlap() -> None:
    """Of papers with headings inside a quote each begins on its own line, quote mark included."""
    paper = "> ### [A Title of 2401.0000{0}](https://arxiv.org/abs/2401.0000{0})\n> \n> By Ada Barn.\n> \n> ---\n> \n"
    item = "- [A Title of 2401.00009](https://arxiv.org/abs/2401.00009)\n"
    entries = parse((item + paper.format(1) + item + paper.format(2)).encode()).entries
    assert all(a.span.end <= b.span.start for a, b in pairwise(entries))


def test_a_table_under_a_papers_heading_keeps_its_rows() -> None:
    """A paper with a heading of its own, in a quote too, ends where a table begins."""
    item = "> - [A Title of 2401.00009](https://arxiv.org/abs/2401.00009)\n"
    paper = "> ### [A Title of 2401.00001](https://arxiv.org/abs/2401.00001)\n> \n> By Ada Barn.\n> \n> ---\n> \n"
    table = "| Paper |\n| -- |\n| [A Title of 2401.00002](https://arxiv.org/abs/2401.00002) |\n"
    entries = parse((item * 3 + paper + table + item * 3 + paper).encode()).entries
    assert all(a.span.end <= b.span.start for a, b in pairwise(entries))
    assert any(e.arxiv_ids == ("2401.00002",) for e in entries)


@pytest.mark.parametrize("before", ["- ### ", "- Code: none\n  ### "])
def test_a_heading_in_an_item_opens_nothing(before: str) -> None:
    """A paper's heading inside an item of a list is part of the item: one entry, in the section of the list."""
    one = "{}[A Paper of Number {}](https://arxiv.org/abs/2401.0000{})\n\n  By Ada Barn.\n\n"
    document = parse(f"# L\n\n## S\n\n{''.join(one.format(before, n, n) for n in (1, 2, 3))}".encode())
    (section,) = [section for section in document.sections if section.entries]
    assert section.path == ("L", "S")
    assert [entry.arxiv_ids for entry in section.entries] == [("2401.00001",), ("2401.00002",), ("2401.00003",)]
