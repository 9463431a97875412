"""Every spelling of an id leads to one base id, and nothing else does."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.arxiv_id import _ARCHIVES, ArxivId, Found, abs_url, find_all, month, parse

NEW, OLD = "2407.12391", "math/0309136"

new_months = st.integers(min_value=7 * 12 + 3, max_value=99 * 12 + 11)


@st.composite
def bases(draw: st.DrawFn) -> str:
    """Draw a canonical base id of either form."""
    if draw(st.booleans()):
        count = draw(new_months)
        digits = 4 if count < 15 * 12 else 5
        serial = draw(st.integers(min_value=1, max_value=10**digits - 1))
        return f"{count // 12:02}{count % 12 + 1:02}.{serial:0{digits}}"
    year, archive = draw(st.integers(91, 106)), draw(st.sampled_from(_ARCHIVES))
    return f"{archive}/{year % 100:02}{draw(st.integers(1, 12)):02}{draw(st.integers(1, 999)):03}"


SPELLINGS = [
    ("2407.12391", NEW, None),
    ("  2407.12391v2\n", NEW, 2),
    ("arXiv:2407.12391", NEW, None),
    ("arXiv: 2407.12391v12.", NEW, 12),
    ("ARXIV:2407.12391", NEW, None),
    ("arxiv.2407.12391", NEW, None),
    ("[2407.12391]", NEW, None),
    ("(arXiv:2407.12391v1),", NEW, 1),
    ("<https://arxiv.org/abs/2407.12391>", NEW, None),
    ("http://arxiv.org/abs/2407.12391v3", NEW, 3),
    ("https://arxiv.org/abs//2407.12391", NEW, None),
    ("https://arxiv.org/2407.12391", NEW, None),
    ("arxiv.org/abs/2407.12391", NEW, None),
    ("www.arxiv.org/pdf/2407.12391", NEW, None),
    ("https://www.arxiv.org/pdf/2407.12391.pdf", NEW, None),
    ("https://arxiv.org/pdf/2407.12391v2.pdf#page=3", NEW, 2),
    ("https://arxiv.org/html/2407.12391v1#S3.F2", NEW, 1),
    ("https://arxiv.org/ps/2407.12391", NEW, None),
    ("https://arxiv.org/e-print/2407.12391", NEW, None),
    ("https://arxiv.org/format/2407.12391", NEW, None),
    ("https://arxiv.org/src/2407.12391v1", NEW, 1),
    ("https://arxiv.org/ftp/arxiv/papers/2407/2407.12391.pdf", NEW, None),
    ("https://export.arxiv.org/abs/2407.12391?context=cs.DC", NEW, None),
    ("https://browse.arxiv.org/abs/2407.12391/", NEW, None),
    ("https://de.arxiv.org/abs/2407.12391", NEW, None),
    ("https://cn.arxiv.org/abs/2407.12391).", NEW, None),
    ("HTTPS://ARXIV.ORG/ABS/2407.12391V2", NEW, 2),
    ("https://arxiv.org/abs/arXiv:2407.12391", NEW, None),
    ("10.48550/arXiv.2407.12391", NEW, None),
    ("doi:10.48550/ARXIV.2407.12391", NEW, None),
    ("https://doi.org/10.48550/arxiv.2407.12391", NEW, None),
    ("https://doi.org/10.48550%2FarXiv.2407.12391", NEW, None),
    ("https://dx.doi.org/10.48550/arXiv.math/0309136", OLD, None),
    ("https://www.alphaxiv.org/abs/2407.12391v1", NEW, 1),
    ("https://alphaxiv.org/overview/2407.12391", NEW, None),
    ("https://www.alphaxiv.org/pdf/2407.12391.pdf", NEW, None),
    ("https://huggingface.co/papers/2407.12391", NEW, None),
    ("https://hf.co/papers/2407.12391", NEW, None),
    ("https://ar5iv.labs.arxiv.org/html/2407.12391", NEW, None),
    ("https://ar5iv.org/abs/2407.12391", NEW, None),
    ("https://api.semanticscholar.org/graph/v1/paper/ARXIV:2407.12391", NEW, None),
    ("https://papers.cool/arxiv/2407.12391", NEW, None),
    ("https://img.shields.io/badge/arXiv-2407.12391-b31b1b.svg", None, None),
    ("math/0309136", OLD, None),
    ("math.GT/0309136", OLD, None),
    ("MATH.gt/0309136v2", OLD, 2),
    ("http://arxiv.org/abs/math.GT/0309136v2", OLD, 2),
    ("https://arxiv.org/pdf/math/0309136.pdf", OLD, None),
    ("https://arxiv.org/abs/math%2F0309136", OLD, None),
    ("hep-th/9901001", "hep-th/9901001", None),
    ("arXiv:cond-mat/0703470", "cond-mat/0703470", None),
    ("0704.0001", "0704.0001", None),
    ("1412.9999v1", "1412.9999", 1),
    ("1501.00001", "1501.00001", None),
]


@pytest.mark.parametrize(("text", "base", "version"), SPELLINGS)
def test_spellings(text: str, base: str | None, version: int | None) -> None:
    """A text that is one id or one link to it parses to the canonical base and the version spelled."""
    assert parse(text) == (None if base is None else ArxivId(base, version))


NOT_IDS = [
    "",
    "arXiv:",
    "12407.12391",
    "12407.123912",
    "2407.123912",
    "2407.1239",
    "2407.12391.5",
    "1.2407.12391",
    "2413.12391",
    "2400.12391",
    "2024.1234",
    "0703.0001",
    "1501.0001",
    "0808.05394",
    "0000.0000",
    "2407.12391v0",
    "2407.12391x",
    "$2407.12391",
    "192.168.2407.12391",
    "10.1109/2407.12391",
    "https://doi.org/10.1145/2407.12391",
    "10.1234/arXiv.2407.12391",
    "https://dl.acm.org/doi/10.1109/ICSE.2019.00048",
    "https://example.org/2407.12391",
    "https://notarxiv.org/abs/2407.12391",
    "foo/0309136",
    "math/0309136123",
    "math/0313136",
    "math/0704001",
    "see 2407.12391",
    "2407.12391 and 2407.12392",
    "٢٤٠٧.١٢٣٩١",
]


@pytest.mark.parametrize("text", NOT_IDS)
def test_what_is_not_an_id(text: str) -> None:
    """Longer numbers, impossible months, prices, other DOIs, other hosts and sentences are not one id."""
    assert parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "it took 2407.12391 seconds",
        "x = 2407.12391, hep-th/9901001",
        "(2407.12391)",
        "see files in cs/0701001 and a/2407.12391",
        "10.1109/arXiv.2407.12391",
        "v2407.12391[1]",
    ],
)
def test_bare_numbers_do_not_count_by_default(text: str) -> None:
    """Free text that only looks like an id is no mention of a paper."""
    assert list(find_all(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[[2407.12391] LLM Inference Serving (arxiv.org)](x)",
        "| **ArXiv ID**: 2407.12391 |",
        "arXiv preprint arXiv:2407.12391, 2024",
        "eprint={2407.12391},",
        'eprint = "2407.12391"',
        "CoRR, abs/2407.12391 (2024)",
        "![b](https://img.shields.io/badge/arXiv-2407.12391-b31b1b.svg)",
        r"\[2407.12391\]",
        "[link](https://arxiv.org/abs/2407.12391)",
        "见arXiv:2407.12391。",
        "<a href='https://arxiv.org/abs/2407.12391v4'>",
    ],
)
def test_mentions_in_text(text: str) -> None:
    """Links, prefixes, BibTeX, badges and square brackets say that a number is an id."""
    assert [found.id.base for found in find_all(text)] == [NEW]


def test_bare_mode_adds_ids_that_stand_alone() -> None:
    """With `bare`, ids that are words of their own count; numbers inside other things still do not."""
    text = "2407.12391, (2408.07092v2); cs/0701001 $2409.00001 a/2409.00002 2409.00003% 12409.00004"
    assert [str(found.id) for found in find_all(text, bare=True)] == [NEW, "2408.07092v2", "cs/0701001"]


def test_spans_hold_the_id_as_spelled() -> None:
    """A span covers the id with its version, without the link or the prefix."""
    text = "é [x](https://arxiv.org/pdf/math.GT/0309136v2.pdf)"
    (found,) = find_all(text)
    assert text[found.start : found.end] == "math.GT/0309136v2"
    assert found == Found(ArxivId(OLD, 2), found.start, found.end)


@given(bases(), st.none() | st.integers(1, 999))
def test_round_trip(base: str, version: int | None) -> None:
    """Whatever id is written, bare or as a link to its page or its PDF, it is read back."""
    arxiv_id = ArxivId(base, version)
    assert parse(str(arxiv_id)) == arxiv_id
    assert parse(abs_url(str(arxiv_id))) == parse(f"https://arxiv.org/pdf/{arxiv_id}.pdf") == arxiv_id
    assert [found.id for found in find_all(f"a (arXiv:{arxiv_id}), b")] == [arxiv_id]


@given(bases(), st.text(alphabet="[]()<>*|.,:/ \n0123456789vax", max_size=12), st.text(max_size=12))
def test_spans_parse_to_their_ids(base: str, before: str, after: str) -> None:
    """Whatever surrounds it, what is found is spelled in the text at its span, in order and without overlap."""
    text, last = f"{before}{base}{after}", 0
    for found in find_all(text, bare=True):
        assert found.start >= last
        assert parse(text[found.start : found.end]) == found.id
        last = found.end


@given(st.text())
def test_any_text_is_safe(text: str) -> None:
    """No text makes the module raise."""
    parse(text)
    assert all(0 <= found.start < found.end <= len(text) for found in find_all(text, bare=True))


@pytest.mark.parametrize(
    ("base", "first"),
    [
        (NEW, date(2024, 7, 1)),
        ("hep-th/9901001", date(1999, 1, 1)),
        (OLD, date(2003, 9, 1)),
        ("0704.0001", date(2007, 4, 1)),
    ],
)
def test_month(base: str, first: date) -> None:
    """The month of an id is read from its digits, across the century."""
    assert month(base) == first


@pytest.mark.parametrize("text", ["2407.12391v2", "math.GT/0309136", "nonsense"])
def test_month_wants_a_base_id(text: str) -> None:
    """Only a canonical base id has a month."""
    with pytest.raises(ValueError, match="base id"):
        month(text)
