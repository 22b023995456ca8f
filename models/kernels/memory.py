"""Memory that compiled functions share with the objects that own it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Memory = NDArray[Any]


def memory(dtype: np.dtype[Any]) -> Memory:
    """One record (1,) of zeros; its parts, `record["part"]`, are views."""
    return np.zeros(1, dtype=dtype)
