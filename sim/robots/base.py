"""The differential-drive base: two driven wheels, four ball casters, bumper, IMU.

`base_link` lies on the floor at the midpoint of the wheel axle (x forward, z up).
The mass sits low and a little behind the axle so that a stretched arm does not tip it.
"""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from neural_brain.sim.robots.shapes import (
    ACCENT,
    DARK,
    PREFIX,
    STEEL,
    WHITE,
    box,
    cylinder,
    sphere,
)

RADIUS_M = 0.27
WHEEL_RADIUS_M = 0.08
HALF_TRACK_M = 0.185
LIDAR_HEIGHT_M = 0.20
DECK_HEIGHT_M = 0.40
BASE_MASS_KG = 52.0
TWIST_MAX = np.array([0.7, 1.5])
ACCEL_MAX = np.array([1.0, 3.0])
BUMPER = PREFIX + "bumper"
BASE_LINK = PREFIX + "base_link"
WHEELS = (PREFIX + "wheel_left", PREFIX + "wheel_right")
CASTER_XY = ((0.22, 0.0), (-0.22, 0.0))


def add_base_link(parent: Any, pose: np.ndarray, *, fixed: bool) -> Any:
    """The empty `base_link` body at a planar pose (3,) of the world."""
    half = 0.5 * float(pose[2])
    body = parent.add_body(
        name=BASE_LINK,
        pos=[float(pose[0]), float(pose[1]), 0.0],
        quat=[np.cos(half), 0.0, 0.0, np.sin(half)],
    )
    if not fixed:
        body.add_freejoint(name=PREFIX + "floating")
    body.add_site(name=PREFIX + "imu", pos=[0.0, 0.0, 0.15])
    return body


def add_mobile_base(spec: mujoco.MjSpec, body: Any) -> None:
    """Hull, bumper, wheels with velocity actuators, casters and IMU sensors."""
    body.explicitinertial = True
    body.mass = BASE_MASS_KG
    body.ipos = [-0.04, 0.0, 0.17]
    body.fullinertia = _hull_inertia()
    cylinder(body, (0, 0, 0.06), (0, 0, DECK_HEIGHT_M), 0.25, rgba=WHITE)
    cylinder(
        body, (0, 0, 0.05), (0, 0, 0.15), RADIUS_M, rgba=DARK, name=BUMPER, friction=LOW
    )
    cylinder(body, (0, 0, 0.185), (0, 0, 0.215), 0.252, rgba=DARK, touch=False)
    box(body, (0.24, 0, 0.3), (0.012, 0.06, 0.02), rgba=ACCENT, touch=False)
    for index, (x, y) in enumerate(CASTER_XY):
        sphere(
            body,
            (x, y, 0.03),
            0.03,
            rgba=STEEL,
            name=f"{PREFIX}caster{index}",
            condim=1,
            priority=1,
        )
    for name, side in zip(WHEELS, (1.0, -1.0), strict=True):
        _add_wheel(spec, body, name, side * HALF_TRACK_M)


LOW = (0.2, 0.005, 0.0001)


def add_imu(spec: mujoco.MjSpec) -> None:
    """Gyroscope and accelerometer at the IMU site."""
    for name, kind in (
        ("gyro", mujoco.mjtSensor.mjSENS_GYRO),
        ("accel", mujoco.mjtSensor.mjSENS_ACCELEROMETER),
    ):
        spec.add_sensor(
            name=PREFIX + name,
            type=kind,
            objtype=mujoco.mjtObj.mjOBJ_SITE,
            objname=PREFIX + "imu",
        )


def add_pedestal(body: Any) -> None:
    """A fixed column as high as the mobile base's deck, for the arm alone."""
    cylinder(body, (0.0, 0, 0), (0.0, 0, DECK_HEIGHT_M), 0.2, rgba=STEEL)


def _hull_inertia() -> list[float]:
    r, h = 0.22, 0.26
    side = BASE_MASS_KG * (3.0 * r * r + h * h) / 12.0
    return [side, side, 0.5 * BASE_MASS_KG * r * r, 0.0, 0.0, 0.0]


def _add_wheel(spec: mujoco.MjSpec, base: Any, name: str, y: float) -> None:
    wheel = base.add_body(name=name, pos=[0.0, y, WHEEL_RADIUS_M])
    wheel.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=[0, 1, 0],
        armature=0.02,
        damping=0.05,
    )
    # A ball touches plane, box and ramp in one point; the tyre is only drawn.
    sphere(
        wheel,
        (0, 0, 0),
        WHEEL_RADIUS_M,
        rgba=DARK,
        mass=1.5,
        name=f"{name}_tread",
        condim=4,
        friction=(1.0, 0.003, 0.0001),
        priority=1,
    )
    actuator = spec.add_actuator(
        name=name,
        target=name,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        ctrlrange=[-12.0, 12.0],
        forcerange=[-20.0, 20.0],
    )
    actuator.set_to_velocity(kv=15.0)
