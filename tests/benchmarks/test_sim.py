"""The benchmark of the simulated body."""

import pytest

from neural_brain.benchmarks.sim import measure
from neural_brain.robots import make_room_body


@pytest.mark.gl
def test_every_part_is_timed_while_the_robot_keeps_its_posture():
    body = make_room_body()
    times = measure(body, 0.4)
    assert set(times) == {
        "tick",
        "read alone",
        "arm dynamics",
        "lidar scan",
        "RGB-D frame",
    }
    assert len(times["tick"]) == 2
    assert all(value > 0.0 for values in times.values() for value in values)
    assert body.simulation.tick == 400
    assert body.simulation.truth.peak_arm_force_n == 0.0
    body.close()
