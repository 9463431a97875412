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
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ValidationError

from bot.arxiv import arxiv_id
from bot.errors import BotError
from bot.model import Paper

_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_WRONG = {"missing": "is missing", "string_type": "must be a string", "list_type": "must be a list of strings"}
_SURROGATES = re.compile("[\ud800-\udfff]")


def folded(text: str) -> str:
    """Return the text on one line, each run of white space one blank, none at the ends."""
    return " ".join(text.split())


def load_paper(line: str, where: str) -> Paper:
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
    return decode_paper(value, where)


def dump_paper(paper: Paper) -> str:
    """Write one paper as one line of JSON without its end: sorted keys, absent fields left out."""
    return json.dumps(encode_paper(paper), ensure_ascii=False, sort_keys=True)


def read_lines(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, Paper]]:
    """Yield the papers of a `.jsonl` file, split at line feeds, each with its place, `name:3`.

    Blank lines and a byte order mark are skipped.
    """
    for number, raw in enumerate(lines, start=1):
        where = f"{name}:{number}"
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BotError(f"{where}: not UTF-8 at byte {error.start + 1} of the line") from None
        if line.strip():
            yield where, load_paper(line, where)


def decode_paper(value: object, where: str) -> Paper:
    """Read one paper from decoded JSON; the counterpart of `encode_paper`."""
    if not isinstance(value, dict):
        raise BotError(f"{where}: a paper is a JSON object")
    try:
        read = _Record.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ", ".join(f"{part!r}" if isinstance(part, str) else f"item {part + 1}" for part in first["loc"])
        said = _WRONG.get(first["type"]) or first["msg"].removeprefix("Value error, ")
        raise BotError(f"{where}: {key} {said}") from None
    authors, categories = (tuple(filter(None, texts or ())) for texts in (read.authors, read.categories))
    summary = (read.summary or "").strip()
    return Paper(**{**dict(read), "authors": authors, "categories": categories, "summary": summary})


def encode_paper(paper: Paper) -> dict[str, object]:
    """Return the paper as a JSON object without the fields that are unknown or empty."""
    fields = {key: format_time(v) if isinstance(v, datetime) else v for key, v in asdict(paper).items() if v}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()}


def format_time(moment: datetime) -> str:
    """Return an aware time as `2025-11-03T17:59:46Z`, to the second; ValueError when it has no zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without zone: {moment}")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_time(text: str) -> datetime:
    """Return a time in UTC, to the second: the counterpart of `format_time`; ValueError if it is not a time."""
    try:
        if not _TIME.fullmatch(text.strip()):
            raise ValueError
        moment = datetime.fromisoformat(text.strip().upper()).replace(microsecond=0)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"is not a time like 2025-11-03T17:59:46Z: {_short(text)}") from None


def _clean(value: object) -> object:
    """Return a text that can be written as UTF-8: a lone surrogate (JSON allows it) becomes U+FFFD."""
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value


def _filled(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    return text


def _base(text: str) -> str:
    if (base := arxiv_id.parse_id(text)) is None:
        raise ValueError(f"is not an arXiv id: {_short(text)}")
    return base


def _time(value: object) -> object:
    return (parse_time(value) if value.strip() else None) if isinstance(value, str) else value


def _short(text: str) -> str:
    """Return a quoted value of unknown length for a message."""
    quoted = ascii(text)
    return quoted if len(quoted) <= 80 else f"{quoted[:77]}..."


_Text = Annotated[str, BeforeValidator(_clean)]
_Line = Annotated[str, BeforeValidator(_clean), AfterValidator(folded)]
_Filled = Annotated[_Line, AfterValidator(_filled)]
_Optional = Annotated[_Line | None, AfterValidator(lambda text: text or None)]
_Time = Annotated[datetime | None, BeforeValidator(_time)]


class _Record(BaseModel, strict=True):
    """A paper as it is read."""

    id: Annotated[_Filled, AfterValidator(_base)]
    title: _Filled
    authors: list[_Line] | None = None
    summary: _Text | None = None
    categories: list[_Line] | None = None
    primary_category: _Optional = None
    published: _Time = None
    updated: _Time = None
    comment: _Optional = None
    journal_ref: _Optional = None
    doi: _Optional = None
