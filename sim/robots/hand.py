"""Two-finger hand with wrist force/torque sensor; `ee` is the point of the fingertips.

Mass and inertia of hand and fingers as published with the Franka hand; shapes are
primitives. The z axis of `ee` points out of the hand.
"""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from neural_brain.sim.robots.panda import FLANGE_D
from neural_brain.sim.robots.shapes import DARK, PREFIX, STEEL, WHITE, box, sphere

EE = PREFIX + "ee"
FLANGE = PREFIX + "flange"
HAND = PREFIX + "hand"
FINGERS = (PREFIX + "finger_left", PREFIX + "finger_right")
FINGER_RANGE = (0.0, 0.04)
HAND_LENGTH_M = 0.113
HAND_MASS_KG = 0.73


def add_hand(spec: mujoco.MjSpec, link7: Any, *, actuated: bool = True) -> None:
    """Mount the hand on the flange; without actuators the fingers are fixed.

    Args:
        spec: model under construction.
        link7: body of the last arm link.
        actuated: false makes a rigid tool of the same mass (for dynamics models).
    """
    half = -np.pi / 8.0
    hand = link7.add_body(
        name=HAND, pos=[0, 0, FLANGE_D], quat=[np.cos(half), 0, 0, np.sin(half)]
    )
    hand.explicitinertial = True
    hand.mass = HAND_MASS_KG
    hand.ipos = [-0.01, 0.0, 0.03]
    hand.inertia = [0.001, 0.0025, 0.0017]
    hand.add_site(name=FLANGE, pos=[0, 0, 0])
    hand.add_site(name=EE, pos=[0, 0, HAND_LENGTH_M])
    box(hand, (0, 0, 0.033), (0.025, 0.095, 0.030), rgba=WHITE)
    for name, side in zip(FINGERS, (1.0, -1.0), strict=True):
        _add_finger(spec, hand, name, side, actuated)


def add_wrist_sensors(spec: mujoco.MjSpec) -> None:
    """Force and torque between flange and hand, in the axes of the flange site."""
    for name, kind in (
        ("wrist_force", mujoco.mjtSensor.mjSENS_FORCE),
        ("wrist_torque", mujoco.mjtSensor.mjSENS_TORQUE),
    ):
        spec.add_sensor(
            name=PREFIX + name,
            type=kind,
            objtype=mujoco.mjtObj.mjOBJ_SITE,
            objname=FLANGE,
        )


def _add_finger(
    spec: mujoco.MjSpec, hand: Any, name: str, side: float, actuated: bool
) -> None:
    finger = hand.add_body(name=name, pos=[0, 0, 0.0584])
    finger.explicitinertial = True
    finger.mass = 0.015
    finger.inertia = [1e-5, 1e-5, 1e-5]
    box(finger, (0, side * 0.012, 0.020), (0.009, 0.006, 0.020), rgba=DARK)
    tip_m = HAND_LENGTH_M - 0.0584
    sphere(finger, (0, side * 0.0095, tip_m - 0.009), 0.009, rgba=STEEL)
    if not actuated:
        return
    finger.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[0, side, 0],
        limited=True,
        range=list(FINGER_RANGE),
        armature=0.05,
        damping=10.0,
    )
    actuator = spec.add_actuator(
        name=name,
        target=name,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        ctrlrange=list(FINGER_RANGE),
        forcerange=[-35.0, 35.0],
    )
    actuator.set_to_position(kp=400.0, kv=20.0)
