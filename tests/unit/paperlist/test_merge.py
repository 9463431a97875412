"""Merging: both sides' entries stay, the later date stays, and contradictions are for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.paperlist.merge import merged
from bot.paperlist.read.document import parse

OLD = b"# P\n\n**Last Update: 2026-01-01**\n\n## A\n- one\n- two\n\n## B\n- three\n"


def merge(old: bytes, theirs: bytes, ours: bytes) -> bytes | None:
    return merged(parse(old), parse(theirs), ours)


def test_changes_in_different_places() -> None:
    """What each side did elsewhere is all there."""
    theirs = OLD.replace(b"- three", b"- **three**")
    ours = OLD.replace(b"- two\n", b"- two\n- bot\n")
    assert merge(OLD, theirs, ours) == theirs.replace(b"- two\n", b"- two\n- bot\n")


def test_both_insert_at_one_place() -> None:
    """Both entries stay, theirs first; one that both inserted stays once."""
    theirs = OLD.replace(b"- two\n", b"- two\n- theirs\n- same\n")
    ours = OLD.replace(b"- two\n", b"- two\n- bot\n- same\n")
    assert merge(OLD, theirs, ours) == OLD.replace(b"- two\n", b"- two\n- theirs\n- same\n- bot\n")


def test_the_later_date_stays() -> None:
    """Of two dates the later one, whichever side it is from."""
    early, late = OLD.replace(b"2026-01-01", b"2026-02-01"), OLD.replace(b"2026-01-01", b"2026-03-01")
    assert merge(OLD, early, late) == late
    assert merge(OLD, late, early) == late


def test_an_edited_neighbour() -> None:
    """People edited the very line below which the bot wrote: their words and the bot's entry stay."""
    theirs = OLD.replace(b"- two", b"- **two**")
    ours = OLD.replace(b"- two\n", b"- two\n- bot\n")
    assert merge(OLD, theirs, ours) == OLD.replace(b"- two\n", b"- **two**\n- bot\n")


def test_an_edited_line_below() -> None:
    """People edited the very line above which the bot wrote: the bot's entry stays above their words."""
    theirs = OLD.replace(b"- two", b"- **two**")
    ours = OLD.replace(b"- two", b"- bot\n- two")
    assert merge(OLD, theirs, ours) == OLD.replace(b"- two", b"- bot\n- **two**")


def test_neighbouring_lines_edited() -> None:
    """An entry edited on one side and the next one on the other both stay as edited, insertions between them too."""
    theirs = OLD.replace(b"- two", b"- **two**")
    ours = OLD.replace(b"- one\n", b"- *one*\n- bot\n")
    both = OLD.replace(b"- one\n- two", b"- *one*\n- bot\n- **two**")
    assert merge(OLD, theirs, ours) == merge(OLD, ours, theirs) == both


def test_one_deletes_beside_the_other() -> None:
    """An entry that one side deleted stays away, and what the other side wrote beside it stays."""
    theirs = OLD.replace(b"- two\n", b"")
    ours = OLD.replace(b"- one\n", b"- *one*\n- bot\n")
    assert merge(OLD, theirs, ours) == merge(OLD, ours, theirs) == OLD.replace(b"- one\n- two", b"- *one*\n- bot")


def test_contradictions_are_for_people() -> None:
    """One line edited in two ways, or edited and deleted, cannot be merged."""
    assert merge(OLD, OLD.replace(b"- two", b"- TWO"), OLD.replace(b"- two", b"- Two")) is None
    assert merge(OLD, OLD.replace(b"- two", b"- TWO"), OLD.replace(b"- two\n", b"")) is None


@pytest.mark.parametrize("ours", [b"- one\n- bot\n- two\n", b"- one\n- 2\n", b"- one\n"])
def test_a_rewrite_is_one_change(ours: bytes) -> None:
    """Where one side rewrote two lines as three, nothing that the other side did between them has a place."""
    theirs = OLD.replace(b"- one\n- two\n", b"- 1\n- 1.5\n- 2.0\n")
    changed = OLD.replace(b"- one\n- two\n", ours)
    assert merge(OLD, theirs, changed) is merge(OLD, changed, theirs) is None
    below = OLD.replace(b"- two\n", b"- two\n- bot\n")
    assert merge(OLD, theirs, below) == theirs.replace(b"- 2.0\n", b"- 2.0\n- bot\n")


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_list_without_final_newline(ending: bytes) -> None:
    """A last line without line ending is the same line with others below it."""
    old = OLD.rstrip(b"\n").replace(b"\n", ending)
    ours = old + ending + b"- bot" + ending
    assert merge(old, old.replace(b"- one", b"- 1"), ours) == ours.replace(b"- one", b"- 1")
    assert merge(old, old + b"!", old) == old + b"!"


LINES = st.lists(st.sampled_from([b"- a\n", b"- b\n", b"\n", b"## S\n", b"text\n"]), max_size=8).map(b"".join)


@given(LINES, LINES)
def test_one_side_alone(old: bytes, new: bytes) -> None:
    """When only one side changed anything, its list is the result."""
    assert merge(old, new, old) == new
    assert merge(old, old, new) == new
    assert merge(old, new, new) == new


@given(LINES, st.integers(0, 8), st.integers(0, 8))
def test_insertions_never_contradict(old: bytes, first: int, second: int) -> None:
    """Two insertions anywhere are both there, and nothing else is."""
    lines = old.splitlines(keepends=True)
    theirs = b"".join([*lines[:first], b"- theirs\n", *lines[first:]])
    ours = b"".join([*lines[:second], b"- ours\n", *lines[second:]])
    both = merge(old, theirs, ours)
    assert both is not None
    assert sorted(both.splitlines()) == sorted([*old.splitlines(), b"- theirs", b"- ours"])


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_an_edit_and_an_insertion_never_contradict(edited: int, first: int, second: int) -> None:
    """One line edited by one side, lines inserted anywhere by both: everything is there, in the order of each side."""
    old = [b"%d" % n for n in range(5)]
    theirs = [*old[:first], b"theirs", *old[first:]]
    theirs[theirs.index(old[edited])] = b"edited"
    ours = [*old[:second], b"ours", *old[second:]]
    whole = merge(b"\n".join(old) + b"\n", b"\n".join(theirs) + b"\n", b"\n".join(ours) + b"\n")
    assert whole is not None
    both = whole.split()
    assert len(both) == 7
    assert [line for line in both if line != b"ours"] == theirs
    assert [line for line in both if line != b"theirs"] == [b"edited" if line == old[edited] else line for line in ours]
