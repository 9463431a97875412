"""The one codec of a paper as JSON: pure.

A paper is an object with `id, title, authors[], summary, categories[], primary_category, published, updated, comment,
journal_ref, doi`; times are ISO 8601 in UTC; every field but `id` and `title` may be missing. In a `.jsonl` file one
line holds one paper, and only a line feed ends a line: U+2028 and its like are text.

Reading is generous in form (any spelling of an id, a blank instead of the `T`, no zone = UTC, a day alone = its
midnight, unknown keys) and strict in kind: what is not a paper raises a `BotError` that names the place and the key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from bot.arxiv import arxiv_id
from bot.errors import BotError
from bot.model import Paper

_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def fold(text: str) -> str:
    """Return the text on one line, each run of white space one blank, none at the ends."""
    return " ".join(text.split())


def loads(line: str, where: str) -> Paper:
    """Read one paper from JSON text. `where` (`papers.jsonl:3`) begins the message of the BotError it may raise."""
    try:
        value = json.loads(line)
    except RecursionError:
        raise BotError(f"{where}: not JSON: nested too deeply") from None
    except json.JSONDecodeError as error:
        line = f" of line {error.lineno}" if error.lineno > 1 else ""
        raise BotError(f"{where}: not JSON: {error.msg} at column {error.colno}{line}") from None
    except ValueError as error:
        raise BotError(f"{where}: not JSON: {error}") from None
    return decode(value, where)


def dumps(paper: Paper) -> str:
    """Write one paper as one line of JSON without its end: sorted keys, absent fields left out."""
    return json.dumps(encode(paper), ensure_ascii=False, sort_keys=True)


def read_lines(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, Paper]]:
    """Read the lines of a `.jsonl` file, split at line feeds (as a file opened in binary mode yields them).

    Yields each paper with its place, `name:3`. Blank lines and a byte order mark are skipped.
    """
    for number, raw in enumerate(lines, start=1):
        where = f"{name}:{number}"
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BotError(f"{where}: not UTF-8 at byte {error.start + 1} of the line") from None
        if line.strip():
            yield where, loads(line, where)


def decode(value: object, where: str) -> Paper:
    """Read one paper from decoded JSON; the counterpart of `encode`."""
    if not isinstance(value, dict):
        raise BotError(f"{where}: a paper is a JSON object, not {_kind(value)}")
    return Paper(
        id=_id(value, where),
        title=_required(value, "title", where),
        authors=_texts(value, "authors", where),
        summary=(_text(value, "summary", where) or "").strip(),
        categories=_texts(value, "categories", where),
        primary_category=_line(value, "primary_category", where),
        published=_time(value, "published", where),
        updated=_time(value, "updated", where),
        comment=_line(value, "comment", where),
        journal_ref=_line(value, "journal_ref", where),
        doi=_line(value, "doi", where),
    )


def encode(paper: Paper) -> dict[str, object]:
    """Return the paper as a JSON object without the fields that are unknown or empty."""
    fields: dict[str, object] = {
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "summary": paper.summary,
        "categories": list(paper.categories),
        "primary_category": paper.primary_category,
        "published": paper.published and format_time(paper.published),
        "updated": paper.updated and format_time(paper.updated),
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "doi": paper.doi,
    }
    return {key: value for key, value in fields.items() if value}


def format_time(moment: datetime) -> str:
    """Write an aware time as `2025-11-03T17:59:46Z`, to the second; ValueError when it has no zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without zone: {moment}")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_time(text: str) -> datetime:
    """Read a time as aware UTC, to the second: the counterpart of `format_time`; ValueError when it is none."""
    if not _TIME.fullmatch(text.strip()):
        raise ValueError(f"not a time like 2025-11-03T17:59:46Z: {text!r}")
    moment = datetime.fromisoformat(text.strip().upper()).replace(microsecond=0)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"out of range: {text!r}") from None


def _id(fields: Mapping[str, object], where: str) -> str:
    """Return the base id, whatever the spelling."""
    text = _required(fields, "id", where)
    if (parsed := arxiv_id.parse(text)) is None:
        raise BotError(f"{where}: 'id' is not an arXiv id: {_shown(text)}")
    return parsed.base


def _required(fields: Mapping[str, object], key: str, where: str) -> str:
    """Return a text that must be there."""
    if fields.get(key) is None:
        raise BotError(f"{where}: {key!r} is missing")
    if not (text := _line(fields, key, where)):
        raise BotError(f"{where}: {key!r} is empty")
    return text


def _line(fields: Mapping[str, object], key: str, where: str) -> str | None:
    """Return a text folded to one line, None when it is absent or empty."""
    return fold(_text(fields, key, where) or "") or None


def _text(fields: Mapping[str, object], key: str, where: str) -> str | None:
    """Return a text as it is, None when absent."""
    value = fields.get(key)
    return None if value is None else _clean(value, f"{where}: {key!r}")


def _texts(fields: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    """Return a list of texts, each folded to one line, empty ones left out."""
    value = fields.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BotError(f"{where}: {key!r} must be a list of strings, not {_kind(value)}")
    texts = (fold(_clean(each, f"{where}: {key!r}, item {n}")) for n, each in enumerate(value, start=1))
    return tuple(text for text in texts if text)


def _time(fields: Mapping[str, object], key: str, where: str) -> datetime | None:
    """Return a time as aware UTC, None when it is absent or empty."""
    text = _line(fields, key, where)
    try:
        return None if text is None else parse_time(text)
    except ValueError:
        raise BotError(f"{where}: {key!r} is not a time like 2025-11-03T17:59:46Z: {_shown(text)}") from None


def _clean(value: object, what: str) -> str:
    """Return a string that can be written as UTF-8: a lone surrogate (JSON allows it) becomes U+FFFD."""
    if not isinstance(value, str):
        raise BotError(f"{what} must be a string, not {_kind(value)}")
    return _SURROGATES.sub("\ufffd", value)


def _kind(value: object) -> str:
    """Name the JSON type of a value for a message."""
    names: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "a boolean",
        type(None): "null",
    }
    return names.get(type(value), "a number")


def _shown(text: object) -> str:
    """Quote a value of unknown length for a message."""
    shown = ascii(text)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
