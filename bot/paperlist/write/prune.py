"""Taking out of a template what the new paper's record does not tell, with what only stood for it."""

from __future__ import annotations

import re

from bot.paperlist.read.inline import LABEL
from bot.paperlist.write.forms import CLOSE, GAP, OPEN
from bot.paperlist.write.mask import KEPT, WORD, words

GENERIC = frozenset("arxiv arxiv.org pdf abs html link paper by".split())
"""Words that say nothing of one paper."""


def only_common(text: str, common: frozenset[str]) -> str:
    """Turn words that are not boilerplate into gaps, prose as a whole; labels of links that stay are boilerplate."""
    return "".join(_common_line(line, common) for line in re.split(r"(?<=\n)", text))


def _common_line(line: str, common: frozenset[str]) -> str:
    def word(m: re.Match[str]) -> str:
        return m[0] if m[0].casefold() in common | GENERIC else GAP

    strange = sum(w not in common for w in words(KEPT.sub(" ", line)))
    if strange >= 6 and not _OWN_SLOT.search(line) and (body := _BODY.match(line)):
        return body[1] + GAP + ("\n" if line.endswith("\n") else "")
    line = "".join(part if i % 2 else WORD.sub(word, part) for i, part in enumerate(KEPT.split(line)))
    return _REMARK.sub(lambda m: m[0] if m[2].count(GAP) < len(words(m[2])) else f"{m[1]}{_unworded(m[2])}{m[3]}", line)


def _unworded(remark: str) -> str:
    """Return a gap for a remark, with the end of a link that begins before it."""
    return f"{GAP}</a>" if remark.count("</a>") > remark.count("<a ") else GAP


_REMARK = re.compile(rf"^(.*{CLOSE}[)\]*\"”.}}>]*)([^{OPEN}{CLOSE}]*{GAP}[^{OPEN}{CLOSE}]*?)([ \t]*\\?\n?)$")
"""What follows the last slot of a line and is mostly gaps: a remark, in which a few words mean nothing."""
_OWN_SLOT = re.compile(f"{OPEN}(?:title|rest|url|code)")
_BODY = re.compile(r"([ \t]*(?:(?:[-*+>]|\d+[.)])[ \t]+)?(?:[A-Z][\w ]{2,20}[:：])?)")
LABEL_LINE = re.compile(r"^([ \t]*[-*+][ \t]+)([*_]*[A-Z][\w ]{2,20}[*_]*[:：][*_]*)", re.MULTILINE)
_LABEL_ALONE = re.compile(rf"[ \t]*(?:[-*+>][ \t]+)*[*_]*[\w ]{{2,24}}[*_]*[:：][*_]*[ \t]*{GAP}[ \t.]*$")
_SEP = r"(?:[,;|/:：·•–—&+~，；、。-]|<br ?/?>)"
_PAIRS = (
    (r"\*\*", r"\*\*"),
    (r"\*", r"\*"),
    (r"`", r"`"),
    (r"\[", r"\]"),
    (r"\(", r"\)"),
    (r"<", r">"),
    ("（", "）"),
    ("【", "】"),
    (r"\{", r"\}"),
    ('"', '"'),
    ("“", "”"),
    (r"(?<!\w)_", r"_(?!\w)"),
    (r"~~", r"~~"),
    (r"<(?:b|i|sub|sup|em|strong)>", r"</(?:b|i|sub|sup|em|strong)>"),
)
_EMPTY = re.compile("|".join(rf"{a}[ \t]*{GAP}[ \t.,:]*{b}" for a, b in _PAIRS))
_WORDLESS = re.compile(
    rf"(?P<open>\[)[ \t]*{GAP}[ \t]*(?P<close>\]\([^)]*{OPEN}url[^)]*\))"
    rf"|(?P<tag><a\b[^>]*{OPEN}url[^>]*>(?:<\w[^>]*>)*)[ \t]*{GAP}[ \t]*(?P<end>(?:</\w+>)*</a>)"
)
"""A link to the paper that lost its words."""
_EMPTY_LINK = re.compile(
    rf"<a\b[^>]*\bhref\b[^>]*>(?:\s|&nbsp;|{GAP}|</?(?!img\b|a\b|svg\b)\w[^>]*>)*</a\s*>", re.IGNORECASE
)
_HTML_LINK = re.compile(
    r"(?<!\\)<a\b[^>]*\bhref\b[^>]*>(?P<text>.*?)(?:(?P<end></a\s*>)|(?=<a\b)|\Z)", re.IGNORECASE | re.DOTALL
)
_FURTHER = re.compile(rf"\[([^\[\]{OPEN}{GAP}]*)\]\({OPEN}url[^{CLOSE}]*{CLOSE}\)")
_UNSEEN = re.compile(r"<(?!img\b|svg\b)[^>]*>|&nbsp;|\s", re.IGNORECASE)
_DEAD_LINK = re.compile(
    rf"!?\[(?:[^\[\]]|\[[^\[\]]*\](?:\([^()]*\))?)*\]\([^()\s]*{GAP}[^()\s]*\)"
    rf"|<a\b[^>]*{GAP}[^>]*>.*?</a>|!\[[^\]]*\]\([^)]*{GAP}[^)]*\)"
)


def without_dead_links(text: str) -> str:
    """Turn links and images whose address is not known into gaps."""
    before = None
    while before != text:
        before, text = text, _DEAD_LINK.sub(GAP, text)
    return text


def without_others(text: str, common: frozenset[str]) -> str:
    """Turn further links to the paper, under words that name another one, into gaps where its title is a link."""
    if f"[{OPEN}title{CLOSE}]({OPEN}url" not in text:
        return text
    known = common | GENERIC
    return _FURTHER.sub(lambda m: m[0] if LABEL.fullmatch(m[1]) or known.issuperset(words(m[1])) else GAP, text)


def holds_empty_link(text: str) -> bool:
    """Whether a link of HTML in a text shows nothing, or does not end."""
    return any(not m["end"] or not _UNSEEN.sub("", m["text"]) for m in _HTML_LINK.finditer(text))


def with_words(text: str) -> str:
    """Give the only link to the paper plain words if it lost its own; one of several is taken out."""
    if text.count(f"{OPEN}url") > 1:
        return _WORDLESS.sub(GAP, text)
    return _WORDLESS.sub(lambda m: f"{m['open'] or m['tag']}arXiv{m['close'] or m['end']}", text)


def reduce(text: str, labels: frozenset[str] | set[str] = frozenset()) -> str:
    """Take the gaps out of a template, with what only stood for them; lines that held nothing else go as a whole."""
    before = None
    while before != text:
        before = text
        text = _EMPTY_LINK.sub(GAP, _EMPTY.sub(GAP, text.replace("@" + GAP, GAP)))
        text = re.sub(rf"{GAP}(?:[ \t]*(?:{_SEP}|[.'’])?[ \t]*{GAP})+", GAP, text)
        text = re.sub(rf"([\[(（])[ \t]*{GAP}[ \t]*{_SEP}?[ \t]*(?=[^\s\])）])", r"\1", text)
        text = re.sub(rf"(?<=[^\s\[(（])[ \t]*{_SEP}?[ \t]*{GAP}[ \t]*(?=[\])）])", "", text)
    lines = [_reduced_line(line, labels) for line in re.split(r"(?<=\n)", text)]
    return re.sub(r"(?:\n[ \t]*)+$", "", "".join(line for line in lines if line is not None))


def _reduced_line(line: str, labels: frozenset[str] | set[str]) -> str | None:
    """Take the gaps out of one line; None when nothing is left of it."""
    if GAP not in line:
        return line
    ending = re.search(r"[ \t]*\\?\r?\n?$", line)
    tail = ending[0] if ending else ""
    body = line[: len(line) - len(tail)]
    label = LABEL_LINE.match(body)
    if label and OPEN not in body:
        return label[1] + label[2] + tail if label[1] + label[2] in labels else None
    if _LABEL_ALONE.match(body):
        return None
    body = re.sub(rf"(?<=[.*\"”)\]])[ \t]*{GAP}[ \t]*\.", "", body)
    body = re.sub(rf"[ \t]*(?:{_SEP}+|\bby\b|\bfrom\b|\bin\b|\bat\b)?[ \t]*{GAP}[ \t]*(?=[.]?$)", "", body)
    body = re.sub(rf"[ \t]*{_SEP}[ \t]*{GAP}(?=[ \t]*{_SEP})", "", body)
    body = re.sub(rf"{GAP}[ \t]*{_SEP}?[ \t]*", "", body)
    body = re.sub(r"(?<=\S)[ \t]{2,}(?=\S)", " ", body)
    if OPEN not in body and not WORD.search(re.sub(r"^\s*\d+[.)]", "", body)):
        return None
    return _balanced(body) + tail


def _balanced(body: str) -> str:
    """Take off a closing bracket at the end that nothing opens."""
    for opening, closing in ("[]", "()"):
        while body.endswith(closing) and body.count(closing) > body.count(opening):
            body = body[:-1].rstrip()
    return body
