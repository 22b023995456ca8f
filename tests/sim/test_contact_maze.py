"""The contact maze: alike from one seed, open from end to end, blocks that hold."""

import mujoco
import numpy as np
import pytest

from neural_brain.sim.contact_maze import (
    BLOCK_RADIUS_M,
    PEG_RADIUS_M,
    WALL_RADIUS_M,
    add_maze,
    along_path,
    draw_maze,
    path_length,
    point_at,
    prolonged,
    walls,
)
from neural_brain.sim.robots import add_robot


def maze(seed=1):
    return draw_maze(np.random.default_rng(seed))


def test_a_seed_gives_one_maze_and_another_gives_another():
    np.testing.assert_array_equal(maze().known, maze().known)
    assert not np.allclose(maze(1).centre, maze(2).centre)


@pytest.mark.parametrize("seed", range(20))
def test_the_peg_fits_beside_a_block_all_the_way(seed):
    drawn = maze(seed)
    clear = [
        min(abs(along_off(line, point_at(drawn.centre, s))) for line in walls(drawn))
        for s in np.linspace(0.0, path_length(drawn.centre), 60)
    ]
    assert 2.0 * (min(clear) - WALL_RADIUS_M) > 2.0 * (PEG_RADIUS_M + BLOCK_RADIUS_M)
    assert np.abs(drawn.known - drawn.centre).max() < 0.05


def along_off(line, point):
    """Distance of a point from a line."""
    return np.linalg.norm(point - point_at(line, along_path(line, point)))


def test_lengths_along_a_line():
    line = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]])
    assert path_length(line) == 7.0
    np.testing.assert_allclose(point_at(line, 5.0), [3.0, 2.0])
    np.testing.assert_allclose(point_at(line, 8.0), [3.0, 5.0])  # it goes on
    assert along_path(line, np.array([3.5, 1.0])) == pytest.approx(4.0)
    np.testing.assert_allclose(prolonged(line)[-1], [3.0, 4.05])


@pytest.mark.parametrize("share, moves", [(0.8, False), (1.3, True)])
def test_a_block_slides_from_its_force_on_in_any_direction(share, moves):
    drawn = maze(3)
    spec = mujoco.MjSpec()
    add_robot(spec, "arm")
    add_maze(spec, drawn)
    model = spec.compile()
    data = mujoco.MjData(model)
    block = model.body("block0").id
    for direction in ([1.0, 0.0], [0.6, 0.8]):
        mujoco.mj_resetData(model, data)
        mujoco.mj_step(model, data, 100)
        before = data.xpos[block, :2].copy()
        data.xfrc_applied[block, :2] = share * drawn.resist_n[0] * np.array(direction)
        mujoco.mj_step(model, data, 60)
        way_m = np.linalg.norm(data.xpos[block, :2] - before)
        assert bool(way_m > 0.002) is moves
