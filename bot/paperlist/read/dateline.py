"""The line that says when a list was last updated: found in its many spellings, rewritten in its own."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.paperlist.read import dates

_LABEL = re.compile(
    r"(?:last|latest|recent(?:ly)?)(?:[ \-_]|%20)*(?:updated?|modified|edited)|(?<=/badge/)updated?[^-/()]{0,9}(?=-)"
    r"|updated(?: on| at)?"
    r"|update (?:date|time)|(?:last|latest)(?: |%20|_)(?:addition|paper added)"
    r"|(?:最后|最近|最新)?更新(?:时间|日期|于)?",
    re.IGNORECASE,
)
_LONGEST = 20_000
"""Bytes of the longest line that is looked at."""
_BETWEEN = re.compile(r"[\s:：*_`\-–—|()\[\]~]{0,12}(?:on|at|in|is)?[\s:：*_`]{0,6}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DateLine:
    """Where the date stands and what it says.

    `start` and `end` bound the date alone, in bytes; `text` is its whole line without the line ending. `date` has
    day 1 when the line names a month only.
    """

    line: int
    start: int
    end: int
    text: str
    date: dt.date
    written: str
    form: str

    def rewritten(self, today: dt.date) -> str:
        """Return `today` spelled as the line spells its date."""
        return dates.write(self.form, today)

    def could_say(self, text: str) -> bool:
        """Whether a text is a date and nothing else, in a form that is looked for."""
        found = dates.UPDATED.fullmatch(text)
        return found is not None and dates.read(found).date is not None


def find_date_lines(
    source: bytes, line_starts: Sequence[int], opaque: Sequence[tuple[int, int]] = ()
) -> Iterator[DateLine]:
    """Yield the lines that say when the list was last updated.

    `opaque` are byte ranges in document order that are not the list's own words, such as code.
    """
    ends = [*line_starts[1:], len(source)]
    opens = [start for start, _ in opaque]
    for number, (start, end) in enumerate(zip(line_starts, ends, strict=True), 1):
        before = bisect_right(opens, start) - 1
        if (before >= 0 and start < opaque[before][1]) or end - start > _LONGEST:
            continue
        text = source[start:end].decode().rstrip("\r\n")
        if found := _dated(text):
            when, first, last = found
            at, written = start + len(text[:first].encode()), text[first:last]
            if day := when.date:
                may = "may" in written.lower()  # it tells nothing; what stands in a line of its own is written out
                form = re.sub(r"\{b\}(?!\.)", "{B}", when.form) if may else when.form
                yield DateLine(number, at, at + len(written.encode()), text, day, written, form)


def _dated(text: str) -> tuple[dates.When, int, int] | None:
    """Return the date that follows a label in a line, and where it stands (str offsets)."""
    for label in _LABEL.finditer(text):
        between = _BETWEEN.match(text, label.end())
        found = dates.UPDATED.match(text, between.end() if between else label.end())
        if found and (when := dates.read(found)).date:
            return when, *found.span()
    return None
