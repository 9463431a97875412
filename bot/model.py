"""The nouns every room shares: frozen, inert, and nothing else.

Times are aware datetimes in UTC. Paper ids are base ids (`2407.12391`, `cs/0701001`): see `bot.arxiv.arxiv_id`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from bot.basis import Basis
from bot.unknown import Unknown

Path = tuple[str, ...]
"""The plain texts of a section's headings, outermost first."""

ARXIV_BEGAN = datetime(1991, 8, 1, tzinfo=UTC)
"""Nothing was submitted before."""
TRAILER = "Arxiv-Bot-Cycle"
"""The trailer by which the bot knows its own commits."""
TIME_ENDS = datetime(9999, 1, 1, tzinfo=UTC)
"""A calendar that reckons some days beyond a window must still have them."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One arXiv work, whatever the version. Everything but id and title may be unknown."""

    id: str
    title: str
    authors: tuple[str, ...] = ()
    summary: str = ""
    categories: tuple[str, ...] = ()
    primary_category: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The half-open time range `[since, until)` of first submission that a query covers."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if not self.since < self.until:
            raise ValueError(f"a window must end after it begins: {self.since} .. {self.until}")


class Field(StrEnum):
    """Where a phrase is looked for."""

    ANY = "any"
    TITLE = "title"
    ABSTRACT = "abstract"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A phrase of the list's topic. `weight` in (0, 1) is how much one match says that a paper belongs."""

    phrase: str
    field: Field = Field.ANY
    weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Announced:
    """What the feed of an evening showed of a category: how many papers new in it, and the latest id, if any."""

    category: str
    evening: date
    papers: int
    newest: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a source: any keyword, in any of the categories, none of the exclusions.

    No keywords means every paper, no categories all of arXiv.
    """

    keywords: tuple[Keyword, ...]
    categories: tuple[str, ...] = ()
    exclude: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What earlier answers to a query let expect of the next: an answer that differs is doubted.

    `usual` is how many papers a working day has had in the windows counted before, which begin at `counted_since`, 0
    when that is not known: far fewer are doubted, in earlier windows less. `newest` is when the newest paper was
    submitted that an answer has shown: one that shows no paper as new comes from an index that went back. `doubted`
    are windows that counted far fewer papers than usual, or none, on an earlier day: a second such day is believed.
    `announced` is what feeds showed of the query's categories before: one that shows the same again, or nothing where
    much is usual, stands still.
    """

    usual: float = 0.0
    counted_since: datetime | None = None
    newest: datetime | None = None
    doubted: tuple[Window, ...] = ()
    announced: tuple[Announced, ...] = ()


NO_EXPECTATION = Expectation()
"""For a query that was never asked before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said of one window.

    `source` is how the source is named to people. `proves` tells whether it can prove a window: feeds and files add
    papers and prove nothing. `evening` is the announcement that a feed is of, None where the source is no feed.
    `total` is how many papers it said exist, None if it cannot say. The window counts as covered only when
    `unknown` is None: otherwise that tells why it must be asked again. A window that reaches into the future
    is answered up to the moment of the answer; that of a feed is the day it is of. `unmatched` counts the papers in
    which no keyword is found as the judge reads: they are judged all the same. `newest` is when the newest paper was
    submitted. `announced` is what a feed showed of each category asked.
    """

    source: str
    window: Window
    received: int
    total: int | None
    requests: int = 0
    unknown: Unknown | None = None
    unmatched: int = 0
    newest: datetime | None = None
    announced: tuple[Announced, ...] = ()
    proves: bool = False
    evening: date | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a fetch brought: distinct papers, and what was said of each window asked."""

    papers: tuple[Paper, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A keyword found in a paper, with the sentence it stands in."""

    phrase: str
    field: Field
    sentence: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A section and the probability that the paper belongs there."""

    path: Path
    p: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A listed paper that is like the candidate; similarity in [0, 1]."""

    id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of a candidate, and why.

    `relevance` estimates the probability that this curator accepts the paper. `section` is None when no section
    fits; the first alternative is then the judge's forced choice. `excluded` is the exclusion that was found, if any.
    `terms` are the words of the paper that speak most for it, strongest first, `section_terms` those that speak most
    for the likeliest section and against the next.
    """

    relevance: float
    matched: tuple[Match, ...] = ()
    section: Choice | None = None
    alternatives: tuple[Choice, ...] = ()
    nearest: tuple[Neighbour, ...] = ()
    excluded: Match | None = None
    terms: tuple[str, ...] = ()
    section_terms: tuple[str, ...] = ()

    @property
    def likeliest(self) -> tuple[Choice, ...]:
        """The sections that come into question, best first, whether one was chosen or not."""
        return (*((self.section,) if self.section else ()), *self.alternatives)

    @property
    def rivals(self) -> tuple[str, str] | None:
        """What the likeliest section and the next are called, between which `section_terms` decide; None if not known.

        They are the innermost headings, or all of them where these are the same.
        """
        if not self.section_terms or len(self.likeliest) < 2:
            return None
        one, other = (choice.path for choice in self.likeliest[:2])
        return (one[-1], other[-1]) if one[-1] != other[-1] else (" > ".join(one), " > ".join(other))


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Why a paper is not a candidate. `line` is its line in the list, None when it is known from elsewhere."""

    id: str
    line: int | None
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A paper that an exclusion kept out, with the words that did."""

    id: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A value for one kind of column, and where it was found: nothing is invented.

    `column` is the heading of the only column it is for, empty when the kind tells.
    """

    kind: str
    value: str
    origin: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that is not a duplicate, with its verdict and what is known for its cells.

    `waits` is the day since which it waits for room, None for a paper that does not.
    """

    paper: Paper
    verdict: Verdict
    cells: tuple[Cell, ...] = ()
    waits: date | None = None


class DecisionKind(StrEnum):
    """What a person said of a paper, or that nobody did before it expired."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MOVED = "moved"
    DEFERRED = "deferred"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a paper, on which day, and what that rests on."""

    id: str
    kind: DecisionKind
    day: date
    basis: Basis
    section: Path | None = None
    until: date | None = None
    reason: str | None = None


def naive_times(value: object) -> Iterator[datetime]:
    """Yield the times in a value, however deep, that are not in UTC: types cannot tell them from others."""
    if isinstance(value, datetime):
        if value.utcoffset() != timedelta(0):
            yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from naive_times(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from naive_times(getattr(value, field.name))
