"""Curves over a logarithmic axis as a small SVG picture, without a plotting library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#b0413e", "#d08c2e", "#2d6da3", "#4d8a54", "#77588d")
LEFT, RIGHT, TOP, BOTTOM = 70, 620, 50, 330


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Points of one line; `x` must be positive."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


def curve_svg(
    curves: Sequence[Curve],
    *,
    title: str,
    x_label: str,
    y_label: str,
    y_max: float = 1.0,
) -> str:
    """The picture as text: x logarithmic, y from 0 to `y_max`."""
    all_x = [x for curve in curves for x in curve.x]
    low, high = math.floor(math.log10(min(all_x))), math.ceil(math.log10(max(all_x)))
    high = max(high, low + 1)

    def at(x: float, y: float) -> str:
        across = (math.log10(x) - low) / (high - low)
        return (
            f"{LEFT + across * (RIGHT - LEFT):.1f},"
            f"{BOTTOM - y / y_max * (BOTTOM - TOP):.1f}"
        )

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 400" '
        'font-family="sans-serif" font-size="13">',
        '<rect width="660" height="400" fill="white"/>',
        _text(LEFT, 28, title, size=16),
        _text(0.5 * (LEFT + RIGHT), 378, x_label, anchor="middle"),
        _text(14, TOP - 8, y_label),
    ]
    for k in range(5):
        y = 0.25 * k * y_max
        parts.append(_line(at(10.0**low, y), at(10.0**high, y)))
        parts.append(_text(LEFT - 8, _row(y / y_max) + 4, f"{y:g}", anchor="end"))
    for decade in range(low, high + 1):
        parts.append(_line(at(10.0**decade, 0.0), at(10.0**decade, y_max)))
        x = LEFT + (decade - low) / (high - low) * (RIGHT - LEFT)
        parts.append(_text(x, BOTTOM + 20, f"{10.0**decade:,.12g}", anchor="middle"))
    for k, curve in enumerate(curves):
        colour = COLOURS[k % len(COLOURS)]
        points = " ".join(at(x, y) for x, y in zip(curve.x, curve.y, strict=True))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            'stroke-width="2.5"/>'
        )
        parts += [
            '<circle cx="{}" cy="{}" r="3.5" fill="{}"/>'.format(*p.split(","), colour)
            for p in points.split()
        ]
        parts.append(_text(RIGHT - 190, BOTTOM - 62 + 20 * k, curve.name, fill=colour))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _row(share: float) -> float:
    return BOTTOM - share * (BOTTOM - TOP)


def _line(start: str, end: str) -> str:
    (x1, y1), (x2, y2) = start.split(","), end.split(",")
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#dddddd"/>'


def _text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: int = 13,
    fill: str = "#222222",
) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{fill}">{escape(words)}</text>'
    )
