"""Plays: to the target if it is known, else to a frontier, else on patrol."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.benchmarks.memory_maze.heading_field import HeadingField
from neural_brain.benchmarks.memory_maze.kinematics import (
    FORWARD,
    LEFT,
    RIGHT,
    TOUCH_M,
    Motion,
    predict,
)
from neural_brain.benchmarks.memory_maze.maze_map import SEARCH, MazeMap, cell_center
from neural_brain.benchmarks.memory_maze.sight import Sight
from neural_brain.benchmarks.memory_maze.steering import Aim, steer
from neural_brain.models.executive import ViewPoint, best_view, view_gain
from neural_brain.models.geometry import Array, wrap
from neural_brain.models.motion import TravelField

SURE_M = 0.02  # nearer than a touch, beside the margin
CALM = 3  # looks that changed no cell, before headings are planned for
LATER_M = 6.0  # from the goal: what follows it counts
LOOK_M = 0.5  # at a view point within
LOOK_RAD = 0.35
PATIENCE = 60  # steps for one frontier
STILL, STILL_M = 30, 0.6  # steps within so small a room: something holds it
FREE_STEPS = 15  # that it then goes elsewhere
RESOLVED = 0.5  # m2 that a kept frontier must still promise


class Player:
    """One agent with one memory.

    Args:
        memory: the map that it keeps.
        wiped: forget the map whenever a target was reached.
        margin_m: kept between the ball and walls [m].
    """

    def __init__(
        self, memory: MazeMap, *, wiped: bool = False, margin_m: float = 0.03
    ) -> None:
        self.memory, self.wiped, self.margin_m = memory, wiped, margin_m
        self.reach_m = TOUCH_M - SURE_M - margin_m
        self.motion: Motion | None = None
        self.doing = ""
        self.way: list[Array] = []
        self._goal: ViewPoint | None = None
        self._since = 0
        self._calm = 0
        self._free_until = 0
        self._banned: list[Array] = []
        self._visited: dict[tuple[int, int], float] = {}
        self._aim: tuple[int, Array, Aim] | None = None

    def act(self, t: float, pose: Array, sight: Sight, colour: str) -> int:
        """The next action.

        Args:
            t: time [s].
            pose: (3,) of the ball [m, m, rad].
            sight: what is seen from there.
            colour: of the target that counts now.
        """
        before = self.memory.view()
        self.memory.update(t, pose, sight)
        self._calm = self._calm + 1 if self.memory.view() is before else 0
        self.way.append(pose[:2].copy())
        cell = tuple(np.floor(pose[:2] / 2.0).astype(int))
        self._visited[(int(cell[0]), int(cell[1]))] = t
        motion = self._moving(pose)
        action = self._choose(motion, pose, colour)
        self.motion = predict(motion, np.array([action]))
        return action

    def reached(self) -> None:
        """A target was touched; the next one counts now."""
        self._goal = None
        if self.wiped:
            self.memory.wipe()
            self._banned, self._aim = [], None
            self._visited.clear()

    def _moving(self, pose: Array) -> Motion:
        """Speed by prediction, place by measurement; a wall takes the speed."""
        if self.motion is None:
            return Motion.at(pose)
        short = float(np.hypot(*(self.motion.pose[0, :2] - pose[:2])))
        kept = max(0.0, 1.0 - 2.0 * short) if short > 0.1 else 1.0
        return Motion(
            pose=pose[None].copy(),
            speed=self.motion.speed * kept,
            turn=self.motion.turn,
        )

    def _choose(self, motion: Motion, pose: Array, colour: str) -> int:
        if self._held():
            if self._goal is not None:
                self._banned.append(self._goal.xy)
            self._goal, self._free_until = None, len(self.way) + FREE_STEPS
        if len(self.way) < self._free_until:
            field = self.memory.field(pose[:2])
            if field is not None:
                return self._patrol(motion, pose, field)
        place = self.memory.target(colour)
        if place is not None:
            goal = cell_center(place)
            aim = self._aim_at(goal, self.reach_m)
            if aim is not None:
                self.doing, self._goal = "target", None
                return steer(motion, self._ahead(aim, pose, colour))
        return self._explore(motion, pose)

    def _held(self) -> bool:
        """Whether it has been in one place for long, which no plan wants."""
        late = np.array(self.way[-STILL:])
        free = len(self.way) >= self._free_until + STILL
        return free and bool(np.ptp(late, axis=0).max() < STILL_M)

    def _explore(self, motion: Motion, pose: Array) -> int:
        field = self.memory.field(pose[:2])
        if field is None:
            self.doing = "free"
            return FORWARD
        layers = self.memory.ignorance(field)
        self._since += 1
        if self._goal is not None:
            gain, rest = view_gain(self._goal.xy[None], layers, SEARCH)
            if self._since > PATIENCE:
                self._banned.append(self._goal.xy)
                self._goal = None
            elif gain[0] < max(RESOLVED, 0.3 * self._goal.gain_m2):
                self._goal = None
        if self._goal is None:
            banned = np.array(self._banned).reshape(-1, 2)
            self._goal = best_view(layers, field, SEARCH, banned)
            self._since = 0
        if self._goal is None:
            return self._patrol(motion, pose, field)
        self.doing = "explore"
        apart = float(np.hypot(*(self._goal.xy - pose[:2])))
        if apart < LOOK_M:
            _, rest = view_gain(self._goal.xy[None], layers, SEARCH)
            return self._look(pose, rest[0])
        aim = self._aim_at(self._goal.xy, 0.4 * LOOK_M)
        return FORWARD if aim is None else steer(motion, aim)

    def _look(self, pose: Array, spots: Array) -> int:
        """Turn to the nearest of the directions that promise something."""
        if len(spots) == 0:
            return LEFT
        bearing = np.arctan2(spots[:, 1] - pose[1], spots[:, 0] - pose[0]) - pose[2]
        bearing = (bearing + np.pi) % (2.0 * np.pi) - np.pi
        middle = wrap(float(np.angle(np.exp(1j * bearing).mean())))
        if abs(middle) < LOOK_RAD:  # it looks there already, and sees no more
            self.memory.seen.give_up(spots)
            self._goal = None
        return LEFT if middle > 0.0 else RIGHT

    def _patrol(self, motion: Motion, pose: Array, field: TravelField) -> int:
        """To the cell that was visited longest ago; nothing else is left to look at."""
        self.doing = "patrol"
        self._banned = []
        xy = field.costmap.coarse_xy[np.isfinite(field.cost)]
        cells = np.unique(np.floor(xy / 2.0).astype(int), axis=0)
        ages = [self._visited.get((int(a), int(b)), -1.0) for a, b in cells]
        goal = (cells[int(np.argmin(ages))] + 0.5) * 2.0
        aim = self._aim_at(goal, 0.8)
        return FORWARD if aim is None else steer(motion, aim)

    def _ahead(self, aim: Aim, pose: Array, colour: str) -> Aim:
        """The aim with what headings are worth, once the map has come to rest."""
        if self._calm < CALM:
            return aim
        here = (aim.reach_m, self.margin_m)
        steps = self.memory.steps_left(aim.goal, *here)
        later: list[HeadingField | None] = []
        if np.hypot(*(aim.goal - pose[:2])) < LATER_M:
            later = [
                self.memory.steps_left(cell_center(spot), *here)
                for other, spot in self.memory.targets().items()
                if other != colour
            ]
        return replace(
            aim, steps=steps, later=tuple(each for each in later if each is not None)
        )

    def _aim_at(self, goal: Array, reach_m: float) -> Aim | None:
        """The aim at a goal, planned anew when goal or map has changed."""
        version = self.memory.view().version
        if self._aim is not None:
            old, where, aim = self._aim
            if old == version and np.allclose(where, goal):
                return aim
        field = self.memory.field(goal)
        if field is None:
            return None
        aim = Aim(field=field, goal=goal, reach_m=reach_m, margin_m=self.margin_m)
        self._aim = (version, goal.copy(), aim)
        return aim
