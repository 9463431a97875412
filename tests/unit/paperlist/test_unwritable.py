"""Where nothing can be written alike, the refusal says what stands there, in which line, and what to do."""

from __future__ import annotations

import pytest

from bot.errors import ListFormatError
from bot.paperlist.read.document import parse
from bot.paperlist.read.unwritable import found_instead
from tests.unit.paperlist import add_one

HEAD = "# L\n\n## A\n\n- [Owls at Night](https://arxiv.org/abs/2401.00001)\n\n## B\n\nWords.\n\n"
FORMS = {
    "- [Cats][cats]\n\n[cats]: https://arxiv.org/abs/2401.00002\n": "links by reference",
    "> - [Cats](https://arxiv.org/abs/2401.00002)\n": "links inside a block quote",
    "<ul><li><a href='https://arxiv.org/abs/2401.00002'>Cats</a></li></ul>\n": "items of an HTML list",
    "| Speed | Size |\n|--|--|\n| 1 | 2 |\n": "rows of a table without links",
    "- [Our cats](https://example.org)\n": "links that lead to no papers",
}


@pytest.mark.parametrize(("text", "what"), FORMS.items())
def test_what_stands_there(text: str, what: str) -> None:
    """The line of the first such text is told, and its kind; a comment and code that look alike are passed over."""
    hidden = "<!-- <li> | a | b | -->\n\n```\n> [x](https://example.org)\n```\n\n"
    for above, line in (("", 11), (hidden, 17)):
        with pytest.raises(ListFormatError, match=f"section 'B' has no entries .*: here are {what}") as refused:
            add_one(parse((HEAD + above + text + "\n## C\n").encode()), "Hogs", ["L", "B"])
        assert refused.value.line == line


@pytest.mark.parametrize(
    "words",
    ["Words.", "See [our page](https://example.org).", "[![Awesome](https://awesome.re/b.svg)](https://awesome.re)"],
)
def test_nothing_like_entries(words: str) -> None:
    """Words look like no entries, with links or badges in them, and an entry goes below them."""
    assert found_instead(parse(f"# L\n\n{words}\n".encode())) is None
    edit = add_one(parse(f"{HEAD}{words}\n\n---\n\n## C\n".encode()), "Hogs", ["L", "B"])
    assert f"Words.\n\n{words}\n\n- [Hogs](https://arxiv.org/abs/2511.00007)\n\n---\n\n## C\n" in edit.after.decode()
