"""Write docs/configure.md from the configuration's models: `python -m tools.reference`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.config.model import schema

TARGET = Path("docs/configure.md")
HEAD = """# Configuration

<!-- Written by `python -m tools.reference` from the models in bot/config/model.py. -->

One file, `config/keywords.yaml`, says what is kept. A key that is not known, or a value that cannot be, is reported
with file, line and key, and with the key that was probably meant; nothing is done then. With the first line
`# yaml-language-server: $schema=keywords.schema.json`, and that file beside it, an editor completes and checks keys.
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


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
