"""Where a list takes papers: its topics, and for each the sections that hold them, by period where these are dated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.arxiv import arxiv_id
from bot.arxiv.venues import accepted
from bot.model import Choice, Paper, Path, Verdict
from bot.paperlist.read.document import Document, Section
from bot.paperlist.read.roles import Role, period, roles, topic, venue
from bot.paperlist.read.young import without_papers
from bot.paperlist.write.new_period import next_period

_SAID = 0.95
"""Probability of the section of a conference that a paper's own record names."""


@dataclass(frozen=True)
class Places:
    """The topics of a list, in its order, each with the paths of its dated sections; none where it has none.

    `filled` are the sections with papers, under the path of their topic, `venues` those of a conference and its year.
    """

    topics: Mapping[Path, Sequence[Path]]
    filled: Sequence[Section]
    venues: Mapping[tuple[str, int], Path] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, closed: Collection[Path] = ()) -> Places:
        """Return the topics of a list without the sections that receive nothing.

        Those of a young list that wait for their first paper take one, too.
        """
        first = without_papers(document)
        topics: dict[Path, list[Path]] = {}
        filled = []
        conferences: dict[tuple[str, int], Path] = {}
        for section, role in zip(document.sections, roles(document.sections), strict=True):
            if not section.path or section.path in closed or role in (Role.ROLLING, Role.CLOSED):
                continue
            if not section.groups and section not in first:
                continue
            if role is Role.VENUE and (conference := venue(section.path)):
                conferences.setdefault(conference, section.path)
                continue
            under = topic(section.path) if role is Role.DATED else section.path
            dated = topics.setdefault(under, [])
            if role is Role.DATED:
                dated.append(section.path)
            if section.groups:
                filled.append(replace(section, path=under))
        return cls(topics, filled, conferences)

    def home(self, of: Path, paper: Paper) -> Path:
        """Return the section of a topic that a paper goes to: its own period, or the one that follows the newest."""
        dated = {path: when for path in self.topics.get(of, ()) if (when := period(path))}
        day = _day(paper)
        if not dated:
            return of
        newest = max(dated, key=lambda path: (dated[path].last, dated[path].first))
        if day is None:
            return newest
        own = [path for path, when in dated.items() if day in when]
        if own:
            return min(own, key=lambda path: dated[path].last - dated[path].first)
        return (day > dated[newest].last and next_period(newest, day)) or newest

    def housed(self, paper: Paper, verdict: Verdict) -> Verdict:
        """Return a verdict whose topics are turned into the sections that hold their papers.

        A paper whose own record says where it was accepted goes to the section of that conference, where there is one.
        """

        def there(choice: Choice) -> Choice:
            return replace(choice, path=self.home(choice.path, paper))

        section, others = verdict.section and there(verdict.section), tuple(map(there, verdict.alternatives))
        at = accepted(paper) if self.venues else None
        if at and at.year and (path := self.venues.get((at.name.casefold(), at.year))):
            section, others = Choice(path, _SAID), (*filter(None, [section]), *others)
        return replace(verdict, section=section, alternatives=others)


def _day(paper: Paper) -> date | None:
    """Return the day on which a paper was submitted, the first of its month where only its id is known."""
    return paper.published.date() if paper.published else arxiv_id.known_month(paper.id)
