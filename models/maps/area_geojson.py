"""Named areas as GeoJSON, in metres of the frame `map`, and strictly read back.

A Polygon is an outline, a Point with `radius_m` a disc, a Point with `yaw` a dock or a
one-way passage, which is driven through the way of `yaw` only.
Features of other kinds (landmarks, places, ...) in the same file are passed over.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array
from neural_brain.models.maps.areas import (
    FARTHEST_M,
    MOST_AREAS,
    POSED,
    Areas,
    check_areas,
)
from neural_brain.models.maps.one_way import HALF_WIDTH_M
from neural_brain.models.maps.outlines import disc
from neural_brain.models.signals import Area, AreaKind

MOST_BYTES = 4_000_000
MOST_FEATURES = 100_000
DOCK_M = 0.35  # radius of the area around a dock
RADII_M = {"dock": DOCK_M, "one-way": HALF_WIDTH_M}  # around a pose
KINDS = tuple(kind.value for kind in AreaKind)
OF_MAPS = ("landmark", "place", "passage")  # also in exports of maps, not areas


def areas_to_geojson(areas: Areas) -> dict[str, Any]:
    """A FeatureCollection; what `read_geojson` reads."""
    return {"type": "FeatureCollection", "features": area_features(areas)}


def area_features(areas: Areas) -> list[dict[str, Any]]:
    """One Feature per area."""
    return [_feature(area) for area in areas]


def read_geojson(text: str, changed: float = 0.0) -> Areas:
    """The areas of a GeoJSON text.

    Args:
        text: a FeatureCollection or one Feature.
        changed: stamp [s] that the areas get.

    Raises:
        MapFileError: if it is no such text, or an area cannot be right; says which.
    """
    if len(text) > MOST_BYTES:
        raise MapFileError(
            f"The GeoJSON has {len(text)} bytes; up to {MOST_BYTES} are read. Leave "
            "out what is not an area."
        )
    try:
        data = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MapFileError(
            f"This is not GeoJSON ({str(error)[:100]}). Give a file with a "
            "FeatureCollection, such as `neural-brain map areas export` writes."
        ) from None
    areas = []
    for number, feature in enumerate(_features(data)):
        try:
            area = _read(feature, changed)
        except (LookupError, TypeError, ValueError, AttributeError,
                OverflowError) as error:  # fmt: skip
            raise MapFileError(
                f"Feature {number} of the GeoJSON cannot be read ({error!r:.200}). "
                "Correct it, or leave it out."
            ) from None
        if area is not None:
            areas.append(area)
        if len(areas) > MOST_AREAS:
            break  # `check_areas` says what is wrong
    return check_areas(tuple(areas))


def dock_area(name: str, pose: Array, changed: float = 0.0) -> Area:
    """A dock: the robot parks at a pose (3,)."""
    return Area(
        name=name,
        kind=AreaKind.DOCK,
        outline=disc(pose[:2], DOCK_M),
        pose_map=np.array(pose, dtype=np.float64),
        changed=changed,
    )


def _feature(area: Area) -> dict[str, Any]:
    properties: dict[str, Any] = {"kind": area.kind.value, "name": area.name}
    if area.kind is AreaKind.SLOW:
        properties["speed_m_s"] = area.speed_m_s
    if area.kind is AreaKind.LIFT and area.floors:
        properties["floors"] = list(area.floors)
    if area.pose_map is not None:
        x, y, yaw = (float(value) for value in area.pose_map)
        properties.update(x=x, y=y, yaw=yaw)
    ring = [[float(x), float(y)] for x, y in [*area.outline, area.outline[0]]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": properties,
    }


def _features(data: Any) -> list[Any]:
    if isinstance(data, dict) and data.get("type") == "Feature":
        return [data]
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        raise MapFileError(
            "This is not GeoJSON with features: expected an object with type "
            "'FeatureCollection' and a list 'features'."
        )
    if len(features) > MOST_FEATURES:
        raise MapFileError(f"{len(features)} features; {MOST_FEATURES} are read.")
    return features


def _read(feature: Any, changed: float) -> Area | None:
    properties = feature["properties"]
    kind = properties.get("kind", "room")
    if kind in OF_MAPS:
        return None
    if kind not in KINDS:
        raise ValueError(f"kind {str(kind)[:40]!r}; known: {', '.join(KINDS)}")
    if kind == "room" and not properties.get("name"):
        return None  # a room that the robot found and nobody named
    shape = feature["geometry"]["type"]
    where = feature["geometry"]["coordinates"]
    pose = _pose(properties, where if shape == "Point" else None)
    if shape == "Point" and "radius_m" in properties:
        radius = _number(properties["radius_m"], "radius_m")
        if radius <= 0.0:
            raise ValueError(f"radius_m = {radius:g}; expected more than 0")
        outline = disc(_point(where), radius)
    elif shape == "Point" and kind in RADII_M and pose is not None:
        outline = disc(_point(where), RADII_M[kind])
    elif shape == "Polygon":
        outline = _ring(where)
    else:
        raise ValueError(
            f"a {str(shape)[:40]}; expected a Polygon, a Point with radius_m, or a "
            "Point with yaw for a dock or a one-way passage"
        )
    floors = properties.get("floors", [])
    if not isinstance(floors, list):
        raise ValueError("floors is not a list of names")
    speed = _number(properties.get("speed_m_s", 0.0), "speed_m_s")
    return Area(
        name=properties["name"],
        kind=AreaKind(kind),
        outline=outline,
        pose_map=pose if AreaKind(kind) in POSED else None,
        speed_m_s=speed if kind == "slow" else 0.0,
        floors=tuple(floors) if kind == "lift" else (),
        changed=changed,
    )


def _pose(properties: dict[str, Any], point: Any) -> Array | None:
    if "yaw" not in properties:
        return None
    yaw = _number(properties["yaw"], "yaw")
    if "x" in properties and "y" in properties:
        x, y = (_number(properties[name], name) for name in ("x", "y"))
    elif point is not None:
        x, y = _point(point).tolist()
    else:
        raise ValueError("yaw without x and y")
    return np.array([x, y, yaw])


def _ring(where: Any) -> Array:
    """The outer ring of a Polygon without the last corner, which is the first."""
    if len(where) != 1:
        raise ValueError(f"{len(where)} rings; areas with holes are not known")
    ring = np.array([_point(corner) for corner in where[0]])
    if len(ring) > 1 and np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    return ring.reshape(-1, 2)


def _point(values: Any) -> Array:
    if not isinstance(values, list) or not 2 <= len(values) <= 3:
        raise ValueError(f"{str(values)[:40]} is no point [x, y]")
    return np.array([_number(value, "coordinate") for value in values[:2]])


def _number(value: Any, what: str) -> float:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not plain or not math.isfinite(value) or abs(value) > FARTHEST_M:
        raise ValueError(
            f"{what} {str(value)[:40]} is no number up to {FARTHEST_M:g} [m]"
        )
    return float(value)


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not allowed")
