"""A file and the embedded sample stand in for arXiv."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.arxiv.paper_json import dump_paper
from bot.errors import BotError, SourceError
from bot.model import Paper, Query, Window
from bot.sources.base import Source
from bot.sources.jsonl import JsonlSource
from bot.sources.sample import SampleSource

FIRST = Window(datetime(2024, 9, 1, tzinfo=UTC), datetime(2024, 9, 2, tzinfo=UTC))
SECOND = Window(FIRST.until, datetime(2024, 9, 3, tzinfo=UTC))


def test_both_are_sources(tmp_path: Path) -> None:
    """They satisfy the protocol."""
    sources: list[Source] = [JsonlSource(tmp_path), SampleSource()]
    assert [source.name for source in sources] == ["jsonl", "sample"]


def test_a_file_is_trimmed_to_the_windows(tmp_path: Path) -> None:
    """Papers of each half-open window and papers without a date come, the first of each id, counted by window."""
    papers = [
        Paper("2409.00001", "before", published=datetime(2024, 8, 31, 23, 59, 59, tzinfo=UTC)),
        Paper("2409.00002", "since", published=FIRST.since, summary="a\u2028b"),
        Paper("2409.00003", "between", published=FIRST.until),
        Paper("2409.00004", "after", published=SECOND.until),
        Paper("2409.00005", "undated"),
        Paper("2409.00002", "again", published=FIRST.since),
    ]
    path = tmp_path / "papers.jsonl"
    path.write_bytes(("\n\n".join(map(dump_paper, papers)) + "\n").encode())
    batch = JsonlSource(path).fetch(Query(()), [FIRST, SECOND])
    assert batch.papers == (papers[1], papers[2], papers[4])
    assert [(a.received, a.total, a.unknown, a.proves) for a in batch.answers] == [(1, 1, None, False)] * 2
    assert JsonlSource(path).fetch(Query(()), []).papers == (papers[4],)


def test_a_bad_line_names_its_place(tmp_path: Path) -> None:
    """A line that is no paper stops the reading with file and line."""
    path = tmp_path / "papers.jsonl"
    path.write_text('{"id": "2409.00001", "title": "T"}\n{"id": "x", "title": "T"}\n')
    with pytest.raises(BotError) as caught:
        JsonlSource(path).fetch(Query(()), [FIRST])
    assert str(caught.value) == f"{path}:2: 'id' is not an arXiv id: 'x'"


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, cannot be asked."""
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(SourceError, match="cannot read the papers"):
            JsonlSource(path).fetch(Query(()), [FIRST])


def test_the_sample_ignores_windows() -> None:
    """The sample is whole whatever is asked, and each window is answered."""
    batch = SampleSource().fetch(Query(()), [FIRST, SECOND])
    assert [(a.received, a.total, a.unknown, a.proves) for a in batch.answers] == [(15, 15, None, False)] * 2
    assert SampleSource().fetch(Query(()), []).papers == batch.papers


def test_the_sample_shows_every_case() -> None:
    """The invented papers hold what a demonstration needs, under ids that cannot exist yet."""
    papers = {paper.id: paper for paper in SampleSource().fetch(Query(()), []).papers}
    real = {"2407.12391"}
    assert all(number.startswith("2409.999") for number in papers.keys() - real)
    assert real < papers.keys()
    titles = [paper.title for paper in papers.values()]
    assert any("$k$" in title and "|" in title and "[" in title for title in titles)
    assert any("survey of long-context" in title for title in titles)
    assert any("Our code is available at https://github.com/example-lab/" in p.summary for p in papers.values())
    days = [paper.published.date().isoformat() for paper in papers.values() if paper.published]
    assert (min(days), max(days)) == ("2024-09-12", "2024-09-30")
    assert len(days) == len(papers) - len(real)
