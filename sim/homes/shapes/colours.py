"""Colours of words, with small differences between instances."""

from __future__ import annotations

from neural_brain.sim.homes.draw import Draw

Rgb = tuple[float, float, float]

RGB: dict[str, tuple[int, int, int]] = {
    "red": (205, 32, 36),
    "orange": (242, 128, 20),
    "yellow": (240, 212, 32),
    "green": (46, 150, 58),
    "blue": (34, 82, 200),
    "purple": (120, 48, 176),
    "pink": (244, 128, 176),
    "brown": (122, 76, 40),
    "black": (28, 28, 30),
    "white": (240, 240, 236),
    "grey": (134, 136, 138),
}


def shade(colour: str, draw: Draw) -> Rgb:
    """One of many reds (blues, ...): brightness differs by up to 6 %."""
    factor = draw.between(94, 106) / 100.0
    r, g, b = (min(1.0, channel / 255.0 * factor) for channel in RGB[colour])
    return (r, g, b)


def darker(rgb: Rgb, factor: float = 0.6) -> Rgb:
    """The same colour in shadow."""
    return (rgb[0] * factor, rgb[1] * factor, rgb[2] * factor)


STEEL: Rgb = (0.66, 0.67, 0.69)
DARK: Rgb = (0.13, 0.13, 0.14)
PALE: Rgb = (0.93, 0.92, 0.89)
WOOD: Rgb = (0.62, 0.44, 0.27)
LEAF: Rgb = (0.16, 0.47, 0.18)
GLASS: Rgb = (0.30, 0.38, 0.46)
EARTH: Rgb = (0.62, 0.33, 0.22)
