"""The words that a goal can use: canonical names and their synonyms."""

from __future__ import annotations

from neural_brain.models.categories import CATEGORIES, COLOURS, ROOM_TYPES
from neural_brain.models.executive.directions import SIDES, face_phrases, toward_phrases

ACTION, CATEGORY, COLOUR, ROOM = "action", "category", "colour", "room"
NEAR, INSIDE, THEN, AND, FILL = "near", "inside", "then", "and", "fill"
WHICH = "which"
LAST, YESTERDAY = "last", "yesterday"
TELL = "tell"  # a question: answered from memory, never driven
SIZES = ("largest", "smallest")
CHOOSING = ("nearest", *SIZES)
FLOOR = "floor"
SIDE, TOWARD = "side", "toward"
DOCK_WORDS = (
    "dock", "docking station", "charging station", "charger", "home base",
)  # fmt: skip
LIFT_WORDS = ("lift", "elevator")
ASKED_FOR = ("dock", "lift")
"""Places that are never guessed or searched for: somebody has to show them."""

_ACTIONS = {
    "press": ("press", "press on", "touch", "tap", "press down on", "poke"),
    "push": ("push", "shove", "nudge"),
    "go": (
        "go", "go to", "drive", "drive to", "move to", "navigate to", "navigate",
        "come to", "walk to", "head to", "bring me to", "take me to", "return to",
        "go back to", "go into", "enter",
    ),
    "find": (
        "find", "search", "search for", "look for", "locate", "show me", "seek",
    ),
    TELL: (
        "where is", "where are", "where's", "where was", "where were", "have you seen",
        "where did you see", "where have you seen", "where have you last seen",
        "where did you", "when did you see", "when did you", "did you see",
        "do you see", "can you see", "do you know where", "do you remember where",
        "tell me where", "where can i find", "where do i find", "is there a",
        "is there an", "is there any", "are there any",
    ),
    "explore": ("explore", "look around", "map", "discover", "wander"),
    "back": (
        "go back", "come back", "turn back", "head back", "drive back", "return",
        "go back the way you came", "come back the way you came", "go back where you "
        "came from", "go back to where you came from", "go back to where you were",
        "backtrack", "retrace your steps",
    ),
    "stop": ("stop", "halt", "wait", "cancel", "abort", "freeze", "quit"),
}  # fmt: skip
_THINGS = {
    "mug": ("cup", "coffee cup", "teacup", "coffee mug", "beaker"),
    "sofa": ("couch", "settee"),
    "fridge": ("refrigerator", "freezer", "icebox"),
    "laptop": ("notebook", "computer", "notebook computer", "laptop computer"),
    "tv": ("television", "telly", "tv set", "television set"),
    "washing machine": ("washer", "laundry machine"),
    "bookcase": ("bookshelf", "book shelf", "shelf", "bookshelves"),
    "wardrobe": ("closet",),
    "cabinet": ("cupboard", "chest", "dresser", "sideboard"),
    "oven": ("stove", "cooker"),
    "bathtub": ("tub", "bath tub"),
    "plant": ("potted plant", "flower", "pot plant", "house plant"),
    "nightstand": ("bedside table", "night table", "night stand"),
    "teddy": ("teddy bear", "plush toy", "stuffed animal", "bear"),
    "cushion": ("pillow",),
    "toy car": ("car", "toy truck", "model car"),
    "kettle": ("teakettle", "tea kettle", "water boiler"),
    "pan": ("frying pan", "skillet"),
    "box": ("carton", "package", "parcel"),
    "shoe": ("trainer", "sneaker", "boot", "slipper"),
    "clock": ("alarm clock", "alarm"),
    "basket": ("hamper",),
    "bowl": ("dish",),
    "bottle": ("flask",),
    "vase": ("flower vase",),
    "chair": ("seat", "stool"),
    "desk": ("writing table", "work table"),
    "table": ("dining table", "coffee table"),
    "sink": ("washbasin", "basin", "wash basin"),
    "toilet": ("wc", "loo"),
    "lamp": ("light", "floor lamp"),
}
_ROOMS = {
    "living room": ("lounge", "sitting room", "livingroom", "parlour"),
    "bathroom": ("washroom", "restroom", "shower room"),
    "office": ("study", "work room", "home office"),
    "hall": ("hallway", "corridor", "entrance", "entrance hall"),
    "dining room": ("diningroom", "dining area"),
    "storage": ("storeroom", "store room", "pantry", "storage room", "utility room"),
    "bedroom": ("sleeping room",),
    "kitchen": ("kitchenette",),
}
_COLOURS = {
    "grey": ("gray", "silver"),
    "purple": ("violet", "lilac"),
    "orange": (),
    "pink": ("rose", "magenta"),
    "brown": ("wooden", "tan", "beige"),
}
_NEAR = (
    "near", "next to", "beside", "by", "close to", "on", "under", "on top of", "at",
)  # fmt: skip
_INSIDE = ("in", "inside", "from", "within")
_THEN = ("then", "and then", "after that", "afterwards", "next", "finally")
_WHICH = {
    "nearest": ("nearest", "closest"),
    "largest": ("largest", "biggest", "large", "larger", "big", "bigger", "huge"),
    "smallest": ("smallest", "small", "smaller", "little", "tiny", "tiniest"),
    LAST: (
        "where you saw", "where you last saw", "where you have seen", "last seen",
        "you saw", "you last saw", "you have seen", "last see",
        "where it was that you saw",
    ),
    YESTERDAY: ("yesterday",),
}  # fmt: skip
_FILL = (
    "a", "an", "the", "to", "of", "please", "kindly", "could", "can", "would", "will",
    "you", "me", "my", "our", "your", "for", "robot", "now", "that", "this", "it", "i",
    "want", "like", "need", "hey", "hello", "hi", "ok", "okay", "just", "some", "any",
    "one", "is", "are", "there", "here", "with", "your", "arm", "hand", "again",
    "first", "room", "thank", "thanks", "colored",
    "coloured", "towards", "over", "home", "house", "everything", "whole", "us",
    "last", "before",
)  # fmt: skip
_FLOORS = ("ground", "first", "second", "third", "fourth", "fifth", "top", "upper")
CLOSE_COLOURS = {
    "red": ("orange", "pink", "brown"),
    "orange": ("red", "yellow", "brown"),
    "yellow": ("orange",),
    "green": (),
    "blue": ("purple",),
    "purple": ("blue", "pink"),
    "pink": ("red", "purple"),
    "brown": ("orange", "red", "black"),
    "black": ("grey", "brown"),
    "white": ("grey",),
    "grey": ("white", "black"),
}
"""Colours that a camera confuses under unusual light."""


def _entries() -> dict[tuple[str, ...], tuple[str, str]]:
    table: dict[tuple[str, ...], tuple[str, str]] = {}

    def add(phrases: tuple[str, ...], kind: str, name: str) -> None:
        for phrase in phrases:
            table[tuple(phrase.split())] = (kind, name)

    add(_FILL, FILL, "")
    add(_NEAR, NEAR, "")
    add(_INSIDE, INSIDE, "")
    add(_THEN, THEN, "")
    add(("and",), AND, "")
    add(DOCK_WORDS, ROOM, "dock")
    add(tuple(f"{a} {w}" for a in ("the", "a") for w in LIFT_WORDS), ROOM, "lift")
    for name in _FLOORS:
        add((f"{name} floor", f"{name} storey"), FLOOR, name)
    add(("basement", "cellar"), FLOOR, "basement")
    add(("attic", "loft"), FLOOR, "attic")
    for name, phrases in _WHICH.items():
        add(phrases, WHICH, name)
    for name, phrases in SIDES.items():
        add(phrases, SIDE, name)
    for name, phrases in toward_phrases().items():
        add(phrases, TOWARD, name)
    for group, names, kind in (
        (_COLOURS, COLOURS, COLOUR),
        (_ROOMS, ROOM_TYPES, ROOM),
        (_THINGS, CATEGORIES[1:], CATEGORY),
    ):
        for name in names:
            add((name, *group.get(name, ())), kind, name)
    for name, phrases in (*_ACTIONS.items(), *face_phrases().items()):
        add(phrases, ACTION, name)
    return table


PHRASES = _entries()
"""From the words of a phrase to its kind and canonical name."""
LONGEST = max(len(words) for words in PHRASES)
KNOWN_WORDS = tuple(sorted({word for words in PHRASES for word in words}))
