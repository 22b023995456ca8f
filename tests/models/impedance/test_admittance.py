"""The virtual arm of robots without torque interface: stable, passive, limited."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.impedance import (
    Admittance,
    AdmittanceConfig,
    ArmImpedance,
    ImpedanceConfig,
    VirtualArm,
    least_damping,
    least_mass,
    virtual_dynamics,
)
from neural_brain.models.impedance.admittance import ContactDamping, HeavyHand
from neural_brain.models.signals import ArmMode, BodyLimits, BodyState, MotionTarget
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY, panda

DT = 1e-3
LIMITS = BodyLimits(
    q_min=panda.Q_MIN, q_max=panda.Q_MAX, dq_max=panda.DQ_MAX,
    effort_max=panda.EFFORT_MAX, effort_rate_max=panda.EFFORT_RATE_MAX,
    twist_max=np.zeros(2), accel_max=np.ones(2), radius_m=0.3,
)  # fmt: skip
ZERO = np.zeros(6)
STRETCHED = np.array([0.0, 0.3, 0.0, -0.08, 0.0, 0.4, 0.8])


# --- the bound, in one dimension ---------------------------------------------------


def is_stable(m, d, k, c, *, delay_s, lag_s=0.0, order=1):
    """Nyquist: 1 + c G / (m s^2 + d s + k) does not turn around the origin."""
    w = np.geomspace(1e-1, 1e5, 20_000)
    s = 1j * w
    servo = 1.0 / (lag_s * s + 1.0) if order == 1 else 1.0 / (lag_s * s / 2 + 1.0) ** 2
    loop = c * servo * np.exp(-s * delay_s) / (m * s**2 + d * s + k)
    turned = np.unwrap(np.angle(1.0 + loop))
    return abs(turned[-1]) < 1.0  # it starts within half a turn of 0


def swings(m, d, k, c, delay_s, dt=5e-4):
    """The same in time: late swing over early swing of a mass that hits a spring."""
    x, v, late, path = 0.0, 0.0, [0.0] * round(delay_s / dt), []
    for i in range(4000):
        v += dt * (1.0 - k * x - d * v - c * late[i % len(late)]) / m
        x += dt * v
        late[i % len(late)] = x
        path.append(x - 1.0 / (k + c))
        if abs(path[-1]) > 1.0:
            return np.inf
    return np.ptp(path[-500:]) / np.ptp(path[:500])


@given(
    m=st.floats(0.01, 100.0), k=st.floats(1.0, 5000.0), c=st.floats(1e2, 1e6),
    delay=st.floats(1e-3, 0.05), lag=st.floats(0.0, 0.05),
    order=st.sampled_from((1, 2)),
)  # fmt: skip
def test_the_least_damping_keeps_any_mass_and_spring_stable(m, k, c, delay, lag, order):
    d = least_damping(c, delay + lag)
    assert is_stable(m, d, k, c, delay_s=delay, lag_s=lag, order=order)


@pytest.mark.parametrize("m", [1.0, 5.0, 20.0])
def test_a_third_of_it_is_not_enough(m):
    d = least_damping(2e4, 0.01)
    assert not is_stable(m, d / 3.0, 300.0, 2e4, delay_s=0.01)
    assert swings(m, d / 3.0, 300.0, 2e4, 0.01) > 1.0 > swings(m, d, 300.0, 2e4, 0.01)


def test_the_least_mass_has_the_least_damping():
    c, T, k = 1e4, 0.01, 600.0
    for ratio in (0.7, 1.0):
        m = least_mass(c, T, stiffness_n_m=k, ratio=ratio)
        d = 2.0 * ratio * np.sqrt(k * m)
        assert d == pytest.approx(least_damping(c, T))
        assert is_stable(m, d, k, c, delay_s=T)
    light = 0.05 * m
    assert not is_stable(light, 2.0 * np.sqrt(k * light), k, c, delay_s=T)


# --- the contact damping -----------------------------------------------------------


def test_damping_comes_in_one_tick_along_the_force_and_fades():
    config = AdmittanceConfig(contact_n_m=1e4, delay_s=0.02)
    damping = ContactDamping(config, DT)
    damping.feel(np.zeros(3))
    assert not damping.acts and not damping.matrix.any()
    damping.feel(np.array([0.0, 0.0, 10.0]))
    assert damping.matrix[2, 2] == pytest.approx(200.0)
    assert np.abs(damping.matrix[:2, :2]).max() == 0.0
    for _ in range(1000):
        damping.feel(np.array([0.0, 0.0, 1.0]))  # below `touch_n`
    assert not damping.acts


@given(
    st.lists(st.tuples(*[st.floats(-1e3, 1e3, allow_subnormal=True)] * 3), max_size=40)
)
def test_damping_stays_positive_and_bounded(forces):
    damping = ContactDamping(AdmittanceConfig(), DT)
    for force in forces:
        damping.feel(np.array(force))
        values = np.linalg.eigvalsh(damping.matrix)
        assert values[0] >= -1e-9
        assert values[-1] <= 3.0 * least_damping(2e4, 0.02) + 1e-9


# --- the virtual arm ---------------------------------------------------------------


def posture(seed):
    rng = np.random.default_rng(seed)
    return READY + rng.uniform(-0.4, 0.4, 7)


def test_an_added_mass_adds_exactly_that_to_the_hand_also_when_stretched():
    plain, heavy = arm_dynamics(), HeavyHand(arm_dynamics(), 10.0)
    for q in (READY, posture(1), STRETCHED):
        for arm in (plain, heavy):
            arm.update(q, np.zeros(7))
        masses = [
            np.linalg.inv(a.jacobian @ np.linalg.solve(a.mass, a.jacobian.T))
            for a in (plain, heavy)
        ]
        added = masses[1] - masses[0]
        assert np.allclose(np.diag(added)[:3], 10.0, rtol=1e-4)
        assert np.linalg.eigvalsh(heavy.mass)[0] > 0.0


def test_nothing_is_added_for_nothing():
    arm = arm_dynamics()
    assert virtual_dynamics(arm, AdmittanceConfig()) is arm


@pytest.mark.parametrize("seed", range(4))
def test_the_free_arm_takes_no_more_energy_than_the_world_gives(seed):
    """Without damper or spring: kinetic energy = work of the wrench, to 2 %."""
    rng = np.random.default_rng(seed)
    arm, model = VirtualArm(arm_dynamics(), LIMITS, 0.0), arm_dynamics()
    arm.place(posture(seed))
    work = most = 0.0
    for tick in range(400):
        if tick % 40 == 0:
            wrench = np.concatenate([rng.uniform(-15, 15, 3), rng.uniform(-1, 1, 3)])
        model.update(arm.q, arm.dq)
        J, bias, before = model.jacobian.copy(), model.bias.copy(), arm.dq
        arm.step(bias, DT, wrench=wrench)
        work += DT * wrench @ J @ (0.5 * (before + arm.dq))
        energy = 0.5 * arm.dq @ model.mass @ arm.dq
        most = max(most, energy)
        assert energy <= work + 0.02 * most + 1e-4
    assert most > 0.1


@pytest.mark.parametrize("seed", range(3))
def test_law_and_virtual_arm_give_the_world_no_more_than_tank_and_spring(seed):
    """Any push, stiffness that jumps, a target that jumps: passive up to the tank."""
    rng = np.random.default_rng(seed)
    config = ImpedanceConfig(tank_allowance_w=0.0)
    law = ArmImpedance(config, arm_dynamics(), LIMITS)
    arm, model = (
        Admittance(AdmittanceConfig(), arm_dynamics(), LIMITS, DT),
        arm_dynamics(),
    )
    arm.place(READY)
    model.update(READY, np.zeros(7))
    home, given_j, wrench = model.T_base_ee.copy(), 0.0, np.zeros(6)
    target, least = target_at(home, 300.0), 0.0
    for tick in range(1500):
        if tick % 100 == 0:
            T = home.copy()
            T[:3, 3] += rng.uniform(-0.1, 0.1, 3)
            target = target_at(T, float(rng.choice([50.0, 1500.0])))
        if tick % 30 == 0:
            wrench = np.concatenate([rng.uniform(-20, 20, 3), rng.uniform(-1, 1, 3)])
        effort = law.tick(state(arm.q, arm.dq, wrench), target, DT)
        model.update(arm.q, arm.dq)
        J, before = model.jacobian.copy(), arm.dq
        arm.step(effort, arm.q, wrench)
        given_j += DT * wrench @ J @ (0.5 * (before + arm.dq))
        least = min(least, given_j)
    assert least >= -(config.tank_start_j + 0.5)


def target_at(T, stiffness):
    return MotionTarget(
        stamp=0.0, twist_base=np.zeros(2), mode=ArmMode.CARTESIAN, q_target=READY,
        T_base_ee=T, stiffness=np.diag([stiffness] * 3 + [30.0] * 3), contact=False,
        wrench_ff=np.zeros(6), head=np.zeros(2), gripper_m=0.0,
    )  # fmt: skip


def state(q, dq, wrench=ZERO):
    zero = np.zeros(3)
    return BodyState(
        stamp=0.0, q=q.copy(), dq=dq.copy(), effort=np.zeros(7), twist_base=np.zeros(2),
        pose_odom_base=zero, wrench_ee=wrench, bumper=np.zeros(8, bool), gyro=zero,
        accel=zero, head=np.zeros(2), gripper_m=0.0, battery=1.0,
    )  # fmt: skip


def driven(q, target, push, ticks, virtual):
    """Hand positions under push(tick) (6,), of a virtual or a torque-driven arm."""
    law, model = ArmImpedance(ImpedanceConfig(), arm_dynamics(), LIMITS), arm_dynamics()
    config = AdmittanceConfig(contact_n_m=0.0, noise_n=0.0)
    arm, dq, hand = Admittance(config, arm_dynamics(), LIMITS, DT), np.zeros(7), []
    arm.place(q)
    for tick in range(ticks):
        wrench = push(tick)
        effort = law.tick(state(q, dq, wrench), target, DT)
        model.update(q, dq)
        if virtual:
            arm.step(effort, q, wrench)
            q, dq = arm.q, arm.dq
        else:
            pull = effort - model.bias + model.jacobian.T @ wrench
            dq = dq + DT * np.linalg.solve(model.mass, pull)
            q = q + DT * dq
        hand.append(model.T_base_ee[:3, 3].copy())
    return np.array(hand)


@pytest.mark.parametrize("q", [READY, STRETCHED], ids=["ready", "singular"])
@pytest.mark.parametrize("way", [(0, 1, 0), (0.6, 0, 0.8)], ids=["across", "along"])
def test_a_push_moves_the_hand_as_it_moves_a_torque_driven_arm(q, way):
    model = arm_dynamics()
    model.update(q, np.zeros(7))
    target = target_at(model.T_base_ee.copy(), 400.0)
    size, force = np.linalg.norm(way), np.array([*way, 0, 0, 0], dtype=float)

    def push(tick):
        return 12.0 * np.sin(0.006 * tick) * force / size

    real, thought = (driven(q, target, push, 1500, v) for v in (False, True))
    assert np.ptp(real, axis=0).max() > 0.02
    assert np.linalg.norm(real - thought, axis=1).max() < 1e-3


# --- limits ------------------------------------------------------------------------

NUMBERS = st.floats(-1e4, 1e4, allow_subnormal=True)


@settings(max_examples=150, deadline=None)
@given(
    efforts=st.lists(NUMBERS, min_size=1, max_size=15),
    wrenches=st.lists(NUMBERS, min_size=1, max_size=15),
    measured=st.lists(st.floats(-6.0, 6.0), min_size=1, max_size=15),
    mass=st.sampled_from((0.0, 30.0)),
)
def test_any_input_gives_joints_within_limits_and_speeds(
    efforts, wrenches, measured, mass
):
    config = AdmittanceConfig(mass_kg=mass)
    dynamics = virtual_dynamics(arm_dynamics(), config)
    arm = Admittance(config, dynamics, LIMITS, DT)
    arm.place(READY)
    rows = max(len(efforts), len(wrenches), len(measured))
    for i in range(rows):
        before = arm.q.copy()
        q = np.full(7, measured[i % len(measured)])
        effort = np.roll(np.full(7, efforts[i % len(efforts)]), i)
        arm.step(effort, q, np.full(6, wrenches[i % len(wrenches)]))
        assert np.isfinite([arm.q, arm.dq, arm.velocity(q)]).all()
        assert (np.abs(arm.q - before) <= DT * LIMITS.dq_max + 1e-12).all()
        assert (np.abs(arm.dq) <= LIMITS.dq_max).all()
        assert (np.abs(arm.velocity(q)) <= LIMITS.dq_max).all()
        assert (arm.q >= LIMITS.q_min).all() and (arm.q <= LIMITS.q_max).all()


def test_without_a_measurement_the_arm_comes_to_rest_and_stays():
    arm = Admittance(AdmittanceConfig(), arm_dynamics(), LIMITS, DT)
    arm.place(READY)
    model = arm_dynamics()
    for _ in range(200):
        model.update(arm.q, arm.dq)
        arm.step(model.bias + 5.0, arm.q, ZERO)
    speed = np.abs(arm.dq).max()
    assert speed > 0.2
    for _ in range(int(speed / 10.0 / DT) + 2):
        arm.brake()
    assert not arm.dq.any()


def test_a_blocked_arm_is_not_led_further_than_allowed():
    config = AdmittanceConfig(lead_rad=0.05)
    arm = Admittance(config, arm_dynamics(), LIMITS, DT)
    arm.place(READY)
    model = arm_dynamics()
    for _ in range(2000):
        model.update(arm.q, arm.dq)
        arm.step(model.bias + 10.0, READY, ZERO)
    assert np.abs(arm.q - READY).max() <= 0.05 + 1e-9


def test_a_velocity_servo_is_brought_back_to_the_virtual_joints():
    arm = Admittance(AdmittanceConfig(gain_per_s=5.0), arm_dynamics(), LIMITS, DT)
    arm.place(READY)
    assert np.allclose(arm.velocity(READY - 0.01), 0.05)
    assert not arm.velocity(None).any()
    beyond = LIMITS.q_max.copy()
    assert (arm.velocity(beyond) <= 0.0).all()
