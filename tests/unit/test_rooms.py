"""Which folders beside the program may use which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = {
    "tests": ("bot", "tests"),
    "tests/servers": ("bot", "tests.servers"),
    "benchmarks": ("bot", "tests.servers", "benchmarks"),
    "tools": ("bot", "tests.servers", "tools"),
}
OURS = ("bot", "tests", "benchmarks", "tools")


def imported(source: str) -> Iterator[str]:
    """Yield the full names that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def forbidden(source: str, allowed: tuple[str, ...]) -> list[str]:
    """Return the names of this repository that a module imports without being allowed to."""
    ours = [name for name in imported(source) if name.split(".")[0] in OURS]
    return [name for name in ours if not any(f"{name}.".startswith(f"{room}.") for room in allowed)]


@pytest.mark.parametrize("folder", ALLOWED)
def test_folders_import_only_what_they_may(folder: str) -> None:
    """Tests import neither benchmarks nor tools; these import the program and the test servers only."""
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
        for name in forbidden(path.read_text("utf-8"), ALLOWED[folder])
    }
    assert found == set()


def test_a_forbidden_import_is_found() -> None:
    """Both ways to import are seen, wherever they stand, and a name that only begins alike is another."""
    source = "import tests.slow.season\ndef f():\n    from tests import servers, unit\nfrom tests.serversx import a\n"
    assert {*forbidden(source, ALLOWED["tools"])} == {"tests.slow.season", "tests.unit", "tests.serversx.a"}
