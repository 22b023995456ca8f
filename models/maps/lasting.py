"""What of a cognitive map is written to a memory, and how it is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from neural_brain.models.maps.areas import area_to_plain, areas_from_plain
from neural_brain.models.maps.plain import from_plain
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.maps.virtual_scans import keys_of_snapshot

if TYPE_CHECKING:
    from neural_brain.models.maps.cognitive_map import CognitiveMap

PARTS = (
    "grid", "rooms", "graph", "landmarks", "closer", "areas", "floor", "map_id",
    "lineage", "experience", "consolidation", "views", "_room_news",
    "_room_messages", "_restored_pose", "_fixed",
)  # fmt: skip
"""Attributes of a map that change together when the robot goes to another floor."""


def data_of(cognitive: CognitiveMap) -> dict[str, Any]:
    """Numbers and words of its parts, as JSON holds them."""
    return {
        "map": cognitive.map_id,
        "lineage": cognitive.lineage,
        "resolution": cognitive.grid.resolution,
        "floor": cognitive.floor,
        "areas": [area_to_plain(area) for area in cognitive.areas],
        "next_keyframe": cognitive.closer.keys.next_id,
        "view_embedding": cognitive.views.store.embedding,
        "experience": cognitive.experience.to_plain(),
    }


def arrays_of(cognitive: CognitiveMap) -> dict[str, NDArray[Any]]:
    """Arrays of its parts by name."""
    return {
        **cognitive.grid.arrays(),
        "room_labels": cognitive.rooms.labels.copy(),
        **cognitive.closer.keys.arrays(),
        **cognitive.views.store.arrays(),
        **cognitive.views.looked.arrays(),
    }


def restore_parts(new: CognitiveMap, snapshot: MapSnapshot) -> None:
    """Fill an empty map from a snapshot that was checked.

    Raises:
        MapFileError: if a part cannot be used.
    """
    data, arrays = snapshot.data, snapshot.arrays
    new.grid.restore(arrays)
    from_plain(data, arrays, new.landmarks, new.graph, new.rooms)
    new.experience.from_plain(data)
    keys_of_snapshot(snapshot, new.grid, new.graph, new.closer)
    new.views.store.restore(arrays, data.get("view_embedding"))
    new.views.looked.restore(arrays)
    new.areas = areas_from_plain(data.get("areas", []))
    new.floor = str(data.get("floor", ""))
    new.map_id = int(data.get("map", 1))
    new.free_id = new.map_id + 1
    new.lineage = int(data.get("lineage", 0))
