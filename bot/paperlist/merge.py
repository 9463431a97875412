"""Bringing what people did to the list meanwhile together with the bot's branch, line by line.

Both sides inserting at one place is no conflict here: a list holds both entries. Of two dates of the last update the
later one stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bot.paperlist.document import Document, parse


def merged(old: Document, theirs: Document, ours: bytes) -> bytes | None:
    """Return a list in which both sides' changes of `old` are made; None when they contradict each other.

    `theirs` is what people made of the list, `ours` the bot's branch: where both inserted, theirs comes first.
    """
    ending = theirs.newline
    parts: list[bytes] = []
    for before, here, there in _chunks(_lines(old.source, ending), _lines(theirs.source, ending), _lines(ours, ending)):
        both = _together(before, here, there)
        if both is None:
            both = _dated(old, theirs, before, here, there)
        if both is None:
            return None
        parts += both
    whole = b"".join(parts)
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


def _together(old: Sequence[bytes], theirs: Sequence[bytes], ours: Sequence[bytes]) -> Sequence[bytes] | None:
    if list(theirs) == list(old) or list(theirs) == list(ours):
        return ours
    if list(ours) == list(old):
        return theirs
    inserted = _insertions(old, ours)
    if inserted is None:
        return None
    if not old:
        return [*theirs, *(line for line in inserted if line not in theirs)]
    if _insertions(old, theirs) is not None or list(ours[: len(old)]) == list(old):
        return [*theirs, *inserted]  # people also edited the lines beside which the bot wrote
    return None


def _insertions(old: Sequence[bytes], new: Sequence[bytes]) -> list[bytes] | None:
    """Return the lines that were inserted, None when anything else was done."""
    left, found = list(old), []
    for line in new:
        if left and line == left[0]:
            left.pop(0)
        else:
            found.append(line)
    return None if left else found


def _dated(
    old: Document, theirs: Document, before: Sequence[bytes], here: Sequence[bytes], there: Sequence[bytes]
) -> Sequence[bytes] | None:
    """Return the date line with the later date, where the chunk is that line alone."""
    if not len(before) == len(here) == len(there) == 1 or old.date_line is None or theirs.date_line is None:
        return None
    dates = [parse(line, date_form=old.date_line.form).date_line for line in (here[0], there[0])]
    if dates[0] is None or dates[1] is None:
        return None
    return here if dates[0].date >= dates[1].date else there
