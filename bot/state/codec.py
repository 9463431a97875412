"""Frozen nouns as JSON and back, read as strictly as if there were no types: for the state and for proposals. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # imported late: it takes longer than most commands

    return TypeAdapter(kind)


def dumped(kind: Any, value: Any, *, defaults: bool) -> Any:
    """Return a value as JSON data, with or without fields that have their default."""
    return _adapter(kind).dump_python(value, mode="json", exclude_defaults=not defaults)


def loaded(kind: Any, text: bytes) -> Any:
    """Return the value that JSON holds; raise `ValueError` with one line for anything that `dumped` does not return."""
    from pydantic import ValidationError

    try:
        value = _adapter(kind).validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))) from None
    except TypeError as error:  # a window of one time with and one without a zone
        raise ValueError(str(error)) from None
    for time in _naive_times(value):
        raise ValueError(f"{time} is not a time in UTC")
    return value


def _naive_times(value: object) -> Iterator[datetime]:
    """Yield the times in a value, however deep, that are not in UTC: types cannot tell them from others."""
    if isinstance(value, datetime):
        if value.utcoffset() != timedelta(0):
            yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _naive_times(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _naive_times(getattr(value, field.name))
