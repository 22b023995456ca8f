"""The things a home robot knows by name, and where people tend to keep them.

The index of a name in `CATEGORIES` is its class number (0 = background). The prior
says in which rooms a thing is looked for first; the home generator places things
by the same common sense, with exceptions.
"""

from __future__ import annotations

FURNITURE = (
    "table",
    "chair",
    "sofa",
    "bed",
    "bookcase",
    "wardrobe",
    "desk",
    "cabinet",
    "fridge",
    "oven",
    "sink",
    "toilet",
    "bathtub",
    "washing machine",
    "tv",
    "lamp",
    "plant",
    "nightstand",
)
SMALL_OBJECTS = (
    "mug",
    "bowl",
    "bottle",
    "book",
    "laptop",
    "ball",
    "vase",
    "box",
    "kettle",
    "pan",
    "apple",
    "banana",
    "shoe",
    "teddy",
    "cushion",
    "clock",
    "basket",
    "toy car",
)
CATEGORIES = ("background", *FURNITURE, *SMALL_OBJECTS)
RIMMED = ("basket",)
"""Kinds that are open and too deep for the hand: pressed on their rim."""
BY_SURFACE = (*FURNITURE, "laptop", *RIMMED)
"""Kinds that are touched where their surface is seen; the middle of their box is air,
or out of reach."""
COLOURLESS = ("tv",)
"""Kinds that no colour tells apart: one sees what they show, hardly their frame."""
COLOURS = (
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
    "black",
    "white",
    "grey",
)
ROOM_TYPES = (
    "kitchen",
    "living room",
    "bedroom",
    "bathroom",
    "office",
    "hall",
    "dining room",
    "storage",
)
ROOM_PRIOR: dict[str, dict[str, float]] = {
    "kitchen": {
        "fridge": 0.95, "oven": 0.95, "sink": 0.9, "cabinet": 0.8, "table": 0.6,
        "chair": 0.6, "mug": 0.8, "bowl": 0.8, "bottle": 0.7, "kettle": 0.9,
        "pan": 0.9, "apple": 0.7, "banana": 0.7, "box": 0.3, "clock": 0.3,
    },
    "living room": {
        "sofa": 0.95, "tv": 0.9, "table": 0.7, "chair": 0.4, "bookcase": 0.6,
        "lamp": 0.7, "plant": 0.7, "cushion": 0.8, "book": 0.6, "vase": 0.5,
        "mug": 0.3, "ball": 0.3, "teddy": 0.2, "toy car": 0.3, "clock": 0.4,
        "basket": 0.3,
    },
    "bedroom": {
        "bed": 0.98, "wardrobe": 0.9, "nightstand": 0.8, "lamp": 0.6, "cushion": 0.5,
        "book": 0.5, "clock": 0.5, "teddy": 0.6, "shoe": 0.4, "toy car": 0.3,
        "ball": 0.3, "chair": 0.3,
    },
    "bathroom": {
        "toilet": 0.95, "sink": 0.8, "bathtub": 0.7, "washing machine": 0.5,
        "bottle": 0.6, "basket": 0.6, "cabinet": 0.3,
    },
    "office": {
        "desk": 0.95, "chair": 0.9, "laptop": 0.9, "bookcase": 0.7, "book": 0.8,
        "lamp": 0.5, "mug": 0.4, "plant": 0.4, "clock": 0.4, "box": 0.3,
    },
    "hall": {
        "shoe": 0.8, "cabinet": 0.4, "plant": 0.4, "basket": 0.3, "lamp": 0.3,
        "box": 0.2,
    },
    "dining room": {
        "table": 0.98, "chair": 0.95, "vase": 0.6, "bowl": 0.6, "plant": 0.4,
        "bottle": 0.4, "cabinet": 0.4, "apple": 0.4, "mug": 0.4,
    },
    "storage": {
        "box": 0.9, "washing machine": 0.5, "basket": 0.6, "shoe": 0.4, "ball": 0.4,
        "bookcase": 0.3, "pan": 0.2, "kettle": 0.1,
    },
}  # fmt: skip
