"""Keywords to arXiv query strings: pure.

What arXiv's grammar demands (https://info.arxiv.org/help/api/user-manual.html, and its parser's code): every term
carries a field prefix, phrases stand in double quotes, and since operators know no precedence and bind to the right,
every mixture of them is parenthesised. A hyphen inside a phrase has excluded its second word (arxiv-search#322), so
phrases are written as plain words. The index knows hyphenated words as two and has not always stemmed, so a phrase is
asked in singular and plural, and one with a hyphen also as one word, as the judge would find it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote_plus

from bot.errors import BotError
from bot.judge.keywords import mentions
from bot.model import Field, Keyword, Paper, Query, Window

LONGEST = 6_000
"""Bytes of an encoded search query; servers commonly refuse addresses from 8 kB on."""

_PREFIXES = {Field.ANY: ("all",), Field.TITLE: ("ti",), Field.ABSTRACT: ("abs",)}
_EXCLUDING_PREFIXES = {**_PREFIXES, Field.ANY: ("ti", "abs")}
"""`all:` also looks into authors, comments and references: far too wide to throw a paper out."""

_OUTSIDE_WORDS = re.compile(r"[^\w'.]|_")
_LOOSE_MARKS = re.compile(r"(?<!\w)['.]+|['.]+(?!\w)")
_HYPHEN_INSIDE = re.compile(r"(?<=\w)[\-‐-―](?=\w)")
_PLAIN_WORD = re.compile(r"[^\W\d_]{3,}")
_CATEGORY = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*|\.\*)?", re.ASCII)


def search_query(query: Query, window: Window | None) -> str:
    """Return the `search_query` for a keyword, one of each group, a category, in the window, without the exclusions.

    The text is not percent-encoded. The range covers the window and up to a minute more at both ends, so the caller
    trims. Raises BotError when a phrase or a category cannot be asked, or nothing is left to ask.
    """
    phrases = (_any(_terms(some, _PREFIXES, variants)) for some in (query.keywords, *query.groups))
    parts = [*phrases, _any(_categories(query.categories)), _range(window)]
    if not (wanted := " AND ".join(filter(None, parts))):
        raise BotError("nothing to ask arXiv for: the query has no keywords, no categories and no dates")
    unwanted = _any(_terms(query.exclude, _EXCLUDING_PREFIXES, lambda phrase: (plain_words(phrase),)))
    return f"({wanted}) ANDNOT {unwanted}" if unwanted else wanted


def in_parts(query: Query, window: Window) -> tuple[Query, ...]:
    """Return queries that together ask for the same papers, each short enough for an address: normally the one.

    Exclusions are left to the judge where they alone make a query too long. Raises BotError when one keyword is.
    """
    if len(quote_plus(search_query(query, window))) <= LONGEST:
        return (query,)
    if max(map(len, (query.keywords, *query.groups))) > 1:
        return tuple(part for half in _halves(query) for part in in_parts(half, window))
    if query.exclude:
        return in_parts(replace(query, exclude=()), window)
    raise BotError(f"the query is longer than the {LONGEST} bytes arXiv takes: shorten its keywords or categories")


def _halves(query: Query) -> Iterator[Query]:
    """Yield two queries that together ask for the same: each with half of the longest list of phrases."""
    alternatives = [query.keywords, *query.groups]
    longest = max(range(len(alternatives)), key=lambda n: len(alternatives[n]))
    phrases = alternatives[longest]
    for some in (phrases[: len(phrases) // 2], phrases[len(phrases) // 2 :]):
        parts = [*alternatives[:longest], some, *alternatives[longest + 1 :]]
        yield replace(query, keywords=parts[0], groups=tuple(parts[1:]))


def whole_days(window: Window) -> Window:
    """Return the whole UTC days that hold a window: runs of one day then ask the same, and a cache can answer."""
    since, until = window.since.astimezone(UTC), window.until.astimezone(UTC)
    first, last = datetime.combine(since, time(), UTC), datetime.combine(until, time(), UTC)
    return Window(first, last if last == until else last + timedelta(days=1))


def matches(query: Query, paper: Paper) -> bool:
    """Whether a keyword and one of each group stand in title or abstract, all that the judge reads."""
    return all(mentions(paper, some) for some in (query.keywords, *query.groups) if some)


def control_query(query: Query, window: Window) -> str:
    """Return the query whose answer cannot plausibly be empty when arXiv is well.

    It has no phrases and exclusions; where there are no phrases to drop, no categories either.
    """
    return search_query(Query((), query.categories if query.phrased else ()), window)


def plain_words(phrase: str) -> str:
    """Return the phrase as plain words: letters, digits, and inner apostrophes and full stops."""
    composed = unicodedata.normalize("NFC", phrase).replace("’", "'")
    spaced = _OUTSIDE_WORDS.sub(" ", composed)
    return " ".join(_LOOSE_MARKS.sub(" ", spaced).split())


def _terms(
    keywords: Sequence[Keyword], prefixes: Mapping[Field, tuple[str, ...]], spellings: Callable[[str], tuple[str, ...]]
) -> list[str]:
    """Return the distinct terms of the keywords, in their order."""
    terms: dict[str, None] = {}
    for keyword in keywords:
        if not plain_words(keyword.phrase):
            raise BotError(f"the keyword {keyword.phrase!r} has no letter or digit to search for: remove it")
        for phrase in spellings(keyword.phrase):
            terms.update((f'{prefix}:"{phrase}"', None) for prefix in prefixes[keyword.field])
    return list(terms)


def variants(phrase: str) -> tuple[str, ...]:
    """Return the spellings a phrase is asked in: as it is, without its hyphens, and each in the other number."""
    joined = _HYPHEN_INSIDE.sub("", unicodedata.normalize("NFC", phrase))
    spellings = dict.fromkeys((plain_words(phrase), plain_words(joined)))
    return tuple(dict.fromkeys(form for spelling in spellings for form in (spelling, *_other_numbers(spelling))))


def _other_numbers(phrase: str) -> Iterator[str]:
    """Yield the phrase with its last word in plural, or in singular when it is a plural, as far as letters tell."""
    rest, space, word = phrase.rpartition(" ")
    if _PLAIN_WORD.fullmatch(word):
        yield from (f"{rest}{space}{other}" for other in _other_number(word))


def _other_number(word: str) -> tuple[str, ...]:
    if word.endswith(("ism", "ing", "ss", "us", "is")):
        return (f"{word}es",) if word.endswith("ss") else ()
    if word.endswith("ies"):
        return (f"{word[:-3]}y", word[:-1])
    if word.endswith(("ches", "shes", "xes", "sses")):
        return (word[:-1], word[:-2])
    if word.endswith("s"):
        return (word[:-1],)
    if word.endswith("y") and word[-2] not in "aeiou":
        return (f"{word[:-1]}ies",)
    return (f"{word}es",) if word.endswith(("x", "ch", "sh")) else (f"{word}s",)


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
    since, until = window.since.astimezone(UTC), window.until.astimezone(UTC)
    if until.second or until.microsecond:
        until += timedelta(minutes=1)
    return f"submittedDate:[{since:%Y%m%d%H%M} TO {until:%Y%m%d%H%M}]"


def _any(terms: Sequence[str]) -> str:
    """Return a group that one of the terms satisfies, empty without terms."""
    return f"({' OR '.join(terms)})" if terms else ""
