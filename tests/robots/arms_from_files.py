"""Arms whose files have geometry: one made up with all kinds of it, two from packages.

The real ones are a UR5e (MJCF, capsules; its base is only drawn) and an xArm 6 (URDF,
meshes named by ROS package).
"""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from neural_brain.sim.robots import PACKAGED_ARMS
from tests.robots.test_arm_file import ARM, BENT, LENGTHS, urdf

BRACKET = ((0.0, 0.3, 0.0, 0.04), (0.26, 0.3, 0.04, 0.14))
"""Two bars, [x from, to, z from, to], 6 cm wide: an L, so not convex."""


class FileArm(NamedTuple):
    """An arm's file, hand, joints, a posture, and one inside itself (n,) [rad]."""

    path: Path
    ee: str
    joints: tuple[str, ...]
    start: np.ndarray
    inside: np.ndarray


def write_bracket(path):
    """An OBJ file of a link that is bent."""
    lines, faces = [], ("1243", "5687", "1562", "3487", "1375", "2684")
    for x0, x1, z0, z1 in BRACKET:
        first = len([line for line in lines if line[0] == "v"]) - 1
        lines += [
            f"v {x} {y} {z}" for x in (x0, x1) for y in (-0.03, 0.03) for z in (z0, z1)
        ]
        for face in faces:
            a, b, c, d = (int(k) + first + 1 for k in face)
            lines += [f"f {a} {b} {c}", f"f {a} {c} {d}"]
    path.write_text("\n".join(lines) + "\n")


def made_up_urdf():
    """The six links of `test_arm_file`, with shapes; two of them are only drawn."""
    shapes = (
        '<cylinder radius="0.04" length="{0}"/>', '<mesh filename="bracket.obj"/>',
        '<box size="{0} 0.05 0.04"/>', '<sphere radius="0.045"/>',
        '<box size="{0} 0.03 0.06"/>', '<cylinder radius="0.03" length="{0}"/>',
    )  # fmt: skip
    text = urdf()
    old = text[text.index("<visual>") : text.index("</visual>") + len("</visual>")]
    for index, (shape, length) in enumerate(zip(shapes, LENGTHS, strict=True)):
        kind = "visual" if index in (2, 4) else "collision"
        where = '<origin xyz="0 0 0"/>'
        if "mesh" not in shape:
            turn = "0 1.570796 0" if "cylinder" in shape else "0 0 0"
            where = f'<origin xyz="{length / 2} 0 0" rpy="{turn}"/>'
        new = f"<{kind}>{where}<geometry>{shape.format(length)}</geometry></{kind}>"
        text = text.replace(old, new, 1)
    pole = (
        '<link name="base_link"><collision><origin xyz="0 0 -0.35"/><geometry>'
        '<cylinder radius="0.06" length="0.5"/></geometry></collision></link>'
    )
    finger = (
        '<collision><origin xyz="0.04 0 0"/><geometry><box size="0.08 0.02 0.02"/>'
        "</geometry></collision></link>"
    )
    at = text.index("</link>", text.index('"finger"'))
    text = text[:at] + finger + text[at + len("</link>") :]
    return text.replace('<link name="base_link"/>', pole)


def make(name, folder):
    """An arm by its name: "made up", "ur5e" or "xarm6".

    Args:
        name: of the arm.
        folder: for files that are made.
    """
    if name == "made up":
        write_bracket(folder / "bracket.obj")
        path = folder / "arm.urdf"
        path.write_text(made_up_urdf())
        inside = np.array([-0.2, -0.1, 2.5, -0.1, 1.9, 1.1])
        return FileArm(path, "tool", ARM, BENT, inside)
    if name == "ur5e":
        arm = PACKAGED_ARMS["ur5e"]
        if not arm.source.version:
            pytest.skip(f"not installed: {arm.source.command}")
        path = arm.source.file(arm.path)
        inside = np.array([-2.2, -1.3, 2.7, -0.6, -1.6, 0.5])
        return FileArm(path, arm.ee_site, arm.joints, np.array(arm.rest), inside)
    return xarm6(folder)


def xarm6(folder):
    """The xArm 6 of pybullet; one inertia of its file is impossible."""
    found = find_spec("pybullet_data")
    if found is None:
        pytest.skip("not installed: pip install -r requirements/pybullet.txt")
    data = Path(found.origin).parent / "xarm"
    text = (data / "xarm6_robot.urdf").read_text()
    fixed = '<mujoco><compiler balanceinertia="true"/></mujoco></robot>'
    path = folder / "xarm6.urdf"
    path.write_text(text.replace("</robot>", fixed))
    if not (folder / "xarm_description").exists():
        (folder / "xarm_description").symlink_to(data / "xarm_description")
    start = np.array([0.0, -0.4, -0.9, 0.0, 1.3, 0.0])
    inside = np.array([-0.1, 0.3, -0.1, 0.2, 1.5, -0.4])
    return FileArm(path, "link6", ARM, start, inside)
