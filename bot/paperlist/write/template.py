"""Templates of entries: what most old entries look like once masked, filled for a new paper.

What the new paper's record does not tell is taken out together with the brackets, separators and labels around it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from bot.paperlist.write import escape
from bot.paperlist.write.facts import AuthorsForm, Facts
from bot.paperlist.write.forms import CLOSE, GAP, OPEN, SLOT, Mask, Weights, seen_forms, weights
from bot.paperlist.write.mask import NUMBER, Sample, masked, words
from bot.paperlist.write.prune import LABEL_LINE, only_common, reduce, with_words, without_dead_links, without_others

__all__ = ["CLOSE", "NUMBER", "OPEN", "Sample", "Templates"]

_T = TypeVar("_T")
_BEGINNING = re.compile(rf"\s*(?:(?:[-*+>]|#{{1,6}}|(?:\d+|{OPEN}n{CLOSE})[.)])\s+)*")
"""Marks after which a line's own words begin."""
_DRESS = re.compile(rf"([\[*_\"“'`<~]*){OPEN}(?:title|name){CLOSE}([\]*_\"”'`>~.]*\()?")
"""The marks before a title, and whether a link ends behind it."""
_LATEST = 4
"""How many entries show what is written now, and how many at least make a way of writing."""


class Templates:
    """What a set of samples shows; `write` fills the template that most of them follow."""

    def __init__(
        self, samples: Sequence[Sample], common: float = 0.8, spare: Sequence[Sample] = (), told: float = 0.0
    ) -> None:
        self._told = told
        self._titled = bool(samples) and all(sample.titled for sample in samples)
        self._masks = [masked(sample) for sample in samples]
        others = [masked(sample) for sample in spare]
        self._seen = seen_forms([*self._masks, *others])
        self._common = _boilerplate(self._masks, common) | _boilerplate(others, common)
        titled = [m for m in self._masks if m.has("title")]
        self._names = sum(m.weight for m in titled if m.short) > 0.7 * sum(m.weight for m in titled)
        self._closed = all(_closes(sample.raw) for sample in samples)
        self._labels = Counter(label for mask in self._masks for label in set(LABEL_LINE.findall(mask.text)))

    def write(self, facts: Facts) -> str | None:
        """Return the text for a paper, None when no sample gives one, or a smaller share of them than `told`.

        Where the samples are what holds a title, only a text that names the paper is one.
        """
        masks = _alike(self._masks, facts)
        votes: Weights[str] = weights()
        kept = {f"{a}{b}" for (a, b), n in self._labels.items() if n >= 0.8 * len(self._masks) and n > 2}
        for mask in masks:
            text = mask.text if facts.name else _whole(mask.text)
            text = SLOT.sub(lambda m: m[0] if self._fill(m[1], facts) is not None else GAP, text)
            text = with_words(only_common(without_others(without_dead_links(text), self._common), self._common))
            votes[reduce(text, kept)] += mask.weight
        told = (text for text in sorted(votes, key=lambda text: -votes[text]) if OPEN in text or words(text))
        ranked = [t for t in told if (_closes(t) or not self._closed) and (_named(t) or not self._titled)]
        best = next(iter(ranked), None)
        if sum(votes[text] for text in ranked) < self._told * sum(votes.values()):
            return None
        return None if best is None else SLOT.sub(lambda m: self._shown(m, facts), best.rstrip("\n"))

    def tie(self, facts: Facts) -> tuple[int, int] | None:
        """Return the lines of two entries whose titles are written in two ways equally common, None if one prevails.

        A part that some entries have and others lack, such as a nickname before the title, is no other way, and what
        all the nearest entries do prevails.
        """
        ways: dict[tuple[str, bool], list[Mask]] = {}
        dressed = [(mask, way) for mask in _alike(self._masks, facts) if mask.line and (way := _way(mask))]
        for mask, way in dressed:
            ways.setdefault(way, []).append(mask)
        common = sorted(ways.items(), key=lambda way: -len(way[1]))[:2]
        if len(common) < 2 or len({way for _, way in dressed[:_LATEST]}) < 2:
            return None
        (one, first), (other, second) = common
        if len(second) < max(_LATEST, 0.9 * len(first)) or _holds(first, other[0]) or _holds(second, one[0]):
            return None
        low, high = sorted((first[0].line, second[0].line))
        return low, high

    def _shown(self, slot: re.Match[str], facts: Facts) -> str:
        """Return what fills a slot, so that a line that begins with it stays the words it is."""
        text = self._fill(slot[1], facts) or ""
        words = slot[1] in ("title", "name", "rest", "authors") and not facts.markup
        above = slot.string[: slot.start()].rpartition("\n")[2]
        if not words or not _BEGINNING.fullmatch(above):
            return text
        after = slot.string[slot.end() : slot.end() + 1]  # a number and the dot after it would be a list's
        return escape.start_of_line(text + after).removesuffix(after)

    def _fill(self, slot: str, facts: Facts) -> str | None:
        name, _, arg = slot.partition("=")
        match name:
            case "url":
                address = _address(self._seen.urls.get(arg) or self._seen.every_url)
                return address.replace("{id}", facts.id)
            case "authors":
                return self._authors(facts)
            case "date":
                return facts.date(arg)
            case "venue":
                return self._venue(facts)
            case "word":
                return arg
            case "reponame":
                return facts.repository.partition("/")[2] if facts.repository else None
            case "badge":
                return "".join(map(str, facts.venue)) if facts.venue else _most(self._seen.badges)
            case "n":
                return f"{OPEN}n{CLOSE}"  # the place gives the number
        if name == "title" and self._names and facts.name:
            return facts.name  # the list names papers, it does not spell their titles out
        value: str | None = getattr(facts, name)
        return value

    def _authors(self, facts: Facts) -> str | None:
        """Name the authors as the list does: all, unless of so many as the paper has it mostly names the first."""
        cut, named = _most(self._seen.authors), self._seen.named
        whole: Weights[AuthorsForm] = weights()
        for count, forms in named.items():
            for form, weight in forms.items():
                if cut is None or count > cut.first or len(facts.paper.authors) <= cut.first:
                    whole[form] += weight
        if cut and len(facts.paper.authors) > cut.first and sum(self._seen.authors.values()) >= sum(whole.values()):
            return facts.authors(cut)
        shown = _most(whole) or cut
        return facts.authors(shown) if shown else None

    def _venue(self, facts: Facts) -> str | None:
        """Write the venue that the record tells, else the list's word for preprints if it is in common use."""
        forms = self._seen.venues
        if facts.venue and (told := _most({f: w for f, w in forms.items() if f.word is None})):
            return facts.write_venue(told)
        preprints = {f: w for f, w in forms.items() if f.word}
        common = _most(preprints) if sum(preprints.values()) >= 0.1 * sum(forms.values()) else None
        return facts.write_venue(common) if common else None


def _named(text: str) -> bool:
    """Whether a template names its paper."""
    return f"{OPEN}title{CLOSE}" in text or f"{OPEN}name{CLOSE}" in text


def _whole(text: str) -> str:
    """Return a template that parts titles at their colon for a title that has none."""
    head, rest, tail = text.partition(f"{OPEN}rest{CLOSE}")
    before, name, after = head.rpartition(f"{OPEN}name{CLOSE}")
    return f"{before}{OPEN}title{CLOSE}{after}{GAP}{tail}" if rest and name else text


def _closes(text: str) -> bool:
    """Whether what a text opens to hide or to lay out what follows, it closes again, so that it ends with it."""
    low = text.casefold()
    return all(low.count(f"<{tag}") == low.count(f"</{tag}") for tag in ("details", "summary", "table", "div"))


def _address(forms: Mapping[str, float]) -> str:
    """Return the commonest form of address; one with a version only when most have one."""
    versions = sum(weight for form, weight in forms.items() if "}v1" in form)
    if versions < 0.6 * sum(forms.values()):
        forms = {form: weight for form, weight in forms.items() if "}v1" not in form}
    return _most(forms) or "https://arxiv.org/abs/{id}"


def _most(counted: Mapping[_T, float]) -> _T | None:
    return max(counted, key=lambda key: counted[key], default=None)


def _alike(masks: Sequence[Mask], facts: Facts) -> Sequence[Mask]:
    """Return the samples that show how a paper of this kind is written: with a name before a colon, with code."""
    if facts.name:
        masks = _enough([m for m in masks if m.colon or m.has("name")], masks)
    else:
        masks = [m for m in masks if not m.has("rest")] or masks
    return _enough([m for m in masks if m.has("code")], masks) if facts.code else masks


def _way(mask: Mask) -> tuple[str, bool] | None:
    """Return the marks before an entry's title, emphasis inside others left out, and whether the title is a link."""
    m = _DRESS.search(mask.text)
    return m and (re.sub(r"[*_]", "", m[1]) or m[1], m[2] is not None)


def _holds(masks: Sequence[Mask], marks: str) -> bool:
    """Whether entries all have such marks too, around something else than their titles."""
    bare = marks.replace("[", "")
    return bool(bare) and all(bare in _DRESS.sub("", mask.text) for mask in masks)


def _enough(some: Sequence[Mask], masks: Sequence[Mask]) -> Sequence[Mask]:
    """Return some of the samples when they are no odd ones out, else all."""
    return some if sum(m.weight for m in some) >= 0.1 * sum(m.weight for m in masks) and some else masks


def _boilerplate(masks: Sequence[Mask], common: float) -> frozenset[str]:
    """Return the words that most of the entries share, links and slots aside."""
    seen: Counter[str] = Counter()
    for mask in masks:
        seen.update(set(words(mask.text)))
    return frozenset(
        word for word, count in seen.items() if count >= max(2 if common < 0.9 else 3, common * len(masks))
    )
