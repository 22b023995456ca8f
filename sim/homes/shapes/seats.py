"""Shapes of what people sit, lie and work on; front at -y."""

from __future__ import annotations

from collections.abc import Callable

from neural_brain.sim.homes.shapes.colours import DARK, PALE, STEEL, WOOD, darker
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


SHAPES: dict[str, Callable[[Shaper], None]] = {
    "table": table,
    "desk": desk,
    "chair": chair,
    "sofa": sofa,
    "bed": bed,
}
