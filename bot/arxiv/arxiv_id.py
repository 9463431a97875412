"""Any spelling of an arXiv id, and the one canonical form, without its version: pure text, no network.

Forms follow arXiv's own description (https://info.arxiv.org/help/arxiv_identifier.html):

* since April 2007 `YYMM.NNNN`, with five digits since January 2015 (`2407.12391`);
* before, `archive/YYMMNNN` or `archive.SC/YYMMNNN`, where the canonical form drops the subject class, so that
  `math.GT/0309136` is `math/0309136`;
* both with an optional version, `v1` and up.

In a text, only what stands in the context of an id counts: links (arxiv.org and its mirrors, ar5iv, alphaXiv, Hugging
Face papers, ...), an `arXiv` before it in any spelling (`arXiv:`, DOI `10.48550/arXiv.`, `/arxiv/`, a badge's
`arXiv-`), BibTeX's `eprint = {`, DBLP's `CoRR abs/`, and `[2407.12391]`: `2407.12391` alone may be a measurement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int supr-con"
).split()
"""The archives that gave out ids of the old form (until March 2007)."""

_MONTH = r"(?:0[1-9]|1[0-2])"
_NEW = rf"(?:(?:07(?:0[4-9]|1[0-2])|(?:0[89]|1[0-4]){_MONTH})\.[0-9]{{4}}|(?:1[5-9]|[2-9][0-9]){_MONTH}\.[0-9]{{5}})"
_OLD = (
    rf"(?:{'|'.join(sorted(_ARCHIVES, key=len, reverse=True))})(?:\.[a-z][a-z-]{{1,9}})?(?:/|%2f)"
    rf"(?:9[1-9]{_MONTH}|0[0-6]{_MONTH}|070[1-3])[0-9]{{3}}"
)
_FLAGS = re.ASCII | re.IGNORECASE
_ID = re.compile(
    rf"(?:(?<![0-9])(?P<new>{_NEW})|(?<![0-9a-z-])(?P<old>{_OLD}))(?:v[1-9][0-9]{{0,2}})?"
    r"(?![0-9a-z]|\.[0-9])",
    _FLAGS,
)

_HOSTS = r"arxiv\.org|xxx\.lanl\.gov|ar5iv\.org|alphaxiv\.org|arxiv-vanity\.com|emergentmind\.com"
_LINKED = re.compile(
    rf"(?<![a-z0-9-])(?:(?:{_HOSTS})(?::[0-9]+)?/+(?:[a-z0-9._-]+/+){{0,4}}"
    r"|(?:huggingface|hf)\.co/(?:api/)?papers/+)\Z",
    _FLAGS,
)
_PREFIXED = re.compile(
    r"(?:(?P<doi>\b10\.[0-9]{4,9})(?:/|%2f)|(?<![a-z0-9]))arxiv"
    r"(?:[ \t]+(?:id|preprint|e-?print|identifier|no\.?))?(?:%3a|%2f|[ \t:/._=*\"'`\[\](){}|-]){0,6}\Z",
    _FLAGS,
)
_CITED = re.compile(r"(?:\beprint\s{0,9}=\s{0,9}[{\"']|\bcorr[ \t,:]{1,3}abs/)\Z", _FLAGS)
_BRACKET = re.compile(r"\[[ \t]?\Z", _FLAGS)
_BRACKET_END = re.compile(r"[ \t]?\\?\]", _FLAGS)
_ALONE = re.compile(r"(?:\A|[^a-z0-9_./@#$€£¥%&=+~\\-])\Z", _FLAGS)
_ALONE_END = re.compile(r"(?![_%/@€£¥$-])", _FLAGS)
_LOOK_BACK = 96  # characters: longer than any context above

_WHOLE_HEAD = re.compile(r"[\s<(\[{\"'`*|]*(?:doi:[ \t]*)?(?:(?:https?://)?(?:[^\s,;|()<>\[\]{}]*[./])?)?\Z", _FLAGS)
_WHOLE_TAIL = re.compile(
    r"(?:\.(?:pdf|ps|html?|gz|txt|md)){0,2}/?(?:[?#][^\s()<>\[\]]*)?[\s)\]}.,;:>\"'`*|]*\Z", _FLAGS
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A base id in a text: `text[start:end]` is the id as spelled there with its version, without link or prefix."""

    base: str
    start: int
    end: int


def parse_id(text: str) -> str | None:
    """Return the base id when the whole text is one id or one link to it, else None.

    Blanks, brackets and quotes around it, trailing punctuation, a file ending, a query string and a fragment
    are ignored; a bare id counts.
    """
    for found, context in _mentions(text):
        whole = _WHOLE_HEAD.match(text[:context]) and _WHOLE_TAIL.match(text[found.end :])
        return found.base if whole else None
    return None


def find_ids(text: str) -> Iterator[Mention]:
    """Yield the ids in the text whose context says that they are ids, left to right, repeated ones each time."""
    return (found for found, context in _mentions(text) if context < found.start)


def abs_url(base: str) -> str:
    """Return the address of the abstract page, which arXiv asks to link to."""
    return f"https://arxiv.org/abs/{base}"


def month(base: str) -> date:
    """Return the first day of the month in a base id: when it was announced, which `published` can precede.

    Raises ValueError when the text is not a base id.
    """
    if parse_id(base) != base:
        raise ValueError(f"not an arXiv base id: {base!r}")
    digits = base.rpartition("/")[2]
    year = int(digits[:2])
    return date(year + (1900 if "/" in base and year > 90 else 2000), int(digits[2:4]), 1)


def known_month(base: str) -> date | None:
    """Return the month of a base id, None for any other text."""
    try:
        return month(base)
    except ValueError:
        return None


def _mentions(text: str) -> Iterator[tuple[Mention, int]]:
    """Yield every id and where its context begins: at the id itself when it stands alone as a word."""
    for match in _ID.finditer(text):
        context = _context(text, match.start(), match.end())
        if context is not None:
            yield Mention(_base(match), match.start(), match.end()), context


def _context(text: str, start: int, end: int) -> int | None:
    """Return where the words begin that make the digits an id, `start` when it stands alone, None if neither."""
    first = max(0, start - _LOOK_BACK)
    before = text[first:start]
    if found := _LINKED.search(before):
        return first + found.start()
    if found := _PREFIXED.search(before):
        return first + found.start() if found["doi"] in (None, "10.48550") else None
    if found := _CITED.search(before):
        return first + found.start()
    if (found := _BRACKET.search(before)) and _BRACKET_END.match(text, end):
        return first + found.start()
    alone = _ALONE.search(before[-1:]) and _ALONE_END.match(text, end)
    return start if alone else None


def _base(match: re.Match[str]) -> str:
    if match["new"] is not None:
        return match["new"]
    archive, _, number = match["old"].lower().replace("%2f", "/").partition("/")
    return f"{archive.partition('.')[0]}/{number}"
