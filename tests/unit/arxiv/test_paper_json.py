"""A paper survives JSON, and what is not a paper is refused with its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.paper_json import (
    decode_paper,
    dump_paper,
    encode_paper,
    folded,
    format_time,
    load_paper,
    parse_time,
    read_lines,
)
from bot.errors import BotError
from bot.model import Paper

WHERE = "papers.jsonl:3"

lines = st.text(st.characters(exclude_categories=["Cs"])).map(folded)
filled = lines.filter(bool)
optional = st.none() | filled
times = st.none() | st.datetimes(
    datetime(1991, 8, 1), datetime(2100, 1, 1), timezones=st.just(UTC), allow_imaginary=False
).map(lambda moment: moment.replace(microsecond=0))
papers = st.builds(
    Paper,
    id=st.sampled_from(["2407.12391", "math/0309136", "0704.0001"]),
    title=filled,
    authors=st.lists(filled).map(tuple),
    summary=st.text(st.characters(exclude_categories=["Cs"])).map(str.strip),
    categories=st.lists(filled).map(tuple),
    primary_category=optional,
    published=times,
    updated=times,
    comment=optional,
    journal_ref=optional,
    doi=optional,
)


@given(papers)
def test_round_trip(paper: Paper) -> None:
    """A paper written and read again is the same paper, and its line has one line feed at most: none."""
    line = dump_paper(paper)
    assert load_paper(line, WHERE) == paper
    assert "\n" not in line
    assert dump_paper(load_paper(line, WHERE)) == line


@given(st.lists(papers, max_size=4))
def test_a_file_round_trip(many: list[Paper]) -> None:
    """Any papers survive a .jsonl file: only a line feed ends a line."""
    text = "".join(f"{dump_paper(paper)}\n" for paper in many)
    raw = text.encode().split(b"\n")
    assert [paper for _, paper in read_lines(raw, "x")] == many


def test_line_separators_are_text() -> None:
    """U+2028 in an abstract is written as it is and comes back."""
    paper = Paper(id="2407.12391", title="T", summary="a\u2028b\u0085c")
    line = dump_paper(paper)
    assert "\u2028" in line
    assert [found for _, found in read_lines([line.encode() + b"\r\n"], "x")] == [paper]


def test_the_form() -> None:
    """Keys are sorted, absent fields are omitted, times end in Z, letters stay letters."""
    paper = Paper(
        id="2407.12391",
        title="Naïve",
        published=datetime(2025, 11, 3, 18, 59, 46, 7, tzinfo=timezone(timedelta(hours=1))),
    )
    assert dump_paper(paper) == '{"id": "2407.12391", "published": "2025-11-03T17:59:46Z", "title": "Naïve"}'
    assert decode_paper(encode_paper(paper), WHERE).published == datetime(2025, 11, 3, 17, 59, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-03T17:59:46Z",
        "2025-11-03 17:59:46",
        "2025-11-03T17:59:46",
        " 2025-11-03t17:59:46.25z ",
        "2025-11-03 18:59:46+01:00",
        "2025-11-03T12:59:46-0500",
    ],
)
def test_times_in_any_spelling(text: str) -> None:
    """T or blank, with a zone or without (which means UTC), all name the same second."""
    assert format_time(parse_time(text)) == "2025-11-03T17:59:46Z"


def test_a_day_is_its_midnight() -> None:
    """A day without a time is its first second in UTC."""
    assert parse_time("2025-11-03") == datetime(2025, 11, 3, tzinfo=UTC)


def test_a_time_without_zone_is_not_written() -> None:
    """Writing never guesses a zone."""
    with pytest.raises(ValueError, match="zone"):
        format_time(datetime(2025, 11, 3))


def test_what_is_forgiven() -> None:
    """Any id spelling, folded white space, unknown keys, nulls and empty texts are accepted."""
    record = {
        "id": "https://arxiv.org/pdf/math.GT/0309136v2.pdf",
        "title": " A\n  title ",
        "authors": ["A.\nB", " "],
        "summary": "\n one\n two ",
        "comment": "  ",
        "doi": None,
        "published": "",
        "extra": {"x": 1},
        "journal_ref": "bad \ud800 half",
    }
    paper = load_paper(json.dumps(record), WHERE)
    assert paper == Paper(
        id="math/0309136",
        title="A title",
        authors=("A. B",),
        summary="one\n two",
        journal_ref="bad \ufffd half",
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        ("", "not JSON: Expecting value at column 1"),
        ("[" * 200_000, "not JSON: nested too deeply"),
        ("[]", "a paper is a JSON object"),
        ("null", "a paper is a JSON object"),
        ("7", "a paper is a JSON object"),
        ('{"id": "2407.12391"}', "'title' is missing"),
        ('{"title": "T"}', "'id' is missing"),
        ('{"title": "T", "id": null}', "'id' must be a string"),
        ('{"title": "T", "id": " "}', "'id' is empty"),
        ('{"title": " ", "id": "2407.12391"}', "'title' is empty"),
        ('{"title": ["T"], "id": "2407.12391"}', "'title' must be a string"),
        ('{"title": "T", "id": 2407.12391}', "'id' must be a string"),
        ('{"title": "T", "id": "10.1145/12"}', "'id' is not an arXiv id: '10.1145/12'"),
        ('{"title": "T", "id": "2407.12391", "authors": "A, B"}', "must be a list of strings"),
        ('{"title": "T", "id": "2407.12391", "authors": ["A", 1]}', "'authors', item 2 must be a string"),
        ('{"title": "T", "id": "2407.12391", "doi": true}', "'doi' must be a string"),
        ('{"title": "T", "id": "2407.12391", "published": "yesterday"}', "'published' is not a time"),
        ('{"title": "T", "id": "2407.12391", "updated": "2025-02-30"}', "'updated' is not a time"),
        ('{"title": "T", "id": "2407.12391", "updated": "0001-01-01T00:00+05:00"}', "is not a time"),
    ],
)
def test_what_is_refused(line: str, message: str) -> None:
    """What is not a paper raises an error that names the place, the key and the kind."""
    with pytest.raises(BotError) as caught:
        load_paper(line, WHERE)
    assert str(caught.value).startswith(f"{WHERE}: ")
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_file_names_its_lines() -> None:
    """Blank lines and a byte order mark are skipped; a bad line is counted from 1; so are bytes that are no text."""
    good = b'{"id": "2407.12391", "title": "T"}\n'
    read = list(read_lines([b"\xef\xbb\xbf" + good, b"\n", good], "p.jsonl"))
    assert [where for where, _ in read] == ["p.jsonl:1", "p.jsonl:3"]
    with pytest.raises(BotError, match=r"^p\.jsonl:2: not UTF-8 at byte 3"):
        list(read_lines([good, b'{"\xff'], "p.jsonl"))
    with pytest.raises(BotError, match=r"^p\.jsonl:2: 'title' is missing"):
        list(read_lines([good, b'{"id": "2407.12391"}'], "p.jsonl"))
