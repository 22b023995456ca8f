"""Contacts of the forearm, which the wrist's sensor hardly feels: with and without.

The hand moves 0.2 m in a random direction, and on its way the elbow side of the forearm
meets a spring of random stiffness. The same contact is run with the force reflex of
the wrist alone and with the joints' momentum observer beside it. Free motions, also
with a payload that the model does not know, count how often the observer cries wolf.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.impact_rig import (
    AFTER_TICKS,
    SETTLE_TICKS,
    WAY_M,
    Impact,
    SoftWall,
    build_body,
    effort_command,
    hand_target,
    home_pose,
    wake,
)
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.reflex import (
    ArmContactConfig,
    ForceConfig,
    GuardConfig,
    ReflexConfig,
)
from neural_brain.models.signals import ReflexLevel
from neural_brain.robots import arm_dynamics
from neural_brain.sim.physics import TICK_S

HELP = "contacts of the forearm: felt by wrist alone, or by the joints, too"
FIRST_SEED = 4800
SEEDS = 10
LINK = "robot/link5"
LIMIT_N = ForceConfig().limit_n
LASTING_TICKS = 100
UNKNOWN_KG = 0.3  # payload that the model does not know


@dataclass(frozen=True, kw_only=True)
class Run:
    """Contact force (t,) [N], way (t, 3) [m] of the link, whether a reflex acted."""

    force_n: Array
    way: Array
    acted: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--contacts", type=int, default=60, help="random contacts")


def run(args: argparse.Namespace) -> list[Metric]:
    """Hit things with the forearm, print and write the result."""
    rows: dict[str, list[Run]] = {"wrist": [], "joints": []}
    free: list[Run] = []
    strange: list[Run] = []
    for impact in tqdm(draw(max(args.contacts, SEEDS)), desc="contacts"):
        air = swing(impact, joints=True)
        free.append(air)
        strange.append(swing(impact, joints=True, unknown_kg=UNKNOWN_KG))
        wall = in_the_way(impact, air)
        for name, runs in rows.items():
            runs.append(swing(impact, joints=name == "joints", wall=wall))
    metrics = summarise(rows, free, strange)
    print(table(metrics))
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    about = (
        f"unknown payload {UNKNOWN_KG} kg; forces are those of an ideal spring at the "
        "origin of the fifth link; shoves by people are not in here"
    )
    path = write_result(
        "reflex-forearm", metrics, seeds=seeds, out=args.out, notes={"about": about}
    )
    print(f"\nWritten to {path}")
    return metrics


def draw(count: int) -> list[Impact]:
    """Random motions, an equal share of each seed."""
    impacts = []
    for k in range(count):
        rng = np.random.default_rng([FIRST_SEED + k % SEEDS, k])
        way = rng.normal(size=3)
        impacts.append(
            Impact(
                direction=way / np.linalg.norm(way),
                speed_m_s=float(rng.uniform(0.05, 0.4)),
                gap_m=np.inf,
                stiffness_n_m=float(10.0 ** rng.uniform(3.0, 5.0)),
                payload_kg=float(rng.choice([0.0, 1.0, 2.0])),
                latency_s=float(rng.uniform(0.0, 0.02)),
                seed=k,
            )
        )
    return impacts


def in_the_way(impact: Impact, air: Run) -> Impact:
    """A wall across the way of the link, where it is half done in free air."""
    moved = np.linalg.norm(air.way - air.way[SETTLE_TICKS], axis=1)
    half = int(np.argmax(moved > 0.5 * moved.max()))
    way = air.way[half] - air.way[max(half - 20, 0)]
    way = way / np.linalg.norm(way)
    gap = float((air.way[half] - air.way[0]).dot(way))
    return replace(impact, direction=way, gap_m=gap)


def swing(
    impact: Impact,
    *,
    joints: bool,
    wall: Impact | None = None,
    unknown_kg: float = 0.0,
) -> Run:
    """One motion of the hand, with or without a wall in the way of the link."""
    body = build_body(replace(impact, payload_kg=impact.payload_kg + unknown_kg))
    wake(body)
    data = body.simulation.data
    link = data.xpos[body.simulation.model.body(LINK).id]
    spring = None if wall is None else SoftWall(body.simulation, wall, LINK)
    config = ReflexConfig(
        arm=ArmContactConfig(enabled=joints), guards=GuardConfig(lidar_required=False)
    )
    fast = FastLoop(
        FastConfig(reflex=config), arm_dynamics(impact.payload_kg), body.limits
    )
    home = home_pose(impact.payload_kg)
    forces, ways, acted = [], [], False
    for tick in range(SETTLE_TICKS + _ticks(impact) + AFTER_TICKS):
        state = body.read()
        if tick % 50 == 0:
            done = impact.speed_m_s * max(tick - SETTLE_TICKS, 0) * TICK_S
            T = home.copy()
            T[:3, 3] += min(done, WAY_M) * impact.direction
            fast.set_target(hand_target(T, state.stamp))
        effort = fast.tick(state).effort
        acted |= tick > SETTLE_TICKS and fast.level >= ReflexLevel.HOLD
        body.write(effort_command(state.stamp, effort))
        body.advance()
        forces.append(0.0 if spring is None else spring.force_n)
        ways.append(link.copy())
    return Run(force_n=np.array(forces), way=np.array(ways), acted=acted)


def _ticks(impact: Impact) -> int:
    return round(WAY_M / impact.speed_m_s / TICK_S)


def summarise(
    rows: dict[str, list[Run]], free: Sequence[Run], strange: Sequence[Run]
) -> list[Metric]:
    """The joints' figures with those of the wrist alone as baseline."""

    def pair(name: str, unit: str, values: dict[str, list[float]], goal: str) -> Metric:
        others = {"wrist alone": float(np.mean(values["wrist"]))}
        return mean_metric(name, values["joints"], unit, goal=goal, baseline=others)

    peak = {key: [float(r.force_n.max()) for r in runs] for key, runs in rows.items()}
    lasting = {
        key: [float(r.force_n[-LASTING_TICKS:].mean()) for r in runs]
        for key, runs in rows.items()
    }
    felt = {key: [float(r.acted) for r in runs] for key, runs in rows.items()}
    below = {
        key: [float(value <= LIMIT_N) for value in values]
        for key, values in peak.items()
    }
    half = 0.5 * float(np.mean(lasting["wrist"]))
    return [
        pair("peak force", "N", peak, f"< {np.mean(peak['wrist']):.5g}"),
        pair("force that stays", "N", lasting, f"< {half:.5g}"),
        pair(f"contacts below {LIMIT_N:.0f} N", "", below, ""),
        pair("contacts felt", "", felt, ">= 0.8"),
        mean_metric(
            "free motions not interrupted",
            [float(not r.acted) for r in free],
            "",
            goal=">= 0.99",
        ),
        mean_metric(
            f"free motions not interrupted, {UNKNOWN_KG:g} kg too much",
            [float(not r.acted) for r in strange],
            "",
            goal=">= 0.95",
        ),
    ]
