"""One list at one time: its settings, its repository, and the day. Every step of a run works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.config import Config, ListConfig
from bot.errors import ListFormatError
from bot.judge.factory import JudgeInput
from bot.model import Path
from bot.paperlist.edit import place_of
from bot.paperlist.read.document import Document, parse
from bot.paperlist.read.unwritable import found_instead
from bot.paperlist.read.young import takes_papers
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

    @property
    def unsorted(self) -> Path | None:
        """The section for papers that fit no other, on the base or once it is opened; None where there is none."""
        heading = self.settings.unsorted
        return place_of(self.working, heading) if heading else None

    def basis(self, state: State) -> JudgeInput:
        """Return what papers are judged from."""
        return JudgeInput(self.config, self.settings, self.base, state.library, state.decisions)


def case_of(config: Config, settings: ListConfig, snapshot: Snapshot, now: datetime) -> Case:
    """Return the case of a list that was read; raise `ListFormatError` when nothing in it can take a paper."""
    base, working = (parse(source, settings.file) for source in (snapshot.base, snapshot.working))
    if not takes_papers(working):
        line, why = found_instead(working) or (None, "")
        raise ListFormatError(
            "has no table, no papers and no heading that waits for some, so there is nothing to add to; "
            + (f"here are {why}" if line else "is it the right file?"),
            path=settings.file,
            line=line,
        )
    return Case(config, settings, snapshot, base, working, now)
