"""What really happens in the simulator: poses and contact forces no sensor shows."""

from __future__ import annotations

import mujoco
import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.sim.owners import owner_of_geom
from neural_brain.sim.robots.index import RobotIndex, robot_bodies
from neural_brain.sim.robots.shapes import PREFIX

_ROLLING = 100  # weight that marks contacts of wheels and casters as ordinary


class GroundTruth:
    """Contact forces of the last step, their peaks, and true poses.

    Forces are magnitudes [N] of the vector sum per touched body, the greatest body of
    the step. Contacts of wheels and casters, and of the robot with itself, do not
    count.

    Attributes:
        arm_force_n: greatest force between the arm (hand included) and one body.
        base_force_n: greatest force between base or mast and one body.
        peak_arm_force_n, peak_base_force_n: peaks since `reset_peaks`.
        arm_contacts: name of each body the arm touched -> force [N], this step.
        tool_contacts: the same for hand and fingers only.
        base_contacts: points (k, 3) [m] in world where the base was hit, forces (k,).
    """

    def __init__(
        self, model: mujoco.MjModel, data: mujoco.MjData, index: RobotIndex
    ) -> None:
        self.model, self.data, self.index = model, data, index
        self._weight, self._part = _classify(model, index)
        self._owner = owner_of_geom(model)
        self._force = np.zeros(6)
        self._pairs = b""
        self._hits = np.zeros(0, dtype=int)
        self.reset_peaks()
        self._clear()

    def reset_peaks(self) -> None:
        """Forget the peaks, for a new episode."""
        self.peak_arm_force_n = 0.0
        self.peak_base_force_n = 0.0

    def update(self) -> None:
        """Look at the contacts of the step that just ended."""
        if self._touching:
            self._clear()
        if self.data.ncon == 0:
            return
        geoms = self.data.contact.geom
        pairs = geoms.tobytes()
        if pairs != self._pairs:  # the same pairs touch for many steps on end
            weights = self._weight[geoms]
            self._hits = np.flatnonzero(weights[:, 0] + weights[:, 1] == 1)
            self._pairs = pairs
        if self._hits.size:
            self._sum(geoms, self._hits)

    def overlap(self) -> tuple[np.ndarray, float]:
        """Where the robot overlaps other bodies, by geometry alone.

        Returns:
            Points (k, 3) [m] in world, and the greatest depth [m], 0 without any.
        """
        contact = self.data.contact
        weights = self._weight[contact.geom]
        hits = np.flatnonzero(weights[:, 0] + weights[:, 1] == 1)
        if not hits.size:
            return np.zeros((0, 3)), 0.0
        return np.array(contact.pos[hits]), -float(contact.dist[hits].min())

    def feel_bump(self, points: np.ndarray, force_n: float) -> None:
        """Note a contact of the base at points (k, 3) [m], for the bumper."""
        self.base_contacts = (points, np.full(len(points), force_n))
        self._touching = True

    def pose_world_base(self) -> np.ndarray:
        """True planar pose (3,) of `base_link`: x [m], y [m], yaw [rad]."""
        x, y, _ = self.data.xpos[self.index.base_body]
        R = self.data.xmat[self.index.base_body]
        return np.array([x, y, np.arctan2(R[3], R[0])])

    def T_world_ee(self) -> np.ndarray:
        """True pose (4, 4) of the end effector."""
        T = np.eye(4)
        T[:3, :3] = self.data.site_xmat[self.index.ee_site].reshape(3, 3)
        T[:3, 3] = self.data.site_xpos[self.index.ee_site]
        return T

    def object_position(self, name: str) -> np.ndarray:
        """True position (3,) [m] of a body of the world.

        Raises:
            ConfigError: if there is no such body.
        """
        body = mujoco.mj_name2id(self.model, int(mujoco.mjtObj.mjOBJ_BODY), name)
        if body < 0:
            raise ConfigError(
                f"The world has no body {name!r}; give the name of one of its bodies."
            )
        return np.array(self.data.xpos[body])

    def _clear(self) -> None:
        self._touching = False
        self.arm_force_n = self.base_force_n = 0.0
        self.arm_contacts: dict[str, float] = {}
        self.tool_contacts: dict[str, float] = {}
        self.base_contacts: tuple[np.ndarray, np.ndarray] = (
            np.zeros((0, 3)),
            np.zeros(0),
        )

    def _sum(self, geoms: np.ndarray, hits: np.ndarray) -> None:
        self._touching = True
        sums: dict[tuple[str, int], np.ndarray] = {}
        points, forces = [], []
        for hit in hits:
            first, second = geoms[hit]
            mine = first if self._weight[first] == 1 else second
            other = int(self._owner[second if mine == first else first])
            force = self._world_force(int(hit))
            if mine == first:  # MuJoCo reports the force on the second geom
                force = -force
            part = self._part[mine]
            sums[part, other] = sums.get((part, other), 0.0) + force
            if part == "base":
                points.append(np.array(self.data.contact[hit].pos))
                forces.append(float(np.linalg.norm(force)))
        if points:
            self.base_contacts = (np.array(points), np.array(forces))
        self._record(sums)

    def _record(self, sums: dict[tuple[str, int], np.ndarray]) -> None:
        arm: dict[int, np.ndarray] = {}
        for (part, other), force in sums.items():
            size = float(np.linalg.norm(force))
            if part == "base":
                self.base_force_n = max(self.base_force_n, size)
                continue
            arm[other] = arm.get(other, np.zeros(3)) + force
            if part == "tool":
                self.tool_contacts[self._name(other)] = size
        for other, force in arm.items():
            size = float(np.linalg.norm(force))
            self.arm_contacts[self._name(other)] = size
            self.arm_force_n = max(self.arm_force_n, size)
        self.peak_arm_force_n = max(self.peak_arm_force_n, self.arm_force_n)
        self.peak_base_force_n = max(self.peak_base_force_n, self.base_force_n)

    def _world_force(self, contact: int) -> np.ndarray:
        mujoco.mj_contactForce(self.model, self.data, contact, self._force)
        frame = self.data.contact[contact].frame.reshape(3, 3)
        return np.asarray(frame.T @ self._force[:3])

    def _name(self, body: int) -> str:
        return str(self.model.body(body).name)


def _classify(
    model: mujoco.MjModel, index: RobotIndex
) -> tuple[np.ndarray, dict[int, str]]:
    weight = np.zeros(model.ngeom, dtype=np.int32)
    part: dict[int, str] = {}
    tool = set(robot_bodies(model, index.hand_body)) if index.hand_body >= 0 else set()
    for body in robot_bodies(model, index.base_body):
        name = str(model.body(body).name)
        start = model.body_geomadr[body]
        for geom in range(start, start + model.body_geomnum[body]):
            rolling = "caster" in model.geom(geom).name or "wheel" in name
            weight[geom] = _ROLLING if rolling else 1
            is_link = name.startswith(PREFIX + "link")
            part[geom] = "tool" if body in tool else "arm" if is_link else "base"
    return weight, part
