"""A hall of six rooms whose boxes and small things change, and a robot that tours it.

Everything is computed on paper: walls and boxes are line segments, the lidar is a ray
caster with noise, the camera tells things in its cone and in the same room, odometry
drifts. Time between two frames is as long as wished.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES, COLOURS
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

ROOM_M = (10.0, 8.5)  # of each of the six rooms; three on each side of a corridor
CORRIDOR_M, DOOR_M = 3.0, 1.2
BEAMS, REACH_M = 180, 15.0
SPEED_M_S, TURN_RAD_S = 0.3, 0.6
BOXES, THINGS = 48, 240
BOXES_MOVED, THINGS_CHANGED = 0.2, 0.15  # every hour
SEEN_M = 3.5
CORNERS = 60  # of a picture
SCALE, VEER = 0.01, 0.002  # of odometry: too long by, rad of turn for each metre


@dataclass
class Thing:
    """A small thing: where (2,) [m], its name and colour."""

    xy: Array
    category: str
    colour: str


class Hall:
    """What stands where; `hour_passes` changes some of it."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._walls = hall_walls()
        self._boxes = [self._box() for _ in range(BOXES)]
        self.things = [self._thing() for _ in range(THINGS)]
        self.segments = np.array(self._walls)
        self._join()

    def hour_passes(self) -> None:
        """Move some boxes; take some things away and put others in their stead."""
        for k in np.flatnonzero(self._rng.random(BOXES) < BOXES_MOVED):
            self._boxes[k] = self._box()
        for k in np.flatnonzero(self._rng.random(THINGS) < THINGS_CHANGED):
            self.things[k] = self._thing()
        self._join()

    def _join(self) -> None:
        boxes = [side for box in self._boxes for side in box]
        self.segments = np.array(self._walls + boxes)

    def _box(self) -> list[tuple[float, float, float, float]]:
        """Along the left or right wall of a room, beside the robot's way."""
        middle = room_middle(int(self._rng.integers(6)))
        x = middle[0] + self._rng.choice([-1.0, 1.0]) * self._rng.uniform(3.9, 4.4)
        y = middle[1] + self._rng.uniform(-3.5, 3.5)
        half = self._rng.uniform(0.1, 0.3, 2)
        return box(x - half[0], y - half[1], x + half[0], y + half[1])

    def _thing(self) -> Thing:
        middle = room_middle(int(self._rng.integers(6)))
        return Thing(
            xy=middle + self._rng.uniform([-4.5, -3.8], [4.5, 3.8]),
            category=CATEGORIES[int(self._rng.integers(1, len(CATEGORIES)))],
            colour=COLOURS[int(self._rng.integers(len(COLOURS)))],
        )


def box(
    x0: float, y0: float, x1: float, y1: float
) -> list[tuple[float, float, float, float]]:
    """Four sides."""
    return [(x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0)]


def room_middle(room: int) -> Array:
    """Middle (2,) [m] of a room 0 to 5."""
    column, row = room % 3, room // 3
    far = ROOM_M[1] + CORRIDOR_M
    return np.array([(column + 0.5) * ROOM_M[0], 0.5 * ROOM_M[1] + row * far])


def room_of(xy: Array) -> NDArray[np.int64]:
    """Number of the room of points (n, 2), 6 for the corridor."""
    column = np.clip(xy[:, 0] // ROOM_M[0], 0, 2).astype(int)
    above = xy[:, 1] > ROOM_M[1] + CORRIDOR_M
    inside = above | (xy[:, 1] < ROOM_M[1])
    return np.where(inside, column + 3 * above, 6)


def hall_walls() -> list[tuple[float, float, float, float]]:
    """Outer walls, walls between rooms, and walls of the corridor with doors."""
    width, low = 3.0 * ROOM_M[0], ROOM_M[1]
    high = low + CORRIDOR_M
    walls = box(0.0, 0.0, width, high + low)
    for x in (ROOM_M[0], 2.0 * ROOM_M[0]):
        walls += box(x - 0.05, 0.0, x + 0.05, low)
        walls += box(x - 0.05, high, x + 0.05, high + low)
    for y in (low, high):
        left = 0.0
        for column in range(3):
            door = (column + 0.5) * ROOM_M[0]
            walls += box(left, y - 0.05, door - 0.5 * DOOR_M, y + 0.05)
            left = door + 0.5 * DOOR_M
        walls += box(left, y - 0.05, width, y + 0.05)
    return walls


def tour(rng: np.random.Generator) -> Iterator[Array]:
    """Points (2,) [m] to drive through for ever: around in one room after the other."""
    middle = ROOM_M[1] + 0.5 * CORRIDOR_M
    room = 0
    while True:
        at = room_middle(room)
        yield at
        for corner in ((-3.0, -2.5), (3.0, -2.5), (3.0, 2.5), (-3.0, 2.5), (0.0, 0.0)):
            yield at + corner
        yield np.array([at[0], middle])
        room = (room + int(rng.integers(1, 6))) % 6
        yield np.array([room_middle(room)[0], middle])


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
