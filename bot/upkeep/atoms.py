"""What a row consists of: links, venues, dates and words in their order, and what stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.arxiv import arxiv_id
from bot.paperlist.read import dates, inline
from bot.paperlist.write.facts import VENUE

REPOSITORY = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org|gitee\.com)/"
    r"(?P<repo>[\w.\-]+/[\w.\-]+?)(?:\.git)?(?=[/#?]|$)",
    re.IGNORECASE,
)
_PAPER = re.compile(r"\W*(?:paper|pdf|arxiv|abs|link|html|openreview|论文|链接)s?\W*", re.IGNORECASE)
_PAGE = re.compile(r"\W*(?:project|web|home)?[ -]?(?:page|site|project|website|homepage|web)s?\W*", re.IGNORECASE)
_NO_CODE = re.compile(
    r"\b(?:paper|pdf|data(?:set)?s?|page|website|bench\w*|models?|weights?|bibtex|video|slides)\b", re.IGNORECASE
)
_WRAPPERS = (("[", "]"), ("(", ")"), ("**", "**"), ("*", "*"), ("`", "`"), ("_", "_"), ("<b>", "</b>"), ("【", "】"))
_NOTE = re.compile(r"[ ]?\(?(?:Oral|Spotlight|Highlight|Poster|Findings?|Main|Best Paper\w*)\b\)?", re.IGNORECASE)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_BEFORE_PREPRINT = re.compile(rf"{_MONTH}[ ,]{{1,2}}20\d\d, \Z")
_AFTER_PREPRINT = re.compile(rf"(?:(?:[ ,.'’]|, )(?:{_MONTH}|20\d\d|\d{{1,2}})(?![\w:]))*(?: \({_MONTH}\))?")
"""The date that belongs to a word for preprints: `arXiv, June 2024`, `Arxiv 24.05.05`, `arXiv 10 Mar 2020`."""


_VENUE_AT_HEAD = re.compile(
    rf"[\[(]*(?:{_MONTH}[ ,]{{1,2}}20\d\d, )?(?:{VENUE.pattern}){_AFTER_PREPRINT.pattern}(?:[,.:|)\]]\s*|$)"
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing in a row and its place: its kind is `title`, `venue`, `preprint`, `date`, `text` or a link's."""

    kind: str
    start: int
    end: int
    url: str = ""
    label: str = ""

    @property
    def repository(self) -> str | None:
        """The `owner/name` that a link leads to."""
        found = REPOSITORY.match(self.url)
        return found["repo"] if found else None


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue or a word for preprints in a row, with the match that reads it; `inside` a link's words or not."""

    start: int
    end: int
    match: re.Match[str]
    inside: bool

    @property
    def dated(self) -> bool:
        """Whether a year or a date belongs to it."""
        return (self.start, self.end) != self.match.span() or self.match["year"] is not None

    @property
    def preprint(self) -> bool:
        """Whether it says only that the paper is a preprint."""
        return self.match["pre"] is not None


def title_span(raw: str, title: str) -> tuple[int, int] | None:
    """Return where the title of a row stands, None where it is not found; a venue before its words is none of them."""
    place = inline.locate(raw, title) if title else None
    if place is None and (found := inline.find_title(raw)):
        named = title and inline.plain(raw[found.start : found.end]) in title
        place = (found.start, found.end) if named else None
    if place is None:
        return None
    start, end = place
    while found_venue := _VENUE_AT_HEAD.match(raw, start, end):
        start = found_venue.end()
    return (start, end) if re.search(r"\w{2}", raw[start:end]) else None


def venues(raw: str, title: tuple[int, int] | None) -> list[Venue]:
    """Return the venues that a row names outside its title and the addresses of its links."""
    hidden = [m.span("url") for m in inline.LINK.finditer(raw)] + [m.span() for m in inline.BARE.finditer(raw)]
    hidden += [m.span() for m in re.finditer(r"<[^<>]*>|!\[[^\]]*\]\([^)]*\)", raw)] + ([title] if title else [])
    labels = [m.span("text") for m in (*inline.LINK.finditer(raw), *inline.ANCHOR.finditer(raw))]
    found = []
    for m in VENUE.finditer(raw):
        if any(a < m.end() and m.start() < b for a, b in hidden) or not (m["year"] or m["pre"] or _alone(raw, m)):
            continue
        start, end = m.span()
        if m["pre"]:
            before, after = _BEFORE_PREPRINT.search(raw[:start]), _AFTER_PREPRINT.match(raw, end)
            start, end = before.start() if before else start, after.end() if after else end
        elif note := _NOTE.match(raw, end):
            end = note.end()
        found.append(Venue(start, end, m, any(a <= start and end <= b for a, b in labels)))
    return found


def _alone(raw: str, m: re.Match[str]) -> bool:
    """Whether a name without its year is marked off from the words around it, or a year follows in a while."""
    before, after = raw[: m.start()].rstrip(" "), raw[m.end() :].lstrip(" ")
    marks = "*_`[](){}|,;:.\"'，。\n"
    return (not before or before[-1] in marks + "->") and (not after or after[0] in marks + "<")


def atoms(raw: str, title: tuple[int, int] | None) -> list[Atom]:
    """Return what a row consists of, in order."""
    links = list(_links(raw, title))
    named = venues(raw, title)
    cores = links + [Atom("preprint" if v.preprint else "venue", v.start, v.end) for v in named if not v.inside]
    if title and not any(a.start < title[1] and title[0] < a.end for a in cores):
        cores.append(Atom("title", *title))
    for m in dates.DATE.finditer(raw):
        if not any(a.start < m.end() and m.start() < a.end for a in cores):
            cores.append(Atom("date", *m.span()))
    cores.sort(key=lambda a: a.start)
    found, at = list[Atom](), 0
    for atom in [*cores, Atom("", len(raw), len(raw))]:
        if atom.start < at:
            continue
        words = re.search(r"[^\W_](?:.*[^\W_])?", raw[at : atom.start], re.DOTALL)
        text = re.sub(r"<[^<>]*>|&\w+;", lambda m: " " * len(m[0]), raw[at : atom.start])
        words = re.search(r"[^\W_](?:.*[^\W_])?", text, re.DOTALL)
        if words:
            found.append(Atom("text", *_closed(raw, at + words.start(), at + words.end())))
        found.append(atom)
        at = atom.end
    return _joined(raw, [_wrapped(raw, a) for a in found if a.kind])


def _closed(raw: str, start: int, end: int) -> tuple[int, int]:
    """Return the place of words with the marks that close what they open, so that nothing is put inside."""
    start -= raw[:start].endswith("`")
    while mark := next((m for m in ("`", ")", "]") if raw.startswith(m, end)), ""):
        text = raw[start:end]
        if text.count("`") % 2 == 0 if mark == "`" else text.count("(["[mark == "]"]) <= text.count(mark):
            break
        end += 1
    return start, end


def _links(raw: str, title: tuple[int, int] | None) -> Iterator[Atom]:
    taken: list[tuple[int, int]] = []
    for pattern in (inline.LINK, inline.ANCHOR, inline.BARE):
        for m in pattern.finditer(raw):
            if any(a < m.end() and m.start() < b for a, b in taken):
                continue
            taken.append(m.span())
            url = m[0] if pattern is inline.BARE else m["url"]
            label = "" if pattern is inline.BARE else _label(m["text"])
            image = pattern is inline.LINK and m["image"]
            titled = title is not None and m.start() <= title[0] < m.end()
            yield Atom("title" if titled else "image" if image else _kind(label, url), *m.span(), url, label)


def _label(text: str) -> str:
    """Return the words of a link, of a badge its own."""
    image = inline.LINK.search(text)
    return inline.plain(image["text"]) if image and image["image"] else inline.plain(text)


def _kind(label: str, url: str) -> str:
    if REPOSITORY.match(url) and not _NO_CODE.search(label):
        return "code"
    if _PAPER.fullmatch(label) or next(arxiv_id.find_ids(url), None):
        return "paper"
    if re.match(r"https?://huggingface\.co/(?!papers/)", url):
        return "hub"
    if _PAGE.fullmatch(label):
        return "page"
    return "link " + re.sub(r"\W+", "", label.casefold())


def _wrapped(raw: str, atom: Atom) -> Atom:
    """Return an atom with the brackets and emphasis right around it."""
    if atom.kind in ("date", "text", "title"):
        return atom
    start, end = atom.start, atom.end
    while pair := next((p for p in _WRAPPERS if raw[:start].endswith(p[0]) and raw.startswith(p[1], end)), None):
        start, end = start - len(pair[0]), end + len(pair[1])
    return replace(atom, start=start, end=end)


def _joined(raw: str, found: Sequence[Atom]) -> list[Atom]:
    """Join a link to code with the badges of the same repository beside it."""
    out: list[Atom] = []
    for atom in found:
        last = out[-1] if out else None
        kinds = {last.kind, atom.kind} if last else set()
        if last and "code" in kinds and kinds <= {"code", "image"} and not raw[last.end : atom.start].strip(" <br/>"):
            code, other = (last, atom) if last.kind == "code" else (atom, last)
            if code.repository and code.repository.casefold() in raw[other.start : other.end].casefold():
                out[-1] = replace(code, start=last.start, end=atom.end)
                continue
        out.append(atom)
    return out
