"""What a list shows before there is a configuration: its topic, its sections, and how their entries are written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from bot.adopt.categories import likely_categories, shipped_counts
from bot.adopt.phrases import MinedPhrase, Said, mine_phrases
from bot.arxiv import titles
from bot.config.model import Limits
from bot.errors import ListFormatError
from bot.judge.keywords import KeywordJudge
from bot.judge.readiness import MIN_LISTED
from bot.judge.relevance.own_text import list_title
from bot.judge.term_counts import shipped_term_counts
from bot.model import Paper, counted
from bot.paperlist.read.document import Document, Entry, Kind, Section
from bot.paperlist.read.unwritable import refuse_generated
from bot.paperlist.write.facts import Facts
from bot.paperlist.write.order import home, place
from bot.pullrequest.pace import pace_line, papers_per_week

TELLING = 0.4
"""Share of the titles that phrases must explain to be worth much."""

_CODES = re.compile(r":[a-z][a-z0-9_+-]+:|\[[^\]]*\](?:\([^)]*\))?")
"""Marks beside a title: `:star:`, `[code]`."""
_REPOSITORY = re.compile(r"https?://(?:www\.)?(?:github|gitlab)\.com/", re.IGNORECASE)
_WORDS = {Kind.BULLETS: "list items", Kind.HTML: "HTML rows", Kind.BLOCKS: "paragraphs or headings"}


@dataclass(frozen=True, slots=True)
class SeenSection:
    """A section with papers: how they are written, and where a new one goes."""

    heading: str
    line: int
    entries: int
    form: str
    place: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list lies: its path in a repository, a name with or without owner."""

    file: str
    repository: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a list shows of itself.

    `explained` is the share of its papers that a phrase matches, `matched` the upper bound of the share of arXiv that
    all phrases match; `known` counts the papers whose categories are known, the others are guessed from words. `pace`
    says what comes when.
    """

    name: str
    file: str
    topic: str | None
    papers: int
    phrases: tuple[MinedPhrase, ...]
    explained: float
    matched: float
    categories: tuple[str, ...]
    known: int
    sections: tuple[SeenSection, ...]
    date_line: str | None
    cron: str
    pace: str

    @property
    def telling(self) -> bool:
        """Whether phrases explain enough of the list to be worth much."""
        return self.young or self.explained >= TELLING

    @property
    def young(self) -> bool:
        """Whether topic, text and phrases judge, because there are too few papers to learn from."""
        return self.papers < MIN_LISTED


def understood(
    document: Document, place: Place, library: Iterable[Paper], today: date, topic: str | None = None
) -> Understanding:
    """Return what a list shows, and what people say of its topic.

    Raise `ListFormatError` where a program generates the list, or nothing names a topic.
    """
    refuse_generated(document)
    listed = recognised_papers(document, {paper.id: paper for paper in library})
    young = len(listed) < MIN_LISTED
    title = list_title(document.source.decode())
    said = Said(tuple(text for text in (topic, title) if text), _headings(document))
    found = mine_phrases([paper.title for paper in listed], said, shipped_term_counts())
    worded = [*listed, *(Paper("", text) for text in (*said.names, *said.headings))] if young else listed
    categories = likely_categories(worded, shipped_counts())
    if not found and (young or not categories):
        raise ListFormatError(
            f"{counted(len(listed), 'paper')} recognised, and no topic that arXiv could be asked for; give it in "
            f'{"other" if topic else "a few"} words: --topic "serving large language models"',
            path=document.name,
        )
    matched = sum(bool(v.matched) for v in KeywordJudge([phrase.keyword for phrase in found]).judge(listed))
    return Understanding(
        name=_name(place),
        file=place.file,
        topic=topic,
        papers=len(listed),
        phrases=found,
        explained=matched / max(1, len(listed)),
        matched=sum(phrase.elsewhere for phrase in found),
        categories=categories,
        known=sum(bool(paper.categories) for paper in listed),
        sections=_sections(document, today),
        date_line=f"line {document.date_line.line}: {document.date_line.date}" if document.date_line else None,
        cron=cron(place.repository),
        pace=pace_line(Limits(), papers_per_week(document)),
    )


def _headings(document: Document) -> tuple[str, ...]:
    """Return the words of the headings below the title that name more than any list's do."""
    return tuple(text for s in document.sections if s.level > 1 and (text := list_title(f"# {s.path[-1]}")))


def init_report(seen: Understanding, files: Iterable[tuple[str, str, bool]]) -> dict[str, Any]:
    """Return what `init --json` gives; `files` are path, text, and whether it was written."""
    return {
        "list": seen.name,
        "file": seen.file,
        "topic": seen.topic,
        "papers": seen.papers,
        "phrases": [
            {
                "phrase": phrase.text,
                "field": phrase.field.value,
                "share": round(phrase.share, 4),
                "elsewhere": round(phrase.elsewhere, 5),
            }
            for phrase in seen.phrases
        ],
        "explained": round(seen.explained, 4),
        "matched": round(seen.matched, 5),
        "categories": {"names": list(seen.categories), "guessed": not seen.known},
        "sections": [
            {
                "heading": section.heading,
                "line": section.line,
                "entries": section.entries,
                "form": section.form,
                "new_ones_go": section.place,
            }
            for section in seen.sections
        ],
        "date_line": seen.date_line,
        "schedule": seen.cron,
        "pace": seen.pace,
        "files": [{"path": path, "text": text, "written": done} for path, text, done in files],
    }


def cron(repository: str) -> str:
    """Return a schedule on working days between 06:00 and 08:00 UTC, when arXiv has announced in summer and winter.

    Hour and minute come from the repository's name, so that the bots of many lists do not call at once; the minute is
    odd, because GitHub delays or drops most at the full hour.
    """
    number = int.from_bytes(hashlib.sha256(repository.casefold().encode()).digest()[:8])
    hour, minute = divmod(number % 58, 29)
    return f"{2 * minute + 1} {hour + 6} * * 1-5"


def recognised_papers(document: Document, library: Mapping[str, Paper]) -> list[Paper]:
    """Return the papers of a list, each once, with what the library knows of them."""
    found: dict[str, Paper] = {}
    for entry in document.entries:
        if paper := _paper(entry, library):
            found.setdefault(titles.key(paper.title), paper)
    return list(found.values())


def _paper(entry: Entry, library: Mapping[str, Paper]) -> Paper | None:
    """Return the paper of an entry, None where it has no title, or links to nothing but a repository of code."""
    ids = entry.arxiv_ids[:1]
    title = " ".join(_CODES.sub(" ", entry.title).split()) or entry.title
    if not title or (not ids and entry.urls and all(_REPOSITORY.match(url) for url in entry.urls)):
        return None
    return library.get(ids[0], Paper(ids[0], title)) if ids else Paper("", title)


def _sections(document: Document, today: date) -> tuple[SeenSection, ...]:
    """Return the sections with papers."""
    return tuple(
        SeenSection(section.path[-1], section.line, len(section.entries), _form(section), _place(section, today))
        for section in document.sections
        if section.entries and section.path
    )


def _form(section: Section) -> str:
    tables = [f"table: {' | '.join(table.columns)}" for table in section.tables[:1]]
    others = [_WORDS.get(group.kind, str(group.kind)) for group in section.groups if group.kind is not Kind.TABLE]
    return ", ".join(dict.fromkeys((*tables, *others)))


def _place(section: Section, today: date) -> str:
    """Return where a paper of today would go among the entries of a section."""
    facts = Facts(Paper(f"{today:%y%m}.99999", "~"))
    entries = home(section.groups, facts).entries
    at = place(entries, facts)
    return "last" if at == len(entries) else "first" if at == 0 else "in order"


def _name(place: Place) -> str:
    """Return a name for branches and state."""
    stem = PurePosixPath(place.file).stem
    name = place.repository.rpartition("/")[2] if stem.casefold() == "readme" else stem
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:40].strip("-") or "papers"
