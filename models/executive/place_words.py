"""What people say about places and floors: "this is Anna's room", "stay out of here".

A sentence becomes a change of the map and an answer. What could be meant in two ways is
asked back; what is no such sentence is left to the goals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.executive.lexicon import (
    CATEGORY,
    COLOUR,
    DOCK_WORDS,
    FILL,
    LIFT_WORDS,
    PHRASES,
    ROOM,
    WHICH,
)
from neural_brain.models.executive.one_way_words import hear_one_way
from neural_brain.models.executive.places_known import (
    WHOLE,
    areas_called,
    floor_words,
    rooms_called,
    the,
)
from neural_brain.models.executive.room_outline import room_at, room_outline
from neural_brain.models.executive.tokens import tokenise
from neural_brain.models.geometry import Array
from neural_brain.models.maps.area_geojson import dock_area
from neural_brain.models.maps.areas import check_area, check_name
from neural_brain.models.maps.outlines import disc, distance, middle
from neural_brain.models.signals import Area, AreaKind, MapOrder, MapRequest, MapState

SLOW_M_S = 0.2
SPOT_M = 1.0  # radius of "this spot", and of a lift whose walls are not known
MOST_CHARS = 200

_HERE = r"(?:here|there|this (?:room|place|area)|this|it)"
_POLITE = r"^(?:(?:please|hey|ok|okay|robot|now|from now on|and)[, ]+)*"
_END = r"(?:[, ]+(?:please|now|from now on|any ?more|again|robot))*[.! ]*$"
_IS = r"(?:this is|this room is|this place is|(?:you are|you're|we are|we're) in)"
_CALLED = (
    r"(?:call (?:this|it)(?: (?P<spot>room|place|spot|area|corner))?|remember this "
    r"(?:room|place|spot) as|this (?:room|place|spot) is (?:called|named))"
)
_ON = r"(?:(?:you are|you're|we are|we're)(?: now)?(?: on| in| at)?|this is)"


def _compiled(middle_: str) -> re.Pattern[str]:
    return re.compile(_POLITE + middle_ + _END, re.IGNORECASE)


_FLOOR = _compiled(
    rf"{_ON} (?:the )?(?:(?P<name>[\w' -]+?) (?:floor|storey|level)|"
    rf"(?:floor|level) (?P<number>\w+)|(?P<whole>{'|'.join(WHOLE)}))"
)
_LEADS = _compiled(
    r"(?:this|the) (?:lift|elevator) (?:goes|leads) to (?:the )?(?P<name>[\w' -]+?)"
    r"(?: floor)?"
)
_NAME = _compiled(rf"(?:{_CALLED}|{_IS}) (?P<name>.+?)")
_CLOSE = _compiled(
    r"(?:(?:stay|keep|remain) (?:out of|away from|off)|(?:do not|don't|never) (?:go|"
    r"drive|come) (?:into|in|to|inside)|(?:do not|don't|never) enter|avoid) "
    r"(?P<name>.+?)"
)
_CLOSED = _compiled(r"(?P<name>.+?) is (?:off[ -]limits|forbidden|a keep[ -]out area)")
_OPEN = _compiled(
    r"you (?:may|can) (?:(?:go|drive|come) (?:into|in|to|inside)|enter) (?P<name>.+?)"
)
_SLOW = _compiled(
    r"(?:(?:go|drive|be|move) (?:slow|slowly|slower|careful|carefully)|slow down) "
    r"(?:in|inside|near) (?P<name>.+?)"
)
_FAST = _compiled(
    r"(?:(?:go|drive|move) (?:at )?(?:normal(?:ly| speed)|fast)) (?:in|inside) "
    r"(?P<name>.+?)"
)
_FORGET = _compiled(r"forget (?:about )?(?P<name>.+?)")


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer, and the change of the map that it promises, if any."""

    text: str
    request: MapRequest | None = None


def hear_place(
    sentence: str, t: float, state: MapState | None, pose: Array | None
) -> Said | None:
    """What a sentence about places or floors asks for; None if it is none.

    Args:
        sentence: any text.
        t: now [s].
        state: the map.
        pose: pose_map_base (3,), None if not known yet.
    """
    words = " ".join(sentence.replace("\u2019", "'").split())
    if len(words) > MOST_CHARS:
        return None
    if (heard := hear_one_way(words, t, state, pose)) is not None:
        return Said(text=heard[0], request=heard[1])
    for pattern, answer in (
        (_FLOOR, _on_floor),
        (_LEADS, _leads),
        (_CLOSE, _keep_out),
        (_CLOSED, _keep_out),
        (_OPEN, _let_in),
        (_SLOW, _go_slowly),
        (_FAST, _go_fast),
        (_FORGET, _forget),
        (_NAME, _call),
    ):
        found = pattern.match(words)
        if found is None:
            continue
        try:
            said = answer(found, _Scene(t=t, state=state, pose=pose))
        except MapFileError as error:
            return Said(text=str(error))
        if said is not None:
            return said
    return None


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """Time, map and where the robot is."""

    t: float
    state: MapState | None
    pose: Array | None

    @property
    def here(self) -> Array | None:
        """The robot's pose (3,) if it is sure of it."""
        lost = self.state is None or not self.state.localised
        return None if lost or self.pose is None else self.pose

    def room(self) -> Array | None:
        """Outline (n, 2) of the area or room that the robot stands in."""
        if self.state is None or self.here is None:
            return None
        at = self.here[None, :2]
        for area in self.state.areas:
            if area.kind is AreaKind.ROOM and distance(area.outline, at)[0] < 0.0:
                return area.outline
        number = room_at(self.state.room_grid, self.here[:2])
        return room_outline(self.state.room_grid, number)

    def add(self, area: Area) -> MapRequest:
        """A request for an area that can be right."""
        made = check_area(replace(area, changed=self.t))
        return MapRequest(stamp=self.t, order=MapOrder.ADD, area=made)

    def remove(self, area: Area) -> MapRequest:
        """A request to remove an area."""
        return MapRequest(stamp=self.t, order=MapOrder.REMOVE, area=area)


_LOST = "I am not sure where I am. Say it again when I have found myself."
_NO_ROOM = (
    "I do not know the room around me yet. Let me look around (say 'explore'), then "
    "say it again."
)


def _on_floor(found: re.Match[str], scene: _Scene) -> Said | None:
    name = found["name"] or found["number"] or found["whole"]
    name = check_name(_bare(name), "name of a floor")
    state, words = scene.state, floor_words(name)
    if state is None:
        return Said(text="I have no map yet. Say it again in a moment.")
    request = MapRequest(stamp=scene.t, order=MapOrder.FLOOR, floor=name)
    if name.lower() == state.floor.lower():
        return Said(text=f"Yes, I am on the {words}.")
    for floor in state.other_floors:
        if floor.name.lower() == name.lower():
            text = f"I go on with my map of the {words} and look where I am."
            return Said(text=text, request=replace(request, floor=floor.name))
    if not state.floor and state.localised:  # nobody has carried it anywhere
        request = replace(request, order=MapOrder.NAME_FLOOR)
        return Said(text=f"I call this the {words}.", request=request)
    return Said(
        text=f"I do not know the {words} yet and begin a map of it.", request=request
    )


def _leads(found: re.Match[str], scene: _Scene) -> Said | None:
    name = check_name(_bare(found["name"]), "name of a floor")
    state, here = scene.state, scene.here
    lifts = [] if state is None else areas_called("lift", state.areas)
    if state is None or not lifts:
        return Said(
            text="I do not know a lift here. Bring me to it and say 'this is the lift'."
        )
    near = np.zeros(2) if here is None else here[:2]
    lift = min(lifts, key=lambda a: float(np.hypot(*(middle(a.outline) - near))))
    if len(lifts) > 1 and here is None:
        return Said(text=_LOST)
    floors = tuple(dict.fromkeys([*lift.floors, name]))
    text = f"{the(lift.name)} leads to the {floor_words(name)}."
    return Said(
        text=text[0].upper() + text[1:], request=scene.add(replace(lift, floors=floors))
    )


def _call(found: re.Match[str], scene: _Scene) -> Said | None:
    """Give the place around the robot a name."""
    said, name = found["name"].strip(" '\""), _bare(found["name"])
    if not name or not _names_a_place(found, said, name):
        return None
    if len(name.split()) > 5:
        return Said(text=f"{name!r} is a long name. Say a shorter one.")
    if scene.here is None:
        return Said(text=_LOST)
    if name.lower() in DOCK_WORDS:
        dock = dock_area("dock", scene.here)
        return Said(text="I remember this as the dock.", request=scene.add(dock))
    if name.lower() in LIFT_WORDS:
        return _lift(scene)
    spot = (found["spot"] or "").lower() in ("spot", "corner")
    outline = disc(scene.here[:2], SPOT_M) if spot else _room_around(scene)
    if outline is None:
        return Said(text=_NO_ROOM)
    area = Area(name=name, kind=AreaKind.ROOM, outline=outline)
    return Said(text=f"I call this {the(name)}.", request=scene.add(area))


def _names_a_place(found: re.Match[str], said: str, name: str) -> bool:
    """Whether "this is ..." goes on with a name: not "wrong", and not "the red mug"."""
    before = found[0][: found.start("name") - found.start()].lower()
    if "call" in before or "named" in before or "remember" in before:
        return True
    lowered = name.lower()
    if lowered in (*DOCK_WORDS, *LIFT_WORDS):
        return "this" in before
    tokens = [token for token in tokenise(name) if token.kind not in (FILL, WHICH)]
    room = len(tokens) == 1 and tokens[0].kind == ROOM
    own = "'s " in f"{said.lower()} " or said.lower().startswith(("my ", "our "))
    if room or own:
        return True
    thing = any(token.kind in (CATEGORY, COLOUR) for token in tokens)
    article = said.lower() != lowered
    return "this" in before and article and not thing


def _lift(scene: _Scene) -> Said:
    here = scene.here
    if here is None:
        return Said(text=_LOST)
    lift = Area(
        name="lift",
        kind=AreaKind.LIFT,
        outline=disc(here[:2], SPOT_M),
        pose_map=np.array(here, dtype=np.float64),
    )
    return Said(text="I remember this as the lift.", request=scene.add(lift))


def _room_around(scene: _Scene) -> Array | None:
    """The room as it is found, not an area that was named before."""
    if scene.state is None or scene.here is None:
        return None
    grid = scene.state.room_grid
    return room_outline(grid, room_at(grid, scene.here[:2]))


def _keep_out(found: re.Match[str], scene: _Scene) -> Said | None:
    place = _place(found["name"], scene)
    if isinstance(place, Said) or place is None:
        return place
    name, outline = place
    area = Area(name=name, kind=AreaKind.KEEP_OUT, outline=outline)
    text = f"I will stay out of {the(name)}."
    here = scene.here
    if here is not None and distance(outline, here[None, :2])[0] < 0.0:
        text += " I am in it and leave."
    return Said(text=text, request=scene.add(area))


def _let_in(found: re.Match[str], scene: _Scene) -> Said | None:
    return _without(AreaKind.KEEP_OUT, "I may enter {} again.", found, scene)


def _go_slowly(found: re.Match[str], scene: _Scene) -> Said | None:
    place = _place(found["name"], scene)
    if isinstance(place, Said) or place is None:
        return place
    name, outline = place
    area = Area(name=name, kind=AreaKind.SLOW, outline=outline, speed_m_s=SLOW_M_S)
    return Said(text=f"I will drive slowly in {the(name)}.", request=scene.add(area))


def _go_fast(found: re.Match[str], scene: _Scene) -> Said | None:
    return _without(AreaKind.SLOW, "I drive as usual in {} again.", found, scene)


def _forget(found: re.Match[str], scene: _Scene) -> Said | None:
    name = _bare(found["name"])
    for kind in (AreaKind.ROOM, AreaKind.DOCK, AreaKind.LIFT, AreaKind.SLOW):
        area = _area(kind, name, scene.state)
        if area is not None:
            text = f"I forget {the(area.name)}."
            return Said(text=text, request=scene.remove(area))
    if _area(AreaKind.KEEP_OUT, name, scene.state) is None:
        return None
    where = the(name)
    return Said(
        text=f"I still stay out of {where}. Say 'you may enter {where}' to change it."
    )


def _without(
    kind: AreaKind, text: str, found: re.Match[str], scene: _Scene
) -> Said | None:
    """Remove an area of a kind, by its name or the one that the robot stands in."""
    name = _bare(found["name"])
    area = _area(kind, name, scene.state)
    here, state = scene.here, scene.state
    if re.fullmatch(_HERE, name, re.IGNORECASE) and state and here is not None:
        around = [a for a in state.areas if a.kind is kind]
        around = [a for a in around if distance(a.outline, here[None, :2])[0] < 0.0]
        area = around[0] if around else None
    if area is None:
        return None
    return Said(text=text.format(the(area.name)), request=scene.remove(area))


def _area(kind: AreaKind, name: str, state: MapState | None) -> Area | None:
    for area in () if state is None else state.areas:
        if area.kind is kind and area.name.lower() == name.lower():
            return area
    return None


def _place(said: str, scene: _Scene) -> tuple[str, Array] | Said | None:
    """Name and outline of a place; a question if it is unclear which is meant."""
    name, state = _bare(said), scene.state
    if re.fullmatch(_HERE, said.strip(), re.IGNORECASE):
        if scene.here is None:
            return Said(text=_LOST)
        outline = scene.room()
        return Said(text=_NO_ROOM) if outline is None else (_name_here(scene), outline)
    kind, canonical = PHRASES.get(tuple(name.lower().split()), ("", ""))
    if kind == CATEGORY:
        return Said(
            text=f"I can stay out of places, not keep from {the(name)}. Say it of a "
            "room, or draw an area with `neural-brain map areas add`."
        )
    areas = () if state is None else areas_called(name, state.areas)
    if areas:
        return areas[0].name, areas[0].outline
    name = canonical if kind == ROOM else name
    rooms = () if state is None else rooms_called(name, state)
    if len(rooms) > 1:
        return Said(
            text=f"I know {len(rooms)} rooms of the name {name}. Lead me into the one "
            "that you mean and say it of 'this room'."
        )
    outline = None
    if state is not None and rooms:
        outline = room_outline(state.room_grid, rooms[0].id)
    if outline is not None:
        return name, outline
    where = the(name)
    asks = f"Bring me there and say 'this is {where}'."
    return Said(text=f"I do not know where {where} is. {asks}")


def _name_here(scene: _Scene) -> str:
    """What the room around the robot is called, or a name for it."""
    state, here = scene.state, scene.here
    if state is None or here is None:
        return "room"
    for area in state.areas:
        inside = distance(area.outline, here[None, :2])[0] < 0.0
        if area.kind is AreaKind.ROOM and inside:
            return area.name
    number = room_at(state.room_grid, here[:2])
    names = {room.id: room.name for room in state.rooms}
    return names.get(number) or f"room {number}"


def _bare(name: str) -> str:
    """A name without quotes and article."""
    plain = name.strip(" '\"")
    return re.sub(r"^(?:the|a|an|your) (?=.)", "", plain, flags=re.IGNORECASE)
