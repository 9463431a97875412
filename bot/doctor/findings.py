"""What `doctor` finds: one finding per check, with its fix and where to read more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from bot import __version__
from bot.adopt.config_text import HOME

DOCUMENT = "docs/doctor.md"
MOST_SKEW = timedelta(minutes=5)


class Check(StrEnum):
    """What is checked, each a heading of `docs/doctor.md`."""

    CONFIG = "config"
    LIST = "list"
    SECTIONS = "sections"
    KEYWORDS = "keywords"
    CATEGORIES = "categories"
    TOKEN = "token"
    CONTENTS = "contents"
    PULL_REQUESTS = "pull-requests"
    SETTING = "setting"
    PROTECTION = "protection"
    CHECKS = "checks"
    WORKFLOW = "workflow"
    QUIET = "quiet"
    ARXIV = "arxiv"
    CLOCK = "clock"


class Severity(IntEnum):
    """How bad a finding is: only errors keep the bot from its work."""

    FINE = 0
    UNKNOWN = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it; for what cannot be seen, where to look."""

    kind: Check
    severity: Severity
    what: str
    fix: str = ""

    @property
    def link(self) -> str:
        """Where the documentation says more."""
        return f"https://github.com/{HOME}/blob/v{__version__}/{DOCUMENT}#{self.kind}"


def fine(check: Check, what: str) -> Finding:
    """Return that all is well."""
    return Finding(check, Severity.FINE, what)


def unknown(check: Check, what: str, fix: str) -> Finding:
    """Return that it cannot be seen, and where to look."""
    return Finding(check, Severity.UNKNOWN, what, fix)


def warning(check: Check, what: str, fix: str) -> Finding:
    """Return what may keep the bot from its work later."""
    return Finding(check, Severity.WARNING, what, fix)


def error(check: Check, what: str, fix: str) -> Finding:
    """Return what keeps the bot from its work."""
    return Finding(check, Severity.ERROR, what, fix)


def clock_finding(ours: datetime, theirs: datetime | None) -> Finding:
    """Return how far this machine's clock is from the time of an answer from outside."""
    if theirs is None:
        return unknown(Check.CLOCK, "cannot tell whether the clock is right: no answer had a time", "look at `date -u`")
    if abs(ours - theirs) <= MOST_SKEW:
        return fine(Check.CLOCK, "the clock is right")
    return error(
        Check.CLOCK,
        f"the clock says {ours:%Y-%m-%d %H:%M} UTC, others say {theirs:%Y-%m-%d %H:%M}",
        "set the clock of this machine: otherwise the bot asks for the wrong days",
    )


def worst(findings: Iterable[Finding]) -> Severity:
    """Return the severity of the worst finding."""
    return max((finding.severity for finding in findings), default=Severity.FINE)


def findings_report(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return findings as one JSON document."""
    rows = [
        {"kind": f.kind.value, "severity": f.severity.name.lower(), "what": f.what, "fix": f.fix, "link": f.link}
        for f in findings
    ]
    return {"version": __version__, "findings": rows}
