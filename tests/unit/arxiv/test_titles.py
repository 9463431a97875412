r"""Titles read as people write them; nothing that may be meant literally is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv.titles import display, key
from tests import examples

TITLES = [
    (r"Schr\"odinger meets a na\"{\i}ve Erd\H{o}s", "Schrödinger meets a naïve Erdős"),
    (r"{\L}ukasiewicz, \O{}rsted and Stra{\ss}e by \v{S}koda", "Łukasiewicz, Ørsted and Straße by Škoda"),
    (r"Fran\c{c}ois, Fr\'echet, \'{E}tale, \r{A}ngstr\"{o}m", "François, Fréchet, Étale, Ångström"),
    (r"Sorting in $O(\log n)$ and Top-$k$ at 1.5$\times$", "Sorting in O(log n) and Top-k at 1.5×"),
    ("S$^3$: H$_2$O and $x^{10}$, $a_{ij}$", "S³: H₂O and x¹⁰, aᵢⱼ"),
    (r"\texttt{vLLM} \textbf{and \emph{S}$^{2}$} {\it all}", "vLLM and S² all"),
    ("50% faster", "50% faster"),
    (r"50\% faster \& \#1 \_x\_ for \$5", "50% faster & #1 _x_ for $5"),
    ("at $5 per hour, not $10", "at $5 per hour, not $10"),
    ("A & B under_score", "A & B under_score"),
    ("two\n  lines\tof\u2028it", "two lines of it"),
    ("{BERT} in {CNN-based} $\\{x\\}$", r"BERT in CNN-based $\{x\}$"),
    (r"$\alpha$-Fair, $\epsilon$-greedy, $\mathcal{O}(n)$", "α-Fair, ϵ-greedy, O(n)"),
    (r"$\frac{1}{2}$ of $\min\max$, $2\log n$ $a\,b$", "1/2 of min max, 2 log n a b"),
    (r"$\unknownmacro{x}$ stays", r"$\unknownmacro{x}$ stays"),
    (r"M\textsuperscript{2} and C\textsubscript{q} C\textsubscript{2}", "M² and C_q C₂"),
    ("\u202eevil\u202c \x00zero\u200bwidth\ufeff \ud800", "evil zerowidth"),
    ("", ""),
]
SAME = [
    (r"Schr\"odinger's Cache", "Schrödinger’s cache"),
    (r"Sorting in $O(n^2)$", "Sorting in O(n²)"),
    (r"Sorting in $O(n^2)$", "Sorting in O(n2)"),
    ("S$^3$: Serving", "S3 -- Serving"),
    (r"\texttt{vLLM} \& Co", "VLLM, Co"),
    ("Top-$k$", "Top-k"),
    ("Stra{\\ss}e", "STRASSE"),
    ("ﬁne ①", "fine 1"),
    ("Re-\nwrapped   title", "Re-wrapped title"),
]
macros = r"\' \" \frac \text \log \v \c \i \mathcal \begin{x} \end \[ \( \ss \sqrt \left(".split()
tex = st.sampled_from([*macros, *"$\\{}^_%&~ ae2\n\0\u202e"])
titles = st.lists(tex | st.text(st.characters(), max_size=3), max_size=25).map("".join) | st.text(st.characters())


@pytest.mark.parametrize(("title", "shown"), TITLES)
def test_display(title: str, shown: str) -> None:
    """What is certainly TeX is resolved, what is in doubt stays."""
    assert display(title) == shown


@pytest.mark.parametrize(("one", "other"), SAME)
def test_key_joins_spellings(one: str, other: str) -> None:
    """TeX, Unicode, case, accents and punctuation make no two titles of one."""
    assert key(one) == key(other) != ""


def test_key_tells_titles_apart() -> None:
    """Other words and other numbers are other titles; other scripts have keys as well."""
    keys = [key(t) for t in ("FlashHog", "FlashHog-2", "$O(n)$ Hogs", "О ёжиках", "刺猬综述", "刺猬综述二")]
    assert len(set(keys)) == len(keys)
    assert all(keys)


@settings(deadline=None, max_examples=examples(200))
@given(titles)
def test_any_title_is_one_clean_line(title: str) -> None:
    """No title makes the converter fail, and none shows control, surrogate or bidirectional characters."""
    shown = display(title)
    assert shown == " ".join(shown.split())
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff\u061c")
    assert key(title) == "".join(c for c in key(title) if c.isalnum())


@settings(deadline=None, max_examples=examples(150))
@given(titles)
def test_display_of_plain_titles_is_stable(title: str) -> None:
    r"""Once no `\`, `$` or `{` is left, showing a title again changes nothing, nor does its key."""
    shown = display(title)
    if not set(shown) & set("\\${"):
        assert display(shown) == shown
        assert key(shown) == key(title)


@pytest.mark.parametrize("piece", ["{", "$", r"\emph{", r"\'", r"{\it ", "$^", r"\frac{"])
def test_long_titles_take_linear_time(piece: str) -> None:
    """Thousands of open constructs do not hang the converter."""
    assert display(piece * 3000 + "-end").endswith("-end")


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_titles_have_the_same_key(title: str) -> None:
    """The key of a plain title is the one that reading it as any other title gives."""
    assert key(title + " é") == key(title) + "e" or "\\" in title or "$" in title or "{" in title
