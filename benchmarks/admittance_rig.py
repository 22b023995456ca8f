"""The same arm with torque motors or with servos, pressing, hitting, and in the air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.benchmarks.engines import add_loaded_arm, blind
from neural_brain.benchmarks.impact_rig import (
    SETTLE_TICKS,
    STIFFNESS,
    Impact,
    SoftWall,
    hand_target,
    home_pose,
    wake,
)
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import (
    AdmittanceConfig,
    least_mass,
    virtual_dynamics,
)
from neural_brain.models.reflex import GuardConfig, ReflexConfig
from neural_brain.robots import (
    AdmittanceBody,
    MujocoBody,
    ServoBody,
    ServoConfig,
    add_servos,
    arm_dynamics,
)
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots import READY, panda
from neural_brain.sim.sensors import WrenchConfig
from neural_brain.sim.simulation import Simulation

TARGET_TICKS = 50
K_N_M = float(STIFFNESS[0, 0])
Path = Callable[[float], Array]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One thing to do with the hand.

    Attributes:
        path: pose (4, 4) of the hand at a time [s], in `base_link`. seconds: of it.
        wall: what is in the way, or None.
        contact: whether touching is intended.
        delay_s: of the servos' bus. sensor_s: of the wrist sensor. seed: of sensors.
    """

    path: Path
    seconds: float
    wall: Impact | None
    contact: bool
    delay_s: float
    sensor_s: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class Course:
    """What happened, at every tick: force [N] (t,), wanted and true hand (t, 3) [m]."""

    force_n: Array
    wanted: Array
    hand: Array


def admittance_config(variant: str, lag_s: float) -> AdmittanceConfig:
    """What a variant knows: the lag, but not how stiff the thing is that it touches."""
    usual = AdmittanceConfig(delay_s=lag_s)
    if variant == "no contact damping":
        return AdmittanceConfig(contact_n_m=0.0, delay_s=lag_s)
    if variant == "mass instead":
        mass = least_mass(usual.contact_n_m, lag_s, stiffness_n_m=K_N_M)
        return AdmittanceConfig(
            contact_n_m=0.0, delay_s=lag_s, mass_kg=min(mass, 200.0)
        )
    return usual


def perform(variant: str, trial: Trial) -> Course:
    """Do a trial with a kind of arm and control.

    Args:
        variant: "torque", "position", "velocity", "no contact damping", "mass instead"
            or "stiff position", which feels nothing.
        trial: what to do.
    """
    servo = ServoConfig(
        command="velocity" if variant == "velocity" else "position",
        delay_s=trial.delay_s,
    )
    lag_s = servo.lag_s + trial.sensor_s + 2.0 * TICK_S
    config = FastConfig(
        reflex=ReflexConfig(guards=GuardConfig(lidar_required=False)),
        admittance=admittance_config(variant, lag_s),
    )
    sensors = blind(WrenchConfig(delay_s=trial.sensor_s))
    spec = mujoco.MjSpec()
    add_loaded_arm(spec, 0.0)
    body: MujocoBody | AdmittanceBody[ServoBody]
    if variant == "torque":
        robot = body = MujocoBody(
            Simulation(spec.compile()), sensors, seed=trial.seed, posture=READY
        )
        dynamics = arm_dynamics()
    else:
        add_servos(spec, servo, panda.EFFORT_MAX)
        robot = ServoBody(
            Simulation(spec.compile()), servo, sensors, seed=trial.seed, posture=READY
        )
        feels = variant != "stiff position"
        body = AdmittanceBody(robot, config, arm_dynamics(), feels=feels)
        dynamics = virtual_dynamics(arm_dynamics(), config.admittance)
    return _run(robot, body, FastLoop(config, dynamics, body.limits), trial)


def _run(
    robot: MujocoBody,
    body: MujocoBody | AdmittanceBody[ServoBody],
    loop: FastLoop,
    trial: Trial,
) -> Course:
    wake(robot)
    wall = SoftWall(robot.simulation, trial.wall) if trial.wall is not None else None
    rows: list[tuple[float, Array, Array]] = []
    for tick in range(SETTLE_TICKS + round(trial.seconds / TICK_S)):
        state, t = body.read(), max(tick - SETTLE_TICKS, 0) * TICK_S
        if tick % TARGET_TICKS == 0:
            target = hand_target(trial.path(t), state.stamp, contact=trial.contact)
            loop.set_target(target)
        body.write(loop.tick(state))
        robot.advance()
        if tick >= SETTLE_TICKS:
            hand = robot.simulation.truth.T_world_ee()[:3, 3].copy()
            force = wall.force_n if wall is not None else 0.0
            rows.append((force, trial.path(t)[:3, 3], hand))
    robot.close()
    force_n, wanted, hand = (np.array(column) for column in zip(*rows, strict=True))
    return Course(force_n=force_n, wanted=wanted, hand=hand)


def draw_trials(seed: int) -> dict[str, Trial]:
    """A soft and a hard press, an unexpected hit and a path in the air."""
    rng = np.random.default_rng(seed)
    home = home_pose(0.0)
    trials = {}
    for name, low, high in (("soft press", 3.0, 4.0), ("hard press", 4.0, 5.0)):
        stiffness = float(10.0 ** rng.uniform(low, high))
        force, speed = float(rng.uniform(6.0, 14.0)), float(rng.uniform(0.02, 0.06))
        gap = 0.02
        way = gap + force / K_N_M + force / stiffness
        wall = _wall(rng, speed, gap, stiffness, seed, contact=True)
        trials[name] = _trial(
            rng, _line(home, wall.direction, way, speed), way / speed + 1.2, wall, seed
        )
    speed = float(rng.uniform(0.05, 0.13))
    stiffness = float(10.0 ** rng.uniform(3.0, 5.0))
    wall = _wall(rng, speed, 0.03, stiffness, seed, contact=False)
    path = _line(home, wall.direction, 0.12, speed)
    trials["hit"] = _trial(rng, path, 0.03 / speed + 0.6, wall, seed)
    size, rate = float(rng.uniform(0.02, 0.05)), 2.0 * np.pi * rng.uniform(0.2, 0.4)
    axis = _unit(rng)
    trials["air"] = _trial(rng, _sway(home, axis, size, rate), 2.5, None, seed)
    return trials


def _trial(
    rng: np.random.Generator,
    path: Path,
    seconds: float,
    wall: Impact | None,
    seed: int,
) -> Trial:
    return Trial(
        path=path,
        seconds=seconds,
        wall=wall,
        contact=wall is not None and wall.contact,
        delay_s=TICK_S * int(rng.integers(0, 21)),
        sensor_s=TICK_S * int(rng.integers(0, 4)),
        seed=seed,
    )


def _wall(
    rng: np.random.Generator,
    speed: float,
    gap: float,
    stiffness: float,
    seed: int,
    *,
    contact: bool,
) -> Impact:
    return Impact(
        direction=_unit(rng),
        speed_m_s=speed,
        gap_m=gap,
        stiffness_n_m=stiffness,
        payload_kg=0.0,
        latency_s=0.0,
        seed=seed,
        contact=contact,
    )


def _unit(rng: np.random.Generator) -> Array:
    way = rng.standard_normal(3)
    return np.asarray(way / np.linalg.norm(way))


def _line(home: Array, way: Array, length: float, speed: float) -> Path:
    def path(t: float) -> Array:
        T = home.copy()
        T[:3, 3] += min(speed * t, length) * way
        return T

    return path


def _sway(home: Array, axis: Array, size: float, rate: float) -> Path:
    def path(t: float) -> Array:
        T = home.copy()
        T[:3, 3] += min(2.0 * t, 1.0) * size * np.sin(rate * t) * axis
        return T

    return path
