"""One episode of one agent, and what each rung is allowed to know.

rung        pose             walls and targets
"sensed"    ExtraObs         a faultless range camera and eyes with the picture's view
"pose"      ExtraObs         the picture
"rgb"       the picture      the picture; ExtraObs is not even asked for
"oracle"    ExtraObs         the true layout and all targets (a bound, not a rung)
"random"    nothing          nothing
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neural_brain.benchmarks.memory_maze.client import (
    ACTIONS,
    MAZES,
    STEPS,
    Frame,
    MazeProcess,
    Truth,
)
from neural_brain.benchmarks.memory_maze.kinematics import STEP_S
from neural_brain.benchmarks.memory_maze.maze_map import MazeMap
from neural_brain.benchmarks.memory_maze.player import Player
from neural_brain.benchmarks.memory_maze.pose_filter import PoseFilter
from neural_brain.benchmarks.memory_maze.sight import (
    COLOURS,
    Sight,
    beside,
    ideal_sight,
)
from neural_brain.benchmarks.memory_maze.snap import snapped
from neural_brain.benchmarks.memory_maze.vision import (
    find_targets,
    target_colour,
    wall_ranges,
)
from neural_brain.models.errors import SimulationError
from neural_brain.models.geometry import Array

BLIND = ("oracle", "random", "sensed", "sensed wiped")  # need no pictures
MARGIN_M, RGB_MARGIN_M = 0.03, 0.12  # kept from walls; by sight it must not touch
RUNGS = ("sensed", "pose", "rgb")


@dataclass(frozen=True, kw_only=True)
class Score:
    """Targets touched, at which steps, and how many steps each thing took."""

    maze: str
    seed: int
    agent: str
    reward: int
    at: tuple[int, ...]
    doing: dict[str, int]


class Senses:
    """Turns frames into a pose and a look, by the means that a rung allows."""

    def __init__(self, rung: str, maze: str) -> None:
        if rung not in RUNGS:
            raise SimulationError(
                f"rung = {rung!r}; allowed: {', '.join(RUNGS)}. Choose one of them."
            )
        self.rung = rung
        self.colours = COLOURS[: MAZES[maze]]
        self.filter: PoseFilter | None = None

    def look(self, frame: Frame, memory: MazeMap) -> tuple[Array, Sight]:
        """Pose (3,) [m, m, rad] and what is seen from there."""
        if self.rung == "rgb":
            ranges = wall_ranges(frame.image)
            if self.filter is None:
                self.filter = PoseFilter(ranges)
            else:
                walls = beside(ranges, self.filter.pose, memory.targets())
                self.filter.correct(walls, memory.view())
            pose = self.filter.pose.copy()
            unsure_m = self.filter.spread_m
            if self.filter.lost:  # nothing that is seen now has a place
                return pose, Sight(ranges=np.full(len(ranges), np.nan), targets=())
        else:
            truth = needed(frame)
            if self.rung == "sensed":
                return truth.pose, ideal_sight(truth)
            ranges, pose, unsure_m = wall_ranges(frame.image), truth.pose, 0.0
        ranges = snapped(ranges, pose, unsure_m)
        targets = find_targets(frame.image, pose, ranges, self.colours)
        return pose, Sight(ranges=ranges, targets=targets)

    def acted(self, action: int, memory: MazeMap) -> None:
        """An action is under way."""
        if self.filter is not None:
            self.filter.predict(action, memory.view())


def needed(frame: Frame) -> Truth:
    """The `ExtraObs` of a frame."""
    if frame.truth is None:
        raise SimulationError(
            "The frame has no ExtraObs, which this agent needs; start its "
            "MazeProcess with extra=True."
        )
    return frame.truth


def play(
    maze: MazeProcess, agent: str, seed: int, *, steps: int | None = None
) -> tuple[Score, Player | None]:
    """Play one episode.

    Args:
        maze: freshly started.
        agent: "random", "oracle", a rung, or a rung with " wiped" behind it.
        seed: of the episode, for the record and for chance.
        steps: end earlier than the environment does.
    """
    frame = maze.reset()
    chance = np.random.default_rng(seed)
    player, senses = None, None
    if agent == "oracle":
        player = Player(TrueMap(needed(frame)))
    elif agent != "random":
        margin_m = RGB_MARGIN_M if agent.startswith("rgb") else MARGIN_M
        wiped = agent.endswith(" wiped")
        player = Player(MazeMap(), wiped=wiped, margin_m=margin_m)
        senses = Senses(agent.removesuffix(" wiped"), maze.maze)
    at: list[int] = []
    doing: dict[str, int] = {}
    most = STEPS[maze.maze] if steps is None else min(steps, STEPS[maze.maze])
    for step in range(most):
        if player is None:
            action = int(chance.integers(ACTIONS))
        else:
            action = _act(player, senses, frame, step)
            doing[player.doing] = doing.get(player.doing, 0) + 1
        frame = maze.step(action)
        if frame.reward:
            at.append(step + 1)
            if player is not None:
                player.reached()
        if frame.done:
            break
    score = Score(
        maze=maze.maze, seed=seed, agent=agent, reward=len(at), at=tuple(at),
        doing=doing,
    )  # fmt: skip
    return score, player


def _act(player: Player, senses: Senses | None, frame: Frame, step: int) -> int:
    colour = target_colour(frame.image)
    if senses is None:
        truth = needed(frame)
        nothing = Sight(ranges=np.zeros(0), targets=())
        return player.act(step * STEP_S, truth.pose, nothing, colour)
    pose, sight = senses.look(frame, player.memory)
    action = player.act(step * STEP_S, pose, sight, colour)
    senses.acted(action, player.memory)
    return action


class TrueMap(MazeMap):
    """The map of one who knows everything; looks add nothing."""

    def __init__(self, truth: Truth) -> None:
        super().__init__()
        self.truth = truth
        self.draw(truth.layout)

    def update(self, t: float, pose: Array, sight: Sight) -> None:
        """Nothing is news."""

    def targets(self) -> dict[str, Array]:
        """Where all targets are (2,) [m]."""
        return dict(zip(COLOURS, self.truth.targets, strict=False))


def episode(
    python: Path, maze: str, seed: int, agent: str, *, steps: int | None = None
) -> Score:
    """Start an environment, play an episode, end it."""
    extra = not agent.startswith("rgb") and agent != "random"
    blind = agent in BLIND
    process = MazeProcess(python, maze, seed, extra=extra, blind=blind)
    try:
        return play(process, agent, seed, steps=steps)[0]
    finally:
        process.close()
