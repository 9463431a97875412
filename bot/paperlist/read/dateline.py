"""The line that says when a list was last updated: found in its many spellings, rewritten in its own."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

_LABEL = re.compile(
    r"(?:last|latest|recent(?:ly)?)(?:[ \-_]|%20)*(?:updated?|modified|edited)|(?<=/badge/)updated?(?=-)"
    r"|(?:list|page)?\s*updated(?: on| at)?"
    r"|update (?:date|time)"
    r"|(?:最后|最近|最新)?更新(?:时间|日期|于)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s:：*_`\-–—|()\[\]~]{0,12}(?:on|at|in|is)?[\s:：*_`]{0,6}", re.IGNORECASE)

_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = r"(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?P<long>[a-z]*)(?P<dot>\.?)"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], str]], ...]


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

    def rewritten(self, today: dt.date) -> str:
        """Return `today` spelled as the line spells its date."""
        for pattern, write in _FORMS:
            if match := pattern.fullmatch(self.written):
                return write(match, today)
        raise AssertionError(f"no form for {self.written!r}")  # found by the same forms

    def could_say(self, text: str) -> bool:
        """Tell whether a text is a date and nothing else, in a form that is looked for."""
        found = _date_at(text, 0)
        return found is not None and found[2] == len(text)


def find_date_line(
    source: bytes, line_starts: Sequence[int], opaque: Sequence[tuple[int, int]] = ()
) -> DateLine | None:
    """Return the first line that says when the list was last updated, None if no line does.

    `opaque` are byte ranges in document order that are not the list's own words, such as code.
    """
    ends = [*line_starts[1:], len(source)]
    opens = [start for start, _ in opaque]
    for number, (start, end) in enumerate(zip(line_starts, ends, strict=True), 1):
        before = bisect_right(opens, start) - 1
        if before >= 0 and start < opaque[before][1]:
            continue
        text = source[start:end].decode().rstrip("\r\n")
        if found := _dated(text):
            day, first, last = found
            offset, written = start + len(text[:first].encode()), text[first:last]
            return DateLine(number, offset, offset + len(written.encode()), text, day, written)
    return None


def _dated(text: str) -> tuple[date, int, int] | None:
    """Return the date that follows a label in a line, and where it stands (str offsets)."""
    for label in _LABEL.finditer(text):
        between = _BETWEEN.match(text, label.end())
        if found := _date_at(text, between.end() if between else label.end()):
            return found
    return None


def _date_at(text: str, at: int) -> tuple[date, int, int] | None:
    """Return the date that stands at an offset, and where it stands."""
    for pattern, _ in _FORMS:
        if (match := pattern.match(text, at)) and (day := _date(match)):
            return day, match.start(), match.end()
    return None


def _date(match: re.Match[str]) -> date | None:
    groups = match.groupdict()
    month = groups.get("m")
    number = (
        int(month)
        if month
        else 1 + next(i for i, name in enumerate(_MONTHS) if name[:3].lower() == groups["mon"][:3].lower())
    )
    try:
        return date(int(groups["y"]), number, int(groups.get("d") or 1))
    except ValueError:
        return None


def _numeric(match: re.Match[str], today: date) -> str:
    """Write year first; a zero stands before one digit unless the old date shows that this list writes none."""
    m, d, sep = match["m"], match["d"], match["sep"]
    bare = len(m) == 1 or len(d) == 1
    width = 1 if bare else 2
    return f"{today.year}{sep}{today.month:0{width}}{sep}{today.day:0{width}}"


def _day_first(match: re.Match[str], today: date) -> str:
    width = 1 if len(match["m"]) == 1 or len(match["d"]) == 1 else 2
    return f"{today.day:0{width}}.{today.month:0{width}}.{today.year}"


def _chinese(match: re.Match[str], today: date) -> str:
    zero = match["m"].startswith("0") or (match["d"] or "").startswith("0")
    month, day = (f"{today.month:02}", f"{today.day:02}") if zero else (str(today.month), str(today.day))
    return f"{today.year}年{match['s1']}{month}{match['s2']}月" + (f"{match['s3']}{day}日" if match["d"] else "")


def _year_month(match: re.Match[str], today: date) -> str:
    month = str(today.month) if len(match["m"]) == 1 else f"{today.month:02}"
    return f"{today.year}{match['sep']}{month}"


def _name(match: re.Match[str], today: date) -> str:
    """Write a month's name as long as the old one was."""
    name = _MONTHS[today.month - 1]
    full = len(match["mon"] + match["long"]) > 4 or match["mon"] + match["long"] in ("May", "June", "July")
    if match["mon"] + match["long"] == "May":  # says nothing of the length: the dot does
        full = not match["dot"]
    short = name[:3]
    return name if full and not match["dot"] else short + match["dot"]


def _day(match: re.Match[str], today: date) -> str:
    day = f"{today.day:02}" if match["d"].startswith("0") else str(today.day)
    return day + (_ordinal(today.day) if match["ord"] else "")


def _ordinal(day: int) -> str:
    return "th" if 10 < day % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


_FORMS = (
    (re.compile(r"(?P<y>(?:19|20)\d\d)(?P<sep>--|[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?!\d)"), _numeric),
    (re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>(?:19|20)\d\d)(?!\d)"), _day_first),
    (
        re.compile(
            r"(?P<y>(?:19|20)\d\d)\s*年(?P<s1>\s*)(?P<m>\d{1,2})(?P<s2>\s*)月(?:(?P<s3>\s*)(?P<d>\d{1,2})\s*日)?"
        ),
        _chinese,
    ),
    (
        re.compile(rf"{_MONTH}(?P<s1>\s+)(?P<d>\d{{1,2}})(?P<ord>st|nd|rd|th)?(?P<s2>,?\s+)(?P<y>(?:19|20)\d\d)", re.I),
        lambda m, today: f"{_name(m, today)}{m['s1']}{_day(m, today)}{m['s2']}{today.year}",
    ),
    (
        re.compile(rf"(?P<d>\d{{1,2}})(?P<ord>st|nd|rd|th)?(?P<s1>\s+){_MONTH}(?P<s2>,?\s+)(?P<y>(?:19|20)\d\d)", re.I),
        lambda m, today: f"{_day(m, today)}{m['s1']}{_name(m, today)}{m['s2']}{today.year}",
    ),
    (
        re.compile(rf"{_MONTH}(?P<s1>,?\s+)(?P<y>(?:19|20)\d\d)", re.I),
        lambda m, today: f"{_name(m, today)}{m['s1']}{today.year}",
    ),
    (re.compile(r"(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>0[1-9]|1[0-2]|[1-9])(?![\d\-/.])"), _year_month),
)
