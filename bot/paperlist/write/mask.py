"""Masking: an old entry's raw text with what is its paper's own put into slots.

A slot is `\ue000name\ue001`, and `\ue002` stands for what only a person can know.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.arxiv import arxiv_id
from bot.paperlist.read import dates, inline
from bot.paperlist.write.facts import VENUE, AuthorsForm, VenueForm, read_venue

_T = TypeVar("_T")
Weights = defaultdict[_T, float]
OPEN, CLOSE, GAP = "\ue000", "\ue001", "\ue002"
SLOT = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
_PRIVATE = re.compile("[\ue000-\ue00f]")
_NAME = (
    r"(?:(?:[A-ZÀ-ÖØ-Þ]\.[ -]?)*[A-ZÀ-ÖØ-Þ][\w'’\-]*(?:\\\*|†)?"
    r"|[A-Z]\.|\([A-Z]\w+\)(?= [A-Z])|d[aeiu]|v[ao]n|der?|la|le|el|bin|al|ben)"
)
_PLACE = re.compile(
    r"\b(?:Universit\w+|Institut\w+|Lab(?:s|oratory|oratories)?|College|Research|School|Academy|Technolog\w+|Inc|Corp|Group"
    r"|Center|Centre"
    r"|Google|Microsoft|Meta|Amazon|NVIDIA|Nvidia|Alibaba|Tencent|Huawei|ByteDance|Baidu|IBM|Intel|OpenAI|DeepMind|MIT|CMU|UCB?)\b"
)
_PERSON = rf"{_NAME}(?:[  ]{{1,2}}{_NAME}){{0,4}}"
AUTHORS = re.compile(
    rf"(?<![\w\ue001])(?P<first>{_PERSON})"
    rf"(?P<more>(?P<sep>,\s?| and | & |; )(?:and )?{_PERSON}(?:(?:,\s{{0,2}}|,? and |,? & |; ){_PERSON})*)?"
    r"(?P<where> \([^()]{2,80}\))?(?P<others>,? et\.? ?al\.?|,? etc\b\.?)?"
)
_ARXIV_URL = re.compile(
    r"(?P<head>https?://(?:[\w.]*\.)?(?:arxiv\.org/(?:abs|pdf|html)/"
    r"|alphaxiv\.org/(?:abs|pdf)/|huggingface\.co/papers/|doi\.org/10\.48550/arXiv\.))"
    r"(?P<id>\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?P<version>v\d+)?(?P<tail>\.pdf)?(?:[?#].*)?$",
    re.IGNORECASE,
)
_REPOSITORY = re.compile(
    r"https?://(?:www\.)?(?:github|gitlab)\.com/(?P<repo>[\w.\-]+/[\w.\-]+?)(?:\.git)?/?$", re.IGNORECASE
)
_PAPER_LABEL = re.compile(
    r"\W*(?:link to )?(?:the )?(?:paper|pdf|arxiv|abs|link|论文|链接|html)s?(?: link)?\W*$", re.IGNORECASE
)
_CODE_LABEL = re.compile(
    r"\W*(?:official )?(?:code|github|repo(?:sitory)?|implementation|代码)s?(?: link| repo)?\W*$", re.IGNORECASE
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


def weights() -> defaultdict[_T, float]:
    """Return a count of weights that is empty."""
    return defaultdict(float)


@dataclass(frozen=True, slots=True)
class UrlForm:
    """How an entry writes the address of a paper, behind a link's label."""

    label: str
    form: str


@dataclass(frozen=True, slots=True)
class BadgeForm:
    """How a badge writes that a paper is a preprint."""

    word: str


@dataclass(frozen=True, slots=True)
class NamedForm:
    """How an entry names all its authors, and how many these are."""

    count: int
    form: AuthorsForm


Form = UrlForm | BadgeForm | NamedForm | AuthorsForm | VenueForm


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


@dataclass(frozen=True, slots=True)
class Mask:
    """A masked entry, how much it counts, whether its title has a colon or is but a name, and the forms it shows."""

    text: str
    weight: float
    colon: bool
    short: bool
    line: int = 0
    forms: tuple[Form, ...] = ()

    def has(self, slot: str) -> bool:
        """Whether it has a slot of this name."""
        return f"{OPEN}{slot}{CLOSE}" in self.text


@dataclass(frozen=True)
class SeenForms:
    """The forms that masked entries show, each with its weight."""

    urls: Mapping[str, Weights[str]]
    """By the label of their link."""
    every_url: Weights[str]
    authors: Weights[AuthorsForm]
    """Of entries that name the first authors only."""
    named: Mapping[int, Weights[AuthorsForm]]
    """Of entries that name all their authors, by how many these are."""
    venues: Weights[VenueForm]
    badges: Weights[str]


def seen_forms(masks: Iterable[Mask]) -> SeenForms:
    """Return the forms that masked entries show."""
    urls, named = defaultdict[str, Weights[str]](weights), defaultdict[int, Weights[AuthorsForm]](weights)
    seen = SeenForms(urls, weights(), weights(), named, weights(), weights())
    for mask in masks:
        for one in mask.forms:
            match one:
                case UrlForm(label, form):
                    urls[label][form] += mask.weight
                    seen.every_url[form] += mask.weight
                case BadgeForm(word):
                    seen.badges[word] += 1
                case NamedForm(count, whole):
                    named[count][whole] += mask.weight
                case AuthorsForm():
                    seen.authors[one] += mask.weight
                case VenueForm():
                    seen.venues[one] += mask.weight
    return seen


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
    cuts: list[tuple[int, int, str]] = []
    if sample.title is None and (number := NUMBER.match(raw)):
        cuts.append((*number.span(1), _slot("n")))
    title = _title(raw, sample)
    colon, short = ": " in (sample.title or ""), False
    if title:
        short = len(title.text(raw).split()) <= 2
        colon = title.rest is not None or ": " in raw[title.start : title.end]
        cuts.append((title.start, title.end, _slot("name" if title.rest else "title")))
        if title.rest:
            cuts.append((*title.rest, _slot("rest")))
    if sample.code:
        links = (m for m in inline.LINK.finditer(raw) if not m["image"] and _REPOSITORY.match(m["url"]))
        cuts += [(*m.span("url"), _slot("code")) for m in links]
    _mask_links(raw, cuts, title, forms)
    text = _cut(raw, cuts)
    name = (raw[title.start : title.end] if title else sample.title or "").partition(": ")[0]
    if colon and len(name) > 1:
        text = re.sub(rf"(?<![\w/\ue000=]){re.escape(name)}(?![\w/])", _slot("name"), text)
    text = _outside(text, _mask_ids)
    text = _outside(text, lambda part: _mask_authors(part, forms))
    text = _outside(text, lambda part: _mask_dates(part, forms))
    text = _RATING.sub(GAP, _TAG_BEFORE_TITLE.sub(rf"\g<open>{_slot('name')}\g<close>", text))
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
    return "".join(_slot("summary") if i == longest else part for i, part in enumerate(parts))


def _slot(name: str) -> str:
    return f"{OPEN}{name}{CLOSE}"


def _title(raw: str, sample: Sample) -> inline.Title | None:
    known = sample.title
    if known is None:
        return inline.find_title(raw)
    if known and (place := inline.locate(raw, known)):
        return inline.Title(*place)
    found = inline.find_title(raw) if sample.titled else None
    return found if found and known and inline.plain(raw[found.start : found.end])[:20] in known else None


def _cut(raw: str, cuts: Iterable[tuple[int, int, str]]) -> str:
    """Replace places by slots; of places that overlap the first given wins."""
    out, taken = raw, list[tuple[int, int, str]]()
    for start, end, slot in cuts:
        if not any(start < e and s < end for s, e, _ in taken):
            taken.append((start, end, slot))
    for start, end, slot in sorted(taken, reverse=True):
        out = out[:start] + slot + out[end:]
    return out


def _outside(text: str, mask: Callable[[str], str]) -> str:
    """Apply a masking to what is not masked yet."""
    parts = re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", text)
    return "".join(part if i % 2 else mask(part) for i, part in enumerate(parts))


def _mask_links(raw: str, cuts: list[tuple[int, int, str]], title: inline.Title | None, forms: list[Form]) -> None:
    """Mask addresses: the paper's, its code's, badges; links to anything else are gaps as a whole."""
    for m in inline.LINK.finditer(raw):
        if m["image"]:
            _mask_image(m, cuts, forms)
            continue
        inner = [i for i in inline.LINK.finditer(m["text"]) if i["image"]]
        label = inline.plain(m["text"])
        titled = title is not None and m.start("text") <= title.start < m.end("text")
        if titled or _PAPER_LABEL.match(label) or arxiv_id.parse_id(m["url"]):
            key = "" if titled else label.casefold()
            if slot := _paper_url(m["url"], key, forms, titled or bool(_PAPER_LABEL.match(label))):
                cuts.append((*m.span("url"), slot))
                if m["text"].lstrip().startswith("http"):
                    cuts.append((*m.span("text"), slot))
                elif not titled and arxiv_id.parse_id(label):
                    cuts.append((*_place(m["text"], label, m.start("text")), _slot("id")))
                for image in inner:
                    cuts += _cuts_of_badge(image, m.start("text"))
                continue
        if repo := _REPOSITORY.match(m["url"]):
            repo_name = repo["repo"].partition("/")[2]
            label = label.strip("[] ")
            said = re.search(r"(\w+)[*_]*\s*[:：]\s*\[*$", raw[: m.start()])
            if said and not _CODE_LABEL.match(said[1]):
                cuts.append((m.start(), m.end(), GAP))
                continue
            if inner or _CODE_LABEL.match(label) or label in (repo_name, repo["repo"]):
                cuts.append((*m.span("url"), _slot("code")))
                for image in inner:
                    at = m.start("text") + image.start()
                    cuts.append((at, at + len(image[0]), image["text"] or "code"))
                if label == repo_name:
                    cuts.append((*_place(m["text"], label, m.start("text")), _slot("reponame")))
                continue
        cuts.append((m.start(), m.end(), GAP))
    cuts += [(*m.span(), GAP) for m in re.finditer(r"<img\b[^>]*>", raw, re.IGNORECASE)]
    for m in inline.ANCHOR.finditer(raw):
        label = inline.plain(m["text"])
        titled = title is not None and m.start("text") <= title.start < m.end("text")
        if slot := _paper_url(m["url"], label.casefold(), forms, titled):
            cuts.append((*m.span("url"), slot))
        else:
            cuts.append((m.start(), m.end(), GAP))
    for m in inline.BARE.finditer(raw):
        before = raw[: m.start()].rpartition("\n")[2]
        if slot := _paper_url(m[0], "bare", forms, False):
            cuts.append((m.start(), m.end(), slot))
        elif _REPOSITORY.match(m[0]) and re.search(r"(?:code|github|代码)\W*$", before, re.I):
            cuts.append((m.start(), m.end(), _slot("code")))
        else:
            cuts.append((m.start(), m.end(), GAP))


def _cuts_of_badge(image: re.Match[str], offset: int) -> Iterator[tuple[int, int, str]]:
    """Mask the id in the address of a paper's badge, `badge/arXiv-2401.00001-b31b1b`; its label tells no venue."""
    at = offset + image.start("url")
    ids = [(at + found.start, at + found.end, _slot("id")) for found in arxiv_id.find_ids(image["url"])]
    if ids and _PAPER_LABEL.match(image["text"]):
        yield offset + image.start("text"), offset + image.end("text"), _slot(f"word={image['text']}")
    yield from ids


def _place(text: str, part: str, offset: int) -> tuple[int, int]:
    at = offset + max(0, text.find(part))
    return at, at + len(part)


def _mask_image(m: re.Match[str], cuts: list[tuple[int, int, str]], forms: list[Form]) -> None:
    """Mask a badge that says a venue; any other image is a gap, one of stars too: no record tells its address."""
    v = re.search(r"(?<=badge/)[A-Za-z]+(?=[-_\d])", m["url"])
    preprint = v is not None and v[0].casefold() in ("arxiv", "preprint")
    if v and (preprint or VENUE.match(m["url"], v.start())):
        end = re.compile(r"\d*").match(m["url"], v.end())
        at = m.start("url")
        cuts.append((at + v.start(), at + (end.end() if end else v.end()), _slot("badge")))
        if preprint:
            forms.append(BadgeForm(v[0]))
    else:
        cuts.append((m.start(), m.end(), GAP))


def _paper_url(url: str, label: str, forms: list[Form], papers: bool) -> str | None:
    """Return the slot of a paper's address and note its form; None for an address of something else."""
    if m := _ARXIV_URL.match(url):
        form = f"{m['head']}{{id}}{'v1' if m['version'] else ''}{m['tail'] or ''}"
        forms.append(UrlForm(label, form))
        return _slot(f"url={label}")
    return _slot(f"url={label}") if papers else None


def _mask_ids(text: str) -> str:
    for found in sorted(arxiv_id.find_ids(text), key=lambda f: -f.start):
        text = text[: found.start] + _slot("id") + text[found.end :]
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
        return _slot("authors")

    return AUTHORS.sub(replaced, text)


def _mask_dates(text: str, forms: list[Form]) -> str:
    def venue(m: re.Match[str]) -> str:
        forms.append(read_venue(m))
        return _slot("venue")

    def day(m: re.Match[str]) -> str:
        return _slot(f"date={dates.read(m).form}")

    text = VENUE.sub(venue, text)
    return _outside(text, lambda part: dates.DATE.sub(day, part))
