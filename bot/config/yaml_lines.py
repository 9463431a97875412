"""YAML as plain values, and the line of each key for messages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.errors import ConfigError

_DEEPEST = 40
_LARGEST = 20_000
"""Most values: aliases let a small file describe more than fits into memory."""


def read_yaml(text: str, name: str) -> tuple[object, Mapping[str, int]]:
    """Return the value of a YAML document, None of an empty one, and the line of each dotted key and item, from 1.

    Accepted are mappings with text as keys, lists, text, numbers, booleans, null, anchors, aliases and merges; a date
    stays text. `name` is what messages call the document.
    """
    reader = _Reader(name)
    return reader.read(text), reader.lines


class _Reader:
    """Reads one document."""

    def __init__(self, name: str) -> None:
        self.lines: dict[str, int] = {}
        self._name = name
        self._left = _LARGEST
        self._yaml = YAML(typ="safe", pure=True)

    def read(self, text: str) -> object:
        """Return the value of a document, None of an empty one."""
        try:
            node = self._yaml.compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise ConfigError(
                f"is not YAML: {error.problem or error.context}", path=self._name, line=mark.line + 1 if mark else None
            ) from None
        except (YAMLError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise ConfigError(f"is not YAML: {reason}", path=self._name) from None
        except RecursionError:
            raise ConfigError("is nested too deeply", path=self._name) from None
        return None if node is None else self._value(node, ())

    def _value(self, node: Node, path: tuple[str, ...]) -> object:
        self._left -= 1
        if len(path) > _DEEPEST or self._left < 0:
            raise self._error("is nested too deeply" if self._left >= 0 else "holds too much", node)
        self.lines.setdefault(dotted(path), node.start_mark.line + 1)
        kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
        match node:
            case MappingNode() if kind == "map":
                return self._mapping(node, path)
            case SequenceNode() if kind == "seq":
                return [self._value(item, (*path, str(index))) for index, item in enumerate(node.value)]
            case ScalarNode() if kind in ("str", "timestamp"):
                return str(node.value)
            case ScalarNode() if kind in ("int", "float", "bool", "null"):
                return self._plain(node)
        raise self._error(f"has the tag {kind[:40]!r}, which means nothing here", node)

    def _mapping(self, node: MappingNode, path: tuple[str, ...]) -> dict[str, object]:
        own: dict[str, object] = {}
        merged: dict[str, object] = {}
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                for one in value.value if isinstance(value, SequenceNode) else [value]:
                    more = self._value(one, (*path, "<<"))
                    if not isinstance(more, dict):
                        raise self._error("<< must merge a mapping", key)
                    merged = {**more, **merged}
                continue
            if not isinstance(key, ScalarNode):
                raise self._error("a key must be text", key)
            name = str(key.value)
            if name in own:
                raise self._error(f"the key {name!r} appears twice", key)
            self.lines[dotted((*path, name))] = key.start_mark.line + 1
            own[name] = self._value(value, (*path, name))
        return {**merged, **own}

    def _plain(self, node: ScalarNode) -> object:
        try:
            return self._yaml.constructor.construct_object(node)
        except (YAMLError, ValueError):
            raise self._error(f"{node.value[:40]!r} cannot be read as a number", node) from None

    def _error(self, message: str, node: Node) -> ConfigError:
        return ConfigError(message, path=self._name, line=node.start_mark.line + 1)


def dotted(place: Sequence[str]) -> str:
    """Return a path of keys as messages name it."""
    return ".".join(part if part.isprintable() else ascii(part) for part in place)
