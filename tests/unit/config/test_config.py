"""The configuration: what it accepts, and how it says what is wrong."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from ruamel.yaml import YAML

from bot import config
from bot.config import reader
from bot.config.model import File, schema
from bot.errors import ConfigError
from bot.model import Field, Keyword

ROOT = Path(__file__).resolve().parents[3]
MINIMAL = """lists:
  - name: serving
    file: README.md
    keywords: [KV cache]
"""


def error_of(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as raised:
        config.loads(text, "keywords.yaml")
    return raised.value


def test_defaults() -> None:
    """Three keys are enough; everything else has a default."""
    task = config.loads(MINIMAL, "keywords.yaml").list_named("serving")
    assert task.query().keywords == (Keyword("KV cache", Field.ANY, 0.5),)
    assert (task.limits.max_open, task.look_back_days, task.unsorted) == (15, 30, None)


@pytest.mark.parametrize(
    ("more", "line", "key", "message"),
    [
        ("    kewords: [x]\n", 5, "lists.0.kewords", "did you mean 'keywords'?"),
        ("    limits: {maxopen: 3}\n", 5, "lists.0.limits.maxopen", "did you mean 'max_open'?"),
        ("    exclude:\n    - phrase: ab\n      wieght: 1\n", 7, "lists.0.exclude.0.wieght", "did you mean 'weight'?"),
        ("    sections: [{headline: Survey}]\n", 5, "lists.0.sections.0.headline", "did you mean 'heading'?"),
        ("    pull_request: {zzz: 1}\n", 5, "lists.0.pull_request.zzz", "known keys: labels, assignees, reviewers"),
        ("    unsorted: {section: Rest}\n", 5, "lists.0.unsorted", "must be the heading itself: `unsorted: Rest`"),
        ("    unsorted: ' Rest'\n", 5, "lists.0.unsorted", "one line of text"),
        ("list: []\n", 5, "list", "did you mean 'lists'?"),
        ("    exclude: [2024]\n", 5, "lists.0.exclude.0", "put quotes around a number"),
        ("    exclude: [true]\n", 5, "lists.0.exclude.0", "put quotes around a number"),
        ("    exclude: [~]\n", 5, "lists.0.exclude.0", "must be a mapping"),
        ("    exclude: one two\n", 5, "lists.0.exclude", "must be a list"),
        ("    exclude: ['+ +']\n", 5, "lists.0.exclude.0.phrase", "at least two letters"),
        ("    exclude: [__]\n", 5, "lists.0.exclude.0.phrase", "at least two letters"),
        ("    exclude: [' ab']\n", 5, "lists.0.exclude.0.phrase", "without spaces around it"),
        ("    exclude: [{phrase: ab, field: titel}]\n", 5, "lists.0.exclude.0.field", "'any', 'title' or 'abstract'"),
        ("    exclude: [{phrase: ab, weight: 1}]\n", 5, "lists.0.exclude.0.weight", "less than 1"),
        ("    exclude: [{phrase: ab, weight: .nan}]\n", 5, "lists.0.exclude.0.weight", "must be"),
        ("    topic: 3\n", 5, "lists.0.topic", "must be text; put quotes around it"),
        ('    topic: "a\\u202eb"\n', 5, "lists.0.topic", "one line of text"),
        ('    topic: "a\\ud800b"\n', 5, "lists.0.topic", "one line of text"),
        ("    categories: [cs.DCC]\n", 5, "lists.0.categories.0", "arXiv category"),
        ("    categories: [CS.dc]\n", 5, "lists.0.categories.0", "arXiv category"),
        ("    categories: [sc.DC]\n", 5, "lists.0.categories.0", "arXiv category"),
        ("    limits: {max_open: 41}\n", 5, "lists.0.limits.max_open", "less than or equal to 40"),
        ("    limits: {max_open: 0}\n", 5, "lists.0.limits.max_open", "greater than or equal to 1"),
        ("    limits: {near_misses: '3'}\n", 5, "lists.0.limits.near_misses", "whole number, not '3'"),
        ("    limits: {propose_at: 1.5}\n", 5, "lists.0.limits.propose_at", "less than or equal to 1"),
        ("    limits: {propose_at: .inf}\n", 5, "lists.0.limits.propose_at", "less than or equal to 1"),
        ("    limits:\n      propose_at: 0.01\n", 5, "lists.0.limits.near_miss_at", "must not be above propose_at"),
        ("    limits: 3\n", 5, "lists.0.limits", "must be a mapping"),
        ("    look_back_days: 3.5\n", 5, "lists.0.look_back_days", "whole number"),
        ("    limits: {per_week: 16}\n", 5, "lists.0.limits.per_week", "must not be above max_open"),
        ("    pull_request: {label: [x]}\n", 5, "lists.0.pull_request.label", "did you mean 'labels'?"),
        ("    pull_request: {labels: papers}\n", 5, "lists.0.pull_request.labels", "must be a list"),
        ("    pull_request: {labels: ['']}\n", 5, "lists.0.pull_request.labels.0", "one line of text"),
        ("    pull_request: {draft: 'yes'}\n", 5, "lists.0.pull_request.draft", "true or false, not 'yes'"),
        ("    pull_request:\n      assignees: ['@me']\n", 6, "lists.0.pull_request.assignees.0", "login on GitHub"),
        ("    pull_request: {reviewers: [a/b/c]}\n", 5, "lists.0.pull_request.reviewers.0", "organisation/team"),
        ("    sections: []\n    sections: []\n", 6, None, "the key 'sections' appears twice"),
        (
            "    sections: [{heading: A, keywords: [ab]}, {heading: a, keywords: [cd]}]\n",
            5,
            "lists.0.sections.1.heading",
            "this section appears twice",
        ),
        ("    sections: [{heading: A, keywords: []}]\n", 5, "lists.0.sections.0.keywords", "unless receives is false"),
        ("time_budget_s: 0\n", 5, "time_budget_s", "greater than or equal to 1"),
        ("contact: true\n", 5, "contact", "must be text"),
        ("    \x7f: 1\n", None, None, "is not YAML"),
        ('    "a\\u202eb": 1\n', 5, "lists.0.'a\\u202eb'", "unknown key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(more: str, line: int | None, key: str | None, message: str) -> None:
    """A mistake is told with file, line, dotted key and what to do."""
    error = error_of(MINIMAL + more)
    assert (error.line, error.key) == (line, key), error
    assert message in str(error)
    assert str(error).startswith("keywords.yaml")


@pytest.mark.parametrize(
    "file", "/a.md ../a.md a/../../a.md C:/a.md .git/config . docs/ ./a.md a\\b.md ~/a.md a`.md".split()
)
def test_paths_stay_inside(file: str) -> None:
    """A list's file is a plain path inside the repository, written in one way."""
    error = error_of(MINIMAL.replace("README.md", f"'{file}'"))
    assert error.key == "lists.0.file"
    assert "inside the repository" in str(error)


@pytest.mark.parametrize("name", ["A", "", "a b", "-a", '"a\\n"', "a" * 41, "ä", "../a"])
def test_names_are_plain(name: str) -> None:
    """A list's name can stand in branches and paths."""
    assert error_of(MINIMAL.replace("serving", name or "''")).key == "lists.0.name"


@pytest.mark.parametrize("text", ["", "# nothing\n", "lists", "- a\n", "3\n"])
def test_not_a_mapping(text: str) -> None:
    """A file that is empty or no mapping is told so."""
    assert "must be a mapping with the key 'lists'" in str(error_of(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lists:\n\t- name: a\n", "is not YAML"),
        ("lists: [", "is not YAML"),
        (MINIMAL + "---\n" + MINIMAL, "is not YAML"),
        (MINIMAL + "\0", "is not YAML"),
        ("? [a, b]\n: 1\n", "a key must be text"),
        ("lists: !!python/object:os.system x\n", "means nothing here"),
        ("lists: !!binary aGVsbG8=\n", "means nothing here"),
        ("lists: !mine [a]\n", "means nothing here"),
        ("lists: " + "9" * 5000, "cannot be read as a number"),
        ("[" * 1000, "nested too deeply"),
        ("lists: " + "{a: " * 100 + "1" + "}" * 100, "nested too deeply"),
        ("lists: &a\n  - *a\n", "nested too deeply"),
        ("lists: &a\n  <<: *a\n", "nested too deeply"),
        ("<<: 3\n", "must merge a mapping"),
        (
            "a: &a [x]\n" + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in pairwise("abcdefghi")),
            "holds too much",
        ),
    ],
)  # fmt: skip
def test_hostile_yaml(text: str, message: str) -> None:
    """What is not YAML, or YAML made to harm, is refused with a message."""
    assert message in str(error_of(text))


def test_unknown_key_comes_first() -> None:
    """Among several mistakes an unknown key is told first: it may explain the others."""
    error = error_of("lists:\n  - name: 3\n    flie: README.md\n    keywords: []\n")
    assert error.key == "lists.0.flie"
    assert "did you mean 'file'?" in str(error)


def test_missing_key() -> None:
    """A missing key is named at the line of what misses it."""
    error = error_of("contact: me\nlists:\n  - name: a\n    keywords: [b]\n")
    assert (error.line, error.key) == (3, "lists.0.file")
    assert str(error).endswith("is missing")


def test_groups_are_phrases() -> None:
    """Groups take phrases as keywords do, alone or beside them; an empty group is told at its line."""
    text = "lists:\n  - name: a\n    file: a.md\n    all_of: [[robot, {phrase: grasping, field: title}], [LLM]]\n"
    query = config.loads(text, "k.yaml").lists[0].query()
    assert query.keywords == ()
    assert [[keyword.phrase for keyword in group] for group in query.groups] == [["robot", "grasping"], ["LLM"]]
    error = error_of("lists:\n  - name: a\n    file: a.md\n    all_of:\n      - [robot]\n      - []\n")
    assert (error.line, error.key) == (6, "lists.0.all_of.1")
    nothing = error_of("lists:\n  - name: a\n    file: a.md\n")
    assert "must not be empty where no categories are named" in str(nothing)


def test_two_lists_must_differ() -> None:
    """Two lists have neither the same name nor the same file."""
    second = MINIMAL.removeprefix("lists:\n")
    assert error_of(MINIMAL + second).key == "lists.1.name"
    error = error_of(MINIMAL + second.replace("serving", "other"))
    assert (error.line, error.key) == (6, "lists.1.file")


def test_a_source_is_named_once() -> None:
    """A source that stands there twice would be asked twice: it is told with its line and key."""
    with pytest.raises(ConfigError, match=r"x:3: sources\.1: the source 'rss' appears twice"):
        config.loads("sources:\n  - rss\n  - rss\nlists: [{name: a, file: a.md, keywords: [{phrase: cache}]}]\n", "x")


def test_words_that_yaml_reads_otherwise() -> None:
    """`no`, `on` and dates are the text they are written as."""
    found = config.loads(MINIMAL.replace("[KV cache]", "[no, on, 2024-01-01]"), "f").lists[0]
    assert [p.phrase for p in found.keywords] == ["no", "on", "2024-01-01"]


def test_anchors_and_merges() -> None:
    """Anchors, aliases and merges work; what stands in the mapping itself goes first."""
    text = """lists:
  - &one
    name: one
    file: one.md
    keywords: &k [one two]
    exclude: *k
  - <<: *one
    name: two
    file: two.md
  - <<: [{name: three}, *one]
    file: three.md
"""
    lists = config.loads(text, "f").lists
    assert [(one.name, one.file, one.exclude[0].phrase) for one in lists] == [
        ("one", "one.md", "one two"),
        ("two", "two.md", "one two"),
        ("three", "three.md", "one two"),
    ]


def test_files(tmp_path: Path) -> None:
    """A byte order mark is fine; a missing, unreadable or wrongly encoded file is told."""
    file = tmp_path / "k.yaml"
    with pytest.raises(ConfigError, match="there is no such file"):
        config.load(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path)
    file.write_bytes(b"lists: \xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(file)
    file.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
    assert config.load(file).lists[0].name == "serving"


def test_list_named() -> None:
    """An unknown list is answered with those there are."""
    with pytest.raises(ConfigError, match="no list named 'x'; there are: serving"):
        config.loads(MINIMAL, "f").list_named("x")


def test_error_finds_the_nearest_line() -> None:
    """An error about a key that is not written names the line of what it belongs to."""
    found = config.loads(MINIMAL, "f")
    assert found.error("is bad", "lists.0.sections.1").line == 2
    assert found.error("is bad", "other").line is None


@pytest.mark.parametrize(
    "category", "cs.DC stat.ML quant-ph hep-th astro-ph.CO cond-mat.mtrl-sci physics.optics math-ph".split()
)
def test_categories(category: str) -> None:
    """Every form of category that arXiv has is accepted."""
    assert config.loads(MINIMAL + f"    categories: [{category}]\n", "f").lists[0].categories == (category,)


def test_schema_is_committed() -> None:
    """The committed schema is the generated one: `python -m bot.config > config/keywords.schema.json`."""
    assert (ROOT / "config/keywords.schema.json").read_text("utf-8") == schema()


def test_schema_accepts_the_configuration() -> None:
    """The project's own configuration names the schema in its first line, fits it, and can be read."""
    text = (ROOT / "config/keywords.yaml").read_text("utf-8")
    assert text.splitlines()[0] == "# yaml-language-server: $schema=keywords.schema.json"
    found = json.loads(schema())
    Draft202012Validator.check_schema(found)
    Draft202012Validator(found).validate(YAML(typ="safe", pure=True).load(text))
    assert config.loads(text, "keywords.yaml").lists
    assert not Draft202012Validator(found).is_valid({"lists": [{"name": "a", "kewords": []}]})


def test_every_key_is_described() -> None:
    """Every key of every model says what it is for: the schema is the reference."""
    models: list[type[BaseModel]] = [File, *reader.MODELS.values()]
    assert [f"{m.__name__}.{name}" for m in models for name, f in m.model_fields.items() if not f.description] == []
