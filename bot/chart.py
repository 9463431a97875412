"""An evaluation as one page of pictures, in SVG: what was found by papers shown, and which sections are confused."""

from __future__ import annotations

from collections import Counter
from html import escape

from bot.evaluation import Evaluation
from bot.model import Path

_MOST_SHOWN = 80
_SECTIONS = 16
_LEFT, _TOP, _SIDE, _CELL = 60, 60, 320, 20
_NAME = 34


def pictures(found: Evaluation) -> str:
    """Return the page; sections beyond the sixteen most frequent are left out of the picture."""
    total = Counter[Path]()
    for (path, _), n in found.confusion.items():
        total[path] += n
    paths = sorted(path for path, _ in total.most_common(_SECTIONS))
    left = _LEFT + _SIDE + 300
    width, height = left + 60 + _CELL * max(8, len(paths)), max(_TOP + _SIDE + 60, _TOP + _CELL * len(paths) + 60)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12" fill="#24292f"><rect width="100%" height="100%" fill="#fff"/>'
        f"{_recall(found)}{_confusion(found, paths, total, left)}</svg>\n"
    )


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}"{more}>{escape(words)}</text>'


def _recall(found: Evaluation) -> str:
    """Draw the share of listed papers found against papers shown a month, all months together."""
    ranks = [rank for period in found.periods for rank in period.ranks]
    bottom = _TOP + _SIDE
    parts = [_text(_LEFT, 30, "Listed papers found, by papers shown a month", ' font-size="14" font-weight="bold"')]
    for tenth in range(0, 11, 2):
        y = bottom - _SIDE * tenth / 10
        parts.append(f'<path d="M{_LEFT} {y:g}h{_SIDE}" stroke="#d0d7de"/>')
        parts.append(_text(_LEFT - 8, y + 4, f"{tenth * 10}%", ' text-anchor="end"'))
    for shown in range(0, _MOST_SHOWN + 1, 20):
        parts.append(_text(_LEFT + _SIDE * shown / _MOST_SHOWN, bottom + 18, str(shown), ' text-anchor="middle"'))
    if ranks:
        shares = [sum(rank <= shown for rank in ranks) / len(ranks) for shown in range(_MOST_SHOWN + 1)]
        points = " ".join(
            f"{_LEFT + _SIDE * n / _MOST_SHOWN:g},{bottom - _SIDE * share:.1f}" for n, share in enumerate(shares)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="#0969da" stroke-width="2.5"/>')
    others = sum(period.background for period in found.periods)
    parts.append(_text(_LEFT, bottom + 42, f"{len(ranks)} listed papers among {others} others"))
    return "".join(parts)


def _confusion(found: Evaluation, paths: list[Path], total: Counter[Path], left: int) -> str:
    """Draw how the papers of each section (a row) were placed; the columns are in the same order."""
    parts = [_text(left - 250, 30, "Sections: row as listed, column as judged", ' font-size="14" font-weight="bold"')]
    for row, path in enumerate(paths):
        y = _TOP + _CELL * row
        name = path[-1] if len(path[-1]) <= _NAME else path[-1][: _NAME - 1] + "…"
        parts.append(_text(left - 8, y + 14, f"{name} ({row + 1})", ' text-anchor="end"'))
        middle = left + _CELL * row + _CELL / 2
        parts.append(_text(middle, _TOP - 6, str(row + 1), ' text-anchor="middle" font-size="10"'))
        for column, chosen in enumerate(paths):
            n = found.confusion.get((path, chosen), 0)
            share = n / total[path]
            colour = "#1a7f37" if row == column else "#cf222e"
            parts.append(
                f'<rect x="{left + _CELL * column}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" fill="#f6f8fa"/>'
                f'<rect x="{left + _CELL * column}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" '
                f'fill="{colour}" fill-opacity="{share:.2f}"/>'
            )
            if n:
                ink = ' fill="#fff"' if share > 0.5 else ""
                x = left + _CELL * column + _CELL / 2
                parts.append(_text(x, y + 14, str(n), f' text-anchor="middle" font-size="10"{ink}'))
    return "".join(parts)
