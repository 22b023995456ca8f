"""How large things usually are: a fragment of a table is no table.

The figures are those of ordinary household goods: the least and the greatest length
of the longest edge [m] that still passes without remark.
"""

from __future__ import annotations

from neural_brain.models.geometry import Array

LONGEST_EDGE_M: dict[str, tuple[float, float]] = {
    "table": (0.8, 2.2), "chair": (0.7, 1.2), "sofa": (1.2, 2.6), "bed": (1.6, 2.3),
    "bookcase": (0.7, 2.2), "wardrobe": (1.5, 2.4), "desk": (0.9, 1.8),
    "cabinet": (0.6, 1.6), "fridge": (1.2, 2.1), "oven": (0.7, 1.0),
    "sink": (0.7, 1.2), "toilet": (0.6, 0.95), "bathtub": (1.3, 1.9),
    "washing machine": (0.7, 1.0), "tv": (0.8, 1.6), "lamp": (1.0, 1.9),
    "plant": (0.4, 1.8), "nightstand": (0.4, 0.75), "mug": (0.08, 0.17),
    "bowl": (0.12, 0.3), "bottle": (0.18, 0.38), "book": (0.14, 0.32),
    "laptop": (0.25, 0.45), "ball": (0.12, 0.3), "vase": (0.18, 0.45),
    "box": (0.15, 0.5), "kettle": (0.16, 0.32), "pan": (0.25, 0.55),
    "apple": (0.06, 0.12), "banana": (0.12, 0.26), "shoe": (0.2, 0.35),
    "teddy": (0.2, 0.45), "cushion": (0.25, 0.55), "clock": (0.12, 0.3),
    "basket": (0.22, 0.5), "toy car": (0.16, 0.35),
}  # fmt: skip


def size_factor(category: str, size: Array, *, cut: bool) -> float:
    """Confidence 0..1 that a visible extent (3,) [m] leaves to a category.

    Full when the longest visible edge is at least half of what is usual and not much
    longer than usual; a thing that the image border cuts may be any smaller.
    """
    low, high = LONGEST_EDGE_M.get(category, (0.0, 10.0))
    longest = float(size.max())
    if longest > high:
        return max(0.0, 1.0 - 2.0 * (longest / high - 1.0))
    if cut or longest >= 0.5 * low:
        return 1.0
    return longest / (0.5 * low)
