"""Keyframes for a map that has none: scans cast in its grid, from its places.

Maps of older files, which were saved before keyframes were kept, become scans as a
lidar would take them in that map. So they can be redrawn and joined like any other.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.keyframes import Keyframes
from neural_brain.models.maps.loop_closer import LoopCloser
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.places import PlaceGraph
from neural_brain.models.maps.pose_graph import Edge
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.signals import LaserScan

BEAMS = 720
REACH_M = 12.0
NEAR_M = 2.5  # places nearer than this are joined by an edge
SPREAD = np.diag(np.square([0.01, 0.01, 0.004]))


def keys_of_snapshot(
    snapshot: MapSnapshot, grid: OccupancyGrid, graph: PlaceGraph, closer: LoopCloser
) -> None:
    """Keyframes as they were kept, or for a map of version 1 as it shows them.

    Raises:
        MapFileError: if they were kept and are damaged.
    """
    if snapshot.data["version"] > 1:
        number = int(snapshot.data.get("next_keyframe", 1))
        closer.restore(snapshot.arrays, number)
    elif closer.config.enabled:
        keyframes_of_grid(grid, list(graph.xy.values()), closer.keys, snapshot.stamp)
        closer.recalled()


def cast_scan(grid: OccupancyGrid, spot: Array, stamp: float) -> LaserScan:
    """A scan from a spot (2,) [m] with heading 0: NaN where the map knows nothing."""
    angles = -np.pi + 2.0 * np.pi / BEAMS * np.arange(BEAMS)
    reach = np.arange(0.0, REACH_M, 0.7 * grid.resolution)
    beams = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = spot + beams[:, None, :] * reach[None, :, None]
    cells = grid.cells_of(points.reshape(-1, 2))
    inside = grid.inside(cells)
    cells = np.where(inside[:, None], cells, 0)
    value = np.where(inside, grid.lidar[cells[:, 0], cells[:, 1]], 0)
    value = value.reshape(BEAMS, -1)
    ends = value >= 0  # occupied or unknown
    ends[:, :3] = False  # the robot's own place
    first = np.where(ends.any(axis=1), ends.argmax(axis=1), len(reach) - 1)
    row = np.arange(BEAMS)
    ranges = np.where(value[row, first] > 0, reach[first], np.nan)
    cell = cells.reshape(BEAMS, -1, 2)[row, first]
    mean = grid.hit_mean[cell[:, 0], cell[:, 1]]
    hit = grid.origin + grid.resolution * (cell[:, ::-1] + mean)
    ranges = np.where(np.isnan(ranges), np.nan, np.hypot(*(hit - spot).T))
    return LaserScan(
        stamp=stamp,
        angle_min=-np.pi,
        angle_increment=2.0 * np.pi / BEAMS,
        range_min=0.05,
        range_max=REACH_M,
        ranges=ranges,
        pose_base_laser=np.zeros(3),
    )


def keyframes_of_grid(
    grid: OccupancyGrid, spots: list[Array], keys: Keyframes, stamp: float
) -> None:
    """Fill empty keyframes with scans from spots (2,) [m] that lie in free space."""
    for spot in spots[: keys.config.most]:
        scan = cast_scan(grid, spot, stamp)
        if np.count_nonzero(np.isfinite(scan.ranges)) > BEAMS // 20:
            keys.add(np.array([spot[0], spot[1], 0.0]), scan)
    frames = list(keys.frames.values())
    if len(frames) < 2:
        return
    xy = keys.poses()[:, :2]
    tree = cKDTree(xy)
    pairs = set(map(tuple, tree.query_pairs(NEAR_M, output_type="ndarray").tolist()))
    for k in range(1, len(xy)):  # whatever the spacing, all hang together
        _, nearest = cKDTree(xy[:k]).query(xy[k])
        pairs.add((int(nearest), k))
    for a, b in sorted(pairs):
        keys.edges.append(
            Edge(
                first=frames[a].id,
                second=frames[b].id,
                pose=compose2(inverse2(frames[a].pose), frames[b].pose),
                covariance=SPREAD,
            )
        )
