"""Keywords to arXiv query strings: pure.

What arXiv's grammar demands (https://info.arxiv.org/help/api/user-manual.html, and its parser's code): every term
carries a field prefix, phrases stand in double quotes, and since operators know no precedence and bind to the right,
every mixture of them is parenthesised here. A hyphen inside a phrase has excluded its second word
(arxiv-search#322), so phrases are written as plain words; the server stems anyway, and the judge looks again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.errors import BotError
from bot.model import Field, Keyword, Query, Window

_PREFIXES = {Field.ANY: ("all",), Field.TITLE: ("ti",), Field.ABSTRACT: ("abs",)}
_EXCLUDING_PREFIXES = {**_PREFIXES, Field.ANY: ("ti", "abs")}
"""`all:` also looks into authors, comments and references: far too wide to throw a paper out."""

_OUTSIDE_WORDS = re.compile(r"[^\w'.]|_")
_LOOSE_MARKS = re.compile(r"(?<!\w)['.]+|['.]+(?!\w)")
_CATEGORY = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*|\.\*)?", re.ASCII)


def search_query(query: Query, window: Window | None) -> str:
    """Return the `search_query` for any keyword, in any category, inside the window, without the exclusions.

    The text is not percent-encoded. The range covers the window and up to a minute more at both ends, so the caller
    trims. Raises BotError when a phrase or a category cannot be asked, or nothing is left to ask.
    """
    parts = [
        _any(_terms(query.keywords, _PREFIXES)),
        _any(_categories(query.categories)),
        _range(window),
    ]
    wanted = _all([part for part in parts if part])
    if not wanted:
        raise BotError("nothing to ask arXiv for: the query has no keywords, no categories and no dates")
    unwanted = _any(_terms(query.exclude, _EXCLUDING_PREFIXES))
    return f"({wanted}) ANDNOT {unwanted}" if unwanted else wanted


def control_query(query: Query, window: Window) -> str:
    """Return the query whose answer cannot plausibly be empty when arXiv is well.

    The same window and categories without keywords and exclusions; where there are no keywords to drop,
    without the categories.
    """
    return search_query(Query((), query.categories if query.keywords else ()), window)


def words(phrase: str) -> str:
    """Return the phrase as plain words: letters, digits, and inner apostrophes and full stops."""
    composed = unicodedata.normalize("NFC", phrase).replace("’", "'")
    spaced = _OUTSIDE_WORDS.sub(" ", composed)
    return " ".join(_LOOSE_MARKS.sub(" ", spaced).split())


def _terms(keywords: Sequence[Keyword], prefixes: Mapping[Field, tuple[str, ...]]) -> list[str]:
    """Return the distinct terms of the keywords, in their order."""
    terms: dict[str, None] = {}
    for keyword in keywords:
        if not (phrase := words(keyword.phrase)):
            raise BotError(f"the keyword {keyword.phrase!r} has no letter or digit to search for: remove it")
        terms.update((f'{prefix}:"{phrase}"', None) for prefix in prefixes[keyword.field])
    return list(terms)


def _categories(categories: Sequence[str]) -> list[str]:
    """Return the distinct category terms; `cat:` matches primary and cross-listed papers alike."""
    for category in categories:
        if not _CATEGORY.fullmatch(category):
            raise BotError(f"{category!r} is not an arXiv category such as cs.DC: correct it")
    return list(dict.fromkeys(f"cat:{category}" for category in categories))


def _range(window: Window | None) -> str:
    """Return the date range: whole minutes in GMT, and it ends at its exact minute, so `until` is rounded up."""
    if window is None:
        return ""
    since = window.since.astimezone(UTC)
    until = window.until.astimezone(UTC)
    if until.second or until.microsecond:
        until += timedelta(minutes=1)
    return f"submittedDate:[{_minute(since)} TO {_minute(until)}]"


def _minute(moment: datetime) -> str:
    return f"{moment.year:04}{moment:%m%d%H%M}"


def _any(terms: Sequence[str]) -> str:
    """Return a group that one of the terms satisfies, empty without terms."""
    return f"({' OR '.join(terms)})" if terms else ""


def _all(parts: Sequence[str]) -> str:
    """Return a conjunction of closed parts, or the part when it is alone."""
    return " AND ".join(parts)
