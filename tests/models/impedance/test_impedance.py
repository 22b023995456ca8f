"""The whole controller on a Panda arm: smooth, bounded, compliant, and it arrives."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import rotation_from_rpy
from neural_brain.models.impedance import ArmImpedance, ImpedanceConfig
from neural_brain.models.signals import ArmMode, BodyLimits, BodyState, MotionTarget
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY, panda

LIMITS = BodyLimits(
    q_min=panda.Q_MIN, q_max=panda.Q_MAX, dq_max=panda.DQ_MAX,
    effort_max=panda.EFFORT_MAX, effort_rate_max=panda.EFFORT_RATE_MAX,
    twist_max=np.ones(2), accel_max=np.ones(2), radius_m=0.3,
)  # fmt: skip
STIFF = np.diag([600.0] * 3 + [40.0] * 3)
DT = 1e-3


class Arm:
    """A torque-driven arm in empty space, and its controller."""

    def __init__(self, q=READY, config=None):
        self.plant = arm_dynamics()
        self.q, self.dq = q.copy(), np.zeros(7)
        self.control = ArmImpedance(config or ImpedanceConfig(), arm_dynamics(), LIMITS)
        self.efforts, self.force = [], np.zeros(6)
        self.plant.update(self.q, self.dq)

    @property
    def body(self):
        zero = np.zeros(3)
        return BodyState(
            stamp=len(self.efforts) * DT, q=self.q.copy(), dq=self.dq.copy(),
            effort=np.zeros(7), twist_base=np.zeros(2), pose_odom_base=zero,
            wrench_ee=self.force, bumper=np.zeros(8, bool), gyro=zero, accel=zero,
            head=np.zeros(2), gripper_m=0.0, battery=1.0,
        )  # fmt: skip

    @property
    def T(self):
        return self.plant.T_base_ee.copy()

    def run(self, target, ticks):
        for _ in range(ticks):
            effort = self.control.tick(self.body, target, DT)
            self.efforts.append(effort)
            push = self.plant.jacobian.T @ self.force
            ddq = np.linalg.solve(self.plant.mass, effort - self.plant.bias + push)
            self.dq = self.dq + DT * ddq
            self.q = self.q + DT * self.dq
            self.plant.update(self.q, self.dq)


def joint_target(q):
    return make(ArmMode.JOINT, q, np.eye(4), STIFF)


def make(mode, q, T, K, wrench=None):
    return MotionTarget(
        stamp=0.0, twist_base=np.zeros(2), mode=mode, q_target=np.array(q),
        T_base_ee=T, stiffness=K, contact=False, head=np.zeros(2), gripper_m=0.0,
        wrench_ff=np.zeros(6) if wrench is None else np.array(wrench, dtype=float),
    )  # fmt: skip


def hand_target(T, K=STIFF, q=READY, wrench=None):
    return make(ArmMode.CARTESIAN, q, T, K, wrench)


def moved(T, x=0.0, y=0.0, z=0.0, rpy=(0.0, 0.0, 0.0)):
    T = T.copy()
    T[:3, 3] += (x, y, z)
    T[:3, :3] = rotation_from_rpy(*rpy) @ T[:3, :3]
    return T


@pytest.mark.parametrize("mode", [ArmMode.JOINT, ArmMode.CARTESIAN])
def test_the_first_effort_is_gravity_alone(mode):
    arm = Arm()
    far = make(mode, READY + 0.5, moved(arm.T, x=0.2), STIFF)
    arm.run(far, 1)
    np.testing.assert_allclose(arm.efforts[0], arm.control.bias, atol=1.0 + 1e-9)


def test_joint_mode_arrives_without_overshoot():
    arm = Arm()
    goal = READY + np.array([0.6, 0.2, -0.3, 0.3, 0.4, -0.3, 0.5])
    far = 0.0
    for _ in range(30):
        arm.run(joint_target(goal), 100)
        far = max(far, float(np.max((arm.q - goal) * np.sign(goal - READY))))
    np.testing.assert_allclose(arm.q, goal, atol=2e-3)
    assert far < 0.03
    assert np.abs(arm.dq).max() < 0.01


def test_cartesian_mode_arrives():
    arm = Arm()
    goal = moved(arm.T, x=0.12, y=-0.1, z=-0.15, rpy=(0.1, -0.2, 0.3))
    arm.run(hand_target(goal), 3000)
    np.testing.assert_allclose(arm.T[:3, 3], goal[:3, 3], atol=3e-3)
    np.testing.assert_allclose(arm.T[:3, :3], goal[:3, :3], atol=1e-2)


def test_mode_and_gain_changes_do_not_jump():
    arm = Arm()
    hard = np.diag([1500.0] * 3 + [100.0] * 3)
    start = arm.T
    arm.run(joint_target(READY), 300)
    arm.run(hand_target(start), 300)
    arm.run(hand_target(start, hard), 600)
    arm.run(hand_target(start), 300)
    arm.run(joint_target(READY), 300)
    assert np.abs(np.diff(arm.efforts, axis=0)).max() < 0.05
    assert np.abs(arm.dq).max() < 1e-3


def test_efforts_and_their_rate_stay_in_limits_whatever_is_asked():
    arm, rng = Arm(), np.random.default_rng(3)
    home = arm.T
    for _ in range(60):
        if rng.random() < 0.5:
            target = joint_target(rng.uniform(panda.Q_MIN, panda.Q_MAX))
        else:
            K = np.diag(rng.uniform(1.0, 5000.0, 6))
            target = hand_target(moved(home, *rng.uniform(-1, 1, 3)), K)
        arm.run(target, 30)
    efforts = np.array(arm.efforts)
    assert np.isfinite(efforts).all()
    assert (np.abs(efforts) <= panda.EFFORT_MAX + 1e-9).all()
    assert (np.abs(np.diff(efforts, axis=0)) <= 1.0 + 1e-9).all()


FAR_AND_STIFF = np.diag([2000.0] * 3 + [50.0] * 3)


def test_a_target_jump_is_bounded_in_force():
    arm = Arm()
    config = arm.control.config
    goal = hand_target(moved(arm.T, x=-0.25, z=-0.4), FAR_AND_STIFF)
    bound = min(2000.0 * config.error_clip_m, config.max_force_n)
    for _ in range(800):
        arm.run(goal, 1)
        law = arm.control.cartesian
        assert np.linalg.norm(law.wrench[:3] + (law.schedule.D @ law._velocity)[:3]) < (
            bound + 1e-6
        )


@pytest.mark.parametrize("start_j", [0.05, 4.0])
def test_a_target_jump_draws_no_more_than_the_tank_has(start_j):
    """A tank that nothing refills; the larger one shows that the jump asks for more."""
    small = start_j < 1.0
    config = ImpedanceConfig(
        tank_start_j=start_j, tank_min_j=0.1 * start_j, tank_soft_j=0.4 * start_j,
        tank_allowance_w=0.0, tank_refill_share=0.0, impact_stiffness_n_m=0.0,
    )  # fmt: skip
    arm, drawn_j, most_j = Arm(config=config), 0.0, 0.0
    goal = hand_target(moved(arm.T, x=-0.25, z=-0.4), FAR_AND_STIFF)
    for _ in range(1500):
        arm.run(goal, 1)
        drawn_j += DT * max(arm.control.cartesian.spent_w, 0.0)
        most_j = max(most_j, 0.5 * arm.dq @ arm.plant.mass @ arm.dq)
        assert drawn_j <= start_j and most_j <= start_j
    assert (drawn_j > 0.5 * start_j) if small else (drawn_j > 0.05)


def test_the_hand_gives_way_like_the_commanded_spring():
    arm = Arm()
    K = np.diag([300.0, 400.0, 500.0, 30.0, 30.0, 30.0])
    goal = arm.T
    arm.force = np.array([6.0, -8.0, 10.0, 0.0, 0.0, 0.0])
    arm.run(hand_target(goal, K), 3000)
    np.testing.assert_allclose(
        arm.T[:3, 3] - goal[:3, 3], [0.02, -0.02, 0.02], atol=2e-3
    )


def test_a_softened_spring_pulls_with_its_share():
    arm = Arm()
    goal = arm.T
    K = np.diag([300.0, 400.0, 500.0, 30.0, 30.0, 30.0])
    arm.control.soften(0.5)
    arm.force = np.array([3.0, -4.0, 5.0, 0.0, 0.0, 0.0])
    arm.run(hand_target(goal, K), 4000)
    np.testing.assert_allclose(
        arm.T[:3, 3] - goal[:3, 3], [0.02, -0.02, 0.02], atol=2e-3
    )


def test_giving_the_spring_its_force_back_is_paid_by_the_tank():
    """A hand held off its anchor: softening costs nothing, the way back its energy."""
    arm = Arm(config=ImpedanceConfig(tank_allowance_w=0.0))
    K = np.diag([300.0, 300.0, 300.0, 30.0, 30.0, 30.0])
    arm.force = np.array([9.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    target = hand_target(arm.T, K)
    arm.run(target, 3000)
    arm.q, arm.dq = arm.q.copy(), np.zeros(7)

    def held(share, ticks=5):
        for _ in range(ticks):
            arm.control.soften(share)
            arm.control.tick(arm.body, target, DT)
        return arm.control.tank.energy_j

    before = held(1.0)
    assert held(0.25) == pytest.approx(before, abs=1e-3)
    stored = 0.5 * 300.0 * 0.03**2
    assert before - held(1.0) == pytest.approx(0.75 * stored, rel=0.1)


def test_the_null_space_moves_the_elbow_and_not_the_hand():
    arm = Arm()
    goal = arm.T
    posture = READY + np.array([0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0])
    arm.run(hand_target(goal, q=posture), 2500)
    assert np.abs(arm.q - READY).max() > 0.05
    assert np.linalg.norm(arm.T[:3, 3] - goal[:3, 3]) < 2e-3


def test_a_fed_forward_wrench_is_exerted():
    arm = Arm()
    goal = arm.T
    arm.force = np.array([0.0, 0.0, 10.0, 0.0, 0.0, 0.0])  # the table pushes back
    arm.run(hand_target(goal, wrench=[0, 0, -10, 0, 0, 0]), 1500)
    assert np.linalg.norm(arm.T[:3, 3] - goal[:3, 3]) < 2e-3


def test_nothing_bad_happens_at_the_stretched_singularity():
    straight = np.array([0.0, 0.3, 0.0, -0.075, 0.0, 1.6, 0.0])
    arm = Arm(straight)
    arm.run(hand_target(moved(arm.T, x=0.4), q=straight), 2000)
    assert np.isfinite(arm.q).all()
    assert np.abs(arm.dq).max() < 0.3
    home = hand_target(moved(arm.T, x=-0.2))
    arm.run(home, 4000)
    assert np.linalg.norm(arm.T[:3, 3] - home.T_base_ee[:3, 3]) < 0.02


def test_an_empty_tank_freezes_the_anchor():
    config = ImpedanceConfig(
        tank_start_j=0.0, tank_allowance_w=0.0, tank_refill_share=0.0
    )
    arm = Arm(config=config)
    start = arm.T
    arm.run(hand_target(moved(start, x=0.3)), 1000)
    assert np.linalg.norm(arm.T[:3, 3] - start[:3, 3]) < 1e-3


def test_joint_stops_push_back_harder_the_closer_the_limit_is():
    springs = ArmImpedance(ImpedanceConfig(), arm_dynamics(), LIMITS)._springs
    way = np.linspace(-0.3, 0.1, 50)
    for limit, sign in ((panda.Q_MAX, 1.0), (panda.Q_MIN, -1.0)):
        pushes = np.array([springs.effort(limit + sign * d).copy() for d in way])
        toward = -sign * pushes
        assert (np.diff(toward, axis=0) >= -1e-12).all()
        assert (toward[0] == 0.0).all() and (toward[-1] > 0.0).all()


def test_damping_alone_brings_the_arm_to_rest():
    arm = Arm()
    arm.run(joint_target(READY + 0.4), 400)
    assert np.abs(arm.dq).max() > 0.08
    for _ in range(600):
        effort = arm.control.damp(arm.body)
        ddq = np.linalg.solve(arm.plant.mass, effort - arm.plant.bias)
        arm.dq = arm.dq + DT * ddq
        arm.q = arm.q + DT * arm.dq
        arm.plant.update(arm.q, arm.dq)
    assert np.abs(arm.dq).max() < 0.05


def anchor_speed(mode, *, contact=False, **changes):
    """Speed [m/s] of the anchor towards a far pose, seen from a resting loaded arm."""
    plant = arm_dynamics()
    goal = READY + np.array([0.8, 0.3, 0.0, -0.4, 0.0, 0.0, 0.0])
    plant.update(goal, np.zeros(7))
    control = ArmImpedance(ImpedanceConfig(**changes), arm_dynamics(3.0), LIMITS)
    target = make(mode, goal, plant.T_base_ee, STIFF)
    control.tick(Arm().body, replace(target, contact=contact), DT)
    if mode is ArmMode.CARTESIAN:
        return np.linalg.norm(control.cartesian.reference.velocity[:3])
    J = control.dynamics.jacobian[:3]
    return np.linalg.norm(J @ control.joint.reference.velocity)


@pytest.mark.parametrize("mode", [ArmMode.JOINT, ArmMode.CARTESIAN])
def test_a_heavy_hand_is_slow_in_both_modes(mode):
    usual = anchor_speed(mode, impact_stiffness_n_m=0.0)
    assert usual == pytest.approx(ImpedanceConfig().speed_m_s, rel=0.05)
    assert 0.03 < anchor_speed(mode) < 0.9 * usual


@pytest.mark.parametrize("mode", [ArmMode.JOINT, ArmMode.CARTESIAN])
def test_where_contact_is_intended_the_skill_chooses_the_speed(mode):
    speed = anchor_speed(mode, contact=True)
    assert speed == pytest.approx(ImpedanceConfig().speed_m_s, rel=0.05)


@pytest.mark.parametrize("mode", [ArmMode.JOINT, ArmMode.CARTESIAN])
def test_an_effort_that_is_no_number_is_not_hidden(mode, monkeypatch):
    """The limits must hand it on: the reflex stops the arm for it."""
    arm = Arm()
    arm.run(make(mode, READY, arm.T, STIFF), 5)
    update = arm.control.dynamics.update

    def broken(q, dq):
        update(q, dq)
        arm.control.dynamics.bias[2] = np.nan

    monkeypatch.setattr(arm.control.dynamics, "update", broken)
    for _ in range(30):
        effort = arm.control.tick(arm.body, make(mode, READY, arm.T, STIFF), DT)
    assert np.isnan(effort[2]) and np.isfinite(np.delete(effort, 2)).all()


def test_dynamics_that_the_compiled_tick_cannot_read_are_refused():
    arm = arm_dynamics()
    arm.jacobian = np.asfortranarray(arm.jacobian)
    with pytest.raises(ConfigError, match="jacobian"):
        ArmImpedance(ImpedanceConfig(), arm, LIMITS)
