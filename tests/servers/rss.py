"""arXiv's daily feed as RSS 2.0, over any announcements: one day's papers, and no history.

Source of the format and its rules: https://info.arxiv.org/help/rss.html, https://info.arxiv.org/help/rss_specifications.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from bot.model import Paper

RSS_PATH = "/rss/"
MOST_ITEMS = 2_000
EASTERN = ZoneInfo("America/New_York")
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)?")
_RFC_822 = "%a, %d %b %Y %H:%M:%S %z"
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0">'
)


class UnknownCategoryError(ValueError):
    """A category that arXiv does not have."""


class Kind(StrEnum):
    """What an item announces, seen from the categories asked for; in the order in which a feed lists its items.

    Replacements come first, which is why a feed that is cut off can lack new papers.
    """

    REPLACE_CROSS = "replace-cross"
    REPLACE = "replace"
    CROSS = "cross"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A paper on the day whose feed has it: the day after the evening of its announcement."""

    paper: Paper
    day: date
    version: int = 1


class Bulletin:
    """What was announced, day by day.

    A category in `stale` goes on showing the feed of the day named, whatever the day.
    """

    def __init__(self, announcements: Iterable[Announcement] = ()) -> None:
        self.stale: dict[str, date] = {}
        self._by_day: dict[date, list[Announcement]] = {}
        for one in announcements:
            self._by_day.setdefault(one.day, []).append(one)

    def items(self, categories: Sequence[str], at: datetime) -> tuple[tuple[Announcement, Kind], ...]:
        """Return what the feed of the categories shows at a time; raise UnknownCategoryError for what is none."""
        for category in categories:
            if not _CATEGORY.fullmatch(category.casefold()):
                raise UnknownCategoryError(category)
        today = at.astimezone(EASTERN).date()
        days = {category: self.stale.get(category, today) for category in categories}
        shown = {
            one.paper.id: (one, _kind(one, categories))
            for day in sorted(set(days.values()))
            for one in self._by_day.get(day, ())
            if any(_holds(category, one.paper.categories) for category in categories if days[category] == day)
        }
        order = list(Kind)
        return tuple(sorted(shown.values(), key=lambda item: order.index(item[1]))[:MOST_ITEMS])


def _kind(one: Announcement, categories: Sequence[str]) -> Kind:
    """Return what an announcement is: `new` and `replace` only where a category asked for is the primary one."""
    primary = one.paper.primary_category or next(iter(one.paper.categories), "")
    own = any(_holds(category, (primary,)) for category in categories)
    if one.version > 1:
        return Kind.REPLACE if own else Kind.REPLACE_CROSS
    return Kind.NEW if own else Kind.CROSS


def _holds(category: str, others: Iterable[str]) -> bool:
    """Whether one of the others is the category, or a class of the archive; case does not count."""
    wanted = category.casefold()
    return any(other.casefold() == wanted or other.casefold().startswith(f"{wanted}.") for other in others)


def rss(categories: Sequence[str], items: Iterable[tuple[Announcement, Kind]], at: datetime) -> str:
    """Write the feed."""
    names = "+".join(categories)
    title = ", ".join(categories)
    midnight = datetime.combine(at.astimezone(EASTERN).date(), time(), EASTERN)
    lines = [
        _HEAD,
        "  <channel>",
        f"    <title>{escape(title)} updates on arXiv.org</title>",
        f"    <link>http://rss.arxiv.org/rss/{escape(names)}</link>",
        f"    <description>{escape(title)} updates on the arXiv.org e-print archive.</description>",
        "    <language>en-us</language>",
        f"    <lastBuildDate>{midnight:{_RFC_822}}</lastBuildDate>",
        f"    <pubDate>{midnight:{_RFC_822}}</pubDate>",
        "    <skipDays><day>Saturday</day><day>Sunday</day></skipDays>",
    ]
    for one, kind in items:
        lines += _item(one, kind)
    return "\n".join([*lines, "  </channel>", "</rss>", ""])


def error_rss(asked: str) -> str:
    """Write the feed that says a request was wrong."""
    title = f"Feed error for query: {asked}"
    return f"{_HEAD}\n  <channel>\n    <title>{escape(title)}</title>\n  </channel>\n</rss>\n"


def _item(one: Announcement, kind: Kind) -> list[str]:
    paper, name = one.paper, f"{one.paper.id}v{one.version}"
    midnight = datetime.combine(one.day, time(), EASTERN)
    primary = paper.primary_category or next(iter(paper.categories), "")
    optional = {"DOI": paper.doi, "journal_reference": paper.journal_ref}
    return [
        "    <item>",
        f"      <title>{escape(paper.title)}</title>",
        f"      <link>https://arxiv.org/abs/{paper.id}</link>",
        f"      <description>arXiv:{name} Announce Type: {kind} \nAbstract: {escape(paper.summary)}</description>",
        f'      <guid isPermaLink="false">oai:arXiv.org:{name}</guid>',
        *(f"      <category>{escape(one)}</category>" for one in dict.fromkeys((primary, *paper.categories)) if one),
        f"      <pubDate>{midnight:{_RFC_822}}</pubDate>",
        f"      <arxiv:announce_type>{kind}</arxiv:announce_type>",
        "      <dc:rights>http://arxiv.org/licenses/nonexclusive-distrib/1.0/</dc:rights>",
        f"      <dc:creator>{escape(', '.join(paper.authors))}</dc:creator>",
        *(f"      <arxiv:{tag}>{escape(text)}</arxiv:{tag}>" for tag, text in optional.items() if text),
        "    </item>",
    ]
