"""Why a window is not proven: a code for the program, and one table of sentences for people. Pure.

State and proposals carry the code and its data; only what a person reads carries the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from string import Formatter


class Reason(StrEnum):
    """Why a window is not proven. The values stand in state files, so they never change."""

    # what the API answered
    CHANGED = "index_changed"
    DISAGREE = "answers_disagree"
    FEW = "few"
    FEW_ONCE = "few_once"
    FUTURE = "future"
    MISSING = "papers_missing"
    NO_TOTAL = "no_total"
    NOT_ASKED = "not_asked"
    OTHER_DATES = "other_dates"
    REPEATED = "page_repeated"
    SAID = "error_entry"
    SHORT_PAGE = "page_empty"
    TOO_MANY = "too_many"
    UNCONFIRMED = "unconfirmed"
    WENT_BACK = "index_went_back"
    ZERO = "zero"
    # what the feed answered
    CUT = "feed_cut"
    EMPTY = "feed_empty"
    NO_CATEGORIES = "no_categories"
    NO_DAY = "feed_undated"
    REFUSED = "feed_refused"
    STALE = "feed_stale"
    STANDS_STILL = "feed_stands_still"
    # any source
    FAILED = "failed"
    UNREADABLE = "unreadable"
    # what the ledger knows
    CLAIMED = "future_claimed"
    LOST = "record_lost"
    MISSED_FEED = "feed_missed"
    NOBODY_ASKED = "nobody_asked"
    NOT_YET = "not_yet_asked"
    OTHER = "other"


SENTENCES: Mapping[Reason, str] = {
    Reason.CHANGED: "{expected} more papers were due, but then arXiv counted {total}: its index changed meanwhile",
    Reason.DISAGREE: "the answers disagree: {received} distinct papers came, but arXiv counts {counts}",
    Reason.FEW: (
        "arXiv counts {total} papers where about {expected} are usual, and {control} in the same dates without keywords"
    ),
    Reason.FEW_ONCE: "arXiv counts far fewer papers than usual; that is believed once another day confirms it",
    Reason.FUTURE: "these days are still to come, by arXiv's clock or by ours",
    Reason.MISSING: "{received} distinct papers came of {total} that arXiv counts",
    Reason.NO_TOTAL: "the answer does not say how many papers there are",
    Reason.NOT_ASKED: "not asked any more: {text}",
    Reason.OTHER_DATES: "{paper}, submitted {time}, is outside the dates asked: this answers another question",
    Reason.REPEATED: "after {received} of {total} papers a page repeats earlier ones",
    Reason.SAID: "arXiv says: {text}",
    Reason.SHORT_PAGE: "after {received} of {total} papers a page is empty",
    Reason.TOO_MANY: "arXiv counts {total} papers, more than the 30000 it hands out, and sent them out of order",
    Reason.UNCONFIRMED: "arXiv counts {total} papers, and the control query failed: {text}",
    Reason.WENT_BACK: "arXiv has shown a paper submitted {time} before, and now shows none as new: its index went back",
    Reason.ZERO: "arXiv counts no papers, twice, and none in the same dates and categories without keywords either",
    Reason.CUT: "the feed holds {received} items, as many as it ever does, and may lack papers",
    Reason.EMPTY: "the feed is empty, though arXiv announces papers on the evening of {evening}",
    Reason.NO_CATEGORIES: "the feed is asked by category, and the configuration names none",
    Reason.NO_DAY: "the feed does not say which day it is of",
    Reason.REFUSED: "arXiv says: {text}",
    Reason.STALE: "the feed has no papers of the evening of {evening}, though arXiv announces some then",
    Reason.STANDS_STILL: "the feed has no new papers in {categories}: none at all, or those of an earlier evening",
    Reason.FAILED: "{text}",
    Reason.UNREADABLE: "only {received} of {total} entries can be read",
    Reason.CLAIMED: "the state claims proof for future dates, so its last 90 days are checked again",
    Reason.LOST: "the record of these days was lost",
    Reason.MISSED_FEED: "those without keywords, since the feed of the evening of {evening} was not read in full",
    Reason.NOBODY_ASKED: (
        "nothing was asked: the feed has no past, and needs keywords; "
        "add `api` to `sources`, or ask with `--source api`"
    ),
    Reason.NOT_YET: "these days have not been asked for yet",
    Reason.OTHER: "{text}",
}
"""What people read for each code; the names in braces are fields of `Unknown`."""
PERHAPS_HOLIDAY = ", unless that was a holiday: arXiv's holidays of {year} are not known here"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a window is not proven, with the data that the sentence of its reason names.

    `received` papers or entries came, `total` were counted, `counts` are different totals in their order; `expected`
    were due or are usual, `control` were counted without keywords. `evening` is that of an announcement; where its
    year's holidays are not known it is `perhaps_holiday`. `status` is the HTTP status of a failure, `text` what a
    server or a client said.
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
        for name in needed(self.reason):
            if getattr(self, name) in (None, (), ""):
                raise ValueError(f"the reason {self.reason} needs {name}")
        if self.perhaps_holiday and self.evening is None:
            raise ValueError("a holiday needs an evening")


def needed(reason: Reason) -> frozenset[str]:
    """Return the fields that the sentence of a reason names."""
    return frozenset(name for _, name, _, _ in Formatter().parse(SENTENCES[reason]) if name)


def sentence(unknown: Unknown) -> str:
    """Return what people read."""
    told = {
        **{name: getattr(unknown, name) for name in needed(unknown.reason)},
        "counts": ", then ".join(map(str, unknown.counts)),
        "categories": ", ".join(unknown.categories),
        "time": f"{unknown.time:%Y-%m-%d %H:%M}" if unknown.time else "",
    }
    holiday = unknown.evening if unknown.perhaps_holiday else None
    return SENTENCES[unknown.reason].format(**told) + (PERHAPS_HOLIDAY.format(year=holiday.year) if holiday else "")
