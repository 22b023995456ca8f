"""A recorded sequence of states and targets gives the commands that it always gave.

The commands lie in `golden_fast.json`. When a change is meant to change them, look at
what changed, then write them anew: `python tests/models/test_fast_golden.py`.
"""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.signals import (
    ArmMode,
    BodyLimits,
    BodyState,
    LaserScan,
    MotionTarget,
)
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY, panda

FILE = Path(__file__).with_name("golden_fast.json")
EVERY = 20
LIMITS = BodyLimits(
    q_min=panda.Q_MIN, q_max=panda.Q_MAX, dq_max=panda.DQ_MAX,
    effort_max=panda.EFFORT_MAX, effort_rate_max=panda.EFFORT_RATE_MAX,
    twist_max=np.array([0.7, 1.5]), accel_max=np.array([1.0, 3.0]), radius_m=0.27,
)  # fmt: skip
PHASES = (  # until tick, mode, stiffness, fed-forward force, force felt
    (300, ArmMode.JOINT, 300.0, 0.0, 0.0),
    (700, ArmMode.CARTESIAN, 300.0, 0.0, 0.0),
    (1000, ArmMode.CARTESIAN, 900.0, 5.0, 0.0),
    (1200, ArmMode.CARTESIAN, 200.0, 0.0, 0.0),
    (1230, ArmMode.CARTESIAN, 200.0, 0.0, 25.0),
    (1800, ArmMode.CARTESIAN, 200.0, 0.0, 0.0),
    (1810, ArmMode.JOINT, 200.0, 0.0, 62.0),
    (2000, ArmMode.JOINT, 200.0, 0.0, 0.0),
)


def body_at(t, force):
    angle = 2.0 * t + np.arange(7)
    return BodyState(
        stamp=t, q=READY + 0.1 * np.sin(angle), dq=0.2 * np.cos(angle),
        effort=np.zeros(7), twist_base=np.array([0.2, 0.1]),
        pose_odom_base=np.array([0.2 * t, 0.1, 0.2]),
        wrench_ee=np.array([0.0, -force, 0.0, 0.0, 0.1, 0.0]),
        bumper=np.zeros(8, bool), gyro=np.zeros(3), accel=np.zeros(3),
        head=np.zeros(2), gripper_m=0.0, battery=1.0,
    )  # fmt: skip


def scan_at(t):
    return LaserScan(
        stamp=t, angle_min=-math.pi, angle_increment=math.pi / 90.0, range_min=0.1,
        range_max=10.0, ranges=0.5 + 2.0 * np.abs(np.sin(np.arange(180.0))),
        pose_base_laser=np.array([0.1, 0.0, 0.05]),
    )  # fmt: skip


def target_at(t, phase, home):
    _, mode, stiffness, push, _ = phase
    T = home.copy()
    T[:3, 3] += 0.08 * np.sin([1.1 * t, 1.3 * t, 1.7 * t])
    return MotionTarget(
        stamp=t, twist_base=np.array([0.3 * np.sin(t), 0.4 * np.cos(2.0 * t)]),
        mode=mode, q_target=READY + 0.3 * np.sin(t + np.arange(7)), T_base_ee=T,
        stiffness=np.diag([stiffness] * 3 + [30.0] * 3),
        wrench_ff=np.array([0.0, 0.0, push, 0.0, 0.0, 0.0]), contact=False,
        head=np.array([0.1, 0.2]), gripper_m=0.02,
    )  # fmt: skip


def commands():
    """Rows of effort (7), twist (2) and level, one every 20 ticks."""
    fast, arm = FastLoop(FastConfig(), arm_dynamics(), LIMITS), arm_dynamics()
    arm.update(READY, np.zeros(7))
    rows = []
    for tick in range(PHASES[-1][0]):
        t = 1e-3 * tick
        phase = next(phase for phase in PHASES if tick < phase[0])
        if tick % 100 == 0:
            fast.set_scan(scan_at(t))
        if tick % 50 == 0:
            fast.set_target(target_at(t, phase, arm.T_base_ee))
        body = body_at(t, phase[-1])
        if tick in (400, 401):  # a sensor that fails for two ticks
            body = replace(body, q=np.full(7, np.nan))
        if tick == 1900:
            fast.reset()
        command = fast.tick(body)
        if tick % EVERY == 0:
            rows.append([*command.effort, *command.twist_base, int(fast.level)])
    return np.array(rows)


@pytest.fixture(scope="module")
def made():
    return commands()


def test_the_commands_are_those_of_before(made):
    golden = np.array(json.loads(FILE.read_text()))
    np.testing.assert_array_equal(made[:, -1], golden[:, -1])
    np.testing.assert_allclose(made, golden, atol=2e-5)


def test_the_sequence_meets_every_part_of_the_loop(made):
    levels = set(made[:, -1].astype(int))
    assert levels == {0, 1, 2, 3, 4}
    assert np.ptp(made[:, :9], axis=0).min() > 0.1


if __name__ == "__main__":
    lines = (json.dumps([round(float(v), 6) for v in row]) for row in commands())
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n")
