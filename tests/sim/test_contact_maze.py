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

FORMER = [0.029823837978239422, 0.21204070663820707, 4.596702837705946]
FORMER_END = [0.478799317523078, 0.1909793109656885]


def maze(seed=1):
    return draw_maze(np.random.default_rng(seed))


def compiled(drawn):
    spec = mujoco.MjSpec()
    add_robot(spec, "arm")
    add_maze(spec, drawn)
    return spec.compile()


def test_a_seed_gives_one_maze_and_another_gives_another():
    np.testing.assert_array_equal(maze().known, maze().known)
    assert not np.allclose(maze(1).centre, maze(2).centre)


def test_friction_and_blocks_can_be_given_and_the_rest_stays():
    drawn = maze(4)
    for friction, blocks in ((0.05, 0), (0.2, 1), (0.3, 2), (0.4, 3)):
        rng = np.random.default_rng(4)
        given = draw_maze(rng, wall_friction=friction, blocks=blocks)
        assert given.wall_friction == friction
        assert given.blocks.shape == (blocks, 2) and given.resist_n.shape == (blocks,)
        np.testing.assert_array_equal(given.centre, drawn.centre)
    apart = np.linalg.norm(np.diff(given.blocks, axis=0), axis=1)
    assert (apart > 2.0 * BLOCK_RADIUS_M - 1e-3).all()
    model = compiled(given)
    assert model.body("block2").id and model.geom_friction[:, 0].max() >= 0.4


def test_a_maze_of_the_benchmarks_is_what_it_was():
    """Held-out mazes must not change when the drawing learns something new."""
    drawn = draw_maze(np.random.default_rng([10_300, 0]))
    told = [drawn.half_width_m, drawn.wall_friction, *drawn.resist_n]
    np.testing.assert_allclose(told, FORMER, rtol=1e-12)
    np.testing.assert_allclose(drawn.known[-1], FORMER_END, rtol=1e-12)


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
    model = compiled(drawn)
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
