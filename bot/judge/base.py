"""What belongs in a list, and where: one small protocol, one module per way of judging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.model import Paper, Verdict


class Judge(Protocol):
    """Judges papers that are not duplicates."""

    def judge(self, papers: Sequence[Paper]) -> tuple[Verdict, ...]:
        """Return one verdict per paper, in the order given; the order changes no paper's verdict."""
        ...


class SectionedJudge(Judge, Protocol):
    """Judges relevance first, and chooses sections for those papers alone that are worth it."""

    @property
    def relevance(self) -> Judge:
        """The judge of relevance, which may name no section."""
        ...

    def place(self, papers: Sequence[Paper], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Return the verdict of each paper with its section; no paper's section depends on the others."""
        ...
