"""What a paper's own record says for a list's columns. Nothing is guessed: each value names where it stands."""

from __future__ import annotations

import re

from bot.model import Cell, Paper

_REPOSITORY = re.compile(
    r"(?:https?://)?(?:www\.)?(?P<host>github\.com|gitlab\.com|codeberg\.org|bitbucket\.org|gitee\.com)/\s?"
    r"(?P<path>[A-Za-z0-9][\w.\-]*/(?:[\w.\-]|\\_)+)",
    re.IGNORECASE | re.ASCII,
)
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
"""Words right before a link that leave no doubt, whatever the sentence said before."""
_CITED = re.compile(
    r"\b(?:built|based|implemented|build|top|extension|fork) (?:up)?on(?: top of)?\b"
    r"|\b(?:such as|compared? (?:to|with|against)|baselines?|unlike|outperforms?|faster than"
    r"|integrated? (?:in|into|with)|taken from|modified from|following|provided by|cited?|popular)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?:\s+(?=[A-Z(])|(?<=[a-z]\.)(?=[A-Z][a-z]+ )|$)|[\n;]")

_LINK_HEAD = re.compile(r"[$\s]*(?:\\(?:href|url|texttt|footnote)\s*\{?|\{|\()*\Z")


def known_cells(paper: Paper) -> tuple[Cell, ...]:
    """Return what the record says: at present the paper's own code repository, if it names one."""
    for origin, text in (("comment", paper.comment or ""), ("abstract", paper.summary)):
        for found in _REPOSITORY.finditer(text):
            sentence = _clause(text, found.start(), found.end())
            address = _address(found)
            if address and _is_own(sentence, origin, text):
                return (Cell("code", address, f"{origin}: “{' '.join(sentence.split())}”"),)
    return ()


def _address(found: re.Match[str]) -> str | None:
    """Return a repository's address, None for a placeholder or an anonymous one."""
    path = re.sub(r"(?:\.git)?[.\-_]*$", "", found["path"].replace("\\", ""))
    return None if path.endswith("/") or _NOBODY.match(path) else f"https://{found['host'].lower()}/{path}"


def _clause(text: str, start: int, end: int) -> str:
    """Return the sentence around a link; the dots inside the link end nothing."""
    before = max((m.end() for m in _SENTENCE_END.finditer(text, 0, start)), default=0)
    after = _SENTENCE_END.search(text, end)
    return text[before : after.start() if after else len(text)].strip()


def _is_own(sentence: str, origin: str, text: str) -> bool:
    """Tell a repository that is said to be the paper's own from one that is cited."""
    before = _LINK_HEAD.sub("", _REPOSITORY.split(sentence)[0])
    if _SAID.search(before):
        return True
    if _CITED.search(before):
        return False
    alone = origin == "comment" and len(_REPOSITORY.findall(text)) == 1
    return bool(alone or _OWN.search(before) or _OWN.search(sentence))
