"""Dates as lists write them: each is read with its form, and any other date can be written in that form.

A form is the text of a date with fields in place of what changes: `{Y} {y}` the year, `{m} {d}` month and day of two
digits, `{M} {D}` without a zero, `{B} {b}` the month's name, whole or its first three letters, `{th}` of an ordinal.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

MONTHS = "January February March April May June July August September October November December".split()
_NAME = (
    r"(?P<b>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?"
    r"|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_Y, _M, _D = "(?P<y>YEAR)", r"(?P<m>1[0-2]|0?[1-9])", r"(?P<d>3[01]|[12]\d|0?[1-9])(?P<th>st|nd|rd|th)?"
_SPACE = r"(?:[^\S\n]{1,3}|%20)"
_YEAR_FIRST = rf"{_Y}(?P<sep>--|[-/.]){_M}(?P=sep)(?P<d>3[01]|[12]\d|0?[1-9])"
_SPACED = r"(?P<y>YEAR) (?P<m>0[1-9]|1[0-2]) (?P<d>0[1-9]|[12]\d|3[01])"
_YEAR_MONTH = rf"{_Y}[-/.]{_M}"
_NAMED = rf"{_NAME}(?:{_SPACE}{_D})?,?{_SPACE}{_Y}"
_CHINESE = rf"{_Y}\s*年\s*{_M}\s*月(?:\s*(?P<d>3[01]|[12]\d|0?[1-9])\s*日)?"


def _any(shapes: Iterable[str], year: str) -> str:
    """Return a pattern of any of some shapes: what their groups are called ends in the number of the shape."""
    named = (re.sub(r"\(\?P([<=])([a-z]+)", rf"(?P\g<1>\g<2>{i}", shape) for i, shape in enumerate(shapes))
    return "|".join(named).replace("YEAR", year)


_MONTH_FIRST, _SHORT = rf"{_M}[/.-]{_Y}", r"(?P<y>[12]\d)[./](?P<m>1[0-2]|0[1-9])"
DATE = re.compile(
    r"(?<![\d.\w/-])(?:"
    + _any((_YEAR_FIRST, _SPACED, _YEAR_MONTH, _MONTH_FIRST, _SHORT, _NAMED, _CHINESE, _Y), r"20[0-4]\d")
    + r")(?![\d\w/]|-\d|\.\d)"
)
"""A date in an entry: a year may stand alone."""
UPDATED = re.compile(
    _any(
        (
            rf"{_YEAR_FIRST}(?!\d)",
            rf"(?P<d>3[01]|[12]\d|0?[1-9])\.{_M}\.{_Y}(?!\d)",
            _CHINESE,
            _NAMED,
            rf"{_D}{_SPACE}{_NAME},?{_SPACE}{_Y}",
            rf"{_YEAR_MONTH}(?!\d|[\-/.]\d)",
        ),
        r"(?:19|20)\d\d",
    ),
    re.IGNORECASE,
)
"""The date of the last update: it has a month, and more may follow it, as in the address of a badge."""


@dataclass(frozen=True, slots=True)
class When:
    """A date in a list, as exact as it is written, and its form."""

    year: int
    month: int | None
    day: int | None
    form: str

    @property
    def date(self) -> dt.date | None:
        """The day, the first where only the month is written; None if there is no such day."""
        try:
            return dt.date(self.year, self.month or 1, self.day or 1)
        except ValueError:
            return None


def read(match: re.Match[str]) -> When:
    """Return what a match of `DATE` or `UPDATED` says."""
    groups = {name.rstrip("0123456789"): name for name, text in match.groupdict().items() if text}
    said = {field: match[name] for field, name in groups.items()}
    numbers = [said[field] for field in "md" if field in said]
    numeric = "m" in said and "年" not in match[0]
    zeros = all(len(n) == 2 for n in numbers) and (numeric or any(n.startswith("0") for n in numbers))
    year, month, day, name = said["y"], said.get("m"), said.get("d"), said.get("b", "")
    whole = len(name) > 4 or name.title() in ("June", "July")  # May tells nothing, and most write short names
    fields = {
        "y": "{Y}" if len(year) == 4 else "{y}",
        "m": "{m}" if zeros else "{M}",
        "d": "{d}" if zeros else "{D}",
        "b": "{B}" if whole and f"{name}." not in match[0] else "{b}",
        "th": "{th}",
    }
    form = match[0]
    for field in sorted(fields.keys() & groups, key=lambda field: -match.start(groups[field])):
        start, end = (at - match.start() for at in match.span(groups[field]))
        form = form[:start] + fields[field] + form[end:]
    number = next((i for i, full in enumerate(MONTHS, 1) if name and full[:3] == name[:3].title()), None)
    return When(
        int(year) + (2000 if len(year) == 2 else 0), int(month) if month else number, int(day) if day else None, form
    )


def write(form: str, day: dt.date) -> str:
    """Return a date in a form."""
    name = MONTHS[day.month - 1]
    th = "th" if 10 < day.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return form.format(
        Y=day.year, y=f"{day.year % 100:02}", m=f"{day.month:02}", M=day.month, d=f"{day.day:02}", D=day.day,
        B=name, b=name[:3], th=th,
    )  # fmt: skip


_DAY = re.compile(r"[-/. ]?\{[dD]\}(?:\{th\})?[日,]?")
"""The day in a form, with what only joins it."""


def without_day(form: str) -> str:
    """Return a form without its day."""
    return _DAY.sub("", form)
