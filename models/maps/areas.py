"""Named areas of a map: rooms, docks, lifts, where to keep out, where to go slowly.

People make them, in words or from a file. Nothing of them is trusted: an area that
cannot be right is refused with a sentence that says why. On one floor there is one area
of a kind and a name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, compose2, transform2
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.outlines import area_m2, crosses_itself, middle
from neural_brain.models.signals import Area, AreaKind

MOST_CORNERS, MOST_AREAS, MOST_LETTERS, MOST_FLOORS = 100, 200, 40, 50
FARTHEST_M = 1000.0
LEAST_M2 = 0.01
SPEEDS_M_S = (0.05, 2.0)
SHORTEST_M = 1e-3
POSED = (AreaKind.DOCK, AreaKind.LIFT, AreaKind.ONE_WAY)

Areas = tuple[Area, ...]


def check_area(area: Area) -> Area:
    """The same area, if it can be right.

    Raises:
        MapFileError: says which part is wrong, what it is and what is allowed.
    """
    check_name(area.name, "name of an area")
    what = f"The {area.kind.value} area {area.name!r}"
    _check_outline(area.outline, what)
    _check_pose(area, what)
    _check_number(area.changed, f"{what}: changed", -1e12, 1e12)
    if area.kind is AreaKind.SLOW:
        low, high = SPEEDS_M_S
        _check_number(area.speed_m_s, f"{what}: speed_m_s", low, high)
    elif area.speed_m_s != 0.0:
        raise MapFileError(
            f"{what} has speed_m_s = {area.speed_m_s}; only slow areas have a speed. "
            "Leave it out, or make it a slow area."
        )
    if area.floors and area.kind is not AreaKind.LIFT:
        raise MapFileError(f"{what} has floors; only lifts have. Leave them out.")
    if len(area.floors) > MOST_FLOORS:
        raise MapFileError(
            f"{what} leads to {len(area.floors)} floors; {MOST_FLOORS} are allowed."
        )
    for floor in area.floors:
        check_name(floor, f"floor of the lift {area.name!r}")
    return area


def check_name(name: str, what: str) -> str:
    """The same name, if it can be said and shown.

    Raises:
        MapFileError: if not.
    """
    fine = isinstance(name, str) and 1 <= len(name) <= MOST_LETTERS
    fine = fine and name.isprintable() and name == " ".join(name.split())
    if not fine or not any(letter.isalnum() for letter in name):
        raise MapFileError(
            f"The {what} is {str(name)[:60]!r}; expected 1 to {MOST_LETTERS} letters, "
            "printable, with single blanks. Give it another name."
        )
    return name


def check_areas(areas: Areas) -> Areas:
    """The same areas in order, if they can be right together.

    Raises:
        MapFileError: if one cannot, there are two of one kind and name, or too many.
    """
    if len(areas) > MOST_AREAS:
        raise MapFileError(
            f"{len(areas)} areas; a floor may have {MOST_AREAS}. Remove some."
        )
    found: dict[tuple[str, str], Area] = {}
    for area in areas:
        key = key_of(check_area(area))
        if key in found:
            raise MapFileError(
                f"There are two {area.kind.value} areas with the name {area.name!r}. "
                "Give each another name."
            )
        found[key] = area
    return tuple(found[key] for key in sorted(found))


def key_of(area: Area) -> tuple[str, str]:
    """What tells an area from all others on its floor; capital letters do not count."""
    return area.kind.value, area.name.lower()


def with_area(areas: Areas, area: Area) -> Areas:
    """The areas with one added, or replaced if there is one of its kind and name.

    Raises:
        MapFileError: if it cannot be right, or there are too many.
    """
    rest = tuple(other for other in areas if key_of(other) != key_of(area))
    return check_areas((*rest, area))


def without(areas: Areas, kind: AreaKind, name: str) -> Areas:
    """The areas without one."""
    key = (kind.value, name.lower())
    return tuple(area for area in areas if key_of(area) != key)


def moved(areas: Areas, correction: Correction) -> Areas:
    """Each moved as a whole with the keyframe nearest to its middle."""
    return tuple(
        laid(area, correction.change_of(0, middle(area.outline))) for area in areas
    )


def laid(area: Area, pose: Array) -> Area:
    """An area of another frame whose pose (3,) in this one is given."""
    stands = area.pose_map
    return replace(
        area,
        outline=transform2(pose, area.outline),
        pose_map=None if stands is None else compose2(pose, stands),
    )


def absorbed(ours: Areas, theirs: Areas, pose: Array) -> Areas:
    """Ours and those of another map (frame at a pose (3,)) that ours does not have."""
    known = {key_of(area) for area in ours}
    more = [laid(area, pose) for area in theirs if key_of(area) not in known]
    return check_areas((*ours, *more))


def joined(ours: Areas, theirs: Areas, base: Areas) -> Areas:
    """Ours with what another robot's people changed since both had the base.

    Where both were changed the newer one counts; what one has changed and the other
    one removed stays, so that no keep-out is lost unseen.
    """
    mine, others, before = (
        {key_of(area): area for area in areas} for areas in (ours, theirs, base)
    )
    for key, area in others.items():
        known, own = before.get(key), mine.get(key)
        if known is not None and same(area, known):
            continue
        if (
            own is None
            or (known is not None and same(own, known))
            or area.changed > own.changed
        ):
            mine[key] = area
    for key, known in before.items():
        if key not in others and key in mine and same(mine[key], known):
            del mine[key]
    return check_areas(tuple(mine.values()))


def same(a: Area, b: Area) -> bool:
    """Whether two areas are equal in all."""
    return area_to_plain(a) == area_to_plain(b)


def area_to_plain(area: Area) -> dict[str, Any]:
    """An area as numbers, strings, lists and dictionaries."""
    return {
        "name": area.name,
        "kind": area.kind.value,
        "outline": area.outline.tolist(),
        "pose_map": None if area.pose_map is None else area.pose_map.tolist(),
        "speed_m_s": area.speed_m_s,
        "floors": list(area.floors),
        "changed": area.changed,
    }


def areas_from_plain(items: Any) -> Areas:
    """The areas that `area_to_plain` wrote, checked.

    Raises:
        MapFileError: if a part is missing or cannot be right.
    """
    if not isinstance(items, list):
        raise MapFileError(
            f"The map's areas are a {type(items).__name__}, not a list. Restore an "
            "earlier generation, or begin a new map."
        )
    areas = []
    for item in items:
        try:
            pose = item["pose_map"]
            area = Area(
                name=item["name"],
                kind=AreaKind(item["kind"]),
                outline=np.array(item["outline"], dtype=np.float64),
                pose_map=None if pose is None else np.array(pose, dtype=np.float64),
                speed_m_s=float(item["speed_m_s"]),
                floors=tuple(item["floors"]),
                changed=float(item["changed"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise MapFileError(
                f"An area of the map is damaged ({error!r:.200}). Restore an earlier "
                "generation, or begin a new map."
            ) from error
        areas.append(area)
    return check_areas(tuple(areas))


def _check_outline(outline: Array, what: str) -> None:
    if outline.ndim != 2 or outline.shape[1] != 2 or outline.dtype.kind != "f":
        raise MapFileError(
            f"{what} has corners of shape {outline.shape}; expected (n, 2) numbers. "
            "Give x and y [m] of each corner."
        )
    if not 3 <= len(outline) <= MOST_CORNERS:
        raise MapFileError(
            f"{what} has {len(outline)} corners; expected 3 to {MOST_CORNERS}. Draw it "
            "with fewer, or more, corners."
        )
    if not np.all(np.isfinite(outline)) or np.abs(outline).max() > FARTHEST_M:
        raise MapFileError(
            f"{what} has corners that are not numbers from -{FARTHEST_M:g} to "
            f"{FARTHEST_M:g} m. Give metres in the frame map, not degrees or pixels."
        )
    edges = np.roll(outline, -1, axis=0) - outline
    if np.hypot(edges[:, 0], edges[:, 1]).min() < SHORTEST_M:
        raise MapFileError(
            f"{what} has the same corner twice in a row. Leave one of them out."
        )
    if crosses_itself(outline):
        raise MapFileError(
            f"The outline of {what[0].lower()}{what[1:]} crosses itself. Give the "
            "corners in order around it."
        )
    size = area_m2(outline)
    if size < LEAST_M2:
        raise MapFileError(
            f"{what} covers {size:.3g} m2; expected at least {LEAST_M2:g}. Draw it "
            "larger."
        )


def _check_pose(area: Area, what: str) -> None:
    pose = area.pose_map
    if pose is None:
        if area.kind in (AreaKind.DOCK, AreaKind.ONE_WAY):
            raise MapFileError(
                f"{what} has no pose. Say where the robot parks, or which way it may "
                "drive through: x, y [m], yaw [rad]."
            )
        return
    if area.kind not in POSED:
        raise MapFileError(
            f"{what} has a pose; only docks, lifts and one-way passages have one."
        )
    fine = pose.shape == (3,) and bool(np.all(np.isfinite(pose)))
    if not fine or np.abs(pose[:2]).max() > FARTHEST_M or abs(pose[2]) > 1e3:
        raise MapFileError(
            f"{what} has the pose {pose.tolist()!s:.80}; expected x, y up to "
            f"{FARTHEST_M:g} m and yaw [rad]. Correct it."
        )


def _check_number(value: float, what: str, low: float, high: float) -> None:
    if not low <= value <= high:  # also refuses NaN
        raise MapFileError(
            f"{what} = {value}; expected {low:g} to {high:g}. Change it."
        )
