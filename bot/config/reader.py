"""Reading the configuration: everything is checked at once, and a mistake is reported with its line and key."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config import yaml_lines
from bot.config.model import Config, File, Limits, ListConfig, Opening, Phrase, SectionRule
from bot.config.yaml_lines import dotted
from bot.errors import ConfigError, reason

_MESSAGES = {
    "missing": "is missing",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "string_type": "must be text; put quotes around it",
    "tuple_type": "must be a list, such as [one, two]",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must be at most 40 lower case letters, digits and hyphens",
}
MODELS: Mapping[str, type[BaseModel]] = {
    "lists": ListConfig,
    "sections": SectionRule,
    "keywords": Phrase,
    "exclude": Phrase,
    "limits": Limits,
    "pull_request": Opening,
}
"""The model of each key that holds a mapping, or a list of mappings."""


def load(path: Path) -> Config:
    """Read and check a configuration; raise `ConfigError` with file, line and dotted key."""
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("there is no such file; write one, or name another with --config", path=name) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {reason(error)}", path=name) from None
    return loads(text, name)


def loads(text: str, name: str) -> Config:
    """Check a configuration given as text; `name` is what messages call it."""
    tree, lines = yaml_lines.read_yaml(text, name)
    if not isinstance(tree, dict):
        raise ConfigError("must be a mapping with the key 'lists'", path=name, line=1)
    try:
        file = File.model_validate(tree)
    except ValidationError as error:
        raise _explained(error, name, lines) from None
    config = Config(name, lines=lines, **dict(file))
    _cross_check(config)
    return config


def _explained(error: ValidationError, name: str, lines: Mapping[str, int]) -> ConfigError:
    """Return the first of pydantic's findings as an error of this file; an unknown key may explain the others."""
    found = error.errors()
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    place = [str(part) for part in first["loc"]]
    written = (dotted(place[:n]) for n in range(len(place), 0, -1))
    line = next((lines[key] for key in written if key in lines), 1)
    return ConfigError(_message(first, place), path=name, line=line, key=dotted(place))


def _message(found: ErrorDetails, place: Sequence[str]) -> str:
    kind, value = found["type"], found["input"]
    if kind == "extra_forbidden":
        inner = [MODELS[part] for part in place[:-1] if part in MODELS]
        keys = list((inner[-1] if inner else File).model_fields)
        near = difflib.get_close_matches(place[-1], keys, n=1, cutoff=0.5)
        return f"unknown key; did you mean {near[0]!r}?" if near else f"unknown key; known keys: {', '.join(keys)}"
    if place[-1] == "unsorted" and isinstance(value, dict) and value.get("section"):
        return f"must be the heading itself: `unsorted: {value['section']}`"
    message = _MESSAGES.get(kind) or found["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    shown = ascii(value) if isinstance(value, str) else repr(value)
    return message if kind in ("missing", "too_short") else f"{message}, not {shown[:60]}"


def _cross_check(config: Config) -> None:
    """Raise an error where one key contradicts another."""
    _check_distinct(config, config.sources, "sources.{}", "the source {!r} appears twice")
    _check_distinct(config, [one.name for one in config.lists], "lists.{}.name", "two lists are named {!r}")
    files = [(one.repository, one.file) for one in config.lists]
    _check_distinct(config, files, "lists.{}.file", "two lists have the file {!r}")
    for index, one in enumerate(config.lists):
        if not (one.phrases or one.categories):
            raise config.error("must not be empty where no categories are named", f"lists.{index}.keywords")
        if one.limits.near_miss_at > one.limits.propose_at:
            raise config.error("must not be above propose_at", f"lists.{index}.limits.near_miss_at")
        if (one.limits.per_week or 0) > one.limits.max_open:
            raise config.error("must not be above max_open", f"lists.{index}.limits.per_week")
        for number, rule in enumerate(one.sections):
            if rule.receives and not rule.keywords:
                raise config.error(
                    "must not be empty, unless receives is false", f"lists.{index}.sections.{number}.keywords"
                )
        headings = [rule.heading.casefold() for rule in one.sections]
        _check_distinct(config, headings, f"lists.{index}.sections.{{}}.heading", "this section appears twice")


def _check_distinct(config: Config, values: Sequence[Hashable], key: str, message: str) -> None:
    """Raise an error at the second of two equal values; `key` and `message` take its index and itself."""
    for index, value in enumerate(values):
        if values.index(value) != index:
            shown = value[1] if isinstance(value, tuple) else value
            raise config.error(message.format(shown), key.format(index))
