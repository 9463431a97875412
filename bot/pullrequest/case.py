"""One list at one time: its settings, its repository, and the day. Every step of a run works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.config import Config, ListConfig
from bot.errors import ListFormatError
from bot.judge.factory import JudgeInput
from bot.paperlist.read.document import Document, parse
from bot.paperlist.read.unwritable import found_instead
from bot.pullrequest.pace import week_number
from bot.pullrequest.snapshot import Snapshot
from bot.state.model import State


@dataclass(frozen=True, slots=True)
class Case:
    """One list of a configuration as it is at one time; `base` and `working` are the snapshot's lists, parsed."""

    config: Config
    settings: ListConfig
    snapshot: Snapshot
    base: Document
    working: Document
    now: datetime

    @property
    def day(self) -> date:
        """The day of the run, in UTC."""
        return self.now.date()

    @property
    def per_week(self) -> int:
        """How many new papers a week brings at most."""
        return week_number(self.settings.limits, self.base)

    def basis(self, state: State) -> JudgeInput:
        """Return what papers are judged from."""
        return JudgeInput(self.config, self.settings, self.base, state.library, state.decisions)


def case_of(config: Config, settings: ListConfig, snapshot: Snapshot, now: datetime) -> Case:
    """Return the case of a list that was read; raise `ListFormatError` when it has no entries to add to."""
    base, working = (parse(source, settings.file) for source in (snapshot.base, snapshot.working))
    if not any(section.groups for section in working.sections):
        line, why = found_instead(working) or (None, "")
        raise ListFormatError(
            "has no table and no papers under any heading, so there is nothing to add to; "
            + (f"here are {why}" if line else "is it the right file?"),
            path=settings.file,
            line=line,
        )
    return Case(config, settings, snapshot, base, working, now)
