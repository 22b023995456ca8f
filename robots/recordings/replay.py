"""Run the mapping modules on a recording, and measure what scan matching gained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps import (
    CognitiveMap,
    MapsConfig,
    OccupancyGrid,
    scan_points,
)
from neural_brain.models.maps.scan_points import in_map
from neural_brain.models.sensing import Sensing
from neural_brain.models.signals import (
    Event,
    GridView,
    LaserScan,
    MapState,
    Observation,
    Percepts,
    RgbdFrame,
)


@dataclass(kw_only=True)
class Replay:
    """What a replay found.

    Attributes:
        map: the map after the last observation.
        state: the same as a message; None if nothing was read.
        trail_map, trail_odom: poses (n, 3) at every scan, corrected and by odometry.
        anchors: keyframe of every scan (0 = none) and the pose (3,) beside it.
        stamps: of the trail (n,) [s].
        agreement: share of scan points that agree with the map, at every scan.
        by_odometry: the grid that odometry alone would have built.
        frames: camera frames that were seen, with the percepts of each.
        events: what the map told.
    """

    map: CognitiveMap
    state: MapState | None = None
    trail_map: list[Array] = field(default_factory=list)
    trail_odom: list[Array] = field(default_factory=list)
    anchors: list[tuple[int, Array]] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)
    agreement: list[float] = field(default_factory=list)
    by_odometry: OccupancyGrid | None = None
    frames: list[tuple[RgbdFrame, Percepts]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def trail_mended(self) -> list[Array]:
        """The trail as the map sees it at the end, after all closed loops."""
        frames = self.map.closer.keys.frames
        return [
            compose2(frames[anchor].pose, beside) if anchor in frames else pose
            for (anchor, beside), pose in zip(self.anchors, self.trail_map, strict=True)
        ]

    @property
    def way_m(self) -> float:
        """Length of the driven way by odometry [m]."""
        if len(self.trail_odom) < 2:
            return 0.0
        steps = np.diff(np.array(self.trail_odom)[:, :2], axis=0)
        return float(np.hypot(*steps.T).sum())


def replay(
    observations: Iterable[Observation],
    config: MapsConfig | None = None,
    sensing: Sensing | None = None,
) -> Replay:
    """Feed a recording to a new map.

    Args:
        observations: in order of time.
        config: parameters of the map; by default every scan is used, and rooms and
            places are found seldom, but also at the end.
        sensing: turns camera frames into percepts; without it frames are skipped.
    """
    config = config or MapsConfig(
        scan_every_s=0.0, topology_every_s=20.0, rooms_every_s=20.0
    )
    body = None
    result = Replay(map=CognitiveMap(config))
    result.by_odometry = OccupancyGrid(config.grid)
    for observation in observations:
        percepts = None
        if observation.frame is not None and sensing is not None:
            percepts = sensing.step(None, observation.frame, observation.body)
            result.frames.append((observation.frame, percepts))
        body, scan = observation.body, observation.scan
        result.state = result.map.step(body.stamp, body, scan, percepts)
        result.events += result.map.pop_events()
        if scan is not None:
            result.stamps.append(scan.stamp)
            pose = result.map.pose_map_base(body)
            result.trail_map.append(pose)
            result.anchors.append(_beside(result.map, pose))
            result.trail_odom.append(body.pose_odom_base)
            result.agreement.append(result.map.localiser.agreement)
            _draw(result.by_odometry, scan, body.pose_odom_base)
    if body is not None:
        result.state = result.map.settle(body)
    return result


def _beside(cognitive: CognitiveMap, pose: Array) -> tuple[int, Array]:
    """The newest keyframe and the pose (3,) in its frame."""
    anchor = cognitive.closer.anchor
    frame = cognitive.closer.keys.frames.get(anchor)
    return (
        (0, pose) if frame is None else (anchor, compose2(inverse2(frame.pose), pose))
    )


def blur(grid: GridView) -> float:
    """Mean entropy of the known cells [bit]: 0 = all sure, 1 = a coin's throw.

    A map whose scans do not fit each other has many cells that were seen both free
    and occupied (Blanco et al., IROS 2006, use entropy in the same way).
    """
    known = grid.cells[grid.cells >= 0].astype(np.float64) / 100.0
    if len(known) == 0:
        return 1.0
    p = np.clip(known, 0.005, 0.995)
    entropy = -(p * np.log2(p) + (1.0 - p) * np.log2(1.0 - p))
    return float(np.mean(entropy))


def wall_cells(grid: GridView) -> int:
    """Number of occupied cells; the same walls drawn twice have more."""
    return int(np.count_nonzero(grid.cells > 50))


def known_area_m2(grid: GridView) -> float:
    """Area of the cells that are known to be free [m2]."""
    free = (grid.cells >= 0) & (grid.cells < 50)
    return float(np.count_nonzero(free) * grid.resolution**2)


def trajectory_error(trail: Array, truth: Array) -> tuple[float, float]:
    """Root mean square error of positions (n, 2) [m] after the best rigid fit.

    Absolute trajectory error (Sturm et al., IROS 2012) with Umeyama's alignment
    without scale.

    Returns:
        The error and the largest distance [m].
    """
    a, b = np.asarray(trail, float), np.asarray(truth, float)
    a0, b0 = a - a.mean(axis=0), b - b.mean(axis=0)
    u, _, vt = np.linalg.svd(b0.T @ a0)
    sign = np.diag([1.0, np.sign(np.linalg.det(u @ vt))])
    gap = np.linalg.norm(a0 @ (u @ sign @ vt).T - b0, axis=1)
    return float(np.sqrt(np.mean(gap**2))), float(gap.max())


def _draw(grid: OccupancyGrid, scan: LaserScan, pose: Array) -> None:
    points = scan_points(
        scan,
        max_range_m=grid.config.max_range_m,
        margin_m=grid.resolution,
        clear_range_m=grid.config.clear_range_m,
    )
    grid.add_scan(in_map(points, pose))
