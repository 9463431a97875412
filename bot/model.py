"""The nouns every room shares: frozen and inert. Times are in UTC, paper ids are base ids (`2407.12391`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Self

Path = tuple[str, ...]
"""The plain texts of a section's headings, outermost first."""

ARXIV_BEGAN = datetime(1991, 8, 1, tzinfo=UTC)
"""Nothing was submitted before."""
TRAILER = "Arxiv-Bot-Cycle"
"""The trailer by which the bot knows its own commits."""
TIME_ENDS = datetime(9999, 1, 1, tzinfo=UTC)
"""The latest end of a window, so that a calendar can still reckon some days beyond it."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One arXiv work, whatever the version; all but id and title may be unknown."""

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

    def __contains__(self, moment: datetime | None) -> bool:
        return moment is not None and self.since <= moment < self.until


class Field(StrEnum):
    """Where a phrase is searched."""

    ANY = "any"
    TITLE = "title"
    ABSTRACT = "abstract"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A phrase of the list's topic; `weight` in (0, 1) is how much one match says that a paper belongs."""

    phrase: str
    field: Field = Field.ANY
    weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Announced:
    """How many new papers of a category the feed of an evening showed, and the latest id, if any."""

    category: str
    evening: date
    papers: int
    newest: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """Any keyword, one of each group, in any category, without the exclusions; no keywords or categories mean all."""

    keywords: tuple[Keyword, ...]
    categories: tuple[str, ...] = ()
    exclude: tuple[Keyword, ...] = ()
    groups: tuple[tuple[Keyword, ...], ...] = ()

    @property
    def phrased(self) -> bool:
        """Whether phrases restrict it."""
        return bool(self.keywords or self.groups)

    def in_categories(self, paper: Paper) -> bool:
        """Whether a paper is in one of the categories or archives, or may be: its own are unknown."""
        if not self.categories or not paper.categories:
            return True
        return any(c in self.categories or c.partition(".")[0] in self.categories for c in paper.categories)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What earlier answers to a query let expect of the next: an answer that differs is doubted.

    `usual` is how many papers a working day had in the windows counted since `counted_since`, 0 when not known.
    `newest` is when the newest paper seen was submitted: an index that shows none as new went back. `doubted` are
    windows that counted far fewer papers than usual on an earlier day: a second such day is believed. `announced` is
    what feeds showed of the query's categories.
    """

    usual: float = 0.0
    counted_since: datetime | None = None
    newest: datetime | None = None
    doubted: tuple[Window, ...] = ()
    announced: tuple[Announced, ...] = ()


NO_EXPECTATION = Expectation()


class Reason(StrEnum):
    """Why a window is not proven, and the fields of `Unknown` it needs; codes stand in state files and never change."""

    # what the API answered
    CHANGED = "index_changed", "expected", "total"
    DISAGREE = "answers_disagree", "received", "counts"
    FEW = "few", "total", "expected", "control"
    FEW_ONCE = "few_once"
    FUTURE = "future"
    MISSING = "papers_missing", "received", "total"
    NO_TOTAL = "no_total"
    NOT_ASKED = "not_asked", "text"
    OTHER_DATES = "other_dates", "paper", "time"
    REPEATED = "page_repeated", "received", "total"
    SAID = "error_entry", "text"
    SHORT_PAGE = "page_empty", "received", "total"
    TOO_MANY = "too_many", "total"
    UNCONFIRMED = "unconfirmed", "total", "text"
    WENT_BACK = "index_went_back", "time"
    ZERO = "zero"
    # what the feed answered
    CUT = "feed_cut", "received"
    EMPTY = "feed_empty", "evening"
    NO_CATEGORIES = "no_categories"
    NO_DAY = "feed_undated"
    REFUSED = "feed_refused", "text"
    STALE = "feed_stale", "evening"
    STANDS_STILL = "feed_stands_still", "categories"
    # any source
    FAILED = "failed", "text"
    UNREADABLE = "unreadable", "received", "total"
    # what the ledger knows
    CLAIMED = "future_claimed"
    LOST = "record_lost"
    MISSED_FEED = "feed_missed", "evening"
    NOBODY_ASKED = "nobody_asked"
    NOT_YET = "not_yet_asked"
    OTHER = "other", "text"

    needs: tuple[str, ...]

    def __new__(cls, code: str, *needs: str) -> Self:  # noqa: D102 - how an enum takes data
        made = str.__new__(cls, code)
        made._value_, made.needs = code, needs
        return made


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a window is not proven, with the data that its reason needs.

    `received` papers or entries came, `total` were counted, `counts` are different totals in their order; `expected`
    were due or are usual, `control` were counted without keywords. `evening` is that of an announcement,
    `perhaps_holiday` where its year's holidays are not known. `text` is what a server or a client said.
    """

    reason: Reason
    received: int | None = None
    total: int | None = None
    counts: tuple[int, ...] = ()
    expected: int | None = None
    control: int | None = None
    evening: date | None = None
    perhaps_holiday: bool = False
    paper: str | None = None
    time: datetime | None = None
    categories: tuple[str, ...] = ()
    status: int | None = None
    text: str = ""

    def __post_init__(self) -> None:
        for name in self.reason.needs:
            if getattr(self, name) in (None, (), ""):
                raise ValueError(f"the reason {self.reason} needs {name}")
        if self.perhaps_holiday and self.evening is None:
            raise ValueError("a holiday needs an evening")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said of one window, which never reaches beyond the moment of the answer.

    `source` is its name for people. `total` is how many papers it said exist, None if it cannot say. `unknown` is why
    the window must be asked again; only without it, and from a source that `proves`, the window is covered.
    `unmatched` counts papers without a keyword as the judge reads them, `newest` is when the newest was submitted. A
    feed answers with the `evening` of its announcement, and with what it `announced` of each category.
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
    """What a fetch brought: distinct papers, and an answer for each window."""

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
    """A listed paper like the candidate; similarity in [0, 1]."""

    id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of a candidate, and why.

    `relevance` estimates the probability that this curator accepts the paper; it is 0 for one that is excluded, or that
    holds none of the `missing` phrases, of which it must have one. `section` is None when no section fits;
    the first alternative is then the judge's forced choice. `terms` are the paper's words that speak most for it,
    strongest first, `section_terms` those that speak most for the likeliest section and against the next.
    """

    relevance: float
    matched: tuple[Match, ...] = ()
    section: Choice | None = None
    alternatives: tuple[Choice, ...] = ()
    nearest: tuple[Neighbour, ...] = ()
    excluded: Match | None = None
    terms: tuple[str, ...] = ()
    section_terms: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def barred(self) -> bool:
        """Whether phrases keep the paper out, however much the list speaks for it."""
        return bool(self.excluded or self.missing)

    @property
    def likeliest(self) -> tuple[Choice, ...]:
        """The sections in question, best first, whether one was chosen or not."""
        return (*((self.section,) if self.section else ()), *self.alternatives)

    @property
    def rivals(self) -> tuple[str, str] | None:
        """Names of the likeliest section and the next, between which `section_terms` decide; None if not known."""
        if not self.section_terms or len(self.likeliest) < 2:
            return None
        one, other = (choice.path for choice in self.likeliest[:2])
        return (one[-1], other[-1]) if one[-1] != other[-1] else (" > ".join(one), " > ".join(other))


@dataclass(frozen=True, slots=True)
class NewSection:
    """A section that a list lacks: a name, and the ids of the papers that are alike and fit no other, sorted."""

    name: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Why a paper is not a candidate; `line` is its line in the list, None when known from elsewhere."""

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
    """A value for one kind of column, or only for that headed `column`, and where it was found."""

    kind: str
    value: str
    origin: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that is not a duplicate, with its verdict, its cells, and the day since which it waits for room."""

    paper: Paper
    verdict: Verdict
    cells: tuple[Cell, ...] = ()
    waits: date | None = None

    @property
    def id(self) -> str:
        """The id of the paper."""
        return self.paper.id


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: 1 paper, 2 papers."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
