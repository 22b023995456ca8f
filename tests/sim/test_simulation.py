"""The physics clock, divergence and ground truth."""

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError, SimulationError
from neural_brain.robots import MujocoBody, MujocoBodyConfig
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation


@pytest.fixture
def simulation(tmp_path):
    return Simulation(build_room(table=True), dump_dir=tmp_path)


def test_one_step_is_one_millisecond(simulation):
    for _ in range(10):
        simulation.step()
    assert simulation.tick == 10
    assert simulation.time_s == pytest.approx(0.010)
    assert simulation.data.time == pytest.approx(0.010)


def test_the_clock_can_begin_later(simulation):
    simulation.begin_at(5000.0)
    for _ in range(10):
        simulation.step()
    assert simulation.time_s == pytest.approx(5000.010)
    assert simulation.run_s == pytest.approx(0.010)
    with pytest.raises(SimulationError, match="has not gone on"):
        simulation.begin_at(6000.0)


def test_a_later_clock_changes_nothing_but_the_stamps():
    runs = []
    for begin_s in (0.0, 5000.0):
        simulation = Simulation(build_room())
        config = SensorsConfig(camera_on=False, battery_life_s=100.0)
        body = MujocoBody(simulation, MujocoBodyConfig(sensors=config))
        simulation.begin_at(begin_s)
        seen = []
        for tick in range(300):
            state, (scan, _) = body.read(), body.poll()
            if scan is not None:
                seen.append(
                    (tick, round(scan.stamp - begin_s, 6), scan.ranges[:5].tolist())
                )
            body.advance()
        runs.append((seen, state.q.tolist(), state.battery))
        assert state.stamp == pytest.approx(begin_s + 0.299)
    assert len(runs[0][0]) > 1
    assert str(runs[0]) == str(runs[1])


@pytest.mark.parametrize("field", ["qpos", "qvel"])
def test_nan_is_caught_in_the_same_step_with_a_dump(simulation, tmp_path, field):
    simulation.step()
    getattr(simulation.data, field)[8] = np.nan
    with pytest.raises(SimulationError, match=r"diverged at tick 2 .*\.npz"):
        simulation.step()
    dump = np.load(tmp_path / "diverged_tick_2.npz", allow_pickle=False)
    assert not np.isfinite(dump["qvel"]).all() or not np.isfinite(dump["qpos"]).all()
    assert int(dump["tick"]) == 2


def test_an_exploding_force_is_caught(simulation):
    simulation.data.qfrc_applied[simulation.index.arm_dof[0]] = 1e13
    with pytest.raises(SimulationError, match="diverged"):
        for _ in range(20):
            simulation.step()


def test_nan_control_is_caught(simulation):
    simulation.data.ctrl[simulation.index.arm_ctrl[0]] = np.nan
    with pytest.raises(SimulationError):
        simulation.step()


def test_a_world_with_another_timestep_is_refused():
    model = build_room()
    model.opt.timestep = 0.002
    with pytest.raises(SimulationError, match=r"0\.001"):
        Simulation(model)


def test_two_runs_are_equal_to_the_last_bit():
    states = []
    for _ in range(2):
        simulation = Simulation(build_room(table=True))
        for tick in range(400):
            simulation.data.ctrl[simulation.index.wheel_ctrl] = 0.01 * tick
            simulation.step()
        states.append(simulation.data.qpos.tobytes())
    assert states[0] == states[1]


def test_true_pose_of_the_base_is_the_one_asked_for():
    simulation = Simulation(build_room(pose=(1.0, -0.5, 2.0)))
    np.testing.assert_allclose(
        simulation.truth.pose_world_base(), [1.0, -0.5, 2.0], atol=1e-6
    )


def test_driving_into_a_wall_shows_as_base_force_not_arm_force():
    simulation = Simulation(build_room("base", half_m=0.5))
    for _ in range(1500):
        simulation.data.ctrl[simulation.index.wheel_ctrl] = 0.3 / 0.08
        simulation.step()
    truth = simulation.truth
    assert truth.base_force_n > 20.0
    assert truth.peak_base_force_n >= truth.base_force_n
    assert truth.peak_arm_force_n == 0.0
    truth.reset_peaks()
    assert truth.peak_base_force_n == 0.0


def test_an_unknown_object_is_named(simulation):
    with pytest.raises(ConfigError, match="no body 'moon'"):
        simulation.truth.object_position("moon")
    assert simulation.truth.object_position("ball")[2] == pytest.approx(0.79, abs=0.01)
