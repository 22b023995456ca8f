"""The 7-joint torque-controlled arm: published kinematics, inertias and limits.

Shapes are capsules close to the real links. Joint damping and rotor inertia are
modest values, the same in the simulated robot and in its dynamics model.
"""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from neural_brain.sim.robots.panda import (
    DH_A,
    DH_ALPHA,
    DH_D,
    EFFORT_MAX,
    LINKS,
    Q_MAX,
    Q_MIN,
    Link,
)
from neural_brain.sim.robots.shapes import DARK, PREFIX, WHITE, capsule, cylinder

JOINTS = tuple(f"{PREFIX}joint{i}" for i in range(1, 8))
MOUNT_XYZ = (0.10, 0.0, 0.40)
DAMPING = 0.5
ARMATURE = 0.1

# Capsules of each link in its DH frame: start, end [m], radius [m].
SHAPES: tuple[tuple[tuple[tuple[float, ...], tuple[float, ...], float], ...], ...] = (
    (((0, 0, -0.20), (0, 0, -0.06), 0.060),),
    (((0, 0, -0.055), (0, 0, 0.055), 0.060), ((0, 0, 0), (0, -0.12, 0), 0.058)),
    (((0, 0, -0.15), (0, 0, -0.06), 0.058), ((0.0825, 0, 0), (0.03, 0, -0.06), 0.055)),
    (((0, 0, -0.05), (0, 0, 0.05), 0.056), ((-0.02, 0.02, 0), (-0.08, 0.1, 0), 0.055)),
    (((0, 0, -0.24), (0, 0.02, -0.16), 0.052), ((0, 0.07, -0.15), (0, 0.06, 0), 0.036)),
    (((0, 0, -0.05), (0, 0, 0.02), 0.050), ((0.03, 0.0, 0), (0.088, 0, 0), 0.048)),
    (((0, 0, -0.03), (0, 0, 0.08), 0.044),),
)  # fmt: skip


def add_arm(spec: mujoco.MjSpec, base: Any, *, shapes: bool = True) -> Any:
    """Build the seven links on `base`; returns the body of link 7.

    Args:
        spec: model under construction.
        base: the `base_link` body.
        shapes: false leaves out all geoms (for dynamics models).
    """
    parent = base.add_body(name=PREFIX + "link0", pos=list(MOUNT_XYZ))
    _set_inertia(parent, LINKS[0])
    if shapes:
        cylinder(parent, (0, 0, 0), (0, 0, 0.14), 0.075, rgba=DARK)
    for index in range(7):
        parent = _add_link(spec, parent, index, shapes)
    return parent


def exclude_neighbours(spec: mujoco.MjSpec) -> None:
    """Pairs of bodies that overlap by construction or cannot meet: no contact."""
    bodies = [f"{PREFIX}link{i}" for i in range(8)]
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 : i + 4]]
    pairs += [(PREFIX + "base_link", body) for body in bodies[:3]]
    pairs += [(PREFIX + "hand", body) for body in bodies[4:]]
    for finger in (PREFIX + "finger_left", PREFIX + "finger_right"):
        pairs += [(finger, body) for body in (*bodies[5:], PREFIX + "hand")]
    pairs.append((PREFIX + "finger_left", PREFIX + "finger_right"))
    for first, second in pairs:
        spec.add_exclude(bodyname1=first, bodyname2=second)


def _add_link(spec: mujoco.MjSpec, parent: Any, index: int, shapes: bool) -> Any:
    a, d, alpha = DH_A[index], DH_D[index], DH_ALPHA[index]
    link = parent.add_body(
        name=f"{PREFIX}link{index + 1}",
        pos=[a, -d * np.sin(alpha), d * np.cos(alpha)],
        quat=[np.cos(alpha / 2), np.sin(alpha / 2), 0, 0],
    )
    _set_inertia(link, LINKS[index + 1])
    link.add_joint(
        name=JOINTS[index],
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=[0, 0, 1],
        limited=True,
        range=[float(Q_MIN[index]), float(Q_MAX[index])],
        damping=DAMPING,
        armature=ARMATURE,
    )
    if shapes:
        for start, end, radius in SHAPES[index]:
            capsule(link, start, end, radius, rgba=WHITE)
    limit = float(EFFORT_MAX[index])
    actuator = spec.add_actuator(
        name=JOINTS[index],
        target=JOINTS[index],
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        ctrlrange=[-limit, limit],
    )
    actuator.set_to_motor()
    return link


def _set_inertia(body: Any, link: Link) -> None:
    body.explicitinertial = True
    body.mass = link.mass
    body.ipos = list(link.center)
    body.fullinertia = list(link.inertia)
