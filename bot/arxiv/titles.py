r"""Titles as arXiv stores them (ASCII and TeX) -> as people read them, and the key by which they compare.

No TeX converter is safe on a whole title: they drop `\texttt{vLLM}`, cut at `%`, eat `$5 ... $10`. So only what is
certainly TeX is touched, fragment by fragment, and whatever is in doubt stays as it was.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_HIDDEN = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
    "|[\U000e0000-\U000e007f]"
)
_MATH = re.compile(r"(?<!\\)\$([^$\n]{1,120}?)(?<!\\)\$")
_STYLE = re.compile(
    r"\\(?:text(?:tt|it|bf|sc|rm|sf|sl|up|md|normal)?|emph|mathrm|mathbf|mathit|mathsf|mathtt|mathcal|mathbb|boldsymbol|bm"
    r"|operatorname|mbox|hbox|underline)\s*\{([^{}\\]*)\}"
)
_OLD_STYLE = re.compile(r"\{\\(?:tt|it|bf|sc|rm|sf|em|sl)\s+([^{}\\]*)\}")
_ACCENT = re.compile(
    r"\{\\[`'^\"~=.][^{}\\]?\\?[A-Za-z]\}|\\[`'^\"~=.](?:\{\\?[A-Za-z]\}|\s?\\[ij](?![A-Za-z])|[A-Za-z])"
    r"|\{?\\[uvHtcdbkr](?:\{\\?[A-Za-z]{1,2}\}|\s\\?[A-Za-z])\}?"
    r"|\{\\(?:L|l|O|o|AA|aa|AE|ae|OE|oe|ss|i|j)\}|\\(?:L|l|O|o|AA|aa|AE|ae|OE|oe|ss)(?:\{\}|(?![A-Za-z]))"
)
_SCRIPT = re.compile(r"([_^])(?:\{([^{}\\]{1,12})\}|([A-Za-z0-9+\-]))")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}\\]{1,12})\}\{([^{}\\]{1,12})\}")
_MACRO = re.compile(r"\\([A-Za-z]+)")
_FUNCTIONS = frozenset("arg cos deg det dim exp gcd inf ker lim ln log max min mod Pr sin sup tan tanh".split())
_ESCAPED = re.compile(r"\\([%&#_$])")
_PROTECTED = re.compile(r"(?<![\\\w$}])\{([A-Za-z0-9][\w\-]*)\}")
_PARTED = re.compile(r"(\S+(?: \S+){0,2}?)(?::| --?| –| —) (.+)")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_TEXT_SCRIPT = re.compile(r"\\text(super|sub)script\{([^{}\\]*)\}")
_SUPER = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_SUB = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")


@lru_cache(maxsize=4096)
def display(title: str) -> str:
    """Return a title on one line in Unicode, without control, bidirectional and zero-width characters."""
    text = " ".join(_HIDDEN.sub("", title).split())
    if "\\" not in text and "$" not in text and "{" not in text:
        return text
    text = _MATH.sub(_math, text)
    text = _TEXT_SCRIPT.sub(lambda m: _raised(m[2], "^" if m[1] == "super" else "_"), _words(text))
    text = _PROTECTED.sub(r"\1", text)
    text = _ESCAPED.sub(r"\1", text)
    return " ".join(_HIDDEN.sub("", text).split())


def key(title: str) -> str:
    """Return the form in which titles compare: letters and digits only, no case, no accents, no TeX."""
    return letters(display(title))


def letters(text: str) -> str:
    """Return the letters and digits of a text that is shown as it is: no case, no accents."""
    if text.isascii():
        return _NO_LETTER.sub("", text.lower())
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def parted(title: str) -> tuple[str, str] | None:
    """Return the short name before the colon or dash of a title, and the rest; None for a title without a name."""
    cut = _PARTED.match(title)
    return (cut[1], cut[2]) if cut else None


def _words(text: str) -> str:
    """Resolve style commands and accents, outside and inside mathematics."""
    before = ""
    while before != text:
        before = text
        text = _OLD_STYLE.sub(r"\1", _STYLE.sub(r"\1", text))
    return _ACCENT.sub(_accent, text)


def _accent(match: re.Match[str]) -> str:
    return _convert(match[0]) or match[0]


def _math(match: re.Match[str]) -> str:
    """Resolve `$...$` when its content cannot be a price: it holds TeX, or is a symbol of up to three characters."""
    body = match[1]
    if not re.search(r"[\\^_]", body) and not re.fullmatch(r"[A-Za-z0-9+\-*/=<>.,()]{1,3}", body.strip()):
        return match[0]
    body = _FRACTION.sub(r"\1/\2", _SCRIPT.sub(_script, _words(body)))
    body = _MACRO.sub(_macro, re.sub(r"\\[,;:! ]|\\q?quad\b|~", " ", body))
    body = re.sub(r"(?<!\\)[{}]", "", body)
    return match[0] if not body.strip() or "\\" in body else body


def _macro(match: re.Match[str]) -> str:
    name = match[1]
    if name in _FUNCTIONS:
        before = match.string[match.start() - 1 : match.start()]
        return f" {name}" if before.isalnum() else name
    return _convert(match[0]) or match[0]


def _script(match: re.Match[str]) -> str:
    return _raised(match[2] or match[3], match[1])


def _raised(body: str, sign: str) -> str:
    moved = body.translate(_SUPER if sign == "^" else _SUB)
    return moved if not set(moved) & set(body) else sign + body


def _convert(fragment: str) -> str | None:
    """Return what a small piece of TeX prints, None when that is in doubt."""
    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import LatexWalkerError

    try:
        text = LatexNodes2Text(math_mode="text", strict_latex_spaces=True).latex_to_text(
            fragment.replace("%", r"\%").replace("&", r"\&"), tolerant_parsing=False
        )
    except (LatexWalkerError, ValueError, IndexError, TypeError):
        return None
    composed: str = unicodedata.normalize("NFC", text)
    return composed if composed.strip() and "\\" not in composed else None
