"""Records of schema 1 as schema 2 writes them: reasons were sentences, and are codes. Pure.

State of schema 1 is read once, and whatever is written next is of schema 2. A sentence that the program never acted
upon stays what people read, under a general code: no gap is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.unknown import Reason

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


def upgraded(kind: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record of schema 1 as schema 2 has it; one that is not as schema 1 had it stays as it is."""
    if kind == "gaps" and isinstance(sentence := record.get("why"), str):
        return {**record, "why": _why(sentence)}
    return record


def _why(sentence: str) -> Mapping[str, object]:
    if sentence in _FIXED:
        return {"reason": _FIXED[sentence]}
    if missed := _MISSED_FEED.fullmatch(sentence):
        return {"reason": Reason.MISSED_FEED, "evening": missed[1], "perhaps_holiday": missed[2] is not None}
    return {"reason": Reason.OTHER, "text": sentence or "no reason was recorded"}
