"""Shapes of furniture: each a handful of boxes and cylinders, front at -y."""

from __future__ import annotations

import math
from collections.abc import Callable

from neural_brain.sim.homes.shapes.colours import (
    DARK,
    EARTH,
    GLASS,
    LEAF,
    PALE,
    STEEL,
    WOOD,
    darker,
)
from neural_brain.sim.homes.shapes.shaper import Shaper


def table(s: Shaper) -> None:
    """A top on four legs."""
    s.box((-s.w / 2, -s.d / 2, s.h - 0.035), (s.w / 2, s.d / 2, s.h))
    s.legs(s.h - 0.035, s.draw.between(45, 70) / 1000, rgb=darker(s.colour, 0.8))


def desk(s: Shaper) -> None:
    """A top on legs with a drawer unit at one side and a modesty panel."""
    s.box((-s.w / 2, -s.d / 2, s.h - 0.03), (s.w / 2, s.d / 2, s.h))
    s.legs(s.h - 0.03, 0.045, rgb=STEEL)
    side = 1 if s.draw.chance(50) else -1
    x0, x1 = sorted((side * (s.w / 2 - 0.09), side * (s.w / 2 - 0.42)))
    y0, y1 = -s.d / 2 + 0.05, s.d / 2 - 0.09
    s.box((x0, y0, 0.12), (x1, y1, s.h - 0.04), rgb=darker(s.colour, 0.85))
    for z in (0.18, 0.36, 0.54):
        s.box((x0 + 0.03, y0 - 0.012, z), (x1 - 0.03, y0, z + 0.13), solid=False)


def chair(s: Shaper) -> None:
    """Four legs, a seat at 0.45 m, a back with slats."""
    seat = 0.45
    leg = darker(s.colour, 0.75)
    s.legs(seat - 0.03, 0.035, inset=0.0, rgb=leg)
    s.box((-s.w / 2, -s.d / 2, seat - 0.035), (s.w / 2, s.d / 2, seat))
    for x in (-s.w / 2, s.w / 2 - 0.035):
        s.box((x, s.d / 2 - 0.035, seat), (x + 0.035, s.d / 2, s.h), rgb=leg)
    slats = s.draw.between(1, 3)
    room = (s.h - seat - 0.1) / slats
    for k in range(slats):
        z = seat + 0.1 + k * room
        s.box(
            (-s.w / 2 + 0.035, s.d / 2 - 0.03, z),
            (s.w / 2 - 0.035, s.d / 2 - 0.008, z + 0.75 * room),
        )


def sofa(s: Shaper) -> None:
    """Seat cushions between arm rests, before a high back."""
    arm, back, seat = 0.18, 0.22, 0.43
    dark = darker(s.colour, 0.8)
    s.box((-s.w / 2, -s.d / 2, 0.08), (s.w / 2, s.d / 2, 0.28), rgb=dark)
    s.box((-s.w / 2, s.d / 2 - back, 0.28), (s.w / 2, s.d / 2, s.h))
    for x in (-s.w / 2, s.w / 2 - arm):
        s.box((x, -s.d / 2, 0.28), (x + arm, s.d / 2 - back, 0.60), rgb=dark)
    parts = 3 if s.w > 1.75 else 2
    width = (s.w - 2 * arm) / parts
    for k in range(parts):
        x = -s.w / 2 + arm + k * width
        s.box((x + 0.006, -s.d / 2, 0.28), (x + width - 0.006, s.d / 2 - back, seat))
    for x in (-s.w / 2 + 0.1, s.w / 2 - 0.1):
        for y in (-s.d / 2 + 0.1, s.d / 2 - 0.1):
            s.cylinder((x, y, 0), (x, y, 0.08), 0.03, rgb=DARK)


def bed(s: Shaper) -> None:
    """Frame, mattress, coloured blanket, pillows, head board at +y."""
    s.legs(0.2, 0.06, inset=0.0, rgb=WOOD)
    s.box((-s.w / 2, -s.d / 2, 0.2), (s.w / 2, s.d / 2 - 0.05, 0.3), rgb=WOOD)
    s.box((-s.w / 2, s.d / 2 - 0.05, 0.2), (s.w / 2, s.d / 2, s.h), rgb=WOOD)
    s.box((-s.w / 2, -s.d / 2, 0.3), (s.w / 2, s.d / 2 - 0.05, 0.47), rgb=PALE)
    s.box((-s.w / 2, -s.d / 2, 0.47), (s.w / 2, s.d / 2 - 0.5, 0.5))
    for k in range(2 if s.w > 1.25 else 1):
        x = (0.0,) if s.w <= 1.25 else (-s.w / 4, s.w / 4)
        s.ball(
            (x[k], s.d / 2 - 0.26, 0.52),
            (0.3 if s.w > 1.25 else 0.33, 0.17, 0.08),
            rgb=PALE,
            solid=False,
        )
    s.box(
        (-s.w / 2 - 0.004, -s.d / 2 - 0.004, 0.33),
        (s.w / 2 + 0.004, s.d / 2 - 0.5, 0.497),
        solid=False,
    )


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


def fridge(s: Shaper) -> None:
    """Two doors, the freezer's on top or below, with long handles."""
    s.box((-s.w / 2, -s.d / 2 + 0.03, 0.0), (s.w / 2, s.d / 2, s.h))
    split = s.h * (0.68 if s.draw.chance(50) else 0.36)
    for z0, z1 in ((0.05, split - 0.008), (split + 0.008, s.h)):
        s.box(
            (-s.w / 2, -s.d / 2, z0),
            (s.w / 2, -s.d / 2 + 0.028, z1),
            solid=False,
        )
    for z0, z1 in ((split - 0.34, split - 0.06), (split + 0.06, split + 0.3)):
        s.cylinder(
            (-s.w / 2 + 0.06, -s.d / 2 - 0.02, z0),
            (-s.w / 2 + 0.06, -s.d / 2 - 0.02, z1),
            0.012,
            rgb=DARK,
            solid=False,
        )
    s.box(
        (-s.w / 2 + 0.002, -s.d / 2 + 0.004, split - 0.008),
        (s.w / 2 - 0.002, -s.d / 2 + 0.03, split + 0.008),
        rgb=DARK,
        solid=False,
    )


def oven(s: Shaper) -> None:
    """A cooker: window in the door, knobs, four hot plates."""
    s.box((-s.w / 2, -s.d / 2 + 0.02, 0.0), (s.w / 2, s.d / 2, s.h - 0.012))
    s.box((-s.w / 2, -s.d / 2, s.h - 0.012), (s.w / 2, s.d / 2, s.h), rgb=DARK)
    s.box(
        (-s.w / 2 + 0.06, -s.d / 2 + 0.008, 0.22),
        (s.w / 2 - 0.06, -s.d / 2 + 0.02, 0.62),
        rgb=DARK,
        solid=False,
    )
    s.cylinder(
        (-s.w / 2 + 0.06, -s.d / 2, 0.66),
        (s.w / 2 - 0.06, -s.d / 2, 0.66),
        0.012,
        rgb=STEEL,
        solid=False,
    )
    for k in range(4):
        x = -s.w / 2 + (k + 0.7) * s.w / 4.4
        s.cylinder(
            (x, -s.d / 2, 0.76),
            (x, -s.d / 2 + 0.02, 0.76),
            0.024,
            rgb=DARK,
            solid=False,
        )
        px, py = (s.w / 4) * (1 if k % 2 else -1), (s.d / 4) * (1 if k > 1 else -1)
        s.cylinder(
            (px, py, s.h - 0.002), (px, py, s.h + 0.004), 0.085, rgb=STEEL, solid=False
        )


def sink(s: Shaper) -> None:
    """A basin on a pedestal, with a tap at the wall."""
    rim = 0.86
    s.box((-0.09, s.d / 2 - 0.2, 0.0), (0.09, s.d / 2, rim - 0.14))
    s.box((-s.w / 2, -s.d / 2, rim - 0.14), (s.w / 2, s.d / 2, rim))
    s.ball(
        (0, -0.03, rim),
        (s.w / 2 - 0.07, s.d / 2 - 0.09, 0.006),
        rgb=darker(s.colour, 0.55),
        solid=False,
    )
    y = s.d / 2 - 0.05
    s.cylinder((0, y, rim), (0, y, s.h - 0.012), 0.014, rgb=STEEL)
    s.capsule((0, y, s.h - 0.012), (0, y - 0.13, s.h - 0.02), 0.012, rgb=STEEL)
    for x in (-0.09, 0.09):
        s.cylinder((x, y, rim), (x, y, rim + 0.05), 0.02, rgb=STEEL, solid=False)


def toilet(s: Shaper) -> None:
    """Bowl with seat ring, tank behind."""
    tank = 0.19
    s.box((-s.w / 2, s.d / 2 - tank, 0.36), (s.w / 2, s.d / 2, s.h))
    s.box((-0.11, -s.d / 2 + 0.16, 0.0), (0.11, s.d / 2 - 0.05, 0.34))
    middle = (-s.d / 2 + s.d / 2 - tank) / 2
    deep = (s.d - tank) / 2
    s.box(
        (-s.w / 2 + 0.03, middle - deep + 0.06, 0.30),
        (s.w / 2 - 0.03, s.d / 2 - tank, 0.40),
    )
    for z, share, rgb in ((0.40, 1.0, s.colour), (0.412, 0.68, GLASS)):
        s.ball(
            (0, middle, z),
            (share * (s.w / 2 - 0.004), share * deep, 0.02 if share == 1.0 else 0.012),
            rgb=rgb,
            solid=False,
        )
    s.ball((0, middle, 0.33), (s.w / 2 - 0.01, deep, 0.11), solid=False)
    s.cylinder(
        (0, s.d / 2 - tank / 2, s.h - 0.001),
        (0, s.d / 2 - tank / 2, s.h + 0.006),
        0.025,
        rgb=STEEL,
        solid=False,
    )


def bathtub(s: Shaper) -> None:
    """A tub with a rim, open at the top, with a tap at one end."""
    rim, floor = 0.07, 0.14
    s.box((-s.w / 2, -s.d / 2, 0.0), (s.w / 2, s.d / 2, floor))
    s.box((-s.w / 2, -s.d / 2, floor), (s.w / 2, -s.d / 2 + rim, s.h))
    s.box((-s.w / 2, s.d / 2 - rim, floor), (s.w / 2, s.d / 2, s.h))
    for x in (-s.w / 2, s.w / 2 - rim):
        s.box((x, -s.d / 2 + rim, floor), (x + rim, s.d / 2 - rim, s.h))
    s.box(
        (-s.w / 2 + rim, -s.d / 2 + rim, floor),
        (s.w / 2 - rim, s.d / 2 - rim, floor + 0.16),
        rgb=(0.60, 0.80, 0.90),
        solid=False,
    )
    x = s.w / 2 - 0.035
    s.cylinder((x, 0, s.h), (x, 0, s.h + 0.12), 0.015, rgb=STEEL, solid=False)
    s.capsule(
        (x, 0, s.h + 0.12), (x - 0.14, 0, s.h + 0.1), 0.013, rgb=STEEL, solid=False
    )


def washing_machine(s: Shaper) -> None:
    """A box with a round window and a panel."""
    s.box((-s.w / 2, -s.d / 2 + 0.02, 0.0), (s.w / 2, s.d / 2, s.h))
    y = -s.d / 2
    for radius, near, rgb in ((0.20, 0.006, STEEL), (0.155, 0.0, GLASS)):
        s.cylinder(
            (0, y + near, 0.45), (0, y + 0.022, 0.45), radius, rgb=rgb, solid=False
        )
    s.box(
        (-s.w / 2 + 0.02, y + 0.01, s.h - 0.12),
        (s.w / 2 - 0.02, y + 0.02, s.h - 0.02),
        rgb=darker(s.colour, 0.7),
        solid=False,
    )
    s.cylinder(
        (0.14, y, s.h - 0.07),
        (0.14, y + 0.02, s.h - 0.07),
        0.032,
        rgb=DARK,
        solid=False,
    )


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


FURNITURE_SHAPES: dict[str, Callable[[Shaper], None]] = {
    "table": table,
    "chair": chair,
    "sofa": sofa,
    "bed": bed,
    "bookcase": bookcase,
    "wardrobe": wardrobe,
    "desk": desk,
    "cabinet": cabinet,
    "fridge": fridge,
    "oven": oven,
    "sink": sink,
    "toilet": toilet,
    "bathtub": bathtub,
    "washing machine": washing_machine,
    "tv": tv,
    "lamp": lamp,
    "plant": plant,
    "nightstand": nightstand,
}
