"""The configuration as frozen models; the JSON Schema and the reference of keys are generated from them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot import model
from bot.config import schedule as cron
from bot.errors import ConfigError

DEFAULT_PATH = FilePath("config/keywords.yaml")
DEFAULT_SCHEDULE = "37 6 * * 1-5"
"""arXiv announces from Sunday to Thursday, 20:00 Eastern; by 05:30 UTC the feeds are complete, summer and winter."""
HARD_MAX_OPEN = 40
"""Most papers in one pull request: nobody reviews more."""

_CATEGORY = (
    r"(?:astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-(?:ex|lat|ph|th)|math|math-ph|nlin|nucl-(?:ex|th)|physics|q-bio|q-fin"
    r"|quant-ph|stat)|(?:astro-ph|cs|econ|eess|math|nlin|q-bio|q-fin|stat)\.[A-Z]{2}|(?:cond-mat|physics)\.[a-z-]{4,10}"
)
_REPOSITORY = r"(?!.*(?:\.git|/\.\.?)$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}"
_LOGIN = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
_NO_PATH = re.compile(r"""[\\:*?"<>|`]""")


def _one_line(text: str) -> str:
    if not text.strip() or text != " ".join(text.split()) or not text.isprintable():
        raise ValueError("must be one line of text, without spaces around it")
    return text


def _words(text: str) -> str:
    if not re.search(r"[^\W_]{2}", _one_line(text)):
        raise ValueError("must hold a word of at least two letters")
    return text


def _relative(text: str) -> str:
    path = PurePosixPath(_one_line(text))
    inside = not path.is_absolute() and not {"..", ".git", "~"} & set(path.parts) and not _NO_PATH.search(text)
    if not inside or str(path) != text or not path.name:
        raise ValueError("must be the path of a file inside the repository, such as README.md")
    return text


def _cron_line(text: str) -> str:
    cron.trigger(text)
    return text


def _phrase_alone(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("must be a phrase; put quotes around a number")
    return {"phrase": value} if isinstance(value, str) else value


def _matching(pattern: str, what: str) -> AfterValidator:
    """Return a check that text matches a pattern as a whole."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {what}")
        return text

    return AfterValidator(check)


_Item = TypeVar("_Item")
Several = Annotated[tuple[_Item, ...], Field(strict=False)]
Line = Annotated[str, AfterValidator(_one_line)]
Schedule = Annotated[str, AfterValidator(_cron_line)]
Category = Annotated[str, _matching(_CATEGORY, "an arXiv category such as cs.DC (https://arxiv.org/category_taxonomy)")]
Login = Annotated[str, _matching(_LOGIN, "a login on GitHub, such as octocat")]
Reviewer = Annotated[
    str,
    _matching(f"{_LOGIN}(?:/{_LOGIN})?", "a login on GitHub, such as octocat, or a team, such as organisation/team"),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Phrase(_Model):
    """A phrase, searched word by word; case, hyphens and plurals are ignored."""

    phrase: Annotated[str, AfterValidator(_words)] = Field(description="The words, as one would search for them.")
    field: Annotated[model.Field, Field(strict=False)] = Field(
        default=model.Field.ANY, description="Where it is searched: any (title or abstract), title, abstract."
    )
    weight: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="How strongly a match speaks for a paper; one in the title counts more. Where no phrase of a list "
        "has a weight, its phrases are asked for, and judge only while the list has fewer than ten papers.",
    )

    def keyword(self) -> model.Keyword:
        """Return the phrase as a keyword of a query."""
        return model.Keyword(self.phrase, self.field, self.weight or _USUAL_WEIGHT)


_USUAL_WEIGHT = 0.5
Phrases = Several[Annotated[Phrase, BeforeValidator(_phrase_alone, json_schema_input_type=str | Phrase)]]


class SectionRule(_Model):
    """A section of the list and how to recognise its papers."""

    heading: Line = Field(description="The heading's text as it stands in the list, without # and links.")
    keywords: Phrases = Field(
        default=(), description="Phrases that put a paper here; all sections are scored and the strongest wins."
    )
    receives: bool = Field(default=True, description="Whether new papers may go here.")


class Limits(_Model):
    """How many papers are shown, and from which relevance on."""

    per_week: int | None = Field(
        default=None,
        ge=1,
        le=HARD_MAX_OPEN,
        description="New papers a week, the best of all that wait: all at the first run, later a fifth each working "
        "day, plus what earlier days of the week (Monday to Sunday, UTC) left. By default as many as the list gained "
        "lately, from 3 to 15.",
    )
    max_open: int = Field(
        default=15, ge=1, le=HARD_MAX_OPEN, description="Papers in the pull request; others wait in the backlog."
    )
    near_misses: int = Field(default=10, ge=0, le=40, description="Papers offered unticked below the proposed ones.")
    backlog_days: int = Field(
        default=90, ge=7, le=3650, description="Days that a paper waits for room before it expires, with a notice."
    )
    propose_at: float = Field(default=0.5, gt=0, le=1, description="Relevance from which a paper is proposed.")
    at_once_at: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Relevance from which a paper comes at once, whatever `per_week` is; with that of `propose_at` "
        "every run brings as many as there is room for. By default none does.",
    )
    near_miss_at: float = Field(
        default=0.4, gt=0, le=1, description="Relevance from which a paper is offered unticked."
    )


class Opening(_Model):
    """How a pull request is opened; afterwards its labels and people belong to its reviewers."""

    labels: Several[Annotated[Line, Field(max_length=50)]] = Field(
        default=(), max_length=20, description="Labels of a new pull request, created when missing."
    )
    assignees: Several[Login] = Field(default=(), max_length=10, description="Logins of its assignees.")
    reviewers: Several[Reviewer] = Field(
        default=(), max_length=15, description="Logins, or organisation/team, asked for a review."
    )
    draft: bool = Field(default=False, description="Whether it is opened as a draft.")


class ListConfig(_Model):
    """One curated list."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = Field(
        description="Short name, used in branches and state: lower case letters, digits, hyphens."
    )
    file: Annotated[str, AfterValidator(_relative)] = Field(description="The list, relative to the repository's root.")
    repository: Annotated[str, _matching(_REPOSITORY, "a GitHub repository, such as owner/name")] | None = Field(
        default=None, description="The list's GitHub repository, as owner/name; by default that of the workflow."
    )
    schedule: Schedule | None = Field(
        default=None, description="When `serve` runs this list, instead of the common schedule."
    )
    topic: Line | None = Field(
        default=None, description="What the list is about, in a few words; judged by as the list's title is."
    )
    categories: Several[Category] = Field(default=(), description="arXiv categories to ask; none means all.")
    keywords: Phrases = Field(
        default=(),
        description="Phrases of the topic: a paper that matches one is fetched. With none, whole categories are.",
    )
    all_of: Several[Annotated[Phrases, Field(min_length=1)]] = Field(
        default=(),
        description="Groups of phrases, for a topic of several sides: a paper that does not match one phrase of each "
        "group is neither fetched nor proposed.",
    )
    exclude: Phrases = Field(default=(), description="Phrases that keep a paper out.")
    sections: Several[SectionRule] = Field(default=(), description="The sections papers are sorted into.")
    unsorted: Line | None = Field(
        default=None,
        description="Heading of the section for papers that fit no other, added at the end if missing; with null they "
        "go to the likeliest section.",
    )
    limits: Limits = Field(
        default_factory=Limits, description="How many papers are shown, and from which relevance on."
    )
    pull_request: Opening = Field(default_factory=Opening, description="How a pull request is opened.")
    look_back_days: int = Field(
        default=30, ge=1, le=365, description="Days asked again at each run: moderation can delay papers."
    )
    extract_column: Line | None = Field(
        default=None,
        description="Heading of a column, such as TL;DR or Abstract, filled with one sentence of the abstract.",
    )

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """All phrases that ask for papers: the keywords, and those of every group."""
        return (*self.keywords, *(phrase for group in self.all_of for phrase in group))

    def everything(self) -> model.Query | None:
        """Return the query for all papers of the categories, or None where no category is named."""
        return model.Query((), self.categories) if self.categories else None

    def query(self) -> model.Query:
        """Return the query for papers of the topic."""
        return model.Query(
            keywords=tuple(p.keyword() for p in self.keywords),
            categories=self.categories,
            exclude=tuple(p.keyword() for p in self.exclude),
            groups=tuple(tuple(p.keyword() for p in group) for group in self.all_of),
        )


class File(_Model):
    """The keys at the top of the file."""

    contact: Line | None = Field(
        default=None, description="An address or URL where arXiv can reach you; sent in the user agent."
    )
    sources: Several[Literal["api", "rss"]] = Field(
        default=("api", "rss"),
        min_length=1,
        description="Where papers come from: api, the query API, proves that none is missing; rss, the daily feed, "
        "brings papers that the API does not show yet and papers that no keyword finds. The feed alone cannot prove "
        "that it is complete: then no period counts as covered.",
    )
    time_budget_s: int = Field(
        default=900, ge=1, le=18_000, description="Seconds a run may spend asking arXiv, waiting included."
    )
    schedule: Schedule = Field(
        default=DEFAULT_SCHEDULE,
        description="When `serve` runs the lists: a cron line in UTC. A workflow has its own.",
    )
    status_issue: bool = Field(
        default=False,
        description="Whether an issue reports the state of the lists; each run of the workflow or of `serve`, and "
        "`arxiv-bot status`, refreshes it.",
    )
    lists: Several[ListConfig] = Field(min_length=1, description="The lists to keep.")


@dataclass(frozen=True)
class Config:
    """A configuration that was read: its lists, and the line of each key for messages."""

    path: str
    lists: tuple[ListConfig, ...]
    contact: str | None = None
    time_budget_s: int = 900
    sources: tuple[str, ...] = ("api", "rss")
    schedule: str = DEFAULT_SCHEDULE
    status_issue: bool = False
    lines: Mapping[str, int] = field(default_factory=dict)

    def list_named(self, name: str) -> ListConfig:
        """Return a list by its name; raise `ConfigError` with the names there are."""
        for one in self.lists:
            if one.name == name:
                return one
        names = ", ".join(one.name for one in self.lists)
        raise ConfigError(f"there is no list named {name!r}; there are: {names}", path=self.path, key="lists")

    def error(self, message: str, key: str) -> ConfigError:
        """Return an error at the line of a dotted key, or of the nearest key above it."""
        parts = key.split(".")
        above = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
        line = next((self.lines[one] for one in above if one in self.lines), None)
        return ConfigError(message, path=self.path, line=line, key=key)


def schema() -> str:
    """Return the JSON Schema of the configuration, as the text of `config/keywords.schema.json`."""
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **File.model_json_schema(),
        "title": "arxiv-list-bot configuration",
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
