"""A dated section that a list does not have yet, named and placed as its newest one is."""

from __future__ import annotations

import re
from datetime import date

from bot.model import Path
from bot.paperlist.read import dates
from bot.paperlist.read.document import Document, Section
from bot.paperlist.read.roles import period


def next_period(newest: Path, day: date) -> Path | None:
    """Return the path of a section like the newest one for a later day; None where its name cannot tell.

    A month whose year is the heading above it has no name of its own, and a heading with another number, such as how
    many papers there are, would say what is not so.
    """
    heading = newest[-1]
    found = [match for shape in (dates.DATE, dates.UPDATED) for match in shape.finditer(heading)]
    if not found:
        return None
    said = max(found, key=lambda match: len(match[0]))
    before, after = heading[: said.start()], heading[said.end() :]
    path = (*newest[:-1], f"{before}{dates.write(dates.read(said).form, day)}{after}")
    above, own, last = period(path[:-1]), period(path), period(newest)
    alike = own and last and (own.last - own.first).days // 27 == (last.last - last.first).days // 27
    fits = own and day in own and (above is None or day in above)
    return path if alike and fits and not re.search(r"\d", before + after) else None


def sibling(document: Document, path: Path) -> tuple[Section, bool] | None:
    """Return the newest section beside a dated one that is missing, and whether that goes before it; else None."""
    same = [s for s in document.sections if s.groups and s.path[:-1] == path[:-1]]
    dated = [(when.last, n) for n, section in enumerate(same) if (when := period(section.path))]
    if not dated or not period(path):
        return None
    _, newest = max(dated)
    return same[newest], newest <= min(dated)[1]
