"""The map in other programs' formats: ROS map server (YAML + PGM), GeoJSON, PNG."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from neural_brain.models.maps.area_geojson import area_features
from neural_brain.models.signals import GridView, MapState
from neural_brain.view.map_picture import draw_map, save_picture

OCCUPIED, FREE, UNKNOWN = 0, 254, 205  # grey values that nav2_map_server writes


def export_map(state: MapState, folder: Path) -> list[Path]:
    """Write `map.yaml`, `map.pgm`, `map.geojson` and `map.png`.

    Args:
        state: the map.
        folder: made when it does not exist.

    Returns:
        The files that were written.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = ("map.yaml", "map.pgm", "map.geojson", "map.png")
    sheet, grid, features, picture = (folder / name for name in names)
    _write_pgm(grid, state.grid)
    sheet.write_text(_map_yaml(state.grid, grid.name), encoding="utf-8")
    text = json.dumps(geojson(state), indent=1)
    features.write_text(text + "\n", encoding="utf-8")
    save_picture(str(picture), draw_map(state))
    return [sheet, grid, features, picture]


def geojson(state: MapState) -> dict[str, Any]:
    """Landmarks, places, rooms, passages and named areas as a FeatureCollection.

    Coordinates are metres in the frame `map`, not longitude and latitude.
    """
    features = [
        _feature(
            "Point",
            [float(v) for v in mark.center_map],
            kind="landmark",
            id=mark.id,
            category=mark.category,
            colour=mark.colour,
            confidence=round(mark.confidence, 3),
            count=mark.count,
            last_seen=mark.last_seen,
            size=[round(float(v), 3) for v in mark.size],
        )
        for mark in state.landmarks
    ]
    xy = {place.id: [float(v) for v in place.xy] for place in state.places}
    features += [
        _feature("Point", xy[place.id], kind="place", id=place.id, room=place.room)
        for place in state.places
    ]
    features += [
        _feature(
            "LineString",
            [xy[p.start], xy[p.end]],
            kind="passage",
            start=p.start,
            end=p.end,
            cost_m=round(p.cost, 3),
            door=p.door,
        )
        for p in state.passages
        if p.start in xy and p.end in xy
    ]
    features += _rooms(state) + area_features(state.areas)
    return {"type": "FeatureCollection", "features": features}


def _rooms(state: MapState) -> list[dict[str, Any]]:
    """Outlines of the rooms as polygons."""
    grid = state.room_grid
    features = []
    for room in state.rooms:
        rings = []
        if grid is not None:
            mask = (grid.labels == room.id).astype(np.uint8)
            contours, _ = cv2.findContours(
                mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
            )
            largest = max(contours, key=cv2.contourArea, default=None)
            if largest is not None and len(largest) >= 3:
                ring = grid.origin + grid.resolution * (largest[:, 0] + 0.5)
                rings = [[[float(x), float(y)] for x, y in [*ring, ring[0]]]]
        features.append(
            _feature(
                "Polygon" if rings else "Point",
                rings or [float(v) for v in room.center],
                kind="room",
                id=room.id,
                name=room.name,
                area_m2=round(room.area_m2, 2),
            )
        )
    return features


def _feature(geometry: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": geometry, "coordinates": coordinates},
        "properties": properties,
    }


def _write_pgm(path: Path, grid: GridView) -> None:
    """Binary PGM, first row = largest y, as map servers expect."""
    cells = grid.cells[::-1].astype(np.int32)
    grey = np.full(cells.shape, UNKNOWN, np.uint8)
    grey[(cells >= 0) & (cells < 50)] = FREE
    grey[cells >= 50] = OCCUPIED
    height, width = grey.shape
    path.write_bytes(f"P5\n{width} {height}\n255\n".encode() + grey.tobytes())


def _map_yaml(grid: GridView, image: str) -> str:
    values = {
        "image": image,
        "mode": "trinary",
        "resolution": float(grid.resolution),
        "origin": [float(grid.origin[0]), float(grid.origin[1]), 0.0],
        "negate": 0,
        "occupied_thresh": 0.65,
        "free_thresh": 0.25,
    }
    return yaml.safe_dump(values, sort_keys=False)
