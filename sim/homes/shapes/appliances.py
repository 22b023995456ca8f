"""Shapes of kitchen and bathroom fittings; front at -y."""

from __future__ import annotations

from collections.abc import Callable

from neural_brain.sim.homes.shapes.colours import DARK, GLASS, STEEL, darker
from neural_brain.sim.homes.shapes.shaper import Shaper


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
    rim, floor, top = 0.07, 0.14, s.h - 0.135
    s.box((-s.w / 2, -s.d / 2, 0.0), (s.w / 2, s.d / 2, floor))
    s.box((-s.w / 2, -s.d / 2, floor), (s.w / 2, -s.d / 2 + rim, top))
    s.box((-s.w / 2, s.d / 2 - rim, floor), (s.w / 2, s.d / 2, top))
    for x in (-s.w / 2, s.w / 2 - rim):
        s.box((x, -s.d / 2 + rim, floor), (x + rim, s.d / 2 - rim, top))
    s.box(
        (-s.w / 2 + rim, -s.d / 2 + rim, floor),
        (s.w / 2 - rim, s.d / 2 - rim, floor + 0.16),
        rgb=(0.60, 0.80, 0.90),
        solid=False,
    )
    x = s.w / 2 - 0.035
    s.cylinder((x, 0, top), (x, 0, top + 0.12), 0.015, rgb=STEEL, solid=False)
    s.capsule(
        (x, 0, top + 0.12), (x - 0.14, 0, top + 0.1), 0.013, rgb=STEEL, solid=False
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


SHAPES: dict[str, Callable[[Shaper], None]] = {
    "fridge": fridge,
    "oven": oven,
    "sink": sink,
    "toilet": toilet,
    "bathtub": bathtub,
    "washing machine": washing_machine,
}
