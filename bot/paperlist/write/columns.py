"""What the columns of a table hold, as far as their headings tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class Holds(StrEnum):
    """What a column holds, as far as its heading tells."""

    PAPER = "paper"
    LINK = "link"
    CODE = "code"
    DATE = "date"
    OTHER = "other"


_HEADINGS: Mapping[Holds, re.Pattern[str]] = {
    Holds.CODE: re.compile(r"\b(?:code|github|repo(?:sitory)?|implementation|open[ -]?source)\b|代码|开源", re.I),
    Holds.DATE: re.compile(r"\b(?:date|published|publish(?: date)?|time)\b|日期|时间", re.I),
    Holds.PAPER: re.compile(r"\b(?:papers?|titles?|publication|work|name)\b|论文|标题|题目", re.I),
    Holds.LINK: re.compile(r"\b(?:links?|urls?|arxiv|pdf|abs)\b|链接|网址", re.I),
}


def by_heading(heading: str) -> Holds:
    """Return what a heading says that its column holds."""
    return next((holds for holds, pattern in _HEADINGS.items() if pattern.search(heading)), Holds.OTHER)
