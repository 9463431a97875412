"""Records of schema 1 as schema 2 writes them: reasons and what decisions rest on were sentences, and are codes. Pure.

State of schema 1 is read once, and whatever is written next is of schema 2. A sentence that the program never acted
upon stays what people read, under a general code: no gap is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.model import Reason
from bot.state.decision import How

_FIXED = {
    "arXiv counts far fewer papers than are usual; that is believed when another day says the same": Reason.FEW_ONCE,
    "they were not asked for yet": Reason.NOT_YET,
    "what arXiv answered is not known any more": Reason.LOST,
    "days to come were said to be proven, so what is said of the last 90 days is not believed": Reason.CLAIMED,
}
_MISSED_FEED = re.compile(
    r"those that no keyword names, for the feed of the evening of (\d{4}-\d\d-\d\d) was not read whole"
    r"(, unless arXiv had a holiday then: .*)?"
)
_IN_CYCLE = {
    "merged": How.MERGED,
    "closed": How.CLOSED,
    "unticked": How.UNTICKED,
    "its row was removed": How.ROW_REMOVED,
    "added by hand": How.ADDED,
}
_CYCLE = re.compile(r"cycle ([0-9]{1,9}): (.*)")
_NO_ROOM = re.compile(r"no room for ([0-9]{1,9}) days")


def upgraded(kind: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record of schema 1 as schema 2 has it; one that is not as schema 1 had it stays as it is."""
    if kind == "gaps" and isinstance(sentence := record.get("why"), str):
        return {**record, "why": _why(sentence)}
    if kind == "decisions" and isinstance(source := record.get("source"), str):
        return {**{key: value for key, value in record.items() if key != "source"}, "basis": _basis(source)}
    return record


def _why(sentence: str) -> Mapping[str, object]:
    if sentence in _FIXED:
        return {"reason": _FIXED[sentence]}
    if missed := _MISSED_FEED.fullmatch(sentence):
        return {"reason": Reason.MISSED_FEED, "evening": missed[1], "perhaps_holiday": missed[2] is not None}
    return {"reason": Reason.OTHER, "text": sentence or "no reason was recorded"}


def _basis(source: str) -> Mapping[str, object]:
    if source == "by hand":
        return {"how": How.COMMAND}
    if (found := _CYCLE.fullmatch(source)) and found[2] in _IN_CYCLE:
        return {"how": _IN_CYCLE[found[2]], "cycle": int(found[1])}
    if found := _NO_ROOM.fullmatch(source):
        return {"how": How.NO_ROOM, "days": int(found[1])}
    return {"how": How.COMMENT if source.startswith("https://") else How.OTHER, "text": source}
