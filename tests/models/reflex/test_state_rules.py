"""Planes and self-distance behind a foreign controller, and the effort bounds."""

import numpy as np
import pytest

from neural_brain.models.reflex import (
    GuardConfig,
    JointConfig,
    Reflex,
    ReflexConfig,
    WorkspaceConfig,
)
from neural_brain.models.reflex.effort_guard import EffortGuard
from neural_brain.models.reflex.effort_interval import EffortInterval
from neural_brain.models.reflex.gaps import Gaps
from neural_brain.models.signals import BodyCommand, BodyLimits, BodyState, ReflexLevel
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY, panda

DT, MM = 1e-3, 1e-3
LIMITS = BodyLimits(
    q_min=panda.Q_MIN, q_max=panda.Q_MAX, dq_max=panda.DQ_MAX,
    effort_max=panda.EFFORT_MAX, effort_rate_max=panda.EFFORT_RATE_MAX,
    twist_max=np.ones(2), accel_max=np.ones(2), radius_m=0.27,
)  # fmt: skip
ROOM = WorkspaceConfig(
    planes=((0, 0, 1, 0.8), (0, 1, 0, -0.3), (0, -1, 0, -0.3), (-1, 0, 0, -0.75)),
    self_distance=True,
)


def state(t, q, dq):
    zero = np.zeros(3)
    return BodyState(
        stamp=t, q=q.copy(), dq=dq.copy(), effort=np.zeros(7), twist_base=np.zeros(2),
        pose_odom_base=zero, wrench_ee=np.zeros(6), bumper=np.zeros(8, bool), gyro=zero,
        accel=zero, head=np.zeros(2), gripper_m=0.0, battery=1.0,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_foreign_controller_that_pushes_with_all_its_might_stays_in_the_room(seed):
    """Random efforts of up to 70 % of the limits, new ones every 0.3 s."""
    rng, plant = np.random.default_rng(seed), arm_dynamics()
    reflex = Reflex(
        ReflexConfig(guards=GuardConfig(lidar_required=False), workspace=ROOM),
        LIMITS,
        plant.shape(),
    )
    gaps, least = Gaps(ROOM, plant.shape(), 1), []
    q, dq = READY.copy(), np.zeros(7)
    for tick in range(2500):
        if tick % 300 == 0:
            push = rng.uniform(-0.7, 0.7, 7) * LIMITS.effort_max
        plant.update(q, dq)
        verdict = reflex.tick(
            state(tick * DT, q, dq),
            BodyCommand(
                stamp=tick * DT, effort=plant.bias + push, twist_base=np.zeros(2),
                head=np.zeros(2), gripper_m=0.0,
            ),
            bias=plant.bias.copy(),
        )  # fmt: skip
        effort = verdict.command.effort
        assert (np.abs(effort) <= LIMITS.effort_max).all()
        dq = dq + DT * np.linalg.solve(plant.mass, effort - plant.bias)
        q = q + DT * dq
        if tick % 5 == 0:
            gaps.forget()
            gaps.place(q)
            gaps.look(q, 0.0)
            least.append(gaps.least(q))
    assert min(least) > -4 * MM
    assert reflex.level <= ReflexLevel.SLOW
    assert {"workspace plane", "self-distance"} & {
        event.cause.rstrip(" 1234").split(" link")[0] for event in reflex.pop_events()
    }


def test_the_interval_is_what_the_guard_lets_through():
    guard = EffortGuard(JointConfig(), LIMITS)
    joints = EffortInterval(JointConfig(), LIMITS, guard)
    rng, last = np.random.default_rng(0), None
    for _ in range(300):
        q = rng.uniform(LIMITS.q_min, LIMITS.q_max)
        dq, bias = rng.uniform(-2, 2, 7), rng.uniform(-20, 20, 7)
        joints.set(q, dq, bias)
        if last is not None:
            joints.reach(last)
        assert (joints.low <= joints.high).all()
        inside = rng.uniform(joints.low, joints.high)
        last = guard.limit(inside, q, dq, bias)
        np.testing.assert_allclose(last, inside, atol=1e-9)


def test_the_way_to_an_effort_is_straight_and_no_faster_than_the_rate():
    config = JointConfig()
    joints = EffortInterval(config, LIMITS, EffortGuard(config, LIMITS))
    wish = np.array([40.0, -20.0, 3.0, 0.0, 5.0, -1.0, 0.5])
    sent = wish.copy()
    joints.approach(sent, np.zeros(7))
    np.testing.assert_allclose(sent, wish / 40.0)
    near = np.full(7, 0.3)
    joints.approach(near, np.zeros(7))
    np.testing.assert_allclose(near, 0.3)
