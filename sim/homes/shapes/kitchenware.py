"""Shapes of what stands on tables and work tops; the first solid geom is the body."""

from __future__ import annotations

from collections.abc import Callable

from neural_brain.sim.homes.shapes.colours import DARK, PALE, WOOD, darker
from neural_brain.sim.homes.shapes.shaper import Shaper


def mug(s: Shaper) -> None:
    """A cup with a handle at +x and dark inside."""
    r = s.d / 2
    x = -s.w / 2 + r
    s.cylinder((x, 0, 0), (x, 0, s.h), r)
    s.cylinder(
        (x, 0, s.h),
        (x, 0, s.h + 0.001),
        0.85 * r,
        rgb=darker(s.colour, 0.3),
        solid=False,
    )
    t, out = 0.007, s.w / 2 - 0.007
    for z in (0.26 * s.h, 0.76 * s.h):
        s.capsule((x + r, 0, z), (out, 0, z), t, solid=False)
    s.capsule((out, 0, 0.26 * s.h), (out, 0, 0.76 * s.h), t, solid=False)


def bowl(s: Shaper) -> None:
    """A round bowl: foot, flaring wall, dark inside."""
    r = s.w / 2
    s.cylinder((0, 0, 0), (0, 0, s.h), 0.8 * r)
    for share, low, high in ((0.5, 0.0, 0.2), (0.9, 0.4, 1.0), (1.0, 0.75, 1.0)):
        s.cylinder((0, 0, low * s.h), (0, 0, high * s.h), share * r, solid=False)
    s.cylinder(
        (0, 0, s.h),
        (0, 0, s.h + 0.001),
        0.9 * r,
        rgb=darker(s.colour, 0.45),
        solid=False,
    )


def bottle(s: Shaper) -> None:
    """Body, shoulder, neck, cap, label."""
    r = s.w / 2
    body = s.draw.between(58, 68) / 100 * s.h
    s.cylinder((0, 0, 0), (0, 0, body), r)
    s.ball((0, 0, body), (r, r, 0.6 * r), solid=False)
    s.cylinder((0, 0, body), (0, 0, s.h - 0.025), 0.36 * r)
    s.cylinder((0, 0, s.h - 0.025), (0, 0, s.h), 0.42 * r, rgb=DARK, solid=False)
    s.cylinder((0, 0, 0.3 * body), (0, 0, 0.6 * body), r + 0.001, rgb=PALE, solid=False)


def vase(s: Shaper) -> None:
    """Belly, neck and lip."""
    r = s.w / 2
    s.cylinder((0, 0, 0), (0, 0, 0.62 * s.h), 0.72 * r)
    s.cylinder((0, 0, 0.6 * s.h), (0, 0, s.h), 0.42 * r)
    s.ball((0, 0, 0.36 * s.h), (r, r, 0.36 * s.h), solid=False)
    s.cylinder((0, 0, 0.94 * s.h), (0, 0, s.h), 0.66 * r, solid=False)
    s.cylinder(
        (0, 0, s.h),
        (0, 0, s.h + 0.001),
        0.52 * r,
        rgb=darker(s.colour, 0.3),
        solid=False,
    )


def kettle(s: Shaper) -> None:
    """Body that narrows upwards, lid knob, handle at +x, spout at -x."""
    r = s.d / 2
    x = 0.01
    s.cylinder((x, 0, 0), (x, 0, 0.72 * s.h), 0.92 * r)
    s.cylinder((x, 0, 0), (x, 0, 0.3 * s.h), r, solid=False)
    s.cylinder(
        (x, 0, 0.7 * s.h), (x, 0, 0.8 * s.h), 0.7 * r, rgb=darker(s.colour), solid=False
    )
    s.ball((x, 0, 0.86 * s.h), 0.018, rgb=DARK, solid=False)
    out = s.w / 2 - 0.012
    for start, end in (
        ((x + 0.8 * r, 0, 0.2 * s.h), (out, 0, 0.24 * s.h)),
        ((out, 0, 0.24 * s.h), (out - 0.01, 0, 0.9 * s.h)),
        ((out - 0.01, 0, 0.9 * s.h), (x + 0.4 * r, 0, 0.95 * s.h)),
    ):
        s.capsule(start, end, 0.011, rgb=DARK, solid=False)
    s.capsule(
        (x - 0.7 * r, 0, 0.42 * s.h),
        (-s.w / 2 + 0.018, 0, 0.68 * s.h),
        0.017,
        solid=False,
    )


def pan(s: Shaper) -> None:
    """A flat round pan with a long handle at +x."""
    r = s.d / 2
    x = -s.w / 2 + r
    s.cylinder((x, 0, 0), (x, 0, 0.75 * s.h), r)
    s.cylinder(
        (x, 0, 0.75 * s.h),
        (x, 0, 0.75 * s.h + 0.001),
        0.92 * r,
        rgb=darker(s.colour, 0.4),
        solid=False,
    )
    s.capsule((x + r, 0, 0.6 * s.h), (s.w / 2 - 0.012, 0, s.h - 0.012), 0.012, rgb=DARK)


def apple(s: Shaper) -> None:
    """A sphere with a stem and a leaf."""
    r = s.w / 2
    s.ball((0, 0, r), (r, r, 0.93 * r))
    s.capsule((0, 0, 1.8 * r), (0.003, 0, 2 * r - 0.003), 0.003, rgb=WOOD, solid=False)
    s.ball(
        (0.3 * r, 0, 1.9 * r),
        (0.3 * r, 0.14 * r, 0.06 * r),
        rgb=(0.2, 0.5, 0.2),
        solid=False,
    )


def banana(s: Shaper) -> None:
    """Bent capsules with dark ends."""
    r = s.h / 2
    out = s.w / 2 - r
    deep = s.d - 2 * r
    points = []
    for k in range(6):
        t = -1.0 + 0.4 * k
        points.append((out * t, -deep / 2 + deep * t * t, r))
    for k in range(5):
        thick = r if 0 < k < 4 else 0.8 * r
        s.capsule(points[k], points[k + 1], thick)
    for point in (points[0], points[-1]):
        s.ball(point, 0.8 * r + 0.002, rgb=(0.3, 0.22, 0.1), solid=False)


SHAPES: dict[str, Callable[[Shaper], None]] = {
    "mug": mug,
    "bowl": bowl,
    "bottle": bottle,
    "vase": vase,
    "kettle": kettle,
    "pan": pan,
    "apple": apple,
    "banana": banana,
}
