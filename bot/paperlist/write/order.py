"""Where among its siblings a new entry goes, as the curator's own order tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from bot.arxiv import arxiv_id, titles
from bot.paperlist.nouns import Entry, Group, Table
from bot.paperlist.read import dates
from bot.paperlist.write.facts import VENUE, Facts

_URL = re.compile(r"https?://\S+|\]\([^)]*\)")
_LATEST = 400
"""How many entries tell an order: more would cost time and tell nothing new."""


def home(groups: Sequence[Table | Group], facts: Facts) -> Table | Group:
    """Return the group that new papers go to: the one with the newest, the last of equals; an empty table if alone."""
    if len(groups) == 1:
        return groups[0]
    papers = [g for g in groups if any(e.arxiv_ids for e in g.entries)] or list(groups)
    empty = [g for g in groups if not g.entries]
    if empty and papers[-1].start < empty[-1].start:
        return empty[-1]
    return max(papers, key=lambda g: (sum(bool(e.arxiv_ids) for e in g.entries) > 1, _newest(g), g.start))


def _newest(group: Table | Group) -> int:
    months = sorted((m for e in group.entries if (m := _month(e)) is not None), reverse=True)
    return months[min(1, len(months) - 1)] if months else 0


def place(entries: Sequence[Entry], facts: Facts) -> int:
    """Return before which of the entries the new one goes; their number for after the last."""
    skipped = max(0, len(entries) - _LATEST)
    if skipped:
        head, tail = entries[: _LATEST // 2], entries[-_LATEST // 2 :]
        at = place([*head, *tail], facts)
        return at if at <= len(head) else at + skipped
    if len(entries) < 2:
        return len(entries)
    names = [titles.key(e.title) for e in entries]
    if len(entries) >= 6 and _trend(names) >= 0.9:
        return _sorted_in(names, titles.key(facts.paper.title), rising=True)
    now = _number(facts.month.year, facts.month.month)
    written = _keys(entries, _written)
    months = written if len(written) >= 0.6 * len(entries) else _keys(entries, _month)
    if len(months) < 2:
        return len(entries)
    keys = [key for _, key in months]
    trend = _trend(keys)
    if abs(trend) >= 0.6 and len(keys) >= 3:
        return _among(entries, months, _sorted_in(keys, now, rising=trend > 0))
    years = [(i, key // 12) for i, key in months]
    by_year = _trend([y for _, y in years])
    if abs(by_year) >= 0.9:
        first, last = _run_of(years, now // 12, rising=by_year > 0)
        group = [key for _, key in months[first:last]]
        at = first if _newest_first(group, default=by_year < 0) else last
        return _among(entries, months, at)
    return 0 if _newest_first(keys, default=False) else len(entries)


def in_turn(entries: Sequence[Entry], papers: Sequence[Facts]) -> list[int]:
    """Return the papers' indices in the order in which they stand at one place: by date or by title as the entries do.

    Equals, and papers for entries without an order, keep the order given.
    """
    given = list(range(len(papers)))
    if len(papers) < 2:
        return given
    latest = entries[-_LATEST:]
    if len(latest) >= 6 and _trend([titles.key(e.title) for e in latest]) >= 0.9:
        return sorted(given, key=lambda i: titles.key(papers[i].paper.title))
    trend = _trend([month for _, month in _keys(latest, _written) or _keys(latest, _month)])
    if abs(trend) < 0.6:
        return given
    return sorted(given, key=lambda i: papers[i].day or papers[i].month, reverse=trend < 0)


def out_of_order(entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Return the few entries that break an order which nearly all keep, and between which lines they stand."""
    if len(entries) < 10:
        return []
    written = [(entry, key) for entry in entries if (key := _written(entry)) is not None]
    trend = _trend([key for _, key in written])
    if len(written) < len(entries) or abs(trend) < 0.8:
        return []
    rows = written if trend > 0 else written[::-1]
    wrong = [
        (b, f"its date stands between those of lines {min(a.line, c.line)} and {max(a.line, c.line)} out of order")
        for (a, before), (b, here), (c, after) in zip(rows, rows[1:], rows[2:], strict=False)
        if before <= after and not before <= here <= after
    ]
    return wrong if len(wrong) <= max(1, len(entries) // 20) else []


def _keys(entries: Sequence[Entry], key: Callable[[Entry], int | None]) -> list[tuple[int, int]]:
    return [(i, k) for i, e in enumerate(entries) if (k := key(e)) is not None]


def _among(entries: Sequence[Entry], dated: Sequence[tuple[int, int]], at: int) -> int:
    """Turn a place among the entries with dates into one among all."""
    if at < len(dated):
        return dated[at][0]
    return (
        dated[-1][0] + 1 if at and dated[-1][0] < len(entries) - 1 and len(dated) < len(entries) // 2 else len(entries)
    )


def _trend(keys: Sequence[int] | Sequence[str]) -> float:
    """Return how steadily keys rise (1) or fall (-1) from one to the next."""
    up = sum(a < b for a, b in pairwise(keys))  # type: ignore[operator]
    down = sum(a > b for a, b in pairwise(keys))  # type: ignore[operator]
    return (up - down) / (up + down) if up + down else 0.0


def _sorted_in(keys: Sequence[int] | Sequence[str], new: int | str, *, rising: bool) -> int:
    """Return the place with the fewest keys out of order; of equals the one where the newest stand."""
    cost = sum((k < new) if rising else (k > new) for k in keys)  # type: ignore[operator]
    best, at = cost, 0
    for i, k in enumerate(keys, 1):
        before = (k < new) if rising else (k > new)  # type: ignore[operator]
        after = (k > new) if rising else (k < new)  # type: ignore[operator]
        cost += after - before
        if cost < best or (cost == best and rising):
            best, at = cost, i
    return at


def _run_of(years: Sequence[tuple[int, int]], year: int, *, rising: bool) -> tuple[int, int]:
    """Return where the entries of a year stand among those with dates; an empty place where they would."""
    own = [at for at, (_, y) in enumerate(years) if y == year]
    if own:
        return own[0], own[-1] + 1
    at = _sorted_in([y for _, y in years], year, rising=rising)
    return at, at


def _newest_first(keys: Sequence[int], *, default: bool) -> bool:
    """Whether the newest stand first rather than last."""
    k = max(1, min(4, len(keys) // 3))
    if len(keys) < 2:
        return default
    first, last = sorted(keys[:k])[k // 2], sorted(keys[-k:])[k // 2]
    return first > last if first != last else default


def _number(year: int, month: int) -> int:
    return year * 12 + month - 1


def _written(entry: Entry) -> int | None:
    """Return the month that an entry says, None if it says none."""
    text = _URL.sub(" ", entry.raw.replace(entry.title, " "))
    for m in dates.DATE.finditer(text):
        when = dates.read(m)
        if when.month:
            return _number(when.year, when.month)
    for m in VENUE.finditer(text):
        if m["month"] and m["year"]:
            return _number(2000 + int(m["year"]) % 100, int(m["month"][1:]))
    return None


def _month(entry: Entry) -> int | None:
    """Return the month of its first arXiv id, None if it has none."""
    day = next(filter(None, map(arxiv_id.known_month, entry.arxiv_ids)), None)
    return _number(day.year, day.month) if day else None


def years_of(names: Sequence[str]) -> Iterator[int | None]:
    """Yield the year that each heading is, None for one that is none."""
    for name in names:
        m = re.fullmatch(r"\W*(20\d\d)\W*", name)
        yield int(m[1]) if m else None
