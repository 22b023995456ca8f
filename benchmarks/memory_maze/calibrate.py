"""Measure the motion of the ball again: `python -m ...memory_maze.calibrate`.

Random walks in mazes of the tuning seeds; steps that come near a wall are left out, by
the layout of `ExtraObs`. Prints what each of the recent histories of actions did, and
beside it what `kinematics` says, so that a new version of the environment can be
checked at a glance. Nothing is written.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np

from neural_brain.benchmarks.memory_maze.client import MazeProcess, Truth
from neural_brain.benchmarks.memory_maze.environment import need_python
from neural_brain.benchmarks.memory_maze.kinematics import TURN, WALK, Motion, predict
from neural_brain.benchmarks.memory_maze.sight import free_at
from neural_brain.models.geometry import Array, wrap

HISTORY = 4  # actions that a step may depend on
ROOM_M = 0.3  # from walls, for a step that counts
CIRCLE = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
RING = ROOM_M * np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], axis=1)
Histories = dict[tuple[tuple[int, int], ...], list[tuple[float, float, float, float]]]


def main() -> None:
    """Walk, collect, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mazes", type=int, default=3, help="seeds from 1000 on")
    parser.add_argument("--steps", type=int, default=400, help="in each maze")
    args = parser.parse_args()
    found: Histories = defaultdict(list)
    for seed in range(1000, 1000 + args.mazes):
        collect(seed, args.steps, found)
    print("walk, turn of the last steps: n, way [m], turn [deg]; model's way, turn")
    for history, rows in sorted(found.items(), key=lambda item: -len(item[1])):
        if len(rows) >= 3:
            way, turn, model_way, model_turn = np.mean(rows, axis=0)
            print(
                f"{' '.join(f'{w:d}{t:+d}' for w, t in history)}: {len(rows):4d}  "
                f"{way:6.3f} {turn:7.2f}  {model_way:6.3f} {model_turn:7.2f}"
            )


def collect(seed: int, steps: int, found: Histories) -> None:
    """One random walk; adds what its free steps did."""
    rng = np.random.default_rng(seed)
    maze = MazeProcess(need_python(), "9x9", seed, extra=True, blind=True)
    try:
        truths = [_told(maze.reset().truth)]
        actions: list[int] = []
        while len(actions) < steps:
            action = int(rng.choice([1, 1, 1, 2, 3, 4, 5, 0]))
            for _ in range(int(rng.integers(1, 5))):
                actions.append(action)
                truths.append(_told(maze.step(action).truth))
    finally:
        maze.close()
    for k in range(HISTORY, len(actions)):
        part = truths[k - HISTORY + 1 : k + 2]
        if all(_roomy(truth) for truth in part):
            recent = actions[k - HISTORY + 1 : k + 1]
            before, after = truths[k].pose, truths[k + 1].pose
            found[tuple((int(WALK[a]), int(TURN[a])) for a in recent)].append(
                (*_moved(before, after), *_moved(*_modelled(part[0].pose, recent)))
            )


def _told(truth: Truth | None) -> Truth:
    assert truth is not None
    return truth


def _roomy(truth: Truth) -> bool:
    return bool(free_at(truth, truth.pose[:2] + RING).all())


def _moved(before: Array, after: Array) -> tuple[float, float]:
    """Way [m] along the middle heading, and turn [deg]."""
    turn = wrap(after[2] - before[2])
    heading = before[2] + 0.5 * turn
    way = (after[:2] - before[:2]) @ np.array([np.cos(heading), np.sin(heading)])
    return float(way), float(np.rad2deg(turn))


def _modelled(start: Array, actions: list[int]) -> tuple[Array, Array]:
    """Poses before and after the last of some actions, begun at rest."""
    motion = Motion.at(start)
    before = motion.pose[0]
    for action in actions:
        before = motion.pose[0]
        motion = predict(motion, np.array([action]))
    return before, motion.pose[0]


if __name__ == "__main__":
    main()
