"""GitHub's own description of its REST API, which checks what our tests ask and what our server answers.

The description is npm's `@octokit/openapi`, which GitHub publishes; nothing of it lies in this repository.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final
from urllib.parse import unquote

from jsonschema.exceptions import best_match
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.servers.emulate import NODE_FOLDER

DESCRIPTION: Final = NODE_FOLDER / "node_modules" / "@octokit" / "openapi" / "generated" / "api.github.com.json"
DESCRIPTION_INSTALLED: Final = DESCRIPTION.is_file()

_ADDRESS: Final = "urn:github"
_SAMPLES: Final[Mapping[str, str]] = {
    "uri": "https://api.github.com/",
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "email": "nobody@example.org",
}


@dataclass(frozen=True)
class Operation:
    """One method of one path template, such as `GET /repos/{owner}/{repo}/pulls`."""

    method: str
    template: str
    described: Mapping[str, Any]

    @cached_property
    def request_schema(self) -> Mapping[str, Any] | None:
        """The schema of the JSON body, None when the operation takes none."""
        return _json_schema(_resolved(self.described.get("requestBody", {})))

    def response_schema(self, status: int) -> Mapping[str, Any] | None:
        """The schema of an answer's JSON body, None when it has none; raises KeyError for a status not described."""
        return _json_schema(_resolved(self.described["responses"][str(status)]))


def operation(method: str, path: str) -> Operation | None:
    """Return what the description says of a call, None when GitHub has no such call. `path` has no query."""
    parts = path.strip("/").split("/")
    for template, methods in _by_length().get(len(parts), ()) or ():
        if method.lower() in methods and _fits(template, parts):
            return Operation(method, "/" + "/".join(template), methods[method.lower()])
    return next((o for o in _greedy(method, path)), None)


def problems(schema: Mapping[str, Any], value: Any) -> str | None:
    """Return what is wrong with a value, or None where the schema allows it."""
    error = best_match(_validator(json.dumps(schema)).iter_errors(value))
    return None if error is None else f"{error.json_path}: {error.message[:300]}"


def filled(schema: Mapping[str, Any] | None, value: Any) -> Any:
    """Return an answer with every field that the description requires; missing ones get the least value allowed.

    Our server fills in what matters to the bot; clients may expect the rest.
    """
    if schema is None or value is None:
        return value
    schema = _chosen(schema, value)
    if isinstance(value, list):
        return [filled(_resolved(schema.get("items", {})), one) for one in value]
    if not isinstance(value, dict):
        return value
    properties = _properties(schema)
    whole = {name: filled(properties.get(name), one) for name, one in value.items()}
    for name in _required(schema):
        if name not in whole:
            whole[name] = _least(properties.get(name, {}))
    return whole


@cache
def _description() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(DESCRIPTION.read_text("utf-8"))
    return found


@cache
def _registry() -> Registry[Any]:
    found: Registry[Any] = Registry().with_resource(_ADDRESS, DRAFT4.create_resource(_description()))
    return found


@cache
def _validator(schema: str) -> OAS30Validator:
    absolute = schema.replace('"#/components/', f'"{_ADDRESS}#/components/')
    return OAS30Validator(json.loads(absolute), registry=_registry())


@cache
def _by_length() -> Mapping[int, list[tuple[tuple[str, ...], Mapping[str, Any]]]]:
    """Return the path templates by their number of parts, those with fewer parameters first."""
    found: dict[int, list[tuple[tuple[str, ...], Mapping[str, Any]]]] = {}
    paths = sorted(_description()["paths"].items(), key=lambda item: item[0].count("{"))
    for template, methods in paths:
        parts = tuple(template.strip("/").split("/"))
        found.setdefault(len(parts), []).append((parts, methods))
    return found


def _fits(template: tuple[str, ...], parts: list[str]) -> bool:
    pairs = zip(template, parts, strict=True)
    return all(re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", t), unquote(p)) for t, p in pairs)


def _greedy(method: str, path: str) -> list[Operation]:
    """Return the calls whose last parameter takes slashes, as refs and file paths do."""
    found = []
    for template, methods in _description()["paths"].items():
        if method.lower() in methods and re.search(r"/\{(?:ref|path|basehead|branch)\}$", template):
            pattern = re.sub(r"\{[^}]*\}", "[^/]+", template.rsplit("/{", 1)[0]) + "/.+"
            if re.fullmatch(pattern, unquote(path)):
                found.append(Operation(method, template, methods[method.lower()]))
    return found


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference within the description."""
    while "$ref" in schema:
        found: Any = _description()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _json_schema(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = described.get("content", {}).get("application/json")
    return None if content is None else _resolved(content["schema"])


def _alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [_resolved(one) for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]


def _chosen(schema: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """Return the alternative of a schema that has most of the fields of a value, and is of its type."""
    schema = _resolved(schema)
    wanted = "array" if isinstance(value, list) else "object"
    fitting = [one for one in _alternatives(schema) if one.get("type", wanted) == wanted]
    if not fitting or not isinstance(value, list | dict):
        return schema
    names = set(value) if isinstance(value, dict) else set()
    return max(fitting, key=lambda one: len(names & set(_properties(one))))


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = {name: _resolved(one) for name, one in schema.get("properties", {}).items()}
    for part in schema.get("allOf", ()):
        found |= _properties(_resolved(part))
    return found


def _required(schema: Mapping[str, Any]) -> list[str]:
    return [*schema.get("required", ()), *(n for part in schema.get("allOf", ()) for n in _required(_resolved(part)))]


def _least(schema: Mapping[str, Any]) -> Any:
    """Return the least value that a schema allows."""
    schema = _resolved(schema)
    if schema.get("nullable") or schema.get("type") == "null":
        return None
    if "enum" in schema:
        return schema["enum"][0]
    alternatives = _alternatives(schema)
    if alternatives and "properties" not in schema:
        return _least(alternatives[0])
    kind = schema.get("type", "object" if _properties(schema) else "string")
    if kind == "object":
        properties = _properties(schema)
        return {name: _least(properties.get(name, {})) for name in _required(schema)}
    least: Mapping[str, Any] = {"array": [], "integer": 0, "number": 0, "boolean": False}
    return least[kind] if kind in least else _SAMPLES.get(schema.get("format", ""), "")
