"""Write the reference pages, docs/configure.md and docs/commands.md, from the code: `python -m tools.reference`."""

from __future__ import annotations

import json
from argparse import Action, ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.cli.parser import COMMANDS
from bot.config.model import schema

CONFIGURATION, COMMANDS_PAGE = Path("docs/configure.md"), Path("docs/commands.md")
HEAD = """# Configuration

<!-- Written by `python -m tools.reference` from the models in bot/config/model.py. -->

One file, `config/keywords.yaml`, says what is kept. A key that is not known, or a value that cannot be, is reported
with file, line and key, and with the key that was probably meant; nothing is done then. With the first line
`# yaml-language-server: $schema=keywords.schema.json`, and that file beside it, an editor completes and checks keys.

A topic of two sides, such as language models *for* robots, is asked for by `all_of`: phrases of one side alone would
bring every paper on robots and every one on language models.

    all_of:
      - [robot, manipulation]
      - [language model, LLM, VLA]
"""
PARTS = {
    "": ("The file", "Keys at the top."),
    "ListConfig": ("A list", "An item of `lists`."),
    "Phrase": (
        "A phrase",
        "An item of `keywords` or `exclude`, of a list or a section. Text alone stands for `phrase`.",
    ),
    "SectionRule": ("A section", "An item of `sections`."),
    "Limits": ("Limits", "The value of `limits`."),
    "Opening": (
        "A new pull request",
        "The value of `pull_request`. It counts when one is opened; afterwards its labels and people are yours. What "
        "the token may not do is told in the run's summary, and fails nothing.",
    ),
}
"""The models in the order of the document; any other is appended under its own name."""


def reference() -> str:
    """Return the document."""
    document = json.loads(schema())
    models = {"": document, **{name: model for name, model in document["$defs"].items() if "properties" in model}}
    order = [*PARTS, *(name for name in models if name not in PARTS)]
    return "\n".join([HEAD, *(line for name in order for line in part(name, models[name]))])


def part(name: str, model: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one model."""
    title, where = PARTS.get(name, (name, model.get("description", "")))
    yield from (f"## {title}", "", where, "", "| key | what it says | values | default |", "|---|---|---|---|")
    required = model.get("required", ())
    for key, field in model["properties"].items():
        default = "needed" if key in required else shown(field.get("default", {}))
        yield f"| `{key}` | {escaped(described(field))} | {escaped(values(field))} | {default} |"
    yield ""


def described(field: Mapping[str, Any]) -> str:
    """Return what a field says of itself."""
    return str(field.get("description", "See below."))


def values(field: Mapping[str, Any]) -> str:
    """Return in words which values a field takes."""
    options = field.get("anyOf", [field])
    return " or ".join(one for one in map(value, options) if one)


def value(field: Mapping[str, Any]) -> str:
    """Return one kind of value in words."""
    if reference_to := field.get("$ref", "").rpartition("/")[2]:
        return "`any`, `title`, `abstract`" if reference_to == "Field" else "a mapping"
    if "enum" in field:
        return ", ".join(f"`{one}`" for one in field["enum"])
    match field.get("type"):
        case "array":
            return f"a list of {values(field['items']).replace('a mapping', 'mappings')}"
        case "integer" | "number":
            return f"{'whole number' if field['type'] == 'integer' else 'number'}{bounds(field)}"
        case "string":
            return "text"
        case "boolean":
            return "`true`, `false`"
    return ""


def bounds(field: Mapping[str, Any]) -> str:
    """Return in words between which numbers a value lies."""
    words = {
        "minimum": "from {}",
        "exclusiveMinimum": "above {}",
        "maximum": "to {}",
        "exclusiveMaximum": "below {}",
    }
    said = [text.format(field[key]) for key, text in words.items() if key in field]
    return f" {' '.join(said)}" if said else ""


def shown(default: object) -> str:
    """Return a default as it would be written."""
    if default == {}:
        return ""
    if default in (None, []):
        return "none"
    return f"`{json.dumps(default)}`" if not isinstance(default, str) else f"`{default}`"


def escaped(text: str) -> str:
    """Return text for a cell of a table."""
    return text.replace("|", "\\|")


COMMANDS_HEAD = """# Commands

<!-- Written by `python -m tools.reference` from the options in bot/cli/parser.py. -->

Every command takes `--config FILE` (default: `config/keywords.yaml`), `--json` (one JSON document on standard output,
everything else on standard error) and `--today DATE` (run as if at the end of this day, UTC). The `file` of a list is
relative to the root of the repository on GitHub; locally, to the folder above `config/`, or to the folder of a
configuration that lies elsewhere.

| exit status | meaning |
|--:|---|
| 0 | done |
| 1 | failed: one line says what to do, and no file is half-written; the other lists are done |
| 2 | wrong usage |
| 3 | a bug, with a traceback to report |
| 4 | done, but arXiv did not answer for the whole period: what is missing is asked again next time |

| environment | meaning |
|---|---|
| `GITHUB_TOKEN` | for GitHub; a workflow must hand it over |
| `GITHUB_REPOSITORY`, `GITHUB_API_URL`, `GITHUB_SERVER_URL` | as GitHub Actions sets them |
| `ARXIV_API_URL`, `ARXIV_RSS_URL` | a mirror or a test server in place of arXiv |
| `GITHUB_STEP_SUMMARY` | a file to which `run`, `discover` and `publish` add a summary in Markdown |
"""


def commands() -> str:
    """Return the page about the commands."""
    return "\n".join([COMMANDS_HEAD, *(line for name in COMMANDS for line in command(name))])


def command(name: str) -> Iterator[str]:
    """Yield the lines about one command."""
    what, add_options = COMMANDS[name]
    parser = ArgumentParser()
    add_options(parser)
    arguments = [action for action in parser._actions if action.dest != "help"]
    positional = [str(a.metavar or a.dest) for a in arguments if not a.option_strings]
    yield from (f"## arxiv-bot {' '.join([name, *positional])}", "", f"{what[0].upper()}{what[1:]}.", "")
    if arguments:
        yield from ("| argument | meaning |", "|---|---|")
        yield from (f"| `{escaped(written(action))}` | {escaped(str(action.help or ''))} |" for action in arguments)
        yield ""


def written(action: Action) -> str:
    """Return an argument as it is typed."""
    value = "|".join(map(str, action.choices)) if action.choices and not action.metavar else action.metavar
    if not action.option_strings:
        return str(value or action.dest)
    option = action.option_strings[-1]
    return option if action.nargs == 0 else f"{option} {value or action.dest.upper()}"


if __name__ == "__main__":
    CONFIGURATION.write_text(reference(), encoding="utf-8")
    COMMANDS_PAGE.write_text(commands(), encoding="utf-8")
