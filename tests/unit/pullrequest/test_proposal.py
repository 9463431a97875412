"""The proposal's codec: what was written is read back, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ProposalError
from bot.model import (
    Answer,
    Candidate,
    Cell,
    Choice,
    Duplicate,
    Field,
    LeftOut,
    Match,
    Neighbour,
    Paper,
    Reason,
    Unknown,
    Verdict,
    Window,
)
from bot.pullrequest import proposal
from bot.pullrequest.proposal import Proposal
from tests import examples
from tests.conftest import failed

NOW = datetime(2026, 3, 4, 6, 37, tzinfo=UTC)
VERDICT = Verdict(
    0.9,
    (Match("KV cache", Field.TITLE, "A KV cache"),),
    Choice(("Papers", "Caches"), 0.8),
    (Choice(("Papers", "Survey"), 0.1),),
    (Neighbour("2401.00001", 0.5),),
)
ONE = Candidate(
    Paper(
        "2603.00001", "A KV cache", ("A. Author",), "We cache.", ("cs.DC",), "cs.DC", NOW, NOW, "3 pages", None, None
    ),
    VERDICT,
    (Cell("code", "https://github.com/a/b", "comment: “…”"),),
)
WHOLE = Proposal(
    list="serving",
    created=NOW,
    query="0123456789abcdef",
    answers=(Answer("api", Window(NOW - timedelta(days=3), NOW), 2, 2, 1, None, proves=True),),
    candidates=(ONE,),
    duplicates=(Duplicate("2401.00001", 4, "listed in line 4"),),
    left_out=(LeftOut("2603.00002", "Cars", "“car” in the title"),),
    irrelevant=3,
    first_run=True,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TIMES = st.datetimes(datetime(1992, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
IDS = st.integers(0, 99_999).map(lambda n: f"2603.{n:05}") | st.integers(0, 999).map(lambda n: f"cs/9901{n:03}")
SHARES = st.floats(0, 1)
PATHS = st.lists(TEXT, min_size=1, max_size=3).map(tuple)
MATCHES = st.builds(Match, TEXT, st.sampled_from(Field), TEXT)
CHOICES = st.builds(Choice, PATHS, SHARES)
TITLES = TEXT.map(lambda text: f"T{text}")
PAPERS = st.builds(
    Paper, IDS, TITLES, st.lists(TEXT, max_size=2).map(tuple), TEXT, st.lists(TEXT, max_size=2).map(tuple),
    st.none() | TEXT, st.none() | TIMES, st.none() | TIMES, st.none() | TEXT, st.none() | TEXT, st.none() | TEXT,
)  # fmt: skip
VERDICTS = st.builds(
    Verdict, SHARES, st.lists(MATCHES, max_size=2).map(tuple), st.none() | CHOICES,
    st.lists(CHOICES, max_size=2).map(tuple), st.lists(st.builds(Neighbour, IDS, SHARES), max_size=2).map(tuple),
    st.none() | MATCHES,
)  # fmt: skip
CELLS = st.builds(
    Cell,
    st.just("code"),
    st.from_regex(r"https://[a-z]{1,9}\.org/[\w.-]{0,9}", fullmatch=True, alphabet="abz.-/:pstohrgA0_"),
    TEXT,
)
CANDIDATES = st.builds(Candidate, PAPERS, VERDICTS, st.lists(CELLS, max_size=1).map(tuple))
WINDOWS = st.builds(lambda t, d: Window(t, t + timedelta(minutes=d)), TIMES, st.integers(1, 9999))
COUNTS = st.integers(0, 99)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
UNKNOWN = st.builds(
    Unknown, st.sampled_from(Reason), COUNTS, COUNTS, st.lists(COUNTS, min_size=1, max_size=2).map(tuple), COUNTS,
    COUNTS, st.dates(), st.booleans(), IDS, TIMES, st.lists(WORDS, min_size=1, max_size=2).map(tuple),
    st.none() | COUNTS, WORDS,
)  # fmt: skip
ANSWERS = st.builds(
    Answer, TEXT, WINDOWS, COUNTS, st.none() | COUNTS, st.integers(0, 9), st.none() | UNKNOWN
) | st.builds(lambda w, n: Answer("api", w, n, n, 1, proves=True), WINDOWS, COUNTS)
QUERIES = st.text("0123456789abcdef", min_size=16, max_size=16)
PROPOSALS = st.builds(
    Proposal, TEXT, TIMES, QUERIES, st.lists(ANSWERS, max_size=2).map(tuple),
    st.lists(CANDIDATES, max_size=3, unique_by=lambda c: c.paper.id).map(tuple),
    st.lists(st.builds(Duplicate, IDS, st.none() | st.integers(1, 99), TEXT), max_size=2).map(tuple),
    st.lists(st.builds(LeftOut, IDS, TEXT, TEXT), max_size=2).map(tuple), st.integers(0, 9), st.booleans(),
)  # fmt: skip


@settings(deadline=None, max_examples=examples(60))
@given(st.lists(PROPOSALS, max_size=2, unique_by=lambda p: p.list))
def test_round_trip(proposals: list[Proposal]) -> None:
    """What was written is read back, whatever it holds."""
    assert proposal.load_proposals(proposal.dump_proposals(tuple(proposals)), "p.json") == tuple(proposals)


def test_complete() -> None:
    """A proposal is complete when every window asked is."""
    assert WHOLE.complete
    assert not replace(WHOLE, answers=(*WHOLE.answers, replace(WHOLE.answers[0], unknown=failed()))).complete


def signed(body: Any) -> str:
    """Return a document whose digest is right, whatever it holds."""
    return json.dumps({"version": 4, "sha256": proposal._digest(body), "proposals": body})


def refusal(text: str) -> str:
    with pytest.raises(ProposalError) as raised:
        proposal.load_proposals(text, "p.json")
    assert str(raised.value).startswith("p.json")
    return str(raised.value)


def written() -> Any:
    return json.loads(proposal.dump_proposals((WHOLE,)))


def test_a_change_without_the_digest_is_refused() -> None:
    """Any change of the content shows by the digest."""
    document = written()
    document["proposals"][0]["irrelevant"] = 4
    assert "was changed after it was written" in refusal(json.dumps(document))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("9" * 5000, "is not JSON"),
        ("[]", "is not a proposal"),
        ("null", "is not a proposal"),
        ('{"version": 1, "proposals": []}', "is not a proposal"),
        ('{"version": 4, "sha256": "", "proposals": [], "more": 1}', "is not a proposal"),
        ('{"version": 1, "sha256": "", "proposals": []}', "has version 1, this program reads 4"),
        ('{"version": "1", "sha256": "", "proposals": []}', "has version '1'"),
        ('{"version": 4, "sha256": 3, "proposals": []}', "was changed after"),
    ],
)
def test_other_documents_are_refused(text: str, message: str) -> None:
    """What is not a proposal of this version is refused with what to do."""
    assert message in refusal(text)


def test_a_huge_document_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document larger than any proposal is not even parsed."""
    monkeypatch.setattr(proposal, "LARGEST", 100)
    assert "more than 100 characters" in refusal(proposal.dump_proposals((WHOLE,)))


def change(*place: str | int, value: Any) -> Callable[[Any], None]:
    def apply(body: Any) -> None:
        for part in place[:-1]:
            body = body[part]
        body[place[-1]] = value

    return apply


CANDIDATE = (0, "candidates", 0)
CELL = (*CANDIDATE, "cells", 0)


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (change(0, "irrelevant", value="3"), "irrelevant"),
        (change(0, "irrelevant", value=-1), "-1 is no count"),
        (change(0, "answers", 0, "received", value=-2), "-2 is no count"),
        (change(0, "answers", 0, "total", value=-2), "-2 is no count"),
        (change(0, "answers", 0, "total", value=None), "2 papers of None prove nothing"),
        (change(0, "answers", 0, "total", value=999), "2 papers of 999 prove nothing"),
        (change(0, "answers", 0, "received", value=1), "1 papers of 2 prove nothing"),
        (change(0, "answers", 0, "window", "since", value="1991-07-31T23:59:00Z"), "submitted from 1991"),
        (change(0, "answers", 0, "window", "since", value="0001-01-01T00:00:00Z"), "submitted from 0001"),
        (change(0, "answers", 0, "window", "until", value="9999-01-01T00:01:00Z"), "submitted from 2026"),
        *(
            (change(0, "query", value=value), "is not a digest of a query")
            for value in ("", "x" * 16, "0" * 15, "0" * 16 + "\n", "x\n{}")
        ),
        (change(0, "first_run", value=1), "first_run"),
        (change(0, "by_hand", value="yes"), "by_hand"),
        (change(0, "more", value=1), "more"),
        (change(0, "candidates", value=None), "candidates"),
        (change(0, "created", value="2026-03-04T06:37:00"), "is not a time in UTC"),
        (change(0, "created", value="2026-03-04T06:37:00+02:00"), "is not a time in UTC"),
        (change(0, "created", value=1772606220), "created"),
        (change(0, "created", value="today"), "created"),
        (change(0, "answers", 0, "window", "until", value="2020-01-01T00:00:00Z"), "must end after it begins"),
        (change(0, "answers", 0, "window", "until", value="2027-01-01T00:00:00"), "naive"),
        (change(0, "left_out", 0, "id", value="x)<img>"), "is not an arXiv id"),
        (change(0, "duplicates", 0, "id", value="2401.00001v2"), "is not an arXiv id"),
        (change(0, "answers", 0, "evening", value="0001-01-01"), "is not of the evening of 0001-01-01"),
        (change(0, "answers", 0, "unknown", value="timeout"), "unknown"),
        (change(0, "answers", 0, "unknown", value={"reason": "no_such_code"}), "reason"),
        (change(0, "answers", 0, "unknown", value={"reason": "feed_missed"}), "the reason feed_missed needs evening"),
        (change(*CANDIDATE, "paper", "id", value="../../x"), "is not an arXiv id"),
        (change(*CANDIDATE, "paper", "id", value="2603.00001v1"), "is not an arXiv id"),
        (change(*CANDIDATE, "paper", "id", value=2603.00001), "id"),
        (change(*CANDIDATE, "paper", "title", value=" \u200b "), "has no title"),
        (change(*CANDIDATE, "paper", "title", value="a\ud800"), "surrogates not allowed"),
        (change(*CANDIDATE, "paper", "published", value="2026-03-04T06:37:00"), "is not a time in UTC"),
        (change(*CANDIDATE, "paper", "authors", value="A. Author"), "authors"),
        (change(*CANDIDATE, "verdict", "relevance", value=1.01), "1.01 is not a probability"),
        (change(*CANDIDATE, "verdict", "relevance", value=float("nan")), "nan is not a probability"),
        (change(*CANDIDATE, "verdict", "relevance", value="0.9"), "relevance"),
        (change(*CANDIDATE, "verdict", "section", "p", value=-0.1), "-0.1 is not a probability"),
        (change(*CANDIDATE, "verdict", "section", "path", value=[]), "a section has no path"),
        (change(*CANDIDATE, "verdict", "alternatives", 0, "p", value=2), "2.0 is not a probability"),
        (change(*CANDIDATE, "verdict", "nearest", 0, "similarity", value=7), "7.0 is not a probability"),
        (change(*CANDIDATE, "verdict", "nearest", 0, "id", value="x"), "is not an arXiv id"),
        (change(*CANDIDATE, "verdict", "matched", 0, "field", value="body"), "field"),
        (change(*CELL, "kind", value="`x`"), "is no value for"),
        *(
            (change(*CELL, "value", value=value), "is no value for a 'code' cell")
            for value in (
                "http://github.com/a/b", "javascript:alert(1)", "https://a.org/\nx", "https://a.org/|x", "https://a.org/<b>",
                "https://a.org/](x)", "https://a.org/a b", "https://", "https://a@b.org/", "https://a.org/`x`", "https://a.org/\u202e",
                "https://a.org/" + "x" * 2000,
            )
        ),
    ],
)  # fmt: skip
def test_tampering_is_refused_whatever_the_digest(tamper: Callable[[Any], None], message: str) -> None:
    """A changed field is refused by itself, even when the digest was made anew."""
    document = written()
    tamper(document["proposals"])
    assert message in refusal(signed(document["proposals"]))


def test_an_answer_that_proves_nothing_may_say_so() -> None:
    """Counts that do not agree are read when they are not said to prove anything: unknown, or of a file."""
    (answer,) = WHOLE.answers
    for fine in (replace(answer, total=9, unknown=failed("cut")), replace(answer, proves=False, total=None)):
        whole = replace(WHOLE, answers=(fine,))
        assert proposal.load_proposals(proposal.dump_proposals((whole,)), "p.json") == (whole,)


def test_missing_keys_are_refused() -> None:
    """A field that must be there is missed by name."""
    for key in ("list", "created", "query", "answers", "candidates"):
        body = written()["proposals"]
        del body[0][key]
        assert key in refusal(signed(body))


def test_duplicates_are_refused() -> None:
    """Neither a paper nor a list stands in a proposal twice."""
    body = written()["proposals"]
    assert "'serving' appears twice" in refusal(signed(body * 2))
    body[0]["candidates"] *= 2
    assert "2603.00001 appears twice" in refusal(signed(body))


def test_other_types_are_refused() -> None:
    """A right digest over something that is no list of proposals helps nothing."""
    bodies: list[Any] = [None, {}, "x", [1], [[]], [{}]]
    for body in bodies:
        refusal(signed(body))


@pytest.mark.parametrize("name", ["", "[x](http://y)", "a\n# b", "@a", "x" * 61, "a|b", "<b>"])
def test_names_of_sections_are_words(name: str) -> None:
    """A name that is more than a few words, digits and signs within them is refused: it becomes a heading."""
    body = written()["proposals"]
    body[0]["sections"] = [{"name": name, "papers": ["2603.00001"]}]
    assert "is no name" in refusal(signed(body))
    body[0]["sections"] = [{"name": "Mixture-of-Experts", "papers": ["2603"]}]
    assert "is not an arXiv id" in refusal(signed(body))
