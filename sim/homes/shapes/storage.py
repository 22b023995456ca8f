"""Shapes of cupboards and of what stands beside them; front at -y."""

from __future__ import annotations

import math
from collections.abc import Callable

from neural_brain.sim.homes.shapes.colours import DARK, EARTH, LEAF, STEEL, WOOD, darker
from neural_brain.sim.homes.shapes.shaper import Shaper


def bookcase(s: Shaper) -> None:
    """Sides, back and shelves; empty."""
    t = 0.022
    s.box((-s.w / 2, s.d / 2 - t, 0), (s.w / 2, s.d / 2, s.h), rgb=darker(s.colour))
    for x in (-s.w / 2, s.w / 2 - t):
        s.box((x, -s.d / 2, 0), (x + t, s.d / 2 - t, s.h))
    shelves = max(3, round(s.h / 0.36))
    for k in range(shelves + 1):
        z = k * (s.h - t) / shelves
        s.box((-s.w / 2 + t, -s.d / 2, z), (s.w / 2 - t, s.d / 2 - t, z + t))


def wardrobe(s: Shaper) -> None:
    """A tall box with two or three doors and handles."""
    s.box((-s.w / 2, -s.d / 2 + 0.02, 0.0), (s.w / 2, s.d / 2, s.h))
    doors = 3 if s.w > 1.25 else 2
    width = s.w / doors
    light = darker(s.colour, 0.85)
    for k in range(doors):
        x = -s.w / 2 + k * width
        s.box(
            (x + 0.008, -s.d / 2, 0.08),
            (x + width - 0.008, -s.d / 2 + 0.02, s.h - 0.03),
            rgb=light,
            solid=False,
        )
        hand = x + (width - 0.06 if k % 2 == 0 else 0.06)
        s.cylinder(
            (hand, -s.d / 2 - 0.012, 0.95),
            (hand, -s.d / 2 - 0.012, 1.2),
            0.01,
            rgb=STEEL,
            solid=False,
        )


def cabinet(s: Shaper) -> None:
    """A low cupboard on a plinth: work top, doors or drawers."""
    top = 0.03
    s.box(
        (-s.w / 2 + 0.01, -s.d / 2 + 0.03, 0.0),
        (s.w / 2 - 0.01, s.d / 2, s.h - top),
    )
    s.box(
        (-s.w / 2, -s.d / 2, s.h - top),
        (s.w / 2, s.d / 2, s.h),
        rgb=darker(s.colour, 0.7),
    )
    parts = 2 if s.w < 1.0 else 3
    width = s.w / parts
    for k in range(parts):
        x = -s.w / 2 + k * width
        s.box(
            (x + 0.02, -s.d / 2 + 0.012, 0.08),
            (x + width - 0.02, -s.d / 2 + 0.03, s.h - top - 0.02),
            rgb=darker(s.colour, 0.88),
            solid=False,
        )
        s.ball(
            (x + width / 2, -s.d / 2 + 0.006, s.h - 0.14), 0.016, rgb=STEEL, solid=False
        )


def nightstand(s: Shaper) -> None:
    """A small box on legs with two drawers."""
    s.legs(0.14, 0.035, inset=0.0)
    s.box((-s.w / 2, -s.d / 2 + 0.015, 0.14), (s.w / 2, s.d / 2, s.h))
    half = (s.h - 0.14) / 2
    for k in range(2):
        z = 0.14 + k * half
        s.box(
            (-s.w / 2 + 0.02, -s.d / 2 + 0.002, z + 0.015),
            (s.w / 2 - 0.02, -s.d / 2 + 0.015, z + half - 0.015),
            rgb=darker(s.colour, 0.8),
            solid=False,
        )
        s.ball((0, -s.d / 2, z + half / 2), 0.015, rgb=STEEL, solid=False)


def tv(s: Shaper) -> None:
    """A flat screen on a low board."""
    board = 0.42
    s.box(
        (-s.w / 2, -s.d / 2, 0.05), (s.w / 2, s.d / 2, board), rgb=WOOD, made_of="wood"
    )
    s.box((-0.18, -0.08, board), (0.18, 0.12, board + 0.02))
    s.box((-0.03, 0.0, board + 0.02), (0.03, 0.04, board + 0.12))
    wide = s.w / 2 - 0.03
    s.box((-wide, -0.02, board + 0.08), (wide, 0.03, s.h))
    s.box(
        (-wide + 0.02, -0.026, board + 0.1),
        (wide - 0.02, -0.02, s.h - 0.02),
        rgb=(0.10, 0.16, 0.26),
        solid=False,
    )


def lamp(s: Shaper) -> None:
    """A floor lamp: foot, pole, shade of two rings."""
    r = s.w / 2
    shade = 0.3
    s.cylinder((0, 0, 0), (0, 0, 0.03), 0.75 * r, rgb=DARK, made_of="metal")
    s.cylinder((0, 0, 0.03), (0, 0, s.h - shade), 0.016, rgb=DARK, made_of="metal")
    s.cylinder((0, 0, s.h - shade), (0, 0, s.h - shade / 2), r)
    s.cylinder((0, 0, s.h - shade / 2), (0, 0, s.h), 0.8 * r)


def plant(s: Shaper) -> None:
    """A pot of earth with a stem and leaves around it."""
    pot = min(0.3, 0.3 * s.h)
    r = s.w / 2
    s.cylinder((0, 0, 0), (0, 0, pot), 0.55 * r, rgb=EARTH, made_of="ceramic")
    s.cylinder((0, 0, pot), (0, 0, 0.75 * s.h), 0.02, rgb=WOOD)
    s.ball((0, 0, 0.5 * (pot + s.h) + 0.04), (0.62 * r, 0.62 * r, 0.36 * (s.h - pot)))
    leaves = s.draw.between(7, 10)
    for k in range(leaves):
        angle = 2.0 * math.pi * k / leaves
        z = pot + (0.3 + 0.55 * ((k * 5) % leaves) / leaves) * (s.h - pot)
        green = LEAF if k % 2 else (0.22, 0.58, 0.22)
        s.ball(
            (0.6 * r * math.cos(angle), 0.6 * r * math.sin(angle), z),
            (0.38 * r, 0.38 * r, 0.13 * (s.h - pot)),
            rgb=green,
            solid=False,
        )


SHAPES: dict[str, Callable[[Shaper], None]] = {
    "bookcase": bookcase,
    "wardrobe": wardrobe,
    "cabinet": cabinet,
    "nightstand": nightstand,
    "tv": tv,
    "lamp": lamp,
    "plant": plant,
}
