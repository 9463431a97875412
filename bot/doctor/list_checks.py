"""What `doctor` finds: one finding per question, with its fix and where to read more; and what lists have to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from bot import __version__
from bot.adopt.config_text import HOME
from bot.adopt.understanding import MIN_PAPERS, recognised_papers
from bot.arxiv import titles
from bot.config import ListConfig
from bot.config.model import Phrase
from bot.judge.keywords import phrase_pattern
from bot.judge.readiness import MIN_LISTED
from bot.judge.texts import has_terms
from bot.model import Field, Paper
from bot.paperlist.read.document import Document

DOCUMENT = "docs/doctor.md"
MOST_SKEW = timedelta(minutes=5)
_SHOWN = 8


class Kind(StrEnum):
    """The questions, each a heading of `docs/doctor.md`."""

    CONFIG = "config"
    LIST = "list"
    SECTIONS = "sections"
    KEYWORDS = "keywords"
    TOKEN = "token"
    CONTENTS = "contents"
    PULL_REQUESTS = "pull-requests"
    SETTING = "setting"
    PROTECTION = "protection"
    CHECKS = "checks"
    WORKFLOW = "workflow"
    QUIET = "quiet"
    ARXIV = "arxiv"
    CLOCK = "clock"


class Severity(IntEnum):
    """How bad a finding is: only errors keep the bot from its work."""

    FINE = 0
    UNKNOWN = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on one question, and what to do about it; of what cannot be seen, where to look."""

    kind: Kind
    severity: Severity
    what: str
    fix: str = ""

    @property
    def link(self) -> str:
        """Where the documentation says more."""
        return f"https://github.com/{HOME}/blob/v{__version__}/{DOCUMENT}#{self.kind}"


def of_list(task: ListConfig, document: Document, library: Sequence[Paper] = ()) -> Iterator[Finding]:
    """Yield what a list says of its configuration; `library` holds what is known of listed papers."""
    if line := document.generated():
        yield Finding(
            Kind.LIST,
            Severity.ERROR,
            f"{task.file}: line {line} says that a program generates it, so nothing is added to it",
            "name the file it is made from as 'file', or take the line away if it is not so",
        )
    elif not document.entries:
        yield Finding(
            Kind.LIST,
            Severity.ERROR,
            f"{task.file}: no papers are recognised",
            f"compare `arxiv-bot show {task.file}` with the list, and see CONTRIBUTING.md on formats",
        )
    else:
        yield Finding(Kind.LIST, Severity.FINE, f"{task.file}: {len(document.entries)} entries")
    yield _sections(task, document)
    yield _keywords(task, recognised_papers(document, {paper.id: paper for paper in library}))


def _sections(task: ListConfig, document: Document) -> Finding:
    gone = [rule.heading for rule in task.sections if document.section((rule.heading,)) is None]
    if not gone:
        return Finding(Kind.SECTIONS, Severity.FINE, f"{task.name}: all configured sections are in the list")
    return Finding(
        Kind.SECTIONS,
        Severity.ERROR,
        f"{task.name}: the list has not, or has several times: {_named(gone)}",
        "write the headings in 'sections' as they stand in the list, or take them out",
    )


def _keywords(task: ListConfig, papers: Sequence[Paper]) -> Finding:
    """Tell which keywords no listed paper has. Where abstracts are unknown, one that may stand there is not judged."""
    if not task.keywords and sum(map(has_terms, papers)) < MIN_LISTED:
        return Finding(
            Kind.KEYWORDS,
            Severity.ERROR,
            f"{task.name}: there are no keywords, and too few papers to learn from, so nothing is ever proposed",
            f"name phrases of the topic in 'keywords', or list {MIN_LISTED} papers",
        )
    if len(papers) < MIN_PAPERS:
        return Finding(Kind.KEYWORDS, Severity.FINE, f"{task.name}: too few papers to hold keywords against")
    texts = [(titles.display(paper.title), titles.display(paper.summary)) for paper in papers]
    silent = [phrase for phrase in task.keywords if not any(_found(phrase, *text) for text in texts)]
    abstracts = sum(bool(abstract) for _, abstract in texts) >= len(texts) / 2
    never = [phrase.phrase for phrase in silent if abstracts or phrase.field is Field.TITLE]
    unseen = [phrase.phrase for phrase in silent if phrase.phrase not in never]
    if never:
        return Finding(
            Kind.KEYWORDS,
            Severity.WARNING,
            f"{task.name}: no listed paper has the keywords {_named(never)}",
            "check their spelling, or take them out if they ask for too much",
        )
    if unseen:
        return Finding(
            Kind.KEYWORDS,
            Severity.UNKNOWN,
            f"{task.name}: cannot tell whether {_named(unseen)} ever match: no title has them, abstracts are not known",
            "look with `arxiv-bot evaluate`, or give the metadata of the listed papers by --library",
        )
    return Finding(Kind.KEYWORDS, Severity.FINE, f"{task.name}: every keyword is found in the list")


def _found(phrase: Phrase, title: str, abstract: str) -> bool:
    pattern = phrase_pattern(phrase.phrase)
    in_title = phrase.field is not Field.ABSTRACT and pattern.search(title)
    return bool(in_title or (phrase.field is not Field.TITLE and pattern.search(abstract)))


def of_clock(ours: datetime, theirs: datetime | None) -> Finding:
    """Compare our time with that of an answer from outside."""
    if theirs is None:
        return Finding(
            Kind.CLOCK,
            Severity.UNKNOWN,
            "cannot tell whether the clock is right: no answer had a time",
            "look at `date -u`",
        )
    skew = abs(ours - theirs)
    if skew <= MOST_SKEW:
        return Finding(Kind.CLOCK, Severity.FINE, "the clock is right")
    return Finding(
        Kind.CLOCK,
        Severity.ERROR,
        f"the clock says {ours:%Y-%m-%d %H:%M} UTC, others say {theirs:%Y-%m-%d %H:%M}",
        "set the clock of this machine: periods would be asked for that are not over, or not at all",
    )


def worst(findings: Iterable[Finding]) -> Severity:
    """Return the severity of the worst finding."""
    return max((finding.severity for finding in findings), default=Severity.FINE)


def report(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return findings as one JSON document."""
    rows = [
        {"kind": f.kind.value, "severity": f.severity.name.lower(), "what": f.what, "fix": f.fix, "link": f.link}
        for f in findings
    ]
    return {"version": __version__, "findings": rows}


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more
