"""Duplicates: a paper that is listed or decided upon is found, under whatever spelling."""

from __future__ import annotations

from datetime import date

import pytest

from bot.judge.duplicates import Known
from bot.model import Duplicate, Paper
from bot.paperlist.read.document import parse
from bot.state.decision import Basis, Decision, DecisionKind, How

HEAD = "# Papers\n\n|Paper|Id|\n|--|--|\n"


def known(text: str, *decisions: Decision) -> Known:
    return Known(parse(text.encode(), "list.md"), decisions)


@pytest.mark.parametrize(
    "row",
    [
        "|[A](https://arxiv.org/abs/2407.12391)||",
        "|[A](http://www.arxiv.org/pdf/2407.12391v3.pdf)||",
        "|[[2407.12391] A (arxiv.org)](https://example.org)||",
        "|A|arXiv:2407.12391v2|",
        "|A|ARXIV 2407.12391|",
        "|A|2407.12391|",
        "|A| 2407.12391v4 |",
        "|A|https://doi.org/10.48550/arXiv.2407.12391|",
        "|A|https://huggingface.co/papers/2407.12391|",
        "|A|![](https://img.shields.io/badge/arXiv-2407.12391-b31b1b)|",
        "",
    ],
)
def test_any_spelling_of_an_id(row: str) -> None:
    """An id is found in any spelling, in the table and outside of it, with its line."""
    text = HEAD + (row + "\n" if row else "|B||\n\nSee also https://arxiv.org/abs/2407.12391.\n")
    line = 5 if row else 7
    assert known(text).duplicate(Paper("2407.12391", "Other")) == Duplicate(
        "2407.12391", line, f"listed in line {line}"
    )
    assert known(text).duplicate(Paper("2407.12392", "Other")) is None


def test_old_ids() -> None:
    """An id of the old form is found with and without its subject class."""
    assert known(HEAD + "|[A](https://arxiv.org/abs/math.GT/0309136v2)||\n").duplicate(Paper("math/0309136", "X"))


def test_numbers_are_no_ids() -> None:
    """A number inside a cell's words is no id."""
    assert known(HEAD + "|Took 2407.12391 seconds||\n").duplicate(Paper("2407.12391", "X")) is None


def test_the_first_line_that_names_a_paper() -> None:
    """Digits that are no id do not hide the id below them, and other papers' ids are none of it."""
    text = HEAD + "|Took 2407.12391 s|12407.12391|\n|A|cs/2407123|\n|B|2407.12391v2|\n|C|arXiv:2407.12391|\n"
    found = known(text).duplicate(Paper("2407.12391", "X"))
    assert found
    assert found.line == 7
    assert known("2407.12391\n\n> arXiv:hep-th%2F9407123\n").duplicate(Paper("hep-th/9407123", "X"))


def test_titles() -> None:
    """A paper listed without its id is found by its title: case, accents, TeX and punctuation do not count."""
    index = known(HEAD + "|[Café: $O(n^2)$ Serving of *LLMs*](https://example.org)||\n")
    found = index.duplicate(Paper("2407.12391", "CAFE - $O(n^2)$ serving of LLMs!"))
    assert found == Duplicate("2407.12391", 5, "listed in line 5 by its title")


@pytest.mark.parametrize("title", ["0", "None", "Attention", "!!!", "注意力"])
def test_short_titles_do_not_clash(title: str) -> None:
    """Titles too short to tell papers apart are not compared."""
    assert known(HEAD + f"|[{title}](https://example.org)||\n").duplicate(Paper("2407.12391", title)) is None


def test_decisions() -> None:
    """What a person decided upon is known; a move says only where a paper belongs."""
    day = date(2026, 3, 4)
    for kind in DecisionKind:
        found = known(HEAD, Decision("2407.12391", kind, day, Basis(How.CLOSED, 1))).duplicate(Paper("2407.12391", "X"))
        if kind is DecisionKind.MOVED:
            assert found is None
        else:
            assert found == Duplicate("2407.12391", None, f"{kind} on 2026-03-04 (cycle 1: closed)")


def test_the_library_knows_full_titles() -> None:
    """A listed paper is known by the title its record has, also where the list gives it a shorter one."""
    document = parse(b"# P\n\n## A\n- [Evict](https://arxiv.org/abs/2401.00001)\n")
    listed = Paper("2401.00001", "Evict: Forgetting What Serving Does Not Need")
    again = Paper("2402.00002", "Evict: forgetting what serving does not need")
    assert Known(document).duplicate(again) is None
    found = Known(document, library=[listed, Paper("2401.00009", "A Paper the List Has Not")]).duplicate(again)
    assert found is not None
    assert found.line == 4
