"""A button on a stand that can be put anywhere: something to press."""

from __future__ import annotations

import mujoco
import numpy as np

TRAVEL_M = 0.02
# Where the top of the button may stand within reach of our own arm: (3,) [m].
BUTTON_LOW, BUTTON_HIGH = np.array([0.45, -0.2, 0.70]), np.array([0.60, 0.2, 0.85])


def add_button(spec: mujoco.MjSpec) -> None:
    """Add bodies "stand" (mocap, at the button's top) and "button", 8 cm wide.

    The button gives way by up to 2 cm against a spring of 800 N/m.
    """
    stand = spec.worldbody.add_body(name="stand", mocap=True)
    stand.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[0, 0, -0.07],
        size=[0.08, 0.08, 0.03],
        rgba=[0.3, 0.3, 0.35, 1],
    )
    button = stand.add_body(name="button")
    button.add_joint(
        name="button",
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[0, 0, 1],
        limited=True,
        range=[-TRAVEL_M, 0.0],
        stiffness=800.0,
        damping=8.0,
        armature=0.05,
    )
    button.gravcomp = 1.0
    button.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=[0, 0, -0.01],
        size=[0.04, 0.01, 0],
        mass=0.05,
        rgba=[0.85, 0.1, 0.1, 1],
    )
