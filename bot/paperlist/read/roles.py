"""What each section is for: a topic, a period, a place where entries stand for a while, or nothing new.

A heading that is a date makes a section *dated*: a place in time under the topic above it. One that is a conference
and its year takes what was accepted there. News and the like are
*rolling*, a curator's own papers and places for other things than papers are *closed*.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.arxiv import venues
from bot.model import Path
from bot.paperlist.nouns import Section
from bot.paperlist.read import dates, inline


class Role(StrEnum):
    """What a section is for."""

    TOPIC = "topic"
    DATED = "dated"
    VENUE = "venue"
    ROLLING = "rolling"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a dated section, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


_MONTHS = [name.casefold() for name in dates.MONTHS]
_MONTH = f"(?P<month>{'|'.join(_MONTHS)}|sept|{'|'.join(name[:3] for name in _MONTHS)})"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_SHAPES = [
    re.compile(shape)
    for shape in (
        _YEAR,
        rf"{_YEAR} (?P<number>1[0-2]|0?[1-9])",
        rf"{_YEAR} (?P<number>1[0-2]|0?[1-9]) {_DAY}",
        rf"(?P<number>1[0-2]|0?[1-9]) {_YEAR}",
        rf"{_MONTH}(?: {_YEAR})?",
        rf"{_YEAR} {_MONTH}",
        rf"{_DAY} {_MONTH}(?: {_YEAR})?",
        rf"{_MONTH} {_DAY}(?: {_YEAR})?",
        rf"{_YEAR} q(?P<quarter>[1-4])",
        rf"q(?P<quarter>[1-4]) {_YEAR}",
        rf"(?P<until>before|until|up to) {_YEAR}",
        rf"{_YEAR} (?P<until>and before|and earlier|and older|or earlier)",
    )
]
_VENUE = re.compile(
    rf"(?:ieee |acm )?(?P<name>{venues.NAMES.casefold()})(?: main| findings| conference)?s? ?(?P<year>(?:20)?[012]\d)"
    r"(?: (?:accepted )?papers?| conference| main)*(?: \d{1,4} papers?)?"
)
_BESIDE = re.compile(
    r"\b\d{1,3} papers?\b|\b(?:papers?|published|publications?|year|arxiv|preprints?|in|of)\b|[年月日]"
)
"""Words beside the date of a heading that say no topic."""
_ROLLING = re.compile(
    r"((latest|recent|project|our) )?(news|updates?)( .*)?|what s new|change ?log|.*papers? of the (day|week|month)"
    r"|weekly papers?|(recently added|latest|new|newly added|trending)( (papers?|works?|additions))?"
)
_CLOSED = re.compile(
    r"(our|my) (own )?(papers?|works?|publications?|research|survey)|products?|references?"
    r"|(papers?|works?|highlights?) (of|from|by) (our|us)\b.*|(bibtex )?citations?|(citing|cite).*|acknowledge?ments?"
    r"|contribut(ing|ors?|ions?)|star history|licen[cs]e|contact( us)?|(related|other|similar) (repos|lists?|awesome.*)"
)
_THINGS = re.compile(
    r".*\b(data ?sets?|tools?|products?|resources?|repositor(y|ies)|repos|code ?bases?|projects?|blogs?|websites?"
    r"|courses?|tutorials?|talks?|videos|leader ?boards?|results?|library|libraries|software|books?|overview)\b.*"
)


def roles(sections: Sequence[Section]) -> tuple[Role, ...]:
    """Return the role of each section of a list."""
    found = tuple(_role(section, section.path) for section in sections)
    rolling = sum(len(s.entries) for s, role in zip(sections, found, strict=True) if role is Role.ROLLING)
    if 2 * rolling > sum(len(s.entries) for s in sections):  # a list whose headings all stand under its news
        return tuple(_role(section, section.path[-1:]) for section in sections)
    return found


def _role(section: Section, path: Path) -> Role:
    names = [_words(name) for name in path]
    if any(map(_ROLLING.fullmatch, names)):
        return Role.ROLLING
    if any(map(_CLOSED.fullmatch, names[1:] or names)):
        return Role.CLOSED
    if venue(path):
        return Role.VENUE
    if period(section.path):
        return Role.DATED
    things = any(map(_THINGS.fullmatch, names[-1:])) and not any(e.arxiv_ids for e in section.entries)
    return Role.CLOSED if things else Role.TOPIC


def venue(path: Path) -> tuple[str, int] | None:
    """Return the conference, in small letters, and the year that the end of a path of headings names."""
    for deep in (1, 2):
        if found := _VENUE.fullmatch(" ".join(map(_words, path[-deep:]))):
            return found["name"], 2000 + int(found["year"][-2:])
    return None


def topic(path: Path) -> Path:
    """Return the path of a section without the headings at its end that are dates."""
    deep = len(path)
    while deep and _dated(path[deep - 1]):
        deep -= 1
    return path[:deep]


def period(path: Path) -> Period | None:
    """Return the days that the end of a path of headings names; `March` has the year of the heading above it."""
    said: Mapping[str, str] = {}
    for name in reversed(path):
        here = _dated(name)
        if not here:
            break
        said = {**here, **said}
        if "year" in said:
            return _days(said)
    return None


def _dated(heading: str) -> Mapping[str, str]:
    """Return the parts of the date that a heading is, none where it is none."""
    words = " ".join(_BESIDE.sub(" ", _words(heading)).split())
    found = next((m for shape in _SHAPES if (m := shape.fullmatch(words))), None)
    return {name: text for name, text in found.groupdict().items() if text} if found else {}


def _days(said: Mapping[str, str]) -> Period | None:
    year = int(said["year"])
    number = int(said.get("number", 0)) or (_number(said["month"]) if "month" in said else 0)
    quarter = 3 * int(said.get("quarter", 0))
    first, last = (quarter - 2, quarter) if quarter else (number or 1, number or 12)
    if "until" in said:
        return Period(date.min, date(year - (said["until"] in ("before", "until")), 12, 31))
    if day := int(said.get("day", 0)):
        return Period(date(year, first, day), date(year, first, day)) if day <= monthrange(year, first)[1] else None
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def _number(month: str) -> int:
    return 1 + next(n for n, name in enumerate(_MONTHS) if name.startswith(month[:3]))


def _words(heading: str) -> str:
    """Return a heading in small letters and digits alone, without markup."""
    return " ".join(re.sub(r"[\W_]+", " ", inline.plain(heading)).split()).casefold()
