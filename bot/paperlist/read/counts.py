"""Numbers that say how many papers the list, or a section of it, holds: in prose, headings, badges and contents."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from bot.arxiv import titles
from bot.model import Path
from bot.paperlist.nouns import Entry, Lines, Section, Span, Splice
from bot.paperlist.read import dates
from bot.paperlist.read.inline import slug
from bot.paperlist.read.roles import Role, roles

_FEWEST = 10
"""The least number that is believed to count papers where no heading says of what."""
_LONGEST = 4000
"""Longer lines are data, not words."""
_NUMBER = r"(?P<n>\d{1,3}(?:,\d{3})+|\d{1,6})"
_ALONE = rf"(?<![\w.,#/$%-]){_NUMBER}(?![A-Za-z\d]|[,.]\d)"
_PAPERS = r"(?:papers?|works|entries|articles|publications|items|resources)\b|篇"
_OF_SECTION = rf"{_PAPERS}|(?:methods|surveys|benchmarks|studies|datasets)\b"
_MARK = r"(?:[*_`\s]|</?\w{1,6}>){0,5}"
_BADGE = (
    r"/badge/(?:[^/\s)\"'>]{0,60}?(?:papers?|items?|entries|works|articles|total|publications?|count(?:er)?|number)"
    rf"[^/\s)\"'>]{{0,20}}?-{_NUMBER}(?=(?:\+|%2B)?-)"
)
_BADGE_SAYS = rf"/badge/[^/)\"'>]{{1,60}}-{_NUMBER}(?:\+|%2B)?(?:%20|[ _])papers?\b"


def _prose(noun: str) -> str:
    return rf"{_ALONE}\+?{_MARK}(?:[A-Za-z'’-]{{1,20}}\s+){{0,3}}{_MARK}(?:{noun})"


def _any(*shapes: str) -> list[re.Pattern[str]]:
    return [re.compile(shape, re.IGNORECASE) for shape in shapes]


_BADGES = (rf"{_BADGE})", _BADGE_SAYS)
_OF_LIST = _any(
    _prose(_PAPERS),
    r"\b(?:total|papers|paper count|number of (?:papers|entries)|论文(?:总数|数量)|共)[\w ]{0,20}"
    rf"{_MARK}[:：|]{_MARK}{_ALONE}",
    *_BADGES,
)
_OF_HEADING = _any(rf"[(（\[【]\s*{_ALONE}\+?\s*(?:{_OF_SECTION})?\s*[)）\]】](?!\()", _prose(_OF_SECTION), *_BADGES)
_OF_CONTENTS = [*_OF_HEADING, *_any(rf"\|\s*{_ALONE}\s*(?=\|)")]
_SAID = re.compile(
    rf"[(（\[]\s*(?!(?:19|20)\d\d\s*[)）\]])\d+\+?\s*(?:{_OF_SECTION})?\s*[)）\]]|\d+\+?\s*(?:{_PAPERS})", re.I
)
"""How a heading says how many papers it holds; a year in brackets is none."""
_FRAGMENT = re.compile(r"(?:\]\(|href=[\"'])#(?P<to>[^)\"'\s]{1,200})")


@dataclass(frozen=True, slots=True)
class ShownCount:
    """A number that is said to count papers.

    `parts` are the parts of the list that it may be about, each as how much it holds and where the headings of its
    sections begin. `anchors` are the same number in addresses that lead to its heading. `line` is its line with 0 for
    each number.
    """

    at: Span
    value: int
    parts: tuple[tuple[int, Span], ...]
    anchors: tuple[Span, ...]
    line: str

    @property
    def part(self) -> int | None:
        """Which part holds so many, the first of several; None where none does."""
        return next((i for i, (held, _) in enumerate(self.parts) if held == self.value), None)

    def written(self, source: bytes, value: int) -> list[Splice]:
        """Return the splices that make the number another."""
        comma = b"," in source[self.at.start : self.at.end]
        first = Splice(*self.at, f"{value:,}".encode() if comma else str(value).encode())
        return [first, *(Splice(*span, str(value).encode()) for span in self.anchors)]


def following(source: bytes, counts: Sequence[ShownCount], added: Mapping[int, int]) -> list[Splice]:
    """Return the splices that keep numbers right once so many papers are added to the section of each heading."""
    made: list[Splice] = []
    for count in counts:
        if count.part is not None:
            over = count.parts[count.part][1]
            if more := sum(n for at, n in added.items() if over.start <= at < over.end):
                made += count.written(source, count.value + more)
    return list(dict.fromkeys(made))


def brought_together(source: bytes, counts: Sequence[ShownCount], *sides: Sequence[ShownCount]) -> bytes:
    """Return a merged list in which the numbers are right again that were so on both sides."""
    right = [{(count.line, count.part) for count in side if count.part is not None} for side in sides]
    both = {line: part for line, part in set.intersection(*right) if part is not None}
    splices = [
        splice
        for count in counts
        if count.part is None and count.line in both and both[count.line] < len(count.parts)
        for splice in count.written(source, count.parts[both[count.line]][0])
    ]
    for splice in sorted(splices, key=lambda s: -s.start):
        source = source[: splice.start] + splice.data + source[splice.end :]
    return source


def find_counts(source: bytes, opaque: Sequence[tuple[int, int]], sections: Sequence[Section]) -> Iterator[ShownCount]:
    """Yield the numbers that are said to count papers, whether they are right or not.

    `opaque` are byte ranges in document order that are not the list's own words, such as code and entries.
    """
    parts = _Parts(source, sections)
    opens = [start for start, _ in opaque]
    for start, end in pairwise([*Lines(source).starts, len(source)]):
        before = bisect_right(opens, start) - 1
        if (before >= 0 and start < opaque[before][1]) or end - start > _LONGEST:
            continue
        text = source[start:end].decode()
        if re.search(r"\d", text):
            yield from parts.counts(text, start)


class _Parts:
    """The sections of a list, with what each holds."""

    def __init__(self, source: bytes, sections: Sequence[Section]) -> None:
        self._source, self._sections = source, sections
        self._roles = roles(sections)
        self._starts = [s.heading.start for s in sections]
        self._entries = [(e.span.start, e) for s in sections for e in s.entries]
        self._names = [slug(s.path[-1]) if 1 <= s.level <= 6 else "" for s in sections]
        self._often = Counter(self._names)

    def counts(self, text: str, start: int) -> Iterator[ShownCount]:
        """Yield what the numbers of a line count."""
        here = bisect_right(self._starts, start) - 1
        section = self._sections[here] if here >= 0 else None
        everything = Span(0, len(self._source) + 1)
        if section and section.level and section.heading.start <= start < section.heading.end:
            yield from self._read(text, start, _OF_HEADING, [self._own(here), self._below(here)], self._names[here])
            return
        led = {m["to"].lower() for m in _FRAGMENT.finditer(text)} & self._often.keys() - {""}
        if len(led) == 1 and self._often[name := led.pop()] == 1:
            at = self._names.index(name)
            yield from self._read(text, start, _OF_CONTENTS, [self._own(at), self._below(at)])
        elif not led and not (section and self._roles[here] is Role.ROLLING) and not _is_news(text):
            wider = [everything] if here < 0 else [everything, self._own(here), self._below(here)]
            yield from self._read(text, start, _OF_LIST, wider)

    def _read(
        self, text: str, start: int, shapes: Sequence[re.Pattern[str]], parts: Sequence[Span], name: str = ""
    ) -> Iterator[ShownCount]:
        found = {m.span("n"): m["n"] for shape in shapes for m in shape.finditer(text)}
        for (first, last), written in found.items():
            value = int(written.replace(",", ""))
            if shapes is _OF_LIST and value < _FEWEST:
                continue
            at = Span(*(start + len(text[:end].encode()) for end in (first, last)))
            anchors = self._anchors(name, written)
            if anchors is None:
                continue
            held = tuple((n, part) for part in parts for n in self._held(part))
            yield ShownCount(at, value, held, anchors, without_numbers(text))

    def _own(self, at: int) -> Span:
        return Span(self._starts[at], self._starts[at] + 1)

    def _below(self, at: int) -> Span:
        """Return the part of the list that a section is with the sections below it."""
        level = self._sections[at].level
        ends = (s.heading.start for s in self._sections[at + 1 :] if s.level <= level)
        return Span(self._starts[at], next(ends, len(self._source) + 1))

    def _held(self, over: Span) -> tuple[int, int]:
        """Return how many entries, and how many papers, the sections hold whose headings begin in a span."""
        first = bisect_left(self._entries, over.start, key=lambda e: e[0])
        after = bisect_left(self._starts, over.end)
        end = self._starts[after] if after < len(self._starts) else len(self._source)
        entries = [e for _, e in self._entries[first : bisect_left(self._entries, end, key=lambda e: e[0])]]
        return len(entries), len(set(map(_paper, entries)))

    def _anchors(self, name: str, number: str) -> tuple[Span, ...] | None:
        """Return where addresses of a heading hold its number; None where the heading cannot change without harm."""
        linked = self._links.get(name, []) if name else []
        inner = list(re.finditer(rf"(?<!\d){number}(?!\d)", name)) if linked else []
        if not linked:
            return ()
        if self._often[name] > 1 or len(inner) != 1:
            return None
        first = len(name[: inner[0].start()].encode())
        spans = tuple(Span(at + first, at + first + len(number)) for at in linked)
        inside = any(e.span.start <= span.start < e.span.end for span in spans for _, e in self._entries)
        return None if inside else spans

    @cached_property
    def _links(self) -> Mapping[str, list[int]]:
        """Where the addresses of headings stand."""
        found: dict[str, list[int]] = {}
        for m in re.finditer(rb"#([^#)\"'\s]{1,200})(?=[)\"'\s])", self._source):
            found.setdefault(m[1].decode(errors="replace"), []).append(m.start(1))
        return found


def uncounted(path: Path) -> Path:
    """Return a path of headings without how many papers each says it holds."""
    return tuple(_SAID.sub("", name) for name in path)


def without_numbers(line: str) -> str:
    """Return a line in the form in which two compare whose numbers differ."""
    return re.sub(r"\d+", "0", line).strip()


def _paper(entry: Entry) -> str:
    return next(iter(entry.arxiv_ids), "") or titles.key(entry.title)


def _is_news(text: str) -> bool:
    """Whether a line begins with a date: what it says was so on that day."""
    first = re.search(r"\w", text)
    return bool(first and (dates.UPDATED.match(text, first.start()) or dates.DATE.match(text, first.start())))
