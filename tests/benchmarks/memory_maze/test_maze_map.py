"""The package's maps on a maze: whole cells, targets, and what is left to look at."""

import numpy as np

from neural_brain.benchmarks.memory_maze.maze_map import MazeMap, cell_center
from neural_brain.benchmarks.memory_maze.sight import (
    ANGLES,
    Sight,
    Sighting,
    beside,
    ideal_sight,
)
from tests.benchmarks.memory_maze.standin import LAYOUT, StandIn


def looked(*poses):
    memory = MazeMap()
    for t, pose in enumerate(poses):
        memory.update(float(t), np.array(pose), ideal_sight(StandIn(pose).truth))
    return memory


def state(memory, x, y):
    view = memory.view()
    column, row = np.floor((np.array([x, y]) - view.origin) / 0.2).astype(int)
    return int(view.cells[row, column])


def test_whole_cells_follow_from_a_look():
    memory = looked((1.0, 1.0, 0.0), (1.0, 1.0, 0.5), (1.0, 1.0, 1.2))
    assert state(memory, 5.0, 1.0) == 0  # the corridor ahead
    assert state(memory, 1.0, 7.0) == 100  # a wall across the way up
    assert state(memory, 1.0, 7.9) == 100  # all of it
    assert state(memory, 1.0, 9.0) == -1  # behind it nobody has looked


def test_no_cell_is_believed_to_be_what_it_is_not():
    rng = np.random.default_rng(0)
    spots = np.argwhere(LAYOUT)[:, ::-1] * 2.0 + 1.0
    poses = [(*rng.choice(spots), yaw) for yaw in rng.uniform(-3, 3, 40)]
    memory = looked(*poses)
    for row in range(9):
        for column in range(9):
            found = state(memory, 2.0 * column + 1.0, 2.0 * row + 1.0)
            assert found in (-1, 0 if LAYOUT[row, column] else 100)


def test_targets_are_kept_out_of_sight_and_wiped_when_told():
    memory = MazeMap()
    nothing = Sight(ranges=np.full(76, np.nan), targets=())
    seen = Sight(
        ranges=np.full(76, np.inf),
        targets=(Sighting(colour="red", center=np.array([4.1, 0.1])),),
    )
    pose = np.array([1.0, 1.0, 0.0])
    for t in range(4):
        memory.update(0.25 * t, pose, seen)
    for t in range(4, 40):
        memory.update(0.25 * t, np.array([1.0, 1.0, np.pi]), nothing)
    place = memory.target("red")
    np.testing.assert_allclose(cell_center(place), [5.0, 1.0])
    assert memory.target("green") is None
    memory.wipe()
    assert memory.target("red") is None
    assert (memory.view().cells == -1).all()


def test_a_drawn_layout_is_all_known():
    memory = MazeMap()
    memory.draw(LAYOUT)
    for row in range(9):
        for column in range(9):
            found = state(memory, 2.0 * column + 1.0, 2.0 * row + 1.0)
            assert found == (0 if LAYOUT[row, column] else 100)
    field = memory.field(np.array([1.0, 1.0]))
    assert field.cost_to(np.array([[17.0, 17.0]]))[0] > 20.0


def test_one_look_from_a_wrong_pose_opens_no_wall():
    """A wall shows its edge only; its inside, never seen, is no sign of a way."""
    pose = (1.0, 1.0, 1.2)
    memory = looked(*[pose] * 6)
    assert state(memory, 1.0, 7.0) == 100
    through = Sight(ranges=np.full(76, np.inf), targets=())
    memory.update(9.0, np.array([1.0, 1.0, np.pi / 2]), through)
    assert state(memory, 1.0, 7.0) == 100
    for t in range(8):  # it is no wall for good if looks go on to say so
        memory.update(10.0 + t, np.array([1.0, 1.0, np.pi / 2]), through)
    assert state(memory, 1.0, 7.0) == 0


def test_beams_at_a_believed_target_say_nothing_of_walls():
    ranges = np.full(76, 6.0)
    ranges[:10] = 2.0  # a wall before it
    pose = np.array([1.0, 1.0, 0.0])
    kept = beside(ranges, pose, {"red": np.array([5.0, 1.0])})
    hidden = np.isnan(kept)
    assert hidden[np.abs(ANGLES) < np.arctan(0.6 / 3.85)].all()
    assert not hidden[np.abs(ANGLES) > np.arctan(0.9 / 3.85)].any()
    behind = {"red": np.array([1.5, 1.0 - 4.0]), "blue": np.array([-3.0, 1.0])}
    assert not np.isnan(beside(ranges, pose, behind)).any()
