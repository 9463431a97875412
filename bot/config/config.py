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
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from bot import model
from bot.config import yaml_lines
from bot.config.yaml_lines import dotted
from bot.errors import ConfigError, reason

DEFAULT_PATH = FilePath("config/keywords.yaml")
DEFAULT_SCHEDULE = "37 6 * * 1-5"
"""arXiv announces from Sunday to Thursday, 20:00 Eastern; by 05:30 UTC the feeds are complete, summer and winter."""
HARD_MAX_OPEN = 40
"""More papers than this never stand in one pull request: nobody reviews it."""

_CATEGORY = re.compile(
    r"(?:astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-(?:ex|lat|ph|th)|math|math-ph|nlin|nucl-(?:ex|th)|physics|q-bio|q-fin"
    r"|quant-ph|stat)|(?:astro-ph|cs|econ|eess|math|nlin|q-bio|q-fin|stat)\.[A-Z]{2}|(?:cond-mat|physics)\.[a-z-]{4,10}"
)
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_NO_PATH = re.compile(r"""[\\:*?"<>|`]""")


def _one_line(text: str) -> str:
    if not text.strip() or text != " ".join(text.split()) or not text.isprintable():
        raise ValueError("must be one line of text, without spaces around it")
    return text


def _phrase(text: str) -> str:
    if not re.search(r"[^\W_]{2}", _one_line(text)):
        raise ValueError("must hold a word of at least two letters")
    return text


def _category(text: str) -> str:
    if not _CATEGORY.fullmatch(text):
        raise ValueError("must be an arXiv category such as cs.DC (https://arxiv.org/category_taxonomy)")
    return text


def _relative(text: str) -> str:
    path = PurePosixPath(_one_line(text))
    inside = not path.is_absolute() and not {"..", ".git", "~"} & set(path.parts) and not _NO_PATH.search(text)
    if not inside or str(path) != text or not path.name:
        raise ValueError("must be the path of a file inside the repository, such as README.md")
    return text


def _repository(text: str) -> str:
    if not _REPOSITORY.fullmatch(text) or text.endswith((".git", "/.", "/..")):
        raise ValueError("must be a GitHub repository, such as owner/name")
    return text


def _schedule(text: str) -> str:
    from bot.config import schedule  # what it needs is only wanted where a schedule is

    schedule.trigger(text)
    return text


def _login(text: str) -> str:
    if not _LOGIN.fullmatch(text):
        raise ValueError("must be a login on GitHub, such as octocat")
    return text


def _reviewer(text: str) -> str:
    if not all(_LOGIN.fullmatch(part) for part in text.split("/", 1)):
        raise ValueError("must be a login on GitHub, such as octocat, or a team, such as organisation/team")
    return text


def _as_mapping(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("must be a phrase; put quotes around a number")
    return {"phrase": value} if isinstance(value, str) else value


Line = Annotated[str, AfterValidator(_one_line)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Login = Annotated[str, AfterValidator(_login)]
Reviewer = Annotated[str, AfterValidator(_reviewer)]


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


class Limits(_Model):
    """How much is shown, and from which relevance on."""

    max_open: int = Field(
        15, ge=1, le=HARD_MAX_OPEN, description="Papers in the pull request; others wait in the backlog."
    )
    near_misses: int = Field(10, ge=0, le=40, description="Papers offered unticked below the proposed ones.")
    backlog_days: int = Field(
        90, ge=7, le=3650, description="Days that a paper waits for room before it expires, with a notice."
    )
    propose_at: float = Field(0.1, gt=0, le=1, description="Relevance from which a paper is proposed.")
    at_once_at: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Relevance from which a paper waits for no day's share (`publish_every: day`); twice `propose_at` "
        "when not given.",
    )
    near_miss_at: float = Field(0.08, gt=0, le=1, description="Relevance from which a paper is offered unticked.")

    @property
    def sure_at(self) -> float:
        """The relevance from which a paper comes in at once."""
        return self.at_once_at or min(1.0, 2 * self.propose_at)


class Opening(_Model):
    """How a pull request is opened; afterwards its labels and people are theirs who review it."""

    labels: Annotated[tuple[Annotated[Line, Field(max_length=50)], ...], Field(strict=False, max_length=20)] = Field(
        (), description="Labels of a new pull request, created when missing."
    )
    assignees: Annotated[tuple[Login, ...], Field(strict=False, max_length=10)] = Field(
        (), description="Logins of those it is assigned to."
    )
    reviewers: Annotated[tuple[Reviewer, ...], Field(strict=False, max_length=15)] = Field(
        (), description="Logins, or organisation/team, of those who are asked for a review."
    )
    draft: bool = Field(False, description="Whether it is opened as a draft.")


class ListConfig(_Model):
    """One curated list."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = Field(
        description="Short name, used in branches and state: lower case letters, digits, hyphens."
    )
    file: Annotated[str, AfterValidator(_relative)] = Field(description="The list, relative to the repository's root.")
    repository: Annotated[str, AfterValidator(_repository)] | None = Field(
        None, description="Where the list lies on GitHub, as owner/name; by default the repository of the workflow."
    )
    schedule: Schedule | None = Field(None, description="When `serve` runs this list, instead of the common schedule.")
    topic: Line | None = Field(None, description="What the list is about, in a few words, for people.")
    categories: Annotated[tuple[Annotated[str, AfterValidator(_category)], ...], Field(strict=False)] = Field(
        (), description="arXiv categories to ask; none means all."
    )
    keywords: Annotated[Phrases, Field(strict=False)] = Field(
        description="Phrases of the topic: any of them is enough to ask for a paper. None asks for whole categories."
    )
    exclude: Annotated[Phrases, Field(strict=False)] = Field((), description="Phrases that keep a paper out.")
    sections: Annotated[tuple[SectionRule, ...], Field(strict=False)] = Field(
        (), description="The sections papers are sorted into."
    )
    unsorted: Line | None = Field(
        None,
        description="Heading of the section for papers that fit no other, opened at the end if missing; null only "
        "mentions such papers in the pull request.",
    )
    limits: Limits = Field(
        default_factory=lambda: Limits.model_validate({}), description="How much is shown, and from which relevance on."
    )
    publish_every: Literal["run", "day"] = Field(
        "day",
        description="When new papers come into the pull request, best first: at every `run`, as many as there is room "
        "for; or each working `day` a fifth of `max_open`, what earlier days of the week (Monday to Sunday, UTC) left, "
        "and all from `at_once_at` on.",
    )
    pull_request: Opening = Field(
        default_factory=lambda: Opening.model_validate({}), description="How a pull request is opened."
    )
    look_back_days: int = Field(
        30, ge=1, le=365, description="Days asked again at each run: papers appear late, held by moderation."
    )
    extract_column: Line | None = Field(
        None, description="Heading of a column, such as TL;DR or Abstract, that takes one sentence of the abstract."
    )

    def everything(self) -> model.Query | None:
        """Return what is asked whatever the keywords: all of the categories, None where none is named."""
        return model.Query((), self.categories) if self.categories else None

    def query(self) -> model.Query:
        """Return what to ask a source."""
        return model.Query(
            keywords=tuple(p.keyword() for p in self.keywords),
            categories=self.categories,
            exclude=tuple(p.keyword() for p in self.exclude),
        )


SourceName = Literal["api", "rss"]


class _File(_Model):
    contact: Line | None = Field(None, description="An address or URL arXiv can reach you at; sent as user agent.")
    sources: Annotated[tuple[SourceName, ...], Field(strict=False, min_length=1)] = Field(
        ("api", "rss"),
        description="Where papers come from: api, the query API, proves that none is missing; rss, the daily feed, "
        "brings what the API does not show yet and what no keyword names. The feed alone cannot tell whether it lacks "
        "papers: then no period counts as complete.",
    )
    time_budget_s: int = Field(
        900, ge=1, le=18_000, description="Seconds a run may spend asking arXiv, waiting included."
    )
    schedule: Schedule = Field(
        DEFAULT_SCHEDULE,
        description="When `serve` runs the lists: a cron line in UTC. A workflow has its own.",
    )
    status_issue: bool = Field(
        False,
        description="Whether an issue tells how the lists stand; each run of the workflow or of `serve`, and "
        "`arxiv-bot status`, refreshes it in place.",
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
    sources: tuple[str, ...] = ("api", "rss")
    schedule: str = DEFAULT_SCHEDULE
    status_issue: bool = False
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
        place = key.split(".")
        line = next((self.lines[k] for k in _outward(place) if k in self.lines), None)
        return ConfigError(message, path=self.path, line=line, key=key)


def load(path: FilePath) -> Config:
    """Read and check a configuration; raises `ConfigError` with file, line and dotted key."""
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
    tree, lines = yaml_lines.read(text, name)
    if not isinstance(tree, dict):
        raise ConfigError("must be a mapping with the key 'lists'", path=name, line=1)
    try:
        file = _File.model_validate(tree)
    except ValidationError as error:
        raise _explained(error, name, lines) from None
    config = Config(
        name, file.lists, file.contact, file.time_budget_s, file.sources, file.schedule, file.status_issue, lines
    )
    _cross_check(config)
    return config


def _explained(error: ValidationError, name: str, lines: Mapping[str, int]) -> ConfigError:
    """Return one of pydantic's findings in words of this file: an unknown key first, it may explain the others."""
    found = error.errors()
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    place = [str(part) for part in first["loc"]]
    line = next((lines[k] for k in _outward(place) if k in lines), 1)
    return ConfigError(_finding(first, place), path=name, line=line, key=dotted(place))


_WORDS = {
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


def _finding(found: ErrorDetails, place: Sequence[str]) -> str:
    kind = found["type"]
    if kind == "extra_forbidden":
        known = _keys_at(place[:-1])
        near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.5)
        return f"unknown key; did you mean {near[0]!r}?" if near else f"unknown key; known keys: {', '.join(known)}"
    message = _WORDS.get(kind) or found["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    value = ascii(found["input"]) if isinstance(found["input"], str) else repr(found["input"])
    return message if kind in ("missing", "too_short") else f"{message}, not {value[:60]}"


def _outward(place: Sequence[str]) -> Iterator[str]:
    return (dotted(place[:n]) for n in range(len(place), 0, -1))


_BELOW: Mapping[str, type[_Model]] = {
    "lists": ListConfig,
    "sections": SectionRule,
    "keywords": Phrase,
    "exclude": Phrase,
    "limits": Limits,
    "pull_request": Opening,
}


def _keys_at(place: Sequence[str]) -> list[str]:
    """Return the keys that are valid below a place."""
    inner = [_BELOW[part] for part in place if part in _BELOW]
    return list((inner[-1] if inner else _File).model_fields)


def _cross_check(config: Config) -> None:
    """Check what one key says against another."""
    for index, source in enumerate(config.sources):
        if config.sources.index(source) != index:
            raise config.error(f"the source {source!r} stands there twice", f"sources.{index}")
    names = [one.name for one in config.lists]
    files = [(one.repository, one.file) for one in config.lists]
    for index, one in enumerate(config.lists):
        if names.index(one.name) != index:
            raise config.error(f"two lists are named {one.name!r}", f"lists.{index}.name")
        if files.index((one.repository, one.file)) != index:
            raise config.error(f"two lists have the file {one.file!r}", f"lists.{index}.file")
        if not one.keywords and not one.categories:
            raise config.error("must not be empty where no categories are named", f"lists.{index}.keywords")
        if one.limits.near_miss_at > one.limits.propose_at:
            raise config.error("must not be above propose_at", f"lists.{index}.limits.near_miss_at")
        headings = [rule.heading.casefold() for rule in one.sections]
        for number, heading in enumerate(headings):
            if headings.index(heading) != number:
                raise config.error("this section stands there twice", f"lists.{index}.sections.{number}.heading")


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
