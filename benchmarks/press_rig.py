"""The hand follows a path, in the air or into a surface, in any physics engine.

A soft surface is a plate on a spring of known stiffness: the spring is the same in
every engine, and the contact between hand and plate is the engine's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.benchmarks.engines import Engine, add_loaded_arm, blind
from neural_brain.benchmarks.impact_rig import (
    SETTLE_TICKS,
    Controller,
    effort_command,
    hand_target,
    home_pose,
    wake,
)
from neural_brain.models.geometry import Array
from neural_brain.robots import MujocoBody
from neural_brain.sim.physics import TICK_S

PLATE, PLATE_KG, PLATE_DAMPING = "plate", 0.5, 0.5
HARD = [0.004, 1.0]  # solref of the plate's face: stiff beside its spring
TARGET_TICKS = 50
Path = Callable[[float], Array]


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A level surface below the hand.

    Attributes:
        gap_m: below the fingertips at the start.
        stiffness_n_m: of the plate's spring; infinite is a fixed block.
    """

    gap_m: float
    stiffness_n_m: float


@dataclass(frozen=True, kw_only=True)
class Track:
    """What the hand did after it settled, at every tick.

    Attributes:
        wanted, hand: position of the fingertips (t, 3) [m], world.
        turned_off: angle between wanted and true orientation (t,) [rad].
        force_n: true contact force of the arm (t,).
        acted: tick at which the reflex acted, None if it did not.
    """

    wanted: Array
    hand: Array
    turned_off: Array
    force_n: Array
    acted: int | None


def press_body(
    engine: Engine, *, payload_kg: float, surface: Surface | None, seed: int
) -> MujocoBody:
    """The fixed arm with a payload, above a surface if there is one."""
    spec = mujoco.MjSpec()
    if surface is not None:
        x, _, z = home_pose(payload_kg)[:3, 3]
        _add_surface(spec, surface, float(x), float(z) - surface.gap_m)
    add_loaded_arm(spec, payload_kg)
    return engine(spec.compile(), blind(), seed=seed)


def follow(
    body: MujocoBody,
    controller: Controller,
    path: Path,
    *,
    duration_s: float,
    contact: bool = False,
) -> Track:
    """Lead the hand along a path, with a new target 20 times a second.

    Args:
        body: the arm.
        controller: of the arm.
        path: pose of the hand (4, 4) in `base_link` at a time [s] from its start.
        duration_s: of the path.
        contact: whether the controller is told that touching is intended.
    """
    wake(body)
    rows: list[tuple[Array, Array, float, float]] = []
    acted = None
    target = hand_target(path(0.0), 0.0)
    for tick in range(SETTLE_TICKS + round(duration_s / TICK_S)):
        state = body.read()
        t = max(tick - SETTLE_TICKS, 0) * TICK_S
        if tick % TARGET_TICKS == 0:
            target = hand_target(path(t), state.stamp, contact=contact)
        body.write(effort_command(state.stamp, controller.tick(state, target)))
        body.advance()
        if acted is None and controller.acted:
            acted = tick
        if tick >= SETTLE_TICKS:
            truth = body.simulation.truth
            rows.append(_row(path(t), truth.T_world_ee(), truth.arm_force_n))
    wanted, hand, turned_off, force_n = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Track(
        wanted=wanted, hand=hand, turned_off=turned_off, force_n=force_n, acted=acted
    )


def _row(T: Array, T_true: Array, force_n: float) -> tuple[Array, Array, float, float]:
    turned = 0.5 * (np.trace(T[:3, :3].T @ T_true[:3, :3]) - 1.0)
    return T[:3, 3], T_true[:3, 3], float(np.arccos(np.clip(turned, -1, 1))), force_n


def _add_surface(spec: mujoco.MjSpec, surface: Surface, x: float, top: float) -> None:
    half = 0.02
    body = spec.worldbody.add_body(name=PLATE, pos=[x, 0.0, top - half])
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.15, 0.15, half],
        mass=PLATE_KG,
        priority=1,
        solref=HARD,
    )
    if not np.isfinite(surface.stiffness_n_m):
        return
    body.gravcomp = 1.0
    critical = 2.0 * np.sqrt(surface.stiffness_n_m * PLATE_KG)
    body.add_joint(
        name=PLATE,
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[0, 0, 1],
        stiffness=surface.stiffness_n_m,
        damping=PLATE_DAMPING * critical,
    )
