"""Stiffness in the frame of a task, rotation included, on the whole controller.

A full matrix couples axes and also force with rotation. What counts is that the hand
gives way by K^-1 w, and that a change of K under load is not felt as a jump.
"""

import numpy as np
import pytest

from neural_brain.models.geometry import rotation_from_rpy
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.impedance.reference import rotation_vector
from tests.models.impedance.test_impedance import Arm, hand_target

TASK = rotation_from_rpy(0.4, -0.7, 1.1)
LEVER = np.array([[0.0, 30.0, -20.0], [-25.0, 0.0, 15.0], [10.0, -20.0, 0.0]])


def in_task_frame(linear, angular, lever=0.0):
    """Principal axes of a turned frame; `lever` couples force with rotation."""
    R = np.kron(np.eye(2), TASK)
    K = np.diag([*linear, *angular]).astype(float)
    K[:3, 3:] = lever * LEVER
    K[3:, :3] = K[:3, 3:].T
    return R @ K @ R.T


COUPLED = in_task_frame((250.0, 700.0, 400.0), (25.0, 60.0, 35.0), lever=1.0)


def given_way(arm, T):
    """How far the hand is from the pose (6,) [m, rad]."""
    turned = rotation_vector(arm.T[:3, :3] @ T[:3, :3].T)
    return np.concatenate([arm.T[:3, 3] - T[:3, 3], turned])


def test_the_matrix_of_these_tests_is_a_stiffness_and_couples_everything():
    assert np.linalg.eigvalsh(COUPLED).min() > 10.0
    assert np.abs(COUPLED[:3, 3:]).max() > 10.0
    off = COUPLED - np.diag(COUPLED.diagonal())
    assert np.abs(off[:3, :3]).max() > 100.0 and np.abs(off[3:, 3:]).max() > 5.0


@pytest.mark.parametrize(
    "wrench",
    [(6.0, 0, 0, 0, 0, 0), (0, -5.0, 3.0, 0, 0, 0), (0, 0, 0, 1.2, -0.8, 0.6)],
)
def test_the_hand_gives_way_along_and_around_the_axes_of_the_task(wrench):
    arm = Arm(config=ImpedanceConfig(stiffness_floor_share=1e-3))
    start = arm.T
    arm.force = np.array(wrench, dtype=float)
    arm.run(hand_target(start, COUPLED), 4000)
    expected = np.linalg.solve(COUPLED, arm.force)
    assert np.abs(expected).max() > 5e-3  # far more than what is tolerated
    np.testing.assert_allclose(given_way(arm, start), expected, atol=1.5e-3)


def test_a_stiffness_that_changes_under_load_is_not_felt_as_a_jump():
    """Stretched by 12 N: at once, the spring's force would change by 60 N in a tick."""
    arm = Arm()
    soft = in_task_frame((200.0,) * 3, (30.0,) * 3)
    start = arm.T
    arm.force = np.array([12.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    arm.run(hand_target(start, soft), 3000)
    stretch = np.linalg.norm(given_way(arm, start)[:3])
    assert stretch == pytest.approx(0.06, abs=5e-3)
    before = len(arm.efforts)
    arm.run(hand_target(start, in_task_frame((1200.0,) * 3, (60.0,) * 3)), 3000)
    arm.run(hand_target(start, soft), 3000)
    steps = np.abs(np.diff(arm.efforts[before - 1 :], axis=0))
    assert steps.max() < 0.3  # [Nm]; the jump would be about 25
    assert np.linalg.norm(given_way(arm, start)[:3]) == pytest.approx(0.06, abs=5e-3)


def test_with_an_empty_tank_the_arm_gets_softer_and_neither_stiffer_nor_moves_on():
    config = ImpedanceConfig(
        tank_start_j=0.0, tank_allowance_w=0.0, tank_refill_share=0.0
    )
    arm = Arm(config=config)
    start = arm.T
    arm.run(hand_target(start, in_task_frame((400.0,) * 3, (30.0,) * 3)), 100)
    before = arm.control.cartesian.schedule.K.copy()
    far = start.copy()
    far[:3, 3] += TASK @ np.array([0.1, 0.0, 0.0])
    mixed = in_task_frame((900.0, 150.0, 400.0), (60.0, 10.0, 30.0))
    for _ in range(50):
        arm.run(hand_target(far, mixed), 20)
        change = np.linalg.eigvalsh(arm.control.cartesian.schedule.K - before)
        assert change.max() < 1e-6
    R = np.kron(np.eye(2), TASK)
    now = (R.T @ arm.control.cartesian.schedule.K @ R).diagonal()
    np.testing.assert_allclose(now, [400.0, 150.0, 400.0, 30.0, 10.0, 30.0], rtol=1e-3)
    assert np.linalg.norm(given_way(arm, start)) < 2e-3
