"""Where a row gets a new thing: where the rows like it have theirs, with what stands around it there."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.upkeep.atoms import Atom

FADING = 0.96
"""How much less each row further away counts."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, or the cell of one: its text, what it consists of, and how much it counts as an example."""

    raw: str
    atoms: Sequence[Atom]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text to insert at a place of a row."""

    at: int
    text: str


def like(rows: Sequence[Row], kind: str, target: Row, write: Callable[[Row, Atom], str | None]) -> Insertion | None:
    """Return how a row gets a thing of a kind that most like rows have; `write` gives its text after an example's."""
    votes: defaultdict[Insertion, float] = defaultdict(float)
    usual = _separators(rows)
    for row in rows:
        at = next((i for i, atom in enumerate(row.atoms) if atom.kind == kind), None)
        if at is None or (text := write(row, row.atoms[at])) is None:
            continue
        border, score = _border(row.atoms, at, target.atoms)
        if score > 0:
            found = _inserted(_Example(row, at, usual), target, border, text)
            words = _balanced(re.sub(r"\s*\n\s*", " ", found.text))  # a change stays inside its line
            if words is not None:
                votes[Insertion(found.at, words)] += row.weight * score
    return max(votes, key=lambda one: votes[one], default=None)


def _balanced(text: str) -> str | None:
    """Return a text with the brackets closed that it opens last, None where it closes others."""
    if text.count("`") % 2:
        return None
    depth: list[str] = []
    for mark in re.sub(r"\\.", "", text):
        if mark in "([":
            depth.append(")" if mark == "(" else "]")
        elif mark in ")]" and (not depth or depth.pop() != mark):
            return None
    return text + "".join(reversed(depth))


def _border(example: Sequence[Atom], at: int, atoms: Sequence[Atom]) -> tuple[int, float]:
    """Return before which atom a row gets what an example has at a place, and how sure that is."""
    kinds = ["^", *(a.kind for a in atoms), "$"]
    left = ["^", *(a.kind for a in example[:at])][::-1]
    right = [*(a.kind for a in example[at + 1 :]), "$"]
    nearest = {"left": next(k for k in left if k in kinds), "right": next(k for k in right if k in kinds)}

    def score(border: int) -> float:
        before, after = kinds[border], kinds[border + 1]
        return (
            (2 if before == left[0] else 1.2 if before == nearest["left"] else 0)
            + (1 if after == right[0] else 0.5 if after == nearest["right"] else 0)
            - 0.01 * abs(border - at)
        )

    best = max(range(len(atoms) + 1), key=score)
    return best, score(best) ** 2


def _separators(rows: Sequence[Row]) -> Mapping[str, str]:
    """Return what most often stands between a thing of each kind and a link after it."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for at in range(1, len(row.atoms)):
            if row.atoms[at].url and row.atoms[at].kind != "title":
                counts[row.atoms[at - 1].kind][_between(row, at)] += 1
    return {kind: found.most_common(1)[0][0] for kind, found in counts.items()}


def _between(row: Row, border: int) -> str:
    """Return what stands before an atom of a row, after the one before it."""
    start = row.atoms[border - 1].end if border else 0
    end = row.atoms[border].start if border < len(row.atoms) else len(row.raw)
    return row.raw[start:end]


@dataclass(frozen=True, slots=True)
class _Example:
    """A row that has a thing, at which of its atoms, and what usually stands before a link after each kind."""

    row: Row
    at: int
    usual: Mapping[str, str]


def _inserted(example: _Example, target: Row, border: int, text: str) -> Insertion:
    """Return a thing's text with what stands around it in an example, as far as the target lacks it."""
    row, at = example.row, example.at
    before, after, there = _between(row, at), _between(row, at + 1), _between(target, border)
    start = target.atoms[border - 1].end if border else 0
    last, ends = at + 1 == len(row.atoms), border == len(target.atoms)
    left = target.atoms[border - 1].kind if border else "^"
    if at and border and row.atoms[at - 1].kind != left and row.atoms[at].url:
        before = example.usual.get(left, before)
    if last or ends:
        after = "" if ends else there or " "
    if border == 0 and not ends:  # the marker of an item stays before it
        return Insertion(start + len(there), text + (after or " "))
    if before.startswith(there):
        return Insertion(start + len(there), before[len(there) :] + text + ("" if ends else after))
    if not ends and after.endswith(there):
        return Insertion(start, before + text + after[: len(after) - len(there)])
    return Insertion(start, before + text)
