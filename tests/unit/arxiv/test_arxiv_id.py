"""Every spelling of an id leads to one base id, and nothing else does."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.arxiv_id import _ARCHIVES, Mention, abs_url, find_ids, month, parse_id

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
    ("2407.12391", NEW),
    ("  2407.12391v2\n", NEW),
    ("arXiv:2407.12391", NEW),
    ("arXiv: 2407.12391v12.", NEW),
    ("ARXIV:2407.12391", NEW),
    ("arxiv.2407.12391", NEW),
    ("[2407.12391]", NEW),
    ("(arXiv:2407.12391v1),", NEW),
    ("<https://arxiv.org/abs/2407.12391>", NEW),
    ("http://arxiv.org/abs/2407.12391v3", NEW),
    ("https://arxiv.org/abs//2407.12391", NEW),
    ("https://arxiv.org/2407.12391", NEW),
    ("arxiv.org/abs/2407.12391", NEW),
    ("www.arxiv.org/pdf/2407.12391", NEW),
    ("https://www.arxiv.org/pdf/2407.12391.pdf", NEW),
    ("https://arxiv.org/pdf/2407.12391v2.pdf#page=3", NEW),
    ("https://arxiv.org/html/2407.12391v1#S3.F2", NEW),
    ("https://arxiv.org/ps/2407.12391", NEW),
    ("https://arxiv.org/e-print/2407.12391", NEW),
    ("https://arxiv.org/format/2407.12391", NEW),
    ("https://arxiv.org/src/2407.12391v1", NEW),
    ("https://arxiv.org/ftp/arxiv/papers/2407/2407.12391.pdf", NEW),
    ("https://export.arxiv.org/abs/2407.12391?context=cs.DC", NEW),
    ("https://browse.arxiv.org/abs/2407.12391/", NEW),
    ("https://de.arxiv.org/abs/2407.12391", NEW),
    ("https://cn.arxiv.org/abs/2407.12391).", NEW),
    ("HTTPS://ARXIV.ORG/ABS/2407.12391V2", NEW),
    ("https://arxiv.org/abs/arXiv:2407.12391", NEW),
    ("10.48550/arXiv.2407.12391", NEW),
    ("doi:10.48550/ARXIV.2407.12391", NEW),
    ("https://doi.org/10.48550/arxiv.2407.12391", NEW),
    ("https://doi.org/10.48550%2FarXiv.2407.12391", NEW),
    ("https://dx.doi.org/10.48550/arXiv.math/0309136", OLD),
    ("https://www.alphaxiv.org/abs/2407.12391v1", NEW),
    ("https://alphaxiv.org/overview/2407.12391", NEW),
    ("https://www.alphaxiv.org/pdf/2407.12391.pdf", NEW),
    ("https://huggingface.co/papers/2407.12391", NEW),
    ("https://hf.co/papers/2407.12391", NEW),
    ("https://ar5iv.labs.arxiv.org/html/2407.12391", NEW),
    ("https://ar5iv.org/abs/2407.12391", NEW),
    ("https://api.semanticscholar.org/graph/v1/paper/ARXIV:2407.12391", NEW),
    ("https://papers.cool/arxiv/2407.12391", NEW),
    ("https://img.shields.io/badge/arXiv-2407.12391-b31b1b.svg", None),
    ("math/0309136", OLD),
    ("math.GT/0309136", OLD),
    ("MATH.gt/0309136v2", OLD),
    ("http://arxiv.org/abs/math.GT/0309136v2", OLD),
    ("https://arxiv.org/pdf/math/0309136.pdf", OLD),
    ("https://arxiv.org/abs/math%2F0309136", OLD),
    ("hep-th/9901001", "hep-th/9901001"),
    ("arXiv:cond-mat/0703470", "cond-mat/0703470"),
    ("0704.0001", "0704.0001"),
    ("1412.9999v1", "1412.9999"),
    ("1501.00001", "1501.00001"),
]


@pytest.mark.parametrize(("text", "base"), SPELLINGS)
def test_spellings(text: str, base: str | None) -> None:
    """A text that is one id or one link to it parses to the canonical base, whatever the version."""
    assert parse_id(text) == base


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
    assert parse_id(text) is None


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
    assert list(find_ids(text)) == []


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
    assert [found.base for found in find_ids(text)] == [NEW]


def test_spans_hold_the_id_as_spelled() -> None:
    """A span covers the id with its version, without the link or the prefix."""
    text = "é [x](https://arxiv.org/pdf/math.GT/0309136v2.pdf)"
    (found,) = find_ids(text)
    assert text[found.start : found.end] == "math.GT/0309136v2"
    assert found == Mention(OLD, found.start, found.end)


@given(bases(), st.sampled_from(["", "v1", "v2", "v999"]))
def test_round_trip(base: str, version: str) -> None:
    """Whatever id is written, bare or as a link to its page or its PDF, it is read back."""
    assert parse_id(f"{base}{version}") == base
    assert parse_id(abs_url(f"{base}{version}")) == parse_id(f"https://arxiv.org/pdf/{base}{version}.pdf") == base
    assert [found.base for found in find_ids(f"a (arXiv:{base}{version}), b")] == [base]


@given(bases(), st.text(alphabet="[]()<>*|.,:/ \n0123456789vax", max_size=12), st.text(max_size=12))
def test_spans_parse_to_their_ids(base: str, before: str, after: str) -> None:
    """Whatever surrounds it, what is found is spelled in the text at its span, in order and without overlap."""
    text, last = f"{before}{base} arXiv:{base}{after}", 0
    for found in find_ids(text):
        assert found.start >= last
        assert parse_id(text[found.start : found.end]) == found.base
        last = found.end


@given(st.text())
def test_any_text_is_safe(text: str) -> None:
    """No text makes the module raise."""
    parse_id(text)
    assert all(0 <= found.start < found.end <= len(text) for found in find_ids(text))


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
