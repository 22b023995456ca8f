"""DRIVE: plan, follow, replan when the way changes, recover when stuck."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.routes import equal_routes
from neural_brain.models.motion.area_guard import AreaGuard, areas_key
from neural_brain.models.motion.costmap import Costmap, CostmapConfig, make_costmap
from neural_brain.models.motion.follower import Follower, FollowerConfig, Steering
from neural_brain.models.motion.leaving import way_out
from neural_brain.models.motion.planner import travel_field
from neural_brain.models.motion.scan_guard import ScanGuard
from neural_brain.models.signals import Area, BodyState, GridView, Route, SubGoal, Toll

JUMP_M, JUMP_RAD = 0.15, 0.1  # the pose jumps farther: plan anew at once
DONE, RUNNING, FAILED = "done", "running", "failed"


@dataclass(frozen=True, kw_only=True)
class DriveConfig:
    """When to plan anew and when to give up."""

    costmap: CostmapConfig = field(default_factory=CostmapConfig)
    follower: FollowerConfig = field(default_factory=FollowerConfig)
    check_every_s: float = param(0.5, "between checks of the path", low=0.05, high=10.0)
    replan_every_s: float = param(4.0, "between plans", low=0.2, high=60.0)
    stuck_s: float = param(4.0, "without progress", low=1.0, high=60.0)
    recoveries: int = param(3, "tries to come free", low=0, high=20)
    back_up_m: float = param(0.2, "when stuck", low=0.0, high=1.0)
    goal_snap_m: float = param(0.35, "goals move to a free spot", low=0.0, high=2.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Drive:
    """One drive at a time; `start` begins it, `step` goes on.

    Args:
        config: rules.
        radius_m: radius of the base [m].
        guard: what the lidar sees.

    Attributes:
        reason: why the drive failed.
        stuck_at: pose (3,) in `map` where it last got stuck, None if it did not.
    """

    def __init__(self, config: DriveConfig, radius_m: float, guard: ScanGuard) -> None:
        self.config = config
        self.radius_m = radius_m
        self.guard = guard
        self.areas = AreaGuard(radius_m)
        self.follower = Follower(config.follower, guard, self.areas)
        self.reason = ""
        self.stuck_at: Array | None = None
        self._goal = np.zeros(3)
        self._tolerance = (0.15, 0.2)
        self._costmap: Costmap | None = None
        self._costmap_key: tuple[object, ...] = ()
        self._tolls: tuple[Toll, ...] = ()
        self._routes: tuple[Route, ...] = ()
        self._planned_at = -np.inf
        self._checked_at = -np.inf
        self._best = np.inf
        self._best_turn = np.inf
        self._progress_at = 0.0
        self._tries = 0
        self._recovery: tuple[str, float, Array] | None = None
        self._map_odom: Array | None = None

    def start(self, goal: SubGoal, t: float) -> None:
        """Begin a drive to `goal.pose_map`."""
        if goal.pose_map is None or not np.all(np.isfinite(goal.pose_map)):
            raise ValueError("DRIVE needs a finite pose_map (3,)")
        self._goal = np.array(goal.pose_map, dtype=np.float64)
        self._tolerance = (goal.tolerance_m, goal.tolerance_rad)
        self._planned_at = self._checked_at = -np.inf
        self._recovery = None
        self._tries = 0
        self.reason, self.stuck_at = "", None
        self.follower.start(np.zeros((0, 2)))
        self._made_progress(t)

    def step(
        self,
        t: float,
        grid: GridView,
        body: BodyState,
        pose: Array,
        areas: tuple[Area, ...] = (),
        *,
        tolls: tuple[Toll, ...] = (),
        routes: tuple[Route, ...] = (),
    ) -> tuple[Array, str]:
        """Wanted twist (2,) and "running", "done" or "failed"."""
        self.areas.update(areas, pose)
        if not equal_routes(routes, self._routes):
            self._costmap = None
        self._tolls, self._routes = tolls, routes
        if self._map_moved(body, pose):  # the path was of the map as it was before
            self._planned_at = self._checked_at = -np.inf
            self.follower.start(np.zeros((0, 2)))
            self._made_progress(t)
        if self._recovery is not None:
            return self._recover(t, pose), RUNNING
        if not self._plan_when_due(t, grid, pose):
            return np.zeros(2), FAILED
        steering = self.follower.step(pose, self._goal, *self._tolerance)
        if steering.arrived:
            return np.zeros(2), DONE
        self._watch_progress(t, pose, steering)
        if bool(np.any(body.bumper)) or t - self._progress_at > self.config.stuck_s:
            return self._come_free(t, pose, steering), (
                FAILED if self.reason else RUNNING
            )
        return steering.twist, RUNNING

    def _map_moved(self, body: BodyState, pose: Array) -> bool:
        """Whether the robot's pose has jumped in the map, as when a loop is closed."""
        before, self._map_odom = (
            self._map_odom,
            compose2(pose, inverse2(body.pose_odom_base)),
        )
        if before is None:
            return False
        expected = compose2(before, body.pose_odom_base)
        gap = compose2(inverse2(expected), pose)
        return bool(np.hypot(gap[0], gap[1]) > JUMP_M or abs(gap[2]) > JUMP_RAD)

    def _plan_when_due(self, t: float, grid: GridView, pose: Array) -> bool:
        empty = len(self.follower.path) == 0
        if not empty and t - self._checked_at < self.config.check_every_s:
            return True
        self._checked_at = t
        costmap = self._fresh_costmap(grid, pose, seen=self._tries > 0)
        old = t - self._planned_at > self.config.replan_every_s
        rest = self.follower.path
        clear = not empty and bool(np.all(costmap.clearance_at(rest[1:]) > 0.0))
        near = bool(np.hypot(*(self._goal[:2] - pose[:2])) < 0.5)
        if not empty and (near or (clear and not old)):
            return True
        self._planned_at = t
        self.areas.way_out = None
        if self.areas.inside:
            path = self._leave(grid, costmap, pose)
        else:
            path = self._plan(costmap, pose)
        if path is None:
            closed = self.areas.forbids(self._goal[:2])
            self.reason = "I must stay out of there" if closed else "no way there"
            return False
        self.follower.start(path)
        return True

    def _plan(self, costmap: Costmap, pose: Array) -> Array | None:
        if np.hypot(*(self._goal[:2] - pose[:2])) < self._tolerance[0]:
            return np.stack([pose[:2], self._goal[:2]])
        field = travel_field(costmap, pose[:2], tolls=self._tolls)
        if field is None:
            return None
        path = field.path_to(self._goal[:2])
        if path is not None and costmap.clearance_at(self._goal[None, :2])[0] > 0.0:
            return path
        spot = field.nearest_reachable(self._goal[:2], self.config.goal_snap_m)
        if spot is None:
            return None
        self._goal[:2] = spot
        return field.path_to(spot)

    def _leave(self, grid: GridView, costmap: Costmap, pose: Array) -> Array | None:
        """Out of the keep-out area by the shortest way, then on to the goal."""
        bare = make_costmap(grid, self.config.costmap, self.radius_m)
        leaving = way_out(bare, costmap, pose[:2])
        if leaving is None:
            return None
        onward = self._plan(costmap, np.append(leaving.exit, pose[2]))
        if onward is None:
            return None
        self.areas.way_out = leaving
        return np.concatenate([leaving.path[:-1], onward])

    def _fresh_costmap(self, grid: GridView, pose: Array, *, seen: bool) -> Costmap:
        extra = self.guard.points_map(pose, 2.5) if seen else None
        key = (grid.version, seen, areas_key(self.areas.areas))
        if self._costmap is None or key != self._costmap_key or seen:
            self._costmap = make_costmap(
                grid,
                self.config.costmap,
                self.radius_m,
                extra,
                self.areas.closed,
                routes=self._routes,
            )
            self._costmap_key = key
        return self._costmap

    def _made_progress(self, t: float) -> None:
        self._progress_at = t
        self._best = self._best_turn = np.inf

    def _watch_progress(self, t: float, pose: Array, steering: Steering) -> None:
        left = self.follower.left_m(pose)
        turn = abs(steering.twist[1]) > 0.05 and steering.twist[0] == 0.0
        if left < self._best - 0.04:
            self._best, self._best_turn = left, np.inf
            self._progress_at = t
        elif turn:  # turning on the spot is progress while the angle shrinks
            angle = abs(float(steering.twist[1]))
            if angle < self._best_turn - 0.02 or not np.isfinite(self._best_turn):
                self._best_turn, self._progress_at = angle, t

    def _come_free(self, t: float, pose: Array, steering: Steering) -> Array:
        self._tries += 1
        self.stuck_at = np.array(pose)
        if self._tries > self.config.recoveries:
            self.reason = f"stuck: {steering.blocked or 'no progress'}"
            return np.zeros(2)
        self._recovery = ("back", t, pose.copy())
        return np.zeros(2)

    def _recover(self, t: float, pose: Array) -> Array:
        """Back up if there is room behind, turn a little, then plan with the scan."""
        phase, since, start = self._recovery or ("", t, pose)
        way = float(np.hypot(*(pose[:2] - start[:2])))
        if phase == "back":
            room = min(g.free_way(-0.1, 0.0) for g in (self.guard, self.areas))
            free = self.guard.fresh and room > 0.08
            if free and way < self.config.back_up_m and t - since < 4.0:
                return np.array([-0.1, 0.0])
            self._recovery = ("turn", t, pose.copy())
        elif t - since < 1.2:
            return np.array([0.0, 0.5 if self._tries % 2 else -0.5])
        else:
            self._recovery = None
            self._planned_at = self._checked_at = -np.inf
            self.follower.start(np.zeros((0, 2)))
            self._made_progress(t)
        return np.zeros(2)
