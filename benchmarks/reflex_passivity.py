"""Energy and overshoot of the hand's spring: our damping, rate limit and tank.

A free rigid body with the effective mass of the arm at random postures is driven by
the package's own Cartesian law. Baselines in the same run: the same law without the
tank, and the usual practice, D = 2 sqrt(K) with a stiffness that jumps and no tank.
The attack stiffens the spring while it pushes and softens it while it brakes, and
moves the target along with the motion. Force and error clips are opened wide, so that
nothing but damping, rate limit and tank holds the body.

A damped body hardly gains by that, with a tank or without. What empties a tank is work
that leaves: the target drags the hand to and fro through a thick fluid. An arm that is
passive gives it no more than the tank's start; with the allowance that is shipped, that
and the allowance times the time.
"""

from __future__ import annotations

import argparse

import numpy as np

from neural_brain.benchmarks.passivity_rig import (
    CONFIG,
    OURS,
    RULE,
    TICK_S,
    VARIANTS,
    FreeBody,
    make,
    posture_mass,
    stiffness,
)
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import EnergyTank, ImpedanceConfig
from neural_brain.models.impedance.cartesian import CartesianLaw

HELP = "arm impedance: energy and overshoot against 2 sqrt(K) and no tank"
FIRST_SEED, SEEDS = 4100, 10
LOW_N_M, HIGH_N_M = 100.0, 1000.0
STEP_M, ESCAPED_J = 0.03, 20.0
SHIPPED = ImpedanceConfig()
DRAG_NS_M, DRAG_M, DRAG_S = 200.0, 0.15, 10.0
"""The fluid, and how far and for how long the hand is dragged through it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--postures", type=int, default=20, help="random postures")
    parser.add_argument("--seconds", type=float, default=4.0, help="an attack [s]")


def run(args: argparse.Namespace) -> list[Metric]:
    """Step, attack, print and write the result."""
    masses = [posture_mass(FIRST_SEED + i) for i in range(max(args.postures, 1))]
    over = {n: [overshoot(n, m) for m in masses] for n in (OURS, RULE)}
    metrics = [
        mean_metric(
            "overshoot of a step",
            over[OURS],
            "%",
            goal="< 1",
            baseline={RULE: float(np.mean(over[RULE]))},
        )
    ]
    for moving in (False, True):
        attacks = {
            name: np.array([attack(name, m, args.seconds, moving) for m in masses])
            for name in VARIANTS
        }
        metrics += attack_metrics(attacks, "target and stiffness" if moving else "K")
    metrics += [drag_metric(masses, CONFIG), drag_metric(masses, SHIPPED)]
    print(table(metrics))
    seeds = range(FIRST_SEED, FIRST_SEED + len(masses))
    notes = {"energy": f"runs end at {ESCAPED_J:.0f} J: a diverged one counts as that"}
    path = write_result(
        "reflex-passivity", metrics, seeds=seeds, out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return metrics


def attack_metrics(attacks: dict[str, Array], what: str) -> list[Metric]:
    """Largest energy beyond the start's, and two ways to see the missing account."""
    columns = (
        ("energy gained", f"<= {CONFIG.tank_start_j}"),
        ("rise of stored and tank energy", "<= 0.001"),
        ("energy overdrawn", "<= 0.001"),
    )
    return [
        mean_metric(
            f"{title}, attack on {what}",
            attacks[OURS][:, i],
            "J",
            goal=goal,
            baseline={
                k: float(v[:, i].mean()) for k, v in attacks.items() if k != OURS
            },
        )
        for i, (title, goal) in enumerate(columns)
    ]


def drag_metric(masses: list[Array], config: ImpedanceConfig) -> Metric:
    """Work on the fluid, and the most that the tank may let through."""
    allowed_w = config.tank_allowance_w
    work = {n: [drag(n, mass, config) for mass in masses] for n in (OURS, "no tank")}
    kind = "passive" if allowed_w == 0.0 else f"as shipped, {allowed_w:g} W"
    return mean_metric(
        f"work on a fluid in {DRAG_S:g} s, {kind}",
        work[OURS],
        "J",
        goal=f"<= {config.tank_start_j + allowed_w * DRAG_S:g}",
        baseline={"no tank": float(np.mean(work["no tank"]))},
    )


def drag(name: str, mass: Array, config: ImpedanceConfig) -> float:
    """Work [J] on a fluid through which the target leads the hand to and fro.

    The body begins at rest at its anchor, so that all of it comes from the controller.
    """
    body, law = make(name, mass, HIGH_N_M, config)
    tank, guarded = EnergyTank(config), VARIANTS[name][1]
    T, work_j = np.eye(4), 0.0
    way, ticks = 1.0, config.refresh_ticks
    for tick in range(round(DRAG_S / TICK_S)):
        opening = tank.opening if guarded else 1.0
        if tick % ticks == 0:
            x = float(law.reference.position[0])
            way = way if abs(x) < DRAG_M else -np.sign(x)
            T[0, 3] = x + 0.05 * way
            law.reference.aim(T)
            law.read_mobility()
            law.plan(opening)
        force = law.effort(body.velocity, np.zeros(6), opening)
        fluid = np.zeros(6)
        fluid[:3] = DRAG_NS_M * body.velocity[:3]
        body.push(force - fluid)
        work_j += TICK_S * float(fluid.dot(body.velocity))
        tank.flow(damped_w=law.damped_w, spent_w=law.spent_w, dt=TICK_S)
    return work_j


def overshoot(name: str, mass: Array) -> float:
    """How far a released body swings beyond its anchor [% of the step]."""
    body, law = make(name, mass, 600.0)
    law.reference.position[0] += STEP_M
    far, nothing = 0.0, np.zeros(6)
    for _ in range(1500):
        body.push(law.effort(body.velocity, nothing, 1.0))
        far = max(far, float(body.T_base_ee[0, 3]))
    return 100.0 * max(far / STEP_M - 1.0, 0.0)


def attack(
    name: str, mass: Array, seconds: float, moving: bool
) -> tuple[float, float, float]:
    """Energy gained, largest rise of stored plus tank energy, overdraft [J].

    The overdraft is what the controller spent beyond the start's tank and the damped
    energy that the tank could hold.
    """
    body, law = make(name, mass, LOW_N_M)
    tank, guarded = EnergyTank(CONFIG), VARIANTS[name][1]
    law.reference.position[0] += 0.02
    start_j = stored_j(body, law)
    gain_j = rise_j = debt_j = 0.0
    account_j = CONFIG.tank_start_j
    for tick in range(round(seconds / TICK_S)):
        opening = tank.opening if guarded else 1.0
        if tick % CONFIG.refresh_ticks == 0:
            before_j = stored_j(body, law)
            provoke(body, law, moving)
            law.read_mobility()
            law.plan(opening)
            account_j -= max(stored_j(body, law) - before_j, 0.0)
        body.push(law.effort(body.velocity, np.zeros(6), opening))
        tank.flow(damped_w=law.damped_w, spent_w=law.spent_w, dt=TICK_S)
        refill_w = CONFIG.tank_refill_share * law.damped_w
        account_j += TICK_S * (refill_w - max(law.spent_w, 0.0))
        account_j = min(account_j, CONFIG.tank_max_j)
        now_j = stored_j(body, law)
        gain_j = max(gain_j, now_j - start_j)
        rise_j = max(rise_j, now_j + tank.energy_j - start_j - CONFIG.tank_start_j)
        debt_j = max(debt_j, -account_j)
        if not now_j < ESCAPED_J:
            return ESCAPED_J, ESCAPED_J, ESCAPED_J
    return gain_j, rise_j, debt_j


def provoke(body: FreeBody, law: CartesianLaw, moving: bool) -> None:
    """Stiff while the spring pushes, soft while it brakes; the target runs along."""
    way = law.reference.position - body.T_base_ee[:3, 3]
    pushes = float(way.dot(body.velocity[:3])) > 0.0
    law.schedule.aim(stiffness(HIGH_N_M if pushes else LOW_N_M))
    if moving:
        T = np.eye(4)
        direction = np.sign(body.velocity[0]) or 1.0
        T[:3, 3] = law.reference.position
        T[0, 3] += 0.05 * direction
        law.reference.aim(T)


def stored_j(body: FreeBody, law: CartesianLaw) -> float:
    """Kinetic energy and that of the spring [J]."""
    error = np.zeros(6)
    error[:3] = law.reference.position - body.T_base_ee[:3, 3]
    spring = 0.5 * float(error.dot(law.schedule.K.dot(error)))
    return spring + 0.5 * float(body.velocity.dot(body.mass.dot(body.velocity)))
