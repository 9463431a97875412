"""Bringing what people did to the list meanwhile together with the bot's branch, line by line.

Both sides inserting at one place is no conflict here: a list holds both entries. Of two dates of the last update the
later one stays, and counts say what the merged list holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.paperlist.read.counts import brought_together, without_numbers
from bot.paperlist.read.document import Document, parse


def merged(old: Document, theirs: Document, ours: bytes) -> bytes | None:
    """Return a list in which both sides' changes of `old` are made; None when they contradict each other.

    `theirs` is what people made of the list, `ours` the bot's branch: where both inserted, theirs comes first.
    """
    ending, bot = theirs.newline, parse(ours)
    counted = {c.line for c in old.counts} & {c.line for c in bot.counts if c.part is not None}
    parts: list[bytes] = []
    for before, here, there in _chunks(_lines(old.source, ending), _lines(theirs.source, ending), _lines(ours, ending)):
        both = _together(before, here, there, lambda one, other: _later(old, counted, one, other))
        if both is None:
            return None
        parts += both
    whole = b"".join(parts)
    whole = brought_together(whole, parse(whole).counts, theirs.counts, bot.counts)
    open_end = not theirs.source.endswith((b"\n", b"\r")) and whole.splitlines()[-1:] == theirs.source.splitlines()[-1:]
    return whole[: -len(ending)] if open_end and whole.endswith(ending) else whole


def _lines(source: bytes, ending: bytes) -> list[bytes]:
    """Return the lines; a last one without line ending gets one, so that it equals itself with others below."""
    lines = source.splitlines(keepends=True)
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += ending
    return lines


Chunk = tuple[Sequence[bytes], Sequence[bytes], Sequence[bytes]]


def _chunks(old: Sequence[bytes], theirs: Sequence[bytes], ours: Sequence[bytes]) -> Iterator[Chunk]:
    """Yield what stands between lines that all three share, and those lines themselves, in order."""
    at = here = there = 0
    for start, a, b, size in _shared(old, theirs, ours):
        if (at, here, there) != (start, a, b):
            yield old[at:start], theirs[here:a], ours[there:b]
        yield old[start : start + size], theirs[a : a + size], ours[b : b + size]
        at, here, there = start + size, a + size, b + size
    yield old[at:], theirs[here:], ours[there:]


def _shared(
    old: Sequence[bytes], theirs: Sequence[bytes], ours: Sequence[bytes]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield runs of lines of `old` that both others have: where they begin in each, and how many there are."""
    first, second = (
        SequenceMatcher(None, old, other, autojunk=False).get_matching_blocks() for other in (theirs, ours)
    )
    i = j = 0
    while i < len(first) and j < len(second):
        start = max(first[i].a, second[j].a)
        end = min(first[i].a + first[i].size, second[j].a + second[j].size)
        if start < end:
            yield start, first[i].b + start - first[i].a, second[j].b + start - second[j].a, end - start
        if first[i].a + first[i].size < second[j].a + second[j].size:
            i += 1
        else:
            j += 1


Lines = tuple[bytes, ...]
Settle = Callable[[Lines, Lines], Lines | None]
"""Returns which of two versions of a line stays; None when that is for people to decide."""


def _together(
    old: Sequence[bytes], theirs: Sequence[bytes], ours: Sequence[bytes], settle: Settle
) -> Sequence[bytes] | None:
    """Return a chunk in which both sides' changes are made, None when they contradict each other."""
    if list(theirs) == list(old) or list(theirs) == list(ours):
        return ours
    if list(ours) == list(old):
        return theirs
    both: list[bytes] = []
    for here, there in zip(_changes(old, theirs), _changes(old, ours), strict=True):
        joined = _joined(here, there, settle)
        if joined is None:
            return None
        both += joined
    return both


@dataclass(frozen=True)
class _Change:
    """What one side did at a line: what it inserted above, and what the line became.

    Where several lines were rewritten as more or fewer, the first became all of them, and the others lie `inside`.
    """

    line: Lines
    above: Lines
    became: Lines
    inside: bool

    @property
    def none(self) -> bool:
        """Whether the line stands as it was, with nothing inserted above it."""
        return not self.above and self.became == self.line


def _changes(old: Sequence[bytes], new: Sequence[bytes]) -> list[_Change]:
    """Return what was done at each line of `old`, and below the last one."""
    line: list[Lines] = [*((one,) for one in old), ()]
    above: list[Lines] = [()] * len(line)
    became, inside = list(line), [False] * len(line)
    for kind, start, end, a, b in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "insert":
            above[start] = tuple(new[a:b])
        elif kind == "delete":
            became[start:end] = [()] * (end - start)
        elif end - start == b - a:
            became[start:end] = [(one,) for one in new[a:b]]
        else:
            became[start:end] = [tuple(new[a:b]), *[()] * (end - start - 1)]
            inside[start + 1 : end] = [True] * (end - start - 1)
    return [_Change(*change) for change in zip(line, above, became, inside, strict=True)]


def _joined(here: _Change, there: _Change, settle: Settle) -> Lines | None:
    """Return what stands at a line when both changes are made, None when they contradict each other."""
    if there.none or here == there:
        return here.above + here.became
    if here.none:
        return there.above + there.became
    if here.inside or there.inside:
        return None
    above = here.above + tuple(line for line in there.above if line not in here.above)
    if here.became == here.line:
        return above + there.became
    if there.became in (there.line, here.became):
        return above + here.became
    settled = settle(here.became, there.became)
    return None if settled is None else above + settled


def _later(old: Document, counted: Collection[str], here: Lines, there: Lines) -> Lines | None:
    """Return the line with the later date, or either of a count that both changed; None for anything else."""
    if not len(here) == len(there) == 1:
        return None
    dates = [parse(line).date_line for (line,) in (here, there)]
    if old.date_line and dates[0] and dates[1]:
        return here if dates[0].date >= dates[1].date else there
    words, other = (without_numbers(line.decode()) for (line,) in (here, there))
    return here if words == other and words in counted else None
