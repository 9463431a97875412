"""What a paper's own record says for a list's columns. Nothing is guessed: each value names its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from bot.arxiv import titles, venues
from bot.model import Cell, Paper

_REPOSITORY = re.compile(
    r"(?:https?://)?(?:www\.)?(?P<host>github\.com|gitlab\.com|codeberg\.org|bitbucket\.org|gitee\.com)/\s?"
    r"(?P<path>[A-Za-z0-9][\w.\-]*/(?:[\w.\-]|\\_)+)",
    re.IGNORECASE | re.ASCII,
)
REPOSITORY_OR_MODEL = re.compile(
    rf"{_REPOSITORY.pattern}|(?:https?://)?(?P<hub>huggingface\.co)/(?!papers/|blog/|docs/|join/)"
    r"(?P<model>(?:datasets/|spaces/|collections/)?[\w.\-]+(?:/[\w.\-]+)?)",
    re.IGNORECASE | re.ASCII,
)
"""A repository, or models and data sets of a paper."""
_NOBODY = re.compile(r"(?:anon(?:ymous|ymized|ymised)?|x{3,}|your[-_]?\w*|username|user)\b", re.IGNORECASE)
_THING = (
    r"codes?|codebases?|sources?|software|implementations?|prototypes?|artifacts?|github|repository|repo|toolkit|library"
    r"|package|framework|project|system|benchmarks?|scripts?|resources|materials?"
)
_OWN = re.compile(
    rf"\b(?:{_THING})\b.{{0,120}}"
    r"\b(?:available|released?|open[- ]?sourced?|public\w*|found|accessible|hosted|here|at|via|on|in|see)\b"
    r"|\b(?:available|released?|open[- ]?sourced?|publicly|found|accessible|hosted)\b.{0,60}"
    r"\b(?:at|on|here|via|in|under|from|:)"
    rf"|\b(?:{_THING})\b[^.:]{{0,40}}[:(=\-–—]\W*\Z"
    rf"|\b(?:{_THING})\s*(?:\([^)]*\)|links?|url|page)?\s*(?:[:(=]|is\b)"
    r"|\bproject (?:page|url|website|site|link)\b"
    r"|\bwe (?:\w+ ){0,2}(?:release|open[- ]?source|publish|provide|share)\b|\b(?:by )?releasing\b"
    r"|\bour\b.{0,80}\b(?:code|implementation|repository)\b",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"\b(?:our|codes?|scripts|implementations?|we (?:\w+ )?(?:release|open[- ]?source))\b.{0,80}"
    r"\b(?:available|released?|open[- ]?sourced?|found|accessible|hosted)\b.{0,40}\Z"
    r"|\b(?:code|codes|repo|repository)\W{1,3}\Z",
    re.IGNORECASE,
)
"""Words right before a link that make it the paper's own, whatever the sentence said before."""
_CITED = re.compile(
    r"\b(?:experiments?|we|results|baselines) (?:\w+ )?us(?:es?|ed|ing)\b"
    r"|\b(?:built|based|implemented|build|top|extension|fork) (?:up)?on(?: top of)?\b"
    r"|\b(?:such as|compared? (?:to|with|against)|baselines?|unlike|outperforms?|faster than"
    r"|integrated? (?:in|into|with)|taken from|modified from|following|provided by|cited?|popular)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?:\s+(?=[A-Z(])|(?<=[a-z]\.)(?=[A-Z][a-z]+ )|$)|[\n;]")
_LINK_HEAD = re.compile(r"[$\s]*(?:\\(?:href|url|texttt|footnote)\s*\{?|\{|\()*\Z")
_CONTRIBUTION = re.compile(
    r"\b(?:we|(?:in )?this (?:paper|work|article|survey|study|report))\b.{0,40}?"
    r"\b(?:propos|present|introduc|develop|design|describ|review|survey|investigat|stud(?:y|ies)|build)",
    re.IGNORECASE,
)
_LINKS = 20
"""Links of a text that are read: a paper's own is among the first, and a hostile text holds thousands."""
LONGEST_EXTRACT = 240
_SHORTEST_EXTRACT = 30
_STOP = re.compile(r"[.!?][)\]\"”']*(?=\s+[\"“(\[]?[A-Z0-9]|$)")
_NO_STOP = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|etc|al|resp|approx|ca|Fig|Figs|Eq|Eqs|Sec|Tab|No|Vol|Dr|Prof|Mr|Ms|St|Inc|Ltd|Co|w\.r\.t|a\.k\.a)"
    r"|(?:^|[\s(])[A-Z]|[A-Z]\.[A-Z])\.$"
)
"""Abbreviations and initials, whose full stop ends no sentence."""


def known_cells(paper: Paper, extract_column: str | None = None) -> tuple[Cell, ...]:
    """Return what the record says: the paper's own code repository, its venue, and a sentence for the column named."""
    cells = [*islice(own_code(paper), 1)]
    if (told := venues.accepted(paper)) and told.year:
        cells.append(Cell("venue", f"{told.name} {told.year}", told.origin))
    if extract_column and (sentence := extract(paper.summary)):
        cells.append(Cell("extract", sentence, "abstract", extract_column))
    return tuple(cells)


def own_code(paper: Paper, links: re.Pattern[str] = _REPOSITORY) -> Iterator[Cell]:
    """Yield the repositories that are the paper's own; `links` finds them."""
    for origin, text in (("comment", paper.comment or ""), ("abstract", paper.summary)):
        for found in islice(links.finditer(text), _LINKS):
            sentence = _clause(text, found.start(), found.end())
            address = _address(found)
            if address and _is_own(sentence, origin, text, links):
                yield Cell("code", address, f"{origin}: “{' '.join(sentence.split())}”")


def extract(summary: str) -> str | None:
    """Return the sentence of an abstract that says what the paper does, else its first; None for no sentence.

    TeX is resolved; a sentence longer than `LONGEST_EXTRACT` ends in an ellipsis after a whole word.
    """
    found = [s for s in sentences(titles.display(summary)) if len(s) >= _SHORTEST_EXTRACT]
    told = [s for s in found if _CONTRIBUTION.search(s)] or found[:1]
    fit = [s for s in told if len(s) <= LONGEST_EXTRACT] or told
    if not fit:
        return None
    if len(fit[0]) <= LONGEST_EXTRACT:
        return fit[0]
    cut = fit[0][:LONGEST_EXTRACT]
    return (cut.rpartition(" ")[0] or cut[:-1]).rstrip(" ,;:-–—(") + "…"


def sentences(text: str) -> list[str]:
    """Return the sentences of a text on one line; abbreviations, initials and decimals end none."""
    found, start = [], 0
    for stop in _STOP.finditer(text):
        if not _NO_STOP.search(text[start : stop.end()]):
            found.append(text[start : stop.end()].strip())
            start = stop.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def _address(found: re.Match[str]) -> str | None:
    """Return a repository's address, None for a placeholder or an anonymous one."""
    said = found.groupdict()
    path = re.sub(r"(?:\.git)?[.\-_]*$", "", (said["path"] or said["model"]).replace("\\", ""))
    host = said["host"] or said["hub"]
    return None if path.endswith("/") or _NOBODY.match(path) else f"https://{host.lower()}/{path}"


def _clause(text: str, start: int, end: int) -> str:
    """Return the sentence around a link; the dots inside the link end nothing."""
    before = max((m.end() for m in _SENTENCE_END.finditer(text, 0, start)), default=0)
    after = _SENTENCE_END.search(text, end)
    return text[before : after.start() if after else len(text)].strip()


def _is_own(sentence: str, origin: str, text: str, links: re.Pattern[str]) -> bool:
    """Whether a repository is said to be the paper's own, not one that is cited."""
    before = _LINK_HEAD.sub("", links.split(sentence)[0])
    if _SAID.search(before):
        return True
    if _CITED.search(before):
        return False
    alone = origin == "comment" and len(links.findall(text)) == 1
    return bool(alone or _OWN.search(before) or _OWN.search(sentence))
