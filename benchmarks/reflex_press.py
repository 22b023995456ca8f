"""Pressing with a fixed spring and with a variable one.

The press skill presses things of 1e3 to 1e5 N/m whose place it knows to 3 cm only: with
its fixed stiffness, and with the rule that is soft and becomes stiffer while the hand
is held up. The same things, places and errors for both.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.impact_rig import Impact, SoftWall
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.geometry import Array
from neural_brain.models.motion import (
    InverseKinematics,
    Phase,
    PressConfig,
    PressSkill,
    ReachConfig,
    ReachPlanner,
)
from neural_brain.models.signals import ArmMode, ReflexLevel
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.guarded_arm import GuardedArm, GuardedArmConfig
from neural_brain.sim.button import BUTTON_HIGH, BUTTON_LOW
from neural_brain.sim.robots import READY

HELP = "pressing soft and hard things: fixed against variable stiffness"
FIRST_SEED = 5300
SIZE_M = np.array([0.08, 0.08, 0.05])
ERROR_M, LONGEST_S, HELD_S, HELD_SHARE, LIMIT_N = 0.03, 30.0, 0.3, 0.8, 65.0
DOWN = np.array([0.0, 0.0, -1.0])


@dataclass(frozen=True, kw_only=True)
class Press:
    """How a press went.

    `success`: the skill says so, 80 % of the wanted force was there for 0.3 s, and no
    force was over 65 N. `peak_n`, `off_n`: largest force [N], and how far it is from
    the wanted one. `touch_s`: from the start of the approach to the full force.
    `retreats`: whether the reflex acted.
    """

    success: bool
    peak_n: float
    off_n: float
    touch_s: float
    retreats: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--presses", type=int, default=20, help="things to press")


def run(args: argparse.Namespace) -> list[Metric]:
    """Press all things in both ways, print and write the result."""
    seeds = range(FIRST_SEED, FIRST_SEED + max(args.presses, 1))
    found: dict[bool, list[Press]] = {False: [], True: []}
    for seed in tqdm(seeds, desc="presses"):
        for variable, presses in found.items():
            presses.append(press(seed, PressConfig(variable_stiffness=variable)))
    metrics = summarise(found[False], found[True])
    print(table(metrics))
    about = (
        "the rows are the fixed stiffness, the default; the variable one stands beside"
        " it; simulated contacts, no claim for a real robot"
    )
    path = write_result(
        "reflex-press", metrics, seeds=seeds, out=args.out, notes={"about": about}
    )
    print(f"\nWritten to {path}")
    return metrics


def summarise(fixed: list[Press], variable: list[Press]) -> list[Metric]:
    """The fixed stiffness beside the variable one."""

    def mean(name: str, field: str, unit: str) -> Metric:
        values, others = (
            [float(getattr(p, field)) for p in found] for found in (fixed, variable)
        )
        beside = {"variable": float(np.mean(others))}
        goal = ">= 0.95" if field == "success" else ""
        return mean_metric(name, values, unit, goal=goal, baseline=beside)

    return [
        mean("success", "success", ""),
        mean("peak force", "peak_n", "N"),
        mean("peak force off the wanted one", "off_n", "N"),
        mean("from approach to full force", "touch_s", "s"),
        mean("reflex acted", "retreats", ""),
    ]


def press(seed: int, config: PressConfig) -> Press:
    """Press one thing: a half-space of random stiffness and height."""
    rng = np.random.default_rng(seed)
    stiffness = float(10.0 ** rng.uniform(3.0, 5.0))
    error = float(rng.uniform(-ERROR_M, ERROR_M))
    top: Array = rng.uniform(BUTTON_LOW, BUTTON_HIGH)
    arm = GuardedArm(GuardedArmConfig(), seed)
    wall = SoftWall(arm.simulation, _face(arm, float(top[2]), stiffness, seed))
    forces: list[float] = []
    arm.simulation.hooks.append(lambda: forces.append(wall.force_n))
    skill = _skill(arm, config)
    believed = top + error * np.array([0.0, 0.0, 1.0]) - [0.0, 0.0, 0.5 * SIZE_M[2]]
    skill.start(arm.state.q, believed, SIZE_M, False)
    touch_s, acted = _play(arm, skill)
    arm.close()
    force = np.array(forces)
    held_s = 1e-3 * float((force >= HELD_SHARE * config.press_n).sum())
    peak_n = float(force.max(initial=0.0))
    return Press(
        success=skill.success and held_s >= HELD_S and peak_n <= LIMIT_N,
        peak_n=peak_n,
        off_n=abs(peak_n - config.press_n),
        touch_s=touch_s,
        retreats=acted,
    )


def _play(arm: GuardedArm, skill: PressSkill) -> tuple[float, bool]:
    """To the end of the skill: time from approach to full force [s], reflex acted."""
    dt = 1.0 / arm.config.rate_hz
    touch_s, acted = 0.0, False
    for _ in range(round(LONGEST_S / dt)):
        if skill.phase is Phase.OVER:
            break
        touch_s += dt * (skill.phase in (Phase.APPROACH, Phase.CONTACT))
        command = skill.step(arm.state.stamp, arm.state, dt)
        target = arm.target(command.q)
        if command.anchor is not None and command.stiffness is not None:
            target = replace(
                target,
                mode=ArmMode.CARTESIAN,
                T_base_ee=command.anchor,
                stiffness=command.stiffness,
            )
        arm.send(target)
        acted |= arm.level >= ReflexLevel.RETRACT
    return touch_s, acted


def _skill(arm: GuardedArm, config: PressConfig) -> PressSkill:
    kinematics = InverseKinematics(arm_dynamics(), arm.limits)
    planner = ReachPlanner(ReachConfig(), kinematics, READY)
    return PressSkill(config, planner, kinematics, READY[None, :].copy())


def _face(arm: GuardedArm, height_m: float, stiffness: float, seed: int) -> Impact:
    tip = float(arm.simulation.truth.T_world_ee()[2, 3])
    return Impact(
        direction=DOWN,
        speed_m_s=0.0,
        gap_m=tip - height_m,
        stiffness_n_m=stiffness,
        payload_kg=0.0,
        latency_s=0.0,
        seed=seed,
        contact=True,
    )
