"""What is found wrong in a list, and mended."""

from __future__ import annotations

from datetime import date

import pytest

from bot.lint.findings import LintFinding, mended
from bot.lint.rules import lint
from bot.model import Paper
from bot.paperlist.read.document import parse

TODAY = date(2026, 12, 1)
ONE = "[Alpha Methods for Long Lists](https://arxiv.org/abs/2401.00001)"
TWO = "[Beta Models and Their Uses](https://arxiv.org/abs/2401.00002)"


def found(text: str, *records: Paper, unknown: tuple[str, ...] = ()) -> list[LintFinding]:
    """Return the findings of a list."""
    return list(lint(parse(text.encode()), {paper.id: paper for paper in records}, TODAY, unknown))


def listed(*rows: str) -> str:
    """Return a list of items."""
    return "# List\n\n## Papers\n\n" + "".join(f"- {row}\n" for row in rows)


def kinds(findings: list[LintFinding]) -> list[tuple[int, str, str]]:
    """Return lines, kinds and severities."""
    return [(one.line, one.kind, str(one.severity)) for one in findings]


def test_a_list_in_order_has_no_findings() -> None:
    """Two different papers, linked and closed."""
    assert found(listed(ONE, TWO)) == []


CASES = [
    (listed(ONE, TWO, ONE.replace("00001", "00001v2")), (7, "duplicate", "error")),
    (listed(ONE) + "\n## Others\n\n- " + ONE + "\n", (9, "duplicate", "warning")),
    (listed("[Alpha Methods for Long Lists](https://example.org/a.pdf)", ONE), (6, "duplicate", "error")),
    (listed(ONE, TWO.replace("00002", "00001")), (6, "mismatch", "error")),
    (listed(ONE, TWO + " [[code](https://github.com/b/beta"), (6, "link", "error")),
    (listed(ONE, TWO.replace("https", "http")), (6, "address", "warning")),
    (listed(ONE, TWO.replace("2401.00002", "2413.00002")), (6, "id", "error")),
    (listed(ONE, TWO.replace("2401.00002", "2712.00002")), (6, "id", "error")),
    (f"| Paper | Code |\n| --- | --- |\n| {ONE} | - |\n| {TWO} | - | lost |\n", (4, "cells", "error")),
    (f"| Paper | Code | Year |\n| --- | --- | --- |\n| {ONE} | - | 2024 |\n| {TWO} |\n", (4, "cells", "warning")),
    ("- [Papers](#papers)\n- [Gone](#gone)\n\n## Papers\n\n- " + ONE + "\n", (2, "contents", "error")),
    ("## Papers (3)\n\n- " + ONE + "\n- " + TWO + "\n", (1, "count", "warning")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), CASES)
def test_what_is_wrong_is_told_with_its_line(text: str, told: tuple[int, str, str]) -> None:
    """One finding each: what it is, where, and whether it makes a check fail."""
    assert kinds(found(text)) == [told]


def test_records_tell_withdrawn_papers_other_titles_and_missing_ids() -> None:
    """What arXiv says of listed papers is compared with their rows."""
    gone = Paper("2401.00001", "Alpha Methods for Long Lists", comment="This paper has been withdrawn")
    other = Paper("2401.00002", "Quantum Error Correction of Small Codes")
    assert kinds(found(listed(ONE, TWO), gone, other)) == [(5, "withdrawn", "warning"), (6, "mismatch", "warning")]
    assert kinds(found(listed(ONE, TWO), unknown=("2401.00002",))) == [(6, "id", "error")]
    assert found(listed(ONE), Paper("2401.00001", "Alpha Methods for Longer Lists")) == []


def test_a_row_out_of_a_strict_order_is_told() -> None:
    """Where all other dates fall from one row to the next, one that does not is told; a loose order is none."""
    rows = [
        f"[Work of Number {n} on Lists](https://arxiv.org/abs/24{n:02}.0000{n % 10}) (2024-{n:02})"
        for n in range(12, 0, -1)
    ]
    assert found(listed(*rows)) == []
    moved = [*rows[:4], rows[9], *rows[4:9], *rows[10:]]
    assert kinds(found(listed(*moved))) == [(9, "order", "warning")]


def test_fixes_that_are_certain_are_written() -> None:
    """An old address and a link that does not end; nothing else changes, and then there is nothing left to find."""
    text = listed(ONE.replace("https", "http"), TWO + " [[code](https://github.com/b/beta")
    document = parse(text.encode())
    findings = lint(document, {}, TODAY)
    assert [one.fix for one in findings if one.kind == "address"] == [f"- {ONE}"]
    after = mended(document, findings).after.decode()
    assert after == listed(ONE, TWO + " [[code](https://github.com/b/beta)")
    assert found(after) == []
