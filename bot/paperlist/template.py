"""Templates of entries: an old entry's raw text with what is its paper's own masked, voted upon, filled for a new one.

A slot is `\ue000name\ue001`, and `\ue002` stands for what only a person can know. What the new paper's record does
not tell becomes such a gap too; gaps are taken out together with the brackets, separators and labels around them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot import arxiv_id
from bot.paperlist import inline
from bot.paperlist.facts import DATE, VENUE, AuthorsForm, Facts, VenueForm, read_date, read_venue

_T = TypeVar("_T")
Weights = defaultdict[_T, float]
OPEN, CLOSE, GAP = "\ue000", "\ue001", "\ue002"
SLOT = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
_PRIVATE = re.compile("[\ue000-\ue00f]")
_NAME = r"(?:(?:[A-ZÀ-ÖØ-Þ]\.[ -]?)*[A-ZÀ-ÖØ-Þ][\w'’\-]*(?:\\\*|†)?|[A-Z]\.|\([A-Z]\w+\)(?= [A-Z])|d[aeiu]|v[ao]n|der?|la|le|el|bin|al|ben)"
_GENERIC = frozenset("arxiv arxiv.org pdf abs html link paper by".split())
"""Words that say nothing of one paper."""
_PLACE = re.compile(
    r"\b(?:Universit\w+|Institut\w+|Lab(?:s|oratory|oratories)?|College|Research|School|Academy|Technolog\w+|Inc|Corp|Group|Center|Centre"
    r"|Google|Microsoft|Meta|Amazon|NVIDIA|Nvidia|Alibaba|Tencent|Huawei|ByteDance|Baidu|IBM|Intel|OpenAI|DeepMind|MIT|CMU|UCB?)\b"
)
_PERSON = rf"{_NAME}(?:[  ]{{1,2}}{_NAME}){{0,4}}"
AUTHORS = re.compile(
    rf"(?<![\w\ue001])(?P<first>{_PERSON})(?P<more>(?P<sep>,\s?| and | & |; )(?:and )?{_PERSON}(?:(?:,\s{{0,2}}|,? and |,? & |; ){_PERSON})*)?"
    r"(?P<where> \([^()]{2,80}\))?(?P<others>,? et\.? ?al\.?|,? etc\b\.?)?"
)
_ARXIV_URL = re.compile(
    r"(?P<head>https?://(?:[\w.]*\.)?(?:arxiv\.org/(?:abs|pdf|html)/|alphaxiv\.org/(?:abs|pdf)/|huggingface\.co/papers/|doi\.org/10\.48550/arXiv\.))"
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
_WORD = re.compile(r"[^\W_](?:[^\W_]|['’\-_.+](?=[^\W_]))*")
NUMBER = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(?:#+[ \t]+)?(?:\*\*)?[\[(]?(\d{1,4})(?:[.)](?!\d)|\](?!\())")
"""The number that an entry begins with."""


def _weights() -> defaultdict[_T, float]:
    return defaultdict(float)


@dataclass(slots=True)
class Habits:
    """The forms that the masked entries showed, each with its weight; addresses by the label of their link."""

    urls: defaultdict[str, Weights[str]] = field(default_factory=lambda: defaultdict(_weights))
    every_url: Weights[str] = field(default_factory=_weights)
    authors: Weights[AuthorsForm] = field(default_factory=_weights)
    venues: Weights[VenueForm] = field(default_factory=_weights)
    badges: Weights[str] = field(default_factory=_weights)


@dataclass(frozen=True, slots=True)
class Sample:
    """An old entry, how much it counts; for a cell of one, the title of the entry and whether it may stand in it."""

    raw: str
    weight: float = 1.0
    title: str | None = None
    titled: bool = True


@dataclass(frozen=True, slots=True)
class _Mask:
    text: str
    weight: float
    colon: bool
    short: bool

    def has(self, slot: str) -> bool:
        return f"{OPEN}{slot}{CLOSE}" in self.text


class Templates:
    """What a set of samples shows; `write` fills the template that most of them follow."""

    def __init__(self, samples: Sequence[Sample], common: float = 0.8, spare: Sequence[Sample] = ()) -> None:
        self.habits = Habits()
        self.masks = [_masked(sample, self.habits) for sample in samples]
        told = [_masked(sample, self.habits) for sample in spare]
        self._common = _boilerplate(self.masks, common) | _boilerplate(told, common)
        titled = [m for m in self.masks if m.has("title")]
        self._names = sum(m.weight for m in titled if m.short) > 0.7 * sum(m.weight for m in titled)
        self._labels = Counter(label for mask in self.masks for label in set(_LABEL_LINE.findall(mask.text)))

    def write(self, facts: Facts) -> str | None:
        """Return the text for a paper, None when no sample gives one."""
        masks = _alike(self.masks, facts)
        votes: Weights[str] = _weights()
        kept = {f"{a}{b}" for (a, b), n in self._labels.items() if n >= 0.8 * len(self.masks) and n > 2}
        for mask in masks:
            text = SLOT.sub(lambda m: m[0] if self._fill(m[1], facts) is not None else GAP, mask.text)
            text = _with_words(_only_common(_without_dead_links(text), self._common))
            votes[reduce(text, kept)] += mask.weight
        ranked = [text for text in sorted(votes, key=lambda text: -votes[text]) if OPEN in text or _words(text)]
        best = next(iter(ranked), None)
        return None if best is None else SLOT.sub(lambda m: self._fill(m[1], facts) or "", best.rstrip("\n"))

    def _fill(self, slot: str, facts: Facts) -> str | None:
        name, _, arg = slot.partition("=")
        match name:
            case "url":
                address = _address(self.habits.urls[arg] or self.habits.every_url)
                return address.replace("{id}", facts.id)
            case "authors":
                form = _most(self.habits.authors)
                return facts.authors(form) if form else None
            case "date":
                return facts.date(arg)
            case "venue":
                return self._venue(facts)
            case "reponame":
                return facts.repository.partition("/")[2] if facts.repository else None
            case "badge":
                return "".join(map(str, facts.venue)) if facts.venue else _most(self.habits.badges)
            case "n":
                return f"{OPEN}n{CLOSE}"  # the place gives the number
        if name == "title" and self._names and facts.name:
            return facts.name  # the list names papers, it does not spell their titles out
        value: str | None = getattr(facts, name)
        return value

    def _venue(self, facts: Facts) -> str | None:
        """Write the venue that the record tells, else the list's word for preprints if it is in common use."""
        forms = self.habits.venues
        if facts.venue and (told := _most({f: w for f, w in forms.items() if f.word is None})):
            return facts.write_venue(told)
        preprints = {f: w for f, w in forms.items() if f.word}
        common = _most(preprints) if sum(preprints.values()) >= 0.1 * sum(forms.values()) else None
        return facts.write_venue(common) if common else None


def _address(forms: Mapping[str, float]) -> str:
    """Return the commonest form of address; one with a version only when most have one."""
    versions = sum(weight for form, weight in forms.items() if "}v1" in form)
    if versions < 0.6 * sum(forms.values()):
        forms = {form: weight for form, weight in forms.items() if "}v1" not in form}
    return _most(forms) or "https://arxiv.org/abs/{id}"


def _most(counted: Mapping[_T, float]) -> _T | None:
    return max(counted, key=lambda key: counted[key], default=None)


def _alike(masks: Sequence[_Mask], facts: Facts) -> Sequence[_Mask]:
    """Return the samples that show how a paper of this kind is written: with a name before a colon, with code."""
    if facts.name:
        masks = _enough([m for m in masks if m.colon or m.has("name")], masks)
    else:
        masks = [m for m in masks if not m.has("rest")] or masks
    return _enough([m for m in masks if m.has("code")], masks) if facts.code else masks


def _enough(some: Sequence[_Mask], masks: Sequence[_Mask]) -> Sequence[_Mask]:
    """Return some of the samples when they are no odd ones out, else all."""
    return some if sum(m.weight for m in some) >= 0.1 * sum(m.weight for m in masks) and some else masks


def _boilerplate(masks: Sequence[_Mask], common: float) -> frozenset[str]:
    """Return the words that most of the entries share, links and slots aside."""
    seen: Counter[str] = Counter()
    for mask in masks:
        seen.update(set(_words(mask.text)))
    return frozenset(
        word for word, count in seen.items() if count >= max(2 if common < 0.9 else 3, common * len(masks))
    )


def _length(text: str) -> int:
    """Return how many words a text has; two letters of a language without spaces count as one."""
    return len(_words(text)) + len(re.findall("[぀-ヿ一-鿿]", text)) // 2


def _words(text: str) -> list[str]:
    return [w.casefold() for w in _WORD.findall(SLOT.sub(" ", text))]


# Masking


def _masked(sample: Sample, habits: Habits) -> _Mask:
    raw = _FENCED.sub(GAP, _PRIVATE.sub("", sample.raw))
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
    _mask_links(raw, cuts, title, habits, sample.weight)
    text = _cut(raw, cuts)
    name = (raw[title.start : title.end] if title else sample.title or "").partition(": ")[0]
    if colon and len(name) > 1:
        text = re.sub(rf"(?<![\w/\ue000=]){re.escape(name)}(?![\w/])", _slot("name"), text)
    text = _outside(text, _mask_ids)
    text = _outside(text, lambda part: _mask_authors(part, habits, sample.weight))
    text = _outside(text, lambda part: _mask_dates(part, habits, sample.weight))
    text = _RATING.sub(GAP, _TAG_BEFORE_TITLE.sub(rf"\g<open>{_slot('name')}\g<close>", text))
    if not sample.titled and _length(_KEPT.sub(" ", text)) > 8:
        text = GAP  # prose: an abstract, a remark
    return _Mask(text, sample.weight, colon, short)


_FENCED = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[^\n]*$", re.MULTILINE | re.DOTALL)
_TAG_BEFORE_TITLE = re.compile(
    rf"(?P<open>\[?\*\*|\[(?=\w*[A-Z0-9]\w*\]))(?P<name>\w[^\[\]*\"“.{OPEN}\n]{{1,30}})(?P<close>\*\*\]?|\])"
    rf"(?=:?[ \t]*[\[<\"“]*{OPEN}title{CLOSE})"
)
"""A nickname of the paper in front of its title: `[**Name**] Title`, `**Name**: "Title"`, `[NAME] Title`."""


def _slot(name: str) -> str:
    return f"{OPEN}{name}{CLOSE}"


def _title(raw: str, sample: Sample) -> inline.Title | None:
    known = sample.title
    if known is None:
        return inline.find_title(raw)
    if known and (at := raw.find(known)) >= 0 and not re.search(r"https?://\S*$", raw[:at]):
        return inline.Title(at, at + len(known))
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


def _mask_links(
    raw: str, cuts: list[tuple[int, int, str]], title: inline.Title | None, habits: Habits, weight: float
) -> None:
    """Mask addresses: the paper's, its code's, badges; links to anything else are gaps as a whole."""
    for m in inline.LINK.finditer(raw):
        if m["image"]:
            _mask_image(m, cuts, habits)
            continue
        inner = [i for i in inline.LINK.finditer(m["text"]) if i["image"]]
        label = inline.plain(m["text"])
        titled = title is not None and m.start("text") <= title.start < m.end("text")
        if titled or _PAPER_LABEL.match(label) or arxiv_id.parse(m["url"]):
            key = "" if titled else label.casefold()
            if slot := _paper_url(m["url"], key, habits, weight, titled or bool(_PAPER_LABEL.match(label))):
                cuts.append((*m.span("url"), slot))
                if m["text"].lstrip().startswith("http"):
                    cuts.append((*m.span("text"), slot))
                elif not titled and arxiv_id.parse(label):
                    cuts.append((*_place(m["text"], label, m.start("text")), _slot("id")))
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
        if slot := _paper_url(m["url"], label.casefold(), habits, weight, titled):
            cuts.append((*m.span("url"), slot))
        else:
            cuts.append((m.start(), m.end(), GAP))
    for m in inline.BARE.finditer(raw):
        before = raw[: m.start()].rpartition("\n")[2]
        if slot := _paper_url(m[0], "bare", habits, weight, False):
            cuts.append((m.start(), m.end(), slot))
        elif _REPOSITORY.match(m[0]) and re.search(r"(?:code|github|代码)\W*$", before, re.I):
            cuts.append((m.start(), m.end(), _slot("code")))
        else:
            cuts.append((m.start(), m.end(), GAP))


def _place(text: str, part: str, offset: int) -> tuple[int, int]:
    at = offset + max(0, text.find(part))
    return at, at + len(part)


def _mask_image(m: re.Match[str], cuts: list[tuple[int, int, str]], habits: Habits) -> None:
    """Mask a badge that says a venue; any other image is a gap, one of stars too: no record tells its address."""
    v = re.search(r"(?<=badge/)[A-Za-z]+(?=[-_\d])", m["url"])
    preprint = v is not None and v[0].casefold() in ("arxiv", "preprint")
    if v and (preprint or VENUE.match(m["url"], v.start())):
        end = re.compile(r"\d*").match(m["url"], v.end())
        at = m.start("url")
        cuts.append((at + v.start(), at + (end.end() if end else v.end()), _slot("badge")))
        if preprint:
            habits.badges[v[0]] += 1
    else:
        cuts.append((m.start(), m.end(), GAP))


def _paper_url(url: str, label: str, habits: Habits, weight: float, papers: bool) -> str | None:
    """Return the slot of a paper's address and note its form; None for an address of something else."""
    if m := _ARXIV_URL.match(url):
        form = f"{m['head']}{{id}}{'v1' if m['version'] else ''}{m['tail'] or ''}"
        habits.urls[label][form] += weight
        habits.every_url[form] += weight
        return _slot(f"url={label}")
    return _slot(f"url={label}") if papers else None


def _mask_ids(text: str) -> str:
    for found in sorted(arxiv_id.find_all(text), key=lambda f: -f.start):
        text = text[: found.start] + _slot("id") + text[found.end :]
    return text


def _mask_authors(text: str, habits: Habits, weight: float) -> str:
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
        habits.authors[form] += weight
        return _slot("authors")

    return AUTHORS.sub(replaced, text)


def _mask_dates(text: str, habits: Habits, weight: float) -> str:
    def venue(m: re.Match[str]) -> str:
        habits.venues[read_venue(m)] += weight
        return _slot("venue")

    def day(m: re.Match[str]) -> str:
        return _slot(f"date={read_date(m).form}")

    text = VENUE.sub(venue, text)
    return _outside(text, lambda part: DATE.sub(day, part))


def _only_common(text: str, common: frozenset[str]) -> str:
    """Turn words that are not boilerplate into gaps, prose as a whole; the label of a link that stays is boilerplate."""
    return "".join(_common_line(line, common) for line in re.split(r"(?<=\n)", text))


def _common_line(line: str, common: frozenset[str]) -> str:
    def word(m: re.Match[str]) -> str:
        return m[0] if m[0].casefold() in common | _GENERIC else GAP

    strange = sum(w not in common for w in _words(_KEPT.sub(" ", line)))
    if strange >= 6 and not _OWN_SLOT.search(line) and (body := _BODY.match(line)):
        return body[1] + GAP + ("\n" if line.endswith("\n") else "")
    line = "".join(part if i % 2 else _WORD.sub(word, part) for i, part in enumerate(_KEPT.split(line)))
    return _REMARK.sub(lambda m: m[0] if m[2].count(GAP) < len(_words(m[2])) else f"{m[1]}{GAP}{m[3]}", line)


_REMARK = re.compile(rf"^(.*{CLOSE}[)\]*\"”.}}>]*)([^{OPEN}{CLOSE}]*{GAP}[^{OPEN}{CLOSE}]*?)([ \t]*\\?\n?)$")
"""What follows the last slot of a line and is mostly gaps: a remark, in which a few words mean nothing."""
_KEPT = re.compile(
    rf"(!\[[^\]]*\]\([^)]*\)|(?<=\[)[^\[\]{OPEN}{GAP}]*(?=\]+\({OPEN})|\]\([^)]*\)|{OPEN}[^{CLOSE}]*{CLOSE}|<[^<>]*>"
    rf"|(?:^|(?<=[ \t*_,;|>\[]))[A-Za-z论文代码链接][\w ]{{1,20}}(?=[*_]*[:：][*_]*\s*(?:{OPEN}(?:url|code|authors|date|id)|\[[^\[\]]*\]\({OPEN}(?:url|code))))"
)
"""What is no word of the curator's: images, labels and addresses of links that stay, slots, tags, labels of slots."""
_OWN_SLOT = re.compile(f"{OPEN}(?:title|rest|url|code)")
_BODY = re.compile(r"([ \t]*(?:(?:[-*+>]|\d+[.)])[ \t]+)?(?:[A-Z][\w ]{2,20}[:：])?)")


# Taking out gaps

_LABEL_LINE = re.compile(r"^([ \t]*[-*+][ \t]+)([*_]*[A-Z][\w ]{2,20}[*_]*[:：][*_]*)", re.MULTILINE)
_LABEL_ALONE = re.compile(rf"[ \t]*(?:[-*+>][ \t]+)*[*_]*[\w ]{{2,24}}[*_]*[:：][*_]*[ \t]*{GAP}[ \t.]*$")
_SEP = r"(?:[,;|/:：·•–—&+~，；、。-]|<br ?/?>)"
_PAIRS = [
    (r"\*\*", r"\*\*"), (r"\*", r"\*"), (r"`", r"`"), (r"\[", r"\]"), (r"\(", r"\)"), (r"<", r">"), ("（", "）"), ("【", "】"),
    (r"\{", r"\}"), ('"', '"'), ("“", "”"), (r"(?<!\w)_", r"_(?!\w)"), (r"~~", r"~~"), (r"<(?:b|i|sub|sup|em|strong)>", r"</(?:b|i|sub|sup|em|strong)>"),
]  # fmt: skip
_EMPTY = re.compile("|".join(rf"{a}[ \t]*{GAP}[ \t.,:]*{b}" for a, b in _PAIRS))
_WORDLESS = re.compile(rf"\[[ \t]*{GAP}[ \t]*\](?=\([^)]*{OPEN}url)|(?<=>)[ \t]*{GAP}[ \t]*(?=</a>)")
_DEAD_LINK = re.compile(
    rf"!?\[(?:[^\[\]]|\[[^\[\]]*\](?:\([^()]*\))?)*\]\([^()\s]*{GAP}[^()\s]*\)|<a\b[^>]*{GAP}[^>]*>.*?</a>|!\[[^\]]*\]\([^)]*{GAP}[^)]*\)"
)


def _without_dead_links(text: str) -> str:
    """Turn links and images whose address is not known into gaps."""
    before = None
    while before != text:
        before, text = text, _DEAD_LINK.sub(GAP, text)
    return text


def _with_words(text: str) -> str:
    """Give a link to the paper that lost its words plain ones; take it out where the title links there anyhow."""
    if not _WORDLESS.search(text):
        return text
    other = len(re.findall(f"{OPEN}url", text)) > 1
    return (
        re.sub(rf"\[[ \t]*{GAP}[ \t]*\]\([^)]*{OPEN}url[^)]*\)", GAP, text)
        if other
        else _WORDLESS.sub(lambda m: "[arXiv]" if m[0].startswith("[") else "arXiv", text)
    )


def reduce(text: str, labels: frozenset[str] | set[str] = frozenset()) -> str:
    """Take the gaps out of a template, with what only stood for them; lines that held nothing else go as a whole."""
    before = None
    while before != text:
        before = text
        text = _EMPTY.sub(GAP, text.replace("@" + GAP, GAP))
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
    label = _LABEL_LINE.match(body)
    if label and OPEN not in body:
        return label[1] + label[2] + tail if label[1] + label[2] in labels else None
    if _LABEL_ALONE.match(body):
        return None
    body = re.sub(rf"(?<=[.*\"”)\]])[ \t]*{GAP}[ \t]*\.", "", body)
    body = re.sub(rf"[ \t]*(?:{_SEP}+|\bby\b|\bfrom\b|\bin\b|\bat\b)?[ \t]*{GAP}[ \t]*(?=[.]?$)", "", body)
    body = re.sub(rf"[ \t]*{_SEP}[ \t]*{GAP}(?=[ \t]*{_SEP})", "", body)
    body = re.sub(rf"{GAP}[ \t]*{_SEP}?[ \t]*", "", body)
    body = re.sub(r"(?<=\S)[ \t]{2,}(?=\S)", " ", body)
    if OPEN not in body and not _WORD.search(re.sub(r"^\s*\d+[.)]", "", body)):
        return None
    return _balanced(body) + tail


def _balanced(body: str) -> str:
    """Take off a closing bracket at the end that nothing opens."""
    for opening, closing in ("[]", "()"):
        while body.endswith(closing) and body.count(closing) > body.count(opening):
            body = body[:-1].rstrip()
    return body
