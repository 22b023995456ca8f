"""The same controller on arms with 3, 4 and 6 joints given as MJCF, without tuning."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.impedance import ArmImpedance, ImpedanceConfig
from neural_brain.models.signals import ArmMode, BodyLimits, BodyState, MotionTarget
from neural_brain.robots.dynamics import MujocoArm

DT = 1e-3
AXES = {
    3: ["0 0 1", "0 1 0", "0 1 0"],
    4: ["0 0 1", "0 1 0", "0 1 0", "1 0 0"],
    6: ["0 0 1", "0 1 0", "0 1 0", "1 0 0", "0 1 0", "1 0 0"],
}
BENT = np.array([0.3, -0.6, 1.2, 0.2, 0.7, 0.1])


def mjcf(joints):
    """A chain of capsules of 0.3, 0.3, 0.1 ... m."""
    body, tail, last = "", "", 0.0
    for i, axis in enumerate(AXES[joints]):
        length = 0.3 if i in (1, 2) else 0.1
        body += (
            f'<body pos="{last} 0 0"><joint axis="{axis}" '
            f'armature="0.05"/><geom type="capsule" size="0.03" mass="{2.5 - 0.3 * i}" '
            f'fromto="0 0 0 {length} 0 0"/>'
        )
        last, tail = length, tail + "</body>"
    site = f'<site name="ee" pos="{last} 0 0"/>'
    return f"<mujoco><worldbody>{body}{site}{tail}</worldbody></mujoco>"


def limits(n):
    return BodyLimits(
        q_min=np.full(n, -2.8), q_max=np.full(n, 2.8), dq_max=np.full(n, 2.5),
        effort_max=np.linspace(60.0, 15.0, n), effort_rate_max=np.full(n, 1000.0),
        twist_max=np.ones(2), accel_max=np.ones(2), radius_m=0.3,
    )  # fmt: skip


def state(q, dq):
    zero = np.zeros(3)
    return BodyState(
        stamp=0.0, q=q, dq=dq, effort=np.zeros(q.size), twist_base=np.zeros(2),
        pose_odom_base=zero, wrench_ee=np.zeros(6), bumper=np.zeros(8, bool),
        gyro=zero, accel=zero, head=np.zeros(2), gripper_m=0.0, battery=1.0,
    )  # fmt: skip


def target(mode, q, T, K):
    return MotionTarget(
        stamp=0.0, twist_base=np.zeros(2), mode=mode, q_target=q, T_base_ee=T,
        stiffness=K, wrench_ff=np.zeros(6), contact=False, head=np.zeros(2),
        gripper_m=0.0,
    )  # fmt: skip


def run(control, plant, q, goal, ticks):
    dq, fastest = np.zeros(q.size), 0.0
    for _ in range(ticks):
        effort = control.tick(state(q, dq), goal, DT)
        plant.update(q, dq)
        dq = dq + DT * np.linalg.solve(plant.mass, effort - plant.bias)
        q = q + DT * dq
        fastest = max(fastest, float(np.abs(dq).max()))
    return q, dq, fastest


@pytest.fixture(params=[3, 4, 6])
def arm(request):
    model = mujoco.MjModel.from_xml_string(mjcf(request.param))
    control = ArmImpedance(
        ImpedanceConfig(), MujocoArm(model, "ee"), limits(request.param)
    )
    return control, MujocoArm(model, "ee"), BENT[: request.param].copy()


def test_joint_mode_arrives(arm):
    control, plant, q = arm
    goal = q + 0.3 * np.resize([1.0, -1.0], q.size)
    q, dq, fastest = run(
        control, plant, q, target(ArmMode.JOINT, goal, np.eye(4), np.eye(6)), 3000
    )
    np.testing.assert_allclose(q, goal, atol=5e-3)
    assert fastest < 2.0 and np.abs(dq).max() < 0.02


def test_cartesian_mode_reaches_positions_with_any_number_of_joints(arm):
    control, plant, q = arm
    plant.update(q, np.zeros(q.size))
    T = plant.T_base_ee.copy()
    T[:3, 3] += (-0.04, 0.03, 0.05)
    free = np.diag([500.0] * 3 + [1.0] * 3)  # fewer than 6 joints cannot hold rotation
    q, dq, fastest = run(
        control, plant, q, target(ArmMode.CARTESIAN, q.copy(), T, free), 4000
    )
    plant.update(q, dq)
    assert np.linalg.norm(plant.T_base_ee[:3, 3] - T[:3, 3]) < 0.01
    assert fastest < 2.0 and np.abs(dq).max() < 0.05
