"""Pan-tilt head on a mast behind the arm, with the RGB-D camera.

Pan turns about +z (left is positive); tilt about +y (looking down is positive).
"""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from neural_brain.sim.robots.shapes import DARK, PREFIX, STEEL, WHITE, box, capsule

MAST_XY = (-0.19, -0.10)
CAMERA_HEIGHT_M = 1.15
PAN_RANGE = (-2.6, 2.6)
TILT_RANGE = (-0.6, 1.2)
CAMERA = PREFIX + "camera"
PAN, TILT = PREFIX + "head_pan", PREFIX + "head_tilt"


def add_head(spec: mujoco.MjSpec, base: Any, *, hfov_rad: float, aspect: float) -> None:
    """Mast, pan and tilt joints with position servos, camera.

    Args:
        spec: model under construction.
        base: the `base_link` body.
        hfov_rad: horizontal field of view [rad].
        aspect: image width over height.
    """
    x, y = MAST_XY
    capsule(base, (x, y, 0.4), (x, y, CAMERA_HEIGHT_M - 0.08), 0.022, rgba=STEEL)
    pan = base.add_body(name=PAN, pos=[x, y, CAMERA_HEIGHT_M])
    _servo(spec, pan, PAN, axis=(0, 0, 1), limits=PAN_RANGE)
    capsule(pan, (0, 0, -0.06), (0, 0, -0.05), 0.03, rgba=DARK, mass=0.3, touch=False)
    tilt = pan.add_body(name=TILT)
    _servo(spec, tilt, TILT, axis=(0, 1, 0), limits=TILT_RANGE)
    box(tilt, (0.0, 0, 0), (0.025, 0.06, 0.03), rgba=WHITE, mass=0.4)
    box(tilt, (0.026, 0, 0), (0.002, 0.05, 0.015), rgba=DARK, touch=False)
    fovy = 2.0 * np.arctan(np.tan(0.5 * hfov_rad) / aspect)
    tilt.add_camera(
        name=CAMERA,
        pos=[0.03, 0.0, 0.0],
        quat=[0.5, 0.5, -0.5, -0.5],  # image right = -y, image up = +z
        fovy=float(np.degrees(fovy)),
    )


def _servo(
    spec: mujoco.MjSpec,
    body: Any,
    name: str,
    *,
    axis: tuple[int, int, int],
    limits: tuple[float, float],
) -> None:
    body.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=list(axis),
        limited=True,
        range=list(limits),
        armature=0.02,
        damping=0.4,
    )
    actuator = spec.add_actuator(
        name=name,
        target=name,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        ctrlrange=list(limits),
        forcerange=[-4.0, 4.0],
    )
    actuator.set_to_position(kp=12.0, kv=0.8)
