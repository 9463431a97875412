"""`config/keywords.yaml`, typed: read once, checked whole, and never seen as a dict again.

The JSON Schema beside the file is generated from these models (`python -m bot.config`), so that editors complete
keys and the reference cannot drift.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot import model
from bot.errors import ConfigError

DEFAULT_PATH = FilePath("config/keywords.yaml")
HARD_MAX_OPEN = 40
"""More papers than this never stand in one pull request: nobody reviews it."""

_CATEGORY = re.compile(r"[a-z][a-z\-]*(\.[A-Za-z\-]{2,})?")


def _one_line(text: str) -> str:
    if not text.strip() or text != " ".join(text.split()) or not text.isprintable():
        raise ValueError("must be one line of text, without spaces around it")
    return text


def _phrase(text: str) -> str:
    if not re.search(r"\w{2}", _one_line(text)):
        raise ValueError("must hold a word of at least two letters")
    return text


def _category(text: str) -> str:
    if not _CATEGORY.fullmatch(text):
        raise ValueError("must be an arXiv category such as cs.DC (https://arxiv.org/category_taxonomy)")
    return text


def _relative(text: str) -> str:
    if text.startswith(("/", "\\", "~")) or ".." in text.replace("\\", "/").split("/") or ":" in text:
        raise ValueError("must be a path inside the repository, such as README.md")
    return _one_line(text)


def _as_mapping(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("must be a phrase; put quotes around a number")
    return {"phrase": value} if isinstance(value, str) else value


Line = Annotated[str, AfterValidator(_one_line)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Phrase(_Model):
    """A phrase, looked for word by word; case, hyphens and plurals do not count."""

    phrase: Annotated[str, AfterValidator(_phrase)] = Field(description="The words, as one would search for them.")
    field: Annotated[model.Field, Field(strict=False)] = Field(
        model.Field.ANY, description="Where it must stand: any (title or abstract), title, abstract."
    )
    weight: float = Field(
        0.5, gt=0, lt=1, description="How much one match says that a paper belongs; a match in the title says more."
    )

    def keyword(self) -> model.Keyword:
        """Return it as the shared noun."""
        return model.Keyword(self.phrase, self.field, self.weight)


Phrases = tuple[
    Annotated[
        Phrase,
        BeforeValidator(_as_mapping, json_schema_input_type=str | Phrase),
    ],
    ...,
]


class SectionRule(_Model):
    """A section of the list and how to recognise its papers."""

    heading: Line = Field(description="The heading's text as it stands in the list, without # and links.")
    keywords: Annotated[Phrases, Field(strict=False, min_length=1)] = Field(
        description="Phrases that put a paper here; sections are tried all, the strongest wins."
    )


class Unsorted(_Model):
    """Where papers go that fit no section."""

    section: Line | None = Field(
        None, description="A heading, created at the end if missing; null only mentions such papers in the text."
    )


class Limits(_Model):
    """How much is shown, and from which relevance on."""

    max_open: int = Field(
        15, ge=1, le=HARD_MAX_OPEN, description="Papers in the pull request; others wait in the backlog."
    )
    near_misses: int = Field(10, ge=0, le=40, description="Papers offered unticked below the proposed ones.")
    propose_at: float = Field(0.6, gt=0, le=1, description="Relevance from which a paper is proposed.")
    near_miss_at: float = Field(0.35, gt=0, le=1, description="Relevance from which a paper is offered unticked.")


class ListConfig(_Model):
    """One curated list."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = Field(
        description="Short name, used in branches and state: lower case letters, digits, hyphens."
    )
    file: Annotated[str, AfterValidator(_relative)] = Field(description="The list, relative to the repository's root.")
    topic: Line | None = Field(None, description="What the list is about, in a few words, for people.")
    categories: Annotated[tuple[Annotated[str, AfterValidator(_category)], ...], Field(strict=False)] = Field(
        (), description="arXiv categories to ask; none means all."
    )
    keywords: Annotated[Phrases, Field(strict=False, min_length=1)] = Field(
        description="Phrases of the topic: any of them is enough to ask for a paper."
    )
    exclude: Annotated[Phrases, Field(strict=False)] = Field((), description="Phrases that keep a paper out.")
    sections: Annotated[tuple[SectionRule, ...], Field(strict=False)] = Field(
        (), description="The sections papers are sorted into."
    )
    unsorted: Unsorted = Field(
        default_factory=lambda: Unsorted(section=None), description="Where papers go that fit no section."
    )
    limits: Limits = Field(
        default_factory=lambda: Limits.model_validate({}), description="How much is shown, and from which relevance on."
    )
    look_back_days: int = Field(
        30, ge=1, le=365, description="Days asked again at each run: papers appear late, held by moderation."
    )
    date_form: Line | None = Field(
        None,
        description="strftime form of the date line, such as %Y-%m-%d; by default the form the line has is kept.",
    )

    def query(self) -> model.Query:
        """Return what to ask a source."""
        return model.Query(
            keywords=tuple(p.keyword() for p in self.keywords),
            categories=self.categories,
            exclude=tuple(p.keyword() for p in self.exclude),
        )


class _File(_Model):
    contact: Line | None = Field(None, description="An address or URL arXiv can reach you at; sent as user agent.")
    time_budget_s: int = Field(
        900, ge=1, le=18_000, description="Seconds a run may spend asking arXiv, waiting included."
    )
    lists: Annotated[tuple[ListConfig, ...], Field(strict=False, min_length=1)] = Field(
        description="The lists to keep."
    )


@dataclass(frozen=True)
class Config:
    """A configuration that was read: its lists, and where each key stands for messages."""

    path: str
    lists: tuple[ListConfig, ...]
    contact: str | None = None
    time_budget_s: int = 900
    lines: Mapping[str, int] = field(default_factory=dict)

    def list_named(self, name: str) -> ListConfig:
        """Return a list by its name; raises `ConfigError` with the names there are."""
        for one in self.lists:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.lists)
        raise ConfigError(f"there is no list named {name!r}; there are: {known}", path=self.path, key="lists")

    def error(self, message: str, key: str) -> ConfigError:
        """Return an error that names the place of a dotted key."""
        return ConfigError(message, path=self.path, line=self.lines.get(key), key=key)


def load(path: FilePath) -> Config:
    """Read and check a configuration; raises `ConfigError` with file, line and dotted key."""
    name = str(path)
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise ConfigError("there is no such file; write one, or name another with --config", path=name) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", path=name) from None
    return loads(text, name)


def loads(text: str, name: str) -> Config:
    """Check a configuration given as text; `name` is what messages call it."""
    tree = _yaml(text, name)
    if not isinstance(tree, CommentedMap):
        raise ConfigError("must be a mapping with the key 'lists'", path=name, line=1)
    lines = dict(_key_lines(tree, ()))
    try:
        file = _File.model_validate(_plain(tree))
    except ValidationError as error:
        raise _explained(error, name, lines) from None
    config = Config(name, file.lists, file.contact, file.time_budget_s, lines)
    _cross_check(config)
    return config


def _yaml(text: str, name: str) -> object:
    try:
        return YAML(typ="rt", pure=True).load(text)
    except DuplicateKeyError as error:
        mark = error.problem_mark
        message = str(error.problem).split(" with value")[0]
        raise ConfigError(message, path=name, line=mark.line + 1 if mark else None) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(
            f"is not YAML: {error.problem or error.context}", path=name, line=mark.line + 1 if mark else None
        ) from None
    except (YAMLError, ValueError) as error:
        raise ConfigError(f"is not YAML: {error}", path=name) from None


def _plain(node: object) -> object:
    """Return YAML's nodes as plain Python values."""
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    return str(node) if isinstance(node, str) else float(node) if isinstance(node, float) else node


def _key_lines(node: object, path: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Yield the dotted path of every key and item with its line, from 1."""
    if isinstance(node, CommentedMap):
        for key, value in node.items():
            yield ".".join((*path, str(key))), node.lc.key(key)[0] + 1
            yield from _key_lines(value, (*path, str(key)))
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            yield ".".join((*path, str(index))), node.lc.item(index)[0] + 1
            yield from _key_lines(value, (*path, str(index)))


def _explained(error: ValidationError, name: str, lines: Mapping[str, int]) -> ConfigError:
    """Return one of pydantic's findings in words of this file: an unknown key first, it may explain the others."""
    found = error.errors()
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    place = [str(part) for part in first["loc"] if not str(part).startswith("function-")]
    key = ".".join(place)
    line = next((lines[k] for k in _outward(place) if k in lines), 1)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], _keys_at(place[:-1]), n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(_keys_at(place[:-1]))}"
        return ConfigError(f"unknown key; {hint}", path=name, line=line, key=key)
    if first["type"] == "missing":
        return ConfigError("is missing", path=name, line=line, key=key)
    message = first["msg"].removeprefix("Value error, ")
    return ConfigError(f"{message[0].lower()}{message[1:]}, not {first['input']!r}", path=name, line=line, key=key)


def _outward(place: Sequence[str]) -> Iterator[str]:
    return (".".join(place[:n]) for n in range(len(place), 0, -1))


def _keys_at(place: Sequence[str]) -> list[str]:
    """Return the keys that are valid below a place."""
    at: type[_Model] = _File
    inside: dict[str, type[_Model]] = {
        "lists": ListConfig,
        "sections": SectionRule,
        "keywords": Phrase,
        "exclude": Phrase,
    }
    inside |= {"unsorted": Unsorted, "limits": Limits}
    for part in place:
        at = inside.get(part, at)
    return list(at.model_fields)


def _cross_check(config: Config) -> None:
    """Check what one key says against another."""
    names = [one.name for one in config.lists]
    files = [one.file for one in config.lists]
    for index, one in enumerate(config.lists):
        if names.index(one.name) != index:
            raise config.error(f"two lists are named {one.name!r}", f"lists.{index}.name")
        if files.index(one.file) != index:
            raise config.error(f"two lists have the file {one.file!r}", f"lists.{index}.file")
        if one.limits.near_miss_at > one.limits.propose_at:
            raise config.error("must not be above propose_at", f"lists.{index}.limits.near_miss_at")


def schema() -> str:
    """Return the JSON Schema of the configuration, as the text of `config/keywords.schema.json`."""
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_File.model_json_schema(),
        "title": "arxiv-list-bot configuration",
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
