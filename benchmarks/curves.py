"""Curves of shares as one SVG picture, in the style of `bot.evaluate.chart`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_LEFT, _TOP, _SIDE = 60, 60, 320
_COLOURS = ("#6e7781", "#0969da", "#1a7f37", "#cf222e")


@dataclass(frozen=True, slots=True)
class Line:
    """A named curve; its points are (x, share in [0, 1])."""

    name: str
    points: Sequence[tuple[float, float]]


def drawing(title: str, lines: Sequence[Line], most: int) -> str:
    """Return a picture of curves over x from 0 to `most`."""
    bottom, width = _TOP + _SIDE, _LEFT + _SIDE + 200
    parts = [_text(_LEFT, 30, title, ' font-size="14" font-weight="bold"')]
    for tenth in range(0, 11, 2):
        y = bottom - _SIDE * tenth / 10
        parts.append(f'<path d="M{_LEFT} {y:g}h{_SIDE}" stroke="#d0d7de"/>')
        parts.append(_text(_LEFT - 8, y + 4, f"{tenth * 10}%", ' text-anchor="end"'))
    for n in range(5):
        parts.append(_text(_LEFT + _SIDE * n / 4, bottom + 18, f"{most * n / 4:g}", ' text-anchor="middle"'))
    for line, colour in zip(lines, _COLOURS, strict=False):
        points = " ".join(f"{_LEFT + _SIDE * x / most:.1f},{bottom - _SIDE * share:.1f}" for x, share in line.points)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    for n, (line, colour) in enumerate(zip(lines, _COLOURS, strict=False)):
        y = _TOP + 20 + 22 * n
        parts.append(f'<path d="M{_LEFT + _SIDE + 20} {y - 4}h24" stroke="{colour}" stroke-width="3"/>')
        parts.append(_text(_LEFT + _SIDE + 52, y, line.name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom + 40}" '
        f'viewBox="0 0 {width} {bottom + 40}" font-family="sans-serif" font-size="12" fill="#24292f">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}"{more}>{escape(words)}</text>'
