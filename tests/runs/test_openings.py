"""New sections, on the strict GitHub server: offered, opened by a tick and merged; left alone, never offered again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import config
from bot.state.model import SectionStatus
from tests.conftest import CONFIG, LIST, NOW, paper
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.servers.stage import Stage, stage

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

SETTINGS = config.loads(CONFIG.replace("max_open: 3", "max_open: 20"), "config/keywords.yaml")
DRAFTS = ("Tree", "Lossless", "Adaptive", "Staged", "Medusa")
MORE = ("Wide", "Deep", "Quick", "Long", "Short")
TOPICS = ("Energy in", "Faults of", "Tracing", "Pricing", "Routing for", "Deadlines of", "Carbon of")
DRAFTED = [paper(n, f"{one} Speculative Decoding for LLM Serving") for n, one in enumerate(DRAFTS, 1)]
OTHERS = [paper(n, f"{one} LLM Serving") for n, one in enumerate(TOPICS, 11)]
OFFER = re.compile(r"^- \[ \] Open a section \*\*Speculative Decoding\*\* for these five ", re.MULTILINE)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    """Five papers of one topic among others, for a list that has no section for it."""
    with stage(tmp_path / "r.git", SETTINGS, LIST, [*DRAFTED, *OTHERS], NOW) as on:
        yield on
        assert on.server.violations == []


def text(on: Stage) -> str:
    (pull,) = on.pulls()
    return pull.body or ""


def write(on: Stage, old: str, new: str) -> None:
    """Change the text of the pull request as a person does."""
    (pull,) = on.pulls()
    assert re.search(old, text(on), re.MULTILINE)
    pull.body = re.sub(old, new, text(on), flags=re.MULTILINE)


def tick(on: Stage) -> None:
    write(on, r"^- \[ \] (?=Open a section)", "- [x] ")


def end(on: Stage, *, merge: bool) -> None:
    with on.as_curator() as repo:
        pull = repo.get_pull(on.pulls()[0].number)
        if merge:
            pull.merge(merge_method="squash")
        else:
            pull.edit(state="closed")


def later(on: Stage) -> None:
    """Let a week pass, with five more papers of the topic and one other."""
    on.now += timedelta(days=7)
    on.server.now = on.now
    more = [paper(n, f"{one} Speculative Decoding for LLM Serving") for n, one in enumerate(MORE, 201)]
    on.papers = [*on.papers, *more, paper(250, "Queues of LLM Serving")]


def headings(list_: bytes) -> list[str]:
    return re.findall(r"^## (.*)", list_.decode(), re.MULTILINE)


def test_a_ticked_section_is_opened_and_its_papers_move_there(on: Stage) -> None:
    """Its heading, table head and contents line are new, five rows move whole, and no other byte changes."""
    on.run()
    assert OFFER.search(text(on))
    before = on.list_on(on.branch() or "")
    assert headings(before) == ["Survey", "Caches", "Unsorted"]
    tick(on)
    on.review()
    after = on.list_on(on.branch() or "")
    assert headings(after) == ["Survey", "Caches", "Unsorted", "Speculative Decoding"]
    kept, own = after.decode().split("\n\n## Speculative Decoding\n")
    rows = [line for line in before.decode().splitlines() if "Speculative Decoding for" in line]
    assert own.splitlines() == ["|Paper|Code|", "|--|--|", *rows]
    contents = "  - [Speculative Decoding](#speculative-decoding)\n"
    without = "".join(line for line in before.decode().splitlines(keepends=True) if line.rstrip("\n") not in rows)
    assert kept.replace(contents, "") + "\n" == without
    assert kept.count(contents) == 1
    assert "Open a section" not in text(on)
    assert on.run().change.content is None
    end(on, merge=True)
    later(on)
    outcome = on.run()
    assert on.list_on("main") == after
    assert not outcome.board.sections


def test_accepted_papers_that_stand_unsorted_move_as_they_are(on: Stage) -> None:
    """Two that were merged, and three of this pull request: their rows leave one section and stand in the other."""
    late, on.papers = on.papers[2:5], [*on.papers[:2], *on.papers[5:]]
    on.run()
    end(on, merge=True)
    on.now += timedelta(days=7)
    on.server.now = on.now
    on.papers = late
    on.run()
    assert OFFER.search(text(on))
    before = on.list_on("main").decode()
    tick(on)
    on.review()
    after = on.list_on(on.branch() or "").decode()
    kept, own = after.split("\n\n## Speculative Decoding\n")
    rows = [line for line in before.splitlines() if "Speculative Decoding" in line]
    assert len(rows) == 2
    assert {*rows} < {*own.splitlines()}
    assert not [line for line in kept.splitlines() if "Speculative Decoding for" in line]
    assert len(own.splitlines()) == 2 + 5
    assert on.run().change.content is None
    end(on, merge=True)
    on.run()
    assert on.list_on("main").decode() == after


def test_what_is_left_alone_until_the_merge_is_not_offered_again(on: Stage) -> None:
    """The same section is not asked for twice, however many papers more there are."""
    on.run()
    end(on, merge=True)
    later(on)
    outcome = on.run()
    assert "Open a section" not in text(on)
    assert {s.status for s in outcome.change.state.sections} == {SectionStatus.REFUSED}


def test_a_deleted_line_stays_away(on: Stage) -> None:
    """A person who deletes the line refuses the section; the papers stay where they are."""
    on.run()
    on.review()
    rows = on.list_on(on.branch() or "")
    write(on, r"^- \[ \] Open a section.*\n", "")
    on.review()
    assert on.run().change.content is None
    assert "Open a section" not in text(on)
    assert on.list_on(on.branch() or "") == rows


def test_a_closed_pull_request_refuses_and_a_reopened_one_asks_again(on: Stage) -> None:
    """Nothing is refused by a close that is undone."""
    on.run()
    (pull,) = on.pulls()
    end(on, merge=False)
    on.run()
    with on.as_curator() as repo:
        repo.get_pull(pull.number).edit(state="open")
    on.run()
    assert OFFER.search(text(on))


def test_runs_do_not_change_what_is_offered(on: Stage) -> None:
    """Without news a second run writes nothing, and the line is the same."""
    on.run()
    first = text(on)
    assert on.run().change.content is None
    assert text(on) == first


def test_a_section_of_papers_that_are_rejected_is_not_offered(on: Stage) -> None:
    """A section begins with three papers in the list; with fewer the line goes."""
    on.run()
    for one in DRAFTED[:3]:
        on.click(one.id)
    on.review()
    assert "Open a section" not in text(on)
