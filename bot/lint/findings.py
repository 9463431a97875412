"""Findings, and the list with those mended whose fix is certain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.errors import ListFormatError
from bot.paperlist.nouns import Splice
from bot.paperlist.proof import Edit
from bot.paperlist.read.document import Document
from bot.paperlist.row_proof import prove_rows


class LintSeverity(StrEnum):
    """Whether a finding makes the check fail."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """What is wrong in a line; `fix` is the text that mends it where that is certain, `splices` write it."""

    line: int
    kind: str
    severity: LintSeverity
    why: str
    fix: str | None = None
    splices: tuple[Splice, ...] = ()


def lint_error(line: int, kind: str, why: str) -> LintFinding:
    """Return a finding that makes the check fail."""
    return LintFinding(line, kind, LintSeverity.ERROR, why)


def lint_warning(line: int, kind: str, why: str) -> LintFinding:
    """Return a finding that does not."""
    return LintFinding(line, kind, LintSeverity.WARNING, why)


def mended(document: Document, findings: Iterable[LintFinding]) -> Edit:
    """Return the list with every fix made; raises `ListFormatError` when they cannot be proven."""
    return prove_rows(document, [splice for finding in findings for splice in finding.splices])


def proven(document: Document, findings: list[LintFinding]) -> tuple[LintFinding, ...]:
    """Return findings in the order of their lines, with those fixes alone that can be proven."""
    fixes = [finding for finding in findings if finding.splices]
    doubtful = {id(finding) for finding in _unproven(document, fixes)}
    told = [replace(one, fix=None, splices=()) if id(one) in doubtful else one for one in findings]
    return tuple(sorted(told, key=lambda one: (one.line, one.kind)))


def _unproven(document: Document, fixes: list[LintFinding]) -> list[LintFinding]:
    """Return the fixes that cannot be proven, found by halves: most lists have none."""
    try:
        mended(document, fixes)
    except ListFormatError:
        half = len(fixes) // 2
        return fixes if not half else [*_unproven(document, fixes[:half]), *_unproven(document, fixes[half:])]
    return []
