"""What stands in the words of an entry: its links, and where its title is.

Works on the raw Markdown of one entry, by patterns: rows, items and paragraphs of every format are read alike, and the
hand needs to know where in the raw text a title stands, which a parser does not tell.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice

import pyromark

from bot.arxiv import arxiv_id, titles

LINK = re.compile(
    r"(?<!\\)(?P<image>!)?(?<!\\)\[(?P<text>(?:[^\[\]\\\n]|\\.|\[(?:[^\[\]\\\n]|\\.|\[[^\[\]\n]*\](?:\([^()\n]*\))?)*\](?:\([^()\n]*\))?)*)\]"
    r"\(\s*<?(?P<url>[^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+\"[^\"\n]*\")?\s*\)"
)
ANCHOR = re.compile(
    r"<a\b[^<>]*?\bhref\s*=\s*(?P<q>[\"']?)(?P<url>[^\"'\s>]*)(?P=q)[^>]*>(?P<text>[^<]*(?:<(?!/?a\b)[^<]*)*)</a\s*>",
    re.IGNORECASE,
)
BARE = re.compile(r"https?://[^\s<>()\[\]\"'`|]+[^\s<>()\[\]\"'`|.,;:!?*]")
LABEL = re.compile(
    r"\W*(?:(?:full|link to|the|read|project|home|web|official|arxiv|paper|github|source|blog|hugging|git)?[ \-]*"
    r"(?:papers?|pdfs?|links?"
    r"|codes?|arxiv|github|abs|html|projects?|pages?|web ?(?:site|page)s?|home ?pages?|here|urls?|demos?|doi|bibtex"
    r"|blogs?|videos?|slides?"
    r"|datasets?|data|models?|repos?(?:itory)?|posters?|supp(?:lement(?:ary)?)?|talks?|posts?|tweets?"
    r"|hf|face|hub|weights?|docs?|preprint"
    r"|openreview|acl|ieee|acm|tensorflow|pytorch|official|unofficial|review|site"
    r"|torch|tf|keras|jax|读者|论文|代码|链接|主页|项目))\W*\d*\W*",
    re.IGNORECASE,
)
"""The words of links that are labels and no titles."""

_LINKED = re.compile(r"(?<!\\)\]\(")
_MARKER = re.compile(r"\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(?:\[[ xX]\]\s+)?(?:#{1,6}\s+)?(?:\d{1,4}[.)]\s+)?")
_MARKUP = re.compile(
    r"\*{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)|~~|`+|</?(?:b|i|strong|em|u|tt|code|sup|sub|span|font|br|p|div|td|th|tr)\b[^>]*>",
    re.I,
)
_BOLD = re.compile(
    r"\*\*(?P<a>(?=\S)[^\n]+?)\*\*(?!\*)|(?<!\w)__(?P<b>(?=\S)[^\n]+?)__(?!\w)|<(?:b|strong)>(?P<c>.+?)</(?:b|strong)>",
    re.I,
)
_MARK = re.compile(r"(?<!\\)(?:[*`~]|</?(?:b|i|strong|em)>)", re.I)
_ENTITY = re.compile(r"&#?\w+;")
_QUOTED = re.compile(r"[\"“](?P<a>[^\"“”\n]{6,}?)[\"”]|《(?P<b>[^《》\n]{4,})》")
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]\s*>", re.I | re.S)
_TAG_AT_HEAD = re.compile(
    r"\s*(?:!\[[^\]\n]*\]\([^()\s]*\)|\*{0,2}[\[(（【`][^\[\]()（）【】`\n]{0,40}[\])）】`]\*{0,2}|[-–—|:,.*_\"]+|\d{1,4}[.)]|[^\w\s\[\](){}<>*`\"“《|!\\]+|:\w+:|\*\*(?=[^*]*$))"
)
_RUN_END = re.compile(r"\s*(?:(?<!\\)[(\[（【|*`<]|!\[|https?://|\s[-–—|]\s|\s{2,}\n|\n|$)")
_NAME = r"(?:[A-ZÀ-ÖØ-Þ][\w'’.\-]*|[a-z]{1,3}|[一-鿿]{2,4})"
NAMES = re.compile(rf"{_NAME}(?: {_NAME}){{0,4}}(?:,| and| &)")


@dataclass(frozen=True, slots=True)
class Title:
    """Where the title stands in a raw text: `[start, end)`, and its rest when it is cut at its colon."""

    start: int
    end: int
    rest: tuple[int, int] | None = None

    def text(self, raw: str) -> str:
        """Return the plain text of the title."""
        name = plain(raw[self.start : self.end])
        return f"{name}: {plain(raw[slice(*self.rest)])}" if self.rest else name


def plain(markdown: str) -> str:
    """Return the words of a piece of Markdown without its markup; links become their words."""
    text = LINK.sub(lambda m: "" if m["image"] else plain(m["text"]) if m["text"] != markdown else "", markdown)
    text = _MARKUP.sub("", re.sub(r"<[^<>]*>", "", text) if "<" in text else text)
    text = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text))
    return " ".join(text.split())


def links(raw: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield the links of a text in order: their plain words (of a bare address none), address and place."""
    taken: list[tuple[str, str, int, int]] = []
    if "](" in raw:
        for m in LINK.finditer(raw):
            if m["image"]:
                continue
            taken.append((plain(m["text"]), m["url"], m.start(), m.end()))
    if "<a" in raw or "<A" in raw:
        taken += [(plain(m["text"]), m["url"], m.start(), m.end()) for m in ANCHOR.finditer(raw)]
    ahead = sorted(((start, end) for _, _, start, end in taken), reverse=True)
    reach = 0
    for m in BARE.finditer(raw):
        while ahead and ahead[-1][0] <= m.start():
            reach = max(reach, ahead.pop()[1])
        if m.start() >= reach and raw[max(0, m.start() - 2) : m.start()] != "](":
            taken.append(("", m[0], m.start(), m.end()))
    yield from sorted(taken, key=lambda link: link[2])


def holds(raw: str, words: str) -> bool:
    """Whether a text holds these words; only letters and digits count, so no mark between them does."""
    return titles.letters(words) in titles.letters(_ENTITY.sub(lambda m: html.unescape(m[0]), raw))


def locate(raw: str, words: str) -> tuple[int, int] | None:
    """Return where a text shows these words, None if nowhere but in an address.

    Emphasis that only a part of the words has lies inside as a whole.
    """
    at = raw.find(words)
    if at >= 0 and not re.search(r"https?://\S*$", raw[:at]):
        return _uncut(raw, at, at + len(words))
    shown, elements = _parsed(raw)
    at = "".join(char for char, _, _ in shown).find(words)
    if at < 0 or not words:
        return None
    start, end = shown[at][1], shown[at + len(words) - 1][2]
    for first, last in elements:
        if first < end and start < last and not (first <= start and end <= last):
            start, end = min(start, first), max(end, last)
    source = raw.encode()
    return _uncut(raw, len(source[:start].decode()), len(source[:end].decode()))


def _parsed(raw: str) -> tuple[list[tuple[str, int, int]], list[tuple[int, int]]]:
    """Return the letters that a text shows, runs of spaces as one, and its emphasis and links, by spans of bytes."""
    shown: list[tuple[str, int, int]] = []
    elements: list[tuple[int, int]] = []
    tags: list[tuple[str, int]] = []
    for event, range_ in pyromark.events_with_range(raw, options=pyromark.Options.ENABLE_STRIKETHROUGH):
        span = range_["start"], range_["end"]
        match event:
            case {"Text": str(text)} if len(text.encode()) == span[1] - span[0]:
                ends = list(accumulate((len(char.encode()) for char in text), initial=span[0]))
                shown += zip(text, ends, ends[1:], strict=False)
            case {"Text": str(text)} | {"Code": str(text)}:
                shown += [(char, *span) for char in text]
            case "SoftBreak" | "HardBreak":
                shown.append((" ", *span))
            case {"Start": "Emphasis" | "Strong" | "Strikethrough" | {"Link": _}}:
                elements.append(span)
            case {"InlineHtml": str(html_)} if html_.startswith("</"):
                if tags and html_.startswith(f"</{tags[-1][0]}"):
                    elements.append((tags.pop()[1], span[1]))
            case {"InlineHtml": str(html_)} if tag := re.match(r"<(\w+)(?!.*/>)", html_):
                tags.append((tag[1], span[0]))
    spaced = [(" " if char.isspace() else char, start, end) for char, start, end in shown]
    return [one for i, one in enumerate(spaced) if one[0] != " " or not i or spaced[i - 1][0] != " "], elements


def _uncut(raw: str, start: int, end: int) -> tuple[int, int]:
    """Widen a place so that no escape is cut from what it escapes: neither its first letter nor the one behind it."""
    before, inside = (len(part) - len(part.rstrip("\\")) for part in (raw[:start], raw[start:end]))
    return start - before % 2, min(len(raw), end + inside % 2)


def find_title(raw: str) -> Title | None:
    """Return where the title of an entry stands: the link, bold or quoted words that read like one, else the text."""
    title = _find_title(raw)
    return title and Title(*_uncut(raw, title.start, title.end), title.rest)


def _find_title(raw: str) -> Title | None:
    head = _MARKER.match(raw)
    at = head.end() if head else 0
    found = [*_linked(raw, at), *_bold(raw, at), *_quoted(raw, at)]
    first_line = raw.find("\n", at) if "\n" in raw else len(raw)
    heads = head is not None and "#" in head[0]
    near = [t for t in found if t.start < first_line] or ([] if heads else found)
    long = [t for t in near if _words(t.text(raw)) >= 3 and not NAMES.match(t.text(raw))]
    if long:
        return long[0]
    run = _run(raw, at)
    if run and _words(plain(raw[run.start : run.end])) >= 3:
        return run
    return next(iter(near), run)


def faint_title(raw: str) -> Title | None:
    """Return where the title of an entry stands that only its siblings tell to be one: `x`, `0`, `===`, `Code`.

    That is whatever stands before its first link, else the words of that link.
    """
    head = _MARKER.match(raw)
    at = head.end() if head else 0
    found = [m for pattern in (LINK, ANCHOR) for m in pattern.finditer(raw, at) if "![" not in m[0]]
    link = min(found, key=lambda m: (not plain(m["text"]), m.start()), default=None)
    start, end = _inner(raw, at, link.start() if link else len(raw))
    if plain(raw[start:end]).strip("[("):
        return Title(start, end)
    return Title(*link.span("text")) if link and link["text"].strip() else None


def _words(text: str) -> int:
    return len(re.findall(r"\w[\w\-'’+./]*", text)) if not re.search(r"[぀-ヿ一-鿿]", text) else len(text) // 2


def _inner(raw: str, start: int, end: int) -> tuple[int, int]:
    """Narrow a place to what stands inside its emphasis, quotes and brackets."""
    first, last = start, end
    while start < end:
        text = raw[start:end]
        if (m := re.match(r"\s+|\*+|`+|~~|<(?:b|i|strong|em)>|[\"“](?=[^\"“”]*[\"”.,*\s]*$)", text, re.I)) and m.end():
            start += m.end()
        elif (
            m := re.search(r"(?:\s+|\*+|`+|~~|</(?:b|i|strong|em)>|(?<=[.\w?!])[\"”])$", text, re.I)
        ) and m.start() < len(text):
            end = start + m.start()
        else:
            break
    start, end = _paired(raw, (first, start), (end, last))
    return (start, end - 1) if raw[start:end].endswith(".") and not raw[start:end].endswith("...") else (start, end)


def _paired(raw: str, before: tuple[int, int], after: tuple[int, int]) -> tuple[int, int]:
    """Widen a place into what stands before and after it by the marks that its own emphasis begins or ends with."""
    (first, start), (end, last) = before, after
    depth = lowest = 0
    for m in _MARK.finditer(raw, start, end):
        depth += 1 if _opens(raw, m) else -1
        lowest = min(lowest, depth)
    for mark in islice(reversed(list(_MARK.finditer(raw, first, start))), -lowest):
        start = mark.start() if mark.end() == start else start
    for mark in islice(_MARK.finditer(raw, end, last), depth - lowest):
        end = mark.end() if mark.start() == end else end
    return start, end


def _opens(raw: str, mark: re.Match[str]) -> bool:
    """Whether a mark begins emphasis rather than ends it: no words stand before the run of marks."""
    if mark[0].startswith("<"):
        return mark[0][1] != "/"
    return not raw[: mark.start()].rstrip("*`~")[-1:].strip(" \t\n([{\"“‘'—–-")


def _linked(raw: str, at: int) -> Iterator[Title]:
    for pattern in (LINK, ANCHOR):
        for m in pattern.finditer(raw, at):
            if pattern is LINK and m["image"]:
                continue
            if m["url"].startswith("#") or "![" in m["text"]:
                continue
            start, end = _inner(raw, m.start("text"), m.end("text"))
            text = plain(raw[start:end])
            label = LABEL.fullmatch(text) or BARE.fullmatch(text) or arxiv_id.parse_id(text)
            if label or not re.search(r"\w{2}", text):
                continue
            rest = re.compile(r"[*]{0,2}\s*[:：]\s+(?P<rest>[^\[\]|()\n]*[^\[\]|()\s*,.–—-])").match(raw, m.end())
            if rest and _words(text) <= 3 and _words(rest["rest"]) >= 3:
                cut = re.split(r"\s+[–—-]+\s+|\.\s", rest["rest"])[0]
                yield Title(start, end, (rest.start("rest"), rest.start("rest") + len(cut)))
            else:
                yield Title(start, end)


def _bold(raw: str, at: int) -> Iterator[Title]:
    for m in _BOLD.finditer(raw, at):
        group = next(g for g in "abc" if m[g] is not None)
        if _LINKED.search(m[group]) or "[" in m[group][:1]:
            continue
        start, end = _inner(raw, m.start(group), m.end(group))
        text = plain(raw[start:end])
        if re.search(r"\w{2}", text) and not LABEL.fullmatch(text) and not m[group].rstrip().endswith((":", "：")):
            yield Title(start, end)


def _quoted(raw: str, at: int) -> Iterator[Title]:
    for m in _QUOTED.finditer(raw, at):
        group = "a" if m["a"] is not None else "b"
        if _LINKED.search(m[group]):
            continue
        start, end = _inner(raw, m.start(group), m.end(group))
        if _words(plain(raw[start:end])) >= 2 and "=" not in raw[max(0, m.start() - 1) : m.start()]:
            yield Title(start, end)


def _run(raw: str, at: int) -> Title | None:
    """Return the plain words an entry begins with, after its tags: `(OSDI'24) The Title [paper](...)`."""
    if m := _CELL.search(raw, at):
        whole = ANCHOR.fullmatch(raw, *_inner(raw, *m.span(1)))
        start, end = _inner(raw, *(whole.span("text") if whole else m.span(1)))
        return Title(start, end) if re.search(r"\w{2}", plain(raw[start:end])) else None
    while (tag := _TAG_AT_HEAD.match(raw, at)) and tag.end() > at:
        at = tag.end()
    start = at + len(raw[at:]) - len(raw[at:].lstrip())
    for m in _RUN_END.finditer(raw, start):
        text = raw[start : m.start()].rstrip(" .,:;-–—|")
        if re.search(r"\w{2}", text):
            return Title(start, start + len(text))
        if m[0].strip(" -–—"):  # a dash before any word is the title's own
            break
    return None


def slug(heading: str) -> str:
    """Return GitHub's anchor of a heading: lower case, no punctuation but `-` and `_`, spaces as hyphens."""
    kept = (c for c in heading.strip().lower() if c in "-_ " or c.isalnum() or unicodedata.category(c)[0] == "M")
    return "".join(kept).replace(" ", "-")
