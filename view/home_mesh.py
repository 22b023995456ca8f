"""MuJoCo geoms as triangle meshes for the browser: the home once, the robot live."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import trimesh

from neural_brain.models.geometry import Array, inverse3, matrix_from_pose2
from neural_brain.sim.covered import covered_geoms
from neural_brain.sim.homes.shapes import UNSEEN_GROUP

_SPHERE = int(mujoco.mjtGeom.mjGEOM_SPHERE)
_CAPSULE = int(mujoco.mjtGeom.mjGEOM_CAPSULE)
_ELLIPSOID = int(mujoco.mjtGeom.mjGEOM_ELLIPSOID)
_CYLINDER = int(mujoco.mjtGeom.mjGEOM_CYLINDER)
_BOX = int(mujoco.mjtGeom.mjGEOM_BOX)
_MESH = int(mujoco.mjtGeom.mjGEOM_MESH)


class HomeView:
    """Draws a simulated home and keeps its robot (all bodies below `root`) moving.

    Args:
        scene: the viser scene.
        model: compiled MuJoCo model.
        root: name of the robot's base body.
        T_map_world: (4, 4) pose of the simulator's world in `map`.
    """

    def __init__(
        self, scene: Any, model: mujoco.MjModel, root: str, T_map_world: Array
    ) -> None:
        self._model = model
        self._root = model.body(root).id
        self._bodies = _descendants(model, self._root)
        self._T_map_world = T_map_world
        merged = home_trimesh(model, root)
        merged.apply_transform(T_map_world)
        scene.add_mesh_trimesh("/home", merged)
        self.bounds = np.asarray(merged.bounds)  # (2, 3) corners of the home in `map`
        self._handles = {}
        drawn = ~covered_geoms(model)
        for body in self._bodies:
            geoms = [g for g in _geoms_of(model, body) if drawn[g]]
            parts = [_part(model, g, np.eye(4)) for g in geoms]
            parts = [part for part in parts if part is not None]
            if parts:
                mesh = trimesh.util.concatenate(parts)
                self._handles[body] = scene.add_mesh_trimesh(f"/robot/{body}", mesh)

    def move(self, data: mujoco.MjData, pose_map_base: Array) -> None:
        """Show the robot where it believes to be, its limbs as they are."""
        T_map_truth = matrix_from_pose2(pose_map_base) @ inverse3(
            _body_pose(data, self._root)
        )
        for body, handle in self._handles.items():
            T = T_map_truth @ _body_pose(data, body)
            handle.position = T[:3, 3]
            quat_wxyz = np.empty(4)
            mujoco.mju_mat2Quat(quat_wxyz, np.ascontiguousarray(T[:3, :3]).ravel())
            handle.wxyz = quat_wxyz


def home_trimesh(model: mujoco.MjModel, root: str) -> trimesh.Trimesh:
    """Everything that can be seen but the robot, as it stands at the start.

    Args:
        model: compiled MuJoCo model.
        root: name of the robot's base body.

    Returns:
        One mesh in the world's frame, coloured by vertex.
    """
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    robot = set(_descendants(model, model.body(root).id))
    parts = [
        _home_part(model, data, geom)
        for geom in range(model.ngeom)
        if int(model.geom_bodyid[geom]) not in robot
        and int(model.geom_group[geom]) != UNSEEN_GROUP
    ]
    return trimesh.util.concatenate([part for part in parts if part is not None])


def _descendants(model: mujoco.MjModel, root: int) -> list[int]:
    found = [root]
    for body in range(root + 1, model.nbody):
        if int(model.body_parentid[body]) in found:
            found.append(body)
    return found


def _geoms_of(model: mujoco.MjModel, body: int) -> list[int]:
    return [g for g in range(model.ngeom) if int(model.geom_bodyid[g]) == body]


def _home_part(
    model: mujoco.MjModel, data: mujoco.MjData, geom: int
) -> trimesh.Trimesh | None:
    return _part(model, geom, _body_pose(data, int(model.geom_bodyid[geom])))


def _part(model: mujoco.MjModel, geom: int, T: Array) -> trimesh.Trimesh | None:
    mesh = _shape(model, geom)
    if mesh is None:
        return None
    local = np.eye(4)
    rotation = np.empty(9)
    mujoco.mju_quat2Mat(rotation, model.geom_quat[geom])
    local[:3, :3] = rotation.reshape(3, 3)
    local[:3, 3] = model.geom_pos[geom]
    mesh.apply_transform(T @ local)
    colour = (np.clip(_rgba(model, geom), 0.0, 1.0) * 255).astype(np.uint8)
    mesh.visual.vertex_colors = np.tile(colour, (len(mesh.vertices), 1))
    return mesh


def _shape(model: mujoco.MjModel, geom: int) -> trimesh.Trimesh | None:
    kind, size = int(model.geom_type[geom]), model.geom_size[geom]
    if _rgba(model, geom)[3] < 0.05:
        return None
    if kind == _BOX:
        return trimesh.creation.box(extents=2.0 * size)
    if kind == _CYLINDER:
        return trimesh.creation.cylinder(size[0], 2.0 * size[1], sections=20)
    if kind == _CAPSULE:
        return trimesh.creation.capsule(2.0 * size[1], size[0], count=(8, 12))
    if kind == _SPHERE:
        return trimesh.creation.icosphere(subdivisions=2, radius=size[0])
    if kind == _ELLIPSOID:
        ball = trimesh.creation.icosphere(subdivisions=2)
        ball.apply_scale(size)
        return ball
    if kind == _MESH:
        return _mesh(model, int(model.geom_dataid[geom]))
    return None  # the floor plane: the occupancy map lies there


def _mesh(model: mujoco.MjModel, mesh: int) -> trimesh.Trimesh:
    v0, vn = int(model.mesh_vertadr[mesh]), int(model.mesh_vertnum[mesh])
    f0, fn = int(model.mesh_faceadr[mesh]), int(model.mesh_facenum[mesh])
    return trimesh.Trimesh(
        model.mesh_vert[v0 : v0 + vn].copy(),
        model.mesh_face[f0 : f0 + fn].copy(),
        process=False,
    )


def _rgba(model: mujoco.MjModel, geom: int) -> Array:
    material = int(model.geom_matid[geom])
    if material >= 0:
        return np.asarray(model.mat_rgba[material], float)
    return np.asarray(model.geom_rgba[geom], float)


def _body_pose(data: mujoco.MjData, body: int) -> Array:
    T = np.eye(4)
    T[:3, :3] = data.xmat[body].reshape(3, 3)
    T[:3, 3] = data.xpos[body]
    return T
