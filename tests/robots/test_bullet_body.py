"""What is the Bullet body's own; the contract's tests run on it in the other files."""

import gc
import sys

import numpy as np
import pytest

from neural_brain.models.errors import SimulationError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.robots import (
    BulletBody,
    MujocoBodyConfig,
    arm_dynamics,
    make_bullet_body,
    make_room_body,
)
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.shove import ForcePulse

BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))


@pytest.fixture
def body():
    pytest.importorskip(
        "pybullet", reason="pybullet is absent: pip install neural_brain[pybullet]"
    )
    body = make_bullet_body(config=BLIND, table=True)
    yield body
    body.close()


def test_without_pybullet_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pybullet", None)
    with pytest.raises(
        SimulationError, match=r'pip install "neural_brain\[pybullet\]"'
    ):
        make_bullet_body(config=BLIND)


def test_a_robot_that_drives_is_refused_with_the_way_out():
    with pytest.raises(SimulationError, match='"arm", or MuJoCo'):
        make_bullet_body("mobile_manipulator", config=BLIND)


def test_sensors_see_the_same_world_as_in_mujoco(body):
    other = make_room_body("arm", config=BLIND, table=True)
    scans = [None, None]
    for _ in range(120):
        for i, one in enumerate((body, other)):
            scans[i] = one.poll()[0] or scans[i]
            one.read()
            one.advance()
    np.testing.assert_allclose(scans[0].ranges, scans[1].ranges, atol=2e-3)
    np.testing.assert_allclose(body.read().accel, other.read().accel, atol=1e-9)
    other.close()


def run(body, fast, ticks):
    """Ticks without a target: the fast loop holds; levels seen."""
    levels = set()
    for _ in range(ticks):
        state = body.read()
        scan, _ = body.poll()
        if scan is not None:
            fast.set_scan(scan)
        body.write(fast.tick(state))
        body.advance()
        levels.add(fast.level)
    return levels


def test_the_fast_loop_yields_to_a_push_and_keeps_all_limits(body):
    fast = FastLoop(FastConfig(), arm_dynamics(), body.limits)
    run(body, fast, 400)
    before = body.simulation.truth.T_world_ee()[:3, 3].copy()
    pulse = ForcePulse(body.simulation, (0.0, 0.0, 25.0), duration_s=0.3)
    pushed = 0.0
    for _ in range(320):
        run(body, fast, 1)
        at = body.simulation.truth.T_world_ee()[:3, 3]
        pushed = max(pushed, float(np.linalg.norm(at - before)))
    assert pulse.done
    assert pushed > 0.005
    assert isinstance(body, BulletBody) and not body.violations
    assert fast.counters["faults"] == 0


def test_closing_ends_the_physics_server(body):
    client = body.simulation.world.client
    assert client.running and client.isConnected()
    body.close()
    body.close()
    assert not client.running and not client.isConnected()


def test_a_world_that_is_refused_leaves_no_server_behind():
    pytest.importorskip(
        "pybullet", reason="pybullet is absent: pip install neural_brain[pybullet]"
    )
    from neural_brain.sim.bullet.client import Client

    first = Client()
    number = first._server
    first.close()
    for _ in range(3):
        client = Client()
        assert client._server == number
        del client
        gc.collect()
