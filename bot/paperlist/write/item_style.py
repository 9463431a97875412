"""How entries are written that are no rows of a pipe table: a row style of items, blocks, HTML rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from bot.model import Cell, Paper
from bot.paperlist.read.document import Document, Entry, Group, Kind
from bot.paperlist.write.facts import Facts
from bot.paperlist.write.merged_cells import is_list, shows_merged
from bot.paperlist.write.numbering import Number, Numbering
from bot.paperlist.write.template import CLOSE, NUMBER, OPEN, Sample, Templates

_NEAREST = 40
"""How many entries tell a style: more would cost time and tell nothing new."""
_FADING = 0.96
"""How much less each entry further from the new one's place counts."""


@dataclass(frozen=True, slots=True)
class ItemStyle:
    """How the entries of a group are written near a place, and the bytes between them; see `RowStyle`."""

    templates: Templates
    gap: bytes
    number: str
    markup: bool

    def tie(self, paper: Paper, cells: Sequence[Cell]) -> tuple[int, int] | None:
        """Return the lines of two entries that show two styles, equally common; None if one prevails."""
        return self.templates.tie(Facts(paper, cells, markup=self.markup))

    def write(self, paper: Paper, cells: Sequence[Cell]) -> bytes:
        """Return the entry of a paper; lines end at LF."""
        facts = Facts(paper, cells, markup=self.markup)
        text = self.templates.write(facts) or f"- [{facts.title}](https://arxiv.org/abs/{facts.id})"
        return text.replace(f"{OPEN}n{CLOSE}", self.number).encode()


def near(document: Document, group: Group, at: int, number: Number | None = None) -> ItemStyle:
    """Return the style of a group's entries nearest to a place; what they do not show is taken from the whole list."""
    nearest = sorted(enumerate(group.entries), key=lambda e: (abs(e[0] - at + 0.5), -e[0]))[:_NEAREST]
    papers = [(i, e) for i, e in nearest if e.arxiv_ids] or nearest
    samples = [_sample(e, _FADING**rank, e.line if e.arxiv_ids else 0) for rank, (_, e) in enumerate(papers)]
    alike = (g for s in document.sections for g in s.groups if g.kind is group.kind and g is not group)
    alike = (g for g in alike if is_list(g) == is_list(group))
    others = (e for g in alike if not shows_merged(g) for e in g.entries if e.arxiv_ids)
    spare = [_sample(e, 0.01) for e in islice(others, _NEAREST)]
    if len(samples) < 4:
        samples += spare[: 12 - len(samples)]
    return ItemStyle(
        Templates(samples, 0.95 if group.kind is Kind.HTML else 0.8, spare),
        _gap(document, group),
        number.text if number else str(next(iter(_numbers(group.entries)), 1)),
        group.kind is Kind.HTML,
    )


def _sample(entry: Entry, weight: float, line: int = 0) -> Sample:
    return Sample(re.sub(r"\r\n?", "\n", entry.raw), weight, line=line)


_BETWEEN = re.compile(rb"(?:[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})?(?:\r\n?|\n))*")
"""What may stand between entries: blank lines and rules."""


def _gap(document: Document, group: Group) -> bytes:
    """Return what stands between the entries of a group: the commonest there, else in the list."""
    found = Counter(_gaps(document, group)[-50:])
    if not found:
        alike = (g for s in document.sections for g in s.groups if isinstance(g, Group) and g.kind is group.kind)
        found = Counter(gap for other in alike for gap in _gaps(document, other)[:5])
    usual = document.newline if group.kind is Kind.BLOCKS else b""
    return max(found, key=lambda gap: found[gap], default=usual)


def _gaps(document: Document, group: Group) -> list[bytes]:
    pairs = pairwise(group.entries)
    between = [document.source[a.span.end : b.span.start] for a, b in pairs]
    return [gap if gap.strip() else _first_line(gap) for gap in between if _BETWEEN.fullmatch(gap)]


def _first_line(gap: bytes) -> bytes:
    return b"".join(gap.splitlines(keepends=True)[:1])


def item_numbering(group: Group) -> Numbering | None:
    """Return how a list counts its entries, None for one that has no numbers or the same before each."""
    found = _numbers(group.entries)
    if len(set(found)) < 2 and not (len(found) == 1 == len(group.entries) and found[0] == 1):
        return None
    down = found[0] > found[-1]
    return Numbering(0, down, found[0] if down else found[-1])


def _numbers(entries: Sequence[Entry]) -> list[int]:
    """Return the numbers that entries begin with."""
    return [int(m[1]) for e in entries if (m := NUMBER.match(e.raw))]
