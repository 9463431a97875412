"""Stand-ins for the parts of a run that a play does not test: a forge in memory, a clock, a judge by keywords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.config import ListConfig
from bot.judge.base import Judge, SectionedJudge
from bot.judge.keywords import KeywordJudge
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Verdict, Window
from bot.paperlist.read.document import Document
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.snapshot import Ended, PullRequest, Snapshot
from bot.sources.base import Source
from bot.state.files import blob_id
from bot.state.model import State


class Clock:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass
class MemoryForge:
    """A forge in memory: the list, its open branch and the state; `merge` is what a maintainer does."""

    base: bytes
    working: bytes
    state: State = field(default_factory=State)
    pull: PullRequest | None = None
    ended: Ended | None = None

    def read(self, settings: ListConfig) -> Snapshot:
        """Return what is there."""
        cycle = self.state.cycle if self.pull else self.state.cycle + 1
        return Snapshot(self.base, blob_id(self.base), self.working, self.state, cycle, self.pull, self.ended)

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Return the same snapshot: nobody edits this list but by merging."""
        return snapshot

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Keep the change."""
        self.state, self.ended = change.state, None
        self.working = change.content or self.working
        if change.title is not None and change.text is not None:
            self.pull = PullRequest("here", change.title, change.text)
        return Publication("here")

    def merge(self) -> None:
        """Merge the open branch, if there is one."""
        if self.pull:
            self.base, self.pull, self.ended = self.working, None, Ended.MERGED


@dataclass(frozen=True)
class Claim:
    """An answer without doubt about a window: the query, when it was given, and the papers that came with it."""

    query: Query
    answer: Answer
    at: datetime
    received: frozenset[str]


@dataclass
class Record:
    """What sources answered so far."""

    claims: list[Claim] = field(default_factory=list)
    received: set[str] = field(default_factory=set)


@dataclass
class RecordingSource:
    """A source that passes everything on and records it."""

    source: Source
    now: datetime
    record: Record
    name: str = "api and rss"
    proves: bool = True

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Ask, and record what came and what was claimed."""
        batch = self.source.fetch(query, windows, expected)
        ids = frozenset(paper.id for paper in batch.papers)
        self.record.received |= ids
        self.record.claims += [Claim(query, a, self.now, ids) for a in batch.answers if a.unknown is None]
        return batch

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Ask."""
        return self.source.fetch_by_id(ids)


@dataclass(frozen=True)
class CachedJudge:
    """A judge by keywords that judges each text once: its verdicts depend on nothing else."""

    rules: KeywordJudge
    known: dict[tuple[str, str], Verdict] = field(default_factory=dict)

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return the verdicts."""
        new = [paper for paper in papers if (paper.title, paper.summary) not in self.known]
        verdicts = zip(new, self.rules.judge(new), strict=True)
        self.known.update({(paper.title, paper.summary): verdict for paper, verdict in verdicts})
        return tuple(self.known[paper.title, paper.summary] for paper in papers)

    @property
    def relevance(self) -> Judge:
        """The judge itself: its verdicts have sections."""
        return self

    def place(self, papers: Sequence[Paper], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Return the verdicts as they are."""
        return tuple(verdicts)


def by_keywords(settings: ListConfig, document: Document) -> SectionedJudge:
    """Return a judge for plays about discovery, which does not depend on what the judge has learned."""
    found = [(rule, document.section((rule.heading,))) for rule in settings.sections]
    sections = {s.path: tuple(phrase.keyword() for phrase in rule.keywords) for rule, s in found if s}
    query = settings.query()
    return CachedJudge(KeywordJudge(query.keywords, query.exclude, sections))
