"""New sections that are offered, and what people make of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Candidate, NewSection, Verdict
from bot.paperlist.edit import Addition, add_entries, place_of
from bot.paperlist.read.document import Document, parse
from bot.paperlist.remove import remove_entries
from bot.pullrequest import openings
from bot.pullrequest.board import Board, BoardItem
from bot.pullrequest.snapshot import Ended, PullRequest, Snapshot
from bot.pullrequest.text.lines import section_item
from bot.state.model import OfferedSection, OpenPaper, SectionStatus, State
from tests.conftest import LIST, paper

DRAFTS = ("Tree", "Lossless", "Adaptive", "Staged")
PAPERS = [paper(n, f"{one} Speculative Decoding") for n, one in enumerate(DRAFTS, 1)]
IDS = tuple(one.id for one in PAPERS)
ASKED = NewSection("Speculative Decoding", IDS)
BASE = parse(LIST, "README.md")
NOTHING = State()
DAY = date(2026, 3, 4)
WRITTEN, SHOWN, OPENED, REFUSED = SectionStatus


def listed(base: Document = BASE) -> tuple[Board, Document]:
    """Return a board whose papers stand unsorted in the list, and that list."""
    edit = add_entries(base, [Addition(one, ("Serving", "Unsorted"), create=True) for one in PAPERS], DAY)
    rows = {entry.id: entry.row.decode() for entry in edit.entries}
    candidates = (Candidate(one, Verdict(0.9)) for one in PAPERS)
    items = tuple(BoardItem(c, ("Serving", "Unsorted"), True, rows[c.id]) for c in candidates)
    return Board(items, (), ()), edit.now


def offered(state: State = NOTHING, *suggested: NewSection, board: Board | None = None) -> list[str]:
    shown, now = listed()
    return [s.name for s in openings.offered(state, suggested or (ASKED,), (board or shown).proposed, now, BASE)]


def offer(status: SectionStatus, name: str = ASKED.name, papers: tuple[str, ...] = IDS) -> State:
    return State(sections=(OfferedSection(name, papers, 1, status),), cycle=1)


def test_what_is_offered_can_be_opened() -> None:
    """Four papers that stand in the list are enough; the line names them, and is a box of the text."""
    board, now = listed()
    (section,) = openings.offered(NOTHING, [ASKED], board.proposed, now, BASE)
    lines = section_item(section).splitlines()
    assert lines[0].startswith("- [ ] Open a section **Speculative Decoding** for these four <!--")
    assert [IDS[n] in line for n, line in enumerate(lines[1:])] == [True] * 4


def test_too_few_papers_ask_for_nothing() -> None:
    """Three of the papers must stand in the list, and four must be alike."""
    board, _ = listed()
    assert offered(board=replace(board, proposed=board.proposed[:3])) == [ASKED.name]
    assert not offered(board=replace(board, proposed=board.proposed[:2]))
    assert not offered(NOTHING, NewSection(ASKED.name, IDS[:3]))


@pytest.mark.parametrize(
    "past",
    [offer(REFUSED), offer(REFUSED, "Drafting"), offer(OPENED, "Drafting"), offer(REFUSED, "speculative decoding", ())],
)
def test_nothing_like_what_was_decided_is_offered(past: State) -> None:
    """Neither by its name nor by its papers does a section come again."""
    assert not offered(past)
    assert offered(offer(REFUSED, "Drafting", ("2603.00077",))) == [ASKED.name]


def test_a_heading_of_the_list_is_not_offered() -> None:
    """What is there already, however it is written, is no new section."""
    assert not offered(NOTHING, NewSection("caches", IDS))


def test_what_is_on_offer_stays_and_grows() -> None:
    """A section on offer stays without being asked for again, and takes the papers that join it."""
    board, now = listed()
    state = offer(SHOWN, papers=IDS[:3])
    (section,) = openings.offered(state, [ASKED], board.proposed, now, BASE)
    assert section.papers == IDS
    assert openings.remembered(state, replace(board, sections=(section,)), 1)[0].status is SHOWN
    assert openings.remembered(state, board, 1) == ()


def settled(state: State, text: str, ended: Ended | None = None) -> State:
    pull = None if ended else PullRequest("here", "title", text, 1)
    return openings.settled(state, Snapshot(LIST, "0", LIST, state, 1, pull, ended), BASE)


def box(tick: str) -> str:
    return f"- [{tick}] Open a section **x** for these four <!-- arxiv-bot:section speculative-decoding -->\n"


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [(WRITTEN, "", WRITTEN), (WRITTEN, box(" "), SHOWN), (SHOWN, "", REFUSED), (SHOWN, box("x"), OPENED),
     (OPENED, "", OPENED), (OPENED, box(" "), OPENED), (REFUSED, "", REFUSED), (REFUSED, box(" "), SHOWN)],
)  # fmt: skip
def test_a_text_decides(before: SectionStatus, text: str, after: SectionStatus) -> None:
    """Only a line that once stood in the text can be deleted from it."""
    assert settled(offer(before), text).sections[0].status is after


def test_a_tick_wants_the_rows_under_the_heading() -> None:
    """Papers with a row are wanted there; one that is only offered would go there, and is not wanted for that."""
    rows = ("row", None, "row", None)
    state = replace(
        offer(SHOWN),
        open=tuple(OpenPaper(Candidate(p, Verdict(0.9)), ("A",), row) for p, row in zip(PAPERS, rows, strict=True)),
    )
    after = settled(state, box("x"))
    assert {p.path for p in after.open} == {("Serving", "Speculative Decoding")}
    assert [p.wanted for p in after.open] == [True, False, True, False]
    assert openings.opening(after, 1, BASE) == {("Serving", "Speculative Decoding")}
    assert openings.opening(after, 2, BASE) == set()


@pytest.mark.parametrize(("ended", "left"), [(Ended.MERGED, [REFUSED]), (Ended.CLOSED, [REFUSED]), (Ended.LOST, [])])
def test_an_end_decides(ended: Ended, left: list[SectionStatus]) -> None:
    """What nobody ticked is refused with the cycle; a branch that was lost decides nothing."""
    assert [s.status for s in settled(offer(SHOWN), "", ended).sections] == left


FORMS: list[Callable[[bytes], bytes]] = [
    lambda source: source.replace(b"\n", b"\r\n"),
    lambda source: source.rstrip(b"\n"),
    lambda source: b"\xef\xbb\xbf" + source,
    lambda source: re.sub(rb"(?s)- \[Serving\].*?\r?\n\r?\n", b"", source, count=1),
    lambda source: source.replace(b"## ", b"### "),
    lambda source: source + b"\n\n<!-- the end -->\n",
    lambda source: source.replace(b"|Paper|Code|\n|--|--|", b"| Paper | Code |\n| :-- | --: |"),
]


@given(st.lists(st.sampled_from(range(len(FORMS))), unique=True))
def test_moving_papers_changes_no_other_byte(forms: list[int]) -> None:
    """Whatever the list looks like, without what came in, the bytes are those of the list without the rows."""
    source = LIST
    for number in forms:
        source = FORMS[number](source)
    base = parse(source, "README.md")
    board, now = listed(base)
    rows = {item.id: item.row or "" for item in board.proposed[1:]}
    without = parse(remove_entries(now, rows, base).after, "README.md")
    path = place_of(base, ASKED.name)
    edit = add_entries(without, [Addition(one, path, create=True) for one in PAPERS[1:]], DAY)
    restored = edit.after
    for splice in reversed(edit.splices):
        at = splice.start + sum(len(s.data) - (s.end - s.start) for s in edit.splices if s.start < splice.start)
        restored = restored[:at] + without.source[splice.start : splice.end] + restored[at + len(splice.data) :]
    assert restored == without.source
    assert {entry.row.decode() for entry in edit.entries} == {*rows.values()}
    assert openings.offered(NOTHING, [ASKED], board.proposed, now, base)
