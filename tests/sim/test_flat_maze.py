"""The flat maze behaves like its parameters say."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.sim.contact_maze import draw_maze, path_length
from neural_brain.sim.flat_maze import STEP_S, FlatMazes, HandLimits

STEP_M = 0.03


def mazes(count, **changes):
    drawn = [draw_maze(np.random.default_rng(s)) for s in range(count)]
    return [replace(m, known=m.centre, **changes) for m in drawn]


def lead(world, n_m, steps):
    for _ in range(steps):
        way = world.way()
        length = np.linalg.norm(way, axis=1, keepdims=True)
        first = way / length
        k = np.full((len(way), 2), n_m)
        world.step(first * np.minimum(length, STEP_M), first, k)


def flat(found, limit_n=1e3, seed=0):
    limits = HandLimits(speed_m_s=0.06, limit_n=limit_n)
    return FlatMazes(found, limits, np.random.default_rng(seed))


def test_a_free_hand_walks_the_whole_way_at_its_speed():
    empty = mazes(4, blocks=np.zeros((0, 2)), resist_n=np.zeros(0))
    world = flat(empty)
    lead(world, 600.0, 220)
    assert (world.ended == 1).all()
    shortest = np.array([path_length(m.centre) for m in empty]) / 0.06
    assert (world.time_s > 0.8 * shortest).all() and (world.time_s < 10.0).all()


@pytest.mark.parametrize("resist_n, passes", [(4.0, True), (60.0, False)])
def test_a_block_is_pushed_only_by_enough_stiffness_times_step(resist_n, passes):
    found = mazes(6)
    found = [replace(m, resist_n=np.full(len(m.blocks), resist_n)) for m in found]
    world = flat(found)
    lead(world, 300.0, 240)
    assert (world.ended == 1).mean() > 0.9 if passes else (world.ended == 0).any()


def test_too_much_force_ends_a_maze():
    found = [replace(m, resist_n=np.full(len(m.blocks), 80.0)) for m in mazes(6)]
    world = flat(found, limit_n=8.0)
    lead(world, 1000.0, 200)
    hurt = world.ended == -1
    assert hurt.any() and (world.peak_n[hurt] > 8.0).all()


def test_rows_that_are_kept_go_on_as_before():
    found = mazes(3)
    whole, part = flat(found), flat(found)
    lead(whole, 600.0, 20)
    lead(part, 600.0, 10)
    part.keep(np.array([True, False, True]))
    lead(part, 600.0, 10)
    np.testing.assert_allclose(part.position, whole.position[[0, 2]])
    assert part.time_s == pytest.approx([20 * STEP_S] * 2)
