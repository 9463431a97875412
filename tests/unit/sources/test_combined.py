"""Several sources as one: what one lacks takes nothing from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.errors import SourceError
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Reason, Unknown, Window
from bot.sources.combined import Sources

DAY = datetime(2026, 11, 23, tzinfo=UTC)
WINDOW = Window(DAY, datetime(2026, 11, 24, tzinfo=UTC))
FULL, BARE = Paper("2611.00001", "A", published=DAY), Paper("2611.00001", "A")


@dataclass
class One:
    """A source with papers, or one that raises."""

    name: str
    papers: tuple[Paper, ...] = ()
    broken: bool = False
    proves: bool = False

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        if self.broken:
            raise SourceError("away", url="http://x")
        return Batch(
            self.papers, tuple(Answer(self.name, w, len(self.papers), None, proves=self.proves) for w in windows)
        )

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        return tuple(paper for paper in self.papers if paper.id in ids)


def test_the_fuller_record_wins() -> None:
    """A paper that two sources have comes once, with its date, whichever came first; every answer is kept."""
    for sources in (
        [One("rss", (BARE,)), One("api", (FULL,), proves=True)],
        [One("api", (FULL,), proves=True), One("rss", (BARE,))],
    ):
        both = Sources(sources)
        batch = both.fetch(Query(()), [WINDOW])
        assert batch.papers == (FULL,)
        assert [answer.source for answer in batch.answers] == [source.name for source in sources]
    assert (both.name, both.proves) == ("api and rss", True)
    assert not Sources([One("rss")]).proves


def test_one_that_fails_loses_nothing_of_the_other() -> None:
    """A source that raises is an unknown answer beside what the other brought."""
    batch = Sources([One("mirror", broken=True, proves=True), One("api", (FULL,), proves=True)]).fetch(
        Query(()), [WINDOW]
    )
    assert batch.papers == (FULL,)
    assert [(answer.source, answer.proves, answer.unknown) for answer in batch.answers] == [
        ("mirror", True, Unknown(Reason.FAILED, text="away")),
        ("api", True, None),
    ]


def test_recheck_asks_all() -> None:
    """What any source knows of a paper by now comes, once."""
    both = Sources([One("rss"), One("api", (FULL,), proves=True)])
    assert both.fetch_by_id(["2611.00001", "2611.00002"]) == (FULL,)
