"""Off-screen drawing: picks EGL or OSMesa by itself, colour and depth in one pass."""

from __future__ import annotations

import ctypes.util
import importlib
import os
import sys
import weakref
from typing import Any

import mujoco
import numpy as np

from neural_brain.models.errors import RenderError
from neural_brain.sim.covered import covered_geoms
from neural_brain.sim.culling import Culling
from neural_brain.sim.physics import ROBOT_GROUP, SKIN_GROUP

NEAR_M, FAR_M = 0.05, 40.0
_NEVER_DRAWN = 5  # a geom group that no option shows
_LIBRARIES = {"egl": "EGL", "osmesa": "OSMesa"}
_REMEDY = (
    "No OpenGL library can draw off screen on this machine ({cause}). The camera needs "
    "EGL or OSMesa: on Debian or Ubuntu type `apt-get install -y libegl1 "
    "libgl1-mesa-dri` or `apt-get install -y libosmesa6`, then start again; or switch "
    "the camera off."
)


def choose_backend() -> str:
    """Name of the back end to use; sets MUJOCO_GL, which MuJoCo reads, when unset.

    Raises:
        RenderError: if neither EGL nor OSMesa is installed.
    """
    chosen = os.environ.get("MUJOCO_GL", "").lower()
    if chosen:
        return chosen
    if sys.platform != "linux":
        return "glfw"
    for backend, library in _LIBRARIES.items():
        if ctypes.util.find_library(library):
            os.environ["MUJOCO_GL"] = backend
            return backend
    raise RenderError(_REMEDY.format(cause="neither libEGL nor libOSMesa is found"))


class Painter:
    """Draws one camera of a model into arrays.

    Args:
        model: the world.
        width: [px].
        height: [px].

    Raises:
        RenderError: if no OpenGL context can be made.
    """

    def __init__(self, model: mujoco.MjModel, width: int, height: int) -> None:
        model.vis.global_.offwidth, model.vis.global_.offheight = width, height
        model.vis.map.znear = NEAR_M / model.stat.extent
        model.vis.map.zfar = FAR_M / model.stat.extent
        self._model = model
        self._option = mujoco.MjvOption()
        self._option.geomgroup[ROBOT_GROUP] = 1
        self._only_robot = mujoco.MjvOption()
        self._only_robot.geomgroup[:] = 0
        self._only_robot.geomgroup[[ROBOT_GROUP, SKIN_GROUP]] = 1
        self._covered = covered_geoms(model)
        self._culling = Culling(model, width / height)
        self._rect = mujoco.MjrRect(0, 0, width, height)
        self._camera = mujoco.MjvCamera()
        self._camera.type = int(mujoco.mjtCamera.mjCAMERA_FIXED)
        self._gl, self._context = _make_context(model, width, height)
        # Freed in its own context, or the pictures of other painters turn black.
        self._free = weakref.finalize(self, _free_context, self._gl, self._context)
        self._free.atexit = False  # by then the display may be gone
        self._scene = mujoco.MjvScene(model, maxgeom=4000)
        self._scene.flags[int(mujoco.mjtRndFlag.mjRND_SHADOW)] = 0
        self._scene.flags[int(mujoco.mjtRndFlag.mjRND_REFLECTION)] = 0
        self._scene.flags[int(mujoco.mjtRndFlag.mjRND_HAZE)] = 0
        self._rgb = np.zeros((height, width, 3), dtype=np.uint8)
        self._depth = np.zeros((height, width), dtype=np.float32)

    def draw(
        self, data: mujoco.MjData, camera: int | mujoco.MjvCamera
    ) -> tuple[np.ndarray, np.ndarray]:
        """Colour (h, w, 3) uint8 and depth along the axis (h, w) float32 [m].

        Args:
            data: state of the world.
            camera: id of a camera of the model, or a free camera.
        """
        self._render(data, camera)
        mujoco.mjr_readPixels(self._rgb, self._depth, self._rect, self._context)
        return np.ascontiguousarray(self._rgb[::-1]), self._metres(self._depth[::-1])

    def robot_depth(
        self, data: mujoco.MjData, camera: int | mujoco.MjvCamera
    ) -> np.ndarray:
        """Depth (h, w) float32 [m] of the robot alone, the world taken away."""
        self._render(data, camera, self._only_robot)
        mujoco.mjr_readPixels(None, self._depth, self._rect, self._context)
        return self._metres(self._depth[::-1])

    def segment(
        self, data: mujoco.MjData, camera: int | mujoco.MjvCamera
    ) -> np.ndarray:
        """Geom id of every pixel (h, w) int32; -1 where nothing is drawn."""
        flags = self._scene.flags
        segment = int(mujoco.mjtRndFlag.mjRND_SEGMENT)
        as_ids = int(mujoco.mjtRndFlag.mjRND_IDCOLOR)
        flags[segment] = flags[as_ids] = 1
        self._render(data, camera)
        flags[segment] = flags[as_ids] = 0
        mujoco.mjr_readPixels(self._rgb, None, self._rect, self._context)
        rgb = self._rgb[::-1].astype(np.int32)
        drawn = rgb[..., 0] + (rgb[..., 1] << 8) + (rgb[..., 2] << 16)
        table = np.full(self._scene.ngeom + 1, -1, dtype=np.int32)
        is_geom = int(mujoco.mjtObj.mjOBJ_GEOM)
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.objtype == is_geom and 0 <= geom.segid < self._scene.ngeom:
                table[geom.segid + 1] = geom.objid
        return table[drawn]

    def close(self) -> None:
        """Free the OpenGL context; safe to call twice."""
        self._free()

    def _render(
        self,
        data: mujoco.MjData,
        camera: int | mujoco.MjvCamera,
        option: mujoco.MjvOption | None = None,
    ) -> None:
        view = self._camera if isinstance(camera, int) else camera
        if isinstance(camera, int):
            view.fixedcamid = camera
        self._gl.make_current()
        groups = self._model.geom_group.copy()
        self._model.geom_group[self._covered] = _NEVER_DRAWN
        if isinstance(camera, int):
            cull = self._culling.unseen if option is None else self._culling.outside
            self._model.geom_group[cull(data, camera)] = _NEVER_DRAWN
        mujoco.mjv_updateScene(
            self._model,
            data,
            self._option if option is None else option,
            None,
            view,
            int(mujoco.mjtCatBit.mjCAT_ALL),
            self._scene,
        )
        self._model.geom_group[:] = groups
        mujoco.mjr_render(self._rect, self._scene, self._context)

    def _metres(self, buffer: np.ndarray) -> np.ndarray:
        """Invert the perspective depth mapping (buffer: 1 = near plane, 0 = far)."""
        near, far = NEAR_M, FAR_M
        return (near * far / (near + buffer * (far - near))).astype(np.float32)


def _free_context(gl: Any, context: Any) -> None:
    gl.make_current()
    context.free()
    gl.free()


def _make_context(model: mujoco.MjModel, width: int, height: int) -> tuple[Any, Any]:
    backend = choose_backend()
    try:
        gl = importlib.import_module(f"mujoco.{backend}").GLContext(width, height)
        gl.make_current()
        font = int(mujoco.mjtFontScale.mjFONTSCALE_50)
        context = mujoco.MjrContext(model, font)
    except Exception as error:  # the libraries raise many unrelated types
        cause = f"{backend}: {str(error) or repr(error)}"
        raise RenderError(_REMEDY.format(cause=cause)) from error
    mujoco.mjr_setBuffer(int(mujoco.mjtFramebuffer.mjFB_OFFSCREEN), context)
    context.readDepthMap = int(mujoco.mjtDepthMap.mjDEPTH_ZEROFAR)
    return gl, context
