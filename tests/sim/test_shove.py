"""Shoves: someone bumps into the hand."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.sim.empty_room import build_room, room_spec
from neural_brain.sim.robots import READY, add_robot
from neural_brain.sim.shove import ForcePulse, Shove, add_pusher
from neural_brain.sim.simulation import Simulation


def ready_robot():
    simulation = Simulation(build_room())
    simulation.place_arm(READY)
    return simulation


def run(simulation, ticks, stiffness=100.0):
    """Hold READY softly; returns how far the hand went from where it was [m]."""
    data, index = simulation.data, simulation.index
    start, farthest = data.site_xpos[index.ee_site].copy(), 0.0
    for _ in range(ticks):
        data.ctrl[index.arm_ctrl] = (
            data.qfrc_bias[index.arm_dof]
            + stiffness * (READY - data.qpos[index.arm_q])
            - 10.0 * data.qvel[index.arm_dof]
        )
        simulation.step()
        way = np.linalg.norm(data.site_xpos[index.ee_site] - start)
        farthest = max(farthest, float(way))
    return farthest


@pytest.mark.parametrize("direction", [(0, 1, 0), (-1, 0, 0), (0, -1, 0)])
def test_a_shove_moves_the_hand_with_a_bounded_force_and_goes_away(direction):
    simulation = ready_robot()
    shove = Shove(simulation, direction)
    moved = run(simulation, 2200)
    assert shove.done
    assert 0.05 < moved < 0.2
    assert 10.0 < shove.peak_force_n < 100.0
    assert simulation.truth.peak_arm_force_n == pytest.approx(
        shove.peak_force_n, rel=0.05
    )
    assert simulation.truth.object_position("pusher")[2] < -4.0
    assert not simulation.hooks
    assert simulation.truth.arm_force_n == 0.0


def test_a_stiff_arm_feels_more_than_a_soft_one():
    peaks = []
    for stiffness in (50.0, 2000.0):
        simulation = ready_robot()
        shove = Shove(simulation, (0, 1, 0))
        run(simulation, 1200, stiffness)
        peaks.append(shove.peak_force_n)
    assert peaks[1] > 1.3 * peaks[0]


def test_the_spring_bounds_the_force():
    simulation = ready_robot()
    shove = Shove(simulation, (0, 1, 0), stiffness_n_m=200.0)
    run(simulation, 1200, stiffness=3000.0)
    assert shove.peak_force_n < 1.5 * 200.0 * 0.15


def test_a_parked_pusher_is_seen_and_felt_by_nobody():
    simulation = ready_robot()
    run(simulation, 500)
    assert simulation.truth.peak_arm_force_n == 0.0
    assert simulation.truth.object_position("pusher")[2] < -4.0


def test_a_force_pulse_pushes_and_ends():
    simulation = ready_robot()
    pulse = ForcePulse(simulation, (0.0, 30.0, 0.0), duration_s=0.2)
    moved = run(simulation, 300)
    assert pulse.done
    assert moved > 0.01
    assert not simulation.data.xfrc_applied.any()
    assert not simulation.hooks


def test_a_world_without_pusher_says_what_to_do():
    spec = room_spec()
    add_robot(spec, "mobile_manipulator")
    with pytest.raises(ConfigError, match="add_pusher"):
        Shove(Simulation(spec.compile()), (1, 0, 0))


def test_a_paddle_that_would_start_inside_the_robot_is_refused():
    simulation = ready_robot()
    with pytest.raises(ConfigError, match="no room for the paddle"):
        Shove(simulation, (1, 0, 0))
    assert not simulation.hooks
    simulation.step()
    assert simulation.truth.arm_force_n == 0.0


def test_no_shove_where_furniture_leaves_no_room():
    spec = room_spec()
    add_robot(spec, "mobile_manipulator")
    add_pusher(spec)
    bare = Simulation(spec.compile())
    bare.place_arm(READY)
    hand = bare.data.xipos[bare.index.hand_body]
    spec.worldbody.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.3, 0.02, 0.3],
        pos=list(hand + np.array([0.0, 0.25, 0.0])),
    )  # fmt: skip
    simulation = Simulation(spec.compile())
    simulation.place_arm(READY)
    with pytest.raises(ConfigError, match=r"no room of 0\.3 m"):
        Shove(simulation, (0, 1, 0), room_m=0.3)
    assert simulation.data.mocap_pos[0, 2] < -4.0 and not simulation.hooks
    Shove(simulation, (0, -1, 0), room_m=0.3)
