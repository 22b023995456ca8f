"""With the real environment, where its Python is present."""

import numpy as np
import pytest

from neural_brain.benchmarks.memory_maze import environment
from neural_brain.benchmarks.memory_maze.client import MazeProcess
from neural_brain.benchmarks.memory_maze.episode import play
from neural_brain.benchmarks.memory_maze.sight import ideal_sight
from neural_brain.benchmarks.memory_maze.vision import look

PYTHON = environment.find_python()
pytestmark = [
    pytest.mark.skipif(PYTHON is None, reason=f"type `{environment.COMMAND}` first"),
    pytest.mark.slow,
]
SEED = 1003


@pytest.fixture
def start():
    mazes = []

    def make(**options):
        mazes.append(MazeProcess(PYTHON, "9x9", SEED, **options))
        return mazes[-1]

    yield make
    for maze in mazes:
        maze.close()


def test_the_quick_and_the_blind_environment_are_the_same_one(start):
    """Neither the single comparison of contacts nor missing pictures change a step."""
    actions = np.random.default_rng(0).choice([1, 1, 1, 2, 4, 5], 60)
    told, pictures = {}, {}
    for name, options in {
        "stock": {"stock": True},
        "quick": {},
        "blind": {"blind": True},
    }.items():
        maze = start(extra=True, **options)
        frames = [maze.reset(), *(maze.step(int(action)) for action in actions)]
        told[name] = [[*f.truth.pose, f.reward, *f.image[0, 0]] for f in frames]
        pictures[name] = np.array([frame.image for frame in frames])
    np.testing.assert_array_equal(told["quick"], told["stock"])
    np.testing.assert_array_equal(told["blind"], told["stock"])
    np.testing.assert_array_equal(pictures["quick"], pictures["stock"])
    assert (pictures["blind"][:, 10:50, 10:50] == 0).all()


def test_pictures_are_read_right(start):
    maze = start(extra=True)
    frame = maze.reset()
    gaps = []
    for action in [2] * 20:
        sight = look(frame.image, frame.truth.pose, ("red", "green", "blue"))
        true = ideal_sight(frame.truth).ranges
        good = np.isfinite(sight.ranges) & (true > 1.0) & (true < 6.0)
        gaps += list(np.abs(sight.ranges[good] - true[good]))
        frame = maze.step(action)
    assert len(gaps) > 200
    assert np.median(gaps) < 0.08


def test_it_plays_from_pictures_alone(start):
    score, _ = play(start(extra=False), "rgb", SEED, steps=200)
    assert score.reward >= 2
