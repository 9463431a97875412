"""The pages before and after an edit, rendered by cmark-gfm, GitHub's own parser."""

from __future__ import annotations

import re
from itertools import takewhile

import cmarkgfm
from cmarkgfm.cmark import Options

from bot.paperlist.proof import Edit

_CELL = re.compile(r"<t[dh]\b")
_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)


def lines(source: bytes) -> list[str]:
    """Return the rendered page: a line for each row, item and paragraph."""
    page: str = cmarkgfm.github_flavored_markdown_to_html(source.decode(), Options.CMARK_OPT_UNSAFE)
    return _ROW.sub(lambda row: row[0].replace("\n", " "), page).split("\n")


class Pages:
    """Compares the pages of edits, and renders the page before several edits of one list only once."""

    def __init__(self) -> None:
        self._before: tuple[bytes, list[str]] = b"", []

    def trouble(self, edit: Edit) -> str | None:
        """Return what an edit that adds one entry changes beside it, None when nothing.

        Every line of the page but the date must stay, and the new ones stand together; a new row of a table is one,
        with as many cells as the row above it.
        """
        old, new = self._dated(edit), lines(edit.after)
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))))
        rest = list(zip(reversed(old[same:]), reversed(new[same:]), strict=False))
        if len(list(takewhile(lambda pair: pair[0] == pair[1], rest))) < len(old) - same:
            return f"the rendered page is another around {old[same : same + 1]}"
        added = new[same : same + len(new) - len(old)]
        if not any(entry.id in line for line in added for entry in edit.entries):
            return "the rendered entry does not show its paper"
        rows = [line for line in added if line.startswith("<tr")]
        above = next((line for line in reversed(new[:same]) if line.startswith("<tr")), "")
        if not rows or (len(rows) == 1 and len(_CELL.findall(rows[0])) == len(_CELL.findall(above))):
            return None
        return f"the rendered page has {len(rows)} more rows: {rows[0]}"

    def _dated(self, edit: Edit) -> list[str]:
        """Return the page before an edit, with the new date."""
        source = edit.before
        for splice in reversed(edit.splices):
            if splice.start < splice.end:
                source = source[: splice.start] + splice.data + source[splice.end :]
        if self._before[0] != source:
            self._before = source, lines(source)
        return self._before[1]
