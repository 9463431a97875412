"""Escaped text shows as that very text, and as nothing else, wherever a list or a message puts it."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pyromark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.paperlist.write import escape
from tests import examples

_GITHUB = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_MATH
)
_MARKDOWN_IT = MarkdownIt("commonmark").enable(["table", "strikethrough"])
RENDERERS = {
    "pyromark": lambda markdown: pyromark.html(markdown, options=_GITHUB),
    "markdown-it": _MARKDOWN_IT.render,
}
PLACES = {
    "table cell": ("|a|b|\n|-|-|\n|{}|end|\n", "table thead tr th th tbody tr td td"),
    "link in a cell": ("|a|b|\n|-|-|\n|[{}](https://example.org)|end|\n", "table thead tr th th tbody tr td a td"),
    "last cell, no pipe": ("a|b\n-|-\nend|**x**{}\n", "table thead tr th th tbody tr td td strong"),
    "paragraph": ("so {} end\n", "p"),
    "bold link": ("**[{}](https://example.org)**\n", "p strong a"),
}
HOSTILE = [
    "a|b||c",
    "two\nlines\r\nand\u2028more\x85",
    "](https://example.com) [x](y",
    "<script>alert(1)</script>",
    "<!-- hidden --> -->",
    "```sh\nrm\n```",
    "~~~\ngone ~~struck~~",
    "@everyone fixes #1, GH-2",
    "\u202egnp.exe\u202c",
    "$a$ and $b$, $$c$$, $`d`$",
    ":smile: a:b:c",
    "&lt;b&gt; &amp; &#35; &copy",
    "ends with a backslash \\",
    "\\| \\\\| \\\\\\| \\",
    "lone [ and ]( and ![image](x) and [^1] and [ ] task",
    "*bold* **b** _i_ __b__ snake_case_name _x",
    "https://example.com www.example.com ftp://example.com mailto:x",
    "1. # > - + = \t |--|--|",
    "| a |\n|--|\n| b |",
    "[text]: https://example.com 'x'",
    "x" * 4000,
    "|" * 300 + "\\" * 301,
    "",
]
pieces = st.sampled_from(
    [*HOSTILE[:-3], *"\\`*_{}[]()<>#+-.!|~$&:;@\"'^=/ \n", "a", "1", "é", "&lt;", "http://", "www."]
)
texts = st.lists(pieces | st.text(max_size=6), max_size=12).map("".join) | st.text(max_size=40)


class _Shown(HTMLParser):
    """The elements of some HTML, in order, and the text in them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag in ("td", "th"):
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data

    def handle_comment(self, data: str) -> None:
        self.elements.append("comment")


def shown(renderer: str, markdown: str) -> tuple[str, list[str]]:
    """Return the elements that Markdown renders to, and the text of each cell (of the paragraph if there is none)."""
    parser = _Shown()
    parser.feed(RENDERERS[renderer](markdown))
    parser.close()
    return " ".join(parser.elements), [" ".join(text.split()) for text in parser.texts if text.strip()]


def check(text: str) -> None:
    """Assert that a text, escaped, shows as itself in every place under every renderer."""
    text = text.replace("\0", "")  # U+FFFD under CommonMark; titles never hold it
    folded = " ".join(text.split())
    for template, elements in PLACES.values():
        for renderer in RENDERERS:
            literal, _ = template.replace("**", "").replace("[{}](https://example.org)", "{}"), None
            wanted = [w for w in _literal_cells(literal, folded) if w]
            assert shown(renderer, template.replace("{}", escape.inline(text))) == (elements, wanted), renderer


def _literal_cells(template: str, text: str) -> list[str]:
    if "\n" not in template[:-1]:
        return [" ".join(template.replace("{}", text).split())]
    rows = [line.strip("|").split("|") for line in template.splitlines()]
    return [" ".join(cell.replace("{}", text).split()) for cell in rows[0] + rows[2]]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:24]))
def test_hostile_text_shows_literally(text: str) -> None:
    """No known trick gets out of a cell, a link's words or a paragraph."""
    check(text)


@settings(deadline=None, max_examples=examples(150))
@given(texts)
def test_any_text_shows_literally(text: str) -> None:
    """Any text shows as itself in cells, links and paragraphs, under two independent renderers."""
    check(text)


@settings(deadline=None, max_examples=examples(150))
@given(texts)
def test_any_text_may_begin_a_line(text: str) -> None:
    """With its beginning escaped as well, text opens no block and underlines no line above it."""
    folded = " ".join(text.replace("\0", "").split())
    if not folded:
        return
    markdown = escape.start_of_line(escape.inline(folded))
    for renderer in RENDERERS:
        assert shown(renderer, markdown + "\n") == ("p", [folded])
        assert shown(renderer, f"above\n{markdown}\n") == ("p", [f"above {folded}"])


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("FlashAttention-2: Fast & Exact (v2)!", "FlashAttention-2: Fast & Exact (v2)!"),
        ("C++ #1 + snake_case = 50%", "C++ #1 + snake_case = 50%"),
        ("a < b > c", r"a \< b > c"),
        ("R&D; &amp;", "R&amp;D; &amp;amp;"),
        ("at $5", r"at \$5"),
        (":fire: x", r"\:fire: x"),
    ],
)
def test_ordinary_text_stays(text: str, markdown: str) -> None:
    """Only what Markdown or GitHub would act upon is escaped."""
    assert escape.inline(text) == markdown


@pytest.mark.parametrize(
    ("line", "escaped"),
    [("# x", r"\# x"), ("12. x", r"12\. x"), ("123456789) x", r"123456789\) x"), ("- x", r"\- x"), ("2x", "2x")],
)
def test_start_of_line(line: str, escaped: str) -> None:
    """What makes a block at the beginning of a line is escaped, all else stays."""
    assert escape.start_of_line(line) == escaped


@settings(deadline=None, max_examples=examples(150))
@given(texts | st.text(st.characters()))
def test_any_address_stays_one_address(path: str) -> None:
    """An address ends neither its link nor its cell, and still leads to the same place."""
    url = escape.address(f"https://example.org/{path}")
    assert not set(url) & set(' ()<>[]|\\`"\n\r')
    if path.isascii() and "%" not in path:
        assert unquote(url) == f"https://example.org/{path}"
    assert urlsplit(url).netloc == "example.org"
    assert shown("markdown-it", f"|a|b|\n|-|-|\n|[x]({url})|end|\n")[0] == PLACES["link in a cell"][1]
