"""Shapes of what people own and leave about; the first solid geom is the body."""

from __future__ import annotations

from collections.abc import Callable

from neural_brain.sim.homes.shapes.colours import DARK, GLASS, PALE, STEEL, darker
from neural_brain.sim.homes.shapes.shaper import Shaper


def book(s: Shaper) -> None:
    """A lying book: cover, pale pages."""
    s.box((-s.w / 2, -s.d / 2, 0), (s.w / 2, s.d / 2, s.h))
    s.box(
        (-s.w / 2 + 0.004, -s.d / 2 - 0.001, 0.005),
        (s.w / 2 + 0.001, s.d / 2 + 0.001, s.h - 0.005),
        rgb=PALE,
        solid=False,
    )
    s.box(
        (-0.3 * s.w, 0.1 * s.d, s.h),
        (0.3 * s.w, 0.3 * s.d, s.h + 0.001),
        rgb=PALE,
        solid=False,
    )


def laptop(s: Shaper) -> None:
    """An open laptop: keyboard part and a screen that leans back."""
    base = 0.02
    s.box((-s.w / 2, -s.d / 2, 0), (s.w / 2, s.d / 2 - 0.02, base))
    s.box(
        (-0.43 * s.w, -0.1 * s.d, base),
        (0.43 * s.w, 0.32 * s.d, base + 0.002),
        rgb=DARK,
        solid=False,
    )
    lean = -0.12
    y = s.d / 2 - 0.026
    s.box((-s.w / 2, y - 0.006, base), (s.w / 2, y + 0.006, s.h - 0.003), pitch=lean)
    s.box(
        (-s.w / 2 + 0.012, y - 0.009, base + 0.014),
        (s.w / 2 - 0.012, y - 0.005, s.h - 0.016),
        rgb=(0.25, 0.55, 0.85),
        solid=False,
        pitch=lean,
    )


def ball(s: Shaper) -> None:
    """A sphere with a stripe."""
    r = s.w / 2
    s.ball((0, 0, r), r, rolls=True)
    s.cylinder((0, -0.1 * r, r), (0, 0.1 * r, r), 1.001 * r, rgb=PALE, solid=False)


def box(s: Shaper) -> None:
    """A closed cardboard box with tape."""
    s.box((-s.w / 2, -s.d / 2, 0), (s.w / 2, s.d / 2, s.h))
    s.box(
        (-s.w / 2 - 0.001, -0.024, 0.6 * s.h),
        (s.w / 2 + 0.001, 0.024, s.h + 0.001),
        rgb=(0.80, 0.70, 0.50),
        solid=False,
    )


def shoe(s: Shaper) -> None:
    """Sole, toe to the front, higher heel part."""
    s.box((-s.w / 2, -s.d / 2, 0), (s.w / 2, s.d / 2, 0.025), rgb=PALE)
    s.box((-0.44 * s.w, -0.05 * s.d, 0.025), (0.44 * s.w, 0.48 * s.d, 0.72 * s.h))
    s.ball(
        (0, -0.18 * s.d, 0.35 * s.h), (0.46 * s.w, 0.31 * s.d, 0.35 * s.h), solid=False
    )
    s.box((-0.44 * s.w, -0.3 * s.d, 0.025), (0.44 * s.w, -0.05 * s.d, 0.38 * s.h))
    s.box(
        (-0.36 * s.w, 0.2 * s.d, 0.72 * s.h), (0.36 * s.w, 0.46 * s.d, s.h), solid=False
    )
    s.box(
        (-0.3 * s.w, 0.05 * s.d, 0.71 * s.h),
        (0.3 * s.w, 0.4 * s.d, 0.73 * s.h),
        rgb=DARK,
        solid=False,
    )


def teddy(s: Shaper) -> None:
    """Belly, head with ears, snout and eyes, arms and legs."""
    belly, head = 0.28 * s.h, 0.19 * s.h
    zb, zh = 0.30 * s.h, 0.70 * s.h
    pale = tuple(0.5 + 0.5 * c for c in s.colour)
    s.ball((0, 0, zb), (0.30 * s.w + 0.01, 0.4 * s.d, belly))
    s.ball((0, 0, zh), head)
    s.ball(
        (0, -0.30 * s.d, zb),
        (0.2 * s.w, 0.14 * s.d, 0.7 * belly),
        rgb=pale,
        solid=False,
    )
    s.ball((0, -0.85 * head, zh - 0.2 * head), 0.45 * head, rgb=pale, solid=False)
    s.ball((0, -1.25 * head, zh - 0.1 * head), 0.14 * head, rgb=DARK, solid=False)
    for side in (-1, 1):
        s.ball((side * 0.75 * head, 0, zh + 0.75 * head), 0.42 * head, solid=False)
        s.ball(
            (side * 0.4 * head, -0.85 * head, zh + 0.3 * head),
            0.12 * head,
            rgb=DARK,
            solid=False,
        )
        s.capsule(
            (side * 0.25 * s.w, -0.02, 0.48 * s.h),
            (side * 0.40 * s.w, -0.22 * s.d, 0.30 * s.h),
            0.075 * s.h,
        )
        s.capsule(
            (side * 0.20 * s.w, -0.05, 0.1 * s.h),
            (side * 0.32 * s.w, -0.32 * s.d, 0.1 * s.h),
            0.095 * s.h,
        )


def cushion(s: Shaper) -> None:
    """A soft square pad."""
    s.box((-0.42 * s.w, -0.42 * s.d, 0.15 * s.h), (0.42 * s.w, 0.42 * s.d, 0.85 * s.h))
    s.ball((0, 0, s.h / 2), (s.w / 2, s.d / 2, s.h / 2))
    for sx in (-1, 1):
        for sy in (-1, 1):
            s.ball(
                (sx * 0.38 * s.w, sy * 0.38 * s.d, s.h / 2),
                (0.1 * s.w, 0.1 * s.d, 0.3 * s.h),
                solid=False,
            )


def clock(s: Shaper) -> None:
    """A standing alarm clock: round case, white face, hands, two feet."""
    r = min(s.w, s.h) / 2 - 0.01
    z = s.h - r
    y = s.d / 2 - 0.01
    s.cylinder((0, -y, z), (0, y, z), r)
    s.cylinder((0, -y - 0.004, z), (0, -y, z), 0.84 * r, rgb=PALE, solid=False)
    s.box(
        (-0.004, -y - 0.006, z - 0.005),
        (0.004, -y - 0.003, z + 0.62 * r),
        rgb=DARK,
        solid=False,
    )
    s.box(
        (-0.005, -y - 0.006, z - 0.004),
        (0.45 * r, -y - 0.003, z + 0.004),
        rgb=DARK,
        solid=False,
    )
    s.box((-0.6 * r, -y, 0), (0.6 * r, y, z - 0.7 * r), rgb=darker(s.colour, 0.7))


def basket(s: Shaper) -> None:
    """An open basket: four walls, floor, rim and bands."""
    t = 0.02
    s.box((-s.w / 2, -s.d / 2, 0), (s.w / 2, s.d / 2, 0.03))
    for y in (-s.d / 2, s.d / 2 - t):
        s.box((-s.w / 2, y, 0.03), (s.w / 2, y + t, s.h))
    for x in (-s.w / 2, s.w / 2 - t):
        s.box((x, -s.d / 2 + t, 0.03), (x + t, s.d / 2 - t, s.h))
    dark = darker(s.colour, 0.72)
    for k in range(3):
        z = (0.18 + 0.3 * k) * s.h
        s.box(
            (-s.w / 2 - 0.003, -s.d / 2 - 0.003, z),
            (s.w / 2 + 0.003, -s.d / 2 + 0.004, z + 0.1 * s.h),
            rgb=dark,
            solid=False,
        )
        s.box(
            (-s.w / 2 - 0.003, s.d / 2 - 0.004, z),
            (s.w / 2 + 0.003, s.d / 2 + 0.003, z + 0.1 * s.h),
            rgb=dark,
            solid=False,
        )
        for x in (-s.w / 2 - 0.003, s.w / 2 - 0.004):
            s.box(
                (x, -s.d / 2, z),
                (x + 0.007, s.d / 2, z + 0.1 * s.h),
                rgb=dark,
                solid=False,
            )


def toy_car(s: Shaper) -> None:
    """Body, cabin with windows, four wheels; drives along x."""
    r = 0.24 * s.h
    s.box((-s.w / 2, -0.42 * s.d, r), (s.w / 2, 0.42 * s.d, 0.62 * s.h))
    s.box((-0.28 * s.w, -0.36 * s.d, 0.62 * s.h), (0.2 * s.w, 0.36 * s.d, s.h))
    s.box(
        (-0.24 * s.w, -0.37 * s.d, 0.66 * s.h),
        (0.16 * s.w, 0.37 * s.d, 0.92 * s.h),
        rgb=GLASS,
        solid=False,
    )
    s.box(
        (-0.29 * s.w, -0.3 * s.d, 0.66 * s.h),
        (0.21 * s.w, 0.3 * s.d, 0.92 * s.h),
        rgb=GLASS,
        solid=False,
    )
    for x in (-0.3 * s.w, 0.3 * s.w):
        for y in (-1, 1):
            s.cylinder((x, y * 0.36 * s.d, r), (x, y * s.d / 2, r), r, rgb=DARK)
            s.cylinder(
                (x, y * 0.4 * s.d, r),
                (x, y * (s.d / 2 + 0.001), r),
                0.5 * r,
                rgb=STEEL,
                solid=False,
            )


SHAPES: dict[str, Callable[[Shaper], None]] = {
    "book": book,
    "laptop": laptop,
    "ball": ball,
    "box": box,
    "shoe": shoe,
    "teddy": teddy,
    "cushion": cushion,
    "clock": clock,
    "basket": basket,
    "toy car": toy_car,
}
