"""The player in the stand-in: it finds, remembers, comes free, and each rung works."""

import numpy as np
import pytest

from neural_brain.benchmarks.memory_maze.episode import TrueMap, play
from neural_brain.benchmarks.memory_maze.kinematics import TOUCH_M, Motion, predict
from neural_brain.benchmarks.memory_maze.maze_map import MazeMap
from neural_brain.benchmarks.memory_maze.player import Player
from neural_brain.benchmarks.memory_maze.sight import Sight, ideal_sight
from neural_brain.benchmarks.memory_maze.steering import Aim, steer
from neural_brain.models.errors import SimulationError
from tests.benchmarks.memory_maze.standin import TARGETS, StandIn

START = (13.0, 3.0, -2.1)


def test_steering_goes_around_corners_without_touching():
    maze = StandIn((17.0, 17.0, 0.0))
    memory = TrueMap(maze.truth)
    goal = np.array([1.0, 9.0])
    aim = Aim(field=memory.field(goal), goal=goal, reach_m=TOUCH_M)
    touched, steps, motion = 0, 0, maze.motion
    while np.hypot(*(motion.pose[0, :2] - goal)) > TOUCH_M and steps < 90:
        steps += 1
        action = steer(motion, aim)
        expected = predict(motion, np.array([action])).pose[0]
        maze.step(action)
        motion = maze.motion
        touched += bool(np.hypot(*(motion.pose[0] - expected)[:2]) > 0.02)
    assert steps < 75
    assert touched <= 1


def test_a_target_straight_ahead_takes_no_detour():
    maze = StandIn((3.0, 1.0, 0.0))
    memory = TrueMap(maze.truth)
    goal = TARGETS[1]
    aim = Aim(field=memory.field(goal), goal=goal, reach_m=TOUCH_M)
    motion, steps = Motion.at(np.array([3.0, 1.0, 0.0])), 0
    while np.hypot(*(motion.pose[0, :2] - goal)) > TOUCH_M:
        motion = predict(motion, np.array([steer(motion, aim)]))
        steps += 1
    assert steps <= np.ceil((12.0 - TOUCH_M) / 0.5) + 1


def test_a_ball_that_faces_a_wall_too_near_comes_away():
    """Neither standing still nor turning to and fro is cheaper than leaving."""
    maze = StandIn((13.8, 0.2, -1.65))
    memory = TrueMap(maze.truth)
    goal = np.array([13.0, 5.0])
    aim = Aim(field=memory.field(goal), goal=goal, reach_m=TOUCH_M, margin_m=0.12)
    steps = 0
    while np.hypot(*(maze.motion.pose[0, :2] - goal)) > TOUCH_M and steps < 60:
        maze.step(steer(maze.motion, aim))
        steps += 1
    assert steps <= 22


def test_what_is_held_goes_elsewhere():
    memory = TrueMap(StandIn(START).truth)
    player = Player(memory)
    nothing = Sight(ranges=np.zeros(0), targets=())
    for step in range(40):  # whatever it does, it does not move
        player.act(0.25 * step, np.array([5.0, 5.0, 0.0]), nothing, "red")
    assert player.doing == "patrol"


def test_memory_pays():
    kept, _ = play(StandIn(START, pictures=False), "sensed", 0, steps=300)
    wiped, _ = play(StandIn(START, pictures=False), "sensed wiped", 0, steps=300)
    oracle, _ = play(StandIn(START, pictures=False), "oracle", 0, steps=300)
    chance, _ = play(StandIn(START, pictures=False), "random", 0, steps=300)
    assert chance.reward <= 1 < wiped.reward < kept.reward <= oracle.reward
    assert kept.reward >= 0.7 * oracle.reward
    assert sum(kept.doing.values()) == 300
    assert list(kept.at) == sorted(set(kept.at))


def test_the_picture_alone_is_enough():
    score, player = play(StandIn(START, extra=False), "rgb", 0, steps=130)
    assert score.reward >= 2
    assert all(player.memory.target(colour) is not None for colour in ("blue", "green"))


def test_a_rung_never_reads_what_it_must_not():
    """Without `ExtraObs` the rungs with a given pose refuse to play."""
    for agent in ("sensed", "pose", "oracle"):
        with pytest.raises(SimulationError, match="ExtraObs"):
            play(StandIn(START, pictures=False, extra=False), agent, 0, steps=1)


def test_a_target_behind_a_wall_is_not_sensed():
    seen = ideal_sight(StandIn((1.0, 13.0, -np.pi / 2)).truth)
    assert not seen.targets  # red is straight ahead, two walls away


def test_patrol_when_all_was_seen_and_nothing_found():
    maze = StandIn((1.0, 1.0, 0.0), pictures=False)
    memory = MazeMap()
    memory.draw(maze.truth.layout)
    everywhere = np.array([[-2.0, -2.0], [20.0, -2.0], [20.0, 20.0], [-2.0, 20.0]])
    memory.seen.view_m = 100.0
    memory.seen.add_view(everywhere, np.array([9.0, 9.0]))
    player = Player(memory)
    nothing = Sight(ranges=np.full(76, np.nan), targets=())
    cells = set()
    for step in range(150):
        pose = maze.truth.pose.copy()
        cells.add(tuple(np.floor(pose[:2] / 2.0)))
        maze.step(player.act(0.25 * step, pose, nothing, "red"))
    assert player.doing == "patrol"
    assert len(cells) > 15


def test_an_unknown_rung_is_refused():
    with pytest.raises(SimulationError, match="allowed: sensed, pose, rgb"):
        play(StandIn(START, pictures=False), "clairvoyant", 0, steps=1)
