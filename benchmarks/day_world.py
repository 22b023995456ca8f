"""A robot that tours a changing hall.

Everything is computed on paper: walls and boxes are line segments, the lidar is a ray
caster with noise, the camera tells things in its cone and in the same room, odometry
drifts. Time between two frames is as long as wished.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.benchmarks.day_hall import Hall, room_middle, room_of, tour
from neural_brain.models.geometry import (
    Array,
    compose2,
    inverse2,
    transform2,
    wrap,
)
from neural_brain.models.signals import (
    BodyState,
    LaserScan,
    ObjectPercept,
    Percepts,
    SceneView,
)

BEAMS, REACH_M = 180, 15.0
SPEED_M_S, TURN_RAD_S = 0.3, 0.6
SEEN_M = 3.5
CORNERS = 60  # of a picture
SCALE, VEER = 0.01, 0.002  # of odometry: too long by, rad of turn for each metre


def cast(segments: Array, pose: Array, angles: Array) -> Array:
    """Distance (n,) [m] from a pose (3,) along angles to the nearest segment (m, 4)."""
    a, b = segments[:, :2] - pose[:2], segments[:, 2:] - segments[:, :2]
    x, y = np.cos(angles + pose[2])[:, None], np.sin(angles + pose[2])[:, None]
    cross = x * b[:, 1] - y * b[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / cross
        u = (a[:, 0] * y - a[:, 1] * x) / cross
    t[~((t > 1e-6) & (u >= 0.0) & (u <= 1.0))] = np.inf
    return np.asarray(t.min(axis=1))


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What the robot senses at one time, and where it truly is (3,)."""

    t: float
    true: Array
    body: BodyState
    scan: LaserScan
    percepts: Percepts


class PaperRobot:
    """Tours a hall, one frame every so many seconds."""

    def __init__(self, hall: Hall, every_s: float, rng: np.random.Generator) -> None:
        self.hall, self.every_s, self._rng = hall, every_s, rng
        self._points = tour(rng)
        self._goal = next(self._points)
        self.pose = np.array([*room_middle(0), 0.0])
        self.start = self.pose.copy()
        self._odom = np.zeros(3)
        self.t = 0.0
        self._angles = np.linspace(-np.pi, np.pi, BEAMS, endpoint=False)

    def go_on(self, *, rests: bool = False) -> Moment:
        """The next frame, after driving on unless it rests."""
        self.t += self.every_s
        if not rests:
            before = self.pose
            self.pose = self._driven()
            step = compose2(inverse2(before), self.pose)
            way = float(np.hypot(*step[:2]))
            step[:2] *= 1.0 + SCALE
            step[2] += self._rng.normal(0.0, VEER * np.sqrt(way))
            self._odom = compose2(self._odom, step)
        ranges = cast(self.hall.segments, self.pose, self._angles)
        ranges = ranges + self._rng.normal(0.0, 0.015, BEAMS)
        return Moment(
            t=self.t,
            true=self.pose.copy(),
            body=self._body(rests),
            scan=LaserScan(
                stamp=self.t,
                angle_min=-np.pi,
                angle_increment=2.0 * np.pi / BEAMS,
                range_min=0.05,
                range_max=REACH_M,
                ranges=np.where(ranges < REACH_M, ranges, np.inf),
                pose_base_laser=np.zeros(3),
            ),
            percepts=self._percepts(ranges),
        )

    def _driven(self) -> Array:
        """Pose (3,) after the time of one frame, turning and driving in turns."""
        pose, left_s = self.pose.copy(), self.every_s
        while left_s > 1e-6:
            ahead = self._goal - pose[:2]
            way = float(np.hypot(*ahead))
            if way < 1e-6:
                self._goal = next(self._points)
                continue
            turn = wrap(float(np.arctan2(ahead[1], ahead[0]) - pose[2]))
            now = min(abs(turn) / TURN_RAD_S, left_s)
            pose[2] = wrap(float(pose[2] + np.sign(turn) * now * TURN_RAD_S))
            left_s -= now
            now = min(way / SPEED_M_S, left_s)
            pose[:2] += ahead / way * now * SPEED_M_S
            left_s -= now
        return pose

    def _body(self, rests: bool) -> BodyState:
        return BodyState(
            stamp=self.t,
            q=np.zeros(6),
            dq=np.zeros(6),
            effort=np.zeros(6),
            twist_base=np.array([0.0 if rests else SPEED_M_S, 0.0]),
            pose_odom_base=self._odom.copy(),
            wrench_ee=np.zeros(6),
            bumper=np.zeros(4, bool),
            gyro=np.zeros(3),
            accel=np.array([0.0, 0.0, 9.81]),
            head=np.zeros(2),
            gripper_m=0.0,
            battery=1.0,
        )

    def _percepts(self, ranges: Array) -> Percepts:
        cone = (np.abs(self._angles) < 0.7) & (ranges < 4.0)
        angle, range_m = self._angles[cone], ranges[cone]
        hits = np.stack([range_m * np.cos(angle), range_m * np.sin(angle)], axis=1)
        return Percepts(
            stamp=self.t,
            pose_odom_base=self._odom.copy(),
            obstacles=hits,
            free=hits * self._rng.uniform(0.3, 0.9, (len(hits), 1)),
            objects=self._objects(),
            view_polygon=np.array([[0.0, 0.0], [SEEN_M, -2.9], [SEEN_M, 2.9]]),
            view=picture(self.pose),
        )

    def _objects(self) -> tuple[ObjectPercept, ...]:
        """Things ahead, within reach and in the same room."""
        xy = np.array([thing.xy for thing in self.hall.things])
        local = transform2(inverse2(self.pose), xy)
        seen = (local[:, 0] > 0.5) & (np.hypot(*local.T) < SEEN_M)
        seen &= np.abs(local[:, 1]) < 0.8 * local[:, 0]
        seen &= room_of(xy) == room_of(self.pose[None, :2])[0]
        return tuple(
            ObjectPercept(
                category=self.hall.things[k].category,
                colour=self.hall.things[k].colour,
                confidence=0.8,
                center_base=np.array([*local[k], 0.4]) + self._rng.normal(0, 0.03, 3),
                size=np.full(3, 0.2),
            )
            for k in np.flatnonzero(seen)
        )


def picture(pose: Array) -> SceneView:
    """Corners that look the same whenever the camera is within half a metre there."""
    cell = [*np.floor(pose[:2] / 0.5), np.floor(pose[2] / 0.8)]
    rng = np.random.default_rng([int(k) + 1000 for k in cell])
    vector = rng.normal(size=128)
    points = rng.uniform([1.0, -1.0, 0.1], [4.0, 1.0, 1.5], (CORNERS, 3))
    return SceneView(
        embedding="paper",
        vector=(vector / np.linalg.norm(vector)).astype(np.float32),
        codes=rng.integers(0, 256, (CORNERS, 32), dtype=np.uint8),
        rays=(points[:, 1:] / points[:, :1]).astype(np.float32),
        points=points.astype(np.float32),
        camera=np.zeros(3),
    )
