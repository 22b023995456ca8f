"""One number that tells whether an array is finite, without warnings."""

from __future__ import annotations

import math

from neural_brain.models.geometry import Array


def square_sum(values: Array) -> float:
    """Sum of squares (n,); infinity or NaN if any value is bad or absurdly large.

    For a handful of values this is quicker than numpy's dot, which would warn.
    """
    size = math.hypot(*values.tolist())
    return size * size
