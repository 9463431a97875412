"""An evaluation as one page of pictures, in SVG: what was found by papers shown, and which sections are confused."""

from __future__ import annotations

from collections import Counter
from html import escape

from bot.evaluate.evaluation import Evaluation, short_names, totals
from bot.model import Path

_MOST_SHOWN = 80
_SECTIONS = 16
_LEFT, _TOP, _SIDE, _CELL = 60, 100, 320, 20
_NAME = 44
_NAMES = 330
"""Room for the names of sections, in pixels."""
_INK, _PALE, _RIGHT, _WRONG, _LINE = "#24292f", "#57606a", "#1a7f37", "#cf222e", "#0969da"
_TITLE = ' font-size="14" font-weight="bold"'
_SMALL = ' text-anchor="middle" font-size="10"'
_MIDDLE = ' text-anchor="middle"'
_END = ' text-anchor="end"'


def pictures(found: Evaluation) -> str:
    """Return the page; sections beyond the sixteen most frequent are left out of the picture."""
    total = totals(found.confusion)
    paths = sorted(path for path, _ in total.most_common(_SECTIONS))
    left = _LEFT + _SIDE + _NAMES + 40
    width, height = left + 40 + _CELL * max(8, len(paths)), _TOP + max(_SIDE, _CELL * len(paths)) + 70
    months = [period.month for period in found.periods]
    span = f"{months[0]} to {months[-1]}, each month judged by what was listed before" if months else "Nothing to judge"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12" fill="{_INK}"><rect width="100%" height="100%" fill="#fff"/>'
        + _text(_LEFT, 30, span, ' font-size="16" font-weight="bold"')
        + f"{_recall(found)}{_confusion(found, paths, total, left)}</svg>\n"
    )


def _text(x: float, y: float, words: str, more: str = "") -> str:
    seen = "".join(letter for letter in words if letter.isprintable())  # XML allows no control characters
    return f'<text x="{x:g}" y="{y:g}"{more}>{escape(seen)}</text>'


def _recall(found: Evaluation) -> str:
    """Return the share of listed papers found against papers shown a month, all months together."""
    ranks = [rank for period in found.periods for rank in period.ranks]
    others = sum(period.background for period in found.periods)
    bottom = _TOP + _SIDE
    parts = [
        _text(_LEFT, 65, "Listed papers found", _TITLE),
        _text(_LEFT, 84, f"{len(ranks)} listed papers among {others:,} others", f' fill="{_PALE}"'),
        _text(_LEFT + _SIDE / 2, bottom + 36, "papers shown a month, best first", _MIDDLE),
    ]
    for tenth in range(0, 11, 2):
        y = bottom - _SIDE * tenth / 10
        parts.append(f'<path d="M{_LEFT} {y:g}h{_SIDE}" stroke="#d0d7de"/>')
        parts.append(_text(_LEFT - 8, y + 4, f"{tenth * 10}%", _END))
    for shown in range(0, _MOST_SHOWN + 1, 20):
        parts.append(_text(_LEFT + _SIDE * shown / _MOST_SHOWN, bottom + 18, str(shown), _MIDDLE))
    if ranks:
        shares = [sum(rank <= shown for rank in ranks) / len(ranks) for shown in range(_MOST_SHOWN + 1)]
        dots = [(_LEFT + _SIDE * n / _MOST_SHOWN, bottom - _SIDE * share) for n, share in enumerate(shares)]
        points = " ".join(f"{x:g},{y:.1f}" for x, y in dots)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{_LINE}" stroke-width="2.5"/>')
        for (x, y), share in list(zip(dots, shares, strict=True))[20::20]:
            above = y - 8 if y > _TOP + 20 else y + 18
            parts.append(f'<circle cx="{x:g}" cy="{y:.1f}" r="3.5" fill="{_LINE}"/>')
            parts.append(_text(x - 4, above, f"{share:.0%}", f'{_END} fill="{_LINE}"'))
    return "".join(parts)


def _confusion(found: Evaluation, paths: list[Path], total: Counter[Path], left: int) -> str:
    """Return how the papers of each section (a row) were placed; the columns are in the same order."""
    start, names = left - _NAMES, short_names(paths)
    parts = [
        _text(start, 65, "Sections", _TITLE),
        _text(start, 84, "row: as listed; column: as judged; green is right", f' fill="{_PALE}"'),
    ]
    for row, path in enumerate(paths):
        y = _TOP + _CELL * row
        name = names[path] if len(names[path]) <= _NAME else "…" + names[path][1 - _NAME :]
        parts.append(_text(left - 8, y + 14, f"{name} ({row + 1})", _END))
        middle = left + _CELL * row + _CELL / 2
        parts.append(_text(middle, _TOP - 6, str(row + 1), _SMALL))
        for column, chosen in enumerate(paths):
            n = found.confusion.get((path, chosen), 0)
            share = n / total[path]
            x = left + _CELL * column
            box = f'<rect x="{x}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}"'
            parts.append(f'{box} fill="#f6f8fa"/>')
            if n:
                parts.append(f'{box} fill="{_RIGHT if row == column else _WRONG}" fill-opacity="{share:.2f}"/>')
                ink = ' fill="#fff"' if share > 0.5 else ""
                parts.append(_text(x + _CELL / 2, y + 14, str(n), _SMALL + ink))
    return "".join(parts)
