"""Scans that are kept with the pose at which they were taken, to redraw the map from.

Every half metre one scan becomes a keyframe. Their number is bounded: where two lie
closest together the older one goes, and its edges are handed to a neighbour, so that a
home that is driven through for years keeps a recent scan of every spot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from neural_brain.models.config import param, validate
from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, compose2, inverse2, wrap
from neural_brain.models.maps.pose_graph import Edge
from neural_brain.models.maps.spread import chained, turned_back
from neural_brain.models.signals import LaserScan

MM = 1000.0  # ranges are kept in whole millimetres
NAN, NEAR, FAR = 65535, 65534, 65533  # unknown, -inf, +inf
FARTHEST_MM = 65000
MOST_EDGES = 4  # per keyframe, on average
TIE_M = 1.5  # keyframes of two maps so near are joined
TIE = np.diag(np.square([0.05, 0.05, 0.02]))


@dataclass(frozen=True, kw_only=True)
class KeyframeConfig:
    """When a scan is kept, and how many."""

    every_m: float = param(0.5, "way between keyframes", low=0.1, high=5.0)
    every_rad: float = param(0.6, "turn between keyframes", low=0.1, high=3.2)
    most: int = param(800, "keyframes are kept", low=20, high=20000)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(kw_only=True)
class Keyframe:
    """A scan and where it was taken.

    Attributes:
        id: number, never used twice.
        pose: pose_map_base (3,).
        stamp: [s].
        ranges: (n,) uint16 [mm] with the codes NAN, NEAR and FAR.
        beam: angle_min, angle_increment, range_min, range_max of the scan.
        laser: pose_base_laser (3,).
    """

    id: int
    pose: Array
    stamp: float
    ranges: NDArray[np.uint16]
    beam: tuple[float, float, float, float]
    laser: Array

    def scan(self) -> LaserScan:
        """The scan as it was measured, to the millimetre."""
        ranges = self.ranges / MM
        for code, value in ((NAN, np.nan), (NEAR, -np.inf), (FAR, np.inf)):
            ranges[self.ranges == code] = value
        low, step, nearest, farthest = self.beam
        return LaserScan(
            stamp=self.stamp,
            angle_min=low,
            angle_increment=step,
            range_min=nearest,
            range_max=farthest,
            ranges=ranges,
            pose_base_laser=self.laser.copy(),
        )


def keyframe(number: int, pose: Array, scan: LaserScan) -> Keyframe:
    """Pack a scan taken at pose_map_base (3,)."""
    ranges = np.asarray(scan.ranges, dtype=np.float64)
    packed = np.full(len(ranges), NAN, np.uint16)
    good = np.isfinite(ranges) & (ranges >= 0.0)
    packed[good] = np.minimum(np.round(ranges[good] * MM), FARTHEST_MM)
    packed[np.isneginf(ranges)] = NEAR
    packed[np.isposinf(ranges)] = FAR
    beam = scan.angle_min, scan.angle_increment, scan.range_min, scan.range_max
    return Keyframe(
        id=number,
        pose=np.array(pose, dtype=np.float64),
        stamp=float(scan.stamp),
        ranges=packed,
        beam=(float(beam[0]), float(beam[1]), float(beam[2]), float(beam[3])),
        laser=np.array(scan.pose_base_laser, dtype=np.float64),
    )


@dataclass
class Keyframes:
    """Keyframes by number, and the edges between them.

    Attributes:
        frames: in the order of their numbers.
        edges: measured relative poses.
        next_id: number of the next one.
    """

    config: KeyframeConfig
    frames: dict[int, Keyframe] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    next_id: int = 1

    @property
    def used_bytes(self) -> int:
        """What the scans cost."""
        return sum(frame.ranges.nbytes + 200 for frame in self.frames.values())

    def poses(self) -> Array:
        """pose_map_base (n, 3) in the order of the numbers."""
        return np.array([frame.pose for frame in self.frames.values()]).reshape(-1, 3)

    def add(self, pose: Array, scan: LaserScan) -> Keyframe:
        """Keep a scan taken at pose_map_base (3,)."""
        frame = keyframe(self.next_id, pose, scan)
        self.frames[frame.id] = frame
        self.next_id += 1
        return frame

    def far_from(self, last: Array, now: Array) -> bool:
        """Whether a pose (3,) is far enough from another one for a new keyframe."""
        way = float(np.hypot(*(now[:2] - last[:2])))
        turn = abs(wrap(float(now[2] - last[2])))
        return way >= self.config.every_m or turn >= self.config.every_rad

    def absorb(self, other: Keyframes, pose_map_other: Array) -> int:
        """Take over another map's keyframes; returns what is added to their numbers.

        Args:
            other: is not changed.
            pose_map_other: pose (3,) of the other map's frame.
        """
        shift = self.next_id - 1
        mine = list(self.frames.values())
        for frame in other.frames.values():
            pose = compose2(pose_map_other, frame.pose)
            new = replace(frame, id=frame.id + shift, pose=pose)
            self.frames[new.id] = new
        for edge in other.edges:
            first, second = edge.first + shift, edge.second + shift
            self.edges.append(replace(edge, first=first, second=second))
        self.next_id = shift + other.next_id
        if mine and other.frames:
            self._tie(mine, [self.frames[k + shift] for k in other.frames])
        return shift

    def _tie(self, mine: list[Keyframe], others: list[Keyframe]) -> None:
        """Join each of some keyframes with the nearest of the others, where near."""
        tree = cKDTree(np.array([frame.pose[:2] for frame in mine]))
        apart, nearest = tree.query(np.array([frame.pose[:2] for frame in others]))
        close = np.flatnonzero(apart <= max(TIE_M, float(apart.min())))
        for k in close:
            a, b = mine[int(nearest[k])], others[int(k)]
            pose = compose2(inverse2(a.pose), b.pose)
            self.edges.append(
                Edge(first=a.id, second=b.id, pose=pose, covariance=TIE, loop=True)
            )

    def thin_out(self, spare: int) -> int | None:
        """Drop one keyframe if there are too many; returns its number.

        Args:
            spare: as many of the newest, and the first, are never dropped.
        """
        if len(self.frames) <= self.config.most:
            return None
        numbers = list(self.frames)[1 : len(self.frames) - spare]
        if len(numbers) < 3:
            return None
        poses = np.array([self.frames[k].pose for k in numbers])
        place = np.column_stack(
            [poses[:, :2], np.cos(poses[:, 2]), np.sin(poses[:, 2])]
        )
        apart, nearest = cKDTree(place).query(place, 2)
        k = int(np.argmin(apart[:, 1]))
        older = min(k, int(nearest[k, 1]))
        self.drop(numbers[older])
        return numbers[older]

    def drop(self, number: int) -> None:
        """Forget a keyframe; its edges go to the neighbour that is known best."""
        mine = [e for e in self.edges if number in (e.first, e.second)]
        rest = [e for e in self.edges if number not in (e.first, e.second)]
        del self.frames[number]
        if mine:
            sure = min(mine, key=lambda e: float(np.trace(e.covariance)))
            hub = _from(sure, number)
            for edge in mine:
                other = _from(edge, number)
                if edge is sure or other.second == hub.second:
                    continue
                back = inverse2(hub.pose)
                rest.append(
                    Edge(
                        first=hub.second,
                        second=other.second,
                        pose=compose2(back, other.pose),
                        covariance=chained(
                            turned_back(hub.covariance, hub.pose), back, other
                        ),
                        loop=edge.loop or sure.loop,
                    )
                )
        self.edges = rest
        if len(self.edges) > MOST_EDGES * len(self.frames):
            self._merge_parallel()
            self._drop_weak_loops()

    def _merge_parallel(self) -> None:
        """Of edges between the same two the surest stays."""
        best: dict[tuple[int, int], Edge] = {}
        for edge in self.edges:
            key = min(edge.first, edge.second), max(edge.first, edge.second)
            known = best.get(key)
            if known is None or np.trace(edge.covariance) < np.trace(known.covariance):
                best[key] = edge
        self.edges = list(best.values())

    def _drop_weak_loops(self) -> None:
        """Of too many loops the least sure ones go; ways that were driven stay."""
        loops = [edge for edge in self.edges if edge.loop]
        over = len(self.edges) - MOST_EDGES * len(self.frames)
        if over <= 0 or not loops:
            return
        loops.sort(key=lambda edge: float(np.trace(edge.covariance)))
        weak = {id(edge) for edge in loops[len(loops) - min(over, len(loops)) :]}
        self.edges = [edge for edge in self.edges if id(edge) not in weak]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as arrays of numbers."""
        frames = list(self.frames.values())
        edges = self.edges
        counts = np.array([len(f.ranges) for f in frames], np.int32)
        ranges = [f.ranges for f in frames] or [np.zeros(0, np.uint16)]
        return {
            "key_id": np.array([f.id for f in frames], np.int64),
            "key_pose": self.poses(),
            "key_stamp": np.array([f.stamp for f in frames], np.float64),
            "key_beam": np.array([f.beam for f in frames], np.float64).reshape(-1, 4),
            "key_laser": np.array([f.laser for f in frames]).reshape(-1, 3),
            "key_count": counts,
            "key_ranges": np.concatenate(ranges),
            "edge_ends": np.array(
                [(e.first, e.second, e.loop) for e in edges], np.int64
            ).reshape(-1, 3),
            "edge_pose": np.array([e.pose for e in edges]).reshape(-1, 3),
            "edge_covariance": np.array([e.covariance for e in edges]).reshape(
                -1, 3, 3
            ),
        }

    def restore(self, arrays: dict[str, NDArray[Any]], next_id: int) -> None:
        """Continue from `arrays()`.

        Raises:
            MapFileError: if they do not fit each other.
        """
        try:
            self._restore(arrays)
        except (KeyError, ValueError, IndexError) as error:
            raise MapFileError(
                f"The map's keyframes are damaged ({error!r}). Restore an earlier "
                "generation, or begin a new map."
            ) from error
        self.next_id = max(next_id, max(self.frames, default=0) + 1)

    def _restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        count = np.asarray(arrays["key_count"], np.int64)
        numbers = np.asarray(arrays["key_id"], np.int64)
        n, ranges = len(numbers), arrays["key_ranges"]
        shapes = {"key_pose": 3, "key_beam": 4, "key_laser": 3}
        for name, width in shapes.items():
            values = np.asarray(arrays[name], np.float64)
            if values.shape != (n, width) or not np.all(np.isfinite(values)):
                raise ValueError(
                    f"array {name!r} has shape {values.shape} or no numbers"
                )
        if np.any(np.diff(numbers) <= 0) or np.any(count < 0):
            raise ValueError("numbers do not rise")
        if len(count) != n or ranges.dtype != np.uint16 or count.sum() != len(ranges):
            raise ValueError(f"{count.sum()} ranges expected, {len(ranges)} found")
        parts = np.split(ranges, np.cumsum(count)[:-1]) if n else []
        for k in range(n):
            low, step, nearest, farthest = arrays["key_beam"][k].tolist()
            self.frames[int(numbers[k])] = Keyframe(
                id=int(numbers[k]),
                pose=np.array(arrays["key_pose"][k], np.float64),
                stamp=float(arrays["key_stamp"][k]),
                ranges=parts[k].copy(),
                beam=(low, step, nearest, farthest),
                laser=np.array(arrays["key_laser"][k], np.float64),
            )
        self.edges = list(self._edges(arrays))

    def _edges(self, arrays: dict[str, NDArray[Any]]) -> Iterator[Edge]:
        ends = np.asarray(arrays["edge_ends"], np.int64).reshape(-1, 3)
        poses = np.asarray(arrays["edge_pose"], np.float64).reshape(-1, 3)
        spreads = np.asarray(arrays["edge_covariance"], np.float64).reshape(-1, 3, 3)
        if not len(ends) == len(poses) == len(spreads):
            raise ValueError("edges of different number")
        sound = np.all(np.isfinite(poses)) and np.all(np.isfinite(spreads))
        if not sound or (len(spreads) and np.linalg.eigvalsh(spreads).min() <= 0.0):
            raise ValueError("an edge is not finite or has no spread")
        for (first, second, loop), pose, spread in zip(
            ends, poses, spreads, strict=True
        ):
            if first not in self.frames or second not in self.frames:
                raise ValueError(f"edge {first}-{second} leads nowhere")
            yield Edge(
                first=int(first),
                second=int(second),
                pose=pose.copy(),
                covariance=spread.copy(),
                loop=bool(loop),
            )


def _from(edge: Edge, number: int) -> Edge:
    """The edge as seen from one of its ends."""
    if edge.first == number:
        return edge
    return Edge(
        first=edge.second,
        second=edge.first,
        pose=inverse2(edge.pose),
        covariance=turned_back(edge.covariance, edge.pose),
        loop=edge.loop,
    )
