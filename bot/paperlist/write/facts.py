"""What a paper's record says for an entry, and the forms in which lists write it. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.arxiv import arxiv_id, titles, venues
from bot.model import Cell, Paper
from bot.paperlist.read import dates, inline
from bot.paperlist.write import escape

_PREPRINT = "arxiv preprint|arxiv|preprint|corr"
VENUE = re.compile(
    rf"(?<![\w/])(?:(?P<pre>(?i:{_PREPRINT}))|"
    rf"(?P<name>{venues.NAMES}|[A-Z][A-Za-z]*[A-Z][A-Za-z]*(?=[ '’]{{0,2}}(?:20)?\d\d(?!\d))))"
    r"(?:(?P<gap>['’‘ ,]{0,2})(?P<year>20[0-4]\d|(?<=['’‘])\d\d|(?<=['’‘] )\d\d|(?<=[A-Z])\d\d)"
    r"(?![\d\-/])(?P<month>\.\d{1,2}(?!\d))?)?(?![\w/]|\.\w|:)"
)
"""A venue as lists write it, with its year if it has one: `ICLR'24`, `Arxiv 2025`, `arXiv`, `Arxiv'24.10`."""


@dataclass(frozen=True, slots=True)
class VenueForm:
    """How a list writes a venue: its own word for preprints (None for others), what joins it and the year's form."""

    word: str | None
    gap: str = ""
    year: str = ""
    month: str = ""


def read_venue(match: re.Match[str]) -> VenueForm:
    """Return the form of a match of `VENUE`."""
    year = {0: "", 2: "{y}", 4: "{Y}"}[len(match["year"] or "")]
    month = ("", "", ".{M}", ".{m}")[len(match["month"] or "")]
    return VenueForm(match["pre"], match["gap"] or "", year, month)


@dataclass(frozen=True, slots=True)
class AuthorsForm:
    """How many authors a list names (0 for all), and the words that join and end them."""

    first: int = 0
    sep: str = ", "
    last: str = ", "
    others: str = ""


class Facts:
    """What is known of one paper, as text that is safe to stand in Markdown, or in a block of HTML."""

    def __init__(self, paper: Paper, known: Sequence[Cell] = (), *, markup: bool = False) -> None:
        self.paper = paper
        self._known = known
        self.markup = markup
        self._safe = escape.html_text if markup else escape.inline
        self.id = paper.id
        self.title = self._safe(titles.display(paper.title))
        self.code = next((escape.address(cell.value) for cell in known if cell.kind == "code"), None)
        cut = titles.parted(self.title)
        self.name = cut[0] if cut else None
        self.rest = cut[1] if cut else None

    def of_column(self, heading: str, used: Container[str]) -> str | None:
        """Return the text known for a column of this heading: words of the abstract, or a value that it `used`."""
        for cell in self._known:
            if cell.column and cell.column == heading:
                if cell.kind == "category" and cell.value in used:
                    return cell.value
                if cell.kind == "extract" and cell.value.removesuffix("…") in titles.display(self.paper.summary):
                    return self._safe(cell.value)
        return None

    def named_in(self, text: str) -> bool:
        """Whether a text shows its title, or the short name that the title begins with."""
        title = titles.display(self.paper.title)
        name, _ = titles.parted(title) or (title, "")
        return inline.holds(text, name)

    @cached_property
    def summary(self) -> str | None:
        """The abstract."""
        return self._safe(self.paper.summary) or None

    @cached_property
    def repository(self) -> str | None:
        """The `owner/name` of the code's repository."""
        found = re.match(r"https://github\.com/([\w.\-]+/[\w.\-]+)$", self.code or "")
        return found[1] if found else None

    @cached_property
    def day(self) -> date | None:
        """The day of first submission."""
        return self.paper.published.date() if self.paper.published else None

    @cached_property
    def month(self) -> date:
        """The first day of the month that counts: of submission, else of announcement."""
        return (self.day or arxiv_id.month(self.id)).replace(day=1)

    @cached_property
    def venue(self) -> tuple[str, int] | None:
        """Where the record says it was accepted, and the year."""
        told = venues.accepted(self.paper)
        return (told.name, told.year) if told and told.year else None

    def date(self, form: str) -> str:
        """Write its date in a form, without the day where only the month is known."""
        return dates.write(form, self.day) if self.day else dates.write(dates.without_day(form), self.month)

    def authors(self, form: AuthorsForm) -> str | None:
        """Name its authors in a form, None when they are not known."""
        names = [self._safe(name) for name in map(titles.display, self.paper.authors) if name]
        if not names:
            return None
        if form.first and len(names) > form.first:
            return form.sep.join(names[: form.first]) + (form.others or " et al.")
        return form.last.join([form.sep.join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]

    def write_venue(self, form: VenueForm) -> str | None:
        """Write where it appeared in a form: the list's word for preprints, else what the record says."""
        month = self.month
        if form.word is None:
            if self.venue is None:
                return None
            name, year = self.venue
        else:
            name, year = form.word, month.year
        text = name + (form.gap + form.year.format(Y=year, y=f"{year % 100:02}") if form.year else "")
        return text + (form.month.format(M=month.month, m=f"{month.month:02}") if form.word and form.year else "")
