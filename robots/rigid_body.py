"""MuJoCo's rigid-body algorithms on one arm, with one call into its C library.

Through its Python bindings each of the seven steps is a call of its own, which costs
more than what it computes. Here compiled code calls the library itself, where it is
found and declares its functions as expected here; else the bindings do the same work.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
from llvmlite import binding
from numba import types

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import entry, record
from neural_brain.sim.physics import full_mass, refresh_mass

PLACES = np.dtype(
    [
        *((name, "i8") for name in ("model", "data", "n", "site", "unit")),
        *((name, "i8") for name in ("xpos", "xmat")),
        *((name, "i8") for name in ("T", "linear", "angular", "mass", "bias")),
    ]
)
"""Sizes and addresses; what lies there lives as long as its `RigidBody`."""

_STEP = "(const mjModel *, mjData *)"
_MAKE_MASS = "mj_makeM" if hasattr(mujoco, "mj_makeM") else "mj_crb"
_DECLARED = {
    "mj_kinematics": _STEP,
    "mj_comPos": _STEP,
    "mj_comVel": _STEP,
    _MAKE_MASS: _STEP,
    "mj_rne": "(const mjModel *, mjData *, int, mjtNum *)",
    "mj_jacSite": "(const mjModel *, const mjData *, mjtNum *, mjtNum *, int)",
    "mj_mulM": "(const mjModel *, const mjData *, mjtNum *, const mjtNum *)",
    "mju_copy": "(mjtNum *, const mjtNum *, int)",
}


def _find_library() -> bool:
    """Tell the compiler where the functions are; False if one is not as declared.

    Raises:
        Exception: of any kind, if something is not where it is expected.
    """
    declared = importlib.import_module("mujoco.introspect.functions").FUNCTIONS
    folder = Path(mujoco.__file__).parent
    files = (f for f in sorted(folder.glob("*mujoco*")) if f.suffix != ".py")
    file = str(next(f for f in files if f.is_file()))
    # Only the copy that the bindings use already, where the system can tell.
    library = ctypes.CDLL(file, mode=getattr(os, "RTLD_NOLOAD", 0) | os.RTLD_NOW)
    if library.mj_version() != mujoco.mj_version():
        return False
    for name, expected in _DECLARED.items():
        parts = declared[name].parameters
        if f"({', '.join(str(part.type) for part in parts)})" != expected:
            return False
        address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
        known_as = "mj_makeM" if name == _MAKE_MASS else name
        binding.add_symbol(f"neural_brain_{known_as}", address)
    return hasattr(mujoco.MjModel, "_address")


def _function(name: str, *parts: Any) -> Any:
    return types.ExternalFunction(f"neural_brain_{name}", types.void(*parts))


_AT, _INT = types.int64, types.int32
_kinematics = _function("mj_kinematics", _AT, _AT)
_com_pos = _function("mj_comPos", _AT, _AT)
_com_vel = _function("mj_comVel", _AT, _AT)
_make_mass = _function("mj_makeM", _AT, _AT)
_rne = _function("mj_rne", _AT, _AT, _INT, _AT)
_jac_site = _function("mj_jacSite", _AT, _AT, _AT, _AT, _INT)
_mul_mass = _function("mj_mulM", _AT, _AT, _AT, _AT)
_copy = _function("mju_copy", _AT, _AT, _INT)


def _refresh(places: Any) -> None:
    """All terms for the positions and velocities in the data."""
    p = places[0]
    _kinematics(p.model, p.data)
    _com_pos(p.model, p.data)
    _com_vel(p.model, p.data)
    _rne(p.model, p.data, 0, p.bias)
    _jac_site(p.model, p.data, p.linear, p.angular, p.site)
    _make_mass(p.model, p.data)
    for i in range(p.n):
        _mul_mass(p.model, p.data, p.mass + 8 * i * p.n, p.unit + 8 * i * p.n)
    for i in range(3):
        _copy(p.T + 32 * i, p.xmat + 24 * i, 3)
        _copy(p.T + 32 * i + 24, p.xpos + 8 * i, 1)


def _compile() -> Any:
    """The compiled `_refresh`; None where the library cannot be called."""
    with contextlib.suppress(Exception):  # whatever it is, the bindings do the work
        if _find_library():
            return entry(record(PLACES))(_refresh)
    return None


_refresh_in_library: Any = _compile()


class RigidBody:
    """The terms of one arm, always in the same arrays.

    Args:
        model: holds nothing but the arm.
        site: number of the site at the end effector.
        library: call the C library where that can be done.

    Attributes:
        T: pose (4, 4) of the site. jacobian: of it (6, n), linear rows first.
        mass: mass matrix (n, n). bias: gravity and Coriolis effort (n,).
        in_library: whether the C library is called.
    """

    def __init__(
        self, model: mujoco.MjModel, site: int, *, library: bool = True
    ) -> None:
        n = int(model.nv)
        self.T: Array = np.eye(4)
        self.jacobian: Array = np.zeros((6, n))
        self.mass: Array = np.zeros((n, n))
        self.bias: Array = np.zeros(n)
        self.in_library = False
        self._model, self._data, self._site = model, mujoco.MjData(model), site
        self._qpos, self._qvel = self._data.qpos, self._data.qvel
        self._xpos, self._xmat = self._data.site_xpos[site], self._data.site_xmat[site]
        self._unit: Array = np.eye(n)
        if library and _refresh_in_library is not None:
            self._places = self._addresses()
            self.in_library = self._agrees()
        self.update(np.zeros(n), np.zeros(n))

    def __reduce__(self) -> str:
        """A copy would write to where the original's arrays lie."""
        raise TypeError("RigidBody cannot be copied or pickled; make another one.")

    def update(self, q: Array, dq: Array) -> None:
        """Refresh all terms for positions [rad] and velocities [rad/s] (n,)."""
        self._qpos[:] = q
        self._qvel[:] = dq
        if self.in_library:
            _refresh_in_library(self._places)
        else:
            self._refresh_by_bindings()

    def _agrees(self) -> bool:
        """Whether both ways give the same numbers, the library from stale ones."""
        slopes = np.linspace(0.1, 0.3, self.bias.size)
        self.update(slopes, slopes)
        expected = self._numbers()
        self.update(-slopes, -slopes)
        for part in (self.T[:3], self.jacobian, self.mass, self.bias):
            part.fill(np.nan)
        self._qpos[:] = self._qvel[:] = slopes
        _refresh_in_library(self._places)
        return np.array_equal(self._numbers(), expected)

    def _refresh_by_bindings(self) -> None:
        model, data, J = self._model, self._data, self.jacobian
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        mujoco.mj_comVel(model, data)
        mujoco.mj_rne(model, data, 0, self.bias)
        mujoco.mj_jacSite(model, data, J[:3], J[3:], self._site)
        refresh_mass(model, data)
        full_mass(model, data, self.mass)
        self.T[:3, 3] = self._xpos
        self.T[:3, :3] = self._xmat.reshape(3, 3)

    def _addresses(self) -> Any:
        """Where everything lies (1,), see PLACES."""
        places, J = np.zeros(1, dtype=PLACES), self.jacobian
        arrays = {
            "xpos": self._xpos, "xmat": self._xmat, "T": self.T, "linear": J[:3],
            "angular": J[3:], "mass": self.mass, "bias": self.bias, "unit": self._unit,
        }  # fmt: skip
        for name, array in arrays.items():
            places[name] = array.ctypes.data
        places["n"], places["site"] = self.bias.size, self._site
        places["model"], places["data"] = self._model._address, self._data._address
        return places

    def _numbers(self) -> Array:
        parts = (self.T, self.jacobian, self.mass, self.bias)
        return np.concatenate(parts, axis=None)
