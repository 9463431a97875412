"""The hand of entries that are no rows of a pipe table: items, blocks, HTML rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from bot.paperlist.read.document import Document, Entry, Group, Kind
from bot.paperlist.write.facts import Facts
from bot.paperlist.write.merged_cells import shows_merged
from bot.paperlist.write.template import CLOSE, NUMBER, OPEN, Sample, Templates

_NEAREST = 40
"""How many entries tell a hand: more would cost time and tell nothing new."""
_FADING = 0.96
"""How much less each entry further from the new one's place counts."""


@dataclass(frozen=True, slots=True)
class GroupHand:
    """How the entries of a group are written near a place, and the bytes between them."""

    templates: Templates
    gap: bytes
    entries: Sequence[Entry]

    def tie(self, facts: Facts) -> tuple[int, int] | None:
        """Return the lines of two entries that show two hands, equally common; None if one prevails."""
        return self.templates.tie(facts)

    def write(self, facts: Facts, at: int, ahead: int = 0) -> str:
        """Return the entry of a paper that goes before the `at`-th, `ahead` others before it; lines end at LF."""
        text = self.templates.write(facts) or f"- [{facts.title}](https://arxiv.org/abs/{facts.id})"
        return text.replace(
            f"{OPEN}n{CLOSE}", str(next_number(self.entries, at) + (ahead if counted(self.entries) else 0))
        )


def hand_of(document: Document, group: Group, at: int) -> GroupHand:
    """Return the hand of a group's entries nearest to a place; what they do not show is taken from the whole list."""
    near = sorted(enumerate(group.entries), key=lambda e: (abs(e[0] - at + 0.5), -e[0]))[:_NEAREST]
    papers = [(i, e) for i, e in near if e.arxiv_ids] or near
    samples = [_sample(e, _FADING**rank, e.line if e.arxiv_ids else 0) for rank, (_, e) in enumerate(papers)]
    others = (
        e
        for s in document.sections
        for g in s.groups
        if g.kind is group.kind and g is not group and not shows_merged(g)
        for e in g.entries
        if e.arxiv_ids
    )
    spare = [_sample(e, 0.01) for e in islice(others, _NEAREST)]
    if len(samples) < 4:
        samples += spare[: 12 - len(samples)]
    return GroupHand(
        Templates(samples, 0.95 if group.kind is Kind.HTML else 0.8, spare), _gap(document, group), group.entries
    )


def _sample(entry: Entry, weight: float, line: int = 0) -> Sample:
    return Sample(re.sub(r"\r\n?", "\n", entry.raw), weight, line=line)


_BETWEEN = re.compile(rb"(?:[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})?(?:\r\n?|\n))*")
"""What may stand between entries: blank lines and rules."""


def _gap(document: Document, group: Group) -> bytes:
    """Return what stands between the entries of a group: the commonest there, else in the list."""
    found = Counter(_gaps(document, group)[-50:])
    if not found:
        alike = (
            other
            for s in document.sections
            for other in s.groups
            if isinstance(other, Group) and other.kind is group.kind
        )
        found = Counter(gap for other in alike for gap in _gaps(document, other)[:5])
    usual = document.newline if group.kind is Kind.BLOCKS else b""
    return max(found, key=lambda gap: found[gap], default=usual)


def _gaps(document: Document, group: Group) -> list[bytes]:
    pairs = pairwise(group.entries)
    between = [document.source[a.span.end : b.span.start] for a, b in pairs]
    return [gap if gap.strip() else _first_line(gap) for gap in between if _BETWEEN.fullmatch(gap)]


def _first_line(gap: bytes) -> bytes:
    return b"".join(gap.splitlines(keepends=True)[:1])


def numbers(entries: Sequence[Entry]) -> list[int]:
    """Return the numbers that entries begin with."""
    return [int(m[1]) for e in entries if (m := NUMBER.match(e.raw))]


def counted(entries: Sequence[Entry]) -> bool:
    """Tell a list that counts its entries from one that has none or the same number before each."""
    found = numbers(entries)
    return len(set(found)) > 1 or (len(found) == 1 == len(entries) and found[0] == 1)


def counts_down(entries: Sequence[Entry]) -> bool:
    """Tell a list whose first entry has the highest number."""
    found = numbers(entries)
    return counted(entries) and found[0] > found[-1]


def next_number(entries: Sequence[Entry], at: int) -> int:
    """Return the number of an entry that goes before the `at`-th."""
    found = numbers(entries)
    if not found or not counted(entries):
        return found[0] if found else 1
    before = numbers(entries[:at])
    return before[-1] + 1 if before and before[-1] >= before[0] else found[0] + (1 if found[0] > found[-1] else 0)
