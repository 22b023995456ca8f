"""Numbers on the command line, refused with the allowed range when they are wrong."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers in [low, high], for `add_argument(type=...)`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise _refusal(text, "a whole number", low, high) from None
        if not low <= value <= high:
            raise _refusal(text, "a whole number", low, high)
        return value

    return read


def real(low: float, high: float) -> Callable[[str], float]:
    """A reader of numbers in [low, high]; NaN is refused."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise _refusal(text, "a number", low, high) from None
        if not low <= value <= high:
            raise _refusal(text, "a number", low, high)
        return value

    return read


PORT = whole(1, 65535)
"""A TCP port."""


def _refusal(
    text: str, kind: str, low: float, high: float
) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(
        f"{text!r} is not {kind} from {low:g} to {high:g}. Choose one of these."
    )
