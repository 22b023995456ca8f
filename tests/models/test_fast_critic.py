"""The learned critic in the fast loop: what it sees, what it may and may not do."""

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError, ModelFileError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.own_target import softer
from neural_brain.models.reflex import (
    FEATURES,
    FIRST_ACTION,
    CriticConfig,
    ForceConfig,
    GuardConfig,
    ReflexConfig,
)
from neural_brain.models.reflex.intent import LIMIT_N
from neural_brain.models.signals import (
    ArmMode,
    BodyLimits,
    BodyState,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.models.weights import save_weights
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY, panda

DT = 1e-3
LIMITS = BodyLimits(
    q_min=panda.Q_MIN, q_max=panda.Q_MAX, dq_max=panda.DQ_MAX,
    effort_max=panda.EFFORT_MAX, effort_rate_max=panda.EFFORT_RATE_MAX,
    twist_max=np.array([0.7, 1.5]), accel_max=np.array([1.0, 3.0]), radius_m=0.27,
)  # fmt: skip
ARM = arm_dynamics()
ARM.update(READY, np.zeros(7))
HOME = ARM.T_base_ee.copy()
SPEED = FEATURES.index("anchor speed [m/s]")
INTO = FEATURES.index("anchor speed into the force [m/s]")


@pytest.fixture
def weights(tmp_path):
    """Writes critics whose risk is sigmoid(gain * a feature + bias).

    Their recovery policy leaves the smallest share and all of the retreat.
    """

    def write(gain, bias, strange_max=1e9, feature=SPEED):
        n, width = len(FEATURES), 4
        sizes = [n, width, width, 1]
        made = {"input_mean": np.zeros(n), "input_std": np.ones(n)}
        for i in range(3):
            made[f"w{i}"] = np.zeros((2, sizes[i], sizes[i + 1]))
            made[f"b{i}"] = np.zeros((2, sizes[i + 1]))
        made["w0"][:, feature, 0] = made["w1"][:, 0, 0] = 1.0
        made["w2"][:, 0, 0], made["b2"][:] = gain, bias
        made["prototypes"] = np.zeros((1, n))
        made["risk_max"], made["strange_max"] = [0.5], [strange_max]
        sizes = [FIRST_ACTION, width, width, 2]
        for i in range(3):
            made[f"recovery_w{i}"] = np.zeros((sizes[i], sizes[i + 1]))
            made[f"recovery_b{i}"] = np.zeros(sizes[i + 1])
        made["recovery_b2"][:] = (-9.0, 9.0)
        path = tmp_path / f"critic_{gain}_{bias}.safetensors"
        tensors = {k: np.asarray(v, np.float32) for k, v in made.items()}
        save_weights(path, tensors, {"model": "reflex", "version": 2})
        return str(path)

    return write


def loop(path=None, *, recovers=False):
    critic = CriticConfig(
        enabled=path is not None, weights=path or "", recovers=recovers
    )
    guards = GuardConfig(lidar_required=False)
    return FastLoop(
        FastConfig(
            reflex=ReflexConfig(
                guards=guards, critic=critic, force=ForceConfig(limit_n=LIMIT_N)
            )
        ),
        arm_dynamics(),
        LIMITS,
    )


def state(t, felt_n=5.0):
    """Something is touched from the side, so that the critic has a say."""
    zero = np.zeros(3)
    wrench = np.array([0.0, felt_n, 0.0, 0.0, 0.0, 0.0])
    return BodyState(
        stamp=t, q=READY.copy(), dq=np.zeros(7), effort=np.zeros(7),
        twist_base=np.zeros(2), pose_odom_base=zero, wrench_ee=wrench,
        bumper=np.zeros(8, bool), gyro=zero, accel=zero, head=np.zeros(2),
        gripper_m=0.0, battery=1.0,
    )  # fmt: skip


def target(t, way_m=0.0, mode=ArmMode.CARTESIAN, into_m=0.0, soft_n_m=400.0):
    T = HOME.copy()
    T[0, 3] += way_m
    T[1, 3] -= into_m  # what is touched pushes along y
    return MotionTarget(
        stamp=t, twist_base=np.array([0.2, 0.1]), mode=mode, q_target=READY,
        T_base_ee=T, wrench_ff=np.zeros(6), contact=False,
        stiffness=np.diag([soft_n_m, 400.0, 400.0, 30.0, 30.0, 5.0]),
        head=np.zeros(2), gripper_m=0.0,
    )  # fmt: skip


def run(fast, ticks, *, start=0, felt_n=5.0, **kinds):
    commands, levels = [], []
    for tick in range(start, start + ticks):
        if tick % 50 == 0:
            fast.set_target(target(tick * DT, **kinds))
        commands.append(fast.tick(state(tick * DT, felt_n)))
        levels.append(fast.level)
    return commands, levels


def test_a_critic_that_sees_no_danger_changes_nothing(weights):
    plain, watched = loop(), loop(weights(0.0, -5.0))
    for (a, b), level in zip(
        zip(run(plain, 400)[0], run(watched, 400)[0], strict=True),
        run(loop(), 400)[1],
        strict=True,
    ):
        np.testing.assert_array_equal(a.effort, b.effort)
        np.testing.assert_array_equal(a.twist_base, b.twist_base)
        assert level in ReflexLevel


def test_a_risky_step_is_held_within_two_ticks_and_released_when_it_is_withdrawn(
    weights,
):
    fast = loop(weights(1000.0, -20.0))  # danger from 0.02 m/s on, at any share
    run(fast, 300)
    assert fast.level is ReflexLevel.NOMINAL
    _, levels = run(fast, 100, start=300, way_m=0.1)
    held = levels.index(ReflexLevel.HOLD)
    assert held <= 2
    assert any(e.cause == "learned risk" for e in fast.pop_events())
    _, levels = run(fast, 300, start=400, way_m=0.0)
    assert levels[-1] is ReflexLevel.NOMINAL


def held_with(fast):
    """Stiffness (6,) of the spring that holds the hand."""
    return fast.impedance.cartesian.schedule.K.diagonal()


def test_where_the_critic_alone_holds_no_spring_is_stiffer_than_before(weights):
    fast = loop(weights(0.0, 9.0))  # danger whatever is asked
    run(fast, 300, felt_n=1.0, soft_n_m=60.0)
    assert fast.level is ReflexLevel.NOMINAL
    _, levels = run(fast, 400, start=300, soft_n_m=60.0)
    assert levels[-1] is ReflexLevel.HOLD
    assert fast.reflex.rules_level is ReflexLevel.NOMINAL
    K = fast._own.stiffness.diagonal()
    np.testing.assert_allclose(K, [60.0, 150.0, 150.0, 15.0, 15.0, 5.0])
    assert (held_with(fast) <= K + 1e-6).all()


def test_where_a_rule_joins_the_critic_the_hold_is_that_of_the_rules(weights):
    fast = loop(weights(0.0, 9.0))
    run(fast, 300, felt_n=1.0, soft_n_m=60.0)
    run(fast, 300, start=300, soft_n_m=60.0)
    for tick in range(600, 1000):  # no target any more: stale
        fast.tick(state(tick * DT))
    assert fast.reflex.rules_level is fast.level is ReflexLevel.HOLD
    np.testing.assert_allclose(fast._own.stiffness.diagonal()[:3], 150.0)
    run(fast, 300, start=1000, soft_n_m=60.0)
    assert fast.reflex.rules_level < fast.level is ReflexLevel.HOLD
    assert fast._own.stiffness[0, 0] == pytest.approx(60.0)


def test_what_is_softer_is_so_in_every_direction():
    rng = np.random.default_rng(0)
    rest = np.diag([150.0] * 3 + [15.0] * 3)
    for _ in range(200):
        A = rng.normal(size=(6, 6)) * rng.choice([0.0, 1.0, 20.0])
        wish = A @ A.T + np.diag(rng.uniform(0.0, 400.0, 6))
        soft = softer(rest, wish)
        for K in (rest, wish):
            assert np.linalg.eigvalsh(K - soft)[0] > -1e-6
        assert soft.diagonal().min() >= 0.0
    tilted, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    wish[:] = 400.0 * np.eye(6)
    wish[:3, :3] = tilted @ np.diag([60.0, 800.0, 800.0]) @ tilted.T
    np.testing.assert_allclose(softer(rest, wish), 0.4 * rest)
    np.testing.assert_array_equal(softer(rest, 400.0 * np.eye(6)), rest)


def test_a_step_that_is_safe_at_a_lower_speed_is_slowed(weights):
    fast = loop(weights(1000.0, -90.0))  # danger from 0.09 m/s on; 0.4 * 0.13 is not
    run(fast, 300)
    commands, levels = run(fast, 400, start=300, way_m=0.1)
    assert ReflexLevel.SLOW in levels and max(levels) is ReflexLevel.SLOW
    assert fast.reflex.share < 1.0
    twists = [command.twist_base[0] for command in commands]
    assert min(twists) == pytest.approx(0.4 * 0.2, abs=0.01)


def test_before_a_touch_there_is_nothing_to_judge(weights):
    fast = loop(weights(0.0, 9.0))  # danger whatever is asked
    _, levels = run(fast, 400, felt_n=1.0, way_m=0.1)
    assert levels[-1] is ReflexLevel.NOMINAL
    _, levels = run(fast, 10, start=400, way_m=0.1)
    assert levels[-1] is ReflexLevel.HOLD


def test_what_the_critic_leaves_is_what_the_spring_pulls(weights):
    """Softened after one step: the anchor is the same, the force is a share of it."""
    plain, soft = loop(weights(0.0, -9.0)), loop(weights(1000.0, -90.0))
    for fast in (plain, soft):
        run(fast, 300)
        run(fast, 30, start=300, way_m=0.1)
    share = soft.reflex.share
    assert soft.level is ReflexLevel.SLOW and share < 1.0
    law, full = soft.impedance.cartesian, plain.impedance.cartesian
    pulls = [
        abs(one.schedule.K[0, 0] * (one.reference.position - HOME[:3, 3])[0])
        for one in (law, full)
    ]
    assert law.wrench[0] == pytest.approx(share * pulls[0], rel=0.05)
    assert full.wrench[0] == pytest.approx(pulls[1], rel=0.05)


def test_motion_in_joint_space_is_left_to_the_rules(weights):
    fast = loop(weights(0.0, 9.0))  # danger whatever is asked
    _, levels = run(fast, 400, mode=ArmMode.JOINT)
    assert levels[-1] is ReflexLevel.NOMINAL
    _, levels = run(fast, 100, start=400)
    assert levels[-1] is ReflexLevel.HOLD


def test_what_was_never_seen_in_training_is_held(weights):
    fast = loop(weights(0.0, -5.0, strange_max=1e-6))
    _, levels = run(fast, 400)
    assert levels[-1] is ReflexLevel.HOLD
    assert fast.reflex.cause.name == "never seen in training"


def test_a_robot_without_an_arm_has_nothing_to_judge(weights):
    zero = np.zeros(0)
    limits = BodyLimits(
        q_min=zero, q_max=zero, dq_max=zero, effort_max=zero, effort_rate_max=zero,
        twist_max=np.array([0.7, 1.5]), accel_max=np.array([1.0, 3.0]), radius_m=0.27,
    )  # fmt: skip
    critic = CriticConfig(enabled=True, weights=weights(0.0, -5.0))
    config = FastConfig(reflex=ReflexConfig(critic=critic))
    with pytest.raises(ConfigError, match="without an arm"):
        FastLoop(config, arm_dynamics(), limits)


def test_damaged_weights_stop_the_start_not_the_guard(weights):
    path = weights(0.0, -5.0)
    with open(path, "r+b") as file:
        file.seek(200)
        file.write(b"\xff")
    with pytest.raises(ModelFileError, match="damaged"):
        loop(path)


def side_by_side(path, into_m, felt_n=5.0, ticks=300):
    """Critic alone and with its policy in the same states; both loops at every tick."""
    pair = [loop(path), loop(path, recovers=True)]
    for tick in range(600 + ticks):
        way = {"way_m": 0.1, "into_m": into_m} if tick >= 300 else {}
        for fast in pair:
            if tick % 50 == 0:
                fast.set_target(target(tick * DT, **way))
        felt = felt_n if tick >= 300 else 5.0
        commands = [fast.tick(state(tick * DT, felt)) for fast in pair]
        yield pair, commands


@pytest.mark.parametrize("bias", [-10.0, -40.0])  # held, slowed
def test_with_the_recovery_policy_it_is_never_less_safe_than_without(weights, bias):
    path, acted, pushes = weights(1000.0, bias, feature=INTO), 0, []
    for (alone, both), (a, b) in side_by_side(path, 0.05):
        assert both.level is alone.level and both.reflex.share <= alone.reflex.share
        np.testing.assert_array_equal(a.twist_base, b.twist_base)
        assert (np.abs(b.effort) <= LIMITS.effort_max).all()
        into, usual = (-f.impedance.cartesian.wrench[1] for f in (both, alone))
        assert into <= max(usual, 0.0) + 1e-6
        pushes.append(into)
        acted += both.reflex.critic.back > 0.0
    assert acted > 100 and both.faults == 0
    assert min(pushes) == pytest.approx(-3.0, abs=0.1)


def test_where_a_rule_leads_the_arm_the_policy_has_no_say(weights):
    reached, path = False, weights(1000.0, -10.0, feature=INTO)
    for (_, both), _ in side_by_side(path, 0.05, felt_n=28.0):
        if both.reflex.rules_level >= ReflexLevel.HOLD:
            reached = True
            assert both.impedance.cartesian.back_off.share == 0.0
    assert reached


def test_a_policy_that_turns_bad_changes_nothing(weights):
    for tick, ((_, both), commands) in enumerate(
        side_by_side(weights(1000.0, -40.0, feature=INTO), 0.05, ticks=100)
    ):
        if tick == 0:
            both.reflex.critic.recovery._b[-1][:] = np.nan
        a, b = (command.effort for command in commands)
        np.testing.assert_array_equal(a, b)
    assert both.reflex.share < 1.0


def test_without_the_policy_in_the_file_it_is_not_switched_on(weights, tmp_path):
    from neural_brain.models.weights import load_weights

    tensors, card = load_weights(weights(0.0, -5.0), name="reflex", version=2)
    some = {k: v for k, v in tensors.items() if not k.startswith("recovery")}
    path = tmp_path / "old.safetensors"
    save_weights(path, some, card)
    assert loop(str(path)).reflex.critic.recovery is None
    with pytest.raises(ModelFileError, match="train reflex"):
        loop(str(path), recovers=True)
