"""The way of the hand to a thing: from above onto low ones, from in front of tall ones.

The hand rises to a safe height first, goes over there, comes down to a point before
the surface; all way points are solved before anything moves.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import LEVEL, Array
from neural_brain.models.motion.inverse_kinematics import InverseKinematics, ToolGoal

DOWN = np.array([0.0, 0.0, -1.0])
FACING = 0.5  # cosine to the way from the robot up to which a surface faces it
SPOTS = (
    (1, 0.0, 0.0),
    (0, 0.0, 0.0),
    (1, 0.6, 0.0),
    (1, -0.6, 0.0),
    (1, 0.0, 0.6),
    (1, 0.0, -0.6),
    (0, 0.6, 0.6),
)
"""Where to press in turn: 1 = from above, and the offset in halves of the extent."""


@dataclass(frozen=True, kw_only=True)
class ReachConfig:
    """How far the hand stays away before it touches."""

    safe_height_m: tuple[float, ...] = param((0.28, 0.12), "over things on the way, "
                                             "in turn", low=0.02, high=0.5)  # fmt: skip
    before_m: float = param(0.07, "from the surface, guarded from here", low=0.02,
                            high=0.3)  # fmt: skip
    beyond_m: float = param(0.06, "past the surface until it is a miss", low=0.01,
                            high=0.2)  # fmt: skip
    finger_m: float = param(0.06, "until the palm touches the rim", low=0.01, high=0.2)
    palm_m: float = param(0.16, "the palm fits into wider things", low=0.02, high=1.0)
    shallow_m: float = param(0.03, "past the surface at least", low=0.01, high=0.1)
    deepest_m: float = param(0.15, "into hollow things such as mugs", low=0.01,
                             high=0.5)  # fmt: skip
    above_top_m: float = param(1.15, "higher tops are pressed from in front", low=0.3,
                               high=2.0)  # fmt: skip
    inset_m: float = param(0.15, "from the near edge of large things", low=0.02,
                           high=0.5)  # fmt: skip
    floor_m: float = param(0.02, "the tool never aims lower", low=0.0, high=0.5)
    side_height_m: tuple[float, ...] = param((0.55, 0.95), "range of heights in front",
                                             low=0.1, high=1.5)  # fmt: skip
    bend_m: float = param(0.02, "largest bow of a straight way", low=0.002, high=0.2)
    halvings: int = param(3, "most splits of a straight way", low=0, high=6)
    max_step_rad: float = param(2.0, "largest turn of a joint between way points",
                                low=0.1, high=6.0)  # fmt: skip
    lean_deg: tuple[float, ...] = param((0.0, 25.0, 45.0), "tool leans out, in turn",
                                        low=0.0, high=80.0)  # fmt: skip
    dip_deg: tuple[float, ...] = param(
        (20.0, 45.0, 0.0, -20.0), "tool points down in front", low=-80.0, high=80.0
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """A solved way.

    Attributes:
        way: joint positions (k, n) from READY to before the surface.
        before: tool pose (4, 4) at the end of the way, `base_link`.
        axis: direction of the guarded approach (3,).
        expected_m: distance from `before` to the expected surface along `axis` [m].
        limit_m: distance at which nothing felt is a miss [m].
        end: joint positions (n,) at the miss distance, for the posture.
    """

    way: Array
    before: Array
    axis: Array
    expected_m: float
    limit_m: float
    end: Array


class ReachPlanner:
    """Finds a `Reach` for a thing.

    Args:
        config: distances.
        kinematics: inverse kinematics of the arm.
        ready: posture (n,) [rad] from which every reach starts.
    """

    def __init__(
        self, config: ReachConfig, kinematics: InverseKinematics, ready: Array
    ) -> None:
        self.config = config
        self.kinematics = kinematics
        self.ready = ready

    def press(self, center: Array, size: Array, spot: int = 0) -> Reach | None:
        """A way to press one spot of a thing, or None if it cannot be reached.

        Args:
            center: middle of the thing (3,) [m], `base_link`.
            size: its extent (3,) [m] along x, y, z.
            spot: which of `SPOTS` to try; tall things begin in front.
        """
        tall = float(center[2] + 0.5 * size[2]) > self.config.above_top_m
        above, *offset = SPOTS[spot]
        way = self._from_above if bool(above) != tall else self._from_in_front
        return way(center, size, np.array(offset))

    def touch(self, contact: Array, normal: Array) -> Reach | None:
        """A way to press one spot of a surface, or None if it cannot be reached.

        Args:
            contact: point on the surface (3,) [m], `base_link`.
            normal: unit vector (3,) out of the surface; level surfaces are pressed from
                above, all others from the side that faces the robot.
        """
        c = self.config
        out = _horizontal(contact)
        if normal[2] > LEVEL:
            before = contact - c.before_m * DOWN
            deep = min(c.finger_m, max(float(contact[2]) - c.floor_m, 0.01))
            axes = [_tilted(DOWN, out, lean) for lean in c.lean_deg]
            ways = self._over(before, float(contact[2]))
            return self._first(ways, DOWN, c.before_m, deep, axes)
        inward = np.array([-normal[0], -normal[1], 0.0])
        inward /= max(float(np.linalg.norm(inward)), 1e-6)
        if inward @ out < FACING:
            return None
        before = contact - c.before_m * inward
        axes = [_tilted(inward, DOWN, dip) for dip in c.dip_deg]
        return self._first([[before]], inward, c.before_m, c.beyond_m, axes)

    def push(self, center: Array, size: Array) -> Reach | None:
        """A way to shove a thing away from the robot, hand pointing down."""
        c = self.config
        away = _horizontal(center)
        half = 0.5 * float(np.abs(away[:2]) @ size[:2])
        low = max(float(center[2] - 0.5 * size[2]) + 0.025, c.floor_m)
        contact = center - half * away
        contact[2] = max(low, float(center[2]))
        before = contact - (c.before_m + 0.02) * away
        ways = self._over(before, float(center[2] + 0.5 * size[2]))
        far = half + c.beyond_m
        return self._first(ways, away, c.before_m + 0.02, far, [DOWN])

    def _from_above(self, center: Array, size: Array, offset: Array) -> Reach | None:
        c = self.config
        contact = np.array(center, dtype=np.float64)
        out = _horizontal(contact)
        half = 0.5 * float(np.abs(out[:2]) @ size[:2])
        contact -= max(0.0, half - c.inset_m) * out  # the near side of large things
        contact[:2] += offset * np.minimum(0.5 * size[:2], c.inset_m)
        contact[2] = max(float(center[2] + 0.5 * size[2]), c.floor_m)
        before = contact - c.before_m * DOWN
        wide = float(np.min(size[:2])) > c.palm_m  # the palm could get caught inside
        deep = c.finger_m if wide else max(c.beyond_m, float(size[2]))
        deep = min(deep, c.deepest_m)
        deep = min(deep, max(float(contact[2]) - c.floor_m, 0.01))
        ways = self._over(before, float(contact[2]))
        axes = [_tilted(DOWN, out, lean) for lean in c.lean_deg]
        return self._first(ways, DOWN, c.before_m, deep, axes)

    def _from_in_front(self, center: Array, size: Array, offset: Array) -> Reach | None:
        c = self.config
        away = _horizontal(center)
        left = np.array([-away[1], away[0], 0.0])
        half = 0.5 * float(np.abs(away[:2]) @ size[:2])
        low, high = c.side_height_m
        bottom, top = center[2] - 0.5 * size[2], center[2] + 0.5 * size[2]
        height = np.clip(0.5 * (bottom + top), low, high)
        height = np.clip(height, bottom + 0.03, top - 0.03)
        contact = np.array(center, dtype=np.float64) - half * away
        contact += 0.25 * offset[1] * float(np.abs(left[:2]) @ size[:2]) * left
        contact[2] = height + 0.1 * offset[0] * min(size[2], 1.0)
        before = contact - c.before_m * away
        axes = [_tilted(away, DOWN, dip) for dip in c.dip_deg]
        deep = min(max(2.0 * c.beyond_m, 1.2 * half), 0.25)
        return self._first([[before]], away, c.before_m, deep, axes)

    def _first(
        self,
        ways: list[list[Array]],
        approach: Array,
        expected_m: float,
        beyond_m: float,
        axes: list[Array],
    ) -> Reach | None:
        """The first way and tool direction with which all of it can be reached.

        Args:
            ways: points of the hand up to before the surface, the best way first.
            approach: direction of the guarded approach (3,).
            expected_m: from the last point to the surface [m].
            beyond_m: past the surface until it is a miss [m].
            axes: tool directions (3,) to try.
        """
        for goals, axis in itertools.product(ways, axes):
            corners: list[Array] | None = [self.ready]
            for k, point in enumerate(goals):
                rising = len(goals) > 2 and k == 0
                corners = self._extend(corners, point, DOWN if rising else axis)
            way = None if corners is None else self._fill(corners)
            if way is None:
                continue
            for share in (1.0, 0.5, 0.25):
                beyond = max(share * beyond_m, min(beyond_m, self.config.shallow_m))
                limit = expected_m + beyond
                deep = self._extend(way, goals[-1] + limit * approach, axis)
                if deep is not None:
                    return Reach(
                        way=np.array(way),
                        before=self.kinematics.forward(way[-1]),
                        axis=np.asarray(approach, dtype=np.float64),
                        expected_m=expected_m,
                        limit_m=limit,
                        end=deep[-1],
                    )
        return None

    def _extend(
        self, corners: list[Array] | None, point: Array, axis: Array
    ) -> list[Array] | None:
        """Add the joint positions of one more corner, close to the last one."""
        if corners is None:
            return None
        posture = self.ready if len(corners) == 1 else corners[-1]
        goal = ToolGoal(position=point, axis=axis)
        q = self.kinematics.solve(goal, corners[-1], posture)
        return None if q is None else [*corners, q]

    def _fill(self, corners: list[Array]) -> list[Array] | None:
        """Way points between corners, as many as keep the hand on straight lines."""
        way = [corners[0]]
        for start, end in itertools.pairwise(corners):
            part = self._straighten(start, end, self.config.halvings)
            if part is None:
                return None
            way += [*part, end]
        steps = np.abs(np.diff(np.array(way), axis=0)).max()
        return way if steps < self.config.max_step_rad else None

    def _straighten(
        self, start: Array, end: Array, halvings: int
    ) -> list[Array] | None:
        """Way points strictly between two joint positions."""
        T_start, T_end = (self.kinematics.forward(q) for q in (start, end))
        middle = 0.5 * (start + end)
        T = self.kinematics.forward(middle)
        position = 0.5 * (T_start[:3, 3] + T_end[:3, 3])
        axis = _turned(T_start[:3, 2], T_end[:3, 2], 0.5)
        off = float(np.linalg.norm(T[:3, 3] - position))
        tilt = float(np.arccos(np.clip(T[:3, 2] @ axis, -1.0, 1.0)))
        if (off < self.config.bend_m and tilt < 0.25) or halvings == 0:
            return []
        goal = ToolGoal(position=position, axis=axis)
        q = self.kinematics.solve(goal, middle, middle)
        if q is None:
            return None
        first = self._straighten(start, q, halvings - 1)
        second = self._straighten(q, end, halvings - 1)
        if first is None or second is None:
            return None
        return [*first, q, *second]

    def _over(self, before: Array, top: float) -> list[list[Array]]:
        """Up at the ready position, across, down to the point; high ways first."""
        ready = self.kinematics.forward(self.ready)[:3, 3]
        ways = []
        for over in self.config.safe_height_m:
            height = max(float(ready[2]), top + over, float(before[2]))
            across = np.array([before[0], before[1], height])
            way = [across, before]
            if height >= float(ready[2]) + 0.01:
                way.insert(0, np.array([ready[0], ready[1], height]))
            ways.append(way)
        return ways


def _horizontal(center: Array) -> Array:
    """Unit vector (3,) from the robot to a point, level."""
    away = np.array([center[0], center[1], 0.0])
    return away / max(float(np.linalg.norm(away)), 1e-6)


def _tilted(axis: Array, towards: Array, angle_deg: float) -> Array:
    """Unit vector `axis` turned by an angle [deg] towards one at right angles."""
    angle = np.radians(angle_deg)
    return np.cos(angle) * axis + np.sin(angle) * towards


def _turned(start: Array, end: Array, share: float) -> Array:
    """Unit vector between two, on the shorter way."""
    mixed = (1.0 - share) * start + share * end
    length = float(np.linalg.norm(mixed))
    return mixed / length if length > 1e-6 else end
