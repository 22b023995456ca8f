"""Targets behind planes and inside the robot itself: no rule, freezing, and ours.

An episode has three parts: a target that is allowed, one that is not (the hand behind a
random plane, or a posture in which the arm would be inside its own robot), and the way
back. Freezing is usual practice: what is inside the margin holds softly where it is.
Speeds are higher than the defaults and the energy tank is wide open, so that nothing
but the rule holds the arm. Gaps are those of the balls that cover the arm.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.engines import add_loaded_arm, blind, on_mujoco
from neural_brain.benchmarks.impact_rig import hand_target, wake
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import (
    Cause,
    GuardConfig,
    ReflexConfig,
    WorkspaceConfig,
)
from neural_brain.models.reflex.gaps import Gaps
from neural_brain.models.signals import (
    ArmDynamics,
    ArmMode,
    ArmShape,
    BodyLimits,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.robots import arm_dynamics
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots import READY

HELP = "targets behind planes and inside the robot: no rule, freezing, ours"
FIRST_SEED, SEEDS = 5300, 10
OURS, NONE, FREEZE = "ours", "no rule", "freeze inside the margin"
VARIANTS = (OURS, NONE, FREEZE)
PARTS_S = (2.0, 2.5, 3.0)
MARGIN_M = 0.01
NEAR_M, NEAR_RAD = 0.01, 0.05
CROSSED_M = 1e-4


@dataclass(frozen=True, kw_only=True)
class Episode:
    """What is watched, and three targets: allowed, forbidden, the start again.

    Targets are poses (4, 4) of the hand, or joint positions (n,).
    """

    kind: str
    watch: WorkspaceConfig
    targets: tuple[Array, Array, Array]
    speed_m_s: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What happened.

    Attributes:
        crossed_mm: deepest crossing. margin_mm: deepest in the margin.
        allowed_s, back_s: time to the allowed target and back; the limit if not.
        looks: share of ticks in which the rule computed gaps.
    """

    crossed_mm: float
    margin_mm: float
    allowed_s: float
    back_s: float
    looks: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument(
        "--episodes", type=int, default=20, help="of each kind, 10 seeds at least"
    )


def run(args: argparse.Namespace) -> list[Metric]:
    """Run all episodes with all variants, print and write the result."""
    shape, rows = arm_dynamics(kind="arm").shape(), []
    episodes = [
        draw(kind, FIRST_SEED + k % SEEDS, k, shape)
        for kind in ("plane", "self")
        for k in range(max(args.episodes, SEEDS))
    ]
    for episode in tqdm(episodes, desc="episodes"):
        rows.append({name: play(episode, name) for name in VARIANTS})
    metrics: list[Metric] = []
    for kind in ("plane", "self"):
        chosen = [r for r, e in zip(rows, episodes, strict=True) if e.kind == kind]
        metrics += summarise(chosen, "planes" if kind == "plane" else "self-distance")
    print(table(metrics))
    about = (
        f"margin {1000 * MARGIN_M:.0f} mm; hand 0.2 to 0.6 m/s, Franka-like arm in "
        "MuJoCo; crossing is that of the plane or the surface itself, not the margin"
    )
    path = write_result(
        "reflex-workspace",
        metrics,
        seeds=range(FIRST_SEED, FIRST_SEED + SEEDS),
        out=args.out,
        notes={"about": about},
    )
    print(f"\nWritten to {path}")
    return metrics


def draw(kind: str, seed: int, number: int, shape: ArmShape) -> Episode:
    """A random episode that begins outside all margins."""
    rng = np.random.default_rng([seed, number])
    speed = float(rng.uniform(0.2, 0.6))
    if kind == "self":
        watch = WorkspaceConfig(self_distance=True, self_margin_m=MARGIN_M)
        gaps = Gaps(watch, shape, 1)
        allowed = _posture(rng, gaps, 0.4, (0.03, np.inf))
        forbidden = _posture(rng, gaps, 1.0, (-np.inf, -0.03))
        targets = (allowed, forbidden, READY.copy())
        return Episode(
            kind=kind, watch=watch, targets=targets, speed_m_s=speed, seed=number
        )
    arm = arm_dynamics(kind="arm")
    arm.update(READY, np.zeros(READY.size))
    home = arm.T_base_ee.copy()
    shape.update(READY)
    way = rng.normal(size=3)
    way /= np.linalg.norm(way)
    high = (shape.center @ way + shape.radius)[shape.link >= 3].max()
    room = float(rng.uniform(0.03, 0.1))
    plane = (*(-way).tolist(), -float(high) - room - MARGIN_M)
    near, behind = home.copy(), home.copy()
    near[:3, 3] += (room - 0.01) * way
    behind[:3, 3] += (room + float(rng.uniform(0.1, 0.3))) * way
    return Episode(
        kind=kind,
        watch=WorkspaceConfig(planes=(plane,), margin_m=MARGIN_M),
        targets=(near, behind, home),
        speed_m_s=speed,
        seed=number,
    )


def _posture(
    rng: np.random.Generator, gaps: Gaps, spread: float, allowed: tuple[float, float]
) -> Array:
    """Joint positions around the start whose smallest gap lies in a range [m]."""
    limits = blind_limits()
    while True:
        q = READY + rng.normal(scale=spread, size=READY.size)
        q = np.clip(q, limits.q_min + 0.1, limits.q_max - 0.1)
        if allowed[0] < gap_at(gaps, q) < allowed[1]:
            return np.asarray(q)


def blind_limits() -> BodyLimits:
    """Limits of the arm."""
    spec = mujoco.MjSpec()
    add_loaded_arm(spec, 0.0)
    return on_mujoco(spec.compile(), blind(), seed=0).limits


def gap_at(gaps: Gaps, q: Array) -> float:
    """Smallest gap [m] at joint positions (n,), computed anew."""
    gaps.forget()
    gaps.place(q)
    gaps.look(q, 0.0)
    return gaps.least(q)


def play(episode: Episode, variant: str) -> Outcome:
    """One episode with one variant."""
    spec = mujoco.MjSpec()
    add_loaded_arm(spec, 0.0)
    body = on_mujoco(spec.compile(), blind(), seed=episode.seed)
    wake(body)
    workspace = episode.watch if variant == OURS else WorkspaceConfig()
    fast = FastLoop(
        FastConfig(
            impedance=ImpedanceConfig(
                speed_m_s=episode.speed_m_s,
                tank_start_j=100.0,
                tank_max_j=100.0,
                impact_stiffness_n_m=0.0,
            ),
            reflex=ReflexConfig(
                guards=GuardConfig(lidar_required=False), workspace=workspace
            ),
        ),
        arm_dynamics(kind="arm"),
        body.limits,
    )
    gaps = Gaps(episode.watch, arm_dynamics(kind="arm").shape(), 1)
    arm = arm_dynamics(kind="arm")
    least, took = np.inf, list(PARTS_S)
    for part, seconds in enumerate(PARTS_S):
        goal, reached = episode.targets[part], False
        for tick in range(round(seconds / TICK_S)):
            state = body.read()
            gap = gap_at(gaps, state.q)
            least = min(least, gap)
            if variant == FREEZE and gap < 0.0:
                fast.reflex.demand(Cause(ReflexLevel.HOLD, "inside the margin"))
            if tick % 50 == 0:
                fast.set_target(target(goal, state.stamp))
            body.write(fast.tick(state))
            body.advance()
            if not reached and tick % 10 == 0 and is_there(arm, state.q, goal):
                reached, took[part] = True, tick * TICK_S
    places = fast.reflex.places
    return Outcome(
        crossed_mm=1000.0 * max(-(least + MARGIN_M), 0.0),
        margin_mm=1000.0 * max(-least, 0.0),
        allowed_s=took[0],
        back_s=took[2],
        looks=0.0 if places is None else places.looks / fast.reflex.ticks,
    )


def target(goal: Array, stamp: float) -> MotionTarget:
    """The hand at a pose (4, 4), or the joints at positions (n,)."""
    if goal.ndim == 2:
        return hand_target(goal, stamp)
    return MotionTarget(
        stamp=stamp,
        twist_base=np.zeros(2),
        mode=ArmMode.JOINT,
        q_target=goal,
        T_base_ee=np.eye(4),
        stiffness=np.eye(6),
        wrench_ff=np.zeros(6),
        contact=False,
        head=np.zeros(2),
        gripper_m=0.0,
    )


def is_there(arm: ArmDynamics, q: Array, goal: Array) -> bool:
    """Whether hand or joints are where they should be."""
    if goal.ndim == 1:
        return bool(np.abs(q - goal).max() < NEAR_RAD)
    arm.update(q, np.zeros(q.size))
    return bool(np.linalg.norm(arm.T_base_ee[:3, 3] - goal[:3, 3]) < NEAR_M)


def summarise(rows: list[dict[str, Outcome]], what: str) -> list[Metric]:
    """Our figures with those of the others as baselines."""

    def metric(
        name: str, unit: str, read: Callable[[Outcome], float], goal: str = ""
    ) -> Metric:
        values = {v: [float(read(row[v])) for row in rows] for v in VARIANTS}
        others = {v: float(np.mean(values[v])) for v in VARIANTS if v != OURS}
        return mean_metric(
            f"{name}, {what}", values[OURS], unit, goal=goal, baseline=others
        )

    free = "episodes without crossing"
    limit = PARTS_S[2]
    worst = {v: max(row[v].crossed_mm for row in rows) for v in VARIANTS}
    entered = {v: max(row[v].margin_mm for row in rows) for v in VARIANTS}
    return [
        metric(free, "", lambda r: r.crossed_mm < 1000.0 * CROSSED_M, ">= 1"),
        _worst(f"worst crossing, {what}", worst, len(rows), "<= 0"),
        _worst(f"deepest in the margin, {what}", entered, len(rows), "<= 2"),
        metric("time to the allowed target", "s", lambda r: r.allowed_s),
        metric("episodes that came back", "", lambda r: r.back_s < limit, ">= 1"),
        metric("time back", "s", lambda r: r.back_s),
        mean_metric(
            f"ticks in which gaps are computed, {what}",
            [row[OURS].looks for row in rows],
            "",
        ),
    ]


def _worst(name: str, values: dict[str, float], count: int, goal: str) -> Metric:
    others = {key: value for key, value in values.items() if key != OURS}
    ours = values[OURS]
    return Metric(
        name=name,
        value=ours,
        low=ours,
        high=ours,
        unit="mm",
        n=count,
        baseline=others,
        goal=goal,
    )
