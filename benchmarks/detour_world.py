"""A home on paper for drives: what no lidar shows in a door, a pane, floor or hill."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neural_brain.benchmarks.detour_hill import Hill, HillImu
from neural_brain.benchmarks.navigation.true_space import BORDER_M, CELL_M, TrueSpace
from neural_brain.benchmarks.topology.graphs import place_graph
from neural_brain.models.geometry import Array, compose2
from neural_brain.models.maps.climbs import ClimbConfig
from neural_brain.models.maps.experience import Experience, ExperienceConfig
from neural_brain.models.maps.stretches import SlowConfig
from neural_brain.models.motion import Drive, DriveConfig, ScanGuard
from neural_brain.models.motion.drive import RUNNING
from neural_brain.models.signals import (
    BodyState,
    GridView,
    LaserScan,
    MotionStatus,
    SubGoal,
    SubGoalKind,
)
from neural_brain.sim.homes import HomeSpec
from neural_brain.sim.homes.spec import Door
from neural_brain.sim.robots.base import RADIUS_M

DT_S, SCAN_TICKS, TOPOLOGY_S = 0.05, 2, 2.0
BEAMS, RANGE_M = 120, 6.0
TOUCH_M = 0.01


@dataclass(frozen=True, kw_only=True)
class Trip:
    """How one drive went."""

    arrived: bool
    took_s: float
    stuck: int
    work_j: float = 0.0
    way_m: float = 0.0


@dataclass
class Hidden:
    """Something in a door: `middle` (2,), a unit vector across it, what it does.

    A pane stops the base; `slow` is a factor of its speed along `across`.
    """

    middle: Array
    across: Array
    half_m: float
    pane: bool = False
    slow: float = 1.0

    def depth(self, xy: Array) -> float:
        """How far (2,) is beyond the middle; infinite beside the door."""
        gap = xy - self.middle
        aside = abs(float(gap @ np.array([-self.across[1], self.across[0]])))
        return float(gap @ self.across) if aside < self.half_m else np.inf


@dataclass
class PaperHome:
    """One robot in a home: what it sees, how it moves, what it learns.

    Args:
        home: walls and things.
        learns: whether it uses what its drives teach.
        hidden: a pane or slow floor. hill: a slope; without one the base has no IMU.
        config: what it learns.
    """

    home: HomeSpec
    learns: bool
    hidden: Hidden | None = None
    hill: Hill | None = None
    config: ExperienceConfig = field(
        default_factory=lambda: ExperienceConfig(
            slow=SlowConfig(most_m=24.0), climb=ClimbConfig(price_m_per_m=10.0)
        )
    )
    t: float = 0.0
    pose: Array = field(default_factory=lambda: np.zeros(3))

    def __post_init__(self) -> None:
        """Draw the map."""
        self.space = TrueSpace(self.home)
        self.graph, _ = place_graph(self.space)
        solid = self.space.clearance <= 0.0
        self.grid = GridView(
            cells=np.where(solid, 100, 0).astype(np.int8),
            origin=np.full(2, -BORDER_M),
            resolution=CELL_M,
            version=1,
        )
        self.experience = Experience(self.config)
        self.imu = HillImu(self.hill, self.home.seed)
        self.guard = ScanGuard(RADIUS_M + 0.02, 0.5)
        self._drive = Drive(DriveConfig(), RADIUS_M, self.guard)
        self._twist = np.zeros(2)
        self._number = 0
        self._bumped = False
        self._updated_at = -np.inf

    def trip(self, goal: Array, limit_s: float) -> Trip:
        """Drive to a spot (2,) [m]; again while it fails, as the executive would."""
        began, stuck = self.t, 0
        work, way = self.imu.work_j, self.imu.way_m
        state = RUNNING
        while self.t - began < limit_s:
            state, times = self._try(goal, began + limit_s)
            stuck += times
            if state == "done":
                break
        return Trip(
            arrived=state == "done",
            took_s=self.t - began if state == "done" else limit_s,
            stuck=stuck,
            work_j=self.imu.work_j - work,
            way_m=self.imu.way_m - way,
        )

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        self.t += seconds
        self._learn(MotionStatus(id=self._number, state="done"))

    def _try(self, goal: Array, until: float) -> tuple[str, int]:
        self._number += 1
        pose = np.array([*goal, 0.0])
        wanted = SubGoal(
            id=self._number,
            kind=SubGoalKind.DRIVE,
            pose_map=pose,
            tolerance_m=0.25,
            tolerance_rad=np.pi,
        )
        self._drive.start(wanted, self.t)
        state, stuck, last, scan = RUNNING, 0, None, self._scan()
        tick = 0
        while state == RUNNING and self.t < until:
            if tick % SCAN_TICKS == 0:
                scan = self._scan()
            body = self._body()
            self.guard.update(body, scan)
            twist, state = self._drive.step(
                self.t,
                self.grid,
                body,
                self.pose,
                tolls=self.experience.messages() if self.learns else (),
            )
            if self._drive.stuck_at is not last:
                last, stuck = self._drive.stuck_at, stuck + 1
            self._learn(
                MotionStatus(
                    id=self._number,
                    state=state,
                    path_map=self._drive.follower.path,
                    stuck_at=self._drive.stuck_at,
                )
            )
            self._roll(twist)
            self.t, tick = self.t + DT_S, tick + 1
        return state, stuck

    def _learn(self, status: MotionStatus) -> None:
        self.experience.note(self.t, self.pose, status, self.grid, self._body())
        if self.t - self._updated_at >= TOPOLOGY_S:
            self._updated_at = self.t
            self.experience.update(self.t, self.grid, self.graph)

    def _roll(self, twist: Array) -> None:
        """Move as told, as far as walls and what is hidden let it."""
        change = np.clip(twist - self._twist, [-0.05, -0.15], [0.05, 0.15])
        before, told = self.pose, self._twist
        self._twist = self._twist + change
        v, w = self._twist
        hidden = self.hidden
        depth = np.inf if hidden is None else hidden.depth(self.pose[:2])
        ray = np.array([np.cos(self.pose[2]), np.sin(self.pose[2])])
        if hidden is not None and abs(depth) < 0.6 and v * (ray @ hidden.across) > 0.0:
            v *= hidden.slow
        new = compose2(self.pose, np.array([v * DT_S, 0.0, w * DT_S]))
        row, column = self.space.cell(new[:2])
        self._bumped = self.space.clearance[row, column] < RADIUS_M - 0.02
        if hidden is not None and hidden.pane:
            beyond = hidden.depth(new[:2])
            reach = RADIUS_M + TOUCH_M
            self._bumped |= abs(beyond) < reach and abs(beyond) < abs(depth)
        if self._bumped:
            self._twist = np.zeros(2)
            new = np.array([*self.pose[:2], new[2]])
        self.pose = new
        self.imu.move(before, new, DT_S, np.array([told, self._twist]))

    def _scan(self) -> LaserScan:
        angles = np.linspace(-np.pi, np.pi, BEAMS, endpoint=False)
        radii = np.arange(0.1, RANGE_M, 0.04)
        ray = np.stack(
            [np.cos(angles + self.pose[2]), np.sin(angles + self.pose[2])], axis=1
        )
        points = self.pose[:2] + ray[:, None, :] * radii[None, :, None]
        cell = np.floor((points - self.grid.origin) / CELL_M).astype(int)
        h, w = self.grid.cells.shape
        cell = np.clip(cell, 0, [w - 1, h - 1])
        hit = self.grid.cells[cell[..., 1], cell[..., 0]] > 50
        first = np.argmax(hit, axis=1)
        return LaserScan(
            stamp=self.t,
            angle_min=-np.pi,
            angle_increment=2 * np.pi / BEAMS,
            range_min=0.05,
            range_max=10.0,
            ranges=np.where(hit.any(axis=1), radii[first], np.inf),
            pose_base_laser=np.zeros(3),
        )

    def _body(self) -> BodyState:
        nothing = np.zeros(0)
        return BodyState(
            stamp=self.t,
            q=nothing,
            dq=nothing,
            effort=nothing,
            twist_base=self._twist.copy(),
            pose_odom_base=self.pose.copy(),
            wrench_ee=np.zeros(6),
            bumper=np.array([self._bumped]),
            gyro=self.imu.gyro if self.hill is not None else np.zeros(3),
            accel=self.imu.accel if self.hill is not None else np.zeros(3),
            head=np.zeros(2),
            gripper_m=0.0,
            battery=1.0,
        )


def in_door(door: Door) -> Hidden:
    """Nothing yet, in the middle of a door."""
    x0, y0, x1, y1 = door.rect
    across = np.array([0.0, 1.0] if door.along == "x" else [1.0, 0.0])
    half = 0.5 * max(x1 - x0, y1 - y0) + 0.1
    middle = np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])
    return Hidden(middle=middle, across=across, half_m=half)
