"""What the things of a home look like and where they stand. All lengths in mm.

Heights of tables, seats and work tops are those of usual furniture; surfaces that
carry objects lie between 0.35 and 1.1 m so that a robot arm reaches them.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from neural_brain.sim.homes.draw import Draw

Range = tuple[int, int]
MATERIALS = ("wood", "fabric", "plastic", "ceramic", "metal", "paper", "leaf")
FLOOR = "floor"
INSTANCES = {"tune": (0, 1000), "test": (1000, 2000)}
"""Half-open ranges of shape variants: tune and test homes share no shape."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Ranges of width, depth, height [mm], usual colours and materials.

    `supports` names what a small object stands on; it is empty for furniture. `front`
    is the free depth kept before a piece of furniture.
    """

    width: Range
    depth: Range
    height: Range
    colours: tuple[str, ...]
    materials: tuple[str, ...]
    supports: tuple[str, ...] = ()
    front: int = 0


WOODEN = ("brown", "white", "grey", "black", "orange", "yellow")
BRIGHT = (
    "red",
    "blue",
    "green",
    "yellow",
    "orange",
    "purple",
    "pink",
    "white",
    "black",
)
WHITE_GOODS = ("white", "grey", "black", "red", "blue")
BATH = ("white", "blue", "pink", "grey", "green")
WORK_TOPS = ("table", "cabinet", "desk")

CATALOG: dict[str, Entry] = {
    "table": Entry(width=(1000, 1500), depth=(700, 850), height=(700, 740),
                   colours=WOODEN, materials=("wood",), front=500),
    "chair": Entry(width=(420, 470), depth=(420, 470), height=(850, 950),
                   colours=(*WOODEN, "red", "blue", "green"), materials=("wood",)),
    "sofa": Entry(width=(1500, 2000), depth=(800, 900), height=(760, 840),
                  colours=("red", "blue", "green", "grey", "brown", "purple", "orange"),
                  materials=("fabric",), front=750),
    "bed": Entry(width=(1000, 1600), depth=(1950, 2050), height=(850, 1000),
                 colours=("blue", "white", "red", "green", "purple", "grey", "yellow"),
                 materials=("fabric",), front=500),
    "bookcase": Entry(width=(700, 1000), depth=(280, 350), height=(1000, 1080),
                      colours=WOODEN, materials=("wood",), front=750),
    "wardrobe": Entry(width=(1000, 1500), depth=(550, 600), height=(1900, 2100),
                      colours=WOODEN, materials=("wood",), front=750),
    "desk": Entry(width=(1100, 1400), depth=(600, 700), height=(720, 740),
                  colours=WOODEN, materials=("wood",), front=750),
    "cabinet": Entry(width=(800, 1200), depth=(420, 550), height=(740, 800),
                     colours=(*WOODEN, "red", "blue", "green"), materials=("wood",),
                     front=750),
    "fridge": Entry(width=(580, 640), depth=(580, 640), height=(1550, 1850),
                    colours=WHITE_GOODS, materials=("metal",), front=750),
    "oven": Entry(width=(580, 620), depth=(580, 620), height=(840, 880),
                  colours=WHITE_GOODS, materials=("metal",), front=750),
    "sink": Entry(width=(500, 600), depth=(420, 480), height=(980, 1040),
                  colours=BATH, materials=("ceramic",), front=700),
    "toilet": Entry(width=(370, 400), depth=(640, 700), height=(760, 820),
                    colours=BATH, materials=("ceramic",), front=600),
    "bathtub": Entry(width=(1500, 1700), depth=(700, 760), height=(670, 730),
                     colours=BATH, materials=("ceramic",), front=600),
    "washing machine": Entry(width=(580, 620), depth=(560, 600), height=(840, 870),
                             colours=("white", "grey", "black"), materials=("metal",),
                             front=700),
    "tv": Entry(width=(1000, 1400), depth=(350, 420), height=(1050, 1200),
                colours=("black", "grey"), materials=("plastic",), front=750),
    "lamp": Entry(width=(340, 420), depth=(340, 420), height=(1400, 1650),
                  colours=("yellow", "white", "red", "orange", "green"),
                  materials=("fabric",)),
    "plant": Entry(width=(360, 500), depth=(360, 500), height=(700, 1300),
                   colours=("green",), materials=("leaf",)),
    "nightstand": Entry(width=(420, 480), depth=(380, 420), height=(480, 560),
                        colours=WOODEN, materials=("wood",), front=600),
    "mug": Entry(width=(120, 135), depth=(88, 98), height=(95, 110), colours=BRIGHT,
                 materials=("ceramic",),
                 supports=(*WORK_TOPS, "nightstand", "bookcase")),
    "bowl": Entry(width=(170, 220), depth=(170, 220), height=(70, 90), colours=BRIGHT,
                  materials=("ceramic",), supports=("table", "cabinet")),
    "bottle": Entry(width=(78, 95), depth=(78, 95), height=(240, 300),
                    colours=("green", "blue", "red", "white", "brown", "purple"),
                    materials=("plastic",), supports=WORK_TOPS),
    "book": Entry(width=(150, 180), depth=(210, 240), height=(30, 55), colours=BRIGHT,
                  materials=("paper",),
                  supports=("bookcase", "desk", "table", "nightstand", "sofa")),
    "laptop": Entry(width=(320, 350), depth=(235, 255), height=(210, 235),
                    colours=("grey", "black", "white", "blue"), materials=("plastic",),
                    supports=("desk", "table")),
    "ball": Entry(width=(160, 230), depth=(0, 0), height=(0, 0),
                  colours=("red", "blue", "green", "yellow", "orange", "purple"),
                  materials=("plastic",), supports=(FLOOR,)),
    "vase": Entry(width=(120, 160), depth=(120, 160), height=(230, 330),
                  colours=("blue", "white", "red", "green", "purple", "orange"),
                  materials=("ceramic",), supports=("table", "cabinet", "bookcase")),
    "box": Entry(width=(200, 320), depth=(180, 260), height=(140, 240),
                 colours=("brown", "blue", "red", "green", "yellow", "white"),
                 materials=("paper",), supports=(FLOOR, FLOOR, "cabinet", "desk")),
    "kettle": Entry(width=(230, 250), depth=(160, 175), height=(220, 245),
                    colours=("red", "grey", "black", "white", "blue"),
                    materials=("metal",), supports=("cabinet", "table")),
    "pan": Entry(width=(420, 460), depth=(240, 260), height=(60, 80),
                 colours=("black", "grey", "red", "blue"), materials=("metal",),
                 supports=("cabinet", "table")),
    "apple": Entry(width=(78, 92), depth=(0, 0), height=(0, 0),
                   colours=("red", "green", "yellow"), materials=("leaf",),
                   supports=("table", "cabinet")),
    "banana": Entry(width=(190, 220), depth=(80, 95), height=(38, 46),
                    colours=("yellow", "green"), materials=("leaf",),
                    supports=("table", "cabinet")),
    "shoe": Entry(width=(100, 112), depth=(270, 295), height=(110, 130),
                  colours=("black", "brown", "red", "blue", "white", "green"),
                  materials=("fabric",), supports=(FLOOR,)),
    "teddy": Entry(width=(240, 290), depth=(180, 220), height=(290, 360),
                   colours=("brown", "white", "pink", "orange", "blue"),
                   materials=("fabric",), supports=("bed", "sofa", FLOOR)),
    "cushion": Entry(width=(380, 430), depth=(360, 420), height=(130, 160),
                     colours=("red", "blue", "green", "yellow", "orange", "purple",
                              "pink", "white"),
                     materials=("fabric",), supports=("sofa", "bed")),
    "clock": Entry(width=(150, 190), depth=(70, 85), height=(160, 200),
                   colours=("red", "white", "black", "blue", "green", "yellow"),
                   materials=("plastic",),
                   supports=("nightstand", "desk", "bookcase", "cabinet", "table")),
    "basket": Entry(width=(300, 380), depth=(260, 310), height=(220, 280),
                    colours=("brown", "yellow", "white", "grey", "blue"),
                    materials=("wood",), supports=(FLOOR,)),
    "toy car": Entry(width=(220, 270), depth=(115, 135), height=(100, 120),
                     colours=("red", "blue", "yellow", "green", "orange"),
                     materials=("plastic",), supports=(FLOOR, FLOOR, "table")),
}  # fmt: skip

PUSHABLE = (
    "box",
    "ball",
    "bottle",
    "mug",
    "book",
    "toy car",
    "clock",
    "kettle",
    "vase",
)
"""Categories that may be free bodies, best first."""


def stream_of(category: str, variant: int) -> Draw:
    """The draws that shape one instance of a category."""
    return Draw(zlib.crc32(category.encode()), variant)


def dimensions(category: str, variant: int) -> tuple[int, int, int]:
    """Width, depth, height [mm] of one instance."""
    entry, draw = CATALOG[category], stream_of(category, variant)
    width = draw.between(*entry.width)
    if entry.depth == (0, 0):
        return width, width, width
    depth = width if entry.depth == entry.width else draw.between(*entry.depth)
    height = draw.between(*entry.height)
    if category == "bookcase" and draw.chance(40):
        height += 750
    return width, depth, height


def surface(category: str, size: tuple[int, int, int]) -> tuple[int, ...] | None:
    """Where things can stand on a piece of furniture, in its own frame [mm].

    Returns:
        x0, y0, x1, y1, z of the usable rectangle; None when nothing stands there.
    """
    w, d, h = size
    if category in ("table", "desk", "cabinet", "nightstand"):
        return (-w // 2, -d // 2, w // 2, d // 2, h)
    if category == "bookcase" and h <= 1100:
        return (-w // 2, -d // 2, w // 2, d // 2, h)
    if category == "sofa":
        return (-w // 2 + 180, -d // 2, w // 2 - 180, d // 2 - 240, 430)
    if category == "bed":
        return (-w // 2, -d // 2, w // 2, d // 2 - 500, 500)
    return None
