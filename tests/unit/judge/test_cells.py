"""Cells: a paper's own repository is told from one it cites."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv import titles
from bot.judge.cells.extract import LONGEST_EXTRACT, extract, known_cells, sentences
from bot.model import Paper


def code(summary: str = "", comment: str | None = None) -> str | None:
    cells = known_cells(Paper("2603.00001", "T", summary=summary, comment=comment))
    return next((cell.value for cell in cells if cell.kind == "code"), None)


@pytest.mark.parametrize(
    "text",
    [
        "We do X. Code is available at https://github.com/lab/tool.",
        "The source code can be accessed via https://github.com/lab/tool/",
        "Our implementation: github.com/lab/tool.",
        "Our code (https://github.com/lab/tool) is public.",
        "We release our system at https://www.github.com/lab/tool.git.",
        "Code: https://github.com/lab/tool",
        "Code and data: https://github.com/lab/tool",
        "Code - https://github.com/lab/tool.",
        "Code repository: https://github.com/lab/tool/tree/main.",
        "Project page: https://github.com/lab/tool.",
        "Code is available at https://github.com/ lab/tool.",
        r"Codes are online: \url{https://github.com/lab/tool}",
        r"Code is available at \href{https://github.com/lab/tool}{lab/tool}",
        "Code is available at [https://github.com/lab/tool](https://github.com/lab/tool)",
        "It is faster.The code is available at https://github.com/lab/tool.",
        "Compared with vLLM, it is fast. Code is at https://github.com/lab/tool.",
        "All scripts to run it and the baseline implementation are available at: https://github.com/lab/tool.",
        "We build on vLLM (https://github.com/vllm-project/vllm). Code is available at https://github.com/lab/tool.",
        "Code is available at https://github.com/lab/tool and data at https://github.com/lab/data.",
        "The code will be released at https://github.com/lab/tool upon acceptance.",
        "We open-source it at https://github.com/lab/tool!",
    ],
)
def test_own(text: str) -> None:
    """A repository said to be the paper's own is its code, whatever stands around the link."""
    assert code(text) == "https://github.com/lab/tool"


@pytest.mark.parametrize(
    "text",
    [
        "We build on vLLM (https://github.com/vllm-project/vllm) and measure it.",
        "Our system is built on top of SGLang (https://github.com/sgl-project/sglang).",
        "It outperforms popular systems such as https://github.com/lab/other in our framework.",
        "The method is integrated into the platform (https://github.com/lab/other).",
        "Code is available at https://anonymous.4open.science/r/tool.",
        "Code is available at https://github.com/anonymous/tool.",
        "Code is available at https://github.com/Anonymous-Submission01/tool.",
        "Code is available at https://github.com/xxxx/xxx.",
        "Code is available at https://github.com/lab.",
        "Code is available at https://github.com/lab/.git",
        "Code is available at https://lab.github.io/tool.",
        "Code is available at https://gist.github.com/lab/0123456789abcdef.",
        "Code will be available on GitHub.",
        "We study 40 issues of https://github.com/lab/other over a year.",
        "",
    ],
)
def test_cited_or_none(text: str) -> None:
    """A repository that is cited, anonymous or not there is no code of the paper."""
    assert code(text) is None


@pytest.mark.parametrize(
    ("comment", "address"),
    [
        ("12 pages, https://github.com/a/b", "https://github.com/a/b"),
        ("12 pages, 3 figures. github.com/a/b_c.d", "https://github.com/a/b_c.d"),
        (r"Codes: \url{https://github.com/a/b\_c\_d}", "https://github.com/a/b_c_d"),
        ("Code: https://gitlab.com/a/b.git", "https://gitlab.com/a/b"),
        ("Code: https://codeberg.org/a/b", "https://codeberg.org/a/b"),
        ("Code: HTTPS://GitHub.com/A/B", "https://github.com/A/B"),
        ("Built on https://github.com/a/b", None),
        ("https://github.com/a/b https://github.com/c/d", None),
        ("12 pages", None),
    ],
)
def test_comments(comment: str, address: str | None) -> None:
    """The only repository of a comment is the paper's own, unless the comment says otherwise."""
    assert code("", comment) == address


def test_comment_goes_first_and_origin_is_named() -> None:
    """The comment is newer than the abstract; each value is told with the words it stands in."""
    (cell,) = known_cells(
        Paper("1", "T", summary="Code is at https://github.com/a/old.", comment="v2.\nCode:\thttps://github.com/a/new")
    )
    assert cell.value == "https://github.com/a/new"
    assert cell.origin == "comment: “Code: https://github.com/a/new”"


def test_nothing_that_breaks_an_address() -> None:
    """What follows a link in hostile text never becomes part of it."""
    for tail in ("|x", ")[x](y", "<img>", '"', "\u202e", "é", "`x`", "@x"):
        assert code(f"Code is at https://github.com/lab/tool{tail}") == "https://github.com/lab/tool", tail


def venue(comment: str) -> tuple[str, str] | None:
    cells = known_cells(Paper("2603.00001", "T", comment=comment))
    return next(((cell.value, cell.origin) for cell in cells if cell.kind == "venue"), None)


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("Accepted at OSDI 2026", "OSDI 2026"),
        ("12 pages, 5 figures. To appear in AAAI'26", "AAAI 2026"),
        ("ICCV 2025 accepted", "ICCV 2025"),
        ("Accepted to EMNLP 2025 Main Conference as a long paper", "EMNLP 2025"),
        ("Accepted by the Symposium on Operating Systems Design and Implementation (OSDI '26); 14 pages", "OSDI 2026"),
        ("Accepted at the Conference on Owls and Other Birds of the Night (COBN 2026)", "COBN 2026"),
        ("Accepted to COBN 2026", "COBN 2026"),
    ],
)
def test_venue_of_comment(comment: str, told: str) -> None:
    """A comment that says who accepted the paper gives the venue, with the words that say so."""
    found = venue(comment)
    assert found is not None
    value, origin = found
    assert value == told
    assert origin.startswith("comment: “")
    assert origin[len("comment: “") : -1] in comment


@pytest.mark.parametrize(
    "comment",
    [
        "Accepted at the OWL workshop, ICML 2026",
        "AAAI 2026 Workshop on Owls",
        "submitted to ICLR 2026",
        "Under review at OSDI 2026",
        "Rejected by OSDI 2026, accepted nowhere",
        "Extended version of a paper published at ICML 2024",
        "Accepted at OSDI",
        "12 pages, 2026",
        "We use the ICLR 2026 template",
        "",
    ],
)
def test_no_venue(comment: str) -> None:
    """Workshops, submissions, and venues of another version are no venue of the paper."""
    assert venue(comment) is None


@given(st.text(alphabet=st.sampled_from("Accepted at OSDI ICML '26 2026 2025.;()\n|<>`workshop"), max_size=120))
def test_no_venue_is_invented(comment: str) -> None:
    """Name and year of a venue stand in the comment."""
    if found := venue(comment):
        name, year = found[0].rsplit(" ", 1)
        assert name.casefold() in comment.casefold()
        assert year in comment or year[2:] in comment


def test_sentences() -> None:
    """Abbreviations, initials and decimals end no sentence."""
    text = "Owls see 2.5 times more, e.g. at night. Fig. 3 of A. Example et al. Shows it! Is it so? Yes (see Sec. 4.)"
    assert sentences(text) == [
        "Owls see 2.5 times more, e.g. at night.",
        "Fig. 3 of A. Example et al. Shows it!",
        "Is it so?",
        "Yes (see Sec. 4.)",
    ]


def test_extract_is_the_contribution() -> None:
    """The sentence that says what the paper does is taken, TeX resolved; else the first."""
    background = "Owls of every kind are hard to serve at night."
    told = r"In this paper, we present \textsc{Hoot}, which serves owls $2\times$ faster."
    assert extract(f"{background} {told} It is fast.") == (
        "In this paper, we present Hoot, which serves owls 2× faster."
    )
    assert extract(f"{background} It matters a lot to everybody.") == background
    assert extract("") is None


@given(
    st.text(max_size=600) | st.text(alphabet=st.sampled_from("We present owls. e.g. $x^2$ {\\tt}|`<b>\n"), max_size=600)
)
def test_no_extract_is_invented(summary: str) -> None:
    """An extract is bounded, on one line, and stands in the abstract; only an ellipsis may be added."""
    if found := extract(summary):
        assert len(found) <= LONGEST_EXTRACT + 1
        assert found.splitlines() == [found]
        assert found.removesuffix("…") in titles.display(summary)


def test_thousands_of_links() -> None:
    """A text of nothing but links costs no time to speak of, and none of them is taken for the paper's own."""
    start = process_time()
    assert not known_cells(Paper("2601.00001", "A title", summary="https://github.com/a/b " * 1000))
    assert process_time() - start < 5
