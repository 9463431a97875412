"""What people read of why a window is not proven: one table, a sentence for each code."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model import Reason, Unknown

SENTENCES: Mapping[Reason, str] = {
    Reason.CHANGED: "{expected} more papers were due, but then arXiv counted {total}: its index changed meanwhile",
    Reason.DISAGREE: "the answers disagree: {received} distinct papers came, but arXiv counts {counts}",
    Reason.FEW: (
        "arXiv counts {total} papers where about {expected} are usual, and {control} in the same dates without keywords"
    ),
    Reason.FEW_ONCE: "arXiv counts far fewer papers than usual; a second day must confirm this",
    Reason.FUTURE: "these days are still to come, by arXiv's clock or by ours",
    Reason.MISSING: "only {received} of the {total} papers that arXiv counts arrived",
    Reason.NO_TOTAL: "the answer does not say how many papers there are",
    Reason.NOT_ASKED: "skipped after an earlier failure: {text}",
    Reason.OTHER_DATES: "{paper}, submitted {time}, is outside the dates asked: this answers another question",
    Reason.REPEATED: "after {received} of {total} papers a page repeats earlier ones",
    Reason.SAID: "arXiv says: {text}",
    Reason.SHORT_PAGE: "after {received} of {total} papers a page is empty",
    Reason.TOO_MANY: "arXiv counts {total} papers, more than the 30000 it hands out, and sent them out of order",
    Reason.UNCONFIRMED: "arXiv counts {total} papers, and the control query failed: {text}",
    Reason.WENT_BACK: "arXiv has shown a paper submitted {time} before, and now shows none as new: its index went back",
    Reason.ZERO: "arXiv counts no papers, twice, and none in the same dates and categories without keywords either",
    Reason.CUT: "the feed holds {received} items, its maximum, so papers may be missing",
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
    Reason.MISSED_FEED: "papers that match no keyword, because the feed of {evening} was not read in full",
    Reason.NOBODY_ASKED: (
        "nothing was asked: the feed shows only the latest announcement, for lists with keywords; "
        "add `api` to `sources`, or ask with `--source api`"
    ),
    Reason.NOT_YET: "these days have not been asked for yet",
    Reason.OTHER: "{text}",
}
"""The names in braces are fields of `Unknown`."""
PERHAPS_HOLIDAY = ", unless that was a holiday: arXiv's holidays of {year} are not known here"


def sentence(unknown: Unknown) -> str:
    """Return what people read."""
    data = {
        **{name: getattr(unknown, name) for name in unknown.reason.needs},
        "counts": ", then ".join(map(str, unknown.counts)),
        "categories": ", ".join(unknown.categories),
        "time": f"{unknown.time:%Y-%m-%d %H:%M}" if unknown.time else "",
    }
    holiday = unknown.evening if unknown.perhaps_holiday else None
    return SENTENCES[unknown.reason].format(**data) + (PERHAPS_HOLIDAY.format(year=holiday.year) if holiday else "")
