"""Masking: an old entry's raw text with what is its paper's own put into slots."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.arxiv import arxiv_id
from bot.paperlist.read import dates, inline
from bot.paperlist.write.facts import VENUE, AuthorsForm, read_venue
from bot.paperlist.write.forms import CLOSE, GAP, OPEN, SLOT, Form, Mask, NamedForm, slot
from bot.paperlist.write.link_masks import REPOSITORY, Cut, LinkMasks

_PRIVATE = re.compile("[\ue000-\ue00f]")
_NAME = (
    r"(?:(?:[A-ZÀ-ÖØ-Þ]\.[ -]?)*[A-ZÀ-ÖØ-Þ][\w'’\-]*(?:\\\*|†)?"
    r"|[A-Z]\.|\([A-Z]\w+\)(?= [A-Z])|d[aeiu]|v[ao]n|der?|la|le|el|bin|al|ben)"
)
_PLACE = re.compile(
    r"\b(?:Universit\w+|Institut\w+|Lab(?:s|oratory|oratories)?|College|Research|School|Academy|Technolog\w+|Inc|Corp|Group"
    r"|Center|Centre"
    r")\b"
)
_PERSON = rf"{_NAME}(?:[  ]{{1,2}}{_NAME}){{0,4}}"
AUTHORS = re.compile(
    rf"(?<![\w\ue001])(?P<first>{_PERSON})"
    rf"(?P<more>(?P<sep>,\s?| and | & |; )(?:and )?{_PERSON}(?:(?:,\s{{0,2}}|,? and |,? & |; ){_PERSON})*)?"
    r"(?P<where> \([^()]{2,80}\))?(?P<others>,? et\.? ?al\.?|,? etc\b\.?)?"
)
_RATING = re.compile("[⭐🌟★☆🔥👍💯✨🚀🎉💥🏆🥇][\ufe0f]?|:(?:fire|star2?|\\+1|thumbsup|rocket|trophy|100):")
WORD = re.compile(r"[^\W_](?:[^\W_]|['’\-_.+](?=[^\W_]))*")
NUMBER = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(?:#+[ \t]+)?(?:\*\*)?[\[(]?(\d{1,4})(?:[.)](?!\d)|\](?!\())")
"""The number that an entry begins with."""


KEPT = re.compile(
    rf"(!\[[^\]]*\]\([^)]*\)|(?<=\[)[^\[\]{OPEN}{GAP}]*(?=\]+\({OPEN})|\]\([^)]*\)|{OPEN}[^{CLOSE}]*{CLOSE}|<[^<>]*>"
    rf"|(?:^|(?<=[ \t*_,;|>\[]))[A-Za-z论文代码链接][\w ]{{1,20}}"
    rf"(?=[*_]*[:：][*_]*\s*(?:{OPEN}(?:url|code|authors|date|id)|\[[^\[\]]*\]\({OPEN}(?:url|code))))"
)
"""What is no word of the curator's: images, labels and addresses of links that stay, slots, tags, labels of slots."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An old entry, how much it counts; for a cell of one, the entry's title, whether it, an abstract or code is in it.

    `line` is that of an entry of the section that links to an arXiv paper, 0 for every other.
    """

    raw: str
    weight: float = 1.0
    title: str | None = None
    titled: bool = True
    abstract: bool = False
    code: bool = False
    line: int = 0


def length(text: str) -> int:
    """Return how many words a text has; two letters of a language without spaces count as one."""
    return len(words(text)) + len(re.findall("[぀-ヿ一-鿿]", text)) // 2


def words(text: str) -> list[str]:
    """Return the words of a text outside its slots, folded."""
    return [w.casefold() for w in WORD.findall(SLOT.sub(" ", text))]


def masked(sample: Sample) -> Mask:
    """Return an entry masked, with the forms in which it writes what it says."""
    forms: list[Form] = []
    raw = _FENCED.sub(GAP, _PRIVATE.sub("", sample.raw))
    if sample.abstract:
        raw = _abstract(raw)
    cuts: list[Cut] = []
    if sample.title is None and (number := NUMBER.match(raw)):
        cuts.append((*number.span(1), slot("n")))
    title = _title(raw, sample)
    colon, short = ": " in (sample.title or ""), False
    if title:
        short = len(title.text(raw).split()) <= 2
        colon = title.rest is not None or ": " in raw[title.start : title.end]
        cuts.append((title.start, title.end, slot("name" if title.rest else "title")))
        if title.rest:
            cuts.append((*title.rest, slot("rest")))
    if sample.code:
        links = (m for m in inline.LINK.finditer(raw) if not m["image"] and REPOSITORY.match(m["url"]))
        cuts += [(*m.span("url"), slot("code")) for m in links]
    cuts += LinkMasks(raw, title, forms).cuts()
    text = _cut(raw, cuts)
    name = (raw[title.start : title.end] if title else sample.title or "").partition(": ")[0]
    if colon and len(name) > 1:
        text = re.sub(rf"(?<![\w/\ue000=]){re.escape(name)}(?![\w/])", slot("name"), text)
    text = _outside(text, _mask_ids)
    text = _outside(text, lambda part: _mask_authors(part, forms))
    text = _outside(text, lambda part: _mask_dates(part, forms))
    text = _RATING.sub(GAP, _TAG_BEFORE_TITLE.sub(rf"\g<open>{slot('name')}\g<close>", text))
    if not sample.titled and length(KEPT.sub(" ", text)) > 8:
        text = GAP  # prose: an abstract, a remark
    return Mask(text, sample.weight, colon, short, sample.line, tuple(forms))


_FENCED = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[^\n]*$", re.MULTILINE | re.DOTALL)
_TAG_BEFORE_TITLE = re.compile(
    rf"(?P<open>\[?\*\*|\[(?=\w*[A-Z0-9]\w*\]))(?P<name>\w[^\[\]*\"“.{OPEN}\n]{{1,30}})(?P<close>\*\*\]?|\])"
    rf"(?=:?[ \t]*[\[<\"“]*{OPEN}title{CLOSE})"
)
"""A nickname of the paper in front of its title: `[**Name**] Title`, `**Name**: "Title"`, `[NAME] Title`."""


def _abstract(raw: str) -> str:
    """Mask the longest run of words between tags."""
    parts = re.split(r"(<[^<>]*>)", raw)
    longest = max(range(0, len(parts), 2), key=lambda i: len(parts[i]))
    return "".join(slot("summary") if i == longest else part for i, part in enumerate(parts))


def _title(raw: str, sample: Sample) -> inline.Title | None:
    known = sample.title
    if known is None:
        return inline.find_title(raw)
    if known and (place := inline.locate(raw, known)):
        return inline.Title(*place)
    found = inline.find_title(raw) if sample.titled else None
    return found if found and known and inline.plain(raw[found.start : found.end])[:20] in known else None


def _cut(raw: str, cuts: Iterable[Cut]) -> str:
    """Replace places by slots; of places that overlap the first given wins."""
    out, taken = raw, list[Cut]()
    for start, end, stand_in in cuts:
        if not any(start < e and s < end for s, e, _ in taken):
            taken.append((start, end, stand_in))
    for start, end, stand_in in sorted(taken, reverse=True):
        out = out[:start] + stand_in + out[end:]
    return out


def _outside(text: str, mask: Callable[[str], str]) -> str:
    """Apply a masking to what is not masked yet."""
    parts = re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", text)
    return "".join(part if i % 2 else mask(part) for i, part in enumerate(parts))


def _mask_ids(text: str) -> str:
    for found in sorted(arxiv_id.find_ids(text), key=lambda f: -f.start):
        text = text[: found.start] + slot("id") + text[found.end :]
    return text


def _mask_authors(text: str, forms: list[Form]) -> str:
    def replaced(m: re.Match[str]) -> str:
        count = 1 + len(re.findall(r",\s{0,2}(?:and )?|; | and | & ", m["more"] or ""))
        shown = m[0]
        if count < 2 and not m["others"]:
            return shown
        if _PLACE.search(m["first"] + (m["more"] or "")):
            return shown
        two = sum(len(n.split()) >= 2 for n in re.split(r",\s{0,2}(?:and )?|; | and | & ", shown))
        if not m["others"] and two < 0.6 * count:
            return shown
        last = re.findall(r",? and |,? & |,\s?|; ", m["more"] or ", ")[-1]
        sep = m["sep"] if m["sep"] in (", ", "; ", ",") else ", "
        form = AuthorsForm(
            count if m["others"] else 0, sep, last if "and" in last or "&" in last else sep, m["others"] or ""
        )
        forms.append(form if form.first else NamedForm(count, form))
        return slot("authors")

    return AUTHORS.sub(replaced, text)


def _mask_dates(text: str, forms: list[Form]) -> str:
    def venue(m: re.Match[str]) -> str:
        forms.append(read_venue(m))
        return slot("venue")

    def day(m: re.Match[str]) -> str:
        return slot(f"date={dates.read(m).form}")

    text = VENUE.sub(venue, text)
    return _outside(text, lambda part: dates.DATE.sub(day, part))
