"""Body states, commands, targets and scans for the tests of this folder."""

import types

import numpy as np
import pytest

from neural_brain.models.reflex import (
    FEATURES,
    FIRST_ACTION,
    CriticConfig,
    LadderConfig,
    RecoveryNet,
    RiskNet,
)
from neural_brain.models.reflex.critic import SafetyCritic
from neural_brain.models.signals import (
    ArmMode,
    BodyCommand,
    BodyLimits,
    BodyState,
    LaserScan,
    MotionTarget,
)

LIMITS = BodyLimits(
    q_min=-np.array([2.8, 1.7, 2.8, 3.0]), q_max=np.array([2.8, 1.7, 2.8, -0.1]),
    dq_max=np.full(4, 2.0), effort_max=np.array([80.0, 80.0, 12.0, 12.0]),
    effort_rate_max=np.full(4, 1000.0), twist_max=np.array([0.7, 1.5]),
    accel_max=np.array([1.0, 3.0]), radius_m=0.27,
)  # fmt: skip


def body(stamp=0.0, **changes):
    values = dict(
        stamp=stamp, q=np.array([0.1, -0.2, 0.3, -1.5]), dq=np.zeros(4),
        effort=np.zeros(4), twist_base=np.zeros(2), pose_odom_base=np.zeros(3),
        wrench_ee=np.zeros(6), bumper=np.zeros(8, bool), gyro=np.zeros(3),
        accel=np.zeros(3), head=np.zeros(2), gripper_m=0.0, battery=1.0,
    )  # fmt: skip
    return BodyState(**{**values, **changes})


def command(stamp=0.0, effort=(0, 0, 0, 0), twist=(0, 0)):
    return BodyCommand(
        stamp=stamp, effort=np.array(effort, float), twist_base=np.array(twist, float),
        head=np.zeros(2), gripper_m=0.02,
    )  # fmt: skip


def target(stamp=0.0, **changes):
    values = dict(
        stamp=stamp, twist_base=np.zeros(2), mode=ArmMode.JOINT,
        q_target=np.array([0.1, -0.2, 0.3, -1.5]), T_base_ee=np.eye(4),
        stiffness=np.diag([300.0] * 3 + [30.0] * 3), wrench_ff=np.zeros(6),
        contact=False, head=np.zeros(2), gripper_m=0.0,
    )  # fmt: skip
    return MotionTarget(**{**values, **changes})


def scan(stamp=0.0, ranges=None, beams=360):
    ranges = np.full(beams, np.inf) if ranges is None else np.asarray(ranges, float)
    return LaserScan(
        stamp=stamp, angle_min=-np.pi, angle_increment=2 * np.pi / ranges.size,
        range_min=0.1, range_max=10.0, ranges=ranges, pose_base_laser=np.zeros(3),
    )  # fmt: skip


def scan_of(points, stamp=0.0, beams=360):
    """A scan that sees the points (k, 2) [m] of `base_link`, and nothing else."""
    ranges = np.full(beams, np.inf)
    for x, y in points:
        beam = round((np.arctan2(y, x) + np.pi) / (2 * np.pi / beams)) % beams
        ranges[beam] = min(ranges[beam], np.hypot(x, y))
    return scan(stamp, ranges)


INPUTS = len(FEATURES)


def tensors(seed=0, inputs=INPUTS, width=8, points=5, risk_max=0.5, strange_max=9.0):
    """Random weights of the right shapes."""
    rng = np.random.default_rng(seed)
    sizes = [inputs, width, width, 1]
    made = {}
    for i in range(3):
        w = rng.normal(size=(2, sizes[i], sizes[i + 1])) / sizes[i] ** 0.5
        made[f"w{i}"], made[f"b{i}"] = w, rng.normal(size=(2, sizes[i + 1]))
    made["input_mean"] = rng.normal(size=inputs)
    made["input_std"] = rng.uniform(0.5, 2.0, inputs)
    made["prototypes"] = rng.normal(size=(points, inputs))
    made["risk_max"], made["strange_max"] = [risk_max], [strange_max]
    return {name: np.asarray(value, np.float32) for name, value in made.items()}


def critic(seed=0, config=None, **kinds):
    """A critic with such weights."""
    net = RiskNet(tensors(seed, **kinds))
    return SafetyCritic(config or CriticConfig(enabled=True), LadderConfig(), net)


def policy_tensors(seed=0, width=8):
    """Random weights of a recovery policy."""
    rng = np.random.default_rng([seed, 1])
    sizes = [FIRST_ACTION, width, width, 2]
    made = {
        "input_mean": rng.normal(size=INPUTS),
        "input_std": rng.uniform(0.5, 2.0, INPUTS),
    }
    for i in range(3):
        w = rng.normal(size=(sizes[i], sizes[i + 1]))
        made[f"recovery_w{i}"] = w / sizes[i] ** 0.5
        made[f"recovery_b{i}"] = rng.normal(size=sizes[i + 1])
    return {name: np.asarray(value, np.float32) for name, value in made.items()}


def policy(seed=0):
    """A recovery policy with such weights."""
    return RecoveryNet(policy_tensors(seed))


def reference(made, x):
    """Risk and strangeness as the equations say, in double precision."""
    z = (x - made["input_mean"].astype(float)) / made["input_std"]
    risks = []
    for i in (0, 1):
        h = z
        for layer in range(3):
            h = h @ made[f"w{layer}"][i].astype(float) + made[f"b{layer}"][i]
            h = np.maximum(h, 0.0) if layer < 2 else h
        risks.append(1.0 / (1.0 + np.exp(-h[0])))
    far = ((z - made["prototypes"]) ** 2).mean(axis=1).min()
    return max(risks), far


@pytest.fixture
def make():
    return types.SimpleNamespace(
        LIMITS=LIMITS, body=body, command=command, target=target, scan=scan,
        scan_of=scan_of,
    )  # fmt: skip


@pytest.fixture(scope="module")
def make_module():
    """The same for tests whose examples share one fixture."""
    return types.SimpleNamespace(
        LIMITS=LIMITS, body=body, command=command, target=target, scan=scan,
        scan_of=scan_of,
    )  # fmt: skip


@pytest.fixture(scope="module")
def critics():
    """Made-up weights and critics, and what the equations say about them."""
    return types.SimpleNamespace(
        tensors=tensors,
        critic=critic,
        reference=reference,
        policy=policy,
        policy_tensors=policy_tensors,
    )
