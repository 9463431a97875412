"""The page about security names tests that exist."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def test_every_test_that_is_named_exists() -> None:
    """Each claim of the page can be looked up, and at least one test is named for each line of its first tables."""
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    sources = (path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    defined = {name for source in sources for name in re.findall(r"def (test_\w+)", source)}
    assert named <= defined
    rows = [line for line in page.partition("## Rights")[0].splitlines() if line.startswith("| ")]
    assert len(rows) > 15
    assert [row for row in rows if "`test_" not in row and not row.endswith("| test |")] == []
