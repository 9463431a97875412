"""Titles and authors meant to do harm stay one entry and show as themselves, in every format that is written."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv import titles
from bot.errors import ListFormatError
from bot.model import Paper
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import Document, parse
from tests import QUICK, examples
from tests.unit.paperlist import TODAY
from tests.unit.paperlist.test_escape import HOSTILE, RENDERERS, shown, texts

PLAIN = "Plain Words"
WORDS = ("Amber", "Basalt", "Cedar", "Dune")


def _list(entry: str, head: str = "", foot: str = "", gap: str = "\n") -> str:
    """Return a list of four entries; `{w}` is a word of the title, `{i}` the last digit of the id, `{n}` a count."""
    rows = [entry.format(w=f"{w} Serving of Models", i=i, n=i, a=f"Ann {w}, Bo {w}") for i, w in enumerate(WORDS, 1)]
    return f"# Papers\n\nWords.\n\n## Serving\n\n{head}{gap.join(rows)}\n{foot}"


_LINK = "[{w}](https://arxiv.org/abs/2401.0000{i})"
FORMATS = {
    "outer pipes": _list(f"| 2024-01 | {_LINK} |", "| Date | Paper |\n|---|---|\n"),
    "no outer pipes": _list(f"2024-01 | {_LINK}", "Date | Paper\n--- | ---\n"),
    "plain title first": _list(
        "{w} | [link](https://arxiv.org/abs/2401.0000{i})", "Title | Link\n--- | ---\n"
    ),
    "title in bold": _list(
        "| **{w}** | [arXiv](https://arxiv.org/abs/2401.0000{i}) |", "| Title | Link |\n|---|---|\n"
    ),
    "authors in a table": _list(
        f"| {_LINK} | {{a}} | 2024 |", "| Paper | Authors | Year |\n|---|---|---|\n"
    ),
    "bullets": _list(f"- {_LINK}"),
    "stars, title first": _list("* {w}. [[paper]](https://arxiv.org/abs/2401.0000{i})"),
    "bold title, authors": _list("- **{w}**, {a}, 2024. [[pdf]](https://arxiv.org/pdf/2401.0000{i})"),
    "italic title": _list("- *{w}* [[pdf]](https://arxiv.org/pdf/2401.0000{i})"),
    "quoted title": _list('- {a}. "{w}" [[pdf]](https://arxiv.org/pdf/2401.0000{i})'),
    "nested bullets": _list("  - [{w}](https://arxiv.org/abs/2401.0000{i})", "- Fast\n"),
    "nested lines": _list("- {w}\n  - {a}\n  - [paper](https://arxiv.org/abs/2401.0000{i})"),
    "numbered": _list(f"{{n}}. {_LINK}"),
    "numbered title first": _list("{n}. {w}, [paper](https://arxiv.org/abs/2401.0000{i})"),
    "paragraphs": _list(f"**{_LINK}**\\\n{{a}}, 2024", gap="\n\n"),
    "title on its own line": _list("{w}  \n{a}  \n[paper](https://arxiv.org/abs/2401.0000{i})", gap="\n\n"),
    "linked headings": _list(f"### {_LINK}\n\n- {{a}}", gap="\n\n"),
    "headings, link below": _list("### {w}\n\n*{a}*\n\n[Paper](https://arxiv.org/abs/2401.0000{i})", gap="\n\n"),
    "HTML items": _list('<li><a href="https://arxiv.org/abs/2401.0000{i}">{w}</a>, 2024</li>', "<ul>\n", "</ul>\n"),
    "HTML rows": _list(
        '<tr>\n<td><a href="https://arxiv.org/abs/2401.0000{i}">{w}</a></td>\n<td>2024</td>\n</tr>',
        "<table>\n<tr><th>Paper</th><th>Year</th></tr>\n",
        "</table>\n",
    ),
}  # fmt: skip
BEGINNINGS = [
    "- a",
    "+ a",
    "* a",
    "1. a",
    "12) a",
    "# a",
    "> a",
    "===",
    "---",
    "___",
    "=",
    ": a",
    "[ ] task",
    "[x] done",
    "    four spaces",
    "[^1]: note",
    "[a]: b",
    "<!-- a",
    "-->",
    "</td></tr></table><b>",
    "&nbsp;",
    "\ufeffa",
    "a\x00b\x07c\u200bd",
    "```",
    "~~~",
    "2024. a year",
    "a <br> b",
    "a\\",
    "**",
    "a*b*c_d_e",
    "`a",
    "[[a]](b)",
    "a](https://example.org/b)",
    "a@b.example",
    "http://a.example",
    "www.a.example",
    ":+1:",
    "$x$",
    "#123",
    "@everyone",
    "| - | - |",
    "[!NOTE]",
    "{w}",
    "%s \\1 \\g<0>",
]
FAINT = [
    *("|||", "[]", "<b>", "`", "*", "***", "0", "5.", "2024", "x", "A", "∞", "$\\omega$", "?!", "注意"),
    *("paper", "Code", "PDF", "Project page", "2401.00001", "arXiv:2401.00001 again"),
    *(
        "](https://arxiv.org/abs/2401.00001)",
        "a](https://arxiv.org/abs/2401.00001) b",
        "See https://arxiv.org/abs/2401.00001",
    ),
]
"""Titles that hardly read like one."""
ALONE = [text for text in (*HOSTILE, *BEGINNINGS, *FAINT) if text]
TITLES = [*ALONE, *(f"{text} and the words after it" for text in (*HOSTILE, *BEGINNINGS))]
EVERY = 10 if QUICK else 1
"""`make quick` tries every tenth title in each format, in turn."""


@cache
def list_in(form: str) -> Document:
    """Return the list in a format, without the paper."""
    return parse(FORMATS[form].encode())


def written(form: str, title: str, *authors: str) -> str:
    """Return a list with one paper added."""
    document = list_in(form)
    paper = Paper("2511.00007", title, authors=authors)
    edit = add_entries(document, [Addition(paper, ("Serving",))], TODAY)
    added = parse(edit.after)
    assert len(added.entries) == len(document.entries) + 1
    assert sum("2511.00007" in entry.arxiv_ids for entry in added.entries) == 1
    return edit.after.decode()


@cache
def plain(form: str, renderer: str) -> tuple[str, list[str]]:
    """Return what a list with a plain paper shows."""
    return shown(renderer, written(form, PLAIN, "Plain Author", "Cy Last"))


def check(form: str, title: str, author: str = "Plain Author") -> None:
    """Assert that a list with this paper shows what it shows with a plain one, but for the words themselves."""
    hostile = written(form, title, author, "Cy Last")
    for renderer in RENDERERS:
        elements, told = plain(form, renderer)
        words = [t.replace(PLAIN, titles.display(title)).replace("Plain Author", titles.display(author)) for t in told]
        assert shown(renderer, hostile) == (elements, words), (renderer, hostile)


@pytest.mark.parametrize("form", FORMATS)
def test_title_shows_as_itself(form: str) -> None:
    """Each hostile title is one entry of the same shape as a plain one, and shows as typed."""
    for title in TITLES[list(FORMATS).index(form) % EVERY :: EVERY]:
        check(form, title)


ESCAPED = [
    *("[Re] Owls at Sea", "*Owls* by Night", "<b>Owls</b> at Dawn", "_Owls_ in Trees", "Owls and More*"),
    *("[Owls] in Town", "**Owls** by Day", "<i>Owls</i> at Noon", "`Owls` in Code", "Big Owls~"),
]
ORDINARY = ["<img src=x> of Owls", "Plain Words Again"]


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_learned_of_escapes(form: str) -> None:
    """A list of escaped titles alone teaches no escape: what is added to it then shows as typed."""
    document = parse(FORMATS[form].encode())
    for number, title in enumerate([*ESCAPED, *ORDINARY], 10):
        paper = Paper(f"2511.000{number}", title, ("Ann Cy", "Bo Li"))
        document = add_entries(document, [Addition(paper, ("Serving",))], TODAY).now
    for renderer in RENDERERS:
        elements, told = shown(renderer, document.source.decode())
        text = "".join(told)
        assert "img" not in elements
        assert "\\" not in text
        assert all(title in text for title in (*ESCAPED, *ORDINARY)), (renderer, text)


@pytest.mark.parametrize("form", [form for form, text in FORMATS.items() if "Ann Amber" in text])
def test_authors_show_as_themselves(form: str) -> None:
    """Where authors are written, a hostile name shows as typed."""
    for name in TITLES[list(FORMATS).index(form) % EVERY :: EVERY]:
        check(form, PLAIN, name)


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None, max_examples=examples(15))
@given(title=texts, author=st.just("Plain Author") | texts)
def test_any_title(form: str, title: str, author: str) -> None:
    """Whatever the title and the name are, they show as themselves; only a title of nothing that shows is refused."""
    if not titles.display(author):
        author = "Plain Author"
    if titles.display(title):
        check(form, title, author)
    else:
        with pytest.raises(ListFormatError, match=r"^list: 2511\.00007 has no title to write; nothing was changed$"):
            written(form, title)


def test_entry_that_would_not_be_read_is_named() -> None:
    """A paper whose entry only old ones beside it would tell to be one is refused where there are none."""
    document = parse(b"# Papers\n\n## Fast\n\n- [Serving of Models](https://arxiv.org/abs/2401.00001)\n\n## Slow\n")
    with pytest.raises(
        ListFormatError, match=r"2511\.00007, written like its neighbours, would not be read as an entry"
    ):
        add_entries(document, [Addition(Paper("2511.00007", "==="), ("Slow",))], TODAY)
